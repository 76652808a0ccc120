use super::*;
use crate::Engine;
use crate::verdict::sample::{VIN, clean};
use roadworthy_api::{Code, calls::*, id::VisitId, vehicle::VehicleDetail, vin::CheckDigit};

fn without_vin() -> CheckReport {
    CheckReport { vin: None, ..clean() }
}

fn named(engine: &Engine, vin: Option<&str>, name: &str) -> VehicleId {
    ask(engine, RegisterVehicle { vin: vin.map(Into::into), plate: None, name: Some(name.into()) }).unwrap()
}

fn get(engine: &Engine, vehicle: VehicleId) -> VehicleDetail {
    ask(engine, GetVehicle { vehicle }).unwrap()
}

fn visits(engine: &Engine, vehicle: VehicleId) -> Vec<VisitId> {
    let list = ListVisits { vehicle, offset: 0, limit: 50 };
    let mut visits: Vec<_> = ask(engine, list).unwrap().rows.into_iter().map(|v| v.id).collect();
    visits.sort_unstable();
    visits
}

fn attach(engine: &Engine, vehicle: VehicleId, to: VehicleId) -> Result<VehicleId> {
    ask(engine, AttachVehicle { vehicle, to })
}

#[test]
fn a_provisional_vehicle_is_attached_and_its_visits_move_and_come_back() -> Result<()> {
    let engine = own();
    let provisional = filed(&engine, None, without_vin());
    assert!(get(&engine, provisional.vehicle).provisional);
    let known = filed(&engine, None, clean());
    assert!(!get(&engine, known.vehicle).provisional);

    let one = attach(&engine, provisional.vehicle, known.vehicle)?;
    for id in [provisional.vehicle, known.vehicle, one] {
        let shown = get(&engine, id);
        assert_eq!((shown.row.id, shown.row.vin.as_deref(), shown.visits), (one, Some(VIN), 2));
        assert!(!shown.provisional);
        let other: Vec<_> = shown.registrations.iter().map(|r| (r.id, r.visits, r.attached)).collect();
        assert_eq!(other, [(provisional.vehicle, 1, true)]);
    }
    assert_eq!(ask(&engine, CountVehicles {})?.good, 1);
    // What is read and said from now on stays with the VIN, though the provisional one is the older registration.
    let later = filed(&engine, None, clean());
    let chosen = filed(&engine, Some(provisional.vehicle), without_vin());
    assert_eq!((later.vehicle, chosen.vehicle), (one, one));
    ask(&engine, EditVehicle { vehicle: one, plate: Some("B-RW 1".into()), name: None })?;

    ask(&engine, DetachVehicle { vehicle: provisional.vehicle })?;
    assert_eq!(visits(&engine, provisional.vehicle), [provisional.visit]);
    let mut own_visits = [known.visit, later.visit, chosen.visit];
    own_visits.sort_unstable();
    assert_eq!(visits(&engine, known.vehicle), own_visits);
    assert_eq!(get(&engine, known.vehicle).row.plate.as_deref(), Some("B-RW 1"));
    assert_eq!(get(&engine, provisional.vehicle).row.plate, None);
    assert!(get(&engine, known.vehicle).registrations.is_empty());
    let again = ask(&engine, DetachVehicle { vehicle: provisional.vehicle }).unwrap_err();
    assert_eq!((again.code, again.hint.is_empty()), (Code::Conflict, false));
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn attaching_goes_either_way_round_and_never_joins_two_vins() -> Result<()> {
    let engine = own();
    let (a, b) = (named(&engine, Some(VIN), "A"), named(&engine, Some("1RWTEST01X0000002"), "B"));
    let (p, q) = (named(&engine, None, "P"), named(&engine, None, "Q"));
    let error = attach(&engine, a, b).unwrap_err();
    assert_eq!((error.code, error.hint.is_empty()), (Code::Conflict, false));
    assert_eq!(attach(&engine, p, p)?, p, "because it is that already");
    attach(&engine, p, q)?;
    attach(&engine, q, p)?;
    let one = attach(&engine, a, p)?;
    assert_eq!([a, p, q].map(|id| get(&engine, id).row.id), [one; 3]);
    assert_eq!(get(&engine, q).row.vin.as_deref(), Some(VIN));
    assert_eq!(attach(&engine, q, b).unwrap_err().code, Code::Conflict, "because it is A by now");
    assert_eq!(attach(&engine, p, VehicleId(1)).unwrap_err().code, Code::NotFound);
    let attached: Vec<VehicleId> = get(&engine, a).registrations.iter().filter(|r| r.attached).map(|r| r.id).collect();
    for id in attached {
        ask(&engine, DetachVehicle { vehicle: id })?;
    }
    assert_ne!(get(&engine, p).row.id, get(&engine, a).row.id);
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn a_vin_that_is_known_joins_and_one_that_cannot_be_right_is_refused() -> Result<()> {
    let engine = own();
    let first = filed(&engine, None, without_vin());
    let set = |vehicle, vin: &str| ask(&engine, SetVin { vehicle, vin: vin.into() });
    for bad in ["1RWTEST00X000000", "1RWTEST00X000000O", "1RWTEST00X0000002"] {
        let error = set(first.vehicle, bad).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (Code::Invalid, false), "{bad}");
    }
    assert_eq!(set(first.vehicle, &format!(" {} ", VIN.to_lowercase()))?, first.vehicle);
    let shown = get(&engine, first.vehicle);
    assert_eq!((shown.row.vin.as_deref(), shown.provisional), (Some(VIN), false));
    assert_eq!(shown.vin_facts.map(|f| f.check_digit), Some(CheckDigit::Fits));
    set(first.vehicle, VIN)?;

    let second = filed(&engine, None, without_vin());
    assert_ne!(second.vehicle, first.vehicle);
    assert_eq!(set(second.vehicle, VIN)?, first.vehicle);
    assert_eq!(get(&engine, second.vehicle).visits, 2);
    assert!(get(&engine, second.vehicle).registrations.iter().all(|r| !r.attached));
    let error = ask(&engine, DetachVehicle { vehicle: second.vehicle }).unwrap_err();
    assert_eq!(error.code, Code::Conflict, "because it has the VIN itself");

    // A check digit that the vehicle itself gave is taken as it is.
    let read = CheckReport { vin: Some("1RWTEST00X0000002".into()), ..clean() };
    let with_wrong_digit = filed(&engine, None, read).vehicle;
    let third = filed(&engine, None, without_vin()).vehicle;
    assert_eq!(set(third, "1RWTEST00X0000002")?, with_wrong_digit);
    Ok(())
}

#[test]
fn a_vin_goes_to_the_one_that_others_are_attached_to() -> Result<()> {
    let engine = own();
    let (p, q, r) = (named(&engine, None, "P"), named(&engine, None, "Q"), named(&engine, None, "R"));
    attach(&engine, p, q)?;
    attach(&engine, q, r)?;
    let one = ask(&engine, SetVin { vehicle: p, vin: VIN.into() })?;
    assert_eq!([p, q, r].map(|id| get(&engine, id).row.id), [one; 3]);
    let checked = filed(&engine, Some(p), clean());
    assert_eq!((checked.vehicle, checked.note), (one, None), "because that is its VIN");
    ask(&engine, DetachVehicle { vehicle: q })?;
    assert_eq!((get(&engine, p).row.vin, get(&engine, r).row.vin.as_deref()), (None, Some(VIN)));
    assert_eq!(get(&engine, p).row.id, get(&engine, q).row.id);
    Ok(())
}

#[test]
fn a_mistyped_vin_is_taken_back_and_one_that_a_check_read_stays() -> Result<()> {
    let engine = own();
    let set = |vehicle, vin: &str| ask(&engine, SetVin { vehicle, vin: vin.into() });
    let known = filed(&engine, None, clean());
    let mistyped = filed(&engine, None, without_vin());
    assert_eq!(set(mistyped.vehicle, VIN)?, known.vehicle);
    assert_eq!(get(&engine, known.vehicle).visits, 2);

    for other in ["", "11111111111111111"] {
        let error = set(known.vehicle, other).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (Code::Conflict, false), "{other:?}");
    }
    assert_eq!(set(mistyped.vehicle, "")?, mistyped.vehicle);
    assert_eq!(visits(&engine, known.vehicle), [known.visit]);
    assert_eq!(visits(&engine, mistyped.vehicle), [mistyped.visit]);
    assert_eq!((get(&engine, mistyped.vehicle).row.vin, get(&engine, mistyped.vehicle).provisional), (None, true));
    assert_eq!(set(mistyped.vehicle, "")?, mistyped.vehicle, "because it has none already");

    let registered = named(&engine, Some("11111111111111111"), "A");
    assert_eq!(set(registered, VIN)?, known.vehicle, "because it is replaced by one that is known");
    assert_eq!(set(registered, "11111111111111111")?, registered);
    assert_eq!(get(&engine, known.vehicle).row.vin.as_deref(), Some(VIN));
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}
