//! Telemetry, messages, and what changes no table.

use super::*;
use crate::journal::kind::{
    Access, AdapterMeasured, BackupMade, BlockSaid, ClearingUnknown, CodesCleared, CodesClearing, DataExported,
    DecisionRequested, Exported, Notified, RecordingStarted, RiskFlagged, TelemetryDropped, TelemetryImportUndone,
    TelemetryImported, TelemetryReceived,
};
use roadworthy_api::{
    id::{ImportId, MessageId},
    import::{ImportReport, Mapping},
};

fn append(store: &Store, now: Timestamp, kind: &'static str, subject: Option<[u8; 16]>, payload: &impl Serialize) {
    let appended = store.write("engine/telemetry", now, |w| {
        let new = NewEvent::new(w.mint()?, kind, subject, payload)?;
        w.append(new)
    });
    appended.unwrap();
}

pub(super) fn telemetry(store: &Store, now: Timestamp, vehicle: Option<u8>, recording: u8, what: u8) {
    let (vehicle, recording) = (vehicle.map(vehicle_id), recording_id(recording));
    match what {
        0 => {
            let said = RecordingStarted { recording, started: now, port: "sim:petrol".into(), vin: None };
            append(store, now, kind::RECORDING_STARTED, vehicle, &said);
        }
        1 => {
            let block = BlockSaid { signal: "7E8:0C:engine_rpm".into(), n: 1200, hash: "00ff".into() };
            let said = TelemetryReceived { recording, blocks: vec![block] };
            append(store, now, kind::TELEMETRY_RECEIVED, vehicle, &said);
        }
        _ => {
            let said = TelemetryDropped { blocks: vec!["00ff".into()], samples: 1200, days: 90 };
            append(store, now, kind::TELEMETRY_DROPPED, None, &said);
        }
    }
}

/// Each device may have another file under the number.
pub(super) fn import(store: &Store, now: Timestamp, vehicle: [u8; 16], import: u8, undone: bool) {
    let import = ImportId(0xc000 + u128::from(import));
    if undone {
        say(store, now, kind::TELEMETRY_IMPORT_UNDONE, vehicle, &TelemetryImportUndone { import });
        return;
    }
    try_say(store, now, kind::TELEMETRY_IMPORTED, vehicle, |w, event| {
        let name = w.seal(vehicle, event, "file", &format!("trip of {now}.csv"))?;
        let report = ImportReport { rows: 7, rows_stored: 7, stored: 12, ..ImportReport::default() };
        let (file, mapping) = (format!("{now:064x}"), Mapping::default());
        let said = TelemetryImported {
            import,
            name,
            file,
            bytes: 100,
            dbc: None,
            from: now - 1000,
            to: now,
            signals: vec![],
            mapping,
            report,
        };
        Ok(serde_json::to_value(said).unwrap())
    })
    .unwrap();
}

/// Devices may have measured the same adapter, each at its own port and time.
pub(super) fn adapter(store: &Store, now: Timestamp, adapter: u8, age: i64) {
    let passport = roadworthy_obd::adapter::passport::judge(&Default::default(), now - age);
    let (key, port) = (format!("stn {adapter}"), format!("/dev/ttyUSB{}", age % 7));
    let said = AdapterMeasured { key, known_by: "its serial number".into(), port, passport };
    append(store, now, kind::ADAPTER_MEASURED, Some((0xb000 + u128::from(adapter)).to_be_bytes()), &said);
}

/// The newest announcement of clearing codes that the device knows; where it knows none, one that it never hears of.
fn announced(store: &Store) -> EventId {
    let known = store.read(|conn| crate::store::journal::of_kind(conn, kind::VEHICLE_CODES_CLEARING)).unwrap();
    known.last().map_or(EventId(0xe000), |event| event.id)
}

pub(super) fn message(store: &Store, now: Timestamp, vehicle: Option<u8>, what: u8) {
    let kinds = [kind::NOTIFICATION_SENT, kind::NOTIFICATION_FAILED, kind::NOTIFICATION_DROPPED];
    let said =
        Notified { message: MessageId(0xa000), channel: "mail".into(), alert: None, attempts: 2, cause: "Why.".into() };
    append(store, now, kinds[usize::from(what)], vehicle.map(vehicle_id), &said);
}

pub(super) fn told(store: &Store, now: Timestamp, vehicle: [u8; 16], what: u8) {
    match what {
        0 => {
            let said = Exported { visit: VisitId(0x3000), file: "f".repeat(64) };
            append(store, now, kind::REPORT_EXPORTED, Some(vehicle), &said);
        }
        1 => {
            let said = Access { call: "ListPeople".into(), outcome: "done".into() };
            append(store, now, kind::ACCESS_RECORDED, None, &said);
        }
        2 => {
            let said = RiskFlagged { actor: "owner/browser".into(), risk: 0.5, reasons: vec!["Why.".into()] };
            append(store, now, kind::RISK_FLAGGED, None, &said);
        }
        3 => {
            let said = BackupMade { name: "2026-11-20".into(), manifest: "00ff".into(), events: 7 };
            append(store, now, kind::BACKUP_MADE, None, &said);
        }
        4 => {
            let (before, after) = (VisitId(0x3000), Some(VisitId(0x3001)));
            let clearing = Some(announced(store));
            let said = CodesCleared { before, after, codes: vec![], answers: vec![], clearing };
            append(store, now, kind::VEHICLE_CODES_CLEARED, Some(vehicle), &said);
        }
        5 => {
            let said = CodesClearing { before: VisitId(0x3000), codes: vec![], requests: vec!["04".into()] };
            append(store, now, kind::VEHICLE_CODES_CLEARING, Some(vehicle), &said);
        }
        6 => {
            let said = ClearingUnknown { clearing: announced(store), before: VisitId(0x3000), codes: vec![] };
            append(store, now, kind::VEHICLE_CLEARING_UNKNOWN, Some(vehicle), &said);
        }
        7 => {
            let said = DataExported { what: "vehicle".into(), file: "f".repeat(64), bytes: 7 };
            append(store, now, kind::DATA_EXPORTED, Some(vehicle), &said);
        }
        _ => {
            let said = DecisionRequested { vehicle: VehicleId::from_bytes(vehicle) };
            append(store, now, kind::DECISION_REQUESTED, Some(vehicle), &said);
        }
    }
}
