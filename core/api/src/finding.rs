//! Findings: what a diagnosis says in plain words, with its evidence.

use crate::{
    Timestamp,
    id::{RecordingId, VehicleId, VisitId},
};
use serde::{Deserialize, Serialize};

/// How much a finding or an alert presses, least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know; nothing needs doing.
    Note,
    /// Keep an eye on it.
    Watch,
    /// Work is needed soon.
    ActSoon,
    /// Work is needed now.
    ActNow,
}

impl crate::valid::Valid for Severity {}

/// Which set of rules found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Specialist {
    /// Engine: misfire, fuel, air, cooling, oil.
    Engine,
    /// Brakes and chassis.
    Brakes,
    /// Transmission.
    Transmission,
    /// Battery, charging, network.
    Electrical,
    /// Exhaust, aftertreatment, evaporative system, readiness.
    Emissions,
    /// What no specialist knows.
    General,
}

/// One thing that a finding rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What was seen, as in `Stored code P0301`, `Coolant temperature`.
    pub what: String,
    /// Its value with the unit, or what was said of it.
    pub value: String,
    /// Who said so, as in `Engine`; empty where it is nobody's in particular.
    #[serde(default)]
    pub ecu: String,
    /// When.
    pub at: Timestamp,
}

/// Where a finding comes from: what a page jumps to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Source {
    /// A check.
    Visit {
        /// The visit.
        visit: VisitId,
    },
    /// Values that were recorded.
    Recording {
        /// The recording.
        recording: RecordingId,
    },
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// What makes two findings of a vehicle the same thing, as in `code/P0301/7E8`, `rule/coolant-hot`.
    pub key: String,
    /// Who found it.
    pub specialist: Specialist,
    /// How much it presses.
    pub severity: Severity,
    /// How sure, 0 to 1: how far the evidence bears the title, not how likely a part is broken.
    pub confidence: f64,
    /// In a few words, as in `Cylinder 1 misfires`.
    pub title: String,
    /// What it means and what follows from it, in plain words.
    pub explanation: String,
    /// What to check next, first things first.
    pub check_next: Vec<String>,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
}

/// What the newest diagnosis of a vehicle says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Whose.
    pub vehicle: VehicleId,
    /// Findings of the newest visit, and of recordings after it, worst first. Empty: nothing was found.
    pub findings: Vec<FindingRow>,
    /// The visit that was diagnosed last; `None`: there is none yet.
    pub visit: Option<VisitId>,
    /// What the check could not tell and why, as in `ABS was not asked`.
    pub limits: Vec<String>,
}

/// A finding with where and when it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FindingRow {
    /// What.
    pub finding: Finding,
    /// Where from.
    pub source: Source,
    /// When what it rests on was read.
    pub at: Timestamp,
}
