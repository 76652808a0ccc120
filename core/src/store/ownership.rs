//! Whose a vehicle was and when, by what the journal says: tables hold present owners only.

use super::{Fallible, person_key, registration};
use crate::{
    journal::{
        Hlc,
        kind::{self, OwnerSet, VehicleFields},
    },
    keys::{Master, Place},
};
use roadworthy_api::{
    Timestamp,
    id::{EventId, PersonId, VehicleId},
};
use rusqlite::{Connection, params};
use std::collections::BTreeSet;

/// A time from the first to before the second.
pub(crate) type Span = (Timestamp, Timestamp);

/// Vehicles that are or were a person's, by the id that each is shown by, with the times. As with [`registration::keys_of_times`],
/// what came while a vehicle was nobody's is of whoever got it next.
pub(crate) fn times(conn: &Connection, person: PersonId) -> Fallible<Vec<(VehicleId, Vec<Span>)>> {
    let mut find = conn.prepare_cached(
        "select distinct r.vehicle from journal j join registration r on r.id = j.subject
         where j.kind = 'vehicle.owner.set' and instr(j.payload, ?) > 0 order by r.vehicle",
    )?;
    let vehicles: Vec<[u8; 16]> =
        find.query_map([person.to_string()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut all = Vec::new();
    for vehicle in vehicles {
        let mut sets = conn.prepare_cached(
            "select hlc, payload from journal where kind = 'vehicle.owner.set'
             and subject in (select id from registration where vehicle = ?) order by hlc, device",
        )?;
        let mut rows = sets.query([vehicle])?;
        let (mut owner, mut since, mut times) = (None, Timestamp::MIN, Vec::new());
        while let Some(row) = rows.next()? {
            let (at, payload) = (Hlc(super::journal::unsigned(row, 0)?).ms(), row.get::<_, String>(1)?);
            let Ok(OwnerSet { person: next }) = serde_json::from_str(&payload) else { continue };
            if next == owner {
                continue;
            }
            if owner == Some(person) {
                times.push((since, at));
            }
            if owner.is_some() {
                since = at;
            }
            owner = next;
        }
        if owner == Some(person) {
            times.push((since, Timestamp::MAX));
        }
        if !times.is_empty() {
            all.push((VehicleId::from_bytes(vehicle), times));
        }
    }
    Ok(all)
}

/// Plates and names that were said of a vehicle and that one of some keys sealed, oldest first: time, `plate` or `name`, text.
/// What cannot be opened here is left out.
pub(crate) fn called(
    conn: &Connection,
    master: &Master,
    vehicle: VehicleId,
    keys: &BTreeSet<EventId>,
) -> Fallible<Vec<(Timestamp, &'static str, String)>> {
    let mut find = conn.prepare_cached(
        "select id, hlc, subject, payload from journal where kind in (?2, ?3)
         and subject in (select id from registration where vehicle = ?1) order by hlc, device",
    )?;
    let mut rows = find.query(params![vehicle.bytes(), kind::VEHICLE_REGISTERED, kind::VEHICLE_EDITED])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (event, at) = (EventId::from_bytes(row.get(0)?), Hlc(super::journal::unsigned(row, 1)?).ms());
        let (subject, payload): ([u8; 16], String) = (row.get(2)?, row.get(3)?);
        let fields: VehicleFields = serde_json::from_str(&payload).unwrap_or_default();
        for (field, sealed) in [("plate", fields.plate), ("name", fields.name)] {
            let Some(sealed) = sealed.filter(|sealed| keys.contains(&sealed.key)) else { continue };
            if let Ok(Some(text)) = person_key::open(conn, master, Place { subject, field, event }, &sealed)
                && !text.is_empty()
            {
                all.push((at, field, text));
            }
        }
    }
    Ok(all)
}

/// Keys that sealed what is this person's.
pub(crate) fn keys(conn: &Connection, person: PersonId) -> Fallible<BTreeSet<EventId>> {
    Ok(registration::keys_of_times(conn, person)?.into_iter().collect())
}
