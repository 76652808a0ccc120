//! The rules of `values` over live data: a value must stay beyond its limit for the whole hold time.
//!
//! Said once per recording and key, and again only when it presses more. Bounded: one time per rule, level and signal.

use super::values::RULES;
use crate::acquire::{self, Seen, Watch};
use roadworthy_api::{
    Timestamp,
    finding::{Finding, Severity},
};
use std::collections::BTreeMap;

/// Samples further apart than this prove nothing of the time between them.
const APART_MS: i64 = 5_000;

/// Rule, level, ECU and signal.
type Place = (usize, usize, String, &'static str);

/// How long a value has been beyond a level, and the worst of it.
#[derive(Clone, Copy, Debug)]
struct Beyond {
    since: Timestamp,
    last: Timestamp,
    worst: f64,
}

/// What is remembered of one recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    watch: Watch,
    rpm: Option<(Timestamp, f64)>,
    beyond: BTreeMap<Place, Beyond>,
    said: BTreeMap<String, Severity>,
}

impl Live {
    /// `said`: keys that were said of this recording before, as before a restart, with how much they pressed.
    pub(crate) fn new(hybrid: bool, said: BTreeMap<String, Severity>) -> Self {
        Self { watch: Watch::new(hybrid), said, ..Self::default() }
    }

    /// Takes a value in. Findings that it makes due; with `say` they count as said.
    pub(crate) fn offer(&mut self, seen: Seen<'_>, say: bool) -> Vec<Finding> {
        if !self.watch.offer(seen) {
            self.forget(seen.ecu, seen.name);
            return Vec::new();
        }
        if seen.name == "engine_rpm" {
            self.rpm = Some((seen.at, seen.value));
        }
        let running =
            self.rpm.is_some_and(|(at, rpm)| seen.at.saturating_sub(at) <= APART_MS && rpm >= acquire::RUNNING);
        let mut due: Vec<Finding> = Vec::new();
        for (r, rule) in RULES.iter().enumerate() {
            let Some(name) = rule.signals.iter().find(|name| **name == seen.name) else { continue };
            for (l, level) in rule.levels.iter().enumerate() {
                let place = (r, l, seen.ecu.to_owned(), *name);
                if !rule.beyond(level, seen.value) || rule.running && !running {
                    self.beyond.remove(&place);
                    continue;
                }
                let fresh = Beyond { since: seen.at, last: seen.at, worst: seen.value };
                let beyond = self.beyond.entry(place).or_insert(fresh);
                if !(0..=APART_MS).contains(&seen.at.saturating_sub(beyond.last)) {
                    *beyond = fresh;
                }
                beyond.last = seen.at;
                beyond.worst = if rule.over { beyond.worst.max(seen.value) } else { beyond.worst.min(seen.value) };
                let held = seen.at.saturating_sub(beyond.since);
                let known = self.said.get(rule.key).is_some_and(|said| *said >= level.severity);
                if held < level.hold || known || due.iter().any(|f| f.key == rule.key && f.severity >= level.severity) {
                    continue;
                }
                let unit = seen.unit.unwrap_or_default();
                let said = format!("It has been beyond {} {unit} for {} s.", acquire::number(level.limit), held / 1000);
                let rests_on = vec![rule.rests_on(seen.name, beyond.worst, unit, seen.ecu, seen.at)];
                let finding = rule.finding(level.severity, 0.9, &said, rests_on);
                if say {
                    self.said.insert(rule.key.to_owned(), level.severity);
                }
                due.push(finding);
            }
        }
        due
    }

    /// The ECU stopped answering for a signal: what was is not known any more.
    pub(crate) fn missing(&mut self, ecu: &str, name: &str) {
        self.forget(ecu, name);
        if name == "engine_rpm" {
            self.rpm = None;
        }
    }

    fn forget(&mut self, ecu: &str, name: &str) {
        self.beyond.retain(|(_, _, e, n), _| !(e == ecu && *n == name));
    }
}
