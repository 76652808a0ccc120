//! Axes: the stretch of time that is looked at, and scales of round numbers.

use roadworthy_api::Timestamp;

/// Shortest stretch that can be zoomed to, in milliseconds.
pub(crate) const LEAST: i64 = 1_000;
/// Longest stretch of live values that can be zoomed to, in milliseconds.
pub(crate) const MOST: i64 = 3_600_000;

/// A stretch of time, in milliseconds since 1970.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct View {
    /// Left end.
    pub(crate) from: Timestamp,
    /// Right end, later than the left one.
    pub(crate) to: Timestamp,
}

#[allow(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "stretches of hours in milliseconds, and pixels of a screen"
)]
impl View {
    /// The last `span` before `to`.
    pub(crate) fn until(to: Timestamp, span: i64) -> Self {
        Self { from: to - span.max(1), to }
    }

    /// How long it is, never nought.
    pub(crate) fn span(self) -> i64 {
        (self.to - self.from).max(1)
    }

    /// Where a moment stands on `width`.
    pub(crate) fn x(self, at: Timestamp, width: f64) -> f64 {
        (at - self.from) as f64 / self.span() as f64 * width
    }

    /// The moment at `x` of `width`.
    pub(crate) fn at(self, x: f64, width: f64) -> Timestamp {
        self.from + (x / width.max(1.0) * self.span() as f64).round() as i64
    }

    /// Milliseconds of one column of pixels, at least one.
    pub(crate) fn column(self, width: f64) -> i64 {
        (self.span() as f64 / width.max(1.0)).ceil().max(1.0) as i64
    }

    /// Longer by `factor` (shorter below 1) up to `most`, with `about` staying where it is on screen.
    pub(crate) fn zoom(self, about: Timestamp, factor: f64, most: i64) -> Self {
        let span = ((self.span() as f64 * factor) as i64).clamp(LEAST, most.max(LEAST));
        let share = (about - self.from) as f64 / self.span() as f64;
        let from = about - (share * span as f64).round() as i64;
        Self { from, to: from + span }
    }

    /// Moved by so many milliseconds.
    pub(crate) fn moved(self, by: i64) -> Self {
        Self { from: self.from + by, to: self.to + by }
    }

    /// No longer than `most`, no shorter than can be zoomed to, and moved so that a tenth of it at least is within `from..to`.
    pub(crate) fn within(self, from: Timestamp, to: Timestamp, most: i64) -> Self {
        let span = self.span().clamp(LEAST, most.max(LEAST));
        let start = self.from + (self.span() - span) / 2;
        let start = start.clamp(from - span / 10 * 9, (to - span / 10).max(from - span / 10 * 9));
        Self { from: start, to: start + span }
    }

    /// Longer by `share` of itself on both sides.
    pub(crate) fn wider(self, share: f64) -> Self {
        let more = (self.span() as f64 * share) as i64;
        Self { from: self.from - more, to: self.to + more }
    }

    /// Whether all of `other` is in it.
    pub(crate) fn covers(self, other: Self) -> bool {
        self.from <= other.from && other.to <= self.to
    }

    /// Whether a moment is in it.
    pub(crate) fn holds(self, at: Timestamp) -> bool {
        (self.from..=self.to).contains(&at)
    }

    /// Round moments in it, at most one every `apart` pixels.
    pub(crate) fn ticks(self, width: f64, apart: f64) -> Vec<Timestamp> {
        const STEPS: [i64; 18] = [
            100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000, 600_000, 900_000,
            1_800_000, 3_600_000, 7_200_000, 21_600_000,
        ];
        let least = self.span() as f64 * apart / width.max(1.0);
        let Some(step) = STEPS.into_iter().find(|s| *s as f64 >= least) else { return Vec::new() };
        let first = self.from.div_euclid(step) * step;
        (0..).map(|n| first + n * step).skip_while(|t| *t < self.from).take_while(|t| *t <= self.to).collect()
    }
}

/// A scale of round numbers that holds every value shown.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Scale {
    /// Least.
    pub(crate) lo: f64,
    /// Greatest, above the least.
    pub(crate) hi: f64,
    /// From one line to the next.
    pub(crate) step: f64,
}

impl Scale {
    /// Round numbers around `min` and `max` in about `lines` steps. Values that hardly differ get room above and below, so
    /// that noise is not drawn as an event.
    pub(crate) fn around(min: f64, max: f64, lines: u8) -> Self {
        // Of nothing but noughts nobody knows how far they could be from it: one of the unit.
        let (min, max) = if min == 0.0 && max == 0.0 { (0.0, 1.0) } else { (min, max) };
        let room = (max.abs().max(min.abs()) * 0.02).max(0.5e-3);
        let (min, max) = if max - min < room { (min - room, max + room) } else { (min, max) };
        let rough = (max - min) / f64::from(lines.max(1));
        let unit = 10f64.powf(rough.log10().floor());
        let step = [1.0, 2.0, 5.0, 10.0].map(|m| m * unit).into_iter().find(|s| *s >= rough * 0.999).unwrap_or(rough);
        Self { lo: (min / step).floor() * step, hi: (max / step).ceil() * step, step }
    }

    /// How far down from the top of `height` a value stands.
    pub(crate) fn y(self, value: f64, height: f64) -> f64 {
        let span = self.hi - self.lo;
        if span > 0.0 { height - (value - self.lo) / span * height } else { height / 2.0 }
    }

    /// The values of its lines, least first.
    pub(crate) fn ticks(self) -> Vec<f64> {
        if self.step <= 0.0 {
            return Vec::new();
        }
        (0u8..=20)
            .map(|n| self.lo + f64::from(n) * self.step)
            .take_while(|v| *v <= self.hi + self.step * 0.01)
            .collect()
    }

    /// Decimal places that its lines need.
    pub(crate) fn digits(self) -> u8 {
        (0u8..3).find(|d| self.step * 10f64.powi(i32::from(*d)) >= 0.999).unwrap_or(3)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_are_round_and_hold_what_is_shown() {
        for (min, max, expect) in [
            (812.0, 2310.0, (500.0, 2500.0, 500.0)),
            (0.0, 100.0, (0.0, 100.0, 50.0)),
            (83.0, 83.0, (80.0, 86.0, 2.0)),
            (-0.8, 0.78, (-1.0, 1.0, 1.0)),
            (0.0, 0.0, (0.0, 1.0, 0.5)),
            (0.0, 0.0001, (-0.0005, 0.001, 0.0005)),
        ] {
            let scale = Scale::around(min, max, 3);
            assert!(scale.lo <= min && scale.hi >= max, "{min}..{max}: {scale:?}");
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            assert!(
                near(scale.lo, expect.0) && near(scale.hi, expect.1) && near(scale.step, expect.2),
                "{min}..{max}: {scale:?}"
            );
        }
    }

    #[test]
    fn a_point_stays_under_the_finger_while_zooming() {
        let view = View { from: 10_000, to: 70_000 };
        for (about, factor) in [(10_000, 0.5), (40_000, 0.5), (70_000, 2.0), (25_000, 1e-9), (25_000, 1e9)] {
            let zoomed = view.zoom(about, factor, MOST);
            assert!((view.x(about, 800.0) - zoomed.x(about, 800.0)).abs() < 0.5, "{about} by {factor}");
            assert!((LEAST..=MOST).contains(&zoomed.span()), "{zoomed:?}");
        }
    }

    #[test]
    fn a_stretch_stays_where_there_is_something() {
        let view = |from, to| View { from, to };
        for (asked, expect) in [
            (view(20_000, 40_000), view(20_000, 40_000)),
            // Up to nine tenths of it may be beyond the ends.
            (view(-15_000, 5_000), view(-15_000, 5_000)),
            (view(-50_000, -30_000), view(-18_000, 2_000)),
            (view(500_000, 520_000), view(98_000, 118_000)),
            // No longer than it may be, about the same middle.
            (view(-1_000_000, 1_000_000), view(-100_000, 100_000)),
            (view(50_000, 50_000), view(49_501, 50_501)),
        ] {
            assert_eq!(asked.within(0, 100_000, 200_000), expect, "{asked:?}");
        }
        assert!(view(10, 20).wider(0.5).covers(view(5, 25)) && !view(10, 20).covers(view(5, 25)));
    }

    #[test]
    fn moments_and_places_fit_each_other() {
        let view = View { from: 1_000, to: 61_000 };
        for x in [0.0, 1.0, 333.0, 800.0] {
            assert!((view.x(view.at(x, 800.0), 800.0) - x).abs() < 0.1);
        }
        assert_eq!(view.column(800.0), 75);
        assert_eq!(View { from: 5, to: 5 }.span(), 1, "an empty stretch divides nothing by nought");
    }

    #[test]
    fn ticks_of_time_are_round_and_apart() {
        for (span, width, expect) in [(60_000, 800.0, 10_000), (2_000, 800.0, 500), (600_000, 300.0, 300_000)] {
            let view = View::until(1_000_000_123, span);
            let ticks = view.ticks(width, 100.0);
            assert!(ticks.len() >= 2 || span == 600_000, "{ticks:?}");
            assert!(ticks.iter().all(|t| t % expect == 0 && view.holds(*t)), "{span}: {ticks:?}");
            assert!(ticks.windows(2).all(|w| w[1] - w[0] == expect));
        }
    }

    #[test]
    fn lines_of_a_scale_are_written_with_the_digits_they_need() {
        for (min, max, expect) in [(0.0, 100.0, 0), (0.0, 1.0, 1), (1.0, 1.1, 2)] {
            assert_eq!(Scale::around(min, max, 3).digits(), expect, "{min}..{max}");
        }
        assert_eq!(Scale::around(0.0, 90.0, 3).ticks(), [0.0, 50.0, 100.0]);
    }
}
