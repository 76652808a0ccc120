//! Lines of `candump`: the log that `-l` writes and `-L` prints, and the table on a terminal with any `-t`.
//!
//! One line, one frame: [`read`] takes either spelling, [`write()`] writes the log's. In a log stand
//! `(1436509052.249713) can0 7E8#0641008810000000`, with `#R` for a remote frame, `##` and a digit of flags for CAN FD, and
//! an id with the bit 20000000 for the controller's own word of a fault.

use super::{BusError, CLASSIC_MOST, CanFrame, CanId, Event};
use crate::{
    frame::FrameError,
    line::{hex, unhex},
    traffic::Direction,
};

/// The bit of a log's id that marks the controller's own word (`CAN_ERR_FLAG`).
const ERROR: u32 = 0x2000_0000;

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Logged {
    /// Microseconds by the log's own clock; absent, or a calendar's date, in some spellings.
    pub micros: Option<u64>,
    /// The interface's name.
    pub interface: String,
    /// Whether this machine sent it, where the line says so (`candump -x`).
    pub direction: Option<Direction>,
    /// What passed.
    pub event: Event,
}

/// Reads a line of either spelling.
///
/// # Errors
/// Why the line holds no frame.
pub fn read(line: &str) -> Result<Logged, FrameError> {
    let (micros, rest) = match line.trim().strip_prefix('(') {
        // `-tA` writes a date, with a space in it.
        Some(stamped) => stamped.split_once(')').map(|(time, rest)| (micros(time), rest)).ok_or(FrameError::NotHex)?,
        None => (None, line.trim()),
    };
    let mut words: Vec<&str> = rest.split_ascii_whitespace().collect();
    let mut direction = None;
    // `candump -x` says the direction: R or T at the end, or RX or TX and two flags in front of the id.
    if let [_, way @ ("RX" | "TX"), _, _, _, length, ..] = words.as_slice()
        && length.starts_with('[')
    {
        direction = Some(if *way == "TX" { Direction::ToAdapter } else { Direction::FromAdapter });
        words.drain(1..4);
    }
    let way = |word: &str| if word == "T" { Direction::ToAdapter } else { Direction::FromAdapter };
    let (interface, event) = match words.as_slice() {
        [interface, frame] => (interface, parse(frame)?),
        [interface, frame, last @ ("R" | "T")] => {
            direction = Some(way(last));
            (interface, parse(frame)?)
        }
        [interface, id, length, data @ ..] if length.starts_with('[') => {
            let fd = length.len() == 4;
            let said = length.trim_matches(['[', ']']).parse::<usize>().map_err(|_| FrameError::NotHex)?;
            // Behind the bytes: the same as text, in quotes, which may look like bytes; words; a direction.
            let ends = |word: &&str| word.starts_with('\'') || matches!(*word, "R" | "T" | "remote" | "ERRORFRAME");
            let end = data.iter().position(ends).unwrap_or(data.len());
            if let Some(last @ ("R" | "T")) = data.last().copied() {
                direction = Some(way(last));
            }
            if data.get(end) == Some(&"remote") {
                let id = CanId::parse(&id.to_ascii_uppercase()).ok_or(FrameError::BadId)?;
                let length = u8::try_from(said).map_err(|_| FrameError::TooLong)?;
                (interface, Event::Frame(CanFrame::remote(id, length).map_err(|_| FrameError::TooLong)?))
            } else {
                let bytes = bytes(&data.get(..end).unwrap_or_default().concat())?;
                if said != bytes.len() {
                    return Err(FrameError::Length { said, got: bytes.len() });
                }
                (interface, event(id, bytes, fd.then_some(0))?)
            }
        }
        _ => return Err(FrameError::NotHex),
    };
    Ok(Logged { micros, interface: (*interface).to_owned(), direction, event })
}

/// Reads a frame as it stands in a log, as in `7E8#0641008810000000`.
///
/// # Errors
/// Why it is none.
pub fn parse(text: &str) -> Result<Event, FrameError> {
    let (id, data) = text.split_once('#').ok_or(FrameError::NotHex)?;
    if let Some(rest) = data.strip_prefix('#') {
        let mut digits = rest.chars();
        let flags = digits.next().and_then(|d| d.to_digit(16)).ok_or(FrameError::NotHex)?;
        return event(id, bytes(digits.as_str())?, Some(flags));
    }
    if let Some(length) = data.strip_prefix(['R', 'r']) {
        let id = CanId::parse(&id.to_ascii_uppercase()).ok_or(FrameError::BadId)?;
        let length = if length.is_empty() { Ok(0) } else { length.parse().map_err(|_| FrameError::NotHex) }?;
        return CanFrame::remote(id, length).map(Event::Frame).map_err(|_| FrameError::TooLong);
    }
    event(id, bytes(data)?, None)
}

fn event(id: &str, data: Vec<u8>, flags: Option<u32>) -> Result<Event, FrameError> {
    let number = u32::from_str_radix(id, 16).map_err(|_| FrameError::NotHex)?;
    if id.len() == 8 && number & ERROR != 0 && number >> 30 == 0 {
        let mut detail = [0; 8];
        detail.get_mut(..data.len()).ok_or(FrameError::TooLong)?.copy_from_slice(&data);
        return Ok(Event::Error(BusError { class: number & !ERROR, data: detail }));
    }
    let id = CanId::parse(id).ok_or(FrameError::BadId)?;
    let frame = match flags {
        Some(flags) => CanFrame::fd(id, &data, flags & 1 != 0, flags & 2 != 0),
        None if data.len() > CLASSIC_MOST => return Err(FrameError::TooLong),
        None => CanFrame::new(id, &data),
    };
    frame.map(Event::Frame).map_err(|_| FrameError::TooLong)
}

fn bytes(digits: &str) -> Result<Vec<u8>, FrameError> {
    // A log may set dots between the bytes.
    let digits: String = digits.chars().filter(|c| *c != '.').collect();
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return Err(FrameError::NotHex);
    }
    unhex(&digits).ok_or(FrameError::OddDigits)
}

fn micros(time: &str) -> Option<u64> {
    let (seconds, part) = time.trim().split_once('.')?;
    let plain = |text: &str| !text.is_empty() && text.len() <= 12 && text.bytes().all(|b| b.is_ascii_digit());
    if !plain(seconds) || !plain(part) {
        return None;
    }
    let part: u64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    seconds.parse::<u64>().ok()?.checked_mul(1_000_000)?.checked_add(part)
}

/// A frame, or a fault, as it stands in a log.
pub fn text(event: &Event) -> String {
    match event {
        Event::Error(error) => format!("{:08X}#{}", error.class | ERROR, hex(&error.data)),
        Event::Frame(frame) => match (frame.asks_for(), frame.fd_flags()) {
            (Some(0), _) => format!("{}#R", frame.id()),
            (Some(length), _) => format!("{}#R{length}", frame.id()),
            (None, Some((fast, passive))) => {
                let flags = u8::from(fast) | u8::from(passive) << 1;
                format!("{}##{flags}{}", frame.id(), hex(frame.data()))
            }
            (None, None) => format!("{}#{}", frame.id(), hex(frame.data())),
        },
    }
}

/// A line of a log, without its end.
pub fn write(logged: &Logged) -> String {
    let micros = logged.micros.unwrap_or(0);
    let way = match logged.direction {
        Some(Direction::ToAdapter) => " T",
        Some(Direction::FromAdapter) => " R",
        Some(Direction::Broke) | None => "",
    };
    let (seconds, part) = (micros / 1_000_000, micros % 1_000_000);
    format!("({seconds:010}.{part:06}) {} {}{way}", logged.interface, text(&logged.event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_of_a_line_is_read() {
        for (line, micros, interface, way, frame) in [
            ("(1436509052.249713) vcan0 044#2A366C2BBA", Some(1_436_509_052_249_713), "vcan0", None, "044#2A366C2BBA"),
            ("(0000000029.695353) can1 18DAF110#02.41.00", Some(29_695_353), "can1", None, "18DAF110#024100"),
            (
                " (002.000015)  can0  7E8   [8]  04 41 0C 1A F8 00 00 00",
                Some(2_000_015),
                "can0",
                None,
                "7E8#04410C1AF8000000",
            ),
            ("(2026-11-21 10:00:01.250000)  can0  7E8   [2]  01 02", None, "can0", None, "7E8#0102"),
            ("can0  7E8   [3]  02 41 00   '.A.'", None, "can0", None, "7E8#024100"),
            ("can0  7E8   [0]  remote request", None, "can0", None, "7E8#R"),
            ("can0  7E8   [4]  remote request", None, "can0", None, "7E8#R4"),
            ("can0 7E8#R8", None, "can0", None, "7E8#R8"),
            ("can0 7E8#", None, "can0", None, "7E8#"),
            ("can0 213##311223344", None, "can0", None, "213##311223344"),
            ("can0  213  [08]  01 02 03 04 05 06 07 08", None, "can0", None, "213##00102030405060708"),
            (
                "(1.5) can0 20000040#0000000000000000 R",
                Some(1_500_000),
                "can0",
                Some(Direction::FromAdapter),
                "20000040#0000000000000000",
            ),
            (
                "can0  20000004   [8]  00 30 00 00 00 00 00 00   ERRORFRAME",
                None,
                "can0",
                None,
                "20000004#0030000000000000",
            ),
            ("can0  TX - -  7E0   [3]  02 01 0C", None, "can0", Some(Direction::ToAdapter), "7E0#02010C"),
            ("(1.6) can0 7E0#02010C T", Some(1_600_000), "can0", Some(Direction::ToAdapter), "7E0#02010C"),
        ] {
            let read = read(line).unwrap_or_else(|e| panic!("{line}: {e}"));
            assert_eq!((read.micros, read.interface.as_str(), read.direction), (micros, interface, way), "{line}");
            assert_eq!(text(&read.event), frame, "{line}");
        }
    }

    #[test]
    fn what_is_no_frame_says_why() {
        for (line, expect) in [
            ("", FrameError::NotHex),
            ("hello", FrameError::NotHex),
            ("(1.0", FrameError::NotHex),
            ("can0 7E8", FrameError::NotHex),
            ("can0 7E8#0G", FrameError::NotHex),
            ("can0 7E8#012", FrameError::OddDigits),
            ("can0 7E8#010203040506070809", FrameError::TooLong),
            ("can0 7E8##", FrameError::NotHex),
            ("can0 7E8##1010203040506070809", FrameError::TooLong),
            ("can0 7E8#R9", FrameError::TooLong),
            ("can0 7E8#Rx", FrameError::NotHex),
            ("can0 800#01", FrameError::BadId),
            ("can0 60000001#01", FrameError::BadId),
            ("can0 7E#01", FrameError::BadId),
            ("can0 7E8 [8] 01 02", FrameError::Length { said: 8, got: 2 }),
            ("can0 7E8 [x] 01 02", FrameError::NotHex),
        ] {
            assert_eq!(read(line), Err(expect), "{line}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_frame_or_a_typed_error(line in "\\PC*", near in "\\(?[0-9. ]{0,8}\\)? ?(can0|vcan1)? ?[0-9A-F]{0,9}#{0,2}[0-9A-FRT. ]{0,20}") {
            let _ = read(&line);
            if let Ok(logged) = read(&near) {
                let again = Logged { micros: logged.micros.or(Some(0)), ..logged };
                prop_assert_eq!(read(&write(&again)), Ok(again));
            }
        }

        #[test]
        fn a_frame_reads_back_as_written(id in 0u32..0x800, long in any::<bool>(), data in proptest::collection::vec(any::<u8>(), 0..=8), kind in 0u8..3) {
            let id = if long { CanId::Extended(id) } else { CanId::standard(id).unwrap() };
            let frame = match kind {
                0 => CanFrame::new(id, &data),
                1 => CanFrame::remote(id, u8::try_from(data.len()).unwrap()),
                _ => CanFrame::fd(id, &data, data.len() % 2 == 0, data.len() % 3 == 0),
            };
            let event = Event::Frame(frame.unwrap());
            prop_assert_eq!(parse(&text(&event)), Ok(event));
        }
    }
}
