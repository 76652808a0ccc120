//! Vehicles and adapters that do not exist: a strict ELM327 with a car behind it.
//!
//! The usual case: [`connect`] gives the client's end of a link inside this process. Use [`serve_tcp`] or [`serve_pty`]
//! when another program shall connect, and [`connect_with`] when a test needs another speed, seed or key position.
//!
//! Three rooms: `vehicle` (files of `vehicles/`, physics, ECUs, what they answer), `bus` (how an answer becomes frames) and
//! `adapter` (the command language, timing and spelling of an ELM327). Nothing here is a real vehicle: the VINs' maker code
//! `1RW` is not an assigned one, and calibration ids are made up. The format of a vehicle file stands in
//! `docs/simulator.md`.

mod adapter;
mod bus;
mod door;
mod random;
mod vehicle;

pub use door::{connect, connect_with, serve_pty, serve_tcp};

/// Names of the vehicles there are, as in `sim:petrol`.
pub fn names() -> &'static [&'static str] {
    vehicle::file::NAMES
}

/// What a vehicle is, in a few words for people, as in "healthy petrol hatchback, CAN 11 bit, 500 kbit/s"; `None` for a name
/// that is not in [`names`].
pub fn about(name: &str) -> Option<String> {
    vehicle::file::named(name)?.ok().map(|read| read.about)
}

/// Where the ignition key is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Key {
    /// Off: no ECU answers, 12.5 V.
    Off,
    /// On, engine at rest: everything answers, 12.5 V.
    On,
    /// Engine running: the car drives, 14 V.
    #[default]
    Running,
}

/// How to simulate.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// The same seed drives the same way.
    pub seed: u64,
    /// How many times faster than real everything happens: delays, bus, driving. Greater than zero.
    pub speed: f64,
    /// Ignition key.
    pub key: Key,
    /// Seconds that the car has driven already when the first client connects.
    pub driven: f64,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, speed: 1.0, key: Key::Running, driven: 0.0 }
    }
}
