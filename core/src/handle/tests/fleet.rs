use super::*;
use crate::Engine;
use crate::verdict::sample::{VIN, clean, with_code, with_lamp};
use roadworthy_api::{
    Code,
    calls::*,
    check::CodeClass,
    id::PersonId,
    role::Role,
    stream::Push,
    system::{KeyStore, Settings, Theme},
    vehicle::State,
};
use std::time::Duration;

fn new(vin: &str, plate: &str, name: &str) -> RegisterVehicle {
    RegisterVehicle { vin: Some(vin.into()), plate: Some(plate.into()), name: Some(name.into()) }
}

fn names(engine: &Engine, search: Option<&str>) -> Vec<String> {
    let page = ask(
        engine,
        ListVehicles { search: search.map(Into::into), offset: 0, limit: 50, order: None, back: None, state: None },
    )
    .unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows.into_iter().map(|row| row.name.or(row.plate).or(row.vin).unwrap_or_default()).collect()
}

#[test]
fn a_vehicle_is_registered_once_and_found_by_vin_plate_and_name() -> Result<()> {
    let engine = own();
    let id = ask(&engine, new(&VIN.to_lowercase(), "B-RW 100", "Shuttle Öst"))?;
    let again = ask(&engine, new(VIN, "", "")).unwrap_err();
    assert_eq!(again.code, Code::Conflict);
    assert!(!again.hint.is_empty());
    ask(&engine, new("", "B-RW 200", ""))?;
    assert_eq!(ask(&engine, new(" ", "", "")).unwrap_err().code, Code::Invalid);
    for bad in ["1RWTEST00X000000", "1RWTEST00X000000O", "1RWTEST00X00000011", "1RWTEST00X0000002"] {
        let error = ask(&engine, new(bad, "", "")).unwrap_err();
        assert_eq!((error.code, error.hint.is_empty()), (Code::Invalid, false), "{bad}");
    }
    // No check digit is asked for in Europe.
    ask(&engine, new("WRWZZZ00000000001", "", ""))?;
    for search in ["shuttle ö", "brw100", "b-rw 100", "test0xx", &id_vin(&engine, id).to_lowercase()] {
        assert_eq!(names(&engine, Some(search)), ["Shuttle Öst"], "{search}");
    }
    assert_eq!(names(&engine, Some("brw")).len(), 2);
    assert!(names(&engine, Some("nothing like it")).is_empty());
    assert!(names(&engine, Some("%")).is_empty(), "because a search is a text, not a pattern");
    Ok(())
}

fn id_vin(engine: &Engine, vehicle: VehicleId) -> String {
    ask(engine, GetVehicle { vehicle }).unwrap().row.vin.unwrap()
}

#[test]
fn the_worst_vehicles_come_first_and_pages_hold_together() -> Result<()> {
    let engine = own();
    for (vin, name) in
        [("1RWTEST00X0000010", "Zebra"), ("1RWTEST02X0000011", "Adler"), ("1RWTEST04X0000012", "Bussard")]
    {
        ask(&engine, new(vin, "", name))?;
    }
    let id = |name| {
        ask(
            &engine,
            ListVehicles {
                search: Some(String::from(name)),
                offset: 0,
                limit: 1,
                order: None,
                back: None,
                state: None,
            },
        )
        .unwrap()
        .rows[0]
            .id
    };
    let (zebra, adler) = (id("zebra"), id("adler"));
    let mut good = clean();
    good.vin = Some(id_vin(&engine, adler));
    filed(&engine, Some(adler), good);
    let mut bad = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
    bad.vin = Some(id_vin(&engine, zebra));
    filed(&engine, Some(zebra), bad);

    assert_eq!(
        names(&engine, None),
        ["Zebra", "Bussard", "Adler"],
        "because it is worst first: a fault, unknown, good"
    );
    for offset in 0..3 {
        let page = ask(&engine, ListVehicles { search: None, offset, limit: 1, order: None, back: None, state: None })?;
        assert_eq!((page.total, page.rows.len()), (3, 1));
        assert_eq!(page.rows[0].name.as_deref(), Some(["Zebra", "Bussard", "Adler"][offset as usize]));
    }
    let counts = ask(&engine, CountVehicles {})?;
    assert_eq!((counts.good, counts.cannot_tell), (1, 1));
    assert_eq!(counts.watch + counts.act_soon + counts.act_now, 1);
    let shown = ask(&engine, GetVehicle { vehicle: adler })?;
    assert_eq!((shown.row.verdict.state, shown.visits), (State::Good, 1));
    assert_eq!(shown.odometer.unwrap().km, 135_879.1);
    Ok(())
}

#[test]
fn a_list_is_ordered_by_any_column_either_way_with_blanks_last() -> Result<()> {
    let engine = own();
    for (vin, plate, name) in [
        ("1RWTESC03X0000003", "B-RW 2", "adler"),
        ("1RWTESA06X0000001", "", "Zebra"),
        ("", "b rw 1", "Bussard"),
        ("1RWTESB0XX0000002", "A-RW 9", ""),
    ] {
        ask(&engine, new(vin, plate, name))?;
    }
    let mut seen = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
    seen.vin = Some("1RWTESC03X0000003".into());
    filed(&engine, None, seen.clone());
    seen.vin = Some("1RWTESA06X0000001".into());
    seen.ended += 1000;
    filed(&engine, None, seen);
    let list = |order, back, state| {
        let list = ListVehicles { search: None, offset: 0, limit: 50, order: Some(order), back: Some(back), state };
        let page = ask(&engine, list).unwrap();
        assert_eq!(page.total as usize, page.rows.len());
        let first = |row: &roadworthy_api::vehicle::VehicleRow| row.name.clone().or(row.plate.clone()).unwrap();
        page.rows.iter().map(first).collect::<Vec<_>>()
    };
    use roadworthy_api::vehicle::VehicleOrder::*;
    for (order, back, expect) in [
        (State, false, ["adler", "Zebra", "A-RW 9", "Bussard"]),
        (State, true, ["Bussard", "A-RW 9", "Zebra", "adler"]),
        (Plate, false, ["A-RW 9", "Bussard", "adler", "Zebra"]),
        (Plate, true, ["adler", "Bussard", "A-RW 9", "Zebra"]),
        (Name, false, ["adler", "Bussard", "Zebra", "A-RW 9"]),
        (Name, true, ["Zebra", "Bussard", "adler", "A-RW 9"]),
        (Vin, false, ["Zebra", "A-RW 9", "adler", "Bussard"]),
        (Vin, true, ["adler", "A-RW 9", "Zebra", "Bussard"]),
    ] {
        assert_eq!(list(order, back, None), expect, "{order:?} {back}");
    }
    assert_eq!(list(LastSeen, false, None)[..2], ["Zebra", "adler"]);
    assert_eq!(list(LastSeen, true, None)[..2], ["adler", "Zebra"], "because never seen is last either way");
    assert_eq!(list(Name, true, Some(super::fleet::State::ActNow)), ["Zebra", "adler"]);
    assert!(list(Name, true, Some(super::fleet::State::Good)).is_empty());
    Ok(())
}

#[test]
fn edits_change_what_is_given_and_say_nothing_when_nothing_changes() -> Result<()> {
    let engine = own();
    let vehicle = ask(&engine, new(VIN, "B-RW 100", "Van"))?;
    let events = |engine: &Engine| ask(engine, GetStatus {}).unwrap().events;
    let before = events(&engine);
    let edit = |plate: Option<&str>, name: Option<&str>| {
        ask(&engine, EditVehicle { vehicle, plate: plate.map(Into::into), name: name.map(Into::into) })
    };
    edit(None, None)?;
    edit(Some("B-RW 100"), Some(" Van "))?;
    assert_eq!(events(&engine), before);
    edit(Some(""), None)?;
    edit(None, Some("Bus"))?;
    assert_eq!(events(&engine), before + 2);
    let row = ask(&engine, GetVehicle { vehicle })?.row;
    assert_eq!((row.plate, row.name.as_deref(), row.vin.as_deref()), (None, Some("Bus"), Some(VIN)));
    let missing = EditVehicle { vehicle: VehicleId(1), plate: None, name: Some("x".into()) };
    assert_eq!(ask(&engine, missing).unwrap_err().code, Code::NotFound);
    Ok(())
}

#[test]
fn customers_are_added_edited_found_and_own_vehicles() -> Result<()> {
    let engine = own();
    let person = ask(&engine, AddPerson { details: customer("Customer One") })?;
    ask(&engine, AddPerson { details: customer("Another") })?;
    assert_eq!(ask(&engine, AddPerson { details: customer(" ") }).unwrap_err().code, Code::Invalid);
    let mut details = customer("Customer One");
    details.phone = "+49 30 000001".into();
    ask(&engine, EditPerson { person, details: details.clone() })?;
    let vehicle = ask(&engine, new(VIN, "", "Van"))?;
    ask(&engine, SetOwner { vehicle, person: Some(person) })?;
    let list =
        |search: &str| ask(&engine, ListPeople { search: Some(search.into()), offset: 0, limit: 10 }).unwrap().rows;
    assert_eq!(list("").iter().map(|p| p.details.name.as_str()).collect::<Vec<_>>(), ["Another", "Customer One"]);
    let found = list("000001");
    assert_eq!((found.len(), &found[0].details, found[0].vehicles), (1, &details, 1));
    let shown = ask(&engine, GetVehicle { vehicle })?;
    assert_eq!((shown.owner, shown.owner_name.as_deref()), (Some(person), Some("Customer One")));
    assert_eq!(ask(&engine, SetOwner { vehicle, person: Some(PersonId(1)) }).unwrap_err().code, Code::NotFound);
    ask(&engine, SetOwner { vehicle, person: None })?;
    assert_eq!(ask(&engine, GetVehicle { vehicle })?.owner, None);
    Ok(())
}

#[test]
fn reads_of_personal_data_are_journalled_once_a_minute_and_never_told_as_changes() -> Result<()> {
    let engine = own();
    let kinds = |engine: &Engine| -> Vec<String> {
        ask(engine, ListEvents { before: None, limit: 100 }).unwrap().into_iter().map(|e| e.kind).collect()
    };
    std::thread::sleep(Duration::from_millis(600));
    let mut pushes = engine.pushes();
    for _ in 0..5 {
        ask(&engine, ListPeople { search: None, offset: 0, limit: 10 })?;
    }
    assert_eq!(kinds(&engine), ["access.recorded", "device.named"]);
    std::thread::sleep(Duration::from_millis(700));
    // The pulse is told once to whoever begins to listen.
    let first = pushes.try_recv();
    assert!(matches!(first, Ok(Push::PulseChanged(_))), "{first:?}");
    assert!(pushes.try_recv().is_err(), "because pages would read again for ever");
    ask(&engine, new(VIN, "", ""))?;
    let pushed = loop {
        match pushes.try_recv() {
            Ok(push) => break push,
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    assert!(matches!(pushed, Push::DataChanged(ref changed) if changed.arrival == 3), "{pushed:?}");
    let refused = call::call(
        &**engine,
        &Actor { role: Role::Executive, ..owner() },
        ListPeople { search: None, offset: 0, limit: 1 },
    );
    assert_eq!(refused.unwrap_err().code, Code::Forbidden);
    let newest = ask(&engine, ListEvents { before: None, limit: 1 })?.remove(0);
    assert_eq!(newest.summary, "People not looked at (forbidden)");
    assert_eq!(newest.actor, "owner/window");
    Ok(())
}

#[test]
fn every_process_hears_of_what_another_wrote() -> Result<()> {
    let engine = own();
    let other = engine.another();
    let mut pushes = other.pushes();
    ask(&engine, new(VIN, "", "Van"))?;
    let heard = (0..100).any(|_| {
        std::thread::sleep(Duration::from_millis(20));
        matches!(pushes.try_recv(), Ok(Push::DataChanged(_)))
    });
    assert!(heard);
    assert_eq!(names(&other, None), ["Van"]);
    Ok(())
}

#[test]
fn status_and_settings_are_this_folders() -> Result<()> {
    let engine = own();
    let status = ask(&engine, GetStatus {})?;
    assert_eq!((status.schema, status.events, status.key_store), (5, 1, KeyStore::File));
    assert!(status.database.ends_with("roadworthy.db") && status.database_bytes > 10_000);
    let settings = Settings { theme: Theme::Dark, shop_name: "Workshop".into(), ..Settings::default() };
    ask(&engine, SetSettings { settings: settings.clone() })?;
    assert_eq!(ask(&engine.another(), GetSettings {})?, settings);
    let status = ask(&engine, GetStatus {})?;
    assert_eq!(status.events, 1, "because settings are this device's own and not journalled");
    Ok(())
}
