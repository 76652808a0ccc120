//! Alerts: keeps one open alert for each thing that presses on a vehicle, from the first sighting to the evidence that it is gone.
//!
//! A sighting of what has an open alert repeats that one. One of what was closed within [`RETURN_DAYS`] opens it again, so that its
//! history stays in one place; later, a new one is raised. Two devices that raised the same without knowing of one another
//! leave two alerts, of which the later is closed here as soon as one of them sees both.

use super::{Done, Read, Worker, orchestrator::span};
use crate::{
    journal::{
        Event, Hlc,
        kind::{
            self, AlertClosed, AlertCreated, AlertEscalated, AlertRepeated, Cause, DecisionEscalated, DecisionMade,
            DecisionOvertaken, DiagnosisMade,
        },
    },
    store::{
        Fallible,
        alert::{self, Known},
        decision, journal, registration,
    },
};
use roadworthy_api::{
    Timestamp,
    alert::{Action, AlertState},
    finding::{Finding, Severity, Source},
    id::{AlertId, VehicleId},
};
use std::collections::BTreeSet;

/// Days within which a closed alert is opened again rather than a new one raised.
pub(crate) const RETURN_DAYS: i64 = 90;
const DAY: i64 = 24 * 3_600_000;

/// The worker.
pub(crate) struct Alerts;

impl Worker for Alerts {
    fn name(&self) -> &'static str {
        "alerts"
    }

    fn does(&self) -> &'static str {
        "Raises, repeats, escalates and closes alerts."
    }

    fn listens(&self) -> &'static [&'static str] {
        &[kind::DIAGNOSIS_MADE, kind::DECISION_MADE, kind::DECISION_OVERTAKEN, kind::DECISION_ESCALATED]
    }

    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        let mut done = Done::nothing();
        let Some(vehicle) = event.subject.map(VehicleId::from_bytes) else { return Ok(done) };
        let Some(vehicle) = registration::vehicle(read.conn, vehicle)? else { return Ok(done) };
        match event.kind.as_str() {
            kind::DIAGNOSIS_MADE => {
                if let Ok(made) = serde_json::from_str(&event.payload) {
                    diagnosed(read, vehicle, &made, &mut done)?;
                }
            }
            kind::DECISION_MADE => {
                if let Ok(made) = serde_json::from_str(&event.payload) {
                    decided(read, vehicle, &made, &mut done)?;
                }
            }
            kind::DECISION_OVERTAKEN => {
                if let Ok(over) = serde_json::from_str(&event.payload) {
                    undone(read, vehicle, &over, &mut done)?;
                }
            }
            _ => {
                if let Ok(up) = serde_json::from_str(&event.payload) {
                    pressed(read, vehicle, &up, &mut done)?;
                }
            }
        }
        Ok(done)
    }

    fn due(&self, read: &Read<'_>) -> Fallible<Option<Timestamp>> {
        alert::soonest(read.conn, read.device, read.now)
    }

    fn wake(&self, read: &Read<'_>) -> Fallible<Done> {
        let mut done = Done::nothing();
        for known in alert::late(read.conn, read.device, read.now)? {
            let why = format!("Nobody has seen to it for {}.", span(read.now.saturating_sub(known.open_since)));
            let (alert, severity, nth) = (known.row.id, known.row.severity, known.nth + 1);
            let up = AlertEscalated { alert, severity, why, nth, opens: false };
            let (subject, raised) = (Some(known.registration.bytes()), journal::stamped(read.conn, known.stamp)?);
            done.say_of(read, raised, kind::ALERT_ESCALATED, subject, &up)?;
        }
        Ok(done)
    }
}

/// What was found opens or repeats alerts that there are; what is gone by evidence closes them.
fn diagnosed(read: &Read<'_>, vehicle: VehicleId, made: &DiagnosisMade, done: &mut Done) -> Fallible<()> {
    for absent in &made.absent {
        for known in open(read, vehicle, &absent.key)? {
            if made.at > known.row.seen {
                close(read, &known, &absent.why, (made.source, made.at), done)?;
            }
        }
    }
    let mut keys = BTreeSet::new();
    for finding in made.findings.iter().filter(|finding| keys.insert(finding.key.as_str())) {
        let (source, at) = (made.source, made.at);
        let mut known = open(read, vehicle, &finding.key)?.into_iter();
        let Some(first) = known.next() else {
            if finding.severity > Severity::Note {
                reopen(read, vehicle, &Seen { finding, source, at }, done)?;
            }
            continue;
        };
        for twin in known {
            close(read, &twin, "The same is told by an alert that was raised before it.", (source, at), done)?;
        }
        let same = first.row.source == source && first.row.severity == finding.severity;
        if !same && at >= first.row.seen {
            repeat(read, &first, &Seen { finding, source, at }, done)?;
        }
    }
    Ok(())
}

/// A decision that people should know of raises an alert, unless there is one.
fn decided(read: &Read<'_>, vehicle: VehicleId, made: &DecisionMade, done: &mut Done) -> Fallible<()> {
    let seen = Seen { finding: &made.finding, source: made.source, at: made.at };
    let known = alert::of_key(read.conn, vehicle, &made.finding.key, read.now)?;
    if let Some(open) = known.iter().find(|known| !closed(known)) {
        // After a pause this may be the first that is heard of the sighting.
        if made.at > open.row.seen {
            repeat(read, open, &seen, done)?;
        }
        return Ok(());
    }
    // What was read before somebody closed it is what they closed; and what is gone by now, as when this was put among the dead
    // and is tried again, would open an alert that no later check closes.
    let mut closed = known.iter().filter_map(|known| known.closed_read).any(|read| read >= made.at);
    for known in &known {
        closed |= stale(read, known, &made.finding)?;
    }
    let gone = decision::standing(read.conn, vehicle, &made.finding.key)?.and_then(|standing| standing.gone);
    let over = closed || gone.is_some_and(|gone| gone >= made.at);
    if made.action == Action::Note || over || reopen(read, vehicle, &seen, done)? {
        return Ok(());
    }
    let created = AlertCreated {
        alert: AlertId(read.mint()?.0),
        finding: made.finding.clone(),
        source: made.source,
        at: made.at,
        decision: Some(made.decision),
    };
    done.say(read, kind::ALERT_CREATED, Some(registration::root(read.conn, vehicle)?.bytes()), &created)
        .map_err(Into::into)
}

/// A finding that is gone takes its alert along, also one that was raised after a pause, when the diagnosis had been heard already.
fn undone(read: &Read<'_>, vehicle: VehicleId, over: &DecisionOvertaken, done: &mut Done) -> Fallible<()> {
    let Some((_, row)) = decision::get(read.conn, over.decision)? else { return Ok(()) };
    for known in open(read, vehicle, &row.key)? {
        if over.at > known.row.seen {
            close(read, &known, &over.why, (over.source, over.at), done)?;
        }
    }
    Ok(())
}

/// A decision that was escalated presses its alert too.
fn pressed(read: &Read<'_>, vehicle: VehicleId, up: &DecisionEscalated, done: &mut Done) -> Fallible<()> {
    let Some((_, row)) = decision::get(read.conn, up.decision)? else { return Ok(()) };
    let Some(known) = open(read, vehicle, &row.key)?.into_iter().next() else { return Ok(()) };
    let fits = match up.cause {
        // One that this decision raised has said so already.
        Cause::Rose => stamped(&known.stamp) < row.at,
        // Whoever acknowledged or snoozed it knows that it waits.
        Cause::Waiting => known.row.state == AlertState::Open,
        // Opening it again says so.
        Cause::Back => false,
    };
    if fits {
        let waits = up.cause == Cause::Waiting;
        let (nth, why) = (if waits { known.nth } else { 0 }, up.why.clone());
        let up = AlertEscalated { alert: known.row.id, severity: up.severity, why, nth, opens: !waits };
        done.say(read, kind::ALERT_ESCALATED, Some(known.registration.bytes()), &up)?;
    }
    Ok(())
}

/// A finding, and where and when it was read.
struct Seen<'a> {
    finding: &'a Finding,
    source: Source,
    at: Timestamp,
}

/// When an event was said that has this stamp, by the clock of the journal.
fn stamped(stamp: &[u8; 24]) -> Timestamp {
    let [a, b, c, d, e, f, g, h, ..] = *stamp;
    Hlc(u64::from_be_bytes([a, b, c, d, e, f, g, h])).ms()
}

fn closed(known: &Known) -> bool {
    matches!(known.row.state, AlertState::Closed { .. })
}

/// Alerts about a finding that are not over, the one raised first before others.
fn open(read: &Read<'_>, vehicle: VehicleId, key: &str) -> Fallible<Vec<Known>> {
    let mut known = alert::of_key(read.conn, vehicle, key, read.now)?;
    known.retain(|known| !closed(known));
    Ok(known)
}

/// Whether a person closed it knowing just this: what somebody measured is looked at in every check, and is not found again by
/// that. What an ECU says is new each time.
fn stale(read: &Read<'_>, known: &Known, finding: &Finding) -> Fallible<bool> {
    let by_hand = !finding.evidence.is_empty() && finding.evidence.iter().all(|seen| seen.ecu.is_empty());
    let by_person = matches!(&known.row.state, AlertState::Closed { by, .. } if by != "engine");
    Ok(by_hand && by_person && alert::finding(read.conn, known.row.id)?.evidence == finding.evidence)
}

/// Opens the alert that was closed last, if that was not too long ago and the finding was read after it.
fn reopen(read: &Read<'_>, vehicle: VehicleId, seen: &Seen<'_>, done: &mut Done) -> Fallible<bool> {
    let known = alert::of_key(read.conn, vehicle, &seen.finding.key, read.now)?;
    let Some(last) = known.into_iter().max_by_key(|known| known.closed_read) else { return Ok(false) };
    let Some(then) = last.closed_read else { return Ok(false) };
    if seen.at <= then || seen.at.saturating_sub(then) > RETURN_DAYS * DAY || stale(read, &last, seen.finding)? {
        return Ok(false);
    }
    let opened = AlertClosed {
        alert: last.row.id,
        closed: false,
        why: "It was found again.".to_owned(),
        word: None,
        evidence: Some(seen.source),
        at: Some(seen.at),
    };
    done.say(read, kind::ALERT_CLOSED, Some(last.registration.bytes()), &opened)?;
    repeat(read, &last, seen, done)?;
    Ok(true)
}

fn repeat(read: &Read<'_>, known: &Known, seen: &Seen<'_>, done: &mut Done) -> Fallible<()> {
    let repeated = AlertRepeated {
        alert: known.row.id,
        finding: seen.finding.clone(),
        source: seen.source,
        at: seen.at,
        decision: known.row.decision,
    };
    Ok(done.say(read, kind::ALERT_REPEATED, Some(known.registration.bytes()), &repeated)?)
}

fn close(
    read: &Read<'_>,
    known: &Known,
    why: &str,
    (source, at): (Source, Timestamp),
    done: &mut Done,
) -> Fallible<()> {
    let said = AlertClosed {
        alert: known.row.id,
        closed: true,
        why: why.to_owned(),
        word: None,
        evidence: Some(source),
        at: Some(at),
    };
    Ok(done.say(read, kind::ALERT_CLOSED, Some(known.registration.bytes()), &said)?)
}
