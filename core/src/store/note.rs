//! Table `note` (said): what the shop writes about a vehicle, in the clear so that it can be read without a key, and erased.

use super::{Fallible, registration, vehicle};
use crate::{
    journal::{
        Event,
        kind::{self, NoteRemoved, NoteText},
    },
    keys::Master,
};
use roadworthy_api::{
    id::{EventId, NoteId, VehicleId, VisitId},
    note::{NOTE_START, NoteRow},
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

fn ensure(tx: &Connection, registration: [u8; 16], id: NoteId) -> Fallible<()> {
    registration::ensure(tx, registration)?;
    tx.prepare_cached("insert or ignore into note (registration, id) values (?, ?)")?
        .execute(params![registration, id.bytes()])?;
    Ok(())
}

/// The text's beginning, whole characters only.
fn start(text: &str) -> &str {
    text.get(..text.floor_char_boundary(NOTE_START)).unwrap_or_default()
}

/// `note.added`, `note.edited`: visit, time and author by the first writer that adds it, the text by the last writer.
pub(super) fn written(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    n: &NoteText,
) -> Fallible<()> {
    ensure(tx, vehicle, n.note)?;
    let (id, stamp, ms) = (n.note.bytes(), event.stamp(), event.hlc.ms());
    let adds = event.kind == kind::NOTE_ADDED;
    if adds {
        tx.prepare_cached(
            "update note set added = ?3, visit = ?4, at = ?5, by = ?6
             where registration = ?1 and id = ?2 and (added is null or added > ?3)",
        )?
        .execute(params![vehicle, id, stamp, n.visit.map(VisitId::bytes), ms, event.actor])?;
    }
    let text = registration::open(tx, master, event, vehicle, "note", &n.text)?;
    tx.prepare_cached(
        "update note set text_at = ?3, text_key = ?4, edited = ?5, bytes = ?6, start = ?7, text = ?8
         where registration = ?1 and id = ?2 and (text_at is null or text_at < ?3)",
    )?
    .execute(params![
        vehicle,
        id,
        stamp,
        n.text.key.bytes(),
        (!adds).then_some(ms),
        text.as_ref().map(String::len),
        text.as_deref().map(start),
        text
    ])?;
    vehicle::settle(tx, vehicle)
}

/// `note.removed`: last writer.
pub(super) fn removed(tx: &Connection, event: &Event, vehicle: [u8; 16], n: &NoteRemoved) -> Fallible<()> {
    ensure(tx, vehicle, n.note)?;
    tx.prepare_cached(
        "update note set removed = ?3, removed_at = ?4
         where registration = ?1 and id = ?2 and (removed_at is null or removed_at < ?4)",
    )?
    .execute(params![vehicle, n.note.bytes(), n.removed, event.stamp()])?;
    vehicle::settle(tx, vehicle)
}

/// Part of `person.forgotten`: texts that an erased key sealed go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update note set bytes = null, start = null, text = null where start is not null and";
    let mut erased = tx.prepare_cached(&format!("{GONE} text_key in (select key from erased_key)"))?.execute([])?;
    for vehicle in vehicles {
        let sql = format!("{GONE} registration = ?1 and (text_at < ?2 or substr(text_key, 1, 6) <= substr(?2, 1, 6))");
        erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
    }
    Ok(erased)
}

const SHOWN: &str = "from note n join registration r on r.id = n.registration
    where r.vehicle = ?1 and n.added is not null and not n.removed and n.start is not null";

/// A vehicle's notes, newest first.
pub(crate) fn list(conn: &Connection, vehicle: VehicleId, offset: u32, limit: u32) -> Fallible<Page<NoteRow>> {
    let total =
        conn.prepare_cached(&format!("select count(*) {SHOWN}"))?.query_row([vehicle.bytes()], |row| row.get(0))?;
    let sql = format!(
        "select n.id, n.visit, n.at, n.edited, n.by, n.start, n.bytes {SHOWN} order by n.at desc, n.id desc limit ?2 offset ?3"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), limit, offset], row)?;
    Ok(Page { rows: rows.collect::<rusqlite::Result<_>>()?, total })
}

/// Ids of a vehicle's notes, those that are removed among them, oldest first, each with the visit, when it was written and
/// changed, and by whom.
pub(crate) fn kept(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<NoteRow>> {
    let mut find = conn.prepare_cached(
        "select n.id, n.visit, n.at, n.edited, n.by, n.start, n.bytes from note n join registration r on r.id = n.registration
         where r.vehicle = ? and n.added is not null and n.start is not null order by n.at, n.id",
    )?;
    let rows = find.query_map([vehicle.bytes()], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<NoteRow> {
    Ok(NoteRow {
        id: NoteId::from_bytes(row.get(0)?),
        visit: row.get::<_, Option<[u8; 16]>>(1)?.map(VisitId::from_bytes),
        at: row.get(2)?,
        edited: row.get(3)?,
        by: row.get(4)?,
        start: row.get(5)?,
        bytes: row.get(6)?,
    })
}

/// A note that was added and can be read, removed or not.
pub(crate) struct Stored {
    /// The registration it was written for, whose keys seal it.
    pub(crate) registration: VehicleId,
    /// The key that seals it.
    pub(crate) key: EventId,
    pub(crate) text: String,
    pub(crate) removed: bool,
}

/// One note with its whole text.
pub(crate) fn get(conn: &Connection, id: NoteId) -> Fallible<Option<Stored>> {
    let mut find = conn.prepare_cached(
        "select registration, text_key, text, removed from note where id = ? and added is not null and start is not null
         order by added limit 1",
    )?;
    Ok(find
        .query_row([id.bytes()], |row| {
            Ok(Stored {
                registration: VehicleId::from_bytes(row.get(0)?),
                key: EventId::from_bytes(row.get(1)?),
                text: row.get(2)?,
                removed: row.get(3)?,
            })
        })
        .optional()?)
}
