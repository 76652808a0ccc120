//! What can be typed about alerts and decisions.

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct Alerts {
    /// All of them, newest first.
    #[arg(long, conflicts_with = "closed")]
    pub(crate) all: bool,
    /// Those that are over, newest first.
    #[arg(long)]
    pub(crate) closed: bool,
    /// Only those of this vehicle.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<AlertsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AlertsCommand {
    /// Show one with what is behind it.
    Show {
        /// Id, as `alerts` prints it.
        alert: String,
    },
    /// Say that somebody has seen to it.
    Acknowledge {
        /// Id, as `alerts` prints it.
        alert: String,
        /// Take that back instead.
        #[arg(long)]
        undo: bool,
    },
    /// Put it off; it is open again by itself when the time is over.
    Snooze {
        /// Id, as `alerts` prints it.
        alert: String,
        /// For how many hours; 0 wakes it.
        #[arg(long, value_name = "N", default_value_t = 24, value_parser = clap::value_parser!(u32).range(0..=8784))]
        hours: u32,
    },
    /// Close it by your word.
    Close {
        /// Id, as `alerts` prints it.
        alert: String,
        /// Why.
        #[arg(long)]
        why: String,
    },
    /// Open it again.
    Reopen {
        /// Id, as `alerts --closed` prints it.
        alert: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Decisions {
    /// Also those that need no answer or have one.
    #[arg(long)]
    pub(crate) all: bool,
    /// Only those of this vehicle.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<DecisionsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DecisionsCommand {
    /// Say yes: the work is to be booked.
    Approve(Answer),
    /// Say no.
    Refuse(Answer),
}

#[derive(Debug, Args)]
pub(crate) struct Answer {
    /// Id, as `decisions` prints it.
    pub(crate) decision: String,
    /// What you have to say with it.
    #[arg(long, default_value = "")]
    pub(crate) note: String,
}
