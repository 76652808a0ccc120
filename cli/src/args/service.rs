//! What can be typed about the service history.

use clap::{Args, Subcommand, ValueEnum};
use roadworthy_api::service::{MeterUnit, ServiceKind};
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Service {
    /// List a vehicle's service records, newest first.
    List {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
    },
    /// Write down what was done.
    Add {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
        /// What was done.
        description: Option<String>,
        #[command(flatten)]
        said: Said,
    },
    /// Mend a record; what is not named stays. What it said before stays in the journal.
    Correct {
        /// Id, as `service list` prints it.
        record: String,
        /// What was done.
        description: Option<String>,
        #[command(flatten)]
        said: Said,
    },
    /// Remove a record.
    Remove {
        /// Id, as `service list` prints it.
        record: String,
        /// Bring it back instead.
        #[arg(long)]
        undo: bool,
    },
    /// Say whether the odometer reading of a record counts.
    Judge {
        /// Id, as `service list` prints it.
        record: String,
        /// `accept` it, `leave-out` it, say that its unit was `km`, `mi` or `h`, or take back what was said: `undo`.
        verdict: Verdict,
    },
    /// Write a vehicle's service records as CSV, which `roadworthy import` takes in again.
    Export {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
        /// The file; on standard output without one.
        file: Option<PathBuf>,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Said {
    /// The day it was done, as in 2024-03-05; today where none is named.
    #[arg(long, value_name = "DAY")]
    pub(crate) day: Option<String>,
    /// Time of day, as in 14:30.
    #[arg(long, value_name = "TIME")]
    pub(crate) time: Option<String>,
    /// What it is about.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// Odometer with its unit, as in 45100km or 28000mi.
    #[arg(long, value_name = "READING")]
    pub(crate) odometer: Option<String>,
    /// Cost, as in 89.50 or 89.50EUR.
    #[arg(long, value_name = "AMOUNT")]
    pub(crate) cost: Option<String>,
    /// Who did it.
    #[arg(long, value_name = "NAME")]
    pub(crate) vendor: Option<String>,
    /// Notes.
    #[arg(long, value_name = "TEXT")]
    pub(crate) notes: Option<String>,
    /// A component or task; may be named several times.
    #[arg(long = "task", value_name = "TEXT")]
    pub(crate) tasks: Vec<String>,
    /// The odometer reading is right although it contradicts others.
    #[arg(long)]
    pub(crate) sure: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Kind {
    Service,
    Repair,
    Upgrade,
    Inspection,
    Tyre,
    Fuel,
    Odometer,
    Tax,
    Plan,
    Other,
}

impl From<Kind> for ServiceKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Service => Self::Service,
            Kind::Repair => Self::Repair,
            Kind::Upgrade => Self::Upgrade,
            Kind::Inspection => Self::Inspection,
            Kind::Tyre => Self::Tyre,
            Kind::Fuel => Self::Fuel,
            Kind::Odometer => Self::Odometer,
            Kind::Tax => Self::Tax,
            Kind::Plan => Self::Plan,
            Kind::Other => Self::Other,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Distance {
    Km,
    Mi,
    H,
}

impl From<Distance> for MeterUnit {
    fn from(unit: Distance) -> Self {
        match unit {
            Distance::Km => Self::Km,
            Distance::Mi => Self::Mi,
            Distance::H => Self::H,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Fuel {
    L,
    UsGal,
    UkGal,
    Kwh,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Verdict {
    Accept,
    LeaveOut,
    Km,
    Mi,
    H,
    Undo,
}
