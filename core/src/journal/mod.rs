//! The journal: everything that happens, once. **This format is final**; stored journals are read by every later version.
//!
//! Each device appends to its own chain only. An [`Event`] has these fields, stored in the table `journal`:
//!
//! | field | what | in the canonical bytes |
//! |---|---|---|
//! | `arrival` | local number of arrival, from 1, no gaps; offsets refer to it | no: each device has its own |
//! | `id` | UUIDv7, minted with the event | 16 bytes |
//! | `device` | whose chain | 16 bytes |
//! | `seq` | place in that chain, from 1, no gaps | 8 bytes |
//! | `version` | version of this kind's payload, from 1 | 8 bytes |
//! | `hlc` | hybrid logical clock, see [`Hlc`] | 8 bytes |
//! | `kind` | dotted past-tense name, see [`kind`] | its UTF-8 bytes |
//! | `actor` | profile and door, as in `owner/window`; never a customer | its UTF-8 bytes |
//! | `correlation` | id of the event that began the story, its own if it began one | 16 bytes |
//! | `causation` | id of the event that led to it | 16 bytes, or none at all |
//! | `subject` | id of the vehicle, person… it is about | 16 bytes, or none at all |
//! | `payload` | a JSON object, exactly as written when the event was minted | its UTF-8 bytes |
//! | `prev_hash` | `hash` of the event before in this chain; 32 zero bytes for the first | hashed before them |
//! | `hash` | BLAKE3 of `prev_hash` followed by the canonical bytes | no |
//!
//! The canonical bytes are the 18 bytes `roadworthy event 1`, then every field marked above in that order, each as its length
//! (4 bytes) and its bytes. All numbers are unsigned, most significant byte first. A field that is none has length 0.
//! The tests of this file pin them byte by byte.
//!
//! `version` counts per kind: an event of a kind or version that this build does not know is kept, verified and passed on,
//! but changes no table. Personal fields stand in the payload sealed, see [`crate::keys`].
//!
//! Start here: [`chain`] says when an event may follow another, [`kind`] what happens, [`words`] how it is told to people,
//! `place` where it stands on a timeline.
//! The SQL is in `store/journal.rs`, what events do to tables in `store/apply.rs`.

pub mod chain;
mod clock;
pub mod kind;
pub(crate) mod place;
pub mod words;

pub use clock::{DAY_MS, Hlc};

use roadworthy_api::{
    Timestamp,
    id::{DeviceId, EventId},
};

/// What the canonical bytes begin with.
const DOMAIN: &[u8; 18] = b"roadworthy event 1";

/// Milliseconds that `hlc` may be ahead of the clock without that meaning anything: ids are minted before events are appended.
pub(crate) const SLACK_MS: i64 = 60_000;

/// BLAKE3, 32 bytes.
pub type Hash = [u8; 32];

/// `prev_hash` of a device's first event.
pub const FIRST: Hash = [0; 32];

/// One event, as the module's table says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the module's table explains each")]
pub struct Event {
    pub id: EventId,
    pub device: DeviceId,
    pub seq: u64,
    pub version: u32,
    pub hlc: Hlc,
    pub kind: String,
    pub actor: String,
    pub correlation: EventId,
    pub causation: Option<EventId>,
    pub subject: Option<[u8; 16]>,
    pub payload: String,
    pub prev_hash: Hash,
    pub hash: Hash,
}

impl Event {
    /// What `hash` must be.
    pub fn sealed_hash(&self) -> Hash {
        let causation = self.causation.map(EventId::bytes);
        let canonical = Canonical {
            id: &self.id.bytes(),
            device: &self.device.bytes(),
            seq: self.seq,
            version: self.version.into(),
            hlc: self.hlc.0,
            kind: self.kind.as_bytes(),
            actor: self.actor.as_bytes(),
            correlation: &self.correlation.bytes(),
            causation: causation.as_ref().map_or(&[], |b| &b[..]),
            subject: self.subject.as_ref().map_or(&[], |b| &b[..]),
            payload: self.payload.as_bytes(),
        };
        canonical.hash(&self.prev_hash)
    }

    /// When it was said by the clock of whoever said it, as the id notes it: a clock that once ran ahead keeps `hlc` ahead for as
    /// long, and would have every time that is counted from it begin that much later.
    pub fn said_at(&self) -> Timestamp {
        let id = self.id.0;
        let minted = i64::try_from(id >> 80).ok().filter(|_| id >> 76 & 0xf == 7);
        minted.map_or(self.hlc.ms(), |minted| minted.min(self.hlc.ms()))
    }

    /// A time that was read from the clock of whoever said this, in the time of `hlc`: later by as much as that clock is behind
    /// what this device has seen. So what is read later counts as later, also after a clock was set back.
    pub fn in_step(&self, at: Timestamp) -> Timestamp {
        let behind = self.hlc.ms().saturating_sub(self.said_at());
        if behind > SLACK_MS { at.saturating_add(behind) } else { at }
    }

    /// Clock and device, most significant byte first: the greater one wrote last.
    pub fn stamp(&self) -> [u8; 24] {
        let mut stamp = [0; 24];
        stamp[..8].copy_from_slice(&self.hlc.0.to_be_bytes());
        stamp[8..].copy_from_slice(&self.device.bytes());
        stamp
    }
}

/// The hashed fields as plain bytes, so that a damaged row can be hashed as it is.
pub(crate) struct Canonical<'a> {
    pub(crate) id: &'a [u8],
    pub(crate) device: &'a [u8],
    pub(crate) seq: u64,
    pub(crate) version: u64,
    pub(crate) hlc: u64,
    pub(crate) kind: &'a [u8],
    pub(crate) actor: &'a [u8],
    pub(crate) correlation: &'a [u8],
    pub(crate) causation: &'a [u8],
    pub(crate) subject: &'a [u8],
    pub(crate) payload: &'a [u8],
}

impl Canonical<'_> {
    /// The canonical bytes.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let (seq, version, hlc) = (self.seq.to_be_bytes(), self.version.to_be_bytes(), self.hlc.to_be_bytes());
        let fields: [&[u8]; 11] = [
            self.id,
            self.device,
            &seq,
            &version,
            &hlc,
            self.kind,
            self.actor,
            self.correlation,
            self.causation,
            self.subject,
            self.payload,
        ];
        let mut bytes = Vec::with_capacity(DOMAIN.len() + fields.iter().map(|f| f.len() + 4).sum::<usize>());
        bytes.extend_from_slice(DOMAIN);
        for field in fields {
            // SQLite holds at most 2^31 bytes in a field, so the length always fits.
            bytes.extend_from_slice(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes());
            bytes.extend_from_slice(field);
        }
        bytes
    }

    /// `hash` for an event after the one with `prev`.
    pub(crate) fn hash(&self, prev: &[u8]) -> Hash {
        blake3::Hasher::new().update(prev).update(&self.bytes()).finalize().into()
    }
}

/// An event before it has a place in the chain.
#[derive(Clone, Debug)]
pub(crate) struct NewEvent {
    /// Minted by [`crate::store::Writing::mint`], since sealed fields name it.
    pub(crate) id: EventId,
    pub(crate) kind: &'static str,
    pub(crate) subject: Option<[u8; 16]>,
    pub(crate) payload: String,
}

#[cfg(test)]
mod tests;
