//! Workers: each reacts to what this device's journal says, and says more. One file each.
//!
//! The usual case: implement [`Worker`], add it to [`all`], done. A worker reads a consistent state ([`Read`]) and gives back
//! what it has to say ([`Done`]); it never holds the writer while it thinks. The runtime (`run`) commits what it said and
//! its advanced offset in one short transaction, so that its effect happens exactly once, and names the event that led to it,
//! so that a correlation id runs from the raw reading to the sent message.
//!
//! One process runs the workers, elected by an operating system's lock; each worker has a thread of its own, so that one that
//! panics, fails or stalls leaves the others alone. What fails is tried again with growing pauses, then put among the dead
//! events, which a person reads, retries or drops.
//!
//! Rooms: `run` is one worker's loop, `runtime` elects and starts, `elect` is the lock, `duty` what the elected process does
//! besides, `report` what people see, `pace` how long things take.

mod caught;
mod duty;
mod elect;
mod pace;
mod report;
mod run;
mod runtime;
mod shared;
#[cfg(test)]
mod tests;

pub(crate) use duty::Duty;
pub(crate) use pace::Pace;
pub(crate) use runtime::{Duties, Workers};

pub(crate) mod acquisition;
pub(crate) mod alerts;
pub(crate) mod approval;
#[cfg(test)]
mod deciding;
pub(crate) mod diagnosis;
mod memory;
pub(crate) mod notification;
pub(crate) mod orchestrator;
pub(crate) mod rules;

use crate::{
    journal::{Event, NewEvent, SLACK_MS},
    outbox::NewMessage,
    store::{Fallible, journal},
    telemetry::Batch,
};
use roadworthy_api::{Code, Error, Result, Timestamp, id::DeviceId, id::EventId, system::Settings};
use rusqlite::Connection;
use serde::Serialize;

/// Every worker, in the order in which people see them.
pub(crate) fn all() -> Vec<Box<dyn Worker>> {
    vec![
        Box::new(acquisition::Acquisition::default()),
        Box::new(diagnosis::Diagnosis::default()),
        Box::new(orchestrator::Orchestrator),
        Box::new(approval::Approval),
        Box::new(alerts::Alerts),
        Box::new(notification::Notification),
    ]
}

/// What the elected process does beside them.
pub(crate) fn duties(store: &std::sync::Arc<crate::store::Store>) -> Vec<Box<dyn Duty>> {
    crate::outbox::duties(store)
}

/// What a worker reads: one consistent state.
pub(crate) struct Read<'a> {
    /// For the reads of `store/`.
    pub(crate) conn: &'a Connection,
    /// Now; workers never ask the clock.
    pub(crate) now: Timestamp,
    /// This device.
    pub(crate) device: DeviceId,
    /// This device's settings.
    pub(crate) settings: &'a Settings,
}

/// What a worker has to say, in this order.
#[derive(Debug, Default)]
pub(crate) struct Done {
    /// Events to append.
    pub(crate) events: Vec<NewEvent>,
    /// Messages to put into the outbox. One whose key is there already is not put in again.
    pub(crate) messages: Vec<NewMessage>,
    /// Events among them that something else led to than what the worker was given, each with that earlier event.
    pub(crate) because: Vec<(EventId, EventId)>,
}

impl Read<'_> {
    /// A new id (UUIDv7), for an event or for what it creates.
    pub(crate) fn mint(&self) -> Result<EventId> {
        crate::keys::mint(self.now)
    }

    /// As [`Event::in_step`], of a time that was read just now.
    pub(crate) fn in_step(&self, at: Timestamp) -> Fallible<Timestamp> {
        let behind = journal::clock(self.conn)?.ms().saturating_sub(self.now);
        Ok(if behind > SLACK_MS { at.saturating_add(behind) } else { at })
    }
}

impl Done {
    /// Nothing to say.
    pub(crate) fn nothing() -> Self {
        Self::default()
    }

    /// Adds an event.
    pub(crate) fn say(
        &mut self,
        read: &Read<'_>,
        kind: &'static str,
        subject: Option<[u8; 16]>,
        payload: &impl Serialize,
    ) -> Result<()> {
        self.events.push(NewEvent::new(read.mint()?, kind, subject, payload)?);
        Ok(())
    }

    /// Adds an event that an earlier one led to, whose story it goes on with. What is said on a wake-up begins a story of its
    /// own otherwise.
    pub(crate) fn say_because(
        &mut self,
        read: &Read<'_>,
        because: EventId,
        kind: &'static str,
        subject: Option<[u8; 16]>,
        payload: &impl Serialize,
    ) -> Result<()> {
        self.say(read, kind, subject, payload)?;
        self.because.extend(self.events.last().map(|event| (event.id, because)));
        Ok(())
    }

    /// The same where the earlier event may not be known.
    pub(crate) fn say_of(
        &mut self,
        read: &Read<'_>,
        because: Option<EventId>,
        kind: &'static str,
        subject: Option<[u8; 16]>,
        payload: &impl Serialize,
    ) -> Result<()> {
        match because {
            Some(because) => self.say_because(read, because, kind, subject, payload),
            None => self.say(read, kind, subject, payload),
        }
    }
}

/// Reacts to events of this device. An error is tried again; what can never work should be said in an event instead.
pub(crate) trait Worker: Send + Sync + 'static {
    /// Its name, for ever: its offset is kept under it.
    fn name(&self) -> &'static str;

    /// What it does, in a sentence for people.
    fn does(&self) -> &'static str;

    /// Kinds of events that it hears.
    fn listens(&self) -> &'static [&'static str];

    /// One event.
    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done>;

    /// Whether it hears new telemetry as well, a batch at a time, right after it is on disk.
    fn hears_telemetry(&self) -> bool {
        false
    }

    /// One batch of telemetry.
    fn telemetry(&self, _read: &Read<'_>, _batch: &Batch) -> Fallible<Done> {
        Ok(Done::nothing())
    }

    /// When it wants to be woken without an event, as for an alert that nobody has seen to; `None`: never.
    fn due(&self, _read: &Read<'_>) -> Fallible<Option<Timestamp>> {
        Ok(None)
    }

    /// It is that late. Must change what [`Worker::due`] says, or it is woken again and again.
    fn wake(&self, _read: &Read<'_>) -> Fallible<Done> {
        Ok(Done::nothing())
    }
}

/// An event's payload. One that cannot be read is an error: it lands among the dead events, where a person sees it.
fn payload<T: serde::de::DeserializeOwned>(event: &Event) -> Fallible<T> {
    serde_json::from_str(&event.payload).map_err(|e| {
        Error::new(Code::ChainBroken, format!("The event {} cannot be read ({e}).", event.id))
            .hint("Run `roadworthy journal verify`; it names what is damaged.")
            .into()
    })
}
