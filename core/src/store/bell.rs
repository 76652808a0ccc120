//! The bell: rung after each commit, so that whoever waits for new events looks at once.
//!
//! A worker's commit rings for those who hear what it said, so that each step of a story wakes the next one and not all
//! of them; any other commit rings for everybody.

use std::{
    collections::HashMap,
    sync::{Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Rung for those who hear telemetry, as if it were a kind of event.
pub(crate) const TAIL: &str = "telemetry tail";

#[derive(Debug, Default)]
struct Rung {
    count: u64,
    /// The count when it last rang for everybody, and for each kind.
    all: u64,
    kinds: HashMap<&'static str, u64>,
}

/// Counts the rings of this process.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    rung: Mutex<Rung>,
    heard: Condvar,
}

impl Bell {
    fn lock(&self) -> MutexGuard<'_, Rung> {
        self.rung.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How often it has rung. Ask before looking: what is committed after the look rings again.
    pub(crate) fn rung(&self) -> u64 {
        self.lock().count
    }

    /// Rings for everybody.
    pub(crate) fn ring(&self) {
        let mut rung = self.lock();
        rung.count += 1;
        rung.all = rung.count;
        self.heard.notify_all();
    }

    /// Rings for those who wait for one of these kinds, and for those who wait for anything.
    pub(crate) fn ring_for(&self, kinds: &[&'static str]) {
        let mut rung = self.lock();
        rung.count += 1;
        let count = rung.count;
        rung.kinds.extend(kinds.iter().map(|kind| (*kind, count)));
        self.heard.notify_all();
    }

    /// Waits until it has rung since it was at `seen`, at most so long.
    pub(crate) fn wait(&self, seen: u64, most: Duration) {
        drop(self.heard.wait_timeout_while(self.lock(), most, |rung| rung.count == seen));
    }

    /// The same for who hears certain kinds only.
    pub(crate) fn wait_for(&self, seen: u64, kinds: &[&str], most: Duration) {
        let quiet = |rung: &mut Rung| {
            rung.all <= seen && kinds.iter().all(|kind| rung.kinds.get(kind).is_none_or(|at| *at <= seen))
        };
        drop(self.heard.wait_timeout_while(self.lock(), most, quiet));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Instant;

    #[test]
    fn it_wakes_who_hears_the_kind_and_everybody_when_it_rings_for_all() {
        let (bell, short, long) = (Bell::default(), Duration::from_millis(20), Duration::from_secs(60));
        let waits = |seen: u64, kinds: &[&str]| {
            let begin = Instant::now();
            bell.wait_for(seen, kinds, short);
            begin.elapsed() >= short
        };
        assert!(waits(0, &["a"]));
        bell.ring_for(&["a", TAIL]);
        assert!(!waits(0, &["b", "a"]) && !waits(0, &[TAIL]) && waits(0, &["b"]) && waits(1, &["a"]));
        bell.wait(0, long);
        bell.ring();
        assert!(!waits(1, &["b"]) && waits(2, &["b"]));
        bell.ring_for(&[]);
        assert!(waits(2, &["a", "b"]), "because nothing was said");
        bell.wait(2, long);
    }
}
