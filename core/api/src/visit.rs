//! Visits: the times a vehicle was connected.

use crate::{
    Timestamp,
    check::CheckReport,
    id::{VehicleId, VisitId},
    vehicle::Verdict,
};
use serde::{Deserialize, Serialize};

/// A visit in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VisitRow {
    /// Id.
    pub id: VisitId,
    /// Whose visit.
    pub vehicle: VehicleId,
    /// Start.
    pub started: Timestamp,
    /// End.
    pub ended: Timestamp,
    /// Port used.
    pub port: String,
    /// Protocol name, if a vehicle answered.
    pub protocol: Option<String>,
    /// ECUs that answered.
    pub ecus: u32,
    /// Stored, pending and permanent codes.
    pub codes: u32,
    /// Cut short; what was read is there.
    pub partial: bool,
}

/// What differs from the visit before.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Differences {
    /// The visit compared with; `None`: this is the first.
    pub with: Option<VisitId>,
    /// In words, one difference each; empty: nothing differs.
    pub lines: Vec<String>,
}

/// A visit with its whole check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VisitDetail {
    /// Id.
    pub id: VisitId,
    /// Whose visit.
    pub vehicle: VehicleId,
    /// What the check says of the vehicle.
    pub verdict: Verdict,
    /// The sentence the result starts with.
    pub summary: String,
    /// The check.
    pub check: CheckReport,
    /// Against the visit before.
    pub differences: Differences,
    /// BLAKE3 of the stored raw traffic in hex; empty where there is none.
    pub traffic: String,
}
