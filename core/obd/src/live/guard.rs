//! What a live session tells the governor: whether the engine runs, whether anything changes, which codes there are. Pure.

use crate::{
    adapter::governor::Governor,
    check::{coverage::Judged, dialect::Dialect},
    decode::Reading,
};
use roadworthy_api::live::{LiveValue, Sample, SignalInfo};
use std::collections::HashMap;

/// Engine speed, as a PID.
pub(super) const SPEED: u8 = 0x0C;
/// Milliseconds between two looks at the engine speed, where nobody chose it.
pub(super) const SPEED_MS: u64 = 30_000;
/// Milliseconds between two looks at the pending codes.
pub(super) const CODES_MS: u64 = 120_000;
/// Part of its range by which a value must move to count as changed: sensors at rest tremble.
const TREMBLE: f64 = 0.02;

/// Values as they were when they last changed for good.
pub(super) struct Guard {
    held: HashMap<String, LiveValue>,
    spoke: u64,
    codes: Option<u64>,
}

impl Guard {
    pub(super) fn new(now: u64) -> Self {
        Self { held: HashMap::new(), spoke: now, codes: None }
    }

    /// Whether the engine speed should be asked for by itself.
    pub(super) fn wants_speed(&self, now: u64) -> bool {
        now.saturating_sub(self.spoke) >= SPEED_MS
    }

    /// Whether the pending codes should be asked for.
    pub(super) fn wants_codes(&self, now: u64) -> bool {
        self.codes.is_none_or(|at| now.saturating_sub(at) >= CODES_MS)
    }

    /// The codes were asked for.
    pub(super) fn asked_codes(&mut self, now: u64) {
        self.codes = Some(now);
    }

    /// The engine speed was asked for: whatever came of it, not again at once.
    pub(super) fn asked_speed(&mut self, now: u64) {
        self.spoke = now;
    }

    /// Takes the engine speed from replies that hold it.
    pub(super) fn speed(&mut self, judged: &Judged, now: u64, governor: &mut Governor) {
        let values = judged.read.iter().filter_map(|r| r.decoded.values()).flat_map(|v| v.signals.iter());
        let speed = [Dialect::Obd, Dialect::Uds].map(|dialect| dialect.id(SPEED));
        for signal in values.filter(|s| speed.contains(&s.id)) {
            if let Reading::Number(rpm, _) = signal.reading {
                self.spoke = now;
                governor.speed(rpm);
            }
        }
    }

    /// Takes new samples.
    pub(super) fn samples(&mut self, samples: &[Sample], available: &[SignalInfo], now: u64, governor: &mut Governor) {
        for sample in samples {
            let range = available.iter().find(|s| s.id == sample.signal).and_then(|s| s.range);
            let same = self.held.get(&sample.signal).is_some_and(|held| same(held, &sample.value, range));
            if !same {
                // The first value of all is no change.
                if self.held.insert(sample.signal.clone(), sample.value.clone()).is_some() {
                    governor.changed(now);
                }
            }
        }
    }
}

fn same(one: &LiveValue, other: &LiveValue, range: Option<(f64, f64)>) -> bool {
    match (one, other) {
        (LiveValue::Number { value: one }, LiveValue::Number { value: other }) => {
            let span = range.map_or_else(|| one.abs().max(other.abs()), |(least, most)| most - least);
            (one - other).abs() <= span * TREMBLE
        }
        _ => one == other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trembling_sensor_is_no_change_and_a_moving_one_is() {
        let number = |value| LiveValue::Number { value };
        let word = |text: &str| LiveValue::Word { text: text.into() };
        for (one, other, range, expect) in [
            (number(12.4), number(12.5), Some((0.0, 65.5)), true),
            (number(800.0), number(2000.0), Some((0.0, 16383.75)), false),
            (number(0.0), number(5.0), None, false),
            (number(100.0), number(101.0), None, true),
            (word("yes"), word("yes"), None, true),
            (word("yes"), word("no"), None, false),
            (word("yes"), number(1.0), None, false),
        ] {
            assert_eq!(same(&one, &other, range), expect, "{one:?} {other:?}");
        }
    }
}
