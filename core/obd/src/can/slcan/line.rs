//! The lines of SLCAN: what an adapter says, and how a frame is written to it.
//!
//! ```text
//! t7E8806410098180001AA      11-bit id, length, bytes
//! T18DAF1108064100…          29-bit id
//! r7E80   R18DAF1100         remote frames
//! d7E8A…  b7E8A…  D… B…      CAN FD, b and B at the faster rate, the length a code of its own
//! z   Z                      a frame of ours has been taken
//! V1013   N12345   F00       version, serial number, status
//! ```
//! Each ends with a carriage return; alone it means "done", and a bell in its place means "no". Behind a frame may stand four
//! digits of the adapter's own time in milliseconds, which starts anew after a minute.

use crate::{
    can::{CanFrame, CanId, fd_length},
    line::{hex, unhex},
};
use std::{fmt, time::Duration};

/// One thing that an adapter said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A frame from the bus, and when by the adapter's own clock.
    Frame(CanFrame, Option<Duration>),
    /// A frame of ours has been taken.
    Taken,
    /// The command has been done.
    Done,
    /// It has been refused.
    No,
    /// What it is.
    Version(String),
    /// Its number.
    Serial(String),
    /// Its status byte, see [`Status`].
    Status(Status),
}

/// The status byte. Reading it clears it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Status(pub u8);

impl Status {
    /// Whether the controller met errors on the bus: error warning, error-passive, or a bus error.
    pub fn is_garbled(self) -> bool {
        self.0 & 0xA4 != 0
    }

    /// Whether frames were lost because nobody fetched them.
    pub fn lost_frames(self) -> bool {
        self.0 & 0x09 != 0
    }
}

/// Why a line says nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// No adapter of this kind begins a line so.
    Unknown,
    /// The id is no id, or too large.
    Id,
    /// The length is no length, or longer than the frame can be.
    Length,
    /// The bytes are not hexadecimal, or not as many as the length says.
    Bytes,
    /// Longer than any line.
    TooLong,
}

impl fmt::Display for LineError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "it begins like no line of an SLCAN adapter",
            Self::Id => "its id is none",
            Self::Length => "its length is none",
            Self::Bytes => "its bytes are not hexadecimal, or not as many as its length says",
            Self::TooLong => "it is longer than a line can be",
        })
    }
}

impl std::error::Error for LineError {}

/// Reads a line, without its end.
///
/// # Errors
/// Why it says nothing.
pub fn read(line: &str) -> Result<Said, LineError> {
    let line = line.trim_matches(['\n', '\0', ' ']);
    let Some((first, rest)) = line.split_at_checked(1) else {
        return if line.is_empty() { Ok(Said::Done) } else { Err(LineError::Unknown) };
    };
    let word = || rest.chars().filter(char::is_ascii_graphic).take(40).collect::<String>();
    match first {
        "z" | "Z" if rest.is_empty() => Ok(Said::Taken),
        "V" | "v" if !rest.is_empty() => Ok(Said::Version(word())),
        "N" if !rest.is_empty() => Ok(Said::Serial(word())),
        "F" => match unhex(rest).as_deref() {
            Some([status]) => Ok(Said::Status(Status(*status))),
            _ => Err(LineError::Bytes),
        },
        "t" | "T" | "r" | "R" | "d" | "D" | "b" | "B" => frame(first, rest),
        _ => Err(LineError::Unknown),
    }
}

fn frame(kind: &str, rest: &str) -> Result<Said, LineError> {
    let long = kind.bytes().all(|b| b.is_ascii_uppercase());
    let (id, rest) = rest.split_at_checked(if long { 8 } else { 3 }).ok_or(LineError::Id)?;
    // The bit in front of 29 is in some adapters' ids.
    let id = CanId::parse(&id.to_ascii_uppercase()).ok_or(LineError::Id)?;
    let (code, rest) = rest.split_at_checked(1).ok_or(LineError::Length)?;
    let code = u8::from_str_radix(code, 16).map_err(|_| LineError::Length)?;
    let fd = matches!(kind, "d" | "D" | "b" | "B");
    let length = match (fd, code) {
        (_, 0..=8) => usize::from(code),
        (true, 9..=15) => [12, 16, 20, 24, 32, 48, 64].get(usize::from(code) - 9).copied().ok_or(LineError::Length)?,
        _ => return Err(LineError::Length),
    };
    let remote = matches!(kind, "r" | "R");
    let digits = if remote { 0 } else { 2 * length };
    let (data, stamp) = rest.split_at_checked(digits).ok_or(LineError::Bytes)?;
    let stamp = match stamp.len() {
        0 => None,
        4 => Some(u64::from_str_radix(stamp, 16).map_err(|_| LineError::Bytes)?),
        _ => return Err(LineError::Bytes),
    };
    let data = unhex(data).filter(|_| !rest.contains(char::is_whitespace)).ok_or(LineError::Bytes)?;
    let made = match (remote, fd) {
        (true, _) => CanFrame::remote(id, code),
        (_, true) => CanFrame::fd(id, &data, matches!(kind, "b" | "B"), false),
        _ => CanFrame::new(id, &data),
    };
    made.map(|frame| Said::Frame(frame, stamp.map(Duration::from_millis))).map_err(|_| LineError::Length)
}

/// A frame as it is sent, with its carriage return.
pub fn write(frame: &CanFrame) -> String {
    let long = matches!(frame.id(), CanId::Extended(_));
    let (kind, code) = match (frame.asks_for(), frame.fd_flags()) {
        (Some(length), _) => ('r', usize::from(length)),
        (None, Some((fast, _))) => {
            const LENGTHS: [usize; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
            let length = fd_length(frame.data().len());
            (if fast { 'b' } else { 'd' }, LENGTHS.iter().position(|l| Some(*l) == length).unwrap_or(0))
        }
        (None, None) => ('t', frame.data().len()),
    };
    let kind = if long { kind.to_ascii_uppercase() } else { kind };
    format!("{kind}{}{code:X}{}\r", frame.id(), hex(frame.data()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_line_is_read() {
        let frame = |text: &str, ms: Option<u64>| match crate::can::candump::parse(text) {
            Ok(crate::can::Event::Frame(frame)) => Ok(Said::Frame(frame, ms.map(Duration::from_millis))),
            other => panic!("{other:?}"),
        };
        let fd = format!("b7E89{}", "01".repeat(12));
        for (line, expect) in [
            ("t7E88064100981800001AA", Err(LineError::Bytes)),
            ("t7E8806410098180001AA", frame("7E8#06410098180001AA", None)),
            ("t7e8806410098180001aa", frame("7E8#06410098180001AA", None)),
            ("t7E8806410098180001AAEA5F", frame("7E8#06410098180001AA", Some(59_999))),
            ("T18DAF1103024100", frame("18DAF110#024100", None)),
            ("t1230", frame("123#", None)),
            ("t12300010", frame("123#", Some(16))),
            ("r7E88", frame("7E8#R8", None)),
            ("R18DAF11000A0B", frame("18DAF110#R", Some(0xA0B))),
            (fd.as_str(), frame(&format!("7E8##1{}", "01".repeat(12)), None)),
            ("d7E8101", frame("7E8##001", None)),
            ("", Ok(Said::Done)),
            ("z", Ok(Said::Taken)),
            ("Z", Ok(Said::Taken)),
            ("V1013", Ok(Said::Version("1013".into()))),
            ("N12\x01345", Ok(Said::Serial("12345".into()))),
            ("F80", Ok(Said::Status(Status(0x80)))),
            ("\nF00", Ok(Said::Status(Status(0)))),
            ("t8001AA", Err(LineError::Id)),
            ("t7E", Err(LineError::Id)),
            ("T200000001AA", Err(LineError::Id)),
            ("t+E81AA", Err(LineError::Id)),
            ("t7E8", Err(LineError::Length)),
            ("t7E89010203040506070809", Err(LineError::Length)),
            ("r7E89", Err(LineError::Length)),
            ("t7E82AA", Err(LineError::Bytes)),
            ("t7E82AAZZ", Err(LineError::Bytes)),
            ("t7E82AA B", Err(LineError::Bytes)),
            ("F0", Err(LineError::Bytes)),
            ("ELM327 v1.5", Err(LineError::Unknown)),
            ("?", Err(LineError::Unknown)),
            ("é", Err(LineError::Unknown)),
        ] {
            assert_eq!(read(line), expect, "{line}");
        }
        assert!(Status(0x80).is_garbled() && Status(0x20).is_garbled() && !Status(0x08).is_garbled());
        assert!(Status(0x08).lost_frames());
    }

    proptest! {
        #[test]
        fn any_line_is_read_or_a_typed_error(text in "\\PC*", near in "[tTrRdDbBzZVNF]?[0-9A-Fa-f]{0,40}") {
            let _ = read(&text);
            if let Ok(Said::Frame(frame, None)) = read(&near) {
                let again = write(&frame);
                prop_assert_eq!(read(again.trim_end()), Ok(Said::Frame(frame, None)));
            }
        }
    }
}
