//! Simulated vehicles: physics that drives, ECUs that answer. Knows nothing of adapters: it takes the payloads of requests
//! and returns replies with the time each ECU thinks. What a vehicle is comes from its file, see [`file`].

mod drive;
mod ecu;
mod erase;
pub(crate) mod file;
mod monitors;
mod present;
mod uds;
mod unit;
mod value;

use crate::{
    Key, Options,
    bus::{Family, Reply, Target, header},
    random::Random,
};
use drive::Drive;
use ecu::Ecu;
use file::Description;

/// Identifier by which a tester addresses every emission-related ECU (ISO 15765-4).
pub(crate) const FUNCTIONAL: u32 = 0x7DF;
/// The same with 29 bits.
pub(crate) const FUNCTIONAL_29: u32 = 0x18DB_33F1;
/// Seconds of silence after which a K-line session ends (P3 of ISO 14230-2).
const ASLEEP: f64 = 5.0;

/// A vehicle on one bus.
pub(crate) struct Vehicle {
    drive: Drive,
    protocol: u8,
    ecus: Vec<Ecu>,
    key: Key,
    random: Random,
    /// Seconds after the start.
    now: f64,
    /// When the K-line last heard the tester, while a session is open.
    session: Option<f64>,
}

impl Vehicle {
    pub(crate) fn new(read: Description, options: &Options) -> Self {
        let mut drive = Drive::new(read.car, options.seed, options.key == Key::Running);
        drive.advance_to(options.driven);
        Self {
            drive,
            protocol: read.protocol,
            ecus: read.ecus,
            key: options.key,
            random: Random::new(options.seed ^ 0xECD),
            now: options.driven,
            session: None,
        }
    }

    /// Lets the car drive on until `seconds` after it started.
    pub(crate) fn advance_to(&mut self, seconds: f64) {
        self.now = self.now.max(seconds);
        self.drive.advance_to(seconds);
    }

    /// Whether anything on the bus answers.
    pub(crate) fn awake(&self) -> bool {
        self.key != Key::Off
    }

    /// Voltage at the connector.
    pub(crate) fn volts(&self) -> f64 {
        self.drive.state().volts
    }

    /// The ELM327's number of its bus.
    pub(crate) fn protocol(&self) -> u8 {
        self.protocol
    }

    /// Opens a K-line session, as an initialisation does.
    pub(crate) fn initialise(&mut self) {
        self.session = Some(self.now);
    }

    /// Whether a K-line session is open; `kept`: the adapter has sent wake-up messages meanwhile.
    pub(crate) fn in_session(&self, kept: bool) -> bool {
        self.awake() && self.session.is_some_and(|heard| kept || self.now - heard < ASLEEP)
    }

    /// What the ECUs answer to a request, each by itself. Nobody: an empty list, as on a real bus.
    pub(crate) fn ask(&mut self, target: Target, request: &[u8]) -> Vec<Reply> {
        if !self.awake() {
            return Vec::new();
        }
        let family = Family::of(self.protocol);
        if family.is_k_line() {
            self.session = Some(self.now);
        }
        let state = self.drive.state();
        let mut replies = Vec::new();
        for ecu in &mut self.ecus {
            let Some(functional) = meant(family, target, ecu.id) else { continue };
            let mut messages = ecu.answer(state, request, functional, !family.is_can());
            let [service, ..] = *request else { continue };
            if messages.is_empty() {
                continue;
            }
            if matches!(service, 0x04 | 0x14) && messages.iter().any(|m| m.first() == Some(&(service | 0x40))) {
                ecu.erase(state);
            }
            let slow = ecu.slow.iter().find(|(prefix, _)| family.is_can() && request.starts_with(prefix));
            if slow.is_some() {
                messages.insert(0, vec![0x7F, service, 0x78]);
            }
            let (think, pause) = (ecu.think.0 + self.random.between(0.0, ecu.think.1), slow.map_or(0.0, |(_, ms)| *ms));
            replies.push(Reply { sender: ecu.id, think, pause, messages, pad: ecu.pad, functional });
        }
        replies
    }
}

/// Whether a request is for an ECU: `Some(true)` with everyone, `Some(false)` by itself.
fn meant(family: Family, target: Target, id: u32) -> Option<bool> {
    let (everyone, alone) = match (family, target) {
        (Family::Can11, Target::Id(to)) => (to == FUNCTIONAL, to + 8 == id),
        (Family::Can29, Target::Id(to)) => {
            // Source and target change places.
            (to == FUNCTIONAL_29, to == 0x18DA_00F1 | (id & 0xFF) << 8)
        }
        (_, Target::Header([kind, to, _])) if !family.is_can() => {
            let [usual, functional, _] = header(family);
            // The low bits of a KWP format byte are a length, which the chip sets itself.
            let fits = if family == Family::Kwp { kind >> 6 == usual >> 6 } else { kind == usual };
            (fits && to == functional, u32::from(to) == id)
        }
        _ => return None,
    };
    (everyone || alone).then_some(everyone)
}
