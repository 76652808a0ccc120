//! The thread that keeps data safe without being asked: the check after an unclean end, and backups that are due.

use super::{Backups, check};
use crate::engine::now;
use roadworthy_api::{Code, Error, Result};
use rusqlite::InterruptHandle;
use std::{
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// How often it looks whether a backup is due; commands that end before never make one.
const LOOK: Duration = Duration::from_secs(60);

/// The running thread; dropping it stops and awaits it.
pub(crate) struct Caretaker {
    stop: Arc<AtomicBool>,
    damage: Arc<Mutex<Option<Error>>>,
    /// Ends a check that takes long.
    breaker: Arc<Mutex<Option<InterruptHandle>>>,
    thread: Option<JoinHandle<()>>,
}

impl Caretaker {
    /// `makes`: whether this process makes backups that are due.
    pub(crate) fn start(backups: Backups, makes: bool) -> Result<Self> {
        let stop: Arc<AtomicBool> = Arc::default();
        let damage: Arc<Mutex<Option<Error>>> = Arc::default();
        let breaker: Arc<Mutex<Option<InterruptHandle>>> = Arc::default();
        let (stopped, found, breaks) = (stop.clone(), damage.clone(), breaker.clone());
        let work = move || {
            let store = backups.store();
            if store.check_due() {
                let tell = |error: Error| {
                    tracing::error!(%error, "the database is damaged");
                    *found.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                };
                let keep = |handle| *breaks.lock().unwrap_or_else(PoisonError::into_inner) = Some(handle);
                if let Err(error) = check::check(store, &stopped, keep, tell) {
                    tracing::warn!(%error, "the database could not be checked");
                }
            }
            let mut looked = Instant::now();
            while makes && !stopped.load(Ordering::Acquire) {
                std::thread::park_timeout(LOOK.saturating_sub(looked.elapsed()));
                if looked.elapsed() >= LOOK {
                    looked = Instant::now();
                    backups.run_due(now(), &stopped);
                }
            }
        };
        let thread = std::thread::Builder::new().name("caretaker".into()).spawn(work).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        Ok(Self { stop, damage, breaker, thread: Some(thread) })
    }

    /// What was found wrong with the database, if anything was.
    pub(crate) fn damage(&self) -> Option<Error> {
        self.damage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Nothing is wrong any more: another content is in its place.
    pub(crate) fn mended(&self) {
        *self.damage.lock().unwrap_or_else(PoisonError::into_inner) = None;
    }
}

impl Drop for Caretaker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            // Again and again, since what is between two statements does not hear it.
            while !thread.is_finished() {
                if let Some(handle) = self.breaker.lock().unwrap_or_else(PoisonError::into_inner).as_ref() {
                    handle.interrupt();
                }
                std::thread::sleep(Duration::from_millis(1));
            }
            drop(thread.join());
        }
    }
}
