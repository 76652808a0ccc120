//! Values over a range: every one of them, or bands of about so many columns; out of blocks and the tail, which may overlap.
//!
//! A band is made of hours where a column is about an hour or longer, of minutes where it is about a minute or longer, else of
//! single values. Columns begin at whole multiples of their length since 1970, so that they stay where they are when a page scrolls.
//! Periods cut by the range's ends are made of single values, as long as these are there.

use super::{
    Value,
    block::Samples,
    period::{HOUR, MINUTE, Period},
    seal,
};
use crate::{
    live::Row,
    store::{
        Fallible, block,
        block::{Found, Series},
        capture, tail,
    },
};
use roadworthy_api::{
    Timestamp,
    id::{RecordingId, VehicleId},
    telemetry::{BandColumn, SignalSpan, Trend, TrendSignal, TrendValues},
};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};

/// What a vehicle has of a signal: blocks under several subjects, and samples in the tail.
struct Signal {
    id: String,
    label: String,
    unit: String,
    /// Series whose blocks hold it.
    series: Vec<i64>,
    /// Samples of it in the tail, in the order of their times, none of which a block holds already.
    tail: Samples,
}

/// The signals of a vehicle in the order of their ids; `within`: samples of the tail of that time only.
///
/// Where a signal changed its unit only what has the newest unit counts: values of two units are not one signal.
fn signals(conn: &Connection, vehicle: VehicleId, within: (Timestamp, Timestamp)) -> Fallible<Vec<Signal>> {
    let mut found: BTreeMap<String, Signal> = BTreeMap::new();
    let empty = |id, label, unit| Signal { id, label, unit, series: vec![], tail: Samples::default() };
    // The newest unit comes last.
    for Series { id, signal, label, unit } in block::series_of(conn, vehicle)? {
        let entry = found.entry(signal.clone()).or_insert_with(|| empty(signal, label.clone(), unit.clone()));
        if entry.unit != unit {
            *entry = empty(entry.id.clone(), label, unit);
        }
        entry.series.push(id);
    }
    for capture in capture::of_vehicle(conn, vehicle)? {
        let mut growing = Vec::new();
        for batch in tail::of(conn, capture, u64::MAX, Some(within))? {
            seal::grow(&mut growing, &batch.samples)?;
        }
        let known: HashMap<u32, _> = capture::signals(conn, capture)?.into_iter().collect();
        for (number, grown) in (0u32..).zip(growing) {
            let (Some(grown), Some(signal)) = (grown, known.get(&number)) else { continue };
            let (id, label, unit) = (signal.id.clone(), signal.label.clone(), signal.unit.clone());
            let entry = found.entry(id.clone()).or_insert_with(|| empty(id.clone(), label.clone(), unit.clone()));
            if entry.unit != unit {
                *entry = empty(id, label, unit);
            }
            let (Some(first), Some(last)) = (grown.samples.times.iter().min(), grown.samples.times.iter().max()) else {
                continue;
            };
            let mut there = Vec::new();
            for found in block::overlapping(conn, &entry.series, *first, last.saturating_add(1))? {
                there.extend(block::data(conn, found.id)?);
            }
            if !entry.tail.times.is_empty() {
                there.push(std::mem::take(&mut entry.tail));
                let kept = seal::settle(&grown.samples, &there);
                let both = [there.pop().unwrap_or_default(), kept];
                entry.tail = seal::merged(&both);
            } else {
                entry.tail = seal::settle(&grown.samples, &there);
            }
        }
    }
    Ok(found.into_values().collect())
}

/// Every signal of which a vehicle has values.
pub(crate) fn spans(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<SignalSpan>> {
    let mut spans = Vec::new();
    for signal in signals(conn, vehicle, (Timestamp::MIN, Timestamp::MAX))? {
        let stored = block::span(conn, &signal.series)?;
        let (first, last) = (signal.tail.times.first().copied(), signal.tail.times.last().copied());
        let from = stored.as_ref().map(|s| s.from).into_iter().chain(first).min();
        let to = stored.as_ref().map(|s| s.to).into_iter().chain(last).max();
        let (Some(from), Some(to)) = (from, to) else { continue };
        spans.push(SignalSpan {
            id: signal.id,
            label: signal.label,
            unit: signal.unit,
            from,
            to,
            samples: stored.as_ref().map_or(0, |s| s.samples) + signal.tail.len() as u64,
            raw_from: stored.and_then(|s| s.dropped_to).map(|at| at + 1),
        });
    }
    Ok(spans)
}

/// Signals over a range. Those that the vehicle does not have come back empty.
pub(crate) fn trend(
    conn: &Connection,
    vehicle: VehicleId,
    ids: &[String],
    (from, to): (Timestamp, Timestamp),
    columns: u32,
) -> Fallible<Trend> {
    let mut known: HashMap<String, Signal> =
        signals(conn, vehicle, (from, to))?.into_iter().map(|s| (s.id.clone(), s)).collect();
    let mut chosen = Vec::new();
    for id in ids {
        let none = || Signal {
            id: id.clone(),
            label: String::new(),
            unit: String::new(),
            series: vec![],
            tail: Samples::default(),
        };
        let signal = known.remove(id).unwrap_or_else(none);
        let blocks = block::overlapping(conn, &signal.series, from, to)?;
        chosen.push((signal, blocks));
    }
    let most = 2 * u64::from(columns);
    let mut few = true;
    for (signal, blocks) in &chosen {
        few = few && count_up_to(conn, signal, blocks, (from, to), most)? <= most;
    }
    let mut signals = Vec::new();
    for (signal, blocks) in chosen {
        let values = if few {
            raw(conn, &signal, &blocks, (from, to))?
        } else {
            band(conn, &signal, &blocks, (from, to), columns)?
        };
        signals.push(TrendSignal { id: signal.id, label: signal.label, unit: signal.unit, values });
    }
    Ok(Trend { vehicle, from, to, signals })
}

/// Samples in the range; more than `most` once it is certain that there are more, or that not all can be told.
fn count_up_to(
    conn: &Connection,
    signal: &Signal,
    blocks: &[Found],
    (from, to): (Timestamp, Timestamp),
    most: u64,
) -> Fallible<u64> {
    if blocks.iter().any(|b| b.dropped) {
        return Ok(most + 1);
    }
    let inside = |b: &&Found| b.from >= from && b.to < to;
    let whole: u64 = blocks.iter().filter(inside).map(|b| b.n).sum();
    let mut count = whole + signal.tail.times.iter().filter(|at| (from..to).contains(*at)).count() as u64;
    for cut in blocks.iter().filter(|b| !inside(b)) {
        if count > most {
            break;
        }
        let data = block::data(conn, cut.id)?;
        count += data.iter().flat_map(|d| &d.times).filter(|at| (from..to).contains(*at)).count() as u64;
    }
    Ok(count)
}

fn raw(
    conn: &Connection,
    signal: &Signal,
    blocks: &[Found],
    (from, to): (Timestamp, Timestamp),
) -> Fallible<TrendValues> {
    let mut parts = Vec::new();
    for found in blocks {
        parts.extend(block::data(conn, found.id)?);
    }
    let mut all: Vec<(Timestamp, Value<'_>)> = parts.iter().chain([&signal.tail]).flat_map(Samples::iter).collect();
    all.retain(|(at, _)| (from..to).contains(at));
    if all.windows(2).any(|w| w[0].0 >= w[1].0) {
        all.sort_by_key(|(at, _)| *at);
        all.dedup_by(|b, a| a.0 == b.0 && a.1.same(b.1));
    }
    let (mut points, mut words) = (Vec::new(), Vec::new());
    for (at, value) in all {
        match value {
            Value::Number(value) => points.push((at, Some(value))),
            Value::Missing(_) => points.push((at, None)),
            Value::Word(word) => words.push((at, word.to_owned())),
        }
    }
    Ok(TrendValues::Raw { points, words })
}

/// Columns in the making.
struct Columns {
    step: i64,
    first: i64,
    columns: Vec<Option<(BandColumn, f64)>>,
    /// The column of the last single value, and what times it holds: mostly the next one's too.
    last: (usize, std::ops::Range<Timestamp>),
}

impl Columns {
    fn new(from: Timestamp, to: Timestamp, step: i64) -> Self {
        let first = from.div_euclid(step);
        let count = to.saturating_sub(1).div_euclid(step).saturating_sub(first).saturating_add(1);
        Self { step, first, columns: vec![None; usize::try_from(count).unwrap_or(0)], last: (0, 0..0) }
    }

    fn add(&mut self, from: Timestamp, to: Timestamp, (min, max): (f64, f64), sum: f64, count: u64) {
        let place = usize::try_from(from.div_euclid(self.step).saturating_sub(self.first)).unwrap_or(usize::MAX);
        let Some(slot) = self.columns.get_mut(place) else { return };
        match slot {
            Some((column, total)) => {
                column.from = column.from.min(from);
                column.to = column.to.max(to);
                column.min = column.min.min(min);
                column.max = column.max.max(max);
                column.count += count;
                *total += sum;
            }
            None => *slot = Some((BandColumn { from, to, min, max, mean: 0.0, count }, sum)),
        }
    }

    fn value(&mut self, at: Timestamp, value: f64) {
        if self.last.1.contains(&at)
            && let Some(Some((column, total))) = self.columns.get_mut(self.last.0)
        {
            column.from = column.from.min(at);
            column.to = column.to.max(at);
            column.min = column.min.min(value);
            column.max = column.max.max(value);
            column.count += 1;
            *total += value;
            return;
        }
        self.add(at, at, (value, value), value, 1);
        let number = at.div_euclid(self.step);
        let begin = number.saturating_mul(self.step);
        let place = usize::try_from(number.saturating_sub(self.first)).unwrap_or(usize::MAX);
        self.last = (place, begin..begin.saturating_add(self.step));
    }

    fn done(self) -> Vec<BandColumn> {
        let mean = |(column, sum): (BandColumn, f64)| BandColumn { mean: sum / column.count as f64, ..column };
        self.columns.into_iter().flatten().map(mean).collect()
    }
}

fn band(
    conn: &Connection,
    signal: &Signal,
    blocks: &[Found],
    (from, to): (Timestamp, Timestamp),
    columns: u32,
) -> Fallible<TrendValues> {
    let width = to.saturating_sub(from).max(1);
    let width = (width / i64::from(columns.max(1))).saturating_add(i64::from(width % i64::from(columns.max(1)) != 0));
    // A day in 1500 columns would be 58 seconds each: 1440 minutes show the same and are there already.
    let nearly = |period: i64| width >= period - period / 10;
    let period = [HOUR, MINUTE].into_iter().find(|period| nearly(*period)).unwrap_or(0);
    let whole = |period: i64| (width / period + i64::from(width % period != 0)).saturating_mul(period);
    let step = if period == 0 { width } else { whole(period) };
    let mut out = Columns::new(from, to, step);
    let mut worst = period;
    let hours = if period == HOUR { block::hours(conn, &signal.series, from, to)? } else { HashMap::new() };
    for found in blocks {
        let (length, periods) = match (period, found.dropped) {
            (HOUR, _) => (HOUR, hours.get(&found.id).map_or_else(Vec::new, Clone::clone)),
            (0, false) => {
                for (at, value) in block::data(conn, found.id)?.iter().flat_map(Samples::numbers) {
                    if (from..to).contains(&at) {
                        out.value(at, value);
                    }
                }
                continue;
            }
            _ => (MINUTE, block::minutes(conn, found.id)?),
        };
        worst = worst.max(length);
        let cut = |p: &Period| {
            p.number * length < from && found.from < from || (p.number + 1) * length > to && found.to >= to
        };
        if periods.iter().any(cut) && !found.dropped {
            let data = block::data(conn, found.id)?;
            let cut: Vec<i64> = periods.iter().filter(|p| cut(p)).map(|p| p.number).collect();
            for (at, value) in data.iter().flat_map(Samples::numbers) {
                if (from..to).contains(&at) && cut.contains(&at.div_euclid(length)) {
                    out.value(at, value);
                }
            }
        } else if length == HOUR && periods.iter().any(cut) {
            // Of dropped values the minutes tell more than the hour.
            let cut: Vec<i64> = periods.iter().filter(|p| cut(p)).map(|p| p.number).collect();
            for minute in block::minutes(conn, found.id)? {
                if cut.contains(&minute.number.div_euclid(60)) {
                    period_in(&mut out, &minute, MINUTE, found, (from, to));
                }
            }
        } else {
            for period in periods.iter().filter(|p| cut(p)) {
                period_in(&mut out, period, length, found, (from, to));
            }
        }
        for period in periods.iter().filter(|p| !cut(p)) {
            period_in(&mut out, period, length, found, (from, to));
        }
    }
    for (at, value) in signal.tail.numbers().filter(|(at, _)| (from..to).contains(at)) {
        out.value(at, value);
    }
    let made_of = match worst {
        HOUR => "hours",
        MINUTE => "minutes",
        _ => "raw",
    };
    Ok(TrendValues::Band { made_of: made_of.to_owned(), columns: out.done() })
}

/// Adds a period that begins in the range.
fn period_in(out: &mut Columns, period: &Period, length: i64, found: &Found, (from, to): (Timestamp, Timestamp)) {
    let begin = (period.number * length).max(found.from);
    let end = ((period.number + 1) * length - 1).min(found.to);
    if begin >= from && begin < to {
        out.add(begin, end.min(to - 1), (period.min, period.max), period.sum, period.count);
    }
}

/// Every sample of a recording that is still there, in the order in which a file would list them, and since when single values
/// were dropped, if any were.
pub(crate) fn recorded(
    conn: &Connection,
    recording: RecordingId,
    signals: &[String],
) -> Fallible<(Vec<Row>, Option<Timestamp>)> {
    let mut parts: Vec<Vec<Samples>> = Vec::new();
    parts.resize_with(signals.len(), Vec::new);
    let mut dropped: Option<Timestamp> = None;
    for (signal, from, data) in block::of_recording(conn, recording)? {
        let Some(slot) = signals.iter().position(|s| *s == signal).and_then(|place| parts.get_mut(place)) else {
            continue;
        };
        match data {
            Some(data) => slot.push(data),
            None => dropped = Some(dropped.map_or(from, |d| d.min(from))),
        }
    }
    let mut growing = Vec::new();
    for batch in tail::of(conn, recording, u64::MAX, None)? {
        seal::grow(&mut growing, &batch.samples)?;
    }
    let known: HashMap<u32, _> = capture::signals(conn, recording)?.into_iter().collect();
    for (number, grown) in (0u32..).zip(growing) {
        let place = known.get(&number).and_then(|known| signals.iter().position(|s| *s == known.id));
        if let (Some(grown), Some(slot)) = (grown, place.and_then(|place| parts.get_mut(place))) {
            slot.push(seal::settle(&grown.samples, &[]));
        }
    }
    // By time; of one moment each signal once in their order, then those that have a second value, and so on.
    let mut rows: Vec<(Timestamp, u32, usize, Value<'_>)> = Vec::new();
    for (place, parts) in parts.iter().enumerate() {
        let mut own: Vec<(Timestamp, Value<'_>)> = parts.iter().flat_map(Samples::iter).collect();
        own.sort_by_key(|(at, _)| *at);
        let (mut last, mut round) = (None, 0);
        for (at, value) in own {
            round = if last == Some(at) { round + 1 } else { 0 };
            last = Some(at);
            rows.push((at, round, place, value));
        }
    }
    rows.sort_by_key(|(at, round, place, _)| (*at, *round, *place));
    let rows = rows.into_iter().map(|(at, _, signal, value)| Row { signal, at, value: value.live() }).collect();
    Ok((rows, dropped))
}
