//! What is counted of a call.

use roadworthy_api::{
    Code, Error,
    call::{Effect, Passage, SHOW_PHOTO},
};
use serde::{Deserialize, Serialize};

/// Calls that take something away or close it, whichever way they are answered.
const TAKES_AWAY: [&str; 11] = [
    "ForgetPerson",
    "RemoveNote",
    "RemovePhoto",
    "RemoveMeasurement",
    "DetachVehicle",
    "CloseAlert",
    "DropMessage",
    "DropDeadEvent",
    "UnpinTelemetry",
    "ApplyRetention",
    "RestoreBackup",
];

/// Something that is counted. The names stay: habits are stored under them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Signal {
    Reads,
    PersonalReads,
    Photos,
    Changes,
    Exports,
    TakenAway,
    Forgotten,
    Refusals,
}

impl Signal {
    /// What a call and its outcome count as.
    pub(super) fn of(passage: Passage, outcome: Result<(), &Error>) -> impl Iterator<Item = Self> {
        let kind = match passage.effect {
            // A page fetches each picture of a gallery by itself, dozens at once: counted apart from the calls of a person.
            Effect::ReadPersonal if passage.name == SHOW_PHOTO.name => Self::Photos,
            Effect::Read => Self::Reads,
            Effect::ReadPersonal => Self::PersonalReads,
            Effect::Change => Self::Changes,
            Effect::Export => Self::Exports,
        };
        let refused = matches!(outcome, Err(error) if matches!(error.code, Code::Forbidden | Code::Unauthorized));
        [
            Some(kind),
            TAKES_AWAY.contains(&passage.name).then_some(Self::TakenAway),
            (passage.name == "ForgetPerson").then_some(Self::Forgotten),
            refused.then_some(Self::Refusals),
        ]
        .into_iter()
        .flatten()
    }

    /// Times an hour that are nobody's concern, whatever the baseline; `None`: counted, never a risk. Pages read all the
    /// time, so plain reads say nothing.
    pub(super) fn floor(self) -> Option<f64> {
        match self {
            Self::Reads => None,
            Self::PersonalReads => Some(60.0),
            Self::Photos => Some(1000.0),
            Self::Changes => Some(120.0),
            Self::Exports => Some(10.0),
            Self::TakenAway => Some(20.0),
            Self::Forgotten => Some(3.0),
            Self::Refusals => Some(5.0),
        }
    }

    /// Whether it is worth keeping and judging by the clock: pages read by themselves, also at night.
    pub(super) fn matters(self) -> bool {
        !matches!(self, Self::Reads | Self::PersonalReads | Self::Photos)
    }

    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Reads => "reads",
            Self::PersonalReads => "reads of personal data",
            Self::Photos => "photos shown",
            Self::Changes => "changes",
            Self::Exports => "exports",
            Self::TakenAway => "things removed, closed or dropped",
            Self::Forgotten => "customers forgotten",
            Self::Refusals => "refusals",
        }
    }
}
