//! Table `journal`: appended to, never changed.

use super::Fallible;
use crate::journal::{Event, Hash, Hlc, chain::Head, kind};
use roadworthy_api::{
    id::{DeviceId, EventId},
    journal::EventRow,
    system::Flag,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// Columns of an event, in the order of [`event`].
pub(crate) const COLUMNS: &str =
    "id, device, seq, version, hlc, kind, actor, correlation, causation, subject, payload, prev_hash, hash";

/// An event from a row whose first columns are [`COLUMNS`].
pub(crate) fn event(row: &Row<'_>) -> rusqlite::Result<Event> {
    Ok(Event {
        id: EventId::from_bytes(row.get(0)?),
        device: DeviceId::from_bytes(row.get(1)?),
        seq: unsigned(row, 2)?,
        version: row.get(3)?,
        hlc: Hlc(unsigned(row, 4)?),
        kind: row.get(5)?,
        actor: row.get(6)?,
        correlation: EventId::from_bytes(row.get(7)?),
        causation: row.get::<_, Option<[u8; 16]>>(8)?.map(EventId::from_bytes),
        subject: row.get(9)?,
        payload: row.get(10)?,
        prev_hash: row.get(11)?,
        hash: row.get(12)?,
    })
}

/// A column that is never negative.
pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let value: i64 = row.get(column)?;
    u64::try_from(value).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, value))
}

/// The bits of an unsigned number that is known to fit.
fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Appends an event that fits its chain.
pub(crate) fn insert(tx: &Connection, e: &Event) -> Fallible<()> {
    put(tx, &format!("insert into journal ({COLUMNS}) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"), e)
}

/// Runs an insert of [`COLUMNS`].
pub(crate) fn put(tx: &Connection, sql: &str, e: &Event) -> Fallible<()> {
    tx.prepare_cached(sql)?.execute(params![
        e.id.bytes(),
        e.device.bytes(),
        signed(e.seq),
        e.version,
        signed(e.hlc.0),
        e.kind,
        e.actor,
        e.correlation.bytes(),
        e.causation.map(EventId::bytes),
        e.subject,
        e.payload,
        e.prev_hash,
        e.hash,
    ])?;
    Ok(())
}

/// The end of a device's chain.
pub(crate) fn head(conn: &Connection, device: DeviceId) -> Fallible<Head> {
    let mut find =
        conn.prepare_cached("select seq, hash, hlc from journal where device = ? order by seq desc limit 1")?;
    let head = find.query_row([device.bytes()], |row| {
        Ok(Head { seq: unsigned(row, 0)?, hash: row.get(1)?, hlc: Hlc(unsigned(row, 2)?) })
    });
    Ok(head.optional()?.unwrap_or(Head::START))
}

/// Whether a device's chain has begun; reads no row.
pub(crate) fn begun(conn: &Connection, device: DeviceId) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from journal where device = ?")?.exists([device.bytes()])?)
}

/// Whether there are events at all.
pub(crate) fn any(conn: &Connection) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from journal")?.exists([])?)
}

/// Time of the event that arrived first.
pub(crate) fn began(conn: &Connection) -> Fallible<Option<roadworthy_api::Timestamp>> {
    let mut find = conn.prepare_cached("select hlc from journal order by arrival limit 1")?;
    Ok(find.query_row([], |row| Ok(Hlc(unsigned(row, 0)?).ms())).optional()?)
}

/// The greatest clock seen.
pub(crate) fn clock(conn: &Connection) -> Fallible<Hlc> {
    let greatest: Option<i64> = conn.prepare_cached("select max(hlc) from journal")?.query_row([], |row| row.get(0))?;
    Ok(Hlc(greatest.and_then(|v| u64::try_from(v).ok()).unwrap_or(0)))
}

/// The hash of the event at this place, if it is held.
pub(crate) fn hash_at(conn: &Connection, device: DeviceId, seq: u64) -> Fallible<Option<Hash>> {
    let mut find = conn.prepare_cached("select hash from journal where device = ? and seq = ?")?;
    Ok(find.query_row(params![device.bytes(), signed(seq)], |row| row.get(0)).optional()?)
}

/// Whether an event with this id is held.
pub(crate) fn holds(conn: &Connection, id: EventId) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from journal where id = ?")?.exists([id.bytes()])?)
}

/// Number of the newest arrival, 0 if there is none.
pub(crate) fn newest(conn: &Connection) -> Fallible<u64> {
    Ok(conn.prepare_cached("select coalesce(max(arrival), 0) from journal")?.query_row([], |row| unsigned(row, 0))?)
}

/// Whether somebody was forgotten since an arrival.
pub(crate) fn forgot_since(conn: &Connection, arrival: u64) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select 1 from journal where arrival > ? and kind = ?")?;
    Ok(find.exists(params![signed(arrival), kind::PERSON_FORGOTTEN])?)
}

/// Number of events.
pub(crate) fn count(conn: &Connection) -> Fallible<u64> {
    Ok(conn.prepare_cached("select count(*) from journal")?.query_row([], |row| unsigned(row, 0))?)
}

/// Whether every event after `arrival` is of this kind, and there is one.
pub(crate) fn only_kind_since(conn: &Connection, arrival: u64, kind: &str) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select count(*) > 0 and min(kind = ?2) from journal where arrival > ?1")?;
    Ok(find.query_row(params![signed(arrival), kind], |row| row.get::<_, Option<bool>>(0))?.unwrap_or(false))
}

/// Calls `with` for each event in the order of arrival.
pub(crate) fn each(conn: &Connection, mut with: impl FnMut(Event) -> Fallible<()>) -> Fallible<()> {
    let mut all = conn.prepare(&format!("select {COLUMNS} from journal order by arrival"))?;
    let mut rows = all.query([])?;
    while let Some(row) = rows.next()? {
        with(event(row)?)?;
    }
    Ok(())
}

/// Every event of a kind, in the order of arrival.
pub(crate) fn of_kind(conn: &Connection, kind: &str) -> Fallible<Vec<Event>> {
    let mut find = conn.prepare(&format!("select {COLUMNS} from journal where kind = ? order by arrival"))?;
    let rows = find.query_map([kind], event)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A device's events from `seq` on, at most `limit`: what another device asks for.
pub(crate) fn chain(conn: &Connection, device: DeviceId, seq: u64, limit: u32) -> Fallible<Vec<Event>> {
    let sql = format!("select {COLUMNS} from journal where device = ? and seq >= ? order by seq limit ?");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![device.bytes(), signed(seq), limit], event)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Devices whose chains are held, with the last place of each.
pub(crate) fn devices(conn: &Connection) -> Fallible<Vec<(DeviceId, u64)>> {
    let mut find = conn.prepare_cached("select device, max(seq) from journal group by device order by device")?;
    let rows = find.query_map([], |row| Ok((DeviceId::from_bytes(row.get(0)?), unsigned(row, 1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The story that an event belongs to, if it is held.
pub(crate) fn story(conn: &Connection, id: EventId) -> Fallible<Option<EventId>> {
    let mut find = conn.prepare_cached("select correlation from journal where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| row.get(0).map(EventId::from_bytes)).optional()?)
}

/// The event with this stamp, if it is held.
pub(crate) fn stamped(conn: &Connection, stamp: [u8; 24]) -> Fallible<Option<EventId>> {
    let (clock, device) = stamp.split_at(8);
    let clock = clock.iter().fold(0, |clock, byte| clock << 8 | u64::from(*byte));
    let mut find = conn.prepare_cached("select id from journal where hlc = ? and device = ?")?;
    Ok(find.query_row(params![signed(clock), device], |row| row.get(0)).optional()?.map(EventId::from_bytes))
}

/// One event.
pub(crate) fn get(conn: &Connection, id: EventId) -> Fallible<Option<Event>> {
    let mut find = conn.prepare_cached(&format!("select {COLUMNS} from journal where id = ?"))?;
    Ok(find.query_row([id.bytes()], event).optional()?)
}

/// The payload of one event.
pub(crate) fn payload(conn: &Connection, id: EventId) -> Fallible<Option<String>> {
    let mut find = conn.prepare_cached("select payload from journal where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| row.get(0)).optional()?)
}

/// Number of events with a personal field that one of these keys sealed: what erasing them makes unreadable.
pub(crate) fn sealed_with(conn: &Connection, keys: &[EventId]) -> Fallible<u64> {
    let list = serde_json::to_string(keys).unwrap_or_else(|_| "[]".into());
    let mut find = conn.prepare_cached(
        "select count(*) from journal where kind in ('person.added', 'person.edited', 'vehicle.registered',
            'vehicle.edited', 'note.added', 'note.edited', 'photo.added', 'photo.edited',
            'approval.granted', 'approval.refused', 'alert.closed')
         and exists (select 1 from json_each(?) where instr(payload, value) > 0)",
    )?;
    Ok(find.query_row([list], |row| unsigned(row, 0))?)
}

/// What the security monitor has flagged, newest first.
pub(crate) fn flags(conn: &Connection, limit: u32) -> Fallible<Vec<Flag>> {
    let mut find = conn.prepare_cached(
        "select hlc, version, payload from journal where kind = 'risk.flagged' order by arrival desc limit ?",
    )?;
    let rows = find
        .query_map([limit], |row| Ok((Hlc(unsigned(row, 0)?).ms(), row.get::<_, u32>(1)?, row.get::<_, String>(2)?)))?;
    let mut flags = Vec::new();
    for row in rows {
        let (at, version, payload) = row?;
        if version == kind::version(kind::RISK_FLAGGED)
            && let Ok(said) = serde_json::from_str::<kind::RiskFlagged>(&payload)
        {
            let reason = format!("{}.", said.reasons.join("; "));
            flags.push(Flag { at, actor: said.actor, risk: said.risk, reason });
        }
    }
    Ok(flags)
}

/// Every event about a subject, in words, oldest first.
pub(crate) fn about(conn: &Connection, subject: [u8; 16]) -> Fallible<Vec<EventRow>> {
    let mut find = conn.prepare_cached(
        "select arrival, id, hlc, kind, actor, version, payload from journal where subject = ? order by hlc, device",
    )?;
    let rows = find.query_map([subject], in_words)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn in_words(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let (kind, version, payload): (String, u32, String) = (row.get(3)?, row.get(5)?, row.get(6)?);
    Ok(EventRow {
        arrival: unsigned(row, 0)?,
        id: EventId::from_bytes(row.get(1)?),
        at: Hlc(unsigned(row, 2)?).ms(),
        summary: crate::journal::words::summary(&kind, version, &payload),
        kind,
        actor: row.get(4)?,
    })
}

/// The newest events before an arrival, in words.
pub(crate) fn list(conn: &Connection, before: Option<u64>, limit: u32) -> Fallible<Vec<EventRow>> {
    let mut find = conn.prepare_cached(
        "select arrival, id, hlc, kind, actor, version, payload from journal where arrival < ? order by arrival desc limit ?",
    )?;
    let rows = find.query_map(params![before.map_or(i64::MAX, signed), limit], in_words)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
