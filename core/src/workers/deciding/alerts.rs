use super::*;
use crate::journal::kind::{AlertAcknowledged, AlertCreated, AlertSnoozed};
use roadworthy_api::{
    alert::AlertState,
    calls::{AcknowledgeAlert, AttachVehicle, CloseAlert, RebuildTables, SnoozeAlert},
    id::AlertId,
};

fn watch() -> Finding {
    finding(Severity::Watch)
}

#[test]
fn one_alert_is_repeated_and_not_raised_twice() {
    for order in [[0, 1, 2, 3], [2, 3, 0, 1]] {
        let rig = rig_in_order(&order);
        rig.diagnose(1, 0, &[watch(), watch(), Finding { key: "code/P0420/7E8".into(), ..watch() }]);
        assert_eq!(rig.alerts(AlertView::Open, 0).len(), 2);
        rig.diagnose(2, DAY, &[watch()]);
        let again = rig.alerts(AlertView::Open, DAY).into_iter().find(|row| row.times == 2).unwrap();
        assert_eq!((again.source, again.seen), (visit(2), rig.start + DAY));
        assert_eq!(rig.alerts(AlertView::All, DAY).len(), 2);
        rig.diagnose(2, DAY, &[watch()]);
        assert_eq!(rig.alerts(AlertView::All, DAY).iter().map(|row| row.times).max(), Some(2), "the same visit");
    }
}

#[test]
fn what_is_only_good_to_know_raises_no_alert() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::Note)]);
    assert_eq!(rig.decisions().len(), 1);
    assert!(rig.alerts(AlertView::All, 0).is_empty());
    rig.diagnose(2, 1000, &[finding(Severity::ActNow)]);
    assert_eq!(rig.alert(1000).escalations, 0, "because what was raised this moment needs no second call");
}

#[test]
fn evidence_closes_an_alert_and_a_return_opens_it_again() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    rig.diagnosed(2, -DAY, &[], &[KEY]);
    assert_eq!(rig.alert(0).state, AlertState::Open, "because an older check says nothing of a newer one");
    rig.diagnosed(3, DAY, &[], &[KEY]);
    match rig.alert(DAY).state {
        AlertState::Closed { by, why, .. } => {
            assert_eq!((by.as_str(), why.as_str()), ("engine", "The same ECU did not report it again."));
        }
        other => panic!("{other:?}"),
    }
    rig.diagnose(4, 2 * DAY, &[finding(Severity::ActSoon)]);
    let row = rig.alert(2 * DAY);
    assert_eq!((row.state, row.times), (AlertState::Open, 2));
    rig.diagnosed(5, 3 * DAY, &[], &[KEY]);
    rig.diagnose(6, 200 * DAY, &[finding(Severity::ActSoon)]);
    assert_eq!(rig.alerts(AlertView::All, 200 * DAY).len(), 2, "because that long after it is another thing");
    assert!(rig.ask(RebuildTables {}).unwrap().identical);
}

#[test]
fn a_backlog_is_worked_off_as_if_each_had_come_in_its_time() {
    let rig = rig();
    let made = |n, ms, findings: Vec<Finding>, absent: Vec<&str>| {
        let absent = absent.into_iter().map(|key| Absent { key: key.into(), why: "Gone.".into() }).collect();
        DiagnosisMade { source: visit(n), at: rig.start - 9 * DAY + ms, findings, absent, limits: vec![] }
    };
    let filed = |n, found| {
        let (findings, absent) = if found { (vec![watch()], vec![]) } else { (vec![], vec![KEY]) };
        rig.say(rig.start, kind::DIAGNOSIS_MADE, &made(n, i64::try_from(n).unwrap() * DAY, findings, absent));
    };
    for (n, found) in [(1, true), (2, false), (3, true)] {
        filed(n, found);
    }
    rig.pump(0);
    let open = rig.alert(0);
    assert_eq!((open.state, open.source), (AlertState::Open, visit(3)), "because the newest of the three found it");
    filed(4, true);
    filed(5, false);
    rig.pump(0);
    assert!(matches!(rig.alert(0).state, AlertState::Closed { .. }), "because the newest did not");
}

#[test]
fn acknowledged_stays_so_until_it_presses_more() {
    let rig = rig();
    rig.diagnose(1, 0, &[watch()]);
    let id = rig.alert(0).id;
    rig.ask(AcknowledgeAlert { alert: id, acknowledged: true }).unwrap();
    rig.diagnose(2, DAY, &[watch()]);
    match rig.alert(DAY).state {
        AlertState::Acknowledged { by, .. } => assert_eq!(by, "owner/window"),
        other => panic!("{other:?}"),
    }
    rig.diagnose(3, 2 * DAY, &[finding(Severity::ActNow)]);
    let row = rig.alert(2 * DAY);
    assert_eq!((row.state, row.severity, row.escalations), (AlertState::Open, Severity::ActNow, 1));
    assert_eq!(row.times, 3);
}

#[test]
fn a_snoozed_alert_is_quiet_until_its_time_and_then_open_by_itself() {
    let rig = rig();
    rig.diagnose(1, 0, &[watch()]);
    let id = rig.alert(0).id;
    rig.ask(SnoozeAlert { alert: id, until: Some(rig.start + 3 * DAY) }).unwrap();
    rig.diagnose(2, DAY, &[watch()]);
    assert!(matches!(rig.alert(DAY).state, AlertState::Snoozed { .. }));
    assert_eq!((rig.alerts(AlertView::Open, DAY).len(), rig.alerts(AlertView::Snoozed, DAY).len()), (0, 1));
    assert_eq!((rig.alerts(AlertView::Open, 3 * DAY).len(), rig.alerts(AlertView::Snoozed, 3 * DAY).len()), (1, 0));
    let counts = |ms| rig.engine.store.read(|conn| alert::counts(conn, rig.start + ms)).unwrap();
    assert_eq!((counts(DAY).open, counts(DAY).snoozed), (0, 1));
    assert_eq!((counts(3 * DAY).open, counts(3 * DAY).snoozed), (1, 0));
}

#[test]
fn nobody_seeing_to_it_escalates_three_times_and_then_falls_silent() {
    for (severity, patience) in [(Severity::ActNow, HOUR), (Severity::ActSoon, DAY)] {
        let rig = rig();
        rig.diagnose(1, 0, &[finding(severity)]);
        rig.pump(patience - 1000);
        assert_eq!(rig.alert(0).escalations, 0);
        rig.pump(patience + 1000);
        assert_eq!(rig.alert(0).escalations, 1);
        let events = rig.chain();
        let of = |kind: &str| events.iter().find(|event| event.kind == kind).unwrap().id;
        let link = (of(kind::ALERT_ESCALATED), of(kind::ALERT_CREATED));
        assert!(rig.because.borrow().contains(&link), "because it is of the same story");
        assert_eq!(rig.alert(0).severity, severity, "because time alone makes nothing worse");
        rig.pump(patience + 2000);
        assert_eq!(rig.alert(0).escalations, 1, "because its patience begins anew");
    }
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    for day in 1..30 {
        rig.pump(day * (DAY + 1000));
    }
    assert_eq!(rig.alert(30 * DAY).escalations, 3);
    let rig = super::rig();
    rig.diagnose(1, 0, &[watch()]);
    rig.pump(90 * DAY);
    assert_eq!(rig.alert(90 * DAY).escalations, 0, "because it only wants to be watched");
}

#[test]
fn an_alert_that_somebody_sees_to_or_puts_off_is_not_escalated_until_then() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    let alert = rig.alert(0).id;
    rig.say(rig.start + 1000, kind::ALERT_SNOOZED, &AlertSnoozed { alert, until: Some(rig.start + 10 * HOUR) });
    rig.pump(9 * HOUR);
    assert_eq!(rig.alert(9 * HOUR).escalations, 0);
    rig.pump(12 * HOUR);
    assert_eq!(rig.alert(12 * HOUR).escalations, 1, "because its hour began when the snooze was over");
    rig.say(rig.start + 12 * HOUR + 1000, kind::ALERT_ACKNOWLEDGED, &AlertAcknowledged { alert, acknowledged: true });
    rig.pump(40 * DAY);
    assert_eq!(rig.alert(40 * DAY).escalations, 1);
}

#[test]
fn what_a_person_closed_comes_back_when_it_is_found_again_and_not_before() {
    let rig = rig();
    rig.diagnose(1, -1000, &[watch()]);
    let id = rig.alert(0).id;
    let row = rig.ask(CloseAlert { alert: id, closed: true, why: "New plug".into() }).unwrap();
    assert!(matches!(row.state, AlertState::Closed { ref why, .. } if why == "New plug"), "{row:?}");
    rig.diagnose(2, -500, &[watch()]);
    assert!(matches!(rig.alert(0).state, AlertState::Closed { .. }), "because that was read before it was closed");
    rig.diagnose(3, DAY, &[watch()]);
    assert_eq!(rig.alert(DAY).state, AlertState::Open);
}

#[test]
fn what_was_measured_by_hand_before_somebody_closed_it_is_not_found_again() {
    let pad = |mm: &str, at| Finding {
        evidence: vec![Evidence { what: "Pad, measured by hand".into(), value: mm.into(), ecu: String::new(), at }],
        ..finding(Severity::ActSoon)
    };
    for forced in [false, true] {
        let rig = rig();
        rig.diagnose(1, 0, &[pad("2 mm", 1)]);
        let alert = rig.alert(0).id;
        rig.ask(CloseAlert { alert, closed: true, why: "Pads renewed".into() }).unwrap();
        // Every check looks at the newest measurement, which is still the old one.
        rig.diagnose(2, DAY, &[pad("2 mm", 1)]);
        if forced {
            let vehicle = rig.vehicle;
            rig.say(rig.start + DAY, kind::DECISION_REQUESTED, &kind::DecisionRequested { vehicle });
            rig.pump(DAY);
        }
        assert!(matches!(rig.alert(DAY).state, AlertState::Closed { .. }), "forced: {forced}");
        rig.diagnose(3, 2 * DAY, &[pad("1.8 mm", 2)]);
        assert_eq!(rig.alert(2 * DAY).state, AlertState::Open, "because it was measured again");
        // Over because the measurement was taken back, and back with it.
        rig.diagnosed(4, 3 * DAY, &[], &[KEY]);
        rig.diagnose(5, 4 * DAY, &[pad("1.8 mm", 2)]);
        assert_eq!(rig.alert(4 * DAY).state, AlertState::Open);
    }
}

#[test]
fn two_that_were_raised_for_the_same_are_one_as_soon_as_somebody_sees_both() {
    let rig = rig();
    rig.diagnose(1, 0, &[watch()]);
    let first = rig.alert(0).id;
    let twin =
        AlertCreated { alert: AlertId(7), finding: watch(), source: visit(9), at: rig.start + 1000, decision: None };
    rig.say(rig.start + 1000, kind::ALERT_CREATED, &twin);
    assert_eq!(rig.alerts(AlertView::Open, 1000).len(), 2);
    rig.diagnose(2, 2000, &[watch()]);
    let open = rig.alerts(AlertView::Open, 2000);
    assert_eq!((open.len(), open[0].id), (1, first));
    assert_eq!(rig.alerts(AlertView::Closed, 2000)[0].id, AlertId(7));
}

#[test]
fn alerts_and_decisions_go_with_a_registration_that_turns_out_to_be_another_vehicle() {
    let mut rig = rig();
    let provisional = rig.vehicle;
    rig.diagnose(1, 0, &[watch()]);
    rig.vehicle = rig.ask(RegisterVehicle { vin: Some("1RWTEST0XX0000001".into()), plate: None, name: None }).unwrap();
    assert!(rig.alerts(AlertView::All, 0).is_empty());
    rig.vehicle = rig.ask(AttachVehicle { vehicle: provisional, to: rig.vehicle }).unwrap();
    assert_eq!(rig.alert(0).vehicle, rig.vehicle);
    assert_eq!(rig.decisions()[0].vehicle, rig.vehicle);
    rig.diagnose(2, 1000, &[watch()]);
    assert_eq!((rig.alert(1000).times, rig.decisions().len()), (2, 1), "because it is the same thing");
}

#[test]
fn an_escalation_that_had_not_heard_of_it_takes_back_neither_an_acknowledgement_nor_a_snooze() {
    for snoozed in [false, true] {
        let rig = rig();
        rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
        let (alert, until) = (rig.alert(0).id, rig.start + 20 * HOUR);
        // Thought about before somebody saw to it, committed after: in one process, or on another device.
        let late = rig.read(HOUR + 1000, |read| Alerts.wake(read));
        match snoozed {
            true => rig.say(rig.start + HOUR, kind::ALERT_SNOOZED, &AlertSnoozed { alert, until: Some(until) }),
            false => {
                rig.say(rig.start + HOUR, kind::ALERT_ACKNOWLEDGED, &AlertAcknowledged { alert, acknowledged: true })
            }
        }
        rig.run(&Alerts, HOUR + 1000, |_| Ok(late));
        let row = rig.alert(2 * HOUR);
        assert_eq!(row.escalations, 1, "because that was said");
        match row.state {
            AlertState::Acknowledged { .. } => assert!(!snoozed),
            AlertState::Snoozed { until: stands, .. } => assert!(snoozed && stands == until),
            other => panic!("{other:?}"),
        }
        rig.pump(19 * HOUR);
        assert_eq!(rig.alert(19 * HOUR).escalations, 1);
        rig.pump(22 * HOUR);
        assert_eq!(rig.alert(22 * HOUR).escalations, 1 + u32::from(snoozed), "an hour after the snooze is over");
    }
}

#[test]
fn how_long_nobody_has_seen_to_it_counts_from_the_first_call_not_from_the_last() {
    let rig = rig();
    rig.diagnose(1, 0, &[finding(Severity::ActNow)]);
    for hour in 1..=3 {
        rig.pump(hour * (HOUR + 1000));
    }
    let whys: Vec<String> = rig
        .chain()
        .into_iter()
        .filter(|event| event.kind == kind::ALERT_ESCALATED)
        .map(|event| event.payload)
        .collect();
    for (why, hours) in whys.iter().zip(["1 hour.", "2 hours.", "3 hours."]) {
        assert!(why.contains(hours), "{whys:?}");
    }
    assert_eq!(whys.len(), 3);
}

#[test]
fn an_alert_of_a_clock_that_ran_a_year_ahead_is_escalated_all_the_same_and_not_all_at_once() {
    let rig = rig();
    rig.diagnose(1, 365 * DAY, &[finding(Severity::ActNow)]);
    let of = |kind: &str| rig.kinds().into_iter().filter(|k| k == kind).count();
    // Then it was set right.
    rig.pump(0);
    assert_eq!(of(kind::ALERT_ESCALATED), 1, "because nobody knows since when it stands");
    rig.pump(HOUR - 1000);
    assert_eq!(of(kind::ALERT_ESCALATED), 1);
    rig.pump(HOUR + 1000);
    assert_eq!(of(kind::ALERT_ESCALATED), 2, "because from then on its times are right");
    assert_eq!(of(kind::DECISION_ESCALATED), 1, "and so it is with the decision");
    rig.diagnose(2, 2 * HOUR, &[Finding { key: "code/P0420/7E8".into(), ..finding(Severity::ActNow) }]);
    let raised = |ms| rig.alerts(AlertView::Open, ms).into_iter().map(|row| row.escalations).min();
    assert_eq!(raised(2 * HOUR), Some(0));
    rig.pump(3 * HOUR + 1000);
    assert_eq!(raised(3 * HOUR), Some(1), "because a new one has the right time at once");
}

#[test]
fn a_decision_that_is_tried_again_when_its_finding_is_gone_raises_no_alert_that_nothing_would_close() {
    let rig = rig_in_order(&[0]);
    rig.diagnose(1, 0, &[finding(Severity::ActSoon)]);
    let made = rig.chain().into_iter().find(|event| event.kind == kind::DECISION_MADE).unwrap();
    rig.diagnosed(2, DAY, &[], &[KEY]);
    // The alerts' worker had given up on the first, has heard the rest, and a person retries it.
    let rig = Rig { order: vec![2], ..rig };
    for event in
        rig.chain().into_iter().filter(|event| event.id != made.id && Alerts.listens().contains(&event.kind.as_str()))
    {
        rig.run(&Alerts, DAY, |read| Alerts.handle(read, &event));
    }
    rig.run(&Alerts, 2 * DAY, |read| Alerts.handle(read, &made));
    assert!(rig.alerts(AlertView::Open, 2 * DAY).is_empty(), "{:?}", rig.alerts(AlertView::All, 2 * DAY));
}
