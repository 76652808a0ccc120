//! Lines of `candump`, console or log form, to messages per id.

use super::{Frame, FrameError, Line, Slots, isotp::Isotp};

/// Reads `(1.5) can0 7E8#0641…` and `can0 7E8 [8] 06 41 …` lines as ISO 15765-2 frames, requests among them.
/// Remote, error and CAN FD frames are unusable.
pub fn assemble_frames(text: &str) -> Vec<Line> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut out = Slots(lines.iter().map(|_| None).collect());
    let frames: Vec<Frame> =
        lines.iter().enumerate().map(|(slot, line)| Frame { slot, text: (*line).to_owned() }).collect();
    let mut isotp = Isotp::of_recording();
    for frame in &frames {
        match read(&frame.text) {
            Ok((id, data)) => isotp.frame(frame, id, &data, &mut out),
            Err(reason) => out.unusable(frame, reason),
        }
    }
    isotp.end(&mut out);
    out.0.into_iter().flatten().collect()
}

fn read(line: &str) -> Result<(String, Vec<u8>), FrameError> {
    let mut words: Vec<&str> = line.split_ascii_whitespace().collect();
    if words.first().is_some_and(|word| word.starts_with('(')) {
        words.remove(0);
    }
    // `candump -x` says the direction: R or T at the end, or RX or TX and two flags in front of the id.
    if let [_, "RX" | "TX", _, _, _, length, ..] = words.as_slice()
        && length.starts_with('[')
    {
        words.drain(1..4);
    }
    let (id, digits, said) = match words.as_slice() {
        [_, frame] | [_, frame, "R" | "T"] => {
            let (id, data) = frame.split_once('#').ok_or(FrameError::NotHex)?;
            (id, data.to_owned(), None)
        }
        [_, id, length, data @ ..] if length.starts_with('[') => {
            let said = length.trim_matches(['[', ']']).parse::<usize>().map_err(|_| FrameError::NotHex)?;
            // `candump -a` repeats the bytes as text, in quotes; spaces and what looks like hex may be in it.
            let end = data.iter().position(|word| word.starts_with('\'') || matches!(*word, "R" | "T"));
            (*id, data.get(..end.unwrap_or(data.len())).unwrap_or_default().join(" "), Some(said))
        }
        _ => return Err(FrameError::NotHex),
    };
    let number = u32::from_str_radix(id, 16).map_err(|_| FrameError::NotHex)?;
    match id.len() {
        3 if number <= 0x7FF => {}
        8 if number <= 0x1FFF_FFFF => {}
        _ => return Err(FrameError::BadId),
    }
    let (_, data) = super::clean::hex(&digits, 0)?;
    match said {
        Some(said) if said != data.len() => Err(FrameError::Length { said, got: data.len() }),
        _ => Ok((id.to_ascii_uppercase(), data)),
    }
}
