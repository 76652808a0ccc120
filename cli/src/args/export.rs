//! What can be typed about exports.

use super::live::Layout;
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  roadworthy export vehicle --vehicle \"AB 123\" --out car.zip
  roadworthy export telemetry --vehicle \"AB 123\" --signal engine_rpm --from 2026-11-01 --out november.csv
  roadworthy export telemetry --vehicle \"AB 123\" --wide --out values.parquet
  roadworthy export fleet --out fleet-tables
  roadworthy export customer --customer ID --out answer.zip

Each export is written into the journal. The file is there once all of it is, and only this user may read it; Ctrl C leaves
nothing. `roadworthy import values.csv --vehicle V` reads a table of values back, if it is not --wide.";

#[derive(Debug, Args)]
pub(crate) struct Export {
    #[command(subcommand)]
    pub(crate) what: What,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Everything about a vehicle, as a ZIP: visits, notes, photos, alerts, every value, its timeline.
    Vehicle {
        /// Which: id, VIN or plate.
        #[arg(long, value_name = "ID|VIN|PLATE")]
        vehicle: String,
        #[command(flatten)]
        to: To,
    },
    /// A vehicle's values as one table, CSV or Parquet.
    Telemetry(Telemetry),
    /// The fleet as tables of CSV, in a folder, or in a ZIP where the name ends in .zip.
    Fleet {
        #[command(flatten)]
        to: To,
    },
    /// All that is stored of one customer, as a ZIP that they can read.
    Customer {
        /// Who: id, or the name where only one has it.
        #[arg(long, value_name = "ID|NAME")]
        customer: String,
        #[command(flatten)]
        to: To,
    },
}

#[derive(Debug, Args)]
pub(crate) struct To {
    /// Where to write. Nothing is there before all of it is.
    #[arg(long, short, value_name = "FILE")]
    pub(crate) out: PathBuf,
    /// Replace what is there.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Telemetry {
    /// Whose values: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: String,
    /// Only this signal, by its id or its end, as in engine_rpm; may be given several times.
    #[arg(long = "signal", value_name = "SIGNAL")]
    pub(crate) signals: Vec<String>,
    /// From when, as in 2026-11-20 or 2026-11-20T14:05; without it, from the first value.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until when; without it, to the last value.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// CSV or Parquet; without it, what the name of the file ends in, else CSV.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<Format>,
    /// One row per moment and one column per signal, instead of one row per value.
    #[arg(long)]
    pub(crate) wide: bool,
    #[command(flatten)]
    pub(crate) place: To,
}

impl Telemetry {
    pub(crate) fn layout(&self) -> Layout {
        if self.wide { Layout::Wide } else { Layout::Long }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    Csv,
    Parquet,
}
