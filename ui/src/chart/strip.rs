//! A line over time. Where there are more samples than columns of pixels, each column shows the least and the greatest
//! value in it as a band, and the line goes through the last: no peak is lost, and no value is made up.

use super::{
    Size,
    axis::{Scale, View},
    path,
    track::{Datum, Track},
};

/// How samples are joined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// Straight from one to the next.
    Line,
    /// Held until the next, as states are.
    Steps,
}

/// What is drawn.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Strip {
    /// Path of the line, broken at every gap; a lone sample is a dot (draw with round ends).
    pub(crate) line: String,
    /// Path of the band between least and greatest, to be filled; empty where each sample has its own column.
    pub(crate) band: String,
    /// Scale of the values; `None` without any.
    pub(crate) scale: Option<Scale>,
}

/// One column: where, least, greatest, last.
#[derive(Clone, Copy)]
struct Column {
    key: i64,
    x: f64,
    least: f64,
    greatest: f64,
    last: f64,
}

/// Draws what `view` shows of `track` on `size`.
pub(crate) fn strip(track: &Track, view: View, size: Size, shape: Shape) -> Strip {
    let pieces = pieces(track, view, size.width);
    let inside = |c: &&Column| c.x >= -1.0 && c.x <= size.width + 1.0;
    let (mut min, mut max) = (f64::INFINITY, f64::NEG_INFINITY);
    for column in pieces.iter().flatten().filter(inside) {
        min = min.min(column.least);
        max = max.max(column.greatest);
    }
    if min > max {
        return Strip::default();
    }
    let scale = Scale::around(min, max, 3);
    let y = |v: f64| scale.y(v, size.height);
    let mut drawn = Strip { scale: Some(scale), ..Strip::default() };
    for piece in &pieces {
        line(&mut drawn.line, piece, shape, y);
        if piece.iter().any(|c| c.greatest > c.least) {
            band(&mut drawn.band, piece, y);
        }
    }
    drawn
}

/// Columns without a gap between them.
fn pieces(track: &Track, view: View, width: f64) -> Vec<Vec<Column>> {
    let points = || track.around(view.from, view.to);
    let column = view.column(width);
    #[allow(clippy::cast_precision_loss, reason = "thousands of samples at most")]
    let crowded = points().count() as f64 > width * 1.5;
    let mut pieces: Vec<Vec<Column>> = Vec::new();
    let mut joined = false;
    for (place, point) in points() {
        let Datum::Number(value) = point.datum else {
            joined = false;
            continue;
        };
        if !joined || track.gap_before(place) {
            pieces.push(Vec::new());
        }
        joined = true;
        let Some(piece) = pieces.last_mut() else { continue };
        // Columns stand still in time, so that a chart that moves does not flicker.
        let key = if crowded { point.at.div_euclid(column) } else { point.at };
        let x = view.x(point.at, width);
        match piece.last_mut() {
            Some(c) if crowded && c.key == key => {
                *c = Column { x, least: c.least.min(value), greatest: c.greatest.max(value), last: value, ..*c };
            }
            _ => piece.push(Column { key, x, least: value, greatest: value, last: value }),
        }
    }
    pieces
}

fn line(out: &mut String, piece: &[Column], shape: Shape, y: impl Fn(f64) -> f64) {
    for (n, column) in piece.iter().enumerate() {
        let (x, y) = (column.x, y(column.last));
        match (n, shape) {
            (0, _) => path::to(out, 'M', x, y),
            (_, Shape::Line) => path::to(out, 'L', x, y),
            (_, Shape::Steps) => {
                out.push('H');
                path::put(out, x);
                out.push('V');
                path::put(out, y);
            }
        }
    }
    if piece.len() == 1 {
        out.push_str("h0");
    }
}

fn band(out: &mut String, piece: &[Column], y: impl Fn(f64) -> f64) {
    for (n, column) in piece.iter().enumerate() {
        path::to(out, if n == 0 { 'M' } else { 'L' }, column.x, y(column.greatest));
    }
    for column in piece.iter().rev() {
        path::to(out, 'L', column.x, y(column.least));
    }
    out.push('Z');
}

#[cfg(test)]
mod tests {
    use super::{super::track::tests::numbers, *};
    use roadworthy_api::live::LiveValue;

    const SIZE: Size = Size { width: 100.0, height: 10.0 };

    fn drawn(samples: &[(i64, f64)], shape: Shape) -> Strip {
        strip(&numbers(samples), View { from: 0, to: 1000 }, SIZE, shape)
    }

    #[test]
    fn samples_are_joined_as_their_kind_asks() {
        for (samples, shape, expect) in [
            (&[(0, 0.0), (500, 10.0), (1000, 0.0)][..], Shape::Line, "M0 10L50 0L100 10"),
            (&[(0, 0.0), (500, 10.0)], Shape::Steps, "M0 10H50V0"),
            (&[(500, 5.0)], Shape::Line, "M50 5h0"),
            (&[], Shape::Line, ""),
        ] {
            assert_eq!(drawn(samples, shape).line, expect);
        }
    }

    #[test]
    fn no_line_crosses_a_gap_or_a_missing_sample() {
        let view = View { from: 0, to: 10_000 };
        let mut track = numbers(&[(0, 0.0), (100, 1.0), (200, 1.0), (8000, 0.0), (8100, 1.0), (8200, 1.0)]);
        let moves = |t: &Track| strip(t, view, SIZE, Shape::Line).line.matches('M').count();
        assert_eq!(moves(&track), 2);
        track.push(8250, &LiveValue::Missing { missing: "no answer".into() });
        track.push(8300, &LiveValue::Number { value: 1.0 });
        assert_eq!(moves(&track), 3);
    }

    #[test]
    fn a_peak_of_one_sample_among_thousands_is_drawn() {
        let mut samples: Vec<(i64, f64)> = (0..1000).map(|n| (n, 0.0)).collect();
        samples[617].1 = 100.0;
        let strip = drawn(&samples, Shape::Line);
        assert_eq!(strip.scale.map(|s| s.hi), Some(100.0));
        assert!(strip.band.contains(" 0L"), "the band reaches the top: {}", strip.band);
        assert!(strip.line.matches(['M', 'L']).count() <= 101, "one point for each column");
    }

    #[test]
    fn columns_stand_still_while_time_goes_on() {
        let samples: Vec<(i64, f64)> =
            (0..2000).map(|n| (n, f64::from(u32::try_from(n * 7919 % 101).unwrap()))).collect();
        let track = numbers(&samples);
        let shape = |from: i64| {
            let strip = strip(&track, View { from, to: from + 1000 }, SIZE, Shape::Line);
            let ys: Vec<String> =
                strip.line.split('L').filter_map(|p| p.split(' ').nth(1).map(str::to_owned)).collect();
            ys
        };
        let (one, other) = (shape(100), shape(200));
        assert_eq!(one[20..80], other[10..70], "moved by ten columns, the same heights");
    }

    #[test]
    fn the_scale_is_that_of_what_is_seen() {
        let track = numbers(&[(0, 5000.0), (900, 5000.0), (1000, 1.0), (1100, 9.0), (1200, 5.0)]);
        let strip = strip(&track, View { from: 1000, to: 1200 }, SIZE, Shape::Line);
        assert_eq!(strip.scale.map(|s| s.hi), Some(10.0));
    }
}
