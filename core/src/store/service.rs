//! Table `service` (said): what was done to a vehicle, in the clear so that it can be read without a key, and erased.
//!
//! A record counts while it is not removed and its import, if it has one, is not undone ([`COUNTS`]). The column `km` says what
//! its odometer reading is worth: the flag and what a person said of it are looked at here and nowhere else.

use super::{Fallible, journal::unsigned, registration, vehicle};
use crate::{
    journal::{
        Event,
        kind::{OdometerJudged, ServiceCorrected, ServiceRecorded, ServiceRemoved, ServiceSaid, ServiceWords},
    },
    keys::Master,
};
use roadworthy_api::{
    Timestamp,
    id::{EventId, ImportId, ServiceId, VehicleId},
    service::{FuelFilled, Judgement, Meter, Money, OdometerFlag, ServiceFields, ServiceKind, ServiceRow},
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde::{Deserialize, Serialize};

/// What the column `clear` holds as JSON.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Clear {
    odometer: Option<Meter>,
    cost: Option<Money>,
    fuel: Option<FuelFilled>,
    flag: Option<OdometerFlag>,
}

/// Condition on a record `s` that stands.
pub(super) const COUNTS: &str = "s.added is not null and s.said is not null and not s.removed and not exists
    (select 1 from history h where h.registration = s.registration and h.id = s.import and h.undone is not null)";

/// The name of the field that seals a record's words.
pub(crate) fn field(id: ServiceId) -> String {
    format!("service {id}")
}

fn ensure(tx: &Connection, registration: [u8; 16], id: ServiceId) -> Fallible<()> {
    registration::ensure(tx, registration)?;
    tx.prepare_cached("insert or ignore into service (registration, id) values (?, ?)")?
        .execute(params![registration, id.bytes()])?;
    Ok(())
}

/// `service.recorded`: as added by the first writer, what it says by the last.
pub(super) fn recorded(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    r: &ServiceRecorded,
) -> Fallible<()> {
    for said in &r.records {
        ensure(tx, vehicle, said.service)?;
        tx.prepare_cached(
            "update service set added = ?3, recorded = ?4, by = ?5, import = ?6, line = ?7
             where registration = ?1 and id = ?2 and (added is null or added > ?3)",
        )?
        .execute(params![
            vehicle,
            said.service.bytes(),
            event.stamp(),
            event.hlc.ms(),
            event.actor,
            r.import.map(ImportId::bytes),
            said.line
        ])?;
        write(tx, master, event, vehicle, said, None)?;
    }
    vehicle::settle(tx, vehicle)
}

/// `service.corrected`: last writer.
pub(super) fn corrected(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    c: &ServiceCorrected,
) -> Fallible<()> {
    ensure(tx, vehicle, c.record.service)?;
    write(tx, master, event, vehicle, &c.record, Some(event.hlc.ms()))?;
    vehicle::settle(tx, vehicle)
}

fn write(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    said: &ServiceSaid,
    corrected: Option<Timestamp>,
) -> Fallible<()> {
    let (id, stamp) = (said.service.bytes(), event.stamp());
    let words = registration::open(tx, master, event, vehicle, &field(said.service), &said.words)?;
    let clear = Clear { odometer: said.odometer, cost: said.cost.clone(), fuel: said.fuel, flag: said.flag.clone() };
    tx.prepare_cached(
        "update service set said = ?3, corrected = ?4, day = ?5, time = ?6, at = ?7, until = ?8, kind = ?9, clear = ?10,
            words = ?11, words_key = ?12
         where registration = ?1 and id = ?2 and (said is null or said < ?3)",
    )?
    .execute(params![
        vehicle,
        id,
        stamp,
        corrected,
        said.day,
        said.time,
        said.at,
        said.until.max(said.at),
        said.kind.word(),
        serde_json::to_string(&clear).unwrap_or_default(),
        words,
        said.words.key.bytes()
    ])?;
    judge(tx, event, vehicle, said.service, said.judged)
}

/// `service.odometer.judged`: last writer.
pub(super) fn judged(tx: &Connection, event: &Event, vehicle: [u8; 16], j: &OdometerJudged) -> Fallible<()> {
    ensure(tx, vehicle, j.service)?;
    judge(tx, event, vehicle, j.service, j.judged)?;
    vehicle::settle(tx, vehicle)
}

fn judge(tx: &Connection, event: &Event, vehicle: [u8; 16], id: ServiceId, judged: Option<Judgement>) -> Fallible<()> {
    let judged = judged.and_then(|judged| serde_json::to_string(&judged).ok());
    tx.prepare_cached(
        "update service set judged = ?3, judged_at = ?4
         where registration = ?1 and id = ?2 and (judged_at is null or judged_at < ?4)",
    )?
    .execute(params![vehicle, id.bytes(), judged, event.stamp()])?;
    let (clear, judged, planned): (Option<String>, Option<String>, bool) = tx
        .prepare_cached(
            "select clear, judged, coalesce(kind, '') = 'plan' from service where registration = ?1 and id = ?2",
        )?
        .query_row(params![vehicle, id.bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
    let clear: Clear = clear.and_then(|json| serde_json::from_str(&json).ok()).unwrap_or_default();
    let judged = judged.and_then(|json| serde_json::from_str(&json).ok());
    tx.prepare_cached("update service set km = ?3 where registration = ?1 and id = ?2")?.execute(params![
        vehicle,
        id.bytes(),
        worth(clear.odometer.filter(|_| !planned), clear.flag.is_some(), judged)
    ])?;
    Ok(())
}

/// Kilometres that count of a reading.
pub(crate) fn worth(meter: Option<Meter>, flagged: bool, judged: Option<Judgement>) -> Option<f64> {
    let meter = meter?;
    match judged {
        Some(Judgement::LeaveOut) => None,
        Some(Judgement::Unit { unit }) => Meter { unit, ..meter }.km(),
        Some(Judgement::Accept) => meter.km(),
        None => meter.km().filter(|_| !flagged),
    }
}

/// `service.removed`: last writer.
pub(super) fn removed(tx: &Connection, event: &Event, vehicle: [u8; 16], s: &ServiceRemoved) -> Fallible<()> {
    ensure(tx, vehicle, s.service)?;
    tx.prepare_cached(
        "update service set removed = ?3, removed_at = ?4
         where registration = ?1 and id = ?2 and (removed_at is null or removed_at < ?4)",
    )?
    .execute(params![vehicle, s.service.bytes(), s.removed, event.stamp()])?;
    vehicle::settle(tx, vehicle)
}

/// Part of `person.forgotten`: words that an erased key sealed go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update service set words = null where words is not null and";
    let mut erased = tx.prepare_cached(&format!("{GONE} words_key in (select key from erased_key)"))?.execute([])?;
    for vehicle in vehicles {
        let sql = format!("{GONE} registration = ?1 and (said < ?2 or substr(words_key, 1, 6) <= substr(?2, 1, 6))");
        erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
    }
    Ok(erased)
}

const COLUMNS: &str =
    "s.id, r.vehicle, s.at, s.day, s.time, s.kind, s.clear, s.words, s.recorded, s.by, s.corrected, s.import, s.line,
    s.km, s.judged, s.registration, s.words_key, s.removed, s.until";
const FROM: &str = "from service s join registration r on r.id = s.registration";

fn bad(column: usize, e: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into())
}

fn row(row: &Row<'_>) -> rusqlite::Result<ServiceRow> {
    let (kind, clear): (String, String) = (row.get(5)?, row.get(6)?);
    let kind: ServiceKind = serde_json::from_value(kind.into()).map_err(|e| bad(5, e))?;
    let clear: Clear = serde_json::from_str(&clear).map_err(|e| bad(6, e))?;
    let words: Option<String> = row.get(7)?;
    let judged: Option<String> = row.get(14)?;
    let forgotten = words.is_none();
    let words: ServiceWords = match words {
        Some(json) => serde_json::from_str(&json).map_err(|e| bad(7, e))?,
        None => ServiceWords::default(),
    };
    Ok(ServiceRow {
        id: ServiceId::from_bytes(row.get(0)?),
        vehicle: VehicleId::from_bytes(row.get(1)?),
        at: row.get(2)?,
        fields: ServiceFields {
            day: row.get(3)?,
            time: row.get(4)?,
            kind,
            kind_said: words.kind_said,
            description: words.description,
            odometer: clear.odometer,
            cost: clear.cost,
            shares: words.shares,
            tasks: words.tasks,
            parts: words.parts,
            fuel: clear.fuel,
            vendor: words.vendor,
            notes: words.notes,
            tags: words.tags,
            source_id: words.source_id,
            more: words.more,
        },
        forgotten,
        recorded: row.get(8)?,
        by: row.get(9)?,
        corrected: row.get(10)?,
        import: row.get::<_, Option<[u8; 16]>>(11)?.map(ImportId::from_bytes),
        line: row.get::<_, Option<i64>>(12)?.map(|_| unsigned(row, 12)).transpose()?,
        km: row.get(13)?,
        flag: clear.flag,
        judged: judged.map(|json| serde_json::from_str(&json).map_err(|e| bad(14, e))).transpose()?,
    })
}

/// A vehicle's records, newest first by their day.
pub(crate) fn list(conn: &Connection, vehicle: VehicleId, offset: u32, limit: u32) -> Fallible<Page<ServiceRow>> {
    let which = format!("where r.vehicle = ?1 and {COUNTS}");
    let total = conn
        .prepare_cached(&format!("select count(*) {FROM} {which}"))?
        .query_row([vehicle.bytes()], |row| row.get(0))?;
    let sql = format!("select {COLUMNS} {FROM} {which} order by s.at desc, s.line desc, s.id desc limit ?2 offset ?3");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// A record, with what its handlers need of it.
pub(crate) struct Stored {
    pub(crate) row: ServiceRow,
    /// The registration it was written for, whose keys seal it.
    pub(crate) registration: VehicleId,
    /// The key that seals it.
    pub(crate) key: EventId,
    pub(crate) removed: bool,
    pub(crate) until: Timestamp,
}

/// A record as an export tells it.
#[derive(Serialize)]
pub(crate) struct Kept {
    #[serde(flatten)]
    pub(crate) row: ServiceRow,
    /// The key that seals it.
    #[serde(skip)]
    pub(crate) key: EventId,
    /// A person removed it.
    pub(crate) removed: bool,
    /// Its import was taken back.
    pub(crate) taken_back: bool,
}

/// Every record of a vehicle that is stored, oldest first, also what does not count any more.
pub(crate) fn kept(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Kept>> {
    let stands = COUNTS.replace("not s.removed and", "");
    let mut find = conn.prepare_cached(&format!(
        "select {COLUMNS}, not ({stands}) {FROM}
         where r.vehicle = ? and s.added is not null and s.said is not null order by s.at, s.line, s.id"
    ))?;
    let rows = find.query_map([vehicle.bytes()], |r| {
        let key = EventId::from_bytes(r.get(16)?);
        Ok(Kept { row: row(r)?, key, removed: r.get(17)?, taken_back: r.get(19)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A record by its id, also one that is removed; not one whose import was undone.
pub(crate) fn get(conn: &Connection, id: ServiceId) -> Fallible<Option<Stored>> {
    let stands = COUNTS.replace("not s.removed and", "");
    let sql = format!("select {COLUMNS} {FROM} where s.id = ?1 and {stands} order by s.added limit 1");
    let found = conn.prepare_cached(&sql)?.query_row([id.bytes()], |r| {
        Ok(Stored {
            row: row(r)?,
            registration: VehicleId::from_bytes(r.get(15)?),
            key: EventId::from_bytes(r.get(16)?),
            removed: r.get(17)?,
            until: r.get(18)?,
        })
    });
    Ok(found.optional()?)
}
