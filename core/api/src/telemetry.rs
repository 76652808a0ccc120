//! Telemetry: values over time, and how they are kept.

use crate::{Timestamp, id::PinId, id::VehicleId};
use serde::{Deserialize, Serialize};

/// A signal of which a vehicle has values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SignalSpan {
    /// [`crate::live::SignalInfo::id`].
    pub id: String,
    /// For people.
    pub label: String,
    /// Unit; empty where it has none.
    pub unit: String,
    /// Time of the first value.
    pub from: Timestamp,
    /// Time of the last value.
    pub to: Timestamp,
    /// Values there are or were.
    pub samples: u64,
    /// From when on each single value is kept; before it only minutes and hours are. `None`: all are.
    pub raw_from: Option<Timestamp>,
}

/// Signals over a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trend {
    /// Whose.
    pub vehicle: VehicleId,
    /// Start, inclusive.
    pub from: Timestamp,
    /// End, exclusive.
    pub to: Timestamp,
    /// In the order asked for.
    pub signals: Vec<TrendSignal>,
}

/// One signal over a range.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrendSignal {
    /// Id.
    pub id: String,
    /// For people.
    pub label: String,
    /// Unit.
    pub unit: String,
    /// Its values.
    pub values: TrendValues,
}

/// Single values where they fit, else a band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum TrendValues {
    /// Each value, oldest first.
    Raw {
        /// Time and value; `None` where the ECU stopped answering: a gap, never a number.
        points: Vec<(Timestamp, Option<f64>)>,
        /// Words instead of numbers, where the signal has words: time and word.
        words: Vec<(Timestamp, String)>,
    },
    /// One column per pixel or so, oldest first; times without values have none.
    Band {
        /// What each column was made of: `raw`, `minutes` or `hours`.
        made_of: String,
        /// The columns.
        columns: Vec<BandColumn>,
    },
}

/// All values of one column.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BandColumn {
    /// Time of its first value.
    pub from: Timestamp,
    /// Time of its last value.
    pub to: Timestamp,
    /// Least.
    pub min: f64,
    /// Greatest.
    pub max: f64,
    /// Arithmetic mean.
    pub mean: f64,
    /// How many.
    pub count: u64,
}

/// What is stored and how much of the disk it takes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// Bytes of the database and its log.
    pub database_bytes: u64,
    /// Bytes of the stored files.
    pub file_bytes: u64,
    /// Bytes free on that disk, if the system tells.
    pub free_bytes: Option<u64>,
    /// Values that wait in the tail.
    pub tail_samples: u64,
    /// Sealed blocks.
    pub blocks: u64,
    /// Values in blocks.
    pub samples: u64,
    /// Bytes of the blocks' single values.
    pub block_bytes: u64,
    /// Bytes of minutes and hours.
    pub aggregate_bytes: u64,
    /// Blocks whose single values retention has dropped.
    pub dropped_blocks: u64,
    /// Oldest single value.
    pub oldest_raw: Option<Timestamp>,
    /// Ranges that retention must leave alone.
    pub pins: Vec<Pin>,
}

/// A range of a vehicle's values that retention leaves alone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// Id.
    pub id: PinId,
    /// Whose values.
    pub vehicle: VehicleId,
    /// What people call the vehicle.
    pub vehicle_name: String,
    /// Start, inclusive.
    pub from: Timestamp,
    /// End, exclusive.
    pub to: Timestamp,
    /// Why, as in `warranty claim`.
    pub reason: String,
}

/// What retention did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Retained {
    /// Blocks whose single values were dropped.
    pub blocks: u64,
    /// Values in them.
    pub samples: u64,
    /// Bytes that came free.
    pub bytes: u64,
    /// Blocks old enough that a pin kept.
    pub pinned: u64,
}
