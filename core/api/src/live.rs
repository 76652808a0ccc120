//! Live sessions: one vehicle read over and over, watched by any number of pages, recorded on request.
//!
//! A session belongs to the process that opened it; everybody on one of its doors sees the same session. It starts with
//! the signals of a preset; [`crate::calls::ChooseSignals`] changes them while it runs.

use crate::{
    Error, Timestamp,
    check::{AdapterInfo, Ecu, ProtocolInfo},
    id::{LiveId, RecordingId, VehicleId},
};
use serde::{Deserialize, Serialize};

/// Sets of signals by the names of [`crate::reading::Item`], for the picker and `roadworthy live --preset`.
pub const PRESETS: &[(&str, &[&str])] =
    &[("Engine", &["engine_rpm", "vehicle_speed", "calculated_engine_load", "coolant_temperature"])];

/// A signal that the vehicle says it has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalInfo {
    /// `ECU:PID:name`, as in `7E8:0C:engine_rpm`; what [`crate::calls::ChooseSignals`] takes.
    pub id: String,
    /// Response id of the ECU.
    pub ecu: String,
    /// That ECU's name.
    pub ecu_name: String,
    /// PID in hex.
    pub pid: String,
    /// Machine name, as in `engine_rpm`.
    pub name: String,
    /// Name for people, as in `Engine speed`.
    pub label: String,
    /// Unit; empty where the standard gives none, or for words.
    pub unit: String,
    /// Least and greatest value the encoding can hold, for dials; `None` for words and flags.
    pub range: Option<(f64, f64)>,
}

/// Where a session stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum LiveState {
    /// Finds the vehicle and what it supports; `doing` says what just now.
    Connecting {
        /// In words.
        doing: String,
    },
    /// Reads.
    Reading,
    /// A person paused it.
    Paused,
    /// The link broke; it is being connected again. Shown values are stale.
    Reconnecting {
        /// Why.
        error: Error,
        /// Which try.
        attempt: u32,
    },
    /// Over; nothing more comes.
    Ended {
        /// Why, if not because somebody closed it.
        error: Option<Error>,
    },
}

/// A session as shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveSession {
    /// Its id.
    pub id: LiveId,
    /// Port.
    pub port: String,
    /// Whose, if it is known: chosen, or found by VIN.
    pub vehicle: Option<VehicleId>,
    /// VIN it gave, if any.
    pub vin: Option<String>,
    /// When it was opened.
    pub started: Timestamp,
    /// Where it stands.
    #[serde(flatten)]
    pub state: LiveState,
    /// Adapter.
    pub adapter: AdapterInfo,
    /// Protocol that answered.
    pub protocol: Option<ProtocolInfo>,
    /// ECUs that answered.
    pub ecus: Vec<Ecu>,
    /// All signals there are to choose from.
    pub available: Vec<SignalInfo>,
    /// Ids of the signals being read, in the order chosen.
    pub chosen: Vec<String>,
    /// Replies per second over the last seconds, all signals together.
    pub replies_per_second: f64,
    /// The recording that runs, if one does.
    pub recording: Option<Recording>,
    /// Marks set in this session, oldest first.
    pub marks: Vec<Mark>,
}

/// A moment somebody marked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mark {
    /// When.
    pub at: Timestamp,
    /// What was said, as in `cold start`.
    pub label: String,
}

/// A recording that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recording {
    /// Its id; it can be exported under it when it has stopped.
    pub id: RecordingId,
    /// Since when.
    pub started: Timestamp,
    /// Samples so far.
    pub samples: u64,
}

/// New values of a session since the frame before; at most 20 frames a second.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveFrame {
    /// Which session.
    pub session: LiveId,
    /// Counts up by one per frame: a gap means that frames were missed.
    pub frame: u64,
    /// Every sample since the frame before, oldest first.
    pub samples: Vec<Sample>,
    /// Achieved samples per second per chosen signal, in the order of `chosen`, over the last seconds.
    pub rates: Vec<f64>,
    /// Replies per second, all signals together.
    pub replies_per_second: f64,
}

/// One value at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sample {
    /// [`SignalInfo::id`].
    pub signal: String,
    /// When the reply was complete.
    pub at: Timestamp,
    /// The value.
    #[serde(flatten)]
    pub value: LiveValue,
}

/// A live value: a number, or a word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum LiveValue {
    /// In the signal's unit; flags are 0 and 1.
    Number {
        /// The value.
        value: f64,
    },
    /// An enumeration's or flag's meaning, or text.
    Word {
        /// As in `closed loop`.
        text: String,
    },
    /// The ECU stopped answering this (refused, silent, unreadable), with the reason: never a number.
    Missing {
        /// Why.
        missing: String,
    },
}

/// A recording that is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingRow {
    /// Its id.
    pub id: RecordingId,
    /// Whose, if known.
    pub vehicle: Option<VehicleId>,
    /// Start.
    pub started: Timestamp,
    /// End.
    pub ended: Timestamp,
    /// Port.
    pub port: String,
    /// Samples in it.
    pub samples: u64,
    /// Labels of its signals.
    pub signals: Vec<String>,
    /// Marks within it.
    pub marks: Vec<Mark>,
    /// It was not stopped by a person (link lost for good, program ended); what came until then is there.
    pub cut_short: bool,
}

/// How a recording is laid out as CSV (RFC 4180, UTF-8, times as ISO 8601 with milliseconds in UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CsvLayout {
    /// One row per sample: time, ECU, PID, name, label, value, unit. Loses nothing.
    #[default]
    Long,
    /// One row per moment, one column per signal, empty where that signal has no sample at that moment. Never filled forward.
    Wide,
}

impl crate::valid::Valid for CsvLayout {}
