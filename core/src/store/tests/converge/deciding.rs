//! Decisions and alerts, whose events clash more than those of workers ever do.

use super::*;
use crate::journal::kind::{
    AlertAcknowledged, AlertClosed, AlertCreated, AlertEscalated, AlertRepeated, AlertSnoozed, Answered,
    ApprovalRequested, Cause, DecisionEscalated, DecisionMade, DecisionOvertaken,
};
use crate::store::{alert, decision};
use roadworthy_api::{
    alert::{Action, AlertView},
    finding::{Finding, Severity, Source, Specialist},
    id::{AlertId, DecisionId},
};

const SEVERITIES: [Severity; 4] = [Severity::Note, Severity::Watch, Severity::ActSoon, Severity::ActNow];

pub(super) fn finding(n: u8) -> Finding {
    Finding {
        key: format!("code/P030{n}/7E8"),
        specialist: Specialist::Engine,
        severity: SEVERITIES[usize::from(n)],
        confidence: 0.5,
        title: format!("Cylinder {n} misfires"),
        explanation: String::new(),
        check_next: vec![],
        evidence: vec![],
    }
}

fn decision_id(n: u8) -> DecisionId {
    DecisionId(0x8000 + u128::from(n))
}

fn alert_id(n: u8) -> AlertId {
    AlertId(0x9000 + u128::from(n))
}

fn source(n: u8) -> Source {
    Source::Visit { visit: VisitId(u128::from(n)) }
}

pub(super) fn decision(store: &Store, now: Timestamp, vehicle: [u8; 16], n: u8, what: u8, with: u8) {
    let decision = decision_id(n);
    match what {
        0 => {
            let made = DecisionMade {
                decision,
                finding: finding(with),
                source: source(with),
                at: now,
                action: if with > 1 { Action::Ask } else { Action::Alert },
                rule: "watch-alerts".into(),
                reasons: vec![],
                inputs: vec![],
                work: String::new(),
                overtakes: (with == 3).then(|| decision_id(n.wrapping_add(1) % 4)),
            };
            say(store, now, kind::DECISION_MADE, vehicle, &made);
        }
        1 => {
            let severity = SEVERITIES[usize::from(with)];
            let up =
                DecisionEscalated { decision, action: Action::Ask, severity, why: String::new(), cause: Cause::Rose };
            say(store, now, kind::DECISION_ESCALATED, vehicle, &up);
        }
        2 => {
            let over = DecisionOvertaken { decision, source: source(with), at: now, why: String::new() };
            say(store, now, kind::DECISION_OVERTAKEN, vehicle, &over);
        }
        3 => say(store, now, kind::APPROVAL_REQUESTED, vehicle, &ApprovalRequested { decision }),
        _ => {
            let kind = if what == 4 { kind::APPROVAL_GRANTED } else { kind::APPROVAL_REFUSED };
            try_say(store, now, kind, vehicle, |w, event| {
                let note = match with {
                    0 => None,
                    n => Some(w.seal(vehicle, event, "answer", &format!("Note {n}"))?),
                };
                Ok(serde_json::to_value(Answered { decision, policy: false, note }).unwrap())
            })
            .unwrap();
        }
    }
}

pub(super) fn alert(store: &Store, now: Timestamp, vehicle: [u8; 16], n: u8, what: u8, with: u8) {
    let (alert, finding, at) = (alert_id(n), finding(with), now);
    match what {
        0 => {
            let made = AlertCreated { alert, finding, source: source(with), at, decision: None };
            say(store, now, kind::ALERT_CREATED, vehicle, &made);
        }
        1 => {
            let again = AlertRepeated { alert, finding, source: source(with), at, decision: None };
            say(store, now, kind::ALERT_REPEATED, vehicle, &again);
        }
        2 => {
            let said = AlertAcknowledged { alert, acknowledged: with > 0 };
            say(store, now, kind::ALERT_ACKNOWLEDGED, vehicle, &said);
        }
        3 => {
            let until = (with > 0).then(|| now + i64::from(with) * 1000);
            say(store, now, kind::ALERT_SNOOZED, vehicle, &AlertSnoozed { alert, until });
        }
        4 => {
            let severity = finding.severity;
            let up = AlertEscalated { alert, severity, why: String::new(), nth: u32::from(with), opens: with == 0 };
            say(store, now, kind::ALERT_ESCALATED, vehicle, &up);
        }
        5 => {
            let said = AlertClosed {
                alert,
                closed: with > 0,
                why: "Gone.".into(),
                word: None,
                evidence: Some(source(with)),
                at: Some(at),
            };
            say(store, now, kind::ALERT_CLOSED, vehicle, &said);
        }
        _ => try_say(store, now, kind::ALERT_CLOSED, vehicle, |w, event| {
            let word = Some(w.seal(vehicle, event, "word", &format!("Word {with}"))?);
            let said = AlertClosed { alert, closed: true, why: String::new(), word, evidence: None, at: None };
            Ok(serde_json::to_value(said).unwrap())
        })
        .unwrap(),
    }
}

#[test]
fn an_alert_that_two_devices_raised_stands_twice_on_both_until_one_of_them_is_closed() {
    let (a, b) = (own(), own());
    alert(&a, NOW, vehicle_id(1), 0, 0, 3);
    alert(&b, NOW + 10, vehicle_id(1), 1, 0, 3);
    exchange(&a, &b);
    let open = |store: &Store| {
        let vehicle = Some(VehicleId::from_bytes(vehicle_id(1)));
        store.read(|conn| alert::list(conn, AlertView::Open, vehicle, NOW + 20, 0, 10)).unwrap().rows
    };
    assert_eq!((open(&a).len(), open(&b).len()), (2, 2));
    alert(&b, NOW + 20, vehicle_id(1), 1, 5, 1);
    exchange(&a, &b);
    assert_eq!(open(&a).iter().map(|row| row.id).collect::<Vec<_>>(), [alert_id(0)]);
    assert_eq!(open(&a), open(&b));
}

#[test]
fn of_two_answers_the_first_by_the_clock_counts_on_both_devices() {
    let (a, b) = (own(), own());
    decision(&a, NOW, vehicle_id(1), 0, 0, 3);
    decision(&a, NOW, vehicle_id(1), 0, 3, 0);
    exchange(&a, &b);
    decision(&a, NOW + 20, vehicle_id(1), 0, 4, 1);
    decision(&b, NOW + 10, vehicle_id(1), 0, 5, 2);
    exchange(&a, &b);
    for store in [&a, &b] {
        let (_, row) = store.read(|conn| decision::get(conn, decision_id(0))).unwrap().unwrap();
        let refused =
            matches!(&row.state, roadworthy_api::alert::DecisionState::Refused { note, .. } if note == "Note 2");
        assert!(refused, "{:?}", row.state);
    }
}

#[test]
fn what_happened_before_an_alert_was_known_counts_once_it_is() {
    let here = own();
    alert(&here, NOW + 10, vehicle_id(1), 0, 2, 1);
    assert_eq!(here.read(|conn| alert::get(conn, alert_id(0), NOW)).unwrap(), None);
    alert(&here, NOW, vehicle_id(1), 0, 0, 3);
    let (_, row) = here.read(|conn| alert::get(conn, alert_id(0), NOW)).unwrap().unwrap();
    assert!(matches!(row.state, roadworthy_api::alert::AlertState::Acknowledged { .. }), "{:?}", row.state);
    assert_eq!(
        here.read(|conn| alert::soonest(conn, here.device(), NOW)).unwrap(),
        None,
        "because somebody has seen to it"
    );
}
