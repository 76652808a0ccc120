//! Copies of everything.

use crate::{Timestamp, error::Error};
use serde::{Deserialize, Serialize};

/// A backup.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRow {
    /// Its name, as in `2026-11-20T18-00-00Z`; unique within its folder.
    pub name: String,
    /// When it was made.
    pub at: Timestamp,
    /// Why it was made.
    pub why: BackupReason,
    /// Bytes of its database.
    pub database_bytes: u64,
    /// Files it refers to, and their bytes.
    pub files: (u64, u64),
    /// Events in it.
    pub events: u64,
    /// Device that made it.
    pub device: String,
    /// Folder it lies in.
    pub folder: String,
    /// Why it cannot be used, if that shows without reading it whole.
    pub problem: Option<Error>,
}

/// Why a backup was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum BackupReason {
    /// A person asked for it.
    Asked,
    /// It was due.
    Scheduled,
    /// Before another one was restored, so that that can be undone.
    BeforeRestore,
    /// Before tables were migrated.
    BeforeMigration,
}

/// What a verification of a backup found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupReport {
    /// Which.
    pub name: String,
    /// Events whose chain was checked.
    pub events: u64,
    /// Blocks whose hash was checked.
    pub blocks: u64,
    /// Files whose hash was checked.
    pub files: u64,
    /// What is wrong, one fault each; empty: it is whole.
    pub faults: Vec<String>,
}

/// What a restore did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restored {
    /// From which backup.
    pub from: String,
    /// Events there are now.
    pub events: u64,
    /// Events that were there before and are not now; they are in `undo`.
    pub lost: u64,
    /// People who had been forgotten since the backup and were forgotten again.
    pub forgotten: u32,
    /// The backup of what was before: restore it to undo this.
    pub undo: String,
}
