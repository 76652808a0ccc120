//! What can be typed about live values and their recordings.

use clap::{Args, Subcommand};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  roadworthy live --port sim:petrol
  roadworthy live --port /dev/ttyUSB0 --preset Temperatures --record
  roadworthy live --port sim:petrol --signal engine_rpm --signal vehicle_speed --seconds 60 --csv drive.csv
  roadworthy live --port sim:petrol --list

Ctrl C ends it, and keeps what was recorded. With --json each line is an object: a frame with new samples has the key
frame, a change of the session the key state, and the recording that was kept comes last under recording.";

#[derive(Debug, Args)]
pub(crate) struct Live {
    /// Where the adapter is (see `roadworthy --help`).
    #[arg(long, short)]
    pub(crate) port: String,
    /// Set of signals, as in Engine; --list shows them.
    #[arg(long, value_name = "NAME", conflicts_with = "signal")]
    pub(crate) preset: Option<String>,
    /// Signal by name or id; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Vec<String>,
    /// End after so many seconds of reading.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: Option<u32>,
    /// Record what is read.
    #[arg(long)]
    pub(crate) record: bool,
    /// Record, and write it as CSV with one row per sample; - for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "csv")]
    pub(crate) force: bool,
    /// Show what passes between this machine and the adapter, line by line, in place of values.
    #[arg(long, conflicts_with = "list")]
    pub(crate) raw: bool,
    /// Only list the signals that the vehicle has, and the presets.
    #[arg(long, conflicts_with_all = ["seconds", "record", "csv", "signal", "preset"])]
    pub(crate) list: bool,
    /// Whose values they are when the vehicle gives no VIN: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    /// Speed of a serial port in bit/s; tried out where it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Recordings {
    /// Only those of this vehicle.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<RecordingsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordingsCommand {
    /// Write a recording as CSV.
    Export(RecordingExport),
}

#[derive(Debug, Args)]
pub(crate) struct RecordingExport {
    /// Id, as `recordings` prints it.
    pub(crate) recording: String,
    /// One row per sample, or one column per signal.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) layout: Layout,
    /// File to write; - for standard output.
    #[arg(long, short, value_name = "FILE.csv")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// The contract's layouts, as typed.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(crate) enum Layout {
    /// One row per sample.
    #[default]
    Long,
    /// One row per moment, one column per signal.
    Wide,
}

impl From<Layout> for roadworthy_api::live::CsvLayout {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::Long => Self::Long,
            Layout::Wide => Self::Wide,
        }
    }
}
