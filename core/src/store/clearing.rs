//! Table `clearing` (said): what became of clearing codes, by the event that announced it.

use super::{Fallible, device::OURS, journal};
use crate::journal::{
    Event,
    kind::{ClearingUnknown, CodesCleared, CodesClearing},
};
use roadworthy_api::id::{DeviceId, EventId, VehicleId, VisitId};
use rusqlite::{Connection, OptionalExtension, Row, params, types::FromSqlError};

/// What is known of a clearing, as the column `became` counts it: the greater one is said last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Became {
    /// It was about to happen; nothing was said of it yet.
    Announced,
    /// Whoever did it ended before it could say.
    Unknown,
    /// What each ECU did is in the journal.
    Told,
}

fn became(row: &Row<'_>) -> rusqlite::Result<Became> {
    match row.get::<_, i64>(0)? {
        0 => Ok(Became::Announced),
        1 => Ok(Became::Unknown),
        2 => Ok(Became::Told),
        other => Err(FromSqlError::OutOfRange(other).into()),
    }
}

/// `vehicle.codes.clearing`.
pub(super) fn announced(tx: &Connection, event: &Event, said: &CodesClearing) -> Fallible<()> {
    put(tx, event.id, said.before, Became::Announced)
}

/// `vehicle.clearing.unknown`.
pub(super) fn unknown(tx: &Connection, said: &ClearingUnknown) -> Fallible<()> {
    put(tx, said.clearing, said.before, Became::Unknown)
}

/// `vehicle.codes.cleared`; one of an older version announced nothing.
pub(super) fn told(tx: &Connection, said: &CodesCleared) -> Fallible<()> {
    said.clearing.map_or(Ok(()), |clearing| put(tx, clearing, said.before, Became::Told))
}

/// All that is said of one names the same visit; were it otherwise, the least would count, whatever comes first.
fn put(tx: &Connection, id: EventId, visit: VisitId, became: Became) -> Fallible<()> {
    tx.prepare_cached(
        "insert into clearing (id, visit, became) values (?, ?, ?) on conflict (id) do update set
            visit = min(visit, excluded.visit), became = max(became, excluded.became)",
    )?
    .execute(params![id.bytes(), visit.bytes(), became as i64])?;
    Ok(())
}

/// Those that this device announced, also before it was restored, and of which nothing was said yet.
pub(crate) fn open(conn: &Connection, this: DeviceId) -> Fallible<Vec<EventId>> {
    let mut find = conn.prepare_cached(&format!(
        "select c.id from clearing c join journal j on j.id = c.id where c.became = 0 and j.device {OURS} order by j.arrival"
    ))?;
    let rows = find.query_map([this.bytes()], |row| row.get(0).map(EventId::from_bytes))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// What is known of one.
pub(crate) fn get(conn: &Connection, id: EventId) -> Fallible<Option<Became>> {
    let mut find = conn.prepare_cached("select became from clearing where id = ?")?;
    Ok(find.query_row([id.bytes()], became).optional()?)
}

/// What was said when it was announced, with the vehicle.
pub(crate) fn announcement(conn: &Connection, id: EventId) -> Fallible<Option<([u8; 16], CodesClearing)>> {
    let event = journal::get(conn, id)?;
    Ok(event.and_then(|event| Some((event.subject?, serde_json::from_str(&event.payload).ok()?))))
}

/// What became of clearing codes after this visit; none if nobody was about to.
pub(crate) fn after(conn: &Connection, visit: VisitId) -> Fallible<Option<Became>> {
    let mut find = conn.prepare_cached("select became from clearing where visit = ? order by became limit 1")?;
    Ok(find.query_row([visit.bytes()], became).optional()?)
}

/// Whether codes may have been cleared since the vehicle was last read to the end, and nobody knows.
pub(crate) fn doubtful(conn: &Connection, vehicle: VehicleId) -> Fallible<bool> {
    let mut find = conn.prepare_cached(
        "select n.id from visit n join registration r on r.id = n.registration
         where r.vehicle = ? and not n.partial order by n.ended desc, n.id desc limit 1",
    )?;
    let last = find.query_row([vehicle.bytes()], |row| row.get(0).map(VisitId::from_bytes)).optional()?;
    let became = last.map(|last| after(conn, last)).transpose()?.flatten();
    Ok(became.is_some_and(|became| became < Became::Told))
}
