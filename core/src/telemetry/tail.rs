//! A batch of samples as it lies in the tail: every sample in the order in which it came.
//!
//! | bytes | what |
//! |---|---|
//! | 1 | form: 1 |
//! | varint | signal number times 4, plus 0: a number, 1: a number that four bytes hold exactly, 2: a word, 3: missing |
//! | signed varint | milliseconds after the sample before; of the first one, after 1970 |
//! | 8 or 4 | a number (IEEE 754, least byte first); for a word or a reason the varint number of the text in this batch, and where that number is new, the text as varint length and UTF-8 |
//!
//! The last three lines repeat to the end. Whoever kills the process loses what was not committed; a batch is whole or not there.

use super::{Damaged, Value, bytes, bytes::Bytes};
use roadworthy_api::Timestamp;
use std::collections::HashMap;

const FORM: u8 = 1;

/// A batch on its way to the disk.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Packed {
    pub(crate) bytes: Vec<u8>,
    /// Samples.
    pub(crate) n: u64,
    /// Samples that hold a value.
    pub(crate) values: u64,
    /// Least time.
    pub(crate) from: Timestamp,
    /// Greatest time.
    pub(crate) to: Timestamp,
}

/// Packs samples.
#[derive(Debug, Default)]
pub(crate) struct Packer {
    packed: Packed,
    last: Timestamp,
    texts: HashMap<String, u64>,
}

impl Packer {
    /// Adds a sample.
    pub(crate) fn add(&mut self, signal: u32, at: Timestamp, value: Value<'_>) {
        let Packed { bytes, n, values, from, to } = &mut self.packed;
        if *n == 0 {
            bytes.push(FORM);
            (*from, *to) = (at, at);
        }
        *n += 1;
        (*from, *to) = ((*from).min(at), (*to).max(at));
        let signal = u64::from(signal) << 2;
        let step = at.wrapping_sub(std::mem::replace(&mut self.last, at));
        match value {
            Value::Number(number) => {
                *values += 1;
                let short = number as f32;
                if f64::from(short).to_bits() == number.to_bits() {
                    bytes::put(bytes, signal | 1);
                    bytes::put_signed(bytes, step);
                    bytes.extend_from_slice(&short.to_le_bytes());
                } else {
                    bytes::put(bytes, signal);
                    bytes::put_signed(bytes, step);
                    bytes.extend_from_slice(&number.to_le_bytes());
                }
            }
            Value::Word(text) | Value::Missing(text) => {
                let word = matches!(value, Value::Word(_));
                *values += u64::from(word);
                bytes::put(bytes, signal | if word { 2 } else { 3 });
                bytes::put_signed(bytes, step);
                match self.texts.get(text) {
                    Some(known) => bytes::put(bytes, *known),
                    None => {
                        bytes::put(bytes, self.texts.len() as u64);
                        bytes::put_bytes(bytes, text.as_bytes());
                        self.texts.insert(text.to_owned(), self.texts.len() as u64);
                    }
                }
            }
        }
    }

    /// What was packed, if anything; begins the next batch.
    pub(crate) fn take(&mut self) -> Option<Packed> {
        (self.last, self.texts) = (0, HashMap::new());
        let room = self.packed.bytes.len();
        let packed = std::mem::take(&mut self.packed);
        self.packed.bytes.reserve(room);
        (packed.n > 0).then_some(packed)
    }
}

/// The samples of a batch in their order.
pub(crate) struct Unpack<'a> {
    bytes: Bytes<'a>,
    last: Timestamp,
    texts: Vec<&'a str>,
}

/// Reads a batch.
pub(crate) fn unpack(packed: &[u8]) -> Result<Unpack<'_>, Damaged> {
    let mut bytes = Bytes(packed);
    match bytes.take(1)? {
        [FORM] => Ok(Unpack { bytes, last: 0, texts: Vec::new() }),
        _ => Err(Damaged("a batch has a form that is not known")),
    }
}

impl<'a> Unpack<'a> {
    fn sample(&mut self) -> Result<(u32, Timestamp, Value<'a>), Damaged> {
        let head = self.bytes.number()?;
        let signal = u32::try_from(head >> 2).map_err(|_| Damaged("there are not so many signals"))?;
        self.last = self.last.wrapping_add(self.bytes.signed()?);
        let value = match head & 3 {
            0 => Value::Number(self.bytes.f64()?),
            1 => Value::Number(f64::from(self.bytes.f32()?)),
            kind => {
                let place = self.bytes.count(self.texts.len())?;
                if place == self.texts.len() {
                    self.texts.push(self.bytes.text()?);
                }
                let text = self.texts.get(place).ok_or(Damaged("a text is not there"))?;
                if kind == 2 { Value::Word(text) } else { Value::Missing(text) }
            }
        };
        Ok((signal, self.last, value))
    }
}

impl<'a> Iterator for Unpack<'a> {
    type Item = Result<(u32, Timestamp, Value<'a>), Damaged>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.bytes.is_empty() {
            return None;
        }
        let sample = self.sample();
        if sample.is_err() {
            self.bytes = Bytes(&[]);
        }
        Some(sample)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A value that can be owned, for tests.
    #[derive(Clone, Debug, PartialEq)]
    pub(in crate::telemetry) enum Own {
        Number(f64),
        Word(String),
        Missing(String),
    }

    impl Own {
        pub(in crate::telemetry) fn value(&self) -> Value<'_> {
            match self {
                Self::Number(n) => Value::Number(*n),
                Self::Word(t) => Value::Word(t),
                Self::Missing(t) => Value::Missing(t),
            }
        }
    }

    pub(in crate::telemetry) fn own() -> impl Strategy<Value = Own> {
        prop_oneof![
            4 => (-40..400i32).prop_map(|n| Own::Number(f64::from(n) / 4.0)),
            1 => any::<f64>().prop_filter("finite", |v| v.is_finite()).prop_map(Own::Number),
            1 => "[a-cß]{0,2}".prop_map(Own::Word),
            1 => "[d-e]{0,1}".prop_map(Own::Missing),
        ]
    }

    proptest! {
        #[test]
        fn a_batch_reads_back_in_its_order(samples in proptest::collection::vec((0..300u32, any::<i64>(), own()), 1..40)) {
            let mut packer = Packer::default();
            for (signal, at, value) in &samples {
                packer.add(*signal, *at, value.value());
            }
            let packed = packer.take().unwrap();
            prop_assert_eq!((packed.n, packed.from), (samples.len() as u64, samples.iter().map(|s| s.1).min().unwrap()));
            let back: Vec<_> = unpack(&packed.bytes).unwrap().map(Result::unwrap).collect();
            prop_assert_eq!(back.len(), samples.len());
            for ((signal, at, value), sample) in back.iter().zip(&samples) {
                prop_assert_eq!((*signal, *at), (sample.0, sample.1));
                prop_assert!(value.same(sample.2.value()), "{:?} {:?}", value, sample);
            }
            prop_assert!(packer.take().is_none());
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..60), at in any::<proptest::sample::Index>(), with in any::<u8>()) {
            if let Ok(samples) = unpack(&bytes) {
                samples.for_each(drop);
            }
            let mut packer = Packer::default();
            packer.add(3, 1_795_215_600_000, Value::Number(0.1));
            packer.add(4, 1_795_215_600_000, Value::Word("closed loop"));
            packer.add(4, 1_795_215_600_050, Value::Missing("silent"));
            let mut sound = packer.take().unwrap().bytes;
            let at = at.index(sound.len());
            sound[at] = with;
            if let Ok(samples) = unpack(&sound) {
                samples.for_each(drop);
            }
        }
    }
}
