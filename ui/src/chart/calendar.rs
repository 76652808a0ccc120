//! Round moments of the clock and the calendar, as people count them where they are.
//!
//! `ahead` says how many milliseconds local time is ahead of UTC at a moment: the caller knows the time zone, this file does not.

use super::axis::View;
use roadworthy_api::Timestamp;

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
/// A day of 24 hours.
pub(crate) const DAY: i64 = 24 * HOUR;

/// From one round moment to the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// So many milliseconds, less than a day.
    Clock(i64),
    /// So many days from the first of a month on.
    Days(i64),
    /// So many months from January on.
    Months(i64),
    /// So many years.
    Years(i64),
}

const STEPS: [Step; 33] = [
    Step::Clock(100),
    Step::Clock(200),
    Step::Clock(500),
    Step::Clock(SECOND),
    Step::Clock(2 * SECOND),
    Step::Clock(5 * SECOND),
    Step::Clock(10 * SECOND),
    Step::Clock(15 * SECOND),
    Step::Clock(30 * SECOND),
    Step::Clock(MINUTE),
    Step::Clock(2 * MINUTE),
    Step::Clock(5 * MINUTE),
    Step::Clock(10 * MINUTE),
    Step::Clock(15 * MINUTE),
    Step::Clock(30 * MINUTE),
    Step::Clock(HOUR),
    Step::Clock(2 * HOUR),
    Step::Clock(3 * HOUR),
    Step::Clock(6 * HOUR),
    Step::Clock(12 * HOUR),
    Step::Days(1),
    Step::Days(2),
    Step::Days(5),
    Step::Days(10),
    Step::Months(1),
    Step::Months(2),
    Step::Months(3),
    Step::Months(6),
    Step::Years(1),
    Step::Years(2),
    Step::Years(5),
    Step::Years(10),
    Step::Years(50),
];

impl Step {
    /// About how long it is.
    fn length(self) -> i64 {
        match self {
            Self::Clock(ms) => ms,
            Self::Days(n) => n * DAY,
            Self::Months(n) => n * 30 * DAY,
            Self::Years(n) => n * 365 * DAY,
        }
    }
}

/// Round moments of `view` in order, at most one every `apart` pixels, and what lies between them.
pub(crate) fn ticks(view: View, width: f64, apart: f64, ahead: impl Fn(Timestamp) -> i64) -> (Step, Vec<Timestamp>) {
    #[allow(clippy::cast_precision_loss, reason = "a stretch of time against pixels")]
    let fits = |s: &Step| s.length() as f64 >= view.span() as f64 * apart / width.max(1.0);
    let step = STEPS.into_iter().find(fits).unwrap_or(Step::Years(50));
    let (first, last) = (view.from + ahead(view.from), view.to + ahead(view.to));
    let local = match step {
        // An hour more on both sides: the clocks may have been changed in between.
        Step::Clock(ms) => {
            let start = (first - HOUR).div_euclid(ms) * ms;
            (0..).map(|n| start + n * ms).take_while(|t| *t <= last + HOUR).collect()
        }
        Step::Days(n) => days(first, last, n),
        Step::Months(n) => months(first, last, n),
        Step::Years(n) => months(first, last, n * 12),
    };
    let mut found: Vec<Timestamp> = local.into_iter().map(|t| of_local(t, &ahead)).filter(|t| view.holds(*t)).collect();
    found.dedup();
    (step, found)
}

/// The moment at which local clocks show `local`, counted in milliseconds as if it were UTC.
pub(crate) fn of_local(local: i64, ahead: impl Fn(Timestamp) -> i64) -> Timestamp {
    let near = local - ahead(local);
    local - ahead(near)
}

/// Days of each month counted from its first; one close to the next month's first is left out.
fn days(first: i64, last: i64, n: i64) -> Vec<i64> {
    let mut out = Vec::new();
    for start in months(first - 31 * DAY, last, 1) {
        let (year, month, _) = civil(start.div_euclid(DAY));
        let next = number_of(if month == 12 { year + 1 } else { year }, month % 12 + 1, 1) * DAY;
        out.extend((0..).map(|d| start + d * n * DAY).take_while(|t| *t + (n / 2) * DAY < next));
    }
    out
}

/// Firsts of every `n`th month.
fn months(first: i64, last: i64, n: i64) -> Vec<i64> {
    let (year, month, _) = civil(first.div_euclid(DAY));
    let start = (year * 12 + month - 1).div_euclid(n) * n;
    (0..)
        .map(|k| start + k * n)
        .map(|m| number_of(m.div_euclid(12), m.rem_euclid(12) + 1, 1) * DAY)
        .take_while(|t| *t <= last)
        .collect()
}

/// Year, month and day of a day counted from 1970 (proleptic Gregorian calendar).
pub(crate) fn civil(day: i64) -> (i64, i64, i64) {
    // Days since the first of March of the year nought, in eras of 400 years.
    let z = day + 719_468;
    let (era, doe) = (z.div_euclid(146_097), z.rem_euclid(146_097));
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, doy - (153 * mp + 2) / 5 + 1)
}

/// The day counted from 1970; undoes [`civil`].
pub(crate) fn number_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, yoe) = (year.div_euclid(400), year.rem_euclid(400));
    let doy = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(year: i64, month: i64, day: i64) -> i64 {
        number_of(year, month, day) * DAY
    }

    #[test]
    fn days_and_their_numbers_fit_each_other() {
        for day in (-800_000..800_000).step_by(97) {
            let (y, m, d) = civil(day);
            assert_eq!(number_of(y, m, d), day, "{y}-{m}-{d}");
        }
        assert_eq!((civil(0), civil(11_016)), ((1970, 1, 1), (2000, 2, 29)));
    }

    #[test]
    fn ticks_are_round_where_the_person_is() {
        // Five and a half hours ahead of UTC, all year.
        let ahead = |_: i64| 11 * HOUR / 2;
        let here = |y, m, d| at(y, m, d) - 11 * HOUR / 2;
        let start = here(2026, 1, 30);
        for (span, step, expect) in [
            (10 * HOUR, Step::Clock(2 * HOUR), (0..6).map(|n| start + n * 2 * HOUR).collect::<Vec<_>>()),
            (4 * DAY, Step::Days(1), (0..5).map(|n| start + n * DAY).collect()),
            (
                25 * DAY,
                Step::Days(5),
                vec![here(2026, 2, 1), here(2026, 2, 6), here(2026, 2, 11), here(2026, 2, 16), here(2026, 2, 21)],
            ),
            (150 * DAY, Step::Months(1), (2..7).map(|m| here(2026, m, 1)).collect()),
            (1200 * DAY, Step::Years(1), vec![here(2027, 1, 1), here(2028, 1, 1), here(2029, 1, 1)]),
        ] {
            let found = ticks(View { from: start, to: start + span }, 800.0, 130.0, ahead);
            assert_eq!(found, (step, expect), "{} days", span / DAY);
        }
    }

    #[test]
    fn midnight_stays_midnight_when_the_clocks_are_changed() {
        // One hour ahead, two from one o'clock UTC on 29 March 2026.
        let change = at(2026, 3, 29) + HOUR;
        let ahead = |t: i64| if t < change { HOUR } else { 2 * HOUR };
        let (_, found) = ticks(View { from: at(2026, 3, 28), to: at(2026, 3, 31) }, 400.0, 100.0, ahead);
        assert_eq!(found, [at(2026, 3, 28) + 23 * HOUR, at(2026, 3, 29) + 22 * HOUR, at(2026, 3, 30) + 22 * HOUR]);
    }

    #[test]
    fn there_are_never_more_ticks_than_fit() {
        for span in [1_000, 61_000, 3 * HOUR, 40 * HOUR, 9 * DAY, 70 * DAY, 900 * DAY, 40_000 * DAY] {
            let (step, found) = ticks(View { from: at(2024, 2, 27), to: at(2024, 2, 27) + span }, 900.0, 90.0, |_| 0);
            // A month may be three days shorter than it counts.
            assert!(found.len() <= 12, "{span}: {step:?} {}", found.len());
            assert!(found.windows(2).all(|w| w[0] < w[1]));
        }
    }
}
