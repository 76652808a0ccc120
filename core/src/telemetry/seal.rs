//! Makes blocks of what lies in the tail.
//!
//! Reading and packing happen without the writer; one short transaction then puts the blocks in, appends the event that names
//! them and removes the batches they are made of. Should somebody else have sealed those batches meanwhile, it does nothing.
//! Samples that a block holds already (same signal, time and value) are dropped and counted. Late ones get a block that
//! overlaps the older; that one stays as it is.

use super::{
    Value,
    block::{self, LastTimes, Samples},
    period, tail,
};
use crate::{
    journal::{
        NewEvent,
        kind::{self, BlockSaid, RecordedSignal, TelemetryReceived},
    },
    keys::hex,
    store::{self, Fallible, Store, block as stored, capture, registration},
};
use roadworthy_api::{Result, Timestamp, id::RecordingId};
use std::collections::HashMap;

/// A block before it is stored.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) signal: RecordedSignal,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) n: u64,
    pub(crate) data: Vec<u8>,
    pub(crate) minutes: Vec<u8>,
    pub(crate) hours: Vec<u8>,
}

/// What one sealing did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Sealed {
    pub(crate) blocks: usize,
    pub(crate) samples: u64,
    /// Samples that were there already.
    pub(crate) repeats: u64,
}

/// Samples of one signal as they come out of the tail.
#[derive(Default)]
pub(super) struct Growing {
    pub(super) samples: Samples,
    known: HashMap<String, usize>,
    /// Some are not after the one before.
    jumbled: bool,
}

/// Whose blocks are: the registration that stands for the vehicle, or the recording.
fn subject(conn: &rusqlite::Connection, capture: &capture::Capture) -> Fallible<[u8; 16]> {
    Ok(match capture.registration {
        Some(vehicle) => registration::root(conn, vehicle)?.bytes(),
        None => capture.recording.bytes(),
    })
}

/// Seals the batches of a recording up to a place, and forgets its capture when it is over and nothing is left.
pub(crate) fn seal(store: &Store, recording: RecordingId, up_to: u64, now: Timestamp) -> Result<Sealed> {
    let read = store.read(|conn| {
        let Some(capture) = capture::get(conn, recording)? else { return Ok(None) };
        let signals: HashMap<u32, RecordedSignal> = capture::signals(conn, recording)?.into_iter().collect();
        let batches = store::tail::of(conn, recording, up_to, None)?;
        let place = batches.last().map_or(0, |b| b.place);
        let mut growing: Vec<Option<Growing>> = Vec::new();
        for batch in &batches {
            grow(&mut growing, &batch.samples)?;
        }
        let subject = subject(conn, &capture)?;
        let (mut ready, mut sealed, mut values) = (Vec::new(), Sealed::default(), 0);
        let mut times = LastTimes::default();
        for (number, grown) in (0u32..).zip(growing) {
            let (Some(grown), Some(signal)) = (grown, signals.get(&number)) else { continue };
            let Some(first) = grown.samples.times.iter().min() else { continue };
            let last = grown.samples.times.iter().max().unwrap_or(first);
            let there = stored::samples(conn, subject, signal, *first, *last)?;
            let before = grown.samples.len();
            let samples =
                if grown.jumbled || !there.is_empty() { settle(&grown.samples, &there) } else { grown.samples };
            sealed.repeats += (before - samples.len()) as u64;
            values += samples.values();
            cut(signal, samples, &mut times, &mut ready);
        }
        Ok(Some((capture, batches.len(), place, ready, sealed, values)))
    })?;
    let Some((capture, batches, place, ready, mut sealed, values)) = read else { return Ok(Sealed::default()) };
    if sealed.repeats > 0 {
        tracing::info!(repeats = sealed.repeats, %recording, "samples that were stored already were dropped");
    }
    sealed.blocks = ready.len();
    sealed.samples = ready.iter().map(|r| r.n).sum();
    let done = store.write("engine/telemetry", now, |w| {
        // Somebody else may have sealed them since, or ended the recording.
        let Some(capture) = capture::get(w.tx(), recording)?.filter(|c| c.sealed == capture.sealed) else {
            return Ok(false);
        };
        if store::tail::remove(w.tx(), recording, place)? != batches {
            return Err(roadworthy_api::Error::new(
                roadworthy_api::Code::Conflict,
                "Another process sealed these samples.",
            )
            .into());
        }
        if !ready.is_empty() {
            let subject = subject(w.tx(), &capture)?;
            let event = w.mint()?;
            let sealing = stored::sealing(w.tx(), recording, event)?;
            let mut blocks = Vec::with_capacity(ready.len());
            for ready in &ready {
                let hash = stored::put(w.tx(), subject, recording, sealing, ready)?;
                blocks.push(BlockSaid { signal: ready.signal.id.clone(), n: ready.n, hash: hex::write(&hash) });
            }
            capture::sealed(w.tx(), recording, values)?;
            w.because(capture.story)?;
            let about = capture.registration.map(|_| subject);
            let said = TelemetryReceived { recording, blocks };
            w.append(NewEvent::new(event, kind::TELEMETRY_RECEIVED, about, &said)?)?;
        }
        if capture.ended.is_some() && !store::tail::any(w.tx(), recording)? {
            capture::remove(w.tx(), recording)?;
        }
        Ok(true)
    })?;
    Ok(if done { sealed } else { Sealed::default() })
}

pub(super) fn grow(growing: &mut Vec<Option<Growing>>, batch: &[u8]) -> Fallible<()> {
    for sample in tail::unpack(batch)? {
        let (number, at, value) = sample?;
        let place = number as usize;
        if place >= growing.len() {
            // As many as the numbers of a capture's signals go; whoever packs counts them from 0.
            if place > 1 << 16 {
                return Err(super::Damaged("there are not so many signals").into());
            }
            growing.resize_with(place + 1, || None);
        }
        let Some(slot) = growing.get_mut(place) else { continue };
        let grown = slot.get_or_insert_default();
        grown.jumbled |= grown.samples.times.last().is_some_and(|last| at <= *last);
        grown.samples.push(at, value, &mut grown.known);
    }
    Ok(())
}

/// In the order of their times, without those that are there twice or in `there`.
pub(super) fn settle(samples: &Samples, there: &[Samples]) -> Samples {
    let mut held: HashMap<Timestamp, Vec<Value<'_>>> = HashMap::new();
    for (at, value) in there.iter().flat_map(Samples::iter) {
        held.entry(at).or_default().push(value);
    }
    let mut all: Vec<(Timestamp, Value<'_>)> = samples.iter().collect();
    all.sort_by_key(|(at, _)| *at);
    let (mut settled, mut known) = (Samples::default(), HashMap::new());
    let mut open: Vec<Value<'_>> = Vec::new();
    let mut last = None;
    for (at, value) in all {
        if last != Some(at) {
            open.clear();
            open.extend(held.get(&at).into_iter().flatten());
            last = Some(at);
        }
        if !open.iter().any(|o| o.same(value)) {
            open.push(value);
            settled.push(at, value, &mut known);
        }
    }
    settled
}

/// All of them in the order of their times.
pub(crate) fn merged(parts: &[Samples]) -> Samples {
    let mut all: Vec<(Timestamp, Value<'_>)> = parts.iter().flat_map(Samples::iter).collect();
    all.sort_by_key(|(at, _)| *at);
    let (mut merged, mut known) = (Samples::default(), HashMap::new());
    for (at, value) in all {
        merged.push(at, value, &mut known);
    }
    merged
}

/// Cuts samples into blocks, none longer than a block may be.
pub(crate) fn cut(signal: &RecordedSignal, samples: Samples, times: &mut LastTimes, ready: &mut Vec<Ready>) {
    let (Some(first), Some(last)) = (samples.times.first(), samples.times.last()) else { return };
    if samples.len() <= block::MOST && last.saturating_sub(*first) < block::SPAN {
        ready.push(pack(signal, &samples, times));
        return;
    }
    let (mut part, mut known) = (Samples::default(), HashMap::new());
    for (at, value) in samples.iter() {
        let full = part.len() == block::MOST;
        if part.times.first().is_some_and(|first| full || at.saturating_sub(*first) >= block::SPAN) {
            ready.push(pack(signal, &part, times));
            (part, known) = (Samples::default(), HashMap::new());
        }
        part.push(at, value, &mut known);
    }
    ready.push(pack(signal, &part, times));
}

fn pack(signal: &RecordedSignal, samples: &Samples, times: &mut LastTimes) -> Ready {
    let minutes = period::minutes(samples.numbers());
    Ready {
        signal: signal.clone(),
        from: samples.times.first().copied().unwrap_or_default(),
        to: samples.times.last().copied().unwrap_or_default(),
        n: samples.len() as u64,
        data: samples.write(times),
        hours: period::write(&period::hours(&minutes)),
        minutes: period::write(&minutes),
    }
}
