use super::*;
use crate::verdict::sample::clean;
use roadworthy_api::{Code, calls::*, id::PersonId, valid::LongText};

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
fn notes_captions_and_photos_of_a_forgotten_customer_are_in_no_file_any_more() -> Result<()> {
    let engine = own();
    let folder = engine.folder.path();
    let mut all = Vec::new();
    for n in 0..6u8 {
        let person = ask(&engine, AddPerson { details: details(n.into()) })?;
        let vehicle = ask(&engine, RegisterVehicle { vin: None, plate: None, name: Some(format!("Fleet {n}")) })?;
        ask(&engine, SetOwner { vehicle, person: Some(person) })?;
        let text = LongText(format!("Werkstattnotiz{n} ").repeat(3000));
        let note = ask(&engine, AddNote { vehicle, visit: None, text })?;
        ask(&engine, EditNote { note, text: LongText(format!("Nachtrag{n} ").repeat(3000)) })?;
        ask(&engine, RemoveNote { note, removed: n % 2 == 0 })?;
        // Lossless and of noise, so that the bytes of the file are those of no other.
        let noise = image::RgbImage::from_fn(64, 64, |x, y| {
            image::Rgb(blake3::hash(&[n, x as u8, y as u8]).as_bytes()[..3].try_into().unwrap())
        });
        let mut png = std::io::Cursor::new(Vec::new());
        noise.write_to(&mut png, image::ImageFormat::Png).unwrap();
        let png = png.into_inner();
        let file = engine.put_blob("p.png", "image/png", &png)?.hash;
        let photo = ask(&engine, AddPhoto { vehicle, visit: None, file, caption: format!("Bildtext{n}") })?;
        ask(&engine, EditPhoto { photo, caption: format!("Unterschrift{n}") })?;
        let thumbnail = ask(&engine, ListPhotos { vehicle, offset: 0, limit: 1 })?.rows.remove(0).thumbnail;
        let thumbnail = engine.blob(&thumbnail)?.1;
        all.push((person, vehicle, vec![png[100..200].to_vec(), thumbnail[thumbnail.len() - 200..].to_vec()]));
    }
    let texts = |n: usize| [format!("Nachtrag{n} "), format!("Unterschrift{n}")];
    let (person, vehicle, bytes) = &all[3];
    for text in texts(3) {
        assert!(!found(folder, &text).is_empty(), "because this test must be able to find {text}");
    }
    assert!(bytes.iter().all(|b| found(folder, b).len() == 1));
    let forgotten = ask(&engine, ForgetPerson { person: *person })?;
    assert_eq!((forgotten.vehicles, forgotten.scrubbed), (1, true));
    assert_eq!(forgotten.events, 6, "customer, registration with a name, note, its edit, photo, its caption's edit");
    for round in 0..2 {
        for text in texts(3).into_iter().chain(["Werkstattnotiz3".into(), "Bildtext3".into()]) {
            assert_eq!(found(folder, &text), [""; 0], "{text}, round {round}");
        }
        assert!(bytes.iter().all(|b| found(folder, b).is_empty()), "round {round}");
        let notes = ask(&engine, ListNotes { vehicle: *vehicle, offset: 0, limit: 1 })?.total;
        let photos = ask(&engine, ListPhotos { vehicle: *vehicle, offset: 0, limit: 1 })?.total;
        assert_eq!((notes, photos), (0, 0));
        for other in [2, 4] {
            assert!(texts(other).iter().all(|text| !found(folder, text).is_empty()));
            assert!(all[other].2.iter().all(|b| found(folder, b).len() == 1));
        }
        assert!(ask(&engine, RebuildTables {})?.identical);
    }
    assert_eq!(ask(&engine, VerifyJournal {})?.faults, []);
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
