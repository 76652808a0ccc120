//! Table `diagnosis` (said): what was found in visits and recordings.

use super::{Fallible, registration, vehicle};
use crate::journal::{
    Event,
    kind::{Absent, DiagnosisMade},
};
use roadworthy_api::{
    Timestamp,
    finding::{Diagnosis, Finding, FindingRow, Severity, Source},
    id::{RecordingId, VehicleId, VisitId},
};
use rusqlite::{Connection, Row, params, types::FromSqlError};
use serde::{Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// Diagnoses that are looked back on for what is still open: years of them, and bounded.
const BACK: u32 = 500;

/// A source's id and whether it is a visit.
pub(super) fn source_bytes(source: &Source) -> ([u8; 16], bool) {
    match source {
        Source::Visit { visit } => (visit.bytes(), true),
        Source::Recording { recording } => (recording.bytes(), false),
    }
}

/// `diagnosis.made`: each event is a row of its own.
pub(super) fn made(tx: &Connection, event: &Event, id: [u8; 16], made: &DiagnosisMade) -> Fallible<()> {
    registration::ensure(tx, id)?;
    let (source, from_visit) = source_bytes(&made.source);
    tx.prepare_cached(
        "insert or ignore into diagnosis (event, stamp, registration, source, from_visit, at, findings, absent, limits)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        event.id.bytes(),
        event.stamp(),
        id,
        source,
        from_visit,
        made.at,
        serde_json::to_string(&made.findings).unwrap_or_default(),
        serde_json::to_string(&made.absent).unwrap_or_default(),
        serde_json::to_string(&made.limits).unwrap_or_default(),
    ])?;
    vehicle::settle(tx, id)
}

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|_| FromSqlError::InvalidType.into())
}

/// What was made of one source.
#[derive(Serialize)]
pub(crate) struct Made {
    source: Source,
    at: Timestamp,
    findings: Vec<Finding>,
    absent: Vec<Absent>,
    limits: Vec<String>,
}

/// The newest diagnoses of a vehicle, oldest first.
fn newest(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Made>> {
    made_of(conn, vehicle, BACK)
}

/// Every diagnosis of a vehicle, oldest first.
pub(crate) fn every(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Made>> {
    made_of(conn, vehicle, u32::MAX)
}

fn made_of(conn: &Connection, vehicle: VehicleId, most: u32) -> Fallible<Vec<Made>> {
    let mut find = conn.prepare_cached(
        "select d.source, d.from_visit, d.at, d.findings, d.absent, d.limits
         from registration r join diagnosis d on d.registration = r.id where r.vehicle = ?
         order by d.at desc, d.stamp desc limit ?",
    )?;
    let rows = find.query_map(params![vehicle.bytes(), most], |row| {
        let (id, visit): ([u8; 16], bool) = (row.get(0)?, row.get(1)?);
        let source = match visit {
            true => Source::Visit { visit: VisitId::from_bytes(id) },
            false => Source::Recording { recording: RecordingId::from_bytes(id) },
        };
        Ok(Made { source, at: row.get(2)?, findings: json(row, 3)?, absent: json(row, 4)?, limits: json(row, 5)? })
    })?;
    let mut all: Vec<Made> = rows.collect::<rusqlite::Result<_>>()?;
    all.reverse();
    Ok(all)
}

/// Findings of a vehicle that no later diagnosis found absent, each as it was seen last.
pub(crate) fn open(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Finding>> {
    let mut open: BTreeMap<String, Finding> = BTreeMap::new();
    for made in newest(conn, vehicle)? {
        for absent in &made.absent {
            open.remove(&absent.key);
        }
        open.extend(made.findings.into_iter().map(|f| (f.key.clone(), f)));
    }
    Ok(open.into_values().collect())
}

/// What was said of a recording so far: each key with how much it pressed.
pub(crate) fn said(conn: &Connection, recording: RecordingId) -> Fallible<BTreeMap<String, Severity>> {
    let mut find = conn.prepare_cached("select findings from diagnosis where source = ? and from_visit = 0")?;
    let rows = find.query_map([recording.bytes()], |row| json::<Vec<Finding>>(row, 0))?;
    let mut said = BTreeMap::new();
    for finding in rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten() {
        let held = said.entry(finding.key).or_insert(finding.severity);
        *held = finding.severity.max(*held);
    }
    Ok(said)
}

/// When a visit was diagnosed, if no other visit of the vehicle was since.
pub(crate) fn of_visit(conn: &Connection, vehicle: VehicleId, visit: VisitId) -> Fallible<Option<Timestamp>> {
    let newest = newest(conn, vehicle)?.into_iter().rfind(|made| matches!(made.source, Source::Visit { .. }));
    Ok(newest.filter(|made| made.source == Source::Visit { visit }).map(|made| made.at))
}

/// What the newest visit's diagnosis says, and the recordings' after it.
pub(crate) fn get(conn: &Connection, vehicle: VehicleId) -> Fallible<Diagnosis> {
    let all = newest(conn, vehicle)?;
    let newest_visit = all.iter().rposition(|m| matches!(m.source, Source::Visit { .. }));
    let mut diagnosis = Diagnosis { vehicle, findings: Vec::new(), visit: None, limits: Vec::new() };
    for made in all.into_iter().skip(newest_visit.unwrap_or(0)) {
        let Made { source, at, findings, limits, .. } = made;
        if let Source::Visit { visit } = source {
            (diagnosis.visit, diagnosis.limits) = (Some(visit), limits);
        }
        for finding in findings {
            // A recording says a key again when it presses more; two recordings may both have it.
            diagnosis.findings.retain(|row| row.finding.key != finding.key);
            diagnosis.findings.push(FindingRow { finding, source, at });
        }
    }
    diagnosis.findings.sort_by(|a, b| {
        let (x, y) = (&a.finding, &b.finding);
        y.severity.cmp(&x.severity).then(y.confidence.total_cmp(&x.confidence)).then_with(|| x.key.cmp(&y.key))
    });
    Ok(diagnosis)
}
