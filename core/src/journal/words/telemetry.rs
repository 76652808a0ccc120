//! Events of telemetry in words.

use super::{counted, counted_u64, read};
use crate::journal::kind::{
    self, RecordingStarted, TelemetryDropped, TelemetryImportUndone, TelemetryImported, TelemetryPinned,
    TelemetryReceived,
};
use roadworthy_api::import::ImportReport;

pub(super) fn summary(kind: &str, payload: &str) -> Option<String> {
    Some(match kind {
        kind::RECORDING_STARTED => {
            read::<RecordingStarted>(payload)?;
            "Recording of live data begun".to_owned()
        }
        kind::TELEMETRY_RECEIVED => {
            let blocks = read::<TelemetryReceived>(payload)?.blocks;
            let samples = counted_u64(blocks.iter().map(|b| b.n).sum(), "sample", "samples");
            format!("{samples} sealed in {}", counted(blocks.len(), "block", "blocks"))
        }
        kind::TELEMETRY_DROPPED => {
            let dropped = read::<TelemetryDropped>(payload)?;
            let samples = counted_u64(dropped.samples, "single value", "single values");
            format!("{samples} older than {} dropped", counted_u64(dropped.days.into(), "day", "days"))
        }
        kind::TELEMETRY_IMPORTED => {
            let ImportReport { rows, stored, .. } = read::<TelemetryImported>(payload)?.report;
            format!("File imported: {} of {}", counted_u64(stored, "value", "values"), counted_u64(rows, "row", "rows"))
        }
        kind::TELEMETRY_IMPORT_UNDONE => {
            read::<TelemetryImportUndone>(payload)?;
            "Import taken back".to_owned()
        }
        _ => {
            let pin = read::<TelemetryPinned>(payload)?;
            if pin.pinned { format!("Values pinned: {}", pin.reason) } else { "Pin on values taken away".to_owned() }
        }
    })
}
