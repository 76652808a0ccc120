//! What can be typed about workers, timelines and stories.

use clap::{Args, Subcommand, ValueEnum};
use roadworthy_api::journal::EventGroup;

pub(super) const TIMELINE: &str = "\
Examples:
  roadworthy timeline
  roadworthy timeline --vehicle \"AB 123\" --group alerts --group messages
  roadworthy timeline --from 2026-11-01 --to 2026-12-01 -n 500
  roadworthy timeline --before 1234";

pub(super) const TRACE: &str = "\
Examples:
  roadworthy trace 01a1fed0-f68a-7c20-bd3f-78c51cc021e2
  roadworthy trace code/P0301/7E8

`check`, `alerts`, `decisions`, `recordings`, `outbox` and `timeline` print ids or give them with --json.";

pub(super) const WORKERS: &str = "\
Examples:
  roadworthy workers
  roadworthy workers pause notification
  roadworthy workers dead
  roadworthy workers dead retry diagnosis 1234";

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Workers {
    #[command(subcommand)]
    pub(crate) command: Option<WorkersCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WorkersCommand {
    /// Let a worker's events wait. Recorded values wait only until they are sealed into blocks.
    Pause {
        /// Its name, as `workers` prints it.
        worker: String,
    },
    /// Let it go on.
    Resume {
        /// Its name, as `workers` prints it.
        worker: String,
    },
    /// List events that workers gave up on, newest first, or see to one.
    #[command(args_conflicts_with_subcommands = true)]
    Dead(Dead),
}

#[derive(Debug, Args)]
pub(crate) struct Dead {
    #[command(subcommand)]
    pub(crate) command: Option<DeadCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum DeadCommand {
    /// List them, as without a word.
    List,
    /// Have the worker handle one again, once its cause is gone.
    Retry(DeadEvent),
    /// Drop one for good. The event itself stays in the journal.
    Drop(DeadEvent),
}

#[derive(Debug, Args)]
pub(crate) struct DeadEvent {
    /// The worker's name, as `workers dead` prints it.
    pub(crate) worker: String,
    /// Number of the event, as `workers dead` prints it; 0 means all telemetry that it gave up on.
    #[arg(value_name = "NUMBER")]
    pub(crate) arrival: u64,
}

#[derive(Debug, Args)]
pub(crate) struct Timeline {
    /// Only what is about this vehicle.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    /// Only events of this group; may be given several times.
    #[arg(long, value_enum, value_name = "GROUP")]
    pub(crate) group: Vec<Group>,
    /// From when, as in 2026-11-20 or 2026-11-20T14:05.
    #[arg(long, value_name = "TIME")]
    pub(crate) from: Option<String>,
    /// Until when; that moment is not a part of it.
    #[arg(long, value_name = "TIME")]
    pub(crate) to: Option<String>,
    /// How many.
    #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) lines: u32,
    /// Only what arrived before the event of this number: the last line of the page before.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) before: Option<u64>,
}

/// The contract's groups, as typed.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Group {
    /// Checks, recordings and telemetry.
    Readings,
    /// Findings, decisions, alerts, approvals.
    Alerts,
    /// Notes, photos, measurements, reports.
    Papers,
    /// Vehicles and customers.
    Records,
    /// Messages that were sent.
    Messages,
    /// Backups, rebuilds, retention, risks, accesses.
    System,
}

impl From<Group> for EventGroup {
    fn from(group: Group) -> Self {
        match group {
            Group::Readings => Self::Readings,
            Group::Alerts => Self::Alerts,
            Group::Papers => Self::Papers,
            Group::Records => Self::Records,
            Group::Messages => Self::Messages,
            Group::System => Self::System,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct Trace {
    /// Id of an event, alert, decision, visit, recording or message, or the key of a finding.
    pub(crate) id: String,
}
