//! Events of telemetry in words.

use super::{counted, counted_u64, read};
use crate::journal::kind::{self, RecordingStarted, TelemetryDropped, TelemetryPinned, TelemetryReceived};

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
        _ => {
            let pin = read::<TelemetryPinned>(payload)?;
            if pin.pinned { format!("Values pinned: {}", pin.reason) } else { "Pin on values taken away".to_owned() }
        }
    })
}
