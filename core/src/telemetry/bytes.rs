//! Numbers and texts as few bytes, and back without trusting any of them.
//!
//! A varint is LEB128: seven bits a byte, least first, the top bit set on all but the last. Signed numbers are zigzagged first.

use super::Damaged;

/// Longest text read back, in bytes.
const TEXT_MAX: usize = 1 << 20;

/// Appends a varint.
pub(super) fn put(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Appends a signed varint.
pub(super) fn put_signed(out: &mut Vec<u8>, value: i64) {
    put(out, ((value << 1) ^ (value >> 63)).cast_unsigned());
}

/// Appends a length and that many bytes.
pub(super) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

/// Appends numbers as runs: how often, and what.
pub(super) fn put_runs(out: &mut Vec<u8>, values: impl Iterator<Item = u64>) {
    let mut run: Option<(u64, u64)> = None;
    for value in values {
        run = match run {
            Some((count, same)) if same == value => Some((count + 1, same)),
            other => {
                if let Some((count, before)) = other {
                    put(out, count);
                    put(out, before);
                }
                Some((1, value))
            }
        };
    }
    if let Some((count, value)) = run {
        put(out, count);
        put(out, value);
    }
}

/// Reads from the front.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bytes<'a>(pub(super) &'a [u8]);

impl<'a> Bytes<'a> {
    pub(super) fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], Damaged> {
        let (taken, rest) = self.0.split_at_checked(count).ok_or(Damaged("it is cut off"))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn number(&mut self) -> Result<u64, Damaged> {
        let mut value = 0u64;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = self.0.split_first().ok_or(Damaged("it is cut off"))?;
            self.0 = rest;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                break;
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Damaged("a number in it is too long"))
    }

    pub(super) fn signed(&mut self) -> Result<i64, Damaged> {
        let value = self.number()?;
        Ok((value >> 1).cast_signed() ^ -((value & 1).cast_signed()))
    }

    /// A number that counts something, at most `most`.
    pub(super) fn count(&mut self, most: usize) -> Result<usize, Damaged> {
        usize::try_from(self.number()?).ok().filter(|c| *c <= most).ok_or(Damaged("it counts more than there can be"))
    }

    pub(super) fn bytes(&mut self) -> Result<&'a [u8], Damaged> {
        let count = self.count(self.0.len())?;
        self.take(count)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, Damaged> {
        let count = self.count(TEXT_MAX)?;
        std::str::from_utf8(self.take(count)?).map_err(|_| Damaged("a text in it is not UTF-8"))
    }

    pub(super) fn f64(&mut self) -> Result<f64, Damaged> {
        let bytes = self.take(8)?.try_into().map_err(|_| Damaged("it is cut off"))?;
        Ok(f64::from_le_bytes(bytes))
    }

    pub(super) fn f32(&mut self) -> Result<f32, Damaged> {
        let bytes = self.take(4)?.try_into().map_err(|_| Damaged("it is cut off"))?;
        Ok(f32::from_le_bytes(bytes))
    }

    /// Runs that make up exactly `count` numbers.
    pub(super) fn runs(&mut self, count: usize) -> Result<Vec<u64>, Damaged> {
        let mut values = Vec::with_capacity(count);
        while values.len() < count {
            let run = self.count(count - values.len())?;
            if run == 0 {
                return Err(Damaged("a run in it is empty"));
            }
            let value = self.number()?;
            values.resize(values.len() + run, value);
        }
        Ok(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn numbers_and_runs_read_back(plain in any::<u64>(), signed in any::<i64>(), some in proptest::collection::vec(0..4u64, 0..40)) {
            let mut out = Vec::new();
            put(&mut out, plain);
            put_signed(&mut out, signed);
            put_runs(&mut out, some.iter().copied());
            let mut bytes = Bytes(&out);
            prop_assert_eq!(bytes.number().unwrap(), plain);
            prop_assert_eq!(bytes.signed().unwrap(), signed);
            prop_assert_eq!(bytes.runs(some.len()).unwrap(), some);
            prop_assert!(bytes.is_empty());
        }
    }

    #[test]
    fn what_is_too_long_or_cut_off_is_refused() {
        for bytes in [&[][..], &[0x80], &[0xff; 10], &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02]] {
            assert!(Bytes(bytes).number().is_err(), "{bytes:?}");
        }
        assert_eq!(Bytes(&[0, 5]).runs(1), Err(Damaged("a run in it is empty")));
        assert!(Bytes(&[9, 5]).runs(8).is_err(), "because a run may not be longer than all");
    }
}
