//! What each PID of service 01 holds, as a table (SAE J1979-DA). Rooms: [`basic`] (03–1F), [`oxygen`] (the sensors and
//! trims), [`extended`] (21–A6).
//!
//! A PID that is not in the table is raw bytes: its layout is published nowhere or only in one place. The bitmaps (00, 20 …
//! E0), readiness (01, 41) and the freeze frame's cause (02) are not here either; [`super::live`] reads them.
//!
//! Where editions disagree, the field's comment says which one is followed and why.

mod basic;
mod extended;
mod oxygen;

use super::Meaning;

/// How many data bytes a PID has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Exact(u8),
    /// One byte, or two where the engine has a third or fourth bank.
    OneOrTwo,
}

/// One PID.
#[derive(Debug)]
pub(super) struct Pid {
    pub(super) pid: u8,
    pub(super) length: Length,
    pub(super) fields: &'static [Field],
}

/// One signal of a PID.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) meaning: Meaning,
    /// The bit (byte, bit) that says whether the signal is there at all.
    pub(super) when: Option<(u8, u8)>,
    pub(super) take: Take,
}

/// How a signal is read; `at` counts data bytes from 0.
#[derive(Debug)]
pub(super) enum Take {
    Number(Number),
    /// One byte of a list; `absent` is its "not there".
    Enumerated {
        at: u8,
        list: &'static [(u8, &'static str)],
        absent: Option<u8>,
    },
    Flag {
        at: u8,
        bit: u8,
    },
}

/// `raw * mul / div + add`, big endian.
#[derive(Clone, Copy, Debug)]
pub(super) struct Number {
    pub(super) at: u8,
    /// 1, 2 or 4 bytes.
    pub(super) width: u8,
    pub(super) signed: bool,
    pub(super) mul: f64,
    pub(super) div: f64,
    pub(super) add: f64,
    pub(super) unit: &'static str,
    /// The raw value that means "not there".
    pub(super) absent: Option<u32>,
}

impl Number {
    /// `width` unsigned bytes from `at`, as they are.
    const fn new(at: u8, width: u8, unit: &'static str) -> Self {
        Self { at, width, signed: false, mul: 1.0, div: 1.0, add: 0.0, unit, absent: None }
    }

    const fn mul(self, mul: f64) -> Self {
        Self { mul, ..self }
    }

    const fn div(self, div: f64) -> Self {
        Self { div, ..self }
    }

    const fn add(self, add: f64) -> Self {
        Self { add, ..self }
    }

    const fn signed(self) -> Self {
        Self { signed: true, ..self }
    }

    const fn absent(self, raw: u32) -> Self {
        Self { absent: Some(raw), ..self }
    }

    /// One byte as a share of 255.
    const fn percent(at: u8) -> Self {
        Self::new(at, 1, "%").mul(100.0).div(255.0)
    }

    /// One byte, -100 % at 00, nothing at 80, +99.2 % at FF.
    const fn trim(at: u8) -> Self {
        Self::new(at, 1, "%").mul(100.0).div(128.0).add(-100.0)
    }

    /// One byte, -40 °C at 00.
    const fn celsius(at: u8) -> Self {
        Self::new(at, 1, "°C").add(-40.0)
    }

    const fn called(self, name: &'static str, label: &'static str) -> Field {
        Field { meaning: Meaning { name, label }, when: None, take: Take::Number(self) }
    }
}

impl Field {
    const fn flag(at: u8, bit: u8, name: &'static str, label: &'static str) -> Self {
        Self { meaning: Meaning { name, label }, when: None, take: Take::Flag { at, bit } }
    }

    const fn list(at: u8, list: &'static [(u8, &'static str)], name: &'static str, label: &'static str) -> Self {
        Self { meaning: Meaning { name, label }, when: None, take: Take::Enumerated { at, list, absent: None } }
    }

    /// Only there where this bit is set.
    const fn when(self, byte: u8, bit: u8) -> Self {
        Self { when: Some((byte, bit)), ..self }
    }
}

const fn pid(pid: u8, length: u8, fields: &'static [Field]) -> Pid {
    Pid { pid, length: Length::Exact(length), fields }
}

const fn banks(pid: u8, fields: &'static [Field]) -> Pid {
    Pid { pid, length: Length::OneOrTwo, fields }
}

/// Where each PID stands: the table (from 1; 0 is none) and the place in it.
static PLACES: [(u8, u8); 256] = {
    let mut places = [(0, 0); 256];
    let tables: [&[Pid]; 3] = [basic::PIDS, oxygen::PIDS, extended::PIDS];
    let mut table = 0;
    while table < tables.len() {
        let mut place = 0;
        while place < tables[table].len() {
            let slot = tables[table][place].pid as usize;
            assert!(places[slot].0 == 0, "a PID stands twice in the tables");
            places[slot] = (table as u8 + 1, place as u8);
            place += 1;
        }
        table += 1;
    }
    places
};

/// What is known of a PID; `None`: only its bytes.
pub(super) fn find(pid: u8) -> Option<&'static Pid> {
    let (table, place) = PLACES[usize::from(pid)];
    let table = match table {
        1 => basic::PIDS,
        2 => oxygen::PIDS,
        3 => extended::PIDS,
        _ => return None,
    };
    table.get(usize::from(place))
}
