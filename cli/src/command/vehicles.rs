//! `roadworthy vehicles`, `roadworthy vehicle` and `roadworthy register`.

use crate::{
    args::Register,
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, state, time},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{GetVehicle, ListFaults, ListVisits, RegisterVehicle},
    fault::FaultRow,
    vehicle::VehicleDetail,
    visit::VisitRow,
};
use serde_json::json;

/// Visits shown; the rest is in the interface.
const VISITS: u32 = 20;

pub(crate) fn list(place: &Place, out: &mut Out, search: Option<String>) -> Result<Exit, Stop> {
    let rows = Session::open(place)?.vehicles(search.as_deref())?;
    if out.json {
        out.object(&rows)?;
        return Ok(Exit::Good);
    }
    if rows.is_empty() {
        match search {
            Some(text) => out.line(&format!("No vehicle matches {text:?}."))?,
            None => out.line("No vehicles yet. Check one: roadworthy check --port sim:petrol")?,
        }
        return Ok(Exit::Good);
    }
    let table: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            vec![
                state(row.verdict.state),
                cell(Tone::Strong, row.plate.clone().unwrap_or_default()),
                cell(Tone::Plain, row.name.clone().unwrap_or_default()),
                // A vehicle must be named by something that `vehicle` understands.
                cell(Tone::Plain, row.vin.clone().unwrap_or_else(|| row.id.to_string())),
                cell(Tone::Faint, row.last_seen.map_or_else(|| "never seen".into(), time)),
                cell(Tone::Plain, &row.verdict.reason),
            ]
        })
        .collect();
    out.table(&table)?;
    Ok(Exit::Good)
}

pub(crate) fn show(place: &Place, out: &mut Out, named: &str) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let vehicle = session.find_vehicle(named)?;
    let detail = session.call(GetVehicle { vehicle })?;
    let faults = session.call(ListFaults { vehicle })?;
    let visits = session.call(ListVisits { vehicle, offset: 0, limit: VISITS })?;
    if out.json {
        let mut object = json!(detail);
        object["faults"] = json!(faults);
        object["visit_rows"] = json!(visits.rows);
        out.object(&object)?;
        return Ok(Exit::Good);
    }
    head(out, &detail)?;
    out.heading("Faults")?;
    let rows: Vec<_> = faults.iter().map(fault).collect();
    if rows.is_empty() {
        out.line("  none seen")?
    } else {
        out.table(&rows)?
    }
    out.heading(&format!("Visits ({})", visits.total))?;
    let rows: Vec<_> = visits.rows.iter().map(visit).collect();
    if rows.is_empty() {
        out.line("  none yet")?
    } else {
        out.table(&rows)?
    }
    Ok(Exit::Good)
}

pub(crate) fn register(place: &Place, out: &mut Out, new: Register) -> Result<Exit, Stop> {
    let Register { vin, plate, name } = new;
    let vehicle = Session::open(place)?.call(RegisterVehicle { vin, plate, name })?;
    if out.json {
        out.object(&json!({ "vehicle": vehicle }))?;
    } else {
        out.line(&format!("Registered as {vehicle}."))?;
    }
    Ok(Exit::Good)
}

fn head(out: &mut Out, detail: &VehicleDetail) -> Result<(), Stop> {
    let row = &detail.row;
    let title = [&row.plate, &row.name, &row.vin].into_iter().flatten().cloned().collect::<Vec<_>>().join(" · ");
    let title = if title.is_empty() { format!("Vehicle {}", row.id) } else { title };
    let (tone, word) = state(row.verdict.state);
    out.line(&out.paint(Tone::Strong, &title))?;
    out.line(&format!("{}: {}", out.paint(tone, &word), row.verdict.reason))?;
    let mut facts = vec![vec![cell(Tone::Faint, "id"), cell(Tone::Plain, row.id.to_string())]];
    if let Some(odometer) = &detail.odometer {
        let text = format!("{:.0} km, {} on {}", odometer.km, odometer.source, time(odometer.at));
        facts.push(vec![cell(Tone::Faint, "odometer"), cell(Tone::Plain, text)]);
    }
    if let Some(owner) = &detail.owner_name {
        facts.push(vec![cell(Tone::Faint, "owner"), cell(Tone::Plain, owner)]);
    }
    facts.push(vec![cell(Tone::Faint, "seen"), cell(Tone::Plain, row.last_seen.map_or_else(|| "never".into(), time))]);
    Ok(out.table(&facts)?)
}

fn fault(fault: &FaultRow) -> Vec<Cell> {
    let seen = if fault.present { cell(Tone::Bad, "present") } else { cell(Tone::Faint, "gone") };
    vec![
        cell(Tone::Strong, &fault.code),
        cell(Tone::Plain, format!("{:?}", fault.class).to_lowercase()),
        seen,
        cell(Tone::Plain, format!("{} ({})", fault.ecu_name, fault.ecu)),
        cell(Tone::Faint, format!("{}, last {}", count(fault.visits as usize, "visit"), time(fault.last_seen))),
        cell(Tone::Plain, &fault.system),
    ]
}

fn visit(visit: &VisitRow) -> Vec<Cell> {
    vec![
        cell(Tone::Plain, time(visit.started)),
        cell(Tone::Plain, count(visit.codes as usize, "code")),
        cell(Tone::Plain, count(visit.ecus as usize, "ECU")),
        cell(Tone::Plain, &visit.port),
        cell(Tone::Watch, if visit.partial { "cut short" } else { "" }),
        cell(Tone::Faint, visit.id.to_string()),
    ]
}
