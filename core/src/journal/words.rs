//! Events in words, without personal data: no name, plate or VIN is ever in a summary.

mod alerts;
mod service;
mod telemetry;

pub(crate) use alerts::severity;

use super::kind::{
    self, Access, AdapterMeasured, Attached, Checked, ClearingUnknown, CodesCleared, CodesClearing, DiagnosisMade,
    Forgot, MeasurementAdded, MeasurementRemoved, NoteRemoved, Notified, OwnerSet, PersonFields, PhotoRemoved,
    ReadingsFlagged, Rebuilt, Recorded, RiskFlagged, VehicleFields,
};
use roadworthy_api::{
    check::{CodeClass, TroubleCode},
    clear::ClearOutcome,
    note::Measured,
};
use serde::de::DeserializeOwned;

/// What happened, in a sentence.
pub fn summary(kind: &str, version: u32, payload: &str) -> String {
    if version != kind::version(kind) {
        return format!("{kind}, in a form that this version of Roadworthy does not know");
    }
    let text = match kind {
        kind::VEHICLE_REGISTERED => Some("Vehicle registered".to_owned()),
        kind::VEHICLE_EDITED => read::<VehicleFields>(payload).map(|f| {
            let fields = [("VIN", f.vin.is_some()), ("plate", f.plate.is_some()), ("name", f.name.is_some())];
            format!("Vehicle's {} changed", list(&fields))
        }),
        kind::VEHICLE_OWNER_SET => read::<OwnerSet>(payload).map(|o| match o.person {
            Some(_) => "Vehicle's owner set".to_owned(),
            None => "Vehicle's owner removed".to_owned(),
        }),
        kind::VEHICLE_ATTACHED => read::<Attached>(payload).map(|a| match a.to {
            Some(_) => "Registration attached to another vehicle".to_owned(),
            None => "Registration detached".to_owned(),
        }),
        kind::NOTE_ADDED => Some("Note written".to_owned()),
        kind::NOTE_EDITED => Some("Note changed".to_owned()),
        kind::NOTE_REMOVED => read::<NoteRemoved>(payload).map(|r| removed("Note", r.removed)),
        kind::PHOTO_ADDED => Some("Photo added".to_owned()),
        kind::PHOTO_EDITED => Some("Photo's caption changed".to_owned()),
        kind::PHOTO_REMOVED => read::<PhotoRemoved>(payload).map(|r| removed("Photo", r.removed)),
        kind::MEASUREMENT_ADDED => read::<MeasurementAdded>(payload).map(|m| measured(&m)),
        kind::MEASUREMENT_REMOVED => read::<MeasurementRemoved>(payload).map(|r| removed("Measurement", r.removed)),
        kind::VEHICLE_CHECKED => read::<Checked>(payload).map(|c| checked(&c)),
        kind::VEHICLE_CODES_CLEARING => {
            read::<CodesClearing>(payload).map(|c| format!("ECUs about to be told to clear {}", erasable(&c.codes)))
        }
        kind::VEHICLE_CLEARING_UNKNOWN => read::<ClearingUnknown>(payload).map(|c| {
            let codes = erasable(&c.codes);
            format!("{codes} may have been cleared and nobody knows: the program ended before it could say")
        }),
        kind::VEHICLE_CODES_CLEARED => read::<CodesCleared>(payload).map(|c| cleared(&c)),
        kind::VEHICLE_RECORDED => read::<Recorded>(payload).map(|r| {
            let signals = counted(r.signals.len(), "signal", "signals");
            let cut = if r.cut_short { ", cut short" } else { "" };
            format!("Live data recorded: {signals}, {}{cut}", counted_u64(r.samples, "sample", "samples"))
        }),
        kind::ADAPTER_MEASURED => read::<AdapterMeasured>(payload).map(|m| {
            let unfit = m.passport.unfit();
            match unfit.as_slice() {
                [] => "Adapter measured".to_owned(),
                unfit => format!("Adapter measured; not fit for: {}", unfit.join(", ")),
            }
        }),
        kind::READINGS_FLAGGED => read::<ReadingsFlagged>(payload)
            .map(|f| format!("Readings flagged: {} cannot be right", counted(f.flags.len(), "value", "values"))),
        kind::DIAGNOSIS_MADE => read::<DiagnosisMade>(payload).map(|d| diagnosed(&d)),
        kind::PERSON_ADDED => Some("Customer added".to_owned()),
        kind::PERSON_EDITED => read::<PersonFields>(payload).map(|f| {
            let fields = [
                ("name", f.name.is_some()),
                ("phone", f.phone.is_some()),
                ("mail address", f.email.is_some()),
                ("address", f.address.is_some()),
                ("note", f.note.is_some()),
            ];
            format!("Customer's {} changed", list(&fields))
        }),
        kind::PERSON_FORGOTTEN => read::<Forgot>(payload).map(|f| {
            format!(
                "Customer forgotten, with {}",
                counted(f.vehicles.len(), "vehicle's plate and name", "vehicles' plates and names")
            )
        }),
        kind::VISIT_REDECODED => read::<kind::Redecoded>(payload)
            .map(|r| format!("Recorded traffic of a check read anew by decoder {}", r.decoder)),
        kind::REPORT_EXPORTED => Some("Check report made".to_owned()),
        kind::DATA_EXPORTED => read::<kind::DataExported>(payload).map(|e| match e.what.as_str() {
            "vehicle" => "All data of the vehicle exported".to_owned(),
            "telemetry" => "Values of the vehicle exported".to_owned(),
            "customer" => "All data of the customer exported".to_owned(),
            what => format!("Data of the {what} exported"),
        }),
        kind::JOURNAL_REBUILT => read::<Rebuilt>(payload).map(|r| match r.differing.len() {
            0 => format!("Tables made anew from {}; nothing differed", counted_u64(r.events, "event", "events")),
            n => format!("Tables made anew; {} had differed", counted(n, "table", "tables")),
        }),
        kind::DEVICE_NAMED => Some("Device named".to_owned()),
        kind::ACCESS_RECORDED => read::<Access>(payload).map(|a| accessed(&a.call, &a.outcome)),
        kind::BACKUP_MADE => read::<kind::BackupMade>(payload)
            .map(|b| format!("Backup made: {}", counted_u64(b.events, "event", "events"))),
        kind::BACKUP_RESTORED => read::<kind::BackupRestored>(payload)
            .map(|b| format!("Backup restored; {} since then set aside", counted_u64(b.lost, "event", "events"))),
        kind::NOTIFICATION_SENT => read::<Notified>(payload).map(|n| format!("Message sent through {}", n.channel)),
        kind::NOTIFICATION_FAILED => read::<Notified>(payload).map(|n| {
            let tries = counted_u64(n.attempts.into(), "attempt", "attempts");
            format!("Message could not be sent through {} in {tries}: {}", n.channel, n.cause)
        }),
        kind::NOTIFICATION_DROPPED => {
            read::<Notified>(payload).map(|n| format!("Message for {} dropped without being sent", n.channel))
        }
        kind::RISK_FLAGGED => read::<RiskFlagged>(payload)
            .map(|r| format!("Unusual behaviour of {}, risk {:.2}: {}", r.actor, r.risk, r.reasons.join("; "))),
        kind::DECISION_REQUESTED
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
        | kind::ALERT_CLOSED => alerts::summary(kind, payload),
        kind::SERVICE_RECORDED
        | kind::SERVICE_CORRECTED
        | kind::SERVICE_REMOVED
        | kind::SERVICE_ODOMETER_JUDGED
        | kind::HISTORY_IMPORTED
        | kind::HISTORY_IMPORT_UNDONE => service::summary(kind, payload),
        kind::RECORDING_STARTED
        | kind::TELEMETRY_RECEIVED
        | kind::TELEMETRY_DROPPED
        | kind::TELEMETRY_PINNED
        | kind::TELEMETRY_IMPORTED
        | kind::TELEMETRY_IMPORT_UNDONE => telemetry::summary(kind, payload),
        other => return format!("{other}, which this version of Roadworthy does not know"),
    };
    text.unwrap_or_else(|| format!("{kind}, which cannot be read"))
}

fn removed(what: &str, removed: bool) -> String {
    format!("{what} {}", if removed { "removed" } else { "brought back" })
}

fn measured(added: &MeasurementAdded) -> String {
    let what = match &added.measured {
        Measured::Odometer { .. } => "Odometer reading",
        Measured::BrakePad { .. } => "Brake pad",
        Measured::Tread { .. } => "Tread depth",
        Measured::Battery { .. } => "Battery test",
        Measured::Oil { .. } => "Oil",
    };
    let confirmed = if added.confirmed { ", confirmed against the readings around it" } else { "" };
    format!("{what} typed in{confirmed}")
}

fn checked(c: &Checked) -> String {
    let ecus = counted(c.report.ecus.len(), "ECU", "ECUs");
    let codes = counted(c.report.codes.len(), "code", "codes");
    let partial = if c.report.partial.is_some() { ", cut short" } else { "" };
    format!("Vehicle checked: {ecus}, {codes}{partial}")
}

fn cleared(c: &CodesCleared) -> String {
    let of = |done: bool| c.answers.iter().filter(|a| (a.outcome == ClearOutcome::Acknowledged) == done).count();
    let codes = erasable(&c.codes);
    match (of(true), of(false)) {
        (0, _) => format!("Clearing {codes} tried: no ECU acknowledged"),
        (done, 0) => format!("{codes} cleared: acknowledged by {}", counted(done, "ECU", "ECUs")),
        (done, not) => format!("{codes} cleared: acknowledged by {} of {} ECUs", done, done + not),
    }
}

/// How many codes can be cleared: permanent ones stay, whatever an ECU acknowledges.
fn erasable(codes: &[TroubleCode]) -> String {
    counted(codes.iter().filter(|c| c.class != CodeClass::Permanent).count(), "code", "codes")
}

/// The worst finding and how many more; titles come from codes and rules and hold nothing personal.
fn diagnosed(d: &DiagnosisMade) -> String {
    let gone = match d.absent.len() {
        0 => String::new(),
        n => format!("; {} not there any more", counted(n, "earlier finding is", "earlier findings are")),
    };
    match d.findings.as_slice() {
        [] => format!("Diagnosis made: nothing found{gone}"),
        [one] => format!("Diagnosis made: {}{gone}", one.title),
        [worst, more @ ..] => format!("Diagnosis made: {} and {} more{gone}", worst.title, more.len()),
    }
}

fn read<T: DeserializeOwned>(payload: &str) -> Option<T> {
    serde_json::from_str(payload).ok()
}

fn counted(n: usize, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn counted_u64(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

fn list(fields: &[(&str, bool)]) -> String {
    let named: Vec<&str> = fields.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    match named.as_slice() {
        [] => "record".to_owned(),
        [one] => (*one).to_owned(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}

/// A call that was let through or refused, by its name.
fn accessed(call: &str, outcome: &str) -> String {
    let verbs = [
        ("List", "looked at"),
        ("Get", "looked at"),
        ("Show", "looked at"),
        ("Export", "exported"),
        ("Make", "made"),
        ("Forget", "forgotten"),
        ("Set", "set"),
    ];
    let plain = |name: &str| {
        let mut words = String::new();
        for (n, letter) in name.chars().enumerate() {
            if n > 0 && letter.is_ascii_uppercase() {
                words.push(' ');
            }
            words.push(if n > 0 { letter.to_ascii_lowercase() } else { letter });
        }
        words
    };
    let found = verbs.iter().find_map(|(verb, done)| Some((call.strip_prefix(verb)?, *done)));
    let said = match (call, found) {
        ("GetBlob", _) => Some(("File".to_owned(), "handed out")),
        (_, Some((what, done))) if what.starts_with(|c: char| c.is_ascii_uppercase()) => Some((plain(what), done)),
        _ => None,
    };
    match (said, outcome) {
        (Some((what, done)), "done") => format!("{what} {done}"),
        (Some((what, done)), _) => format!("{what} not {done} ({outcome})"),
        (None, _) => format!("{}: {outcome}", plain(call)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_told_in_words_without_personal_data() {
        let sealed = r#"{"key":"00000000-0000-0000-0000-000000000001","sealed":"00"}"#;
        let cases = [
            (
                kind::DATA_EXPORTED,
                r#"{"what":"customer","file":"00","bytes":7}"#.to_owned(),
                "All data of the customer exported",
            ),
            (kind::VEHICLE_REGISTERED, r#"{"vin":"1RWTEST00X0000001"}"#.to_owned(), "Vehicle registered"),
            (
                kind::VEHICLE_EDITED,
                format!(r#"{{"plate":{sealed},"name":{sealed}}}"#),
                "Vehicle's plate and name changed",
            ),
            (kind::VEHICLE_OWNER_SET, r#"{"person":null}"#.into(), "Vehicle's owner removed"),
            (kind::PERSON_EDITED, format!(r#"{{"phone":{sealed}}}"#), "Customer's phone changed"),
            (
                kind::PERSON_FORGOTTEN,
                r#"{"vehicles":[],"keys":[]}"#.into(),
                "Customer forgotten, with 0 vehicles' plates and names",
            ),
            (
                kind::JOURNAL_REBUILT,
                r#"{"events":1,"differing":[]}"#.into(),
                "Tables made anew from 1 event; nothing differed",
            ),
            (kind::ACCESS_RECORDED, r#"{"call":"ListPeople","outcome":"done"}"#.into(), "People looked at"),
            (
                kind::ACCESS_RECORDED,
                r#"{"call":"ExportRecording","outcome":"forbidden"}"#.into(),
                "Recording not exported (forbidden)",
            ),
            (kind::ACCESS_RECORDED, r#"{"call":"GetBlob","outcome":"done"}"#.into(), "File handed out"),
            (kind::ACCESS_RECORDED, r#"{"call":"ApplyRetention","outcome":"done"}"#.into(), "Apply retention: done"),
            (
                kind::VEHICLE_RECORDED,
                r#"{"recording":"00000000-0000-0000-0000-000000000001","started":1,"ended":2,"port":"p","signals":[],
                    "samples":1,"marks":[],"file":"","cut_short":true}"#
                    .into(),
                "Live data recorded: 0 signals, 1 sample, cut short",
            ),
            (
                kind::VEHICLE_CODES_CLEARED,
                r#"{"before":"00000000-0000-0000-0000-000000000001","codes":[{"code":"P0301","class":"stored","ecu":"7E8"},
                    {"code":"P0420","class":"permanent","ecu":"7E8"}],
                    "answers":[{"ecu":"7E8","name":"Engine","request":"04","outcome":"acknowledged"},
                    {"ecu":"7E9","name":"Transmission","request":"04","outcome":"silent"}]}"#
                    .into(),
                "1 code cleared: acknowledged by 1 of 2 ECUs",
            ),
            (
                kind::VEHICLE_CODES_CLEARED,
                r#"{"before":"00000000-0000-0000-0000-000000000001"}"#.into(),
                "Clearing 0 codes tried: no ECU acknowledged",
            ),
            (kind::VEHICLE_ATTACHED, r#"{"to":null}"#.into(), "Registration detached"),
            (
                kind::TELEMETRY_RECEIVED,
                r#"{"recording":"00000000-0000-0000-0000-000000000001","blocks":[{"s":"a","n":2,"h":""},{"s":"b","n":1,"h":""}]}"#
                    .into(),
                "3 samples sealed in 2 blocks",
            ),
            (
                kind::TELEMETRY_DROPPED,
                r#"{"blocks":["00"],"samples":1,"days":30}"#.into(),
                "1 single value older than 30 days dropped",
            ),
            (
                kind::NOTE_ADDED,
                format!(r#"{{"note":"00000000-0000-0000-0000-000000000001","text":{sealed}}}"#),
                "Note written",
            ),
            (
                kind::PHOTO_REMOVED,
                r#"{"photo":"00000000-0000-0000-0000-000000000001","removed":false}"#.into(),
                "Photo brought back",
            ),
            (
                kind::MEASUREMENT_ADDED,
                r#"{"measurement":"00000000-0000-0000-0000-000000000001","at":1,"confirmed":true,
                    "measured":{"what":"odometer","km":5.0}}"#
                    .into(),
                "Odometer reading typed in, confirmed against the readings around it",
            ),
            (
                kind::NOTIFICATION_FAILED,
                r#"{"message":"00000000-0000-0000-0000-000000000001","channel":"mail","attempts":1,"cause":"It refuses."}"#
                    .into(),
                "Message could not be sent through mail in 1 attempt: It refuses.",
            ),
            (
                kind::RISK_FLAGGED,
                r#"{"actor":"owner/browser","risk":0.5,"reasons":["20 exports in an hour, at most 10 expected"]}"#.into(),
                "Unusual behaviour of owner/browser, risk 0.50: 20 exports in an hour, at most 10 expected",
            ),
            (
                kind::READINGS_FLAGGED,
                r#"{"source":{"from":"visit","visit":"00000000-0000-0000-0000-000000000001"},"flags":[]}"#.into(),
                "Readings flagged: 0 values cannot be right",
            ),
            (
                kind::DIAGNOSIS_MADE,
                r#"{"source":{"from":"visit","visit":"00000000-0000-0000-0000-000000000001"},"at":1,"findings":[],
                    "absent":[{"key":"code/P0301/7E8","why":"It is gone."}]}"#
                    .into(),
                "Diagnosis made: nothing found; 1 earlier finding is not there any more",
            ),
            (kind::VEHICLE_CHECKED, "{}".into(), "vehicle.checked, which cannot be read"),
            ("a.b", "{}".into(), "a.b, which this version of Roadworthy does not know"),
        ];
        for (kind, payload, expect) in cases {
            assert_eq!(summary(kind, 1, &payload), expect);
        }
        assert!(summary(kind::PERSON_ADDED, 2, "{}").contains("does not know"));
    }
}
