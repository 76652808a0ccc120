//! Whether this vehicle answers a request for several PIDs rightly. Not all do, and some adapters cut such requests short, so
//! it is used only on CAN, only after one such request brought the same as single ones, and never again after an answer that
//! holds something else. An answer that was spoilt on its way says nothing of the vehicle: it is dropped, and only several in
//! a row end it.

use crate::decode;
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
    /// By PID, how many signals each ECU gave when it was asked for that alone.
    alone: BTreeMap<u8, BTreeMap<String, usize>>,
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

    /// Whether a PID has been read alone, and its place in a joint answer cannot be mistaken.
    pub(super) fn knows(&self, pid: u8) -> bool {
        decode::joins(pid) && self.alone.contains_key(&pid)
    }

    pub(super) fn learn(&mut self, ecu: &str, pid: u8, signals: usize) {
        self.alone.entry(pid).or_default().insert(ecu.to_owned(), signals);
    }

    /// Whether a joint answer holds what single ones do: from every ECU every PID, with as many signals. `clean`: nothing in it
    /// was refused or unreadable.
    pub(super) fn judge(&mut self, pids: &[u8], clean: bool, signals: impl Fn(&str, u8) -> usize) -> bool {
        let alone = |pid: &u8| self.alone.get(pid).into_iter().flatten();
        let same = pids
            .iter()
            .all(|pid| self.alone.contains_key(pid) && alone(pid).all(|(ecu, count)| signals(ecu, *pid) == *count));
        let silent = pids.iter().flat_map(|pid| alone(pid).map(|(ecu, _)| signals(ecu, *pid))).all(|count| count == 0);
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
