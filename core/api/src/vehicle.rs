//! Vehicles.

use crate::{
    Timestamp,
    id::{PersonId, VehicleId},
    vin::VinFacts,
    visit::VisitRow,
};
use serde::{Deserialize, Serialize};

/// Part of a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Page<T> {
    /// Rows from the offset asked for.
    pub rows: Vec<T>,
    /// Rows there are in all.
    pub total: u32,
}

/// How a vehicle is, worst last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nothing found, everything that matters was answered.
    Good,
    /// Too little is known, with the reason.
    CannotTell,
    /// Something to keep an eye on.
    Watch,
    /// Needs work soon.
    ActSoon,
    /// Needs work now.
    ActNow,
}

/// A state and the one reason for it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The state.
    pub state: State,
    /// Why, in a sentence.
    pub reason: String,
}

/// A vehicle in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VehicleRow {
    /// Id.
    pub id: VehicleId,
    /// VIN, if known.
    pub vin: Option<String>,
    /// Number plate.
    pub plate: Option<String>,
    /// Name, as in `Shuttle bus 3`.
    pub name: Option<String>,
    /// How it is.
    pub verdict: Verdict,
    /// End of the last visit.
    pub last_seen: Option<Timestamp>,
}

/// Vehicles by state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[allow(missing_docs, reason = "each field is the state of its name")]
pub struct VehicleCounts {
    pub good: u32,
    pub cannot_tell: u32,
    pub watch: u32,
    pub act_soon: u32,
    pub act_now: u32,
}

/// Odometer and where the figure is from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Odometer {
    /// Kilometres.
    pub km: f64,
    /// As in `read from Engine (PID A6)`, `typed in`.
    pub source: String,
    /// When it was read.
    pub at: Timestamp,
    /// In words, how it contradicts the reading before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<String>,
}

/// A vehicle with what is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VehicleDetail {
    /// The same as in a list.
    #[serde(flatten)]
    pub row: VehicleRow,
    /// Odometer: the newest reading that counts, of a check, typed in, or of a service record.
    pub odometer: Option<Odometer>,
    /// Whose it is.
    pub owner: Option<PersonId>,
    /// Name of that person.
    pub owner_name: Option<String>,
    /// Newest visit.
    pub last_visit: Option<VisitRow>,
    /// Number of visits.
    pub visits: u32,
    /// What its VIN says.
    #[serde(default)]
    pub vin_facts: Option<VinFacts>,
    /// Whether its identity is provisional: no VIN, so it may turn out to be a vehicle that is known already.
    #[serde(default)]
    pub provisional: bool,
    /// Other registrations that were found to be this vehicle: attached by a person, or of the same VIN.
    #[serde(default)]
    pub registrations: Vec<RegistrationRow>,
}

/// One registration of a vehicle that has several.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistrationRow {
    /// Its own id.
    pub id: VehicleId,
    /// Its VIN, plate and name, the first that it has.
    pub title: String,
    /// Visits filed under it.
    pub visits: u32,
    /// Whether a person attached it (and may detach it); else it has the same VIN.
    pub attached: bool,
}

/// Column that a list of vehicles is ordered by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum VehicleOrder {
    /// Worst state first, then by plate.
    #[default]
    State,
    /// Plate.
    Plate,
    /// Name.
    Name,
    /// VIN.
    Vin,
    /// Last seen, newest first; never seen last.
    LastSeen,
}

impl crate::valid::Valid for VehicleOrder {}
impl crate::valid::Valid for State {}
