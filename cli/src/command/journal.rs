//! `roadworthy journal`.

use crate::{
    args::Journal,
    exit::{Exit, Stop},
    out::{Out, Tone, cell, time},
    session::{Place, Session},
};
use roadworthy_api::calls::{ListEvents, RebuildTables, VerifyJournal};

pub(crate) fn run(place: &Place, out: &mut Out, journal: Journal) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    match journal {
        Journal::Verify => verify(&session, out),
        Journal::Rebuild => rebuild(&session, out),
        Journal::Tail { lines } => tail(&session, out, lines),
    }
}

fn verify(session: &Session, out: &mut Out) -> Result<Exit, Stop> {
    let report = session.call(VerifyJournal {})?;
    let exit = if report.faults.is_empty() { Exit::Good } else { Exit::Chain };
    if out.json {
        out.object(&report)?;
        return Ok(exit);
    }
    let of = format!(
        "{} events of {} {}",
        report.events,
        report.devices,
        if report.devices == 1 { "device" } else { "devices" }
    );
    if report.faults.is_empty() {
        out.line(&format!("{} {of}, every hash matches.", out.paint(Tone::Good, "The journal holds:")))?;
        if !report.head.is_empty() {
            out.line(&format!("Newest hash of this device: {}", report.head))?;
        }
        return Ok(exit);
    }
    out.line(&format!("{} {of}.", out.paint(Tone::Bad, "The journal does not verify:")))?;
    let rows: Vec<_> = report
        .faults
        .iter()
        .map(|fault| {
            vec![
                cell(Tone::Faint, &fault.device),
                cell(Tone::Strong, format!("event {}", fault.seq)),
                cell(Tone::Plain, &fault.problem),
            ]
        })
        .collect();
    out.table(&rows)?;
    Ok(exit)
}

fn rebuild(session: &Session, out: &mut Out) -> Result<Exit, Stop> {
    let report = session.call(RebuildTables {})?;
    if out.json {
        out.object(&report)?;
    } else if report.identical {
        out.line(&format!("Every table was made anew from {} events and is as it was, byte for byte.", report.events))?;
    } else {
        out.line(&format!("Every table was made anew from {} events.", report.events))?;
        out.line(&format!("These had differed from the journal and are right now: {}.", report.differing.join(", ")))?;
    }
    Ok(Exit::Good)
}

fn tail(session: &Session, out: &mut Out, lines: u32) -> Result<Exit, Stop> {
    let mut events = session.call(ListEvents { before: None, limit: lines })?;
    events.reverse();
    if out.json {
        out.object(&events)?;
        return Ok(Exit::Good);
    }
    if events.is_empty() {
        out.line("Nothing has happened yet.")?;
        return Ok(Exit::Good);
    }
    let rows: Vec<_> = events
        .iter()
        .map(|event| {
            vec![
                cell(Tone::Faint, event.arrival.to_string()),
                cell(Tone::Plain, time(event.at)),
                cell(Tone::Strong, &event.kind),
                cell(Tone::Faint, &event.actor),
                cell(Tone::Plain, &event.summary),
            ]
        })
        .collect();
    out.table(&rows)?;
    Ok(Exit::Good)
}
