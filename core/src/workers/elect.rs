//! The post: the one process that runs the workers holds the lock on a file. The system lets go of it when a process ends,
//! however it ends.

use crate::files::{io_error, private_folder, private_options};
use roadworthy_api::Result;
use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

/// The post; dropping it lets another process have it.
#[derive(Debug)]
pub(super) struct Post {
    _locked: File,
}

fn lock_path(folder: &Path) -> PathBuf {
    folder.join("workers.lock")
}

/// A file of its own, since a locked one cannot be read on Windows.
fn holder_path(folder: &Path) -> PathBuf {
    folder.join("workers.process")
}

/// Takes the post, unless another process has it.
pub(super) fn take(folder: &Path) -> Result<Option<Post>> {
    let path = lock_path(folder);
    private_folder(folder).map_err(|e| io_error(folder, &e))?;
    let file = private_options().read(true).write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|e| io_error(&path, &e))?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => return Ok(None),
        Err(TryLockError::Error(e)) => return Err(io_error(&path, &e)),
    }
    if let Err(e) = fs::write(holder_path(folder), std::process::id().to_string()) {
        // Who works is only told to people.
        tracing::warn!(%e, "the number of the process that runs the workers could not be written");
    }
    Ok(Some(Post { _locked: file }))
}

/// Whether some process has the post, and its number if that can be read.
pub(super) fn holder(folder: &Path) -> Option<Option<u32>> {
    let file = File::open(lock_path(folder)).ok()?;
    match file.try_lock_shared() {
        Err(TryLockError::WouldBlock) => {
            Some(fs::read_to_string(holder_path(folder)).ok().and_then(|text| text.trim().parse().ok()))
        }
        // Let go of at once, when the file is closed: whoever wants the post asks again soon.
        Ok(()) | Err(TryLockError::Error(_)) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_has_the_post_until_it_lets_go() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(holder(folder.path()), None);
        let post = take(folder.path()).unwrap();
        assert!(post.is_some());
        assert!(take(folder.path()).unwrap().is_none());
        assert_eq!(holder(folder.path()), Some(Some(std::process::id())));
        drop(post);
        assert_eq!(holder(folder.path()), None, "because asking does not take it");
        assert!(take(folder.path()).unwrap().is_some());
    }
}
