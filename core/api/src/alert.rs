//! Alerts and decisions: what presses, what the rules decided, what waits for a person.

use crate::{
    Timestamp,
    finding::{Finding, Severity, Source},
    id::{AlertId, DecisionId, EventId, VehicleId},
    valid::Valid,
};
use serde::{Deserialize, Serialize};

/// Where an alert stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum AlertState {
    /// Nobody has seen to it.
    Open,
    /// Somebody has.
    Acknowledged {
        /// When.
        at: Timestamp,
        /// Who, as in `owner/window`.
        by: String,
    },
    /// Quiet until then, then open again.
    Snoozed {
        /// Until when.
        until: Timestamp,
        /// Who.
        by: String,
    },
    /// Over.
    Closed {
        /// When.
        at: Timestamp,
        /// Who; `engine` where evidence closed it.
        by: String,
        /// Why, as in `P0301 was not found again by a check that asked the same ECU`.
        why: String,
    },
}

/// An alert in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRow {
    /// Id.
    pub id: AlertId,
    /// Whose.
    pub vehicle: VehicleId,
    /// What people call the vehicle: plate, else name, else VIN, else its id's beginning.
    pub vehicle_name: String,
    /// How much it presses now.
    pub severity: Severity,
    /// In a few words.
    pub title: String,
    /// Where it stands.
    pub state: AlertState,
    /// First raised.
    pub raised: Timestamp,
    /// Seen again last.
    pub seen: Timestamp,
    /// Times it was seen.
    pub times: u32,
    /// Where it was seen last.
    pub source: Source,
    /// How often it was escalated.
    pub escalations: u32,
    /// The decision behind it.
    pub decision: Option<DecisionId>,
}

/// An alert with all that is behind it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertDetail {
    /// As in the list.
    pub row: AlertRow,
    /// The finding that raised it, as last seen.
    pub finding: Finding,
    /// The decision behind it.
    pub decision: Option<DecisionRow>,
    /// What happened to it, oldest first.
    pub history: Vec<AlertStep>,
}

/// One thing that happened to an alert.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertStep {
    /// The event.
    pub event: EventId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub by: String,
    /// In words.
    pub what: String,
}

/// Which alerts a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AlertView {
    /// Open ones, worst first.
    #[default]
    Open,
    /// Acknowledged ones that are not over.
    Acknowledged,
    /// Snoozed ones.
    Snoozed,
    /// Closed ones, newest first.
    Closed,
    /// All, newest first.
    All,
}

impl Valid for AlertView {}

/// What the rules decided to do about a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Nothing but to keep it in mind.
    Note,
    /// Tell people.
    Alert,
    /// Propose work, which needs no answer.
    Propose,
    /// Tell people, and ask one whether to book work.
    Ask,
}

/// Where a decision stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "is", rename_all = "kebab-case")]
pub enum DecisionState {
    /// It needs no answer.
    Done,
    /// It waits for a person.
    Waiting,
    /// Approved: work is to be booked.
    Approved {
        /// When.
        at: Timestamp,
        /// Who; `policy` where the switch for critical work did.
        by: String,
        /// What was said with it.
        note: String,
    },
    /// Refused.
    Refused {
        /// When.
        at: Timestamp,
        /// Who.
        by: String,
        /// What was said with it.
        note: String,
    },
    /// A newer decision about the same finding has taken its place, or the finding is gone.
    Overtaken,
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// Id.
    pub id: DecisionId,
    /// About which vehicle.
    pub vehicle: VehicleId,
    /// What people call it.
    pub vehicle_name: String,
    /// About which finding.
    pub key: String,
    /// What the finding says.
    pub title: String,
    /// How much it presses.
    pub severity: Severity,
    /// What was decided.
    pub action: Action,
    /// Name of the rule, as in `critical-asks`.
    pub rule: String,
    /// Why, one reason each.
    pub reasons: Vec<String>,
    /// What the rule looked at: name and value.
    pub inputs: Vec<(String, String)>,
    /// The work that is proposed; empty where none is.
    pub work: String,
    /// Where it stands.
    pub state: DecisionState,
    /// When it was made.
    pub at: Timestamp,
    /// Its alert, if it has one.
    pub alert: Option<AlertId>,
}

/// How many alerts and decisions there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertCounts {
    /// Open alerts that say act now.
    pub act_now: u32,
    /// Open alerts, those among them.
    pub open: u32,
    /// Acknowledged, not over.
    pub acknowledged: u32,
    /// Snoozed.
    pub snoozed: u32,
    /// Decisions that wait for a person.
    pub waiting: u32,
}
