//! How far a test result is from its limits.

use super::{TestResult, uas};

/// One of a test's two limits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The smallest value that passes.
    Minimum,
    /// The largest value that passes.
    Maximum,
}

impl Limit {
    /// `min` or `max`.
    pub fn text(self) -> &'static str {
        match self {
            Self::Minimum => "min",
            Self::Maximum => "max",
        }
    }
}

/// Distance of a value from the nearer of its limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Margin {
    /// Which limit is the nearer one.
    pub limit: Limit,
    /// Distance in the test's unit, negative beyond the limit; `None` where the scaling is published nowhere.
    pub distance: Option<f64>,
    /// How far inside its limits the value is: 0 at a limit, 1 where it is as far from them as can be. `None` beyond a limit,
    /// and where there is no span.
    pub room: Option<f64>,
}

/// Share of the way from a limit to the middle between both, 0 to 1.
pub(super) fn room(value: i32, (min, max): (i32, i32)) -> Option<f64> {
    let steps = (value - min).min(max - value);
    (max > min && steps >= 0).then(|| 2.0 * f64::from(steps) / f64::from(max - min))
}

impl TestResult {
    /// Whether the test has run to its end since codes were cleared. One that has not reports value and limits as zero (so the
    /// test programme of SAE J1699-3, and AUTOSAR's `DEM_DTR_CTL_RESET`); such a record passes by its numbers and means
    /// nothing.
    pub fn completed(&self) -> bool {
        self.raw != [0; 3]
    }

    /// How far the value is from the nearer limit; `None` where the test has not run or has no limit.
    ///
    /// A limit at the end of its range, 0000 or 8000 as a minimum and FFFF or 7FFF as a maximum, can be broken by no value and
    /// counts as none. The span of an unsigned test with a maximum only is counted from 0000, below which no value lies.
    pub fn margin(&self) -> Option<Margin> {
        if !self.completed() {
            return None;
        }
        let signed = uas::is_signed(self.uas);
        let [value, min, max] = self.numbers();
        let [above, below] = [self.bounded(Limit::Minimum), self.bounded(Limit::Maximum)];
        let above = above.then(|| value - min);
        let below = below.then(|| max - value);
        let (limit, steps) = match (above, below) {
            (Some(above), Some(below)) if above < below => (Limit::Minimum, above),
            (Some(above), None) => (Limit::Minimum, above),
            (_, Some(below)) => (Limit::Maximum, below),
            (None, None) => return None,
        };
        let spanned = below.is_some() && (above.is_some() || !signed) && max > min;
        let room = match (spanned, above) {
            (false, _) => None,
            (true, Some(_)) => room(value, (min, max)),
            // With a maximum only the best is zero.
            (true, None) => (steps >= 0).then(|| f64::from(steps) / f64::from(max)),
        };
        let steps = f64::from(steps);
        Some(Margin {
            limit,
            distance: uas::scaling(self.uas).filter(|_| self.scaled.is_some()).map(|scaling| steps * scaling.step),
            room,
        })
    }

    /// Value, minimum and maximum as numbers without a unit: signed where the scaling is (ids from 80 on).
    pub fn numbers(&self) -> [i32; 3] {
        let signed = uas::is_signed(self.uas);
        self.raw.map(|r| if signed { i32::from(r.cast_signed()) } else { i32::from(r) })
    }

    /// Whether the test has that limit at all: it ran, and a value could break it.
    pub fn bounded(&self, limit: Limit) -> bool {
        let (lowest, highest) = if uas::is_signed(self.uas) { (0x8000, 0x7FFF) } else { (0, 0xFFFF) };
        let [_, min, max] = self.raw;
        self.completed()
            && match limit {
                Limit::Minimum => min != lowest,
                Limit::Maximum => max != highest,
            }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Context, decode};

    #[test]
    fn the_nearer_limit_counts_and_a_missing_one_does_not() {
        use Limit::{Maximum, Minimum};
        for (record, expect) in [
            // 10 to 50 ms: 20 is 10 above the minimum.
            ("0102100014000A0032", Some((Minimum, Some(10.0)))),
            ("010210002D000A0032", Some((Maximum, Some(5.0)))),
            // Beyond a limit.
            ("0102100008000A0032", Some((Minimum, Some(-2.0)))),
            ("0102100036000A0032", Some((Maximum, Some(-4.0)))),
            // A maximum only: from zero.
            ("010210000A00000032", Some((Maximum, Some(40.0)))),
            // A minimum only.
            ("0102100014000AFFFF", Some((Minimum, Some(10.0)))),
            ("010281001480000032", Some((Maximum, Some(30.0)))),
            ("0102810014000A7FFF", Some((Minimum, Some(10.0)))),
            ("01021000140000FFFF", None),
            // Both the same.
            ("010224000500050005", Some((Maximum, Some(0.0)))),
            // Not run since codes were cleared.
            ("010210000000000000", None),
            // No scaling, no unit.
            ("0102700014000A0032", Some((Minimum, None))),
        ] {
            let payload = crate::line::unhex(&format!("46{record}")).unwrap();
            let decoded = decode(&payload, Context::default()).unwrap();
            let got = decoded.tests()[0].margin().map(|m| (m.limit, m.distance));
            assert_eq!(got, expect, "{record}");
        }
    }

    #[test]
    fn there_is_room_from_a_limit_to_the_farthest_from_it() {
        for (record, expect) in [
            ("010210001E000A0032", Some(1.0)),
            ("0102100014000A0032", Some(0.5)),
            ("010210000A000A0032", Some(0.0)),
            ("0102100036000A0032", None),
            // A maximum only, unsigned: from zero. Signed: there is no farthest.
            ("010210000000000004", Some(1.0)),
            ("010210000300000004", Some(0.25)),
            ("010281FFFD80000004", None),
            // A minimum only.
            ("0102100090000AFFFF", None),
            // Without a scaling as well.
            ("0102700014000A0032", Some(0.5)),
        ] {
            let payload = crate::line::unhex(&format!("46{record}")).unwrap();
            let decoded = decode(&payload, Context::default()).unwrap();
            assert_eq!(decoded.tests()[0].margin().and_then(|m| m.room), expect, "{record}");
        }
    }
}
