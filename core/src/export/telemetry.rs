//! Values as one table.

use super::{
    Content, Progress, Values,
    parquet::{Has, Table},
    place::Draft,
};
use crate::{
    live::{CsvSamples, csv_time, info},
    store::{Fallible, capture, recording},
    telemetry::{
        Value,
        every::{self, Gone, Signal},
    },
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    export::{ExportCount, TableFormat},
    id::VehicleId,
    live::{CsvLayout, Mark, SignalInfo},
};
use rusqlite::Connection;
use std::{
    cell::Cell,
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
    /// Samples that hold a value.
    pub(super) values: u64,
    /// Those that say why there is none.
    pub(super) gaps: u64,
    pub(super) rows: u64,
    /// Signals that have any.
    pub(super) signals: u64,
    pub(super) notes: Vec<String>,
}

/// A table that takes samples, oldest first.
pub(super) trait Sheet {
    fn read(&mut self, signal: usize, at: Timestamp, value: Value<'_>) -> Result<()>;
    fn mark(&mut self, mark: &Mark) -> Result<()>;
    /// Rows so far, without the head.
    fn rows(&self) -> u64;
}

/// One of CSV.
struct Csv<'a, W: Write> {
    samples: CsvSamples<W>,
    told: &'a dyn Fn(&io::Error) -> Error,
}

impl<W: Write> Sheet for Csv<'_, W> {
    fn read(&mut self, signal: usize, at: Timestamp, value: Value<'_>) -> Result<()> {
        self.samples.read(signal, at, value).map_err(|e| (self.told)(&e))
    }

    fn mark(&mut self, mark: &Mark) -> Result<()> {
        self.samples.mark(mark).map_err(|e| (self.told)(&e))
    }

    fn rows(&self) -> u64 {
        self.samples.rows()
    }
}

/// Takes every value of some ranges of time, oldest first, to a table.
fn fill(
    conn: &Connection,
    vehicle: VehicleId,
    signals: &[Signal],
    ranges: &[(Timestamp, Timestamp)],
    sheet: &mut dyn Sheet,
    progress: &mut Progress<'_>,
) -> Fallible<Written> {
    let mut marks = marks(conn, vehicle)?.into_iter().peekable();
    let (mut seen, mut written, mut gaps) = (BTreeSet::new(), Written::default(), 0);
    // Told by one closure and read by the other.
    let taken = Cell::new(0u64);
    for range in ranges {
        while marks.next_if(|m| m.at < range.0).is_some() {}
        let mut look = |at| {
            let doing = format!("Values of {}", csv_time(at).get(..10).unwrap_or_default());
            Ok(progress.step(&doing, taken.take())?)
        };
        let mut take = |signal, at, value: Value<'_>| {
            while let Some(mark) = marks.next_if(|m| m.at <= at) {
                sheet.mark(&mark)?;
            }
            seen.insert(signal);
            gaps += u64::from(matches!(value, Value::Missing(_)));
            taken.set(taken.get() + 1);
            Ok(sheet.read(signal, at, value)?)
        };
        let gone = every::each(conn, signals, *range, &mut look, &mut take)?;
        while let Some(mark) = marks.next_if(|m| m.at < range.1) {
            sheet.mark(&mark)?;
        }
        written.values += gone.samples;
        written.notes.extend(dropped(&gone));
    }
    written.values -= gaps;
    written.gaps = gaps;
    written.signals = seen.len() as u64;
    written.rows = sheet.rows();
    Ok(written)
}

/// Writes every value of some ranges of time as CSV.
pub(super) fn csv(
    conn: &Connection,
    vehicle: VehicleId,
    wanted: &Values,
    ranges: &[(Timestamp, Timestamp)],
    out: impl Write,
    told: &dyn Fn(&io::Error) -> Error,
    progress: &mut Progress<'_>,
) -> Fallible<Written> {
    let signals = chosen(conn, vehicle, &wanted.signals)?;
    let infos: Vec<SignalInfo> = signals.iter().map(|s| info(&s.signal)).collect();
    let samples = CsvSamples::new(out, &infos, wanted.layout).map_err(|e| told(&e))?;
    let mut sheet = Csv { samples, told };
    let mut written = fill(conn, vehicle, &signals, ranges, &mut sheet, progress)?;
    let mut out = sheet.samples.done().map_err(|e| told(&e))?;
    out.flush().map_err(|e| told(&e))?;
    if wanted.layout == CsvLayout::Wide && written.values > 0 {
        written.notes.push("A wide table does not say why a signal went missing; a long one does.".into());
    }
    Ok(written)
}

/// The same as Parquet.
fn parquet(
    conn: &Connection,
    vehicle: VehicleId,
    wanted: &Values,
    range: (Timestamp, Timestamp),
    draft: &Draft,
    progress: &mut Progress<'_>,
) -> Fallible<Written> {
    let signals = chosen(conn, vehicle, &wanted.signals)?;
    let infos: Vec<SignalInfo> = signals.iter().map(|s| info(&s.signal)).collect();
    let mut has = vec![Has::default(); infos.len()];
    if wanted.layout == CsvLayout::Wide {
        // A column has a type, which its values decide.
        let mut look = |_| Ok(progress.step("Looking for words", 0)?);
        let mut take = |signal: usize, _, value: Value<'_>| {
            if let Some(has) = has.get_mut(signal) {
                has.numbers |= matches!(value, Value::Number(_));
                has.words |= matches!(value, Value::Word(_));
            }
            Ok(())
        };
        every::each(conn, &signals, range, &mut look, &mut take)?;
    }
    let mut sheet = Table::new(draft, &infos, wanted.layout, &has)?;
    let written = fill(conn, vehicle, &signals, &[range], &mut sheet, progress)?;
    sheet.done()?;
    Ok(written)
}

/// How a note goes on that tells of what retention took away.
pub(super) const DROPPED: &str = "are not all there: old ones were dropped";

/// What retention took away.
fn dropped(gone: &Gone) -> Option<String> {
    gone.dropped.map(|(from, to)| {
        format!("Single values between {} and {} {DROPPED}, as the settings say.", csv_time(from), csv_time(to))
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
    let written = match wanted.format {
        TableFormat::Parquet => parquet(conn, vehicle, wanted, range, draft, progress)?,
        TableFormat::Csv => {
            let told = |e: &io::Error| draft.told(e);
            let out = BufWriter::with_capacity(1 << 16, draft.open()?);
            let written = csv(conn, vehicle, wanted, &[range], out, &told, progress)?;
            draft.open()?.sync_all().map_err(|e| told(&e))?;
            written
        }
    };
    let count = |what: &str, count| ExportCount { what: what.to_owned(), count };
    let mut counts = vec![count("values", written.values), count("signals", written.signals)];
    if written.gaps > 0 {
        counts.push(count("gaps with their reason", written.gaps));
    }
    Ok(Content { counts, notes: written.notes })
}
