//! Stories: from the raw reading to the sent message, by whatever id a person has.

use super::*;
use crate::{
    journal::{NewEvent, kind},
    outbox::{About, NewMessage},
    store::{
        outbox::{self, Outcome},
        story,
    },
    telemetry::seal::seal,
};
use roadworthy_api::{
    Code, Timestamp,
    calls::{ListTimeline, RegisterVehicle, Trace},
    finding::Severity,
    id::{AlertId, DecisionId, EventId, MessageId, NoteId, VisitId},
    work::Story,
};
use serde_json::{Value, json};

const NOW: Timestamp = 1_795_215_600_000;
const KEY: &str = "code/P0301/7E8";

/// Steps as `kind < number of the step that led to it`, with their places from 0.
fn told(story: &Story) -> Vec<String> {
    let line = |step: &roadworthy_api::work::StoryStep| match step.because {
        Some(because) => format!("{} < {because}", step.kind),
        None => step.kind.clone(),
    };
    for (place, step) in (0u32..).zip(&story.steps) {
        assert!(step.because.is_none_or(|because| because < place), "nothing comes before what led to it: {story:#?}");
        assert!(!step.summary.is_empty() && !step.actor.is_empty());
    }
    story.steps.iter().map(line).collect()
}

fn trace(engine: &Engine, id: impl ToString) -> Story {
    ask(engine, Trace { id: id.to_string() }).unwrap()
}

/// Says what an earlier event led to.
fn say(
    engine: &Engine,
    at: Timestamp,
    because: Option<EventId>,
    kind: &'static str,
    of: VehicleId,
    said: &Value,
) -> EventId {
    engine
        .store
        .write("engine/trial", at, |w| {
            if let Some(because) = because {
                w.because(because)?;
            }
            w.append(NewEvent::new(w.mint()?, kind, Some(of.bytes()), said)?)
        })
        .unwrap()
}

fn vehicle(engine: &Engine, plate: &str) -> VehicleId {
    ask(engine, RegisterVehicle { vin: None, plate: Some(plate.into()), name: None }).unwrap()
}

fn finding() -> Value {
    json!({"key": KEY, "specialist": "engine", "severity": "act-now", "confidence": 0.9, "title": "Cylinder 1 misfires",
        "explanation": "", "check_next": [], "evidence": []})
}

fn put(engine: &Engine, event: EventId, key: &str, at: Timestamp) -> MessageId {
    let id = MessageId(crate::keys::mint(at).unwrap().0);
    let about = About {
        alert: Some(AlertId(5)),
        decision: None,
        vehicle: None,
        severity: Severity::ActNow,
        text: String::new(),
    };
    let message = NewMessage { key: key.into(), channel: "mail", subject: "Cylinder 1 misfires".into(), about };
    assert!(engine.store.write_local(|tx| outbox::put(tx, &message, id, event, None, at)).unwrap());
    id
}

fn attempt(engine: &Engine, at: Timestamp, outcome: Outcome) {
    let claim = engine.store.write_local(|tx| outbox::claim(tx, "mail", at, at + 1000)).unwrap().unwrap();
    let settle = |w: &mut crate::store::Writing<'_>| outbox::settle(w, claim.id, claim.attempt, &outcome, at + 5);
    assert!(engine.store.write("engine/outbox", at + 5, settle).unwrap());
}

#[test]
fn any_id_of_a_story_tells_all_of_it_from_the_reading_to_the_sent_message() -> Result<()> {
    let engine = own();
    let of = vehicle(&engine, "RW 1");
    let (visit, decision, alert, note) = (VisitId(3), DecisionId(4), AlertId(5), NoteId(6));
    // Later than the registration: a clock never runs back.
    let now = NOW + 400 * 86_400_000;
    let source = json!({"from": "visit", "visit": visit});
    let mut report = crate::verdict::sample::clean();
    report.vin = None;
    let checked = json!({"visit": visit, "report": report, "traffic": ""});
    let checked = say(&engine, now, None, kind::VEHICLE_CHECKED, of, &checked);
    let made = json!({"source": source, "at": now, "findings": [finding()]});
    let diagnosed = say(&engine, now, Some(checked), kind::DIAGNOSIS_MADE, of, &made);
    let made = json!({"decision": decision, "finding": finding(), "source": source, "at": now, "action": "ask", "rule": "r",
        "reasons": [], "inputs": []});
    let decided = say(&engine, now, Some(diagnosed), kind::DECISION_MADE, of, &made);
    let created = json!({"alert": alert, "finding": finding(), "source": source, "at": now});
    let alerted = say(&engine, now, Some(decided), kind::ALERT_CREATED, of, &created);
    let message = put(&engine, alerted, "a", now);
    attempt(&engine, now + 10, Outcome::Dead { cause: "The server is away.".into() });
    engine.store.write_local(|tx| outbox::retry(tx, message, now + 20))?;
    attempt(&engine, now + 20, Outcome::Sent { remark: String::new() });
    let seen = json!({"alert": alert, "acknowledged": true});
    say(&engine, now + 30, Some(alerted), kind::ALERT_ACKNOWLEDGED, of, &seen);
    say(&engine, now + 40, None, kind::NOTE_REMOVED, of, &json!({"note": note, "removed": true}));

    let story = trace(&engine, visit);
    assert_eq!(
        told(&story),
        [
            "vehicle.checked",
            "diagnosis.made < 0",
            "decision.made < 1",
            "alert.created < 2",
            "outbox.message < 3",
            "outbox.attempt < 4",
            "notification.failed < 5",
            "outbox.attempt < 5",
            "notification.sent < 7",
            "alert.acknowledged < 3",
        ]
    );
    assert_eq!(story.correlation, checked);
    assert_eq!(story.steps[4].summary, "Message for mail: Cylinder 1 misfires");
    assert_eq!(story.steps[5].summary, "Attempt 1 through mail failed: The server is away.");
    assert_eq!(story.steps[7].summary, "Attempt 2 through mail was taken");
    assert_eq!((story.steps[7].at, story.steps[7].event), (now + 20, None));
    assert_eq!(story.steps[0].event, Some(checked));

    for (what, id) in [
        ("event", alerted.to_string()),
        ("first event", checked.to_string()),
        ("decision", decision.to_string()),
        ("alert", alert.to_string()),
        ("message", message.to_string()),
        ("finding", KEY.to_owned()),
        ("padded", format!("  {visit} ")),
    ] {
        assert_eq!(trace(&engine, id), story, "by the id of the {what}");
    }
    for none in [of.to_string(), note.to_string(), MessageId(99).to_string(), "no id".into(), String::new()] {
        assert_eq!(ask(&engine, Trace { id: none.clone() }).unwrap_err().code, Code::NotFound, "{none}");
    }
    engine.store.write_local(|tx| outbox::prune(tx, now + 200 * 86_400_000))?;
    let after = trace(&engine, message);
    assert!(told(&after).contains(&"notification.sent < 3".to_owned()), "because the journal still knows the message");
    Ok(())
}

#[test]
fn a_finding_that_several_vehicles_have_is_asked_back_about() {
    let engine = own();
    for (n, plate) in [(1, "RW 1"), (2, "RW 2")] {
        let of = vehicle(&engine, plate);
        let source = json!({"from": "visit", "visit": VisitId(n)});
        let made = json!({"decision": DecisionId(n), "finding": finding(), "source": source, "at": NOW, "action": "note",
            "rule": "r", "reasons": [], "inputs": []});
        say(&engine, NOW, None, kind::DECISION_MADE, of, &made);
    }
    assert_eq!(ask(&engine, Trace { id: KEY.into() }).unwrap_err().code, Code::Conflict);
    assert_eq!(told(&trace(&engine, DecisionId(2))), ["decision.made"]);
}

#[test]
fn what_was_found_in_telemetry_comes_of_the_samples_wherever_they_lie() -> Result<()> {
    let engine = own();
    let of = vehicle(&engine, "RW 1");
    let started = crate::engine::now();
    let mut intake = engine.take_in(&owner(), Some(of), "test", started)?;
    let recording = intake.recording();
    let signal = intake.signal("7E8:05:coolant_temperature", "Coolant", "°C");
    let mut feed = |from: i64| {
        for n in from..from + 10 {
            intake.number(signal, started + n * 1000, 120.0 + n as f64);
        }
        intake.commit()
    };
    feed(0)?;
    let story = engine.store.read(|conn| Ok(crate::store::capture::get(conn, recording)?.unwrap().story))?;
    let source = json!({"from": "recording", "recording": recording});
    let made = |second: i64| json!({"source": source, "at": started + second * 1000, "findings": [finding()]});
    say(&engine, started + 4000, Some(story), kind::DIAGNOSIS_MADE, of, &made(3));
    assert_eq!(
        told(&trace(&engine, recording)),
        ["vehicle.recording.started", "telemetry.tail < 0", "diagnosis.made < 1"],
        "because the samples are not sealed"
    );
    assert_eq!(trace(&engine, story).steps[1].summary, "10 samples as read, in 1 batch that are not sealed yet");

    assert_eq!(seal(&engine.store, recording, u64::MAX, started + 11_000)?.blocks, 1);
    feed(20)?;
    let late = say(&engine, started + 26_000, Some(story), kind::DIAGNOSIS_MADE, of, &made(25));
    say(&engine, started + 27_000, Some(story), kind::DIAGNOSIS_MADE, of, &made(500));
    let whole = trace(&engine, late);
    assert_eq!(
        told(&whole),
        [
            "vehicle.recording.started",
            "telemetry.block < 0",
            "diagnosis.made < 1",
            "vehicle.telemetry.received < 1",
            "telemetry.tail < 0",
            "diagnosis.made < 4",
            "diagnosis.made < 0",
        ],
        "because nothing was read at the time that the last one names"
    );
    assert_eq!(whole.steps[1].summary, "10 samples as read, in 1 block");
    assert_eq!((whole.steps[1].at, whole.steps[4].at), (started, started + 20_000));
    assert_eq!((whole.steps[1].actor.as_str(), whole.steps[4].actor.as_str()), ("engine/telemetry", "owner/window"));

    let rows = ListTimeline { vehicle: Some(of), groups: vec![], from: None, to: None, before: None, limit: 9 };
    let received = ask(&engine, rows)?.into_iter().find(|row| row.event.kind == kind::TELEMETRY_RECEIVED).unwrap();
    let of_block = roadworthy_api::journal::EvidenceLink::Trend { vehicle: of, from: started, until: started + 9001 };
    assert_eq!(received.evidence, Some(of_block));
    Ok(())
}

#[test]
fn a_chain_that_names_a_later_event_as_its_cause_is_not_followed_in_a_circle() -> Result<()> {
    let engine = own();
    let of = vehicle(&engine, "RW 1");
    let first = say(&engine, NOW, None, kind::DECISION_REQUESTED, of, &json!({"vehicle": of}));
    let mut chain = engine.store.read(|conn| crate::store::journal::chain(conn, engine.store.device(), 1, 9))?;
    let mut forged = chain.pop().unwrap();
    let device = roadworthy_api::id::DeviceId(77);
    let mut events = Vec::new();
    let mut prev = crate::journal::FIRST;
    for (seq, id, cause) in [(1, EventId(901), EventId(902)), (2, EventId(902), EventId(901))] {
        (forged.device, forged.seq, forged.id, forged.causation, forged.prev_hash) =
            (device, seq, id, Some(cause), prev);
        forged.hlc = crate::journal::Hlc(forged.hlc.0 + 1);
        forged.correlation = first;
        forged.hash = forged.sealed_hash();
        prev = forged.hash;
        events.push(forged.clone());
    }
    engine.receive(&events)?;
    assert_eq!(told(&trace(&engine, first)), ["decision.requested", "decision.requested", "decision.requested < 1"]);
    assert!(engine.store.read(|conn| story::made(conn, first.bytes()))?.is_none(), "because an event makes itself");
    Ok(())
}
