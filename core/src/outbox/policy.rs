//! When a message is tried again, and when it is given up. Pure: time and chance are arguments.

use super::channel::{Failure, FailureKind};
use crate::store::outbox::{Claim, Outcome};
use roadworthy_api::Timestamp;
use std::time::Duration;

/// Exponential backoff with full jitter: the pause after the n-th failure is anything between nothing and `base · 2ⁿ⁻¹`,
/// capped, so that what failed together is not tried again together.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    /// Longest pause after the first failure in ms.
    pub(crate) base: Timestamp,
    /// Longest pause in ms.
    pub(crate) cap: Timestamp,
    /// Attempts that count before a message is given up.
    pub(crate) tries: u32,
    /// Milliseconds after which the next failure that counts is the last, if there were [`Policy::least`] of them: time alone
    /// says nothing of a machine that slept, or whose clock was set.
    pub(crate) age: Timestamp,
    /// Attempts that count before age does.
    pub(crate) least: u32,
    /// Longest pause in ms while there is no network: short, so that a message leaves soon after it is back.
    pub(crate) offline_cap: Timestamp,
    /// Milliseconds after which one that never saw a network is given up, if it was tried [`Policy::offline_least`] times.
    pub(crate) offline_age: Timestamp,
    /// Attempts before that: some twenty hours of a machine that is awake.
    pub(crate) offline_least: u32,
    /// Milliseconds that a claim lasts beyond the channel's limit.
    pub(crate) margin: Timestamp,
    /// Pause before that a message was sent is noted again where the database did not take it.
    pub(crate) again: Duration,
    /// How long a channel that is sending may go on when this process leaves.
    pub(crate) grace: Duration,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            base: 5_000,
            cap: 3_600_000,
            tries: 12,
            age: 86_400_000,
            least: 4,
            offline_cap: 300_000,
            offline_age: 7 * 86_400_000,
            offline_least: 500,
            margin: 10_000,
            again: Duration::from_secs(1),
            grace: Duration::from_secs(1),
        }
    }
}

impl Policy {
    /// What becomes of a message after a failure. `roll` is drawn evenly from 0 to 1.
    pub(crate) fn after(&self, claim: &Claim, failure: Failure, now: Timestamp, roll: f64) -> Outcome {
        let Failure { kind, cause } = failure;
        let tried = claim.tries.saturating_add(1);
        match kind {
            FailureKind::Permanent => Outcome::Dead { cause },
            FailureKind::Offline
                if now.saturating_sub(claim.begun) >= self.offline_age && claim.attempt >= self.offline_least =>
            {
                Outcome::Dead { cause }
            }
            FailureKind::Offline => {
                Outcome::Again { next: self.next(claim.attempt, self.offline_cap, now, roll), counts: false, cause }
            }
            FailureKind::Temporary
                if tried >= self.tries || tried >= self.least && now.saturating_sub(claim.since) >= self.age =>
            {
                Outcome::Dead { cause }
            }
            FailureKind::Temporary => {
                Outcome::Again { next: self.next(tried, self.cap, now, roll), counts: true, cause }
            }
        }
    }

    fn next(&self, failures: u32, cap: Timestamp, now: Timestamp, roll: f64) -> Timestamp {
        let longest = self.base.saturating_mul(1 << failures.saturating_sub(1).min(30)).min(cap);
        let pause = longest as f64 * roll.clamp(0.0, 1.0);
        now.saturating_add(pause as Timestamp)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outbox::About;
    use roadworthy_api::{finding::Severity, id::MessageId};

    const NOW: Timestamp = 1_795_215_600_000;

    fn claim(attempt: u32, tries: u32, since: Timestamp) -> Claim {
        Claim {
            id: MessageId(1),
            attempt,
            tries,
            since,
            key: "k".into(),
            subject: "s".into(),
            about: About { alert: None, decision: None, vehicle: None, severity: Severity::Note, text: String::new() },
            created: NOW - 3_600_000,
            begun: NOW - 3_600_000,
        }
    }

    /// The pause in ms, or `None` where it is given up.
    fn pause(claim: &Claim, failure: Failure, roll: f64) -> Option<(Timestamp, bool)> {
        match Policy::default().after(claim, failure, NOW, roll) {
            Outcome::Again { next, counts, .. } => Some((next - NOW, counts)),
            Outcome::Dead { .. } => None,
            Outcome::Sent { .. } | Outcome::Over { .. } => panic!("a failure never sends"),
        }
    }

    #[test]
    fn pauses_double_up_to_an_hour_and_anything_below_is_as_likely() {
        for (tries, longest) in [(0, 5_000), (1, 10_000), (2, 20_000), (9, 2_560_000), (10, 3_600_000)] {
            let claim = claim(tries + 1, tries, NOW);
            assert_eq!(pause(&claim, Failure::temporary(""), 1.0), Some((longest, true)), "after {tries}");
            assert_eq!(pause(&claim, Failure::temporary(""), 0.25), Some((longest / 4, true)));
            assert_eq!(pause(&claim, Failure::temporary(""), 0.0), Some((0, true)));
        }
    }

    #[test]
    fn it_is_given_up_after_twelve_attempts_or_a_day_or_at_once_where_it_cannot_work() {
        assert_eq!(pause(&claim(12, 11, NOW), Failure::temporary(""), 0.5), None);
        assert_eq!(pause(&claim(4, 3, NOW - 86_400_000), Failure::temporary(""), 0.5), None);
        assert!(pause(&claim(4, 3, NOW - 86_399_999), Failure::temporary(""), 0.5).is_some());
        assert!(
            pause(&claim(3, 2, NOW - 30 * 86_400_000), Failure::temporary(""), 0.5).is_some(),
            "because a machine that slept over a weekend has hardly tried"
        );
        assert_eq!(pause(&claim(1, 0, NOW), Failure::permanent(""), 0.5), None);
    }

    #[test]
    fn being_offline_does_not_count_and_is_soon_tried_again() {
        assert_eq!(pause(&claim(200, 0, NOW - 3 * 86_400_000), Failure::offline(""), 1.0), Some((300_000, false)));
        let mut old = claim(500, 0, NOW);
        old.begun = NOW - 7 * 86_400_000;
        assert_eq!(pause(&old, Failure::offline(""), 1.0), None, "because a mistyped server must show one day");
        old.attempt = 499;
        assert!(pause(&old, Failure::offline(""), 1.0).is_some(), "because a machine that was off has not tried");
        (old.attempt, old.begun) = (900, NOW);
        old.created = NOW - 30 * 86_400_000;
        assert!(pause(&old, Failure::offline(""), 1.0).is_some(), "because a person wants it tried again");
    }
}
