//! What can be typed about imports.

use super::service::{Distance, Fuel, Kind};
use clap::{Args, Subcommand, ValueEnum};
use std::path::PathBuf;

pub(super) const EXAMPLES: &str = "\
Examples:
  roadworthy import trip.csv --preview
  roadworthy import trip.csv --vehicle \"AB 123\" --zone Europe/Berlin --date-order dmy
  roadworthy import trip.csv --save-mapping torque.json
  roadworthy import trip2.csv.gz --vehicle \"AB 123\" --mapping torque.json --yes
  roadworthy import drive.log --dbc car.dbc --vehicle \"AB 123\"
  roadworthy import service.csv --vehicle \"AB 123\" --kind service --distance km --currency USD

What cannot be told from the file is asked, and never guessed: the error names the option. All of it is there at the end, or
nothing; Ctrl C stops it. `roadworthy imports undo ID` takes it back.";

#[derive(Debug, Args)]
pub(crate) struct Import {
    /// The log or service history: CSV or text as a program exported it, also packed as .gz, or a CAN log of candump.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Whose values: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE", required_unless_present_any = ["preview", "save_mapping"])]
    pub(crate) vehicle: Option<String>,
    /// Say what the file looks like and what must be answered; store nothing.
    #[arg(long)]
    pub(crate) preview: bool,
    /// Read it by this mapping, as --save-mapping wrote it.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) mapping: Option<PathBuf>,
    /// Write how the file is read as JSON, to be edited or used again; store nothing.
    #[arg(long, value_name = "FILE.json")]
    pub(crate) save_mapping: Option<PathBuf>,
    /// What names the signals of a CAN log.
    #[arg(long, value_name = "FILE.dbc")]
    pub(crate) dbc: Option<PathBuf>,
    /// Time zone of its times: Europe/Berlin, UTC, +02:00.
    #[arg(long, value_name = "ZONE", allow_hyphen_values = true)]
    pub(crate) zone: Option<String>,
    /// Order of dates in figures.
    #[arg(long, value_name = "ORDER")]
    pub(crate) date_order: Option<Order>,
    /// The day on which times of day begin, as in 2017-07-05.
    #[arg(long, value_name = "DAY")]
    pub(crate) date: Option<String>,
    /// The moment from which elapsed times count, as in 2017-07-05T07:16:30.
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,
    /// What a clock that begins again means: later drives, or rows to leave out.
    #[arg(long, value_name = "HOW")]
    pub(crate) restarts: Option<Again>,
    /// Decimal sign.
    #[arg(long, value_name = "SIGN")]
    pub(crate) decimal: Option<Sign>,
    /// What stands between cells.
    #[arg(long, value_name = "SIGN")]
    pub(crate) separator: Option<Between>,
    /// Whether a cell that is as the one above it is filled forward and no reading.
    #[arg(long, value_name = "YES|NO", value_parser = clap::builder::BoolishValueParser::new())]
    pub(crate) filled_forward: Option<bool>,
    /// Take places (latitude, longitude) too. They are personal.
    #[arg(long)]
    pub(crate) location: bool,
    /// Of a service history: unit of odometer readings that name none.
    #[arg(long, value_name = "UNIT")]
    pub(crate) distance: Option<Distance>,
    /// Of a service history: unit of fuel.
    #[arg(long, value_name = "UNIT")]
    pub(crate) fuel_unit: Option<Fuel>,
    /// Of a service history: currency of amounts that name none or only a sign, as in EUR; `unknown` leaves them as they are.
    #[arg(long, value_name = "CODE")]
    pub(crate) currency: Option<String>,
    /// Of a service history: what its records are about, where the file does not say it.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Option<Kind>,
    /// Of a service history with several vehicles: how the file calls this one.
    #[arg(long, value_name = "NAME")]
    pub(crate) only: Option<String>,
    /// Of a service history: judge the odometer reading of a line, as in 12=accept, 12=leave-out, 12=km, 12=mi. May come again.
    #[arg(long, value_name = "LINE=VERDICT")]
    pub(crate) odometer: Vec<String>,
    /// Import it although this very file was imported already.
    #[arg(long)]
    pub(crate) again: bool,
    /// Import it without asking back. Questions that are open stay questions.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Order {
    Dmy,
    Mdy,
    Ymd,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Again {
    Follow,
    Leave,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Sign {
    Point,
    Comma,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Between {
    Comma,
    Semicolon,
    Tab,
    Bar,
}

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Imports {
    /// Only those of one vehicle: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<ImportsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ImportsCommand {
    /// Show one with its mapping and the account of every row.
    Show {
        /// Id, as `imports` prints it.
        import: String,
    },
    /// Take all of it back.
    Undo {
        /// Id, as `imports` prints it.
        import: String,
    },
}
