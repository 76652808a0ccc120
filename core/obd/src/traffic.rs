//! Raw adapter traffic: every byte of both directions with its time, kept so that any old visit can be decoded anew.
//!
//! The usual case: the adapter driver records into a [`Traffic`]; [`Traffic::to_text`] is what is stored and
//! [`Traffic::parse`] reads it back, for decoding again or, as a [`crate::link::Carrier`], for a whole check.
//!
//! # Text form, version 1
//! UTF-8, one chunk per line, LF line ends. The first line is `roadworthy-traffic 1`. Every other line is empty, a comment
//! starting with `#`, or `<ms> <direction> <bytes>`, single spaces between the three. Two comments are read, and a file
//! without them is as good: `# started <ms since 1970>`, and `# ended <error>` where it did not come to its end, the error as
//! JSON (`{"code":"link-lost",…}`).
//! - `<ms>`: milliseconds since the link was handed over, decimal, never falling;
//! - `<direction>`: `>` to the adapter, `<` from it, `!` for a link that broke, with words in place of bytes;
//! - `<bytes>`: printable ASCII as itself, except backslash as `\\`; carriage return `\r`, line feed `\n`, a space at either
//!   end of the chunk and every other byte `\xHH`.
//!
//! ```text
//! roadworthy-traffic 1
//! 0 > ATZ\r
//! 812 < \r\rELM327 v1.5\r\r>
//! ```
//!
//! What passed over a device of frames has `roadworthy-traffic 1 can` as its first line, with the bus's bit rate behind it
//! where that is known, and each chunk but `!` is one frame as it stands in a log of `candump` (see [`crate::can::candump`]):
//!
//! ```text
//! roadworthy-traffic 1 can 500000
//! 0 > 7DF#0201000000000000
//! 9 < 7E8#06410098180001AA
//! ```

use crate::can::{CanId, Event, candump, isotp::Address};
use roadworthy_api::{Code, Error, Timestamp};
use std::fmt;

/// First line of the text form.
const HEADER: &str = "roadworthy-traffic 1";
/// Comments that are read.
const STARTED: &str = "# started ";
const ENDED: &str = "# ended ";
/// Milliseconds since 1970 from which a log's time is a date: the year 2001.
const A_DATE: u64 = 1_000_000_000_000;
/// The same of a recording of frames.
const HEADER_CAN: &str = "roadworthy-traffic 1 can";

/// What chunks are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Medium {
    /// Characters to and from a chip.
    #[default]
    Characters,
    /// CAN frames, each a chunk, in the words of a candump log.
    Frames,
}

/// Which way a chunk went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From this machine to the adapter.
    ToAdapter,
    /// From the adapter to this machine.
    FromAdapter,
    /// Neither: the link broke here, and what follows came over a new one. The bytes are words for people.
    Broke,
}

/// Bytes that went one way at one time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chunk {
    /// Milliseconds since the link was handed over.
    pub ms: u64,
    /// Which way.
    pub direction: Direction,
    /// What; never empty.
    pub bytes: Vec<u8>,
}

/// A dialogue with an adapter, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Traffic {
    /// What they are.
    pub medium: Medium,
    /// Of frames: the bus's bit rate in bit/s, if it was known.
    pub bitrate: Option<u32>,
    /// The chunks.
    pub chunks: Vec<Chunk>,
    /// When its milliseconds begin, where that is known.
    pub started: Option<Timestamp>,
    /// What ended it before its time, where that is known: a broken link, or a person.
    pub ended: Option<Error>,
}

/// Why a text is not a recording; `line` counts from 1.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TrafficError {
    /// The first line is not `roadworthy-traffic 1`.
    Header,
    /// A line is not `<ms> <direction> <bytes>`.
    Line {
        /// Line number.
        line: usize,
    },
    /// The time is not a number, or falls.
    Time {
        /// Line number.
        line: usize,
    },
    /// The direction is none of `>`, `<` and `!`.
    Direction {
        /// Line number.
        line: usize,
    },
    /// A chunk of a recording of frames is no frame.
    Frame {
        /// Line number.
        line: usize,
    },
    /// A backslash is followed by something unknown, or a byte stands unescaped that must not.
    Escape {
        /// Line number.
        line: usize,
    },
}

impl fmt::Display for TrafficError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Header => write!(f, "The first line is not \"{HEADER}\"."),
            Self::Line { line } => write!(f, "Line {line} is not a time, a direction and bytes."),
            Self::Time { line } => write!(f, "The time on line {line} is not a number, or is before the line above."),
            Self::Direction { line } => write!(f, "The direction on line {line} is none of >, < and !."),
            Self::Frame { line } => write!(f, "Line {line} holds no CAN frame."),
            Self::Escape { line } => write!(f, "Line {line} holds a byte or an escape that is not allowed."),
        }
    }
}

impl std::error::Error for TrafficError {}

impl From<TrafficError> for Error {
    fn from(e: TrafficError) -> Self {
        Error::new(Code::Malformed, e.to_string()).hint("Use a recording as Roadworthy stores it with a visit.")
    }
}

impl Traffic {
    /// Appends bytes; an empty chunk is left out.
    pub fn push(&mut self, ms: u64, direction: Direction, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.chunks.push(Chunk { ms, direction, bytes: bytes.to_vec() });
        }
    }

    /// Appends a dialogue of the same kind that began `ms` later. No time of it falls behind what is there.
    pub fn append(&mut self, ms: u64, more: Traffic) {
        if self.chunks.is_empty() {
            self.medium = more.medium;
        }
        self.bitrate = self.bitrate.or(more.bitrate);
        let least = self.chunks.last().map_or(0, |c| c.ms);
        self.chunks.extend(more.chunks.into_iter().map(|c| Chunk { ms: c.ms.saturating_add(ms).max(least), ..c }));
    }

    /// Notes that the link broke.
    pub(crate) fn broke(&mut self, ms: u64) {
        let least = self.chunks.last().map_or(0, |c| c.ms);
        self.push(ms.max(least), Direction::Broke, b"link lost");
    }

    /// The text form.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(64 * (self.chunks.len() + 1));
        out.push_str(if self.medium == Medium::Frames { HEADER_CAN } else { HEADER });
        if let Some(bitrate) = self.bitrate {
            out.push_str(&format!(" {bitrate}"));
        }
        out.push('\n');
        if let Some(started) = self.started {
            out.push_str(&format!("{STARTED}{started}\n"));
        }
        for chunk in &self.chunks {
            let arrow = match chunk.direction {
                Direction::ToAdapter => '>',
                Direction::FromAdapter => '<',
                Direction::Broke => '!',
            };
            out.push_str(&format!("{} {arrow} ", chunk.ms));
            escape(&chunk.bytes, &mut out);
            out.push('\n');
        }
        if let Some(Ok(ended)) = self.ended.as_ref().map(serde_json::to_string) {
            out.push_str(&format!("{ENDED}{ended}\n"));
        }
        out
    }

    /// A log as `candump -l` writes it, with the direction behind each frame (`candump -x`); `None` for characters.
    pub fn to_candump(&self, interface: &str) -> Option<String> {
        if self.medium != Medium::Frames {
            return None;
        }
        let mut out = String::with_capacity(56 * self.chunks.len());
        let began = u64::try_from(self.started.unwrap_or(0)).unwrap_or(0);
        for (event, chunk) in self.frames() {
            let micros = Some(began.saturating_add(chunk.ms).saturating_mul(1000));
            let direction = Some(chunk.direction);
            let logged = candump::Logged { micros, interface: interface.into(), direction, event };
            out.push_str(&candump::write(&logged));
            out.push('\n');
        }
        Some(out)
    }

    /// Reads a log of `candump`, in either spelling: what a tester of OBD-II sent and what ECUs answered. Everything else on
    /// that bus is left out. `None` where nothing of an ECU is in it.
    pub fn of_candump(text: &str) -> Option<Self> {
        let mut traffic = Self { medium: Medium::Frames, ..Self::default() };
        let (mut first, mut last) = (None, 0);
        for logged in text.lines().filter_map(|line| candump::read(line).ok()) {
            let Event::Frame(frame) = &logged.event else { continue };
            let direction = match Address::of_responder(frame.id()) {
                Some(_) => Direction::FromAdapter,
                None if is_testers(frame.id()) => Direction::ToAdapter,
                None => continue,
            };
            let first = *first.get_or_insert(logged.micros);
            let ms = logged.micros.zip(first).map_or(last, |(at, first)| at.saturating_sub(first) / 1000);
            last = ms.max(last);
            traffic.push_frame(last, direction, &logged.event);
        }
        // Clocks that count from when a machine was started say no date.
        let date = first.flatten().map(|micros| micros / 1000).filter(|ms| *ms >= A_DATE);
        traffic.started = date.and_then(|ms| Timestamp::try_from(ms).ok());
        traffic.chunks.iter().any(|c| c.direction == Direction::FromAdapter).then_some(traffic)
    }

    /// The frames with their chunks; none of characters.
    pub fn frames(&self) -> impl Iterator<Item = (Event, &Chunk)> {
        let chunks = if self.medium == Medium::Frames { self.chunks.as_slice() } else { &[] };
        chunks.iter().filter(|chunk| chunk.direction != Direction::Broke).filter_map(|chunk| {
            let text = str::from_utf8(&chunk.bytes).ok()?;
            Some((candump::parse(text).ok()?, chunk))
        })
    }

    /// Appends a frame.
    pub fn push_frame(&mut self, ms: u64, direction: Direction, event: &Event) {
        self.medium = Medium::Frames;
        self.push(ms, direction, candump::text(event).as_bytes());
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// A [`TrafficError`] naming the first line that does not follow the form.
    pub fn parse(text: &str) -> Result<Self, TrafficError> {
        let mut lines = text.lines().zip(1..);
        let first = lines.next().map_or("", |(first, _)| first.trim_end());
        let bitrate = first.strip_prefix(HEADER_CAN).map(|rest| match rest.strip_prefix(' ') {
            None if rest.is_empty() => Ok(None),
            Some(rate) if rate.bytes().all(|b| b.is_ascii_digit()) => {
                rate.parse().map(Some).map_err(|_| TrafficError::Header)
            }
            _ => Err(TrafficError::Header),
        });
        let (medium, bitrate) = match bitrate {
            Some(bitrate) => (Medium::Frames, bitrate?),
            None if first == HEADER => (Medium::Characters, None),
            None => return Err(TrafficError::Header),
        };
        let mut traffic = Traffic { medium, bitrate, ..Traffic::default() };
        let mut last = 0;
        for (content, line) in lines {
            if content.is_empty() || content.starts_with('#') {
                // A comment of a person may begin with the same word.
                let started = content.strip_prefix(STARTED).and_then(|ms| ms.parse().ok());
                traffic.started = traffic.started.or(started);
                let ended = content.strip_prefix(ENDED).and_then(|json| serde_json::from_str(json).ok());
                traffic.ended = traffic.ended.or(ended);
                continue;
            }
            let mut parts = content.splitn(3, ' ');
            let (Some(ms), Some(arrow), Some(bytes)) = (parts.next(), parts.next(), parts.next()) else {
                return Err(TrafficError::Line { line });
            };
            let plain = !ms.is_empty() && ms.bytes().all(|b| b.is_ascii_digit());
            let ms = ms.parse().ok().filter(|ms| plain && *ms >= last).ok_or(TrafficError::Time { line })?;
            let direction = match arrow {
                ">" => Direction::ToAdapter,
                "<" => Direction::FromAdapter,
                "!" => Direction::Broke,
                _ => return Err(TrafficError::Direction { line }),
            };
            let bytes = unescape(bytes).filter(|b| !b.is_empty()).ok_or(TrafficError::Escape { line })?;
            let frame = |bytes: &[u8]| str::from_utf8(bytes).is_ok_and(|text| candump::parse(text).is_ok());
            if medium == Medium::Frames && direction != Direction::Broke && !frame(&bytes) {
                return Err(TrafficError::Frame { line });
            }
            traffic.chunks.push(Chunk { ms, direction, bytes });
            last = ms;
        }
        Ok(traffic)
    }
}

/// Whether a tester sends frames of this id (ISO 15765-4).
fn is_testers(id: CanId) -> bool {
    match id {
        CanId::Standard(id) => matches!(id, 0x7DF..=0x7E7),
        CanId::Extended(id) => matches!(id >> 16, 0x18DA | 0x18DB) && id & 0xFF == 0xF1,
    }
}

fn escape(bytes: &[u8], out: &mut String) {
    let last = bytes.len() - 1;
    for (i, &b) in bytes.iter().enumerate() {
        match b {
            b'\\' => out.push_str("\\\\"),
            b'\r' => out.push_str("\\r"),
            b'\n' => out.push_str("\\n"),
            b' ' if i != 0 && i != last => out.push(' '),
            b'!'..=b'~' => out.push(char::from(b)),
            _ => out.push_str(&format!("\\x{b:02X}")),
        }
    }
}

fn unescape(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(b) = rest.next() {
        let byte = match b {
            b'\\' => match rest.next()? {
                b'\\' => b'\\',
                b'r' => b'\r',
                b'n' => b'\n',
                b'x' => hex(rest.next()?)? << 4 | hex(rest.next()?)?,
                _ => return None,
            },
            b' '..=b'~' => b,
            _ => return None,
        };
        out.push(byte);
    }
    Some(out)
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_recording_reads_back_as_written(
            chunks in proptest::collection::vec((0u64..5000, 0usize..3, proptest::collection::vec(any::<u8>(), 1..40)), 0..30)
        ) {
            let mut traffic = Traffic::default();
            let mut ms = 0;
            for (step, way, bytes) in chunks {
                ms += step;
                let ways = [Direction::ToAdapter, Direction::FromAdapter, Direction::Broke];
                traffic.push(ms, ways[way], &bytes);
            }
            prop_assert_eq!(Traffic::parse(&traffic.to_text()), Ok(traffic.clone()));
            traffic.started = Some(1_795_215_600_000);
            traffic.ended = Some(Error::new(Code::LinkLost, "It broke.\nYes.").hint("Plug it in."));
            prop_assert_eq!(Traffic::parse(&traffic.to_text()), Ok(traffic));
        }

        #[test]
        fn any_text_is_a_recording_or_a_typed_error(text in "\\PC*", tail in proptest::collection::vec(any::<char>(), 0..200)) {
            let _ = Traffic::parse(&text);
            let _ = Traffic::parse(&format!("{HEADER}\n{}", tail.into_iter().collect::<String>()));
        }
    }

    #[test]
    fn what_is_not_a_recording_names_its_line() {
        for (text, expect) in [
            ("", TrafficError::Header),
            ("roadworthy-traffic 2\n", TrafficError::Header),
            ("roadworthy-traffic 1 can x\n", TrafficError::Header),
            ("roadworthy-traffic 1 can5\n", TrafficError::Header),
            ("roadworthy-traffic 1\n5 >\n", TrafficError::Line { line: 2 }),
            ("roadworthy-traffic 1\n# note\n\nx > A\n", TrafficError::Time { line: 4 }),
            ("roadworthy-traffic 1\n+5 > A\n", TrafficError::Time { line: 2 }),
            ("roadworthy-traffic 1\n5 > A\n4 < B\n", TrafficError::Time { line: 3 }),
            ("roadworthy-traffic 1\n5 = A\n", TrafficError::Direction { line: 2 }),
            ("roadworthy-traffic 1\n5 > A\\q\n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1\n5 > A\\x0\n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1\n5 > \n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1\n5 > \u{e9}\n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1 can\n5 > 0100\n", TrafficError::Frame { line: 2 }),
            ("roadworthy-traffic 1 can\n5 > 7DF#0201\n5 < 7E8#0\n", TrafficError::Frame { line: 3 }),
        ] {
            assert_eq!(Traffic::parse(text), Err(expect), "{text:?}");
        }
    }

    #[test]
    fn a_recording_of_frames_reads_back_and_is_a_candump_log() {
        let text = "roadworthy-traffic 1 can 250000\n0 > 7DF#0201000000000000\n1009 < 18DAF110##3064100AA\n";
        let traffic = Traffic::parse(&text.replace("064100AA", "0641")).unwrap();
        assert_eq!(traffic.medium, Medium::Frames);
        assert_eq!(Traffic::parse(&traffic.to_text()), Ok(traffic.clone()));
        let log = traffic.to_candump("can0").unwrap();
        assert_eq!(
            log,
            "(0000000000.000000) can0 7DF#0201000000000000 T\n(0000000001.009000) can0 18DAF110##30641 R\n"
        );
        assert!(log.lines().all(|line| candump::read(line).is_ok()));
        assert_eq!(Traffic::default().to_candump("can0"), None);
    }

    #[test]
    fn a_break_between_frames_is_kept_and_is_no_frame() {
        let text = "roadworthy-traffic 1 can 500000\n0 > 7DF#0201000000000000\n7 ! link lost\n";
        let mut traffic = Traffic::parse(text).unwrap();
        let mut later = Traffic::default();
        later.push_frame(0, Direction::ToAdapter, &candump::parse("7DF#0201").unwrap());
        // A clock that was read in another order sets nothing back.
        traffic.append(5, later);
        assert_eq!(traffic.chunks[2].ms, 7);
        assert_eq!(traffic.frames().count(), 2);
        assert_eq!(Traffic::parse(&traffic.to_text()), Ok(traffic.clone()));
        assert_eq!(traffic.to_candump("can0").unwrap().lines().count(), 2);
    }

    #[test]
    fn the_text_form_is_the_documented_one() {
        let mut traffic = Traffic::default();
        traffic.push(0, Direction::ToAdapter, b"ATZ\r");
        traffic.push(812, Direction::FromAdapter, b" \0a b\\\r\n> ");
        assert_eq!(traffic.to_text(), "roadworthy-traffic 1\n0 > ATZ\\r\n812 < \\x20\\x00a b\\\\\\r\\n>\\x20\n");
        let noted = "roadworthy-traffic 1\n# started 5\n# started by hand\n# ended soon\n0 > A\n# ended {\"code\":\"cancelled\",\"message\":\"x\"}\n";
        let noted = Traffic::parse(noted).unwrap();
        assert_eq!((noted.started, noted.ended.map(|e| e.code)), (Some(5), Some(Code::Cancelled)));
    }
}
