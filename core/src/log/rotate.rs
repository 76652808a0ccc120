//! A file that starts anew when it is full and keeps a few of its predecessors.

use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Largest file in bytes.
const FULL: u64 = 1 << 20;
/// Files per slot, the one being written included.
const FILES: u32 = 5;
/// Processes that may log at once.
const SLOTS: u32 = 64;

/// The newest file of a slot, open for appending. The slot is this process's until the value is dropped.
pub(super) struct Rotating {
    dir: PathBuf,
    slot: u32,
    path: PathBuf,
    file: Option<File>,
    bytes: u64,
    full: u64,
    _lock: File,
}

impl Rotating {
    /// Takes the first free slot of the folder.
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        Self::open_with(dir, FULL)
    }

    fn open_with(dir: &Path, full: u64) -> io::Result<Self> {
        fs::create_dir_all(dir)?;
        for slot in 0..SLOTS {
            let lock = OpenOptions::new()
                .create(true)
                .truncate(false)
                .write(true)
                .open(dir.join(format!("roadworthy-{slot}.lock")))?;
            match lock.try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(e)) => return Err(e),
            }
            let path = name(dir, slot, 0);
            let mut rotating = Self { dir: dir.to_owned(), slot, path, file: None, bytes: 0, full, _lock: lock };
            rotating.reopen()?;
            return Ok(rotating);
        }
        Err(io::Error::other(format!("{SLOTS} processes log there already")))
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Appends one event whole; a file grows past its limit only by an event that is larger than the limit itself.
    pub(super) fn append(&mut self, event: &[u8]) -> io::Result<()> {
        let size = event.len() as u64;
        if self.bytes > 0 && self.bytes + size > self.full {
            self.rotate()?;
        }
        if self.file.is_none() {
            self.reopen()?;
        }
        if let Some(file) = &mut self.file {
            file.write_all(event)?;
            self.bytes += size;
        }
        Ok(())
    }

    fn reopen(&mut self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.create(true).append(true);
        // The log names no one, but it is nobody else's business either.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&self.path)?;
        self.bytes = file.metadata()?.len();
        self.file = Some(file);
        Ok(())
    }

    fn rotate(&mut self) -> io::Result<()> {
        // Some systems do not rename an open file.
        self.file = None;
        for age in (1..FILES).rev() {
            match fs::rename(name(&self.dir, self.slot, age - 1), name(&self.dir, self.slot, age)) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
                _ => {}
            }
        }
        self.reopen()
    }
}

fn name(dir: &Path, slot: u32, age: u32) -> PathBuf {
    dir.join(if age == 0 { format!("roadworthy-{slot}.log") } else { format!("roadworthy-{slot}.{age}.log") })
}

/// A log file and when it was last written.
pub(super) struct LogFile {
    pub(super) path: PathBuf,
    pub(super) modified: SystemTime,
}

/// The log files of a folder; none when it does not exist.
pub(super) fn files(dir: &Path) -> io::Result<Vec<LogFile>> {
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(e) => return Err(e),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let ours = name.to_str().is_some_and(|n| n.starts_with("roadworthy-") && n.ends_with(".log"));
        if let (true, Ok(meta)) = (ours, entry.metadata()) {
            found.push(LogFile { path: entry.path(), modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH) });
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_file_makes_room_and_the_oldest_goes() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Rotating::open_with(dir.path(), 100).unwrap();
        for n in 0..40 {
            log.append(format!("{n:029}\n").as_bytes()).unwrap();
        }
        let read = |age| fs::read_to_string(name(dir.path(), 0, age)).unwrap();
        // Three events of 30 bytes fit into 100; forty fill fourteen files, of which five are kept.
        let kept: String = (0..FILES).rev().map(read).collect();
        let expect: String = (27..40).map(|n| format!("{n:029}\n")).collect();
        assert_eq!(kept, expect);
        assert_eq!(files(dir.path()).unwrap().len(), 5);
        assert!(!name(dir.path(), 0, FILES).exists());
    }

    #[test]
    fn an_event_larger_than_a_file_is_kept_whole() {
        let dir = tempfile::tempdir().unwrap();
        let mut log = Rotating::open_with(dir.path(), 10).unwrap();
        log.append(&[b'a'; 50]).unwrap();
        log.append(b"b").unwrap();
        assert_eq!(fs::read(name(dir.path(), 0, 1)).unwrap().len(), 50);
        assert_eq!(fs::read(name(dir.path(), 0, 0)).unwrap(), b"b");
    }

    #[test]
    fn each_process_has_its_own_slot_and_a_free_one_is_used_again() {
        let dir = tempfile::tempdir().unwrap();
        let first = Rotating::open(dir.path()).unwrap();
        let second = Rotating::open(dir.path()).unwrap();
        assert_eq!((first.slot, second.slot), (0, 1));
        drop(first);
        let mut third = Rotating::open(dir.path()).unwrap();
        assert_eq!(third.slot, 0);
        third.append(b"on\n").unwrap();
        drop(third);
        let mut fourth = Rotating::open(dir.path()).unwrap();
        fourth.append(b"and on\n").unwrap();
        assert_eq!(fs::read_to_string(fourth.path()).unwrap(), "on\nand on\n");
    }
}
