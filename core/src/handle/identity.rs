//! Which registrations are one vehicle: said by a person, or by a VIN.

use super::{no_vehicle, vehicle::resolve};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, Attached, VehicleFields},
    },
    store::{Fallible, Writing, registration, visit},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{AttachVehicle, DetachVehicle, SetVin},
    id::VehicleId,
    role::Actor,
    vin::CheckDigit,
};
use roadworthy_obd::vin;

fn attach(w: &mut Writing<'_>, registration: VehicleId, to: Option<VehicleId>) -> Fallible<()> {
    let id = w.mint()?;
    w.append(NewEvent::new(id, kind::VEHICLE_ATTACHED, Some(registration.bytes()), &Attached { to })?)?;
    Ok(())
}

impl Handle<AttachVehicle> for Engine {
    fn handle(&self, who: &Actor, call: AttachVehicle) -> Result<VehicleId> {
        self.store.write(&actor(who), now(), |w| {
            let (one, other) = (resolve(w, call.vehicle)?, resolve(w, call.to)?);
            if one == other {
                return Ok(one);
            }
            let (one, other) = (registration::root(w.tx(), one)?, registration::root(w.tx(), other)?);
            let vin = |id: VehicleId| registration::vin(w.tx(), id.bytes());
            match (vin(one)?, vin(other)?) {
                (None, _) => attach(w, one, Some(other))?,
                // The same said the other way round.
                (Some(_), None) => attach(w, other, Some(one))?,
                (Some(_), Some(_)) => {
                    return Err(Error::new(Code::Conflict, "These vehicles have two different VINs, so they are two.")
                        .hint("If one VIN was mistyped, set the right one first, or none.")
                        .into());
                }
            }
            resolve(w, one)
        })
    }
}

impl Handle<DetachVehicle> for Engine {
    fn handle(&self, who: &Actor, call: DetachVehicle) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            resolve(w, call.vehicle)?;
            if registration::attached_to(w.tx(), call.vehicle)?.is_none() {
                return Err(Error::new(Code::Conflict, "This registration was not attached to another.")
                    .hint("Registrations of one VIN are one vehicle and cannot be taken apart.")
                    .into());
            }
            attach(w, call.vehicle, None)
        })
    }
}

impl Handle<SetVin> for Engine {
    fn handle(&self, who: &Actor, call: SetVin) -> Result<VehicleId> {
        let vin = call.vin.trim().to_uppercase();
        if !vin.is_empty() {
            vin::well_formed(&vin).map_err(|problem| {
                Error::new(Code::Invalid, problem.to_string()).hint("Compare it with the registration papers.")
            })?;
        }
        self.store.write(&actor(who), now(), |w| {
            let main = resolve(w, call.vehicle)?;
            if !vin.is_empty() {
                typed(w, &vin)?;
            }
            // Of several that a VIN joined, the one named is meant: it may be the one that was mistyped.
            let of = match registration::vin(w.tx(), call.vehicle.bytes())? {
                Some(_) => call.vehicle,
                None => registration::root(w.tx(), main)?,
            };
            let known = registration::vin(w.tx(), of.bytes())?;
            if known.as_deref().unwrap_or_default() != vin {
                if let Some(known) = known
                    && visit::read_vin_under(w.tx(), of, &known)?
                {
                    return Err(Error::new(
                        Code::Conflict,
                        "A check read this VIN from the vehicle itself, so it stays.",
                    )
                    .hint("Only a VIN that was typed can be changed. Register another vehicle under its own VIN.")
                    .into());
                }
                give_vin(w, of, &vin)?;
            }
            Ok(registration::vehicle(w.tx(), of)?.ok_or_else(no_vehicle)?)
        })
    }
}

/// Refuses a VIN that a person typed and that cannot be right. One that a check read from a vehicle is taken as it is.
pub(super) fn typed(w: &Writing<'_>, vin: &str) -> Fallible<()> {
    let wrong = vin::facts(vin, super::vehicle::this_year()).is_ok_and(|f| f.check_digit == CheckDigit::Wrong);
    if wrong && !visit::read_vin(w.tx(), vin)? {
        return Err(Error::new(
            Code::Invalid,
            "The check digit (position 9) does not fit the rest of this VIN: it is probably mistyped.",
        )
        .hint("Compare it with the plate on the vehicle. One that a check reads from the vehicle is taken as it is.")
        .into());
    }
    Ok(())
}

/// Gives a registration its VIN; others of that VIN are one vehicle with it from now on. An empty text takes it away.
pub(super) fn give_vin(w: &mut Writing<'_>, registration: VehicleId, vin: &str) -> Fallible<()> {
    let id = w.mint()?;
    let fields = VehicleFields { vin: Some(vin.to_owned()), ..VehicleFields::default() };
    w.append(NewEvent::new(id, kind::VEHICLE_EDITED, Some(registration.bytes()), &fields)?)?;
    Ok(())
}
