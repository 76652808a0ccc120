//! A sealed block: all samples of one signal over at most a day. **This format is final**; a block is never written again.
//!
//! Codec 1, the bytes of `block_data.data`:
//!
//! | bytes | what |
//! |---|---|
//! | varint | how many samples |
//! | varint length, bytes | their times, milliseconds since 1970, ascending, as `pco` (standalone, 64-bit signed) |
//! | varint, varint length, bytes | how many are numbers; these in order, see below; no bytes where there are none |
//! | varint, then each as varint length and UTF-8 | texts: words, and reasons why something is missing |
//! | to the end, three varints each | runs of samples that are no numbers: numbers between the run before and this one, length of the run, number of the text times 2 plus 1 if it is a reason |
//!
//! Numbers begin with their form. 0: as `pco` (64-bit float). 1: what most sensors give, few numbers again and again: varint,
//! how many there are; varint length, these ascending as `pco` (64-bit float); then which one each is, as `pco` (16-bit
//! unsigned), to the end. The form that is shorter is written.
//!
//! `hash` is BLAKE3 over the 18 bytes `roadworthy block 1`, then these fields, each as its length (4 bytes, most significant
//! first) and its bytes: codec, subject, recording, signal, unit, label, first time, last time, number of samples, BLAKE3 of the
//! data, minutes, hours. Numbers are 8 bytes, most significant first. The journal names blocks by this hash, so that a block
//! is evidence as the event is; dropping the single values keeps it, since their hash stays.

use super::{Damaged, Value, bytes, bytes::Bytes};
use pco::{ChunkConfig, DeltaSpec, data_types::Number, standalone};
use roadworthy_api::Timestamp;
use std::collections::HashMap;

/// The codec that blocks are sealed with.
pub(crate) const CODEC: i64 = 1;
/// Most samples of one block.
pub(crate) const MOST: usize = 1 << 20;
/// Most milliseconds between the first and the last sample of a block.
pub(crate) const SPAN: i64 = 86_400_000;

/// Most different numbers of a block of form 1, and how often each comes at least on average: else form 0 is shorter.
const DISTINCT: usize = 4096;
const OFTEN: usize = 4;

const DOMAIN: &[u8; 18] = b"roadworthy block 1";

/// A sample that is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Odd {
    /// Its place among all.
    place: usize,
    text: usize,
    missing: bool,
}

/// Samples of one signal, oldest first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Samples {
    pub(crate) times: Vec<Timestamp>,
    numbers: Vec<f64>,
    odd: Vec<Odd>,
    texts: Vec<String>,
}

impl Samples {
    pub(crate) fn len(&self) -> usize {
        self.times.len()
    }

    /// Samples that hold a value.
    pub(crate) fn values(&self) -> u64 {
        (self.len() - self.odd.iter().filter(|o| o.missing).count()) as u64
    }

    /// Adds one that is not older than the last; `known`: texts by what they say, kept by who adds.
    pub(crate) fn push(&mut self, at: Timestamp, value: Value<'_>, known: &mut HashMap<String, usize>) {
        let (text, missing) = match value {
            Value::Number(number) => {
                self.times.push(at);
                self.numbers.push(number);
                return;
            }
            Value::Word(text) => (text, false),
            Value::Missing(text) => (text, true),
        };
        let text = match known.get(text) {
            Some(number) => *number,
            None => {
                known.insert(text.to_owned(), self.texts.len());
                self.texts.push(text.to_owned());
                self.texts.len() - 1
            }
        };
        self.odd.push(Odd { place: self.times.len(), text, missing });
        self.times.push(at);
    }

    /// All of them, oldest first.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Timestamp, Value<'_>)> {
        let (mut odd, mut numbers) = (self.odd.iter().peekable(), self.numbers.iter());
        self.times.iter().enumerate().filter_map(move |(place, at)| {
            let value = match odd.next_if(|o| o.place == place) {
                Some(odd) => {
                    let text = self.texts.get(odd.text)?;
                    if odd.missing { Value::Missing(text) } else { Value::Word(text) }
                }
                None => Value::Number(*numbers.next()?),
            };
            Some((*at, value))
        })
    }

    /// Times and values of the numbers.
    pub(crate) fn numbers(&self) -> impl Iterator<Item = (Timestamp, f64)> {
        let plain = self.odd.is_empty();
        let mut odd = self.odd.iter().peekable();
        let times = self.times.iter().enumerate();
        let times = times.filter(move |(place, _)| plain || odd.next_if(|o| o.place == *place).is_none());
        times.map(|(_, at)| *at).zip(self.numbers.iter().copied())
    }

    /// As bytes. `times`: those that were written last.
    pub(crate) fn write(&self, times: &mut LastTimes) -> Vec<u8> {
        let mut out = Vec::new();
        bytes::put(&mut out, self.times.len() as u64);
        bytes::put_bytes(&mut out, times.packed(&self.times));
        bytes::put(&mut out, self.numbers.len() as u64);
        bytes::put_bytes(&mut out, &write_numbers(&self.numbers));
        bytes::put(&mut out, self.texts.len() as u64);
        for text in &self.texts {
            bytes::put_bytes(&mut out, text.as_bytes());
        }
        let mut done = 0;
        for run in self.odd.chunk_by(|a, b| b.place == a.place + 1 && (a.text, a.missing) == (b.text, b.missing)) {
            let Some(first) = run.first() else { continue };
            bytes::put(&mut out, (first.place - done) as u64);
            bytes::put(&mut out, run.len() as u64);
            bytes::put(&mut out, (first.text as u64) << 1 | u64::from(first.missing));
            done = first.place + run.len();
        }
        out
    }
}

/// Times as they were packed last: signals that were read together have the same, and packing them is a good part of all work.
#[derive(Debug, Default)]
pub(crate) struct LastTimes {
    times: Vec<Timestamp>,
    packed: Vec<u8>,
}

impl LastTimes {
    fn packed(&mut self, times: &[Timestamp]) -> &[u8] {
        if self.times != times {
            self.times.clear();
            self.times.extend_from_slice(times);
            self.packed = pack(times, DeltaSpec::TryConsecutive(1));
        }
        &self.packed
    }
}

/// Reads the data of a block.
pub(crate) fn read(codec: i64, data: &[u8]) -> Result<Samples, Damaged> {
    if codec != CODEC {
        return Err(Damaged("its codec is not known to this version"));
    }
    let mut bytes = Bytes(data);
    let count = bytes.count(MOST)?;
    let times: Vec<Timestamp> = unpack(bytes.bytes()?, count)?;
    let numbers = bytes.count(count)?;
    let numbers = read_numbers(bytes.bytes()?, numbers)?;
    let texts = bytes.count(count)?;
    let texts: Vec<String> = (0..texts).map(|_| bytes.text().map(str::to_owned)).collect::<Result<_, _>>()?;
    let mut odd = Vec::new();
    let mut place = 0;
    while !bytes.is_empty() {
        place += bytes.count(count - place)?;
        let run = bytes.count(count - place)?;
        let code = bytes.count(usize::MAX)?;
        let (text, missing) = (code >> 1, code & 1 == 1);
        if run == 0 || text >= texts.len() {
            return Err(Damaged("its words are not there"));
        }
        odd.extend((place..place + run).map(|place| Odd { place, text, missing }));
        place += run;
    }
    if odd.len() + numbers.len() != count {
        return Err(Damaged("it has not as many values as times"));
    }
    if times.windows(2).any(|w| w[0] > w[1]) {
        return Err(Damaged("its times do not ascend"));
    }
    Ok(Samples { times, numbers, odd, texts })
}

fn write_numbers(numbers: &[f64]) -> Vec<u8> {
    if numbers.is_empty() {
        return Vec::new();
    }
    let mut out = vec![0];
    out.extend_from_slice(&pack_numbers(numbers));
    match write_named(numbers) {
        Some(named) if named.len() < out.len() => named,
        _ => out,
    }
}

/// Different numbers by their bits, in the order in which they came: a table of at most [`DISTINCT`] with as many free slots.
struct Places {
    /// Place plus one; 0: free.
    slots: Vec<u16>,
    known: Vec<u64>,
}

impl Default for Places {
    fn default() -> Self {
        Self { slots: vec![0; 2 * DISTINCT], known: Vec::new() }
    }
}

impl Places {
    /// The place of a number; `None`: it would be one more than `most`.
    fn of(&mut self, bits: u64, most: usize) -> Option<usize> {
        // The upper bits of a product by an odd number are spread by all bits of it.
        let mut at = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 51) as usize;
        loop {
            let slot = self.slots.get_mut(at & (2 * DISTINCT - 1))?;
            let place = usize::from(*slot).wrapping_sub(1);
            match self.known.get(place) {
                Some(known) if *known == bits => return Some(place),
                Some(_) => at += 1,
                None if self.known.len() >= most => return None,
                None => {
                    self.known.push(bits);
                    *slot = u16::try_from(self.known.len()).ok()?;
                    return Some(self.known.len() - 1);
                }
            }
        }
    }
}

/// Form 1, if there are few enough different numbers.
fn write_named(numbers: &[f64]) -> Option<Vec<u8>> {
    let most = DISTINCT.min(numbers.len() / OFTEN);
    // By their bits: -0 is not 0.
    let (mut places, mut which) = (Places::default(), Vec::with_capacity(numbers.len()));
    for number in numbers {
        which.push(places.of(number.to_bits(), most)?);
    }
    let mut distinct: Vec<(f64, usize)> =
        places.known.into_iter().zip(0..).map(|(bits, place)| (f64::from_bits(bits), place)).collect();
    distinct.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut ranks = vec![0u16; distinct.len()];
    for (rank, (_, place)) in (0u16..).zip(&distinct) {
        *ranks.get_mut(*place)? = rank;
    }
    let which: Vec<u16> = which.into_iter().filter_map(|place| ranks.get(place).copied()).collect();
    let distinct: Vec<f64> = distinct.into_iter().map(|(number, _)| number).collect();
    let mut out = vec![1];
    bytes::put(&mut out, distinct.len() as u64);
    bytes::put_bytes(&mut out, &pack_numbers(&distinct));
    out.extend_from_slice(&pack(&which, DeltaSpec::Auto));
    Some(out)
}

fn read_numbers(packed: &[u8], count: usize) -> Result<Vec<f64>, Damaged> {
    let mut bytes = Bytes(packed);
    if count == 0 {
        return unpack(packed, 0);
    }
    match bytes.take(1)? {
        [0] => unpack(bytes.0, count),
        [1] => {
            let distinct = bytes.count(DISTINCT)?;
            let distinct: Vec<f64> = unpack(bytes.bytes()?, distinct)?;
            let which: Vec<u16> = unpack(bytes.0, count)?;
            let number = |which: u16| distinct.get(usize::from(which)).copied();
            which.into_iter().map(number).collect::<Option<_>>().ok_or(Damaged("a number in it is not there"))
        }
        _ => Err(Damaged("its numbers have a form that is not known")),
    }
}

fn pack<T: Number>(values: &[T], delta: DeltaSpec) -> Vec<u8> {
    if values.is_empty() {
        return Vec::new();
    }
    let config = ChunkConfig::default().with_delta_spec(delta);
    // Only a setting that is out of range makes it fail, and these are not.
    standalone::simple_compress(values, &config).unwrap_or_default()
}

/// Numbers as `pco`.
pub(crate) fn pack_numbers(values: &[f64]) -> Vec<u8> {
    pack(values, DeltaSpec::Auto)
}

/// Back from it, exactly so many.
pub(crate) fn unpack_numbers(packed: &[u8], count: usize) -> Result<Vec<f64>, Damaged> {
    unpack(packed, count)
}

fn unpack<T: Number + Default>(packed: &[u8], count: usize) -> Result<Vec<T>, Damaged> {
    if count == 0 {
        return if packed.is_empty() { Ok(Vec::new()) } else { Err(Damaged("there is more than there should be")) };
    }
    // Read into room of the size expected, so that a length in damaged bytes allocates nothing.
    let mut values = vec![T::default(); count];
    let progress =
        standalone::simple_decompress_into(packed, &mut values).map_err(|_| Damaged("pco cannot read it"))?;
    if progress.n_processed != count || !progress.finished {
        return Err(Damaged("it has not as many values as it should"));
    }
    Ok(values)
}

/// What `hash` is made of.
pub(crate) struct Said<'a> {
    pub(crate) codec: i64,
    pub(crate) subject: &'a [u8],
    pub(crate) recording: &'a [u8],
    pub(crate) signal: &'a [u8],
    pub(crate) unit: &'a [u8],
    /// Of the signal's first block, for all of them.
    pub(crate) label: &'a [u8],
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) n: i64,
    pub(crate) data_hash: &'a [u8],
    pub(crate) minutes: &'a [u8],
    pub(crate) hours: &'a [u8],
}

impl Said<'_> {
    pub(crate) fn hash(&self) -> [u8; 32] {
        let [codec, from, to, n] = [self.codec, self.from, self.to, self.n].map(i64::to_be_bytes);
        let fields: [&[u8]; 12] = [
            &codec,
            self.subject,
            self.recording,
            self.signal,
            self.unit,
            self.label,
            &from,
            &to,
            &n,
            self.data_hash,
            self.minutes,
            self.hours,
        ];
        let mut hasher = blake3::Hasher::new();
        hasher.update(DOMAIN);
        for field in fields {
            // SQLite holds at most 2^31 bytes in a field, so the length always fits.
            hasher.update(&u32::try_from(field.len()).unwrap_or(u32::MAX).to_be_bytes()).update(field);
        }
        hasher.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::telemetry::tail::tests::{Own, own};
    use proptest::prelude::*;

    pub(super) fn samples(values: &[(i64, Own)]) -> Samples {
        let (mut samples, mut known) = (Samples::default(), HashMap::new());
        for (at, value) in values {
            samples.push(*at, value.value(), &mut known);
        }
        samples
    }

    #[test]
    fn few_numbers_that_come_again_take_less_than_as_they_are() {
        let steps = |n: i32, distinct: i32| f64::from(n * 7 % distinct) * 100.0 / 255.0;
        for (distinct, form) in [(1, 0), (40, 1), (200, 1), (3000, 0)] {
            let values: Vec<f64> = (0..3600).map(|n| steps(n * n % 9973, distinct)).collect();
            let written = write_numbers(&values);
            assert_eq!(written[0], form, "{distinct}");
            let back = read_numbers(&written, values.len()).unwrap();
            assert!(back.iter().zip(&values).all(|(a, b)| a.to_bits() == b.to_bits()) && back.len() == values.len());
            assert!(written.len() <= pack_numbers(&values).len() + 1);
        }
        let zeros: Vec<f64> = (0..400).map(|n| if n % 3 == 0 { -0.0 } else { 0.0 }).collect();
        let back = read_numbers(&write_numbers(&zeros), 400).unwrap();
        assert!(back.iter().zip(&zeros).all(|(a, b)| a.to_bits() == b.to_bits()), "because -0 is not 0");
    }

    proptest! {
        #[test]
        fn a_block_reads_back(mut values in proptest::collection::vec((any::<i32>(), own()), 0..80)) {
            values.sort_by_key(|v| v.0);
            let values: Vec<(i64, Own)> = values.into_iter().map(|(at, v)| (i64::from(at), v)).collect();
            let block = samples(&values);
            let back = read(CODEC, &block.write(&mut LastTimes::default())).unwrap();
            prop_assert_eq!(&back, &block);
            let all: Vec<_> = back.iter().collect();
            prop_assert_eq!(all.len(), values.len());
            for ((at, value), own) in all.iter().zip(&values) {
                prop_assert!(*at == own.0 && value.same(own.1.value()), "{:?} {:?}", value, own);
            }
            let numbers = values.iter().filter_map(|(at, v)| if let Own::Number(n) = v { Some((*at, *n)) } else { None });
            prop_assert!(back.numbers().eq(numbers));
        }
    }

    #[test]
    fn no_damage_to_a_block_makes_it_panic_and_none_is_taken_for_sound_by_its_hash() {
        let values: Vec<(i64, Own)> = (0..300)
            .map(|n| {
                (
                    1_795_215_600_000 + n * 100 + n % 3,
                    match n % 50 {
                        7 => Own::Word("closed loop".into()),
                        8 => Own::Missing("silent".into()),
                        _ => Own::Number(f64::from((n * 37 % 400) as i32) * 0.25),
                    },
                )
            })
            .collect();
        let sound = samples(&values).write(&mut LastTimes::default());
        let hash = blake3::hash(&sound);
        for place in 0..sound.len() {
            for bit in 0..8 {
                let mut damaged = sound.clone();
                damaged[place] ^= 1 << bit;
                drop(read(CODEC, &damaged));
                assert_ne!(blake3::hash(&damaged), hash);
            }
            drop(read(CODEC, &sound[..place]));
        }
        assert_eq!(read(2, &sound), Err(Damaged("its codec is not known to this version")));
    }

    #[test]
    fn any_bytes_are_refused_or_read_without_a_panic() {
        let mut state = 0x2545_f491_4f6c_dd1d_u64;
        let mut next = move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        };
        let sound =
            samples(&(0..60).map(|n| (n, Own::Number(n as f64))).collect::<Vec<_>>()).write(&mut LastTimes::default());
        for _ in 0..if std::env::var_os("ROADWORTHY_LONG").is_some() { 1_000_000 } else { 20_000 } {
            let mut bytes = sound.clone();
            for _ in 0..1 + next() % 4 {
                let place = next() as usize % bytes.len();
                bytes[place] = next() as u8;
            }
            drop(read(CODEC, &bytes));
        }
    }

    #[test]
    fn the_hash_is_of_every_field() {
        let said = || Said {
            codec: 1,
            subject: &[1; 16],
            recording: &[2; 16],
            signal: b"7E8:0C:engine_rpm",
            unit: b"rpm",
            label: b"Engine speed",
            from: 3,
            to: 4,
            n: 5,
            data_hash: &[6; 32],
            minutes: &[7],
            hours: &[8],
        };
        let mut all = vec![
            said(),
            Said { codec: 2, ..said() },
            Said { subject: &[2; 16], ..said() },
            Said { recording: &[1; 16], ..said() },
            Said { signal: b"7E8:0C:engine_rp", unit: b"mrpm", ..said() },
            Said { unit: b"rp", label: b"mEngine speed", ..said() },
            Said { label: b"Engine Speed", ..said() },
            Said { from: 4, ..said() },
            Said { to: 3, ..said() },
            Said { n: 6, ..said() },
            Said { data_hash: &[7; 32], ..said() },
            Said { minutes: &[7, 8], hours: &[], ..said() },
            Said { hours: &[9], ..said() },
        ];
        let mut hashes: Vec<_> = all.drain(..).map(|s| s.hash()).collect();
        assert_eq!(
            blake3::Hash::from(hashes[0]).to_hex().as_str(),
            "a223613003ee0965c34cad9cc35dd4e3d8eb9d1c7142429e4c0d5d4b72b1700b",
            "because the format is final"
        );
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }
}
