use super::*;
use crate::journal::kind;
use roadworthy_api::{
    Code,
    adapter::{AdapterRow, CountDigit, Proof, Purpose},
    calls::{CancelJob, GetAdapter, GetVisit, ListAdapters, ListTimeline, StartAdapterTest, StartCheck},
    id::{JobId, VisitId},
    job::{Job, JobKind},
};
use std::time::Duration;

fn ended(engine: &Engine, id: JobId) -> Job {
    for _ in 0..3000 {
        let job = ask(engine, GetJob { job: id }).unwrap();
        if job.state != JobState::Running {
            return job;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    panic!("the job still runs");
}

fn measure(engine: &Engine, port: &str) -> Job {
    ended(engine, ask(engine, StartAdapterTest { port: port.into(), baud: None }).unwrap())
}

fn check(engine: &Engine, port: &str) -> VisitId {
    let job = ask(engine, StartCheck { port: port.into(), vehicle: None, baud: None }).unwrap();
    match ended(engine, job).state {
        JobState::Done { visit, .. } => visit,
        other => panic!("{other:?}"),
    }
}

fn measured(engine: &Engine) -> usize {
    let all = ListTimeline { vehicle: None, groups: vec![], from: None, to: None, before: None, limit: 200 };
    ask(engine, all).unwrap().iter().filter(|row| row.event.kind == kind::ADAPTER_MEASURED).count()
}

#[test]
fn an_adapter_is_measured_as_a_job_and_known_from_then_on() {
    let own = own();
    assert_eq!(ask(&own, ListAdapters {}).unwrap(), []);
    let job = measure(&own, "sim:misfire?speed=20");
    assert_eq!(job.kind, JobKind::Adapter);
    let JobState::Made { name } = &job.state else { panic!("{job:?}") };
    let row: AdapterRow = ask(&own, GetAdapter { adapter: name.parse().unwrap() }).unwrap();
    assert_eq!((row.port.as_str(), row.first), ("sim:misfire?speed=20", row.passport.measured));
    assert!(row.passport.headers.yes() && row.passport.long_reply.yes(), "{row:?}");
    assert_eq!(ask(&own, ListAdapters {}).unwrap(), std::slice::from_ref(&row));
    // A check finds it and measures nothing again.
    let visit = check(&own, "sim:misfire?speed=20");
    let report = ask(&own, GetVisit { visit }).unwrap().check;
    assert_eq!(report.adapter.passport.as_deref(), Some(&row.passport));
    assert_eq!(measured(&own), 1);
    // Measured again it stays the same adapter.
    measure(&own, "sim:misfire?speed=20");
    let again = ask(&own, ListAdapters {}).unwrap();
    assert_eq!((again.len(), again[0].id, again[0].first), (1, row.id, row.first));
    assert!(again[0].passport.measured > row.passport.measured);
    assert_eq!(own.store.rebuild("owner/window", crate::engine::now()).unwrap().differing, [""; 0]);
}

#[test]
fn a_check_measures_an_adapter_that_nobody_knows() {
    let own = own();
    let visit = check(&own, "sim:misfire?speed=20&adapter=clone");
    let report = ask(&own, GetVisit { visit }).unwrap().check;
    let passport = report.adapter.passport.unwrap();
    let [row] = ask(&own, ListAdapters {}).unwrap().try_into().unwrap();
    assert_eq!(row.passport, *passport);
    assert!(row.name.ends_with("(clone)") && passport.counterfeit.is_some(), "{row:?}");
    let visit = check(&own, "sim:misfire?speed=20&adapter=clone");
    let again = ask(&own, GetVisit { visit }).unwrap().check;
    assert_eq!(again.adapter.passport, Some(passport), "because it says how old it is");
    assert_eq!(measured(&own), 1);
    let values =
        |r: &roadworthy_api::check::CheckReport| r.snapshot.iter().map(|v| v.item.pid.clone()).collect::<Vec<_>>();
    let (mut first, mut second) = (values(&report_of(&own, visit)), values(&again));
    first.sort();
    second.sort();
    assert_eq!(first, second);
}

fn report_of(engine: &Engine, visit: VisitId) -> roadworthy_api::check::CheckReport {
    ask(engine, GetVisit { visit }).unwrap().check
}

#[test]
fn without_a_vehicle_it_is_measured_as_far_as_that_goes() {
    let own = own();
    let job = measure(&own, "sim:misfire?speed=50&key=off");
    let JobState::Made { name } = &job.state else { panic!("{job:?}") };
    let row: AdapterRow = ask(&own, GetAdapter { adapter: name.parse().unwrap() }).unwrap();
    assert_eq!(row.passport.tried_on, None);
    assert!(matches!(row.passport.count_digit, CountDigit::Unknown { .. }));
    let uds = row.passport.fit.iter().find(|f| f.purpose == Purpose::Uds).unwrap();
    assert!(matches!(uds.fit, Proof::Unknown { .. }));
}

#[test]
fn what_is_no_adapter_fails_with_its_reason() {
    let own = own();
    let start = |port: &str| ask(&own, StartAdapterTest { port: port.into(), baud: None });
    assert_eq!(start("replay:visit.txt").unwrap_err().code, Code::Invalid);
    assert_eq!(start("nonsense").unwrap_err().code, Code::Invalid);
    let missing = GetAdapter { adapter: roadworthy_api::id::AdapterId(1) };
    assert_eq!(ask(&own, missing).unwrap_err().code, Code::NotFound);
    let job = start("sim:misfire").unwrap();
    assert_eq!(start("sim:misfire").unwrap_err().code, Code::PortBusy);
    ask(&own, CancelJob { job }).unwrap();
    let JobState::Failed { error } = ended(&own, job).state else { panic!("not cancelled") };
    assert_eq!(error.code, Code::Cancelled);
    assert_eq!(ask(&own, ListAdapters {}).unwrap(), []);
}
