//! Decisions and alerts in words.

use super::{super::kind::*, read};
use roadworthy_api::{alert::Action, finding::Severity};

/// `None`: the kind is none of these, or its payload cannot be read.
pub(super) fn summary(kind: &str, payload: &str) -> Option<String> {
    match kind {
        DECISION_REQUESTED => read::<DecisionRequested>(payload).map(|_| "A decision was asked for".to_owned()),
        DECISION_MADE => read::<DecisionMade>(payload)
            .map(|d| format!("Decided about {}: {} ({})", quoted(&d.finding.title), action(d.action), d.rule)),
        DECISION_ESCALATED => read::<DecisionEscalated>(payload).map(|d| format!("Decision escalated: {}", d.why)),
        DECISION_OVERTAKEN => {
            read::<DecisionOvertaken>(payload).map(|d| format!("Decision does not stand any more: {}", d.why))
        }
        APPROVAL_REQUESTED => read::<ApprovalRequested>(payload).map(|_| "A person is asked to decide".to_owned()),
        APPROVAL_GRANTED => read::<Answered>(payload).map(|a| match a.policy {
            true => "Approved by the policy for critical work".to_owned(),
            false => "Approved".to_owned(),
        }),
        APPROVAL_REFUSED => read::<Answered>(payload).map(|_| "Refused".to_owned()),
        ALERT_CREATED => read::<AlertCreated>(payload)
            .map(|a| format!("Alert raised: {} ({})", a.finding.title, severity(a.finding.severity))),
        ALERT_REPEATED => read::<AlertRepeated>(payload)
            .map(|a| format!("Seen again: {} ({})", a.finding.title, severity(a.finding.severity))),
        ALERT_ACKNOWLEDGED => read::<AlertAcknowledged>(payload).map(|a| match a.acknowledged {
            true => "Alert acknowledged".to_owned(),
            false => "Acknowledgement of an alert taken back".to_owned(),
        }),
        ALERT_SNOOZED => read::<AlertSnoozed>(payload).map(|a| match a.until {
            Some(_) => "Alert snoozed".to_owned(),
            None => "Alert woken".to_owned(),
        }),
        ALERT_ESCALATED => read::<AlertEscalated>(payload).map(|a| format!("Alert escalated: {}", a.why)),
        ALERT_CLOSED => read::<AlertClosed>(payload).map(|a| {
            let done = if a.closed { "Alert closed" } else { "Alert opened again" };
            if a.why.is_empty() { done.to_owned() } else { format!("{done}: {}", a.why) }
        }),
        _ => None,
    }
}

fn quoted(title: &str) -> String {
    format!("\u{201c}{title}\u{201d}")
}

/// What is to be done, in words.
pub(crate) fn action(action: Action) -> &'static str {
    match action {
        Action::Note => "kept in mind",
        Action::Alert => "people are told",
        Action::Propose => "work is proposed",
        Action::Ask => "a person is asked",
    }
}

/// How much it presses, in words.
pub(crate) fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Watch => "watch",
        Severity::ActSoon => "act soon",
        Severity::ActNow => "act now",
    }
}
