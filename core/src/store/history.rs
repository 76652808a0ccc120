//! Table `history` (said): service histories that were imported from files. Their records are in the table `service`.

use super::{Fallible, journal::unsigned, registration, vehicle};
use crate::{
    journal::{
        Event,
        kind::{HistoryImportUndone, HistoryImported},
    },
    keys::Master,
};
use roadworthy_api::{
    history::{HistoryDetail, HistoryMapping, HistoryReport, HistoryRow},
    id::{ImportId, VehicleId},
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde::{Deserialize, Serialize};

/// What the table keeps as JSON.
#[derive(Serialize, Deserialize)]
struct Detail {
    mapping: HistoryMapping,
    report: HistoryReport,
}

fn ensure(tx: &Connection, registration: [u8; 16], id: ImportId) -> Fallible<()> {
    registration::ensure(tx, registration)?;
    tx.prepare_cached("insert or ignore into history (registration, id) values (?, ?)")?
        .execute(params![registration, id.bytes()])?;
    Ok(())
}

/// `history.imported`: first writer.
pub(super) fn imported(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    i: &HistoryImported,
) -> Fallible<()> {
    ensure(tx, vehicle, i.import)?;
    let name = registration::open(tx, master, event, vehicle, "file", &i.name)?;
    let detail = Detail { mapping: i.mapping.clone(), report: i.report.clone() };
    let layout = serde_json::to_value(i.mapping.history).ok();
    tx.prepare_cached(
        "update history set imported = ?3, at = ?4, by = ?5, name = ?6, name_key = ?7, file = ?8, bytes = ?9, layout = ?10,
            first_day = ?11, last_day = ?12, detail = ?13
         where registration = ?1 and id = ?2 and (imported is null or imported > ?3)",
    )?
    .execute(params![
        vehicle,
        i.import.bytes(),
        event.stamp(),
        event.hlc.ms(),
        event.actor,
        name,
        i.name.key.bytes(),
        i.file,
        i64::try_from(i.bytes).unwrap_or(i64::MAX),
        layout.as_ref().and_then(|l| l.as_str()).unwrap_or_default(),
        i.from,
        i.to,
        serde_json::to_string(&detail).unwrap_or_default(),
    ])?;
    vehicle::settle(tx, vehicle)
}

/// `history.import.undone`: set, and the first time of it is kept.
pub(super) fn undone(tx: &Connection, event: &Event, vehicle: [u8; 16], u: &HistoryImportUndone) -> Fallible<()> {
    ensure(tx, vehicle, u.import)?;
    tx.prepare_cached(
        "update history set undone = ?3, undone_at = ?4
         where registration = ?1 and id = ?2 and (undone_at is null or undone_at > ?4)",
    )?
    .execute(params![vehicle, u.import.bytes(), event.hlc.ms(), event.stamp()])?;
    vehicle::settle(tx, vehicle)
}

/// Part of `person.forgotten`: names of files that an erased key sealed go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update history set name = null where name is not null and";
    let mut erased = tx.prepare_cached(&format!("{GONE} name_key in (select key from erased_key)"))?.execute([])?;
    for vehicle in vehicles {
        let sql = format!("{GONE} registration = ?1 and (imported < ?2 or substr(name_key, 1, 6) <= substr(?2, 1, 6))");
        erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
    }
    Ok(erased)
}

const COLUMNS: &str = "h.id, r.vehicle, h.at, h.by, coalesce(h.name, ''), h.file, h.bytes, h.layout, h.first_day, h.last_day, h.undone, h.detail";
const FROM: &str = "from history h join registration r on r.id = h.registration where h.imported is not null";

fn detail(row: &Row<'_>) -> rusqlite::Result<HistoryDetail> {
    let (layout, said): (String, String) = (row.get(7)?, row.get(11)?);
    let bad = |column, e: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into());
    let Detail { mapping, report } = serde_json::from_str(&said).map_err(|e| bad(11, e))?;
    let row = HistoryRow {
        id: ImportId::from_bytes(row.get(0)?),
        vehicle: VehicleId::from_bytes(row.get(1)?),
        at: row.get(2)?,
        by: row.get(3)?,
        name: row.get(4)?,
        file: row.get(5)?,
        bytes: unsigned(row, 6)?,
        layout: serde_json::from_value(layout.into()).map_err(|e| bad(7, e))?,
        rows: report.rows,
        records: report.records,
        flagged: report.flagged,
        from: row.get(8)?,
        to: row.get(9)?,
        undone: row.get(10)?,
    };
    Ok(HistoryDetail { row, mapping, report })
}

/// Imports of a vehicle, or all, newest first.
pub(crate) fn list(conn: &Connection, of: Option<VehicleId>, offset: u32, limit: u32) -> Fallible<Page<HistoryRow>> {
    let of = of.map(VehicleId::bytes);
    let which = "(?1 is null or r.vehicle = ?1)";
    let total =
        conn.prepare_cached(&format!("select count(*) {FROM} and {which}"))?.query_row([of], |row| row.get(0))?;
    let sql = format!("select {COLUMNS} {FROM} and {which} order by h.at desc, h.id desc limit ?2 offset ?3");
    let mut find = conn.prepare_cached(&sql)?;
    let rows =
        find.query_map(params![of, limit, offset], |row| Ok(detail(row)?.row))?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// One of them, with the registration that it is of.
pub(crate) fn get(conn: &Connection, id: ImportId) -> Fallible<Option<(HistoryDetail, VehicleId)>> {
    let sql = format!("select {COLUMNS}, h.registration {FROM} and h.id = ? order by h.imported limit 1");
    let found = conn
        .prepare_cached(&sql)?
        .query_row([id.bytes()], |row| Ok((detail(row)?, VehicleId::from_bytes(row.get(12)?))))
        .optional()?;
    Ok(found)
}

/// The import that brought this very file to this vehicle, if one did that was not taken back.
pub(crate) fn same(conn: &Connection, vehicle: VehicleId, hash: &str) -> Fallible<Option<ImportId>> {
    let mut find = conn.prepare_cached(&format!(
        "select h.id {FROM} and h.undone is null and h.file = ?1
            and r.vehicle = (select vehicle from registration where id = ?2) limit 1"
    ))?;
    Ok(find.query_row(params![hash, vehicle.bytes()], |row| row.get(0)).optional()?.map(ImportId::from_bytes))
}
