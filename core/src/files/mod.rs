//! Stored files, each under the BLAKE3 of its content: `files/ab/abcdef…` in the data folder.
//!
//! A file is written beside, flushed to disk and then renamed, so that what has a name is whole. Raw adapter traffic is
//! kept deflated (`….deflate`), under the hash of the text itself: what the journal names does not depend on how it is packed.

use crate::keys::hex;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use roadworthy_api::{Code, Error, Result, Timestamp};
use std::{
    fs,
    io::{ErrorKind, Read, Seek, Write},
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// Milliseconds after which a file that nothing names was left by a crash.
const LEFT_MS: i64 = 3_600_000;

/// The folder of stored files.
#[derive(Clone, Debug)]
pub struct Files {
    root: PathBuf,
}

/// BLAKE3 in hex.
pub fn hash(bytes: &[u8]) -> String {
    blake3::hash(bytes).to_hex().to_string()
}

/// What the file system said, as cause and next step.
pub(crate) fn io_error(path: &Path, error: &std::io::Error) -> Error {
    let path = path.display();
    match error.kind() {
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            Error::new(Code::DiskFull, format!("The disk is full: {path} cannot be written."))
                .hint("Free some space, then do it again.")
        }
        ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem => {
            Error::new(Code::ReadOnly, format!("{path} cannot be written ({error})."))
                .hint("Check that this user may write the data folder and that its disk is not mounted read-only.")
        }
        _ => Error::new(Code::DatabaseUnusable, format!("{path} cannot be used ({error})."))
            .hint("Check the data folder and its disk."),
    }
}

fn unread(path: &Path, error: &std::io::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound => Error::new(Code::NotFound, "The stored file is no longer there.")
            .hint("Restore the folder files from the newest backup."),
        _ => io_error(path, error),
    }
}

fn damaged(path: &Path) -> Error {
    Error::new(Code::DatabaseUnusable, format!("The stored file {} is damaged.", path.display()))
        .hint("Restore it from the newest backup of the data folder.")
}

impl Files {
    /// The files of this data folder.
    pub fn new(data: &Path) -> Self {
        Self { root: data.join("files") }
    }

    /// Removes what a crash left an hour ago or earlier: half-written files, and those that `named` does not know by hash.
    pub(crate) fn sweep<E: From<Error>>(
        &self,
        now: Timestamp,
        named: impl Fn(&str) -> Result<bool, E>,
    ) -> Result<(), E> {
        let old = clock(now.saturating_sub(LEFT_MS));
        for folder in entries(&self.root)? {
            for path in entries(&folder)? {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let hash = name.strip_suffix(".deflate").unwrap_or(&name);
                let is_file = hash.len() == 64 && hex::read(hash).is_some();
                let left = fs::metadata(&path).and_then(|m| m.modified()).is_ok_and(|at| at < old);
                if left && (name.starts_with("new-") || (is_file && !named(hash)?)) {
                    fs::remove_file(&path).map_err(|e| io_error(&path, &e))?;
                }
            }
        }
        Ok(())
    }

    fn path(&self, hash: &str, deflated: bool) -> Result<PathBuf> {
        if hash.len() != 64 || hex::read(hash).is_none() || hash.bytes().any(|b| b.is_ascii_uppercase()) {
            return Err(Error::new(Code::Invalid, "A file is named by 64 lower-case hexadecimal digits."));
        }
        let name = if deflated { format!("{hash}.deflate") } else { hash.to_owned() };
        Ok(self.root.join(&hash[..2]).join(name))
    }

    /// Stores bytes and gives their hash. What is there already is not written again.
    pub fn put(&self, bytes: &[u8], deflate: bool) -> Result<String> {
        let hash = hash(bytes);
        let path = self.path(&hash, deflate)?;
        if self.get(&hash, deflate).is_ok() {
            // Young again, so that another process's sweep leaves it until its row is there.
            let again = fs::File::options().write(true).open(&path);
            again.and_then(|f| f.set_modified(clock(crate::engine::now()))).map_err(|e| io_error(&path, &e))?;
            return Ok(hash);
        }
        self.write(&path, bytes, deflate).map_err(|e| io_error(&path, &e))?;
        Ok(hash)
    }

    fn write(&self, path: &Path, bytes: &[u8], deflate: bool) -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        lasting(folder, |folder| fs::DirBuilder::new().recursive(true).create(folder))?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let beside = folder.join(format!("new-{}", hex::write(&random)));
        let written = (|| {
            let mut file = private_options().create_new(true).open(&beside)?;
            if deflate {
                let mut encoder = DeflateEncoder::new(&mut file, Compression::default());
                encoder.write_all(bytes)?;
                encoder.finish()?;
            } else {
                file.write_all(bytes)?;
            }
            file.sync_all()?;
            fs::rename(&beside, path)?;
            sync_folder(folder)
        })();
        if written.is_err() {
            drop(fs::remove_file(&beside));
        }
        written
    }

    /// A path beside the stored files, for one that is written bit by bit and then [adopted](Self::adopt). What is left there
    /// goes with the sweep.
    pub(crate) fn beside(&self, name: &str) -> Result<PathBuf> {
        let folder = self.root.join("new");
        lasting(&folder, |folder| fs::DirBuilder::new().recursive(true).create(folder))
            .map_err(|e| io_error(&folder, &e))?;
        Ok(folder.join(format!("new-{name}")))
    }

    /// Stores a file of a path of [`Self::beside`] under its hash.
    pub(crate) fn adopt(&self, beside: &Path, hash: &str) -> Result<()> {
        let path = self.path(hash, false)?;
        let folder = path.parent().unwrap_or(&self.root);
        let done = lasting(folder, |folder| fs::DirBuilder::new().recursive(true).create(folder))
            .and_then(|()| fs::rename(beside, &path))
            .and_then(|()| sync_folder(folder));
        done.map_err(|e| io_error(&path, &e))
    }

    /// Bytes that all of them take on disk.
    pub(crate) fn bytes(&self) -> u64 {
        let folders = entries(&self.root).unwrap_or_default();
        let files = folders.iter().flat_map(|folder| entries(folder).unwrap_or_default());
        files.filter_map(|file| fs::metadata(file).ok()).map(|m| m.len()).sum()
    }

    /// The bytes, checked against their hash.
    pub fn get(&self, hash: &str, deflated: bool) -> Result<Vec<u8>> {
        let path = self.path(hash, deflated)?;
        let raw = fs::read(&path).map_err(|e| unread(&path, &e))?;
        let bytes = if deflated {
            let mut bytes = Vec::new();
            DeflateDecoder::new(&raw[..]).read_to_end(&mut bytes).map_err(|_| damaged(&path))?;
            bytes
        } else {
            raw
        };
        if self::hash(&bytes) == hash { Ok(bytes) } else { Err(damaged(&path)) }
    }

    /// A file to read bit by bit, at its beginning and checked against its hash, with its size. It can be read to its end also
    /// if it is removed meanwhile. Not for one that lies deflated.
    pub(crate) fn open(&self, hash: &str) -> Result<(fs::File, u64)> {
        let path = self.path(hash, false)?;
        let mut file = fs::File::open(&path).map_err(|e| unread(&path, &e))?;
        let mut hasher = blake3::Hasher::new();
        hasher.update_reader(&mut file).map_err(|e| io_error(&path, &e))?;
        if hasher.finalize().to_hex().as_str() != hash {
            return Err(damaged(&path));
        }
        let size = file.stream_position().and_then(|size| file.rewind().map(|()| size));
        Ok((file, size.map_err(|e| io_error(&path, &e))?))
    }

    /// Deletes a stored file; one that is not there is gone already.
    pub fn remove(&self, hash: &str) -> Result<()> {
        for deflated in [false, true] {
            let path = self.path(hash, deflated)?;
            match fs::remove_file(&path) {
                Err(e) if e.kind() != ErrorKind::NotFound => return Err(io_error(&path, &e)),
                _ => {}
            }
        }
        Ok(())
    }
}

/// Pools of several folders, as backups have one.
impl Files {
    /// Copies a stored file to another pool, unless it is there already, and gives its size on disk; `None` if it is not here.
    /// What is damaged here is not copied.
    pub(crate) fn copy(&self, to: &Self, hash: &str, deflated: bool) -> Result<Option<u64>> {
        let (from, target) = (self.path(hash, deflated)?, to.path(hash, deflated)?);
        let size = |path: &Path| fs::metadata(path).map(|m| m.len());
        match (size(&from), size(&target)) {
            (Ok(here), Ok(there)) if here == there => return Ok(Some(here)),
            (Err(e), _) if e.kind() == ErrorKind::NotFound => return Ok(None),
            (Err(e), _) => return Err(io_error(&from, &e)),
            _ => {}
        }
        self.get(hash, deflated)?;
        let raw = fs::read(&from).map_err(|e| io_error(&from, &e))?;
        to.write(&target, &raw, false).map_err(|e| io_error(&target, &e))?;
        Ok(Some(raw.len() as u64))
    }

    /// Size on disk of a stored file, if it is there.
    pub(crate) fn size(&self, hash: &str, deflated: bool) -> Result<Option<u64>> {
        let path = self.path(hash, deflated)?;
        match fs::metadata(&path) {
            Ok(meta) => Ok(Some(meta.len())),
            Err(e) if e.kind() == ErrorKind::NotFound => Ok(None),
            Err(e) => Err(io_error(&path, &e)),
        }
    }

    /// Removes half-written files and those that `named` does not know by hash and form; how many that were.
    pub(crate) fn collect(&self, named: impl Fn(&str, bool) -> bool) -> Result<u64> {
        let mut gone = 0;
        for folder in entries(&self.root)? {
            for path in entries(&folder)? {
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let (hash, deflated) = name.strip_suffix(".deflate").map_or((&*name, false), |hash| (hash, true));
                let is_file = hash.len() == 64 && hex::read(hash).is_some();
                if name.starts_with("new-") || (is_file && !named(hash, deflated)) {
                    fs::remove_file(&path).map_err(|e| io_error(&path, &e))?;
                    gone += 1;
                }
            }
        }
        Ok(gone)
    }
}

fn clock(ms: Timestamp) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(ms).unwrap_or(0))
}

/// What lies in a folder; nothing if it is not there.
pub(crate) fn entries(folder: &Path) -> Result<Vec<PathBuf>> {
    let read = match fs::read_dir(folder) {
        // A file beside the folders is not one of ours.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        other => other,
    };
    let all = read.and_then(|entries| entries.map(|e| e.map(|e| e.path())).collect());
    all.map_err(|e| io_error(folder, &e))
}

/// Options of a file that only this user may read.
pub(crate) fn private_options() -> fs::OpenOptions {
    let mut options = fs::OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Makes a folder, with all above it, that only this user may enter; closes one that others may enter.
pub(crate) fn private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    lasting(folder, |folder| builder.create(folder))?;
    tighten(folder);
    Ok(())
}

/// Makes a folder unless it is there, and has every folder that it gets a name in know it by heart: what is flushed to disk in
/// a folder that a power cut takes away is lost all the same.
fn lasting(folder: &Path, make: impl FnOnce(&Path) -> std::io::Result<()>) -> std::io::Result<()> {
    let missing: Vec<&Path> =
        folder.ancestors().take_while(|above| !above.as_os_str().is_empty() && !above.exists()).collect();
    make(folder)?;
    for made in missing {
        let above = made.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match sync_folder(above) {
            // One that may be written to and not be read: it lasts as well as it can.
            Err(e) if e.kind() == ErrorKind::PermissionDenied => {}
            synced => synced?,
        }
    }
    Ok(())
}

/// Makes an empty file that only this user may read, or takes others' rights off the one that is there.
pub(crate) fn private_file(path: &Path) -> std::io::Result<()> {
    match private_options().create_new(true).open(path) {
        Err(e) if e.kind() == ErrorKind::AlreadyExists => {
            tighten(path);
            for end in ["-wal", "-shm"] {
                let mut beside = path.as_os_str().to_owned();
                beside.push(end);
                tighten(Path::new(&beside));
            }
            Ok(())
        }
        other => other.map(drop),
    }
}

/// Whether a file can be written, and others beside it.
pub(crate) fn writable(path: &Path) -> std::io::Result<()> {
    fs::File::options().write(true).open(path)?;
    let beside = path.with_extension(format!("{}.probe", std::process::id()));
    private_options().create_new(true).open(&beside)?;
    fs::remove_file(beside)
}

/// Takes the rights of others off what is ours; the system refuses it for what is not. A folder with the sticky bit, as /tmp,
/// is everybody's on purpose.
#[cfg(unix)]
fn tighten(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    let Ok(mode) = fs::metadata(path).map(|m| m.permissions().mode()) else { return };
    if mode & 0o077 != 0
        && mode & 0o1000 == 0
        && let Err(error) = fs::set_permissions(path, fs::Permissions::from_mode(mode & 0o700))
    {
        tracing::warn!(%error, path = %path.display(), "others may read this, and it cannot be changed");
    }
}

#[cfg(not(unix))]
fn tighten(_: &Path) {}

/// A rename lasts once its folder is on disk.
#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(crate) fn sync_folder(_: &Path) -> std::io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_read_back_and_damage_is_told() -> Result<()> {
        let folder = tempfile::tempdir().unwrap();
        let files = Files::new(folder.path());
        let text = b">010C\n<41 0C 1A F8\n".repeat(200);
        for deflate in [false, true] {
            let hash = files.put(&text, deflate)?;
            assert_eq!(hash, blake3::hash(&text).to_hex().as_str(), "because packing does not change what is named");
            assert_eq!(files.put(&text, deflate)?, hash);
            assert_eq!(files.get(&hash, deflate)?, text);
            let path = files.path(&hash, deflate)?;
            let stored = fs::read(&path).unwrap();
            assert_eq!(stored.len() < text.len() / 4, deflate);
            let mut broken = stored.clone();
            broken[10] ^= 1;
            fs::write(&path, broken).unwrap();
            assert_eq!(files.get(&hash, deflate).unwrap_err().code, Code::DatabaseUnusable);
            if !deflate {
                assert_eq!(files.open(&hash).unwrap_err().code, Code::DatabaseUnusable);
            }
            files.put(&text, deflate)?;
            assert_eq!(files.get(&hash, deflate)?, text, "because storing again mends what was damaged");
        }
        let hash = hash(&text);
        let (mut open, size) = files.open(&hash)?;
        files.remove(&hash)?;
        let mut read = Vec::new();
        open.read_to_end(&mut read).unwrap();
        assert_eq!(
            (read, size),
            (text.clone(), text.len() as u64),
            "because whoever has begun to read reads to the end"
        );
        assert_eq!(files.get(&hash, true).unwrap_err().code, Code::NotFound);
        let left = fs::read_dir(folder.path().join("files").join(&hash[..2])).unwrap().count();
        assert_eq!(left, 0, "because nothing half-written stays");
        for bad in ["", "../../etc/passwd", &hash.to_uppercase(), &hash[1..]] {
            assert_eq!(files.get(bad, false).unwrap_err().code, Code::Invalid, "{bad}");
        }
        Ok(())
    }
}
