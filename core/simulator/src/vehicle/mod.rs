//! Simulated vehicles: physics that drives, ECUs that answer. Knows nothing of adapters: it takes CAN frames' payloads
//! and returns replies with the time each ECU thinks.

mod drive;
mod ecu;
mod petrol;
mod present;

use crate::{Key, Options, can::Reply, random::Random};
use drive::Drive;
use ecu::Ecu;

/// Identifier by which a tester addresses every emission-related ECU (ISO 15765-4).
pub(crate) const FUNCTIONAL: u16 = 0x7DF;

/// A vehicle on an 11-bit CAN bus at 500 kbit/s.
pub(crate) struct Vehicle {
    drive: Drive,
    ecus: Vec<Ecu>,
    key: Key,
    random: Random,
}

impl Vehicle {
    /// A vehicle by its name, one of [`crate::names`].
    pub(crate) fn new(name: &str, options: Options) -> Option<Self> {
        let ecus = match name {
            "petrol" => petrol::ecus(),
            _ => return None,
        };
        let mut drive = Drive::new(petrol::car(), options.seed, options.key == Key::Running);
        drive.advance_to(options.driven);
        Some(Self { drive, ecus, key: options.key, random: Random::new(options.seed ^ 0xECD) })
    }

    /// Lets the car drive on until `seconds` after it started.
    pub(crate) fn advance_to(&mut self, seconds: f64) {
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

    /// What the ECUs answer to a request on `id`, each by itself. Nobody: an empty list, as on a real bus.
    pub(crate) fn ask(&mut self, id: u16, request: &[u8]) -> Vec<Reply> {
        if !self.awake() {
            return Vec::new();
        }
        let state = self.drive.state();
        let mut replies = Vec::new();
        for ecu in self.ecus.iter().filter(|e| id == FUNCTIONAL || id == e.request_id()) {
            if let Some(payload) = ecu.answer(state, request, id == FUNCTIONAL) {
                let think = ecu.think.0 + self.random.between(0.0, ecu.think.1);
                replies.push(Reply { id: ecu.id, think, payload, pad: ecu.pad });
            }
        }
        replies
    }
}
