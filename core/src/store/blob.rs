//! Table `blob` (local): index of the stored files, see [`crate::files`].

use super::{Fallible, photo};
use crate::journal::Event;
use roadworthy_api::{
    Timestamp,
    id::{EventId, PersonId, VehicleId},
    system::BlobInfo,
};
use rusqlite::{Connection, OptionalExtension, params};

/// A stored file and how it lies on disk.
pub(crate) struct Blob {
    pub(crate) info: BlobInfo,
    pub(crate) deflated: bool,
}

/// Whose personal data a file shows; it goes when they are forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Shows {
    /// The vehicle's registration.
    pub(crate) vehicle: VehicleId,
    /// Its owner.
    pub(crate) owner: Option<PersonId>,
    /// Keys that sealed the plate and the name shown; of a photo the first is the one that sealed its caption.
    pub(crate) keys: [Option<EventId>; 2],
}

/// Notes a stored file. `shows`: whose personal data is in it, if any.
pub(crate) fn put(tx: &Connection, blob: &Blob, stored: Timestamp, shows: Option<&Shows>) -> Fallible<()> {
    let BlobInfo { hash, name, media, bytes } = &blob.info;
    tx.prepare_cached(
        "insert into blob (hash, name, media, bytes, deflated, stored, vehicle, owner, plate_key, name_key)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
         on conflict do update set name = excluded.name, media = excluded.media, stored = excluded.stored,
         vehicle = coalesce(excluded.vehicle, vehicle), owner = coalesce(excluded.owner, owner),
         plate_key = coalesce(excluded.plate_key, plate_key), name_key = coalesce(excluded.name_key, name_key),
         deflated = excluded.deflated, doomed = 0, loose = 0",
    )?
    .execute(params![
        hash,
        name,
        media,
        i64::try_from(*bytes).unwrap_or(i64::MAX),
        blob.deflated,
        stored,
        shows.map(|s| s.vehicle.bytes()),
        shows.and_then(|s| s.owner).map(PersonId::bytes),
        shows.and_then(|s| s.keys[0]).map(EventId::bytes),
        shows.and_then(|s| s.keys[1]).map(EventId::bytes),
    ])?;
    Ok(())
}

/// Notes that nothing has taken a file up yet.
pub(crate) fn loosen(tx: &Connection, hash: &str) -> Fallible<()> {
    tx.prepare_cached("update blob set loose = 1 where hash = ?")?.execute([hash])?;
    Ok(())
}

/// Notes that a file is an export.
pub(crate) fn export(tx: &Connection, hash: &str) -> Fallible<()> {
    tx.prepare_cached("update blob set export = 1, loose = 1 where hash = ?")?.execute([hash])?;
    Ok(())
}

/// Whether a file waits to be taken up; `None` if there is none.
pub(crate) fn is_loose(conn: &Connection, hash: &str) -> Fallible<Option<bool>> {
    let mut find = conn.prepare_cached("select loose from blob where hash = ? and not doomed")?;
    Ok(find.query_row([hash], |row| row.get(0)).optional()?)
}

/// Files stored before a time that nothing has taken up.
pub(crate) fn left_loose(conn: &Connection, before: Timestamp) -> Fallible<Vec<String>> {
    let mut find = conn.prepare_cached("select hash from blob where loose and stored < ?")?;
    let rows = find.query_map([before], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Drops the row of a file that nothing took up; whether there was one, whose file goes then.
pub(crate) fn drop_loose(tx: &Connection, hash: &str) -> Fallible<bool> {
    Ok(tx.prepare_cached("delete from blob where hash = ? and loose")?.execute([hash])? > 0)
}

/// A stored file by its hash.
pub(crate) fn get(conn: &Connection, hash: &str) -> Fallible<Option<Blob>> {
    let mut find =
        conn.prepare_cached("select hash, name, media, bytes, deflated from blob where hash = ? and not doomed")?;
    Ok(find
        .query_row([hash], |row| {
            let info = BlobInfo {
                hash: row.get(0)?,
                name: row.get(1)?,
                media: row.get(2)?,
                bytes: super::journal::unsigned(row, 3)?,
            };
            Ok(Blob { info, deflated: row.get(4)? })
        })
        .optional()?)
}

/// Reports that show a person as the owner, oldest first.
pub(crate) fn reports_of(conn: &Connection, person: PersonId) -> Fallible<Vec<Blob>> {
    reports(conn, "owner = ?", person.bytes())
}

/// Reports about a vehicle, oldest first.
pub(crate) fn reports_about(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Blob>> {
    reports(conn, "vehicle in (select id from registration where vehicle = ?)", vehicle.bytes())
}

fn reports(conn: &Connection, which: &str, id: [u8; 16]) -> Fallible<Vec<Blob>> {
    let mut find = conn.prepare_cached(&format!(
        "select hash, name, media, bytes, deflated from blob
         where {which} and media = 'application/pdf' and not doomed order by stored, hash",
    ))?;
    let rows = find.query_map([id], |row| {
        let bytes = super::journal::unsigned(row, 3)?;
        let info = BlobInfo { hash: row.get(0)?, name: row.get(1)?, media: row.get(2)?, bytes };
        Ok(Blob { info, deflated: row.get(4)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Files that something has taken up, with whether each lies deflated.
pub(crate) fn kept(conn: &Connection) -> Fallible<Vec<(String, bool)>> {
    let mut find =
        conn.prepare_cached("select hash, deflated from blob where not doomed and not loose order by hash")?;
    let rows = find.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Part of `person.forgotten`: dooms the files that show the person's data: every export, those that name them as owner, those with a plate
/// or name that an erased key sealed, those of `vehicles` from before, and those of photos that are gone by now. A file that a
/// photo of somebody else shows stays. Newer ones stay, also when a rebuild comes by again.
pub(super) fn doom(tx: &Connection, event: &Event, person: [u8; 16], vehicles: &[VehicleId]) -> Fallible<usize> {
    let mut doomed = tx
        .prepare_cached(
            "update blob set doomed = 1 where not doomed and (owner = ? or plate_key in (select key from erased_key)
             or name_key in (select key from erased_key)) and not exists (
                select 1 from photo p where not p.gone and (p.file = blob.hash or p.thumbnail = blob.hash))",
        )?
        .execute([person])?;
    for vehicle in vehicles {
        doomed += tx
            .prepare_cached(
                "update blob set doomed = 1 where not doomed and vehicle = ?1 and (stored <= ?2
                 or substr(plate_key, 1, 6) <= substr(?3, 1, 6) or substr(name_key, 1, 6) <= substr(?3, 1, 6))
                 and not exists (
                    select 1 from photo p where not p.gone and (p.file = blob.hash or p.thumbnail = blob.hash))",
            )?
            .execute(params![vehicle.bytes(), event.hlc.ms(), event.stamp()])?;
    }
    doomed += tx
        .prepare_cached("update blob set doomed = 1 where not doomed and export and stored <= ?")?
        .execute([event.hlc.ms()])?;
    for hash in photo::gone_files(tx)? {
        doomed += tx
            .prepare_cached("update blob set doomed = 1 where not doomed and hash = ? and stored <= ?")?
            .execute(params![hash, event.hlc.ms()])?;
    }
    Ok(doomed)
}

/// Whether a row names this file.
pub(crate) fn named(conn: &Connection, hash: &str) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from blob where hash = ?")?.exists([hash])?)
}

/// Hashes of the doomed files.
pub(super) fn doomed(conn: &Connection) -> Fallible<Vec<String>> {
    let mut find = conn.prepare_cached("select hash from blob where doomed")?;
    let rows = find.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Drops the row of a doomed file that is gone.
pub(super) fn drop_doomed(tx: &Connection, hash: &str) -> Fallible<()> {
    tx.prepare_cached("delete from blob where hash = ? and doomed")?.execute([hash])?;
    Ok(())
}
