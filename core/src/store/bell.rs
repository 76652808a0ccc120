//! The bell: rung after each commit, so that whoever waits for new events looks at once.

use std::{
    sync::{Condvar, Mutex, PoisonError},
    time::Duration,
};

/// Counts the rings of this process.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<u64>,
    heard: Condvar,
}

impl Bell {
    /// How often it has rung. Ask before looking: what is committed after the look rings again.
    pub(crate) fn rung(&self) -> u64 {
        *self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Rings.
    pub(crate) fn ring(&self) {
        let mut rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        *rung = rung.wrapping_add(1);
        self.heard.notify_all();
    }

    /// Waits until it has rung since it was at `seen`, at most so long.
    pub(crate) fn wait(&self, seen: u64, most: Duration) {
        let rung = self.rung.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.heard.wait_timeout_while(rung, most, |rung| *rung == seen));
    }
}
