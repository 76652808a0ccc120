//! Table `visit` (said): the times a vehicle was connected, and what the check then said in short.

use super::{
    Fallible, coverage, decoding, ecu, freeze_frame, journal, readiness, reading, registration, trouble_code,
    vehicle::{rank, settle, verdict},
};
use crate::journal::{
    Event,
    kind::{Checked, Redecoded},
};
use roadworthy_api::{
    Code, Error, Timestamp,
    check::CheckReport,
    id::{EventId, VehicleId, VisitId},
    reading::Value,
    vehicle::{Odometer, Page, Verdict},
    visit::VisitRow,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// The odometer that a check read (PID A6): the first ECU's that gave one.
fn odometer(report: &CheckReport) -> Option<Odometer> {
    report.snapshot.iter().find_map(|reading| match &reading.item.value {
        Value::Number { value, unit } if reading.of_pid("A6") && unit == "km" => {
            let name =
                report.ecus.iter().find(|e| e.id == reading.ecu).map_or(reading.ecu.as_str(), |e| e.name.as_str());
            Some(Odometer { km: *value, source: format!("read from {name} (PID A6)"), at: reading.at, remark: None })
        }
        _ => None,
    })
}

/// `vehicle.checked`: the first writer of a visit id, so that it never changes.
pub(super) fn checked(tx: &Connection, event: &Event, id: [u8; 16], checked: &Checked) -> Fallible<()> {
    registration::ensure(tx, id)?;
    let visit = checked.visit.bytes();
    let mut find = tx.prepare_cached("select stamp, registration from visit where id = ?")?;
    let held =
        find.query_row([visit], |row| Ok((row.get::<_, [u8; 24]>(0)?, row.get::<_, [u8; 16]>(1)?))).optional()?;
    if let Some((stamp, other)) = held {
        if stamp <= event.stamp() {
            return settle(tx, id);
        }
        tx.prepare_cached("delete from visit where id = ?")?.execute([visit])?;
        settle(tx, other)?;
    }
    put(tx, event.stamp(), event.id, id, checked)
}

/// `visit.redecoded`: one more decoding, which is shown if it is the newest.
pub(super) fn redecoded(tx: &Connection, event: &Event, said: &Redecoded) -> Fallible<()> {
    decoding::put(tx, event, said)?;
    let visit = said.visit.bytes();
    let mut find = tx.prepare_cached("select stamp, event, registration from visit where id = ?")?;
    let held = find.query_row([visit], |row| {
        Ok((row.get::<_, [u8; 24]>(0)?, EventId::from_bytes(row.get(1)?), row.get::<_, [u8; 16]>(2)?))
    });
    let Some((stamp, first, registration)) = held.optional()? else { return Ok(()) };
    let checked = as_read(tx, first)?;
    tx.prepare_cached("delete from visit where id = ?")?.execute([visit])?;
    put(tx, stamp, first, registration, &checked)
}

/// Writes a visit with what its newest decoding says.
fn put(tx: &Connection, stamp: [u8; 24], event: EventId, id: [u8; 16], checked: &Checked) -> Fallible<()> {
    let newest = decoding::newest(tx, checked.visit, checked.report.decoder)?;
    let (visit, report) = (checked.visit.bytes(), newest.as_ref().unwrap_or(&checked.report));
    let Verdict { state, reason } = crate::verdict::verdict(report);
    let odometer = odometer(report);
    tx.prepare_cached(
        "insert into visit (id, stamp, event, registration, started, ended, port, adapter, voltage, protocol, protocol_name,
            vin, vin_problem, ecus, codes, partial, state, reason, summary, note, decoder, traffic,
            odometer_km, odometer_source, odometer_at)
         values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        visit,
        stamp,
        event.bytes(),
        id,
        report.started,
        report.ended,
        report.port,
        report.adapter.claims,
        report.adapter.voltage,
        report.protocol.as_ref().map(|p| &p.id),
        report.protocol.as_ref().map(|p| &p.name),
        report.vin,
        report.vin_problem,
        report.ecus.len(),
        report.codes.len(),
        report.partial.is_some(),
        rank(state),
        reason,
        crate::verdict::summary(report),
        checked.note,
        report.decoder,
        checked.traffic,
        odometer.as_ref().map(|o| o.km),
        odometer.as_ref().map(|o| &o.source),
        odometer.as_ref().map(|o| o.at),
    ])?;
    ecu::put(tx, visit, &report.ecus)?;
    reading::put(tx, visit, &report.snapshot)?;
    trouble_code::put(tx, visit, &report.codes)?;
    freeze_frame::put(tx, visit, &report.freeze_frames)?;
    readiness::put(tx, visit, &report.readiness)?;
    coverage::put(tx, visit, &report.coverage)?;
    settle(tx, id)
}

const ROW: &str = "n.id, r.vehicle, n.started, n.ended, n.port, n.protocol_name, n.ecus, n.codes, n.partial";
const FROM: &str = "visit n join registration r on r.id = n.registration";

fn row(row: &Row<'_>) -> rusqlite::Result<VisitRow> {
    Ok(VisitRow {
        id: VisitId::from_bytes(row.get(0)?),
        vehicle: VehicleId::from_bytes(row.get(1)?),
        started: row.get(2)?,
        ended: row.get(3)?,
        port: row.get(4)?,
        protocol: row.get(5)?,
        ecus: row.get(6)?,
        codes: row.get(7)?,
        partial: row.get(8)?,
    })
}

/// A vehicle's visits, newest first.
pub(crate) fn list(conn: &Connection, vehicle: VehicleId, offset: u32, limit: u32) -> Fallible<Page<VisitRow>> {
    let total = conn
        .prepare_cached(&format!("select count(*) from {FROM} where r.vehicle = ?"))?
        .query_row([vehicle.bytes()], |row| row.get(0))?;
    let sql = format!("select {ROW} from {FROM} where r.vehicle = ? order by n.ended desc, n.id desc limit ? offset ?");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// A visit as it is stored.
pub(crate) struct Stored {
    pub(crate) vehicle: VehicleId,
    pub(crate) registration: VehicleId,
    pub(crate) verdict: Verdict,
    pub(crate) summary: String,
    pub(crate) checked: Checked,
}

/// One visit with its whole check, which the journal holds.
pub(crate) fn get(conn: &Connection, id: VisitId) -> Fallible<Option<Stored>> {
    let sql =
        format!("select r.vehicle, n.registration, n.state, n.reason, n.summary, n.event from {FROM} where n.id = ?");
    let found = conn.prepare_cached(&sql)?.query_row([id.bytes()], |row| {
        let ids = (VehicleId::from_bytes(row.get(0)?), VehicleId::from_bytes(row.get(1)?));
        Ok((ids, verdict(row, 2, 3)?, row.get::<_, String>(4)?, EventId::from_bytes(row.get(5)?)))
    });
    let Some(((vehicle, registration), verdict, summary, event)) = found.optional()? else { return Ok(None) };
    let mut checked = as_read(conn, event)?;
    if let Some(newest) = decoding::newest(conn, id, checked.report.decoder)? {
        checked.report = newest;
    }
    Ok(Some(Stored { vehicle, registration, verdict, summary, checked }))
}

/// A check as it was first read, by the event that tells of it.
fn as_read(conn: &Connection, event: EventId) -> Fallible<Checked> {
    let checked = journal::payload(conn, event)?.and_then(|payload| serde_json::from_str(&payload).ok());
    Ok(checked.ok_or_else(|| {
        Error::new(Code::ChainBroken, "The event that holds this visit's check cannot be read.")
            .hint("Run `roadworthy journal verify`; it names what is damaged.")
    })?)
}

/// A visit's check as it was first read, with the event and the time of that.
pub(crate) fn first_read(conn: &Connection, id: VisitId) -> Fallible<Option<(EventId, Timestamp, Checked)>> {
    let mut find = conn.prepare_cached("select event, ended from visit where id = ?")?;
    let found = find.query_row([id.bytes()], |row| Ok((EventId::from_bytes(row.get(0)?), row.get(1)?))).optional()?;
    let Some((event, ended)) = found else { return Ok(None) };
    Ok(Some((event, ended, as_read(conn, event)?)))
}

/// Visits whose traffic is stored here, newest first.
pub(crate) fn with_traffic(conn: &Connection, offset: u32, limit: u32) -> Fallible<Page<VisitRow>> {
    let stored = "join blob b on b.hash = n.traffic and not b.doomed";
    let total =
        conn.prepare_cached(&format!("select count(*) from {FROM} {stored}"))?.query_row([], |row| row.get(0))?;
    let sql = format!("select {ROW} from {FROM} {stored} order by n.ended desc, n.id desc limit ? offset ?");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// Whether a check read this VIN from a vehicle.
pub(crate) fn read_vin(conn: &Connection, vin: &str) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from visit where vin = ?")?.exists([vin])?)
}

/// Whether a check that is filed under this registration read this VIN.
pub(crate) fn read_vin_under(conn: &Connection, registration: VehicleId, vin: &str) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select 1 from visit where registration = ? and vin = ?")?;
    Ok(find.exists(params![registration.bytes(), vin])?)
}

/// One visit as in a list.
pub(crate) fn one(conn: &Connection, id: VisitId) -> Fallible<Option<VisitRow>> {
    Ok(conn
        .prepare_cached(&format!("select {ROW} from {FROM} where n.id = ?"))?
        .query_row([id.bytes()], row)
        .optional()?)
}

/// Whose visit it is.
pub(crate) fn vehicle(conn: &Connection, id: VisitId) -> Fallible<Option<VehicleId>> {
    let sql = format!("select r.vehicle from {FROM} where n.id = ?");
    let found = conn.prepare_cached(&sql)?.query_row([id.bytes()], |row| row.get(0)).optional()?;
    Ok(found.map(VehicleId::from_bytes))
}

/// The visit of the same vehicle just before this one.
pub(crate) fn before(conn: &Connection, id: VisitId) -> Fallible<Option<VisitId>> {
    let mut find = conn.prepare_cached(
        "select n.id from visit n join registration r on r.id = n.registration,
            (select n.id, n.ended, r.vehicle from visit n join registration r on r.id = n.registration where n.id = ?) this
         where r.vehicle = this.vehicle and (n.ended, n.id) < (this.ended, this.id) order by n.ended desc, n.id desc limit 1",
    )?;
    Ok(find.query_row([id.bytes()], |row| row.get(0)).optional()?.map(VisitId::from_bytes))
}
