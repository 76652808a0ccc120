//! What nobody waits for: recordings that a killed process left are ended, codes that one was about to clear are settled,
//! what is over is sealed, old single values are dropped once a day, and pages that are free then go back to the disk.
//!
//! Any process may do it, and several may at once: each step is one transaction that looks again whether it is still to be
//! done.

use super::{
    intake::{self, Whose},
    retain,
};
use crate::{
    engine::now,
    files::{io_error, private_folder, private_options},
    store::{Store, capture},
};
use roadworthy_api::{Code, Error, Result, id::RecordingId};
use std::{
    collections::HashMap,
    fs::{self, TryLockError},
    sync::{Arc, Condvar, Mutex, PoisonError},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Time between two looks.
const PAUSE: Duration = Duration::from_secs(5);

/// Ends what killed processes left, once each, and says how many that were; seals what is over.
pub(crate) fn recover(store: &Store) -> u32 {
    let captures = store.read(capture::all).unwrap_or_default();
    let mut taken = 0;
    for capture in captures {
        let id = capture.recording;
        let done = if capture.ended.is_none() { take_up(store, id) } else { Ok(false) };
        match done {
            Ok(ended) => taken += u32::from(ended),
            Err(error) => tracing::warn!(%error, recording = %id, "a recording could not be taken up"),
        }
        if let Err(error) = intake::seal_ended(store, id, false) {
            tracing::warn!(%error, recording = %id, "a recording could not be sealed yet");
        }
    }
    taken
}

/// Ends a recording of which nobody holds the lock; whether it was there to be ended.
fn take_up(store: &Store, id: RecordingId) -> Result<bool> {
    let folder = intake::folder(store);
    private_folder(&folder).map_err(|e| io_error(&folder, &e))?;
    let path = intake::lock_path(store, id);
    let told = |e: &std::io::Error| io_error(&path, e);
    let file = private_options().create(true).truncate(false).open(&path).map_err(|e| told(&e))?;
    match file.try_lock() {
        Ok(()) => {}
        // A recording of some process that runs.
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(e)) => return Err(told(&e)),
    }
    // Whoever had the lock just before may have ended it.
    let open = store.read(|conn| Ok(capture::get(conn, id)?.is_some_and(|c| c.ended.is_none())))?;
    let row = if open { intake::close(store, id, &Whose::default(), None, true)? } else { None };
    if let Some(row) = &row {
        tracing::info!(samples = row.samples, "a recording that was cut short was taken up");
    }
    if let Err(error) = fs::remove_file(&path) {
        tracing::warn!(%error, "a lock that nobody needs could not be removed");
    }
    Ok(row.is_some())
}

/// Looks every few seconds, until it is dropped.
pub(crate) struct Keeper {
    stop: Arc<(Mutex<bool>, Condvar)>,
    thread: Option<JoinHandle<()>>,
}

impl Keeper {
    pub(crate) fn start(store: Arc<Store>) -> Result<Self> {
        let stop: Arc<(Mutex<bool>, Condvar)> = Arc::default();
        let asked = Arc::clone(&stop);
        let work = move || {
            let (stop, told) = &*asked;
            let mut waiting = HashMap::new();
            let mut stopped = stop.lock().unwrap_or_else(PoisonError::into_inner);
            while !*stopped {
                // First a pause: a process that is over soon leaves it to others.
                stopped = told.wait_timeout(stopped, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
                if !*stopped {
                    drop(stopped);
                    look(&store, &mut waiting);
                    stopped = stop.lock().unwrap_or_else(PoisonError::into_inner);
                }
            }
        };
        let thread = std::thread::Builder::new().name("telemetry".into()).spawn(work).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

/// `waiting`: since when this process has seen recordings wait to be sealed. Their own times say nothing of it: their samples may
/// be of long ago.
fn look(store: &Store, waiting: &mut HashMap<RecordingId, Instant>) {
    let captures = store.read(capture::all).unwrap_or_default();
    let over: Vec<RecordingId> = captures.iter().filter(|c| c.ended.is_some()).map(|c| c.recording).collect();
    waiting.retain(|recording, _| over.contains(recording));
    for recording in over {
        let since = waiting.entry(recording).or_insert_with(Instant::now);
        if let Err(error) = intake::seal_ended(store, recording, since.elapsed() >= intake::PATIENCE) {
            tracing::warn!(%error, "a recording could not be sealed yet");
        }
    }
    if let Err(error) = crate::import::run::clear_left(store) {
        tracing::warn!(%error, "what an import left could not be cleared away yet");
    }
    crate::clearing::settle(store);
    if let Err(error) = retain::daily(store, now()) {
        tracing::warn!(%error, "old single values could not be dropped yet");
    }
    // What is recorded needs the pages again at once.
    if captures.is_empty()
        && let Err(error) = store.shrink()
    {
        tracing::warn!(%error, "free pages could not be given back to the disk yet");
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        *self.stop.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.stop.1.notify_all();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
