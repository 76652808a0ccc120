//! The full read-out of a visit: who answered what, who refused, who stayed silent, what was not asked.

use crate::{
    Error, Timestamp,
    adapter::Passport,
    reading::{Item, Reading},
};
use serde::{Deserialize, Serialize};

/// Everything one check found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CheckReport {
    /// Start of the check.
    pub started: Timestamp,
    /// End of the check.
    pub ended: Timestamp,
    /// Port as given, as in `/dev/ttyUSB0`, `tcp://192.168.0.10:35000`, `sim:petrol`.
    pub port: String,
    /// What is known of the adapter.
    pub adapter: AdapterInfo,
    /// The bus protocol that answered, if any did.
    pub protocol: Option<ProtocolInfo>,
    /// Vehicle identification number, if an ECU gave a well-formed one.
    pub vin: Option<String>,
    /// Why there is no VIN, if there is none.
    pub vin_problem: Option<String>,
    /// Every ECU that answered anything, by id.
    pub ecus: Vec<Ecu>,
    /// Each question and what became of it, per ECU, in the order asked.
    pub coverage: Vec<Coverage>,
    /// Vehicle systems that this check does not reach at all, with the reason.
    pub not_asked: Vec<NotAsked>,
    /// Trouble codes, each with its class and the ECU that holds it.
    pub codes: Vec<TroubleCode>,
    /// Freeze frames.
    pub freeze_frames: Vec<FreezeFrame>,
    /// Readiness per ECU (service 01 PID 01).
    pub readiness: Vec<Readiness>,
    /// Present values (service 01) at the time of the check.
    pub snapshot: Vec<Reading>,
    /// Results of the on-board monitors (services 05 and 06), in the order read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub monitors: Vec<MonitorResult>,
    /// How often each monitor ran in use (service 09, infotypes 08 and 0B).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub performance: Vec<Performance>,
    /// What an ECU told of itself and no open source describes, as sent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub raw_information: Vec<RawInformation>,
    /// Replies that could not be used, with the reason; nothing was read from them.
    pub rejected: Vec<Rejected>,
    /// Set when the check did not come to its end: what is above is what was read by then.
    pub partial: Option<Error>,
    /// Version of the decoder, for decoding the stored traffic anew later.
    pub decoder: u32,
}

/// What is known of an adapter, none of it trusted.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AdapterInfo {
    /// Its own word, as in `ELM327 v1.5`.
    pub claims: String,
    /// Voltage at the connector in volts, if it measured a believable one.
    pub voltage: Option<f64>,
    /// What was measured of it, by this check or before; its date says when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passport: Option<Box<Passport>>,
}

/// A bus protocol by the adapter's number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProtocolInfo {
    /// Number of ELM327's list, one hex digit, as in `6`.
    pub id: String,
    /// Name, as in `ISO 15765-4 CAN (11 bit, 500 kbit/s)`.
    pub name: String,
}

/// An ECU that answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ecu {
    /// Response id in hex.
    pub id: String,
    /// What it is: its own word (service 09), else what the standard assigns to its id, as in `Engine`.
    pub name: String,
    /// Whether `name` is the ECU's own word.
    pub named_itself: bool,
    /// PIDs of service 01 it says it supports, in hex.
    pub supported: Vec<String>,
    /// Calibration ids.
    pub calibrations: Vec<String>,
    /// Calibration verification numbers, in hex.
    pub cvns: Vec<String>,
}

/// What became of one question to one ECU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// The ECU's response id; `None`: nobody answered this question.
    pub ecu: Option<String>,
    /// The request in hex, as in `03`.
    pub request: String,
    /// In words, as in `Stored codes`.
    pub question: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

impl Coverage {
    /// Whether this row is about a request of SAE J1979, as in `03`, or about the one of SAE J1979-2 that asks the same.
    pub fn asks(&self, request: &str) -> bool {
        let lists = [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent].map(CodeClass::requests);
        let same = |[old, new]: [&str; 2]| old == request && new == self.request;
        self.request == request || same(["0101", "22F401"]) || lists.into_iter().any(same)
    }
}

/// What came of a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "outcome", rename_all = "kebab-case")]
pub enum Outcome {
    /// A reply that could be read.
    Answered,
    /// A negative response.
    Refused {
        /// Negative response code in hex, as in `12`.
        nrc: String,
        /// Its name in ISO 14229-1, as in `subFunctionNotSupported`.
        meaning: String,
    },
    /// No reply within the time allowed.
    Silent,
    /// Not asked, with the reason.
    NotAsked {
        /// Why.
        reason: String,
    },
    /// Something came that could not be read.
    Unreadable {
        /// What was wrong with it.
        reason: String,
    },
}

/// A vehicle system that this check does not reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotAsked {
    /// As in `Airbag`.
    pub system: String,
    /// Why.
    pub reason: String,
}

/// The list a trouble code was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeClass {
    /// Confirmed (service 03).
    Stored,
    /// Seen in this or the last drive, not yet confirmed (service 07).
    Pending,
    /// Permanent: only the ECU itself can remove it (service 0A).
    Permanent,
}

impl CodeClass {
    /// The requests that read this list: SAE J1979's, and SAE J1979-2's.
    pub fn requests(self) -> [&'static str; 2] {
        match self {
            Self::Stored => ["03", "194233081E"],
            Self::Pending => ["07", "194233041E"],
            Self::Permanent => ["0A", "195533"],
        }
    }
}

/// A trouble code as one ECU reports it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TroubleCode {
    /// As in `P0301`.
    pub code: String,
    /// Which list.
    pub class: CodeClass,
    /// Who holds it.
    pub ecu: String,
    /// Its status byte (ISO 14229-1 D.2), where the ECU gave one with it: bit 0 testFailed, bit 3 confirmedDTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
}

/// Values stored when a code was set (service 02).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FreezeFrame {
    /// Who holds it.
    pub ecu: String,
    /// Frame number.
    pub frame: u8,
    /// The code that caused it, as in `P0301`.
    pub cause: String,
    /// The values.
    pub items: Vec<Item>,
}

/// Emission monitors of one ECU.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Readiness {
    /// Who says it.
    pub ecu: String,
    /// Malfunction indicator lamp commanded on.
    pub mil: bool,
    /// Confirmed emission-related codes in this ECU.
    pub dtc_count: u8,
    /// `spark` or `compression`.
    pub ignition: Ignition,
    /// Each monitor.
    pub tests: Vec<MonitorTest>,
}

/// Kind of ignition, which decides the list of monitors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ignition {
    /// Petrol and gas engines.
    Spark,
    /// Diesel engines.
    Compression,
}

/// One emission monitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MonitorTest {
    /// Machine name, as in `catalyst`.
    pub name: String,
    /// Fitted to this vehicle.
    pub available: bool,
    /// Has run to its end since codes were last cleared.
    pub complete: bool,
}

/// One result of an on-board monitor, with its limits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MonitorResult {
    /// Who says it.
    pub ecu: String,
    /// Request in hex, as in `0601`.
    pub request: String,
    /// Monitor in words where the standard names it, as in `O2 sensor bank 1 sensor 1`; else its id.
    pub monitor: String,
    /// Test in words where the standard names it; else its id.
    pub test: String,
    /// Value, in `unit`; as sent where the scaling is published nowhere.
    pub value: f64,
    /// Smallest that passes; `None`: no such limit.
    pub min: Option<f64>,
    /// Largest that passes; `None`: no such limit.
    pub max: Option<f64>,
    /// Unit of all three; empty for counts and ratios.
    pub unit: String,
    /// Whether the scaling is known; without it the numbers are those on the bus.
    pub scaled: bool,
    /// Whether it has run to its end since codes were cleared; otherwise the numbers say nothing.
    pub ran: bool,
    /// Whether it ran and lies within its limits, both included.
    pub pass: bool,
    /// How far inside its limits it is, 0 (at a limit) to 1 (as far as can be); `None` outside of them or where that
    /// cannot be said.
    pub margin: Option<f64>,
}

/// In-use performance of an ECU's monitors: how often each ran, and how often it could have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Performance {
    /// Who says it.
    pub ecu: String,
    /// Request in hex, as in `0908`.
    pub request: String,
    /// Starts of the engine; `None` where not told.
    pub ignition_cycles: Option<u32>,
    /// Drives that count for all monitors; `None` where not told.
    pub general_conditions: Option<u32>,
    /// Each monitor.
    pub monitors: Vec<InUse>,
}

/// In-use performance of one monitor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InUse {
    /// In words, as in `Catalyst, bank 1`.
    pub monitor: String,
    /// How often it ran to its end.
    pub completed: u32,
    /// How often it was driven such that it could have.
    pub conditions: u32,
}

/// Information that is published nowhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawInformation {
    /// Who says it.
    pub ecu: String,
    /// Request in hex, as in `0916`.
    pub request: String,
    /// What it is about, where that much is known; else empty.
    #[serde(default)]
    pub about: String,
    /// The bytes behind the request's, in hex.
    pub raw: String,
}

/// A reply that could not be used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// What was asked.
    pub request: String,
    /// The line or bytes, as received.
    pub raw: String,
    /// What is wrong with it.
    pub reason: String,
}
