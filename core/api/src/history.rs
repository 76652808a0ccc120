//! Import of service histories: what a file is taken for, how it is read, and what became of every row of it.
//!
//! The usual case: [`crate::calls::TellFile`] says that a file is a history and no log; [`crate::calls::PreviewHistory`] shows its
//! records and asks what cannot be told from it; with the [`HistoryAnswers`] [`crate::calls::StartHistory`] reads it as a job.

use crate::{
    Timestamp,
    error::{Code, Error, Result},
    id::{ImportId, VehicleId},
    import::{COLUMNS_MAX, Confidence, DateOrder, Decimal, ExplainedRows, Question, RejectedCells, Separator},
    service::{FuelUnit, Judgement, MeterUnit, OdometerFlag, ServiceFields, ServiceKind},
    valid::Valid,
};
use serde::{Deserialize, Serialize};

/// Most records that a preview shows; flagged ones come on top of them.
pub const PREVIEW_RECORDS: usize = 50;
/// Most flagged records that a preview or a detail shows.
pub const FLAGGED_MAX: usize = 500;

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileNature {
    /// Values over time: for [`crate::calls::PreviewImport`].
    Log,
    /// Service records: for [`crate::calls::PreviewHistory`].
    History,
}

/// Layouts of histories that are known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryLayout {
    /// Roadworthy's own.
    Roadworthy,
    /// LubeLogger: service, repair or upgrade records, which have one header.
    LubeloggerRecords,
    /// LubeLogger: fuel.
    LubeloggerFuel,
    /// LubeLogger: odometer readings.
    LubeloggerOdometer,
    /// LubeLogger: taxes.
    LubeloggerTax,
    /// LubeLogger: planned work.
    LubeloggerPlan,
    /// LubeLogger: supplies.
    LubeloggerSupply,
    /// Fleetio: service entries.
    FleetioService,
    /// Fleetio: fuel entries.
    FleetioFuel,
    /// Fleetio: meter entries.
    FleetioMeter,
    /// Any table with days.
    #[default]
    Table,
}

/// What a column of a history is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HistoryField {
    /// Day, or day and time.
    Day,
    /// Time of day.
    Time,
    /// What it is about.
    Kind,
    /// What was done.
    Description,
    /// Odometer.
    Odometer,
    /// Its unit.
    OdometerUnit,
    /// All of the cost.
    Cost,
    /// Its currency.
    Currency,
    /// A share of the cost; called as the column is.
    Share,
    /// Components or tasks, with commas between several.
    Tasks,
    /// Name of a part.
    Part,
    /// Number of a part.
    PartNumber,
    /// How many.
    PartQuantity,
    /// Fuel that was filled.
    FuelQuantity,
    /// Whether the tank was full after it.
    FuelFull,
    /// Whether it was not.
    FuelPartial,
    /// Whether a filling before it was not written down.
    FuelMissed,
    /// Who did it.
    Vendor,
    /// Notes.
    Notes,
    /// Tags, with blanks between several.
    Tags,
    /// Number that the source gives the record.
    SourceId,
    /// Name or VIN of the vehicle, where a file has several.
    Vehicle,
    /// Something else: kept under the column's name.
    More,
}

/// A column of a history.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryColumn {
    /// Its place, counted from 0.
    pub place: u32,
    /// Its name in the file.
    pub column: String,
    /// What it is; `None`: left out.
    pub field: Option<HistoryField>,
    /// What was taken for granted about it; empty where nothing was.
    pub guessed: String,
}

/// How a history is read. As JSON it can be kept for the next file of its kind; columns are found by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryMapping {
    /// What it is taken for.
    pub history: HistoryLayout,
    /// Between cells.
    pub separator: Separator,
    /// The line of the header, counted from 1.
    pub header: u32,
    /// Decimal sign.
    pub decimal: Decimal,
    /// Order of day, month and year in dates of figures.
    pub date_order: Option<DateOrder>,
    /// Unit of the odometer where a cell says none.
    pub distance: Option<MeterUnit>,
    /// Unit of fuel; `None`: not stated.
    pub fuel_unit: Option<FuelUnit>,
    /// Currency of amounts that name none, or a sign that several have: ISO 4217; `unknown`: it stays as it is stated.
    pub currency: Option<String>,
    /// What every record is about, where the file does not say it.
    pub kind: Option<ServiceKind>,
    /// What the column of vehicles says of the one that is wanted; others are left out.
    pub only: Option<String>,
    /// Columns.
    pub columns: Vec<HistoryColumn>,
}

impl Valid for HistoryMapping {
    fn valid(&self, field: &str) -> Result<()> {
        if self.columns.len() > COLUMNS_MAX {
            let message = format!("{field} names more than {COLUMNS_MAX} columns.");
            return Err(Error::new(Code::Invalid, message).hint("Leave out what is not needed."));
        }
        self.columns.iter().try_for_each(|c| c.column.valid(field))?;
        [&self.currency, &self.only].into_iter().try_for_each(|text| text.valid(field))
    }
}

/// What a person says of a history that cannot be told from it. What is absent stays as the mapping has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HistoryAnswers {
    /// As in [`HistoryMapping::date_order`].
    pub date_order: Option<DateOrder>,
    /// As in [`HistoryMapping::decimal`].
    pub decimal: Option<Decimal>,
    /// As in [`HistoryMapping::separator`].
    pub separator: Option<Separator>,
    /// As in [`HistoryMapping::distance`].
    pub distance: Option<MeterUnit>,
    /// As in [`HistoryMapping::fuel_unit`].
    pub fuel_unit: Option<FuelUnit>,
    /// As in [`HistoryMapping::currency`].
    pub currency: Option<String>,
    /// As in [`HistoryMapping::kind`].
    pub kind: Option<ServiceKind>,
    /// As in [`HistoryMapping::only`].
    pub only: Option<String>,
    /// What is said of odometer readings.
    pub judged: Vec<JudgedLine>,
}

/// What is said of the odometer reading of one record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct JudgedLine {
    /// Line on which the record begins, counted from 1.
    pub line: u64,
    /// What is said.
    pub judged: Judgement,
}

impl Valid for HistoryAnswers {
    fn valid(&self, field: &str) -> Result<()> {
        [&self.currency, &self.only].into_iter().try_for_each(|text| text.valid(field))
    }
}

/// What became of every row. It adds up: `rows = records + Σ explained`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryReport {
    /// Rows after the header; a quoted cell may go over several lines.
    pub rows: u64,
    /// Rows that became a record.
    pub records: u64,
    /// Rows that did not, by reason.
    pub explained: Vec<ExplainedRows>,
    /// Cells of records that could not be read as what their column is, by column and reason. Their text is kept with the record.
    pub rejected: Vec<RejectedCells>,
    /// Records whose odometer reading was flagged.
    pub flagged: u64,
    /// Of those, the ones that a person has judged.
    pub judged: u64,
}

impl HistoryReport {
    /// Whether nothing is unaccounted for.
    pub fn adds_up(&self) -> bool {
        self.rows == self.records + self.explained.iter().map(|e| e.count).sum::<u64>()
    }
}

/// A record of a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryRecord {
    /// Line on which it begins, counted from 1.
    pub line: u64,
    /// What it says.
    pub fields: ServiceFields,
    /// Why its odometer reading is flagged.
    pub flag: Option<OdometerFlag>,
    /// What a person said of that.
    pub judged: Option<Judgement>,
}

/// What a history looks like.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryPreview {
    /// Name of the file.
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
    pub mapping: HistoryMapping,
    /// Its first lines as cells, the header among them.
    pub head: Vec<Vec<String>>,
    /// The import that brought this very file to the vehicle already, if that was not undone.
    #[serde(default)]
    pub already: Option<ImportId>,
    /// What would become of every row; absent while questions are open.
    pub report: Option<HistoryReport>,
    /// The first records, and those whose odometer reading is flagged; none while questions are open.
    pub records: Vec<HistoryRecord>,
}

/// An import of a history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    /// Its id.
    pub id: ImportId,
    /// Whose records.
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
    pub layout: HistoryLayout,
    /// Rows of the file.
    pub rows: u64,
    /// Records that came of them.
    pub records: u64,
    /// Records whose odometer reading was flagged.
    pub flagged: u64,
    /// Day of the first record, as in `2019-04-01`.
    pub from: String,
    /// Day of the last record.
    pub to: String,
    /// When it was undone, if it was.
    pub undone: Option<Timestamp>,
}

/// An import of a history with all that is known of it. Its records are those of [`crate::calls::ListService`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryDetail {
    /// In short.
    pub row: HistoryRow,
    /// How it was read.
    pub mapping: HistoryMapping,
    /// What became of every row.
    pub report: HistoryReport,
}
