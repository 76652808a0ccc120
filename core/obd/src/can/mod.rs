//! CAN itself, for adapters that pass frames on and leave the rest to this machine.
//!
//! The usual case: [`crate::link::open`] on `can:can0` or `slcan:/dev/ttyACM0` gives a [`CanLink`] in its
//! [`crate::link::Carrier`], and a check reads the vehicle through it. You need this room itself when
//!
//! - another device shall carry frames: implement [`CanLink`];
//! - a test needs a bus: [`memory`];
//! - messages longer than a frame shall go over a link of yours: [`isotp`], which does no input or output;
//! - you hold a recording: [`candump`].
//!
//! `tester` asks what a vehicle is asked over frames, and never disturbs a bus that it does not understand: it listens
//! first, and sends only at a bit rate at which frames read, or which a person has named.
//!
//! **CAN FD.** Frames of CAN FD are read wherever the device hears them. They are sent only where a person says so, as in
//! `can:can0?fd=on`: ISO 15765-4, by which cars are asked about their emissions, knows classic frames only, and a controller
//! that does not know CAN FD destroys each such frame, and with it the bus. What else has to be true is at [`CanLink::fd`].

pub mod candump;
mod error;
mod fault;
mod frame;
pub mod isotp;
pub mod memory;
#[cfg(target_os = "linux")]
pub(crate) mod netlink;
pub mod slcan;
#[cfg(target_os = "linux")]
pub mod socket;
pub(crate) mod tester;

pub use error::CanError;
pub use fault::BusError;
pub use frame::{CLASSIC_MOST, CanFrame, CanId, DataRate, FD_MOST, fd_length};

use std::{pin::Pin, time::Duration};
use tokio::time::Instant;

/// What a link gives in time.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = Result<T, CanError>> + Send + 'a>>;

/// What came over a link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A frame that somebody sent.
    Frame(CanFrame),
    /// The controller's word of a fault.
    Error(BusError),
}

/// Something received, with its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// When it reached this machine.
    pub at: Instant,
    /// The adapter's own time of it, where it gives one: since a moment that only the adapter knows.
    pub stamp: Option<Duration>,
    /// What.
    pub event: Event,
}

/// How a link stands on the bus.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Sends nothing at all, not even the acknowledgement of a frame.
    Listen,
    /// Sends, and acknowledges what others send.
    Active,
}

/// A device that passes frames on. Dropping a future that it gave loses no frame.
pub trait CanLink: Send {
    /// What it is, in a few words, as in `SocketCAN can0`.
    fn about(&self) -> String;

    /// Bit rates at which it may be used, best first: one where a person has set it, several where it has to be found. Empty:
    /// set elsewhere, and not known here.
    fn bitrates(&self) -> Vec<u32>;

    /// How it sends frames of CAN FD, where a person has said that the bus takes them; `None`: it sends classic frames only.
    ///
    /// A person's word alone sends none on a bus where anything else is heard. First a frame of CAN FD must have been heard,
    /// which shows that every controller there bears them, or the bus must be silent to classic requests of every kind. Then
    /// the ECUs must answer a request in such a frame as they answer a classic one, all of them.
    fn fd(&self) -> Option<DataRate> {
        None
    }

    /// Goes on the bus; from a mode or rate before it is changed. Where the operating system holds both, it only looks whether
    /// the device is ready: then [`Mode::Listen`] means that this program sends nothing, and a controller may still
    /// acknowledge.
    fn start(&mut self, bitrate: Option<u32>, mode: Mode) -> Later<'_, ()>;

    /// Sends a frame. Done means that the device has taken it, not that anybody has heard it.
    fn send<'a>(&'a mut self, frame: &'a CanFrame) -> Later<'a, ()>;

    /// Waits for whatever comes next.
    fn receive(&mut self) -> Later<'_, Received>;

    /// Asks the controller for faults since it was last asked, where it does not tell them by itself, or told them before
    /// anybody listened.
    fn faults(&mut self) -> Later<'_, Option<BusError>> {
        Box::pin(async { Ok(None) })
    }

    /// Leaves the bus, at the end of a session: what is sent from now on by others is no longer acknowledged. Where the
    /// operating system holds the device on the bus, it stays there. [`CanLink::start`] takes it up again.
    fn stop(&mut self) -> Later<'_, ()> {
        Box::pin(async { Ok(()) })
    }
}

/// Any such device.
pub type BoxCan = Box<dyn CanLink>;
