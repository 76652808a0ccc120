//! Sending one message.

use super::{Gap, IsoTpError, Options, Timer, fill};
use crate::frame::{
    FlowStatus, FrameError,
    pci::{self, Pci, TWELVE_BITS},
};
use std::time::Duration;

/// What the sender wants.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// Send this frame's data, and tell [`Sender::sent`].
    Send(Vec<u8>),
    /// Look again at this time, or when a frame has come.
    Wait(Duration),
    /// The message is out.
    Done,
}

#[derive(Clone, Copy, Debug)]
enum State {
    /// The next frame may go out at this time.
    Ready(Duration),
    /// A frame has been handed out and is not on the bus yet.
    Out {
        until: Duration,
        then: Then,
    },
    /// Waits for flow control.
    Flow(Duration),
    Done,
    Failed(IsoTpError),
}

/// What follows a frame that is on its way.
#[derive(Clone, Copy, Debug)]
enum Then {
    Done,
    Flow,
    Gap,
}

/// Sends one message.
#[derive(Debug)]
pub struct Sender {
    options: Options,
    payload: Vec<u8>,
    at: usize,
    number: u8,
    state: State,
    /// Consecutive frames left of the block; `None`: all.
    block: Option<u8>,
    gap: Duration,
    waits: u8,
}

impl Sender {
    /// A message that may go out at once.
    ///
    /// # Errors
    /// [`IsoTpError::Length`] for a message without bytes or with more than 32 bits can count.
    pub fn new(options: Options, payload: &[u8]) -> Result<Self, IsoTpError> {
        if payload.is_empty() || u32::try_from(payload.len()).is_err() {
            return Err(IsoTpError::Length(payload.len()));
        }
        let payload = payload.to_vec();
        let state = State::Ready(Duration::ZERO);
        Ok(Self { options, payload, at: 0, number: 1, state, block: None, gap: Duration::ZERO, waits: 0 })
    }

    /// What to do at this time.
    ///
    /// # Errors
    /// Why the message will not be sent to its end.
    pub fn next(&mut self, now: Duration) -> Result<Next, IsoTpError> {
        match self.state {
            State::Failed(error) => Err(error),
            State::Done => Ok(Next::Done),
            State::Out { until, .. } if until <= now => self.fail(IsoTpError::Late(Timer::As)),
            State::Flow(until) if until <= now => self.fail(IsoTpError::Late(Timer::Bs)),
            State::Out { until, .. } | State::Flow(until) => Ok(Next::Wait(until)),
            State::Ready(at) if at > now => Ok(Next::Wait(at)),
            State::Ready(_) => {
                let (data, then) = self.cut();
                self.state = State::Out { until: now + self.options.to_send, then };
                Ok(Next::Send(data))
            }
        }
    }

    /// When to look at [`Sender::next`] again; `None`: the message is out, or will not be.
    pub fn due(&self) -> Option<Duration> {
        match self.state {
            State::Ready(at) | State::Flow(at) | State::Out { until: at, .. } => Some(at),
            State::Done | State::Failed(_) => None,
        }
    }

    /// Whether the message takes one frame only, so that nobody has to say go on.
    pub fn is_single(&self) -> bool {
        let room = self.options.frame - self.options.prefix;
        self.payload.len() < 8 - self.options.prefix || self.payload.len() + 2 <= room
    }

    fn fail<T>(&mut self, error: IsoTpError) -> Result<T, IsoTpError> {
        self.state = State::Failed(error);
        Err(error)
    }

    /// The frame is on the bus.
    pub fn sent(&mut self, now: Duration) {
        if let State::Out { then, .. } = self.state {
            self.state = match then {
                Then::Done => State::Done,
                Then::Flow => State::Flow(now + self.options.to_flow),
                Then::Gap => State::Ready(now + self.gap),
            };
        }
    }

    /// The receiver's word has come. Anything but flow control is not for a sender and changes nothing, as does flow control
    /// while none is waited for.
    pub fn flow(&mut self, now: Duration, data: &[u8]) {
        let State::Flow(_) = self.state else { return };
        match pci::read(data, self.options.prefix) {
            Ok(Pci::Flow { status: FlowStatus::Continue, block_size, st_min }) => {
                self.waits = 0;
                self.block = Some(block_size).filter(|size| *size != 0);
                self.gap = Gap::from_byte(st_min).duration();
                self.state = State::Ready(now);
            }
            Ok(Pci::Flow { status: FlowStatus::Wait, .. }) => {
                self.waits += 1;
                self.state = if self.waits > self.options.waits {
                    State::Failed(IsoTpError::Waits)
                } else {
                    State::Flow(now + self.options.to_flow)
                };
            }
            Ok(Pci::Flow { status: FlowStatus::Overflow, .. }) => self.state = State::Failed(IsoTpError::Overflow),
            Err(reason @ FrameError::BadPci) if data.first().is_some_and(|head| head >> 4 == 3) => {
                self.state = State::Failed(IsoTpError::Frame(reason));
            }
            _ => {}
        }
    }

    /// The next frame's data, and what follows it.
    fn cut(&mut self) -> (Vec<u8>, Then) {
        let (room, classic) = (self.options.frame - self.options.prefix, 8 - self.options.prefix);
        let length = self.payload.len();
        if self.at > 0 {
            let end = length.min(self.at + room - 1);
            let data = fill(&self.options, &[0x20 | self.number], self.payload.get(self.at..end).unwrap_or_default());
            (self.at, self.number) = (end, (self.number + 1) & 0xF);
            if end == length {
                return (data, Then::Done);
            }
            return match self.block.as_mut() {
                Some(left) if *left <= 1 => (data, Then::Flow),
                Some(left) => {
                    *left -= 1;
                    (data, Then::Gap)
                }
                None => (data, Then::Gap),
            };
        }
        let [_, _, high, low] = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        if length < classic {
            return (fill(&self.options, &[low], &self.payload), Then::Done);
        }
        if length + 2 <= room {
            return (fill(&self.options, &[0, low], &self.payload), Then::Done);
        }
        let long = u32::try_from(length).unwrap_or(u32::MAX).to_be_bytes();
        let head = if length <= TWELVE_BITS { vec![0x10 | high, low] } else { [&[0x10, 0][..], &long].concat() };
        let end = room - head.len();
        self.at = end;
        (fill(&self.options, &head, self.payload.get(..end).unwrap_or_default()), Then::Flow)
    }
}
