//! What one actor usually does at one door: the last hour, the baseline, and the hours of the day.

use super::signal::Signal;
use roadworthy_api::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

pub(super) const SLICE_MS: i64 = 5 * 60 * 1000;
const SLICES: usize = 12;
const HOUR: i64 = SLICES as i64;
/// Hours after which an old hour weighs little in the baseline: a week of round-the-clock use.
const MEMORY_HOURS: f64 = 168.0;
/// Hours that must be learned before they raise a limit, or tell that an actor is known.
pub(super) const HOURS_TO_TRUST: f64 = 8.0;
/// Days on which an actor was seen before an hour of the day can be unusual.
const DAYS_TO_TRUST: u32 = 10;
/// Slices without any act after which the next act begins a sitting, as signing in will: four hours.
const QUIET: i64 = 4 * HOUR;
/// Slices that belong to the beginning of a sitting: ten to fifteen minutes.
const BEGINNING: i64 = 2;
/// Exports at the beginning of a sitting that are nobody's concern.
const FIRST_EXPORTS: u32 = 8;

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Rate {
    slices: [u32; SLICES],
    mean: f64,
}

impl Rate {
    fn last_hour(&self) -> u32 {
        self.slices.iter().fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// The usual count of an hour plus three of its standard deviations (counts of independent acts: the root of the mean).
    fn limit(&self, floor: f64, hours: f64) -> f64 {
        if hours < HOURS_TO_TRUST {
            return floor;
        }
        floor.max(self.mean + 3.0 * self.mean.sqrt())
    }
}

/// As it is stored; what a version does not know of it begins at nothing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Habit {
    /// Newest slice of five minutes, counted from 1970.
    pub(super) slice: i64,
    /// Counts since the current hour began, which the baseline learns when it ends.
    hour: BTreeMap<Signal, u32>,
    /// Hours learned.
    pub(super) hours: f64,
    rates: BTreeMap<Signal, Rate>,
    /// Acts that matter, by hour of the day on this machine's clock: on how many days there were some.
    days_at: [u32; 24],
    /// Days on which there were some, and the newest of them.
    days: u32,
    day: i64,
    /// Where the sitting began, and exports at its beginning.
    began: i64,
    first_exports: u32,
    /// The first time at this door of an actor who is known elsewhere; the hours known.
    pub(super) new_door: Option<u32>,
    /// The risk that was flagged last and still holds.
    pub(super) flagged: f64,
}

impl Habit {
    /// Nothing is known yet, so the first act begins no sitting after a quiet that is known.
    pub(super) fn new(slice: i64, new_door: Option<u32>) -> Self {
        Self { slice, new_door, began: slice.saturating_sub(QUIET), ..Self::default() }
    }

    /// Moves on to a later slice: forgets what is older than an hour, and learns each hour that ended.
    pub(super) fn advance(&mut self, slice: i64, zone_ms: i64) {
        if slice <= self.slice {
            return;
        }
        if slice.div_euclid(HOUR) != self.slice.div_euclid(HOUR) {
            self.learn(zone_ms);
        }
        let skipped = slice.saturating_sub(self.slice);
        if skipped >= QUIET {
            (self.began, self.first_exports) = (slice, 0);
        }
        for step in 1..=skipped.min(HOUR) {
            // Past a whole hour every slice is cleared, whichever index it begins at.
            let index = place(self.slice.wrapping_add(step));
            self.rates.values_mut().for_each(|r| r.slices[index] = 0);
        }
        self.slice = slice;
    }

    /// Hours without any act are not learned: a night must not make the next morning unusual.
    fn learn(&mut self, zone_ms: i64) {
        if self.hour.is_empty() {
            return;
        }
        self.hours += 1.0;
        self.new_door = None;
        let hours = self.hours;
        let weight = 1.0 / hours.min(MEMORY_HOURS);
        let hour = std::mem::take(&mut self.hour);
        for (signal, rate) in &mut self.rates {
            let count = f64::from(hour.get(signal).copied().unwrap_or(0));
            // What was beyond the limit counts as the limit, so that misuse does not teach itself as usual.
            let count = signal.floor().map_or(count, |floor| count.min(rate.limit(floor, hours)));
            rate.mean += (count - rate.mean) * weight;
        }
        if hour.keys().any(|signal| signal.matters()) {
            let (day, of_day) = clock(self.slice, zone_ms);
            if day != self.day || self.days == 0 {
                (self.day, self.days) = (day, self.days.saturating_add(1));
            }
            self.days_at[of_day] = self.days_at[of_day].saturating_add(1);
        }
    }

    /// Counts `n` acts in a slice of the last hour; what is older was said too late to count.
    pub(super) fn count(&mut self, slice: i64, signal: Signal, n: u32) {
        if slice <= self.slice.saturating_sub(HOUR) {
            return;
        }
        let rate = self.rates.entry(signal).or_default();
        let index = place(slice.min(self.slice));
        rate.slices[index] = rate.slices[index].saturating_add(n);
        let hour = self.hour.entry(signal).or_default();
        *hour = hour.saturating_add(n);
        if signal == Signal::Exports && slice.saturating_sub(self.began) <= BEGINNING {
            self.first_exports = self.first_exports.saturating_add(n);
        }
    }

    /// The risk of the last hour, and its reasons, worst first. Risks add up as chances do, `1 − Π(1 − r)`.
    pub(super) fn risk(&self, zone_ms: i64) -> (f64, Vec<String>) {
        let mut reasons = Vec::new();
        for (signal, rate) in &self.rates {
            let Some(floor) = signal.floor() else { continue };
            let (count, limit) = (f64::from(rate.last_hour()), rate.limit(floor, self.hours));
            if count > limit {
                let words = format!("{count:.0} {} in an hour, at most {limit:.0} expected", signal.words());
                reasons.push((1.0 - limit / count, words));
            }
        }
        if self.first_exports > FIRST_EXPORTS {
            let (count, limit) = (f64::from(self.first_exports), f64::from(FIRST_EXPORTS));
            reasons.push((1.0 - limit / (2.0 * count), format!("{count:.0} exports right after hours of quiet")));
        }
        if let Some(hours) = self.new_door {
            reasons.push((0.5, format!("first use of this door by somebody known for {hours} hours at another")));
        }
        if let Some(words) = self.odd_hour(zone_ms) {
            reasons.push((0.5, words));
        }
        reasons.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let safe: f64 = reasons.iter().map(|(risk, _)| 1.0 - risk).product();
        (1.0 - safe, reasons.into_iter().map(|(_, words)| words).collect())
    }

    /// Whether something that matters was done in this hour, at an hour of the day at which it never was before.
    fn odd_hour(&self, zone_ms: i64) -> Option<String> {
        let (_, of_day) = clock(self.slice, zone_ms);
        // The hours beside it count as well: who comes at eight may come at seven.
        let near = [(of_day + 23) % 24, of_day, (of_day + 1) % 24];
        let known = near.iter().any(|hour| self.days_at[*hour] > 0);
        let acts = self.hour.keys().any(|signal| signal.matters());
        (acts && !known && self.days >= DAYS_TO_TRUST)
            .then(|| format!("active at {of_day}:00, which never happened on {} days", self.days))
    }
}

fn place(slice: i64) -> usize {
    usize::try_from(slice.rem_euclid(HOUR)).unwrap_or(0)
}

/// Day since 1970 and hour of the day.
fn clock(slice: i64, zone_ms: i64) -> (i64, usize) {
    let local: Timestamp = slice.saturating_mul(SLICE_MS).saturating_add(zone_ms);
    (local.div_euclid(86_400_000), usize::try_from(local.rem_euclid(86_400_000) / 3_600_000).unwrap_or(0))
}
