//! What the threads of the runtime share: the store, the pace, and what each worker does just now.

use super::{Worker, pace::Pace};
use crate::store::Store;
use roadworthy_api::Timestamp;
use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// What a worker does just now, as this process knows it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Doing {
    #[default]
    Nothing,
    /// At work since then, at that.
    Busy { since: Timestamp, at: String },
    /// The same for too long.
    Stalled { since: Timestamp, at: String },
    /// Waits before it tries again.
    Retrying { attempts: u32, next: Timestamp, cause: String },
}

/// Shared by the threads of one post.
pub(super) struct Shared {
    pub(super) store: Arc<Store>,
    pub(super) pace: Pace,
    pub(super) list: Arc<Vec<Arc<dyn Worker>>>,
    seats: Vec<Mutex<Doing>>,
    stop: AtomicBool,
}

impl Shared {
    pub(super) fn new(store: Arc<Store>, pace: Pace, list: Arc<Vec<Arc<dyn Worker>>>) -> Self {
        let seats = list.iter().map(|_| Mutex::default()).collect();
        Self { store, pace, list, seats, stop: AtomicBool::new(false) }
    }

    pub(super) fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    /// Has every thread end as soon as it can.
    pub(super) fn stop(&self) {
        self.stop.store(true, Ordering::Release);
        self.store.bell.ring();
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.pace.now)()
    }

    /// Waits, whatever is committed meanwhile, unless the end comes.
    pub(super) fn rest(&self, pause: Duration) {
        let until = Instant::now() + pause;
        loop {
            let seen = self.store.bell.rung();
            let left = until.saturating_duration_since(Instant::now());
            if self.stopped() || left.is_zero() {
                return;
            }
            self.store.bell.wait(seen, left);
        }
    }

    fn seat(&self, worker: usize) -> Option<MutexGuard<'_, Doing>> {
        self.seats.get(worker).map(|seat| seat.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub(super) fn doing(&self, worker: usize) -> Doing {
        self.seat(worker).map(|doing| doing.clone()).unwrap_or_default()
    }

    pub(super) fn set(&self, worker: usize, doing: Doing) {
        if let Some(mut seat) = self.seat(worker) {
            *seat = doing;
        }
    }

    /// Marks those that have been at one thing for too long, and says which they are, each once.
    pub(super) fn stalling(&self) -> Vec<(usize, Timestamp, String)> {
        let most = i64::try_from(self.pace.stall.as_millis()).unwrap_or(i64::MAX);
        let now = self.now();
        let mut found = Vec::new();
        for worker in 0..self.seats.len() {
            let Some(mut seat) = self.seat(worker) else { continue };
            if let Doing::Busy { since, at } = &*seat
                && now.saturating_sub(*since) > most
            {
                let (since, at) = (*since, at.clone());
                found.push((worker, since, at.clone()));
                *seat = Doing::Stalled { since, at };
            }
        }
        found
    }
}
