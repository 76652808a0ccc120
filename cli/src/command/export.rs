//! `roadworthy export`.

use super::{progress::follow, telemetry::moment};
use crate::{
    args::export::{Export, Format, Telemetry, To, What},
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error, Result,
    call::{Handle, Request},
    calls::{ExportCustomer, ExportFleet, ExportTelemetry, ExportVehicle, ListPeople, ListSignals},
    export::{ExportMade, ExportTo, TableFormat},
    id::{JobId, PersonId, VehicleId},
    job::JobState,
    person::Person,
};
use roadworthy_core::Engine;
use std::path::Path;

/// Rows asked for at once.
const PAGE: u32 = 200;

pub(crate) fn run(place: &Place, out: &mut Out, asked: &Export) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let made = match &asked.what {
        What::Vehicle { vehicle, to } => {
            let vehicle = session.find_vehicle(vehicle)?;
            ended(&session, ExportVehicle { vehicle, out: file(to)? })?
        }
        What::Telemetry(asked) => ended(&session, telemetry(&session, asked)?)?,
        What::Fleet { to } if zip(&to.out) => ended(&session, ExportFleet { out: file(to)? })?,
        What::Fleet { to } => {
            let out = ExportTo::Folder { path: absolute(&to.out)?, replace: to.force };
            ended(&session, ExportFleet { out })?
        }
        What::Customer { customer, to } => {
            let person = person(&session, customer)?;
            ended(&session, ExportCustomer { person, out: file(to)? })?
        }
    };
    told(out, &made)
}

fn zip(path: &Path) -> bool {
    path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("zip"))
}

fn absolute(path: &Path) -> Result<String> {
    let told = |why: &str| {
        Error::new(Code::Invalid, format!("{} cannot be written: {why}.", path.display())).hint("Name another file.")
    };
    let path = std::path::absolute(path).map_err(|e| told(&e.to_string()))?;
    path.to_str().map(str::to_owned).ok_or_else(|| told("its name is no text"))
}

fn file(to: &To) -> Result<ExportTo> {
    Ok(ExportTo::Path { path: absolute(&to.out)?, replace: to.force })
}

fn telemetry(session: &Session, asked: &Telemetry) -> Result<ExportTelemetry> {
    let vehicle = session.find_vehicle(&asked.vehicle)?;
    let parquet = asked.place.out.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("parquet"));
    let format = match asked.format {
        Some(Format::Parquet) => TableFormat::Parquet,
        None if parquet => TableFormat::Parquet,
        _ => TableFormat::Csv,
    };
    Ok(ExportTelemetry {
        vehicle,
        signals: signals(session, vehicle, &asked.signals)?,
        from: asked.from.as_deref().map(moment).transpose()?,
        to: asked.to.as_deref().map(moment).transpose()?,
        format,
        layout: asked.layout().into(),
        out: file(&asked.place)?,
    })
}

/// Ids of the signals that are named by their ids or by the ends of these.
fn signals(session: &Session, vehicle: VehicleId, named: &[String]) -> Result<Vec<String>> {
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let all = session.call(ListSignals { vehicle })?;
    let mut ids = Vec::new();
    for name in named {
        let ending = format!(":{name}");
        let found: Vec<&str> =
            all.iter().map(|s| s.id.as_str()).filter(|id| id == name || id.ends_with(&ending)).collect();
        if found.is_empty() {
            return Err(Error::new(Code::NotFound, format!("The vehicle has no values of {name:?}."))
                .hint("`roadworthy telemetry VEHICLE` lists its signals."));
        }
        ids.extend(found.into_iter().map(str::to_owned));
    }
    Ok(ids)
}

fn person(session: &Session, named: &str) -> Result<PersonId> {
    if let Ok(id) = named.parse() {
        return Ok(id);
    }
    let search = Some(named.to_owned());
    let found: Vec<Person> = session
        .all(|offset| ListPeople { search: search.clone(), offset, limit: PAGE })?
        .into_iter()
        .filter(|p: &Person| p.details.name.to_lowercase() == named.trim().to_lowercase())
        .collect();
    match found.as_slice() {
        [one] => Ok(one.id),
        [] => Err(Error::new(Code::NotFound, format!("No customer is named {named:?}."))
            .hint("`roadworthy people list` lists them with their ids.")),
        several => Err(Error::new(Code::Conflict, format!("{} customers are named {named:?}.", several.len()))
            .hint("Use an id: `roadworthy people list` has them.")),
    }
}

fn ended<C: Request<Reply = JobId>>(session: &Session, request: C) -> Result<ExportMade>
where
    Engine: Handle<C>,
{
    let job = session.call(request)?;
    match session.runtime.block_on(follow(session, job, "Exporting"))?.state {
        JobState::Exported { made } => Ok(made),
        JobState::Failed { error } => Err(error),
        _ => Err(Error::new(Code::Internal, "The export ended without a result.")),
    }
}

fn told(out: &mut Out, made: &ExportMade) -> Result<Exit, Stop> {
    if out.json {
        out.object(made)?;
        return Ok(Exit::Good);
    }
    let bytes = count(usize::try_from(made.bytes).unwrap_or(usize::MAX), "byte");
    out.line(&format!("{} written ({bytes}).", made.path.as_deref().unwrap_or_default()))?;
    let rows: Vec<_> =
        made.counts.iter().map(|c| vec![cell(Tone::Strong, c.count.to_string()), cell(Tone::Plain, &c.what)]).collect();
    out.table(&rows)?;
    for note in &made.notes {
        out.line(&out.paint(Tone::Watch, note))?;
    }
    if !made.sha256.is_empty() {
        out.line(&format!("SHA-256 {}", made.sha256))?;
    }
    Ok(Exit::Good)
}
