//! Properties that hold for any payload: what is cut into frames comes back whole, and what is damaged does not come back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use proptest::prelude::*;
use roadworthy_obd::{
    decode::{Context, decode},
    frame::{Line, assemble},
    line,
    protocol::Protocol,
};

fn protocol(id: char) -> Protocol {
    Protocol::from_id(id).unwrap()
}

/// Cuts a payload into ISO 15765-2 frames of eight bytes, padded.
fn frames(payload: &[u8], padding: u8) -> Vec<Vec<u8>> {
    if payload.len() <= 7 {
        let mut frame = vec![payload.len() as u8];
        frame.extend(payload);
        frame.resize(8, padding);
        return vec![frame];
    }
    let mut first = vec![0x10 | (payload.len() >> 8) as u8, payload.len() as u8];
    first.extend(&payload[..6]);
    let rest = payload[6..].chunks(7).enumerate().map(|(i, chunk)| {
        let mut frame = vec![0x20 | ((i + 1) & 0xF) as u8];
        frame.extend(chunk);
        frame.resize(8, padding);
        frame
    });
    std::iter::once(first).chain(rest).collect()
}

fn text(id: &str, frame: &[u8], spaces: bool) -> String {
    let hex = line::hex(frame);
    if !spaces {
        return format!("{id}{hex}\r");
    }
    let pairs: Vec<&str> = (0..hex.len() / 2).map(|i| &hex[2 * i..2 * i + 2]).collect();
    format!("{id} {} \r", pairs.join(" "))
}

/// Merges rows, keeping each row's order; `picks` says whose turn it is.
fn merge(mut rows: Vec<Vec<String>>, picks: &[usize]) -> Vec<String> {
    let mut out = Vec::new();
    for pick in picks.iter().cycle() {
        rows.retain(|row| !row.is_empty());
        if rows.is_empty() {
            break;
        }
        let at = pick % rows.len();
        out.push(rows[at].remove(0));
    }
    out
}

/// Parameters of one length, with it. Bitmaps and readiness are left out: they are no items.
const FIXED: &[(u8, usize)] = &[
    (0x03, 2),
    (0x04, 1),
    (0x05, 1),
    (0x0C, 2),
    (0x0D, 1),
    (0x11, 1),
    (0x14, 2),
    (0x1F, 2),
    (0x24, 4),
    (0x2F, 1),
    (0x34, 4),
    (0x3C, 2),
    (0x42, 2),
    (0x4F, 4),
    (0x51, 1),
    (0x5C, 1),
    (0x61, 1),
    (0x64, 5),
    (0x65, 2),
    (0x66, 5),
    (0x67, 3),
    (0x69, 7),
    (0x6A, 5),
    (0x6B, 5),
    (0x6C, 5),
    (0x6F, 3),
    (0x70, 10),
    (0x71, 6),
    (0x72, 5),
    (0x73, 5),
    (0x74, 5),
    (0x75, 7),
    (0x76, 7),
    (0x77, 5),
    (0x78, 9),
    (0x79, 9),
    (0x7A, 7),
    (0x7B, 7),
    (0x7C, 9),
    (0x7D, 1),
    (0x7E, 1),
    (0x7F, 13),
    (0x81, 41),
    (0x82, 41),
    (0x84, 1),
    (0x85, 10),
    (0x86, 5),
    (0x87, 5),
    (0x88, 13),
    (0x89, 41),
    (0x8A, 41),
    (0x8B, 7),
    (0x8C, 17),
    (0x8D, 1),
    (0x8E, 1),
    (0x8F, 7),
    (0x90, 3),
    (0x91, 5),
    (0x92, 2),
    (0x93, 3),
    (0x94, 12),
    (0x98, 9),
    (0x99, 9),
    (0x9A, 6),
    (0x9C, 17),
    (0x9D, 4),
    (0x9E, 2),
    (0x9F, 9),
    (0xA2, 2),
    (0xA6, 4),
    (0xAA, 1),
    (0xB2, 1),
];

/// Those that begin with a byte of support bits.
const BY_SUPPORT: &[(u8, usize)] = &[
    (0x65, 2),
    (0x66, 5),
    (0x67, 3),
    (0x68, 7),
    (0x69, 7),
    (0x6A, 5),
    (0x6B, 5),
    (0x6C, 5),
    (0x6D, 11),
    (0x6E, 9),
    (0x6F, 3),
    (0x70, 10),
    (0x71, 6),
    (0x72, 5),
    (0x73, 5),
    (0x74, 5),
    (0x75, 7),
    (0x76, 7),
    (0x77, 5),
    (0x78, 9),
    (0x79, 9),
    (0x7A, 7),
    (0x7B, 7),
    (0x7C, 9),
    (0x7F, 13),
    (0x81, 41),
    (0x82, 41),
    (0x83, 9),
    (0x85, 10),
    (0x86, 5),
    (0x87, 5),
    (0x89, 41),
    (0x8A, 41),
    (0x8B, 7),
    (0x8C, 17),
    (0x8F, 7),
    (0x92, 2),
    (0x93, 3),
    (0x94, 12),
    (0x98, 9),
    (0x99, 9),
    (0x9A, 6),
    (0x9C, 17),
    (0x9F, 9),
];

fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
    prop::collection::vec(prop::collection::vec(any::<u8>(), 1..200), 1..8)
}

fn messages(lines: &[Line]) -> Vec<(Option<String>, Vec<u8>)> {
    let one = |line: &Line| match line {
        Line::Message { ecu, payload } => Some((ecu.clone(), payload.clone())),
        _ => None,
    };
    lines.iter().filter_map(one).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pain_22_any_interleaving_of_ecus_comes_back_whole(
        payloads in payloads(),
        picks in prop::collection::vec(any::<usize>(), 1..40),
        padding in any::<u8>(),
        spaces in any::<bool>(),
        wide in any::<bool>(),
    ) {
        let id = |i: usize| if wide { format!("18DAF1{:02X}", 0x10 + i) } else { format!("7E{:X}", 8 + i) };
        let rows = payloads.iter().enumerate()
            .map(|(i, p)| frames(p, padding).iter().map(|f| text(&id(i), f, spaces)).collect()).collect();
        let answer = merge(rows, &picks).concat() + "\r>";
        let lines = assemble(protocol(if wide { '7' } else { '6' }), true, answer.as_bytes());
        let mut got = messages(&lines);
        got.sort();
        let mut want: Vec<_> = payloads.iter().enumerate().map(|(i, p)| (Some(id(i)), p.clone())).collect();
        want.sort();
        prop_assert_eq!(lines.len(), want.len());
        prop_assert_eq!(got, want);
    }

    #[test]
    fn pain_23_a_lost_frame_loses_its_message_and_no_other_and_a_doubled_one_none(
        long in prop::collection::vec(any::<u8>(), 8..300),
        other in prop::collection::vec(any::<u8>(), 1..60),
        at in any::<prop::sample::Index>(),
        double in any::<bool>(),
        picks in prop::collection::vec(any::<usize>(), 1..40),
    ) {
        let mut rows: Vec<String> = frames(&long, 0x55).iter().map(|f| text("7E8", f, false)).collect();
        let at = at.index(rows.len());
        if double {
            rows.insert(at, rows[at].clone());
        } else {
            rows.remove(at);
        }
        let others = frames(&other, 0).iter().map(|f| text("7E9", f, false)).collect();
        let lines = assemble(protocol('6'), true, merge(vec![rows, others], &picks).concat().as_bytes());
        let got = messages(&lines);
        // A copy is told from the next frame by its number.
        prop_assert_eq!(got.contains(&(Some("7E8".to_owned()), long)), double);
        prop_assert!(got.contains(&(Some("7E9".to_owned()), other)));
        prop_assert_eq!(got.len(), if double { 2 } else { 1 });
    }

    #[test]
    fn pain_23_a_frame_that_comes_late_never_takes_the_place_of_one_that_was_lost(
        long in prop::collection::vec(any::<u8>(), 8..120),
        lost in any::<prop::sample::Index>(),
        copied in any::<prop::sample::Index>(),
        late in any::<prop::sample::Index>(),
    ) {
        let whole: Vec<String> = frames(&long, 0x55).iter().map(|f| text("7E8", f, false)).collect();
        let mut rows = whole.clone();
        let copy = whole[copied.index(whole.len())].clone();
        rows.remove(lost.index(rows.len()));
        rows.insert(late.index(rows.len() + 1), copy);
        let lines = assemble(protocol('6'), true, rows.concat().as_bytes());
        for (_, payload) in messages(&lines) {
            prop_assert_eq!(&payload, &long);
        }
    }

    #[test]
    fn one_flipped_bit_of_a_legacy_line_is_always_noticed(
        data in prop::collection::vec(0x40u8.., 1..=7),
        source in 0x01u8..0xF0,
        bit in any::<prop::sample::Index>(),
        family in prop::sample::select(vec!['1', '2', '3', '4', '5']),
    ) {
        // Lines of service 09 are numbered, so a random one alone is seldom a whole message.
        prop_assume!(data[0] != 0x49);
        let kwp = matches!(family, '4' | '5');
        let mut line = if kwp { vec![0x80 | data.len() as u8, 0xF1, source] } else { vec![0x48, 0x6B, source] };
        line.extend(&data);
        let check = if matches!(family, '1' | '2') { crc(&line) } else { line.iter().fold(0u8, |s, b| s.wrapping_add(*b)) };
        line.push(check);
        let sound = assemble(protocol(family), true, line::hex(&line).as_bytes());
        prop_assert_eq!(messages(&sound), vec![(Some(format!("{source:02X}")), data)]);
        let bit = bit.index(line.len() * 8);
        line[bit / 8] ^= 1 << (bit % 8);
        let damaged = assemble(protocol(family), true, line::hex(&line).as_bytes());
        prop_assert!(messages(&damaged).is_empty());
        prop_assert_eq!(damaged.len(), 1);
    }

    #[test]
    fn several_parameters_read_as_each_alone(
        picks in prop::collection::vec((prop::sample::select(FIXED), prop::collection::vec(any::<u8>(), 41)), 1..=6),
    ) {
        let mut seen = Vec::new();
        let parts: Vec<Vec<u8>> = picks.iter().filter(|((pid, _), _)| {
            let new = !seen.contains(pid);
            seen.push(*pid);
            new
        }).map(|((pid, length), data)| std::iter::once(*pid).chain(data[..*length].iter().copied()).collect()).collect();
        let read = |row: &[u8]| {
            let payload: Vec<u8> = std::iter::once(0x41).chain(row.iter().copied()).collect();
            decode(&payload, Context::default()).map(|decoded| decoded.items())
        };
        let alone: Result<Vec<_>, _> = parts.iter().map(|part| read(part)).collect();
        let together = read(&parts.concat());
        // One illegal value refuses the whole reply; it cannot be told which of the others to trust.
        prop_assert_eq!(together.is_ok(), alone.is_ok());
        if let (Ok(together), Ok(alone)) = (together, alone) {
            prop_assert_eq!(together, alone.concat());
        }
    }

    #[test]
    fn an_unsupported_sensor_never_shows(data in prop::collection::vec(any::<u8>(), 41), pick in prop::sample::select(BY_SUPPORT)) {
        let (pid, length) = pick;
        let mut payload = vec![0x41, pid, 0];
        payload.extend(&data[..length - 1]);
        // With the request: a PID of two lengths may else hide a row of others.
        let context = Context { request: Some(&[0x01, pid]), ..Context::default() };
        prop_assert_eq!(decode(&payload, context).unwrap().items(), Vec::new());
    }

    #[test]
    fn hex_reads_back(bytes in prop::collection::vec(any::<u8>(), 0..50)) {
        prop_assert_eq!(line::unhex(&line::hex(&bytes)), Some(bytes));
    }
}

/// CRC-8 of SAE J1850 by polynomial division of the whole message, bit by bit.
fn crc(bytes: &[u8]) -> u8 {
    let mut remainder = 0xFFu8;
    for bit in bytes.iter().flat_map(|b| (0..8).rev().map(move |i| b >> i & 1)) {
        let carry = remainder >> 7 ^ bit;
        remainder <<= 1;
        if carry == 1 {
            remainder ^= 0x1D;
        }
    }
    !remainder
}

#[test]
fn the_crc_of_the_test_is_that_of_the_standard() {
    // SAE J1850, appendix: 00 00 00 00 gives 59, F2 01 83 gives 37.
    assert_eq!(crc(&[0, 0, 0, 0]), 0x59);
    assert_eq!(crc(&[0xF2, 0x01, 0x83]), 0x37);
}
