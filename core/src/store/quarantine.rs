//! Table `quarantine`: events of other devices whose time has not come, see [`crate::journal::chain`].

use super::{Fallible, journal};
use crate::journal::{Event, Hlc, chain::Head};
use roadworthy_api::{
    Timestamp,
    id::{DeviceId, EventId},
};
use rusqlite::{Connection, OptionalExtension, params};

/// Whether there is anything.
pub(crate) fn any(conn: &Connection) -> Fallible<bool> {
    Ok(conn.query_row("select exists (select 1 from quarantine)", [], |row| row.get(0))?)
}

/// Devices with events here.
pub(crate) fn devices(conn: &Connection) -> Fallible<Vec<DeviceId>> {
    let mut find = conn.prepare_cached("select distinct device from quarantine order by device")?;
    let rows = find.query_map([], |row| Ok(DeviceId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// The end of a device's chain here, if any of it is here.
pub(crate) fn head(conn: &Connection, device: DeviceId) -> Fallible<Option<Head>> {
    let mut find =
        conn.prepare_cached("select seq, hash, hlc from quarantine where device = ? order by seq desc limit 1")?;
    let head = find.query_row([device.bytes()], |row| {
        Ok(Head { seq: journal::unsigned(row, 0)?, hash: row.get(1)?, hlc: Hlc(journal::unsigned(row, 2)?) })
    });
    Ok(head.optional()?)
}

/// The hash of the event held here at this place.
pub(crate) fn hash_at(conn: &Connection, device: DeviceId, seq: u64) -> Fallible<Option<[u8; 32]>> {
    let mut find = conn.prepare_cached("select hash from quarantine where device = ? and seq = ?")?;
    Ok(find.query_row(params![device.bytes(), i64::try_from(seq).unwrap_or(-1)], |row| row.get(0)).optional()?)
}

/// Whether an event with this id is held here.
pub(crate) fn holds(conn: &Connection, id: EventId) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from quarantine where id = ?")?.exists([id.bytes()])?)
}

/// Sets an event aside that fits the device's chain.
pub(crate) fn insert(tx: &Connection, event: &Event, now: Timestamp) -> Fallible<()> {
    let columns = journal::COLUMNS;
    let sql =
        format!("insert into quarantine ({columns}, received) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, {now})");
    journal::put(tx, &sql, event)
}

/// Takes the first event of a device out, if its clock is no longer too far ahead.
pub(crate) fn release(tx: &Connection, device: DeviceId, now: Timestamp) -> Fallible<Option<Event>> {
    let sql = format!("select {} from quarantine where device = ? order by seq limit 1", journal::COLUMNS);
    let first = tx.prepare_cached(&sql)?.query_row([device.bytes()], journal::event).optional()?;
    let Some(event) = first.filter(|e| !e.hlc.too_far_ahead(now)) else { return Ok(None) };
    tx.prepare_cached("delete from quarantine where id = ?")?.execute([event.id.bytes()])?;
    Ok(Some(event))
}
