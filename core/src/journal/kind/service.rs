//! Kinds of the service history.

use crate::keys::Sealed;
use roadworthy_api::{
    Timestamp,
    history::{HistoryMapping, HistoryReport},
    id::{ImportId, ServiceId},
    service::{CostShare, FuelFilled, Judgement, Meter, Money, OdometerFlag, Part, ServiceFields, ServiceKind},
};
use serde::{Deserialize, Serialize};

/// Service records were written down, by a person or out of a file. Subject: the vehicle.
pub const SERVICE_RECORDED: &str = "service.recorded";
/// What one says was replaced. Subject: the vehicle.
pub const SERVICE_CORRECTED: &str = "service.corrected";
/// It was removed, or brought back. Subject: the vehicle.
pub const SERVICE_REMOVED: &str = "service.removed";
/// A person said whether its odometer reading counts, or took that back. Subject: the vehicle.
pub const SERVICE_ODOMETER_JUDGED: &str = "service.odometer.judged";
/// A file of service records was imported; they are in the events that follow in its story. Subject: the vehicle.
pub const HISTORY_IMPORTED: &str = "history.imported";
/// That import was taken back, all of it. Subject: the vehicle.
pub const HISTORY_IMPORT_UNDONE: &str = "history.import.undone";

/// Payload of [`SERVICE_RECORDED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceRecorded {
    /// The records.
    pub records: Vec<ServiceSaid>,
    /// The import that brought them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub import: Option<ImportId>,
}

/// Payload of [`SERVICE_CORRECTED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceCorrected {
    /// As it is from now on.
    pub record: ServiceSaid,
}

/// A record as the journal has it: figures in the clear, words sealed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ServiceSaid {
    /// The record.
    pub service: ServiceId,
    /// Day, as in `2024-03-05`.
    pub day: String,
    /// Time of day as it was stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The moment, or the beginning of the day, by the clock of the machine that recorded it.
    pub at: Timestamp,
    /// The moment, or the end of the day.
    pub until: Timestamp,
    /// What it is about.
    pub kind: ServiceKind,
    /// Odometer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub odometer: Option<Meter>,
    /// Cost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<Money>,
    /// Fuel.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fuel: Option<FuelFilled>,
    /// Why its odometer reading does not count until it was judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flag: Option<OdometerFlag>,
    /// What a person said of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judged: Option<Judgement>,
    /// Line of the file on which it begins.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u64>,
    /// [`ServiceWords`] as JSON, sealed as `service ID` with a key of the vehicle.
    pub words: Sealed,
}

/// What people write of a record.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
#[allow(missing_docs, reason = "as in ServiceFields")]
pub struct ServiceWords {
    pub kind_said: String,
    pub description: String,
    pub shares: Vec<CostShare>,
    pub tasks: Vec<String>,
    pub parts: Vec<Part>,
    pub vendor: String,
    pub notes: String,
    pub tags: Vec<String>,
    pub source_id: String,
    pub more: Vec<(String, String)>,
}

impl From<&ServiceFields> for ServiceWords {
    fn from(f: &ServiceFields) -> Self {
        let f = f.clone();
        Self {
            kind_said: f.kind_said,
            description: f.description,
            shares: f.shares,
            tasks: f.tasks,
            parts: f.parts,
            vendor: f.vendor,
            notes: f.notes,
            tags: f.tags,
            source_id: f.source_id,
            more: f.more,
        }
    }
}

/// Payload of [`SERVICE_REMOVED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceRemoved {
    /// The record.
    pub service: ServiceId,
    /// Whether it is removed now.
    pub removed: bool,
}

/// Payload of [`SERVICE_ODOMETER_JUDGED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OdometerJudged {
    /// The record.
    pub service: ServiceId,
    /// What is said of its reading; `None`: nothing any more.
    pub judged: Option<Judgement>,
}

/// Payload of [`HISTORY_IMPORTED`]. No cell of the file is in it in the clear.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryImported {
    /// The import.
    pub import: ImportId,
    /// Name of the file, sealed as `file` with a key of the vehicle.
    pub name: Sealed,
    /// BLAKE3 of the file in hex.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// Day of the first record.
    pub from: String,
    /// Day of the last record.
    pub to: String,
    /// How it was read; what names the vehicle in the file is left out.
    pub mapping: HistoryMapping,
    /// What became of every row.
    pub report: HistoryReport,
}

/// Payload of [`HISTORY_IMPORT_UNDONE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryImportUndone {
    /// The import.
    pub import: ImportId,
}
