//! Acquisition: which readings cannot be right, and why. Pure; nothing is dropped or changed, only flagged.
//!
//! The usual case: [`of_report`] for a check, [`Watch`] for values over time, a recording or an imported file alike. Each
//! signal and kind of flaw is flagged once per source. What is flagged raises no finding: see [`distrusted`].
//!
//! | kind | when |
//! |---|---|
//! | `unit` | the unit is not the signal's |
//! | `range` | outside of what can be (`table`), the ends that broken wires show among them |
//! | `jump` | faster than anything of its kind can change (`table`) |
//! | `stuck` | unchanged while the running engine must move it |
//! | `repeated` | the same signal, time and value again |
//! | `contradicts` | it cannot be true together with something else that was read |

mod report;
mod table;

pub(crate) use report::{numbers, of_report};

use crate::journal::kind::ReadingFlag;
use roadworthy_api::Timestamp;
use std::collections::BTreeMap;

/// One value of one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seen<'a> {
    /// Machine name, as in `engine_rpm`.
    pub(crate) name: &'a str,
    /// Whose; empty where a file does not say.
    pub(crate) ecu: &'a str,
    /// Unit; `None`: it came without one.
    pub(crate) unit: Option<&'a str>,
    pub(crate) at: Timestamp,
    pub(crate) value: f64,
}

/// Most signals of one source that are watched over time; more are judged by range only.
const MOST: usize = 256;
/// A gap after which a change of any size is possible.
const GAP_MS: i64 = 30_000;
/// How long a value of another signal speaks for the present.
const FRESH_MS: i64 = 5_000;
/// How long something must stand still to be called stuck, and in how many samples.
const STUCK_MS: i64 = 20_000;
const STUCK_SAMPLES: u32 = 20;
/// How long an engine may run with coolant that is cold and does not warm by a single degree.
const COLD_MS: i64 = 600_000;
/// How long a contradiction must stand: values of one moment are read one after the other.
const STANDS_MS: i64 = 10_000;
/// Engine speed from which it is called running: below are cranking and standing engines.
pub(crate) const RUNNING: f64 = 500.0;
/// How long nothing of a signal is believed after it jumped.
const SHAKEN_MS: i64 = 10_000;

/// What is remembered of one signal.
#[derive(Clone, Debug)]
struct Track {
    /// What is known of it: found once, since it is looked at for every value.
    bound: Option<&'static table::Bound>,
    moves_with: Option<&'static (&'static str, &'static str, f64)>,
    begun: bool,
    at: Timestamp,
    value: f64,
    /// Since when it has this value, in how many samples, and how far the other signal has moved meanwhile.
    since: Timestamp,
    same: u32,
    other: Option<(f64, f64)>,
    /// Until when it is not believed.
    doubted: Timestamp,
}

/// Watches the values of one source in the order of time. Bounded: one small record per signal.
#[derive(Clone, Debug, Default)]
pub(crate) struct Watch {
    hybrid: bool,
    tracks: Vec<Track>,
    /// Places in `tracks` by signal and ECU.
    places: BTreeMap<String, BTreeMap<String, usize>>,
    /// Of each of [`NEWEST`].
    newest: [Option<(Timestamp, f64)>; NEWEST.len()],
    /// Since when a contradiction stands.
    standing: BTreeMap<&'static str, Timestamp>,
    /// What was found; `None`: it has been said.
    flags: BTreeMap<Flaw, Option<ReadingFlag>>,
}

/// Signals that others are judged by.
const NEWEST: [&str; 4] = ["engine_rpm", "vehicle_speed", "ambient_air_temperature", "intake_air_temperature"];

/// Signal, ECU, kind.
type Flaw = (String, String, &'static str);

impl Watch {
    /// `hybrid`: its engine may rest while it drives.
    pub(crate) fn new(hybrid: bool) -> Self {
        Self { hybrid, ..Self::default() }
    }

    /// The place of a signal, for [`Watch::offer_at`]; `None`: there are too many to remember.
    pub(crate) fn place(&mut self, name: &str, ecu: &str) -> Option<usize> {
        if let Some(place) = self.places.get(name).and_then(|ecus| ecus.get(ecu)) {
            return Some(*place);
        }
        let place = self.tracks.len();
        if place >= MOST {
            return None;
        }
        self.places.entry(name.to_owned()).or_default().insert(ecu.to_owned(), place);
        self.tracks.push(Track {
            bound: table::find(name),
            moves_with: table::MOVES_WITH.iter().find(|(own, ..)| *own == name),
            begun: false,
            at: 0,
            value: 0.0,
            since: 0,
            same: 0,
            other: None,
            doubted: i64::MIN,
        });
        Some(place)
    }

    /// Takes a value in. Whether it may be believed.
    pub(crate) fn offer(&mut self, seen: Seen<'_>) -> bool {
        let place = self.place(seen.name, seen.ecu);
        self.offer_at(place, seen)
    }

    /// The same for a signal whose place was asked for before.
    pub(crate) fn offer_at(&mut self, place: Option<usize>, seen: Seen<'_>) -> bool {
        let bound = match place.and_then(|place| self.tracks.get(place)) {
            Some(track) => track.bound,
            None => table::find(seen.name),
        };
        if let Some(bound) = bound {
            if seen.unit.is_some_and(|unit| unit != bound.unit) {
                let unit = seen.unit.unwrap_or_default();
                self.flag(seen, "unit", || format!("{} came in {unit:?}, not in {}.", called(seen.name), bound.unit));
                return false;
            }
            if let Some(why) = out_of_range(bound, seen.value) {
                let value = || number(seen.value);
                self.flag(seen, "range", || format!("{} reads {} {}: {why}.", called(bound.name), value(), bound.unit));
                return false;
            }
        } else if !seen.value.is_finite() {
            self.flag(seen, "range", || format!("{} is not a number.", called(seen.name)));
            return false;
        }
        let trusted = self.over_time(place, seen, bound);
        for (name, newest) in NEWEST.iter().zip(&mut self.newest) {
            if *name == seen.name {
                *newest = Some((seen.at, seen.value));
            }
        }
        self.contradictions(place, seen);
        trusted && !self.doubted(place, seen)
    }

    /// Has been said already, as before a restart: it is not said again.
    pub(crate) fn knows(&mut self, signal: &str, ecu: &str, what: &str) {
        if let Some(what) = KINDS.iter().find(|kind| **kind == what) {
            self.flags.insert((signal.to_owned(), ecu.to_owned(), *what), None);
        }
    }

    /// New flags since this was asked last.
    pub(crate) fn take(&mut self) -> Vec<ReadingFlag> {
        self.flags.values_mut().filter_map(Option::take).collect()
    }

    /// A signal may be wrong in every value of a long file: the reason is put in words once.
    fn flag(&mut self, seen: Seen<'_>, what: &'static str, reason: impl FnOnce() -> String) {
        let flaw = (seen.name.to_owned(), seen.ecu.to_owned(), what);
        match self.flags.get_mut(&flaw) {
            Some(Some(pending)) => pending.samples += 1,
            Some(None) => {}
            None => {
                let (signal, ecu) = (seen.name.to_owned(), seen.ecu.to_owned());
                let flag =
                    ReadingFlag { signal, ecu, what: what.to_owned(), reason: reason(), at: seen.at, samples: 1 };
                self.flags.insert(flaw, Some(flag));
            }
        }
    }

    /// Jumps, repeats, and what stands still; `false`: not to be believed.
    fn over_time(&mut self, place: Option<usize>, seen: Seen<'_>, bound: Option<&table::Bound>) -> bool {
        let other = self.other(place, seen);
        let Some(track) = place.and_then(|place| self.tracks.get_mut(place)) else { return true };
        if !track.begun {
            track.begun = true;
            (track.at, track.value, track.since, track.same) = (seen.at, seen.value, seen.at, 1);
            track.other = other.map(|o| (o, o));
            return true;
        }
        let before = track.clone();
        if seen.at == before.at && seen.value == before.value {
            self.flag(seen, "repeated", || format!("{} came twice with the same time and value.", called(seen.name)));
            return false;
        }
        if before.value != seen.value {
            (track.since, track.same, track.other) = (seen.at, 1, other.map(|o| (o, o)));
        } else {
            track.same += 1;
            track.other = match (track.other, other) {
                (Some((least, most)), Some(o)) => Some((least.min(o), most.max(o))),
                // What the other signal does is not known all the time.
                _ => None,
            };
        }
        (track.at, track.value) = (seen.at, seen.value);
        let passed = seen.at.saturating_sub(before.at);
        let change = (seen.value - before.value).abs();
        if let Some(rate) = bound.and_then(|b| b.rate)
            && (0..=GAP_MS).contains(&passed)
        {
            // Values come with the time of the reply, and some loggers write several rows for one: never less than a second.
            let seconds = (passed as f64 / 1000.0).max(1.0);
            if change > rate * seconds {
                track.doubted = seen.at.saturating_add(SHAKEN_MS);
                self.flag(seen, "jump", || {
                    let (name, unit) = (called(seen.name), bound.map_or("", |b| b.unit));
                    let inert = bound.map_or("", |b| b.inert);
                    let (from, to) = (number(before.value), number(seen.value));
                    format!("{name} went from {from} to {to} {unit} within {seconds:.1} s: {inert}.")
                });
                return false;
            }
        }
        self.stuck(place, seen);
        true
    }

    /// The newest value of the signal that this one must move with, if there is one and it is fresh.
    fn other(&self, place: Option<usize>, seen: Seen<'_>) -> Option<f64> {
        let (_, with, _) = place.and_then(|place| self.tracks.get(place))?.moves_with?;
        let value = self.now(with, seen.at)?;
        // A standing engine moves nothing.
        self.running(seen.at).then_some(value)
    }

    fn running(&self, at: Timestamp) -> bool {
        self.now("engine_rpm", at).is_some_and(|rpm| rpm >= RUNNING)
    }

    fn now(&self, name: &str, at: Timestamp) -> Option<f64> {
        let (seen, value) = NEWEST.iter().zip(self.newest).find(|(own, _)| **own == name)?.1?;
        (at.saturating_sub(seen) <= FRESH_MS).then_some(value)
    }

    fn stuck(&mut self, place: Option<usize>, seen: Seen<'_>) {
        let running = self.running(seen.at);
        let Some(track) = place.and_then(|place| self.tracks.get_mut(place)) else { return };
        let still = seen.at.saturating_sub(track.since);
        if seen.name == "coolant_temperature" {
            if !running {
                (track.since, track.same) = (seen.at, 1);
            } else if still >= COLD_MS && seen.value < 60.0 {
                track.doubted = i64::MAX;
                let minutes = still / 60_000;
                let reason = || {
                    format!(
                        "Engine coolant has been at exactly {} °C for {minutes} min with the engine running: a running engine warms it.",
                        number(seen.value)
                    )
                };
                self.flag(seen, "stuck", reason);
            }
            return;
        }
        let Some((_, with, swing)) = track.moves_with else { return };
        if let Some((least, most)) = track.other
            && most - least >= *swing
            && still >= STUCK_MS
            && track.same >= STUCK_SAMPLES
        {
            track.doubted = i64::MAX;
            let reason = || {
                format!(
                    "{} stayed at exactly {} for {} s while {} went from {} to {}.",
                    called(seen.name),
                    number(seen.value),
                    still / 1000,
                    called(with).to_lowercase(),
                    number(least),
                    number(most)
                )
            };
            self.flag(seen, "stuck", reason);
        }
    }

    fn contradictions(&mut self, place: Option<usize>, seen: Seen<'_>) {
        if seen.name == "engine_rpm"
            && let (Some(rpm), Some(speed)) = (self.now("engine_rpm", seen.at), self.now("vehicle_speed", seen.at))
        {
            let odd = !self.hybrid && rpm == 0.0 && speed > 30.0;
            if self.stands("rolls", odd, seen.at) {
                let reason = || {
                    format!(
                        "Engine speed is 0 rpm at {} km/h: one of them is wrong, or the vehicle coasts with its engine off.",
                        number(speed)
                    )
                };
                self.flag(seen, "contradicts", reason);
            }
        }
        if seen.name == "intake_air_temperature"
            && let (Some(intake), Some(outside)) =
                (self.now("intake_air_temperature", seen.at), self.now("ambient_air_temperature", seen.at))
        {
            // Fuel that evaporates ahead of the sensor cools the air by some degrees; none has it ahead by this much.
            let odd = intake < outside - 15.0;
            if self.stands("cold", odd, seen.at) {
                if let Some(track) = place.and_then(|place| self.tracks.get_mut(place)) {
                    track.doubted = i64::MAX;
                }
                let reason = || {
                    let (intake, outside) = (number(intake), number(outside));
                    format!(
                        "Intake air is {intake} °C and the air outside {outside} °C: it cannot be that much colder."
                    )
                };
                self.flag(seen, "contradicts", reason);
            }
        }
    }

    /// Whether a contradiction has stood for long enough.
    fn stands(&mut self, which: &'static str, odd: bool, at: Timestamp) -> bool {
        if !odd {
            self.standing.remove(which);
            return false;
        }
        at.saturating_sub(*self.standing.entry(which).or_insert(at)) >= STANDS_MS
    }

    fn doubted(&self, place: Option<usize>, seen: Seen<'_>) -> bool {
        place.and_then(|place| self.tracks.get(place)).is_some_and(|t| seen.at < t.doubted)
    }
}

/// Whether anything is known of a signal that its values could contradict.
pub(crate) fn judges(name: &str) -> bool {
    table::find(name).is_some() || table::MOVES_WITH.iter().any(|(signal, with, _)| *signal == name || *with == name)
}

/// Every kind of flaw.
const KINDS: &[&str] = &["unit", "range", "jump", "stuck", "repeated", "contradicts"];

/// Whether these flags take a signal's values out of what findings may rest on. One that came twice is still true.
pub(crate) fn distrusted(flags: &[ReadingFlag], signal: &str, ecu: &str) -> bool {
    flags.iter().any(|f| f.signal == signal && f.ecu == ecu && f.what != "repeated")
}

/// Why a value cannot be.
fn out_of_range(bound: &table::Bound, value: f64) -> Option<&'static str> {
    let (least, most) = bound.range;
    Some(match value {
        v if !v.is_finite() => "that is not a number",
        v if v < least => bound.low,
        v if v > most => bound.high,
        v => bound.end.filter(|(end, _)| v == *end)?.1,
    })
}

/// A machine name for people: `engine_rpm` reads `Engine speed`.
pub(crate) fn called(name: &str) -> String {
    match name {
        "engine_rpm" => "Engine speed".into(),
        name => crate::verdict::sentence(&name.replace('_', " ")),
    }
}

/// With at most two digits after the point, and none that say nothing.
pub(crate) fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

#[cfg(test)]
mod tests;
