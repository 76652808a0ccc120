//! What is flagged, and why, in tables of readings.

use super::*;
use proptest::prelude::*;

/// 2024-01-01.
const T: i64 = 1_704_067_200_000;
const DAY: i64 = 86_400_000;

fn reading(day: i64, value: f64, unit: MeterUnit, n: usize) -> Reading {
    let from = T + day * DAY;
    let date = jiff::Timestamp::from_millisecond(from).unwrap().to_zoned(jiff::tz::TimeZone::UTC).date();
    Reading {
        from,
        until: from + DAY - 1,
        day: date.to_string(),
        meter: Meter { value, unit },
        source: format!("line {n}"),
        known: false,
        itself: false,
    }
}

fn of(unit: MeterUnit, days: &[(i64, f64)]) -> Vec<Reading> {
    days.iter().enumerate().map(|(n, (day, value))| reading(*day, *value, unit, n + 2)).collect()
}

fn found(readings: &[Reading]) -> Vec<(usize, OdometerDoubt)> {
    let flags = doubts(readings, T + 40_000 * DAY);
    assert_eq!(flags.len(), readings.len());
    flags.iter().enumerate().filter_map(|(n, f)| Some((n, f.as_ref()?.what))).collect()
}

#[test]
fn each_kind_of_mistake_is_told_from_the_others() {
    use OdometerDoubt::{Above, Below, Contradicts, ExtraDigit, Jump, MissingDigit, Replaced, Unit};
    let km = MeterUnit::Km;
    let check = |days: &[(i64, f64)], expect: &[(usize, OdometerDoubt)]| {
        assert_eq!(found(&of(km, days)), expect, "{days:?}");
    };
    check(&[], &[]);
    check(&[(0, 5_000_000.0)], &[]);
    check(&[(0, 100.0), (30, 1500.0), (60, 3000.0), (60, 2990.0)], &[]);
    // A digit too many (lubelog #1466), a digit too few, two of them swapped.
    check(&[(0, 190_000.0), (90, 194_000.0), (180, 199_105.0), (200, 1_999_105.0)], &[(3, ExtraDigit)]);
    check(&[(0, 190_000.0), (90, 1_944_000.0), (180, 199_105.0), (200, 199_500.0)], &[(1, ExtraDigit)]);
    check(&[(0, 190_000.0), (90, 19_400.0), (180, 199_105.0), (200, 199_500.0)], &[(1, MissingDigit)]);
    check(&[(0, 45_100.0), (90, 54_900.0), (100, 46_000.0), (180, 47_000.0)], &[(1, Above)]);
    check(&[(0, 45_100.0), (90, 46_000.0), (100, 46_100.0), (180, 45_900.0), (190, 47_000.0)], &[(3, Below)]);
    // Further than anybody drives.
    check(&[(0, 45_100.0), (10, 45_500.0), (11, 60_000.0), (12, 45_700.0)], &[(2, Above)]);
    check(&[(0, 45_100.0), (10, 45_500.0), (20, 46_000.0), (21, 88_888.0)], &[(3, Jump)]);
    // Miles in a column of kilometres.
    check(&[(0, 100_000.0), (90, 105_000.0), (180, 68_000.0), (270, 115_000.0)], &[(2, Unit)]);
    check(
        &[(0, 100_000.0), (90, 105_000.0), (180, 108_000.0), (270, 69_000.0), (360, 71_000.0)],
        &[(3, Unit), (4, Unit)],
    );
    // A new instrument.
    check(
        &[
            (0, 150_000.0),
            (90, 155_000.0),
            (180, 160_000.0),
            (250, 163_000.0),
            (270, 12.0),
            (360, 4000.0),
            (450, 9000.0),
        ],
        &[(4, Replaced), (5, Replaced), (6, Replaced)],
    );
    check(
        &[(0, 150_000.0), (90, 155_000.0), (180, 160_000.0), (270, 12.0), (360, 4000.0), (450, 9000.0), (500, 9900.0)],
        &[(0, Replaced), (1, Replaced), (2, Replaced)],
    );
    // Two that contradict each other, and nothing that speaks for either.
    check(&[(0, 50_000.0), (30, 40_000.0)], &[(0, Contradicts), (1, Contradicts)]);
}

#[test]
fn a_correction_is_proposed_only_where_it_fits_between_its_neighbours() {
    use OdometerDoubt::{Above, Below, ExtraDigit, MissingDigit, Unit};
    let check = |unit, days: &[(i64, f64)], at: usize, what, not: &str| {
        let flags = doubts(&of(unit, days), T + 40_000 * DAY);
        let flag = flags[at].as_ref().unwrap_or_else(|| panic!("{days:?} is not flagged"));
        assert_eq!(flag.what, what, "{days:?}: {}", flag.reason);
        assert!(!flag.reason.contains(not), "{}", flag.reason);
    };
    let (km, mi) = (MeterUnit::Km, MeterUnit::Mi);
    // Without its first digit 20,210 is 0210, which is two digits less; and 2,210 mi are no story of this vehicle either.
    check(mi, &[(0, 20_210.0), (90, 9_500.0), (180, 9_900.0), (270, 10_300.0)], 0, Above, "digit");
    // Before 110,000 km nearly anything is lower: 90,000 km three months earlier would be five times this vehicle's pace.
    check(km, &[(0, 190_000.0), (90, 110_000.0), (180, 114_000.0), (270, 118_000.0)], 0, Above, "digit");
    check(km, &[(0, 1_097_000.0), (90, 110_000.0), (180, 114_000.0), (270, 118_000.0)], 0, ExtraDigit, "#");
    check(km, &[(0, 110_000.0), (90, 114_000.0), (180, 118_000.0), (270, 12_000.0)], 3, MissingDigit, "#");
    check(km, &[(0, 110_000.0), (90, 114_000.0), (180, 118_000.0), (181, 19_999.0)], 3, Below, "digit");
    // As miles it would be 36,000 km in ten days.
    check(km, &[(0, 110_000.0), (90, 114_000.0), (180, 118_000.0), (190, 96_000.0)], 3, Below, "miles");
    check(km, &[(0, 110_000.0), (90, 114_000.0), (180, 118_000.0), (270, 75_500.0)], 3, Unit, "#");
}

#[test]
fn a_change_from_miles_to_kilometres_is_seen_though_nothing_goes_back() {
    let days = [
        (0, 60_000.0),
        (90, 61_000.0),
        (180, 62_000.0),
        (270, 63_000.0),
        (360, 64_000.0),
        (400, 104_000.0),
        (490, 105_600.0),
    ];
    let miles: Vec<usize> = found(&of(MeterUnit::Mi, &days)).into_iter().map(|(n, _)| n).collect();
    assert_eq!(miles, [5, 6], "because in miles the later ones are the strange ones");
    let km: Vec<usize> = found(&of(MeterUnit::Km, &days)).into_iter().map(|(n, _)| n).collect();
    assert_eq!(km, [0, 1, 2, 3, 4], "because in kilometres the earlier ones are");
}

#[test]
fn what_is_known_is_not_judged_again_and_speaks_against_the_new() {
    let mut readings = of(MeterUnit::Km, &[(0, 100_000.0), (30, 101_000.0), (40, 140_000.0)]);
    readings[1].known = true;
    readings[1].itself = true;
    readings[1].source = "read from Engine (PID A6)".into();
    let flags = doubts(&readings, T + 4000 * DAY);
    assert!(flags[0].is_none() && flags[1].is_none());
    let flag = flags[2].as_ref().unwrap();
    assert!(flag.reason.contains("101,000 km (read from Engine (PID A6), 2024-01-31)"), "{}", flag.reason);
    assert_eq!(flag.evidence[0].km, 101_000.0);
}

#[test]
fn the_reason_names_the_figures() {
    let flags = doubts(
        &of(MeterUnit::Km, &[(0, 100_000.0), (90, 105_000.0), (180, 68_000.0), (270, 115_000.0)]),
        T + 400 * DAY,
    );
    assert_eq!(
        flags[2].as_ref().unwrap().reason,
        "68,000 km does not fit, but the figure does as miles: 68,000 mi are 109,435 km, between 105,000 km (line 3, 2024-03-31) \
         and 115,000 km (line 5, 2024-09-27)."
    );
    let flags = doubts(&of(MeterUnit::Km, &[(0, 1000.0), (500, 2000.0)]), T + 400 * DAY);
    assert_eq!(flags[1].as_ref().map(|f| f.what), Some(OdometerDoubt::Future));
    assert!(flags[0].is_none());
}

proptest! {
    #[test]
    fn nothing_makes_it_panic_and_an_honest_story_is_never_flagged(
        steps in proptest::collection::vec((0..200i64, 0.0..2000.0f64), 0..40),
        noise in proptest::collection::vec((any::<i32>(), 0.0..5_000_000.0f64), 0..12),
    ) {
        let (mut day, mut km, mut honest) = (0, 0.0f64, Vec::new());
        for (days, more) in steps {
            day += days;
            // At most what is driven in a day without a second look, and no tenfold of a long way.
            let most = if km >= FIRST_KM { km * 8.0 } else { f64::MAX };
            km = (km + more.min(250.0 * days.max(1) as f64)).min(most);
            honest.push((day, km.round()));
        }
        prop_assert_eq!(found(&of(MeterUnit::Km, &honest)).len(), 0, "{:?}", honest);
        let wild: Vec<(i64, f64)> = noise.into_iter().map(|(d, km)| (i64::from(d % 4000), km)).collect();
        let readings = of(MeterUnit::Mi, &[honest, wild].concat());
        for (flag, reading) in doubts(&readings, T + 2000 * DAY).iter().zip(&readings) {
            if let Some(flag) = flag {
                prop_assert!(!flag.reason.is_empty() && flag.evidence.len() < 4);
                prop_assert!(!reading.known);
            }
        }
    }
}
