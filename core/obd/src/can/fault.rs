//! What a controller reports of its bus, in Linux's words (`linux/can/error.h`): which of it is a fault, and which is the
//! usual run of a bus.
//!
//! Losing arbitration to a more urgent frame, a count of errors that rises or falls, and a controller that is well again are
//! the usual run. A bit rate that is not the bus's shows as bits that do not read; a bus with nobody on it as frames that
//! nobody acknowledges, and never more than that: by this rule of ISO 11898-1 a lone sender becomes error-passive and stays
//! on the bus.

use std::fmt;

/// A class, and bytes that say more.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BusError {
    /// Bits of the class, without the flag that marks an error frame.
    pub class: u32,
    /// Details; what they mean depends on the class.
    pub data: [u8; 8],
}

impl BusError {
    const SEND_TIMEOUT: u32 = 0x001;
    const ARBITRATION: u32 = 0x002;
    const CONTROLLER: u32 = 0x004;
    const PROTOCOL: u32 = 0x008;
    const TRANSCEIVER: u32 = 0x010;
    const NO_ACKNOWLEDGE: u32 = 0x020;
    const BUS_OFF: u32 = 0x040;
    const BUS_ERROR: u32 = 0x080;
    const RESTARTED: u32 = 0x100;

    /// States of the controller, in byte 1.
    const RECEIVE_OVERFLOW: u8 = 0x01;
    const WARNING: u8 = 0x0C;
    const RECEIVE_PASSIVE: u8 = 0x10;
    const SEND_PASSIVE: u8 = 0x20;
    /// The place in a frame, in byte 3, where the receivers acknowledge it.
    const ACKNOWLEDGE_SLOT: u8 = 0x19;

    /// The controller has cut itself off.
    pub const OFF: Self = Self { class: Self::BUS_OFF, data: [0; 8] };
    /// It is back.
    pub const BACK: Self = Self { class: Self::RESTARTED, data: [0; 8] };
    /// It is error-passive, both by what it sent and by what it received.
    pub const PASSIVE: Self = Self::state(Self::RECEIVE_PASSIVE | Self::SEND_PASSIVE);
    /// It is error-passive by what it received, as at another bit rate than the bus's.
    pub const PASSIVE_RECEIVING: Self = Self::state(Self::RECEIVE_PASSIVE);
    /// It is error-passive by what it sent, as on a bus where nobody is.
    pub const PASSIVE_SENDING: Self = Self::state(Self::SEND_PASSIVE);
    /// What is on the bus does not read as frames.
    pub const GARBLED: Self = Self { class: Self::PROTOCOL | Self::BUS_ERROR, data: [0; 8] };
    /// Nobody acknowledges what is sent.
    pub const UNHEARD: Self = Self { class: Self::NO_ACKNOWLEDGE, data: [0; 8] };
    /// Frames were lost, since nobody fetched them.
    pub const OVERFLOW: Self = Self::state(Self::RECEIVE_OVERFLOW);

    const fn state(bits: u8) -> Self {
        Self { class: Self::CONTROLLER, data: [0, bits, 0, 0, 0, 0, 0, 0] }
    }

    fn has(&self, state: u8) -> bool {
        self.class & Self::CONTROLLER != 0 && self.data.get(1).is_some_and(|said| said & state != 0)
    }

    /// Whether the controller has cut itself off: nothing more is sent or heard.
    pub fn is_off(&self) -> bool {
        self.class & Self::BUS_OFF != 0
    }

    /// Whether the controller is back after it was off.
    pub fn is_restart(&self) -> bool {
        self.class & Self::RESTARTED != 0
    }

    /// Whether the controller is error-passive.
    pub fn is_passive(&self) -> bool {
        self.has(Self::RECEIVE_PASSIVE | Self::SEND_PASSIVE)
    }

    /// Whether errors pile up, though it is not error-passive yet.
    pub fn is_warning(&self) -> bool {
        self.has(Self::WARNING)
    }

    /// Whether it tells of bits that do not read as frames, as another bit rate on the bus does. That nobody acknowledges is
    /// not among it.
    pub fn is_garbled(&self) -> bool {
        self.has(Self::RECEIVE_PASSIVE)
            || self.class & (Self::PROTOCOL | Self::BUS_ERROR) != 0 && !self.is_in_acknowledge_slot()
    }

    /// Whether a frame was sent and nobody acknowledged it.
    pub fn is_unheard(&self) -> bool {
        self.class & Self::NO_ACKNOWLEDGE != 0 || self.has(Self::SEND_PASSIVE) || self.is_in_acknowledge_slot()
    }

    /// Whether frames were lost, since they came faster than they were fetched.
    pub fn is_overflow(&self) -> bool {
        self.has(Self::RECEIVE_OVERFLOW)
    }

    fn is_in_acknowledge_slot(&self) -> bool {
        self.class & Self::PROTOCOL != 0 && self.data.get(3) == Some(&Self::ACKNOWLEDGE_SLOT)
    }

    /// Whether an answer may be missing because of it. The rest is the usual run of a bus.
    pub fn is_fault(&self) -> bool {
        let classes = Self::SEND_TIMEOUT | Self::PROTOCOL | Self::TRANSCEIVER | Self::NO_ACKNOWLEDGE;
        self.class & (classes | Self::BUS_OFF | Self::BUS_ERROR) != 0 || self.is_passive() || self.is_overflow()
    }
}

impl fmt::Display for BusError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let words = [
            (self.is_off(), "the controller is off the bus"),
            (self.is_restart(), "the controller is back on the bus"),
            (self.is_passive(), "the controller is error-passive"),
            (self.is_warning(), "errors pile up"),
            (self.is_garbled(), "what is on the bus does not read as frames"),
            (self.is_unheard(), "nobody acknowledges what is sent"),
            (self.is_overflow(), "frames were lost"),
            (self.class & Self::ARBITRATION != 0, "a more urgent frame went first"),
            (self.class & Self::SEND_TIMEOUT != 0, "a frame did not get on the bus"),
            (self.class & Self::TRANSCEIVER != 0, "the transceiver reports a fault of the wires"),
        ];
        let said: Vec<&str> = words.iter().filter(|(is, _)| *is).map(|(_, word)| *word).collect();
        if said.is_empty() {
            write!(f, "the controller reports class {:X}", self.class)
        } else {
            f.write_str(&said.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_fault_and_what_is_the_usual_run_of_a_bus() {
        let of = |class: u32, data: &[(usize, u8)]| {
            let mut error = BusError { class, data: [0; 8] };
            data.iter().for_each(|(place, byte)| error.data[*place] = *byte);
            error
        };
        for (error, fault, garbled, unheard, says) in [
            (BusError::OFF, true, false, false, "off the bus"),
            (BusError::BACK, false, false, false, "back on the bus"),
            (BusError::PASSIVE, true, true, true, "error-passive"),
            (BusError::PASSIVE_RECEIVING, true, true, false, "does not read"),
            (BusError::PASSIVE_SENDING, true, false, true, "nobody acknowledges"),
            (BusError::GARBLED, true, true, false, "does not read"),
            (BusError::UNHEARD, true, false, true, "nobody acknowledges"),
            (BusError::OVERFLOW, true, false, false, "frames were lost"),
            // As drivers report each bus error: in the data of a frame, and where it is acknowledged.
            (of(0x088, &[(2, 0x04), (3, 0x0A)]), true, true, false, "does not read"),
            (of(0x088, &[(2, 0x80), (3, 0x19)]), true, false, true, "nobody acknowledges"),
            (of(0x010, &[(4, 0x44)]), true, false, false, "wires"),
            (of(0x001, &[]), true, false, false, "did not get"),
            // Lost arbitration at bit 5; a warning; active again; counters; off, and what came before.
            (of(0x002, &[(0, 5)]), false, false, false, "more urgent"),
            (of(0x204, &[(1, 0x08), (6, 96)]), false, false, false, "pile up"),
            (of(0x004, &[(1, 0x40)]), false, false, false, "class 4"),
            (of(0x200, &[(6, 3)]), false, false, false, "class 200"),
            (of(0x0C8, &[(3, 0x0A)]), true, true, false, "off the bus"),
        ] {
            assert_eq!(
                (error.is_fault(), error.is_garbled(), error.is_unheard()),
                (fault, garbled, unheard),
                "{error}"
            );
            assert!(error.to_string().contains(says), "{error}");
        }
    }
}
