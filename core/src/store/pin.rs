//! Table `pin` (said): ranges of telemetry that retention leaves alone. The last writer of a pin decides all of it.

use super::{Fallible, registration, vehicle};
use crate::journal::{Event, kind::TelemetryPinned};
use roadworthy_api::{
    Timestamp,
    id::{PinId, VehicleId},
    telemetry::Pin,
};
use rusqlite::{Connection, OptionalExtension, params};

/// `telemetry.pinned`.
pub(super) fn pinned(tx: &Connection, event: &Event, id: [u8; 16], said: &TelemetryPinned) -> Fallible<()> {
    registration::ensure(tx, id)?;
    vehicle::settle(tx, id)?;
    let pin = said.pin.bytes();
    let mut find = tx.prepare_cached("select stamp from pin where id = ?")?;
    if find.query_row([pin], |row| row.get::<_, [u8; 24]>(0)).optional()?.is_some_and(|held| held >= event.stamp()) {
        return Ok(());
    }
    tx.prepare_cached(
        "insert or replace into pin (id, registration, from_ms, to_ms, reason, pinned, stamp) values (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![pin, id, said.from, said.to, said.reason, said.pinned, event.stamp()])?;
    Ok(())
}

/// A pin that holds, with its registration.
pub(crate) fn get(conn: &Connection, id: PinId) -> Fallible<Option<(VehicleId, TelemetryPinned)>> {
    let mut find =
        conn.prepare_cached("select registration, from_ms, to_ms, reason from pin where id = ? and pinned")?;
    let found = find.query_row([id.bytes()], |row| {
        let said = TelemetryPinned { pin: id, from: row.get(1)?, to: row.get(2)?, reason: row.get(3)?, pinned: true };
        Ok((VehicleId::from_bytes(row.get(0)?), said))
    });
    Ok(found.optional()?)
}

/// All that hold, newest range first.
pub(crate) fn list(conn: &Connection) -> Fallible<Vec<Pin>> {
    let mut find = conn.prepare_cached(
        "select p.id, r.vehicle, p.from_ms, p.to_ms, p.reason, coalesce(v.plate, v.name, v.vin, '')
         from pin p join registration r on r.id = p.registration join vehicle v on v.id = r.vehicle
         where p.pinned order by p.from_ms desc, p.id",
    )?;
    let rows = find.query_map([], |row| {
        let (vehicle, name): (_, String) = (VehicleId::from_bytes(row.get(1)?), row.get(5)?);
        Ok(Pin {
            id: PinId::from_bytes(row.get(0)?),
            vehicle,
            vehicle_name: if name.is_empty() { vehicle.to_string().chars().take(8).collect() } else { name },
            from: row.get(2)?,
            to: row.get(3)?,
            reason: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Ranges that hold for blocks of a subject: a registration, or a recording.
pub(crate) fn of_subject(conn: &Connection, subject: [u8; 16]) -> Fallible<Vec<(Timestamp, Timestamp)>> {
    let mut find = conn.prepare_cached(
        "select p.from_ms, p.to_ms from pin p join registration r on r.id = p.registration where p.pinned and r.vehicle in (
            select vehicle from registration where id = ?1
            union all select o.vehicle from recording n join registration o
                on o.id = n.registration or (n.registration is null and o.vin = n.vin) where n.id = ?1)",
    )?;
    let rows = find.query_map([subject], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether something that is not settled rests on a recording.
pub(crate) fn referred(conn: &Connection, recording: &str) -> Fallible<bool> {
    let mut find = conn.prepare_cached(
        "select 1 from alert where created is not null and closed = 0 and instr(coalesce(source, ''), ?) > 0",
    )?;
    Ok(find.exists([recording])?)
}
