//! What can be typed about simulated adapters and vehicles.

use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  roadworthy sim
  roadworthy sim 'misfire?speed=10' --tcp 127.0.0.1:35000
  roadworthy sim --vehicle-file my-van.toml --options key=on --pty

docs/simulator.md lists the vehicles and options, and describes the file.";

const ADAPTERS: &str = "\
Examples:
  roadworthy sim adapters
  roadworthy sim adapters --check
  roadworthy sim adapters late-answers crlf --check --json
  roadworthy sim adapters --profiles my-adapters --check

docs/adapters.md describes the file of a profile.";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sim {
    #[command(subcommand)]
    pub(crate) command: Option<SimCommand>,
    /// Listen for TCP connections here; this is the default, at a free port of 127.0.0.1.
    #[arg(long, value_name = "ADDR", conflicts_with = "pty")]
    pub(crate) tcp: Option<String>,
    /// Make a pseudo-terminal instead.
    #[arg(long)]
    pub(crate) pty: bool,
    /// The vehicle, with options as in `misfire?key=on&speed=10` (see `roadworthy --help`).
    #[arg(default_value = "petrol", value_name = "NAME[?OPTIONS]", conflicts_with_all = ["vehicle", "vehicle_file"])]
    pub(crate) name: String,
    /// The same.
    #[arg(long, value_name = "NAME[?OPTIONS]", hide = true, conflicts_with = "vehicle_file")]
    pub(crate) vehicle: Option<String>,
    /// A vehicle of your own; docs/simulator.md describes the file.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) vehicle_file: Option<PathBuf>,
    /// Options for --vehicle-file, as in `key=on&speed=10`.
    #[arg(long, value_name = "OPTIONS", requires = "vehicle_file")]
    pub(crate) options: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimCommand {
    /// Adapters that misbehave: list them, or play a whole check on each.
    #[command(after_help = ADAPTERS)]
    Adapters(SimAdapters),
}

#[derive(Debug, Args)]
pub(crate) struct SimAdapters {
    /// Only these.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The .toml files of this folder in place of those that ship.
    #[arg(long, value_name = "DIR")]
    pub(crate) profiles: Option<PathBuf>,
    /// Play a check on each; exit code 1 when one is not as its profile says, or gives a wrong value.
    #[arg(long)]
    pub(crate) check: bool,
}
