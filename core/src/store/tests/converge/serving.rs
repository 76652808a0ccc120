//! Service records, and imports of histories: what one says, whether its odometer counts, whether it is there.

use super::*;
use crate::journal::kind::{
    HistoryImportUndone, HistoryImported, OdometerJudged, ServiceCorrected, ServiceRecorded, ServiceRemoved,
    ServiceSaid, ServiceWords,
};
use roadworthy_api::{
    history::{HistoryMapping, HistoryReport},
    id::{ImportId, ServiceId},
    service::{Judgement, Meter, MeterUnit, OdometerDoubt, OdometerFlag, ServiceKind},
};

/// Each device may have written another record under the number.
fn said(
    w: &crate::store::Writing<'_>,
    vehicle: [u8; 16],
    event: EventId,
    id: ServiceId,
    with: u8,
    now: Timestamp,
) -> crate::store::Fallible<ServiceSaid> {
    let words = ServiceWords { description: format!("Work {with} of {now}"), ..ServiceWords::default() };
    let words = serde_json::to_string(&words).unwrap();
    let flag = OdometerFlag { what: OdometerDoubt::Below, reason: "Why.".into(), evidence: vec![] };
    Ok(ServiceSaid {
        service: id,
        day: "2026-11-20".into(),
        time: None,
        at: now - 1000,
        until: now,
        kind: if with == 3 { ServiceKind::Plan } else { ServiceKind::Repair },
        odometer: Some(Meter { value: f64::from(with) * 1000.0, unit: MeterUnit::Km }),
        cost: None,
        fuel: None,
        flag: (with == 2).then_some(flag),
        judged: (with == 1).then_some(Judgement::Accept),
        line: None,
        words: w.seal(vehicle, event, &crate::store::service::field(id), &words)?,
    })
}

pub(super) fn service(store: &Store, now: Timestamp, vehicle: [u8; 16], service: u8, what: u8, with: u8) {
    let id = ServiceId(0xe000 + u128::from(service));
    let import = ImportId(0xf000 + u128::from(with));
    match what {
        0 => try_say(store, now, kind::SERVICE_RECORDED, vehicle, |w, event| {
            let records = vec![said(w, vehicle, event, id, with, now)?];
            // Some are of a file.
            Ok(serde_json::to_value(ServiceRecorded { records, import: (with > 1).then_some(import) }).unwrap())
        })
        .unwrap(),
        1 => try_say(store, now, kind::SERVICE_CORRECTED, vehicle, |w, event| {
            let record = said(w, vehicle, event, id, with, now)?;
            Ok(serde_json::to_value(ServiceCorrected { record }).unwrap())
        })
        .unwrap(),
        2 => {
            let removed = ServiceRemoved { service: id, removed: with.is_multiple_of(2) };
            say(store, now, kind::SERVICE_REMOVED, vehicle, &removed);
        }
        3 => {
            let judged = match with {
                0 => None,
                1 => Some(Judgement::LeaveOut),
                2 => Some(Judgement::Unit { unit: MeterUnit::Mi }),
                _ => Some(Judgement::Accept),
            };
            say(store, now, kind::SERVICE_ODOMETER_JUDGED, vehicle, &OdometerJudged { service: id, judged });
        }
        4 => try_say(store, now, kind::HISTORY_IMPORTED, vehicle, |w, event| {
            let said = HistoryImported {
                import,
                name: w.seal(vehicle, event, "file", &format!("history of {now}.csv"))?,
                file: format!("{now:064x}"),
                bytes: 100,
                from: "2026-01-01".into(),
                to: "2026-11-20".into(),
                mapping: HistoryMapping::default(),
                report: HistoryReport { rows: 3, records: 3, ..HistoryReport::default() },
            };
            Ok(serde_json::to_value(said).unwrap())
        })
        .unwrap(),
        _ => say(store, now, kind::HISTORY_IMPORT_UNDONE, vehicle, &HistoryImportUndone { import }),
    }
}
