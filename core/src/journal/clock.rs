//! The hybrid logical clock: wall time that never goes back and never repeats on one device.

use roadworthy_api::Timestamp;

/// A day, the most that an accepted event's clock may run ahead.
pub const DAY_MS: i64 = 86_400_000;

/// Milliseconds since 1970-01-01T00:00Z in the upper 48 bits, a counter in the lower 16.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hlc(pub u64);

/// The greatest clock: SQLite's integers have a sign.
const MAX: u64 = i64::MAX as u64;

impl Hlc {
    /// The least clock of this time; times before 1970 count as 1970.
    pub fn at(ms: Timestamp) -> Self {
        Self(u64::try_from(ms).unwrap_or(0).min(MAX >> 16) << 16)
    }

    /// The next clock after `last`, the greatest that this device has seen: `max(wall, last + 1)`.
    /// A wall clock that stands still or was set back only advances the counter (which carries into the milliseconds).
    #[must_use]
    pub fn next(last: Self, now: Timestamp) -> Self {
        Self::at(now).max(Self(last.0.saturating_add(1).min(MAX)))
    }

    /// Its milliseconds.
    pub fn ms(self) -> Timestamp {
        i64::try_from(self.0 >> 16).unwrap_or(i64::MAX)
    }

    /// Whether it runs more than a day ahead of `now`.
    pub fn too_far_ahead(self, now: Timestamp) -> bool {
        self.ms() > now.saturating_add(DAY_MS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_follows_the_wall_and_never_goes_back() {
        for (last, now, next) in [
            (Hlc(0), 1000, Hlc(1000 << 16)),
            (Hlc(1000 << 16), 1000, Hlc(1000 << 16 | 1)),
            (Hlc(1000 << 16 | 5), 999, Hlc(1000 << 16 | 6)),
            (Hlc(1000 << 16 | 0xffff), 1000, Hlc(1001 << 16)),
            (Hlc(5), -1, Hlc(6)),
            (Hlc(MAX), i64::MAX, Hlc(MAX)),
        ] {
            assert_eq!(Hlc::next(last, now), next, "last {last:?}, now {now}");
        }
    }

    #[test]
    fn a_day_ahead_is_the_limit() {
        let now = 1_700_000_000_000;
        assert!(!Hlc::at(now + DAY_MS).too_far_ahead(now));
        assert!(Hlc::at(now + DAY_MS + 1).too_far_ahead(now));
        assert!(!Hlc::at(0).too_far_ahead(now));
    }
}
