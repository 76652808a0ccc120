//! The bytes of recorded answers, each with the place of its two digits, so that one can be written over where it stands.

use crate::{
    can::{Event, candump},
    dialogue::{Exchange, Question, exchanges, protocols, questions},
    frame::pci::{self, Pci},
    protocol::{Family, Protocol},
    traffic::{Direction, Medium, Traffic},
};

/// A place in a recording: chunk and byte.
pub(super) type Place = (usize, usize);

/// A character of an answer.
#[derive(Clone, Copy)]
pub(super) struct Letter {
    pub(super) at: Place,
    pub(super) byte: u8,
}

/// Two digits.
#[derive(Clone, Copy)]
pub(super) struct Byte {
    pub(super) high: Place,
    pub(super) low: Place,
    pub(super) value: u8,
}

/// A line of an answer.
pub(super) struct Row {
    /// Who sent it, as far as that can be read from it.
    pub(super) sender: String,
    /// Every whole byte of it, behind the id on CAN.
    pub(super) bytes: Vec<Byte>,
    /// How many of them stand in front of what the ECU says: protocol control on CAN, the header elsewhere.
    pub(super) head: usize,
    /// Whether the last byte is a checksum.
    pub(super) checked: Option<Family>,
    /// Every letter of it, in capitals.
    pub(super) letters: Vec<Letter>,
    /// It carries on what the line before began.
    pub(super) goes_on: bool,
}

/// What was sent, and the lines of what came of it.
pub(super) struct Answer {
    pub(super) exchange: Exchange,
    pub(super) question: Option<Question>,
    pub(super) rows: Vec<Row>,
}

/// Every exchange with its lines. What came late stays where it came: only its bytes matter here.
pub(super) fn answers(traffic: &Traffic) -> Vec<Answer> {
    let all = exchanges(traffic);
    let (protocols, questions) = (protocols(&all), questions(&all));
    let mut answers: Vec<Answer> = all
        .into_iter()
        .zip(questions)
        .map(|(exchange, question)| Answer { exchange, question, rows: Vec::new() })
        .collect();
    if traffic.medium == Medium::Frames {
        file_frames(traffic, &mut answers);
        return answers;
    }
    let mut sent = 0;
    let mut line: Vec<Letter> = Vec::new();
    for (number, chunk) in traffic.chunks.iter().enumerate() {
        for (place, &byte) in chunk.bytes.iter().enumerate() {
            let ends = matches!(byte, b'\r' | b'>');
            if ends && !line.is_empty() && sent > 0 {
                let protocol = protocols.get(sent - 1).copied().flatten();
                if let Some(answer) = answers.get_mut(sent - 1) {
                    answer.rows.push(row(std::mem::take(&mut line), protocol));
                }
            }
            match chunk.direction {
                Direction::ToAdapter => sent += usize::from(byte == b'\r'),
                Direction::FromAdapter if !ends && byte.is_ascii_graphic() => {
                    line.push(Letter { at: (number, place), byte: byte.to_ascii_uppercase() });
                }
                Direction::FromAdapter | Direction::Broke => {}
            }
        }
    }
    if let Some(answer) = sent.checked_sub(1).and_then(|last| answers.get_mut(last))
        && !line.is_empty()
    {
        answer.rows.push(row(line, protocols.get(sent - 1).copied().flatten()));
    }
    answers
}

/// Frames, each a line of the answer to the request before it.
fn file_frames(traffic: &Traffic, answers: &mut [Answer]) {
    let mut sent = 0;
    for (number, chunk) in traffic.chunks.iter().enumerate() {
        let event = str::from_utf8(&chunk.bytes).ok().and_then(|text| candump::parse(text).ok());
        let Some(Event::Frame(frame)) = event else { continue };
        if chunk.direction == Direction::ToAdapter {
            sent += usize::from(matches!(pci::read(frame.data(), 0), Ok(Pci::Single(_))));
            continue;
        }
        let letter = |(place, byte): (usize, &u8)| Letter { at: (number, place), byte: byte.to_ascii_uppercase() };
        let letters: Vec<Letter> = chunk.bytes.iter().enumerate().map(letter).collect();
        if let Some(answer) = sent.checked_sub(1).and_then(|last| answers.get_mut(last)) {
            answer.rows.push(frame_row(letters));
        }
    }
}

/// `7E8#1014…`, or `7E8##11014…` of CAN FD.
fn frame_row(letters: Vec<Letter>) -> Row {
    let mark = letters.iter().position(|l| l.byte == b'#').unwrap_or(letters.len());
    let sender = letters.iter().take(mark).map(|l| char::from(l.byte)).collect();
    let fd = letters.get(mark + 1).is_some_and(|l| l.byte == b'#');
    let bytes = pairs(letters.iter().skip(mark + if fd { 3 } else { 1 }));
    let (mut head, goes_on) = can_head(&bytes);
    // The escape sequence of CAN FD: the length stands behind.
    head += usize::from(fd && bytes.first().is_some_and(|b| b.value == 0));
    Row { sender, bytes, head, checked: None, letters, goes_on }
}

/// How many bytes of protocol control a CAN frame begins with, and whether it carries on what one before began.
fn can_head(bytes: &[Byte]) -> (usize, bool) {
    match bytes.first().map_or(0, |b| b.value >> 4) {
        0 => (1, false),
        1 => (2, false),
        2 => (1, true),
        _ => (0, false),
    }
}

fn pairs<'a>(digits: impl Iterator<Item = &'a Letter>) -> Vec<Byte> {
    let nibble = |l: &Letter| char::from(l.byte).to_digit(16).and_then(|d| u8::try_from(d).ok()).unwrap_or(0);
    let digits: Vec<&Letter> = digits.take_while(|l| l.byte.is_ascii_hexdigit()).collect();
    let pairs = digits.chunks_exact(2).filter_map(|pair| match pair {
        [high, low] => Some(Byte { high: high.at, low: low.at, value: nibble(high) << 4 | nibble(low) }),
        _ => None,
    });
    pairs.collect()
}

fn row(letters: Vec<Letter>, protocol: Option<Protocol>) -> Row {
    let text: String = letters.iter().map(|l| char::from(l.byte)).collect();
    let family = protocol.map(Protocol::family);
    // `1: 54 45 …` of an answer without headers, and what a search printed in front of the first frame.
    let numbered = text.get(1..2) == Some(":");
    let front = if numbered { 2 } else { text.rfind("...").map_or(0, |at| at + 3) };
    let body = letters.get(front..).unwrap_or_default();
    let id: String = body.iter().take(8).map(|l| char::from(l.byte)).collect();
    let id = match family {
        Some(Family::Can11) if !numbered && id.starts_with('7') => 3,
        Some(Family::Can29) if !numbered && id.starts_with('1') => 8,
        _ => 0,
    };
    let sender: String = body.iter().take(id).map(|l| char::from(l.byte)).collect();
    let bytes = pairs(body.iter().skip(id));
    let value = |n: usize| bytes.get(n).map_or(0, |b| b.value);
    // A reply's header names the kind of target (6B), or the tester; without one the service stands first.
    let headed = bytes.len() > 4 && (value(1) == 0x6B || value(0) & 0x80 != 0 && value(1) >= 0xF0);
    let legacy = family.filter(|f| headed && !matches!(f, Family::Can11 | Family::Can29));
    let (head, goes_on, sender, checked) = match (legacy, id > 0) {
        (Some(family), _) => {
            let length_byte = family == Family::Kwp && value(0) & 0x3F == 0;
            (3 + usize::from(length_byte), false, format!("{:02X}", value(2)), Some(family))
        }
        (None, true) => {
            let (head, goes_on) = can_head(&bytes);
            (head, goes_on, sender, None)
        }
        (None, false) => (0, numbered && !text.starts_with('0'), sender, None),
    };
    Row { sender, bytes, head, checked, letters, goes_on }
}

impl Row {
    /// What the ECU says in it, with its place among the bytes.
    pub(super) fn said(&self) -> impl Iterator<Item = (usize, u8)> {
        let end = self.bytes.len() - usize::from(self.checked.is_some() && !self.bytes.is_empty());
        self.bytes.iter().enumerate().take(end).skip(self.head).map(|(n, byte)| (n, byte.value))
    }
}
