//! The journal as people and pages see it.

use crate::{Timestamp, id::EventId};
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
}

/// One place where the chain does not hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainFault {
    /// Device, in full.
    pub device: String,
    /// Sequence number on that device.
    pub seq: u64,
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

/// Stored data changed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Changed {
    /// Newest arrival number; everything up to it is in the tables.
    pub arrival: u64,
}
