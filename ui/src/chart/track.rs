//! Samples of one signal in order of time, no more than the last minutes, and where there were none.

use roadworthy_api::{Timestamp, live::LiveValue};
use std::{collections::VecDeque, sync::Arc};

/// Samples kept per signal, whatever their age: ten minutes at 60 a second.
const MOST: usize = 36_000;
/// No pause up to here is a gap, in milliseconds.
const PATIENCE: i64 = 1_000;
/// A pause so many times longer than those around it is a gap.
const TIMES: i64 = 4;
/// Any pause longer than this is a gap, in milliseconds.
const IMPATIENCE: i64 = 30_000;
/// Pauses looked at on either side.
const AROUND: usize = 3;

/// What a sample says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Datum {
    /// A number in the signal's unit.
    Number(f64),
    /// A word.
    Word(Arc<str>),
    /// Nothing, and why.
    Missing(Arc<str>),
}

/// One sample.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Point {
    /// When.
    pub(crate) at: Timestamp,
    /// What.
    pub(crate) datum: Datum,
}

/// The samples of one signal.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Track {
    points: VecDeque<Point>,
    /// Moments at which reading stopped for a known reason.
    breaks: Vec<Timestamp>,
    /// Words and reasons in order of appearance, each kept once.
    words: Vec<Arc<str>>,
    /// Greatest number so far, without its sign.
    greatest: f64,
    /// Some number so far was not whole.
    broken: bool,
}

impl Track {
    /// Adds a sample; one that is older than the last is put where it belongs, one that is there already is left out.
    pub(crate) fn push(&mut self, at: Timestamp, value: &LiveValue) {
        let datum = match value {
            LiveValue::Number { value } => {
                self.greatest = self.greatest.max(value.abs());
                self.broken |= value.fract() != 0.0;
                Datum::Number(*value)
            }
            LiveValue::Word { text } => Datum::Word(self.kept(text)),
            LiveValue::Missing { missing } => Datum::Missing(self.kept(missing)),
        };
        let point = Point { at, datum };
        let place = match self.points.back() {
            Some(last) if last.at >= at => self.points.partition_point(|p| p.at <= at),
            _ => self.points.len(),
        };
        let same = place.checked_sub(1).and_then(|before| self.points.get(before)) == Some(&point);
        if !same {
            self.points.insert(place, point);
        }
        if self.points.len() > MOST {
            self.points.pop_front();
        }
    }

    fn kept(&mut self, text: &str) -> Arc<str> {
        if let Some(word) = self.words.iter().find(|w| &***w == text) {
            return word.clone();
        }
        let word: Arc<str> = text.into();
        self.words.push(word.clone());
        word
    }

    /// Reading stopped now: the last sample and the next are not joined.
    pub(crate) fn stop(&mut self, at: Timestamp) {
        let at = self.points.back().map_or(at, |p| p.at.max(at));
        if self.breaks.last() != Some(&at) {
            self.breaks.push(at);
        }
    }

    /// Leaves out what is older than `oldest`.
    pub(crate) fn trim(&mut self, oldest: Timestamp) {
        while self.points.front().is_some_and(|p| p.at < oldest) {
            self.points.pop_front();
        }
        self.breaks.retain(|b| *b >= oldest);
    }

    /// Leaves out the samples up to `at` and gives those after it back.
    pub(crate) fn split_after(&mut self, at: Timestamp) -> VecDeque<Point> {
        let place = self.points.partition_point(|p| p.at <= at);
        let later = self.points.split_off(place);
        self.points.clear();
        later
    }

    /// Adds points that are later than all there are.
    pub(crate) fn append(&mut self, mut later: VecDeque<Point>) {
        self.points.append(&mut later);
    }

    /// The newest sample.
    pub(crate) fn last(&self) -> Option<&Point> {
        self.points.back()
    }

    /// The oldest sample.
    pub(crate) fn first(&self) -> Option<&Point> {
        self.points.front()
    }

    /// All samples within `from..=to`, and the one on either side of it, with their places.
    pub(crate) fn around(&self, from: Timestamp, to: Timestamp) -> impl Iterator<Item = (usize, &Point)> {
        let start = self.points.partition_point(|p| p.at < from).saturating_sub(1);
        let end = (self.points.partition_point(|p| p.at <= to) + 1).min(self.points.len()).max(start);
        self.points.range(start..end).enumerate().map(move |(n, p)| (start + n, p))
    }

    /// What was the newest sample at that moment; `None` in a gap and before the first.
    pub(crate) fn at(&self, at: Timestamp) -> Option<&Point> {
        let next = self.points.partition_point(|p| p.at <= at);
        let here = next.checked_sub(1)?;
        let point = self.points.get(here)?;
        let over = match self.points.get(next) {
            Some(_) => self.gap_before(next),
            // Beyond the newest it holds as long as one would wait for the next.
            None => at - point.at > self.usual(next).saturating_mul(TIMES).clamp(PATIENCE, IMPATIENCE),
        };
        (!over || at == point.at).then_some(point)
    }

    /// Whether nothing was read between the sample at `place` and the one before it.
    pub(crate) fn gap_before(&self, place: usize) -> bool {
        let Some(pause) = self.pause(place) else { return true };
        if pause > PATIENCE && (pause > IMPATIENCE || pause > self.usual(place).saturating_mul(TIMES)) {
            return true;
        }
        let (Some(a), Some(b)) = (place.checked_sub(1).and_then(|p| self.points.get(p)), self.points.get(place)) else {
            return true;
        };
        self.breaks.iter().any(|stop| (a.at..b.at).contains(stop))
    }

    /// The pause that is usual around `place`, so that a signal that is read seldom is not all gaps.
    fn usual(&self, place: usize) -> i64 {
        let mut around: Vec<i64> = (place.saturating_sub(AROUND)..=place + AROUND)
            .filter(|p| *p != place)
            .filter_map(|p| self.pause(p))
            .collect();
        around.sort_unstable();
        around.get(around.len() / 2).copied().unwrap_or(0)
    }

    /// Milliseconds between the sample at `place` and the one before it.
    fn pause(&self, place: usize) -> Option<i64> {
        Some(self.points.get(place)?.at - self.points.get(place.checked_sub(1)?)?.at)
    }

    /// Which of its words this is, in order of appearance; the same word keeps its number.
    pub(crate) fn number_of(&self, word: &str) -> usize {
        self.words.iter().position(|w| &**w == word).unwrap_or(0)
    }

    /// Decimal places with which all its numbers are written, so that figures do not jump.
    pub(crate) fn digits(&self) -> u8 {
        match self.greatest {
            _ if !self.broken => 0,
            v if v >= 1000.0 => 0,
            v if v >= 10.0 => 1,
            v if v >= 1.0 => 2,
            _ => 3,
        }
    }

    /// Whether it says words.
    pub(crate) fn speaks(&self) -> bool {
        self.points.iter().rev().take(50).any(|p| matches!(p.datum, Datum::Word(_)))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A track of numbers.
    pub(crate) fn numbers(samples: &[(Timestamp, f64)]) -> Track {
        let mut track = Track::default();
        for (at, value) in samples {
            track.push(*at, &LiveValue::Number { value: *value });
        }
        track
    }

    fn gaps(times: &[Timestamp]) -> Vec<usize> {
        let track = numbers(&times.iter().map(|t| (*t, 1.0)).collect::<Vec<_>>());
        (1..times.len()).filter(|p| track.gap_before(*p)).collect()
    }

    #[test]
    fn a_gap_is_a_pause_much_longer_than_those_around_it() {
        for (times, expect) in [
            (&[0, 100, 200, 300][..], vec![]),
            (&[0, 100, 200, 5200, 5300, 5400], vec![3]),
            (&[0, 100, 200, 900, 1000], vec![]),
            // Read seldom from here on: slower, but no gap.
            (&[0, 100, 200, 3000, 6000, 9000, 12_000], vec![]),
            // A lone sample between two gaps is joined to neither side.
            (&[0, 100, 200, 300, 10_300, 20_300, 20_400, 20_500, 20_600], vec![4, 5]),
            (&[0, 40_000, 80_000, 120_000], vec![1, 2, 3]),
        ] {
            assert_eq!(gaps(times), expect, "{times:?}");
        }
    }

    #[test]
    fn a_stop_is_a_gap_however_short() {
        let mut track = numbers(&[(0, 1.0), (400, 1.0)]);
        track.stop(300);
        track.push(800, &LiveValue::Number { value: 1.0 });
        track.push(1200, &LiveValue::Number { value: 1.0 });
        assert_eq!((1..4).filter(|p| track.gap_before(*p)).collect::<Vec<_>>(), [2]);
    }

    #[test]
    fn the_value_at_a_moment_is_the_sample_before_it_and_none_in_a_gap() {
        let track = numbers(&[(0, 1.0), (100, 2.0), (200, 3.0), (9000, 4.0), (9100, 5.0)]);
        for (at, expect) in [
            (-1, None),
            (0, Some(1.0)),
            (199, Some(2.0)),
            (200, Some(3.0)),
            (4000, None),
            (9050, Some(4.0)),
            (9900, Some(5.0)),
            (30_000, None),
        ] {
            let datum = expect.map(Datum::Number);
            assert_eq!(track.at(at).map(|p| p.datum.clone()), datum, "{at}");
        }
    }

    #[test]
    fn samples_that_come_late_or_twice_find_their_place() {
        let track = numbers(&[(0, 1.0), (200, 3.0), (100, 2.0), (200, 3.0), (100, 2.0)]);
        let times: Vec<_> = track.around(0, 200).map(|(_, p)| p.at).collect();
        assert_eq!(times, [0, 100, 200]);
    }

    #[test]
    fn figures_keep_their_decimals() {
        for (values, expect) in
            [(&[800.0, 900.0][..], 0), (&[812.25, 2000.0], 0), (&[9.5, 12.0], 1), (&[1.25], 2), (&[0.125], 3)]
        {
            let samples: Vec<_> = (0..).zip(values.iter().copied()).collect();
            assert_eq!(numbers(&samples).digits(), expect, "{values:?}");
        }
    }

    #[test]
    fn no_more_than_the_bound_is_kept() {
        let mut track = Track::default();
        for at in 0..40_000 {
            track.push(at, &LiveValue::Number { value: 0.0 });
        }
        assert_eq!(track.first().map(|p| p.at), Some(4_000));
        track.trim(39_990);
        assert_eq!(track.around(0, 50_000).count(), 10);
    }
}
