//! What a backup says of itself: `manifest.json`.

use crate::files::io_error;
use roadworthy_api::{Code, Error, Result, Timestamp, backup::BackupReason};
use serde::{Deserialize, Serialize};
use std::{io::Read, path::Path};

/// Version of this form.
pub(super) const FORMAT: u32 = 1;
/// Its file.
pub(super) const FILE: &str = "manifest.json";
/// The database beside it.
pub(super) const DATABASE: &str = "roadworthy.db";
/// Most bytes that a manifest may have; a hundred take one stored file.
const MOST: u64 = 256 << 20;

/// A backup's manifest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Manifest {
    /// [`FORMAT`].
    pub(crate) format: u32,
    /// Name of the backup and of its folder.
    pub(crate) name: String,
    /// When it was begun.
    pub(crate) at: Timestamp,
    /// Why.
    pub(crate) why: BackupReason,
    /// Version of the program that made it.
    pub(crate) program: String,
    /// Random name of the installation that made it; empty where that had none yet.
    #[serde(default)]
    pub(crate) installation: String,
    /// Version of its tables.
    pub(crate) schema: u32,
    /// Device that made it.
    pub(crate) device: String,
    /// Events.
    pub(crate) events: u64,
    /// The end of each device's chain.
    pub(crate) chains: Vec<ChainEnd>,
    /// The database.
    pub(crate) database: FileNote,
    /// Stored files in the folder `files` beside the backup.
    pub(crate) files: Vec<StoredFile>,
    /// Hashes of stored files that the database names and that were not there, or damaged, when it was made.
    #[serde(default)]
    pub(crate) missing: Vec<String>,
}

/// The end of a chain.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ChainEnd {
    pub(crate) device: String,
    pub(crate) seq: u64,
    /// BLAKE3 in hex.
    pub(crate) hash: String,
}

/// A file by its content.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct FileNote {
    pub(crate) bytes: u64,
    /// BLAKE3 in hex.
    pub(crate) hash: String,
}

/// A stored file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StoredFile {
    /// BLAKE3 of its content in hex, before it was deflated.
    pub(crate) hash: String,
    /// Whether it lies deflated.
    pub(crate) deflated: bool,
    /// Bytes on disk.
    pub(crate) bytes: u64,
}

impl Manifest {
    /// The manifest of the backup in a folder of this name.
    pub(super) fn read(backup: &Path) -> Result<Self> {
        let path = backup.join(FILE);
        let mut bytes = Vec::new();
        let read = std::fs::File::open(&path).and_then(|file| file.take(MOST).read_to_end(&mut bytes));
        read.map_err(|e| match e.kind() {
            std::io::ErrorKind::NotFound => broken("it has no manifest"),
            _ => io_error(&path, &e),
        })?;
        let name = backup.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        Self::parse(&bytes, &name)
    }

    /// Reads a manifest that must be of the backup `name`.
    pub(super) fn parse(bytes: &[u8], name: &str) -> Result<Self> {
        // Its form first: a later one may hold what this build cannot read.
        #[derive(Deserialize)]
        struct Form {
            format: u32,
        }
        let form: Form = serde_json::from_slice(bytes).map_err(|_| broken("its manifest cannot be read"))?;
        if form.format != FORMAT {
            return Err(Error::new(
                Code::NewerDatabase,
                format!("The backup is of a form that this Roadworthy does not know ({}).", form.format),
            )
            .hint("Install the newest version of Roadworthy."));
        }
        let manifest: Self = serde_json::from_slice(bytes).map_err(|_| broken("its manifest cannot be read"))?;
        if manifest.name != name {
            return Err(broken("its manifest is that of another one"));
        }
        let hashes = manifest.files.iter().map(|f| &f.hash).chain([&manifest.database.hash]);
        if hashes.into_iter().any(|h| h.len() != 64 || crate::keys::hex::read(h).is_none()) {
            return Err(broken("its manifest names a file that cannot be"));
        }
        Ok(manifest)
    }

    /// The file's bytes.
    pub(super) fn bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec_pretty(self)
            .map_err(|e| Error::new(Code::Internal, format!("A backup's manifest cannot be written ({e}).")))
    }
}

/// A backup that cannot be used.
pub(super) fn broken(why: &str) -> Error {
    Error::new(Code::DatabaseUnusable, format!("The backup cannot be used: {why}.")).hint("Choose another backup.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_manifest_reads_back_and_what_is_none_is_refused() {
        let hash = "ab".repeat(32);
        let manifest = Manifest {
            format: FORMAT,
            name: "n".into(),
            at: 1,
            why: BackupReason::BeforeRestore,
            program: "0".into(),
            installation: "i".into(),
            schema: 3,
            device: "d".into(),
            events: 2,
            chains: vec![ChainEnd { device: "d".into(), seq: 2, hash: hash.clone() }],
            database: FileNote { bytes: 9, hash: hash.clone() },
            files: vec![StoredFile { hash, deflated: true, bytes: 3 }],
            missing: vec![],
        };
        let bytes = manifest.bytes().unwrap();
        assert_eq!(Manifest::parse(&bytes, "n").unwrap(), manifest);
        let check = |bytes: &[u8], name: &str, code: Code| {
            let error = Manifest::parse(bytes, name).unwrap_err();
            assert_eq!(error.code, code, "{error}");
            assert!(!error.hint.is_empty());
        };
        check(&bytes, "another", Code::DatabaseUnusable);
        check(b"", "n", Code::DatabaseUnusable);
        check(b"{}", "n", Code::DatabaseUnusable);
        check(br#"{"format":2,"all":"else"}"#, "n", Code::NewerDatabase);
        let text = String::from_utf8(bytes).unwrap();
        check(text.replace("abab", "../x").as_bytes(), "n", Code::DatabaseUnusable);
        // Every cut of it, and a changed byte anywhere, is told or reads as what it then says; nothing panics.
        for at in 0..text.len() {
            assert!(Manifest::parse(&text.as_bytes()[..at], "n").is_err());
            let mut bytes = text.clone().into_bytes();
            bytes[at] ^= 0x15;
            let _ = Manifest::parse(&bytes, "n");
        }
    }
}
