//! Everything about one vehicle.

use super::part::{Parts, text};
use crate::store::{Fallible, diagnosis, vehicle};
use roadworthy_api::{Timestamp, id::VehicleId, vehicle::VehicleDetail, vin::VinFacts};

pub(super) const TITLE: &str = "EVERYTHING THAT IS STORED OF A VEHICLE";
pub(super) const TEXT: &str = "\
Its VIN, number plate, notes and photos are in it, and its owner's name: give it only to somebody who may
know them. vehicle.json says which vehicle it is; timeline.txt tells what happened.";

pub(super) fn write(parts: &mut Parts<'_, '_, '_>, id: VehicleId) -> Fallible<()> {
    parts.plan(id)?;
    if let Some(mut detail) = vehicle::get(parts.conn, id)? {
        detail.vin_facts = facts(&detail, parts.now);
        parts.archive.json("vehicle.json", "what is known of the vehicle", &detail)?;
    }
    parts.visits(id)?;
    parts.faults(id)?;
    let diagnosis = diagnosis::get(parts.conn, id)?;
    parts.archive.count("findings of the newest diagnosis", diagnosis.findings.len() as u64);
    parts.archive.json("diagnosis.json", "what the newest diagnosis says, with its evidence", &diagnosis)?;
    let every = diagnosis::every(parts.conn, id)?;
    parts.archive.json("diagnoses.json", "what was found each time, and what was gone by then", &every)?;
    parts.service(id)?;
    parts.measurements(id)?;
    parts.notes(id)?;
    parts.photos(id)?;
    parts.alerts(id)?;
    parts.imports(id)?;
    parts.recordings(id)?;
    parts.telemetry(id)?;
    parts.flags(id)?;
    parts.pins(id)?;
    parts.reports_about(id)?;
    parts.messages(id)?;
    parts.timeline(id)
}

fn facts(detail: &VehicleDetail, now: Timestamp) -> Option<VinFacts> {
    let year = jiff::Timestamp::from_millisecond(now).ok()?.to_zoned(jiff::tz::TimeZone::UTC).year();
    roadworthy_obd::vin::facts(detail.row.vin.as_deref()?, i32::from(year).try_into().ok()?).ok()
}

/// What people call a vehicle, as a cell.
pub(super) fn called(parts: &Parts<'_, '_, '_>, id: VehicleId) -> Fallible<String> {
    Ok(text(vehicle::vehicle_name(parts.conn, id)?.unwrap_or_default()))
}
