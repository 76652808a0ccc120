//! One worker's loop: look, think on a snapshot, commit what was said together with the advanced offset.
//!
//! An effect happens exactly once, since the commit holds only if the offset is still the one that was read: a process that
//! ends between thinking and committing has done nothing, and of two that were both elected one commits.

use super::{
    Done, Read, Worker,
    caught::caught,
    shared::{Doing, Shared},
};
use crate::{
    journal::{Event, words},
    log::redact,
    outbox::NewMessage,
    store::{
        Fail, Fallible, TAIL, Turn, Writing, journal, outbox, setting, tail,
        worker::{self, Dead, Place},
    },
    telemetry::Batch,
};
use roadworthy_api::{
    Code, Error, Result, Timestamp, id::DeviceId, id::EventId, id::MessageId, id::VehicleId, system::Settings,
};
use rusqlite::Connection;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};

/// Longest wait without a look.
const REST: Duration = Duration::from_secs(60);
/// Arrivals that nobody hears before they are skipped on disk too.
const SKIP: u64 = 1000;

/// What a worker is given.
#[derive(Clone, Debug)]
enum Item {
    Event(u64, Box<Event>),
    Batch(Box<Batch>),
    /// Something it gave up on and that a person wants tried again; `None`: it is not there any more.
    Again(Dead, Option<Box<Item>>),
    Wake,
}

impl Item {
    fn words(&self) -> String {
        match self {
            Self::Event(_, event) => words::summary(&event.kind, event.version, &event.payload),
            Self::Batch(_) => "New telemetry".to_owned(),
            Self::Again(_, Some(item)) => item.words(),
            Self::Again(_, None) | Self::Wake => "What falls due by itself".to_owned(),
        }
    }

    /// The event that leads to what is said about it.
    fn cause(&self) -> Option<EventId> {
        match self {
            Self::Event(_, event) => Some(event.id),
            Self::Batch(batch) => Some(batch.story),
            Self::Again(_, item) => item.as_ref().and_then(|item| item.cause()),
            Self::Wake => None,
        }
    }

    /// Where the worker is once this is done.
    fn past(&self, place: Place) -> Place {
        match self {
            Self::Event(arrival, _) => Place { arrival: *arrival, ..place },
            Self::Batch(batch) => Place { tail: batch.place, ..place },
            Self::Again(..) | Self::Wake => place,
        }
    }

    fn dead(&self, attempts: u32) -> Option<Dead> {
        match self {
            Self::Event(arrival, _) => Some(Dead { arrival: *arrival, tail: 0, attempts }),
            Self::Batch(batch) => Some(Dead { arrival: 0, tail: batch.place, attempts }),
            Self::Again(dead, _) => Some(Dead { attempts: dead.attempts + attempts, ..*dead }),
            Self::Wake => None,
        }
    }
}

/// What was taken and thought about, not committed yet.
pub(super) struct Taken {
    item: Item,
    place: Place,
    /// When the worker had last moved: what a wake-up is checked by, since it has no offset.
    moved: Timestamp,
    /// Whose journal it was taken from: a restore puts another in its place, where offsets mean something else.
    device: DeviceId,
    said: Result<Done>,
}

enum Look {
    Found(Box<Taken>),
    /// Nothing to do until then.
    Nothing(Option<Timestamp>),
}

/// What to do after a step.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There may be more.
    Again,
    /// Nothing to do before the bell rings or this is over.
    Wait(Duration),
}

/// Something that failed and is tried again.
struct Failing {
    /// Which, by where the worker is once it is done.
    past: Place,
    attempts: u32,
    until: Instant,
    /// The same as a clock counts it, and why it failed.
    next: Timestamp,
    cause: String,
}

impl Failing {
    fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    fn doing(&self) -> Doing {
        Doing::Retrying { attempts: self.attempts, next: self.next, cause: self.cause.clone() }
    }
}

pub(super) struct Loop {
    seat: usize,
    worker: Arc<dyn Worker>,
    actor: String,
    shared: Arc<Shared>,
    conn: Option<Connection>,
    failing: Option<Failing>,
    /// The same of wake-ups, which hold up nothing else.
    waking: Option<Failing>,
    /// A wake-up comes between two other things at most, so that one which changes nothing does not go round for ever.
    just_woke: bool,
    /// No event that it hears stands between its place and this arrival, in the journal of this device.
    seen: u64,
    device: Option<DeviceId>,
}

impl Loop {
    pub(super) fn new(shared: &Arc<Shared>, seat: usize, worker: Arc<dyn Worker>) -> Self {
        let actor = format!("engine/{}", worker.name());
        let shared = Arc::clone(shared);
        Self {
            seat,
            worker,
            actor,
            shared,
            conn: None,
            failing: None,
            waking: None,
            just_woke: false,
            seen: 0,
            device: None,
        }
    }

    /// Works until the process leaves the post.
    pub(super) fn run(&mut self) {
        let mut kinds = self.worker.listens().to_vec();
        if self.worker.hears_telemetry() {
            kinds.push(TAIL);
        }
        while !self.shared.stopped() {
            let seen = self.shared.store.bell.rung();
            if let Next::Wait(most) = self.step() {
                self.shared.store.bell.wait_for(seen, &kinds, most.min(REST));
            }
        }
    }

    /// One thing, from the look to the commit.
    pub(super) fn step(&mut self) -> Next {
        let left = self.failing.as_ref().map_or(Duration::ZERO, Failing::left);
        if !left.is_zero() {
            return Next::Wait(left);
        }
        match self.take() {
            Ok(Look::Found(taken)) => self.commit(*taken),
            Ok(Look::Nothing(due)) => {
                // What falls due by itself and cannot be done must not look like rest.
                self.shared.set(self.seat, self.waking.as_ref().map_or(Doing::Nothing, Failing::doing));
                self.just_woke = false;
                let due = due.map(|due| due.saturating_sub(self.shared.now()).max(1).unsigned_abs());
                let waking = self.waking.as_ref().map(Failing::left);
                Next::Wait(due.map(Duration::from_millis).into_iter().chain(waking).min().unwrap_or(REST))
            }
            Err(error) => {
                tracing::warn!(worker = self.worker.name(), %error, "a worker could not look for work");
                let pause = self.shared.pace.pause(1);
                let next = self.shared.pace.later(pause);
                self.shared.set(self.seat, Doing::Retrying { attempts: 1, next, cause: error.message });
                self.shared.rest(pause);
                Next::Again
            }
        }
    }

    /// What a process does that ends before it commits.
    #[cfg(test)]
    pub(super) fn think_only(&mut self) -> Option<Taken> {
        match self.take().unwrap() {
            Look::Found(taken) => Some(*taken),
            Look::Nothing(_) => None,
        }
    }

    #[cfg(test)]
    pub(super) fn end(&mut self, taken: Taken) {
        self.commit(taken);
    }

    /// Looks on a snapshot, and thinks on it.
    fn take(&mut self) -> Result<Look> {
        let mut conn = self.conn.take().map_or_else(|| self.shared.store.reader(), Ok)?;
        let tx = conn.transaction().map_err(crate::store::told)?;
        let look = self.look(&tx).map_err(Fail::told);
        drop(tx);
        self.conn = Some(conn);
        look
    }

    fn look(&mut self, conn: &Connection) -> Fallible<Look> {
        let shared = Arc::clone(&self.shared);
        let name = self.worker.name();
        let Some(row) = worker::get(conn, name)? else {
            return Err(Error::new(Code::Internal, format!("The worker {name} has no place in the database.")).into());
        };
        if row.paused {
            return Ok(Look::Nothing(None));
        }
        let settings: Settings = setting::get(conn, setting::SETTINGS)?.unwrap_or_default();
        let (now, store) = (shared.now(), &shared.store);
        let device = store.device_now(conn)?;
        let read = Read { conn, now, device, settings: &settings };
        let (item, due) = self.find(&read, row.place)?;
        let Some(item) = item else { return Ok(Look::Nothing(due)) };
        shared.set(self.seat, Doing::Busy { since: now, at: item.words() });
        let said = match caught(|| self.think(&read, &item)) {
            Ok(said) => said.map_err(Fail::told),
            Err(why) => Err(panicked(&why)),
        };
        Ok(Look::Found(Box::new(Taken { item, place: row.place, moved: row.moved, device, said })))
    }

    /// What is next, and if nothing is, until when.
    fn find(&mut self, read: &Read<'_>, place: Place) -> Fallible<(Option<Item>, Option<Timestamp>)> {
        let (conn, name) = (read.conn, self.worker.name());
        if let Some(dead) = worker::again(conn, name)? {
            let item = match dead {
                Dead { arrival: 0, tail, .. } => tail::after(conn, tail.saturating_sub(1), 1)?
                    .into_iter()
                    .find(|batch| batch.place == tail)
                    .map(|batch| Item::Batch(Box::new(batch))),
                Dead { arrival, .. } => worker::at(conn, arrival)?.map(|event| Item::Event(arrival, Box::new(event))),
            };
            return Ok((Some(Item::Again(dead, item.map(Box::new))), None));
        }
        let due = match &self.waking {
            Some(waking) if !waking.left().is_zero() => None,
            _ => match caught(|| self.worker.due(read))
                .map_err(|why| panicked(&why))
                .and_then(|due| due.map_err(Fail::told))
            {
                Ok(due) => {
                    if self.waking.is_some() && due.is_none_or(|due| due > read.now) {
                        // It is not due any more, as when somebody has seen to it.
                        self.waking = None;
                        drop(self.shared.store.write_local_in(Turn::Background, |tx| worker::well(tx, name)));
                    }
                    due
                }
                Err(error) => {
                    self.wake_failed(&error);
                    None
                }
            },
        };
        if due.is_some_and(|due| due <= read.now) && !self.just_woke {
            return Ok((Some(Item::Wake), None));
        }
        self.just_woke = false;
        let newest = journal::newest(conn)?;
        if self.device != Some(read.device) {
            // Another database has taken this one's place.
            (self.seen, self.device) = (0, Some(read.device));
        }
        let from = place.arrival.max(self.seen);
        if let Some((arrival, event)) = worker::next(conn, read.device, self.worker.listens(), from)? {
            return Ok((Some(Item::Event(arrival, Box::new(event))), None));
        }
        self.seen = newest;
        if self.worker.hears_telemetry()
            && let Some(batch) = tail::after(conn, place.tail, 1)?.into_iter().next()
        {
            return Ok((Some(Item::Batch(Box::new(batch))), None));
        }
        if newest.saturating_sub(place.arrival) > SKIP {
            let past = Place { arrival: newest, ..place };
            // Only spares the next process the walk; if it cannot be written, nothing is lost.
            drop(self.shared.store.write_local_in(Turn::Background, |tx| worker::skip(tx, name, place, past)));
        }
        Ok((None, due))
    }

    fn think(&self, read: &Read<'_>, item: &Item) -> Fallible<Done> {
        match item {
            Item::Event(_, event) => self.worker.handle(read, event),
            Item::Batch(batch) => self.worker.telemetry(read, batch),
            Item::Wake => self.worker.wake(read),
            Item::Again(_, Some(item)) => self.think(read, item),
            Item::Again(_, None) => Err(Error::new(
                Code::NotFound,
                "Its samples were sealed since, and can be told from no other any more.",
            )
            .hint("Drop it; the recording holds them.")
            .into()),
        }
    }

    /// Commits what was said, together with the place, unless another has.
    fn commit(&mut self, taken: Taken) -> Next {
        let Taken { item, place, moved, device, said } = taken;
        // A process that has left the post must not end what another has begun anew.
        if self.shared.stopped() {
            return Next::Wait(Duration::ZERO);
        }
        match said.and_then(|done| self.write(&item, place, moved, device, done)) {
            Ok(kept) => {
                if !kept {
                    tracing::debug!(
                        worker = self.worker.name(),
                        "another process was quicker, or another journal is here"
                    );
                }
                self.shared.set(self.seat, Doing::Nothing);
                match item {
                    Item::Wake => (self.waking, self.just_woke) = (None, true),
                    _ => self.failing = None,
                }
            }
            Err(error) => self.failed(&item, place, device, &error),
        }
        Next::Again
    }

    fn write(&self, item: &Item, place: Place, moved: Timestamp, device: DeviceId, done: Done) -> Result<bool> {
        let (name, now) = (self.worker.name(), self.shared.now());
        self.shared.store.write_in(Turn::Background, &self.actor, now, |w| {
            if w.device() != device {
                return Ok(false);
            }
            let here = match item {
                Item::Event(..) | Item::Batch(_) => worker::advance(w.tx(), name, place, item.past(place), now)?,
                Item::Again(dead, _) => worker::revive(w.tx(), name, *dead)?,
                Item::Wake => worker::woke(w.tx(), name, moved, now)?,
            };
            if !here {
                return Ok(false);
            }
            let first = done.events.first().map(|event| event.id);
            for event in done.events {
                let earlier = done.because.iter().find(|(id, _)| *id == event.id).map(|(_, earlier)| *earlier);
                if let Some(cause) = earlier.or(item.cause()) {
                    w.because(cause)?;
                }
                w.append(event)?;
            }
            let cause = item.cause().or(first);
            put(w, &done.messages, cause, now)?;
            Ok(true)
        })
    }

    /// Tries it again later, or puts it among the dead.
    fn failed(&mut self, item: &Item, place: Place, device: DeviceId, error: &Error) {
        let (name, now) = (self.worker.name(), self.shared.now());
        let why = redact(&error.message);
        tracing::warn!(worker = name, why, at = item.words(), "a worker failed");
        let again = match item {
            Item::Wake => return self.wake_failed(error),
            Item::Again(..) => true,
            Item::Event(..) | Item::Batch(_) => false,
        };
        let past = item.past(place);
        let before = self.failing.as_ref().filter(|f| f.past == past).map_or(0, |f| f.attempts);
        let attempts = if again { 1 } else { before.saturating_add(1) };
        if (again || attempts >= self.shared.pace.attempts && !passes(error.code))
            && let Some(dead) = item.dead(attempts)
        {
            let buried = self.shared.store.write_local_in(Turn::Background, |tx| {
                let here = self.shared.store.device_now(tx)? == device;
                // Somebody may have dropped it while it was tried again.
                let ours = || match again {
                    true => worker::is_again(tx, name, dead),
                    false => worker::skip(tx, name, place, past),
                };
                if here && ours()? {
                    worker::bury(tx, name, dead, now, &why)?;
                    worker::failed(tx, name, 0, None, now, &why)?;
                }
                Ok(())
            });
            match buried {
                Ok(()) => {
                    self.failing = None;
                    return self.shared.set(self.seat, Doing::Nothing);
                }
                Err(error) => tracing::warn!(worker = name, %error, "what failed could not be put aside"),
            }
        }
        let pause = self.shared.pace.pause(attempts);
        let next = self.shared.pace.later(pause);
        let failing = Failing { past, attempts, until: Instant::now() + pause, next, cause: why.clone() };
        self.shared.set(self.seat, failing.doing());
        self.failing = Some(failing);
        self.note(attempts, Some(next), &why);
    }

    fn wake_failed(&mut self, error: &Error) {
        let attempts = self.waking.as_ref().map_or(1, |w| w.attempts.saturating_add(1));
        let (pause, cause) = (self.shared.pace.pause(attempts), redact(&error.message));
        let next = self.shared.pace.later(pause);
        let past = Place { arrival: 0, tail: 0 };
        let failing = Failing { past, attempts, until: Instant::now() + pause, next, cause: cause.clone() };
        self.shared.set(self.seat, failing.doing());
        self.waking = Some(failing);
        self.note(attempts, Some(next), &cause);
    }

    /// Lets other processes and later ones know; if the disk is full they cannot.
    fn note(&self, attempts: u32, next: Option<Timestamp>, why: &str) {
        let (name, now) = (self.worker.name(), self.shared.now());
        let noted =
            self.shared.store.write_local_in(Turn::Background, |tx| worker::failed(tx, name, attempts, next, now, why));
        if let Err(error) = noted {
            tracing::warn!(worker = name, %error, "a failure could not be noted");
        }
    }
}

fn panicked(why: &str) -> Error {
    Error::new(Code::Internal, format!("It panicked: {why}")).hint("Send the log with a report.")
}

/// Whether it is the machine that fails and not what the worker is at: then it waits, however long that takes.
fn passes(code: Code) -> bool {
    matches!(code, Code::DiskFull | Code::ReadOnly | Code::Timeout | Code::DatabaseUnusable)
}

fn put(w: &Writing<'_>, messages: &[NewMessage], cause: Option<EventId>, now: Timestamp) -> Fallible<()> {
    for message in messages {
        let Some(event) = cause else {
            return Err(Error::new(Code::Internal, "A message came of nothing that happened.").into());
        };
        let vehicle = message.about.vehicle.map(VehicleId::bytes);
        outbox::put(w.tx(), message, MessageId(w.mint()?.0), event, vehicle, now)?;
    }
    Ok(())
}
