use super::*;
use roadworthy_api::{
    alert::{Action, DecisionState},
    calls::{AnswerDecision, RebuildTables},
};

fn answer(rig: &Rig, approve: bool) {
    let waiting = rig.ask(ListDecisions { waiting: true, vehicle: None, offset: 0, limit: 10 }).unwrap().rows;
    rig.ask(AnswerDecision { decision: waiting[0].id, approve, note: String::new() }).unwrap();
}

fn told(rig: &Rig) -> Vec<(String, Action)> {
    rig.decisions().into_iter().map(|row| (row.rule, row.action)).collect()
}

#[test]
fn a_critical_finding_asks_a_person_and_one_unchanged_asks_nobody_again() {
    for order in [[0, 1, 2, 3], [2, 0, 1, 3], [3, 2, 1, 0]] {
        let rig = rig_in_order(&order);
        rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
        let rows = rig.decisions();
        assert_eq!(told(&rig), [("critical-asks".into(), Action::Ask)]);
        assert_eq!(rows[0].state, DecisionState::Waiting);
        assert_eq!(rows[0].vehicle_name, "RW 1");
        assert_eq!(rows[0].alert, Some(rig.alert(0).id));
        assert_eq!(rows[0].inputs[2], ("times seen".into(), "1".into()));
        for n in 2..5 {
            rig.diagnose(n, i64::try_from(n).unwrap() * 1000, &[finding(Severity::ActNow)]);
        }
        assert_eq!(rig.decisions().len(), 1, "because it would come out the same");
        assert_eq!(rig.alert(0).times, 4);
        assert!(rig.ask(RebuildTables {}).unwrap().identical);
    }
}

#[test]
fn a_change_overtakes_what_was_decided_before() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    rig.diagnose(2, 1000, &[finding(Severity::ActNow)]);
    assert_eq!(told(&rig), [("critical-asks".into(), Action::Ask), ("soon-proposes".into(), Action::Propose)]);
    let rows = rig.decisions();
    assert_eq!((&rows[0].state, &rows[1].state), (&DecisionState::Waiting, &DecisionState::Overtaken));
    assert!(rows[0].reasons.contains(&"It rose from act soon to act now.".to_owned()), "{:?}", rows[0].reasons);
    rig.diagnose(3, 2000, &[finding(Severity::ActSoon)]);
    let rows = rig.decisions();
    assert_eq!((rows[0].rule.as_str(), &rows[1].state), ("soon-proposes", &DecisionState::Overtaken));
    let old = Finding { severity: Severity::ActNow, ..finding(Severity::ActNow) };
    rig.diagnose(4, 1500, &[old]);
    assert_eq!(rig.decisions().len(), 3, "because an older check that is filed late is no news");
}

#[test]
fn a_refusal_stands_for_thirty_days_unless_it_presses_more() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    answer(&rig, false);
    for (n, day) in [(2, 1), (3, 10), (4, 29)] {
        rig.diagnose(n, day * DAY, &[finding(Severity::ActNow)]);
        assert_eq!(rig.decisions().len(), 1, "day {day}");
        assert_eq!(rig.alerts(AlertView::Open, day * DAY).len(), 1, "because a refusal leaves the alert");
    }
    rig.diagnose(5, 31 * DAY, &[finding(Severity::ActNow)]);
    let rows = rig.decisions();
    assert_eq!((rows.len(), &rows[0].state), (2, &DecisionState::Waiting));
    assert!(matches!(rows[1].state, DecisionState::Refused { .. }), "because an answer stays what it was");

    let rig = super::rig();
    let unsure = Finding { confidence: 0.3, ..finding(Severity::ActSoon) };
    rig.diagnose(1, 0, &[unsure]);
    answer(&rig, false);
    rig.diagnose(2, DAY, &[finding(Severity::ActNow)]);
    assert_eq!(told(&rig)[0], ("critical-asks".into(), Action::Ask), "because it rose");
}

#[test]
fn what_is_gone_takes_its_decision_with_it_and_its_return_is_escalated() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    rig.diagnosed(2, DAY, &[], &[KEY, "code/P0999/7E8"]);
    assert_eq!(rig.decisions()[0].state, DecisionState::Overtaken);
    rig.diagnosed(3, 2 * DAY, &[], &[KEY]);
    rig.diagnose(4, 3 * DAY, &[finding(Severity::ActSoon)]);
    assert_eq!(told(&rig)[0], ("recurring-escalates".into(), Action::Ask));
    assert_eq!(rig.decisions()[0].inputs[4], ("times it came back".into(), "1".into()));
    rig.diagnose(5, 4 * DAY, &[finding(Severity::ActSoon)]);
    assert_eq!(rig.decisions().len(), 2, "because it is still the same return");
    let kinds = rig.kinds();
    assert_eq!(kinds.iter().filter(|k| *k == kind::DECISION_OVERTAKEN).count(), 1);
    assert_eq!(kinds.iter().filter(|k| *k == kind::DECISION_ESCALATED).count(), 1);
    assert!(rig.ask(RebuildTables {}).unwrap().identical);
}

#[test]
fn an_approved_decision_stays_approved_and_is_not_made_again() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    answer(&rig, true);
    rig.diagnose(2, DAY, &[finding(Severity::ActNow)]);
    assert_eq!(rig.decisions().len(), 1);
    assert_eq!(rig.alerts(AlertView::Open, DAY).len(), 1, "because only evidence says that it was mended");
    rig.diagnosed(3, 2 * DAY, &[], &[KEY]);
    assert!(matches!(rig.decisions()[0].state, DecisionState::Approved { .. }));
    assert_eq!(rig.alerts(AlertView::Closed, 2 * DAY).len(), 1);
}

#[test]
fn waiting_too_long_is_escalated_a_few_times_and_not_after_an_answer() {
    for (severity, patience) in [(Severity::ActNow, 4 * HOUR), (Severity::ActSoon, 3 * DAY)] {
        let rig = rig();
        let unsure = Finding { confidence: 0.2, ..finding(severity) };
        rig.diagnose(1, 0, &[unsure]);
        let escalated = || rig.kinds().into_iter().filter(|k| k == kind::DECISION_ESCALATED).count();
        rig.pump(patience - 1000);
        assert_eq!(escalated(), 0, "{severity:?}");
        rig.pump(patience + 1000);
        assert_eq!(escalated(), 1, "{severity:?}");
        for n in 2..8 {
            rig.pump(n * (patience + 1000));
        }
        assert_eq!(escalated(), 3, "because nobody is reminded for ever");
    }
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    answer(&rig, true);
    rig.pump(30 * DAY);
    assert!(!rig.kinds().contains(&kind::DECISION_ESCALATED.to_owned()));
}

#[test]
fn the_policy_approves_critical_work_only_where_it_is_switched_on() {
    for (on, severity, approved) in
        [(false, Severity::ActNow, false), (true, Severity::ActNow, true), (true, Severity::ActSoon, false)]
    {
        let mut rig = rig();
        rig.settings.auto_approve_critical = on;
        let confidence = if severity == Severity::ActNow { 0.9 } else { 0.2 };
        rig.diagnose(1, 0, &[Finding { confidence, ..finding(severity) }]);
        let state = rig.decisions().remove(0).state;
        match &state {
            DecisionState::Approved { by, .. } => assert!(approved && by == "policy", "{state:?}"),
            other => assert!(!approved && *other == DecisionState::Waiting, "{state:?}"),
        }
    }
}

#[test]
fn findings_of_an_unknown_vehicle_are_nobodys_to_decide_about() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    let chain = rig.chain();
    let made = chain.iter().find(|event| event.kind == kind::DIAGNOSIS_MADE).unwrap();
    for subject in [None, Some(77u128.to_be_bytes())] {
        let event = Event { subject, ..made.clone() };
        rig.run(&super::Orchestrator, 0, |read| super::Orchestrator.handle(read, &event));
    }
    assert_eq!(rig.chain().len(), chain.len());
}

#[test]
fn the_policy_leaves_what_is_not_sure_to_a_person_who_is_asked() {
    let mut rig = rig();
    rig.settings.auto_approve_critical = true;
    rig.diagnose(1, 0, &[Finding { confidence: 0.3, ..finding(Severity::ActNow) }]);
    let row = rig.decisions().remove(0);
    assert_eq!((row.rule.as_str(), row.state), ("uncertain-asks", DecisionState::Waiting));
    assert!(rig.told().contains(&"Please decide: Cylinder 1 misfires".to_owned()));
}

#[test]
fn deciding_now_again_and_again_books_approved_work_once() {
    let mut rig = rig();
    rig.settings.auto_approve_critical = true;
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    for n in 1..4 {
        let vehicle = rig.vehicle;
        rig.say(rig.start + n, kind::DECISION_REQUESTED, &kind::DecisionRequested { vehicle });
        rig.pump(n);
    }
    let granted = rig.kinds().into_iter().filter(|k| k == kind::APPROVAL_GRANTED).count();
    assert_eq!((granted, rig.decisions().len()), (1, 1));
}

#[test]
fn reasons_claim_no_more_than_the_rule_knows() {
    for rule in super::super::rules::RULES {
        for claim in ["every time", "what was done", "repair"] {
            assert!(!rule.why.contains(claim), "{}: {}", rule.name, rule.why);
        }
    }
}
