//! The full read-out of a visit: who answered what, who refused, who stayed silent, what was not asked.

use crate::{
    Error, Timestamp,
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
