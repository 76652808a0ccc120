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

/// Milliseconds for which a value counts as one of now: three seconds, or four of its usual turns where it comes more rarely.
pub fn fresh_ms(per_second: f64) -> Timestamp {
    #[allow(clippy::cast_possible_truncation, reason = "seconds of a slow bus at most")]
    let turns = if per_second > 0.0 { (4000.0 / per_second) as Timestamp } else { 0 };
    turns.max(3000)
}

/// Sets of signals by the names of [`crate::reading::Item`], for the picker and `roadworthy live --preset`. What a vehicle
/// does not have of a set is left out.
pub const PRESETS: &[(&str, &[&str])] = &[
    (
        "Engine",
        &[
            "engine_rpm",
            "vehicle_speed",
            "calculated_engine_load",
            "throttle_position",
            "coolant_temperature",
            "timing_advance",
        ],
    ),
    (
        "Fuel and air",
        &[
            "engine_rpm",
            "mass_air_flow",
            "mass_air_flow_sensor_a",
            "intake_manifold_pressure",
            "short_term_fuel_trim_bank_1",
            "long_term_fuel_trim_bank_1",
            "short_term_fuel_trim_bank_2",
            "long_term_fuel_trim_bank_2",
            "fuel_system_1_status",
            "commanded_equivalence_ratio",
            "fuel_pressure",
            "fuel_rail_pressure",
            "fuel_rail_absolute_pressure",
        ],
    ),
    (
        "Temperatures",
        &[
            "coolant_temperature",
            "coolant_temperature_sensor_1",
            "coolant_temperature_sensor_2",
            "intake_air_temperature",
            "ambient_air_temperature",
            "engine_oil_temperature",
            "catalyst_temperature_bank_1_sensor_1",
            "catalyst_temperature_bank_2_sensor_1",
            "catalyst_temperature_bank_1_sensor_2",
            "catalyst_temperature_bank_2_sensor_2",
        ],
    ),
    (
        "Electrical",
        &[
            "control_module_voltage",
            "engine_rpm",
            "calculated_engine_load",
            "hybrid_battery_remaining_life",
            "engine_run_time",
        ],
    ),
    (
        "Drive",
        &[
            "vehicle_speed",
            "engine_rpm",
            "accelerator_pedal_position_d",
            "relative_accelerator_pedal_position",
            "throttle_position",
            "demanded_engine_torque",
            "actual_engine_torque",
            "engine_fuel_rate",
            "fuel_level",
            "odometer",
        ],
    ),
    (
        "Emissions",
        &[
            "o2_sensor_1_voltage",
            "o2_sensor_2_voltage",
            "o2_sensor_5_voltage",
            "o2_sensor_6_voltage",
            "o2_sensor_1_equivalence_ratio",
            "o2_sensor_5_equivalence_ratio",
            "catalyst_temperature_bank_1_sensor_1",
            "commanded_egr",
            "egr_error",
            "commanded_evaporative_purge",
            "mil",
        ],
    ),
    (
        "Diesel",
        &[
            "engine_rpm",
            "fuel_rail_pressure",
            "fuel_rail_absolute_pressure",
            "intake_manifold_pressure",
            "mass_air_flow",
            "mass_air_flow_sensor_a",
            "commanded_egr",
            "egr_error",
            "fuel_injection_timing",
            "actual_engine_torque",
            "engine_fuel_rate",
            "glow_plug_lamp",
        ],
    ),
];

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

/// A line that passed between this machine and the adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawLine {
    /// When; of a line that came, when the last of it did.
    pub at: Timestamp,
    /// To the adapter; else from it.
    pub sent: bool,
    /// Response id of the ECU it came from, where it says so.
    pub ecu: Option<String>,
    /// As it passed: hex, a command of the adapter, or its words.
    pub text: String,
}

/// Traffic of a session that was told since the last one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawFrame {
    /// Whose.
    pub session: LiveId,
    /// Lines, oldest first.
    pub lines: Vec<RawLine>,
    /// Lines before these that were left out, since more passed than anybody can read.
    pub left_out: u32,
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
    /// It stopped reading by itself, so as not to harm the vehicle; [`crate::calls::PauseLive`] with `false` resumes it.
    Held {
        /// Why, in a sentence or two.
        why: String,
    },
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
    /// Why it is read more slowly than asked for, so as not to harm the vehicle.
    #[serde(default)]
    pub slowed: Option<String>,
    /// The recording that runs, if one does.
    pub recording: Option<Recording>,
    /// Why the last recording ended by itself (as when the disk is full), until the next one begins.
    #[serde(default)]
    pub recording_problem: Option<Error>,
    /// Marks set in this session, oldest first.
    pub marks: Vec<Mark>,
    /// Whether what passes is told line by line ([`RawFrame`]).
    #[serde(default)]
    pub traffic: bool,
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
    /// In the signal's unit.
    Number {
        /// The value.
        value: f64,
    },
    /// An enumeration's meaning, `yes` or `no` of a flag, or text.
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
    /// One row per sample: time, ECU, PID, name, label, value, unit, note. The note says why a value is missing, or holds a
    /// mark. Loses nothing.
    #[default]
    Long,
    /// One row per moment, one column per signal, empty where that signal has no sample at that moment; the last column holds
    /// marks. Never filled forward.
    Wide,
}

impl crate::valid::Valid for CsvLayout {}
