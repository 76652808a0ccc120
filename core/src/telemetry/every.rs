//! Every single value of a vehicle, oldest first, over any range: for what leaves the program.
//!
//! Values are gone through a stretch of time after the other, each so short that it holds few enough to be in memory at once,
//! so that years of them take no more than a day. Unlike a trend this has values of every unit that a signal ever had.

use super::{
    Value,
    block::{SPAN, Samples},
    period::{MINUTE, Period},
    seal,
};
use crate::{
    journal::kind::RecordedSignal,
    store::{
        Fallible, block,
        block::{Found, Series},
        capture, tail,
    },
};
use roadworthy_api::{Timestamp, id::VehicleId, telemetry::SignalSpan};
use rusqlite::Connection;
use std::collections::{BTreeMap, HashMap};

/// Values that are in memory at once, unless more than that fall into one [`LEAST`].
const MOST: u64 = 1 << 19;
/// Shortest stretch, in milliseconds.
const LEAST: i64 = 1000;

/// A signal in one unit.
#[derive(Debug)]
pub(crate) struct Signal {
    pub(crate) signal: RecordedSignal,
    series: Vec<i64>,
    /// Samples that no block holds yet.
    tail: Samples,
}

/// What a vehicle has, in the order of the signals' ids and then of their units' age.
pub(crate) fn signals(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Signal>> {
    let mut found: BTreeMap<String, Vec<Signal>> = BTreeMap::new();
    fn of(found: &mut BTreeMap<String, Vec<Signal>>, signal: RecordedSignal) -> Option<&mut Signal> {
        let units = found.entry(signal.id.clone()).or_default();
        let place = units.iter().position(|s| s.signal.unit == signal.unit).unwrap_or(units.len());
        if place == units.len() {
            units.push(Signal { signal, series: Vec::new(), tail: Samples::default() });
        }
        units.get_mut(place)
    }
    for Series { id, signal, label, unit } in block::series_of(conn, vehicle)? {
        if let Some(signal) = of(&mut found, RecordedSignal { id: signal, label, unit }) {
            signal.series.push(id);
        }
    }
    for capture in capture::of_vehicle(conn, vehicle)? {
        let mut growing = Vec::new();
        for batch in tail::of(conn, capture, u64::MAX, None)? {
            seal::grow(&mut growing, &batch.samples)?;
        }
        let known: HashMap<u32, _> = capture::signals(conn, capture)?.into_iter().collect();
        for (number, grown) in (0u32..).zip(growing) {
            let (Some(grown), Some(signal)) = (grown, known.get(&number)) else { continue };
            if let Some(signal) = of(&mut found, signal.clone()) {
                signal.tail = seal::merged(&[std::mem::take(&mut signal.tail), grown.samples]);
            }
        }
    }
    Ok(found.into_values().flatten().collect())
}

/// What was found on the way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Gone {
    /// Samples that were gone through.
    pub(crate) samples: u64,
    /// First and last time of single values that are no longer kept.
    pub(crate) dropped: Option<(Timestamp, Timestamp)>,
}

/// Takes every value of `from..to` to `take`, with the place of its signal. `look` is told how far it is, some times a second;
/// what either answers with ends it.
pub(crate) fn each(
    conn: &Connection,
    signals: &[Signal],
    range: (Timestamp, Timestamp),
    look: &mut dyn FnMut(Timestamp) -> Fallible<()>,
    take: &mut dyn FnMut(usize, Timestamp, Value<'_>) -> Fallible<()>,
) -> Fallible<Gone> {
    each_of(conn, signals, range, MOST, look, take)
}

/// The same with about `most` values in memory at once.
pub(crate) fn each_of(
    conn: &Connection,
    signals: &[Signal],
    (from, to): (Timestamp, Timestamp),
    most: u64,
    look: &mut dyn FnMut(Timestamp) -> Fallible<()>,
    take: &mut dyn FnMut(usize, Timestamp, Value<'_>) -> Fallible<()>,
) -> Fallible<Gone> {
    let (mut gone, mut at) = (Gone::default(), from);
    while let Some(begin) = next(conn, signals, at)?.filter(|next| *next < to) {
        look(begin)?;
        let mut end = begin.saturating_add(SPAN).min(to);
        let blocks = signals
            .iter()
            .map(|s| block::overlapping(conn, &s.series, begin, end))
            .collect::<Fallible<Vec<Vec<Found>>>>()?;
        let all = || blocks.iter().flatten();
        while end.saturating_sub(begin) > LEAST && expected(all(), signals, begin, end) > most {
            end = begin.saturating_add(end.saturating_sub(begin) / 2);
        }
        for found in all().filter(|b| b.dropped && b.from < end) {
            gone.dropped =
                Some(gone.dropped.map_or((found.from, found.to), |(a, b)| (a.min(found.from), b.max(found.to))));
        }
        let mut parts: Vec<Vec<Samples>> = Vec::with_capacity(signals.len());
        for (signal, blocks) in signals.iter().zip(&blocks) {
            let mut own = vec![within(&signal.tail, begin, end)];
            for found in blocks.iter().filter(|b| b.from < end && !b.dropped) {
                if let Some(data) = block::data(conn, found.id)? {
                    own.push(if found.from >= begin && found.to < end { data } else { within(&data, begin, end) });
                }
            }
            parts.push(own);
        }
        for (at, signal, value) in ordered(&parts) {
            take(signal, at, value)?;
            gone.samples += 1;
        }
        at = end;
    }
    Ok(gone)
}

/// Takes the minutes that are left of single values which are no longer kept to `take`, with the place of their signal: a
/// signal after the other, oldest first.
pub(crate) fn left(
    conn: &Connection,
    signals: &[Signal],
    (from, to): (Timestamp, Timestamp),
    take: &mut dyn FnMut(usize, Timestamp, &Period) -> Fallible<()>,
) -> Fallible<()> {
    for (place, signal) in signals.iter().enumerate() {
        for found in block::overlapping(conn, &signal.series, from, to)?.iter().filter(|b| b.dropped) {
            for minute in block::minutes(conn, found.id)? {
                let at = minute.number.saturating_mul(MINUTE);
                if (from..to).contains(&at) {
                    take(place, at, &minute)?;
                }
            }
        }
    }
    Ok(())
}

/// What there is of a signal: first and last time, samples, and the time until which single ones were dropped.
pub(crate) fn span(conn: &Connection, signal: &Signal) -> Fallible<Option<SignalSpan>> {
    let stored = block::span(conn, &signal.series)?;
    let waiting = [signal.tail.times.first(), signal.tail.times.last()].map(Option::<&Timestamp>::copied);
    let from = stored.as_ref().map(|s| s.from).into_iter().chain(waiting[0]).min();
    let to = stored.as_ref().map(|s| s.to).into_iter().chain(waiting[1]).max();
    let RecordedSignal { id, label, unit } = signal.signal.clone();
    let samples = stored.as_ref().map_or(0, |s| s.samples) + signal.tail.times.len() as u64;
    let raw_from = stored.and_then(|s| s.dropped_to).map(|at| at + 1);
    Ok(from.zip(to).map(|(from, to)| SignalSpan { id, label, unit, from, to, samples, raw_from }))
}

/// When there is a value at or after a time.
fn next(conn: &Connection, signals: &[Signal], at: Timestamp) -> Fallible<Option<Timestamp>> {
    let mut first: Option<Timestamp> = None;
    for signal in signals {
        let times = &signal.tail.times;
        let waiting = times.get(times.partition_point(|t| *t < at)).copied();
        let stored = block::next(conn, &signal.series, at)?;
        first = [first, waiting, stored].into_iter().flatten().min();
    }
    Ok(first)
}

/// About how many values a stretch has: a block's are taken to be spread evenly over it.
fn expected<'a>(blocks: impl Iterator<Item = &'a Found>, signals: &[Signal], begin: Timestamp, end: Timestamp) -> u64 {
    let stored: f64 = blocks
        .map(|b| {
            let shared = b.to.min(end.saturating_sub(1)).saturating_sub(b.from.max(begin)).saturating_add(1).max(0);
            b.n as f64 * shared as f64 / (b.to.saturating_sub(b.from).saturating_add(1)) as f64
        })
        .sum();
    let waiting = |s: &Signal| {
        let times = &s.tail.times;
        times.partition_point(|t| *t < end) - times.partition_point(|t| *t < begin)
    };
    stored as u64 + signals.iter().map(waiting).sum::<usize>() as u64
}

fn within(samples: &Samples, begin: Timestamp, end: Timestamp) -> Samples {
    let (mut out, mut known) = (Samples::default(), HashMap::new());
    if samples.times.first().is_some_and(|first| *first < end) {
        for (at, value) in samples.iter().filter(|(at, _)| (begin..end).contains(at)) {
            out.push(at, value, &mut known);
        }
    }
    out
}

/// By time; of one moment each signal once in their order, then those that have a second value, and so on. What two blocks
/// have is there once.
fn ordered(parts: &[Vec<Samples>]) -> Vec<(Timestamp, usize, Value<'_>)> {
    let mut rows: Vec<(Timestamp, u32, usize, Value<'_>)> = Vec::new();
    for (place, parts) in parts.iter().enumerate() {
        let mut own: Vec<(Timestamp, Value<'_>)> = parts.iter().flat_map(Samples::iter).collect();
        own.sort_by_key(|(at, _)| *at);
        for moment in own.chunk_by(|a, b| a.0 == b.0) {
            let (mut told, mut round): (Vec<Value<'_>>, u32) = (Vec::new(), 0);
            for (at, value) in moment {
                if !told.iter().any(|t| t.same(*value)) {
                    told.push(*value);
                    rows.push((*at, round, place, *value));
                    round += 1;
                }
            }
        }
    }
    rows.sort_by_key(|(at, round, place, _)| (*at, *round, *place));
    rows.into_iter().map(|(at, _, place, value)| (at, place, value)).collect()
}
