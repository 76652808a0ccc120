//! All that is stored of one customer, for them: an answer to whoever asks what is kept of them.
//!
//! The border is that of forgetting them (`docs/customers.md`): a text is theirs where a key of their time sealed it; what was read is
//! theirs where it was read while the vehicle was theirs or, before that, nobody's. Nothing of an earlier or later owner is told.

use super::part::{Border, Parts, text};
use crate::store::{Fallible, blob, journal, ownership, person, registration, vehicle};
use roadworthy_api::{Timestamp, id::PersonId};
use serde_json::json;

pub(super) const TITLE: &str = "ALL THAT IS STORED OF ONE CUSTOMER";
pub(super) const TEXT: &str = "\
customer.txt has your details as this workshop keeps them. vehicles.csv lists the vehicles that are or were
yours, and from when to when; each has a folder with what was noted, photographed, read and recorded while it
was yours, or before anybody's. Of times when a vehicle was somebody else's nothing is in here. Notes and photos
that were removed are in it too, marked so: they are hidden, and not yet deleted.

The program of this workshop sends messages to its own people only; there are none to you.";

pub(super) fn write(parts: &mut Parts<'_, '_, '_>, id: PersonId) -> Fallible<()> {
    let conn = parts.conn;
    let Some(details) = person::get(conn, id)? else { return Ok(()) };
    let words: String = [
        ("Name", &details.name),
        ("Telephone", &details.phone),
        ("Mail", &details.email),
        ("Address", &details.address.0),
        ("Note", &details.note.0),
    ]
    .map(|(what, text)| format!("{what}:\n    {}\n\n", text.replace('\n', "\n    ")))
    .concat();
    parts.archive.file("customer.txt", "your details", words.as_bytes())?;
    parts.archive.json("customer.json", "the same for programs", &json!({ "id": id, "details": details }))?;
    let keys = ownership::keys(conn, id)?;
    let times = ownership::times(conn, id)?;
    for (vehicle, _) in &times {
        parts.plan(*vehicle)?;
    }
    let mut rows = Vec::new();
    for (n, (id, times)) in (1..).zip(&times) {
        let folder = format!("vehicle-{n}");
        parts.border = Border { folder: format!("{folder}/"), times: Some(times.clone()), keys: Some(keys.clone()) };
        let called = ownership::called(conn, &parts.store.master, *id, &keys)?;
        let newest = |what| called.iter().rfind(|(_, field, _)| *field == what).map(|(.., text)| text.as_str());
        let vin = registration::vin(conn, registration::root(conn, *id)?.bytes())?;
        for (from, to) in times {
            let moment = |at: &Timestamp, none: Timestamp| if *at == none { String::new() } else { parts.at(*at) };
            rows.push(vec![
                folder.clone(),
                text(vin.as_deref().unwrap_or_default()),
                text(newest("plate").unwrap_or_default()),
                text(newest("name").unwrap_or_default()),
                moment(from, Timestamp::MIN),
                moment(to, Timestamp::MAX),
                id.to_string(),
            ]);
        }
        parts.archive.count("vehicles", 1);
        let called: Vec<Vec<String>> =
            called.iter().map(|(at, field, said)| vec![parts.at(*at), (*field).to_owned(), text(said)]).collect();
        let name = format!("{folder}/called.csv");
        parts.archive.table(
            &name,
            "plates and names of the vehicle in your time",
            &["time", "what", "text"],
            called,
        )?;
        if vehicle::get(conn, *id)?.is_some() {
            parts.visits(*id)?;
            parts.service(*id)?;
            parts.measurements(*id)?;
            parts.notes(*id)?;
            parts.photos(*id)?;
            parts.alerts(*id)?;
            parts.imports(*id)?;
            parts.recordings(*id)?;
            parts.telemetry(*id)?;
            parts.flags(*id)?;
            parts.timeline(*id)?;
        }
    }
    parts.border = Border::default();
    let head = ["folder", "VIN", "plate", "name", "yours from", "yours until", "vehicle"];
    parts.archive.table("vehicles.csv", "vehicles that are or were yours", &head, rows)?;
    let reports = blob::reports_of(conn, id)?;
    parts.reports(&reports, "reports that were made for you")?;
    let events: String = journal::about(conn, id.bytes())?
        .into_iter()
        .map(|e| format!("{}  {} ({})\n", parts.at(e.at), e.summary, e.actor))
        .collect();
    Ok(parts.archive.file("events.txt", "when your details were entered, changed and exported", events.as_bytes())?)
}
