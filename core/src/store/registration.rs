//! Table `registration` (said): what each registration of a vehicle says of it. Two of one VIN are one [`super::vehicle`].

use super::{Fallible, alert, decision, history, import, note, person, person_key, photo, service, vehicle};
use crate::{
    journal::{
        Event,
        kind::{
            self, AlertClosed, Answered, Attached, HistoryImported, NoteText, OwnerSet, PhotoAdded, PhotoEdited,
            ServiceCorrected, ServiceRecorded, TelemetryImported, VehicleFields,
        },
    },
    keys::{Master, Place, Sealed},
};
use roadworthy_api::{
    id::{EventId, PersonId, VehicleId},
    vehicle::RegistrationRow,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::BTreeSet;

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

/// Keys that sealed what was said of vehicles while they were this person's or, before that, nobody's: as when a vehicle
/// is registered first and given to its owner then. Taken from the events, since tables hold present owners only.
///
/// Each registration is looked at for itself, and all that are one vehicle now together: whose it was may stand in either.
pub(crate) fn keys_of_times(conn: &Connection, person: PersonId) -> Fallible<Vec<EventId>> {
    let mut find = conn.prepare_cached(
        "select distinct r.id, r.vehicle from journal j join registration r on r.id = j.subject
         where j.kind = 'vehicle.owner.set' and instr(j.payload, ?) > 0",
    )?;
    let pairs: Vec<([u8; 16], [u8; 16])> =
        find.query_map([person.to_string()], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
    let vehicles: BTreeSet<[u8; 16]> = pairs.iter().map(|(_, vehicle)| *vehicle).collect();
    let mut theirs = BTreeSet::new();
    for (registration, _) in pairs {
        keys_of_story(conn, "subject = ?", registration, person, &mut theirs)?;
    }
    for vehicle in vehicles {
        let all = "subject in (select id from registration where vehicle = ?)";
        keys_of_story(conn, all, vehicle, person, &mut theirs)?;
    }
    Ok(theirs.into_iter().collect())
}

fn keys_of_story(
    conn: &Connection,
    which: &str,
    id: [u8; 16],
    person: PersonId,
    theirs: &mut BTreeSet<EventId>,
) -> Fallible<()> {
    let mut story = conn.prepare_cached(&format!(
        "select kind, payload from journal where {which}
         and kind in ('vehicle.registered', 'vehicle.edited', 'vehicle.owner.set', 'note.added', 'note.edited',
            'photo.added', 'photo.edited', 'approval.granted', 'approval.refused', 'alert.closed', 'telemetry.imported',
            'service.recorded', 'service.corrected', 'history.imported') order by hlc, device"
    ))?;
    // A key is of the time when it was first used: what it sealed then may be changed under the next owner.
    let (mut owner, mut keys, mut seen) = (None, Vec::new(), BTreeSet::new());
    let mut rows = story.query([id])?;
    while let Some(row) = rows.next()? {
        let (kind, payload): (String, String) = (row.get(0)?, row.get(1)?);
        if kind != kind::VEHICLE_OWNER_SET {
            keys.extend(
                sealed_in(&kind, &payload).into_iter().map(|sealed| sealed.key).filter(|key| seen.insert(*key)),
            );
        } else if let Ok(set) = serde_json::from_str::<OwnerSet>(&payload)
            && set.person != owner
        {
            match owner {
                Some(old) if old == person => theirs.extend(keys.drain(..)),
                Some(_) => keys.clear(),
                None => {}
            }
            owner = set.person;
        }
    }
    if owner == Some(person) {
        theirs.extend(keys);
    }
    Ok(())
}

/// The sealed fields of an event about a vehicle.
fn sealed_in(kind: &str, payload: &str) -> Vec<Sealed> {
    let one = |sealed: Option<Sealed>| sealed.into_iter().collect();
    match kind {
        kind::NOTE_ADDED | kind::NOTE_EDITED => one(serde_json::from_str(payload).ok().map(|n: NoteText| n.text)),
        kind::PHOTO_ADDED => one(serde_json::from_str(payload).ok().map(|p: PhotoAdded| p.caption)),
        kind::PHOTO_EDITED => one(serde_json::from_str(payload).ok().map(|p: PhotoEdited| p.caption)),
        kind::APPROVAL_GRANTED | kind::APPROVAL_REFUSED => {
            one(serde_json::from_str(payload).ok().and_then(|a: Answered| a.note))
        }
        kind::TELEMETRY_IMPORTED => one(serde_json::from_str(payload).ok().map(|i: TelemetryImported| i.name)),
        kind::HISTORY_IMPORTED => one(serde_json::from_str(payload).ok().map(|i: HistoryImported| i.name)),
        kind::SERVICE_RECORDED => {
            let said: Option<ServiceRecorded> = serde_json::from_str(payload).ok();
            said.into_iter().flat_map(|said| said.records).map(|record| record.words).collect()
        }
        kind::SERVICE_CORRECTED => one(serde_json::from_str(payload).ok().map(|c: ServiceCorrected| c.record.words)),
        kind::ALERT_CLOSED => one(serde_json::from_str(payload).ok().and_then(|c: AlertClosed| c.word)),
        _ => {
            let fields: VehicleFields = serde_json::from_str(payload).unwrap_or_default();
            [fields.plate, fields.name].into_iter().flatten().collect()
        }
    }
}

/// Keys that sealed the plate and the name which a vehicle shows.
pub(crate) fn shown_keys(conn: &Connection, vehicle: VehicleId) -> Fallible<[Option<EventId>; 2]> {
    let mut keys = [None; 2];
    for (key, field) in keys.iter_mut().zip(["plate", "name"]) {
        let sql = format!("select {field}_key from registration where vehicle = ? order by {field}_at desc limit 1");
        let found = conn.prepare_cached(&sql)?.query_row([vehicle.bytes()], |row| row.get(0)).optional()?;
        *key = found.flatten().map(EventId::from_bytes);
    }
    Ok(keys)
}

/// Makes the row if an event about it came before its registration.
pub(super) fn ensure(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into registration (id, vehicle) values (?1, ?1)")?.execute([id])?;
    Ok(())
}

/// The same, and its vehicle, for an event that says nothing of the vehicle itself.
pub(super) fn present(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    let new = tx.prepare_cached("insert or ignore into registration (id, vehicle) values (?1, ?1)")?.execute([id])?;
    if new > 0 { vehicle::settle(tx, id) } else { Ok(()) }
}

/// Whether what this key sealed in this event is erased: the key itself, or the registration's personal fields of its time.
pub(super) fn erased(tx: &Connection, event: &Event, id: [u8; 16], key: EventId) -> Fallible<bool> {
    let mut find = tx.prepare_cached(
        "select exists (select 1 from erased_key where key = ?2) or exists (
            select 1 from registration where id = ?1 and (cleared > ?3 or substr(?2, 1, 6) <= substr(cleared, 1, 6)))",
    )?;
    Ok(find.query_row(params![id, key.bytes(), event.stamp()], |row| row.get(0))?)
}

/// A field that a key of this registration sealed; `None` if it is erased, or the key is not held.
pub(super) fn open(
    tx: &Connection,
    master: &Master,
    event: &Event,
    id: [u8; 16],
    field: &str,
    sealed: &Sealed,
) -> Fallible<Option<String>> {
    if erased(tx, event, id, sealed.key)? {
        return Ok(None);
    }
    person_key::open(tx, master, Place { subject: id, field, event: event.id }, sealed)
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
    for (field, sealed) in [("plate", &f.plate), ("name", &f.name)] {
        let Some(sealed) = sealed else { continue };
        let text = open(tx, master, event, id, field, sealed)?;
        tx.prepare_cached(&format!(
            "update registration set {field} = nullif(?2, ''), {field}_key = ?3, {field}_at = ?4
             where id = ?1 and ({field}_at is null or {field}_at < ?4)"
        ))?
        .execute(params![id, text, sealed.key.bytes(), stamp])?;
    }
    if vin(tx, id)? == before { vehicle::settle(tx, id) } else { vehicle::regroup(tx, &[id]) }
}

/// `vehicle.attached`: last writer. Who is attached to somebody of another VIN is decided by [`vehicle::regroup`].
pub(super) fn attached(tx: &Connection, event: &Event, id: [u8; 16], attached: &Attached) -> Fallible<()> {
    ensure(tx, id)?;
    let to = attached.to.map(VehicleId::bytes);
    let mut changed = vec![id];
    if let Some(to) = to {
        ensure(tx, to)?;
        changed.push(to);
    }
    tx.prepare_cached(
        "update registration set attached = ?2, attached_at = ?3
         where id = ?1 and (attached_at is null or attached_at < ?3)",
    )?
    .execute(params![id, to, event.stamp()])?;
    vehicle::regroup(tx, &changed)
}

/// What a registration is attached to, whether or not that counts.
pub(crate) fn attached_to(conn: &Connection, id: VehicleId) -> Fallible<Option<VehicleId>> {
    let mut find = conn.prepare_cached("select attached from registration where id = ?")?;
    let found: Option<Option<[u8; 16]>> = find.query_row([id.bytes()], |row| row.get(0)).optional()?;
    Ok(found.flatten().map(VehicleId::from_bytes))
}

/// The registration that stands for a vehicle, which new events name: the least of those with its VIN; without a VIN the
/// one that is attached to no other, or the least where they are attached in a circle. A registration that is
/// attached may leave, and would take along what was filed under it.
pub(crate) fn root(conn: &Connection, vehicle: VehicleId) -> Fallible<VehicleId> {
    let mut find = conn.prepare_cached(
        "select id from registration where vehicle = (select vehicle from registration where id = ?1)
         order by vin is null, attached is not null, id limit 1",
    )?;
    let found = find.query_row([vehicle.bytes()], |row| row.get(0)).optional()?;
    Ok(found.map_or(vehicle, VehicleId::from_bytes))
}

/// The registration of a vehicle with this VIN that stands for it.
pub(crate) fn of_vin(conn: &Connection, vin: &str) -> Fallible<Option<VehicleId>> {
    let mut find = conn.prepare_cached("select min(id) from registration where vin = ?")?;
    let found: Option<[u8; 16]> = find.query_row([vin], |row| row.get(0))?;
    Ok(found.map(VehicleId::from_bytes))
}

/// The registrations of a vehicle but for the one that stands for it.
pub(crate) fn others(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<RegistrationRow>> {
    let root = root(conn, vehicle)?;
    let mut find = conn.prepare_cached(
        "select r.id, coalesce(r.vin, r.plate, r.name, ''), (select count(*) from visit n where n.registration = r.id),
            r.vin is null and r.attached is not null
         from registration r where r.vehicle = (select vehicle from registration where id = ?1) and r.id <> ?1 order by r.id",
    )?;
    let rows = find.query_map([root.bytes()], |row| {
        let (id, title): (_, String) = (VehicleId::from_bytes(row.get(0)?), row.get(1)?);
        let title = if title.is_empty() { format!("Registration {}", &id.to_string()[..8]) } else { title };
        Ok(RegistrationRow { id, title, visits: row.get(2)?, attached: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// `vehicle.owner.set`: last writer; somebody forgotten owns nothing.
pub(super) fn owner_set(tx: &Connection, event: &Event, id: [u8; 16], set: &OwnerSet) -> Fallible<()> {
    ensure(tx, id)?;
    let owner = match set.person {
        Some(person) if person::is_forgotten(tx, person)? => None,
        other => other,
    };
    person_key::retire(tx, id, owner)?;
    tx.prepare_cached(
        "update registration set owner = ?2, owner_at = ?3 where id = ?1 and (owner_at is null or owner_at < ?3)",
    )?
    .execute(params![id, owner.map(PersonId::bytes), event.stamp()])?;
    vehicle::settle(tx, id)
}

/// Part of `person.forgotten`: the person owns nothing any more; the plates and names of `vehicles` written before, or
/// sealed with a key from before, are gone, and so is whatever an erased key sealed.
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
    // Wherever an erased key sealed one, even on a vehicle that this event does not name.
    let mut sealed: Vec<[u8; 16]> = Vec::new();
    for field in ["plate", "name"] {
        let found: Vec<[u8; 16]> = tx
            .prepare_cached(&format!(
                "select id from registration where {field}_key in (select key from erased_key) and {field} is not null"
            ))?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for id in &found {
            let sql = format!("update registration set {field} = null where id = ?");
            erased += tx.prepare_cached(&sql)?.execute([id])?;
        }
        sealed.extend(found);
    }
    for id in vehicles.iter().map(|v| v.bytes()) {
        ensure(tx, id)?;
        for field in ["plate", "name"] {
            erased += tx
                .prepare_cached(&format!(
                    "update registration set {field} = null where id = ?1 and {field} is not null
                     and ({field}_at < ?2 or substr({field}_key, 1, 6) <= substr(?2, 1, 6))"
                ))?
                .execute(params![id, stamp])?;
        }
        tx.prepare_cached("update registration set cleared = ?2 where id = ?1 and (cleared is null or cleared < ?2)")?
            .execute(params![id, stamp])?;
        erased += person_key::erase_until(tx, id, stamp)?;
    }
    erased += note::forget(tx, stamp, vehicles)? + photo::forget(tx, stamp, vehicles)?;
    erased += import::forget(tx, stamp, vehicles)? + history::forget(tx, stamp, vehicles)?;
    erased += service::forget(tx, stamp, vehicles)?;
    erased += alert::forget(tx, stamp, vehicles)? + decision::forget(tx, stamp, vehicles)?;
    for id in owned.into_iter().chain(sealed).chain(vehicles.iter().map(|v| v.bytes())) {
        vehicle::settle(tx, id)?;
    }
    Ok(erased)
}
