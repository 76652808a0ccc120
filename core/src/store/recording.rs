//! Table `recording` (said): what live sessions recorded. The samples are in blocks, those of older
//! versions in the stored file that the row names.

use super::{Fallible, registration, vehicle};
use crate::journal::{
    Event,
    kind::{Recorded, RecordedSignal},
};
use roadworthy_api::{
    id::{RecordingId, VehicleId},
    live::RecordingRow,
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

/// `vehicle.recorded`: the first writer of a recording's id, so that it never changes. A subject is whose it is.
pub(super) fn recorded(tx: &Connection, event: &Event, said: &Recorded) -> Fallible<()> {
    if let Some(id) = event.subject {
        registration::ensure(tx, id)?;
        vehicle::settle(tx, id)?;
    }
    let id = said.recording.bytes();
    let mut find = tx.prepare_cached("select stamp from recording where id = ?")?;
    if let Some(held) = find.query_row([id], |row| row.get::<_, [u8; 24]>(0)).optional()?
        && held <= event.stamp()
    {
        return Ok(());
    }
    tx.prepare_cached(
        "insert or replace into recording (id, stamp, registration, vin, started, ended, port, samples, signals, marks, file, cut_short)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        id,
        event.stamp(),
        event.subject,
        said.vin,
        said.started,
        said.ended,
        said.port,
        i64::try_from(said.samples).unwrap_or(i64::MAX),
        serde_json::to_string(&said.signals).unwrap_or_default(),
        serde_json::to_string(&said.marks).unwrap_or_default(),
        said.file,
        said.cut_short,
    ])?;
    Ok(())
}

const ROW: &str = "n.id, r.vehicle, n.started, n.ended, n.port, n.samples, n.signals, n.marks, n.cut_short";
/// One without a registration belongs to the vehicle that has its VIN. That is settled here and not when the event is applied,
/// since the vehicle may come later. Registrations with the same VIN are of one vehicle, so that any of them says which.
const FROM: &str = "recording n left join registration r
    on r.id = coalesce(n.registration, (select min(v.id) from registration v where v.vin = n.vin))";
const OF_VEHICLE: &str = "(n.registration in (select id from registration where vehicle = ?1)
    or (n.registration is null and n.vin is not null
        and n.vin in (select vin from registration where vehicle = ?1 and vin is not null)))";

fn row(row: &Row<'_>) -> rusqlite::Result<RecordingRow> {
    let signals: Vec<RecordedSignal> = json(row, 6)?;
    Ok(RecordingRow {
        id: RecordingId::from_bytes(row.get(0)?),
        vehicle: row.get::<_, Option<[u8; 16]>>(1)?.map(VehicleId::from_bytes),
        started: row.get(2)?,
        ended: row.get(3)?,
        port: row.get(4)?,
        samples: super::journal::unsigned(row, 5)?,
        signals: signals.into_iter().map(|s| s.label).collect(),
        marks: json(row, 7)?,
        cut_short: row.get(8)?,
    })
}

fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

/// Recordings of a vehicle, or all, newest first.
pub(crate) fn list(conn: &Connection, of: Option<VehicleId>, offset: u32, limit: u32) -> Fallible<Page<RecordingRow>> {
    let which = if of.is_some() { OF_VEHICLE } else { "?1 is null" };
    let of = of.map(VehicleId::bytes);
    let total = conn
        .prepare_cached(&format!("select count(*) from {FROM} where {which}"))?
        .query_row([of], |row| row.get(0))?;
    let sql = format!("select {ROW} from {FROM} where {which} order by n.started desc, n.id desc limit ?2 offset ?3");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![of, limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// One recording, with the hash of the file that holds it; empty: blocks do.
pub(crate) fn get(conn: &Connection, id: RecordingId) -> Fallible<Option<(RecordingRow, String)>> {
    let mut find = conn.prepare_cached(&format!("select {ROW}, n.file from {FROM} where n.id = ?"))?;
    Ok(find.query_row([id.bytes()], |r| Ok((row(r)?, r.get(9)?))).optional()?)
}

/// The signals of a recording, in the order in which they first came.
pub(crate) fn signals(conn: &Connection, id: RecordingId) -> Fallible<Vec<RecordedSignal>> {
    let mut find = conn.prepare_cached("select signals from recording where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| json(row, 0)).optional()?.unwrap_or_default())
}
