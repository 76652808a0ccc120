//! What can be typed about backups.

use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const BACKUP: &str = "\
Examples:
  roadworthy backup
  roadworthy backup --to /media/usb/backups
  roadworthy backup list
  roadworthy backup verify 2026-11-20T18-00-00Z

Backups are made by themselves too, while a program of Roadworthy is open; the settings say how often, where, and which
are kept.";

pub(super) const RESTORE: &str = "\
Examples:
  roadworthy restore 2026-11-20T18-00-00Z --yes
  roadworthy restore /media/usb/backups/2026-11-20T18-00-00Z --yes

The backup is verified first. Where the database cannot be opened, it is put aside and the backup takes its place.";

#[derive(Debug, Args)]
pub(crate) struct Backup {
    #[command(subcommand)]
    pub(crate) what: Option<What>,
    /// Folder to put it into, instead of that of the settings.
    #[arg(long, value_name = "DIR")]
    pub(crate) to: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// List backups, newest first.
    List,
    /// Check a backup from its first byte to its last.
    Verify {
        /// Name, as `backup list` prints it, or the path of its folder.
        #[arg(value_name = "NAME|PATH")]
        backup: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// Name, as `backup list` prints it, or the path of its folder.
    #[arg(value_name = "NAME|PATH")]
    pub(crate) backup: String,
    /// Do it.
    #[arg(long)]
    pub(crate) yes: bool,
}
