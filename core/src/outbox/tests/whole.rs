//! The whole engine with a worker that panics, one that stalls and a mail server that is of no use: what is left works, and each
//! of them is seen with its cause.

use super::{
    Fake, quick,
    server::{Manner, Server, closed},
};
use crate::{
    Engine, KeyPlace, Options,
    journal::{Event, kind},
    outbox::{Channel, deliver::lanes, mail::Mail},
    store::{Fallible, Store},
    workers::{self, Done, Pace, Read, Worker},
};
use roadworthy_api::{
    Result,
    alert::{AlertRow, AlertState, AlertView},
    call::{self, Handle, Request},
    calls::{
        AcknowledgeAlert, GetJob, GetPulse, ListAlerts, ListDeadEvents, ListMessages, ListWorkers, RetryDeadEvent,
        SetSettings, StartCheck, Trace,
    },
    finding::Severity,
    job::JobState,
    role::{Actor, Door},
    stream::Push,
    system::{MailSecurity, MailSettings, NotifySettings, Settings},
    work::{MessageRow, MessageState, MessageView, Pulse, WorkerRow, WorkerState},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// What is wrong with a worker, until it is mended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Panics,
    Stalls,
}

struct Bad {
    trouble: Trouble,
    mended: Arc<AtomicBool>,
}

impl Worker for Bad {
    fn name(&self) -> &'static str {
        if self.trouble == Trouble::Panics { "panics" } else { "stalls" }
    }
    fn does(&self) -> &'static str {
        "Is in trouble"
    }
    fn listens(&self) -> &'static [&'static str] {
        &[kind::VEHICLE_CHECKED]
    }
    fn handle(&self, _: &Read<'_>, _: &Event) -> Fallible<Done> {
        while !self.mended.load(Ordering::Acquire) {
            assert!(self.trouble == Trouble::Stalls, "it tripped over this check");
            std::thread::sleep(Duration::from_millis(5));
        }
        Ok(Done::nothing())
    }
}

fn ask<C: Request>(engine: &Engine, request: C) -> Result<C::Reply>
where
    Engine: Handle<C>,
{
    call::call(engine, &Actor::owner(Door::Window), request)
}

/// Waits until there is what a test waits for.
#[track_caller]
fn until<T>(what: &str, mut found: impl FnMut() -> Option<T>) -> T {
    let end = Instant::now() + Duration::from_secs(30);
    loop {
        if let Some(found) = found() {
            return found;
        }
        assert!(Instant::now() < end, "{what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn settings(port: u16) -> Settings {
    let mail = MailSettings {
        server: "127.0.0.1".into(),
        port,
        security: MailSecurity::None,
        user: String::new(),
        from: "workshop@example.org".into(),
        to: vec!["technician@example.org".into()],
    };
    Settings { notify: NotifySettings { from: Severity::Note, desktop: true, mail: Some(mail) }, ..Settings::default() }
}

fn worker(engine: &Engine, name: &str) -> WorkerRow {
    ask(engine, ListWorkers {}).unwrap().workers.into_iter().find(|row| row.name == name).unwrap()
}

fn messages(engine: &Engine) -> Vec<MessageRow> {
    ask(engine, ListMessages { view: MessageView::All, offset: 0, limit: 100 }).unwrap().rows
}

fn alerts(engine: &Engine) -> Vec<AlertRow> {
    ask(engine, ListAlerts { view: AlertView::All, vehicle: None, offset: 0, limit: 100 }).unwrap().rows
}

/// Runs it all with this mail server, which fails for that cause.
fn check(port: u16, cause: &str) {
    let folder = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let options = Options {
        data: folder.path().to_owned(),
        runtime: runtime.handle().clone(),
        keys: KeyPlace::FileOnly,
        workers: true,
    };
    let mended = Arc::new(AtomicBool::new(false));
    let mut list = workers::all();
    for trouble in [Trouble::Panics, Trouble::Stalls] {
        // First, so that whoever comes after them is not only quicker.
        list.insert(0, Box::new(Bad { trouble, mended: mended.clone() }));
    }
    let pace = Pace {
        first: Duration::from_millis(2),
        cap: Duration::from_millis(8),
        attempts: 3,
        stall: Duration::from_millis(100),
        look: Duration::from_millis(5),
        leave: Duration::from_millis(200),
        ..Pace::default()
    };
    let desktop = Fake::takes("desktop");
    let shown = desktop.clone();
    let duties = move |store: &Arc<Store>| {
        let mail = Mail::with_limit(store.clone(), Duration::from_millis(400));
        let channels: Vec<Arc<dyn Channel>> = vec![Arc::new(mail), shown.clone()];
        lanes(store, channels, &quick())
    };
    let engine = Engine::open_with(options, list, pace, duties).unwrap();
    ask(&engine, SetSettings { settings: settings(port) }).unwrap();
    let mut pushes = engine.pushes();

    let job = ask(&engine, StartCheck { port: "sim:misfire?speed=100".into(), vehicle: None, baud: None }).unwrap();
    until("the check is done", || match ask(&engine, GetJob { job }).unwrap().state {
        JobState::Done { .. } => Some(()),
        JobState::Running => None,
        other => panic!("{other:?}"),
    });

    // The rest works: the code becomes an alert, and whoever sits at the desktop is told.
    let alert =
        until("an alert about the misfire", || alerts(&engine).into_iter().find(|a| a.title.contains("isfire")));
    assert!(alert.severity >= Severity::ActSoon, "{alert:?}");
    let key = |channel: &str| format!("alert/{}/created/{channel}", alert.id);
    until("it is told at the desktop", || {
        let row = messages(&engine).into_iter().find(|m| m.key == key("desktop"))?;
        matches!(row.state, MessageState::Sent { .. }).then_some(())
    });
    assert!(desktop.seen.lock().unwrap().contains(&key("desktop")));

    // The worker that panics has given the check up, and says why.
    let panics = until("it gives up", || Some(worker(&engine, "panics")).filter(|row| row.dead == 1));
    let (_, why) = panics.last_failure.unwrap();
    assert!(why.contains("panicked") && why.contains("it tripped over this check"), "{why}");
    let dead = ask(&engine, ListDeadEvents { offset: 0, limit: 9 }).unwrap();
    assert_eq!((dead.total, dead.rows[0].worker.as_str(), dead.rows[0].attempts), (1, "panics", 3));
    assert!(dead.rows[0].summary.starts_with("Vehicle checked") && dead.rows[0].cause == why, "{dead:?}");
    // The one that stalls is seen to, with what it is at.
    match until("it stalls", || {
        Some(worker(&engine, "stalls").state).filter(|s| matches!(s, WorkerState::Stalled { .. }))
    }) {
        WorkerState::Stalled { at, since } => assert!(at.starts_with("Vehicle checked") && since > 0, "{at}"),
        other => panic!("{other:?}"),
    }
    assert_eq!(worker(&engine, "stalls").lag, 1);
    // The mail waits, and says why.
    let mail = until("the mail has failed", || {
        messages(&engine).into_iter().find(|m| m.key == key("mail") && !m.last_error.is_empty())
    });
    assert!(mail.last_error.contains(cause) && mail.attempts > 0, "{mail:?}");
    assert!(!matches!(mail.state, MessageState::Sent { .. }));
    for row in ask(&engine, ListWorkers {}).unwrap().workers {
        let bad = ["panics", "stalls"].contains(&row.name.as_str());
        let well = until("the others come to rest", || {
            Some(worker(&engine, &row.name)).filter(|row| bad || (row.state == WorkerState::Idle && row.lag == 0))
        });
        assert!(bad || (well.dead == 0 && well.last_failure.is_none()), "{well:?}");
    }

    // One place tells of all of it, and whoever listens hears of it.
    let pulse = ask(&engine, GetPulse {}).unwrap();
    assert_eq!(pulse.workers_in_trouble, ["stalls", "panics"]);
    assert!(pulse.workers_run && pulse.waiting > 0 && pulse.alerts.0 > 0, "{pulse:?}");
    let (mut raised, mut felt) = (false, Vec::<Pulse>::new());
    until("the pushes come", || {
        while let Ok(push) = pushes.try_recv() {
            match push {
                Push::AlertChanged(row) => raised |= row.id == alert.id && row.state == AlertState::Open,
                Push::PulseChanged(pulse) => felt.push(pulse),
                _ => {}
            }
        }
        let newest = felt.last()?;
        (raised && newest.workers_in_trouble.len() == 2 && newest.waiting > 0 && newest.alerts.0 > 0).then_some(())
    });
    assert!(felt.windows(2).all(|two| two[0] != two[1]), "because a pulse that is as it was is not told");

    // Once they are mended, nothing is lost: the event is handled once more, and the pulse is well.
    mended.store(true, Ordering::Release);
    let arrival = dead.rows[0].arrival;
    ask(&engine, RetryDeadEvent { worker: "panics".into(), arrival }).unwrap();
    assert!(engine.settle(Duration::from_secs(20)));
    until("both are well again", || ask(&engine, GetPulse {}).unwrap().workers_in_trouble.is_empty().then_some(()));
    assert_eq!((worker(&engine, "panics").handled, worker(&engine, "stalls").handled), (1, 1));
    assert_eq!(ask(&engine, ListDeadEvents { offset: 0, limit: 9 }).unwrap().total, 0);

    // What a person says of the alert is told, and belongs to its story.
    ask(&engine, AcknowledgeAlert { alert: alert.id, acknowledged: true }).unwrap();
    until("the acknowledgement is told", || {
        while let Ok(push) = pushes.try_recv() {
            if let Push::AlertChanged(row) = push
                && row.id == alert.id
                && matches!(row.state, AlertState::Acknowledged { .. })
            {
                return Some(());
            }
        }
        None
    });
    let story = ask(&engine, Trace { id: alert.id.to_string() }).unwrap();
    let way = |from: usize| {
        let (mut way, mut next) = (Vec::new(), Some(from));
        while let Some(at) = next {
            way.push(story.steps[at].kind.as_str());
            next = story.steps[at].because.map(|because| because as usize);
        }
        way.join(" < ")
    };
    let ways: Vec<String> = (0..story.steps.len()).map(way).collect();
    for (told, of) in [("alert.created", "decision.made"), ("approval.requested", "decision.made")] {
        let whole = format!(
            "notification.sent < outbox.attempt < outbox.message < {told} < {of} < diagnosis.made < vehicle.checked < \
             vehicle.registered"
        );
        assert!(ways.contains(&whole), "{whole} in {ways:#?}");
    }
    assert!(story.steps.iter().any(|step| step.kind == kind::ALERT_ACKNOWLEDGED && step.actor == "owner/window"));
}

#[test]
fn a_panicking_worker_a_stalled_one_and_a_mail_server_that_refuses_leave_the_rest_working_and_are_seen() {
    check(closed(), "connection was refused");
}

#[test]
fn a_panicking_worker_a_stalled_one_and_a_mail_server_that_hangs_leave_the_rest_working_and_are_seen() {
    check(Server::start(Manner::Hangs).port, "did not answer");
}
