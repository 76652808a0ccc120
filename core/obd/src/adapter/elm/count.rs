//! The count of awaited frames behind a request ("010C1"): a chip that honours it ends its answer with the last of them and
//! does not wait for more. Used only where the passport proves it, and only with a count that an answer without it has shown
//! or that follows from what the ECUs support. A counted answer in which anything is missing or strange counts for nothing:
//! the request goes out again without its count.

use crate::{
    adapter::{Reply, Request, Target},
    frame::Line,
};
use std::collections::{BTreeSet, HashMap};

/// The greatest count: one hexadecimal digit.
const MOST: u32 = 15;
/// Counted answers in a row that did not hold after which no request is counted any more.
const DOUBTS: u8 = 3;

/// A count as it may stand behind a request.
pub(super) fn digit(frames: u32) -> Option<u8> {
    u8::try_from(frames).ok().filter(|n| (1..=MOST).contains(&u32::from(*n)))
}

/// A request as it is sent.
pub(super) fn text(request: &Request, count: Option<u8>) -> String {
    match count {
        Some(count) => format!("{}{count:X}", request.hex()),
        None => request.hex().to_owned(),
    }
}

/// Lines of an answer that hold a frame.
pub(super) fn frames(sent: &str, answer: &[u8]) -> u32 {
    let frame = |line: &&[u8]| {
        let digits: Vec<u8> = line.iter().copied().filter(|b| *b != b' ' && *b != b'\n').collect();
        digits.len() >= 5 && digits.iter().all(u8::is_ascii_hexdigit) && !digits.eq_ignore_ascii_case(sent.as_bytes())
    };
    u32::try_from(answer.split(|b| *b == b'\r').filter(frame).count()).unwrap_or(u32::MAX)
}

/// What an answer looks like when it is whole.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Shape {
    count: u8,
    senders: BTreeSet<String>,
}

/// Which requests may be counted.
#[derive(Debug, Default)]
pub(super) struct Counts {
    on: bool,
    shapes: HashMap<(Target, String), Shape>,
    doubts: u8,
}

impl Counts {
    /// From now on, since it is proven.
    pub(super) fn allow(&mut self) {
        self.on = true;
    }

    /// The count for a request, if there is one.
    pub(super) fn of(&self, request: &Request) -> Option<u8> {
        let shape = self.shapes.get(&key(request)).filter(|_| self.on && request.only_reads())?;
        Some(shape.count)
    }

    /// What will come, where that is known beforehand.
    pub(super) fn expect(&mut self, request: &Request, senders: BTreeSet<String>, frames: u32) {
        if let Some(count) = digit(frames).filter(|_| self.on && !senders.is_empty()) {
            self.shapes.entry(key(request)).or_insert(Shape { count, senders });
        }
    }

    /// A sound answer to a request without a count.
    pub(super) fn learn(&mut self, request: &Request, reply: &Reply, frames: u32) {
        let senders = senders(reply);
        if let Some(count) = digit(frames).filter(|_| self.on && !senders.is_empty()) {
            self.shapes.insert(key(request), Shape { count, senders });
        }
    }

    /// Whether an answer to a counted request is what it was before: sound, and of the same ECUs. Where it is not, the
    /// request is not counted again until an answer without a count has shown what to await.
    pub(super) fn holds(&mut self, request: &Request, reply: &Reply, sound: bool) -> bool {
        let key = key(request);
        if sound && self.shapes.get(&key).is_some_and(|shape| shape.senders == senders(reply)) {
            self.doubts = 0;
            return true;
        }
        self.shapes.remove(&key);
        self.doubts = self.doubts.saturating_add(1);
        self.on &= self.doubts < DOUBTS;
        false
    }
}

fn key(request: &Request) -> (Target, String) {
    (request.target(), request.hex().to_owned())
}

fn senders(reply: &Reply) -> BTreeSet<String> {
    let Reply::Lines(lines) = reply else { return BTreeSet::new() };
    let who = lines.iter().filter_map(|l| if let Line::Message { ecu, .. } = l { ecu.clone() } else { None });
    who.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_hold_a_frame_are_counted() {
        for (sent, answer, expect) in [
            ("0100", "7E8064100BE3EB813\r\r", 1),
            ("0100", "0100\r7E8 06 41 00 BE 3E B8 13 \r7E9 06 41 00 80 00 00 01 \r\r", 2),
            ("0100", "SEARCHING...\r7E8064100BE3EB813\r\r", 1),
            ("0902", "7E81014490201315257\r7E82154455354303058\r7E82230303030303031\r\r", 3),
            ("010C", "NO DATA\r\r", 0),
            ("010C", "?\r\r", 0),
            ("010C", "", 0),
        ] {
            assert_eq!(frames(sent, answer.as_bytes()), expect, "{answer}");
        }
        assert_eq!([0, 1, 15, 16].map(digit), [None, Some(1), Some(15), None]);
    }

    #[test]
    fn a_count_is_used_only_when_it_was_allowed_and_seen() {
        let request = Request::new(&[0x01, 0x0C]).unwrap();
        let reply = |ecu: &str| {
            Reply::Lines(vec![Line::Message { ecu: Some(ecu.into()), payload: vec![0x41, 0x0C, 0x1A, 0xF8] }])
        };
        let mut counts = Counts::default();
        counts.learn(&request, &reply("7E8"), 1);
        assert_eq!(counts.of(&request), None, "because the adapter has not proven it");
        counts.allow();
        assert_eq!(counts.of(&request), None);
        counts.learn(&request, &reply("7E8"), 1);
        assert_eq!(counts.of(&request), Some(1));
        assert_eq!(text(&request, counts.of(&request)), "010C1");
        assert!(counts.holds(&request, &reply("7E8"), true));
        assert!(!counts.holds(&request, &reply("7E9"), true), "because another ECU answered");
        assert_eq!(counts.of(&request), None, "because what to await is in doubt");
        for _ in 1..DOUBTS {
            counts.learn(&request, &reply("7E8"), 1);
            assert!(!counts.holds(&request, &reply("7E8"), false));
        }
        counts.learn(&request, &reply("7E8"), 1);
        assert_eq!(counts.of(&request), None, "because it held too rarely");
    }
}
