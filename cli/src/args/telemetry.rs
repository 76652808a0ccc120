//! What can be typed about telemetry.

use clap::{Args, Subcommand};
use std::path::PathBuf;

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Telemetry {
    /// Whose signals.
    #[arg(value_name = "ID|VIN|PLATE", required = true)]
    pub(crate) vehicle: Option<String>,
    /// Values of this signal, by its id or its end, as in engine_rpm.
    #[arg(long)]
    pub(crate) signal: Option<String>,
    /// From when, as in 2026-11-20 or 2026-11-20T14:05; without it, from the first value.
    #[arg(long, requires = "signal", value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until when; without it, to the last value.
    #[arg(long, requires = "signal", value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// Write every value as CSV; - for standard output.
    #[arg(long, requires = "signal", value_name = "FILE.csv")]
    pub(crate) csv: Option<PathBuf>,
    /// Replace a file that is there.
    #[arg(long, requires = "csv")]
    pub(crate) force: bool,
    #[command(subcommand)]
    pub(crate) command: Option<TelemetryCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TelemetryCommand {
    /// Keep a range of a vehicle's values, however old they grow.
    Pin {
        /// Whose values.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
        /// From when, as in 2026-11-20 or 2026-11-20T14:05.
        #[arg(long, value_name = "TIME")]
        from: String,
        /// Until when.
        #[arg(long, value_name = "TIME")]
        to: String,
        /// Why, as in "warranty claim"; no names.
        #[arg(long)]
        reason: String,
    },
    /// Take a pin away.
    Unpin {
        /// Id, as `telemetry pins` prints it.
        pin: String,
    },
    /// List pins.
    Pins,
}

#[derive(Debug, Args)]
pub(crate) struct Storage {
    /// Drop single values that are older than the settings allow, now.
    #[arg(long)]
    pub(crate) apply_retention: bool,
}
