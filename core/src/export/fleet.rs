//! The fleet as tables. Plates, names and VINs of vehicles are in it; customers are not.

use super::{
    part::{Parts, all, iso, standing, text, word},
    vehicle::called,
};
use crate::store::{Fallible, alert, measurement, service, trouble_code, vehicle, visit};
use roadworthy_api::{alert::AlertView, id::VehicleId, note::Measured};

pub(super) const TITLE: &str = "THE FLEET AS TABLES";
pub(super) const TEXT: &str = "\
One row of vehicles.csv is one vehicle; the others name it by its id and by what people call it. Customers are
not in it: `roadworthy export customer` gives one customer's data.";

pub(super) fn write(parts: &mut Parts<'_, '_, '_>) -> Fallible<()> {
    let wanted = vehicle::Wanted::default();
    let rows = all(|o, l| vehicle::list(parts.conn, &wanted, o, l))?;
    parts.progress.plan(1000 * rows.len() as u64);
    let ids: Vec<VehicleId> = rows.iter().map(|row| row.id).collect();
    let mut table = Vec::new();
    for row in rows {
        let detail = vehicle::get(parts.conn, row.id)?;
        let odometer = detail.as_ref().and_then(|d| d.odometer.as_ref());
        table.push(vec![
            row.id.to_string(),
            text(row.vin.unwrap_or_default()),
            text(row.plate.unwrap_or_default()),
            text(row.name.unwrap_or_default()),
            word(&row.verdict.state),
            text(row.verdict.reason),
            row.last_seen.map(|at| parts.at(at)).unwrap_or_default(),
            detail.as_ref().map_or(0, |d| d.visits).to_string(),
            odometer.map(|o| o.km.to_string()).unwrap_or_default(),
            odometer.map(|o| parts.at(o.at)).unwrap_or_default(),
        ]);
    }
    let head =
        ["vehicle", "VIN", "plate", "name", "state", "reason", "last seen", "visits", "odometer [km]", "odometer read"];
    put(parts, "vehicles", "the vehicles, as they are now", &head, table)?;
    each(parts, &ids)
}

/// The tables that have rows of each vehicle; a vehicle after the other, so that one is in memory at a time.
fn each(parts: &mut Parts<'_, '_, '_>, ids: &[VehicleId]) -> Fallible<()> {
    type Rows = Vec<Vec<String>>;
    let (mut visits, mut codes, mut alerts): (Rows, Rows, Rows) = Default::default();
    let (mut odometer, mut services): (Rows, Rows) = Default::default();
    for id in ids {
        parts.progress.step("Vehicles", 1000)?;
        let (conn, zone, named) = (parts.conn, parts.zone, called(parts, *id)?);
        let begin = || vec![id.to_string(), named.clone()];
        let row = |cells: Vec<String>| begin().into_iter().chain(cells).collect::<Vec<_>>();
        for v in all(|o, l| visit::list(conn, *id, o, l))? {
            visits.push(row(vec![
                iso(v.ended, zone),
                iso(v.started, zone),
                v.codes.to_string(),
                v.ecus.to_string(),
                text(v.protocol.unwrap_or_default()),
                if v.partial { "yes".into() } else { "no".into() },
                v.id.to_string(),
            ]));
        }
        for f in trouble_code::faults(conn, *id)? {
            codes.push(row(vec![
                text(f.code),
                text(f.title.unwrap_or_default()),
                word(&f.class),
                text(f.ecu_name),
                iso(f.first_seen, zone),
                iso(f.last_seen, zone),
                f.visits.to_string(),
                if f.present { "yes".into() } else { "no".into() },
            ]));
        }
        for a in all(|o, l| alert::list(conn, AlertView::All, Some(*id), parts.now, o, l))? {
            let (changed, why) = standing(&a.state);
            alerts.push(row(vec![
                iso(a.raised, zone),
                word(&a.severity),
                text(&a.title),
                word(&a.state),
                changed.map(|at| iso(at, zone)).unwrap_or_default(),
                text(why),
                a.times.to_string(),
                a.id.to_string(),
            ]));
        }
        for s in all(|o, l| service::list(conn, *id, o, l))? {
            let (f, cost) = (&s.fields, s.fields.cost.as_ref());
            services.push(row(vec![
                f.day.clone(),
                text(f.time.as_deref().unwrap_or_default()),
                f.kind.word().to_owned(),
                text(&f.description),
                f.odometer.map(|m| m.value.to_string()).unwrap_or_default(),
                f.odometer.map_or("", |m| m.unit.word()).to_owned(),
                s.km.map(|km| km.to_string()).unwrap_or_default(),
                cost.map(|c| c.amount.to_string()).unwrap_or_default(),
                text(cost.and_then(|c| c.currency.as_deref()).unwrap_or_default()),
                text(&f.vendor),
                text(f.tasks.join("; ")),
                s.id.to_string(),
            ]));
        }
        for m in all(|o, l| measurement::list(conn, *id, o, l))? {
            if let Measured::Odometer { km } = m.measured {
                let how = if m.id.is_some() { "typed in" } else { "read from the vehicle" };
                odometer.push(row(vec![iso(m.at, zone), km.to_string(), how.to_owned()]));
            }
        }
    }
    let head = ["vehicle", "called", "ended", "started", "codes", "control units", "protocol", "cut short", "visit"];
    put(parts, "visits", "each time a vehicle was connected", &head, visits)?;
    let head = [
        "vehicle",
        "called",
        "code",
        "title",
        "list",
        "control unit",
        "first seen",
        "last seen",
        "visits",
        "still there",
    ];
    put(parts, "codes", "trouble codes over all visits", &head, codes)?;
    let head =
        ["vehicle", "called", "raised", "severity", "title", "state", "since or until", "why", "times seen", "alert"];
    put(parts, "alerts", "alerts and where they stand", &head, alerts)?;
    let head = [
        "vehicle",
        "called",
        "day",
        "time",
        "kind",
        "description",
        "odometer",
        "odometer unit",
        "counts as [km]",
        "cost",
        "currency",
        "vendor",
        "tasks",
        "record",
    ];
    put(parts, "service", "service records", &head, services)?;
    put(parts, "odometer", "odometer readings", &["vehicle", "called", "time", "odometer [km]", "source"], odometer)
}

fn put(parts: &mut Parts<'_, '_, '_>, name: &str, what: &str, head: &[&str], rows: Vec<Vec<String>>) -> Fallible<()> {
    let count = parts.archive.table(&format!("{name}.csv"), what, head, rows)?;
    let called = match name {
        "odometer" => "odometer readings",
        "service" => "service records",
        other => other,
    };
    parts.archive.count(called, count);
    Ok(())
}
