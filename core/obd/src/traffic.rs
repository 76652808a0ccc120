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
//! - `<direction>`: `>` to the adapter, `<` from it;
//! - `<bytes>`: printable ASCII as itself, except backslash as `\\`; carriage return `\r`, line feed `\n`, a space at either
//!   end of the chunk and every other byte `\xHH`.
//!
//! ```text
//! roadworthy-traffic 1
//! 0 > ATZ\r
//! 812 < \r\rELM327 v1.5\r\r>
//! ```

use roadworthy_api::{Code, Error, Timestamp};
use std::fmt;

/// First line of the text form.
const HEADER: &str = "roadworthy-traffic 1";
/// Comments that are read.
const STARTED: &str = "# started ";
const ENDED: &str = "# ended ";

/// Which way a chunk went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From this machine to the adapter.
    ToAdapter,
    /// From the adapter to this machine.
    FromAdapter,
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
    /// The direction is neither `>` nor `<`.
    Direction {
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
            Self::Direction { line } => write!(f, "The direction on line {line} is neither > nor <."),
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

    /// The text form.
    pub fn to_text(&self) -> String {
        let mut out = String::with_capacity(64 * (self.chunks.len() + 1));
        out.push_str(HEADER);
        out.push('\n');
        if let Some(started) = self.started {
            out.push_str(&format!("{STARTED}{started}\n"));
        }
        for chunk in &self.chunks {
            let arrow = if chunk.direction == Direction::ToAdapter { '>' } else { '<' };
            out.push_str(&format!("{} {arrow} ", chunk.ms));
            escape(&chunk.bytes, &mut out);
            out.push('\n');
        }
        if let Some(Ok(ended)) = self.ended.as_ref().map(serde_json::to_string) {
            out.push_str(&format!("{ENDED}{ended}\n"));
        }
        out
    }

    /// Reads the text form.
    ///
    /// # Errors
    /// A [`TrafficError`] naming the first line that does not follow the form.
    pub fn parse(text: &str) -> Result<Self, TrafficError> {
        let mut lines = text.lines().zip(1..);
        if lines.next().map(|(first, _)| first.trim_end()) != Some(HEADER) {
            return Err(TrafficError::Header);
        }
        let mut traffic = Traffic::default();
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
                _ => return Err(TrafficError::Direction { line }),
            };
            let bytes = unescape(bytes).filter(|b| !b.is_empty()).ok_or(TrafficError::Escape { line })?;
            traffic.chunks.push(Chunk { ms, direction, bytes });
            last = ms;
        }
        Ok(traffic)
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
            chunks in proptest::collection::vec((0u64..5000, any::<bool>(), proptest::collection::vec(any::<u8>(), 1..40)), 0..30)
        ) {
            let mut traffic = Traffic::default();
            let mut ms = 0;
            for (step, to, bytes) in chunks {
                ms += step;
                traffic.push(ms, if to { Direction::ToAdapter } else { Direction::FromAdapter }, &bytes);
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
            ("roadworthy-traffic 1\n5 >\n", TrafficError::Line { line: 2 }),
            ("roadworthy-traffic 1\n# note\n\nx > A\n", TrafficError::Time { line: 4 }),
            ("roadworthy-traffic 1\n+5 > A\n", TrafficError::Time { line: 2 }),
            ("roadworthy-traffic 1\n5 > A\n4 < B\n", TrafficError::Time { line: 3 }),
            ("roadworthy-traffic 1\n5 = A\n", TrafficError::Direction { line: 2 }),
            ("roadworthy-traffic 1\n5 > A\\q\n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1\n5 > A\\x0\n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1\n5 > \n", TrafficError::Escape { line: 2 }),
            ("roadworthy-traffic 1\n5 > \u{e9}\n", TrafficError::Escape { line: 2 }),
        ] {
            assert_eq!(Traffic::parse(text), Err(expect), "{text:?}");
        }
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
