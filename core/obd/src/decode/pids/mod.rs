//! What each PID of service 01 holds, as a table (SAE J1979-DA). Rooms: [`basic`] (03–1F), [`oxygen`] (the sensors and
//! trims), [`extended`] (21–67), then by system: [`air`] (intake, recirculation, boost), [`exhaust`] (temperatures, NOx,
//! particulates), [`treatment`] (reagent, filters, inducement, WWH-OBD), [`running`] (run times, control areas), [`late`]
//! (what came after 2010).
//!
//! From 65 on most PIDs begin with a byte that says which of their signals the ECU supports, bit 0 first; a signal whose bit
//! is clear is not there, whatever its bytes hold.
//!
//! A PID that is not in the table is raw bytes. Its layout is described nowhere openly: 95–97, 9B, A1, A3–A5, A7–A9, AB–B1,
//! B3–BF, C1–C3; or the descriptions contradict each other: C4 (a time and a count, or two requests to the engine). The
//! bitmaps (00, 20 … E0), readiness (01, 41) and the freeze frame's cause (02) are not here either; [`super::live`] reads
//! them.
//!
//! Where editions disagree, the field's comment says which one is followed and why. Where only one open source describes a
//! PID, its comment says so.

mod air;
mod basic;
mod exhaust;
mod extended;
mod late;
mod oxygen;
mod running;
mod treatment;

use super::Meaning;

/// How many data bytes a PID has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    Exact(u8),
    /// The usual number, and another one: fewer banks, or an earlier edition.
    Either(u8, u8),
}

/// One PID.
#[derive(Debug)]
pub(super) struct Pid {
    pub(super) pid: u8,
    pub(super) length: Length,
    /// A field past the end of the shorter length is left out.
    pub(super) fields: &'static [Field],
    /// The fields of the other length, where the edition that has it lays the bytes out otherwise.
    pub(super) earlier: Option<&'static [Field]>,
}

/// One signal of a PID.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) meaning: Meaning,
    /// The bit (byte, bit) that says whether the signal is there at all.
    pub(super) when: Option<(u8, u8)>,
    /// The bit that says that another field reads the same bytes.
    pub(super) unless: Option<(u8, u8)>,
    pub(super) take: Take,
}

/// How a signal is read; `at` counts data bytes from 0.
#[derive(Debug)]
pub(super) enum Take {
    Number(Number),
    /// The bits `mask` of one byte, as a number of a list; `absent` is its "not there".
    Enumerated {
        at: u8,
        mask: u8,
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
    /// A raw value that may mean "not there", which no two open sources say: it stays as sent.
    pub(super) doubtful: Option<u32>,
}

impl Number {
    /// `width` unsigned bytes from `at`, as they are.
    const fn new(at: u8, width: u8, unit: &'static str) -> Self {
        Self { at, width, signed: false, mul: 1.0, div: 1.0, add: 0.0, unit, absent: None, doubtful: None }
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

    const fn doubtful(self, raw: u32) -> Self {
        Self { doubtful: Some(raw), ..self }
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

    /// Two bytes, -40 °C at 0000, a tenth a step.
    const fn celsius_wide(at: u8) -> Self {
        Self::new(at, 2, "°C").div(10.0).add(-40.0)
    }

    const fn called(self, name: &'static str, label: &'static str) -> Field {
        Field::of(name, label, Take::Number(self))
    }
}

impl Field {
    const fn of(name: &'static str, label: &'static str, take: Take) -> Self {
        Self { meaning: Meaning { name, label }, when: None, unless: None, take }
    }

    const fn flag(at: u8, bit: u8, name: &'static str, label: &'static str) -> Self {
        Self::of(name, label, Take::Flag { at, bit })
    }

    const fn list(at: u8, list: &'static [(u8, &'static str)], name: &'static str, label: &'static str) -> Self {
        Self::of(name, label, Take::Enumerated { at, mask: 0xFF, list, absent: None })
    }

    /// Only some bits of a byte; `absent` counts within them.
    const fn bits(at: u8, mask: u8, list: &'static [(u8, &'static str)], absent: u8) -> Take {
        Take::Enumerated { at, mask, list, absent: Some(absent) }
    }

    /// Not there where this bit is set.
    const fn unless(self, byte: u8, bit: u8) -> Self {
        Self { unless: Some((byte, bit)), ..self }
    }

    /// Only there where this bit is set.
    const fn when(self, byte: u8, bit: u8) -> Self {
        Self { when: Some((byte, bit)), ..self }
    }
}

const fn pid(pid: u8, length: u8, fields: &'static [Field]) -> Pid {
    Pid { pid, length: Length::Exact(length), fields, earlier: None }
}

/// A PID that has one byte, or two where the engine has a third or fourth bank.
const fn banks(pid: u8, fields: &'static [Field]) -> Pid {
    either(pid, 1, 2, fields)
}

/// A PID with another length in an earlier edition.
const fn either(pid: u8, length: u8, other: u8, fields: &'static [Field]) -> Pid {
    Pid { pid, length: Length::Either(length, other), fields, earlier: None }
}

static TABLES: [&[Pid]; 8] =
    [basic::PIDS, oxygen::PIDS, extended::PIDS, air::PIDS, exhaust::PIDS, treatment::PIDS, running::PIDS, late::PIDS];

/// Where each PID stands: the table (from 1; 0 is none) and the place in it.
static PLACES: [(u8, u8); 256] = {
    let mut places = [(0, 0); 256];
    let tables = [
        basic::PIDS,
        oxygen::PIDS,
        extended::PIDS,
        air::PIDS,
        exhaust::PIDS,
        treatment::PIDS,
        running::PIDS,
        late::PIDS,
    ];
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
    TABLES.get(usize::from(table.checked_sub(1)?))?.get(usize::from(place))
}
