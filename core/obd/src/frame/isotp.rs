//! ISO 15765-2: from CAN frames to messages, per id.
//!
//! Classic CAN only: a single frame has up to 7 bytes, a first frame announces 8 to 4095, consecutive frames are numbered
//! 1…F,0,1…. Anything else breaks the message, and none of its bytes is used. Padding behind the announced length is cut.

use super::{Frame, FrameError, Slots};
use std::collections::{HashMap, HashSet};

/// Messages under way, and what each id has sent so far.
pub(super) struct Isotp<'a> {
    ids: HashMap<String, State<'a>>,
    done: Done,
}

/// Messages so far; `None` where a repeated one is a message like any other.
type Done = Option<HashSet<(String, Vec<u8>)>>;

enum State<'a> {
    /// Between messages.
    Idle,
    /// A first frame came.
    Receiving { frames: Vec<&'a Frame>, announced: usize, bytes: Vec<u8>, due: u8 },
    /// Between messages, after a long one that ended with this frame.
    Done(&'a Frame),
    /// A message broke; its further frames belong to nothing.
    Broken,
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

    /// Takes one CAN frame's data (its id aside).
    pub(super) fn frame(&mut self, frame: &'a Frame, id: String, data: &[u8], out: &mut Slots) {
        let state = self.ids.entry(id.clone()).or_insert(State::Idle);
        let Some((&pci, rest)) = data.split_first() else { return out.unusable(frame, FrameError::TooShort) };
        if rest.len() > 7 {
            break_off(state, out);
            return out.unusable(frame, FrameError::TooLong);
        }
        match pci >> 4 {
            0 => {
                give_up(state, out);
                match single(pci, rest) {
                    Ok(payload) => finish(&mut self.done, frame, id, payload, out),
                    Err(reason) => out.unusable(frame, reason),
                }
            }
            _ if repeats(state, frame) => out.unusable(frame, FrameError::Duplicate),
            1 => {
                give_up(state, out);
                match first(pci, rest) {
                    Ok((announced, bytes)) => {
                        *state = State::Receiving { frames: vec![frame], announced, bytes, due: 1 };
                    }
                    Err(reason) => {
                        *state = State::Broken;
                        out.unusable(frame, reason);
                    }
                }
            }
            2 => match consecutive(state, frame, pci & 0xF, rest) {
                Ok(None) => {}
                Ok(Some((head, payload))) => {
                    *state = State::Done(frame);
                    finish(&mut self.done, head, id, payload, out);
                }
                Err(reason) => {
                    break_off(state, out);
                    out.unusable(frame, reason);
                }
            },
            // Flow control of an ECU that receives a long request: nothing to read in it.
            3 if pci & 0xF <= 2 && rest.len() >= 2 => {}
            _ => out.unusable(frame, FrameError::BadPci),
        }
    }

    /// The answer is at its end: what is under way stays incomplete.
    pub(super) fn end(mut self, out: &mut Slots) {
        for state in self.ids.values_mut() {
            give_up(state, out);
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

fn single(pci: u8, rest: &[u8]) -> Result<Vec<u8>, FrameError> {
    let said = usize::from(pci & 0xF);
    if said == 0 || said > 7 {
        return Err(FrameError::BadPci);
    }
    rest.get(..said).map(<[u8]>::to_vec).ok_or(FrameError::Length { said, got: rest.len() })
}

fn first(pci: u8, rest: &[u8]) -> Result<(usize, Vec<u8>), FrameError> {
    let [low, data @ ..] = rest else { return Err(FrameError::TooShort) };
    let announced = usize::from(pci & 0xF) << 8 | usize::from(*low);
    // Below 8 it should have been a single frame; 0 announces a 32-bit length, which no classic CAN ECU uses.
    if announced < 8 {
        return Err(FrameError::BadPci);
    }
    if data.len() < 6 {
        return Err(FrameError::TooShort);
    }
    Ok((announced, data.to_vec()))
}

type Whole<'a> = Option<(&'a Frame, Vec<u8>)>;

fn consecutive<'a>(state: &mut State<'a>, frame: &'a Frame, number: u8, rest: &[u8]) -> Result<Whole<'a>, FrameError> {
    let State::Receiving { frames, announced, bytes, due } = state else {
        let broken = matches!(state, State::Broken);
        return Err(if broken { FrameError::OfBrokenMessage } else { FrameError::NoFirstFrame });
    };
    if number != *due {
        return Err(FrameError::Sequence { due: *due, got: number });
    }
    let missing = *announced - bytes.len();
    let take = missing.min(7);
    let Some(part) = rest.get(..take) else { return Err(FrameError::Length { said: take, got: rest.len() }) };
    bytes.extend_from_slice(part);
    frames.push(frame);
    *due = (*due + 1) & 0xF;
    if missing > 7 {
        return Ok(None);
    }
    let payload = std::mem::take(bytes);
    Ok(frames.first().map(|head| (*head, payload)))
}

/// Whether a frame of a long message is the one before it once more, as some adapters print it. Its number tells it from a
/// next one with the same bytes.
fn repeats(state: &State<'_>, frame: &Frame) -> bool {
    let last = match state {
        State::Receiving { frames, .. } => frames.last().copied(),
        State::Done(last) => Some(*last),
        State::Idle | State::Broken => None,
    };
    last.is_some_and(|last| last.text == frame.text)
}

/// A new message begins, or none will: the one under way, if any, is incomplete.
fn give_up(state: &mut State<'_>, out: &mut Slots) {
    if let State::Receiving { frames, announced, bytes, .. } = &state {
        let reason = FrameError::Incomplete { announced: *announced, got: bytes.len() };
        refuse(frames, reason, out);
    }
    *state = State::Idle;
}

/// The frame that just came does not fit: the message under way is broken, and what may still come of it.
fn break_off(state: &mut State<'_>, out: &mut Slots) {
    match &state {
        State::Receiving { frames, .. } => refuse(frames, FrameError::OfBrokenMessage, out),
        State::Broken => {}
        State::Idle | State::Done(_) => return,
    }
    *state = State::Broken;
}

fn refuse(frames: &[&Frame], head: FrameError, out: &mut Slots) {
    for (i, frame) in frames.iter().enumerate() {
        out.unusable(frame, if i == 0 { head } else { FrameError::OfBrokenMessage });
    }
}
