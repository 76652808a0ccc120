//! Trouble codes over a vehicle's visits.

use crate::{Timestamp, check::CodeClass, id::VisitId};
use serde::{Deserialize, Serialize};

/// One code of one ECU in one class, with when it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRow {
    /// As in `P0301`.
    pub code: String,
    /// The system its range stands for, as in `Powertrain: ignition or misfire`.
    pub system: String,
    /// Which list.
    pub class: CodeClass,
    /// Who holds it.
    pub ecu: String,
    /// That ECU's name.
    pub ecu_name: String,
    /// First seen.
    pub first_seen: Timestamp,
    /// Last seen.
    pub last_seen: Timestamp,
    /// Number of visits it was seen in.
    pub visits: u32,
    /// The visit it was last seen in.
    pub last_visit: VisitId,
    /// Whether the newest visit that read this class still found it.
    pub present: bool,
    /// Whether a freeze frame of the last visit names it as its cause.
    pub freeze_frame: bool,
}
