use super::*;
use crate::verdict::sample::clean;
use roadworthy_api::{Code, calls::*, id::PersonId, valid::LongText};
use std::fs;

/// Every file of the data folder in which the bytes occur.
fn found(folder: &Path, needle: &str) -> Vec<String> {
    let mut hits = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            hits.extend(found(&path, needle));
        } else if fs::read(&path).unwrap().windows(needle.len()).any(|w| w == needle.as_bytes()) {
            hits.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    hits
}

fn details(n: u32) -> PersonDetails {
    PersonDetails {
        name: format!("Xanthippe{n:03} Muster"),
        phone: format!("+49 555 77{n:03}"),
        email: format!("xanthippe{n:03}@example.invalid"),
        address: LongText(format!("Hausnummer{n:03}\nMusterstadt")),
        // Long enough for pages of its own.
        note: LongText(format!("Notiz{n:03} ").repeat(2000)),
    }
}

fn needles(n: u32) -> Vec<String> {
    let d = details(n);
    let name = d.name.clone();
    let first = d.address.0.lines().next().unwrap().to_owned();
    vec![
        name.to_lowercase(),
        name,
        d.phone,
        d.email,
        first,
        format!("Notiz{n:03} "),
        format!("RW-X {n:03}"),
        format!("rwx{n:03}"),
    ]
}

#[test]
fn a_forgotten_customer_is_in_no_file_any_more() -> Result<()> {
    let engine = own();
    let folder = engine.folder.path();
    let mut people: Vec<(PersonId, VehicleId)> = Vec::new();
    for n in 0..24 {
        let person = ask(&engine, AddPerson { details: details(n) })?;
        let name = Some(format!("Fleet {n}"));
        let vehicle = ask(&engine, RegisterVehicle { vin: None, plate: Some(format!("RW-X {n:03}")), name })?;
        ask(&engine, SetOwner { vehicle, person: Some(person) })?;
        people.push((person, vehicle));
    }
    let (person, vehicle) = people[7];
    let mut moved = details(7);
    moved.address = LongText("Altbau007".into());
    ask(&engine, EditPerson { person, details: moved })?;
    let mut report = clean();
    report.vin = None;
    let visit = filed(&engine, Some(vehicle), report).visit;
    let pdf = ask(&engine, MakeCheckReport { visit })?;
    assert!(engine.blob(&pdf.hash)?.1.starts_with(b"%PDF"));
    ask(&engine, ListPeople { search: Some("xanthippe007".into()), offset: 0, limit: 10 })?;
    let other = engine.another();

    for needle in needles(7).into_iter().filter(|n| !n.starts_with("Hausnummer")) {
        assert!(!found(folder, &needle).is_empty(), "because this test must be able to find {needle}");
    }
    let forgotten = ask(&engine, ForgetPerson { person })?;
    assert_eq!((forgotten.vehicles, forgotten.events), (1, 3), "added, edited, registered with a plate");
    assert!(forgotten.scrubbed);
    for needle in needles(7).into_iter().chain(["Altbau007".into()]) {
        assert_eq!(found(folder, &needle), [""; 0], "{needle}");
    }
    for needle in needles(8) {
        assert!(!found(folder, &needle).is_empty(), "because {needle} is somebody else's");
    }
    assert_eq!(engine.blob(&pdf.hash).unwrap_err().code, Code::NotFound, "because the report showed their plate");

    for engine in [&*engine, &other] {
        let shown = ask(engine, GetVehicle { vehicle })?;
        assert_eq!((shown.owner, shown.owner_name, shown.row.plate), (None, None, None));
        assert_eq!(shown.row.name, None, "because a name may name a person");
        assert_eq!(ask(engine, ListPeople { search: None, offset: 0, limit: 100 })?.total, 23);
        assert_eq!(ask(engine, VerifyJournal {})?.faults, []);
        assert!(ask(engine, RebuildTables {})?.identical);
        assert_eq!(found(folder, "Xanthippe007"), [""; 0], "because a rebuild brings nothing back");
    }
    assert_eq!(ask(&engine, ForgetPerson { person }).unwrap_err().code, Code::NotFound);
    assert_eq!(ask(&engine, EditPerson { person, details: details(7) }).unwrap_err().code, Code::NotFound);
    assert_eq!(ask(&engine, SetOwner { vehicle, person: Some(person) }).unwrap_err().code, Code::NotFound);
    Ok(())
}

#[test]
fn the_next_owners_plate_outlives_the_forgetting_and_a_rebuild() -> Result<()> {
    let engine = own();
    let person = ask(&engine, AddPerson { details: customer("Customer One") })?;
    let vehicle = ask(&engine, RegisterVehicle { vin: None, plate: Some("OLD 1".into()), name: None })?;
    ask(&engine, SetOwner { vehicle, person: Some(person) })?;
    ask(&engine, ForgetPerson { person })?;
    ask(&engine, EditVehicle { vehicle, plate: Some("NEW 2".into()), name: None })?;
    assert!(ask(&engine, RebuildTables {})?.identical);
    assert_eq!(ask(&engine, GetVehicle { vehicle })?.row.plate.as_deref(), Some("NEW 2"));
    Ok(())
}

#[test]
fn sealed_events_hold_nothing_readable_even_before_forgetting() -> Result<()> {
    let engine = own();
    ask(&engine, AddPerson { details: details(1) })?;
    ask(&engine, RegisterVehicle { vin: None, plate: Some("RW-X 001".into()), name: None })?;
    for (device, last) in engine.heads()? {
        let events = engine.events_of(device, 1)?;
        assert_eq!(events.len() as u64, last);
        for event in events {
            for needle in ["Xanthippe", "555 77", "RW-X", "Notiz"] {
                assert!(!format!("{event:?}").contains(needle), "{event:?}");
            }
        }
    }
    for event in ask(&engine, ListEvents { before: None, limit: 10 })? {
        assert!(!event.summary.contains("RW-X") && !event.summary.contains("Xanthippe"));
    }
    Ok(())
}
