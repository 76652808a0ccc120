//! Achieved rates, over a sliding window. Time is an argument.

use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// Long enough that a signal read every two seconds has a rate, short enough that a change shows soon.
const WINDOW: Duration = Duration::from_secs(10);
/// A rate of less time than this would jump.
const LEAST: Duration = Duration::from_secs(1);

/// What came within the window.
#[derive(Debug)]
pub(super) struct Rates {
    since: Instant,
    /// Values, by place among the chosen signals.
    values: VecDeque<(Instant, usize)>,
    replies: VecDeque<(Instant, u32)>,
}

impl Rates {
    pub(super) fn new(now: Instant) -> Self {
        Self { since: now, values: VecDeque::new(), replies: VecDeque::new() }
    }

    pub(super) fn value(&mut self, place: usize, now: Instant) {
        self.values.push_back((now, place));
    }

    pub(super) fn replies(&mut self, count: u32, now: Instant) {
        self.replies.push_back((now, count));
    }

    /// Values per second of each of `signals` signals, and replies per second.
    pub(super) fn measure(&mut self, signals: usize, now: Instant) -> (Vec<f64>, f64) {
        let old = |at: &Instant| now.duration_since(*at) > WINDOW;
        while self.values.front().is_some_and(|(at, _)| old(at)) {
            self.values.pop_front();
        }
        while self.replies.front().is_some_and(|(at, _)| old(at)) {
            self.replies.pop_front();
        }
        let seconds = now.duration_since(self.since).clamp(LEAST, WINDOW).as_secs_f64();
        let per_second = |count: u32| (f64::from(count) / seconds * 10.0).round() / 10.0;
        let mut counts = vec![0u32; signals];
        for (_, place) in &self.values {
            if let Some(count) = counts.get_mut(*place) {
                *count += 1;
            }
        }
        let replies = self.replies.iter().map(|(_, count)| *count).sum();
        (counts.into_iter().map(per_second).collect(), per_second(replies))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_what_came_in_the_last_seconds() {
        let start = Instant::now();
        let at = |ms: u64| start + Duration::from_millis(ms);
        let mut rates = Rates::new(start);
        assert_eq!(rates.measure(2, at(0)), (vec![0.0, 0.0], 0.0));
        for n in 0..200 {
            rates.value(0, at(n * 100));
            rates.replies(1, at(n * 100));
            if n % 20 == 0 {
                rates.value(1, at(n * 100));
            }
        }
        let (values, replies) = rates.measure(2, at(19_900));
        assert!((values[0] - 10.0).abs() < 0.2 && (values[1] - 0.5).abs() < 0.2, "{values:?}");
        assert!((replies - 10.0).abs() < 0.2);
        assert_eq!(rates.measure(2, at(31_000)), (vec![0.0, 0.0], 0.0), "because nothing came for long");
        assert!(rates.values.is_empty(), "because memory is bounded by the window");
    }
}
