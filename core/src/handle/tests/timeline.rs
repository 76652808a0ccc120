use super::*;
use crate::{
    journal::{NewEvent, kind},
    verdict::sample::{VIN, clean},
};
use roadworthy_api::{
    Code, Timestamp,
    calls::{AddNote, AttachVehicle, ListTimeline, RebuildTables, RegisterVehicle},
    id::{AlertId, DecisionId, EventId, RecordingId, VisitId},
    journal::{EventGroup, EvidenceLink, TimelineRow},
    valid::LongText,
};
use serde_json::{Value, json};

fn say(engine: &Engine, at: Timestamp, kind: &'static str, subject: Option<VehicleId>, payload: &Value) -> EventId {
    engine
        .store
        .write("owner/window", at, |w| {
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind, subject.map(VehicleId::bytes), payload)?)
        })
        .unwrap()
}

fn registered(engine: &Engine, vin: Option<&str>, plate: Option<&str>) -> VehicleId {
    let (vin, plate) = (vin.map(str::to_owned), plate.map(str::to_owned));
    ask(engine, RegisterVehicle { vin, plate, name: None }).unwrap()
}

fn all() -> ListTimeline {
    ListTimeline { vehicle: None, groups: vec![], from: None, to: None, before: None, limit: 500 }
}

fn kinds(rows: &[TimelineRow]) -> Vec<&str> {
    rows.iter().map(|row| row.event.kind.as_str()).collect()
}

#[test]
fn every_event_is_told_with_its_group_its_vehicle_and_what_shows_it() -> Result<()> {
    let engine = own();
    let vehicle = registered(&engine, Some(VIN), Some("RW 1"));
    let visit = filed(&engine, None, clean()).visit;
    let note = AddNote { vehicle, visit: None, text: LongText("The owner hears a noise.".into()) };
    ask(&engine, note)?;
    let now = crate::engine::now();
    let (alert, decision) = (AlertId(5), DecisionId(6));
    let source = json!({"from": "visit", "visit": visit});
    let finding = json!({"key": "code/P0301/7E8", "specialist": "engine", "severity": "act-now", "confidence": 0.9,
        "title": "Cylinder 1 misfires", "explanation": "", "check_next": [], "evidence": []});
    let made = json!({"decision": decision, "finding": finding, "source": source, "at": now, "action": "ask", "rule": "r",
        "reasons": [], "inputs": []});
    say(&engine, now, kind::DECISION_MADE, Some(vehicle), &made);
    say(&engine, now, kind::APPROVAL_REQUESTED, Some(vehicle), &json!({"decision": decision}));
    let created = json!({"alert": alert, "finding": finding, "source": source, "at": now});
    say(&engine, now, kind::ALERT_CREATED, Some(vehicle), &created);
    say(&engine, now, kind::APPROVAL_REQUESTED, Some(vehicle), &json!({"decision": decision}));
    let sent = json!({"message": AlertId(7), "channel": "mail", "alert": alert, "attempts": 1});
    say(&engine, now, kind::NOTIFICATION_SENT, Some(vehicle), &sent);
    let pinned = json!({"pin": AlertId(8), "from": 10, "to": 20, "reason": "A claim", "pinned": true});
    say(&engine, now, kind::TELEMETRY_PINNED, Some(vehicle), &pinned);
    ask(&engine, RebuildTables {})?;

    let rows = ask(&engine, all())?;
    let (of_visit, of_alert) = (Some(EvidenceLink::Visit { visit }), Some(EvidenceLink::Alert { alert }));
    let told: Vec<_> = rows.iter().rev().map(|row| (row.event.kind.as_str(), row.group, row.evidence)).collect();
    use EventGroup::{Alerts, Messages, Papers, Readings, Records, System};
    assert_eq!(
        told,
        [
            (kind::DEVICE_NAMED, System, None),
            (kind::VEHICLE_REGISTERED, Records, None),
            (kind::VEHICLE_CHECKED, Readings, of_visit),
            (kind::NOTE_ADDED, Papers, Some(EvidenceLink::Papers { vehicle })),
            (kind::DECISION_MADE, Alerts, of_visit),
            (kind::APPROVAL_REQUESTED, Alerts, of_alert),
            (kind::ALERT_CREATED, Alerts, of_alert),
            (kind::APPROVAL_REQUESTED, Alerts, of_alert),
            (kind::NOTIFICATION_SENT, Messages, of_alert),
            (kind::TELEMETRY_PINNED, Readings, Some(EvidenceLink::Trend { vehicle, from: 10, until: 20 })),
            (kind::JOURNAL_REBUILT, System, None),
        ]
    );
    for row in &rows {
        let of_none = [kind::DEVICE_NAMED, kind::JOURNAL_REBUILT].contains(&row.event.kind.as_str());
        let expect = if of_none { (None, None) } else { (Some(vehicle), Some("RW 1")) };
        assert_eq!((row.vehicle, row.vehicle_name.as_deref()), expect, "{row:?}");
        assert!(!row.event.summary.contains("RW 1") && !row.event.summary.contains(VIN));
        assert_eq!(row.correlation, row.event.id, "because each of these began its own story");
    }
    assert_eq!(rows[8].event.summary, "Vehicle checked: 2 ECUs, 0 codes");
    assert_eq!(rows[8].event.actor, "owner/window");

    for (groups, expect) in [
        (vec![Papers], vec![kind::NOTE_ADDED]),
        (vec![Readings, Messages], vec![kind::TELEMETRY_PINNED, kind::NOTIFICATION_SENT, kind::VEHICLE_CHECKED]),
        (vec![Records], vec![kind::VEHICLE_REGISTERED]),
    ] {
        let rows = ask(&engine, ListTimeline { groups, ..all() })?;
        assert_eq!(kinds(&rows), expect);
    }
    Ok(())
}

#[test]
fn a_decision_that_raised_no_alert_is_shown_by_what_was_read() -> Result<()> {
    let engine = own();
    let vehicle = registered(&engine, Some(VIN), None);
    let visit = VisitId(4);
    let finding = json!({"key": "k", "specialist": "engine", "severity": "note", "confidence": 1.0, "title": "t",
        "explanation": "", "check_next": [], "evidence": []});
    let made = json!({"decision": DecisionId(6), "finding": finding, "source": {"from": "visit", "visit": visit}, "at": 1,
        "action": "ask", "rule": "r", "reasons": [], "inputs": []});
    say(&engine, 5, kind::DECISION_MADE, Some(vehicle), &made);
    say(&engine, 5, kind::APPROVAL_REFUSED, Some(vehicle), &json!({"decision": DecisionId(6)}));
    let rows = ask(&engine, all())?;
    assert_eq!(rows[0].event.kind, kind::APPROVAL_REFUSED);
    assert_eq!(rows[0].evidence, Some(EvidenceLink::Visit { visit }));
    Ok(())
}

#[test]
fn a_vehicles_timeline_holds_the_events_of_all_its_registrations_and_of_recordings_with_its_vin() -> Result<()> {
    let engine = own();
    let other = registered(&engine, None, Some("RW 3"));
    let unknown = registered(&engine, None, Some("RW 2"));
    say(&engine, 5, kind::REPORT_EXPORTED, Some(unknown), &json!({"visit": VisitId(1), "file": ""}));
    let recording = RecordingId(9);
    let started = json!({"recording": recording, "started": 100, "port": "p", "vin": VIN});
    let mut recorded = json!({"recording": recording, "started": 100, "ended": 200, "port": "p", "vin": VIN, "signals": [],
        "samples": 1, "marks": [], "file": "", "cut_short": false});
    let story = engine.store.write("owner/window", 100, |w| {
        let story = w.append(NewEvent::new(w.mint()?, kind::RECORDING_STARTED, None, &started)?)?;
        w.append(NewEvent::new(w.mint()?, kind::VEHICLE_RECORDED, None, &recorded)?)?;
        Ok(story)
    })?;
    recorded["recording"] = json!(RecordingId(10));
    recorded["vin"] = json!("1RWTEST00X0000003");
    say(&engine, 300, kind::VEHICLE_RECORDED, None, &recorded);
    let vehicle = registered(&engine, Some(VIN), None);
    ask(&engine, AttachVehicle { vehicle: unknown, to: vehicle })?;

    for id in [vehicle, unknown] {
        let rows = ask(&engine, ListTimeline { vehicle: Some(id), ..all() })?;
        let expect = [
            kind::VEHICLE_ATTACHED,
            kind::VEHICLE_REGISTERED,
            kind::VEHICLE_RECORDED,
            kind::RECORDING_STARTED,
            kind::REPORT_EXPORTED,
            kind::VEHICLE_REGISTERED,
        ];
        assert_eq!(kinds(&rows), expect, "because any of its ids means the vehicle");
        let main = rows[0].vehicle.unwrap();
        assert!(rows.iter().all(|row| row.vehicle == Some(main) && row.vehicle_name.as_deref() == Some("RW 2")));
        let trend = Some(EvidenceLink::Trend { vehicle: main, from: 100, until: 201 });
        assert_eq!((rows[2].evidence, rows[3].evidence), (trend, trend));
        assert_eq!((rows[2].correlation, rows[3].correlation), (story, story));
    }
    let groups = vec![EventGroup::Readings];
    let rows = ask(&engine, ListTimeline { vehicle: Some(vehicle), groups, ..all() })?;
    assert_eq!(kinds(&rows), [kind::VEHICLE_RECORDED, kind::RECORDING_STARTED]);
    assert_eq!(kinds(&ask(&engine, ListTimeline { vehicle: Some(other), ..all() })?), [kind::VEHICLE_REGISTERED]);
    let none = ask(&engine, ListTimeline { vehicle: Some(VehicleId(77)), ..all() }).unwrap_err();
    assert_eq!(none.code, Code::NotFound);
    Ok(())
}

#[test]
fn pages_of_any_size_and_filter_hold_every_event_once() -> Result<()> {
    let (engine, there) = (own(), own());
    let start = crate::engine::now();
    let vehicles = [registered(&engine, Some(VIN), None), registered(&there, None, Some("RW 3"))];
    let said: [(&str, Value); 4] = [
        (kind::REPORT_EXPORTED, json!({"visit": VisitId(1), "file": ""})),
        (kind::ACCESS_RECORDED, json!({"call": "ListPeople", "outcome": "done"})),
        (kind::NOTIFICATION_DROPPED, json!({"message": VisitId(1), "channel": "mail", "attempts": 0})),
        (kind::READINGS_FLAGGED, json!({"source": {"from": "visit", "visit": VisitId(1)}, "flags": []})),
    ];
    for n in 0..60_usize {
        let (kind, payload) = &said[n * 7 % 4];
        let none = n % 5 == 0 && *kind != kind::REPORT_EXPORTED;
        let subject = if none { None } else { Some(vehicles[n % 2]) };
        say(if n % 3 == 0 { &there } else { &engine }, start + n as i64 * 10, kind, subject, payload);
        // What another device wrote arrives later, and in between.
        if n % 20 == 11 {
            engine.receive(&there.events_of(there.store.device(), 1)?)?;
        }
    }
    engine.receive(&there.events_of(there.store.device(), 1)?)?;
    let whole = ask(&engine, all())?;
    assert_eq!(whole.len(), 64);
    assert!(whole.is_sorted_by_key(|row| std::cmp::Reverse(row.event.arrival)));
    assert!(!whole.is_sorted_by_key(|row| std::cmp::Reverse(row.event.at)), "because arrival is not the clock's order");
    use EventGroup::{Messages, Papers, Readings, System};
    let ranges = [
        (None, None),
        (Some(start + 100), Some(start + 400)),
        (None, Some(start + 50)),
        (Some(start + 590), None),
        (Some(start + 600), None),
        (Some(start + 300), Some(start + 300)),
        (Some(-5), Some(i64::MAX)),
    ];
    for (from, to) in ranges {
        for vehicle in [None, Some(vehicles[0]), Some(vehicles[1])] {
            for groups in [vec![], vec![Papers], vec![System, Readings], vec![Messages, Papers]] {
                let fits = |row: &&TimelineRow| {
                    (vehicle.is_none() || row.vehicle == vehicle)
                        && (groups.is_empty() || groups.contains(&row.group))
                        && from.is_none_or(|from| row.event.at >= from)
                        && to.is_none_or(|to| row.event.at < to)
                };
                let expect: Vec<&TimelineRow> = whole.iter().filter(fits).collect();
                for limit in [1, 7, 500] {
                    // Asking is an event too, which comes after all of these.
                    let (mut found, mut before) = (Vec::new(), Some(whole[0].event.arrival + 1));
                    loop {
                        let groups = groups.clone();
                        let page = ask(&engine, ListTimeline { vehicle, groups, from, to, before, limit })?;
                        let full = page.len() == limit as usize;
                        before = page.last().map(|row| row.event.arrival);
                        found.extend(page);
                        if !full {
                            break;
                        }
                    }
                    let found: Vec<&TimelineRow> = found.iter().collect();
                    assert_eq!(found, expect, "{from:?} {to:?} {vehicle:?} {groups:?} {limit}");
                }
            }
        }
    }
    Ok(())
}
