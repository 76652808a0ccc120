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

#[cfg(test)]
mod tests {
    use super::{super::summary, *};

    const ID: &str = "00000000-0000-0000-0000-000000000001";

    #[test]
    fn decisions_and_alerts_are_told_in_words_without_what_people_wrote() {
        let finding = r#"{"key":"k","specialist":"engine","severity":"act-now","confidence":0.5,"title":"Cylinder 1 misfires",
            "explanation":"","check_next":[],"evidence":[]}"#;
        let sealed = r#"{"key":"ID","sealed":"00ff"}"#;
        let seen = r#""finding":FINDING,"source":{"from":"visit","visit":"ID"},"at":1"#;
        let cases = [
            (
                DECISION_MADE,
                r#"{"decision":"ID",SEEN,"action":"ask","rule":"critical-asks","reasons":[],"inputs":[]}"#,
                "Decided about \u{201c}Cylinder 1 misfires\u{201d}: a person is asked (critical-asks)",
            ),
            (DECISION_REQUESTED, r#"{"vehicle":"ID"}"#, "A decision was asked for"),
            (
                DECISION_ESCALATED,
                r#"{"decision":"ID","action":"ask","severity":"watch","why":"Nobody has answered for 4 hours."}"#,
                "Decision escalated: Nobody has answered for 4 hours.",
            ),
            (
                DECISION_OVERTAKEN,
                r#"{"decision":"ID","source":{"from":"visit","visit":"ID"},"at":1,"why":"It is gone."}"#,
                "Decision does not stand any more: It is gone.",
            ),
            (APPROVAL_REQUESTED, r#"{"decision":"ID"}"#, "A person is asked to decide"),
            (APPROVAL_GRANTED, r#"{"decision":"ID","policy":true}"#, "Approved by the policy for critical work"),
            (APPROVAL_GRANTED, r#"{"decision":"ID","note":SEALED}"#, "Approved"),
            (APPROVAL_REFUSED, r#"{"decision":"ID","note":SEALED}"#, "Refused"),
            (ALERT_CREATED, r#"{"alert":"ID",SEEN}"#, "Alert raised: Cylinder 1 misfires (act now)"),
            (ALERT_REPEATED, r#"{"alert":"ID",SEEN}"#, "Seen again: Cylinder 1 misfires (act now)"),
            (ALERT_ACKNOWLEDGED, r#"{"alert":"ID","acknowledged":true}"#, "Alert acknowledged"),
            (ALERT_SNOOZED, r#"{"alert":"ID","until":null}"#, "Alert woken"),
            (ALERT_CLOSED, r#"{"alert":"ID","closed":true,"word":SEALED}"#, "Alert closed"),
            (
                ALERT_CLOSED,
                r#"{"alert":"ID","closed":false,"why":"It was found again."}"#,
                "Alert opened again: It was found again.",
            ),
        ];
        for (kind, payload, expect) in cases {
            let payload = payload.replace("SEEN", seen).replace("FINDING", finding).replace("SEALED", sealed);
            assert_eq!(summary(kind, 1, &payload.replace("ID", ID)), expect);
        }
    }
}
