//! Clearing codes from the confirmation to the alert that stays open, on simulated vehicles.

use super::chain::{SETTLE, check, open, working};
use super::*;
use crate::{
    journal::kind::{self, Checked, CodesCleared},
    store::journal,
};
use roadworthy_api::{
    Code,
    calls::{CancelJob, CompareVisits, GetVisit, ListNotes, RebuildTables, StartClearing},
    check::CodeClass,
    clear::{ClearOutcome, Cleared},
    id::VehicleId,
    job::{JobKind, JobState},
    valid::LongText,
};
use std::time::{Duration, Instant};

const RESTING: &str = "sim:misfire?key=on&speed=100";

fn start(engine: &Engine, port: &str, vehicle: VehicleId) -> Result<roadworthy_api::id::JobId> {
    let (reason, confirmed) = (LongText("coil of cylinder 1 replaced".into()), "Clear codes".to_owned());
    ask(engine, StartClearing { port: port.into(), vehicle, baud: None, reason, confirmed })
}

fn clear(engine: &Engine, port: &str, vehicle: VehicleId) -> Result<Cleared> {
    let job = start(engine, port, vehicle)?;
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let job = ask(engine, GetJob { job })?;
        assert_eq!(job.kind, JobKind::Clearing);
        match job.state {
            JobState::Cleared { cleared } => return Ok(cleared),
            JobState::Failed { error } => return Err(error),
            JobState::Running => assert!(Instant::now() < until, "it takes too long"),
            other => panic!("{other:?}"),
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn said<T: serde::de::DeserializeOwned>(engine: &Engine, kind: &str) -> Vec<T> {
    let chain = engine.store.read(|conn| journal::chain(conn, engine.store.device(), 1, u32::MAX)).unwrap();
    chain.iter().filter(|e| e.kind == kind).map(|e| serde_json::from_str(&e.payload).unwrap()).collect()
}

fn codes(engine: &Engine, visit: roadworthy_api::id::VisitId) -> Vec<(String, CodeClass)> {
    let check = ask(engine, GetVisit { visit }).unwrap().check;
    check.codes.into_iter().map(|c| (c.code, c.class)).collect()
}

#[test]
fn codes_are_cleared_between_two_checks_and_the_alert_stays_until_a_later_one() -> Result<()> {
    let engine = working();
    let first = check(&engine, RESTING);
    let vehicle = ask(&engine, GetVisit { visit: first })?.vehicle;
    let misfire = open(&engine).into_iter().find(|row| row.title.contains("isfire")).expect("an alert");

    let cleared = clear(&engine, RESTING, vehicle)?;
    assert_eq!((cleared.vehicle, &cleared.problem), (vehicle, &None));
    let answers: Vec<_> = cleared.answers.iter().map(|a| (a.ecu.as_str(), a.request.as_str(), &a.outcome)).collect();
    let done = &ClearOutcome::Acknowledged;
    assert_eq!(answers, [("7E8", "04", done), ("7E9", "04", done)]);
    let after = cleared.after.expect("a check after it");
    assert_eq!(codes(&engine, cleared.before).len(), 3);
    // What only the vehicle itself can remove is still there.
    assert_eq!(codes(&engine, after), [("P0420".to_owned(), CodeClass::Permanent)]);
    let detail = ask(&engine, GetVisit { visit: after })?;
    assert!(detail.summary.contains("right after codes were cleared"), "{}", detail.summary);
    assert!(detail.check.freeze_frames.is_empty(), "zeros of a frame that is gone are no frame");
    assert!(detail.check.readiness[0].tests.iter().filter(|t| t.available && !t.complete).count() > 3);
    assert!(detail.check.monitors.iter().all(|m| !m.ran), "{:?}", detail.check.monitors);
    assert_eq!(ask(&engine, CompareVisits { one: cleared.before, other: after })?.newer.id, after);

    let events: Vec<CodesCleared> = said(&engine, kind::VEHICLE_CODES_CLEARED);
    let [event] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!((event.before, event.after, event.codes.len()), (cleared.before, Some(after), 3));
    assert_eq!(event.answers, cleared.answers);
    let checks: Vec<Checked> = said(&engine, kind::VEHICLE_CHECKED);
    assert_eq!(checks.iter().map(|c| c.after_clearing).collect::<Vec<_>>(), [false, false, true]);
    let notes = ask(&engine, ListNotes { vehicle, offset: 0, limit: 10 })?.rows;
    assert!(
        notes.iter().any(|n| n.visit == Some(cleared.before) && n.start.contains("coil of cylinder 1")),
        "{notes:?}"
    );

    assert!(engine.settle(SETTLE));
    let still = open(&engine).into_iter().any(|row| row.id == misfire.id);
    assert!(still, "because that they are gone just after a clearing proves nothing");
    // Days later, with every monitor complete.
    let mut later = detail.check;
    later.codes.clear();
    later.ended = crate::engine::now();
    for test in later.readiness.iter_mut().flat_map(|r| &mut r.tests) {
        test.complete = true;
    }
    filed(&engine, None, later);
    assert!(engine.settle(SETTLE));
    assert!(open(&engine).into_iter().all(|row| row.id != misfire.id), "because a later check shows them gone");
    assert!(ask(&engine, RebuildTables {})?.identical);
    Ok(())
}

#[test]
fn a_vehicle_of_the_newer_standard_is_told_in_its_own_words() -> Result<()> {
    let engine = working();
    let port = "sim:uds?key=on&speed=100";
    let vehicle = ask(&engine, GetVisit { visit: check(&engine, port) })?.vehicle;
    let cleared = clear(&engine, port, vehicle)?;
    let answers: Vec<_> = cleared.answers.iter().map(|a| (a.ecu.as_str(), a.request.as_str(), &a.outcome)).collect();
    let done = &ClearOutcome::Acknowledged;
    assert_eq!(answers, [("7E8", "14FFFF33", done), ("7E9", "14FFFF33", done)]);
    assert_eq!(codes(&engine, cleared.after.expect("a check")), [("P0301-11".to_owned(), CodeClass::Permanent)]);
    Ok(())
}

#[test]
fn nothing_is_cleared_where_something_is_against_it() -> Result<()> {
    let engine = working();
    let vehicle = ask(&engine, GetVisit { visit: check(&engine, RESTING) })?.vehicle;
    let other = ask(&engine, GetVisit { visit: check(&engine, "sim:petrol?key=on&speed=100") })?.vehicle;
    for (port, vehicle, words) in [
        ("sim:misfire?speed=100", vehicle, "engine runs"),
        (RESTING, other, "Another vehicle"),
        ("sim:petrol?key=on&speed=100", other, "nothing to clear"),
        ("sim:misfire?key=off&speed=100", vehicle, ""),
    ] {
        let error = clear(&engine, port, vehicle).unwrap_err();
        assert!(error.message.contains(words), "{port}: {error}");
    }
    let reason = || LongText("why".into());
    for (reason, confirmed) in [(reason(), "yes"), (reason(), ""), (LongText(" ".into()), "clear codes")] {
        let call = StartClearing { port: RESTING.into(), vehicle, baud: None, reason, confirmed: confirmed.to_owned() };
        assert_eq!(ask(&engine, call).unwrap_err().code, Code::Invalid);
    }
    let nobody = start(&engine, RESTING, VehicleId(77)).unwrap_err();
    assert_eq!(nobody.code, Code::NotFound);
    assert_eq!(said::<CodesCleared>(&engine, kind::VEHICLE_CODES_CLEARED).len(), 0);
    Ok(())
}

#[test]
fn it_can_be_cancelled_until_codes_are_cleared() -> Result<()> {
    let engine = working();
    let vehicle = ask(&engine, GetVisit { visit: check(&engine, RESTING) })?.vehicle;
    let job = start(&engine, "sim:misfire?key=on&speed=5", vehicle)?;
    while ask(&engine, GetJob { job })?.done < 6 {
        std::thread::sleep(Duration::from_millis(5));
    }
    ask(&engine, CancelJob { job })?;
    let error = loop {
        match ask(&engine, GetJob { job })?.state {
            JobState::Running => std::thread::sleep(Duration::from_millis(10)),
            JobState::Failed { error } => break error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(error.code, Code::Cancelled);
    assert_eq!(said::<CodesCleared>(&engine, kind::VEHICLE_CODES_CLEARED).len(), 0);
    let checks: Vec<Checked> = said(&engine, kind::VEHICLE_CHECKED);
    assert!(checks.last().is_some_and(|c| c.report.partial.is_some()), "what was read by then is kept");
    Ok(())
}
