//! The rules that decide what to do about a finding. Pure: the same case gives the same decision.
//!
//! The first rule that fits decides; [`RULES`] is the whole table, in that order. A rule says *what* is to be done; *whether* a
//! finding is decided about again is [`again`].

use crate::journal::words;
use roadworthy_api::{
    Timestamp,
    alert::{Action, DecisionState},
    finding::{Finding, Severity},
};

const DAY: i64 = 24 * 3_600_000;
/// Below this a finding is a suspicion: a person looks before work is booked.
pub(crate) const SURE: f64 = 0.5;
/// Sightings, and days, from which something to watch is worth an appointment.
const LINGERS: (u32, i64) = (3, 30);
/// Days after which a refusal is asked about again.
pub(crate) const REFUSED_DAYS: i64 = 30;

/// The decision made before about the same finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Before {
    pub(crate) rule: String,
    pub(crate) action: Action,
    pub(crate) severity: Severity,
    pub(crate) title: String,
    pub(crate) state: DecisionState,
}

/// What the rules look at.
#[derive(Clone, Debug)]
pub(crate) struct Case<'a> {
    pub(crate) finding: &'a Finding,
    /// Times it was seen, this one among them.
    pub(crate) times: u32,
    /// Days since it was seen first, or since it came back.
    pub(crate) days: i64,
    /// How often it came back after evidence that it was gone.
    pub(crate) returns: u32,
    pub(crate) odometer_km: Option<f64>,
    /// The decision that stands; `None`: there is none, or its finding was gone since.
    pub(crate) before: Option<&'a Before>,
    pub(crate) now: Timestamp,
}

/// The rule for what is critical and sure.
pub(crate) const CRITICAL: &str = "critical-asks";

/// A rule: its name for ever, when it fits, what is to be done, and why in words.
pub(crate) struct Rule {
    pub(crate) name: &'static str,
    pub(crate) fits: fn(&Case<'_>) -> bool,
    pub(crate) action: fn(&Case<'_>) -> Action,
    pub(crate) why: &'static str,
}

/// Every rule, the first that fits decides. The last one always does.
pub(crate) const RULES: &[Rule] = &[
    Rule {
        name: CRITICAL,
        fits: |case| case.finding.severity == Severity::ActNow && case.finding.confidence >= SURE,
        action: |_| Action::Ask,
        why: "What presses this much is not left to a list: a person books the work or says why not.",
    },
    Rule {
        name: "uncertain-asks",
        fits: |case| case.finding.severity >= Severity::ActSoon && case.finding.confidence < SURE,
        action: |_| Action::Ask,
        why: "It would need work if it is so, but the evidence does not bear that yet: a person looks first.",
    },
    Rule {
        name: "recurring-escalates",
        fits: |case| case.returns > 0 && case.finding.severity >= Severity::Watch,
        action: |case| if case.finding.severity >= Severity::ActSoon { Action::Ask } else { Action::Propose },
        why: "It came back after it was gone, so it did not stay away: one step more than for a first time.",
    },
    Rule {
        name: "soon-proposes",
        fits: |case| case.finding.severity == Severity::ActSoon,
        action: |_| Action::Propose,
        why: "Work is needed soon: it is proposed for the next appointment.",
    },
    Rule {
        name: "lingering-proposes",
        fits: |case| case.finding.severity == Severity::Watch && case.times >= LINGERS.0 && case.days >= LINGERS.1,
        action: |_| Action::Propose,
        why: "It has been there for a month or more and was seen three times or more: looking into it is proposed.",
    },
    Rule {
        name: "watch-alerts",
        fits: |case| case.finding.severity == Severity::Watch,
        action: |_| Action::Alert,
        why: "It should be kept an eye on: people are told.",
    },
    Rule { name: "note-notes", fits: |_| true, action: |_| Action::Note, why: "Good to know; nothing needs doing." },
];

/// What a rule decided.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Verdict {
    pub(crate) rule: &'static str,
    pub(crate) action: Action,
    pub(crate) reasons: Vec<String>,
    pub(crate) inputs: Vec<(String, String)>,
    pub(crate) work: String,
}

/// Decides.
pub(crate) fn decide(case: &Case<'_>) -> Verdict {
    let fitting = RULES.iter().find(|rule| (rule.fits)(case));
    let (rule, action, why) = match fitting {
        Some(rule) => (rule.name, (rule.action)(case), rule.why),
        None => ("note-notes", Action::Note, ""),
    };
    let mut reasons =
        vec![format!("{}: {}.", words::severity(case.finding.severity), case.finding.title), why.to_owned()];
    if let Some(remark) = about_before(case) {
        reasons.push(remark);
    }
    Verdict { rule, action, reasons, inputs: inputs(case), work: work(case, action) }
}

/// What the decision before adds to the reasons.
fn about_before(case: &Case<'_>) -> Option<String> {
    let before = case.before?;
    Some(match &before.state {
        DecisionState::Refused { at, .. } if case.finding.severity > before.severity => {
            format!("It was refused {} ago, but presses more now than it did then.", days(case.now, *at))
        }
        DecisionState::Refused { at, .. } => format!("It was refused {} ago, and is still there.", days(case.now, *at)),
        DecisionState::Approved { at, .. } => {
            format!("Work was approved {} ago, and it is still there.", days(case.now, *at))
        }
        _ if case.finding.severity > before.severity => {
            format!("It rose from {} to {}.", words::severity(before.severity), words::severity(case.finding.severity))
        }
        _ if case.finding.severity < before.severity => {
            format!("It fell from {} to {}.", words::severity(before.severity), words::severity(case.finding.severity))
        }
        _ => return None,
    })
}

fn days(now: Timestamp, then: Timestamp) -> String {
    match now.saturating_sub(then).max(0) / DAY {
        0 => "less than a day".to_owned(),
        1 => "1 day".to_owned(),
        n => format!("{n} days"),
    }
}

fn inputs(case: &Case<'_>) -> Vec<(String, String)> {
    let refused = matches!(case.before, Some(Before { state: DecisionState::Refused { .. }, .. }));
    [
        ("severity", words::severity(case.finding.severity).to_owned()),
        ("confidence", format!("{:.0} %", case.finding.confidence * 100.0)),
        ("times seen", case.times.to_string()),
        ("days open", case.days.to_string()),
        ("times it came back", case.returns.to_string()),
        ("odometer", case.odometer_km.map_or_else(|| "not known".to_owned(), |km| format!("{km:.0} km"))),
        ("decision before", case.before.map_or_else(|| "none".to_owned(), told)),
        ("refusal stands", if refused { "yes" } else { "no" }.to_owned()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

fn told(before: &Before) -> String {
    let state = match &before.state {
        DecisionState::Done => "needed no answer",
        DecisionState::Waiting => "waits for an answer",
        DecisionState::Approved { .. } => "approved",
        DecisionState::Refused { .. } => "refused",
        DecisionState::Overtaken => "overtaken",
    };
    format!("{}, {state}", before.rule)
}

/// The work that is proposed, in words; empty where none is.
fn work(case: &Case<'_>, action: Action) -> String {
    let Finding { title, check_next, severity, confidence, .. } = case.finding;
    if !matches!(action, Action::Propose | Action::Ask) {
        return String::new();
    }
    let when = match severity {
        Severity::ActNow => "now, before the vehicle is driven on",
        Severity::ActSoon => "at the next appointment",
        Severity::Watch | Severity::Note => "when the vehicle is in next",
    };
    let what = if *confidence < SURE { "Make sure whether it is so" } else { "Find the cause and mend it" };
    let first = check_next.first().map(|step| format!(" First: {}", sentence(step))).unwrap_or_default();
    format!("{title}. {what}, {when}.{first}")
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// Whether a finding is decided about again: where it would come out differently, or where a refusal is no longer to stand.
///
/// A refusal stands for [`REFUSED_DAYS`], unless the finding presses more by now.
pub(crate) fn again(case: &Case<'_>, verdict: &Verdict) -> bool {
    let Some(before) = case.before else { return true };
    let differs = before.rule != verdict.rule
        || before.action != verdict.action
        || before.severity != case.finding.severity
        || before.title != case.finding.title;
    match before.state {
        DecisionState::Refused { at, .. } => {
            case.finding.severity > before.severity || case.now.saturating_sub(at) >= REFUSED_DAYS * DAY
        }
        _ => differs,
    }
}

#[cfg(test)]
mod tests;
