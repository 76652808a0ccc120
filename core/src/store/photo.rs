//! Table `photo` (said): photos of a vehicle, their captions in the clear. The files themselves are [`super::blob`]'s.

use super::{Fallible, registration, vehicle};
use crate::{
    journal::{
        Event,
        kind::{PhotoAdded, PhotoEdited, PhotoRemoved},
    },
    keys::{Master, Sealed},
};
use roadworthy_api::{
    id::{EventId, PhotoId, VehicleId, VisitId},
    note::PhotoRow,
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

fn ensure(tx: &Connection, registration: [u8; 16], id: PhotoId) -> Fallible<()> {
    registration::ensure(tx, registration)?;
    tx.prepare_cached("insert or ignore into photo (registration, id) values (?, ?)")?
        .execute(params![registration, id.bytes()])?;
    Ok(())
}

/// `photo.added`: first writer; the caption by the last. Gone from the start if what sealed its caption is erased by now.
pub(super) fn added(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    p: &PhotoAdded,
) -> Fallible<()> {
    ensure(tx, vehicle, p.photo)?;
    let gone = registration::erased(tx, event, vehicle, p.caption.key)?;
    tx.prepare_cached(
        "update photo set added = ?3, visit = ?4, at = ?5, by = ?6, file = ?7, media = ?8, bytes = ?9, thumbnail = ?10,
            width = ?11, height = ?12, key = ?13, gone = ?14
         where registration = ?1 and id = ?2 and (added is null or added > ?3)",
    )?
    .execute(params![
        vehicle,
        p.photo.bytes(),
        event.stamp(),
        p.visit.map(VisitId::bytes),
        event.hlc.ms(),
        event.actor,
        p.file,
        p.media,
        i64::try_from(p.bytes).unwrap_or(i64::MAX),
        p.thumbnail,
        p.width,
        p.height,
        p.caption.key.bytes(),
        gone
    ])?;
    caption(tx, master, event, vehicle, p.photo, &p.caption)?;
    vehicle::settle(tx, vehicle)
}

fn caption(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    id: PhotoId,
    sealed: &Sealed,
) -> Fallible<()> {
    let text = registration::open(tx, master, event, vehicle, "caption", sealed)?;
    tx.prepare_cached(
        "update photo set caption = ?3, caption_key = ?4, caption_at = ?5
         where registration = ?1 and id = ?2 and (caption_at is null or caption_at < ?5)",
    )?
    .execute(params![vehicle, id.bytes(), text, sealed.key.bytes(), event.stamp()])?;
    Ok(())
}

/// `photo.edited`: last writer.
pub(super) fn edited(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    p: &PhotoEdited,
) -> Fallible<()> {
    ensure(tx, vehicle, p.photo)?;
    caption(tx, master, event, vehicle, p.photo, &p.caption)?;
    vehicle::settle(tx, vehicle)
}

/// `photo.removed`: last writer.
pub(super) fn removed(tx: &Connection, event: &Event, vehicle: [u8; 16], p: &PhotoRemoved) -> Fallible<()> {
    ensure(tx, vehicle, p.photo)?;
    tx.prepare_cached(
        "update photo set removed = ?3, removed_at = ?4
         where registration = ?1 and id = ?2 and (removed_at is null or removed_at < ?4)",
    )?
    .execute(params![vehicle, p.photo.bytes(), p.removed, event.stamp()])?;
    vehicle::settle(tx, vehicle)
}

/// Part of `person.forgotten`: photos and captions of the time of an erased key go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update photo set gone = 1 where not gone and added is not null and";
    const CLEAR: &str = "update photo set caption = null where caption is not null and";
    let mut erased = 0;
    for (set, key) in [(GONE, "key"), (CLEAR, "caption_key")] {
        erased += tx.prepare_cached(&format!("{set} {key} in (select key from erased_key)"))?.execute([])?;
    }
    for vehicle in vehicles {
        for (set, key, at) in [(GONE, "key", "added"), (CLEAR, "caption_key", "caption_at")] {
            let sql = format!("{set} registration = ?1 and ({at} < ?2 or substr({key}, 1, 6) <= substr(?2, 1, 6))");
            erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
        }
    }
    Ok(erased)
}

const SHOWN: &str = "from photo p join registration r on r.id = p.registration
    where r.vehicle = ?1 and p.added is not null and not p.removed and not p.gone";

/// A vehicle's photos, newest first.
pub(crate) fn list(conn: &Connection, vehicle: VehicleId, offset: u32, limit: u32) -> Fallible<Page<PhotoRow>> {
    let total =
        conn.prepare_cached(&format!("select count(*) {SHOWN}"))?.query_row([vehicle.bytes()], |row| row.get(0))?;
    let sql = format!(
        "select p.id, p.visit, p.at, p.by, p.caption, p.file, p.media, p.bytes, p.thumbnail, p.width, p.height {SHOWN}
         order by p.at desc, p.id desc limit ?2 offset ?3"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), limit, offset], row)?;
    Ok(Page { rows: rows.collect::<rusqlite::Result<_>>()?, total })
}

/// A vehicle's photos, those that are removed among them, oldest first.
pub(crate) fn kept(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<PhotoRow>> {
    let mut find = conn.prepare_cached(
        "select p.id, p.visit, p.at, p.by, p.caption, p.file, p.media, p.bytes, p.thumbnail, p.width, p.height
         from photo p join registration r on r.id = p.registration
         where r.vehicle = ? and p.added is not null and not p.gone order by p.at, p.id",
    )?;
    let rows = find.query_map([vehicle.bytes()], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn row(row: &Row<'_>) -> rusqlite::Result<PhotoRow> {
    Ok(PhotoRow {
        id: PhotoId::from_bytes(row.get(0)?),
        visit: row.get::<_, Option<[u8; 16]>>(1)?.map(VisitId::from_bytes),
        at: row.get(2)?,
        by: row.get(3)?,
        caption: row.get::<_, Option<String>>(4)?.unwrap_or_default(),
        file: row.get(5)?,
        media: row.get(6)?,
        bytes: super::journal::unsigned(row, 7)?,
        thumbnail: row.get(8)?,
        width: row.get(9)?,
        height: row.get(10)?,
    })
}

/// A photo that is there, removed or not.
pub(crate) struct Stored {
    /// The registration it was added to, whose keys seal the caption.
    pub(crate) registration: VehicleId,
    /// The key that sealed its caption when it was added.
    pub(crate) key: EventId,
    pub(crate) caption: String,
    pub(crate) removed: bool,
}

/// One photo.
pub(crate) fn get(conn: &Connection, id: PhotoId) -> Fallible<Option<Stored>> {
    let mut find = conn.prepare_cached(
        "select registration, key, caption, removed from photo where id = ? and added is not null and not gone
         order by added limit 1",
    )?;
    Ok(find
        .query_row([id.bytes()], |row| {
            Ok(Stored {
                registration: VehicleId::from_bytes(row.get(0)?),
                key: EventId::from_bytes(row.get(1)?),
                caption: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
                removed: row.get(3)?,
            })
        })
        .optional()?)
}

/// Whether a photo that is there shows this file.
pub(crate) fn shows(conn: &Connection, hash: &str) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select 1 from photo where not gone and (file = ?1 or thumbnail = ?1)")?;
    Ok(find.exists([hash])?)
}

/// Files of photos that are gone and that no other photo shows, by hash.
pub(super) fn gone_files(conn: &Connection) -> Fallible<Vec<String>> {
    let mut find = conn.prepare_cached(
        "select f.hash from (select file as hash from photo where gone union select thumbnail from photo where gone) f
         where f.hash is not null and not exists (
            select 1 from photo p where not p.gone and (p.file = f.hash or p.thumbnail = f.hash))",
    )?;
    let rows = find.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
