//! What can be typed about a check: of a vehicle, of a recording, and before and after clearing codes.

use clap::Args;
use std::path::PathBuf;

pub(super) const CHECK: &str = "\
Examples:
  roadworthy check --port sim:petrol
  roadworthy check --port /dev/ttyUSB0 --json
  roadworthy check --port tcp://192.168.0.10:35000 --vehicle \"AB 123\"

Ctrl C stops a check; what was read by then is stored and printed.";

pub(super) const CLEAR: &str = "\
Examples:
  roadworthy clear /dev/ttyUSB0 --vehicle \"AB 123\" --reason \"ignition coil 1 replaced\"
  roadworthy clear 'sim:misfire?key=on' --vehicle 1RWPC14A6S1000427 --reason \"trying it out\" --yes-clear

The vehicle is checked first, and the check is stored. Nothing is cleared when the engine runs, the voltage is low, or
another vehicle answers. Freeze frames and readiness are lost; permanent codes stay. Ctrl C stops it until the codes are
cleared.";

pub(super) const REPLAY: &str = "\
Examples:
  roadworthy replay visit.txt
  roadworthy replay visit.txt --decode
  roadworthy replay visit.txt --keep --vehicle \"AB 123\"

No adapter is used, and nothing is stored without --keep.";

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Where the adapter is (see `roadworthy --help`).
    #[arg(long, short)]
    pub(crate) port: String,
    /// Whose check it is when the vehicle gives no VIN: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    /// Speed of a serial port in bit/s; tried out where it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Clear {
    /// Where the adapter is (see `roadworthy --help`).
    pub(crate) port: String,
    /// The vehicle on that port: id, VIN or plate. Nothing is cleared on another.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: String,
    /// Why, in a few words; kept as a note.
    #[arg(long)]
    pub(crate) reason: String,
    /// Confirm without being asked.
    #[arg(long)]
    pub(crate) yes_clear: bool,
    /// Speed of a serial port in bit/s; tried out where it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The recording.
    pub(crate) file: PathBuf,
    /// Store the check as a visit, as `check` does.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Whose check it is when the vehicle gave no VIN: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE", requires = "keep")]
    pub(crate) vehicle: Option<String>,
    /// List every request with each ECU's reply decoded instead; with --json one object per line.
    #[arg(long, conflicts_with = "keep")]
    pub(crate) decode: bool,
}
