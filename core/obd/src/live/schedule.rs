//! Which values the next request names. Pure: time is an argument, in ms from any start, never going back.
//!
//! A value is named by its PID of service 01, or by the data identifier `F4xx` of service 22 that holds the same in a vehicle
//! of SAE J1979-2; one request names those of one service.
//!
//! Every PID has its wanted period. The one goes next whose wait, measured in its own periods, is the longest: on a bus that
//! is too slow for all wishes they all stretch by the same factor, so nothing starves and fast ones stay faster than slow
//! ones. A PID that fails over and over is asked ever more rarely, at last once a minute, and at its old pace again as soon
//! as it answers.

use super::{join::Join, pace};
use crate::{check::dialect::Dialect, decode, protocol::Family};

/// Longest time between two tries of a PID that keeps failing.
const RAREST_MS: u64 = 60_000;
/// Most PIDs of one request, and most identifiers: a single frame holds three behind the service byte.
const MOST: (usize, usize) = (6, 3);
/// Bytes that a first frame and one more hold behind the service byte (ISO 15765-2: six and seven).
const ROOM: usize = 12;
/// Bytes that a single frame holds behind the service byte.
const SINGLE: usize = 6;
/// Of those that wait, how many are looked at for a joint request.
const NEAREST: usize = 12;

/// A value that is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wish {
    /// PID of service 01, as in `000C`, or data identifier of service 22, as in `F40C`.
    pub id: u16,
    /// Wanted time between two readings.
    pub every_ms: u64,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask for these in one request; all are of one service.
    Ask(Vec<u16>),
    /// Nothing is due, or the bus needs its pause, until this time.
    Wait(u64),
    /// Nothing is wanted.
    Nothing,
}

#[derive(Debug)]
struct Slot {
    wish: Wish,
    /// When it was asked last.
    asked: Option<u64>,
    /// Failures in a row.
    failures: u32,
}

impl Slot {
    fn period(&self) -> u64 {
        let period = self.wish.every_ms.max(1);
        period.saturating_mul(1 << self.failures.min(16)).min(RAREST_MS.max(period))
    }

    fn due(&self) -> u64 {
        self.asked.map_or(0, |asked| asked.saturating_add(self.period()))
    }

    /// Its wait in thousandths of its period; the greatest for one that was never asked.
    fn wait(&self, now: u64) -> u64 {
        self.asked.map_or(u64::MAX, |asked| now.saturating_sub(asked).saturating_mul(1000) / self.period())
    }
}

/// Decides what is asked next.
#[derive(Debug)]
pub struct Scheduler {
    gap: u64,
    slots: Vec<Slot>,
    last: Option<u64>,
    /// Of service 01, and of service 22.
    joins: [Join; 2],
}

impl Scheduler {
    /// For a bus of this family, with nothing wanted yet.
    pub fn new(family: Family) -> Self {
        let can = matches!(family, Family::Can11 | Family::Can29);
        Self { gap: pace::gap_ms(family), slots: Vec::new(), last: None, joins: [Join::new(can), Join::new(can)] }
    }

    /// Least milliseconds between the starts of two requests from now on.
    pub fn keep_apart(&mut self, gap: u64) {
        self.gap = gap;
    }

    /// What is wanted from now on, each value once. What was wanted before keeps its place in time.
    pub fn choose(&mut self, wishes: &[Wish]) {
        let mut slots: Vec<Slot> = Vec::with_capacity(wishes.len());
        for wish in wishes {
            if slots.iter().any(|s| s.wish.id == wish.id) {
                continue;
            }
            let old = self.slots.iter().find(|s| s.wish.id == wish.id);
            let (asked, failures) = old.map_or((None, 0), |s| (s.asked, s.failures));
            slots.push(Slot { wish: *wish, asked, failures });
        }
        self.slots = slots;
    }

    /// What to do at `now`.
    pub fn next(&self, now: u64) -> Next {
        let Some(due) = self.slots.iter().map(Slot::due).min() else { return Next::Nothing };
        let free = self.last.map_or(0, |last| last.saturating_add(self.gap));
        if due.max(free) > now {
            return Next::Wait(due.max(free));
        }
        let mut waiting: Vec<&Slot> = self.slots.iter().collect();
        // Stable, so that equal waits go in the order chosen.
        waiting.sort_by_key(|s| std::cmp::Reverse(s.wait(now)));
        let Some((first, rest)) = waiting.split_first() else { return Next::Nothing };
        let mut ids = vec![first.wish.id];
        if self.join(first.wish.id).may_ask() && self.joins(first) {
            let service = Dialect::of_id(first.wish.id).0;
            let near = |least: u64| {
                let same = |s: &&&Slot| Dialect::of_id(s.wish.id).0 == service;
                let near = rest.iter().filter(|s| self.joins(s) && s.wait(now) >= least).filter(same);
                near.map(|s| s.wish.id).collect::<Vec<_>>()
            };
            ids = pack(ids, &near(1000), ROOM);
            // Half a period early costs nothing in a frame that comes anyway.
            let room = if size(&ids) <= SINGLE { SINGLE } else { ROOM };
            let early = near(500).into_iter().filter(|id| !ids.contains(id)).collect::<Vec<_>>();
            ids = pack(ids, &early, room);
        }
        Next::Ask(ids)
    }

    fn join(&self, id: u16) -> &Join {
        let [obd, uds] = &self.joins;
        if Dialect::of_id(id).0 == Dialect::Obd { obd } else { uds }
    }

    fn join_mut(&mut self, id: u16) -> &mut Join {
        let [obd, uds] = &mut self.joins;
        if Dialect::of_id(id).0 == Dialect::Obd { obd } else { uds }
    }

    fn joins(&self, slot: &Slot) -> bool {
        slot.failures == 0 && self.join(slot.wish.id).knows(slot.wish.id)
    }

    /// A request for these went out at `now`.
    pub fn asked(&mut self, ids: &[u16], now: u64) {
        self.last = Some(now);
        for slot in self.slots.iter_mut().filter(|s| ids.contains(&s.wish.id)) {
            slot.asked = Some(now);
        }
    }

    /// Whether anybody who was meant answered this.
    pub fn settled(&mut self, id: u16, answered: bool) {
        if let Some(slot) = self.slots.iter_mut().find(|s| s.wish.id == id) {
            slot.failures = if answered { 0 } else { slot.failures.saturating_add(1) };
        }
    }

    /// A request that named one value was answered by this ECU with so many signals.
    pub fn answered_alone(&mut self, ecu: &str, id: u16, signals: usize) {
        self.join_mut(id).learn(ecu, id, signals);
    }

    /// A request that named several values came back: `signals` tells how many signals of one an ECU gave, `clean` whether
    /// nothing in the answer was refused, unreadable or of no use. If anything differs from single reads, no further request of
    /// that service names several, these are due again at once, and `false` says that nothing of the answer may be used.
    pub fn answered_together(&mut self, ids: &[u16], clean: bool, signals: impl Fn(&str, u16) -> usize) -> bool {
        let Some(first) = ids.first() else { return false };
        if self.join_mut(*first).judge(ids, clean, signals) {
            return true;
        }
        for slot in self.slots.iter_mut().filter(|s| ids.contains(&s.wish.id)) {
            slot.asked = None;
        }
        false
    }

    /// Whether requests of any service may name several values: shown by a probe of this vehicle and not refuted since.
    pub fn joins_requests(&self) -> bool {
        self.joins.iter().any(Join::proven)
    }
}

/// Bytes of an answer behind the service byte.
fn size(ids: &[u16]) -> usize {
    let one = |id: &u16| match Dialect::of_id(*id) {
        (Dialect::Obd, pid) => 1 + decode::data_length(pid).unwrap_or(ROOM),
        (Dialect::Uds, pid) => 2 + decode::data_length(pid).unwrap_or(ROOM),
    };
    ids.iter().map(one).sum()
}

/// What is asked for, with those of `near` (longest wait first) that fill `room` best: in a request that waits for two frames a
/// third costs as much as the two and holds less. Of fillings that are equally good the one with the longest waits.
fn pack(asked: Vec<u16>, near: &[u16], room: usize) -> Vec<u16> {
    let newer = asked.iter().any(|id| Dialect::of_id(*id).0 == Dialect::Uds);
    let most = if newer { MOST.1 } else { MOST.0 };
    let mut best = (size(&asked), asked.clone());
    let mut open = vec![(best.0, asked, 0)];
    while let Some((used, chosen, from)) = open.pop() {
        if used > best.0 {
            best = (used, chosen.clone());
        }
        if chosen.len() >= most || best.0 >= room {
            continue;
        }
        // Pushed last is tried first, so the longest wait goes on top.
        for (place, id) in near.iter().enumerate().take(NEAREST).skip(from).rev() {
            let used = used + size(&[*id]);
            if used <= room {
                open.push((used, [chosen.as_slice(), &[*id]].concat(), place + 1));
            }
        }
    }
    best.1
}

#[cfg(test)]
mod tests;
