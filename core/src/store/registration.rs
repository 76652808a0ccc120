//! Table `registration` (said): what each registration of a vehicle says of it. Two of one VIN are one [`super::vehicle`].

use super::{Fallible, person, person_key, vehicle};
use crate::{
    journal::{
        Event,
        kind::{OwnerSet, VehicleFields},
    },
    keys::{Master, Place},
};
use roadworthy_api::id::{PersonId, VehicleId};
use rusqlite::{Connection, OptionalExtension, params};

/// The registration's VIN.
pub(crate) fn vin(conn: &Connection, id: [u8; 16]) -> Fallible<Option<String>> {
    let mut find = conn.prepare_cached("select vin from registration where id = ?")?;
    Ok(find.query_row([id], |row| row.get(0)).optional()?.flatten())
}

/// The vehicle that this id means now.
pub(crate) fn vehicle(conn: &Connection, id: VehicleId) -> Fallible<Option<VehicleId>> {
    let mut find = conn.prepare_cached("select vehicle from registration where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| row.get(0)).optional()?.map(VehicleId::from_bytes))
}

/// Registrations of vehicles that are this person's.
pub(crate) fn of_owner(conn: &Connection, person: PersonId) -> Fallible<Vec<VehicleId>> {
    let mut find = conn.prepare_cached(
        "select r.id from registration r join vehicle v on v.id = r.vehicle where v.owner = ?1 or r.owner = ?1 order by r.id",
    )?;
    let rows = find.query_map([person.bytes()], |row| Ok(VehicleId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Makes the row if an event about it came before its registration.
pub(super) fn ensure(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into registration (id, vehicle) values (?1, ?1)")?.execute([id])?;
    Ok(())
}

/// `vehicle.registered`, `vehicle.edited`: each field by its last writer; an empty text clears.
pub(super) fn edited(tx: &Connection, master: &Master, event: &Event, id: [u8; 16], f: &VehicleFields) -> Fallible<()> {
    ensure(tx, id)?;
    let stamp = event.stamp();
    let before = vin(tx, id)?;
    if let Some(vin) = &f.vin {
        tx.prepare_cached(
            "update registration set vin = nullif(?2, ''), vin_at = ?3 where id = ?1 and (vin_at is null or vin_at < ?3)",
        )?
        .execute(params![id, vin, stamp])?;
    }
    if let Some(name) = &f.name {
        tx.prepare_cached(
            "update registration set name = nullif(?2, ''), name_at = ?3 where id = ?1 and (name_at is null or name_at < ?3)",
        )?
        .execute(params![id, name, stamp])?;
    }
    if let Some(sealed) = &f.plate {
        let plate = person_key::open(tx, master, Place { subject: id, field: "plate", event: event.id }, sealed)?;
        tx.prepare_cached(
            "update registration
             set plate = case when plate_cleared > ?4 or substr(?3, 1, 6) <= substr(plate_cleared, 1, 6) then null
                              else nullif(?2, '') end,
                 plate_key = ?3, plate_at = ?4
             where id = ?1 and (plate_at is null or plate_at < ?4)",
        )?
        .execute(params![id, plate, sealed.key.bytes(), stamp])?;
    }
    match before {
        Some(old) if vin(tx, id)?.as_ref() != Some(&old) => vehicle::settle_moved(tx, id, &old),
        _ => vehicle::settle(tx, id),
    }
}

/// `vehicle.owner.set`: last writer; somebody forgotten owns nothing.
pub(super) fn owner_set(tx: &Connection, event: &Event, id: [u8; 16], set: &OwnerSet) -> Fallible<()> {
    ensure(tx, id)?;
    let owner = match set.person {
        Some(person) if person::is_forgotten(tx, person)? => None,
        other => other,
    };
    tx.prepare_cached(
        "update registration set owner = ?2, owner_at = ?3 where id = ?1 and (owner_at is null or owner_at < ?3)",
    )?
    .execute(params![id, owner.map(PersonId::bytes), event.stamp()])?;
    vehicle::settle(tx, id)
}

/// Part of `person.forgotten`: the person owns nothing any more; the plates of `vehicles` written before, or sealed with a
/// key from before, are gone.
pub(super) fn forget_owner(
    tx: &Connection,
    event: &Event,
    person: [u8; 16],
    vehicles: &[VehicleId],
) -> Fallible<usize> {
    let mut erased = 0;
    let stamp = event.stamp();
    let owned: Vec<[u8; 16]> = tx
        .prepare_cached("select id from registration where owner = ?")?
        .query_map([person], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    tx.prepare_cached("update registration set owner = null where owner = ?")?.execute([person])?;
    // Wherever an erased key sealed the plate, even on a vehicle that this event does not name.
    let sealed: Vec<[u8; 16]> = tx
        .prepare_cached(
            "select id from registration where plate_key in (select key from erased_key) and plate is not null",
        )?
        .query_map([], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    for id in &sealed {
        erased += tx.prepare_cached("update registration set plate = null where id = ?")?.execute([id])?;
    }
    for id in vehicles.iter().map(|v| v.bytes()) {
        ensure(tx, id)?;
        erased += tx
            .prepare_cached(
                "update registration set plate = null where id = ?1 and plate is not null
                 and (plate_at < ?2 or substr(plate_key, 1, 6) <= substr(?2, 1, 6))",
            )?
            .execute(params![id, stamp])?;
        tx.prepare_cached(
            "update registration set plate_cleared = ?2 where id = ?1 and (plate_cleared is null or plate_cleared < ?2)",
        )?
        .execute(params![id, stamp])?;
        erased += person_key::erase_until(tx, id, stamp)?;
    }
    for id in owned.into_iter().chain(sealed).chain(vehicles.iter().map(|v| v.bytes())) {
        vehicle::settle(tx, id)?;
    }
    Ok(erased)
}
