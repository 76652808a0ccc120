//! Work that takes longer than a moment: progress, result, cancel.

use crate::{
    Error, Timestamp,
    check::Outcome,
    clear::Cleared,
    export::ExportMade,
    id::{JobId, VehicleId, VisitId},
};
use serde::{Deserialize, Serialize};

/// A job and how far it is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What kind of work.
    #[serde(default)]
    pub kind: JobKind,
    /// What it is, as in `Check on sim:petrol`.
    pub title: String,
    /// When it began.
    pub started: Timestamp,
    /// Steps done so far.
    pub done: u32,
    /// Steps known by now; grows as ECUs answer.
    pub total: u32,
    /// What it does just now, in words.
    pub doing: String,
    /// Estimated milliseconds left, once enough is known.
    pub left_ms: Option<u32>,
    /// What was asked and came back so far, newest last.
    pub steps: Vec<Step>,
    /// Where it stands.
    pub state: JobState,
}

/// What kind of work a job is: which page shows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobKind {
    /// A check of a vehicle.
    #[default]
    Check,
    /// A backup that is being made.
    Backup,
    /// Adapters that are being looked for.
    Scan,
    /// An adapter that is being measured.
    Adapter,
    /// Codes that are being cleared, with the checks before and after.
    Clearing,
    /// A file that is being imported; its steps are KiB of the file, and what is made is named by the import's id.
    Import,
    /// Something that is being exported; what is made is [`JobState::Exported`].
    Export,
}

/// One question of a check as the page shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// In words, as in `Stored codes`.
    pub question: String,
    /// What each ECU did.
    pub answers: Vec<StepAnswer>,
}

/// What one ECU did with a question.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepAnswer {
    /// Response id.
    pub ecu: String,
    /// What came of it.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// Where a job stands.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum JobState {
    /// At work.
    Running,
    /// Ended with a stored visit (which may be partial).
    Done {
        /// The visit.
        visit: VisitId,
        /// The vehicle it belongs to.
        vehicle: VehicleId,
    },
    /// Ended with something that has a name: a backup its own, an adapter its id.
    Made {
        /// Its name.
        name: String,
    },
    /// Codes were told to clear; what came of it.
    Cleared {
        /// Who answered what, and the checks before and after.
        cleared: Cleared,
    },
    /// Exported; where it is and what is in it.
    Exported {
        /// What was made.
        made: ExportMade,
    },
    /// Ended without anything worth keeping.
    Failed {
        /// Why.
        error: Error,
    },
}
