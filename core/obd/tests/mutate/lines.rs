//! Mutants of adapters' answers against `assemble`, per protocol family.

use crate::rng::{Rng, seeds};
use roadworthy_obd::{
    frame::{self, Line},
    line,
    protocol::{Family, Protocol},
};

/// Lines of an answer as bytes of hex, where they are hex through and through.
fn hex_lines(answer: &[u8]) -> Vec<String> {
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
fn held(lines: &[String], protocol: Protocol, headers: bool, ecu: Option<&str>, payload: &[u8]) -> bool {
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
fn crc(bytes: &[u8]) -> u8 {
    let mut rest = 0xFFu8;
    for bit in bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)) {
        let carry = rest >> 7 ^ bit;
        rest = (rest << 1) ^ if carry == 1 { 0x1D } else { 0 };
    }
    !rest
}

fn mutate(rng: &mut Rng, answer: &str) -> Vec<u8> {
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

fn run(name: &str, ids: &str, headers: bool) {
    let (mut rng, mutants) = Rng::start(name);
    let seeds: Vec<String> = seeds("answer")
        .iter()
        .filter(|case| ids.contains(case["protocol"].as_str().unwrap()) && case["headers"] == headers)
        .map(|case| case["answer"].as_str().unwrap().to_owned())
        .collect();
    assert!(seeds.len() >= 2, "{name}: {} seeds", seeds.len());
    let ids: Vec<char> = ids.chars().collect();
    let (mut messages, mut unusable, mut statuses) = (0, 0, 0);
    for _ in 0..mutants {
        let seed = rng.pick(&seeds).clone();
        let answer = mutate(&mut rng, &seed);
        let protocol = Protocol::from_id(*rng.pick(&ids)).unwrap();
        let lines = hex_lines(&answer);
        for out in frame::assemble(protocol, headers, &answer) {
            match out {
                Line::Message { ecu, payload } => {
                    messages += 1;
                    assert!(!payload.is_empty() && payload.len() <= 4095);
                    assert_eq!(ecu.is_none(), !headers || (ecu.is_none() && protocol.family() == Family::Kwp));
                    assert!(
                        held(&lines, protocol, headers, ecu.as_deref(), &payload),
                        "{ecu:?} {payload:02X?} is not in {:?}",
                        String::from_utf8_lossy(&answer)
                    );
                }
                Line::Status(status) => {
                    statuses += 1;
                    assert!(!status.text().is_empty());
                }
                Line::Unusable { frame, reason } => {
                    unusable += 1;
                    assert!(!frame.is_empty() && reason.into_error(&frame).message.contains(&frame));
                }
            }
        }
    }
    println!("{name}: {messages} messages, {unusable} unusable, {statuses} statuses");
    assert!(messages > mutants / 20 && unusable > mutants / 20, "the mutants are not worth their name");
}

#[test]
fn can_11_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble CAN 11", "68BC", true);
}

#[test]
fn can_29_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble CAN 29", "79", true);
}

#[test]
fn can_without_headers_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble CAN without headers", "67", false);
}

#[test]
fn j1850_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble J1850", "12", true);
}

#[test]
fn iso_9141_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble ISO 9141", "3", true);
}

#[test]
fn kwp_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble KWP", "45", true);
}

#[test]
fn legacy_without_headers_yields_no_message_that_the_lines_do_not_hold() {
    run("assemble legacy without headers", "345", false);
}

#[test]
fn only_zeros_are_ever_cut_off_a_reply() {
    let (mut rng, mutants) = Rng::start("assemble padded replies");
    let seeds = [
        "410C0BB1000000\r\r>",
        "41 0D 28 00 00 00 00 \r41 0D 28\r>",
        "010C1\r41 0C 0B B1 00 00 00 \r>",
        "42050028000000\r>",
    ];
    let mut cut = 0;
    for _ in 0..mutants {
        let seed = *rng.pick(&seeds);
        let answer = mutate(&mut rng, seed);
        let sent = *rng.pick(&["010C", "010C1", "010D", "020500", "010C0D", "03", ""]);
        // The same echo is dropped from both: what the request asks for must make no other difference.
        let whole = frame::assemble_reply(Protocol::CAN_11_500, false, &format!("{sent}FFFFFFFFFF"), &answer);
        for out in frame::assemble_reply(Protocol::CAN_11_500, false, sent, &answer) {
            let Line::Message { payload, .. } = &out else { continue };
            if whole.contains(&out) {
                continue;
            }
            cut += 1;
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
    assert!(cut > mutants / 100, "{cut} of {mutants}");
}

#[test]
fn every_assembled_line_is_one_json_object() {
    let (mut rng, mutants) = Rng::start("assemble lines");
    let seeds = seeds("answer");
    for _ in 0..mutants {
        let seed = rng.pick(&seeds)["answer"].as_str().unwrap().to_owned();
        let answer = mutate(&mut rng, &seed);
        let protocol =
            Protocol::from_id(*rng.pick(&['1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C'])).unwrap();
        for text in line::assemble_lines(protocol, rng.below(2) == 0, &answer) {
            let out: serde_json::Value = serde_json::from_str(&text).unwrap();
            let kinds = ["payload", "status", "error"].iter().filter(|key| out.get(**key).is_some()).count();
            assert!(kinds == 1 && !text.contains('\n'), "{text}");
        }
    }
}

/// What a mutant of SLCAN reads as is what its digits say.
#[test]
fn slcan_lines_are_frames_that_they_hold_or_typed_errors() {
    use roadworthy_obd::can::slcan::line::{Said, read, write};
    let (mut rng, mutants) = Rng::start("slcan");
    let text =
        "t7E8806410098180001AA\rT18DAF110802410000000000000A0B\rr7E88\rd7E89000C410C1AF80D200574117F\rV1013\rF80\rz";
    for _ in 0..mutants {
        let text = String::from_utf8_lossy(&mutate(&mut rng, text)).into_owned();
        for line in text.split('\r') {
            if let Ok(Said::Frame(frame, stamp)) = read(line) {
                let written = write(&frame).trim_end().to_ascii_uppercase();
                let trimmed = line.trim_matches(['\n', '\0', ' ']).to_ascii_uppercase();
                let rest = trimmed.strip_prefix(&written).unwrap_or_else(|| panic!("{line:?} is not {written}"));
                assert_eq!(rest.len(), if stamp.is_some() { 4 } else { 0 }, "{line:?}");
            }
        }
    }
}

/// Frames of a long message, damaged, dropped and disordered: what comes out whole was sent whole.
#[test]
fn isotp_gives_no_message_that_its_frames_do_not_hold() {
    use roadworthy_obd::can::isotp::{Heard, Options, Receiver};
    let (mut rng, mutants) = Rng::start("isotp");
    let frames: Vec<Vec<u8>> = [
        "1014490201315257",
        "2154455354305858",
        "2230303030303031",
        "03430103AA",
        "100B430403010302",
        "210303030455AAAA",
    ]
    .iter()
    .map(|hex| roadworthy_obd::line::unhex(hex).unwrap())
    .collect();
    for _ in 0..mutants / 4 {
        let mut row = frames.clone();
        for _ in 0..=rng.below(2) {
            let at = rng.below(row.len());
            match rng.below(4) {
                0 => drop(row.remove(at)),
                1 => row.insert(at, rng.pick(&frames).clone()),
                2 => {
                    let byte = rng.byte();
                    let place = rng.below(row[at].len());
                    if let Some(b) = row[at].get_mut(place) {
                        *b = byte
                    }
                }
                _ => row[at].truncate(rng.below(9)),
            }
        }
        let mut receiver = Receiver::new(Options::default());
        for (n, data) in row.iter().enumerate() {
            let now = std::time::Duration::from_millis(n as u64);
            if let (Ok(Heard::Whole(message)), _) = receiver.take(now, data) {
                // Every byte of it stands in this frame and those before, in order.
                let mut held = row[..=n].iter().flat_map(|f| f.iter().skip(1));
                assert!(message.iter().all(|b| held.any(|h| h == b)), "{row:02X?} {message:02X?}");
            }
            receiver.sent(now);
        }
    }
}

#[test]
fn candump_lines_never_panic() {
    let (mut rng, mutants) = Rng::start("candump");
    let text = "(1.000000) can0 7E8#04410C1AF8AAAAAA\r can1  7E8   [8]  04 41 0C 1A F8 00 00 00\rcan0 18DAF110#1014490201314443\rcan0 18DAF110#2131444331444331\rcan0 18DAF110#2231444331444331\r(1.5) can0 7E8##1000C410C1AF80D200574117FAAAA0000\rcan0 20000040#0000000000000000\rcan0 7E8#R4";
    for _ in 0..mutants {
        let text = String::from_utf8_lossy(&mutate(&mut rng, text)).replace('\r', "\n");
        for out in frame::assemble_frames(&text) {
            if let Line::Message { ecu, payload } = out {
                assert!(ecu.is_some_and(|id| matches!(id.len(), 3 | 8)) && !payload.is_empty(), "{text}");
            }
        }
    }
}
