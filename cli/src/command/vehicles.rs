//! `roadworthy vehicles`, `roadworthy vehicle` and `roadworthy register`.

use crate::{
    args::Register,
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, state, time},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{GetVehicle, ListFaults, ListMeasurements, ListNotes, ListPhotos, ListVisits, RegisterVehicle},
    fault::FaultRow,
    vehicle::VehicleDetail,
    vin::CheckDigit,
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
    let measurements = session.call(ListMeasurements { vehicle, offset: 0, limit: VISITS })?;
    let notes = session.call(ListNotes { vehicle, offset: 0, limit: 1 })?.total;
    let photos = session.call(ListPhotos { vehicle, offset: 0, limit: 1 })?.total;
    if out.json {
        let mut object = json!(detail);
        object["faults"] = json!(faults);
        object["visit_rows"] = json!(visits.rows);
        object["measurements"] = json!(measurements.rows);
        object["notes"] = json!(notes);
        object["photos"] = json!(photos);
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
    if !measurements.rows.is_empty() {
        out.heading(&format!("Measurements ({})", measurements.total))?;
        out.table(&measurements.rows.iter().map(super::keep::row).collect::<Vec<_>>())?;
    }
    if notes + photos > 0 {
        out.line(&format!("\n{}, {}", count(notes as usize, "note"), count(photos as usize, "photo")))?;
    }
    Ok(Exit::Good)
}

pub(crate) fn register(place: &Place, out: &mut Out, new: Register) -> Result<Exit, Stop> {
    let Register { vin, plate, name } = new;
    let vehicle = Session::open_to_store(place)?.call(RegisterVehicle { vin, plate, name })?;
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
        let remark = odometer.remark.as_ref().map(|r| format!(" ({r})")).unwrap_or_default();
        let text = format!("{:.0} km, {} on {}{remark}", odometer.km, odometer.source, time(odometer.at));
        facts.push(vec![cell(Tone::Faint, "odometer"), cell(Tone::Plain, text)]);
    }
    if detail.provisional {
        facts.push(vec![cell(Tone::Faint, "identity"), cell(Tone::Watch, "provisional: no VIN yet")]);
    }
    if let Some(vin) = &detail.vin_facts {
        let years = vin.model_years.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
        let known =
            [vin.maker.clone(), vin.country.clone(), (!years.is_empty()).then(|| format!("model year {years}"))];
        let mut known: Vec<String> = known.into_iter().flatten().collect();
        if vin.check_digit == CheckDigit::Wrong {
            known.push("its check digit does not fit".into());
        }
        facts.push(vec![cell(Tone::Faint, "VIN says"), cell(Tone::Plain, known.join(", "))]);
    }
    for other in &detail.registrations {
        let why = if other.attached { "attached" } else { "same VIN" };
        let text = format!("{} ({why}, {}) {}", other.title, count(other.visits as usize, "visit"), other.id);
        facts.push(vec![cell(Tone::Faint, "also"), cell(Tone::Plain, text)]);
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
