//! CAN answers: with headers, ISO 15765-2 frames per id; without, the adapter's own grouping.

use super::{Frame, FrameError, Slots, clean, isotp::Isotp};

/// Bytes of a frame.
const CLASSIC: usize = 8;

/// Lines `7E8 06 41 00 …` (`digits` = 3) or `18 DA F1 10 06 41 00 …` (`digits` = 8), with or without spaces.
pub(super) fn with_headers(frames: &[Frame], digits: usize, out: &mut Slots) {
    let mut isotp = Isotp::of_one_answer();
    for frame in frames {
        match read(&frame.text, digits) {
            Ok((id, data)) => isotp.frame(frame, id, &data, CLASSIC, out),
            Err(reason) => out.unusable(frame, reason),
        }
    }
    isotp.end(out);
}

fn read(text: &str, digits: usize) -> Result<(String, Vec<u8>), FrameError> {
    let (id, data) = clean::hex(text, digits)?;
    if data.is_empty() {
        return Err(FrameError::TooShort);
    }
    let number = u32::from_str_radix(&id, 16).map_err(|_| FrameError::NotHex)?;
    if number > if digits == 3 { 0x7FF } else { 0x1FFF_FFFF } {
        return Err(FrameError::BadId);
    }
    // Request ids of ISO 15765-4. An ECU never sends on them, so this is what was asked, read back.
    let tester = match digits {
        3 => matches!(number, 0x7DF..=0x7E7),
        _ => matches!(number >> 16, 0x18DA | 0x18DB) && number & 0xFF == 0xF1,
    };
    if tester { Err(FrameError::FromTester) } else { Ok((id, data)) }
}

/// A message the adapter announced by a length line.
struct Long<'a> {
    frames: Vec<&'a Frame>,
    announced: usize,
    bytes: Vec<u8>,
    due: u8,
}

/// Lines without headers: a message of up to seven bytes, or a length line `014` followed by `0: …`, `1: …`.
/// Two length lines before the first message is whole mean that two ECUs answer at once; then neither can be read.
pub(super) fn without_headers(frames: &[Frame], out: &mut Slots) {
    let mut long: Option<Long<'_>> = None;
    let mut broken = None;
    for frame in frames {
        let digits = clean::squeeze(&frame.text);
        if let Some((number, data)) = digits.split_once(':') {
            match part(long.as_mut(), number, data) {
                Ok(whole) => {
                    if let Some(message) = long.as_mut() {
                        message.frames.push(frame);
                    }
                    if whole
                        && let Some(Long { frames, bytes, .. }) = long.take()
                        && let Some(head) = frames.first()
                    {
                        if super::is_reply(&bytes) {
                            out.message(head.slot, None, bytes);
                        } else {
                            refuse(&frames, FrameError::NotAReply, out);
                        }
                    }
                }
                Err(reason) => {
                    let reason = match long.take() {
                        Some(message) => {
                            refuse(&message.frames, FrameError::OfBrokenMessage, out);
                            broken = Some(FrameError::OfBrokenMessage);
                            reason
                        }
                        None => broken.unwrap_or(reason),
                    };
                    out.unusable(frame, reason);
                }
            }
        } else if let Some(announced) = length_line(&digits) {
            if let Some(message) = long.take() {
                refuse(&message.frames, FrameError::Interleaved, out);
                out.unusable(frame, FrameError::Interleaved);
                broken = Some(FrameError::Interleaved);
            } else if broken == Some(FrameError::Interleaved) {
                out.unusable(frame, FrameError::Interleaved);
            } else if announced < 8 {
                out.unusable(frame, FrameError::BadPci);
                broken = Some(FrameError::OfBrokenMessage);
            } else {
                broken = None;
                long = Some(Long { frames: vec![frame], announced, bytes: Vec::new(), due: 0 });
            }
        } else {
            match short(&frame.text) {
                Ok(payload) => out.message(frame.slot, None, payload),
                Err(reason) => out.unusable(frame, reason),
            }
        }
    }
    if let Some(message) = long {
        refuse(&message.frames, FrameError::Incomplete { announced: message.announced, got: message.bytes.len() }, out);
    }
}

fn length_line(digits: &str) -> Option<usize> {
    if digits.len() != 3 {
        return None;
    }
    usize::from_str_radix(digits, 16).ok()
}

fn short(text: &str) -> Result<Vec<u8>, FrameError> {
    let (_, bytes) = clean::hex(text, 0)?;
    match bytes.len() {
        0 => Err(FrameError::TooShort),
        1..=7 if super::is_reply(&bytes) => Ok(bytes),
        1..=7 => Err(FrameError::NotAReply),
        _ => Err(FrameError::TooLong),
    }
}

/// Takes the part `number: data`; true where the message is whole.
fn part(message: Option<&mut Long<'_>>, number: &str, data: &str) -> Result<bool, FrameError> {
    let (_, data) = clean::hex(data, 0)?;
    let number = match number.as_bytes() {
        [digit] => char::from(*digit).to_digit(16).and_then(|d| u8::try_from(d).ok()).ok_or(FrameError::NotHex)?,
        _ => return Err(FrameError::NotHex),
    };
    let Some(message) = message else { return Err(FrameError::NoFirstFrame) };
    if number != message.due {
        // A second "0:" is another ECU's, not a lost line.
        let due = message.due;
        return Err(if number == 0 { FrameError::Interleaved } else { FrameError::Sequence { due, got: number } });
    }
    // The adapter prints the six bytes of the first frame, then seven of each other.
    let room = if message.frames.len() == 1 { 6 } else { 7 };
    if data.len() > room {
        return Err(FrameError::TooLong);
    }
    let missing = message.announced - message.bytes.len();
    let take = missing.min(room);
    let Some(bytes) = data.get(..take) else { return Err(FrameError::Length { said: take, got: data.len() }) };
    message.bytes.extend_from_slice(bytes);
    message.due = (message.due + 1) & 0xF;
    Ok(missing <= room)
}

fn refuse(frames: &[&Frame], head: FrameError, out: &mut Slots) {
    for (i, frame) in frames.iter().enumerate() {
        out.unusable(frame, if i == 0 { head } else { FrameError::OfBrokenMessage });
    }
}
