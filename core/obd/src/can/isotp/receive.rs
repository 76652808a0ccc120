//! Receiving one sender's messages.

use super::{Gap, IsoTpError, Options, Timer, fill};
use crate::frame::{
    FlowStatus, FrameError,
    assembly::{Assembly, Step},
};
use std::time::Duration;

/// What a frame means for the receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Nothing to do.
    Nothing,
    /// This flow control must go out, and [`Receiver::sent`] be told.
    Flow(Vec<u8>),
    /// A message is whole.
    Whole(Vec<u8>),
    /// Flow control for a message of ours: hand the frame to its [`super::Sender`].
    NotOurs,
}

/// What it waits for.
#[derive(Clone, Copy, Debug)]
enum Wait {
    Nothing,
    /// That our flow control is out.
    Out(Duration),
    /// For a consecutive frame.
    Frame(Duration),
}

/// Receives the messages of one sender.
#[derive(Debug)]
pub struct Receiver {
    options: Options,
    assembly: Assembly,
    wait: Wait,
    /// Consecutive frames until the sender waits for another word.
    block: u8,
}

impl Receiver {
    /// Takes what `options` allow.
    pub fn new(options: Options) -> Self {
        Self { options, assembly: Assembly::new(options.prefix, options.longest), wait: Wait::Nothing, block: 0 }
    }

    /// Whether a message is under way.
    pub fn under_way(&self) -> bool {
        self.assembly.under_way()
    }

    /// Bytes that the message under way announced, and those that have come.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.assembly.progress()
    }

    /// When to look at [`Receiver::late`], if anything is waited for.
    pub fn due(&self) -> Option<Duration> {
        match self.wait {
            Wait::Nothing => None,
            Wait::Out(at) | Wait::Frame(at) => Some(at),
        }
    }

    /// Takes a frame's data behind its address.
    ///
    /// # Errors
    /// Why a message that began will not come; a frame of no message is one of these too. The second value says why an earlier
    /// message ended unfinished, or why one that is announced is not taken (its flow control says overflow).
    pub fn take(&mut self, now: Duration, data: &[u8]) -> (Result<Heard, IsoTpError>, Option<IsoTpError>) {
        let taken = self.assembly.take(data);
        let ended = taken.ended.map(IsoTpError::Frame);
        let heard = match taken.step {
            Ok(Step::Whole { payload, .. }) => {
                self.wait = Wait::Nothing;
                // A single frame of CAN FD holds 62 bytes.
                if payload.len() > self.options.longest {
                    Err(FrameError::Announced { bytes: payload.len() }.into())
                } else {
                    Ok(Heard::Whole(payload))
                }
            }
            Ok(Step::Began) => Ok(self.go_on(now)),
            Ok(Step::Continued) => {
                self.wait = Wait::Frame(now + self.options.to_continue);
                match (self.options.block_size, self.block) {
                    (0, _) => Ok(Heard::Nothing),
                    (_, 0 | 1) => Ok(self.go_on(now)),
                    (_, left) => {
                        self.block = left - 1;
                        Ok(Heard::Nothing)
                    }
                }
            }
            Ok(Step::Flow { .. }) => Ok(Heard::NotOurs),
            Err(reason @ FrameError::Announced { .. }) => {
                self.wait = Wait::Nothing;
                let overflow = flow(&self.options, FlowStatus::Overflow, 0, Gap::default());
                return (Ok(Heard::Flow(overflow)), Some(IsoTpError::Frame(reason)));
            }
            Err(reason) => {
                if !self.assembly.under_way() {
                    self.wait = Wait::Nothing;
                }
                Err(IsoTpError::Frame(reason))
            }
        };
        (heard, ended)
    }

    fn go_on(&mut self, now: Duration) -> Heard {
        self.block = self.options.block_size;
        self.wait = Wait::Out(now + self.options.to_send);
        Heard::Flow(flow(&self.options, FlowStatus::Continue, self.options.block_size, self.options.gap))
    }

    /// The flow control is out.
    pub fn sent(&mut self, now: Duration) {
        if let Wait::Out(_) = self.wait {
            self.wait = Wait::Frame(now + self.options.to_continue);
        }
    }

    /// Whether it has waited too long: then the message is broken, with the reason.
    pub fn late(&mut self, now: Duration) -> Option<IsoTpError> {
        let timer = match self.wait {
            Wait::Out(at) if at <= now => Timer::Ar,
            Wait::Frame(at) if at <= now => Timer::Cr,
            _ => return None,
        };
        self.wait = Wait::Nothing;
        self.assembly.break_off();
        Some(IsoTpError::Late(timer))
    }
}

/// A flow control's data.
pub(super) fn flow(options: &Options, status: FlowStatus, block_size: u8, gap: Gap) -> Vec<u8> {
    let status = match status {
        FlowStatus::Continue => 0,
        FlowStatus::Wait => 1,
        FlowStatus::Overflow => 2,
    };
    fill(options, &[0x30 | status, block_size, gap.byte()], &[])
}
