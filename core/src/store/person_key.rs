//! Table `person_key` (local): keys of personal fields, each wrapped by the master key; and `erased_key` (said).

use super::{Fallible, setting};
use crate::keys::{self, Key, Master, Place, Sealed};
use roadworthy_api::{
    Code, Error, Result,
    id::{EventId, PersonId},
};
use rusqlite::{Connection, OptionalExtension, params};

fn unwrap(master: &Master, id: EventId, subject: [u8; 16], wrapped: &[u8]) -> Result<Key> {
    keys::unwrap(&master.get()?, id, subject, wrapped).ok_or_else(|| {
        Error::new(Code::DatabaseUnusable, "A key for personal data is damaged.")
            .hint("Restore the newest backup of the data folder.")
    })
}

/// Whether restored content may hold keys that another machine's master key wrapped.
fn foreign(conn: &Connection) -> Fallible<bool> {
    Ok(setting::get(conn, setting::FOREIGN_KEYS)?.unwrap_or(false))
}

/// For sealing: a key that only another machine's master key opens is as good as none, since a new one can be made.
fn ours(conn: &Connection, key: Result<Key>) -> Fallible<Option<Key>> {
    match key {
        Ok(key) => Ok(Some(key)),
        Err(error) if error.code == Code::DatabaseUnusable && foreign(conn)? => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The subject's newest key, if it has one that was not retired.
pub(crate) fn newest(conn: &Connection, master: &Master, subject: [u8; 16]) -> Fallible<Option<(EventId, Key)>> {
    let mut find = conn.prepare_cached(
        "select key, wrapped from person_key where subject = ? and not retired order by key desc limit 1",
    )?;
    let found =
        find.query_row([subject], |row| Ok((row.get::<_, [u8; 16]>(0)?, row.get::<_, Vec<u8>>(1)?))).optional()?;
    let Some((id, wrapped)) = found else { return Ok(None) };
    let id = EventId::from_bytes(id);
    Ok(ours(conn, unwrap(master, id, subject, &wrapped))?.map(|key| (id, key)))
}

/// One key of the subject, retired or not, if it is held.
pub(crate) fn held(conn: &Connection, master: &Master, subject: [u8; 16], id: EventId) -> Fallible<Option<Key>> {
    let mut find = conn.prepare_cached("select wrapped from person_key where key = ? and subject = ?")?;
    let wrapped: Option<Vec<u8>> = find.query_row(params![id.bytes(), subject], |row| row.get(0)).optional()?;
    match wrapped {
        Some(wrapped) => ours(conn, unwrap(master, id, subject, &wrapped)),
        None => Ok(None),
    }
}

/// Makes a key for the subject.
pub(crate) fn make(tx: &Connection, master: &Master, id: EventId, subject: [u8; 16]) -> Fallible<(EventId, Key)> {
    let key = keys::random_key()?;
    let wrapped = keys::wrap(&master.get()?, id, subject, &key)?;
    tx.prepare_cached("insert into person_key (key, subject, wrapped) values (?, ?, ?)")?.execute(params![
        id.bytes(),
        subject,
        wrapped
    ])?;
    Ok((id, key))
}

/// The text of a sealed field; `None` if its key was erased or is not held, or if it was not sealed for this place.
pub(crate) fn open(conn: &Connection, master: &Master, place: Place<'_>, sealed: &Sealed) -> Fallible<Option<String>> {
    let mut find = conn.prepare_cached(
        "select wrapped from person_key where key = ?1 and subject = ?2
         and not exists (select 1 from erased_key where key = ?1)",
    )?;
    let wrapped: Option<Vec<u8>> =
        find.query_row(params![sealed.key.bytes(), place.subject], |row| row.get(0)).optional()?;
    let Some(wrapped) = wrapped else { return Ok(None) };
    match unwrap(master, sealed.key, place.subject, &wrapped) {
        Ok(key) => Ok(keys::open(&key, place, sealed)),
        // An error, so that making the tables anew leaves what they say in the clear as it is.
        Err(error) if error.code == Code::DatabaseUnusable && foreign(conn)? => Err(Error::new(
            Code::Keyring,
            "A personal field of restored content is sealed with the key of another machine.",
        )
        .hint("It stays readable in the tables. Take that machine's key along to make them anew, see the page on backups.")
        .into()),
        Err(error) => Err(error.into()),
    }
}

/// Part of `vehicle.owner.set`: what is sealed for the vehicle after this gets a new key if it was somebody else's until now,
/// so that either owner can be forgotten without the other.
pub(super) fn retire(tx: &Connection, registration: [u8; 16], owner: Option<PersonId>) -> Fallible<()> {
    tx.prepare_cached(
        "update person_key set retired = 1
         where subject in (select r.id from registration r join vehicle v on v.id = r.vehicle
                           where r.vehicle = (select vehicle from registration where id = ?1)
                           and v.owner is not null and v.owner is not ?2)",
    )?
    .execute(params![registration, owner.map(PersonId::bytes)])?;
    Ok(())
}

/// Ids of a subject's keys.
pub(crate) fn of(conn: &Connection, subject: [u8; 16]) -> Fallible<Vec<EventId>> {
    let mut find = conn.prepare_cached("select key from person_key where subject = ? order by key")?;
    let rows = find.query_map([subject], |row| Ok(EventId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Erases keys for good; how many were held here.
pub(super) fn erase(tx: &Connection, keys: &[EventId]) -> Fallible<usize> {
    let mut held = 0;
    for key in keys {
        tx.prepare_cached("insert or ignore into erased_key values (?)")?.execute([key.bytes()])?;
        held += tx.prepare_cached("delete from person_key where key = ?")?.execute([key.bytes()])?;
    }
    Ok(held)
}

/// Erases every key of a subject.
pub(super) fn erase_of(tx: &Connection, subject: [u8; 16]) -> Fallible<usize> {
    Ok(tx.prepare_cached("delete from person_key where subject = ?")?.execute([subject])?)
}

/// Erases the keys of a subject that were minted up to the time of a stamp: a key's id begins with its time, as a stamp does.
/// Decided by the ids alone, so that a rebuild, which comes by an old event again, erases nothing newer.
pub(super) fn erase_until(tx: &Connection, subject: [u8; 16], stamp: [u8; 24]) -> Fallible<usize> {
    let mut erase =
        tx.prepare_cached("delete from person_key where subject = ? and substr(key, 1, 6) <= substr(?, 1, 6)")?;
    Ok(erase.execute(params![subject, stamp])?)
}
