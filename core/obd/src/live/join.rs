//! Whether this vehicle answers a request of one service for several values rightly. Not all do, and some adapters cut such requests short, so
//! it is used only on CAN, only after one such request brought the same as single ones, and never again after an answer that
//! holds something else. An answer that was spoilt on its way says nothing of the vehicle: it is dropped, and only several in
//! a row end it.

use crate::{check::dialect::Dialect, decode};
use std::collections::BTreeMap;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trust {
    Unproven,
    Proven,
    Off,
}

/// Spoilt answers in a row after which single requests may do better.
const SPOILT: u8 = 3;

/// What is known of joint requests.
#[derive(Debug)]
pub(super) struct Join {
    trust: Trust,
    /// Spoilt answers in a row.
    spoilt: u8,
    /// By value, how many signals each ECU gave when it was asked for that alone.
    alone: BTreeMap<u16, BTreeMap<String, usize>>,
}

impl Join {
    pub(super) fn new(can: bool) -> Self {
        Self { trust: if can { Trust::Unproven } else { Trust::Off }, spoilt: 0, alone: BTreeMap::new() }
    }

    pub(super) fn may_ask(&self) -> bool {
        self.trust != Trust::Off
    }

    pub(super) fn proven(&self) -> bool {
        self.trust == Trust::Proven
    }

    /// Whether a value has been read alone, and its place in a joint answer cannot be mistaken.
    pub(super) fn knows(&self, id: u16) -> bool {
        decode::joins(Dialect::of_id(id).1) && self.alone.contains_key(&id)
    }

    pub(super) fn learn(&mut self, ecu: &str, id: u16, signals: usize) {
        self.alone.entry(id).or_default().insert(ecu.to_owned(), signals);
    }

    /// Whether a joint answer holds what single ones do: from every ECU every value, with as many signals. `clean`: nothing in it
    /// was refused or unreadable.
    pub(super) fn judge(&mut self, ids: &[u16], clean: bool, signals: impl Fn(&str, u16) -> usize) -> bool {
        let alone = |id: &u16| self.alone.get(id).into_iter().flatten();
        let same = ids
            .iter()
            .all(|id| self.alone.contains_key(id) && alone(id).all(|(ecu, count)| signals(ecu, *id) == *count));
        let silent = ids.iter().flat_map(|id| alone(id).map(|(ecu, _)| signals(ecu, *id))).all(|count| count == 0);
        match self.trust {
            Trust::Off => return false,
            Trust::Proven if !clean || silent => {
                self.spoilt += 1;
                if self.spoilt >= SPOILT {
                    self.trust = Trust::Off;
                }
                return false;
            }
            Trust::Unproven | Trust::Proven => {}
        }
        self.spoilt = 0;
        self.trust = if clean && same { Trust::Proven } else { Trust::Off };
        self.trust == Trust::Proven
    }
}
