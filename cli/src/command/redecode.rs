//! `roadworthy redecode`: stored traffic read by today's decoder, beside what is stored.

use super::compare::visit;
use crate::{
    args::keep::Redecode,
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, time},
    session::{Place, Session},
};
use roadworthy_api::{
    Code,
    calls::{ListWithTraffic, RedecodeVisit},
    visit::{DecodedChange, DecodedPart, DecodedRow, Redecoding, VisitRow},
};
use std::io::{self, IsTerminal, Write};

/// Visits that one page of the list holds.
const PAGE: u32 = 100;

pub(crate) fn run(place: &Place, out: &mut Out, redecode: &Redecode) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let Some(named) = &redecode.visit else { return all(&session, out, redecode.keep) };
    let visit = visit(named)?;
    let read = session.call(RedecodeVisit { visit, keep: redecode.keep })?;
    if out.json {
        out.object(&read)?;
    } else {
        print(out, &read)?;
    }
    Ok(Exit::Good)
}

fn print(out: &mut Out, read: &Redecoding) -> Result<(), Stop> {
    let differing = differing(read);
    out.line(&format!("Shown: decoder {}. Today: decoder {}.", read.shown, read.decoder))?;
    if differing.is_empty() {
        return Ok(out.line(&format!("All {} read as they are shown.", count(read.rows.len(), "thing")))?);
    }
    for (part, title) in [
        (DecodedPart::Vehicle, "Vehicle"),
        (DecodedPart::Ecus, "ECUs"),
        (DecodedPart::Codes, "Trouble codes"),
        (DecodedPart::Readiness, "Readiness"),
        (DecodedPart::Frames, "Freeze frames"),
        (DecodedPart::Monitors, "On-board tests"),
        (DecodedPart::Values, "Readings"),
        (DecodedPart::Coverage, "Who answered"),
        (DecodedPart::Rejected, "Replies that could not be used"),
    ] {
        let rows: Vec<Vec<Cell>> = differing.iter().filter(|row| row.part == part).map(|row| line(row)).collect();
        if !rows.is_empty() {
            out.heading(title)?;
            out.table(&rows)?;
        }
    }
    let same = read.rows.len() - differing.len();
    out.line(&format!("{} read otherwise, {} as shown.", count(differing.len(), "thing"), count(same, "thing")))?;
    Ok(out.line(if read.kept {
        "Kept: the visit shows what is read today; the reading of then stays."
    } else {
        "Nothing was changed. `--keep` shows the visit as it is read today."
    })?)
}

fn differing(read: &Redecoding) -> Vec<&DecodedRow> {
    read.rows.iter().filter(|row| row.change != DecodedChange::Same).collect()
}

pub(super) fn line(row: &DecodedRow) -> Vec<Cell> {
    let word = |text: &Option<String>| text.clone().unwrap_or_else(|| "–".into());
    let change = match row.change {
        DecodedChange::Same => "same",
        DecodedChange::New => "new",
        DecodedChange::Changed => "changed",
        DecodedChange::Gone => "gone",
    };
    vec![
        cell(Tone::Watch, change),
        cell(Tone::Strong, &row.label),
        cell(Tone::Faint, &row.ecu),
        cell(Tone::Plain, word(&row.before)),
        cell(Tone::Plain, word(&row.after)),
    ]
}

/// Every visit, one after the other. Each is its own change, so that stopping half-way leaves what is done.
fn all(session: &Session, out: &mut Out, keep: bool) -> Result<Exit, Stop> {
    let mut visits: Vec<VisitRow> = Vec::new();
    loop {
        let offset = u32::try_from(visits.len()).unwrap_or(u32::MAX);
        let page = session.call(ListWithTraffic { offset, limit: PAGE })?;
        let full = page.rows.len() == PAGE as usize;
        visits.extend(page.rows);
        if !full {
            break;
        }
    }
    let mut other = 0;
    let mut unread = 0;
    for (n, visit) in visits.iter().enumerate() {
        progress(n, visits.len());
        match session.call(RedecodeVisit { visit: visit.id, keep }) {
            Ok(read) => {
                let differing = differing(&read).len();
                other += usize::from(differing > 0);
                if out.json {
                    out.object(&read)?;
                } else if differing > 0 {
                    let words = format!("{} read otherwise", count(differing, "thing"));
                    report(out, visit, Tone::Watch, &words)?;
                }
            }
            // One that cannot be read keeps none of the others from it.
            Err(error)
                if matches!(error.code, Code::Malformed | Code::NotFound | Code::NotAnAdapter | Code::NoVehicle) =>
            {
                unread += 1;
                if out.json {
                    out.object(&serde_json::json!({ "visit": visit.id, "error": error }))?;
                } else {
                    report(out, visit, Tone::Bad, &error.message)?;
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    progress(0, 0);
    if !out.json {
        let unread = if unread == 0 { String::new() } else { format!(", {unread} cannot be read") };
        out.line(&format!("{}: {other} read otherwise today{unread}.", count(visits.len(), "visit")))?;
    }
    Ok(if unread == 0 { Exit::Good } else { Exit::Partial })
}

fn report(out: &mut Out, visit: &VisitRow, tone: Tone, words: &str) -> Result<(), Stop> {
    progress(0, 0);
    let row = vec![cell(Tone::Faint, visit.id.to_string()), cell(Tone::Plain, time(visit.ended)), cell(tone, words)];
    Ok(out.table(&[row])?)
}

/// How far it is, on a terminal only; nothing where `of` is 0.
fn progress(n: usize, of: usize) {
    if !io::stderr().is_terminal() {
        return;
    }
    let text = if of == 0 { String::new() } else { format!("  Reading {} of {of}. Ctrl+C stops.", n + 1) };
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(format!("\r\x1b[2K{text}").as_bytes()).and_then(|()| stderr.flush());
}
