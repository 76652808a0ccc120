use super::*;
use crate::Engine;
use crate::verdict::sample::{VIN, clean};
use roadworthy_api::{
    Code,
    calls::*,
    id::{NoteId, VisitId},
    note::{NOTE_START, NoteRow},
    valid::{LongText, TEXT_MAX},
};

fn add(engine: &Engine, vehicle: VehicleId, text: &str) -> Result<NoteId> {
    ask(engine, AddNote { vehicle, visit: None, text: LongText(text.into()) })
}

fn list(engine: &Engine, vehicle: VehicleId) -> Vec<NoteRow> {
    let page = ask(engine, ListNotes { vehicle, offset: 0, limit: 100 }).unwrap();
    assert_eq!(page.total as usize, page.rows.len());
    page.rows
}

fn starts(engine: &Engine, vehicle: VehicleId) -> Vec<String> {
    list(engine, vehicle).into_iter().map(|row| row.start).collect()
}

fn whole(engine: &Engine, note: NoteId) -> String {
    ask(engine, GetNote { note }).unwrap().0
}

#[test]
fn notes_are_written_changed_removed_and_brought_back() -> Result<()> {
    let engine = own();
    let visit = filed(&engine, None, clean());
    let vehicle = visit.vehicle;
    let first = add(&engine, vehicle, "  Brakes squeal when cold.\n")?;
    let about = AddNote { vehicle, visit: Some(visit.visit), text: LongText("Cleared nothing.".into()) };
    let second = ask(&engine, about.clone())?;
    let rows = list(&engine, vehicle);
    assert_eq!(rows.iter().map(|r| r.id).collect::<Vec<_>>(), [second, first], "because the newest comes first");
    assert_eq!((rows[0].visit, rows[1].visit), (Some(visit.visit), None));
    assert_eq!((rows[1].start.as_str(), rows[1].bytes, rows[1].edited), ("Brakes squeal when cold.", 24, None));
    assert_eq!(rows[1].by, "owner/window");

    let edit = |note, text: &str| ask(&engine, EditNote { note, text: LongText(text.into()) });
    edit(first, "Brakes squeal.")?;
    let row = list(&engine, vehicle).remove(1);
    assert_eq!((row.start.as_str(), row.edited.is_some(), row.at), ("Brakes squeal.", true, rows[1].at));
    let events = ask(&engine, GetStatus {})?.events;
    edit(first, "Brakes squeal. ")?;
    assert_eq!(ask(&engine, GetStatus {})?.events, events, "because nothing changed");

    let remove = |note, removed| ask(&engine, RemoveNote { note, removed });
    remove(first, true)?;
    remove(first, true)?;
    assert_eq!(starts(&engine, vehicle), ["Cleared nothing."]);
    assert_eq!(whole(&engine, first), "Brakes squeal.", "because it can be brought back");
    remove(first, false)?;
    assert_eq!(starts(&engine, vehicle).len(), 2);

    assert_eq!(add(&engine, vehicle, " \n").unwrap_err().code, Code::Invalid);
    assert_eq!(edit(first, "").unwrap_err().code, Code::Invalid);
    assert_eq!(add(&engine, VehicleId(9), "x").unwrap_err().code, Code::NotFound);
    assert_eq!(edit(NoteId(9), "x").unwrap_err().code, Code::NotFound);
    assert_eq!(remove(NoteId(9), true).unwrap_err().code, Code::NotFound);
    assert_eq!(ask(&engine, GetNote { note: NoteId(9) }).unwrap_err().code, Code::NotFound);
    assert_eq!(ask(&engine, AddNote { visit: Some(VisitId(9)), ..about.clone() }).unwrap_err().code, Code::NotFound);
    let other = ask(&engine, RegisterVehicle { vin: None, plate: None, name: Some("Other".into()) })?;
    assert_eq!(ask(&engine, AddNote { vehicle: other, ..about }).unwrap_err().code, Code::Invalid);
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn a_note_of_a_mebibyte_is_kept_whole_and_listed_by_its_start() -> Result<()> {
    let engine = own();
    let vehicle = ask(&engine, RegisterVehicle { vin: Some(VIN.into()), plate: None, name: None })?;
    let text = "Käfer\n".repeat(TEXT_MAX / 7);
    let note = add(&engine, vehicle, text.trim())?;
    assert_eq!(whole(&engine, note), text.trim());
    let row = list(&engine, vehicle).remove(0);
    assert_eq!(row.bytes as usize, text.trim().len());
    assert!(row.start.len() <= NOTE_START && row.start.len() > NOTE_START - 4 && text.starts_with(&row.start));
    let error = add(&engine, vehicle, &"x".repeat(TEXT_MAX + 1)).unwrap_err();
    assert_eq!(error.code, Code::Invalid);
    assert!(!error.hint.is_empty());
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn notes_go_with_the_owner_of_their_time_and_no_other() -> Result<()> {
    let engine = own();
    let person = |name: &str| ask(&engine, AddPerson { details: customer(name) }).unwrap();
    let (anna, bert) = (person("Anna"), person("Bert"));
    let vehicle = ask(&engine, RegisterVehicle { vin: Some(VIN.into()), plate: None, name: None })?;
    ask(&engine, SetOwner { vehicle, person: Some(anna) })?;
    let annas = add(&engine, vehicle, "Anna pays late")?;
    ask(&engine, SetOwner { vehicle, person: Some(bert) })?;
    let berts = add(&engine, vehicle, "Bert wants a call")?;
    let forgotten = ask(&engine, ForgetPerson { person: anna })?;
    assert_eq!(forgotten.events, 2, "Anna's own event, and the note of her time");
    for _ in 0..2 {
        assert_eq!(starts(&engine, vehicle), ["Bert wants a call"]);
        assert_eq!(ask(&engine, GetNote { note: annas }).unwrap_err().code, Code::NotFound);
        assert_eq!(whole(&engine, berts), "Bert wants a call");
        assert!(ask(&engine, RebuildTables {})?.identical);
    }
    ask(&engine, ForgetPerson { person: bert })?;
    assert!(list(&engine, vehicle).is_empty());
    add(&engine, vehicle, "From now on")?;
    assert!(ask(&engine, RebuildTables {})?.identical);
    assert_eq!(starts(&engine, vehicle), ["From now on"]);
    Ok(())
}

#[test]
fn a_note_that_was_changed_under_the_next_owner_goes_with_the_one_it_was_written_about() -> Result<()> {
    let engine = own();
    let person = |name: &str| ask(&engine, AddPerson { details: customer(name) }).unwrap();
    let (anna, bert) = (person("Anna"), person("Bert"));
    let vehicle = ask(&engine, RegisterVehicle { vin: Some(VIN.into()), plate: None, name: None })?;
    ask(&engine, SetOwner { vehicle, person: Some(anna) })?;
    let annas = add(&engine, vehicle, "Anna pays late")?;
    ask(&engine, SetOwner { vehicle, person: Some(bert) })?;
    add(&engine, vehicle, "Bert wants a call")?;
    ask(&engine, EditNote { note: annas, text: LongText("Anna pays very late".into()) })?;
    ask(&engine, ForgetPerson { person: anna })?;
    for _ in 0..2 {
        assert_eq!(starts(&engine, vehicle), ["Bert wants a call"]);
        assert!(ask(&engine, RebuildTables {})?.identical);
    }

    // The other way round: what was changed when Anna's vehicle was Bert's does not make her time his.
    let again = person("Anna");
    let other = ask(&engine, RegisterVehicle { vin: None, plate: None, name: Some("Other".into()) })?;
    for owner in [Some(again), Some(bert), None] {
        if owner.is_some() {
            ask(&engine, SetOwner { vehicle: other, person: owner })?;
            add(&engine, other, "As found")?;
        }
        let first = list(&engine, other).pop().unwrap();
        ask(&engine, EditNote { note: first.id, text: LongText(format!("Changed {owner:?}")) })?;
        ask(&engine, SetOwner { vehicle: other, person: owner })?;
    }
    ask(&engine, ForgetPerson { person: bert })?;
    assert_eq!(starts(&engine, other), ["Changed None"], "because only the second note was of Bert's time");
    Ok(())
}

#[test]
fn a_note_written_before_its_vehicle_was_attached_goes_with_the_owner_of_then() -> Result<()> {
    let engine = own();
    let person = |name: &str| ask(&engine, AddPerson { details: customer(name) }).unwrap();
    let (anna, bert) = (person("Anna"), person("Bert"));
    let known = ask(&engine, RegisterVehicle { vin: Some(VIN.into()), plate: None, name: None })?;
    let provisional = filed(&engine, None, CheckReport { vin: None, ..clean() }).vehicle;
    ask(&engine, SetOwner { vehicle: provisional, person: Some(anna) })?;
    ask(&engine, SetOwner { vehicle: known, person: Some(bert) })?;
    let annas = add(&engine, provisional, "Anna pays late")?;
    ask(&engine, SetOwner { vehicle: provisional, person: None })?;
    ask(&engine, AttachVehicle { vehicle: provisional, to: known })?;
    ask(&engine, ForgetPerson { person: anna })?;
    assert_eq!(ask(&engine, GetNote { note: annas }).unwrap_err().code, Code::NotFound);
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}
