//! Whether the last process that had the database open ended cleanly.
//!
//! The write-ahead log itself tells: SQLite removes it when the last one closes the database, and flushes it to disk before it
//! says that anything is written, so that neither a killed process nor a power cut can take the mark away.

use crate::files::private_options;
use std::{
    fs::{self, File, TryLockError},
    path::Path,
};

/// Marks this process as one that has the database at `path` open, before it has. Gives the mark, which goes when it is
/// dropped, and whether nobody else has it open and the last one did not close it.
pub(super) fn open(path: &Path) -> (Option<File>, bool) {
    let mark = private_options().create(true).truncate(false).open(path.with_extension("open"));
    let Ok(mark) = mark else { return (None, false) };
    let alone = mark.try_lock().is_ok();
    let log = path.with_extension("db-wal");
    let unclean = alone && fs::metadata(log).is_ok_and(|log| log.len() > 0);
    if alone {
        drop(mark.unlock());
    }
    // Others may only share it, so this waits for nobody but one that is just asking the same.
    let shared = mark.lock_shared().is_ok();
    (shared.then_some(mark), unclean)
}

/// The mark for this process alone, as long as it is held: who opens the database at `path` meanwhile waits. `None` where
/// another has it open.
pub(crate) fn alone(path: &Path) -> std::io::Result<Option<File>> {
    let mark = private_options().create(true).truncate(false).open(path.with_extension("open"))?;
    match mark.try_lock() {
        Ok(()) => Ok(Some(mark)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(e)) => Err(e),
    }
}
