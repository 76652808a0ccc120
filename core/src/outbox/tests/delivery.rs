use super::*;
use crate::outbox::switched_off;
use roadworthy_api::{Code, id::AlertId, work::MessageView};

/// Now by the machine's clock, since delivery goes by it.
fn now() -> Timestamp {
    crate::engine::now()
}

#[test]
fn a_message_is_sent_once_and_the_journal_says_why() {
    let own = own();
    let fake = Fake::takes("desktop");
    let id = own.put("desktop", "a", now());
    let running = run(&own, vec![fake.clone()]);
    assert_eq!(own.until_sent(id).attempts, 1);
    running.stop();
    assert_eq!(*fake.seen.lock().unwrap(), ["a"]);
    let sent = own.events(kind::NOTIFICATION_SENT);
    let cause = own.events(kind::ACCESS_RECORDED).remove(0);
    assert_eq!(sent.len(), 1);
    assert_eq!((sent[0].causation, sent[0].correlation), (Some(cause.id), cause.correlation));
    assert_eq!(sent[0].actor, "engine/outbox");
    let attempts = own.store.read(|conn| outbox::attempts(conn, id)).unwrap();
    assert_eq!(attempts.iter().map(|a| (a.attempt, a.error.as_deref())).collect::<Vec<_>>(), [(1, Some(""))]);
}

#[test]
fn one_key_is_put_in_once() {
    let own = own();
    let message = NewMessage {
        key: "k".into(),
        channel: "desktop",
        subject: "s".into(),
        about: About { alert: None, decision: None, vehicle: None, severity: Severity::Note, text: "t".into() },
    };
    for (n, expect) in [(1, true), (2, false)] {
        let put = own.store.write_local(|tx| outbox::put(tx, &message, MessageId(n), EventId(1), None, NOW)).unwrap();
        assert_eq!(put, expect);
    }
    assert_eq!(own.store.read(outbox::counts).unwrap(), (1, 0));
}

#[test]
fn what_fails_is_tried_again_with_its_cause_and_what_cannot_work_is_given_up() {
    let own = own();
    let flaky = Fake::new("flaky", |_, before| match before {
        0 => Err(Failure::temporary("It rains.")),
        1 => Err(Failure::offline("No network yet.")),
        _ => Ok(String::new()),
    });
    let never = Fake::new("never", |_, _| Err(Failure::permanent("There is no such address.")));
    let (a, b) = (own.put("flaky", "a", now()), own.put("never", "b", now()));
    let running = run(&own, vec![flaky, never.clone()]);
    let dead = own.until(b, "dead", |row| matches!(row.state, MessageState::Dead { .. }));
    assert_eq!((dead.attempts, dead.last_error.as_str()), (1, "There is no such address."));
    assert_eq!(own.until_sent(a).attempts, 3);
    let errors = own.store.read(|conn| outbox::attempts(conn, a)).unwrap();
    let errors: Vec<_> = errors.into_iter().map(|a| a.error.unwrap()).collect();
    assert_eq!(errors, ["It rains.", "No network yet.", ""]);
    assert_eq!(own.events(kind::NOTIFICATION_FAILED).len(), 1);
    assert!(own.events(kind::NOTIFICATION_FAILED)[0].payload.contains("no such address"));

    own.store.write_local(|tx| outbox::retry(tx, b, now())).unwrap();
    own.until(b, "tried again", |row| row.attempts == 2 && matches!(row.state, MessageState::Dead { .. }));
    running.stop();
}

#[test]
fn a_channel_that_hangs_or_panics_leaves_the_others_working_and_is_visible() {
    let own = own();
    let hangs = Fake::new("hangs", |_, _| {
        std::thread::sleep(Duration::from_secs(30));
        Ok(String::new())
    });
    let panics = Fake::new("panics", |_, _| std::panic::resume_unwind(Box::new("a defect of this channel")));
    let works = Fake::takes("works");
    let (a, b) = (own.put("hangs", "a", now()), own.put("panics", "b", now()));
    let others: Vec<_> = (0..20).map(|n| own.put("works", &format!("w{n}"), now())).collect();
    let running = run(&own, vec![hangs.clone(), panics, works.clone()]);
    for id in others {
        own.until_sent(id);
    }
    let keys: Vec<String> = (0..20).map(|n| format!("w{n}")).collect();
    assert_eq!(*works.seen.lock().unwrap(), keys, "because the oldest goes first");
    assert!(own.until(b, "told", |row| !row.last_error.is_empty()).last_error.contains("broke down"));
    own.until(a, "tried again", |row| row.attempts >= 3);
    let told = own.store.read(|conn| outbox::attempts(conn, a)).unwrap();
    assert!(told[0].error.as_ref().unwrap().starts_with("No end of the attempt"), "{told:?}");
    assert_eq!(hangs.seen.lock().unwrap().len(), 1, "because no second attempt begins beside one that hangs");
    let began = Instant::now();
    running.stop();
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
}

#[test]
fn stopping_waits_a_little_for_what_is_on_its_way() {
    let own = own();
    let slow = Fake::new("slow", |_, _| {
        std::thread::sleep(Duration::from_millis(60));
        Ok(String::new())
    });
    let id = own.put("slow", "a", now());
    let running = run(&own, vec![slow]);
    own.until(id, "on its way", |row| row.state == MessageState::Sending);
    running.stop();
    assert!(matches!(own.row(id).state, MessageState::Sent { .. }));
}

#[test]
fn what_a_killed_process_was_sending_is_taken_up_again_and_its_late_word_is_not_heard() {
    let own = own();
    let id = own.put("mail", "a", NOW);
    let claim = |now| own.store.write_local(|tx| outbox::claim(tx, "mail", now, now + 1000)).unwrap();
    let first = claim(NOW).unwrap();
    assert!(claim(NOW + 999).is_none(), "because the claim is not over");
    let second = claim(NOW + 1000).unwrap();
    assert_eq!((first.attempt, second.attempt, second.key.as_str()), (1, 2, "a"));
    let settle = |attempt, outcome| {
        own.store.write("engine/outbox", NOW, |w| outbox::settle(w, id, attempt, &outcome, NOW)).unwrap()
    };
    assert!(!settle(1, outbox::Outcome::Dead { cause: "late".into() }));
    assert!(settle(2, outbox::Outcome::Sent { remark: String::new() }));
    assert!(!settle(2, outbox::Outcome::Sent { remark: String::new() }), "because it is settled");
    let attempts = own.store.read(|conn| outbox::attempts(conn, id)).unwrap();
    assert_eq!(attempts.iter().map(|a| a.error.as_deref()).collect::<Vec<_>>(), [None, Some("")]);
    assert_eq!(own.events(kind::NOTIFICATION_SENT).len(), 1);
}

#[test]
fn a_clock_that_ran_ahead_does_not_keep_a_message_waiting() {
    let own = own();
    let ahead = NOW + 30 * 86_400_000;
    let id = own.put("mail", "a", ahead);
    assert!(own.store.read(|conn| outbox::due(conn, "mail", NOW)).unwrap());
    own.store.write_local(|tx| outbox::claim(tx, "mail", NOW, NOW + 1000)).unwrap().unwrap();
    assert_eq!(own.row(id).state, MessageState::Sending);
}

#[test]
fn messages_of_a_channel_that_is_switched_off_go_and_say_why() {
    let own = own();
    own.set(|n| n.desktop = false);
    let id = own.put("desktop", "a", now());
    let fake = Fake::takes("desktop");
    let running = run(&own, vec![fake.clone()]);
    let row = own.until(id, "dropped", |row| matches!(row.state, MessageState::Dropped { .. }));
    running.stop();
    assert_eq!((row.last_error, fake.seen.lock().unwrap().len()), (switched_off("desktop"), 0));
    assert_eq!(own.events(kind::NOTIFICATION_DROPPED).len(), 1);
}

#[test]
fn people_drop_and_retry_what_was_not_sent_and_nothing_else() {
    let own = own();
    let id = own.put("mail", "a", NOW);
    let drop = || own.store.write("owner/window", NOW, |w| outbox::drop_one(w, id, "", NOW));
    let retry = || own.store.write_local(|tx| outbox::retry(tx, id, NOW));
    drop().unwrap();
    assert_eq!(drop().unwrap_err().code, Code::Conflict);
    retry().unwrap();
    own.store.write_local(|tx| outbox::claim(tx, "mail", NOW, NOW + 1000)).unwrap().unwrap();
    assert_eq!((drop().unwrap_err().code, retry().unwrap_err().code), (Code::Conflict, Code::Conflict));
    own.store
        .write("engine/outbox", NOW, |w| {
            outbox::settle(w, id, 1, &outbox::Outcome::Sent { remark: String::new() }, NOW)
        })
        .unwrap();
    for error in [drop().unwrap_err(), retry().unwrap_err()] {
        assert_eq!((error.code, error.message.as_str()), (Code::Conflict, "The message was sent already."));
    }
    let none = MessageId(9);
    assert_eq!(own.store.write_local(|tx| outbox::retry(tx, none, NOW)).unwrap_err().code, Code::NotFound);
}

#[test]
fn old_messages_go_and_dead_letters_stay() {
    let own = own();
    let (a, b) = (own.put("mail", "a", NOW), own.put("mail", "b", NOW));
    for (id, outcome) in
        [(a, outbox::Outcome::Sent { remark: String::new() }), (b, outbox::Outcome::Dead { cause: "No.".into() })]
    {
        let claim = own.store.write_local(|tx| outbox::claim(tx, "mail", NOW, NOW)).unwrap().unwrap();
        assert_eq!(claim.id, id);
        own.store.write("engine/outbox", NOW, |w| outbox::settle(w, id, 1, &outcome, NOW)).unwrap();
    }
    let days = |n: i64| NOW + n * 86_400_000;
    assert_eq!(own.store.write_local(|tx| outbox::prune(tx, days(90))).unwrap(), 0);
    assert_eq!(own.store.write_local(|tx| outbox::prune(tx, days(91))).unwrap(), 1);
    let left = own.store.read(|conn| outbox::list(conn, MessageView::All, 0, 10)).unwrap();
    assert_eq!((left.total, left.rows[0].id), (1, b));
    assert_eq!(own.store.read(outbox::counts).unwrap(), (0, 1));
}

#[test]
fn only_the_newest_attempts_are_kept() {
    let own = own();
    let id = own.put("mail", "a", NOW);
    for n in 0..60 {
        let claim = own.store.write_local(|tx| outbox::claim(tx, "mail", NOW, NOW)).unwrap().unwrap();
        assert_eq!(claim.attempt, n + 1);
    }
    let attempts = own.store.read(|conn| outbox::attempts(conn, id)).unwrap();
    assert_eq!((attempts.len(), attempts[0].attempt, own.row(id).attempts), (50, 11, 60));
}

#[test]
fn the_vehicle_is_named_when_it_is_sent_and_nothing_personal_is_stored() {
    let own = own();
    let vehicle = VehicleId(5);
    own.store
        .write("owner/window", NOW, |w| {
            let id = w.mint()?;
            let plate = Some(w.seal(vehicle.bytes(), id, "plate", "AB 123")?);
            let fields = kind::VehicleFields { plate, ..Default::default() };
            w.append(NewEvent::new(id, kind::VEHICLE_REGISTERED, Some(vehicle.bytes()), &fields)?)
        })
        .unwrap();
    let id = own.put_about("desktop", "a", Some(vehicle), now());
    let texts = Arc::new(Mutex::new(Vec::new()));
    let heard = texts.clone();
    let fake = Fake::new("desktop", move |letter, _| {
        heard.lock().unwrap().push(format!("{} {} {}", letter.subject, letter.short, letter.body));
        Ok(String::new())
    });
    let running = run(&own, vec![fake]);
    own.until_sent(id);
    running.stop();
    assert_eq!(texts.lock().unwrap()[0].matches("AB 123").count(), 3);
    let stored = format!("{:?} {:?}", own.row(id), own.store.read(|conn| outbox::text(conn, id)).unwrap());
    assert!(!stored.contains("AB 123"), "{stored}");
}

#[test]
fn a_message_about_what_is_over_by_the_time_it_could_leave_is_dropped_with_the_reason() {
    let own = own();
    let finding = roadworthy_api::finding::Finding {
        key: "code/P0301/7E8".into(),
        specialist: roadworthy_api::finding::Specialist::Engine,
        severity: Severity::ActNow,
        confidence: 0.9,
        title: "Cylinder 1 misfires".into(),
        explanation: String::new(),
        check_next: vec![],
        evidence: vec![],
    };
    let source = roadworthy_api::finding::Source::Visit { visit: roadworthy_api::id::VisitId(1) };
    let say = |kind, payload: serde_json::Value| {
        let said = own.store.write("engine/alerts", now(), |w| {
            let new = NewEvent::new(w.mint()?, kind, Some(7u128.to_be_bytes()), &payload)?;
            w.append(new)
        });
        said.unwrap()
    };
    let put = |alert: u128, key: &str| {
        let (id, event) = (MessageId(crate::keys::mint(now()).unwrap().0), own.cause());
        let about = About {
            alert: Some(AlertId(alert)),
            decision: None,
            vehicle: None,
            severity: Severity::ActNow,
            text: "t".into(),
        };
        let message = NewMessage { key: key.into(), channel: "mail", subject: "s".into(), about };
        own.store.write_local(|tx| outbox::put(tx, &message, id, event, None, now())).unwrap();
        id
    };
    for alert in [AlertId(1), AlertId(2)] {
        let created = kind::AlertCreated { alert, finding: finding.clone(), source, at: 1, decision: None };
        say(kind::ALERT_CREATED, serde_json::to_value(created).unwrap());
    }
    let (open, over) = (put(1, "open"), put(2, "over"));
    say(kind::ALERT_CLOSED, serde_json::json!({ "alert": AlertId(2), "closed": true, "why": "It is gone." }));
    let mail = Fake::takes("mail");
    let running = run(&own, vec![mail.clone()]);
    own.until_sent(open);
    let row = own.until(over, "dropped", |row| matches!(row.state, MessageState::Dropped { .. }));
    running.stop();
    assert_eq!(row.last_error, "The alert was closed before the message could be sent.");
    assert_eq!(*mail.seen.lock().unwrap(), ["open"]);
    assert_eq!(own.events(kind::NOTIFICATION_DROPPED).len(), 1, "because nothing is dropped in silence");
}
