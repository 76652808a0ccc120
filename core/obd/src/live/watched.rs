//! The chosen signals and what became of each. Pure: judged replies in, samples out.

use super::{Scheduler, Wish, pace};
use crate::{
    check::{
        coverage::{Judged, Silence},
        dialect::Dialect,
    },
    decode::{Decoded, Maxima, Reading},
};
use roadworthy_api::{
    Timestamp,
    check::Outcome,
    live::{LiveValue, Sample, SignalInfo},
};
use std::collections::{BTreeMap, BTreeSet};

/// Unanswered requests in a row after which a signal counts as missing; one may be lost.
const LOST: u32 = 2;

struct Watched {
    id: String,
    ecu: String,
    /// By what its ECU is asked for it, see [`Wish::id`].
    asked: u16,
    name: String,
    /// Unanswered requests in a row.
    failures: u32,
    /// Why it is missing, as last said.
    missing: Option<String>,
}

/// The chosen signals.
#[derive(Default)]
pub(super) struct Chosen {
    signals: Vec<Watched>,
    /// What the ECUs say of their scale.
    scales: BTreeMap<String, Maxima>,
    /// ECUs that set a scale and did not say it, each with the PID that would.
    unscaled: BTreeSet<(String, u8)>,
}

impl Chosen {
    /// Those of `ids` that are available, in that order; what was chosen before keeps its state. `newer` are the ECUs that speak
    /// SAE J1979-2.
    pub(super) fn choose(&mut self, ids: &[String], available: &[SignalInfo], newer: &BTreeSet<String>) {
        let mut old = std::mem::take(&mut self.signals);
        for id in ids {
            if self.signals.iter().any(|s| s.id == *id) {
                continue;
            }
            if let Some(at) = old.iter().position(|s| s.id == *id) {
                self.signals.push(old.swap_remove(at));
            } else if let Some(info) = available.iter().find(|i| i.id == *id)
                && let Ok(pid) = u8::from_str_radix(&info.pid, 16)
            {
                let (id, ecu, name) = (id.clone(), info.ecu.clone(), info.name.clone());
                let asked = if newer.contains(&ecu) { Dialect::Uds } else { Dialect::Obd }.id(pid);
                self.signals.push(Watched { id, ecu, asked, name, failures: 0, missing: None });
            }
        }
    }

    /// With how often each is wanted; without a vehicle to be spared as often as it is answered.
    pub(super) fn wishes(&self, bench: bool) -> Vec<Wish> {
        let every_ms = |id| if bench { 0 } else { pace::period_ms(Dialect::of_id(id).1) };
        let wish = |s: &Watched| Wish { id: s.asked, every_ms: every_ms(s.asked) };
        self.signals.iter().map(wish).collect()
    }

    /// An ECU's answer to one of [`Maxima::PIDS`]; `None`: it has it and gives none.
    pub(super) fn learn(&mut self, ecu: &str, pid: u8, answer: Option<&Decoded>) {
        let Some(decoded) = answer else {
            self.unscaled.insert((ecu.to_owned(), pid));
            return;
        };
        let maxima = self.scales.entry(ecu.to_owned()).or_default();
        for signal in decoded.values().into_iter().flat_map(|v| v.signals.iter()) {
            if let Some(value) = signal.number() {
                maxima.learn(signal.name(), value);
            }
        }
    }

    /// How far the signals reach where their ECU sets the scale.
    pub(super) fn widen(&self, available: &mut [SignalInfo]) {
        for signal in available {
            let (Some(maxima), Ok(pid)) = (self.scales.get(&signal.ecu), u8::from_str_radix(&signal.pid, 16)) else {
                continue;
            };
            signal.range = signal
                .range
                .map(|(least, most)| (maxima.scale(pid, &signal.unit, least), maxima.scale(pid, &signal.unit, most)));
        }
    }

    /// Whether a signal of this PID is chosen.
    pub(super) fn wants(&self, pid: u8) -> bool {
        self.signals.iter().any(|s| Dialect::of_id(s.asked).1 == pid)
    }

    /// What a request for `ids` brought. `None` where the answer to several may not be used.
    pub(super) fn take(
        &mut self,
        ids: &[u16],
        judged: &Judged,
        at: Timestamp,
        scheduler: &mut Scheduler,
    ) -> Option<Vec<Sample>> {
        let count = |ecu: &str, id: u16| {
            let of_ecu = judged.read.iter().filter(|r| r.ecu == ecu).filter_map(|r| r.decoded.values());
            of_ecu.flat_map(|v| v.signals.iter()).filter(|s| s.id == id).count()
        };
        match ids {
            [id] => {
                for read in &judged.read {
                    scheduler.answered_alone(&read.ecu, *id, count(&read.ecu, *id));
                }
            }
            several => {
                if !scheduler.answered_together(several, judged.clean(), count) {
                    return None;
                }
            }
        }
        let mut samples = Vec::new();
        for id in ids {
            let (mut answered, pid) = (false, Dialect::of_id(*id).1);
            for signal in self.signals.iter_mut().filter(|s| s.asked == *id) {
                let value = value(signal, judged).and_then(|read| match read {
                    Read::Word(text) => Ok(LiveValue::Word { text }),
                    Read::Number(value, unit) => {
                        let source = Maxima::source(pid, unit);
                        if source.is_some_and(|source| self.unscaled.contains(&(signal.ecu.clone(), source))) {
                            return Err(Absent::Told(UNSCALED.into()));
                        }
                        let scaled = self.scales.get(&signal.ecu).map_or(value, |m| m.scale(pid, unit, value));
                        Ok(LiveValue::Number { value: scaled })
                    }
                });
                answered |= value.is_ok();
                samples.extend(signal.settle(value, at));
            }
            scheduler.settled(*id, answered);
        }
        Some(samples)
    }
}

const UNSCALED: &str = "The ECU sets the scale of this value itself, and did not say it.";

/// What an ECU gave.
enum Read {
    /// In the usual scale, with its unit.
    Number(f64, &'static str),
    Word(String),
}

/// Why there is no value.
enum Absent {
    /// Said by the ECU: believed at once.
    Told(String),
    /// Might have been lost on the way.
    Unheard(String),
}

/// The signal's value, if its ECU gave one.
fn value(signal: &Watched, judged: &Judged) -> Result<Read, Absent> {
    let mut answered = false;
    for read in judged.read.iter().filter(|r| r.ecu == signal.ecu) {
        answered = true;
        let signals = read.decoded.values().into_iter().flat_map(|v| v.signals.iter());
        let mut own = signals.filter(|s| s.id == signal.asked && s.name() == signal.name);
        match own.next().map(|s| &s.reading) {
            Some(Reading::Number(value, unit)) => return Ok(Read::Number(*value, unit)),
            Some(Reading::Enumerated(_, text)) => return Ok(Read::Word((*text).to_owned())),
            Some(Reading::Flag(on)) => return Ok(Read::Word(if *on { "yes" } else { "no" }.to_owned())),
            Some(Reading::Text(text)) => return Ok(Read::Word(text.clone())),
            Some(Reading::Raw(_)) | None => {}
        }
    }
    Err(match judged.outcome(&signal.ecu, &Silence::Counts) {
        Some(Outcome::Refused { meaning, .. }) => Absent::Told(format!("The ECU refuses it ({meaning}).")),
        Some(Outcome::Unreadable { reason }) => Absent::Unheard(reason),
        _ if answered => Absent::Told("The ECU marks it as not available.".into()),
        _ => Absent::Unheard("The ECU does not answer.".into()),
    })
}

impl Watched {
    /// The sample to show, if there is one: a value always, an absence when it is new.
    fn settle(&mut self, value: Result<LiveValue, Absent>, at: Timestamp) -> Option<Sample> {
        let why = match value {
            Ok(value) => {
                (self.failures, self.missing) = (0, None);
                return Some(Sample { signal: self.id.clone(), at, value });
            }
            Err(Absent::Unheard(_)) if self.failures + 1 < LOST => {
                self.failures += 1;
                return None;
            }
            Err(Absent::Told(why) | Absent::Unheard(why)) => why,
        };
        self.failures = self.failures.saturating_add(1);
        if self.missing.as_ref() == Some(&why) {
            return None;
        }
        self.missing = Some(why.clone());
        Some(Sample { signal: self.id.clone(), at, value: LiveValue::Missing { missing: why } })
    }
}
