//! The fleet as tables. Plates, names and VINs of vehicles are in it; customers are not.

use super::{
    part::{Parts, all, standing, text, word},
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
    let count = parts.archive.table("vehicles.csv", "the vehicles, as they are now", &head, table)?;
    parts.archive.count("vehicles", count);
    visits(parts, &ids)?;
    codes(parts, &ids)?;
    alerts(parts, &ids)?;
    services(parts, &ids)?;
    odometer(parts, &ids)
}

type Rows = Vec<Vec<String>>;

/// A table that has rows of each vehicle, of which one is in memory at a time.
fn each(
    parts: &mut Parts<'_, '_, '_>,
    (name, what, called): (&str, &str, &str),
    head: &[&str],
    ids: &[VehicleId],
    mut rows: impl FnMut(&Parts<'_, '_, '_>, VehicleId) -> Fallible<Rows>,
) -> Fallible<()> {
    parts.archive.begin(&format!("{name}.csv"), what)?;
    let mut count = 0;
    let head: Vec<&str> = ["vehicle", "called"].into_iter().chain(head.iter().copied()).collect();
    let mut part = Rows::from([head.into_iter().map(str::to_owned).collect()]);
    for id in ids {
        parts.progress.step("Vehicles", 200)?;
        let begin = [id.to_string(), self::called(parts, *id)?];
        part.extend(rows(parts, *id)?.into_iter().map(|row| begin.iter().cloned().chain(row).collect()));
        count += parts.archive.rows(std::mem::take(&mut part))?;
    }
    count += parts.archive.rows(part)?;
    parts.archive.end(Some(count - 1))?;
    parts.archive.count(called, count - 1);
    Ok(())
}

fn visits(parts: &mut Parts<'_, '_, '_>, ids: &[VehicleId]) -> Fallible<()> {
    let head = ["ended", "started", "codes", "control units", "protocol", "cut short", "visit"];
    each(parts, ("visits", "each time a vehicle was connected", "visits"), &head, ids, |parts, id| {
        let rows = all(|o, l| visit::list(parts.conn, id, o, l))?.into_iter().map(|v| {
            vec![
                parts.at(v.ended),
                parts.at(v.started),
                v.codes.to_string(),
                v.ecus.to_string(),
                text(v.protocol.unwrap_or_default()),
                if v.partial { "yes".into() } else { "no".into() },
                v.id.to_string(),
            ]
        });
        Ok(rows.collect())
    })
}

fn codes(parts: &mut Parts<'_, '_, '_>, ids: &[VehicleId]) -> Fallible<()> {
    let head = ["code", "title", "list", "control unit", "first seen", "last seen", "visits", "still there"];
    each(parts, ("codes", "trouble codes over all visits", "codes"), &head, ids, |parts, id| {
        let rows = trouble_code::faults(parts.conn, id)?.into_iter().map(|f| {
            vec![
                text(f.code),
                text(f.title.unwrap_or_default()),
                word(&f.class),
                text(f.ecu_name),
                parts.at(f.first_seen),
                parts.at(f.last_seen),
                f.visits.to_string(),
                if f.present { "yes".into() } else { "no".into() },
            ]
        });
        Ok(rows.collect())
    })
}

fn alerts(parts: &mut Parts<'_, '_, '_>, ids: &[VehicleId]) -> Fallible<()> {
    let head = ["raised", "severity", "title", "state", "since or until", "why", "times seen", "alert"];
    each(parts, ("alerts", "alerts and where they stand", "alerts"), &head, ids, |parts, id| {
        let rows = all(|o, l| alert::list(parts.conn, AlertView::All, Some(id), parts.now, o, l))?;
        let rows = rows.into_iter().map(|a| {
            let (changed, why) = standing(&a.state);
            vec![
                parts.at(a.raised),
                word(&a.severity),
                text(&a.title),
                word(&a.state),
                parts.maybe(changed),
                text(why),
                a.times.to_string(),
                a.id.to_string(),
            ]
        });
        Ok(rows.collect())
    })
}

fn services(parts: &mut Parts<'_, '_, '_>, ids: &[VehicleId]) -> Fallible<()> {
    let head = [
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
    each(parts, ("service", "service records", "service records"), &head, ids, |parts, id| {
        let rows = all(|o, l| service::list(parts.conn, id, o, l))?.into_iter().map(|s| {
            let (f, cost) = (&s.fields, s.fields.cost.as_ref());
            vec![
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
            ]
        });
        Ok(rows.collect())
    })
}

fn odometer(parts: &mut Parts<'_, '_, '_>, ids: &[VehicleId]) -> Fallible<()> {
    let head = ["time", "odometer [km]", "source"];
    each(parts, ("odometer", "odometer readings", "odometer readings"), &head, ids, |parts, id| {
        let rows = all(|o, l| measurement::list(parts.conn, id, o, l))?.into_iter().filter_map(|m| {
            let Measured::Odometer { km } = m.measured else { return None };
            let at = parts.read_at(&m);
            let how = match (m.id, m.service) {
                (Some(_), _) => "typed in",
                (None, Some(_)) => "from a service record",
                (None, None) => "read from the vehicle",
            };
            Some(at.map(|at| vec![at, km.to_string(), how.to_owned()]))
        });
        rows.collect()
    })
}
