//! Table `reading_flag` (said): readings that cannot be right.

use super::{Fallible, diagnosis::source_bytes, registration, vehicle};
use crate::journal::{
    Event,
    kind::{ReadingFlag, ReadingsFlagged},
};
use roadworthy_api::{finding::Source, id::VehicleId};
use rusqlite::{Connection, Row, params};

/// `vehicle.readings.flagged`: first writer of a source, signal and kind.
pub(super) fn flagged(tx: &Connection, event: &Event, said: &ReadingsFlagged) -> Fallible<()> {
    if let Some(id) = event.subject {
        registration::ensure(tx, id)?;
        vehicle::settle(tx, id)?;
    }
    let (source, from_visit) = source_bytes(&said.source);
    let mut put = tx.prepare_cached(
        "insert into reading_flag (source, ecu, signal, what, stamp, registration, from_visit, reason, at, samples)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict do update set stamp = excluded.stamp, registration = excluded.registration,
            from_visit = excluded.from_visit, reason = excluded.reason, at = excluded.at, samples = excluded.samples
         where excluded.stamp < stamp",
    )?;
    for f in &said.flags {
        let samples = i64::try_from(f.samples).unwrap_or(i64::MAX);
        let stamp = event.stamp();
        put.execute(params![
            source,
            f.ecu,
            f.signal,
            f.what,
            stamp,
            event.subject,
            from_visit,
            f.reason,
            f.at,
            samples
        ])?;
    }
    Ok(())
}

/// What was flagged in a visit or a recording.
pub(crate) fn of(conn: &Connection, source: &Source) -> Fallible<Vec<ReadingFlag>> {
    let mut find = conn.prepare_cached(
        "select signal, ecu, what, reason, at, samples from reading_flag where source = ? order by ecu, signal, what",
    )?;
    let rows = find.query_map([source_bytes(source).0], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<ReadingFlag> {
    Ok(ReadingFlag {
        signal: row.get(0)?,
        ecu: row.get(1)?,
        what: row.get(2)?,
        reason: row.get(3)?,
        at: row.get(4)?,
        samples: super::journal::unsigned(row, 5)?,
    })
}

/// What was flagged of a vehicle, oldest first: the id of the visit, recording or import, and the flag.
pub(crate) fn of_vehicle(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<(uuid::Uuid, ReadingFlag)>> {
    let mut find = conn.prepare_cached(
        "select f.signal, f.ecu, f.what, f.reason, f.at, f.samples, f.source
         from registration r join reading_flag f on f.registration = r.id where r.vehicle = ?
         order by f.at, f.source, f.ecu, f.signal, f.what",
    )?;
    let rows = find.query_map([vehicle.bytes()], |r| Ok((uuid::Uuid::from_bytes(r.get(6)?), row(r)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether a check of this vehicle said that its engine may rest while it drives: a traction battery (PID 5B) or its fuel
/// (PID 51).
pub(crate) fn is_hybrid(conn: &Connection, vehicle: VehicleId) -> Fallible<bool> {
    let mut find = conn.prepare_cached(
        "select 1 from registration r join visit n on n.registration = r.id join reading g on g.visit = n.id
         where r.vehicle = ? and (g.pid = '5B' and g.form = 'number'
            or g.pid = '51' and (instr(g.text, 'hybrid') > 0 or g.text = 'electric')) limit 1",
    )?;
    Ok(find.exists([vehicle.bytes()])?)
}
