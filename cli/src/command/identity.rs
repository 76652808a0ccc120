//! `roadworthy attach`, `detach` and `set-vin`.

use crate::{
    exit::{Exit, Stop},
    out::Out,
    session::{Place, Session, id},
};
use roadworthy_api::{
    calls::{AttachVehicle, DetachVehicle, SetVin},
    id::VehicleId,
};
use serde_json::json;

fn now_is(out: &mut Out, vehicle: VehicleId) -> Result<Exit, Stop> {
    if out.json {
        out.object(&json!({ "vehicle": vehicle }))?;
    } else {
        out.line(&format!("It is vehicle {vehicle} now."))?;
    }
    Ok(Exit::Good)
}

pub(crate) fn attach(place: &Place, out: &mut Out, vehicle: &str, to: &str) -> Result<Exit, Stop> {
    let session = Session::open_to_store(place)?;
    let (vehicle, to) = (session.find_vehicle(vehicle)?, session.find_vehicle(to)?);
    now_is(out, session.call(AttachVehicle { vehicle, to })?)
}

pub(crate) fn detach(place: &Place, out: &mut Out, registration: &str) -> Result<Exit, Stop> {
    // By its own id only: a plate or a VIN would name the vehicle that it is attached to.
    let vehicle = id(registration, "a registration", "`roadworthy vehicle PLATE` prints the ids of those attached.")?;
    Session::open_to_store(place)?.call(DetachVehicle { vehicle })?;
    now_is(out, vehicle)
}

pub(crate) fn set_vin(place: &Place, out: &mut Out, vehicle: &str, vin: String) -> Result<Exit, Stop> {
    let session = Session::open_to_store(place)?;
    // An id is taken as it is: it may name one of several registrations that a VIN joined.
    let vehicle = vehicle.parse().or_else(|_| session.find_vehicle(vehicle))?;
    now_is(out, session.call(SetVin { vehicle, vin })?)
}
