//! What can be typed about backups.

use clap::{Args, Subcommand};
use std::path::PathBuf;

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
