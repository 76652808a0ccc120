use super::*;
use roadworthy_api::{
    Code, Error,
    alert::{AlertState, DecisionState},
    calls::*,
    id::{AlertId, DecisionId},
    person::PersonDetails,
};

fn code<T: std::fmt::Debug>(result: Result<T>) -> Code {
    let Error { code, hint, .. } = result.unwrap_err();
    assert!(!hint.is_empty(), "{code:?} says no next step");
    code
}

#[test]
fn a_person_sees_to_alerts() -> Result<()> {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    let id = rig.alert(0).id;
    let acknowledge = |acknowledged| rig.ask(AcknowledgeAlert { alert: id, acknowledged });
    let counts = || rig.ask(CountAlerts {}).unwrap();
    assert_eq!((counts().open, counts().act_now, counts().waiting), (1, 1, 1));
    assert!(matches!(acknowledge(true)?.state, AlertState::Acknowledged { .. }));
    let events = rig.ask(GetStatus {})?.events;
    acknowledge(true)?;
    assert_eq!(rig.ask(GetStatus {})?.events, events, "because nothing changed");
    assert_eq!((counts().open, counts().acknowledged), (0, 1));
    assert_eq!(acknowledge(false)?.state, AlertState::Open);

    let until = rig.start + DAY;
    let snooze = |until| rig.ask(SnoozeAlert { alert: id, until });
    assert!(matches!(snooze(Some(until))?.state, AlertState::Snoozed { until: u, .. } if u == until));
    assert_eq!(snooze(Some(rig.start - DAY))?.state, AlertState::Open, "because a time that is past ends the quiet");
    assert_eq!(code(snooze(Some(rig.start + 400 * DAY))), Code::Invalid);

    let close = |closed, why: &str| rig.ask(CloseAlert { alert: id, closed, why: why.into() });
    assert_eq!(code(close(true, "  ")), Code::Invalid);
    let row = close(true, " Coil renewed ")?;
    assert!(matches!(&row.state, AlertState::Closed { why, by, .. } if why == "Coil renewed" && by == "owner/window"));
    assert_eq!(code(close(true, "Again")), Code::Conflict);
    assert_eq!(code(acknowledge(true)), Code::Conflict);
    assert_eq!(code(snooze(Some(until))), Code::Conflict);
    assert_eq!(close(false, "")?.state, AlertState::Open);

    let detail = rig.ask(GetAlert { alert: id })?;
    assert_eq!(detail.finding, finding(Severity::ActNow));
    assert_eq!(detail.decision.map(|d| d.rule), Some("critical-asks".into()));
    let told: Vec<&str> = detail.history.iter().map(|step| step.what.as_str()).collect();
    assert_eq!(
        told,
        [
            "Alert raised: Cylinder 1 misfires (act now)",
            "Alert acknowledged",
            "Acknowledgement of an alert taken back",
            "Alert snoozed",
            "Alert woken",
            "Alert closed: Coil renewed",
            "Alert opened again",
        ]
    );
    for unknown in [
        code(rig.ask(GetAlert { alert: AlertId(9) })),
        code(rig.ask(AcknowledgeAlert { alert: AlertId(9), acknowledged: true })),
        code(rig.ask(SnoozeAlert { alert: AlertId(9), until: None })),
        code(rig.ask(CloseAlert { alert: AlertId(9), closed: true, why: "x".into() })),
        code(rig.ask(ListAlerts { view: AlertView::All, vehicle: Some(VehicleId(9)), offset: 0, limit: 1 })),
        code(rig.ask(ListDecisions { waiting: false, vehicle: Some(VehicleId(9)), offset: 0, limit: 1 })),
        code(rig.ask(AnswerDecision { decision: DecisionId(9), approve: true, note: String::new() })),
        code(rig.ask(DecideNow { vehicle: VehicleId(9) })),
    ] {
        assert_eq!(unknown, Code::NotFound);
    }
    assert!(rig.ask(RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn lists_come_worst_first_and_in_pages() -> Result<()> {
    let rig = rig();
    let severities = [Severity::Watch, Severity::ActNow, Severity::ActSoon, Severity::ActNow];
    for (n, severity) in (0..).zip(severities) {
        let key = format!("code/P030{n}/7E8");
        rig.diagnose(1 + n, i64::try_from(n).unwrap() * 1000, &[Finding { key, ..finding(severity) }]);
    }
    let page = |offset, limit| rig.ask(ListAlerts { view: AlertView::Open, vehicle: None, offset, limit }).unwrap();
    let all = page(0, 10);
    let order: Vec<Severity> = all.rows.iter().map(|row| row.severity).collect();
    assert_eq!(order, [Severity::ActNow, Severity::ActNow, Severity::ActSoon, Severity::Watch]);
    assert_eq!((page(1, 2).rows, page(1, 2).total), (all.rows[1..3].to_vec(), 4));
    Ok(())
}

#[test]
fn a_decision_is_answered_once() -> Result<()> {
    for approve in [true, false] {
        let rig = rig();
        rig.diagnose(1, 0, &[finding(Severity::ActNow), Finding { key: "b".into(), ..finding(Severity::ActSoon) }]);
        let waiting = rig.ask(ListDecisions { waiting: true, vehicle: None, offset: 0, limit: 10 })?;
        assert_eq!((waiting.total, waiting.rows.len()), (1, 1));
        let answer = |decision| rig.ask(AnswerDecision { decision, approve, note: " Call first ".into() });
        let row = answer(waiting.rows[0].id)?;
        match (&row.state, approve) {
            (DecisionState::Approved { note, by, .. }, true) | (DecisionState::Refused { note, by, .. }, false) => {
                assert_eq!((note.as_str(), by.as_str()), ("Call first", "owner/window"));
            }
            other => panic!("{other:?}"),
        }
        assert_eq!(code(answer(row.id)), Code::Conflict);
        let done = rig.decisions().into_iter().find(|row| row.state == DecisionState::Done).unwrap();
        assert_eq!(code(answer(done.id)), Code::Conflict, "because it needs no answer");
        assert_eq!(rig.ask(CountAlerts {})?.waiting, 0);
    }
    Ok(())
}

#[test]
fn what_people_say_goes_with_the_customer_it_was_said_about() -> Result<()> {
    let rig = rig();
    let details = PersonDetails { name: "Anna".into(), ..PersonDetails::default() };
    let person = rig.ask(AddPerson { details })?;
    rig.ask(SetOwner { vehicle: rig.vehicle, person: Some(person) })?;
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    let (alert, decision) = (rig.alert(0).id, rig.decisions()[0].id);
    rig.ask(AnswerDecision { decision, approve: false, note: "Anna has no money".into() })?;
    rig.ask(CloseAlert { alert, closed: true, why: "Anna sold it".into() })?;
    let said = || format!("{:?} {:?}", rig.decisions(), rig.ask(GetAlert { alert }).unwrap());
    assert_eq!(said().matches("Anna").count(), 4, "{}", said());
    assert_eq!(rig.ask(ForgetPerson { person })?.events, 4, "the customer's, the plate's, the answer and the word");
    for _ in 0..2 {
        assert!(!said().contains("Anna"), "{}", said());
        assert!(matches!(rig.decisions()[0].state, DecisionState::Refused { .. }), "because the answer itself stays");
        assert!(rig.ask(RebuildTables {})?.identical);
    }
    Ok(())
}

#[test]
fn the_rules_decide_again_when_they_are_asked_to() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow), Finding { key: "b".into(), ..finding(Severity::Note) }]);
    let first = rig.decisions();
    let refused = first.iter().find(|row| row.state == DecisionState::Waiting).unwrap().id;
    rig.ask(AnswerDecision { decision: refused, approve: false, note: String::new() }).unwrap();
    let vehicle = rig.vehicle;
    rig.say(rig.start, kind::DECISION_REQUESTED, &kind::DecisionRequested { vehicle });
    rig.pump(1000);
    let rows = rig.decisions();
    assert_eq!(rows.len(), first.len() + 2);
    let again = rows.iter().find(|row| row.state == DecisionState::Waiting).unwrap();
    assert!(again.reasons.iter().any(|r| r.starts_with("It was refused")), "{:?}", again.reasons);
    assert_eq!(rig.alert(1000).times, 1, "because nothing new was seen");
    assert_eq!(code(rig.ask(DecideNow { vehicle })), Code::Timeout, "because nobody runs the workers here");
}
