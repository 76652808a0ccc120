//! Import of telemetry logs: what a file is taken for, how it is read, and what became of every row and cell of it.
//!
//! The usual case: [`crate::calls::PreviewImport`] says what the file looks like and asks what cannot be told from it; with the
//! [`Answers`] [`crate::calls::StartImport`] reads it as a job. A [`Mapping`] can be kept and used for the next file of its kind.

mod report;

pub use report::*;

use crate::{
    Timestamp,
    error::{Code, Error, Result},
    id::{ImportId, VehicleId},
    valid::Valid,
};
use serde::{Deserialize, Serialize};

/// Where a file is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum ImportFile {
    /// On this machine; not for a browser, which sends the file to the blob endpoint first.
    Path {
        /// Absolute.
        path: String,
    },
    /// Stored at the blob endpoint (at most 64 MiB; a `.gz` may hold more).
    Stored {
        /// Its BLAKE3 in hex.
        hash: String,
    },
}

impl Valid for ImportFile {
    fn valid(&self, field: &str) -> Result<()> {
        match self {
            Self::Path { path } if path.len() > 4096 || path.contains('\0') => {
                Err(Error::new(Code::Invalid, format!("{field} is no path of a file.")).hint("Choose the file again."))
            }
            Self::Path { .. } => Ok(()),
            Self::Stored { hash } => hash.valid(field),
        }
    }
}

/// What a person says of a file that cannot be told from it. What is absent stays as the mapping has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Answers {
    /// Time zone of its times: an IANA name (`Europe/Berlin`), `UTC` or an offset (`+02:00`).
    pub zone: Option<String>,
    /// Order of day, month and year in dates of figures.
    pub date_order: Option<DateOrder>,
    /// The day (`2017-07-05`) on which times of day begin.
    pub date: Option<String>,
    /// The moment (`2017-07-05T07:16:30`) from which elapsed times count.
    pub start: Option<String>,
    /// What a clock that begins again means.
    pub restarts: Option<Restarts>,
    /// Decimal sign, where figures leave it open.
    pub decimal: Option<Decimal>,
    /// What stands between cells.
    pub separator: Option<Separator>,
    /// Whether a cell that is as the one above it is filled forward, not read.
    pub filled_forward: Option<bool>,
    /// Whether places (latitude, longitude) are taken too. They are personal.
    pub location: Option<bool>,
}

impl Valid for Answers {
    fn valid(&self, field: &str) -> Result<()> {
        [&self.zone, &self.date, &self.start].into_iter().try_for_each(|text| text.valid(field))
    }
}

/// Layouts that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// Torque: a column per signal, `Device Time`, headers repeated at each start.
    Torque,
    /// Car Scanner ELM OBD2, a column per signal.
    CarScanner,
    /// Car Scanner ELM OBD2, a row per value: `SECONDS;PID;VALUE;UNITS`.
    CarScannerLong,
    /// The KIT set: a time of day, and rows that carry one fresh value each.
    Kit,
    /// The carOBD set: seconds since the engine's start, units not said.
    Carobd,
    /// The cephasax set: semicolons, decimal commas, run time as the clock.
    Cephasax,
    /// Roadworthy's own, a row per value.
    RoadworthyLong,
    /// Roadworthy's own, a column per signal.
    RoadworthyWide,
    /// A column per signal.
    #[default]
    Wide,
    /// A row per value.
    Long,
    /// Frames of a CAN bus, told by a DBC file.
    Candump,
}

/// What stands between cells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is its name")]
pub enum Separator {
    #[default]
    Comma,
    Semicolon,
    Tab,
    Bar,
}

/// Decimal sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs, reason = "each is its name")]
pub enum Decimal {
    #[default]
    Point,
    Comma,
}

/// Order of the parts of a date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// Day, month, year.
    Dmy,
    /// Month, day, year.
    Mdy,
    /// Year, month, day.
    Ymd,
}

/// What a clock that begins again means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Restarts {
    /// The engine was started anew: what follows is set a minute after what was before, since the pause is not known; times of day
    /// are those of the next day.
    Follow,
    /// What follows is left out, and counted.
    Leave,
}

/// How times are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeFormat {
    /// Date and time, in one column or two.
    DateTime,
    /// Seconds since 1970.
    EpochSeconds,
    /// Milliseconds since 1970.
    EpochMilliseconds,
    /// Microseconds since 1970.
    EpochMicroseconds,
    /// Time of day without a date.
    TimeOfDay,
    /// Seconds since some start.
    ElapsedSeconds,
    /// Milliseconds since some start.
    ElapsedMilliseconds,
    /// Hours, minutes and seconds since some start.
    ElapsedClock,
    /// No column holds times that can be read.
    #[default]
    Unknown,
}

/// Where times stand and how they read.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeMapping {
    /// Columns, counted from 0: one, or a date and a time.
    pub columns: Vec<u32>,
    /// How they are written.
    pub format: TimeFormat,
    /// As in [`Answers::date_order`].
    pub date_order: Option<DateOrder>,
    /// As in [`Answers::zone`].
    pub zone: Option<String>,
    /// As in [`Answers::date`].
    pub date: Option<String>,
    /// As in [`Answers::start`].
    pub start: Option<String>,
    /// As in [`Answers::restarts`].
    pub restarts: Option<Restarts>,
}

/// Columns of a layout with a row per value, counted from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LongColumns {
    /// Name of the signal.
    pub signal: u32,
    /// Value.
    pub value: u32,
    /// Unit, if there is such a column.
    #[serde(default)]
    pub unit: Option<u32>,
}

/// What a column of the file is, or a signal that a row names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnMapping {
    /// Its place, counted from 0; of no meaning where each row names its signal.
    pub place: u32,
    /// Its name in the file.
    pub column: String,
    /// Whether it is taken.
    pub take: bool,
    /// Why it is not.
    pub left_out: String,
    /// Id of the signal: `ECU:PID:name` as in [`crate::live::SignalInfo::id`]. The ECU is empty where the file does not say it,
    /// and the PID of what no standard names.
    pub signal: String,
    /// For people.
    pub label: String,
    /// Unit as the file has it; empty where it says none.
    pub unit_found: String,
    /// Unit that values are stored in.
    pub unit: String,
    /// Decimal sign, where it is not that of the file.
    pub decimal: Option<Decimal>,
    /// What was taken for granted about it; empty where nothing was.
    pub guessed: String,
}

/// How a file is read. As JSON it can be kept for the next one of its kind.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Mapping {
    /// What it is taken for.
    pub layout: Layout,
    /// Between cells.
    pub separator: Separator,
    /// The line of the header, counted from 1; 0: there is none.
    pub header: u32,
    /// Decimal sign.
    pub decimal: Decimal,
    /// Somebody said so: with a decimal comma `1.234` is a thousand, which is refused otherwise.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub settled: bool,
    /// A cell that is as the one above it is filled forward, not read.
    pub filled_forward: bool,
    /// Where it is: the fresh value of each row goes by turn, one column after the other, so that one which did not change is a
    /// reading too.
    pub in_turn: bool,
    /// Rows may end early: cells that are empty at the end are left off.
    pub ragged: bool,
    /// Places are taken too.
    pub location: bool,
    /// Times.
    pub time: TimeMapping,
    /// Where each row is one value.
    pub long: Option<LongColumns>,
    /// Columns; where each row is one value, the signals that were seen, and others are named as these are.
    pub columns: Vec<ColumnMapping>,
}

/// Most columns, or signals, of a file.
pub const COLUMNS_MAX: usize = 4096;

impl Valid for Mapping {
    fn valid(&self, field: &str) -> Result<()> {
        if self.columns.len() > COLUMNS_MAX {
            let message = format!("{field} names more than {COLUMNS_MAX} columns.");
            return Err(Error::new(Code::Invalid, message).hint("Leave out what is not needed."));
        }
        for c in &self.columns {
            [&c.column, &c.signal, &c.label, &c.unit_found, &c.unit].into_iter().try_for_each(|t| t.valid(field))?;
        }
        [&self.time.zone, &self.time.date, &self.time.start].into_iter().try_for_each(|text| text.valid(field))
    }
}

/// How sure a layout is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Its header is one that only this layout has.
    Certain,
    /// It fits in all that was looked at.
    Likely,
    /// Nothing known fits: a plain table.
    Guess,
}

/// What must be said before a file can be read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Which of [`Answers`], as in `date_order`.
    pub what: String,
    /// In a sentence or two, with what the file shows.
    pub ask: String,
    /// Option of the command line that answers it, as in `--date-order dmy`.
    pub option: String,
    /// Answers to choose from; empty: any text.
    pub choices: Vec<String>,
}

/// What a file looks like.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportPreview {
    /// Its name.
    pub name: String,
    /// Its size on disk.
    pub bytes: u64,
    /// How its letters are written, as in `UTF-8`.
    pub encoding: String,
    /// How sure the layout is.
    pub confidence: Confidence,
    /// What was taken for granted, in sentences.
    pub guesses: Vec<String>,
    /// What must be answered.
    pub questions: Vec<Question>,
    /// How it would be read.
    pub mapping: Mapping,
    /// Its first lines as cells, the header among them.
    pub head: Vec<Vec<String>>,
    /// The import that this very file was imported by already, if that was not undone.
    #[serde(default)]
    pub already: Option<ImportId>,
    /// What became of the rows that were looked at; absent while questions are open.
    pub report: Option<ImportReport>,
}

/// Signals and units that a mapping may name besides any of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSignals {
    /// Signals of SAE J1979 that have numbers, by label; their ids name no ECU.
    pub signals: Vec<KnownSignal>,
    /// Units that values can be converted between, those of one kind beside each other.
    pub units: Vec<String>,
}

/// A signal that the standard names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KnownSignal {
    /// As in [`ColumnMapping::signal`].
    pub id: String,
    /// For people.
    pub label: String,
    /// Unit that its values are stored in; empty where it has none.
    pub unit: String,
}

/// An import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportRow {
    /// Its id; its values belong to the recording of the same number.
    pub id: ImportId,
    /// Whose values.
    pub vehicle: VehicleId,
    /// When it was done.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// Name of the file; empty once its customer was forgotten.
    pub name: String,
    /// BLAKE3 of the file in hex.
    pub file: String,
    /// Size of the file.
    pub bytes: u64,
    /// What it was taken for.
    pub layout: Layout,
    /// Rows of the file.
    pub rows: u64,
    /// Values that were stored.
    pub samples: u64,
    /// Values that were rejected.
    pub rejected: u64,
    /// Time of the first value.
    pub from: Timestamp,
    /// Time of the last value.
    pub to: Timestamp,
    /// Names of its signals.
    pub signals: Vec<String>,
    /// When it was undone, if it was.
    pub undone: Option<Timestamp>,
}

/// An import with all that is known of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ImportDetail {
    /// In short.
    pub row: ImportRow,
    /// How it was read.
    pub mapping: Mapping,
    /// What became of every row and cell.
    pub report: ImportReport,
    /// Signals that cannot be right, and why.
    pub flags: Vec<Flagged>,
}

/// A signal that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flagged {
    /// Machine name of the signal.
    pub signal: String,
    /// Whose; empty where the file does not say.
    pub ecu: String,
    /// What is wrong: `range`, `jump`, `stuck`, `unit`, `contradicts`.
    pub what: String,
    /// In a sentence, with the value.
    pub reason: String,
    /// When it was first so.
    pub at: Timestamp,
    /// Values concerned.
    pub samples: u64,
}
