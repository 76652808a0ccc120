//! What changes of owner and forgetting leave of a vehicle's plate and name.

use super::*;
use crate::Engine;
use roadworthy_api::{Code, calls::*, id::PersonId};

fn named(engine: &Engine, plate: &str, name: &str) -> VehicleId {
    ask(engine, RegisterVehicle { vin: None, plate: Some(plate.into()), name: Some(name.into()) }).unwrap()
}

fn person(engine: &Engine, name: &str) -> PersonId {
    ask(engine, AddPerson { details: customer(name) }).unwrap()
}

fn journal(engine: &Engine) -> String {
    let heads = engine.heads().unwrap();
    heads.into_iter().map(|(device, _)| format!("{:?}", engine.events_of(device, 1).unwrap())).collect()
}

/// The plate and the name as the journal alone gives them.
fn shown(engine: &Engine, vehicle: VehicleId) -> (Option<String>, Option<String>) {
    ask(engine, RebuildTables {}).unwrap();
    let row = ask(engine, GetVehicle { vehicle }).unwrap().row;
    (row.plate, row.name)
}

#[test]
fn a_vehicles_name_is_sealed_and_goes_with_its_owner() -> Result<()> {
    let engine = own();
    let vehicle = named(&engine, "RW-X 1", "Annas Käfer");
    ask(&engine, EditVehicle { vehicle, plate: None, name: Some("Annas Bus".into()) })?;
    assert!(!journal(&engine).contains("Annas"), "because a name may name a person");
    assert_eq!(shown(&engine, vehicle).1.as_deref(), Some("Annas Bus"));
    let anna = person(&engine, "Anna");
    ask(&engine, SetOwner { vehicle, person: Some(anna) })?;
    ask(&engine, ForgetPerson { person: anna })?;
    assert_eq!(ask(&engine, GetVehicle { vehicle })?.row.name, None);
    assert_eq!(shown(&engine, vehicle), (None, None));
    ask(&engine, EditVehicle { vehicle, plate: None, name: Some("Shop van".into()) })?;
    assert_eq!(shown(&engine, vehicle).1.as_deref(), Some("Shop van"), "because it was given after");
    Ok(())
}

#[test]
fn forgetting_reaches_vehicles_that_were_sold_and_spares_the_next_owners() -> Result<()> {
    let engine = own();
    let (anna, bert) = (person(&engine, "Anna"), person(&engine, "Bert"));
    let (vehicle, kept) = (named(&engine, "OLD 1", "Annas"), named(&engine, "KEPT 1", "Berts"));
    for (vehicle, person) in [(vehicle, anna), (kept, bert)] {
        ask(&engine, SetOwner { vehicle, person: Some(person) })?;
    }
    let visit = filed(&engine, Some(vehicle), unread()).visit;
    let old = ask(&engine, MakeCheckReport { visit })?;
    ask(&engine, SetOwner { vehicle, person: Some(bert) })?;
    ask(&engine, EditVehicle { vehicle, plate: Some("NEW 2".into()), name: Some("Berts bus".into()) })?;
    let new = ask(&engine, MakeCheckReport { visit })?;

    let forgotten = ask(&engine, ForgetPerson { person: anna })?;
    assert_eq!((forgotten.vehicles, forgotten.events), (0, 2), "Anna's own event, and the registration with her plate");
    let keys = engine.store.read(|conn| crate::store::person_key::of(conn, vehicle.bytes()))?;
    assert_eq!(keys.len(), 1, "because the key of Anna's time is erased and that of Bert's is not");
    let bert_has = (Some("NEW 2".to_owned()), Some("Berts bus".to_owned()));
    for _ in 0..2 {
        assert_eq!(shown(&engine, vehicle), bert_has);
        assert_eq!(engine.blob(&old.hash).unwrap_err().code, Code::NotFound, "because it showed Anna's plate");
        assert!(engine.blob(&new.hash).is_ok(), "because it shows Bert's");
    }
    assert_eq!(shown(&engine, kept).0.as_deref(), Some("KEPT 1"));

    ask(&engine, ForgetPerson { person: bert })?;
    assert_eq!((shown(&engine, vehicle), shown(&engine, kept)), ((None, None), (None, None)));
    assert_eq!(engine.blob(&new.hash).unwrap_err().code, Code::NotFound);
    Ok(())
}

#[test]
fn a_plate_that_stayed_on_a_sold_vehicle_goes_with_the_one_who_brought_it() -> Result<()> {
    let engine = own();
    let anna = person(&engine, "Anna");
    let vehicle = named(&engine, "OLD 1", "Annas");
    ask(&engine, SetOwner { vehicle, person: Some(anna) })?;
    ask(&engine, SetOwner { vehicle, person: None })?;
    ask(&engine, ForgetPerson { person: anna })?;
    assert_eq!(shown(&engine, vehicle), (None, None));
    Ok(())
}

/// A clean check that read no VIN.
fn unread() -> CheckReport {
    CheckReport { vin: None, ..crate::verdict::sample::clean() }
}

#[test]
fn a_report_made_while_its_customer_is_forgotten_does_not_show_them() -> Result<()> {
    let engine = own();
    let anna = person(&engine, "Anna");
    let vehicle = named(&engine, "OLD 1", "Annas");
    ask(&engine, SetOwner { vehicle, person: Some(anna) })?;
    let visit = filed(&engine, Some(vehicle), unread()).visit;
    let mut drawings = 0;
    let made = crate::handle::visit::report(&engine, &owner(), visit, || {
        drawings += 1;
        if drawings == 1 {
            ask(&engine, ForgetPerson { person: anna }).unwrap();
        }
    })?;
    assert_eq!(drawings, 2, "because the first one showed somebody who is forgotten");
    assert!(engine.blob(&made.hash).is_ok());
    let folders = std::fs::read_dir(engine.folder.path().join("files")).unwrap();
    let files = folders.flat_map(|folder| std::fs::read_dir(folder.unwrap().path()).unwrap()).count();
    assert_eq!(files, 2, "the traffic, and the report that was drawn again");

    let mut edits = 0;
    let error = crate::handle::visit::report(&engine, &owner(), visit, || {
        edits += 1;
        ask(&engine, EditVehicle { vehicle, plate: Some(format!("RW {edits}")), name: None }).unwrap();
    });
    assert_eq!(error.unwrap_err().code, Code::Conflict, "because it changes each time");
    Ok(())
}

#[test]
fn forgetting_says_when_a_reader_keeps_it_from_scrubbing_and_is_made_good_later() -> Result<()> {
    let engine = own();
    let anna = person(&engine, "Anna");
    let reader = rusqlite::Connection::open(engine.folder.path().join("roadworthy.db")).unwrap();
    reader.execute_batch("begin; select count(*) from journal;").unwrap();
    let begun = std::time::Instant::now();
    let forgotten = ask(&engine, ForgetPerson { person: anna })?;
    assert!(!forgotten.scrubbed);
    assert!(begun.elapsed() < std::time::Duration::from_secs(6), "{:?}", begun.elapsed());
    reader.execute_batch("commit").unwrap();
    engine.store.scrub_again();
    assert!(engine.store.scrubbed());
    Ok(())
}
