//! Stories: all that one event led to, from the raw reading to the sent message, each step with the one that led to it.
//!
//! Events know theirs by causation. What is no event is put in between: samples lie in the tail or in blocks, led to by the event
//! that began their recording, and lead to what was found in them; a message leads to its attempts, and those to what is said of it.

use super::{
    Fallible, capture,
    journal::{self, unsigned},
    outbox,
};
use crate::journal::{
    Event,
    kind::{self, DiagnosisMade, Notified, ReadingsFlagged, RecordingStarted},
    words,
};
use roadworthy_api::{
    Code, Error, Timestamp,
    finding::Source,
    id::{EventId, MessageId, RecordingId},
    work::{Story, StoryStep},
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

/// Who takes care of messages that wait.
const OUTBOX: &str = "engine/outbox";

/// The event that made what has this id: an alert, a decision, a visit, a recording, a note, a photo, a measurement, a pin.
pub(crate) fn made(conn: &Connection, id: [u8; 16]) -> Fallible<Option<EventId>> {
    let mut find = conn.prepare_cached(
        "select created from alert where id = ?1 union all select made from decision where id = ?1
         union all select stamp from visit where id = ?1 union all select stamp from recording where id = ?1
         union all select added from note where id = ?1 union all select added from photo where id = ?1
         union all select added from measurement where id = ?1 union all select stamp from pin where id = ?1",
    )?;
    let stamps: Vec<Option<[u8; 24]>> = find.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for stamp in stamps.into_iter().flatten() {
        if let Some(event) = journal::stamped(conn, stamp)? {
            return Ok(Some(event));
        }
    }
    Ok(None)
}

/// The story that what has this id belongs to: an event, what an event made, a message, or a recording that still runs.
fn of_id(conn: &Connection, id: [u8; 16]) -> Fallible<Option<EventId>> {
    if let Some(story) = journal::story(conn, EventId::from_bytes(id))? {
        return Ok(Some(story));
    }
    let event = match made(conn, id)? {
        Some(event) => Some(event),
        None => match outbox::get(conn, MessageId::from_bytes(id))? {
            Some(row) => Some(row.event),
            None => capture::get(conn, RecordingId::from_bytes(id))?.map(|capture| capture.story),
        },
    };
    if let Some(event) = event {
        return journal::story(conn, event);
    }
    // A message that was removed from the outbox long after it was sent.
    let mut find = conn.prepare_cached(
        "select correlation from journal where kind in ('notification.sent', 'notification.failed', 'notification.dropped')
         and instr(payload, ?) > 0 order by arrival limit 1",
    )?;
    let text = MessageId::from_bytes(id).to_string();
    Ok(find.query_row([text], |row| row.get(0).map(EventId::from_bytes)).optional()?)
}

/// The story of the newest decision about a finding, by the finding's key.
fn of_key(conn: &Connection, key: &str) -> Fallible<Option<EventId>> {
    let mut find = conn.prepare_cached(
        "select max(d.made), r.vehicle from decision d join registration r on r.id = d.registration
         where d.key = ? and d.made is not null group by r.vehicle limit 2",
    )?;
    let stamps: Vec<[u8; 24]> = find.query_map([key], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    match stamps.as_slice() {
        [] => Ok(None),
        [stamp] => match journal::stamped(conn, *stamp)? {
            Some(event) => journal::story(conn, event),
            None => Ok(None),
        },
        _ => Err(Error::new(Code::Conflict, "Several vehicles have this finding.")
            .hint("Use the id of its alert, its decision or its visit.")
            .into()),
    }
}

/// The story of whatever a person names: by an id, or a finding by its key.
pub(crate) fn named(conn: &Connection, name: &str) -> Fallible<Option<Story>> {
    let correlation = match name.parse::<EventId>() {
        Ok(id) => of_id(conn, id.bytes())?,
        Err(_) => of_key(conn, name)?,
    };
    correlation.map(|correlation| tell(conn, correlation)).transpose()
}

/// Samples of a recording that lie together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lying {
    /// Batches of the tail, or blocks.
    pub(crate) parts: u64,
    pub(crate) samples: u64,
    /// Time of the first and of the last.
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

/// What of a recording is still in the tail.
pub(crate) fn tail(conn: &Connection, recording: RecordingId) -> Fallible<Option<Lying>> {
    let mut find = conn.prepare_cached(
        "select count(*), sum(n), min(from_ms), max(to_ms) from tail where recording = ? having count(*) > 0",
    )?;
    let lying = find.query_row([recording.bytes()], |row| {
        Ok(Lying { parts: unsigned(row, 0)?, samples: unsigned(row, 1)?, from: row.get(2)?, to: row.get(3)? })
    });
    Ok(lying.optional()?)
}

/// What of a recording is in blocks, by the event that named them.
pub(crate) fn sealed(conn: &Connection, recording: RecordingId) -> Fallible<Vec<(EventId, Lying)>> {
    let mut find = conn.prepare_cached(
        "select s.event, count(*), sum(b.n), min(b.from_ms), max(b.to_ms)
         from sealing s join block b on b.sealing = s.id where s.recording = ? group by s.id order by s.id",
    )?;
    let rows = find.query_map([recording.bytes()], |row| {
        let lying = Lying { parts: unsigned(row, 1)?, samples: unsigned(row, 2)?, from: row.get(3)?, to: row.get(4)? };
        Ok((EventId::from_bytes(row.get(0)?), lying))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A step before its place is known.
struct Node {
    step: StoryStep,
    /// As an event's clock.
    clock: u64,
    because: Option<usize>,
    /// What it is ordered by: never before what led to it.
    order: Option<(u64, usize)>,
}

#[derive(Default)]
struct Telling {
    nodes: Vec<Node>,
    /// Events by their id.
    events: BTreeMap<EventId, usize>,
    /// Samples by their recording, with their time.
    samples: Vec<(RecordingId, Timestamp, Timestamp, usize)>,
    /// Blocks by the event that names them.
    named: BTreeMap<EventId, usize>,
    /// Messages, and their attempts by number from 1.
    messages: BTreeMap<(MessageId, u32), usize>,
}

fn read<T: DeserializeOwned>(event: &Event) -> Option<T> {
    serde_json::from_str(&event.payload).ok()
}

fn counted(n: u64, one: &str, many: &str) -> String {
    format!("{n} {}", if n == 1 { one } else { many })
}

impl Telling {
    fn add(&mut self, step: StoryStep, clock: u64, because: Option<usize>) -> usize {
        self.nodes.push(Node { step, clock, because, order: None });
        self.nodes.len() - 1
    }

    fn beside(&mut self, at: Timestamp, kind: &str, actor: &str, summary: String, because: Option<usize>) -> usize {
        let step = StoryStep { event: None, at, kind: kind.into(), actor: actor.into(), summary, because: None };
        self.add(step, u64::try_from(at).unwrap_or(0) << 16, because)
    }

    fn event(&mut self, event: &Event) {
        let step = StoryStep {
            event: Some(event.id),
            at: event.hlc.ms(),
            kind: event.kind.clone(),
            actor: event.actor.clone(),
            summary: words::summary(&event.kind, event.version, &event.payload),
            because: None,
        };
        // What led to an event was there before it; a chain that says otherwise is not followed in a circle.
        let because = event.causation.and_then(|cause| self.events.get(&cause).copied());
        let earlier = |at: &usize| self.nodes.get(*at).is_some_and(|node| node.clock < event.hlc.0);
        let because = because.filter(earlier);
        let at = self.add(step, event.hlc.0, because);
        self.events.insert(event.id, at);
    }

    /// The samples of a recording, which `began` began.
    fn recording(&mut self, conn: &Connection, id: RecordingId, began: usize) -> Fallible<()> {
        let sealed = sealed(conn, id)?;
        let capture = capture::get(conn, id)?;
        for (event, lying) in sealed {
            let Some(names) = self.events.get(&event).copied() else { continue };
            let actor = self.nodes.get(names).map_or_else(String::new, |node| node.step.actor.clone());
            let (samples, blocks) =
                (counted(lying.samples, "sample", "samples"), counted(lying.parts, "block", "blocks"));
            let at = self.beside(
                lying.from,
                "telemetry.block",
                &actor,
                format!("{samples} as read, in {blocks}"),
                Some(began),
            );
            self.named.insert(event, at);
            self.samples.push((id, lying.from, lying.to, at));
        }
        if let (Some(lying), Some(capture)) = (tail(conn, id)?, capture) {
            let samples = counted(lying.samples, "sample", "samples");
            let batches = counted(lying.parts, "batch", "batches");
            let said = format!("{samples} as read, in {batches} that are not sealed yet");
            let at = self.beside(lying.from, "telemetry.tail", &capture.actor, said, Some(began));
            self.samples.push((id, lying.from, lying.to, at));
        }
        Ok(())
    }

    /// Messages that an event put into the outbox, with what was tried.
    fn messages(&mut self, conn: &Connection, event: EventId, at: usize) -> Fallible<()> {
        let mut find = conn.prepare_cached("select id from outbox where event = ? order by place")?;
        let ids: Vec<[u8; 16]> = find.query_map([event.bytes()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        for id in ids.into_iter().map(MessageId::from_bytes) {
            let Some(row) = outbox::get(conn, id)? else { continue };
            let said = format!("Message for {}: {}", row.channel, row.subject);
            let mut last = self.beside(row.created, "outbox.message", OUTBOX, said, Some(at));
            self.messages.insert((id, 0), last);
            for tried in outbox::attempts(conn, id)? {
                let how = match &tried.error {
                    Some(error) if error.is_empty() => "was taken".to_owned(),
                    Some(error) => format!("failed: {error}"),
                    None => "has not ended, or the program ended while it ran".to_owned(),
                };
                let said = format!("Attempt {} through {} {how}", tried.attempt, row.channel);
                last = self.beside(tried.at, "outbox.attempt", OUTBOX, said, Some(last));
                self.messages.insert((id, tried.attempt), last);
            }
        }
        Ok(())
    }

    /// What led to an event through something that is no event.
    fn through(&self, event: &Event) -> Option<usize> {
        let read_at = |source: Source, at: Timestamp| match source {
            Source::Recording { recording } => self
                .samples
                .iter()
                .find(|(id, from, to, _)| *id == recording && (*from..=*to).contains(&at))
                .map(|(.., node)| *node),
            Source::Visit { .. } => None,
        };
        match event.kind.as_str() {
            kind::TELEMETRY_RECEIVED => self.named.get(&event.id).copied(),
            kind::DIAGNOSIS_MADE => read::<DiagnosisMade>(event).and_then(|made| read_at(made.source, made.at)),
            kind::READINGS_FLAGGED => read::<ReadingsFlagged>(event)
                .and_then(|said| said.flags.first().and_then(|flag| read_at(said.source, flag.at))),
            kind::NOTIFICATION_SENT | kind::NOTIFICATION_FAILED | kind::NOTIFICATION_DROPPED => {
                let said = read::<Notified>(event)?;
                // Of many attempts only the newest are kept.
                let kept = self.messages.range((said.message, 0)..=(said.message, said.attempts)).next_back();
                kept.map(|(_, node)| *node)
            }
            _ => None,
        }
    }

    /// Whether a step comes of another, so that this one may not come of it.
    fn comes_of(&self, mut step: usize, other: usize) -> bool {
        for _ in 0..self.nodes.len() {
            if step == other {
                return true;
            }
            match self.nodes.get(step).and_then(|node| node.because) {
                Some(because) => step = because,
                None => return false,
            }
        }
        true
    }

    /// In the order in which it came about: by time, but nothing before what led to it.
    fn told(mut self) -> Vec<StoryStep> {
        for start in 0..self.nodes.len() {
            let (mut way, mut next) = (Vec::new(), Some(start));
            while let Some(node) = next.and_then(|at| self.nodes.get(at)).filter(|node| node.order.is_none()) {
                way.extend(next);
                next = node.because;
            }
            let mut before = next.and_then(|at| self.nodes.get(at)).and_then(|node| node.order);
            for at in way.into_iter().rev() {
                if let Some(node) = self.nodes.get_mut(at) {
                    let (clock, depth) = before.map_or((0, 0), |(clock, depth)| (clock, depth + 1));
                    node.order = Some((node.clock.max(clock), depth));
                    before = node.order;
                }
            }
        }
        let mut places: Vec<usize> = (0..self.nodes.len()).collect();
        places.sort_by_key(|at| self.nodes.get(*at).and_then(|node| node.order));
        let stands: BTreeMap<usize, u32> = places.iter().copied().zip(0..).collect();
        let because: Vec<Option<u32>> =
            self.nodes.iter().map(|n| n.because.and_then(|at| stands.get(&at).copied())).collect();
        let mut steps: Vec<(u32, StoryStep)> = self
            .nodes
            .into_iter()
            .zip(because)
            .enumerate()
            .map(|(at, (node, because))| (stands.get(&at).copied().unwrap_or(0), StoryStep { because, ..node.step }))
            .collect();
        steps.sort_by_key(|(place, _)| *place);
        steps.into_iter().map(|(_, step)| step).collect()
    }
}

fn tell(conn: &Connection, correlation: EventId) -> Fallible<Story> {
    let sql = format!("select {} from journal where correlation = ? order by hlc, device", journal::COLUMNS);
    let events: Vec<Event> = conn
        .prepare_cached(&sql)?
        .query_map(params![correlation.bytes()], journal::event)?
        .collect::<rusqlite::Result<_>>()?;
    let mut telling = Telling::default();
    for event in &events {
        telling.event(event);
    }
    for (at, event) in events.iter().enumerate() {
        if event.kind == kind::RECORDING_STARTED
            && let Some(started) = read::<RecordingStarted>(event)
        {
            telling.recording(conn, started.recording, at)?;
        }
        telling.messages(conn, event.id, at)?;
    }
    for (at, event) in events.iter().enumerate() {
        if let Some(through) = telling.through(event).filter(|through| !telling.comes_of(*through, at))
            && let Some(node) = telling.nodes.get_mut(at)
        {
            node.because = Some(through);
        }
    }
    Ok(Story { correlation, steps: telling.told() })
}
