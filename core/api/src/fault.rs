//! Trouble codes over a vehicle's visits.

use crate::{
    Timestamp,
    check::{CodeClass, FreezeFrame},
    id::VisitId,
};
use serde::{Deserialize, Serialize};

/// One code of one ECU in one class, with when it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRow {
    /// As in `P0301`.
    pub code: String,
    /// What it means, where that is certain.
    #[serde(default)]
    pub title: Option<String>,
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

/// What a code means, as far as that is certain without knowing the maker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeMeaning {
    /// As in `P0301`; with its failure type as in `P0301-11` where one was given.
    pub code: String,
    /// As in `Cylinder 1: misfire`; absent where sources disagree or the maker decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// From the code's range, as in `ignition or misfire`.
    pub system: String,
    /// Whether the maker, not the standard, says what it means.
    pub maker_controlled: bool,
    /// Whether there is a title.
    pub known: bool,
    /// How far the title goes, as in `generic title; the maker may differ`; absent where nothing is to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// What the failure type at the code's end says, as in `short to ground`; absent without one, or where only the maker
    /// knows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_type: Option<String>,
    /// What to check first, the cheap and safe things ahead; empty where nothing better is known than to look it up.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub advice: Vec<String>,
}

/// How far the titles reach among the codes of one letter whose meaning the standard defines.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TitleCount {
    /// `P`, `C`, `B` or `U`.
    pub letter: char,
    /// Codes that the standard assigns, about: its list grows with each edition.
    pub assigned: u32,
    /// Those that have a title here.
    pub titled: u32,
    /// Those that have none.
    pub untitled: u32,
}

/// One visit that saw a code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sighting {
    /// Which visit.
    pub visit: VisitId,
    /// Its end.
    pub at: Timestamp,
    /// Who held it.
    pub ecu: String,
    /// In which lists.
    pub classes: Vec<CodeClass>,
    /// The freeze frame that names it as its cause, if one does.
    pub freeze_frame: Option<FreezeFrame>,
    /// Odometer at that visit in km, if known.
    pub odometer_km: Option<f64>,
}

/// A code over all visits of a vehicle, newest first. Visits that read its list and did not find it are gaps.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FaultHistory {
    /// What it means.
    pub meaning: CodeMeaning,
    /// Where it was seen.
    pub sightings: Vec<Sighting>,
    /// Visits since the last sighting that read the list and did not find it.
    pub absent_since: u32,
}
