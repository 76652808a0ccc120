//! How long things take, and what time it is.

use crate::keys;
use roadworthy_api::Timestamp;
use std::{sync::Arc, time::Duration};

/// Times of the runtime; tests have shorter ones.
#[derive(Clone)]
pub(crate) struct Pace {
    /// Now.
    pub(crate) now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    /// Pause after the first failure; it doubles with each.
    pub(crate) first: Duration,
    /// Longest such pause.
    pub(crate) cap: Duration,
    /// Times that something is tried before it is put among the dead.
    pub(crate) attempts: u32,
    /// How long a worker may be at one thing before it counts as stalled.
    pub(crate) stall: Duration,
    /// How often it is looked whether one stalls, and whether the post is free.
    pub(crate) look: Duration,
    /// How long the end waits for threads that are at something.
    pub(crate) leave: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            now: Arc::new(crate::engine::now),
            first: Duration::from_secs(1),
            cap: Duration::from_secs(60),
            attempts: 5,
            stall: Duration::from_secs(30),
            look: Duration::from_millis(200),
            leave: Duration::from_millis(500),
        }
    }
}

impl Pace {
    /// Pause after so many failures: exponential, capped, and somewhere between half of that and all of it, so that what
    /// failed together is not tried together.
    pub(super) fn pause(&self, failures: u32) -> Duration {
        let mut random = [0];
        // Without randomness the pause is only less well spread.
        drop(keys::random(&mut random));
        self.pause_at(failures, random[0])
    }

    fn pause_at(&self, failures: u32, random: u8) -> Duration {
        let doubled = 2u32.saturating_pow(failures.saturating_sub(1));
        let full = self.first.saturating_mul(doubled).min(self.cap);
        full / 2 + full / 2 * u32::from(random) / 255
    }

    /// Milliseconds as a clock counts them.
    pub(super) fn later(&self, pause: Duration) -> Timestamp {
        (self.now)().saturating_add(i64::try_from(pause.as_millis()).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_cap_and_are_spread() {
        let pace = Pace::default();
        for (failures, least, most) in [
            (1, 500, 1000),
            (2, 1000, 2000),
            (3, 2000, 4000),
            (6, 16_000, 32_000),
            (7, 30_000, 60_000),
            (99, 30_000, 60_000),
        ] {
            assert_eq!(pace.pause_at(failures, 0), Duration::from_millis(least), "{failures}");
            assert_eq!(pace.pause_at(failures, 255), Duration::from_millis(most), "{failures}");
            let some = pace.pause(failures).as_millis();
            assert!((u128::from(least)..=u128::from(most)).contains(&some), "{failures}: {some}");
        }
    }
}
