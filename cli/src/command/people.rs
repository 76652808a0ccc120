//! `roadworthy people`.

use crate::{
    args::People,
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error,
    calls::{AddPerson, ForgetPerson, ListPeople},
    id::PersonId,
    person::{Person, PersonDetails},
    valid::LongText,
};
use serde_json::json;

const PAGE: u32 = 200;

pub(crate) fn run(place: &Place, out: &mut Out, people: People) -> Result<Exit, Stop> {
    match people {
        People::List { search } => list(&Session::open(place)?, out, search),
        People::Add { name, phone, email, address, note } => {
            let details = PersonDetails { name, phone, email, address: LongText(address), note: LongText(note) };
            let person = Session::open_to_store(place)?.call(AddPerson { details })?;
            if out.json {
                out.object(&json!({ "person": person }))?
            } else {
                out.line(&format!("Added as {person}."))?
            }
            Ok(Exit::Good)
        }
        People::Forget { person, yes } => forget(place, out, &person, yes),
    }
}

fn list(session: &Session, out: &mut Out, search: Option<String>) -> Result<Exit, Stop> {
    let mut rows: Vec<Person> = Vec::new();
    loop {
        let offset = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let page = session.call(ListPeople { search: search.clone(), offset, limit: PAGE })?;
        let more = !page.rows.is_empty();
        rows.extend(page.rows);
        if !more || rows.len() >= page.total as usize {
            break;
        }
    }
    if out.json {
        out.object(&rows)?;
        return Ok(Exit::Good);
    }
    if rows.is_empty() {
        out.line("Nobody. Add a customer: roadworthy people add NAME --phone NUMBER")?;
        return Ok(Exit::Good);
    }
    let table: Vec<_> = rows
        .iter()
        .map(|person| {
            vec![
                cell(Tone::Strong, &person.details.name),
                cell(Tone::Plain, &person.details.phone),
                cell(Tone::Plain, &person.details.email),
                cell(Tone::Plain, count(person.vehicles as usize, "vehicle")),
                cell(Tone::Faint, person.id.to_string()),
            ]
        })
        .collect();
    out.table(&table)?;
    Ok(Exit::Good)
}

fn forget(place: &Place, out: &mut Out, person: &str, yes: bool) -> Result<Exit, Stop> {
    let id: PersonId = person.parse().map_err(|e| {
        Error::new(Code::Invalid, format!("{person:?} is not the id of a person: {e}."))
            .hint("`roadworthy people list` prints the ids.")
    })?;
    if !yes {
        let what = "Forgetting erases this person's data from the tables and makes it unreadable in the journal. It cannot be undone.";
        return Err(Error::new(Code::Invalid, what).hint("Add --yes to do it.").into());
    }
    let forgotten = Session::open_to_store(place)?.call(ForgetPerson { person: id })?;
    if out.json {
        out.object(&forgotten)?;
    } else {
        let vehicles = count(forgotten.vehicles as usize, "vehicle");
        let events = count(usize::try_from(forgotten.events).unwrap_or(usize::MAX), "event");
        out.line(&format!("Forgotten: {vehicles} without owner now, personal data of {events} unreadable."))?;
        if !forgotten.backups.is_empty() {
            out.line(&format!(
                "Backups from before still hold them until rotation lets them go: {}.",
                forgotten.backups.join(", ")
            ))?;
        }
        if !forgotten.scrubbed {
            out.line("The database's files may hold old bytes until other Roadworthy programs close and this one starts again.")?;
        }
    }
    Ok(Exit::Good)
}
