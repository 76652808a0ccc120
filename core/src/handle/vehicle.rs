//! Vehicles: lists, registration, edits, owners.

use super::{PAGE, given, identity::typed, no_person, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, OwnerSet, VehicleFields},
    },
    odometer,
    store::{
        Fallible, Writing, measurement, person, registration,
        vehicle::{self, Wanted},
    },
};
use jiff::tz::TimeZone;
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{CountVehicles, EditVehicle, GetVehicle, ListVehicles, RegisterVehicle, SetOwner},
    id::VehicleId,
    role::Actor,
    vehicle::{Page, VehicleCounts, VehicleDetail, VehicleRow},
};

impl Handle<ListVehicles> for Engine {
    fn handle(&self, _: &Actor, call: ListVehicles) -> Result<Page<VehicleRow>> {
        let wanted = Wanted {
            search: call.search.unwrap_or_default(),
            order: call.order.unwrap_or_default(),
            back: call.back.unwrap_or(false),
            state: call.state,
        };
        self.store.read(|conn| vehicle::list(conn, &wanted, call.offset, call.limit.min(PAGE)))
    }
}

impl Handle<CountVehicles> for Engine {
    fn handle(&self, _: &Actor, _: CountVehicles) -> Result<VehicleCounts> {
        self.store.read(vehicle::counts)
    }
}

impl Handle<GetVehicle> for Engine {
    fn handle(&self, _: &Actor, call: GetVehicle) -> Result<VehicleDetail> {
        self.store.read(|conn| {
            let mut detail = vehicle::get(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            if let Some(shown) = &mut detail.odometer {
                let before = measurement::odometer_until(conn, detail.row.id, shown.at.saturating_sub(1))?;
                shown.remark = odometer::remark(shown.km, before.as_ref(), &TimeZone::system());
            }
            detail.vin_facts =
                detail.row.vin.as_deref().and_then(|vin| roadworthy_obd::vin::facts(vin, this_year()).ok());
            Ok(detail)
        })
    }
}

impl Handle<RegisterVehicle> for Engine {
    fn handle(&self, who: &Actor, call: RegisterVehicle) -> Result<VehicleId> {
        let vin = given(call.vin).map(|vin| vin.to_uppercase());
        if let Some(vin) = &vin {
            roadworthy_obd::vin::well_formed(vin).map_err(|problem| {
                Error::new(Code::Invalid, problem.to_string())
                    .hint("Compare it with the registration papers, or leave it out.")
            })?;
        }
        let (plate, name) = (given(call.plate), given(call.name));
        if vin.is_none() && plate.is_none() && name.is_none() {
            return Err(
                Error::new(Code::Invalid, "A vehicle needs a VIN, a plate or a name.").hint("Give one of them.")
            );
        }
        self.store.write(&actor(who), now(), |w| {
            if let Some(vin) = &vin {
                if vehicle::by_vin(w.tx(), vin)?.is_some() {
                    return Err(Error::new(Code::Conflict, "A vehicle with this VIN is registered already.")
                        .hint("Search for the VIN in the list of vehicles and open that one.")
                        .into());
                }
                typed(w, vin)?;
            }
            register(w, vin.as_deref(), plate.as_deref(), name.as_deref())
        })
    }
}

/// The present year, which decides what a VIN's model year can be.
pub(super) fn this_year() -> u16 {
    let year = jiff::Timestamp::from_millisecond(now()).map(|t| t.to_zoned(TimeZone::UTC).year());
    year.ok().and_then(|year| u16::try_from(year).ok()).unwrap_or(u16::MAX)
}

/// Registers a vehicle. The caller has looked whether its VIN is known.
pub(super) fn register(
    w: &mut Writing<'_>,
    vin: Option<&str>,
    plate: Option<&str>,
    name: Option<&str>,
) -> Fallible<VehicleId> {
    let id = w.mint()?;
    let vehicle = VehicleId(w.mint()?.0);
    let plate = plate.map(|plate| w.seal(vehicle.bytes(), id, "plate", plate)).transpose()?;
    let name = name.map(|name| w.seal(vehicle.bytes(), id, "name", name)).transpose()?;
    let fields = VehicleFields { vin: vin.map(str::to_owned), plate, name };
    w.append(NewEvent::new(id, kind::VEHICLE_REGISTERED, Some(vehicle.bytes()), &fields)?)?;
    Ok(vehicle)
}

impl Handle<EditVehicle> for Engine {
    fn handle(&self, who: &Actor, call: EditVehicle) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let shown = vehicle::get(w.tx(), call.vehicle)?.ok_or_else(no_vehicle)?.row;
            let changed = |new: Option<&String>, old: &Option<String>| {
                let new = new.map(|n| n.trim())?;
                (new != old.as_deref().unwrap_or_default()).then(|| new.to_owned())
            };
            let plate = changed(call.plate.as_ref(), &shown.plate);
            let name = changed(call.name.as_ref(), &shown.name);
            if plate.is_none() && name.is_none() {
                return Ok(());
            }
            let (id, subject) = (w.mint()?, registration::root(w.tx(), shown.id)?.bytes());
            let plate = plate.map(|plate| w.seal(subject, id, "plate", &plate)).transpose()?;
            let name = name.map(|name| w.seal(subject, id, "name", &name)).transpose()?;
            w.append(NewEvent::new(
                id,
                kind::VEHICLE_EDITED,
                Some(subject),
                &VehicleFields { vin: None, plate, name },
            )?)?;
            Ok(())
        })
    }
}

impl Handle<SetOwner> for Engine {
    fn handle(&self, who: &Actor, call: SetOwner) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let shown = vehicle::get(w.tx(), call.vehicle)?.ok_or_else(no_vehicle)?;
            if let Some(owner) = call.person
                && person::get(w.tx(), owner)?.is_none()
            {
                return Err(no_person().into());
            }
            if shown.owner == call.person {
                return Ok(());
            }
            let id = w.mint()?;
            let set = OwnerSet { person: call.person };
            let subject = registration::root(w.tx(), shown.row.id)?.bytes();
            w.append(NewEvent::new(id, kind::VEHICLE_OWNER_SET, Some(subject), &set)?)?;
            Ok(())
        })
    }
}

/// The vehicle that `chosen` means now.
pub(super) fn resolve(w: &Writing<'_>, chosen: VehicleId) -> Fallible<VehicleId> {
    registration::vehicle(w.tx(), chosen)?.ok_or_else(|| no_vehicle().into())
}
