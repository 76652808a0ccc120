//! ISO 15765-2: from the frames of a text to messages, per id.
//!
//! A broken message yields no bytes: each of its frames comes back as unusable, with the reason. Padding behind the
//! announced length is cut.

use super::{
    Frame, FrameError, Slots,
    assembly::{Assembly, Step, Taken},
};
use std::collections::{HashMap, HashSet};

/// Bytes of a message at most: twelve bits of length. A recorded text with more is kept as unusable.
const LONGEST: usize = super::pci::TWELVE_BITS;

/// Messages under way, and what each id has sent so far.
pub(super) struct Isotp<'a> {
    ids: HashMap<String, Sender<'a>>,
    done: Done,
}

/// Messages so far; `None` where a repeated one is a message like any other.
type Done = Option<HashSet<(String, Vec<u8>)>>;

/// One id, and the frames of its message under way.
struct Sender<'a> {
    assembly: Assembly,
    frames: Vec<&'a Frame>,
    /// The last frame that went into a long message.
    last: Option<&'a Frame>,
}

impl<'a> Isotp<'a> {
    /// For the answer to one request, in which no ECU says the same twice.
    pub(super) fn of_one_answer() -> Self {
        Self { ids: HashMap::new(), done: Some(HashSet::new()) }
    }

    /// For a recording, in which an ECU answers again and again.
    pub(super) fn of_recording() -> Self {
        Self { ids: HashMap::new(), done: None }
    }

    /// Takes one CAN frame's data (its id aside), of at most `room` bytes.
    pub(super) fn frame(&mut self, frame: &'a Frame, id: String, data: &[u8], room: usize, out: &mut Slots) {
        let sender = self.ids.entry(id.clone()).or_insert_with(|| Sender {
            assembly: Assembly::new(0, LONGEST),
            frames: Vec::new(),
            last: None,
        });
        // Some adapters print a frame twice. Its number tells a copy from the next frame with the same bytes.
        let long = data.first().is_some_and(|pci| matches!(pci >> 4, 1 | 2));
        if long && sender.last.is_some_and(|last| last.text == frame.text) {
            return out.unusable(frame, FrameError::Duplicate);
        }
        let taken = if data.len() > room {
            Taken { ended: sender.assembly.break_off(), step: Err(FrameError::TooLong) }
        } else {
            sender.assembly.take(data)
        };
        if let Some(reason) = taken.ended {
            refuse(&std::mem::take(&mut sender.frames), reason, out);
        }
        sender.last = taken.step.is_ok().then_some(frame);
        match taken.step {
            Ok(Step::Began | Step::Continued) => sender.frames.push(frame),
            Ok(Step::Whole { payload, .. }) => {
                let head = sender.frames.first().copied().unwrap_or(frame);
                sender.frames.clear();
                finish(&mut self.done, head, id, payload, out);
            }
            // Flow control of an ECU that receives a long request: nothing to read in it.
            Ok(Step::Flow { .. }) => {}
            Err(reason) => out.unusable(frame, reason),
        }
    }

    /// The answer is at its end: what is under way stays incomplete.
    pub(super) fn end(mut self, out: &mut Slots) {
        for sender in self.ids.values_mut() {
            if let Some(reason) = sender.assembly.give_up() {
                refuse(&sender.frames, reason, out);
            }
        }
    }
}

/// Hands a message over, unless the same ECU sent the same before.
fn finish(done: &mut Done, frame: &Frame, id: String, payload: Vec<u8>, out: &mut Slots) {
    if let Some(done) = done
        && !done.insert((id.clone(), payload.clone()))
    {
        return out.unusable(frame, FrameError::Duplicate);
    }
    out.message(frame.slot, Some(id), payload);
}

fn refuse(frames: &[&Frame], head: FrameError, out: &mut Slots) {
    for (i, frame) in frames.iter().enumerate() {
        out.unusable(frame, if i == 0 { head } else { FrameError::OfBrokenMessage });
    }
}
