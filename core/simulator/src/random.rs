//! Numbers that look random and are the same for the same seed on every machine (SplitMix64).

/// A seeded source.
#[derive(Clone, Debug)]
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// Evenly spread over `low..high`.
    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        // 53 bits fill a double exactly.
        let unit = (self.next() >> 11) as f64 / (1u64 << 53) as f64;
        low + unit * (high - low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_numbers_within_their_bounds() {
        let (mut a, mut b, mut c) = (Random::new(7), Random::new(7), Random::new(8));
        let mut differs = false;
        for _ in 0..1000 {
            let x = a.between(-2.0, 5.0);
            assert!((-2.0..5.0).contains(&x));
            assert_eq!(x, b.between(-2.0, 5.0));
            differs |= x != c.between(-2.0, 5.0);
        }
        assert!(differs);
    }
}
