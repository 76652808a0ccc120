//! J1850, ISO 9141-2 and KWP answers: header, data, checksum.

use super::{Frame, FrameError, Slots, clean};
use crate::protocol::Family;

/// One sound line.
struct Row<'a> {
    frame: &'a Frame,
    ecu: Option<String>,
    data: Vec<u8>,
}

/// Lines with header and checksum.
pub(super) fn with_headers(frames: &[Frame], family: Family, out: &mut Slots) {
    let mut rows: Vec<Row<'_>> = Vec::new();
    for frame in frames {
        match checked(&frame.text, family) {
            Ok((ecu, data)) => {
                if rows.iter().any(|row| row.ecu == ecu && row.data == data) {
                    out.unusable(frame, FrameError::Duplicate);
                } else {
                    rows.push(Row { frame, ecu, data });
                }
            }
            Err(reason) => out.unusable(frame, reason),
        }
    }
    join(rows, out);
}

/// Lines of bare data. The checksum is gone, so only the adapter has looked at it.
pub(super) fn without_headers(frames: &[Frame], family: Family, out: &mut Slots) {
    let mut rows = Vec::new();
    for frame in frames {
        match clean::hex(&frame.text, 0) {
            Ok((_, data)) if data.is_empty() => out.unusable(frame, FrameError::TooShort),
            Ok((_, data)) if !super::is_reply(&data) => out.unusable(frame, FrameError::NotAReply),
            Ok((_, data)) if data.len() <= 7 => rows.push(Row { frame, ecu: None, data }),
            // Some programs and clones lose the line ends of a service 09 reply. Every chunk must say so itself.
            Ok((_, data)) if run_together(&data) => {
                rows.extend(data.chunks_exact(7).map(|chunk| Row { frame, ecu: None, data: chunk.to_vec() }));
            }
            Ok((_, data)) if family == Family::Kwp && data.len() <= 255 => rows.push(Row { frame, ecu: None, data }),
            Ok(_) => out.unusable(frame, FrameError::TooLong),
            Err(reason) => out.unusable(frame, reason),
        }
    }
    join(rows, out);
}

fn run_together(data: &[u8]) -> bool {
    data.len().is_multiple_of(7)
        && data
            .chunks_exact(7)
            .zip(1u8..)
            .all(|(chunk, number)| chunk[0] == 0x49 && chunk[1] == data[1] && chunk[2] == number)
}

/// The sender and data of a line whose header and checksum are sound.
fn checked(text: &str, family: Family) -> Result<(Option<String>, Vec<u8>), FrameError> {
    let (_, bytes) = clean::hex(text, 0)?;
    let Some((&received, body)) = bytes.split_last() else { return Err(FrameError::TooShort) };
    // No header has the same byte throughout: nobody sent this. Some clones print a row of zeros.
    if body.len() >= 3 && body.iter().all(|b| *b == received) {
        return Err(FrameError::NotAReply);
    }
    let computed = match family {
        Family::Pwm | Family::Vpw => crc8(body),
        _ => body.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)),
    };
    if computed != received {
        return Err(if body.len() < 4 { FrameError::TooShort } else { FrameError::Checksum { computed, received } });
    }
    let (source, data) = match family {
        Family::Kwp => kwp(body)?,
        _ => fixed(body)?,
    };
    match source {
        Some(0xF0..=0xFD) => Err(FrameError::FromTester),
        _ if !super::is_reply(data) => Err(FrameError::NotAReply),
        source => Ok((source.map(|s| format!("{s:02X}")), data.to_vec())),
    }
}

/// Three header bytes, then one to seven data bytes (SAE J1850, ISO 9141-2).
fn fixed(body: &[u8]) -> Result<(Option<u8>, &[u8]), FrameError> {
    match body {
        [_, _, source, data @ ..] if (1..=7).contains(&data.len()) => Ok((Some(*source), data)),
        [_, _, _, _, ..] => Err(FrameError::TooLong),
        _ => Err(FrameError::TooShort),
    }
}

/// ISO 14230-2: bits 7 and 6 of the format byte say whether addresses follow, bits 5 to 0 the length; 0 means that a
/// length byte follows the addresses. `01` in bits 7 and 6 is the header of ISO 9141-2, which some ECUs keep.
fn kwp(body: &[u8]) -> Result<(Option<u8>, &[u8]), FrameError> {
    let Some((&format, rest)) = body.split_first() else { return Err(FrameError::TooShort) };
    let (source, rest) = match format >> 6 {
        0 => (None, rest),
        1 => return fixed(body),
        _ => match rest {
            [_, source, rest @ ..] => (Some(*source), rest),
            _ => return Err(FrameError::TooShort),
        },
    };
    let (said, data) = match (format & 0x3F, rest) {
        (0, [length, data @ ..]) => (usize::from(*length), data),
        (0, []) => return Err(FrameError::TooShort),
        (length, data) => (usize::from(length), data),
    };
    if said == data.len() && said != 0 { Ok((source, data)) } else { Err(FrameError::Length { said, got: data.len() }) }
}

/// CRC-8 of SAE J1850: polynomial 1D, start FF, inverted.
pub(crate) fn crc8(bytes: &[u8]) -> u8 {
    !bytes.iter().fold(0xFFu8, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc, _| if crc & 0x80 != 0 { crc << 1 ^ 0x1D } else { crc << 1 })
    })
}

/// Joins the numbered lines of service 09; every other line is a message of its own (03, 07 and 0A lines carry no count,
/// so each says the same alone as together).
fn join(rows: Vec<Row<'_>>, out: &mut Slots) {
    let mut groups: Vec<Vec<Row<'_>>> = Vec::new();
    for row in rows {
        if !is_numbered(&row.data) {
            out.message(row.frame.slot, row.ecu, row.data);
            continue;
        }
        let same =
            |group: &&mut Vec<Row<'_>>| group.first().is_some_and(|r| r.ecu == row.ecu && r.data[1] == row.data[1]);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(row),
            None => groups.push(vec![row]),
        }
    }
    for group in groups {
        finish(group, out);
    }
}

/// `49 id number` and four bytes. Odd infotypes below 0B only say how many lines there are.
fn is_numbered(data: &[u8]) -> bool {
    data.len() == 7 && data[0] == 0x49
}

fn finish(group: Vec<Row<'_>>, out: &mut Slots) {
    let Some((slot, ecu, infotype)) = group.first().map(|r| (r.frame.slot, r.ecu.clone(), r.data[1])) else { return };
    let wrong = group.iter().zip(1u8..=255).find(|(row, due)| row.data[2] != *due);
    let lines = group.len();
    let broken = match wrong {
        // The first number again, and no sender to tell by: a second ECU.
        Some((row, _)) if ecu.is_none() && row.data[2] == 1 => Some((row.frame.slot, FrameError::Interleaved)),
        Some((row, due)) => Some((row.frame.slot, FrameError::Sequence { due, got: row.data[2] })),
        None => lines_due(infotype, lines)
            .filter(|due| *due != lines)
            .map(|announced| (slot, FrameError::Incomplete { announced, got: lines })),
    };
    match broken {
        Some((at, reason)) => {
            for row in &group {
                out.unusable(row.frame, if row.frame.slot == at { reason } else { FrameError::OfBrokenMessage });
            }
        }
        None => {
            let mut payload = vec![0x49, infotype];
            payload.extend(group.iter().flat_map(|row| &row.data[3..]));
            out.message(slot, ecu, payload);
        }
    }
}

/// Lines that a whole reply has, where the standard fixes it: VIN and ECU name five, calibration ids four each.
fn lines_due(infotype: u8, lines: usize) -> Option<usize> {
    match infotype {
        0x02 | 0x0A => Some(5),
        0x04 => Some(lines.next_multiple_of(4)),
        _ => None,
    }
}
