//! The files that say that a recording runs: each is locked for as long as the process that records lives.

use crate::store::Store;
use roadworthy_api::id::RecordingId;
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// Folder of the locks, where recordings of older versions lie too.
pub(crate) fn folder(store: &Store) -> PathBuf {
    store.path().parent().unwrap_or(Path::new(".")).join("recordings")
}

/// The file that is locked while a recording runs.
pub(crate) fn lock_path(store: &Store, recording: RecordingId) -> PathBuf {
    folder(store).join(format!("{recording}.lock"))
}

/// Whether some process records just now.
pub(crate) fn recording_anywhere(store: &Store) -> bool {
    let entries = fs::read_dir(folder(store)).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
    let locked = |path: &PathBuf| {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    };
    entries.filter(|path| path.extension().is_some_and(|e| e == "lock")).any(|path| locked(&path))
}
