//! What a worker that hears telemetry remembers of each recording between batches, so that a batch that comes again finds
//! the state from before it.
//!
//! Bounded: of a few recordings only, the oldest goes first. After a restart it is empty, and the worker begins with what its
//! tables say was said.

use crate::{store::Fallible, telemetry::Batch};
use roadworthy_api::id::RecordingId;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Recordings remembered at once: one per adapter that a machine could hold, and some to spare.
const MOST: usize = 16;

struct Held<S> {
    place: u64,
    before: S,
    after: S,
}

/// Remembers a state per recording.
pub(super) struct Memory<S> {
    held: Mutex<BTreeMap<RecordingId, Held<S>>>,
}

impl<S> Default for Memory<S> {
    fn default() -> Self {
        Self { held: Mutex::default() }
    }
}

impl<S: Clone> Memory<S> {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<RecordingId, Held<S>>> {
        // A panic while it was held left whole entries.
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The state to begin a batch with. What an earlier try at the same batch did is forgotten: it was not committed.
    pub(super) fn before(&self, batch: &Batch, begin: impl FnOnce() -> Fallible<S>) -> Fallible<S> {
        if let Some(held) = self.lock().get(&batch.recording) {
            if held.place == batch.place {
                return Ok(held.before.clone());
            }
            if held.place < batch.place {
                return Ok(held.after.clone());
            }
        }
        begin()
    }

    /// Keeps the state that a batch led to.
    pub(super) fn keep(&self, batch: &Batch, before: S, after: S) {
        let mut held = self.lock();
        held.insert(batch.recording, Held { place: batch.place, before, after });
        if held.len() > MOST
            && let Some(oldest) = held.iter().min_by_key(|(_, h)| h.place).map(|(id, _)| *id)
        {
            held.remove(&oldest);
        }
    }
}
