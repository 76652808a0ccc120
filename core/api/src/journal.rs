//! The journal as people and pages see it.

use crate::{
    Timestamp,
    id::{AlertId, EventId, ImportId, VehicleId, VisitId},
};
use serde::{Deserialize, Serialize};

/// Result of checking the chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VerifyReport {
    /// Events checked.
    pub events: u64,
    /// Devices whose chains are held.
    pub devices: u32,
    /// Hash of the newest event of this device, in hex; empty when there is none.
    pub head: String,
    /// Every fault found; empty when the chain holds.
    pub faults: Vec<ChainFault>,
    /// Blocks of telemetry checked against the journal.
    #[serde(default)]
    pub blocks: u64,
    /// Every block that is not what the journal says; empty when all are.
    #[serde(default)]
    pub block_faults: Vec<BlockFault>,
}

/// A block of telemetry that is not what the journal says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockFault {
    /// Number of the block in this database; `None`: the journal names it and it is not there.
    pub block: Option<u64>,
    /// Its signal, as far as it can be read.
    pub signal: String,
    /// Its first moment, as far as it can be read.
    pub from: Timestamp,
    /// What is wrong, as in `its values do not match their hash`.
    pub problem: String,
}

/// One place where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainFault {
    /// Device, in full.
    pub device: String,
    /// Sequence number on that device.
    pub seq: u64,
    /// Local arrival number of the row; 0: it waits to enter the journal.
    #[serde(default)]
    pub arrival: u64,
    /// What is wrong, as in `hash does not match the event's bytes`.
    pub problem: String,
}

/// Result of a rebuild.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RebuildReport {
    /// Events applied.
    pub events: u64,
    /// Whether every table came out byte-identical.
    pub identical: bool,
    /// Tables that differed before the rebuild.
    pub differing: Vec<String>,
}

/// One event in words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// Local arrival number.
    pub arrival: u64,
    /// Its id.
    pub id: EventId,
    /// When, by the device's clock.
    pub at: Timestamp,
    /// Dotted past-tense name, as in `vehicle.checked`.
    pub kind: String,
    /// Who did it.
    pub actor: String,
    /// In words, without personal data.
    pub summary: String,
}

/// Groups of events, for filters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EventGroup {
    /// Checks, recordings and telemetry.
    Readings,
    /// Findings, decisions, alerts, approvals.
    Alerts,
    /// Notes, photos, measurements, reports.
    Papers,
    /// Vehicles and customers.
    Records,
    /// Messages that were sent.
    Messages,
    /// Backups, rebuilds, retention, risks, accesses.
    System,
}

impl crate::valid::Valid for EventGroup {}

/// An event on a timeline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineRow {
    /// The event.
    pub event: EventRow,
    /// Its group.
    pub group: EventGroup,
    /// Whose, if it is about a vehicle.
    pub vehicle: Option<VehicleId>,
    /// What people call that vehicle.
    pub vehicle_name: Option<String>,
    /// What shows it.
    pub evidence: Option<EvidenceLink>,
    /// The story it belongs to.
    pub correlation: EventId,
}

/// What shows an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "to", rename_all = "kebab-case")]
pub enum EvidenceLink {
    /// A visit.
    Visit {
        /// Which.
        visit: VisitId,
    },
    /// Values over time.
    Trend {
        /// Whose.
        vehicle: VehicleId,
        /// From.
        from: Timestamp,
        /// To.
        until: Timestamp,
    },
    /// An alert.
    Alert {
        /// Which.
        alert: AlertId,
    },
    /// An import of a service history.
    History {
        /// Which.
        import: ImportId,
    },
    /// A vehicle's service records.
    Service {
        /// Whose.
        vehicle: VehicleId,
    },
    /// A vehicle's notes, photos and measurements.
    Papers {
        /// Whose.
        vehicle: VehicleId,
    },
    /// An import with the account of it.
    Import {
        /// Which.
        import: ImportId,
    },
}

/// Stored data changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Newest arrival number; everything up to it is in the tables.
    pub arrival: u64,
}
