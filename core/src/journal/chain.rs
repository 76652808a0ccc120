//! When an event may follow another in a device's chain, and what stands in its way.

use super::{Event, FIRST, Hash, Hlc};
use roadworthy_api::{Code, Error, id::DeviceId};
use std::fmt;

/// Why an event of another device was refused. Everything before it in its chain was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// Events before it have not come yet; `expected` is the next one to send.
    Gap {
        /// Sequence number that may come next.
        expected: u64,
    },
    /// Its hash is not that of its bytes.
    Altered,
    /// It does not name the event before it.
    Unlinked,
    /// Another event is held at this place of the chain.
    Forked,
    /// Its clock is not after that of the event before.
    ClockBack,
    /// It belongs to this very device, which never wrote it.
    OwnChain,
    /// Its payload is no JSON object, or its kind no dotted name.
    Malformed,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gap { expected } => write!(f, "event {expected} is missing before it"),
            Self::Altered => f.write_str("hash does not match the event's bytes"),
            Self::Unlinked => f.write_str("it does not continue the event before it"),
            Self::Forked => f.write_str("another event is held at this place of the chain"),
            Self::ClockBack => f.write_str("its clock is not after that of the event before it"),
            Self::OwnChain => f.write_str("it claims to be of this device, which never wrote it"),
            Self::Malformed => f.write_str("its payload or kind is not written as events are"),
        }
    }
}

/// A refused event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    /// Whose chain.
    pub device: DeviceId,
    /// Where in it.
    pub seq: u64,
    /// Why.
    pub why: Refusal,
}

impl From<&Refused> for Error {
    fn from(refused: &Refused) -> Self {
        let Refused { device, seq, why } = refused;
        let (code, hint) = match why {
            Refusal::Gap { expected } => (Code::Conflict, format!("Send that device's events from {expected} on.")),
            Refusal::OwnChain => {
                (Code::ChainBroken, "If this database was restored from a backup, restore the newest one.".into())
            }
            _ => (Code::ChainBroken, "Fetch that device's events again from the device itself.".into()),
        };
        Error::new(code, format!("Event {seq} of device {device} was refused: {why}.")).hint(hint)
    }
}

/// What came of events from other devices.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Received {
    /// New, and in the journal now (those let out of quarantine included).
    pub appended: u64,
    /// Held already.
    pub known: u64,
    /// Set aside until their time comes, since their clock, or that of an event before them, runs more than a day ahead.
    pub quarantined: u64,
    /// Of those appended: of a kind or version that this build does not know. Kept and passed on.
    pub unknown: u64,
    /// Refused, at most one per chain: nothing after it was looked at.
    pub refused: Vec<Refused>,
}

/// The end of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Head {
    pub(crate) seq: u64,
    pub(crate) hash: Hash,
    pub(crate) hlc: Hlc,
}

impl Head {
    /// Before the first event.
    pub(crate) const START: Self = Self { seq: 0, hash: FIRST, hlc: Hlc(0) };

    /// The head after `event`, or why it may not follow.
    pub(crate) fn advance(&self, event: &Event) -> Result<Self, Refusal> {
        if event.seq != self.seq + 1 {
            return Err(Refusal::Gap { expected: self.seq + 1 });
        }
        if event.hash != event.sealed_hash() {
            return Err(Refusal::Altered);
        }
        if event.prev_hash != self.hash {
            return Err(Refusal::Unlinked);
        }
        if event.hlc <= self.hlc {
            return Err(Refusal::ClockBack);
        }
        if !well_formed(event) {
            return Err(Refusal::Malformed);
        }
        Ok(Self { seq: event.seq, hash: event.hash, hlc: event.hlc })
    }
}

/// Kind is dotted lower case, payload a JSON object, numbers such that SQLite can hold them.
fn well_formed(event: &Event) -> bool {
    let kind = &event.kind;
    let dotted = kind.len() <= 100
        && kind.contains('.')
        && kind.split('.').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'));
    dotted
        && event.actor.len() <= 300
        && event.version > 0
        && i64::try_from(event.hlc.0).is_ok()
        && i64::try_from(event.seq).is_ok()
        && serde_json::from_str::<serde_json::Map<String, serde_json::Value>>(&event.payload).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::tests::sample;

    fn seal(mut event: Event) -> Event {
        event.hash = event.sealed_hash();
        event
    }

    #[test]
    fn only_the_right_event_may_follow() {
        let good = sample();
        let head = Head { seq: 1, hash: [7; 32], hlc: Hlc(9) };
        let check = |event: Event, expect: Result<u64, Refusal>| {
            assert_eq!(head.advance(&event).map(|h| h.seq), expect, "{event:?}");
        };
        check(good.clone(), Ok(2));
        check(seal(Event { seq: 3, ..good.clone() }), Err(Refusal::Gap { expected: 2 }));
        check(seal(Event { seq: 1, ..good.clone() }), Err(Refusal::Gap { expected: 2 }));
        check(Event { payload: "{}".into(), ..good.clone() }, Err(Refusal::Altered));
        check(seal(Event { prev_hash: [8; 32], ..good.clone() }), Err(Refusal::Unlinked));
        check(seal(Event { hlc: Hlc(9), ..good.clone() }), Err(Refusal::ClockBack));
        check(seal(Event { hlc: Hlc(u64::MAX), ..good.clone() }), Err(Refusal::Malformed));
        for payload in ["", "[]", "1", "{", "{\"a\":1}x"] {
            check(seal(Event { payload: payload.into(), ..good.clone() }), Err(Refusal::Malformed));
        }
        for kind in ["", "a", "a.", ".a", "A.b", "a b.c", "a.b\n"] {
            check(seal(Event { kind: kind.into(), ..good.clone() }), Err(Refusal::Malformed));
        }
        check(seal(Event { version: 0, ..good.clone() }), Err(Refusal::Malformed));
        check(seal(Event { kind: "some.future.thing_done".into(), version: 9, ..good }), Ok(2));
    }
}
