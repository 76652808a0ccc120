//! What became of every row and every cell of a file.

use serde::{Deserialize, Serialize};

/// Most lines that are named as examples of one reason.
pub const EXAMPLES: usize = 5;

/// Why a row gave nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowReason {
    /// Nothing stands in it.
    Blank,
    /// The header again.
    Header,
    /// Every cell of it is empty, or only such that are left out have something.
    Empty,
    /// Every cell of it is as the one above it in a file that fills forward.
    Filled,
    /// The same values at the same time again.
    Repeated,
    /// Every cell of it was rejected.
    Rejected,
    /// Its time is missing.
    NoTime,
    /// Its time cannot be read.
    BadTime,
    /// Its time does not exist: the clocks were put forward then.
    NoSuchTime,
    /// Its time is before 1980 or after 2100.
    ImpossibleTime,
    /// The clock began again, and nobody said what that means.
    Restarted,
    /// It has fewer cells than the header.
    FewerCells,
    /// It has more cells than the header.
    MoreCells,
    /// A quote is not closed.
    OpenQuote,
    /// It is longer than 64 KiB.
    TooLong,
    /// It holds bytes that are no text.
    NotText,
    /// It is cut off: the file ends in it.
    CutOff,
    /// It names no signal.
    NoSignal,
    /// It is no line of candump.
    NotAFrame,
    /// A frame that carries no data: a remote frame, or a controller's word of a fault.
    NoData,
    /// A frame that the DBC file does not name.
    UnknownFrame,
    /// Of a history: it says no day.
    NoDay,
    /// Of a history: its day cannot be read, or there is no such day.
    BadDay,
    /// Of a history: it is about another vehicle.
    OtherVehicle,
    /// Of a history: the very same record is there already.
    AlreadyThere,
}

impl RowReason {
    /// In words, for one row or many.
    pub fn words(self) -> &'static str {
        match self {
            Self::Blank => "blank",
            Self::Header => "the header again",
            Self::Empty => "nothing in what is taken",
            Self::Filled => "nothing new: every cell is as the one above it",
            Self::Repeated => "the same values at the same time again",
            Self::Rejected => "no cell can be read",
            Self::NoTime => "no time",
            Self::BadTime => "the time cannot be read",
            Self::NoSuchTime => "a time that does not exist: the clocks were put forward",
            Self::ImpossibleTime => "a time before 1980 or after 2100",
            Self::Restarted => "the clock began again",
            Self::FewerCells => "fewer cells than the header",
            Self::MoreCells => "more cells than the header",
            Self::OpenQuote => "a quote is not closed",
            Self::TooLong => "longer than 64 KiB",
            Self::NotText => "bytes that are no text",
            Self::CutOff => "cut off at the end of the file",
            Self::NoSignal => "no signal named",
            Self::NotAFrame => "no line of candump",
            Self::NoData => "a frame without data",
            Self::UnknownFrame => "a frame that the DBC file does not name",
            Self::NoDay => "no day",
            Self::BadDay => "the day cannot be read",
            Self::OtherVehicle => "about another vehicle",
            Self::AlreadyThere => "the very same record is there already",
        }
    }
}

/// Why a cell was rejected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CellReason {
    /// It is no number.
    NotANumber,
    /// It says that there is no value: `NODATA`, `-`, `n/a`.
    NotAvailable,
    /// It is infinite, or larger than any number that can be stored.
    Infinite,
    /// It could be one number or a thousand times that: `1,234`.
    Ambiguous,
    /// It is a formula.
    Formula,
    /// The unit in it is not known.
    UnknownUnit,
    /// The unit in it does not fit the signal.
    OtherUnit,
    /// It holds bytes that are no text.
    NotText,
    /// It is outside of what the DBC file allows.
    OutOfRange,
    /// There are too many signals already.
    TooManySignals,
    /// The frame is shorter than the signal.
    ShortFrame,
    /// Of a history: a figure that this cannot be, as a negative odometer.
    Impossible,
    /// Of a history: it is no yes and no no.
    NotYesOrNo,
}

impl CellReason {
    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Self::NotANumber => "no number",
            Self::NotAvailable => "says that there is no value",
            Self::Infinite => "infinite",
            Self::Ambiguous => "could be one number or a thousand times that",
            Self::Formula => "a formula",
            Self::UnknownUnit => "a unit that is not known",
            Self::OtherUnit => "a unit that does not fit the signal",
            Self::NotText => "bytes that are no text",
            Self::OutOfRange => "outside of what the DBC file allows",
            Self::TooManySignals => "too many signals",
            Self::ShortFrame => "the frame is shorter than the signal",
            Self::Impossible => "a figure that this cannot be",
            Self::NotYesOrNo => "neither yes nor no",
        }
    }
}

/// Rows that gave nothing, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExplainedRows {
    /// Why.
    pub reason: RowReason,
    /// How many.
    pub count: u64,
    /// The first lines of them, counted from 1.
    pub lines: Vec<u64>,
}

/// Cells of a column that were rejected, for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectedCells {
    /// Name of the column, or of the signal.
    pub column: String,
    /// Why.
    pub reason: CellReason,
    /// How many.
    pub count: u64,
    /// The first lines of them, counted from 1.
    pub lines: Vec<u64>,
}

/// Something about times that a person should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClockNote {
    /// In words, as in `goes back by more than an hour`.
    pub what: String,
    /// How often.
    pub count: u64,
    /// The first lines, counted from 1.
    pub lines: Vec<u64>,
}

/// What became of every row and cell. It adds up: `rows = rows_stored + Σ explained`, and
/// `cells = stored + times + names + empty + filled + repeated + left_out + of_explained + Σ rejected`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ImportReport {
    /// Lines after the header.
    pub rows: u64,
    /// Rows of which at least one value was stored.
    pub rows_stored: u64,
    /// Rows that gave nothing, by reason.
    pub explained: Vec<ExplainedRows>,
    /// Cells of all rows; of a CAN log the signals of its frames.
    pub cells: u64,
    /// Values that were stored.
    pub stored: u64,
    /// Cells that say when.
    pub times: u64,
    /// Cells that name a signal or its unit.
    pub names: u64,
    /// Empty cells.
    pub empty: u64,
    /// Cells that are as the one above them in a file that fills forward: not readings.
    pub filled: u64,
    /// The same value of the same signal at the same time again.
    pub repeated: u64,
    /// Cells of columns that are not taken.
    pub left_out: u64,
    /// Cells of rows that were explained as a whole before their cells were looked at.
    pub of_explained: u64,
    /// Cells that were rejected, by column and reason.
    pub rejected: Vec<RejectedCells>,
    /// What is remarkable about the times.
    pub clock: Vec<ClockNote>,
}

impl ImportReport {
    /// Cells that were rejected.
    pub fn rejected_cells(&self) -> u64 {
        self.rejected.iter().map(|r| r.count).sum()
    }

    /// Rows that gave nothing.
    pub fn explained_rows(&self) -> u64 {
        self.explained.iter().map(|r| r.count).sum()
    }

    /// Whether nothing is unaccounted for.
    pub fn adds_up(&self) -> bool {
        let cells = [
            self.stored,
            self.times,
            self.names,
            self.empty,
            self.filled,
            self.repeated,
            self.left_out,
            self.of_explained,
            self.rejected_cells(),
        ];
        self.rows == self.rows_stored + self.explained_rows() && self.cells == cells.iter().sum::<u64>()
    }
}
