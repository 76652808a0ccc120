//! The security monitor: what each actor usually does at each door, and a risk from 0 to 1 with its reasons when it does
//! something else. It observes and flags, and blocks nothing until people with roles exist.
//!
//! The usual case: the gate calls [`Monitor::observe`] after every call; what comes back is journalled as `risk.flagged`.
//! Time is an argument.
//!
//! It sits at the gate and is no worker, since only the gate sees everything: refusals and plain reads are not journalled, and
//! reads of personal data at most once a minute. Nor could a worker see what happens while none runs. It costs no write per
//! call: each process counts in memory, and [`Monitor::unsaved`] gives what to add to the table `habit` now and then, so that
//! the baseline outlives a restart and is one for all processes of this device (each command on a terminal is a process).
//!
//! | signal | unusual from |
//! |---|---|
//! | exports, changes, reads of personal data, photos, things taken away, customers forgotten, refusals | a fixed count in an hour, or the usual one plus three of its deviations |
//! | exports right after hours of quiet | a fixed count; signing in will mark the beginning better |
//! | a door that an actor who is known never used | its first hour |
//! | an hour of the day at which an actor never did anything that matters | ten days seen |
//!
//! A device is known by its journal, and there is one here: what only other devices would show waits until they talk.

mod habit;
mod signal;

#[cfg(test)]
mod tests;

use crate::journal::kind::RiskFlagged;
use habit::{HOURS_TO_TRUST, Habit, SLICE_MS};
use roadworthy_api::{
    Error, Timestamp,
    call::Passage,
    role::{Actor, Door},
};
use signal::Signal;
use std::collections::{BTreeMap, HashMap};

/// Actor-and-door pairs remembered; the one unseen for longest goes first.
pub(crate) const ACTORS: usize = 256;
/// Risk from which a flag is raised.
const FLAG_FROM: f64 = 0.5;
/// Risk below which a flagged actor counts as calm again.
const CALM_BELOW: f64 = 0.4;
/// How much the risk must grow before the same hour is flagged again.
const FLAG_STEP: f64 = 0.15;

/// An actor at a door.
pub(crate) type Key = (String, Door);

/// What is to be added to a stored habit.
#[derive(Clone, Debug, Default)]
pub(crate) struct Counts {
    /// Acts by slice.
    acts: BTreeMap<(i64, Signal), u32>,
    began_new_door: Option<u32>,
    flagged: f64,
}

/// What every actor does at every door. Memory is bounded.
#[derive(Default)]
pub struct Monitor {
    habits: HashMap<Key, Habit>,
    unsaved: HashMap<Key, Counts>,
    /// Whether there is anything worth a write.
    worth: bool,
    zone_ms: i64,
}

impl Monitor {
    /// Knows nobody yet; the first hours are judged by fixed limits alone. `zone_ms` is what this machine's clock is ahead of
    /// UTC.
    pub fn new(zone_ms: i64) -> Self {
        Self { zone_ms, ..Self::default() }
    }

    /// Takes what was stored of an actor at a door. What cannot be read is forgotten: it says nothing of anybody else.
    pub(crate) fn recall(&mut self, key: Key, stored: &str) {
        match serde_json::from_str(stored) {
            Ok(habit) => drop(self.habits.insert(key, habit)),
            Err(error) => tracing::warn!(%error, "a stored habit cannot be read and begins anew"),
        }
    }

    /// Counts one call and its outcome; a flag when it makes the last hour unusual, or markedly more so.
    ///
    /// `at` is wall-clock time; a clock that goes backwards is counted in the newest slice.
    pub fn observe(
        &mut self,
        who: &Actor,
        passage: Passage,
        outcome: Result<(), &Error>,
        at: Timestamp,
    ) -> Option<RiskFlagged> {
        let slice = at.div_euclid(SLICE_MS);
        let key = (who.name.clone(), who.door);
        if !self.habits.contains_key(&key) {
            let habit = Habit::new(slice, self.known_elsewhere(&key));
            self.make_room();
            self.habits.insert(key.clone(), habit);
        }
        let habit = self.habits.get_mut(&key)?;
        habit.advance(slice, self.zone_ms);
        let unsaved = self.unsaved.entry(key).or_default();
        for signal in Signal::of(passage, outcome) {
            habit.count(habit.slice, signal, 1);
            *unsaved.acts.entry((habit.slice, signal)).or_default() += 1;
            self.worth |= signal != Signal::Reads;
        }
        unsaved.began_new_door = habit.new_door;
        let (risk, reasons) = habit.risk(self.zone_ms);
        if risk < CALM_BELOW {
            habit.flagged = 0.0;
        }
        let raise = risk >= FLAG_FROM && (habit.flagged == 0.0 || risk >= habit.flagged + FLAG_STEP);
        if raise {
            habit.flagged = risk;
            self.worth = true;
        }
        unsaved.flagged = habit.flagged;
        raise.then(|| RiskFlagged { actor: crate::engine::actor(who), risk: (risk * 100.0).round() / 100.0, reasons })
    }

    /// Hours for which an actor is known at another door; `None`: at none.
    fn known_elsewhere(&self, key: &Key) -> Option<u32> {
        let others = self.habits.iter().filter(|((name, door), _)| *name == key.0 && *door != key.1);
        let hours = others.map(|(_, habit)| habit.hours).fold(0.0, f64::max);
        (hours >= HOURS_TO_TRUST).then_some(hours as u32)
    }

    fn make_room(&mut self) {
        if self.habits.len() < ACTORS {
            return;
        }
        let oldest = self.habits.iter().min_by_key(|(_, h)| h.slice).map(|(k, _)| k.clone());
        if let Some(key) = oldest {
            self.habits.remove(&key);
            self.unsaved.remove(&key);
        }
    }

    /// What to add to the stored habits, if that is worth a write: plain reads alone are not. They count as saved from now on.
    pub(crate) fn unsaved(&mut self) -> HashMap<Key, Counts> {
        if !std::mem::take(&mut self.worth) {
            return HashMap::new();
        }
        std::mem::take(&mut self.unsaved)
    }

    /// Takes back what could not be saved.
    pub(crate) fn not_saved(&mut self, counts: HashMap<Key, Counts>) {
        for (key, counts) in counts {
            let unsaved = self.unsaved.entry(key).or_default();
            for (act, n) in counts.acts {
                *unsaved.acts.entry(act).or_default() += n;
            }
            unsaved.flagged = unsaved.flagged.max(counts.flagged);
        }
        self.worth = true;
    }

    /// Holds a habit as it was saved from now on, so that what other processes counted is known here too.
    pub(crate) fn saved(&mut self, key: Key, mut saved: Saved) {
        if let Some(since) = self.unsaved.get(&key) {
            saved.0.add(since, self.zone_ms);
        }
        self.habits.insert(key, saved.0);
    }

    /// What [`Counts::added`] needs to know.
    pub(crate) fn zone_ms(&self) -> i64 {
        self.zone_ms
    }
}

/// A habit as it is in the table.
pub(crate) struct Saved(Habit);

impl Counts {
    /// A stored habit with these counts: when the actor was seen last, the text to store, and the same to hold.
    pub(crate) fn added(&self, stored: Option<&str>, zone_ms: i64) -> Option<(Timestamp, String, Saved)> {
        let first = self.acts.first_key_value().map(|((slice, _), _)| *slice)?;
        let known: Option<Habit> = stored.and_then(|text| serde_json::from_str(text).ok());
        let fresh = || Habit::new(first, self.began_new_door);
        let mut habit = known.unwrap_or_else(fresh);
        habit.add(self, zone_ms);
        let text = serde_json::to_string(&habit).ok()?;
        Some((habit.slice.saturating_mul(SLICE_MS), text, Saved(habit)))
    }
}

impl Habit {
    fn add(&mut self, counts: &Counts, zone_ms: i64) {
        for ((slice, signal), n) in &counts.acts {
            self.advance(*slice, zone_ms);
            self.count(*slice, *signal, *n);
        }
        self.flagged = counts.flagged;
    }
}
