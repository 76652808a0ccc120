//! Tables `import` (said) and `import_stage` (local): what was imported, and blocks on their way in or out.
//!
//! Blocks of an import are put in signals of its own, which no vehicle has, batch by batch; one short transaction then makes them
//! the vehicle's ([`publish`]), and another makes them nobody's again ([`unpublish`]). What is staged and belongs to no import
//! that runs is cleared away piece by piece.

use super::{Fallible, block, journal::unsigned, pin, registration, vehicle};
use crate::{
    journal::{
        Event,
        kind::{TelemetryImportUndone, TelemetryImported},
    },
    keys::Master,
    telemetry::seal::Ready,
};
use roadworthy_api::{
    Code, Error,
    id::{EventId, ImportId, RecordingId, VehicleId},
    import::{ImportReport, ImportRow, Layout, Mapping},
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde::{Deserialize, Serialize};

/// What the table keeps as JSON.
#[derive(Serialize, Deserialize)]
struct Said {
    signals: Vec<String>,
    mapping: Mapping,
    report: ImportReport,
}

fn ensure(tx: &Connection, registration: [u8; 16], id: ImportId) -> Fallible<()> {
    registration::ensure(tx, registration)?;
    tx.prepare_cached("insert or ignore into import (registration, id) values (?, ?)")?
        .execute(params![registration, id.bytes()])?;
    Ok(())
}

/// A layout as the table has it.
fn word(layout: Layout) -> String {
    serde_json::to_value(layout).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// `telemetry.imported`: first writer.
pub(super) fn imported(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    i: &TelemetryImported,
) -> Fallible<()> {
    ensure(tx, vehicle, i.import)?;
    let name = registration::open(tx, master, event, vehicle, "file", &i.name)?;
    let said = Said {
        signals: i.signals.iter().map(|s| s.label.clone()).collect(),
        mapping: i.mapping.clone(),
        report: i.report.clone(),
    };
    let big = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
    tx.prepare_cached(
        "update import set imported = ?3, at = ?4, by = ?5, name = ?6, name_key = ?7, file = ?8, bytes = ?9, layout = ?10,
            rows = ?11, samples = ?12, rejected = ?13, from_ms = ?14, to_ms = ?15, said = ?16
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
        big(i.bytes),
        word(i.mapping.layout),
        big(i.report.rows),
        big(i.report.stored),
        big(i.report.rejected_cells()),
        i.from,
        i.to,
        serde_json::to_string(&said).unwrap_or_default(),
    ])?;
    vehicle::settle(tx, vehicle)
}

/// `telemetry.import.undone`: set, and the first time of it is kept. Whoever has the blocks lets go of them.
pub(super) fn undone(tx: &Connection, event: &Event, vehicle: [u8; 16], u: &TelemetryImportUndone) -> Fallible<()> {
    ensure(tx, vehicle, u.import)?;
    tx.prepare_cached(
        "update import set undone = ?3, undone_at = ?4
         where registration = ?1 and id = ?2 and (undone_at is null or undone_at > ?4)",
    )?
    .execute(params![vehicle, u.import.bytes(), event.hlc.ms(), event.stamp()])?;
    unpublish(tx, u.import)?;
    vehicle::settle(tx, vehicle)
}

/// Part of `person.forgotten`: names of files that an erased key sealed go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update import set name = null where name is not null and";
    let mut erased = tx.prepare_cached(&format!("{GONE} name_key in (select key from erased_key)"))?.execute([])?;
    for vehicle in vehicles {
        let sql = format!("{GONE} registration = ?1 and (imported < ?2 or substr(name_key, 1, 6) <= substr(?2, 1, 6))");
        erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
    }
    Ok(erased)
}

const COLUMNS: &str =
    "i.id, r.vehicle, i.at, i.by, coalesce(i.name, ''), i.file, i.bytes, i.layout, i.rows, i.samples, i.rejected,
    i.from_ms, i.to_ms, i.undone, json_extract(i.said, '$.signals')";
const FROM: &str = "from import i join registration r on r.id = i.registration where i.imported is not null";

fn row(row: &Row<'_>) -> rusqlite::Result<ImportRow> {
    let (layout, signals): (String, String) = (row.get(7)?, row.get(14)?);
    let bad = |column, e: serde_json::Error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into());
    Ok(ImportRow {
        id: ImportId::from_bytes(row.get(0)?),
        vehicle: VehicleId::from_bytes(row.get(1)?),
        at: row.get(2)?,
        by: row.get(3)?,
        name: row.get(4)?,
        file: row.get(5)?,
        bytes: unsigned(row, 6)?,
        layout: serde_json::from_value(layout.into()).map_err(|e| bad(7, e))?,
        rows: unsigned(row, 8)?,
        samples: unsigned(row, 9)?,
        rejected: unsigned(row, 10)?,
        from: row.get(11)?,
        to: row.get(12)?,
        undone: row.get(13)?,
        signals: serde_json::from_str(&signals).map_err(|e| bad(14, e))?,
    })
}

/// Imports of a vehicle, or all, newest first.
pub(crate) fn list(conn: &Connection, of: Option<VehicleId>, offset: u32, limit: u32) -> Fallible<Page<ImportRow>> {
    let of = of.map(VehicleId::bytes);
    let which = "(?1 is null or r.vehicle = ?1)";
    let total =
        conn.prepare_cached(&format!("select count(*) {FROM} and {which}"))?.query_row([of], |row| row.get(0))?;
    let sql = format!("select {COLUMNS} {FROM} and {which} order by i.at desc, i.id desc limit ?2 offset ?3");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![of, limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// One of them, with the registration that it is of, its mapping and its account.
pub(crate) fn get(conn: &Connection, id: ImportId) -> Fallible<Option<(ImportRow, VehicleId, Mapping, ImportReport)>> {
    let sql = format!("select {COLUMNS}, i.registration, i.said {FROM} and i.id = ? order by i.imported limit 1");
    let found = conn
        .prepare_cached(&sql)?
        .query_row([id.bytes()], |r| Ok((row(r)?, r.get::<_, [u8; 16]>(15)?, r.get::<_, String>(16)?)))
        .optional()?;
    let Some((row, registration, said)) = found else { return Ok(None) };
    let said: Said = serde_json::from_str(&said).map_err(|e| {
        Error::new(Code::DatabaseUnusable, format!("What was said of the import cannot be read ({e})."))
            .hint("Run `roadworthy journal rebuild`.")
    })?;
    Ok(Some((row, VehicleId::from_bytes(registration), said.mapping, said.report)))
}

/// The import that brought this very file, if one did that was not taken back; with no hash, any file of that size.
pub(crate) fn same(conn: &Connection, bytes: u64, hash: Option<&str>) -> Fallible<Option<ImportId>> {
    let mut find = conn.prepare_cached(
        "select id from import where imported is not null and undone is null and bytes = ?1 and (?2 is null or file = ?2) limit 1",
    )?;
    let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
    Ok(find.query_row(params![bytes, hash], |row| row.get(0)).optional()?.map(ImportId::from_bytes))
}

fn recording(id: ImportId) -> RecordingId {
    RecordingId(id.0)
}

/// Notes that an import begins to put blocks in.
pub(crate) fn begin(tx: &Connection, id: ImportId) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into import_stage (import) values (?)")?.execute([id.bytes()])?;
    Ok(())
}

/// Everything that is staged.
pub(crate) fn staged(conn: &Connection) -> Fallible<Vec<ImportId>> {
    let mut find = conn.prepare_cached("select import from import_stage")?;
    let rows = find.query_map([], |row| Ok(ImportId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Puts blocks in that an event which is yet to come will name; their hashes.
pub(crate) fn stage(
    tx: &Connection,
    id: ImportId,
    registration: VehicleId,
    event: EventId,
    ready: &[Ready],
) -> Fallible<Vec<[u8; 32]>> {
    let sealing = block::sealing(tx, recording(id), event)?;
    ready.iter().map(|ready| block::stage(tx, recording(id), registration, sealing, ready)).collect()
}

/// Makes what is staged the vehicle's.
pub(crate) fn publish(tx: &Connection, id: ImportId, registration: VehicleId) -> Fallible<()> {
    let mut find = tx.prepare_cached(
        "select o.id, o.label, n.id, n.label from series o left join series n
            on n.subject = ?2 and n.signal = o.signal and n.unit = o.unit where o.subject = ?1",
    )?;
    type Pair = (i64, String, Option<i64>, Option<String>);
    let pairs: Vec<Pair> = find
        .query_map(params![id.bytes(), registration.bytes()], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?)))?
        .collect::<rusqlite::Result<_>>()?;
    for (own, label, there, called) in pairs {
        let Some(there) = there else {
            tx.prepare_cached("update series set subject = ? where id = ?")?
                .execute(params![registration.bytes(), own])?;
            continue;
        };
        // Blocks are hashed with the label of the signal.
        if called.is_some_and(|called| called != label) {
            return Err(Error::new(
                Code::Conflict,
                format!("The signal {label} was begun by something else meanwhile."),
            )
            .hint("Import the file again.")
            .into());
        }
        tx.prepare_cached("update block set series = ? where series = ?")?.execute([there, own])?;
        tx.prepare_cached("delete from series where id = ?")?.execute([own])?;
    }
    tx.prepare_cached("delete from import_stage where import = ?")?.execute([id.bytes()])?;
    Ok(())
}

/// Takes an import's blocks out of all signals; they are cleared away later.
fn unpublish(tx: &Connection, id: ImportId) -> Fallible<()> {
    let mut find = tx.prepare_cached(
        "select distinct b.series from sealing s join block b on b.sealing = s.id join series e on e.id = b.series
         where s.recording = ?1 and e.subject <> ?1",
    )?;
    let held: Vec<i64> = find.query_map([id.bytes()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    if held.is_empty() {
        return Ok(());
    }
    begin(tx, id)?;
    for series in held {
        tx.prepare_cached(
            "insert into series (subject, signal, unit, label) select ?1, signal, unit, label from series where id = ?2",
        )?
        .execute(params![id.bytes(), series])?;
        let apart = tx.last_insert_rowid();
        tx.prepare_cached(
            "update block set series = ?1 where series = ?2 and sealing in (select id from sealing where recording = ?3)",
        )?
        .execute(params![apart, series, id.bytes()])?;
        tx.prepare_cached("delete from series where id = ?1 and not exists (select 1 from block where series = ?1)")?
            .execute([series])?;
    }
    Ok(())
}

/// Clears away a piece of what is staged; `true`: nothing is left.
pub(crate) fn clear(tx: &Connection, id: ImportId) -> Fallible<bool> {
    const AT_ONCE: u32 = 64;
    let gone = tx
        .prepare_cached(
            "delete from block where id in (select b.id from sealing s join block b on b.sealing = s.id
                where s.recording = ? limit ?)",
        )?
        .execute(params![id.bytes(), AT_ONCE])?;
    if gone == AT_ONCE as usize {
        return Ok(false);
    }
    for sql in [
        "delete from series where subject = ?",
        "delete from sealing where recording = ?",
        "delete from import_stage where import = ?",
    ] {
        tx.prepare_cached(sql)?.execute([id.bytes()])?;
    }
    Ok(true)
}

/// Why an import may not be taken back, if it may not: a pin on its values, or an alert that rests on them.
pub(crate) fn held(conn: &Connection, id: ImportId, registration: VehicleId) -> Fallible<Option<String>> {
    if pin::referred(conn, &recording(id).to_string())? {
        return Ok(Some("An open alert rests on its values.".into()));
    }
    let pins = pin::of_subject(conn, registration.bytes())?;
    let mut find = conn.prepare_cached(
        "select 1 from sealing s join block b on b.sealing = s.id where s.recording = ? and b.from_ms < ? and b.to_ms >= ?",
    )?;
    for (from, to) in pins {
        if find.exists(params![id.bytes(), to, from])? {
            return Ok(Some("A pin keeps values of it.".into()));
        }
    }
    Ok(None)
}

/// Blocks and single values that are there of an import.
#[cfg(test)]
pub(crate) fn there(conn: &Connection, id: ImportId) -> Fallible<(u64, u64)> {
    let mut find = conn.prepare_cached(
        "select count(*), coalesce(sum(b.n), 0) from sealing s join block b on b.sealing = s.id where s.recording = ?",
    )?;
    Ok(find.query_row([id.bytes()], |row| Ok((unsigned(row, 0)?, unsigned(row, 1)?)))?)
}
