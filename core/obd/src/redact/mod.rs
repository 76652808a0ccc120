//! Takes out of a recording what says whose vehicle it is, so that it can be given away and still reads as it did.
//!
//! The usual case: [`Redactor::new`] with what is known to be personal, [`Redactor::traffic`] for the recording, and
//! [`Redactor::leaks`] to prove that nothing is left. What is replaced: VINs and the serial numbers of ECUs and engines, in
//! answers to service 09 (02, 0D) and 22 (F190, F18C, F802, F80D) whatever the bus, whole or broken, and wherever else they
//! stand; serial numbers and names that an adapter keeps (`STSN`, `AT @2`); addresses of radio adapters. Each gets a stand-in
//! of the same length, the same each time, and the checksum of a frame follows. Calibration ids and values stay.

mod frames;
#[cfg(test)]
mod tests;

use crate::{protocol::Family, traffic::Traffic, vin};
use frames::{Answer, Place, Row, answers};
use std::collections::BTreeMap;

/// Requests whose answer says which vehicle it is: hex, and how many bytes stand in front of that in the answer.
const PERSONAL: [(&str, usize); 6] =
    [("0902", 3), ("090D", 3), ("22F190", 3), ("22F18C", 3), ("22F802", 3), ("22F80D", 3)];
/// Adapters' commands whose answer says which adapter it is, or what its owner wrote into it.
const OWN: [&str; 3] = ["STSN", "AT@2", "ATRD"];
/// In place of a letter that belongs to nothing whole.
const BLANK: u8 = b'X';
/// Letters of a secret that must not be found together.
const PIECE: usize = 4;

/// What is replaced by what. The same throughout one bundle.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    stand_ins: BTreeMap<String, String>,
    vins: usize,
    others: usize,
}

impl Redactor {
    /// Knows these VINs from the start; what else there is it finds.
    pub fn new<'a>(vins: impl IntoIterator<Item = &'a str>) -> Self {
        let mut redactor = Self::default();
        for vin in vins {
            redactor.learn(vin);
        }
        redactor
    }

    /// What is replaced, in capitals.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.stand_ins.keys().map(String::as_str)
    }

    /// What stands in a bundle in place of the secrets.
    pub fn stand_ins(&self) -> impl Iterator<Item = &str> {
        self.stand_ins.values().map(String::as_str)
    }

    /// Takes a VIN or a serial number for a secret, and says what stands in its place.
    pub fn learn(&mut self, secret: &str) -> &str {
        let secret = secret.trim().to_ascii_uppercase();
        let (vins, others) = (&mut self.vins, &mut self.others);
        self.stand_ins.entry(secret).or_insert_with_key(|secret| {
            if vin::well_formed(secret).is_ok() {
                *vins += 1;
                return stand_in(*vins, vin::check_digit_fits(secret));
            }
            *others += 1;
            let number = format!("{:0>width$}", others, width = secret.len());
            let tail = number.get(number.len() - secret.len()..).unwrap_or_default().bytes();
            // A letter for a letter, so that it reads as what it was.
            let shape = secret.bytes().zip(tail).map(|(was, digit)| match was {
                b'A'..=b'Z' => 'X',
                b'0'..=b'9' => char::from(digit),
                other => char::from(other),
            });
            shape.collect()
        })
    }

    /// The recording without them.
    pub fn traffic(&mut self, traffic: &Traffic) -> Traffic {
        let answers = answers(traffic);
        let mut texts: Vec<String> = answers.iter().flat_map(Answer::personal).collect();
        // Whole ones first: what is a part of another was torn.
        texts.sort_by_key(|text| (vin::well_formed(text).is_err(), std::cmp::Reverse(text.len())));
        for text in texts {
            if !self.secrets().any(|secret| secret.contains(&text.to_ascii_uppercase())) {
                self.learn(&text);
            }
        }
        let mut out = traffic.clone();
        let mut put = |place: Place, byte: u8| {
            if let Some(b) = out.chunks.get_mut(place.0).and_then(|chunk| chunk.bytes.get_mut(place.1)) {
                *b = if b.is_ascii_lowercase() { byte.to_ascii_lowercase() } else { byte };
            }
        };
        for answer in &answers {
            let mut values: Vec<Vec<u8>> =
                answer.rows.iter().map(|r| r.bytes.iter().map(|b| b.value).collect()).collect();
            if answer.value_at().is_some() {
                self.replace_value(answer, &mut values);
            } else {
                self.replace_elsewhere(answer, &mut values);
            }
            for (row, new) in answer.rows.iter().zip(values) {
                write(row, &new, &mut put);
            }
            self.replace_text(answer, &mut put);
        }
        if let Some(error) = &mut out.ended {
            (error.message, error.hint) = (self.text(&error.message), self.text(&error.hint));
        }
        out
    }

    /// A text without them: as they are, and in hex without spaces.
    pub fn text(&self, text: &str) -> String {
        let mut out = text.to_owned();
        for (secret, stand_in) in &self.stand_ins {
            for (secret, stand_in) in [(secret.clone(), stand_in.clone()), (hex(secret), hex(stand_in))] {
                out = replaced(&out, &secret, &stand_in);
            }
        }
        out
    }

    /// In an answer that says which vehicle it is, each part of a secret becomes that part of its stand-in, also where the
    /// rest of it is missing; letters of nothing that is known become [`BLANK`].
    fn replace_value(&self, answer: &Answer, values: &mut [Vec<u8>]) {
        // How far each sender's text has come.
        let mut so_far: BTreeMap<&str, usize> = BTreeMap::new();
        let owns = answer.texts();
        let mut whole: Vec<(&String, &String)> = self.stand_ins.iter().collect();
        whole.sort_by_key(|(secret, _)| std::cmp::Reverse(secret.len()));
        for ((row, new), text) in answer.rows.iter().zip(values).zip(answer.value()) {
            let said: Vec<u8> = text.iter().map(|(_, b)| b.to_ascii_uppercase()).collect();
            let begun = so_far.entry(&row.sender).or_insert(0);
            // What this sender says as a whole comes before what looks like a part of another.
            let own = owns.get(row.sender.as_str());
            let own = own.and_then(|text| self.stand_ins.get_key_value(&text.to_ascii_uppercase()));
            let part = own.iter().chain(&whole).find_map(|(secret, stand_in)| {
                let here = |at: &usize| secret.as_bytes().get(*at..).is_some_and(|rest| rest.starts_with(&said));
                let at = Some(*begun).filter(here).or_else(|| (0..secret.len()).find(here))?;
                stand_in.as_bytes().get(at..at + said.len()).map(|part| (at, part.to_vec()))
            });
            let part = match part {
                Some((at, part)) if !said.is_empty() => {
                    *begun = at + part.len();
                    part
                }
                _ => vec![BLANK; said.len()],
            };
            for ((n, _), byte) in text.iter().zip(part) {
                if let Some(value) = new.get_mut(*n) {
                    *value = byte;
                }
            }
        }
    }

    /// Wherever else one stands: in what each sender says, line after line.
    fn replace_elsewhere(&self, answer: &Answer, values: &mut [Vec<u8>]) {
        for (secret, stand_in) in &self.stand_ins {
            for stream in answer.streams() {
                let bytes: Vec<u8> = stream
                    .iter()
                    .map(|(row, n)| values.get(*row).and_then(|v| v.get(*n)).map_or(0, u8::to_ascii_uppercase))
                    .collect();
                for start in found(&bytes, secret.as_bytes()) {
                    for ((row, n), byte) in stream.iter().skip(start).zip(stand_in.bytes()) {
                        if let Some(value) = values.get_mut(*row).and_then(|v| v.get_mut(*n)) {
                            *value = byte;
                        }
                    }
                }
            }
        }
    }

    /// As letters, and what an adapter says of itself.
    fn replace_text(&self, answer: &Answer, put: &mut dyn FnMut(Place, u8)) {
        let own = OWN.contains(&answer.exchange.bare().as_str());
        for row in &answer.rows {
            let text: Vec<u8> = row.letters.iter().map(|l| l.byte).collect();
            for (secret, stand_in) in &self.stand_ins {
                for start in found(&text, secret.as_bytes()) {
                    for (letter, byte) in row.letters.iter().skip(start).zip(stand_in.bytes()) {
                        put(letter.at, byte);
                    }
                }
            }
            let echo = text == answer.exchange.bare().as_bytes();
            if own && !echo && ![&b"OK"[..], b"?"].contains(&text.as_slice()) {
                row.letters.iter().filter(|l| l.byte.is_ascii_alphanumeric()).for_each(|l| put(l.at, BLANK));
            }
            if let Some(start) = address(&text) {
                let digits = row.letters.iter().skip(start).take(17).filter(|l| l.byte.is_ascii_hexdigit());
                digits.for_each(|l| put(l.at, b'0'));
            }
        }
    }

    /// Where a secret, or four letters of it in a row, can still be found, in every spelling; empty where nothing is left.
    pub fn leaks(&self, traffic: &Traffic) -> Vec<String> {
        let mut leaks = Vec::new();
        let text: String = traffic.to_text().to_ascii_uppercase();
        for answer in answers(traffic) {
            let streams = answer.streams().into_iter().map(|stream| {
                let value = |(row, n): &(usize, usize)| answer.rows.get(*row)?.bytes.get(*n).map(|b| b.value);
                stream.iter().filter_map(value).map(|b| b.to_ascii_uppercase()).collect::<Vec<u8>>()
            });
            let streams: Vec<Vec<u8>> = streams.collect();
            let letters: Vec<u8> = answer.rows.iter().flat_map(|r| &r.letters).map(|l| l.byte).collect();
            for secret in self.secrets() {
                let mut seen = |needle: &str, how: &str, whole: bool| {
                    let bytes = streams.iter().any(|s| !found(s, needle.as_bytes()).is_empty());
                    // A few digits may stand anywhere.
                    let digits = || !found(&letters, hex(needle).as_bytes()).is_empty();
                    if bytes || whole && (digits() || !found(&letters, needle.as_bytes()).is_empty()) {
                        leaks.push(format!("{how} is in the answer to {}", answer.exchange.sent));
                    }
                };
                seen(secret, "A secret", true);
                if answer.value_at().is_some() {
                    let known = |piece: &str| self.stand_ins().any(|s| s.contains(piece));
                    let pieces = (0..secret.len()).filter_map(|at| secret.get(at..at + PIECE));
                    pieces.filter(|piece| !known(piece)).for_each(|piece| seen(piece, "A part of a secret", false));
                }
            }
        }
        for secret in self.secrets() {
            if text.contains(secret) || text.contains(&hex(secret)) {
                leaks.push("A secret is in the text of the recording".into());
            }
        }
        leaks
    }
}

impl Answer {
    /// Where the value begins in an answer that says which vehicle it is.
    fn value_at(&self) -> Option<usize> {
        let question = self.question.as_ref()?;
        PERSONAL.iter().find(|(hex, _)| *hex == question.hex).map(|(_, at)| *at)
    }

    /// Letters and digits of that value, line by line, with their places; what follows it in a frame is padding.
    fn value(&self) -> Vec<Vec<(usize, u8)>> {
        let mut left: BTreeMap<&str, usize> = BTreeMap::new();
        let of_row = |row: &'_ Row| {
            let pci = |n: usize| usize::from(row.bytes.get(n).map_or(0, |b| b.value));
            let announced = match (row.checked, row.head) {
                (None, 1) if !row.goes_on => pci(0) & 0xF,
                (None, 2) => (pci(0) & 0xF) << 8 | pci(1),
                _ => usize::MAX,
            };
            (announced, if row.goes_on { 0 } else { self.value_at().unwrap_or(0) })
        };
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in &self.rows {
            let (announced, skip) = of_row(row);
            let left = left.entry(&row.sender).or_insert(usize::MAX);
            if !row.goes_on {
                *left = announced;
            }
            let said: Vec<(usize, u8)> = row.said().take(*left).collect();
            *left -= said.len();
            rows.push(said.into_iter().skip(skip).filter(|(_, b)| b.is_ascii_alphanumeric()).collect());
        }
        rows
    }

    /// What such an answer says, sender by sender, where it can be read as it stands.
    fn personal(&self) -> Vec<String> {
        if self.value_at().is_none() {
            return Vec::new();
        }
        self.texts().into_values().filter(|text| text.len() > PIECE).collect()
    }

    /// The whole of it by sender.
    fn texts(&self) -> BTreeMap<&str, String> {
        let mut texts: BTreeMap<&str, String> = BTreeMap::new();
        for (row, value) in self.rows.iter().zip(self.value()) {
            texts.entry(&row.sender).or_default().extend(value.into_iter().map(|(_, b)| char::from(b)));
        }
        texts
    }

    /// What each sender says in this answer, as places of bytes: once without protocol control and headers, and once without
    /// the service, infotype and number that lines of older buses begin with.
    fn streams(&self) -> Vec<Vec<(usize, usize)>> {
        let mut streams: BTreeMap<(&str, usize), Vec<(usize, usize)>> = BTreeMap::new();
        for (n, row) in self.rows.iter().enumerate() {
            for skip in [0, 3] {
                let said = row.said().skip(if row.goes_on { 0 } else { skip }).map(|(at, _)| (n, at));
                streams.entry((&row.sender, skip)).or_default().extend(said);
            }
        }
        streams.into_values().collect()
    }
}

/// Writes the bytes of a line that changed, and its checksum: one that was wrong stays as wrong as it was.
fn write(row: &Row, new: &[u8], put: &mut dyn FnMut(Place, u8)) {
    const HEX: &[u8; 16] = b"0123456789ABCDEF";
    let mut digits = |at: usize, value: u8| {
        if let Some(byte) = row.bytes.get(at) {
            put(byte.high, HEX[usize::from(value >> 4)]);
            put(byte.low, HEX[usize::from(value & 0xF)]);
        }
    };
    let old: Vec<u8> = row.bytes.iter().map(|b| b.value).collect();
    if old == new {
        return;
    }
    for (at, (was, is)) in old.iter().zip(new).enumerate() {
        if was != is {
            digits(at, *is);
        }
    }
    let (Some(family), Some((sum, before)), Some((_, after))) = (row.checked, old.split_last(), new.split_last())
    else {
        return;
    };
    let check = |bytes: &[u8]| match family {
        Family::Pwm | Family::Vpw => crate::frame::crc8(bytes),
        _ => bytes.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)),
    };
    let sum = match family {
        Family::Pwm | Family::Vpw => sum ^ check(before) ^ check(after),
        _ => sum.wrapping_add(check(after)).wrapping_sub(check(before)),
    };
    digits(before.len(), sum);
}

/// A VIN of nobody: a made-up maker, and a number. Its check digit fits where that of the VIN it stands for does.
fn stand_in(number: usize, fits: bool) -> String {
    let made = |digit: char| format!("1RWREDCT{digit}00{number:0>6}");
    let of = |fitting: bool| "0123456789X".chars().map(made).find(|vin| vin::check_digit_fits(vin) == fitting);
    of(fits).unwrap_or_else(|| made('0'))
}

fn hex(text: &str) -> String {
    crate::line::hex(text.as_bytes())
}

/// Every place at which `needle` begins.
fn found(bytes: &[u8], needle: &[u8]) -> Vec<usize> {
    if needle.is_empty() {
        return Vec::new();
    }
    bytes.windows(needle.len()).enumerate().filter(|(_, w)| *w == needle).map(|(at, _)| at).collect()
}

/// `text` with another spelled in its place, whatever its capitals.
fn replaced(text: &str, secret: &str, stand_in: &str) -> String {
    let upper = text.to_ascii_uppercase();
    let mut out = String::with_capacity(text.len());
    let mut from = 0;
    for start in found(upper.as_bytes(), secret.as_bytes()) {
        if start >= from {
            out.push_str(text.get(from..start).unwrap_or_default());
            out.push_str(stand_in);
            from = start + secret.len();
        }
    }
    out.push_str(text.get(from..).unwrap_or_default());
    out
}

/// Where an address of six bytes between colons or hyphens begins.
fn address(text: &[u8]) -> Option<usize> {
    text.windows(17).position(|window| {
        window
            .iter()
            .enumerate()
            .all(|(n, b)| if n % 3 == 2 { matches!(b, b':' | b'-') } else { b.is_ascii_hexdigit() })
    })
}
