//! Visits: the times a vehicle was connected.

use crate::{
    Timestamp,
    check::CheckReport,
    fault::CodeMeaning,
    id::{EventId, VehicleId, VisitId},
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
    /// What the codes of the check mean, each code once.
    #[serde(default)]
    pub meanings: Vec<CodeMeaning>,
    /// BLAKE3 of the stored raw traffic in hex; empty where there is none.
    pub traffic: String,
}

/// Two visits of one vehicle side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The earlier one.
    pub older: VisitRow,
    /// The later one.
    pub newer: VisitRow,
    /// The verdict then and now.
    pub verdicts: (Verdict, Verdict),
    /// Kilometres between, if both are known.
    pub km_between: Option<f64>,
    /// Every row that either visit has.
    pub rows: Vec<ComparedRow>,
}

/// What a compared row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ComparedSection {
    /// Trouble codes: in which lists.
    Codes,
    /// Emission monitors and the malfunction indicator lamp.
    Readiness,
    /// Which ECUs answered, and what they refused.
    Coverage,
    /// Calibrations and their verification numbers.
    Calibrations,
    /// Present values.
    Values,
}

/// One thing, then and now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComparedRow {
    /// What it is about.
    pub section: ComparedSection,
    /// Whose, as in `Engine`; empty where it is the vehicle's.
    pub ecu: String,
    /// As in `P0301`, `Coolant temperature`.
    pub label: String,
    /// Then, in words with the unit; `None`: was not there, or not read.
    pub before: Option<String>,
    /// Now.
    pub after: Option<String>,
    /// Whether the difference means something; two present values of a running engine always differ a little.
    pub differs: bool,
}

/// A visit's recorded traffic read by today's decoder, beside what is shown of the visit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Redecoding {
    /// Of which visit.
    pub visit: VisitId,
    /// Version of the decoder that made what is shown.
    pub shown: u32,
    /// Version of today's.
    pub decoder: u32,
    /// Everything that either has.
    pub rows: Vec<DecodedRow>,
    /// Whether today's is what is shown from now on. Never where nothing differs.
    pub kept: bool,
}

/// What a decoded row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodedPart {
    /// VIN, protocol, adapter, and whether the check came to its end.
    Vehicle,
    /// Names, supported values, calibrations of each ECU.
    Ecus,
    /// Trouble codes by list.
    Codes,
    /// Emission monitors and the malfunction indicator lamp.
    Readiness,
    /// Freeze frames.
    Frames,
    /// Results of on-board tests, how often monitors ran, and what is published nowhere.
    Monitors,
    /// Present values.
    Values,
    /// What became of each question. What a recording cannot answer is left out.
    Coverage,
    /// Replies that could not be used.
    Rejected,
}

/// How a decoded row stands against what is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DecodedChange {
    /// As before, to the last digit.
    Same,
    /// Was not there.
    New,
    /// Reads otherwise.
    Changed,
    /// Is not there any more.
    Gone,
}

/// One thing that the traffic says, as it was read and as it is read today.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodedRow {
    /// What it is about.
    pub part: DecodedPart,
    /// Response id; empty where it is the vehicle's.
    pub ecu: String,
    /// As in `P0301`, `Coolant temperature`.
    pub label: String,
    /// As shown, in words with the unit.
    pub before: Option<String>,
    /// As read today.
    pub after: Option<String>,
    /// How it stands.
    pub change: DecodedChange,
}

/// A decoding of a visit's traffic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecodingRow {
    /// The event that holds it.
    pub event: EventId,
    /// Version of the decoder.
    pub decoder: u32,
    /// When it was made.
    pub at: Timestamp,
    /// Whether it is what is shown: the newest decoder's, of several the last.
    pub shown: bool,
}
