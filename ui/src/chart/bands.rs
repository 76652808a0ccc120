//! Words over time: one band for as long as a word holds.

use super::{
    axis::View,
    track::{Datum, Track},
};
use std::sync::Arc;

/// Looks there are for bands: colour and hatching differ, and the word stands in it.
pub(crate) const LOOKS: usize = 6;

/// A word and how long it held.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Band {
    /// Left end in pixels.
    pub(crate) x: f64,
    /// Width in pixels, at least two.
    pub(crate) width: f64,
    /// The word.
    pub(crate) text: Arc<str>,
    /// Which look, below [`LOOKS`]; the same word always has the same.
    pub(crate) look: usize,
}

/// The bands of what `view` shows of `track`.
pub(crate) fn bands(track: &Track, view: View, width: f64) -> Vec<Band> {
    let mut bands: Vec<Band> = Vec::new();
    let mut joined = false;
    for (place, point) in track.around(view.from, view.to) {
        let x = view.x(point.at, width).clamp(0.0, width);
        let whole = joined && !track.gap_before(place);
        if whole && let Some(last) = bands.last_mut() {
            last.width = (x - last.x).max(last.width);
        }
        let Datum::Word(text) = &point.datum else {
            joined = false;
            continue;
        };
        let goes_on = whole && bands.last().is_some_and(|b| b.text == *text);
        if !goes_on {
            bands.push(Band { x, width: 2.0, text: text.clone(), look: track.number_of(text) % LOOKS });
        }
        joined = true;
    }
    bands.retain(|b| b.x < width);
    bands
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::live::LiveValue;

    fn track(samples: &[(i64, &str)]) -> Track {
        let mut track = Track::default();
        for (at, text) in samples {
            let value = match text.strip_prefix('!') {
                Some(why) => LiveValue::Missing { missing: why.into() },
                None => LiveValue::Word { text: (*text).into() },
            };
            track.push(*at, &value);
        }
        track
    }

    #[test]
    fn a_word_holds_until_the_next_and_never_across_a_gap() {
        type Case = (&'static [(i64, &'static str)], &'static [(f64, f64, &'static str, usize)]);
        let cases: &[Case] = &[
            (&[(0, "open"), (500, "open"), (1000, "closed")], &[(0.0, 10.0, "open", 0), (10.0, 2.0, "closed", 1)]),
            (&[(0, "a"), (1000, "b"), (2000, "a")], &[(0.0, 10.0, "a", 0), (10.0, 10.0, "b", 1), (20.0, 2.0, "a", 0)]),
            (&[(0, "a"), (500, "a"), (1000, "!no answer"), (1500, "a")], &[(0.0, 10.0, "a", 0), (15.0, 2.0, "a", 0)]),
            (
                &[(0, "a"), (100, "a"), (200, "a"), (8000, "a"), (8100, "a"), (8200, "a")],
                &[(0.0, 2.0, "a", 0), (80.0, 2.0, "a", 0)],
            ),
        ];
        for (samples, expect) in cases {
            let found = bands(&track(samples), View { from: 0, to: 10_000 }, 100.0);
            let found: Vec<_> = found.iter().map(|b| (b.x, b.width, b.text.to_string(), b.look)).collect();
            let expect: Vec<_> = expect.iter().map(|(x, w, t, l)| (*x, *w, (*t).to_owned(), *l)).collect();
            assert_eq!(found, expect, "{samples:?}");
        }
    }
}
