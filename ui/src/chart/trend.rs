//! One signal of a trend: its single values where they are known, else the least, greatest and mean of each column.
//!
//! What lies between two values is drawn only where the signal went on being read; a column without values is a hole.

use super::{
    Size,
    axis::{Scale, View},
    marker, path,
    strip::{self, Shape, Strip},
    track::{Datum, Track},
};
use roadworthy_api::{
    Timestamp,
    live::LiveValue,
    telemetry::{BandColumn, TrendValues},
};

/// Any pause longer than this is a gap where columns are narrower, in milliseconds; as for single values.
const IMPATIENCE: i64 = 30_000;
/// Pixels between values from which on each gets a marker.
const ROOMY: f64 = 9.0;
/// Why there is none, where the answer says no more.
const SILENT: &str = "no answer";

/// The values of one signal, ready to be looked at.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Series {
    /// Single values.
    Each(Track),
    /// Columns, and the least time from one to the next that can be a gap.
    Band(Vec<BandColumn>, i64),
}

/// What stands at one moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Here {
    /// One value.
    One(Datum),
    /// A column of several.
    Many(BandColumn),
}

impl Series {
    /// Takes what was answered for `columns` columns of `view`.
    pub(crate) fn new(values: TrendValues, view: View, columns: u32) -> Self {
        match values {
            TrendValues::Raw { points, words } => {
                let points = points.into_iter().map(|(at, value)| {
                    let missing = LiveValue::Missing { missing: SILENT.into() };
                    (at, value.map_or(missing, |value| LiveValue::Number { value }))
                });
                let words = words.into_iter().map(|(at, text)| (at, LiveValue::Word { text }));
                let mut all: Vec<_> = points.chain(words).collect();
                all.sort_by_key(|(at, _)| *at);
                let mut track = Track::default();
                for (at, value) in &all {
                    track.push(*at, value);
                }
                Self::Each(track)
            }
            TrendValues::Band { made_of, columns: all } => {
                let step = whole(&made_of, view.column(f64::from(columns)));
                Self::Band(all, step)
            }
        }
    }

    /// Whether it says words.
    pub(crate) fn speaks(&self) -> bool {
        matches!(self, Self::Each(track) if track.speaks())
    }

    /// Whether it is known only as columns and has none: words have no least and greatest.
    pub(crate) fn dumb(&self) -> bool {
        matches!(self, Self::Band(columns, _) if columns.is_empty())
    }

    /// What stands at a moment: a value until the next, a column as long as it lasts. `None` in a gap.
    pub(crate) fn at(&self, at: Timestamp) -> Option<Here> {
        match self {
            Self::Each(track) => track.at(at).map(|p| Here::One(p.datum.clone())),
            Self::Band(columns, step) => {
                let next = columns.partition_point(|c| c.from <= at);
                let here = columns.get(next.checked_sub(1)?)?;
                let on = at <= here.to || columns.get(next).is_some_and(|n| joined(here, n, *step));
                on.then_some(Here::Many(*here))
            }
        }
    }

    /// Values in `view`, and the least, the mean and the greatest of those that are numbers.
    pub(crate) fn sum(&self, view: View) -> (u64, Option<(f64, f64, f64)>) {
        let (mut count, mut numbers, mut total) = (0u64, 0u64, 0.0);
        let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
        #[allow(clippy::cast_precision_loss, reason = "a count of values as a weight")]
        let mut add = |least: f64, mean: f64, greatest: f64, n: u64| {
            (min, max) = (min.min(least), max.max(greatest));
            numbers += n;
            total += mean * n as f64;
        };
        match self {
            Self::Each(track) => {
                for (_, point) in track.around(view.from, view.to).filter(|(_, p)| view.holds(p.at)) {
                    count += u64::from(!matches!(point.datum, Datum::Missing(_)));
                    if let Datum::Number(v) = point.datum {
                        add(v, v, v, 1);
                    }
                }
            }
            Self::Band(columns, _) => {
                for c in columns.iter().filter(|c| c.to >= view.from && c.from <= view.to) {
                    count += c.count;
                    add(c.min, c.mean, c.max, c.count);
                }
            }
        }
        #[allow(clippy::cast_precision_loss, reason = "a count of values as a weight")]
        let some = (numbers > 0).then(|| (min, total / numbers as f64, max));
        (count, some)
    }

    /// Draws what `view` shows; `shape` is the number of the marker. The second path holds the markers, where there is room.
    pub(crate) fn drawn(&self, view: View, size: Size, shape: usize) -> (Strip, String) {
        match self {
            Self::Each(track) => {
                let strip = strip::strip(track, view, size, Shape::Line);
                let dots = strip.scale.map(|s| dots(track, view, size, s, shape)).unwrap_or_default();
                (strip, dots)
            }
            Self::Band(columns, step) => (band(columns, *step, view, size), String::new()),
        }
    }
}

/// How long the columns are that were made of `made_of` where one of `column` milliseconds was asked for: those of minutes and
/// hours hold whole ones.
pub(crate) fn whole(made_of: &str, column: i64) -> i64 {
    let least = match made_of {
        "hours" => 3_600_000,
        "minutes" => 60_000,
        _ => return column,
    };
    (column + least - 1) / least * least
}

/// Whether nothing is missing between two neighbours.
fn joined(a: &BandColumn, b: &BandColumn, step: i64) -> bool {
    let usual = |c: &BandColumn| (c.to - c.from) / i64::try_from(c.count.saturating_sub(1)).unwrap_or(i64::MAX).max(1);
    b.from - a.to <= step.max((usual(a).max(usual(b)) * 4).min(IMPATIENCE))
}

fn dots(track: &Track, view: View, size: Size, scale: Scale, shape: usize) -> String {
    let inside = || track.around(view.from, view.to).filter(|(_, p)| view.holds(p.at));
    #[allow(clippy::cast_precision_loss, reason = "thousands of values at most")]
    let roomy = inside().count() as f64 * ROOMY <= size.width;
    let mut out = String::new();
    for (_, point) in inside().filter(|_| roomy) {
        if let Datum::Number(v) = point.datum {
            marker::put(&mut out, shape, view.x(point.at, size.width), scale.y(v, size.height), 3.0);
        }
    }
    out
}

fn band(columns: &[BandColumn], step: i64, view: View, size: Size) -> Strip {
    let start = columns.partition_point(|c| c.to < view.from).saturating_sub(1);
    let end = (columns.partition_point(|c| c.from <= view.to) + 1).min(columns.len()).max(start);
    let shown = columns.get(start..end).unwrap_or_default();
    let inside = || shown.iter().filter(|c| c.to >= view.from && c.from <= view.to);
    let min = inside().map(|c| c.min).fold(f64::INFINITY, f64::min);
    let max = inside().map(|c| c.max).fold(f64::NEG_INFINITY, f64::max);
    if min > max {
        return Strip::default();
    }
    let scale = Scale::around(min, max, 3);
    let y = |v: f64| scale.y(v, size.height);
    let ends = |c: &BandColumn| {
        let from = view.x(c.from, size.width);
        (from, view.x(c.to, size.width).max(from + 1.0))
    };
    let mut drawn = Strip { scale: Some(scale), ..Strip::default() };
    for piece in shown.chunk_by(|a, b| joined(a, b, step)) {
        for (n, column) in piece.iter().enumerate() {
            let (from, to) = ends(column);
            path::to(&mut drawn.band, if n == 0 { 'M' } else { 'L' }, from, y(column.max));
            path::to(&mut drawn.band, 'L', to, y(column.max));
            path::to(&mut drawn.line, if n == 0 { 'M' } else { 'L' }, f64::midpoint(from, to), y(column.mean));
        }
        for column in piece.iter().rev() {
            let (from, to) = ends(column);
            path::to(&mut drawn.band, 'L', to, y(column.min));
            path::to(&mut drawn.band, 'L', from, y(column.min));
        }
        drawn.band.push('Z');
        if piece.len() == 1 {
            drawn.line.push_str("h0");
        }
    }
    drawn
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIEW: View = View { from: 0, to: 600_000 };
    const SIZE: Size = Size { width: 600.0, height: 10.0 };

    fn column(from: i64, to: i64, count: u64) -> BandColumn {
        BandColumn { from, to, min: 0.0, max: 10.0, mean: 5.0, count }
    }

    fn of(made_of: &str, columns: Vec<BandColumn>) -> Series {
        Series::new(TrendValues::Band { made_of: made_of.into(), columns }, VIEW, 60)
    }

    #[test]
    fn columns_are_joined_only_where_reading_went_on() {
        for (made_of, columns, pieces) in [
            // Ten seconds a column, a value a second.
            ("raw", vec![column(0, 9_000, 10), column(10_000, 19_000, 10)], 1),
            // One column is missing.
            ("raw", vec![column(0, 9_000, 10), column(20_000, 29_000, 10)], 2),
            // Read every fifteen seconds: nothing is missing between two of them.
            ("raw", vec![column(0, 15_000, 2), column(30_000, 45_000, 2)], 1),
            // A lone value beside a minute of silence.
            ("raw", vec![column(0, 0, 1), column(60_000, 69_000, 10)], 2),
            ("minutes", vec![column(0, 0, 60), column(60_000, 60_000, 60), column(180_000, 180_000, 60)], 2),
            ("hours", vec![column(0, 10, 60), column(3_600_000, 3_600_010, 60)], 1),
        ] {
            let (strip, _) = of(made_of, columns.clone()).drawn(View { from: 0, to: 7_200_000 }, SIZE, 0);
            assert_eq!(strip.line.matches('M').count(), pieces, "{made_of} {columns:?}");
            assert_eq!(strip.band.matches('Z').count(), pieces);
        }
    }

    #[test]
    fn a_band_goes_from_the_least_to_the_greatest_and_the_line_through_the_mean() {
        let (strip, dots) = of("raw", vec![column(0, 10_000, 11), column(10_500, 20_000, 11)]).drawn(VIEW, SIZE, 0);
        assert_eq!(strip.band, "M0 0L10 0L10.5 0L20 0L20 10L10.5 10L10 10L0 10Z");
        assert_eq!(strip.line, "M5 5L15.3 5");
        assert!(dots.is_empty());
    }

    #[test]
    fn a_silence_is_a_gap_and_never_a_number() {
        let points = vec![(0, Some(1.0)), (1000, None), (2000, Some(3.0)), (3000, Some(4.0))];
        let series = Series::new(TrendValues::Raw { points, words: vec![] }, VIEW, 60);
        let (strip, dots) = series.drawn(View { from: 0, to: 4000 }, SIZE, 1);
        assert_eq!(strip.line.matches('M').count(), 2);
        assert_eq!(dots.matches('Z').count(), 3, "a marker for each value there is");
        assert_eq!(series.at(1500), Some(Here::One(Datum::Missing(SILENT.into()))));
        assert_eq!(series.sum(VIEW), (3, Some((1.0, 8.0 / 3.0, 4.0))));
    }

    #[test]
    fn the_cursor_finds_a_column_and_nothing_in_a_gap() {
        let series = of("raw", vec![column(0, 9_000, 10), column(10_000, 19_000, 10), column(90_000, 95_000, 5)]);
        for (at, expect) in
            [(-1, None), (0, Some(0)), (9_500, Some(0)), (19_000, Some(10_000)), (50_000, None), (96_000, None)]
        {
            let found = series.at(at).map(|h| match h {
                Here::Many(c) => c.from,
                Here::One(_) => -1,
            });
            assert_eq!(found, expect, "{at}");
        }
    }

    #[test]
    fn words_and_silences_keep_their_order() {
        let values =
            TrendValues::Raw { points: vec![(500, None)], words: vec![(0, "open".into()), (900, "closed".into())] };
        let series = Series::new(values, VIEW, 60);
        assert!(series.speaks());
        let Series::Each(track) = &series else { panic!("each value") };
        let bands = super::super::bands::bands(track, View { from: 0, to: 1000 }, 100.0);
        assert_eq!(bands.iter().map(|b| (b.x, &*b.text)).collect::<Vec<_>>(), [(0.0, "open"), (90.0, "closed")]);
        assert_eq!(series.sum(VIEW), (2, None));
    }
}
