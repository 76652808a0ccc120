//! Where an event stands on a timeline: its group, and what shows it. Pure; `store/timeline.rs` looks up what is named here.

use super::kind::{
    self, AlertAcknowledged, AlertClosed, AlertCreated, AlertEscalated, AlertRepeated, AlertSnoozed, Answered,
    ApprovalRequested, ClearingUnknown, CodesCleared, CodesClearing, DecisionEscalated, DecisionMade,
    DecisionOvertaken, DiagnosisMade, Exported, Notified, ReadingsFlagged, Recorded, RecordingStarted,
    TelemetryImportUndone, TelemetryImported, TelemetryPinned, TelemetryReceived,
};
use roadworthy_api::{
    Timestamp,
    finding::Source,
    id::{AlertId, DecisionId, ImportId, RecordingId, VisitId},
    journal::EventGroup,
};
use serde::{Deserialize, de::DeserializeOwned};

/// The group of a kind of event; what this version does not know is the system's.
pub(crate) fn group(kind: &str) -> EventGroup {
    match kind {
        kind::VEHICLE_CHECKED
        | kind::VISIT_REDECODED
        | kind::VEHICLE_CODES_CLEARING
        | kind::VEHICLE_CLEARING_UNKNOWN
        | kind::VEHICLE_CODES_CLEARED
        | kind::VEHICLE_RECORDED
        | kind::RECORDING_STARTED
        | kind::TELEMETRY_RECEIVED
        | kind::TELEMETRY_PINNED
        | kind::TELEMETRY_IMPORTED
        | kind::TELEMETRY_IMPORT_UNDONE
        | kind::READINGS_FLAGGED => EventGroup::Readings,
        kind::DIAGNOSIS_MADE
        | kind::DECISION_REQUESTED
        | kind::DECISION_MADE
        | kind::DECISION_ESCALATED
        | kind::DECISION_OVERTAKEN
        | kind::APPROVAL_REQUESTED
        | kind::APPROVAL_GRANTED
        | kind::APPROVAL_REFUSED
        | kind::ALERT_CREATED
        | kind::ALERT_REPEATED
        | kind::ALERT_ACKNOWLEDGED
        | kind::ALERT_SNOOZED
        | kind::ALERT_ESCALATED
        | kind::ALERT_CLOSED => EventGroup::Alerts,
        kind::NOTE_ADDED
        | kind::NOTE_EDITED
        | kind::NOTE_REMOVED
        | kind::PHOTO_ADDED
        | kind::PHOTO_EDITED
        | kind::PHOTO_REMOVED
        | kind::MEASUREMENT_ADDED
        | kind::MEASUREMENT_REMOVED
        | kind::SERVICE_RECORDED
        | kind::SERVICE_CORRECTED
        | kind::SERVICE_REMOVED
        | kind::SERVICE_ODOMETER_JUDGED
        | kind::HISTORY_IMPORTED
        | kind::HISTORY_IMPORT_UNDONE
        | kind::REPORT_EXPORTED
        | kind::DATA_EXPORTED => EventGroup::Papers,
        kind::VEHICLE_REGISTERED
        | kind::VEHICLE_EDITED
        | kind::VEHICLE_OWNER_SET
        | kind::VEHICLE_ATTACHED
        | kind::PERSON_ADDED
        | kind::PERSON_EDITED
        | kind::PERSON_FORGOTTEN => EventGroup::Records,
        kind::NOTIFICATION_SENT | kind::NOTIFICATION_FAILED | kind::NOTIFICATION_DROPPED => EventGroup::Messages,
        _ => EventGroup::System,
    }
}

/// What shows an event, as its payload names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shown {
    Visit(VisitId),
    Recording(RecordingId),
    /// The blocks that the event itself names.
    Sealed(RecordingId),
    /// The vehicle's values of that time.
    Values(Timestamp, Timestamp),
    Alert(AlertId),
    Decision(DecisionId),
    /// The vehicle's notes, photos and measurements.
    Papers,
    /// The vehicle's service records.
    Service,
    Import(ImportId),
    History(ImportId),
}

impl From<Source> for Shown {
    fn from(source: Source) -> Self {
        match source {
            Source::Visit { visit } => Self::Visit(visit),
            Source::Recording { recording } => Self::Recording(recording),
        }
    }
}

/// What shows an event; `None` where nothing does, or where it cannot be read.
pub(crate) fn shown(kind: &str, version: u32, payload: &str) -> Option<Shown> {
    /// Of a check only its id: the rest is long.
    #[derive(Deserialize)]
    struct Visit {
        visit: VisitId,
    }
    /// So is what an import of a history says.
    #[derive(Deserialize)]
    struct History {
        import: ImportId,
    }
    fn read<T: DeserializeOwned>(payload: &str) -> Option<T> {
        serde_json::from_str(payload).ok()
    }
    if version != kind::version(kind) {
        return None;
    }
    Some(match kind {
        kind::VEHICLE_CHECKED => Shown::Visit(read::<Visit>(payload)?.visit),
        kind::VISIT_REDECODED => Shown::Visit(read::<Visit>(payload)?.visit),
        kind::VEHICLE_CODES_CLEARING => Shown::Visit(read::<CodesClearing>(payload)?.before),
        kind::VEHICLE_CLEARING_UNKNOWN => Shown::Visit(read::<ClearingUnknown>(payload)?.before),
        // The one after it may be missing.
        kind::VEHICLE_CODES_CLEARED => Shown::Visit(read::<CodesCleared>(payload)?.before),
        kind::REPORT_EXPORTED => Shown::Visit(read::<Exported>(payload)?.visit),
        kind::DIAGNOSIS_MADE => read::<DiagnosisMade>(payload)?.source.into(),
        kind::READINGS_FLAGGED => read::<ReadingsFlagged>(payload)?.source.into(),
        kind::DECISION_MADE => read::<DecisionMade>(payload)?.source.into(),
        kind::DECISION_OVERTAKEN => read::<DecisionOvertaken>(payload)?.source.into(),
        kind::DECISION_ESCALATED => Shown::Decision(read::<DecisionEscalated>(payload)?.decision),
        kind::APPROVAL_REQUESTED => Shown::Decision(read::<ApprovalRequested>(payload)?.decision),
        kind::APPROVAL_GRANTED | kind::APPROVAL_REFUSED => Shown::Decision(read::<Answered>(payload)?.decision),
        kind::ALERT_CREATED => Shown::Alert(read::<AlertCreated>(payload)?.alert),
        kind::ALERT_REPEATED => Shown::Alert(read::<AlertRepeated>(payload)?.alert),
        kind::ALERT_ACKNOWLEDGED => Shown::Alert(read::<AlertAcknowledged>(payload)?.alert),
        kind::ALERT_SNOOZED => Shown::Alert(read::<AlertSnoozed>(payload)?.alert),
        kind::ALERT_ESCALATED => Shown::Alert(read::<AlertEscalated>(payload)?.alert),
        kind::ALERT_CLOSED => Shown::Alert(read::<AlertClosed>(payload)?.alert),
        kind::NOTIFICATION_SENT | kind::NOTIFICATION_FAILED | kind::NOTIFICATION_DROPPED => {
            Shown::Alert(read::<Notified>(payload)?.alert?)
        }
        kind::RECORDING_STARTED => Shown::Recording(read::<RecordingStarted>(payload)?.recording),
        kind::VEHICLE_RECORDED => Shown::Recording(read::<Recorded>(payload)?.recording),
        kind::TELEMETRY_RECEIVED => Shown::Sealed(read::<TelemetryReceived>(payload)?.recording),
        kind::TELEMETRY_IMPORTED => Shown::Import(read::<TelemetryImported>(payload)?.import),
        kind::TELEMETRY_IMPORT_UNDONE => Shown::Import(read::<TelemetryImportUndone>(payload)?.import),
        kind::TELEMETRY_PINNED => {
            let pinned = read::<TelemetryPinned>(payload)?;
            Shown::Values(pinned.from, pinned.to)
        }
        kind::NOTE_ADDED
        | kind::NOTE_EDITED
        | kind::NOTE_REMOVED
        | kind::PHOTO_ADDED
        | kind::PHOTO_EDITED
        | kind::PHOTO_REMOVED
        | kind::MEASUREMENT_ADDED
        | kind::MEASUREMENT_REMOVED => Shown::Papers,
        kind::SERVICE_RECORDED | kind::SERVICE_CORRECTED | kind::SERVICE_REMOVED | kind::SERVICE_ODOMETER_JUDGED => {
            Shown::Service
        }
        kind::HISTORY_IMPORTED | kind::HISTORY_IMPORT_UNDONE => Shown::History(read::<History>(payload)?.import),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn every_kind_has_its_group() {
        use EventGroup::{Alerts, Messages, Papers, Readings, Records, System};
        for (kind, expect) in [
            (kind::VEHICLE_CHECKED, Readings),
            (kind::VISIT_REDECODED, Readings),
            (kind::TELEMETRY_RECEIVED, Readings),
            (kind::TELEMETRY_IMPORTED, Readings),
            (kind::DIAGNOSIS_MADE, Alerts),
            (kind::APPROVAL_REFUSED, Alerts),
            (kind::ALERT_CLOSED, Alerts),
            (kind::NOTE_ADDED, Papers),
            (kind::REPORT_EXPORTED, Papers),
            (kind::DATA_EXPORTED, Papers),
            (kind::VEHICLE_OWNER_SET, Records),
            (kind::PERSON_FORGOTTEN, Records),
            (kind::NOTIFICATION_FAILED, Messages),
            (kind::TELEMETRY_DROPPED, System),
            (kind::BACKUP_MADE, System),
            (kind::RISK_FLAGGED, System),
            (kind::ACCESS_RECORDED, System),
            ("tyre.rotated", System),
        ] {
            assert_eq!(group(kind), expect, "{kind}");
        }
    }

    #[test]
    fn an_event_names_what_shows_it() {
        let visit = r#""source":{"from":"visit","visit":"ID"}"#;
        let recording = r#""source":{"from":"recording","recording":"ID"}"#;
        let (of_visit, of_alert) = (Some(Shown::Visit(VisitId(1))), Some(Shown::Alert(AlertId(1))));
        let of_recording = Some(Shown::Recording(RecordingId(1)));
        for (kind, payload, expect) in [
            (kind::VEHICLE_CHECKED, r#"{"visit":"ID","report":{"and":"so on"}}"#.to_owned(), of_visit),
            (kind::VISIT_REDECODED, r#"{"visit":"ID","decoder":2,"report":{"and":"so on"}}"#.into(), of_visit),
            (kind::REPORT_EXPORTED, r#"{"visit":"ID","file":""}"#.into(), of_visit),
            (kind::DIAGNOSIS_MADE, format!(r#"{{{visit},"at":1,"findings":[]}}"#), of_visit),
            (kind::DIAGNOSIS_MADE, format!(r#"{{{recording},"at":1,"findings":[]}}"#), of_recording),
            (kind::READINGS_FLAGGED, format!(r#"{{{recording},"flags":[]}}"#), of_recording),
            (kind::DECISION_OVERTAKEN, format!(r#"{{"decision":"ID",{visit},"at":1,"why":""}}"#), of_visit),
            (kind::APPROVAL_REQUESTED, r#"{"decision":"ID"}"#.into(), Some(Shown::Decision(DecisionId(1)))),
            (kind::ALERT_ACKNOWLEDGED, r#"{"alert":"ID","acknowledged":true}"#.into(), of_alert),
            (kind::ALERT_CLOSED, r#"{"alert":"ID","closed":true}"#.into(), of_alert),
            (
                kind::NOTIFICATION_SENT,
                r#"{"message":"ID","channel":"mail","alert":"ID","attempts":1}"#.into(),
                of_alert,
            ),
            (kind::NOTIFICATION_SENT, r#"{"message":"ID","channel":"mail","attempts":1}"#.into(), None),
            (kind::TELEMETRY_RECEIVED, r#"{"recording":"ID","blocks":[]}"#.into(), Some(Shown::Sealed(RecordingId(1)))),
            (
                kind::TELEMETRY_PINNED,
                r#"{"pin":"ID","from":5,"to":9,"reason":"","pinned":true}"#.into(),
                Some(Shown::Values(5, 9)),
            ),
            (kind::MEASUREMENT_REMOVED, "{}".into(), Some(Shown::Papers)),
            (kind::SERVICE_CORRECTED, "{}".into(), Some(Shown::Service)),
            (kind::HISTORY_IMPORTED, r#"{"import":"ID","and":"so on"}"#.into(), Some(Shown::History(ImportId(1)))),
            (kind::HISTORY_IMPORT_UNDONE, r#"{"import":"ID"}"#.into(), Some(Shown::History(ImportId(1)))),
            (kind::HISTORY_IMPORTED, "{}".into(), None),
            (kind::VEHICLE_REGISTERED, "{}".into(), None),
            (kind::BACKUP_MADE, "{}".into(), None),
            (kind::VEHICLE_CHECKED, r#"{"visit":"no id"}"#.into(), None),
            ("tyre.rotated", r#"{"visit":"ID"}"#.into(), None),
        ] {
            assert_eq!(shown(kind, 1, &payload.replace("ID", ID)), expect, "{kind} {payload}");
        }
        assert_eq!(shown(kind::NOTE_ADDED, 2, "{}"), None, "because its form is not known");
    }
}
