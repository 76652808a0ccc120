//! Values as one table.

use super::{Content, Progress, Values, place::Draft};
use crate::{
    live::{CsvSamples, csv_time, info},
    store::{Fallible, capture, recording},
    telemetry::every::{self, Gone, Signal},
};
use roadworthy_api::{
    Code, Error, Timestamp,
    export::{ExportCount, TableFormat},
    id::VehicleId,
    live::{Mark, SignalInfo},
};
use rusqlite::Connection;
use std::{
    collections::BTreeSet,
    io::{self, BufWriter, Write},
};

/// Marks read at once.
const PAGE: u32 = 500;

/// The signals that are wanted, in the order wanted; all in the order of their ids where none is named.
fn chosen(conn: &Connection, vehicle: VehicleId, ids: &[String]) -> Fallible<Vec<Signal>> {
    let mut all = every::signals(conn, vehicle)?;
    if ids.is_empty() {
        return Ok(all);
    }
    let mut chosen = Vec::new();
    for id in ids {
        let before = chosen.len();
        let (own, rest): (Vec<_>, Vec<_>) = all.into_iter().partition(|s| s.signal.id == *id);
        chosen.extend(own);
        all = rest;
        if chosen.len() == before && !chosen.iter().any(|s: &Signal| s.signal.id == *id) {
            return Err(Error::new(Code::NotFound, format!("The vehicle has no values of a signal {id:?}."))
                .hint("`roadworthy telemetry signals` lists those that it has.")
                .into());
        }
    }
    Ok(chosen)
}

/// Whether there is anything to export.
pub(super) fn there(conn: &Connection, vehicle: VehicleId, values: &Values) -> Fallible<()> {
    chosen(conn, vehicle, &values.signals).map(drop)
}

/// Moments that somebody marked in recordings of a vehicle, oldest first.
fn marks(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Mark>> {
    let (mut marks, mut offset) = (Vec::new(), 0);
    loop {
        let page = recording::list(conn, Some(vehicle), offset, PAGE)?;
        offset += PAGE;
        let over = page.rows.len() < PAGE as usize;
        marks.extend(page.rows.into_iter().flat_map(|row| row.marks));
        if over {
            break;
        }
    }
    for id in capture::of_vehicle(conn, vehicle)? {
        marks.extend(capture::get(conn, id)?.into_iter().flat_map(|c| c.marks));
    }
    marks.sort_by(|a, b| (a.at, &a.label).cmp(&(b.at, &b.label)));
    marks.dedup();
    Ok(marks)
}

/// What was written of the values.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) values: u64,
    /// Signals that have any.
    pub(super) signals: u64,
    pub(super) notes: Vec<String>,
}

/// Writes every value of some ranges of time to a table in the long layout, or the wide one.
pub(super) fn csv(
    conn: &Connection,
    vehicle: VehicleId,
    wanted: &Values,
    ranges: &[(Timestamp, Timestamp)],
    out: &mut dyn Write,
    told: &dyn Fn(&io::Error) -> Error,
    progress: &mut Progress<'_>,
) -> Fallible<Written> {
    let signals = chosen(conn, vehicle, &wanted.signals)?;
    let infos: Vec<SignalInfo> = signals.iter().map(|s| info(&s.signal)).collect();
    let mut marks = marks(conn, vehicle)?.into_iter().peekable();
    let mut table = CsvSamples::new(out, &infos, wanted.layout).map_err(|e| told(&e))?;
    let mut seen = BTreeSet::new();
    let mut written = Written::default();
    for range in ranges {
        while marks.next_if(|m| m.at < range.0).is_some() {}
        let (mut before, mut values) = (0, 0);
        // Both are asked by turns, never at once.
        let counted = std::cell::Cell::new(0u64);
        let gone = every::each(
            conn,
            &signals,
            *range,
            &mut |at| {
                let more = counted.get() - before;
                before = counted.get();
                Ok(progress.step(&format!("Values up to {}", csv_time(at)), more)?)
            },
            &mut |signal, at, value| {
                while let Some(mark) = marks.next_if(|m| m.at <= at) {
                    table.mark(&mark).map_err(|e| told(&e))?;
                }
                seen.insert(signal);
                counted.set(counted.get() + 1);
                values += 1;
                Ok(table.read(signal, at, value).map_err(|e| told(&e))?)
            },
        )?;
        while let Some(mark) = marks.next_if(|m| m.at < range.1) {
            table.mark(&mark).map_err(|e| told(&e))?;
        }
        written.values += values;
        written.notes.extend(dropped(&gone));
    }
    table.done().map_err(|e| told(&e))?.flush().map_err(|e| told(&e))?;
    written.signals = seen.len() as u64;
    Ok(written)
}

/// What retention took away.
fn dropped(gone: &Gone) -> Option<String> {
    gone.dropped.map(|(from, to)| {
        format!(
            "Single values between {} and {} are not all there: old ones were dropped, as the settings say.",
            csv_time(from),
            csv_time(to)
        )
    })
}

/// How much work the values of a vehicle are.
pub(super) fn weight(conn: &Connection, vehicle: VehicleId) -> Fallible<u64> {
    Ok(crate::telemetry::query::spans(conn, vehicle)?.iter().map(|s| s.samples).sum())
}

/// The table on its own.
pub(super) fn table(
    conn: &Connection,
    vehicle: VehicleId,
    wanted: &Values,
    draft: &Draft,
    progress: &mut Progress<'_>,
) -> Fallible<Content> {
    progress.plan(weight(conn, vehicle)?);
    let range = (wanted.from.unwrap_or(Timestamp::MIN), wanted.to.unwrap_or(Timestamp::MAX));
    let told = |e: &io::Error| draft.told(e);
    let mut out = BufWriter::with_capacity(1 << 16, draft.open()?);
    let written = match wanted.format {
        TableFormat::Csv | TableFormat::Parquet => csv(conn, vehicle, wanted, &[range], &mut out, &told, progress)?,
    };
    let file = out.into_inner().map_err(|e| told(e.error()))?;
    file.sync_all().map_err(|e| told(&e))?;
    let count = |what: &str, count| ExportCount { what: what.to_owned(), count };
    let counts = vec![count("values", written.values), count("signals", written.signals)];
    Ok(Content { counts, notes: written.notes })
}
