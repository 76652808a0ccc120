//! From a check to the message that tells of it, with the workers running as they do in a window.

use super::*;
use crate::store::{alert, journal};
use crate::{Engine, journal::Event};
use roadworthy_api::{
    alert::{AlertRow, AlertState, AlertView, DecisionRow, DecisionState},
    calls::*,
    finding::Severity,
    job::JobState,
    system::{MailSecurity, MailSettings, NotifySettings, Settings},
    work::MessageView,
};
use std::time::{Duration, Instant};

pub(super) const SETTLE: Duration = Duration::from_secs(20);

pub(super) fn working() -> Own {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (data, handle) = (folder.path().to_owned(), runtime.handle().clone());
    let engine = Engine::open(Options { data, runtime: handle, keys: KeyPlace::FileOnly, workers: true }).unwrap();
    // A mail server that refuses at once, so that no test shows anything on anybody's desktop.
    let mail =
        MailSettings { server: "127.0.0.1".into(), port: 9, security: MailSecurity::None, ..MailSettings::default() };
    let notify = NotifySettings { from: Severity::Note, desktop: false, mail: Some(mail) };
    ask(&engine, SetSettings { settings: Settings { notify, ..Settings::default() } }).unwrap();
    Own { engine, folder, _runtime: runtime }
}

pub(super) fn open(engine: &Engine) -> Vec<AlertRow> {
    ask(engine, ListAlerts { view: AlertView::Open, vehicle: None, offset: 0, limit: 50 }).unwrap().rows
}

fn decisions(engine: &Engine) -> Vec<DecisionRow> {
    ask(engine, ListDecisions { waiting: false, vehicle: None, offset: 0, limit: 50 }).unwrap().rows
}

/// Checks the simulated vehicle and waits for all that follows.
pub(super) fn check(engine: &Engine, port: &str) -> roadworthy_api::id::VisitId {
    let job = ask(engine, StartCheck { port: port.into(), vehicle: None, baud: None }).unwrap();
    let until = Instant::now() + Duration::from_secs(60);
    let visit = loop {
        match ask(engine, GetJob { job }).unwrap().state {
            JobState::Done { visit, .. } => break visit,
            JobState::Running => assert!(Instant::now() < until, "the check takes too long"),
            other => panic!("{other:?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    };
    assert!(engine.settle(SETTLE), "the workers take too long");
    visit
}

#[test]
fn a_misfire_becomes_an_alert_and_a_message_of_one_story_and_a_clean_check_closes_it() -> Result<()> {
    let engine = working();
    let visit = check(&engine, "sim:misfire?speed=100");
    let raised = open(&engine);
    let misfire = raised.iter().find(|row| row.title.contains("isfire")).expect("an alert about the misfire").clone();
    assert!(misfire.severity >= Severity::ActSoon, "{misfire:?}");
    let made = decisions(&engine);
    let decision = made.iter().find(|row| Some(row.id) == misfire.decision).expect("the decision behind it").clone();
    assert_eq!(decision.alert, Some(misfire.id));
    assert!(!decision.reasons.is_empty() && !decision.inputs.is_empty());

    let chain: Vec<Event> = engine.store.read(|conn| journal::chain(conn, engine.store.device(), 1, u32::MAX))?;
    let about = |kind: &str, id: &str| {
        chain.iter().find(|e| e.kind == kind && e.payload.contains(id)).unwrap_or_else(|| panic!("{kind} of {id}"))
    };
    let checked = about("vehicle.checked", &visit.to_string());
    let decided = about("decision.made", &decision.id.to_string());
    let alerted = about("alert.created", &misfire.id.to_string());
    assert_eq!((decided.correlation, alerted.correlation), (checked.correlation, checked.correlation));
    assert_eq!(alerted.causation, Some(decided.id));
    assert_eq!((decided.actor.as_str(), alerted.actor.as_str()), ("engine/orchestrator", "engine/alerts"));
    let messages = ask(&engine, ListMessages { view: MessageView::All, offset: 0, limit: 50 })?.rows;
    let told = messages.iter().find(|m| m.key == format!("alert/{}/created/mail", misfire.id)).expect("a message");
    assert_eq!((told.alert, told.event), (Some(misfire.id), alerted.id));

    check(&engine, "sim:misfire?speed=100");
    let again = open(&engine).into_iter().find(|row| row.id == misfire.id).expect("it is still open");
    assert_eq!((again.times, decisions(&engine).len()), (2, made.len()), "because nothing changed");
    let waiting = made.iter().filter(|row| row.state == DecisionState::Waiting).count();
    assert_eq!(ask(&engine, CountAlerts {})?.waiting as usize, waiting);

    let mut report = ask(&engine, GetVisit { visit })?.check;
    report.codes.clear();
    report.freeze_frames.clear();
    for readiness in &mut report.readiness {
        (readiness.mil, readiness.dtc_count) = (false, 0);
    }
    report.ended = crate::engine::now();
    filed(&engine, None, report);
    assert!(engine.settle(SETTLE));
    let row = engine.store.read(|conn| alert::get(conn, misfire.id, crate::engine::now()))?.unwrap().1;
    match row.state {
        AlertState::Closed { by, why, .. } => assert!(by == "engine" && !why.is_empty(), "{by}: {why}"),
        other => panic!("{other:?}"),
    }
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn deciding_now_gives_the_new_decisions() -> Result<()> {
    let engine = working();
    let visit = check(&engine, "sim:misfire?speed=100");
    let vehicle = ask(&engine, GetVisit { visit })?.vehicle;
    let before = decisions(&engine);
    let new = ask(&engine, DecideNow { vehicle })?;
    assert_eq!(new.len(), ask(&engine, GetDiagnosis { vehicle })?.findings.len());
    assert!(new.iter().all(|row| before.iter().all(|old| old.id != row.id)));
    assert!(engine.settle(SETTLE));
    let alerts = open(&engine).len();
    ask(&engine, DecideNow { vehicle })?;
    assert!(engine.settle(SETTLE));
    assert_eq!(open(&engine).len(), alerts, "because there is an alert for each already");
    Ok(())
}
