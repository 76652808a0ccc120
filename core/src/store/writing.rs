//! One write transaction: state is read, decided upon, and events appended, all under the same lock.

use super::{Fallible, Store, apply, journal, person_key};
use crate::{
    journal::{Event, Hlc, NewEvent, kind},
    keys::{self, Place, Sealed},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{DeviceId, EventId},
};
use rusqlite::Connection;
use serde::Serialize;

/// What a deciding closure works with.
pub(crate) struct Writing<'a> {
    tx: &'a Connection,
    store: &'a Store,
    actor: &'a str,
    now: Timestamp,
    device: DeviceId,
    head: crate::journal::chain::Head,
    clock: Hlc,
    first: Option<EventId>,
    last: Option<EventId>,
    said: Vec<&'static str>,
}

impl NewEvent {
    /// An event with its payload written out.
    pub(crate) fn new(
        id: EventId,
        kind: &'static str,
        subject: Option<[u8; 16]>,
        payload: &impl Serialize,
    ) -> Result<Self> {
        let payload = serde_json::to_string(payload)
            .map_err(|e| Error::new(Code::Internal, format!("An event of kind {kind} cannot be written ({e}).")))?;
        Ok(Self { id, kind, subject, payload })
    }
}

impl<'a> Writing<'a> {
    pub(super) fn new(tx: &'a Connection, store: &'a Store, actor: &'a str, now: Timestamp) -> Fallible<Self> {
        let device = store.device_now(tx)?;
        let head = journal::head(tx, device)?;
        let clock = journal::clock(tx)?;
        Ok(Self { tx, store, actor, now, device, head, clock, first: None, last: None, said: Vec::new() })
    }

    /// Kinds of the events that were appended.
    pub(super) fn said(self) -> Vec<&'static str> {
        self.said
    }

    /// The transaction, for reads.
    pub(crate) fn tx(&self) -> &'a Connection {
        self.tx
    }

    /// The device whose chain is appended to.
    pub(crate) fn device(&self) -> DeviceId {
        self.device
    }

    /// A new id (UUIDv7), for an event or for what it creates.
    pub(crate) fn mint(&self) -> Result<EventId> {
        self.mint_at(self.now)
    }

    fn mint_at(&self, ms: Timestamp) -> Result<EventId> {
        keys::mint(ms)
    }

    /// Seals a personal field with the subject's newest key, making one if it has none.
    pub(crate) fn seal(&self, subject: [u8; 16], event: EventId, field: &str, text: &str) -> Fallible<Sealed> {
        let (id, key) = match person_key::newest(self.tx, &self.store.master, subject)? {
            Some(known) => known,
            None => {
                // Later than every event seen, so that no forgetting which came before it takes it for one of the old keys.
                let id = self.mint_at(self.now.max(self.clock.ms() + 1))?;
                person_key::make(self.tx, &self.store.master, id, subject)?
            }
        };
        Ok(keys::seal(id, &key, Place { subject, field, event }, text)?)
    }

    /// Seals a new text for what this key sealed when it was added, so that it goes with whoever it was about then, however
    /// often it is changed later. A key that is not held is replaced by the newest.
    pub(crate) fn seal_as(
        &self,
        subject: [u8; 16],
        event: EventId,
        field: &str,
        text: &str,
        key: EventId,
    ) -> Fallible<Sealed> {
        match person_key::held(self.tx, &self.store.master, subject, key)? {
            Some(plain) => Ok(keys::seal(key, &plain, Place { subject, field, event }, text)?),
            None => self.seal(subject, event, field, text),
        }
    }

    /// What is appended from now on was led to by that event and belongs to its story. One that is not held begins a new story.
    pub(crate) fn because(&mut self, event: EventId) -> Fallible<()> {
        let story = journal::story(self.tx, event)?;
        self.first = story;
        self.last = story.map(|_| event);
        Ok(())
    }

    /// Appends an event to this device's chain and applies it.
    ///
    /// The first event of a transaction begins its story; the ones after it name it and the one just before them.
    pub(crate) fn append(&mut self, new: NewEvent) -> Fallible<EventId> {
        self.clock = Hlc::next(self.clock, self.now);
        let mut event = Event {
            id: new.id,
            device: self.device,
            seq: self.head.seq + 1,
            version: kind::version(new.kind),
            hlc: self.clock,
            kind: new.kind.to_owned(),
            actor: self.actor.to_owned(),
            correlation: self.first.unwrap_or(new.id),
            causation: self.last,
            subject: new.subject,
            payload: new.payload,
            prev_hash: self.head.hash,
            hash: crate::journal::FIRST,
        };
        event.hash = event.sealed_hash();
        let advanced = self.head.advance(&event);
        self.head =
            advanced.map_err(|why| Error::new(Code::Internal, format!("An event does not fit its chain: {why}.")))?;
        journal::insert(self.tx, &event)?;
        if apply::apply(self.tx, &self.store.master, &event)? == apply::Applied::Unknown {
            // Nothing may enter the journal that its own writer could not read again.
            return Err(Error::new(Code::Internal, format!("An event of kind {} could not be read again.", new.kind))
                .hint("Send the log.")
                .into());
        }
        self.first.get_or_insert(new.id);
        self.last = Some(new.id);
        self.said.push(new.kind);
        Ok(new.id)
    }
}
