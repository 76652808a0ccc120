//! Whoever is about to clear codes holds the lock on a file of that name until it is told what came of it. The system lets go of
//! it when a process ends, however it ends; who finds it free and nothing told knows that nobody knows.

use crate::{
    engine::now,
    files::{io_error, private_folder, private_options},
    journal::{
        NewEvent,
        kind::{self, ClearingUnknown},
    },
    store::{
        Store,
        clearing::{self, Became},
    },
};
use roadworthy_api::{Result, id::EventId};
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// A clearing that the journal announces, until it is told what came of it.
#[derive(Debug)]
pub(crate) struct Announced {
    /// The event that says so.
    pub(crate) event: EventId,
    path: PathBuf,
    held: File,
}

impl Announced {
    /// Takes the lock for an event that is about to be appended.
    pub(crate) fn new(store: &Store, event: EventId) -> Result<Self> {
        let (path, file) = lock_file(store, event)?;
        file.lock().map_err(|e| io_error(&path, &e))?;
        Ok(Self { event, path, held: file })
    }

    /// What came of it is in the journal.
    pub(crate) fn told(self) {
        remove(&self.path, self.held);
    }
}

fn lock_file(store: &Store, event: EventId) -> Result<(PathBuf, File)> {
    let folder = store.path().parent().unwrap_or(Path::new(".")).join("clearing");
    private_folder(&folder).map_err(|e| io_error(&folder, &e))?;
    let path = folder.join(format!("{event}.lock"));
    let file = private_options().create(true).truncate(false).open(&path).map_err(|e| io_error(&path, &e))?;
    Ok((path, file))
}

/// Closed first: an open file cannot be removed on Windows.
fn remove(path: &Path, held: File) {
    drop(held);
    if let Err(error) = fs::remove_file(path) {
        tracing::warn!(%error, "a lock that nobody needs could not be removed");
    }
}

/// Has the journal say of each clearing that this device announced, and whose process is gone, that nobody knows what came of
/// it. Any process may do it, and several may at once.
pub(crate) fn settle(store: &Store) {
    let open = store.read(|conn| clearing::open(conn, store.device()));
    for event in open.unwrap_or_default() {
        if let Err(error) = settle_one(store, event) {
            tracing::warn!(%error, "what came of clearing codes could not be settled yet");
        }
    }
}

fn settle_one(store: &Store, event: EventId) -> Result<()> {
    let (path, file) = lock_file(store, event)?;
    match file.try_lock() {
        Ok(()) => {}
        // It is being done just now.
        Err(TryLockError::WouldBlock) => return Ok(()),
        Err(TryLockError::Error(e)) => return Err(io_error(&path, &e)),
    }
    store.write("engine", now(), |w| {
        // Whoever had the lock just before may have told it.
        if clearing::get(w.tx(), event)? != Some(Became::Announced) {
            return Ok(());
        }
        let Some((subject, said)) = clearing::announcement(w.tx(), event)? else { return Ok(()) };
        w.because(event)?;
        let unknown = ClearingUnknown { clearing: event, before: said.before, codes: said.codes };
        w.append(NewEvent::new(w.mint()?, kind::VEHICLE_CLEARING_UNKNOWN, Some(subject), &unknown)?)?;
        tracing::warn!(vehicle = ?subject, "codes were about to be cleared when a process ended");
        Ok(())
    })?;
    remove(&path, file);
    Ok(())
}
