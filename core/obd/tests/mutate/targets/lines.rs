//! Mutants of adapters' answers against `assemble`, per protocol family.

use super::{rng::Rng, seeds::seeds, target::Target};
use roadworthy_obd::{
    frame::{self, Line},
    line,
    protocol::{Family, Protocol},
};

/// Lines of an answer as bytes of hex, where they are hex through and through.
pub(crate) fn hex_lines(answer: &[u8]) -> Vec<String> {
    let start =
        answer.iter().position(|b| !matches!(b, b'>' | b'\r' | b'\n' | b' ' | b'\t' | 0..=8 | 0x80..)).unwrap_or(0);
    let text: String = answer[start..]
        .iter()
        .take_while(|b| **b != b'>')
        .filter(|b| (9..0x80).contains(*b) && **b != b'\n')
        .map(|b| char::from(*b).to_ascii_uppercase())
        .collect();
    text.split('\r').map(|l| l.chars().filter(|c| !c.is_whitespace()).collect()).collect()
}

/// Whether the lines hold this message of this sender, judged by each standard's own words.
pub(crate) fn held(lines: &[String], protocol: Protocol, headers: bool, ecu: Option<&str>, payload: &[u8]) -> bool {
    let hex = line::hex(payload);
    // A status text may stand in front of a frame.
    let ends = |tail: &str| lines.iter().any(|l| l.ends_with(tail));
    let starts = |head: &str, part: &str| {
        lines.iter().any(|l| {
            l.rfind(head).is_some_and(|at| l[at + head.len()..].starts_with(part))
                || l.contains(&format!("{head}{part}"))
        })
    };
    let rows = |first: usize| {
        let mut parts = vec![&hex[..(2 * first).min(hex.len())]];
        let rest = &hex[(2 * first).min(hex.len())..];
        parts.extend((0..rest.len().div_ceil(14)).map(|i| &rest[14 * i..(14 * (i + 1)).min(rest.len())]));
        parts.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    match (protocol.family(), headers) {
        (Family::Can11 | Family::Can29, true) => {
            let id = ecu.expect("an id");
            if payload.len() <= 7 {
                return starts(&format!("{id}0{:X}", payload.len()), &hex);
            }
            rows(6).iter().enumerate().all(|(i, part)| match i {
                0 => starts(&format!("{id}1{:03X}", payload.len()), part),
                _ => starts(&format!("{id}2{:X}", i & 0xF), part),
            })
        }
        (Family::Can11 | Family::Can29, false) if payload.len() <= 7 && ends(&hex) => true,
        (Family::Can11 | Family::Can29, false) => {
            ends(&format!("{:03X}", payload.len()))
                && rows(6).iter().enumerate().all(|(i, part)| starts(&format!("{:X}:", i & 0xF), part))
        }
        (family, true) => {
            let data: Vec<String> = if payload[0] == 0x49
                && payload.len() % 4 == 2
                && payload.len() >= 6
                && !ends_checked(lines, family, ecu, &hex)
            {
                payload[2..]
                    .chunks(4)
                    .enumerate()
                    .map(|(i, d)| format!("49{:02X}{:02X}{}", payload[1], i + 1, line::hex(d)))
                    .collect()
            } else {
                vec![hex.clone()]
            };
            data.iter().all(|d| ends_checked(lines, family, ecu, d))
        }
        (_, false) => {
            ends(&hex)
                || payload[2..].chunks(4).enumerate().all(|(i, d)| {
                    let part = format!("49{:02X}{:02X}{}", payload[1], i + 1, line::hex(d));
                    lines.iter().any(|l| l.contains(&part))
                })
        }
    }
}

/// Whether some line ends in header, data and a sound check byte.
fn ends_checked(lines: &[String], family: Family, ecu: Option<&str>, data: &str) -> bool {
    lines.iter().any(|line| {
        let Some(at) =
            line.len().checked_sub(data.len() + 2).filter(|at| line.get(*at..).is_some_and(|l| l.starts_with(data)))
        else {
            return false;
        };
        // The frame may start anywhere behind a status text; its check byte must fit one start.
        (0..at).any(|start| {
            let Some(bytes) = line.get(start..).and_then(line::unhex) else { return false };
            let (check, body) = bytes.split_last().expect("at least the check byte");
            let sound = match family {
                Family::Pwm | Family::Vpw => crc(body) == *check,
                _ => body.iter().map(|b| u32::from(*b)).sum::<u32>() % 256 == u32::from(*check),
            };
            sound && ecu.is_none_or(|ecu| line[start..at].len() >= 6 && line[start + 4..start + 6] == *ecu)
        })
    })
}

/// CRC-8 of SAE J1850 through the remainder of each single bit.
pub(crate) fn crc(bytes: &[u8]) -> u8 {
    let mut rest = 0xFFu8;
    for bit in bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)) {
        let carry = rest >> 7 ^ bit;
        rest = (rest << 1) ^ if carry == 1 { 0x1D } else { 0 };
    }
    !rest
}

pub(crate) fn mutate(rng: &mut Rng, answer: &str) -> Vec<u8> {
    let texts = [
        "NO DATA",
        "STOPPED",
        "SEARCHING...",
        "<DATA ERROR",
        "BUS INIT: ...OK",
        "ERR94",
        "?",
        "OK",
        "CAN ERROR",
        "BUFFER FULL",
    ];
    let mut lines: Vec<Vec<u8>> = answer.split('\r').map(|l| l.chars().map(|c| c as u8).collect()).collect();
    if rng.below(2) == 0 {
        let copy = lines.clone();
        rng.damage(&mut lines, &mut |rng, _| rng.pick(&copy).clone());
    }
    for _ in 0..rng.below(3) {
        if lines.is_empty() {
            break;
        }
        let at = rng.below(lines.len());
        match rng.below(5) {
            0 => lines[at].extend(rng.pick(&texts).bytes()),
            1 => {
                let text = rng.pick(&texts).bytes();
                lines[at].splice(0..0, text);
            }
            _ => {
                let alphabet = b"0123456789ABCDEFabcdef  :>\r\n\0\xFF.<?GRSTO";
                rng.damage(&mut lines[at], &mut |rng, _| *rng.pick(alphabet));
            }
        }
    }
    lines.join(&b'\r')
}

pub(crate) struct Assemble {
    ids: Vec<char>,
    headers: bool,
    seeds: Vec<String>,
    messages: usize,
    unusable: usize,
    statuses: usize,
}

impl Assemble {
    /// Answers over the protocols with these numbers.
    pub(crate) fn new(ids: &str, headers: bool) -> Self {
        let seeds: Vec<String> = seeds("answer")
            .iter()
            .filter(|case| ids.contains(case["protocol"].as_str().unwrap()) && case["headers"] == headers)
            .map(|case| case["answer"].as_str().unwrap().to_owned())
            .collect();
        assert!(seeds.len() >= 2, "{ids}: {} seeds", seeds.len());
        Self { ids: ids.chars().collect(), headers, seeds, messages: 0, unusable: 0, statuses: 0 }
    }
}

/// Lines of two answers, shuffled into one another.
fn splice(rng: &mut Rng, one: &str, other: &str) -> String {
    let (mut one, mut other) = (one.split('\r').peekable(), other.split('\r').peekable());
    let mut lines = Vec::new();
    while one.peek().is_some() || other.peek().is_some() {
        lines.extend(if rng.below(2) == 0 { one.next() } else { other.next() });
    }
    lines.join("\r")
}

impl Target for Assemble {
    fn one(&mut self, rng: &mut Rng) {
        let mut seed = rng.pick(&self.seeds).clone();
        if rng.below(8) == 0 {
            let other = rng.pick(&self.seeds).clone();
            seed = splice(rng, &seed, &other);
        }
        let answer = mutate(rng, &seed);
        let protocol = Protocol::from_id(*rng.pick(&self.ids)).unwrap();
        let lines = hex_lines(&answer);
        for out in frame::assemble(protocol, self.headers, &answer) {
            match out {
                Line::Message { ecu, payload } => {
                    self.messages += 1;
                    assert!(!payload.is_empty() && payload.len() <= 4095);
                    assert_eq!(ecu.is_none(), !self.headers || (ecu.is_none() && protocol.family() == Family::Kwp));
                    assert!(
                        held(&lines, protocol, self.headers, ecu.as_deref(), &payload),
                        "{ecu:?} {payload:02X?} is not in {:?}",
                        String::from_utf8_lossy(&answer)
                    );
                }
                Line::Status(status) => {
                    self.statuses += 1;
                    assert!(!status.text().is_empty());
                }
                Line::Unusable { frame, reason } => {
                    self.unusable += 1;
                    assert!(!frame.is_empty() && reason.into_error(&frame).message.contains(&frame));
                }
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} messages, {} unusable, {} statuses", self.messages, self.unusable, self.statuses)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.messages > inputs / 20 && self.unusable > inputs / 20
    }
}

#[derive(Default)]
pub(crate) struct Padded {
    cut: usize,
}

impl Target for Padded {
    fn one(&mut self, rng: &mut Rng) {
        let seeds = [
            "410C0BB1000000\r\r>",
            "41 0D 28 00 00 00 00 \r41 0D 28\r>",
            "010C1\r41 0C 0B B1 00 00 00 \r>",
            "42050028000000\r>",
        ];
        let seed = *rng.pick(&seeds);
        let answer = mutate(rng, seed);
        let sent = *rng.pick(&["010C", "010C1", "010D", "020500", "010C0D", "03", ""]);
        // The same echo is dropped from both: what the request asks for must make no other difference.
        let whole = frame::assemble_reply(Protocol::CAN_11_500, false, &format!("{sent}FFFFFFFFFF"), &answer);
        for out in frame::assemble_reply(Protocol::CAN_11_500, false, sent, &answer) {
            let Line::Message { payload, .. } = &out else { continue };
            if whole.contains(&out) {
                continue;
            }
            self.cut += 1;
            let zeros = |long: &Vec<u8>| {
                long.len() == 7 && long.starts_with(payload) && long[payload.len()..].iter().all(|b| *b == 0)
            };
            assert!(
                whole.iter().any(|l| matches!(l, Line::Message { payload, .. } if zeros(payload))),
                "{sent} {:?}",
                String::from_utf8_lossy(&answer)
            );
        }
    }

    fn tally(&self) -> String {
        format!("{} cut", self.cut)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.cut > inputs / 100
    }
}

pub(crate) struct Printed {
    seeds: Vec<String>,
    lines: usize,
}

impl Printed {
    pub(crate) fn new() -> Self {
        let seeds = seeds("answer").iter().map(|case| case["answer"].as_str().unwrap().to_owned()).collect();
        Self { seeds, lines: 0 }
    }
}

impl Target for Printed {
    fn one(&mut self, rng: &mut Rng) {
        let seed = rng.pick(&self.seeds).clone();
        let answer = mutate(rng, &seed);
        let protocol =
            Protocol::from_id(*rng.pick(&['1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C'])).unwrap();
        for text in line::assemble_lines(protocol, rng.below(2) == 0, &answer) {
            self.lines += 1;
            let out: serde_json::Value = serde_json::from_str(&text).unwrap();
            let kinds = ["payload", "status", "error"].iter().filter(|key| out.get(**key).is_some()).count();
            assert!(kinds == 1 && !text.contains('\n'), "{text}");
        }
    }

    fn tally(&self) -> String {
        format!("{} lines", self.lines)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.lines > inputs
    }
}
