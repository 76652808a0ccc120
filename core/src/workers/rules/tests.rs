use super::*;
use roadworthy_api::finding::Specialist;

const NOW: Timestamp = 1_795_215_600_000;

fn finding(severity: Severity, confidence: f64) -> Finding {
    Finding {
        key: "code/P0301/7E8".into(),
        specialist: Specialist::Engine,
        severity,
        confidence,
        title: "Cylinder 1 misfires".into(),
        explanation: "It does.".into(),
        check_next: vec!["Swap its ignition coil with that of cylinder 2".into()],
        evidence: vec![],
    }
}

fn case(finding: &Finding) -> Case<'_> {
    Case { finding, times: 1, days: 0, returns: 0, odometer_km: None, before: None, now: NOW }
}

#[test]
fn the_first_rule_that_fits_decides() {
    use Severity::{ActNow, ActSoon, Note, Watch};
    let cases = [
        // severity, confidence, times, days, returns
        ((ActNow, 0.9, 1, 0, 0), ("critical-asks", Action::Ask)),
        ((ActNow, 0.5, 1, 0, 0), ("critical-asks", Action::Ask)),
        ((ActNow, 0.49, 1, 0, 0), ("uncertain-asks", Action::Ask)),
        ((ActSoon, 0.2, 1, 0, 0), ("uncertain-asks", Action::Ask)),
        ((ActNow, 0.9, 1, 0, 3), ("critical-asks", Action::Ask)),
        ((ActSoon, 0.2, 1, 0, 1), ("uncertain-asks", Action::Ask)),
        ((ActSoon, 0.9, 1, 0, 1), ("recurring-escalates", Action::Ask)),
        ((Watch, 0.1, 1, 0, 1), ("recurring-escalates", Action::Propose)),
        ((ActSoon, 0.9, 1, 0, 0), ("soon-proposes", Action::Propose)),
        ((Watch, 0.9, 3, 30, 0), ("lingering-proposes", Action::Propose)),
        ((Watch, 0.9, 2, 30, 0), ("watch-alerts", Action::Alert)),
        ((Watch, 0.9, 3, 29, 0), ("watch-alerts", Action::Alert)),
        ((Watch, 0.1, 1, 0, 0), ("watch-alerts", Action::Alert)),
        ((Note, 0.9, 9, 90, 4), ("note-notes", Action::Note)),
    ];
    for ((severity, confidence, times, days, returns), expect) in cases {
        let finding = finding(severity, confidence);
        let verdict = decide(&Case { times, days, returns, ..case(&finding) });
        assert_eq!((verdict.rule, verdict.action), expect, "{severity:?} {confidence} {times} {days} {returns}");
        assert!(verdict.reasons.iter().all(|reason| !reason.is_empty()), "{:?}", verdict.reasons);
        let proposes = matches!(verdict.action, Action::Propose | Action::Ask);
        assert_eq!(!verdict.work.is_empty(), proposes, "{}", verdict.work);
    }
}

#[test]
fn every_rule_can_decide_and_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<&str> = RULES.iter().map(|rule| rule.name).collect();
    assert_eq!(names.len(), RULES.len());
    assert!((RULES.last().unwrap().fits)(&case(&finding(Severity::Note, 0.0))), "because something must decide");
}

#[test]
fn what_was_looked_at_is_told_whole() {
    let finding = finding(Severity::ActNow, 0.875);
    let before = Before {
        rule: "soon-proposes".into(),
        action: Action::Propose,
        severity: Severity::ActSoon,
        title: finding.title.clone(),
        state: DecisionState::Refused { at: NOW - 3 * DAY, by: "owner/window".into(), note: "private".into() },
    };
    let verdict =
        decide(&Case { times: 4, days: 12, odometer_km: Some(135_879.1), before: Some(&before), ..case(&finding) });
    let told: Vec<(&str, &str)> = verdict.inputs.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    assert_eq!(
        told,
        [
            ("severity", "act now"),
            ("confidence", "88 %"),
            ("times seen", "4"),
            ("days open", "12"),
            ("times it came back", "0"),
            ("odometer", "135879 km"),
            ("decision before", "soon-proposes, refused"),
            ("refusal stands", "yes"),
        ]
    );
    assert_eq!(verdict.reasons[2], "It was refused 3 days ago, but presses more now than it did then.");
    assert_eq!(
        verdict.work,
        "Cylinder 1 misfires. Find the cause and mend it, now, before the vehicle is driven on. First: Swap its ignition \
         coil with that of cylinder 2."
    );
    assert!(!format!("{verdict:?}").contains("private"), "because what people say is sealed");
}

#[test]
fn a_finding_is_decided_about_again_only_where_that_says_something_new() {
    use Severity::{ActNow, ActSoon, Watch};
    let refused = |days: i64| DecisionState::Refused { at: NOW - days * DAY, by: String::new(), note: String::new() };
    let approved = DecisionState::Approved { at: NOW - 90 * DAY, by: String::new(), note: String::new() };
    let cases = [
        ("the same", ActSoon, ActSoon, DecisionState::Done, false),
        ("the same and it waits", ActNow, ActNow, DecisionState::Waiting, false),
        ("the same and approved long ago", ActNow, ActNow, approved, false),
        ("risen", Watch, ActSoon, DecisionState::Done, true),
        ("fallen", ActNow, ActSoon, DecisionState::Waiting, true),
        ("refused yesterday", ActNow, ActNow, refused(1), false),
        ("refused and fallen", ActNow, ActSoon, refused(1), false),
        ("refused and risen", ActSoon, ActNow, refused(1), true),
        ("refused 29 days ago", ActNow, ActNow, refused(29), false),
        ("refused 30 days ago", ActNow, ActNow, refused(30), true),
    ];
    for (what, then, now, state, expect) in cases {
        let (old, new) = (finding(then, 0.9), finding(now, 0.9));
        let first = decide(&case(&old));
        let before =
            Before { rule: first.rule.into(), action: first.action, severity: then, title: old.title.clone(), state };
        let case = Case { before: Some(&before), ..case(&new) };
        assert_eq!(again(&case, &decide(&case)), expect, "{what}");
    }
    let finding = finding(ActSoon, 0.9);
    assert!(again(&case(&finding), &decide(&case(&finding))), "because nothing was decided yet");
}
