//! Chains between devices: what this one holds, gives and takes. How the pages travel is not decided here.

use super::{Engine, now};
use crate::{
    journal::{Event, chain::Received},
    store::journal,
};
use roadworthy_api::{Result, id::DeviceId};

/// Most events that one page of a chain gives.
const PAGE: u32 = 1000;

impl Engine {
    /// Devices whose chains are held, each with the place of its last event.
    pub fn heads(&self) -> Result<Vec<(DeviceId, u64)>> {
        self.store.read(journal::devices)
    }

    /// A device's events from place `seq` on, at most 1000.
    pub fn events_of(&self, device: DeviceId, seq: u64) -> Result<Vec<Event>> {
        self.store.read(|conn| journal::chain(conn, device, seq, PAGE))
    }

    /// Takes events of other devices: verified per chain, kept once, applied. What is refused is told per chain, and
    /// everything before it is kept.
    pub fn receive(&self, events: &[Event]) -> Result<Received> {
        self.store.receive(events, now())
    }
}
