//! What is on the wire: replies of ECUs become frames with the times they appear.
//!
//! [`send`] is all an adapter needs. The protocols are those of the ELM327's list, 1 to 9.

pub(crate) mod can;
mod legacy;

pub(crate) use legacy::header;

use crate::random::Random;

/// How frames of a protocol are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Family {
    /// SAE J1850 PWM.
    Pwm,
    /// SAE J1850 VPW.
    Vpw,
    /// ISO 9141-2.
    Iso9141,
    /// ISO 14230-4.
    Kwp,
    /// ISO 15765-4 with 11-bit ids.
    Can11,
    /// ISO 15765-4 with 29-bit ids.
    Can29,
}

impl Family {
    /// By the ELM327's number. Above 9 (J1939, user CAN) no vehicle here speaks; the frames are those of CAN.
    pub(crate) fn of(protocol: u8) -> Self {
        match protocol {
            1 => Self::Pwm,
            2 => Self::Vpw,
            3 => Self::Iso9141,
            4 | 5 => Self::Kwp,
            7 | 9 | 10 => Self::Can29,
            _ => Self::Can11,
        }
    }

    pub(crate) fn is_can(self) -> bool {
        matches!(self, Self::Can11 | Self::Can29)
    }

    /// Whether it needs an initialisation and falls asleep in silence.
    pub(crate) fn is_k_line(self) -> bool {
        matches!(self, Self::Iso9141 | Self::Kwp)
    }
}

/// Whom a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A CAN identifier.
    Id(u32),
    /// The three header bytes of the older buses.
    Header([u8; 3]),
}

/// A reply as an ECU hands it to its transport layer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    /// CAN identifier, or the source address on the older buses.
    pub(crate) sender: u32,
    /// Milliseconds the ECU thinks.
    pub(crate) think: f64,
    /// Milliseconds between its first message and the next on CAN, where a request for patience comes first.
    pub(crate) pause: f64,
    /// Payloads, service byte first: one of 1 to 4095 bytes on CAN, some of at most seven bytes elsewhere.
    pub(crate) messages: Vec<Vec<u8>>,
    /// Padding byte of this ECU's CAN frames.
    pub(crate) pad: u8,
    /// Whether everyone was asked, which shows in the header of an older bus.
    pub(crate) functional: bool,
}

/// One frame on the bus.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Frame {
    /// Milliseconds after the request's frame.
    pub(crate) at: f64,
    /// CAN identifier, or the source address on the older buses.
    pub(crate) sender: u32,
    /// The eight data bytes of a CAN frame, padded; elsewhere the whole frame from the header to the checksum.
    pub(crate) data: Vec<u8>,
}

/// Frames of all replies in the order they appear on the bus. `flow_control`: see [`can::send`].
pub(crate) fn send(family: Family, replies: &[Reply], flow_control: bool, random: &mut Random) -> Vec<Frame> {
    if family.is_can() { can::send(replies, flow_control, random) } else { legacy::send(family, replies, random) }
}
