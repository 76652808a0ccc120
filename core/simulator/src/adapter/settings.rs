//! What the chip remembers between commands, with the values after a reset.

/// Bus protocols by the chip's number; the car behind it speaks one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Selected {
    /// Number, 0: automatic and nothing found yet.
    pub(crate) number: u8,
    /// Whether the chip may look for another.
    pub(crate) automatic: bool,
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
    /// Identifier that requests carry.
    pub(crate) header: u16,
    /// Only frames of this id are shown (`ATCRA`).
    pub(crate) filter: Option<u16>,
}

/// Timeout after a reset: 205 ms.
pub(crate) const TIMEOUT: u8 = 0x32;
const AUTOMATIC: Selected = Selected { number: 0, automatic: true };

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
            header: crate::vehicle::FUNCTIONAL,
            filter: None,
        }
    }
}

impl Settings {
    /// As after power-on: what was saved stays.
    pub(crate) fn reset(&mut self) {
        *self = Self { protocol: self.saved, saved: self.saved, ..Self::default() };
    }

    /// Chooses a protocol and closes the one in use.
    pub(crate) fn select(&mut self, selected: Selected) {
        self.protocol = selected;
        self.open = false;
    }
}
