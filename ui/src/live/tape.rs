//! What was heard of a live session: the samples of the last minutes, by signal. Kept while the interface runs, also while
//! another page is shown.

use crate::chart::track::Track;
use roadworthy_api::{
    Timestamp,
    live::{LiveFrame, LiveState, Sample},
};
use std::collections::BTreeMap;

/// How far back samples are kept, in milliseconds.
pub(crate) const KEPT: i64 = 15 * 60_000;

/// One session's samples.
#[derive(Default)]
pub(crate) struct Tape {
    tracks: BTreeMap<String, Track>,
    /// Samples per second of each chosen signal, in the order of the session's `chosen`.
    pub(crate) rates: Vec<f64>,
    /// Replies per second, all together.
    pub(crate) replies: f64,
    /// Newest sample.
    pub(crate) newest: Option<Timestamp>,
    next: Option<u64>,
    /// Asked for what the session still holds; asking again meanwhile is of no use.
    pub(crate) asked: bool,
}

impl Tape {
    /// Takes a frame; `true`: frames before it were missed, so that what the session holds must be read again.
    pub(crate) fn frame(&mut self, frame: LiveFrame) -> bool {
        let missed = self.next != Some(frame.frame);
        self.next = Some(frame.frame.wrapping_add(1));
        self.rates = frame.rates;
        self.replies = frame.replies_per_second;
        self.add(&frame.samples);
        missed
    }

    fn add(&mut self, samples: &[Sample]) {
        for sample in samples {
            if let Some(track) = self.tracks.get_mut(&sample.signal) {
                track.push(sample.at, &sample.value);
            } else {
                self.tracks.entry(sample.signal.clone()).or_default().push(sample.at, &sample.value);
            }
            self.newest = self.newest.max(Some(sample.at));
        }
        let Some(newest) = self.newest else { return };
        for track in self.tracks.values_mut() {
            track.trim(newest - KEPT);
        }
        self.tracks.retain(|_, track| track.last().is_some());
    }

    /// Takes what the session holds in place of what was heard up to its newest sample; what came since stays.
    pub(crate) fn read_back(&mut self, samples: &[Sample]) {
        self.asked = false;
        let Some(end) = samples.last().map(|s| s.at) else { return };
        let later: Vec<_> = self.tracks.iter_mut().map(|(id, track)| (id.clone(), track.split_after(end))).collect();
        self.add(samples);
        for (id, points) in later {
            if !points.is_empty() {
                self.tracks.entry(id).or_default().append(points);
            }
        }
    }

    /// Notes that nothing is being read from now on, if the state says so.
    pub(crate) fn state(&mut self, state: &LiveState, now: Timestamp) {
        let still = matches!(state, LiveState::Paused | LiveState::Held { .. });
        if still || matches!(state, LiveState::Reconnecting { .. } | LiveState::Ended { .. }) {
            self.tracks.values_mut().for_each(|t| t.stop(now));
        }
    }

    /// The samples of a signal.
    pub(crate) fn track(&self, signal: &str) -> Option<&Track> {
        self.tracks.get(signal)
    }

    /// The oldest sample that is kept.
    pub(crate) fn oldest(&self) -> Option<Timestamp> {
        self.tracks.values().filter_map(|t| t.first()).map(|p| p.at).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{id::LiveId, live::LiveValue};

    fn sample(signal: &str, at: Timestamp) -> Sample {
        Sample { signal: signal.into(), at, value: LiveValue::Number { value: 1.0 } }
    }

    fn frame(number: u64, samples: Vec<Sample>) -> LiveFrame {
        LiveFrame { session: LiveId(1), frame: number, samples, rates: vec![], replies_per_second: 0.0 }
    }

    fn times(tape: &Tape, signal: &str) -> Vec<Timestamp> {
        tape.track(signal).map(|t| t.around(0, Timestamp::MAX).map(|(_, p)| p.at).collect()).unwrap_or_default()
    }

    #[test]
    fn a_missed_frame_is_noticed() {
        let mut tape = Tape::default();
        let missed: Vec<bool> = [7, 8, 10, 11, 0, 1].map(|n| tape.frame(frame(n, vec![]))).into();
        assert_eq!(missed, [true, false, true, false, true, false]);
    }

    #[test]
    fn what_was_read_back_stands_before_what_came_meanwhile() {
        let mut tape = Tape::default();
        tape.frame(frame(5, vec![sample("a", 500), sample("b", 510)]));
        tape.frame(frame(6, vec![sample("a", 600)]));
        tape.read_back(&[sample("a", 300), sample("a", 400), sample("a", 500), sample("b", 510)]);
        assert_eq!(times(&tape, "a"), [300, 400, 500, 600]);
        assert_eq!(times(&tape, "b"), [510]);
        tape.read_back(&[]);
        assert_eq!(times(&tape, "a").len(), 4, "an empty answer takes nothing away");
    }

    #[test]
    fn old_samples_leave_and_so_does_a_signal_without_any() {
        let mut tape = Tape::default();
        tape.frame(frame(0, vec![sample("a", 1_000), sample("b", 1_000)]));
        tape.frame(frame(1, vec![sample("a", 2_000 + KEPT)]));
        assert_eq!(times(&tape, "a"), [2_000 + KEPT]);
        assert!(tape.track("b").is_none());
        assert_eq!(tape.oldest(), Some(2_000 + KEPT));
    }

    #[test]
    fn a_pause_is_a_gap() {
        let mut tape = Tape::default();
        tape.frame(frame(0, vec![sample("a", 0), sample("a", 100)]));
        tape.state(&LiveState::Paused, 150);
        tape.frame(frame(1, vec![sample("a", 300), sample("a", 400)]));
        let gaps = tape.track("a").map(|t| (1..4).filter(|p| t.gap_before(*p)).collect::<Vec<_>>());
        assert_eq!(gaps, Some(vec![2]));
    }
}
