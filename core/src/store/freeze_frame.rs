//! Tables `freeze_frame` and `freeze_item` (said): values stored when a code was set.

use super::{
    Fallible,
    reading::{columns, value},
};
use roadworthy_api::{check::FreezeFrame, id::VisitId, reading::Item};
use rusqlite::{Connection, OptionalExtension, params};

/// Writes a visit's freeze frames.
pub(super) fn put(tx: &Connection, visit: [u8; 16], frames: &[FreezeFrame]) -> Fallible<()> {
    for (place, frame) in frames.iter().enumerate() {
        tx.prepare_cached("insert into freeze_frame values (?, ?, ?, ?, ?)")?.execute(params![
            visit,
            place,
            frame.ecu,
            frame.frame,
            frame.cause
        ])?;
        let mut insert = tx.prepare_cached("insert into freeze_item values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        for (i, item) in frame.items.iter().enumerate() {
            let (form, number, unit, text) = columns(&item.value);
            insert.execute(params![visit, place, i, item.pid, item.name, item.label, form, number, unit, text])?;
        }
    }
    Ok(())
}

/// The first freeze frame of an ECU in a visit that names this code as its cause.
pub(crate) fn caused(conn: &Connection, visit: VisitId, ecu: &str, cause: &str) -> Fallible<Option<FreezeFrame>> {
    let mut find = conn.prepare_cached(
        "select place, frame from freeze_frame where visit = ? and ecu = ? and cause = ? order by place limit 1",
    )?;
    let found = find.query_row(params![visit.bytes(), ecu, cause], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)));
    let Some((place, frame)) = found.optional()? else { return Ok(None) };
    let mut find = conn.prepare_cached(
        "select pid, name, label, form, number, unit, text from freeze_item where visit = ? and place = ? order by item",
    )?;
    let items = find.query_map(params![visit.bytes(), place], |row| {
        Ok(Item { pid: row.get(0)?, name: row.get(1)?, label: row.get(2)?, value: value(row, 3)? })
    })?;
    let items = items.collect::<rusqlite::Result<_>>()?;
    Ok(Some(FreezeFrame { ecu: ecu.to_owned(), frame, cause: cause.to_owned(), items }))
}
