//! Stored files, each under the BLAKE3 of its content: `files/ab/abcdef…` in the data folder.
//!
//! A file is written beside, flushed to disk and then renamed, so that what has a name is whole. Raw adapter traffic is
//! kept deflated (`….deflate`), under the hash of the text itself: what the journal names does not depend on how it is packed.

use crate::keys::hex;
use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use roadworthy_api::{Code, Error, Result};
use std::{
    fs,
    io::{ErrorKind, Read, Write},
    path::{Path, PathBuf},
};

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

impl Files {
    /// The files of this data folder.
    pub fn new(data: &Path) -> Self {
        Self { root: data.join("files") }
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
            return Ok(hash);
        }
        self.write(&path, bytes, deflate).map_err(|e| io_error(&path, &e))?;
        Ok(hash)
    }

    fn write(&self, path: &Path, bytes: &[u8], deflate: bool) -> std::io::Result<()> {
        let folder = path.parent().unwrap_or(&self.root);
        fs::create_dir_all(folder)?;
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(std::io::Error::other)?;
        let beside = folder.join(format!("new-{}", hex::write(&random)));
        let written = (|| {
            let mut file = fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
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

    /// The bytes, checked against their hash.
    pub fn get(&self, hash: &str, deflated: bool) -> Result<Vec<u8>> {
        let path = self.path(hash, deflated)?;
        let raw = fs::read(&path).map_err(|e| match e.kind() {
            ErrorKind::NotFound => Error::new(Code::NotFound, "The stored file is no longer there.")
                .hint("Restore the folder files from the newest backup."),
            _ => io_error(&path, &e),
        })?;
        let damaged = || {
            Error::new(Code::DatabaseUnusable, format!("The stored file {} is damaged.", path.display()))
                .hint("Restore it from the newest backup of the data folder.")
        };
        let bytes = if deflated {
            let mut bytes = Vec::new();
            DeflateDecoder::new(&raw[..]).read_to_end(&mut bytes).map_err(|_| damaged())?;
            bytes
        } else {
            raw
        };
        if self::hash(&bytes) == hash { Ok(bytes) } else { Err(damaged()) }
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

/// A rename lasts once its folder is on disk.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> std::io::Result<()> {
    fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_: &Path) -> std::io::Result<()> {
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
            files.put(&text, deflate)?;
            assert_eq!(files.get(&hash, deflate)?, text, "because storing again mends what was damaged");
        }
        let hash = hash(&text);
        files.remove(&hash)?;
        assert_eq!(files.get(&hash, true).unwrap_err().code, Code::NotFound);
        let left = fs::read_dir(folder.path().join("files").join(&hash[..2])).unwrap().count();
        assert_eq!(left, 0, "because nothing half-written stays");
        for bad in ["", "../../etc/passwd", &hash.to_uppercase(), &hash[1..]] {
            assert_eq!(files.get(bad, false).unwrap_err().code, Code::Invalid, "{bad}");
        }
        Ok(())
    }
}
