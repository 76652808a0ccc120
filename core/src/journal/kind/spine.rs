//! Kinds of the spine: telemetry, findings, decisions, alerts, messages, backups, risks.

use super::RecordedSignal;
use crate::keys::Sealed;
use roadworthy_api::{
    Timestamp,
    alert::Action,
    finding::{Finding, Severity, Source},
    id::{AlertId, DecisionId, ImportId, MessageId, PinId, RecordingId, VehicleId, VisitId},
    import::{ImportReport, Mapping},
};
use serde::{Deserialize, Serialize};

/// A recording began; its samples and all that follows from them belong to its story. Subject: the vehicle, if known.
pub const RECORDING_STARTED: &str = "vehicle.recording.started";
/// Samples were sealed into blocks. Subject: the vehicle, if known.
pub const TELEMETRY_RECEIVED: &str = "vehicle.telemetry.received";
/// Values were found implausible. Subject: the vehicle, if known.
pub const READINGS_FLAGGED: &str = "vehicle.readings.flagged";
/// Retention dropped blocks' single values. No subject.
pub const TELEMETRY_DROPPED: &str = "telemetry.dropped";
/// A range of telemetry was pinned, or a pin taken away. Subject: the vehicle.
pub const TELEMETRY_PINNED: &str = "telemetry.pinned";
/// A file of telemetry was imported; its blocks are named by the events that follow in its story. Subject: the vehicle.
pub const TELEMETRY_IMPORTED: &str = "telemetry.imported";
/// An import was taken back, all of it. Subject: the vehicle.
pub const TELEMETRY_IMPORT_UNDONE: &str = "telemetry.import.undone";
/// A visit or a recording was diagnosed. Subject: the vehicle.
pub const DIAGNOSIS_MADE: &str = "diagnosis.made";
/// Somebody asked the rules to decide now. Subject: the vehicle.
pub const DECISION_REQUESTED: &str = "decision.requested";
/// The rules decided what to do about a finding. Subject: the vehicle.
pub const DECISION_MADE: &str = "decision.made";
/// What was decided presses more than was thought. Subject: the vehicle.
pub const DECISION_ESCALATED: &str = "decision.escalated";
/// What was decided does not stand any more, since its finding is gone. Subject: the vehicle.
pub const DECISION_OVERTAKEN: &str = "decision.overtaken";
/// A person is asked. Subject: the vehicle.
pub const APPROVAL_REQUESTED: &str = "approval.requested";
/// A person, or the policy, said yes. Subject: the vehicle.
pub const APPROVAL_GRANTED: &str = "approval.granted";
/// A person said no. Subject: the vehicle.
pub const APPROVAL_REFUSED: &str = "approval.refused";
/// An alert was raised. Subject: the vehicle.
pub const ALERT_CREATED: &str = "alert.created";
/// What an open alert is about was seen again. Subject: the vehicle.
pub const ALERT_REPEATED: &str = "alert.repeated";
/// Somebody has seen to it, or took that back. Subject: the vehicle.
pub const ALERT_ACKNOWLEDGED: &str = "alert.acknowledged";
/// It was put to sleep for a while, or woken. Subject: the vehicle.
pub const ALERT_SNOOZED: &str = "alert.snoozed";
/// It presses more than it did. Subject: the vehicle.
pub const ALERT_ESCALATED: &str = "alert.escalated";
/// It is over, or open again. Subject: the vehicle.
pub const ALERT_CLOSED: &str = "alert.closed";
/// A message left the house. Subject: the vehicle, if it is about one.
pub const NOTIFICATION_SENT: &str = "notification.sent";
/// A message could not be sent and waits for a person. Subject: the vehicle, if it is about one.
pub const NOTIFICATION_FAILED: &str = "notification.failed";
/// A person dropped a message that was not sent. Subject: the vehicle, if it is about one.
pub const NOTIFICATION_DROPPED: &str = "notification.dropped";
/// Somebody's behaviour is unusual. No subject.
pub const RISK_FLAGGED: &str = "risk.flagged";
/// A backup was made. No subject.
pub const BACKUP_MADE: &str = "backup.made";
/// A backup was restored: the first thing said after it, by a device that is another since. No subject.
pub const BACKUP_RESTORED: &str = "backup.restored";

/// Payload of [`RECORDING_STARTED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordingStarted {
    /// The recording.
    pub recording: RecordingId,
    /// Start.
    pub started: Timestamp,
    /// Port.
    pub port: String,
    /// VIN that the session has read by then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vin: Option<String>,
}

/// Payload of [`TELEMETRY_RECEIVED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryReceived {
    /// The recording that the samples are of.
    pub recording: RecordingId,
    /// The blocks, each of one signal.
    pub blocks: Vec<BlockSaid>,
}

/// A sealed block as the journal names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockSaid {
    /// Signal.
    #[serde(rename = "s")]
    pub signal: String,
    /// Samples.
    pub n: u64,
    /// Hash in hex, as the module of blocks says.
    #[serde(rename = "h")]
    pub hash: String,
}

/// Payload of [`READINGS_FLAGGED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingsFlagged {
    /// Where they were read.
    pub source: Source,
    /// What is implausible, one thing each.
    pub flags: Vec<ReadingFlag>,
}

/// A value that cannot be right, or that says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadingFlag {
    /// Signal or PID name.
    pub signal: String,
    /// Whose.
    #[serde(default)]
    pub ecu: String,
    /// What is wrong: `range`, `jump`, `stuck`, `unit`, `repeated`, `contradicts`.
    pub what: String,
    /// In a sentence, with the value.
    pub reason: String,
    /// When it was first so.
    pub at: Timestamp,
    /// Samples concerned.
    pub samples: u64,
}

/// Payload of [`TELEMETRY_DROPPED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryDropped {
    /// Hashes of the blocks in hex.
    pub blocks: Vec<String>,
    /// Samples in them.
    pub samples: u64,
    /// Days that single values are kept.
    pub days: u32,
}

/// Payload of [`TELEMETRY_PINNED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryPinned {
    /// The pin.
    pub pin: PinId,
    /// Start, inclusive.
    pub from: Timestamp,
    /// End, exclusive.
    pub to: Timestamp,
    /// Why; nothing personal.
    pub reason: String,
    /// Whether it holds from now on.
    pub pinned: bool,
}

/// Payload of [`TELEMETRY_IMPORTED`]. No cell of the file is in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryImported {
    /// The import; the recording of its values has the same number.
    pub import: ImportId,
    /// Name of the file, sealed with a key of the vehicle: people name files after people.
    pub name: Sealed,
    /// BLAKE3 of the file in hex.
    pub file: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// BLAKE3 of the DBC file in hex that told the signals of a CAN log.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dbc: Option<String>,
    /// Time of the first value.
    pub from: Timestamp,
    /// Time of the last value.
    pub to: Timestamp,
    /// Its signals.
    pub signals: Vec<RecordedSignal>,
    /// How it was read.
    pub mapping: Mapping,
    /// What became of every row and cell.
    pub report: ImportReport,
}

/// Payload of [`TELEMETRY_IMPORT_UNDONE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TelemetryImportUndone {
    /// The import.
    pub import: ImportId,
}

/// Payload of [`DIAGNOSIS_MADE`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DiagnosisMade {
    /// What was diagnosed.
    pub source: Source,
    /// When that was read.
    pub at: Timestamp,
    /// Every finding.
    pub findings: Vec<Finding>,
    /// Keys of findings that this source could have shown and did not: what an alert about them may be closed by.
    #[serde(default)]
    pub absent: Vec<Absent>,
    /// What could not be told and why.
    #[serde(default)]
    pub limits: Vec<String>,
}

/// A finding that was known before and is not there any more, by evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Absent {
    /// Its key.
    pub key: String,
    /// Why that is certain, in a sentence.
    pub why: String,
}

/// Payload of [`DECISION_REQUESTED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRequested {
    /// About which vehicle.
    pub vehicle: VehicleId,
}

/// Payload of [`DECISION_MADE`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DecisionMade {
    /// The decision.
    pub decision: DecisionId,
    /// The finding that it is about, whole: what it was when the rules looked at it.
    pub finding: Finding,
    /// Where that was found.
    pub source: Source,
    /// When it was read.
    pub at: Timestamp,
    /// What is to be done.
    pub action: Action,
    /// Name of the rule.
    pub rule: String,
    /// Why.
    pub reasons: Vec<String>,
    /// What the rule looked at.
    pub inputs: Vec<(String, String)>,
    /// The work that is proposed; empty where none is.
    #[serde(default)]
    pub work: String,
    /// The decision whose place it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overtakes: Option<DecisionId>,
}

/// Payload of [`DECISION_ESCALATED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionEscalated {
    /// The decision.
    pub decision: DecisionId,
    /// What is to be done now.
    pub action: Action,
    /// How much it presses now.
    pub severity: Severity,
    /// Why.
    pub why: String,
    /// What led to it.
    #[serde(default)]
    pub cause: Cause,
}

/// What leads to a decision's escalation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Cause {
    /// Nobody has answered for too long.
    #[default]
    Waiting,
    /// The finding presses more than it did.
    Rose,
    /// The finding is back after it was gone.
    Back,
}

/// Payload of [`DECISION_OVERTAKEN`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionOvertaken {
    /// The decision.
    pub decision: DecisionId,
    /// What shows that.
    pub source: Source,
    /// When that was read.
    pub at: Timestamp,
    /// Why it is certain, in a sentence.
    pub why: String,
}

/// Payload of [`APPROVAL_REQUESTED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalRequested {
    /// The decision.
    pub decision: DecisionId,
}

/// Payload of [`APPROVAL_GRANTED`] and [`APPROVAL_REFUSED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answered {
    /// The decision.
    pub decision: DecisionId,
    /// Whether the policy switch said so and no person.
    #[serde(default)]
    pub policy: bool,
    /// What was said with it, sealed as `answer` with a key of the vehicle; `None`: nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<crate::keys::Sealed>,
}

/// Payload of [`ALERT_CREATED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertCreated {
    /// The alert.
    pub alert: AlertId,
    /// What it is about.
    pub finding: Finding,
    /// Where that was found.
    pub source: Source,
    /// When it was read.
    pub at: Timestamp,
    /// The decision behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
}

/// Payload of [`ALERT_REPEATED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AlertRepeated {
    /// The alert.
    pub alert: AlertId,
    /// As it is now.
    pub finding: Finding,
    /// Where it was found.
    pub source: Source,
    /// When it was read.
    pub at: Timestamp,
    /// The decision behind it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionId>,
}

/// Payload of [`ALERT_ACKNOWLEDGED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertAcknowledged {
    /// The alert.
    pub alert: AlertId,
    /// Whether somebody has seen to it.
    pub acknowledged: bool,
}

/// Payload of [`ALERT_SNOOZED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertSnoozed {
    /// The alert.
    pub alert: AlertId,
    /// Until when; `None`: it is awake.
    pub until: Option<Timestamp>,
}

/// Payload of [`ALERT_ESCALATED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertEscalated {
    /// The alert.
    pub alert: AlertId,
    /// How much it presses now.
    pub severity: Severity,
    /// Why.
    pub why: String,
    /// Counts the times in a row that nobody had seen to it, from 1; 0: it was escalated for another reason.
    #[serde(default)]
    pub nth: u32,
    /// Whether it is open for everybody again, whoever had seen to it or put it off: it presses more than they knew.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub opens: bool,
}

/// Payload of [`ALERT_CLOSED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertClosed {
    /// The alert.
    pub alert: AlertId,
    /// Whether it is over; `false`: it is open again.
    pub closed: bool,
    /// Why, where evidence closed it, in the clear.
    #[serde(default)]
    pub why: String,
    /// Why, where a person did, sealed as `word` with a key of the vehicle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<crate::keys::Sealed>,
    /// What closed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evidence: Option<Source>,
    /// When that was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
}

/// Payload of [`NOTIFICATION_SENT`], [`NOTIFICATION_FAILED`] and [`NOTIFICATION_DROPPED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notified {
    /// The message.
    pub message: MessageId,
    /// Channel.
    pub channel: String,
    /// The alert it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alert: Option<AlertId>,
    /// Times tried.
    pub attempts: u32,
    /// Why it failed last, without personal data; empty where it did not.
    #[serde(default)]
    pub cause: String,
}

/// Payload of [`RISK_FLAGGED`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskFlagged {
    /// Whose behaviour, as in `owner/window`.
    pub actor: String,
    /// 0 (usual) to 1 (alarming).
    pub risk: f64,
    /// Why, one reason each.
    pub reasons: Vec<String>,
}

/// Payload of [`BACKUP_MADE`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupMade {
    /// Its name.
    pub name: String,
    /// BLAKE3 of its manifest in hex.
    pub manifest: String,
    /// Events in it.
    pub events: u64,
}

/// Payload of [`BACKUP_RESTORED`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BackupRestored {
    /// Its name.
    pub name: String,
    /// The backup of what was before.
    pub undo: String,
    /// Events that were there before and are not any more.
    pub lost: u64,
    /// Visit that was newest in what was lost, if any: what a person may miss first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newest_lost: Option<VisitId>,
}
