//! Findings, alerts and decisions in words.

use super::{actor, count};
use crate::locale;
use roadworthy_api::{
    Timestamp,
    alert::{Action, AlertCounts, AlertState, AlertView, DecisionState},
    finding::{Severity, Specialist},
};

/// Views of the inbox, in the order they stand in.
pub(crate) const VIEWS: [AlertView; 4] =
    [AlertView::Open, AlertView::Acknowledged, AlertView::Snoozed, AlertView::Closed];

/// A severity as its class and test id.
pub(crate) fn severity_key(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Watch => "watch",
        Severity::ActSoon => "act-soon",
        Severity::ActNow => "act-now",
    }
}

/// A severity in words.
pub(crate) fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "Note",
        Severity::Watch => "Watch",
        Severity::ActSoon => "Act soon",
        Severity::ActNow => "Act now",
    }
}

/// A view as its address.
pub(crate) fn view_key(view: AlertView) -> &'static str {
    match view {
        AlertView::Open => "open",
        AlertView::Acknowledged => "acknowledged",
        AlertView::Snoozed => "snoozed",
        AlertView::Closed => "closed",
        AlertView::All => "all",
    }
}

/// The view of an address.
pub(crate) fn view_of(key: &str) -> Option<AlertView> {
    VIEWS.into_iter().find(|v| view_key(*v) == key)
}

/// How many a view holds, where that is counted.
pub(crate) fn of_view(counts: &AlertCounts, view: AlertView) -> Option<u32> {
    match view {
        AlertView::Open => Some(counts.open),
        AlertView::Acknowledged => Some(counts.acknowledged),
        AlertView::Snoozed => Some(counts.snoozed),
        AlertView::Closed | AlertView::All => None,
    }
}

/// What an empty view says: its heading, and what it means or what to do.
pub(crate) fn view_empty(view: AlertView) -> (&'static str, &'static str) {
    match view {
        AlertView::Open => (
            "Nothing presses",
            "An alert is raised when a check or a recording finds something that needs work. Check a vehicle to look for more.",
        ),
        AlertView::Acknowledged => {
            ("None is acknowledged", "Acknowledge an open alert to say that somebody sees to it.")
        }
        AlertView::Snoozed => ("None is snoozed", "Snooze an open alert to be reminded of it later."),
        AlertView::Closed | AlertView::All => {
            ("None is closed yet", "An alert closes by itself when a later check finds it gone, or by your word.")
        }
    }
}

/// The inbox in one sentence.
pub(crate) fn inbox_line(counts: &AlertCounts) -> String {
    let open = match (counts.open, counts.act_now) {
        (0, _) => "No alert is open".to_owned(),
        (1, 0) => "1 alert is open".to_owned(),
        (1, _) => "1 alert is open, and it says act now".to_owned(),
        (open, 0) => format!("{open} alerts are open"),
        (open, 1) => format!("{open} alerts are open, 1 of them says act now"),
        (open, now) => format!("{open} alerts are open, {now} of them say act now"),
    };
    match counts.waiting {
        0 => format!("{open}."),
        1 => format!("{open}. 1 decision waits for you."),
        n => format!("{open}. {n} decisions wait for you."),
    }
}

/// What stands beside *Alerts* in the rail, for those who hear it.
pub(crate) fn rail_count(open: u32, act_now: u32) -> String {
    let now = if act_now > 0 { format!(", {act_now} act now") } else { String::new() };
    format!("{open} open{now}")
}

/// Where an alert stands.
pub(crate) fn alert_state(state: &AlertState) -> String {
    match state {
        AlertState::Open => "Open".into(),
        AlertState::Acknowledged { by, .. } => format!("Acknowledged by {}", actor(by)),
        AlertState::Snoozed { until, .. } => format!("Snoozed until {}", locale::time(*until)),
        AlertState::Closed { by, why, .. } if why.is_empty() => format!("Closed by {}", actor(by)),
        AlertState::Closed { why, .. } => format!("Closed: {why}"),
    }
}

/// How often it was seen.
pub(crate) fn times(n: u32) -> String {
    match n {
        0 | 1 => "seen once".into(),
        2 => "seen twice".into(),
        n => format!("seen {n} times"),
    }
}

/// How often it was pressed again, if it was.
pub(crate) fn escalated(n: u32) -> Option<String> {
    (n > 0).then(|| format!("escalated {}", if n == 1 { "once".to_owned() } else { count(n.into(), "time") }))
}

/// How far the evidence bears a finding.
pub(crate) fn confidence(part: f64) -> String {
    let word = match part {
        p if p >= 0.8 => "High",
        p if p >= 0.5 => "Fair",
        _ => "Low",
    };
    format!("{word} ({} %)", locale::number((part.clamp(0.0, 1.0) * 100.0).round(), 0))
}

/// Whose rules found it.
pub(crate) fn specialist(who: Specialist) -> &'static str {
    match who {
        Specialist::Engine => "Engine rules",
        Specialist::Brakes => "Brake and chassis rules",
        Specialist::Transmission => "Transmission rules",
        Specialist::Electrical => "Electrical rules",
        Specialist::Emissions => "Emissions rules",
        Specialist::General => "General rules",
    }
}

/// What the rules decided to do.
pub(crate) fn action(action: Action) -> &'static str {
    match action {
        Action::Note => "Keep it in mind",
        Action::Alert => "Raise an alert",
        Action::Propose => "Raise an alert and propose work",
        Action::Ask => "Raise an alert and ask a person whether to book work",
    }
}

/// Where a decision stands.
pub(crate) fn decision_state(state: &DecisionState) -> String {
    let with = |note: &str| if note.is_empty() { String::new() } else { format!(": {note}") };
    match state {
        DecisionState::Done => "Decided; it needs no answer".into(),
        DecisionState::Waiting => "Waits for an answer".into(),
        DecisionState::Approved { by, note, .. } if by == "policy" => {
            format!("Approved by the switch for critical work{}", with(note))
        }
        DecisionState::Approved { by, note, .. } => format!("Approved by {}{}", actor(by), with(note)),
        DecisionState::Refused { by, note, .. } => format!("Refused by {}{}", actor(by), with(note)),
        DecisionState::Overtaken => "Overtaken: a newer decision stands, or the finding is gone".into(),
    }
}

/// Choices of a snooze: key, label, and the end counted from `now`. `morning` is the next one at eight, by the person's own
/// clock.
pub(crate) fn snoozes(now: Timestamp, morning: Timestamp) -> [(&'static str, &'static str, Timestamp); 3] {
    const HOUR: i64 = 3_600_000;
    [
        ("hour", "1 hour", now + HOUR),
        ("tomorrow", "Until tomorrow, 08:00", morning),
        ("week", "A week", now + 7 * 24 * HOUR),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inbox_is_told_in_one_sentence() {
        let counts = |act_now, open, waiting| AlertCounts { act_now, open, acknowledged: 0, snoozed: 0, waiting };
        for (counts, expect) in [
            (counts(0, 0, 0), "No alert is open."),
            (counts(0, 1, 0), "1 alert is open."),
            (counts(1, 1, 1), "1 alert is open, and it says act now. 1 decision waits for you."),
            (counts(1, 3, 2), "3 alerts are open, 1 of them says act now. 2 decisions wait for you."),
            (counts(2, 3, 0), "3 alerts are open, 2 of them say act now."),
            (counts(0, 2, 0), "2 alerts are open."),
        ] {
            assert_eq!(inbox_line(&counts), expect);
        }
    }

    #[test]
    fn where_an_alert_stands_names_who_and_why() {
        let by = || "owner/window".to_owned();
        for (state, expect) in [
            (AlertState::Open, "Open"),
            (AlertState::Acknowledged { at: 0, by: by() }, "Acknowledged by owner, in the window"),
            (AlertState::Snoozed { until: 7, by: by() }, "Snoozed until 7 ms"),
            (AlertState::Closed { at: 0, by: by(), why: "coil replaced".into() }, "Closed: coil replaced"),
            (AlertState::Closed { at: 0, by: by(), why: String::new() }, "Closed by owner, in the window"),
        ] {
            assert_eq!(alert_state(&state), expect);
        }
    }

    #[test]
    fn confidence_has_a_word_and_a_figure() {
        for (part, expect) in [(0.95, "High (95 %)"), (0.8, "High (80 %)"), (0.5, "Fair (50 %)"), (0.2, "Low (20 %)")] {
            assert_eq!(confidence(part), expect);
        }
    }

    #[test]
    fn a_view_reads_back_from_its_address() {
        for view in VIEWS {
            assert_eq!(view_of(view_key(view)), Some(view));
        }
        assert_eq!(view_of("elsewhere"), None);
    }

    #[test]
    fn an_answer_names_who_gave_it() {
        for (state, expect) in [
            (
                DecisionState::Approved { at: 0, by: "policy".into(), note: String::new() },
                "Approved by the switch for critical work",
            ),
            (
                DecisionState::Refused { at: 0, by: "owner/browser".into(), note: "sold".into() },
                "Refused by owner, in a browser: sold",
            ),
        ] {
            assert_eq!(decision_state(&state), expect);
        }
    }
}
