//! `roadworthy telemetry` and `roadworthy storage`.

use super::file;
use crate::{
    args::telemetry::{Storage, Telemetry, TelemetryCommand},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, time},
    session::{Place, Session, id},
};
use jiff::{civil::DateTime, tz::TimeZone};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    calls::{ApplyRetention, GetStorage, GetTrend, ListSignals, PinTelemetry, UnpinTelemetry},
    id::{PinId, VehicleId},
    telemetry::{Pin, Retained, SignalSpan, TrendSignal, TrendValues},
};
use std::fmt::Write as _;

/// Columns asked for where every value is wanted, and where a person looks.
const MOST: u32 = 4000;
const FEW: u32 = 40;
/// Ranges shorter than this are not split further where single values were dropped, in milliseconds.
const SHORT: i64 = 600_000;

pub(crate) fn run(place: &Place, out: &mut Out, asked: &Telemetry) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    match (&asked.command, &asked.vehicle) {
        (Some(TelemetryCommand::Pin { vehicle, from, to, reason }), _) => {
            let vehicle = session.find_vehicle(vehicle)?;
            let (from, to, reason) = (moment(from)?, moment(to)?, reason.clone());
            let pin = session.call(PinTelemetry { vehicle, from, to, reason })?;
            said(out, &pin, &format!("Kept from now on, as pin {pin}."))?;
        }
        (Some(TelemetryCommand::Unpin { pin }), _) => {
            let pin: PinId = id(pin, "a pin", "`roadworthy telemetry pins` lists them.")?;
            session.call(UnpinTelemetry { pin })?;
            said(out, &pin, "The pin is gone; these values grow old like others.")?;
        }
        (Some(TelemetryCommand::Pins), _) => {
            let pins = session.call(GetStorage {})?.pins;
            if out.json {
                out.object(&pins)?;
            } else if pins.is_empty() {
                out.line("Nothing is pinned.")?;
            } else {
                out.table(&pins.iter().map(pinned).collect::<Vec<_>>())?;
            }
        }
        (None, Some(vehicle)) => {
            let vehicle = session.find_vehicle(vehicle)?;
            let spans = session.call(ListSignals { vehicle })?;
            match &asked.signal {
                None => signals(out, &spans)?,
                Some(signal) => values(&session, out, asked, vehicle, find(&spans, signal)?)?,
            }
        }
        (None, None) => {}
    }
    Ok(Exit::Good)
}

fn said(out: &mut Out, pin: &PinId, words: &str) -> std::io::Result<()> {
    if out.json { out.object(&serde_json::json!({ "pin": pin })) } else { out.line(words) }
}

fn pinned(pin: &Pin) -> Vec<Cell> {
    vec![
        cell(Tone::Strong, &pin.vehicle_name),
        cell(Tone::Plain, format!("{} to {}", time(pin.from), time(pin.to))),
        cell(Tone::Plain, &pin.reason),
        cell(Tone::Faint, pin.id.to_string()),
    ]
}

fn signals(out: &mut Out, spans: &[SignalSpan]) -> Result<(), Stop> {
    if out.json {
        return Ok(out.object(&spans)?);
    }
    if spans.is_empty() {
        return Ok(out.line("No values yet. Record some: roadworthy live --port sim:petrol --record")?);
    }
    let line = |s: &SignalSpan| {
        let raw = s.raw_from.map_or(String::new(), |at| format!("single values since {}", time(at)));
        vec![
            cell(Tone::Strong, &s.label),
            cell(Tone::Faint, &s.unit),
            cell(Tone::Plain, count(usize::try_from(s.samples).unwrap_or(usize::MAX), "value")),
            cell(Tone::Plain, format!("{} to {}", time(s.from), time(s.to))),
            cell(Tone::Watch, raw),
            cell(Tone::Faint, &s.id),
        ]
    };
    Ok(out.table(&spans.iter().map(line).collect::<Vec<_>>())?)
}

/// The signal with this id, or the only one whose name it is.
fn find<'a>(spans: &'a [SignalSpan], named: &str) -> Result<&'a SignalSpan> {
    let by_name = || spans.iter().filter(|s| s.id.rsplit(':').next() == Some(named)).collect::<Vec<_>>();
    if let Some(exact) = spans.iter().find(|s| s.id == named) {
        return Ok(exact);
    }
    match by_name().as_slice() {
        [one] => Ok(one),
        [] => Err(Error::new(Code::NotFound, format!("There are no values of a signal {named:?}."))
            .hint("`roadworthy telemetry VEHICLE` lists the signals.")),
        several => {
            let ids: Vec<&str> = several.iter().map(|s| s.id.as_str()).collect();
            Err(Error::new(Code::Conflict, format!("Several signals are named {named:?}."))
                .hint(format!("Use an id: {}.", ids.join(", "))))
        }
    }
}

fn values(
    session: &Session,
    out: &mut Out,
    asked: &Telemetry,
    vehicle: VehicleId,
    span: &SignalSpan,
) -> Result<(), Stop> {
    let from = asked.from.as_deref().map_or(Ok(span.from), moment)?;
    let to = asked.to.as_deref().map_or(Ok(span.to + 1), moment)?;
    let get = |from, to, columns| -> Result<Option<TrendSignal>> {
        let signals = vec![span.id.clone()];
        Ok(session.call(GetTrend { vehicle, signals, from, to, columns })?.signals.pop())
    };
    if let Some(path) = &asked.csv {
        let mut csv = String::from("time,value,note,least,greatest,mean,count\r\n");
        every(&get, from, to, &mut csv)?;
        let info = roadworthy_api::system::BlobInfo {
            hash: roadworthy_core::files::hash(csv.as_bytes()),
            name: String::new(),
            media: "text/csv; charset=utf-8".into(),
            bytes: csv.len() as u64,
        };
        return file::write(out, path, asked.force, &info, csv.as_bytes());
    }
    let Some(signal) = get(from, to, FEW)? else { return Ok(()) };
    if out.json {
        return Ok(out.object(&signal)?);
    }
    out.line(&format!("{} {}", out.paint(Tone::Strong, &span.label), span.unit))?;
    let rows: Vec<Vec<Cell>> = match &signal.values {
        TrendValues::Raw { points, words } => {
            let mut rows: Vec<(Timestamp, String)> =
                points.iter().map(|(at, v)| (*at, v.map_or("missing".to_owned(), |v| v.to_string()))).collect();
            rows.extend(words.iter().cloned());
            rows.sort_by_key(|row| row.0);
            rows.into_iter().map(|(at, v)| vec![cell(Tone::Faint, exact(at)), cell(Tone::Plain, v)]).collect()
        }
        TrendValues::Band { columns, .. } => columns
            .iter()
            .map(|c| {
                vec![
                    cell(Tone::Faint, exact(c.from)),
                    cell(Tone::Plain, format!("{} to {}", c.min, c.max)),
                    cell(Tone::Plain, format!("mean {:.2}", c.mean)),
                    cell(Tone::Faint, count(usize::try_from(c.count).unwrap_or(usize::MAX), "value")),
                ]
            })
            .collect(),
    };
    if rows.is_empty() {
        return Ok(out.line("No values in this range.")?);
    }
    Ok(out.table(&rows)?)
}

/// Every single value where there are such; where they were dropped, what is left of them.
fn every(
    get: &impl Fn(Timestamp, Timestamp, u32) -> Result<Option<TrendSignal>>,
    from: Timestamp,
    to: Timestamp,
    csv: &mut String,
) -> Result<()> {
    let Some(signal) = get(from, to, MOST)? else { return Ok(()) };
    match signal.values {
        TrendValues::Raw { points, words } => {
            let number = |(at, v): (Timestamp, Option<f64>)| match v {
                Some(v) => (at, v.to_string(), ""),
                None => (at, String::new(), "missing"),
            };
            let mut rows: Vec<_> = points.into_iter().map(number).collect();
            rows.extend(words.into_iter().map(|(at, word)| (at, quoted(&word), "")));
            rows.sort_by_key(|row| row.0);
            for (at, value, note) in rows {
                let _ = write!(csv, "{},{value},{note},,,,\r\n", exact(at));
            }
        }
        // Those that are there and too many at once come one by one in parts of the range.
        TrendValues::Band { columns, made_of } if to - from <= if made_of == "raw" { 1 } else { SHORT } => {
            for c in columns {
                let _ = write!(csv, "{},,,{},{},{},{}\r\n", exact(c.from), c.min, c.max, c.mean, c.count);
            }
        }
        TrendValues::Band { .. } => {
            let middle = from + (to - from) / 2;
            every(get, from, middle, csv)?;
            every(get, middle, to, csv)?;
        }
    }
    Ok(())
}

/// Text that no spreadsheet takes for a formula.
fn quoted(text: &str) -> String {
    let guard = if text.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

fn exact(at: Timestamp) -> String {
    jiff::Timestamp::from_millisecond(at).map_or_else(|_| at.to_string(), |t| format!("{t:.3}"))
}

/// A time as typed: with a zone, else by this machine's clock; a date alone is its midnight.
pub(super) fn moment(text: &str) -> Result<Timestamp> {
    if let Ok(at) = text.parse::<jiff::Timestamp>() {
        return Ok(at.as_millisecond());
    }
    let local = text.parse::<DateTime>().ok().and_then(|t| t.to_zoned(TimeZone::system()).ok());
    local.map(|t| t.timestamp().as_millisecond()).ok_or_else(|| {
        Error::new(Code::Invalid, format!("{text:?} is not a time."))
            .hint("Write 2026-11-20, 2026-11-20T14:05 or 2026-11-20T13:05:00Z.")
    })
}

/// `roadworthy storage`.
pub(crate) fn storage(place: &Place, out: &mut Out, asked: &Storage) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    if asked.apply_retention {
        let done = session.call(ApplyRetention {})?;
        if out.json {
            out.object(&done)?;
        } else {
            let Retained { blocks, samples, bytes, pinned } = done;
            out.line(&format!(
                "Dropped {samples} single values in {blocks} blocks ({bytes} bytes); minutes and hours stay."
            ))?;
            out.line(&format!("{pinned} old blocks were left alone, since they are pinned or in use."))?;
        }
        return Ok(Exit::Good);
    }
    let is = session.call(GetStorage {})?;
    if out.json {
        out.object(&is)?;
        return Ok(Exit::Good);
    }
    let mib = |bytes: u64| format!("{:.1} MiB", bytes as f64 / f64::from(1 << 20));
    let mut rows = vec![
        ("Database", mib(is.database_bytes)),
        ("Stored files", mib(is.file_bytes)),
        ("Single values", format!("{} in {} blocks, {}", is.samples, is.blocks, mib(is.block_bytes))),
        ("Minutes and hours", mib(is.aggregate_bytes)),
        ("Not sealed yet", format!("{} values", is.tail_samples)),
        ("Dropped", format!("single values of {} blocks", is.dropped_blocks)),
        ("Oldest single value", is.oldest_raw.map_or("none".to_owned(), time)),
        ("Pins", is.pins.len().to_string()),
    ];
    if let Some(free) = is.free_bytes {
        rows.insert(2, ("Free on this disk", mib(free)));
    }
    let rows: Vec<Vec<Cell>> =
        rows.into_iter().map(|(what, is)| vec![cell(Tone::Faint, what), cell(Tone::Plain, is)]).collect();
    out.table(&rows)?;
    Ok(Exit::Good)
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::telemetry::BandColumn;

    #[test]
    fn values_are_written_one_by_one_however_close_they_lie() {
        // Thirty a second for ten minutes, as the engine gives them: one by one if there are not too many.
        let all: Vec<Timestamp> = (0..18_000).map(|n| n * 100 / 3).collect();
        let get = |from, to, columns: u32| {
            let own: Vec<Timestamp> = all.iter().copied().filter(|at| (from..to).contains(at)).collect();
            let values = if own.len() <= 2 * columns as usize {
                TrendValues::Raw { points: own.into_iter().map(|at| (at, Some(1.5))).collect(), words: vec![] }
            } else {
                let column = BandColumn { from, to, min: 1.5, max: 1.5, mean: 1.5, count: own.len() as u64 };
                TrendValues::Band { made_of: "raw".into(), columns: vec![column] }
            };
            Ok(Some(TrendSignal { id: "7E8:0C:engine_rpm".into(), label: String::new(), unit: "rpm".into(), values }))
        };
        let mut csv = String::new();
        every(&get, 0, 600_000, &mut csv).unwrap();
        assert_eq!(csv.lines().count(), all.len());
        assert!(csv.lines().all(|line| line.ends_with(",1.5,,,,,")), "because none of them was dropped");
    }
}
