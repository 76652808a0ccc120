//! Table `person` (said): customers, their details in the clear so that they can be read without a key, and erased.

use super::{Fallible, blob, person_key, registration, scrub};
use crate::{
    journal::{
        Event,
        kind::{Forgot, PersonFields},
    },
    keys::{Master, Place, Sealed},
};
use roadworthy_api::{
    id::PersonId,
    person::{Person, PersonDetails},
    valid::LongText,
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The person's row, if there is one: an event about a person may come before the one that adds them.
fn ensure(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into person (id) values (?)")?.execute([id])?;
    Ok(())
}

/// Whether the person was forgotten.
pub(crate) fn is_forgotten(conn: &Connection, id: PersonId) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select forgotten from person where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| row.get(0)).optional()?.unwrap_or(false))
}

/// `person.added`, `person.edited`: each detail by its last writer, nothing for somebody forgotten.
pub(super) fn edited(tx: &Connection, master: &Master, event: &Event, id: [u8; 16], f: &PersonFields) -> Fallible<()> {
    ensure(tx, id)?;
    if is_forgotten(tx, PersonId::from_bytes(id))? {
        return Ok(());
    }
    let fields: [(&str, &Option<Sealed>); 5] =
        [("name", &f.name), ("phone", &f.phone), ("email", &f.email), ("address", &f.address), ("note", &f.note)];
    for (field, sealed) in fields {
        let Some(sealed) = sealed else { continue };
        let text = person_key::open(tx, master, Place { subject: id, field, event: event.id }, sealed)?;
        tx.prepare_cached(&format!(
            "update person set {field} = ?2, {field}_at = ?3 where id = ?1 and ({field}_at is null or {field}_at < ?3)"
        ))?
        .execute(params![id, text, event.stamp()])?;
    }
    let name: Option<String> = tx.query_row("select name from person where id = ?", [id], |row| row.get(0))?;
    tx.prepare_cached("update person set sort = ?2 where id = ?1")?
        .execute(params![id, name.unwrap_or_default().to_lowercase()])?;
    Ok(())
}

/// What forgetting somebody takes: vehicles that are theirs, and every key that seals something of theirs.
pub(crate) fn to_forget(conn: &Connection, person: PersonId) -> Fallible<Forgot> {
    let vehicles = registration::of_owner(conn, person)?;
    let mut keys = person_key::of(conn, person.bytes())?;
    for vehicle in &vehicles {
        keys.extend(person_key::of(conn, vehicle.bytes())?);
    }
    keys.extend(registration::keys_of_times(conn, person)?);
    keys.sort_unstable();
    keys.dedup();
    Ok(Forgot { vehicles, keys })
}

/// `person.forgotten`: for ever. Details, ownership and plates go, and every key that sealed them.
pub(super) fn forgotten(tx: &Connection, event: &Event, id: [u8; 16], forgot: &Forgot) -> Fallible<()> {
    ensure(tx, id)?;
    let mut erased = tx
        .prepare_cached(
            "select count(*) from person where id = ? and coalesce(name, phone, email, address, note) is not null",
        )?
        .query_row([id], |row| row.get::<_, usize>(0))?;
    tx.prepare_cached(
        "update person set forgotten = 1, sort = '', name = null, name_at = null, phone = null, phone_at = null, email = null,
         email_at = null, address = null, address_at = null, note = null, note_at = null where id = ?",
    )?
    .execute([id])?;
    erased += person_key::erase(tx, &forgot.keys)? + person_key::erase_of(tx, id)?;
    erased += registration::forget_owner(tx, event, id, &forgot.vehicles)?;
    erased += blob::doom(tx, event, id, &forgot.vehicles)?;
    if erased > 0 {
        scrub::note(tx)?;
    }
    Ok(())
}

const DETAILS: &str = "id, name, phone, email, address, note";

fn details(row: &Row<'_>) -> rusqlite::Result<PersonDetails> {
    let text = |column| row.get::<_, Option<String>>(column).map(Option::unwrap_or_default);
    Ok(PersonDetails {
        name: text(1)?,
        phone: text(2)?,
        email: text(3)?,
        address: LongText(text(4)?),
        note: LongText(text(5)?),
    })
}

/// A customer's details; `None` if there is no such person (any more).
pub(crate) fn get(conn: &Connection, id: PersonId) -> Fallible<Option<PersonDetails>> {
    let sql = format!("select {DETAILS} from person where id = ? and not forgotten");
    Ok(conn.prepare_cached(&sql)?.query_row([id.bytes()], details).optional()?)
}

/// Customers by name. `search` looks in name, phone and mail address.
pub(crate) fn list(conn: &Connection, search: Option<&str>, offset: u32, limit: u32) -> Fallible<Page<Person>> {
    let search = search.map(str::trim).unwrap_or_default().to_lowercase();
    const FOUND: &str =
        "not forgotten and (?1 = '' or instr(sort, ?1) > 0 or instr(phone, ?1) > 0 or instr(lower(email), ?1) > 0)";
    let total = conn
        .prepare_cached(&format!("select count(*) from person where {FOUND}"))?
        .query_row([&search], |row| row.get(0))?;
    let sql = format!(
        "select {DETAILS}, (select count(*) from vehicle v where v.owner = person.id) from person where {FOUND}
         order by sort, id limit ?2 offset ?3"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![search, limit, offset], |row| {
        Ok(Person { id: PersonId::from_bytes(row.get(0)?), details: details(row)?, vehicles: row.get(6)? })
    })?;
    Ok(Page { rows: rows.collect::<rusqlite::Result<_>>()?, total })
}
