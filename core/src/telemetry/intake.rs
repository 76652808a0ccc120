//! How samples come in: gathered in memory, committed to the tail, sealed when there is enough of them.
//!
//! While it lasts a file with its id is locked. A capture whose file is not locked was left by a process that was killed;
//! [`super::keep::recover`] ends it. What the disk does not take is held in memory, bounded, and tried again.

mod gather;
mod keep;
mod lock;
mod over;

pub(crate) use gather::Gather;
pub(crate) use keep::Keep;
pub(crate) use lock::{folder, lock_path, recording_anywhere};
pub(crate) use over::{close, seal_ended};

use super::Value;
use crate::{journal::kind::RecordedSignal, store::Store};
use roadworthy_api::{
    Result, Timestamp,
    id::{RecordingId, VehicleId},
    live::RecordingRow,
};
use std::{sync::Arc, time::Duration};

/// How long sealing waits for workers that have not seen the samples.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// Whose a recording is, as far as is known.
#[derive(Clone, Debug, Default)]
pub(crate) struct Whose {
    pub(crate) vehicle: Option<VehicleId>,
    /// VIN that was read.
    pub(crate) vin: Option<String>,
}

/// A recording that is fed by whoever has values: a file, another program, a benchmark.
pub struct Intake {
    gather: Gather,
    keep: Keep,
    vehicle: Option<VehicleId>,
}

impl Intake {
    /// Begins one; `port` says where the values come from, `started` when the first of them was.
    ///
    /// # Errors
    /// What the disk and the database say.
    pub(crate) fn begin(
        store: &Arc<Store>,
        actor: &str,
        port: &str,
        vehicle: Option<VehicleId>,
        started: Timestamp,
    ) -> Result<Self> {
        let keep = Keep::begin(store, actor, port, &Whose { vehicle, vin: None }, started)?;
        Ok(Self { gather: Gather::default(), keep, vehicle })
    }

    /// Its id.
    pub fn recording(&self) -> RecordingId {
        self.keep.recording()
    }

    /// The number of a signal: `id` as in `7E8:0C:engine_rpm`, then its name for people and its unit.
    pub fn signal(&mut self, id: &str, label: &str, unit: &str) -> u32 {
        self.gather.signal(RecordedSignal { id: id.to_owned(), label: label.to_owned(), unit: unit.to_owned() })
    }

    /// Adds a number; one that is not finite counts as missing.
    pub fn number(&mut self, signal: u32, at: Timestamp, value: f64) {
        let value = if value.is_finite() { Value::Number(value) } else { Value::Missing("The value is not a number.") };
        self.gather.add(signal, at, value);
    }

    /// Adds a word.
    pub fn word(&mut self, signal: u32, at: Timestamp, text: &str) {
        self.gather.add(signal, at, Value::Word(text));
    }

    /// Says that there is no value, and why.
    pub fn missing(&mut self, signal: u32, at: Timestamp, why: &str) {
        self.gather.add(signal, at, Value::Missing(why));
    }

    /// Puts what came since the last commit on disk, and seals when there is enough.
    ///
    /// # Errors
    /// What the database says; what could not be written is held and tried again by the next commit.
    pub fn commit(&mut self) -> Result<()> {
        self.keep.commit(self.gather.take())?;
        if let Some(at) = self.keep.gap() {
            self.gather.lose(at);
        }
        self.keep.seal_if_due().map(drop)
    }

    /// Ends it.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it holds no value and is therefore not kept; what the database says.
    pub fn finish(mut self, ended: Timestamp) -> Result<RecordingRow> {
        let whose = Whose { vehicle: self.vehicle, vin: None };
        self.keep.finish(&mut self.gather, &whose, ended, false)
    }
}
