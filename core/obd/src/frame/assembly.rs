//! The frames of one id put together to messages (ISO 15765-2), be they read from text or from a bus.
//!
//! Anything out of order breaks the message, and none of its bytes is used. Memory grows with what arrives, never with what
//! a first frame announces.

use super::{
    FrameError,
    pci::{self, FlowStatus, Pci},
};

/// What one sender has sent so far.
#[derive(Debug)]
pub(crate) struct Assembly {
    state: State,
    prefix: usize,
    longest: usize,
}

#[derive(Debug)]
enum State {
    /// Between messages.
    Idle,
    /// A first frame came. `full`: bytes of every further frame but the last.
    Receiving { announced: usize, bytes: Vec<u8>, due: u8, full: usize },
    /// A message broke; its further frames belong to nothing.
    Broken,
}

/// What a frame did.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A message is whole; `alone`: it had one frame.
    Whole { payload: Vec<u8>, alone: bool },
    /// A message of several frames begins.
    Began,
    /// It goes on.
    Continued,
    /// A word to a sender: nothing of a message.
    Flow { status: FlowStatus, block_size: u8, st_min: u8 },
}

/// A frame's effect.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Taken {
    /// Why the message that was under way ended unfinished, if it did.
    pub(crate) ended: Option<FrameError>,
    /// What the frame itself did.
    pub(crate) step: Result<Step, FrameError>,
}

impl Assembly {
    /// `prefix`: bytes of each frame in front that are an address; `longest`: bytes of a message at most.
    pub(crate) fn new(prefix: usize, longest: usize) -> Self {
        Self { state: State::Idle, prefix, longest }
    }

    /// Whether a message is under way.
    pub(crate) fn under_way(&self) -> bool {
        matches!(self.state, State::Receiving { .. })
    }

    /// Bytes that the message under way announced, and those that have come.
    pub(crate) fn progress(&self) -> Option<(usize, usize)> {
        if let State::Receiving { announced, bytes, .. } = &self.state { Some((*announced, bytes.len())) } else { None }
    }

    /// Takes one frame's data behind its address.
    pub(crate) fn take(&mut self, data: &[u8]) -> Taken {
        let read = match pci::read(data, self.prefix) {
            Ok(read) => read,
            // What cannot be read at all leaves the message alone; a bad beginning ends it and breaks its own.
            Err(reason) => {
                let ended = match data.first().map(|head| head >> 4) {
                    Some(0) => self.give_up(),
                    Some(1) => {
                        let ended = self.give_up();
                        self.state = State::Broken;
                        ended
                    }
                    _ => None,
                };
                return Taken { ended, step: Err(reason) };
            }
        };
        match read {
            Pci::Single(payload) => {
                let ended = self.give_up();
                Taken { ended, step: Ok(Step::Whole { payload: payload.to_vec(), alone: true }) }
            }
            Pci::First { announced, data: part } => {
                let ended = self.give_up();
                if announced > self.longest {
                    self.state = State::Broken;
                    return Taken { ended, step: Err(FrameError::Announced { bytes: announced }) };
                }
                self.state = State::Receiving { announced, bytes: part.to_vec(), due: 1, full: data.len() - 1 };
                Taken { ended, step: Ok(Step::Began) }
            }
            Pci::Consecutive { number, data } => match self.further(number, data) {
                Ok(step) => Taken { ended: None, step: Ok(step) },
                Err(reason) => Taken { ended: self.break_off(), step: Err(reason) },
            },
            Pci::Flow { status, block_size, st_min } => {
                Taken { ended: None, step: Ok(Step::Flow { status, block_size, st_min }) }
            }
        }
    }

    fn further(&mut self, number: u8, data: &[u8]) -> Result<Step, FrameError> {
        let State::Receiving { announced, bytes, due, full } = &mut self.state else {
            let broken = matches!(self.state, State::Broken);
            return Err(if broken { FrameError::OfBrokenMessage } else { FrameError::NoFirstFrame });
        };
        if number != *due {
            return Err(FrameError::Sequence { due: *due, got: number });
        }
        // All frames of a message are as long as its first, the last one perhaps shorter: a longer one is another's.
        if data.len() > *full {
            return Err(FrameError::Length { said: *full, got: data.len() });
        }
        let missing = *announced - bytes.len();
        let take = missing.min(*full);
        let Some(part) = data.get(..take) else { return Err(FrameError::Length { said: take, got: data.len() }) };
        bytes.extend_from_slice(part);
        *due = (*due + 1) & 0xF;
        if missing > *full {
            return Ok(Step::Continued);
        }
        let payload = std::mem::take(bytes);
        self.state = State::Idle;
        Ok(Step::Whole { payload, alone: false })
    }

    /// A new message begins, or none will: says what of the one under way is missing.
    pub(crate) fn give_up(&mut self) -> Option<FrameError> {
        match std::mem::replace(&mut self.state, State::Idle) {
            State::Receiving { announced, bytes, .. } => Some(FrameError::Incomplete { announced, got: bytes.len() }),
            _ => None,
        }
    }

    /// A frame does not fit: the message under way is broken, and what may still come of it.
    pub(crate) fn break_off(&mut self) -> Option<FrameError> {
        match self.state {
            State::Idle => None,
            State::Broken => None,
            State::Receiving { .. } => {
                self.state = State::Broken;
                Some(FrameError::OfBrokenMessage)
            }
        }
    }
}
