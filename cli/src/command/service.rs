//! `roadworthy service`: what was done to a vehicle.

use crate::{
    args::service::{Said, Service, Verdict},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell},
    session::{Place, Session, id},
};
use roadworthy_api::{
    Code, Error,
    calls::{AddService, CorrectService, ExportService, GetService, JudgeOdometer, ListService, RemoveService},
    id::ServiceId,
    service::{Judgement, Meter, MeterUnit, Money, ServiceFields, ServiceRow},
};
use serde_json::json;
use std::fs;

const LISTED: &str = "`roadworthy service list PLATE` prints the ids.";

fn number(text: &str) -> Result<ServiceId, Error> {
    id(text, "a service record", LISTED)
}

pub(crate) fn run(place: &Place, out: &mut Out, service: Service) -> Result<Exit, Stop> {
    match service {
        Service::List { vehicle } => {
            let session = Session::open(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let rows = session.all(|offset| ListService { vehicle, offset, limit: 200 })?;
            if out.json {
                out.object(&rows)?;
            } else if rows.is_empty() {
                out.line(
                    "No service records. Write one: roadworthy service add PLATE \"Oil and filter\" --odometer 45100km",
                )?;
            } else {
                table(out, &rows)?;
            }
            Ok(Exit::Good)
        }
        Service::Add { vehicle, description, said } => {
            let session = Session::open_to_store(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let day = jiff::Zoned::now().date().to_string();
            let fields = over(ServiceFields { day, ..ServiceFields::default() }, description, &said)?;
            let service = session.call(AddService { vehicle, fields, sure: said.sure })?;
            done(out, json!({ "service": service }), &format!("Written down as {service}."))
        }
        Service::Correct { record, description, said } => {
            let session = Session::open_to_store(place)?;
            let service = number(&record)?;
            let old = session.call(GetService { service })?.fields;
            let fields = over(old, description, &said)?;
            let row = session.call(CorrectService { service, fields, sure: said.sure })?;
            done(out, json!(row), "Corrected; what it said before stays in the journal.")
        }
        Service::Remove { record, undo } => {
            let service = number(&record)?;
            Session::open_to_store(place)?.call(RemoveService { service, removed: !undo })?;
            let line = if undo { "Brought back." } else { "Removed; add --undo to bring it back." };
            done(out, json!({ "service": service, "removed": !undo }), line)
        }
        Service::Judge { record, verdict } => {
            let service = number(&record)?;
            let judged = judgement(verdict);
            let row = Session::open_to_store(place)?.call(JudgeOdometer { service, judged })?;
            let line = match row.km {
                Some(km) => format!("The reading counts as {km:.0} km."),
                None => "The reading does not count.".to_owned(),
            };
            done(out, json!(row), &line)
        }
        Service::Export { vehicle, file } => {
            let session = Session::open(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let csv = session.call(ExportService { vehicle })?.0;
            match file {
                Some(path) => {
                    fs::write(&path, csv)?;
                    done(out, json!({ "file": path }), &format!("Written to {}.", path.display()))
                }
                None => {
                    out.bytes(csv.as_bytes())?;
                    Ok(Exit::Good)
                }
            }
        }
    }
}

/// What is said of a reading; `None`: nothing any more.
pub(super) fn judgement(verdict: Verdict) -> Option<Judgement> {
    Some(match verdict {
        Verdict::Accept => Judgement::Accept,
        Verdict::LeaveOut => Judgement::LeaveOut,
        Verdict::Km => Judgement::Unit { unit: MeterUnit::Km },
        Verdict::Mi => Judgement::Unit { unit: MeterUnit::Mi },
        Verdict::H => Judgement::Unit { unit: MeterUnit::H },
        Verdict::Undo => return None,
    })
}

fn done(out: &mut Out, object: serde_json::Value, line: &str) -> Result<Exit, Stop> {
    if out.json {
        out.object(&object)?
    } else {
        out.line(line)?
    }
    Ok(Exit::Good)
}

/// What was typed goes over what is there.
fn over(mut fields: ServiceFields, description: Option<String>, said: &Said) -> Result<ServiceFields, Error> {
    let set = |mine: &mut String, theirs: &Option<String>| {
        if let Some(theirs) = theirs {
            mine.clone_from(theirs);
        }
    };
    set(&mut fields.day, &said.day);
    set(&mut fields.description, &description);
    set(&mut fields.vendor, &said.vendor);
    set(&mut fields.notes, &said.notes);
    fields.time = said.time.clone().or(fields.time);
    fields.kind = said.kind.map_or(fields.kind, Into::into);
    if let Some(text) = &said.odometer {
        fields.odometer = Some(odometer(text)?);
    }
    if let Some(text) = &said.cost {
        fields.cost = Some(cost(text)?);
    }
    if !said.tasks.is_empty() {
        fields.tasks.clone_from(&said.tasks);
    }
    Ok(fields)
}

/// A figure and the letters behind it.
fn figure(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-'))).unwrap_or(text.len());
    let (figure, rest) = text.split_at(end);
    Some((figure.parse().ok()?, rest.trim()))
}

fn odometer(text: &str) -> Result<Meter, Error> {
    let wrong = || {
        Error::new(Code::Invalid, format!("{text:?} is no odometer reading with its unit."))
            .hint("Type it as 45100km, 28000mi or 1200h.")
    };
    let (value, unit) = figure(text).ok_or_else(wrong)?;
    let unit = match unit {
        "km" => MeterUnit::Km,
        "mi" => MeterUnit::Mi,
        "h" => MeterUnit::H,
        _ => return Err(wrong()),
    };
    Ok(Meter { value, unit })
}

fn cost(text: &str) -> Result<Money, Error> {
    let wrong = || Error::new(Code::Invalid, format!("{text:?} is no amount.")).hint("Type it as 89.50 or 89.50EUR.");
    let (amount, currency) = figure(text).ok_or_else(wrong)?;
    if !currency.is_empty() && (currency.len() != 3 || !currency.bytes().all(|b| b.is_ascii_alphabetic())) {
        return Err(wrong());
    }
    Ok(Money { amount, currency: (!currency.is_empty()).then(|| currency.to_uppercase()) })
}

fn table(out: &mut Out, rows: &[ServiceRow]) -> Result<(), Stop> {
    let mut cells: Vec<Vec<Cell>> = Vec::new();
    for row in rows {
        let (words, meter, cost) = said(&row.fields);
        let words = if row.forgotten { "(erased with its customer)".to_owned() } else { words };
        cells.push(vec![
            cell(Tone::Plain, &row.fields.day),
            cell(Tone::Plain, row.fields.kind.label()),
            cell(Tone::Strong, words),
            cell(if row.flag.is_some() && row.judged.is_none() { Tone::Watch } else { Tone::Plain }, meter),
            cell(Tone::Plain, cost),
            cell(Tone::Faint, row.id.to_string()),
        ]);
    }
    out.table(&cells)?;
    let open: Vec<&ServiceRow> = rows.iter().filter(|r| r.flag.is_some() && r.judged.is_none()).collect();
    if !open.is_empty() {
        out.heading("Odometer readings that do not count until you judge them")?;
        let lines: Vec<Vec<Cell>> = open
            .iter()
            .filter_map(|row| {
                Some(vec![cell(Tone::Watch, row.id.to_string()), cell(Tone::Plain, &row.flag.as_ref()?.reason)])
            })
            .collect();
        out.table(&lines)?;
        out.line("Say which are right: roadworthy service judge ID accept, leave-out, km or mi")?;
    }
    Ok(())
}

/// Words, odometer and cost of a record, for a line.
pub(super) fn said(fields: &ServiceFields) -> (String, String, String) {
    let words = [&fields.description, &fields.tasks.join(", "), &fields.kind_said, &fields.notes]
        .into_iter()
        .find_map(|t| t.lines().next().map(str::trim).filter(|t| !t.is_empty()).map(str::to_owned))
        .unwrap_or_default();
    let words = match words.char_indices().nth(60) {
        Some((at, _)) => format!("{}…", words.get(..at).unwrap_or_default()),
        None => words,
    };
    let meter = fields.odometer.map(|m| format!("{} {}", m.value, m.unit.word())).unwrap_or_default();
    let cost = fields.cost.as_ref().map(|c| match &c.currency {
        Some(currency) => format!("{:.2} {currency}", c.amount),
        None => format!("{:.2}", c.amount),
    });
    (words, meter, cost.unwrap_or_default())
}
