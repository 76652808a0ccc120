//! Lines of `candump`, console or log form, to messages per id.

use super::{Frame, FrameError, Line, Slots, isotp::Isotp};
use crate::can::{CLASSIC_MOST, Event, FD_MOST, candump};

/// Reads `(1.5) can0 7E8#0641…` and `can0 7E8 [8] 06 41 …` lines as ISO 15765-2 frames, requests and those of CAN FD among
/// them. Remote and error frames are unusable.
pub fn assemble_frames(text: &str) -> Vec<Line> {
    let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let mut out = Slots(lines.iter().map(|_| None).collect());
    let frames: Vec<Frame> =
        lines.iter().enumerate().map(|(slot, line)| Frame { slot, text: (*line).to_owned() }).collect();
    let mut isotp = Isotp::of_recording();
    for frame in &frames {
        match candump::read(&frame.text).map(|logged| logged.event) {
            Ok(Event::Frame(can)) if can.asks_for().is_some() => out.unusable(frame, FrameError::Remote),
            Ok(Event::Frame(can)) => {
                let room = if can.is_fd() { FD_MOST } else { CLASSIC_MOST };
                isotp.frame(frame, can.id().to_string(), can.data(), room, &mut out);
            }
            Ok(Event::Error(_)) => out.unusable(frame, FrameError::BusError),
            Err(reason) => out.unusable(frame, reason),
        }
    }
    isotp.end(&mut out);
    out.0.into_iter().flatten().collect()
}
