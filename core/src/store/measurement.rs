//! Table `measurement` (said): what was measured by hand; and the odometer, which checks read too.

use super::{Fallible, registration, service, vehicle};
use crate::{
    diagnose::Pad,
    journal::{
        Event,
        kind::{MeasurementAdded, MeasurementRemoved},
    },
    odometer::Point,
};
use roadworthy_api::{
    Timestamp,
    id::{MeasurementId, ServiceId, VehicleId},
    note::{Measured, MeasurementRow},
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, params, types::FromSqlError};
use std::sync::LazyLock;

fn ensure(tx: &Connection, registration: [u8; 16], id: MeasurementId) -> Fallible<()> {
    registration::ensure(tx, registration)?;
    tx.prepare_cached("insert or ignore into measurement (registration, id) values (?, ?)")?
        .execute(params![registration, id.bytes()])?;
    Ok(())
}

/// `measurement.added`: first writer.
pub(super) fn added(tx: &Connection, event: &Event, vehicle: [u8; 16], m: &MeasurementAdded) -> Fallible<()> {
    ensure(tx, vehicle, m.measurement)?;
    let km = match &m.measured {
        Measured::Odometer { km } => Some(*km),
        _ => None,
    };
    let measured = serde_json::to_string(&m.measured).unwrap_or_default();
    tx.prepare_cached(
        "update measurement set added = ?3, at = ?4, by = ?5, measured = ?6, km = ?7, confirmed = ?8
         where registration = ?1 and id = ?2 and (added is null or added > ?3)",
    )?
    .execute(params![
        vehicle,
        m.measurement.bytes(),
        event.stamp(),
        m.at,
        event.actor,
        measured,
        km,
        m.confirmed
    ])?;
    vehicle::settle(tx, vehicle)
}

/// `measurement.removed`: last writer.
pub(super) fn removed(tx: &Connection, event: &Event, vehicle: [u8; 16], m: &MeasurementRemoved) -> Fallible<()> {
    ensure(tx, vehicle, m.measurement)?;
    tx.prepare_cached(
        "update measurement set removed = ?3, removed_at = ?4
         where registration = ?1 and id = ?2 and (removed_at is null or removed_at < ?4)",
    )?
    .execute(params![vehicle, m.measurement.bytes(), m.removed, event.stamp()])?;
    vehicle::settle(tx, vehicle)
}

/// A measurement that was added.
pub(crate) struct Added {
    pub(crate) vehicle: VehicleId,
    pub(crate) removed: bool,
    pub(crate) at: Timestamp,
    /// Of an odometer reading that nobody confirmed against others.
    pub(crate) unconfirmed_km: Option<f64>,
}

/// A measurement by its id, also one that is removed.
pub(crate) fn get(conn: &Connection, id: MeasurementId) -> Fallible<Option<Added>> {
    let mut find = conn.prepare_cached(
        "select registration, removed, at, iif(confirmed, null, km) from measurement
         where id = ? and added is not null order by added limit 1",
    )?;
    let found = find.query_row([id.bytes()], |row| {
        let vehicle = VehicleId::from_bytes(row.get(0)?);
        Ok(Added { vehicle, removed: row.get(1)?, at: row.get(2)?, unconfirmed_km: row.get(3)? })
    });
    Ok(found.optional()?)
}

/// Where a reading of a service record is from, in words.
const SERVICED: &str = "from a service record";

/// Typed ones, readings of checks and those of service records that count, as (typed id or none, tie break, time, author or ECU,
/// what, km, confirmed, its end where only the day is known, service record or none).
static ALL: LazyLock<String> = LazyLock::new(|| {
    let counts = service::COUNTS;
    format!("
    select m.id as id, m.id as place, m.at as at, m.by as source, m.measured as measured, m.km as km, m.confirmed as confirmed,
        m.at as until, null as service
    from measurement m join registration r on r.id = m.registration
    where r.vehicle = ?1 and m.added is not null and not m.removed
    union all
    select null, n.id, n.odometer_at, n.odometer_source, null, n.odometer_km, 0, n.odometer_at, null
    from visit n join registration r on r.id = n.registration
    where r.vehicle = ?1 and n.odometer_km is not null
    union all
    select null, s.id, s.at, '{SERVICED}', null, s.km, s.judged is not null, s.until, s.id
    from service s join registration r on r.id = s.registration
    where r.vehicle = ?1 and s.km is not null and {counts}")
});

/// A vehicle's measurements and odometer readings, newest first.
pub(crate) fn list(conn: &Connection, vehicle: VehicleId, offset: u32, limit: u32) -> Fallible<Page<MeasurementRow>> {
    let total = conn
        .prepare_cached(&format!("select count(*) from ({})", *ALL))?
        .query_row([vehicle.bytes()], |row| row.get(0))?;
    let sql = format!(
        "select id, at, source, measured, km, confirmed, service from ({}) order by at desc, place desc limit ?2 offset ?3",
        *ALL
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), limit, offset], |row| {
        let source: String = row.get(2)?;
        let measured = match (row.get::<_, Option<String>>(3)?, row.get::<_, Option<f64>>(4)?) {
            (Some(json), _) => serde_json::from_str(&json).map_err(|_| FromSqlError::InvalidType)?,
            (None, Some(km)) => Measured::Odometer { km },
            (None, None) => return Err(FromSqlError::InvalidType.into()),
        };
        Ok(MeasurementRow {
            id: row.get::<_, Option<[u8; 16]>>(0)?.map(MeasurementId::from_bytes),
            at: row.get(1)?,
            // Checks keep it as a phrase of the vehicle's page.
            source: source.strip_prefix("read from ").unwrap_or(&source).to_owned(),
            measured,
            confirmed: row.get(5)?,
            service: row.get::<_, Option<[u8; 16]>>(6)?.map(ServiceId::from_bytes),
            remark: None,
        })
    })?;
    Ok(Page { rows: rows.collect::<rusqlite::Result<_>>()?, total })
}

/// What was typed in and removed again, newest first.
pub(crate) fn removed_of(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<MeasurementRow>> {
    let mut find = conn.prepare_cached(
        "select m.id, m.at, m.by, m.measured, m.confirmed from measurement m join registration r on r.id = m.registration
         where r.vehicle = ? and m.added is not null and m.removed order by m.at desc, m.id desc",
    )?;
    let rows = find.query_map([vehicle.bytes()], |row| {
        let measured: String = row.get(3)?;
        Ok(MeasurementRow {
            id: Some(MeasurementId::from_bytes(row.get(0)?)),
            at: row.get(1)?,
            source: row.get(2)?,
            measured: serde_json::from_str(&measured).map_err(|_| FromSqlError::InvalidType)?,
            confirmed: row.get(4)?,
            service: None,
            remark: None,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn point(row: &rusqlite::Row<'_>) -> rusqlite::Result<Point> {
    let typed: Option<[u8; 16]> = row.get(0)?;
    let source: String = row.get(2)?;
    Ok(Point { at: row.get(1)?, km: row.get(3)?, source: if typed.is_some() { "typed in".into() } else { source } })
}

/// The pads of each wheel as they were measured last.
pub(crate) fn pads(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Pad>> {
    let mut find = conn.prepare_cached(
        "select m.at, m.measured from measurement m join registration r on r.id = m.registration
         where r.vehicle = ? and m.added is not null and not m.removed and instr(m.measured, 'brake-pad') > 0
         order by m.at desc, m.added desc",
    )?;
    let rows = find.query_map([vehicle.bytes()], |row| {
        let json: String = row.get(1)?;
        let measured: Measured = serde_json::from_str(&json).map_err(|_| FromSqlError::InvalidType)?;
        Ok((row.get(0)?, measured))
    })?;
    let mut pads: Vec<Pad> = Vec::new();
    for row in rows {
        if let (at, Measured::BrakePad { wheel, mm }) = row?
            && !pads.iter().any(|p| p.wheel == wheel)
        {
            pads.push(Pad { wheel, mm, at });
        }
    }
    Ok(pads)
}

/// The newest odometer reading at or before a time. One of which only the day is known comes at the end of that day.
pub(crate) fn odometer_until(conn: &Connection, vehicle: VehicleId, at: Timestamp) -> Fallible<Option<Point>> {
    let sql = format!(
        "select id, at, source, km from ({}) where km is not null and until <= ?2 order by at desc, km desc, place desc
         limit 1",
        *ALL
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params![vehicle.bytes(), at], point).optional()?)
}

/// The oldest odometer reading after a time. One of which only the day is known comes at the beginning of that day.
pub(crate) fn odometer_after(conn: &Connection, vehicle: VehicleId, at: Timestamp) -> Fallible<Option<Point>> {
    let sql = format!(
        "select id, at, source, km from ({}) where km is not null and at > ?2 order by at, km, place limit 1",
        *ALL
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params![vehicle.bytes(), at], point).optional()?)
}

/// An odometer reading that counts.
pub(crate) struct Counted {
    pub(crate) point: Point,
    /// The end of its day, where only that is known.
    pub(crate) until: Timestamp,
    /// The vehicle itself gave it.
    pub(crate) itself: bool,
}

/// Every odometer reading of a vehicle that counts, but that of one service record, oldest first.
pub(crate) fn odometers(conn: &Connection, vehicle: VehicleId, but: Option<ServiceId>) -> Fallible<Vec<Counted>> {
    let sql = format!(
        "select id, at, source, km, until, service from ({}) where km is not null and (?2 is null or service is null or service <> ?2)
         order by at, place",
        *ALL
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), but.map(ServiceId::bytes)], |row| {
        let itself = row.get::<_, Option<[u8; 16]>>(0)?.is_none() && row.get::<_, Option<[u8; 16]>>(5)?.is_none();
        Ok(Counted { point: point(row)?, until: row.get(4)?, itself })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
