//! Cases that a person thought of.

use super::*;
use rusqlite::Connection;

/// Both give the other all they have.
pub(super) fn exchange(a: &Own, b: &Own) {
    for (from, to) in [(a, b), (b, a)] {
        share_keys(from, to);
        assert_eq!(to.receive(&chain(from, from.device()), NOW).unwrap().refused, []);
    }
    assert_eq!(dumps(a), dumps(b));
}

fn vehicle(store: &Store, n: u8) -> roadworthy_api::vehicle::VehicleDetail {
    let id = VehicleId::from_bytes(vehicle_id(n));
    store.read(|conn| crate::store::vehicle::get(conn, id)).unwrap().unwrap()
}

fn plate(n: u8) -> Deed {
    Deed::Vehicle { registers: false, id: 1, vin: None, plate: Some(n), name: None }
}

#[test]
fn what_an_erased_key_seals_on_another_device_is_gone_too() {
    let (a, b) = (own(), own());
    do_it(&a, NOW, &plate(1));
    exchange(&a, &b);
    // The key alone is named, so that neither the vehicle nor the time of the event decides.
    let keys = a.read(|conn| crate::store::person_key::of(conn, vehicle_id(1))).unwrap();
    say(&a, NOW + 10, kind::PERSON_FORGOTTEN, person_id(1), &Forgot { vehicles: vec![], keys });
    do_it(&b, NOW + 20, &plate(2));
    assert_eq!(vehicle(&b, 1).row.plate.as_deref(), Some("RW-2"));
    exchange(&a, &b);
    assert_eq!(vehicle(&b, 1).row.plate, None);
    assert!(b.read(|conn| crate::store::person_key::of(conn, vehicle_id(1))).unwrap().is_empty());
}

#[test]
fn a_plate_sealed_with_a_key_from_before_the_forgetting_is_gone_though_nobody_named_the_key() {
    let (a, b) = (own(), own());
    do_it(&b, NOW, &plate(1));
    do_it(&a, NOW + 10, &Deed::Forget { id: 1, vehicles: vec![1] });
    do_it(&b, NOW + 20, &plate(2));
    share_keys(&b, &a);
    exchange(&a, &b);
    assert_eq!(vehicle(&a, 1).row.plate, None, "because holding the key does not make it count");
    do_it(&b, NOW + 30, &plate(3));
    exchange(&a, &b);
    assert_eq!(vehicle(&a, 1).row.plate.as_deref(), Some("RW-3"), "because its key is newer");
}

#[test]
fn a_registration_whose_vin_moves_takes_its_visits_along() {
    let here = own();
    let vin = |id, vin| Deed::Vehicle { registers: false, id, vin: Some(vin), plate: None, name: None };
    for deed in [vin(1, 0), vin(2, 0), Deed::Check { vehicle: 2, visit: 1, code: None }] {
        do_it(&here, NOW, &deed);
    }
    assert_eq!(
        (vehicle(&here, 2).row.id, vehicle(&here, 1).visits),
        (vehicle(&here, 1).row.id, 1),
        "because they are one"
    );
    do_it(&here, NOW, &vin(2, 1));
    assert_eq!((vehicle(&here, 1).visits, vehicle(&here, 2).visits), (0, 1));
    do_it(&here, NOW, &vin(2, 0));
    do_it(&here, NOW, &vin(1, 1));
    assert_eq!(
        (vehicle(&here, 1).visits, vehicle(&here, 2).visits),
        (0, 1),
        "because the least of a group moves as well"
    );
    assert!(here.rebuild("owner/window", NOW).unwrap().identical);
}

#[test]
fn a_recording_without_a_vehicle_is_of_the_one_that_has_its_vin_whichever_came_first() {
    let vin = |id, vin| Deed::Vehicle { registers: false, id, vin: Some(vin), plate: None, name: None };
    let record = Deed::Record { vehicle: None, recording: 1, vin: Some(0) };
    for deeds in [
        vec![record.clone(), vin(1, 0)],
        vec![vin(1, 0), record.clone()],
        vec![vin(1, 1), record.clone(), vin(1, 0)],
        vec![record.clone(), vin(2, 0), vin(1, 0)],
    ] {
        let here = own();
        deeds.iter().for_each(|deed| do_it(&here, NOW, deed));
        do_it(&here, NOW, &vin(3, 2));
        let of = |n: u8| {
            let find = |conn: &Connection| {
                let id = registration::vehicle(conn, VehicleId::from_bytes(vehicle_id(n)))?.unwrap();
                Ok((id, recording::list(conn, Some(id), 0, 10)?))
            };
            here.read(find).unwrap()
        };
        let (owner, list) = of(1);
        assert_eq!((list.total, list.rows.len()), (1, 1), "{deeds:?}");
        assert_eq!(list.rows[0].vehicle, Some(owner), "{deeds:?}");
        assert_eq!(here.read(|conn| recording::list(conn, None, 0, 10)).unwrap(), list);
        assert_eq!(of(3).1.total, 0, "because another VIN is another vehicle");
        do_it(&here, NOW, &vin(1, 3));
        do_it(&here, NOW, &vin(2, 3));
        assert_eq!(here.read(|conn| recording::list(conn, None, 0, 10)).unwrap().rows[0].vehicle, None);
    }
}

#[test]
fn a_recording_with_a_vehicle_stays_there_whatever_its_vin_is() {
    let here = own();
    let vin = |id, vin| Deed::Vehicle { registers: false, id, vin: Some(vin), plate: None, name: None };
    for deed in [vin(1, 0), vin(2, 1), Deed::Record { vehicle: Some(1), recording: 1, vin: Some(1) }] {
        do_it(&here, NOW, &deed);
    }
    let of = |n| here.read(|conn| recording::list(conn, Some(VehicleId::from_bytes(vehicle_id(n))), 0, 10)).unwrap();
    assert_eq!((of(1).total, of(2).total), (1, 0));
}

#[test]
fn a_visit_shows_its_newest_decoding_whichever_came_first() {
    let check = Deed::Check { vehicle: 1, visit: 1, code: None };
    let decoding = |decoder, code| Deed::Redecode { vehicle: 1, visit: 1, decoder, code };
    let codes = |store: &Store| {
        let stored = store.read(|conn| crate::store::visit::get(conn, VisitId(0x3001))).unwrap().unwrap();
        stored.checked.report.codes.into_iter().map(|c| c.code).collect::<Vec<_>>()
    };
    let expect = ["P0402"];
    let (one, other) = (own(), own());
    for (n, deed) in [check, decoding(2, 1), decoding(3, 2), decoding(2, 3)].iter().enumerate() {
        do_it(&one, NOW + n as i64, deed);
    }
    assert_eq!(codes(&one), expect);
    let faults = |store: &Store| {
        let id = VehicleId::from_bytes(vehicle_id(1));
        let rows = store.read(|conn| crate::store::trouble_code::faults(conn, id)).unwrap();
        rows.into_iter().map(|f| f.code).collect::<Vec<_>>()
    };
    assert_eq!(faults(&one), expect);
    exchange(&one, &other);
    assert_eq!((codes(&other), faults(&other)), (vec!["P0402".to_owned()], vec!["P0402".to_owned()]));
    let first = one.read(|conn| crate::store::visit::first_read(conn, VisitId(0x3001))).unwrap().unwrap();
    assert!(first.2.report.codes.is_empty(), "because what was read first stays readable");
    assert!(one.rebuild("owner/window", NOW).unwrap().identical);
}
