//! What events do to tables. Nothing else changes a table marked as said.
//!
//! Rules, so that devices which hold the same events hold the same tables, whatever the order of arrival:
//!
//! | what | rule |
//! |---|---|
//! | VIN, plate, name, owner of a registration; each detail of a person; name of a device | last writer by `(hlc, device)` |
//! | what a registration is attached to | last writer; it counts while the registration has no VIN |
//! | registrations of one VIN, and those attached to one another | one vehicle, whose id is the least of theirs; its fields by the last writer among them |
//! | visit | first writer of that visit id by `(hlc, device)`; never changed after, but that it shows its newest decoding |
//! | decoding of a visit | every one, by its event; shown is the greatest decoder's, of several the last writer's |
//! | diagnosis | every one, by its event |
//! | flag of a reading | first writer of that source, signal and kind |
//! | recording | first writer of that recording id; never changed after |
//! | note, photo, measurement | as added: first writer of that id; text, caption, removed: last writer |
//! | decision | as made: first writer; severity and action: last writer; asked, overtaken, gone: set, never taken back; answer: first writer |
//! | alert | as raised: first writer; what was seen, severity, how it stands, whether it is closed: last writer of each; a sighting opens it |
//! | times seen, escalations | sum |
//! | adapter | last writer of that adapter, all of it; measured first: minimum |
//! | pin | last writer of that pin id, all of it |
//! | import | first writer of that id; undone: set, never taken back, and its blocks go from wherever they are |
//! | clearing of codes | what was said of it beats that nobody knows, and that beats that it is about to happen |
//! | service record | as recorded: first writer of that id; what it says, what is said of its odometer, removed: last writer |
//! | import of a history | as an import; its records count while it is not undone |
//! | erased keys | set; only grows. What an erased key sealed is absent |
//! | forgotten | once, for ever; it clears all details and ownership, and plates and names written before it or with a key from before it |
//! | vehicle | made anew from registrations and visits, see [`super::vehicle::settle`] |
//!
//! An event may come before those it builds on, so each rule makes the row it needs.

use super::{
    Fallible, adapter, alert, clearing, decision, device, diagnosis, history, import, measurement, note, person, photo,
    pin, reading_flag, recording, registration, service, visit,
};
use crate::{
    journal::{Event, kind},
    keys::Master,
};
use rusqlite::Connection;
use serde::de::DeserializeOwned;

/// What an event did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Known, and in the tables.
    Done,
    /// Of a kind, version or form that this build does not know; kept, and changes nothing.
    Unknown,
}

/// Applies one event that is in the journal already, in the transaction that put it there.
pub(crate) fn apply(tx: &Connection, master: &Master, event: &Event) -> Fallible<Applied> {
    if event.version != kind::version(&event.kind) {
        return Ok(Applied::Unknown);
    }
    let known = match event.kind.as_str() {
        kind::VEHICLE_REGISTERED | kind::VEHICLE_EDITED => {
            with(event, |subject, fields| registration::edited(tx, master, event, subject, &fields))?
        }
        kind::VEHICLE_OWNER_SET => with(event, |subject, set| registration::owner_set(tx, event, subject, &set))?,
        kind::VEHICLE_ATTACHED => with(event, |subject, to| registration::attached(tx, event, subject, &to))?,
        kind::NOTE_ADDED | kind::NOTE_EDITED => {
            with(event, |subject, text| note::written(tx, master, event, subject, &text))?
        }
        kind::NOTE_REMOVED => with(event, |subject, what| note::removed(tx, event, subject, &what))?,
        kind::PHOTO_ADDED => with(event, |subject, added| photo::added(tx, master, event, subject, &added))?,
        kind::PHOTO_EDITED => with(event, |subject, edited| photo::edited(tx, master, event, subject, &edited))?,
        kind::PHOTO_REMOVED => with(event, |subject, what| photo::removed(tx, event, subject, &what))?,
        kind::MEASUREMENT_ADDED => with(event, |subject, added| measurement::added(tx, event, subject, &added))?,
        kind::MEASUREMENT_REMOVED => with(event, |subject, what| measurement::removed(tx, event, subject, &what))?,
        kind::ADAPTER_MEASURED => with(event, |subject, said| adapter::measured(tx, event, subject, &said))?,
        kind::TELEMETRY_PINNED => with(event, |subject, said| pin::pinned(tx, event, subject, &said))?,
        kind::TELEMETRY_IMPORTED => with(event, |subject, said| import::imported(tx, master, event, subject, &said))?,
        kind::TELEMETRY_IMPORT_UNDONE => with(event, |subject, said| import::undone(tx, event, subject, &said))?,
        kind::SERVICE_RECORDED => with(event, |subject, said| service::recorded(tx, master, event, subject, &said))?,
        kind::SERVICE_CORRECTED => with(event, |subject, said| service::corrected(tx, master, event, subject, &said))?,
        kind::SERVICE_REMOVED => with(event, |subject, what| service::removed(tx, event, subject, &what))?,
        kind::SERVICE_ODOMETER_JUDGED => with(event, |subject, what| service::judged(tx, event, subject, &what))?,
        kind::HISTORY_IMPORTED => with(event, |subject, said| history::imported(tx, master, event, subject, &said))?,
        kind::HISTORY_IMPORT_UNDONE => with(event, |subject, said| history::undone(tx, event, subject, &said))?,
        kind::VEHICLE_CHECKED => with(event, |subject, checked| visit::checked(tx, event, subject, &checked))?,
        kind::VISIT_REDECODED => with(event, |_, said| visit::redecoded(tx, event, &said))?,
        kind::PERSON_ADDED | kind::PERSON_EDITED => {
            with(event, |subject, fields| person::edited(tx, master, event, subject, &fields))?
        }
        kind::PERSON_FORGOTTEN => with(event, |subject, forgot| person::forgotten(tx, event, subject, &forgot))?,
        kind::DEVICE_NAMED => with(event, |subject, named| device::named(tx, event, subject, &named))?,
        kind::REPORT_EXPORTED => with(event, |_, _: kind::Exported| Ok(()))?,
        kind::DECISION_MADE => with(event, |subject, made| decision::made(tx, event, subject, &made))?,
        kind::DECISION_ESCALATED => with(event, |_, up| decision::escalated(tx, event, &up))?,
        kind::DECISION_OVERTAKEN => with(event, |_, over| decision::overtaken(tx, &over))?,
        kind::APPROVAL_REQUESTED => with(event, |_, asked| decision::asked(tx, event, &asked))?,
        kind::APPROVAL_GRANTED | kind::APPROVAL_REFUSED => {
            with(event, |subject, said| decision::answered(tx, master, event, subject, &said))?
        }
        kind::ALERT_CREATED => with(event, |subject, made| alert::created(tx, event, subject, &made))?,
        kind::ALERT_REPEATED => with(event, |_, again| alert::repeated(tx, event, &again))?,
        kind::ALERT_ACKNOWLEDGED => with(event, |_, said| alert::acknowledged(tx, event, &said))?,
        kind::ALERT_SNOOZED => with(event, |_, said| alert::snoozed(tx, event, &said))?,
        kind::ALERT_ESCALATED => with(event, |_, up| alert::escalated(tx, event, &up))?,
        kind::ALERT_CLOSED => with(event, |subject, said| alert::closed(tx, master, event, subject, &said))?,
        // Its subject is absent where the vehicle was not known.
        kind::VEHICLE_RECORDED => match read(event) {
            Some(said) => recording::recorded(tx, event, &said).map(|()| true)?,
            None => false,
        },
        kind::DIAGNOSIS_MADE => with(event, |subject, made| diagnosis::made(tx, event, subject, &made))?,
        // As with a recording.
        kind::READINGS_FLAGGED => match read(event) {
            Some(said) => reading_flag::flagged(tx, event, &said).map(|()| true)?,
            None => false,
        },
        kind::VEHICLE_CODES_CLEARING => with(event, |_, said| clearing::announced(tx, event, &said))?,
        kind::VEHICLE_CLEARING_UNKNOWN => with(event, |_, said| clearing::unknown(tx, &said))?,
        kind::VEHICLE_CODES_CLEARED => with(event, |_, said| clearing::told(tx, &said))?,
        kind::DECISION_REQUESTED => read::<kind::DecisionRequested>(event).is_some(),
        kind::RECORDING_STARTED => read::<kind::RecordingStarted>(event).is_some(),
        kind::TELEMETRY_RECEIVED => read::<kind::TelemetryReceived>(event).is_some(),
        kind::TELEMETRY_DROPPED => read::<kind::TelemetryDropped>(event).is_some(),
        kind::JOURNAL_REBUILT => read::<kind::Rebuilt>(event).is_some(),
        kind::DATA_EXPORTED => read::<kind::DataExported>(event).is_some(),
        kind::ACCESS_RECORDED => read::<kind::Access>(event).is_some(),
        kind::BACKUP_MADE => read::<kind::BackupMade>(event).is_some(),
        kind::BACKUP_RESTORED => read::<kind::BackupRestored>(event).is_some(),
        kind::NOTIFICATION_SENT | kind::NOTIFICATION_FAILED | kind::NOTIFICATION_DROPPED => {
            read::<kind::Notified>(event).is_some()
        }
        kind::RISK_FLAGGED => read::<kind::RiskFlagged>(event).is_some(),
        _ => false,
    };
    Ok(if known { Applied::Done } else { Applied::Unknown })
}

fn read<T: DeserializeOwned>(event: &Event) -> Option<T> {
    serde_json::from_str(&event.payload).ok()
}

/// Runs `work` with subject and payload; `false` if either cannot be read.
fn with<T: DeserializeOwned>(event: &Event, work: impl FnOnce([u8; 16], T) -> Fallible<()>) -> Fallible<bool> {
    let (Some(subject), Some(payload)) = (event.subject, read(event)) else { return Ok(false) };
    work(subject, payload)?;
    Ok(true)
}
