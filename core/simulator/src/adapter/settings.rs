//! What the chip remembers between commands, with the values after a reset.

use crate::{
    bus::{Family, Target, header},
    profile::habits::Setting,
};

/// Bus protocols by the chip's number; the car behind it speaks one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// Number, 0: automatic and nothing found yet.
    pub(crate) number: u8,
    /// Whether the chip may look for another.
    pub(crate) automatic: bool,
    /// Where an automatic search begins, 0: at 1.
    pub(crate) first: u8,
}

/// The chip's settings.
#[derive(Clone, Debug)]
pub(crate) struct Settings {
    pub(crate) echo: bool,
    pub(crate) linefeeds: bool,
    pub(crate) spaces: bool,
    pub(crate) headers: bool,
    /// Length of a frame printed after its id.
    pub(crate) lengths: bool,
    /// CAN automatic formatting.
    pub(crate) formatting: bool,
    /// CAN automatic flow control.
    pub(crate) flow_control: bool,
    /// 0 fixed, 1 adaptive, 2 aggressive.
    pub(crate) adaptive: u8,
    /// Timeout in units of 4.096 ms.
    pub(crate) timeout: u8,
    pub(crate) memory: bool,
    pub(crate) protocol: Selected,
    /// Protocol kept over a reset (`ATSP` with memory on).
    pub(crate) saved: Selected,
    /// Whether the bus has been opened.
    pub(crate) open: bool,
    pub(crate) searching: bool,
    /// 11-bit identifier that requests carry.
    pub(crate) id: u32,
    /// Three header bytes that requests carry (the last three of an identifier of 29 bits), when not the usual ones.
    pub(crate) header: Option<[u8; 3]>,
    /// The first byte of an identifier of 29 bits (`ATCP`).
    pub(crate) priority: u8,
    /// Only frames of this id are shown (`ATCRA`, `ATSR`).
    pub(crate) filter: Option<u32>,
    /// Requests of eight bytes on the older buses (`ATAL`).
    pub(crate) long: bool,
    /// Wake-up messages keep a K-line session open (`ATSW`).
    pub(crate) wake_up: bool,
}

/// Timeout after a reset: 205 ms.
pub(crate) const TIMEOUT: u8 = 0x32;
const AUTOMATIC: Selected = Selected { number: 0, automatic: true, first: 0 };

impl Default for Settings {
    fn default() -> Self {
        Self {
            echo: true,
            linefeeds: false,
            spaces: true,
            headers: false,
            lengths: false,
            formatting: true,
            flow_control: true,
            adaptive: 1,
            timeout: TIMEOUT,
            memory: true,
            protocol: AUTOMATIC,
            saved: AUTOMATIC,
            open: false,
            searching: false,
            id: crate::vehicle::FUNCTIONAL,
            header: None,
            priority: 0x18,
            filter: None,
            long: false,
            wake_up: true,
        }
    }
}

impl Settings {
    /// As after power-on: what was saved stays.
    pub(crate) fn reset(&mut self) {
        *self = Self { protocol: self.saved, saved: self.saved, ..Self::default() };
    }

    /// One of them is as after power-on.
    pub(crate) fn lose(&mut self, setting: Setting) {
        let fresh = Self::default();
        match setting {
            Setting::Echo => self.echo = fresh.echo,
            Setting::Senders => self.headers = fresh.headers,
            Setting::Spaces => self.spaces = fresh.spaces,
            Setting::Protocol => self.select(self.saved),
        }
    }

    /// Chooses a protocol and closes the one in use. Headers are those of a protocol and go with it.
    pub(crate) fn select(&mut self, selected: Selected) {
        self.protocol = selected;
        self.open = false;
        (self.header, self.filter) = (None, None);
    }

    /// Whom requests are for on a protocol.
    pub(crate) fn target(&self, protocol: u8) -> Target {
        let family = Family::of(protocol);
        let three = self.header.unwrap_or(header(family));
        match family {
            Family::Can11 => Target::Id(self.id),
            Family::Can29 => {
                let [a, b, c] = three;
                Target::Id(u32::from_be_bytes([self.priority & 0x1F, a, b, c]))
            }
            _ => Target::Header(three),
        }
    }
}
