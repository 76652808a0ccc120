//! Whether an odometer reading can be right, given those before and after it.
//!
//! One mistyped digit would make every interval of a vehicle overdue, so a figure that is typed in must fit its neighbours,
//! or be confirmed. What a vehicle itself says is never refused; where it contradicts what came before, the words say so.

mod doubt;

pub(crate) use doubt::{Reading, doubts};

use jiff::tz::TimeZone;
use roadworthy_api::Timestamp;

/// More than anybody drives in a day. A day is also the least that passes between two readings, so that one typed in the
/// evening may follow one of the morning.
pub const KM_PER_DAY: f64 = 3000.0;
/// A figure this many times the one before has a digit too many. Below [`FIRST_KM`] it may well be right.
const TIMES: f64 = 10.0;
/// Kilometres from which [`TIMES`] counts.
const FIRST_KM: f64 = 1000.0;
/// Typed figures are whole kilometres, those of a vehicle tenths.
const ROUNDING_KM: f64 = 1.0;

const DAY_MS: f64 = 86_400_000.0;

/// An odometer reading.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// When.
    pub at: Timestamp,
    /// Kilometres.
    pub km: f64,
    /// As in `typed in`, `read from Engine (PID A6)`.
    pub source: String,
}

impl Point {
    /// As in `135,879 km, read from Engine (PID A6) on 2026-11-20`.
    fn words(&self, zone: &TimeZone) -> String {
        format!("{} km, {} on {}", grouped(self.km), self.source, day(self.at, zone))
    }
}

/// How `km` at `at` contradicts the reading before and the one after, in a sentence; `None`: it fits.
pub fn contradiction(
    (at, km): (Timestamp, f64),
    before: Option<&Point>,
    after: Option<&Point>,
    zone: &TimeZone,
) -> Option<String> {
    let it = grouped(km);
    if let Some(before) = before {
        let words = before.words(zone);
        if km < before.km - ROUNDING_KM {
            return Some(format!("{it} km is below the reading before it: {words}."));
        }
        if before.km >= FIRST_KM && km >= before.km * TIMES {
            return Some(format!("{it} km is more than ten times the reading before it: {words}."));
        }
        if let Some(rate) = too_fast(km - before.km, at.saturating_sub(before.at)) {
            return Some(format!("{it} km means {rate} km a day since the reading before it: {words}."));
        }
    }
    if let Some(after) = after {
        let words = after.words(zone);
        if km > after.km + ROUNDING_KM {
            return Some(format!("{it} km is above the reading after it: {words}."));
        }
        if let Some(rate) = too_fast(after.km - km, after.at.saturating_sub(at)) {
            return Some(format!("{it} km means {rate} km a day up to the reading after it: {words}."));
        }
    }
    None
}

/// What stands beside a reading that is lower than the one before it; `None`: it is not.
pub fn remark(km: f64, before: Option<&Point>, zone: &TimeZone) -> Option<String> {
    let before = before.filter(|before| km < before.km - ROUNDING_KM)?;
    Some(format!("{} km less than the reading before it: {}.", grouped(before.km - km), before.words(zone)))
}

/// Kilometres a day, where nobody drives that far.
fn too_fast(km: f64, ms: i64) -> Option<String> {
    let days = (ms as f64 / DAY_MS).max(1.0);
    (km > KM_PER_DAY * days).then(|| grouped(km / days))
}

fn day(at: Timestamp, zone: &TimeZone) -> String {
    jiff::Timestamp::from_millisecond(at)
        .map_or_else(|_| format!("{at} ms"), |t| t.to_zoned(zone.clone()).date().to_string())
}

/// Whole kilometres with their thousands apart: one digit too many is seen at once.
pub(crate) fn grouped(km: f64) -> String {
    let digits = format!("{km:.0}");
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;
    /// 2026-11-20.
    const T: i64 = 1_795_132_800_000;

    fn at(days: i64, km: f64) -> Point {
        Point { at: T + days * DAY, km, source: "typed in".into() }
    }

    #[test]
    fn a_mistyped_figure_is_told_from_a_believable_one() {
        let check = |before: Option<(i64, f64)>, (days, km): (i64, f64), after: Option<(i64, f64)>, expect: &str| {
            let (before, after) = (before.map(|(d, km)| at(d, km)), after.map(|(d, km)| at(d, km)));
            let got = contradiction((T + days * DAY, km), before.as_ref(), after.as_ref(), &TimeZone::UTC);
            match expect {
                "" => assert_eq!(got, None, "{before:?} {days} {km} {after:?}"),
                part => assert!(got.as_ref().is_some_and(|g| g.contains(part)), "{part} in {got:?}"),
            }
        };
        check(None, (0, 5_000_000.0), None, "");
        check(Some((-1, 135_879.1)), (0, 135_879.0), None, "");
        check(Some((-1, 135_879.1)), (0, 138_879.0), None, "");
        check(Some((-1, 135_879.1)), (0, 138_880.0), None, "3,001 km a day since the reading before it: 135,879 km");
        check(Some((0, 100_000.0)), (0, 102_999.0), None, "");
        check(
            Some((-1, 135_879.1)),
            (0, 135_870.0),
            None,
            "below the reading before it: 135,879 km, typed in on 2026-11-19",
        );
        check(Some((-3650, 12_000.0)), (0, 119_000.0), None, "");
        check(Some((-3650, 12_000.0)), (0, 120_000.0), None, "ten times");
        check(Some((-1, 5.0)), (0, 60.0), None, "");
        check(
            None,
            (0, 135_881.0),
            Some((1, 135_879.1)),
            "above the reading after it: 135,879 km, typed in on 2026-11-21",
        );
        check(None, (0, 135_880.0), Some((1, 135_879.1)), "");
        check(None, (0, 10_000.0), Some((1, 135_879.1)), "125,879 km a day up to the reading after it");
        check(Some((-10, 1000.0)), (0, 1500.0), Some((10, 2000.0)), "");
        // Events of other devices may hold any time.
        let [past, future] = [i64::MIN, i64::MAX].map(|at| Point { at, ..super::tests::at(0, 1000.0) });
        assert_eq!(contradiction((T, 1000.0), Some(&past), Some(&future), &TimeZone::UTC), None);
    }

    #[test]
    fn a_vehicle_that_counts_backwards_is_told_in_words() {
        let before = Point { source: "read from Engine (PID A6)".into(), ..at(0, 1_234_567.0) };
        assert_eq!(
            remark(1_000_000.0, Some(&before), &TimeZone::UTC).as_deref(),
            Some("234,567 km less than the reading before it: 1,234,567 km, read from Engine (PID A6) on 2026-11-20.")
        );
        assert_eq!(remark(1_234_566.5, Some(&before), &TimeZone::UTC), None, "because typed figures are rounded");
        assert_eq!(remark(5.0, None, &TimeZone::UTC), None);
    }
}
