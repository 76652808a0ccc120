//! Minutes and hours of a block: what stays when its single values are dropped.
//!
//! | bytes | what |
//! |---|---|
//! | varint | how many periods; those without a number are left out |
//! | signed varint, runs | number of the first period since 1970, then of each next one how many come after the one before |
//! | runs | how many numbers each has |
//! | values | of all periods in this order: least, greatest, first, last |
//! | values | sums |
//!
//! Runs are pairs of varints: how often, and what. Values begin with their form: 0: 8 bytes each, 1: 4 bytes each, where those
//! hold them exactly, 2: `pco` with its varint length.

use super::{Damaged, bytes, bytes::Bytes};
use roadworthy_api::Timestamp;

/// Milliseconds of a minute and of an hour.
pub(crate) const MINUTE: i64 = 60_000;
pub(crate) const HOUR: i64 = 3_600_000;

/// Most periods of one block: a day has 1440 minutes, and no block is longer.
const MOST: usize = 2000;
/// No period lies so far away that its time cannot be told.
const FAR: Damaged = Damaged("its minutes or hours are of no time");
/// Fewer values than this gain nothing by `pco`.
const FEW: usize = 12;

/// The numbers of one minute or hour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Period {
    /// Which one since 1970.
    pub(crate) number: i64,
    pub(crate) count: u64,
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) sum: f64,
    pub(crate) first: f64,
    pub(crate) last: f64,
}

impl Period {
    fn of(number: i64, value: f64) -> Self {
        Self { number, count: 1, min: value, max: value, sum: value, first: value, last: value }
    }

    /// Takes in what came later.
    pub(crate) fn join(&mut self, later: &Period) {
        self.count += later.count;
        self.min = self.min.min(later.min);
        self.max = self.max.max(later.max);
        self.sum += later.sum;
        self.last = later.last;
    }
}

/// Minutes of values in the order of their times.
pub(crate) fn minutes(values: impl Iterator<Item = (Timestamp, f64)>) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    // End of the minute that values are added to.
    let mut until = Timestamp::MIN;
    for (at, value) in values {
        match periods.last_mut() {
            Some(open) if at < until => {
                open.count += 1;
                open.min = open.min.min(value);
                open.max = open.max.max(value);
                open.sum += value;
                open.last = value;
            }
            _ => {
                let number = at.div_euclid(MINUTE);
                until = number.saturating_add(1).saturating_mul(MINUTE);
                periods.push(Period::of(number, value));
            }
        }
    }
    periods
}

/// Hours made of minutes.
pub(crate) fn hours(minutes: &[Period]) -> Vec<Period> {
    let mut periods: Vec<Period> = Vec::new();
    for minute in minutes {
        let number = minute.number.div_euclid(60);
        match periods.last_mut() {
            Some(open) if open.number == number => open.join(minute),
            _ => periods.push(Period { number, ..*minute }),
        }
    }
    periods
}

/// As bytes.
pub(crate) fn write(periods: &[Period]) -> Vec<u8> {
    let mut out = Vec::new();
    bytes::put(&mut out, periods.len() as u64);
    let Some(first) = periods.first() else { return out };
    bytes::put_signed(&mut out, first.number);
    let steps = periods.windows(2).map(|w| w[1].number.wrapping_sub(w[0].number).unsigned_abs());
    bytes::put_runs(&mut out, steps);
    bytes::put_runs(&mut out, periods.iter().map(|p| p.count));
    let columns: [fn(&Period) -> f64; 4] = [|p| p.min, |p| p.max, |p| p.first, |p| p.last];
    let shape: Vec<f64> = columns.iter().flat_map(|column| periods.iter().map(column)).collect();
    put_values(&mut out, &shape);
    put_values(&mut out, &periods.iter().map(|p| p.sum).collect::<Vec<_>>());
    out
}

fn put_values(out: &mut Vec<u8>, values: &[f64]) {
    let short = values.iter().all(|v| f64::from(*v as f32).to_bits() == v.to_bits());
    let plain = values.len() * if short { 4 } else { 8 };
    if values.len() >= FEW {
        let packed = super::block::pack_numbers(values);
        if packed.len() + 2 < plain {
            out.push(2);
            bytes::put_bytes(out, &packed);
            return;
        }
    }
    out.push(u8::from(short));
    for value in values {
        if short {
            out.extend_from_slice(&(*value as f32).to_le_bytes());
        } else {
            out.extend_from_slice(&value.to_le_bytes());
        }
    }
}

fn values(bytes: &mut Bytes<'_>, count: usize) -> Result<Vec<f64>, Damaged> {
    match bytes.take(1)? {
        [0] => (0..count).map(|_| bytes.f64()).collect(),
        [1] => (0..count).map(|_| bytes.f32().map(f64::from)).collect(),
        [2] => super::block::unpack_numbers(bytes.bytes()?, count),
        _ => Err(Damaged("its minutes or hours have a form that is not known")),
    }
}

/// Back from bytes.
pub(crate) fn read(stored: &[u8]) -> Result<Vec<Period>, Damaged> {
    let mut bytes = Bytes(stored);
    let count = bytes.count(MOST)?;
    if count == 0 {
        return if bytes.is_empty() { Ok(Vec::new()) } else { Err(Damaged("there is more than there should be")) };
    }
    let mut number = bytes.signed()?;
    let steps = bytes.runs(count - 1)?;
    let counts = bytes.runs(count)?;
    let shape = values(&mut bytes, count * 4)?;
    let sums = values(&mut bytes, count)?;
    if !bytes.is_empty() {
        return Err(Damaged("there is more than there should be"));
    }
    if steps.contains(&0) || counts.iter().any(|count| !(1..=super::block::MOST as u64).contains(count)) {
        return Err(Damaged("its minutes or hours hold what they cannot"));
    }
    let mut columns = shape.chunks_exact(count);
    let mut column = || columns.next().unwrap_or_default();
    let (min, max, first, last) = (column(), column(), column(), column());
    let mut periods = Vec::with_capacity(count);
    let steps = std::iter::once(0).chain(steps);
    for ((((((step, count), min), max), first), last), sum) in
        steps.zip(counts).zip(min).zip(max).zip(first).zip(last).zip(sums)
    {
        number = number.checked_add_unsigned(step).ok_or(FAR)?;
        if number.checked_mul(HOUR).and_then(|at| at.checked_add(HOUR)).is_none() {
            return Err(FAR);
        }
        periods.push(Period { number, count, min: *min, max: *max, sum, first: *first, last: *last });
    }
    Ok(periods)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn minutes_and_hours_hold_what_the_values_say_and_read_back(
            mut values in proptest::collection::vec((0..20_000_000i64, -400..4000i32), 0..200),
            begin in -5..2_000_000_000_000i64,
        ) {
            values.sort_by_key(|v| v.0);
            let values: Vec<(i64, f64)> = values.into_iter().map(|(at, v)| (begin + at, f64::from(v) / 4.0)).collect();
            let minutes = minutes(values.iter().copied());
            for (length, periods) in [(MINUTE, minutes.clone()), (HOUR, hours(&minutes))] {
                prop_assert!(periods.windows(2).all(|w| w[0].number < w[1].number));
                prop_assert_eq!(&read(&write(&periods)).unwrap(), &periods);
                let mut seen = 0;
                for period in &periods {
                    let own: Vec<f64> = values.iter().filter(|(at, _)| at.div_euclid(length) == period.number).map(|v| v.1).collect();
                    prop_assert_eq!(period.count, own.len() as u64);
                    prop_assert_eq!((period.first, period.last), (own[0], own[own.len() - 1]));
                    prop_assert_eq!(period.min, own.iter().copied().fold(f64::INFINITY, f64::min));
                    prop_assert_eq!(period.max, own.iter().copied().fold(f64::NEG_INFINITY, f64::max));
                    prop_assert_eq!(period.sum, own.iter().sum::<f64>());
                    seen += own.len();
                }
                prop_assert_eq!(seen, values.len());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), at in any::<proptest::sample::Index>(), with in any::<u8>()) {
            drop(read(&bytes));
            let values = (0..40).map(|n| (n * 31_000, f64::from(n as i32) / 4.0));
            let mut sound = write(&minutes(values));
            let at = at.index(sound.len());
            sound[at] = with;
            drop(read(&sound));
        }
    }

    #[test]
    fn periods_that_cannot_be_are_refused() {
        let sound = Period::of(29_920_260, 1.5);
        assert_eq!(read(&write(&[sound])).unwrap(), [sound]);
        for number in [i64::MAX, i64::MIN, i64::MAX / HOUR + 1] {
            assert!(read(&write(&[Period { number, ..sound }])).is_err(), "because its time could not be told");
        }
        for count in [0, u64::MAX, super::super::block::MOST as u64 + 1] {
            assert!(read(&write(&[Period { count, ..sound }])).is_err(), "{count} values");
        }
        assert!(read(&write(&[sound, sound])).is_err(), "because each comes once");
    }
}
