//! `roadworthy journal`.

use super::timeline::trace;
use crate::{
    args::Journal,
    exit::{Exit, Stop},
    out::{Out, Tone, cell, time},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{ListEvents, RebuildTables, VerifyJournal},
    journal::{BlockFault, VerifyReport},
};

pub(crate) fn run(place: &Place, out: &mut Out, journal: Journal) -> Result<Exit, Stop> {
    match journal {
        Journal::Verify => verify(&Session::open(place)?, out),
        Journal::Rebuild => rebuild(&Session::open(place)?, out),
        Journal::Tail { lines } => tail(&Session::open(place)?, out, lines),
        Journal::Trace(asked) => trace(place, out, &asked),
    }
}

fn verify(session: &Session, out: &mut Out) -> Result<Exit, Stop> {
    let report = session.call(VerifyJournal {})?;
    let whole = report.faults.is_empty() && report.block_faults.is_empty();
    let exit = if whole { Exit::Good } else { Exit::Chain };
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
        blocks(out, &report)?;
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
    blocks(out, &report)?;
    Ok(exit)
}

/// What is said of the blocks of telemetry.
fn blocks(out: &mut Out, report: &VerifyReport) -> Result<(), Stop> {
    if report.block_faults.is_empty() {
        if report.blocks > 0 {
            out.line(&format!("Every one of {} blocks of telemetry is as the journal says.", report.blocks))?;
        }
        return Ok(());
    }
    let bad = out.paint(Tone::Bad, "Telemetry is not as the journal says:");
    out.line(&format!("{bad} {} blocks.", report.blocks))?;
    let row = |fault: &BlockFault| {
        vec![
            cell(Tone::Strong, fault.block.map_or("no block".to_owned(), |block| format!("block {block}"))),
            cell(Tone::Plain, &fault.signal),
            cell(Tone::Faint, if fault.from > 0 { time(fault.from) } else { String::new() }),
            cell(Tone::Plain, &fault.problem),
        ]
    };
    Ok(out.table(&report.block_faults.iter().map(row).collect::<Vec<_>>())?)
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
