//! ISO 15765-2 in user space: messages of any length over frames of eight bytes, or of up to 64 with CAN FD.
//!
//! The kernel's own sends flow control to the id that was asked, which for a question to everyone is nobody's, and there is
//! none on other systems. So this one is ours: [`Receiver`] for one sender's messages and [`Sender`] for one of ours. Both
//! are pure: frames and the time go in, frames to send and the time of the next look come out. Time is a [`Duration`] since
//! any moment of the caller's.
//!
//! What is not as it should be ends the message with an [`IsoTpError`]; none of its bytes is used. Memory grows with what has
//! come, and never past [`Options::longest`].

mod address;
mod receive;
mod send;

pub use address::Address;
pub use receive::{Heard, Receiver};
pub use send::{Next, Sender};

use crate::frame::FrameError;
use std::{fmt, time::Duration};

/// The gap that a receiver asks for between two consecutive frames (STmin).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gap(u8);

impl Gap {
    /// From the byte on the wire; any byte is one, see [`Gap::duration`].
    pub fn from_byte(byte: u8) -> Self {
        Self(byte)
    }

    /// As on the wire.
    pub fn byte(self) -> u8 {
        self.0
    }

    /// 00 to 7F are milliseconds, F1 to F9 steps of 100 µs. The rest is reserved, and means the longest (clause 9.6.5.6).
    pub fn duration(self) -> Duration {
        match self.0 {
            ms @ 0..=0x7F => Duration::from_millis(ms.into()),
            step @ 0xF1..=0xF9 => Duration::from_micros(100 * u64::from(step - 0xF0)),
            _ => Duration::from_millis(0x7F),
        }
    }
}

/// How messages are cut, asked for and waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Options {
    /// Bytes of each frame in front that are an address.
    pub prefix: usize,
    /// Bytes of our frames at most: 8, or with CAN FD 12, 16, 20, 24, 32, 48 or 64.
    pub frame: usize,
    /// What fills a frame behind its end; `None`: frames are as long as they need to be, as far as the bus allows.
    pub pad: Option<u8>,
    /// Consecutive frames that we take before we want to be asked again; 0: all of them.
    pub block_size: u8,
    /// The gap between consecutive frames that we ask for.
    pub gap: Gap,
    /// `WAIT`s in a row that we bear (N_WFTmax).
    pub waits: u8,
    /// Bytes of a message at most that we take.
    pub longest: usize,
    /// Until our frame must be on the bus (N_As, N_Ar).
    pub to_send: Duration,
    /// Until flow control must come (N_Bs).
    pub to_flow: Duration,
    /// Until the next consecutive frame must come (N_Cr).
    pub to_continue: Duration,
}

/// Bytes of a message at most that we take over CAN FD, whose lengths have 32 bits.
const LONGEST: usize = 1 << 16;
/// What fills frames of CAN FD behind their end (ISO 15765-2: it makes the fewest stuff bits).
const FILLER: u8 = 0xCC;

impl Options {
    /// CAN FD: frames of up to 64 bytes, filled to the next length that there is.
    pub fn fd() -> Self {
        Self { frame: crate::can::FD_MOST, pad: Some(FILLER), longest: LONGEST, ..Self::default() }
    }
}

impl Default for Options {
    /// Classic CAN, frames of eight bytes filled with zeros as ISO 15765-4 wants them, everything at once, a second for each
    /// wait as ISO 15765-2 has it.
    fn default() -> Self {
        let second = Duration::from_secs(1);
        Self {
            prefix: 0,
            frame: 8,
            pad: Some(0),
            block_size: 0,
            gap: Gap(0),
            waits: 10,
            longest: crate::frame::pci::TWELVE_BITS,
            to_send: second,
            to_flow: second,
            to_continue: second,
        }
    }
}

/// Which wait was too long, by the names of ISO 15765-2.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timer {
    /// Our frame did not get on the bus.
    As,
    /// Our flow control did not get on the bus.
    Ar,
    /// No flow control came.
    Bs,
    /// No consecutive frame came.
    Cr,
}

/// Why a message did not come through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IsoTpError {
    /// A frame does not fit, or the message it belongs to is broken: lost, doubled and disordered frames show as a number
    /// that was not due.
    Frame(FrameError),
    /// Something did not come in time.
    Late(Timer),
    /// The receiver has no room for our message.
    Overflow,
    /// The receiver says `WAIT` without end.
    Waits,
    /// Our message has no bytes, or more than a length can say.
    Length(usize),
}

impl fmt::Display for IsoTpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Frame(reason) => write!(f, "{reason}"),
            Self::Late(Timer::As) => write!(f, "the frame did not get on the bus in time"),
            Self::Late(Timer::Ar) => write!(f, "the flow control did not get on the bus in time"),
            Self::Late(Timer::Bs) => write!(f, "no flow control came in time"),
            Self::Late(Timer::Cr) => write!(f, "the next frame of its message did not come in time"),
            Self::Overflow => write!(f, "the receiver has no room for the message"),
            Self::Waits => write!(f, "the receiver asked for patience without end"),
            Self::Length(bytes) => write!(f, "a message cannot have {bytes} bytes"),
        }
    }
}

impl std::error::Error for IsoTpError {}

impl From<FrameError> for IsoTpError {
    fn from(reason: FrameError) -> Self {
        Self::Frame(reason)
    }
}

/// A frame's data from its head and body, padded to what the bus takes.
fn fill(options: &Options, head: &[u8], body: &[u8]) -> Vec<u8> {
    let mut data = [head, body].concat();
    let used = data.len() + options.prefix;
    let least = if options.pad.is_some() { used.max(8) } else { used };
    // CAN FD has no lengths between 8 and 12, and so on: what a frame does not fill is filled.
    let length = super::fd_length(least).unwrap_or(least);
    data.resize(length - options.prefix, options.pad.unwrap_or(FILLER));
    data
}

#[cfg(test)]
mod tests;
