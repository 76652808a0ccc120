//! The main story on the engine alone: a simulated car is checked as a job, stored, shown, reported.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test, in what tests call too")]

use roadworthy_api::{
    Code, call,
    calls::{
        GetJob, GetSettings, GetVehicle, GetVisit, ListFaults, ListPorts, ListVehicles, MakeCheckReport, RebuildTables,
        StartCheck, VerifyJournal,
    },
    job::JobState,
    port::PortKind,
    role::{Actor, Door},
};
use roadworthy_core::{Engine, KeyPlace, Options};
use std::time::Duration;

#[test]
fn a_simulated_car_is_checked_stored_shown_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let options = Options {
        data: folder.path().to_owned(),
        runtime: runtime.handle().clone(),
        keys: KeyPlace::FileOnly,
        workers: true,
    };
    let engine = &*Engine::open(options).unwrap();
    let who = &Actor::owner(Door::Window);

    let ports = call::call(engine, who, ListPorts {}).unwrap();
    assert!(ports.iter().any(|p| p.port == "sim:misfire" && p.kind == PortKind::Simulated));
    let unknown = call::call(engine, who, StartCheck { port: "petrol".into(), vehicle: None, baud: None }).unwrap_err();
    assert_eq!(unknown.code, Code::Invalid);

    let job = call::call(engine, who, StartCheck { port: "sim:misfire".into(), vehicle: None, baud: None }).unwrap();
    let (visit, vehicle) = loop {
        match call::call(engine, who, GetJob { job }).unwrap().state {
            JobState::Running | JobState::Made { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => {
                std::thread::sleep(Duration::from_millis(20));
            }
            JobState::Done { visit, vehicle } => break (visit, vehicle),
            JobState::Failed { error } => panic!("{error}"),
        }
    };
    let detail = call::call(engine, who, GetVisit { visit }).unwrap();
    assert_eq!((detail.check.partial.as_ref(), detail.vehicle), (None, vehicle));
    let shown = call::call(engine, who, GetVehicle { vehicle }).unwrap();
    assert_eq!(shown.row.vin, detail.check.vin);
    assert!(shown.row.vin.is_some());
    let faults = call::call(engine, who, ListFaults { vehicle }).unwrap();
    assert_eq!(faults.len(), detail.check.codes.len());
    assert!(!faults.is_empty() && faults.iter().all(|f| f.present && f.visits == 1));
    assert_eq!(
        call::call(
            engine,
            who,
            ListVehicles { search: None, offset: 0, limit: 9, order: None, back: None, state: None }
        )
        .unwrap()
        .rows,
        [shown.row]
    );
    let (traffic, text) = engine.blob(&detail.traffic).unwrap();
    assert!(traffic.media.starts_with("text/plain") && !text.is_empty());
    let report = call::call(engine, who, MakeCheckReport { visit }).unwrap();
    assert!(engine.blob(&report.hash).unwrap().1.starts_with(b"%PDF"));
    assert_eq!(call::call(engine, who, GetSettings {}).unwrap().last_port.as_deref(), Some("sim:misfire"));
    assert_eq!(call::call(engine, who, VerifyJournal {}).unwrap().faults, []);
    assert!(call::call(engine, who, RebuildTables {}).unwrap().identical);
}
