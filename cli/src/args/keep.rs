//! What can be typed about one vehicle: notes, photos, measurements, identity, and two visits side by side.

use clap::{Args, Subcommand, ValueEnum};
use roadworthy_api::note::Wheel;
use std::path::PathBuf;

#[derive(Debug, Subcommand)]
pub(crate) enum Note {
    /// Write a note; without a text it is read from standard input.
    Add {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
        /// The text.
        text: Option<String>,
        /// The visit it is about.
        #[arg(long, value_name = "VISIT")]
        visit: Option<String>,
    },
    /// List a vehicle's notes, newest first, with the start of each.
    List {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
    },
    /// Print a whole note.
    Show {
        /// Id, as `note list` prints it.
        note: String,
    },
    /// Remove a note.
    Remove {
        /// Id, as `note list` prints it.
        note: String,
        /// Bring it back instead.
        #[arg(long)]
        undo: bool,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Photo {
    /// Add a photo: JPEG, PNG or WebP, at most 64 MiB.
    Add {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
        /// The file.
        file: PathBuf,
        /// What it shows.
        #[arg(long, default_value = "")]
        caption: String,
        /// The visit it is about.
        #[arg(long, value_name = "VISIT")]
        visit: Option<String>,
    },
    /// List a vehicle's photos, newest first.
    List {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
    },
    /// Remove a photo.
    Remove {
        /// Id, as `photo list` prints it.
        photo: String,
        /// Bring it back instead.
        #[arg(long)]
        undo: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Measure {
    /// Id, VIN or plate.
    #[arg(value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: String,
    /// What was measured.
    #[command(subcommand)]
    pub(crate) what: What,
    /// Day it was measured or filled, as in 2026-11-20; now where it is not given.
    #[arg(long, global = true, value_name = "DAY")]
    pub(crate) at: Option<String>,
    /// File it although it contradicts the readings around it.
    #[arg(long, global = true)]
    pub(crate) sure: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum What {
    /// Odometer in km.
    Odometer {
        /// Kilometres.
        km: f64,
    },
    /// Lining left on the thinner pad of a brake.
    BrakePad {
        /// Whose brake.
        wheel: Place,
        /// Millimetres.
        mm: f64,
    },
    /// Least tread depth of a tyre.
    Tread {
        /// Which tyre.
        wheel: Place,
        /// Millimetres.
        mm: f64,
    },
    /// A battery tester's word; at least one figure.
    Battery {
        /// Voltage at rest.
        #[arg(long)]
        volts: Option<f64>,
        /// Cold cranking current in A.
        #[arg(long)]
        amps: Option<f64>,
        /// State of health in %.
        #[arg(long)]
        health: Option<f64>,
    },
    /// Engine oil as filled.
    Oil {
        /// As in 5W-30.
        grade: String,
        /// As in "ACEA C3".
        #[arg(long, default_value = "")]
        specification: String,
    },
    /// Remove a measurement by its id, as `vehicle` prints it.
    Remove {
        /// Its id.
        measurement: String,
        /// Bring it back instead.
        #[arg(long)]
        undo: bool,
    },
}

/// A wheel, left and right as the driver sits.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Place {
    FrontLeft,
    FrontRight,
    RearLeft,
    RearRight,
    Spare,
}

impl From<Place> for Wheel {
    fn from(place: Place) -> Self {
        match place {
            Place::FrontLeft => Wheel::FrontLeft,
            Place::FrontRight => Wheel::FrontRight,
            Place::RearLeft => Wheel::RearLeft,
            Place::RearRight => Wheel::RearRight,
            Place::Spare => Wheel::Spare,
        }
    }
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Compare {
    /// Two visits of one vehicle, in either order.
    #[arg(num_args = 2, value_name = "VISIT", conflicts_with = "last")]
    pub(crate) visits: Vec<String>,
    /// The last two visits of this vehicle.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) last: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Traffic {
    /// Id of the visit, as `check` and `vehicle` print it.
    pub(crate) visit: String,
    /// File to write; - for standard output.
    #[arg(long, short, value_name = "FILE", default_value = "-")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// As a log of candump, where the vehicle was read over CAN.
    #[arg(long)]
    pub(crate) candump: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Redecode {
    /// Id of the visit, as `check` and `vehicle` print it.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    pub(crate) visit: Option<String>,
    /// Every visit whose traffic is stored here; says which of them read otherwise today.
    #[arg(long)]
    pub(crate) all: bool,
    /// Show the visit as it is read today from now on, where that differs; the reading of then stays.
    #[arg(long)]
    pub(crate) keep: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Bundle {
    /// Id of the visit, as `check` and `vehicle` print it.
    #[arg(required_unless_present = "verify", conflicts_with = "verify", requires = "out")]
    pub(crate) visit: Option<String>,
    /// File to write; - for standard output.
    #[arg(long, short, visible_alias = "output", value_name = "FILE", conflicts_with = "verify")]
    pub(crate) out: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "out")]
    pub(crate) force: bool,
    /// Leave the VIN and serial numbers in it.
    #[arg(long, visible_alias = "with-vin", conflicts_with = "verify")]
    pub(crate) full: bool,
    /// Check a bundle: its hashes, and its traffic read anew. Needs no database.
    #[arg(long, value_name = "FILE")]
    pub(crate) verify: Option<PathBuf>,
}
