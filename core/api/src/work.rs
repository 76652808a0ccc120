//! What goes on behind the pages: workers, the outbox, how fresh everything is.

use crate::{
    Timestamp,
    id::{AlertId, EventId, MessageId},
    valid::Valid,
};
use serde::{Deserialize, Serialize};

/// Workers as seen from this process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerReport {
    /// Whether this process runs them.
    pub here: bool,
    /// The process that does, by its number; `None`: nobody does.
    pub process: Option<u32>,
    /// Every worker.
    pub workers: Vec<WorkerRow>,
}

/// What a worker does just now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum WorkerState {
    /// Nothing waits for it.
    Idle,
    /// At work.
    Busy {
        /// Since when.
        since: Timestamp,
    },
    /// A person has paused it.
    Paused,
    /// The event it is at failed; it tries again.
    Retrying {
        /// Times tried.
        attempts: u32,
        /// When it tries again.
        next: Timestamp,
        /// Why it failed.
        cause: String,
    },
    /// It has been at one event for too long.
    Stalled {
        /// Since when.
        since: Timestamp,
        /// What it is at, in words.
        at: String,
    },
    /// No process runs workers.
    Off,
}

/// A worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerRow {
    /// Name, as in `diagnosis`.
    pub name: String,
    /// What it does, in a sentence.
    pub does: String,
    /// What it does just now.
    pub state: WorkerState,
    /// Events that wait for it.
    pub lag: u64,
    /// Age of the oldest of them in ms; 0 where none waits.
    pub lag_ms: u64,
    /// Events it has handled, ever.
    pub handled: u64,
    /// Events it gave up on that a person has not seen to.
    pub dead: u32,
    /// Its last failure, with when; also one that is over.
    pub last_failure: Option<(Timestamp, String)>,
}

/// An event that a worker gave up on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeadEvent {
    /// Which worker.
    pub worker: String,
    /// Local arrival number of the event; 0 where it was no event but new telemetry.
    pub arrival: u64,
    /// The event, if it was one.
    pub event: Option<EventId>,
    /// The event in words.
    pub summary: String,
    /// Times tried.
    pub attempts: u32,
    /// When it was given up.
    pub at: Timestamp,
    /// Why.
    pub cause: String,
}

/// Where a message stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum MessageState {
    /// Waits for its turn, or to be tried again.
    Waiting {
        /// Not before.
        next: Timestamp,
    },
    /// On its way just now.
    Sending,
    /// The other side took it.
    Sent {
        /// When.
        at: Timestamp,
    },
    /// Given up: a person must see to it.
    Dead {
        /// When.
        at: Timestamp,
    },
    /// A person dropped it.
    Dropped {
        /// When.
        at: Timestamp,
    },
}

/// Which messages a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum MessageView {
    /// All, newest first.
    #[default]
    All,
    /// Those that wait.
    Waiting,
    /// Dead letters.
    Dead,
    /// Those that were sent.
    Sent,
}

impl Valid for MessageView {}

/// A message of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRow {
    /// Id.
    pub id: MessageId,
    /// What keeps it from being sent twice.
    pub key: String,
    /// Channel, as in `desktop`, `mail`.
    pub channel: String,
    /// What it says, in a few words.
    pub subject: String,
    /// The alert it is about, if it is.
    pub alert: Option<AlertId>,
    /// The event that caused it.
    pub event: EventId,
    /// When it was put in.
    pub created: Timestamp,
    /// Where it stands.
    pub state: MessageState,
    /// Times tried.
    pub attempts: u32,
    /// Why it failed last; empty: it has not.
    pub last_error: String,
}

/// A message with what was tried.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageDetail {
    /// As in the list.
    pub row: MessageRow,
    /// What it says; who and which vehicle is written in only when it is sent.
    pub text: String,
    /// The newest attempts, oldest first.
    pub attempts: Vec<MessageAttempt>,
}

/// One attempt to send a message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageAttempt {
    /// Which, from 1.
    pub attempt: u32,
    /// When it began.
    pub at: Timestamp,
    /// Why it failed; empty: the other side took it; `None`: it still runs, or the program ended while it ran.
    pub error: Option<String>,
}

/// A channel of the outbox.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChannelRow {
    /// Name, as in `desktop`, `mail`.
    pub name: String,
    /// Whether the settings have it on.
    pub on: bool,
    /// Whether a password is kept for it.
    pub password: bool,
    /// What is missing before it can work, as far as that is known without trying it out.
    pub missing: Option<crate::Error>,
}

/// How everything is, for the one place that always tells it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// Open alerts, and those among them that say act now.
    pub alerts: (u32, u32),
    /// Decisions that wait for a person.
    pub decisions: u32,
    /// Messages that wait.
    pub waiting: u32,
    /// Dead letters of the outbox.
    pub dead_letters: u32,
    /// Workers in trouble (retrying, stalled, with events given up), by name.
    pub workers_in_trouble: Vec<String>,
    /// Whether some process runs the workers.
    pub workers_run: bool,
    /// Recordings that run in this process.
    pub recording: u32,
    /// Why a recording cannot be stored just now, as when the disk is full.
    pub recording_problem: Option<crate::Error>,
    /// When the newest backup was made.
    pub last_backup: Option<Timestamp>,
    /// Why the last backup failed, if it did.
    pub backup_problem: Option<crate::Error>,
    /// What was found wrong with the database at start, if it was.
    pub damage: Option<crate::Error>,
}

/// A story from the raw reading to the sent message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// What all its steps have in common.
    pub correlation: EventId,
    /// Its steps, oldest first.
    pub steps: Vec<StoryStep>,
}

/// One step of a story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryStep {
    /// The event; `None` for what is no event (telemetry in the tail, an attempt of the outbox).
    pub event: Option<EventId>,
    /// When.
    pub at: Timestamp,
    /// Dotted name of the event, else `telemetry.tail`, `telemetry.block`, `outbox.message`, `outbox.attempt`.
    pub kind: String,
    /// Who.
    pub actor: String,
    /// In words.
    pub summary: String,
    /// Place in `steps` of the step that led to it.
    pub because: Option<u32>,
}
