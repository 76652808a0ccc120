//! The behaviour monitor: what each actor usually does at each door, and a risk when it does much more of it.
//!
//! The usual case: the gate calls [`Monitor::observe`] after every call; a [`Flag`] comes back when the last hour looks
//! unusual. It observes and flags, and blocks nothing. Time is an argument.
//!
//! Each signal (a call, an effect, refusals) has a count of the last hour in twelve slices of five minutes, and a baseline:
//! the mean of the hours in which the actor did anything, the last 168 weighing most. A signal above its limit adds risk:
//! nothing at the limit, a half at twice the limit, close to 1 far beyond. Risks add up as chances do, `1 − Π(1 − r)`.

use roadworthy_api::{
    Code, Error, Timestamp,
    call::{Effect, Passage, SHOW_PHOTO},
    role::{Actor, Door},
    system::Flag,
};
use std::collections::{HashMap, VecDeque};

const SLICE_MS: i64 = 5 * 60 * 1000;
const SLICES: usize = 12;
/// Hours after which an old hour weighs little in the baseline: a week of round-the-clock use.
const MEMORY_HOURS: f64 = 168.0;
/// Hours that must be learned before they raise a limit.
const HOURS_TO_TRUST: f64 = 8.0;
/// Actor-and-door pairs remembered; the one unseen for longest goes first.
const ACTORS: usize = 256;
/// Signals remembered per pair; calls are a closed list, so this only guards against a defect.
const SIGNALS: usize = 128;
/// Flags remembered, newest kept.
const FLAGS: usize = 200;
/// Risk from which a flag is raised.
const FLAG_FROM: f64 = 0.5;
/// Risk below which a flagged actor counts as calm again.
const CALM_BELOW: f64 = 0.4;
/// How much the risk must grow before the same hour is flagged again.
const FLAG_STEP: f64 = 0.15;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Signal {
    Call(&'static str),
    Reads,
    PersonalReads,
    Photos,
    Changes,
    Exports,
    Refusals,
}

impl Signal {
    fn of(passage: Passage) -> Self {
        match passage.effect {
            // A page fetches each picture of a gallery by itself, dozens at once: counted apart from the calls of a person.
            Effect::ReadPersonal if passage.name == SHOW_PHOTO.name => Self::Photos,
            Effect::Read => Self::Reads,
            Effect::ReadPersonal => Self::PersonalReads,
            Effect::Change => Self::Changes,
            Effect::Export => Self::Exports,
        }
    }

    /// Times an hour that are nobody's concern, whatever the baseline; `None`: counted, never a risk. Pages read all the
    /// time, so plain reads say nothing.
    fn floor(self) -> Option<f64> {
        match self {
            Self::Call(_) | Self::Reads => None,
            Self::PersonalReads => Some(60.0),
            Self::Photos => Some(1000.0),
            Self::Changes => Some(120.0),
            Self::Exports => Some(10.0),
            Self::Refusals => Some(5.0),
        }
    }

    fn words(self) -> &'static str {
        match self {
            Self::Call(name) => name,
            Self::Reads => "reads",
            Self::PersonalReads => "reads of personal data",
            Self::Photos => "photos shown",
            Self::Changes => "changes",
            Self::Exports => "exports",
            Self::Refusals => "refusals",
        }
    }
}

#[derive(Clone, Default)]
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

struct Habit {
    slice: i64,
    /// Counts since the current hour began, which the baseline learns when it ends.
    hour: HashMap<Signal, u32>,
    hours: f64,
    rates: HashMap<Signal, Rate>,
    flagged: f64,
}

/// What every actor does at every door. Memory is bounded.
#[derive(Default)]
pub struct Monitor {
    habits: HashMap<(String, Door), Habit>,
    flags: VecDeque<Flag>,
}

impl Monitor {
    /// Knows nobody yet; the first hours are judged by fixed limits alone.
    pub fn new() -> Self {
        Self::default()
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
    ) -> Option<Flag> {
        let slice = at.div_euclid(SLICE_MS);
        let key = (who.name.clone(), who.door);
        if !self.habits.contains_key(&key) && self.habits.len() >= ACTORS {
            let oldest = self.habits.iter().min_by_key(|(_, h)| h.slice).map(|(k, _)| k.clone());
            oldest.map(|k| self.habits.remove(&k));
        }
        let habit = self.habits.entry(key).or_insert_with(|| Habit::new(slice));
        habit.advance(slice);
        habit.count(Signal::Call(passage.name));
        habit.count(Signal::of(passage));
        if matches!(outcome, Err(error) if matches!(error.code, Code::Forbidden | Code::Unauthorized)) {
            habit.count(Signal::Refusals);
        }
        let (risk, reason) = habit.risk();
        if risk < CALM_BELOW {
            habit.flagged = 0.0;
        }
        if risk < FLAG_FROM || (habit.flagged > 0.0 && risk < habit.flagged + FLAG_STEP) {
            return None;
        }
        habit.flagged = risk;
        let flag = Flag { at, actor: who.name.clone(), risk: (risk * 100.0).round() / 100.0, reason };
        if self.flags.len() == FLAGS {
            self.flags.pop_front();
        }
        self.flags.push_back(flag.clone());
        Some(flag)
    }

    /// Flags raised, newest first.
    pub fn flags(&self) -> Vec<Flag> {
        self.flags.iter().rev().cloned().collect()
    }
}

impl Habit {
    fn new(slice: i64) -> Self {
        Self { slice, hour: HashMap::new(), hours: 0.0, rates: HashMap::new(), flagged: 0.0 }
    }

    /// Moves on to a later slice: forgets what is older than an hour, and learns each hour that ended.
    fn advance(&mut self, slice: i64) {
        if slice <= self.slice {
            return;
        }
        let hours = SLICES as i64;
        if slice.div_euclid(hours) != self.slice.div_euclid(hours) {
            self.learn();
        }
        let skipped = (slice - self.slice).min(hours);
        for step in 1..=skipped {
            let index = usize::try_from((self.slice + step).rem_euclid(hours)).unwrap_or(0);
            // Past a whole hour every slice is cleared, whichever index it begins at.
            self.rates.values_mut().for_each(|r| r.slices[index] = 0);
        }
        self.slice = slice;
    }

    /// Hours without any act are not learned: a night must not make the next morning unusual.
    fn learn(&mut self) {
        if self.hour.is_empty() {
            return;
        }
        self.hours += 1.0;
        let hours = self.hours;
        let weight = 1.0 / hours.min(MEMORY_HOURS);
        let hour = std::mem::take(&mut self.hour);
        for (signal, rate) in &mut self.rates {
            let count = f64::from(hour.get(signal).copied().unwrap_or(0));
            // What was beyond the limit counts as the limit, so that misuse does not teach itself as usual.
            let count = signal.floor().map_or(count, |floor| count.min(rate.limit(floor, hours)));
            rate.mean += (count - rate.mean) * weight;
        }
    }

    fn count(&mut self, signal: Signal) {
        if self.rates.len() >= SIGNALS && !self.rates.contains_key(&signal) {
            return;
        }
        let index = usize::try_from(self.slice.rem_euclid(SLICES as i64)).unwrap_or(0);
        let rate = self.rates.entry(signal).or_default();
        rate.slices[index] = rate.slices[index].saturating_add(1);
        let hour = self.hour.entry(signal).or_default();
        *hour = hour.saturating_add(1);
    }

    fn risk(&self) -> (f64, String) {
        let mut safe = 1.0;
        let mut reasons = Vec::new();
        for (signal, rate) in &self.rates {
            let Some(floor) = signal.floor() else { continue };
            let (count, limit) = (f64::from(rate.last_hour()), rate.limit(floor, self.hours));
            if count > limit {
                let risk = 1.0 - limit / count;
                safe *= 1.0 - risk;
                reasons.push((risk, format!("{count:.0} {} in an hour, at most {limit:.0} expected", signal.words())));
            }
        }
        reasons.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let words: Vec<String> = reasons.into_iter().map(|(_, words)| words).collect();
        (1.0 - safe, words.join("; ") + ".")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::role::Role;

    const EXPORT: Passage = Passage { name: "MakeCheckReport", needs: Role::Technician, effect: Effect::Export };
    const PEOPLE: Passage = Passage { name: "ListPeople", needs: Role::Technician, effect: Effect::ReadPersonal };
    const READ: Passage = Passage { name: "ListVehicles", needs: Role::Executive, effect: Effect::Read };
    const HOUR: i64 = 3_600_000;

    fn owner() -> Actor {
        Actor::owner(Door::Browser)
    }

    fn burst(monitor: &mut Monitor, passage: Passage, n: usize, at: i64) -> Vec<Flag> {
        (0..n).filter_map(|i| monitor.observe(&owner(), passage, Ok(()), at + i as i64)).collect()
    }

    #[test]
    fn a_burst_of_exports_is_flagged_with_its_reason() {
        let mut monitor = Monitor::new();
        assert_eq!(burst(&mut monitor, EXPORT, 19, 0), []);
        let flags = burst(&mut monitor, EXPORT, 1, 20);
        assert_eq!(flags.len(), 1);
        assert_eq!((flags[0].risk, flags[0].actor.as_str()), (0.5, "owner"));
        assert_eq!(flags[0].reason, "20 exports in an hour, at most 10 expected.");
        assert_eq!(monitor.flags(), flags);
    }

    #[test]
    fn the_same_hour_is_flagged_again_only_when_it_grows_markedly_worse() {
        let mut monitor = Monitor::new();
        let risks: Vec<f64> = burst(&mut monitor, EXPORT, 2000, 0).iter().map(|f| f.risk).collect();
        assert!(risks.len() <= 5, "{risks:?}");
        assert!(risks.windows(2).all(|w| w[1] > w[0]), "{risks:?}");
        assert!(risks.iter().all(|r| (0.0..=1.0).contains(r)));
    }

    #[test]
    fn refusals_count_only_when_the_role_or_token_was_refused() {
        let refused = Error::new(Code::Forbidden, "No.");
        let absent = Error::new(Code::NotFound, "Gone.");
        for (error, flagged) in [(&refused, true), (&absent, false)] {
            let mut monitor = Monitor::new();
            let flags = (0..12).filter_map(|i| monitor.observe(&owner(), READ, Err(error), i)).count();
            assert_eq!(flags > 0, flagged, "{error}");
        }
    }

    #[test]
    fn a_gallery_is_not_flagged_but_taking_out_every_photo_is() {
        let mut monitor = Monitor::new();
        assert_eq!(burst(&mut monitor, SHOW_PHOTO, 1999, 0), []);
        assert_eq!(burst(&mut monitor, PEOPLE, 60, 0), [], "because photos are counted apart");
        let flags = burst(&mut monitor, SHOW_PHOTO, 1, 0);
        assert_eq!(flags.len(), 1);
        assert_eq!(flags[0].reason, "2000 photos shown in an hour, at most 1000 expected.");
        assert_eq!(burst(&mut Monitor::new(), EXPORT, 20, 0).len(), 1);
    }

    #[test]
    fn plain_reads_never_flag() {
        assert_eq!(burst(&mut Monitor::new(), READ, 100_000, 0), []);
    }

    #[test]
    fn what_is_usual_for_an_actor_is_not_flagged_and_beyond_it_is() {
        let mut used = Monitor::new();
        for hour in 0..40 {
            burst(&mut used, PEOPLE, 100, hour * HOUR);
        }
        let raised = used.flags().len();
        assert_eq!(burst(&mut used, PEOPLE, 130, 40 * HOUR), [], "close to its baseline of 100 an hour");
        assert_eq!(used.flags().len(), raised);
        assert_eq!(burst(&mut used, PEOPLE, 400, 41 * HOUR).len(), 2, "four times the baseline");
        assert_eq!(burst(&mut Monitor::new(), PEOPLE, 130, 0).len(), 1, "130 is unusual for someone new");
    }

    #[test]
    fn the_hour_slides_and_old_acts_fall_out_of_it() {
        let mut monitor = Monitor::new();
        for n in 0..60 {
            let at = n * 6 * 60 * 1000; // ten an hour, for six hours
            assert_eq!(monitor.observe(&owner(), EXPORT, Ok(()), at), None, "at {at}");
        }
        let mut edge = Monitor::new();
        burst(&mut edge, EXPORT, 10, HOUR - 1000);
        assert_eq!(burst(&mut edge, EXPORT, 10, HOUR + 1000).len(), 1, "a full hour must not split a burst");
    }

    #[test]
    fn doors_and_actors_are_judged_apart() {
        let mut monitor = Monitor::new();
        for i in 0..15 {
            for door in [Door::Window, Door::Browser, Door::CommandLine] {
                assert_eq!(monitor.observe(&Actor::owner(door), EXPORT, Ok(()), i), None);
            }
        }
    }

    #[test]
    fn memory_is_bounded_and_a_clock_that_jumps_does_no_harm() {
        let mut monitor = Monitor::new();
        for n in 0..10_000 {
            let who = Actor { name: format!("actor {n}"), role: Role::Owner, door: Door::Browser };
            for _ in 0..21 {
                monitor.observe(&who, EXPORT, Ok(()), n);
            }
        }
        assert_eq!(monitor.habits.len(), ACTORS);
        assert_eq!(monitor.flags().len(), FLAGS);
        for at in [i64::MAX, i64::MIN, 0, -1, i64::MAX] {
            monitor.observe(&owner(), EXPORT, Ok(()), at);
        }
    }
}
