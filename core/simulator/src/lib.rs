//! Vehicles and adapters that do not exist: a strict ELM327 with a car behind it.
//!
//! The usual case: [`connect_spec`] gives the client's end of a link inside this process to a vehicle as people write it. Use
//! [`serve_tcp`] or [`serve_pty`] when another program shall connect, [`connect_with`] when a test needs another speed, seed
//! or key position, and [`connect_file`] for a vehicle of somebody's own. With [`Options::slcan`] each of them is an adapter
//! that passes CAN frames on; [`CanCar`] is a vehicle as a node on a CAN bus.
//!
//! Four rooms: `vehicle` (files of `vehicles/`, physics, ECUs, what they answer), `bus` (how an answer becomes frames),
//! `adapter` (the command language, timing and spelling of an ELM327) and `profile` (files of `adapters/`, what an adapter does
//! otherwise). Nothing here is a real vehicle: the VINs' maker code
//! `1RW` is not an assigned one, and calibration ids are made up. The format of a vehicle file stands in
//! `docs/simulator.md`, that of a profile in `docs/adapters.md`.

mod adapter;
mod bus;
mod can;
mod door;
mod keys;
mod profile;
mod random;
mod slcan;
mod spec;
mod vehicle;

pub use can::{CanCar, CanFrame, Frames};
pub use door::{Source, connect, connect_file, connect_slcan, connect_spec, connect_with, serve_pty, serve_tcp};
pub use profile::{Door, Expect, Part, Profile};
pub use spec::{parse_options, parse_spec};

use std::sync::Arc;

/// Names of the vehicles there are, as in `sim:petrol`.
pub fn names() -> &'static [&'static str] {
    vehicle::file::NAMES
}

/// A vehicle's name, and what it is in a few words for people, as in "healthy petrol hatchback, CAN 11 bit, 500 kbit/s".
///
/// # Errors
/// As [`connect`] and [`connect_file`].
pub fn about(vehicle: Source<'_>) -> Result<(String, String), roadworthy_api::Error> {
    door::describe(vehicle).map(|read| (read.name, read.about))
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
#[derive(Clone, Debug, PartialEq)]
pub struct Options {
    /// The same seed drives the same way.
    pub seed: u64,
    /// How many times faster than real everything happens: delays, bus, driving. Greater than zero.
    pub speed: f64,
    /// Ignition key.
    pub key: Key,
    /// Seconds that the car has driven already when the first client connects.
    pub driven: f64,
    /// How the adapter misbehaves; `None`: an ELM327 v1.5 that does what the data sheet says.
    pub adapter: Option<Arc<Profile>>,
    /// Whether it is no ELM327 but an SLCAN adapter, which passes CAN frames on; it does not misbehave, and `adapter` says
    /// nothing.
    pub slcan: bool,
    /// Seconds by the clock on the wall after which the link dies, counted from each client's arrival; `None`: never.
    pub unplug: Option<f64>,
}

impl Default for Options {
    fn default() -> Self {
        Self { seed: 1, speed: 1.0, key: Key::Running, driven: 0.0, adapter: None, slcan: false, unplug: None }
    }
}
