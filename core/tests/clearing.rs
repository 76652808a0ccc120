//! A process that is killed after it told a vehicle to clear its codes, and before it could write down what came of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test, in what tests call too")]

use roadworthy_api::{
    call::{self, Request},
    calls::{GetJob, GetVisit, ListTimeline, MakeCheckReport, RebuildTables, StartCheck, StartClearing, VerifyJournal},
    id::{VehicleId, VisitId},
    job::JobState,
    journal::EvidenceLink,
    role::{Actor, Door},
    valid::LongText,
    visit::VisitDetail,
};
use roadworthy_core::{Engine, KeyPlace, Options};
use roadworthy_simulator as sim;
use std::{
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};

const FOLDER: &str = "ROADWORTHY_TEST_CLEARING_FOLDER";
const PORT: &str = "ROADWORTHY_TEST_CLEARING_PORT";
const VEHICLE: &str = "ROADWORTHY_TEST_CLEARING_VEHICLE";
const CAR: &str = "misfire";
/// Longest wait for anything.
const PATIENCE: Duration = Duration::from_secs(60);

fn open(data: &Path) -> (tokio::runtime::Runtime, Arc<Engine>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options =
        Options { data: data.to_owned(), runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers: false };
    let engine = Engine::open(options).unwrap();
    (runtime, engine)
}

fn ask<C: Request>(engine: &Engine, call: C) -> C::Reply
where
    Engine: call::Handle<C>,
{
    call::call(engine, &Actor::owner(Door::CommandLine), call).unwrap()
}

/// Starts a clearing and waits for its end, which it does not live to see. Does nothing unless started by the test below.
#[test]
fn clearer() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (_runtime, engine) = open(Path::new(&folder));
    let (port, vehicle) = (std::env::var(PORT).unwrap(), std::env::var(VEHICLE).unwrap().parse().unwrap());
    let (reason, confirmed) = (LongText("coil of cylinder 1 replaced".into()), "clear codes".to_owned());
    let job = ask(&engine, StartClearing { port, vehicle, baud: None, reason, confirmed });
    while ask(&engine, GetJob { job }).state == JobState::Running {
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("{:?}", ask(&engine, GetJob { job }).state);
}

/// A cable between a program and the simulated car that tells when service 04 has gone in, and brings no answer to it.
fn cable(car: u16) -> (u16, mpsc::Receiver<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, tells) = mpsc::channel();
    std::thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let car = TcpStream::connect((Ipv4Addr::LOCALHOST, car)).unwrap();
        let (mut from, mut to) = (car.try_clone().unwrap(), client.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let (mut client, mut car, mut line) = (client, car, Vec::new());
        let mut cleared = false;
        for byte in std::io::BufReader::new(&mut client).bytes().map_while(Result::ok) {
            line.push(byte);
            if byte == b'\r' {
                cleared |= line.starts_with(b"04");
                match cleared {
                    true => told.send(()).unwrap(),
                    false => car.write_all(&line).unwrap(),
                }
                line.clear();
            }
        }
        // It talks to one client at a time.
        car.shutdown(Shutdown::Both).unwrap();
    });
    (port, tells)
}

/// Starts a clearing in a process of its own and kills it when the request has gone out.
fn killed_while_clearing(folder: &Path, car: u16, vehicle: VehicleId) {
    let (port, asked) = cable(car);
    let mut child: Child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "clearer", "--nocapture"])
        .env(FOLDER, folder)
        .env(PORT, format!("tcp://127.0.0.1:{port}"))
        .env(VEHICLE, vehicle.to_string())
        .spawn()
        .unwrap();
    let heard = asked.recv_timeout(PATIENCE);
    child.kill().unwrap();
    child.wait().unwrap();
    heard.unwrap();
}

fn check(engine: &Engine, car: u16) -> VisitDetail {
    let job = ask(engine, StartCheck { port: format!("tcp://127.0.0.1:{car}"), vehicle: None, baud: None });
    loop {
        match ask(engine, GetJob { job }).state {
            JobState::Running => std::thread::sleep(Duration::from_millis(20)),
            JobState::Done { visit, .. } => return ask(engine, GetVisit { visit }),
            other => panic!("{other:?}"),
        }
    }
}

/// What the timeline tells of clearing this vehicle's codes, oldest first, with what shows it.
fn told(engine: &Engine, vehicle: VehicleId) -> Vec<(String, String, Option<EvidenceLink>)> {
    let call = ListTimeline { vehicle: Some(vehicle), groups: vec![], from: None, to: None, before: None, limit: 100 };
    let rows = ask(engine, call).into_iter().rev();
    let of = rows.filter(|row| row.event.kind.contains("clear"));
    of.map(|row| (row.event.kind, row.event.summary, row.evidence)).collect()
}

/// The check before it says that nobody knows, and its report can be made.
fn nobody_knows(engine: &Engine, vehicle: VehicleId, clearings: usize) -> VisitId {
    let told = told(engine, vehicle);
    assert_eq!(told.len(), clearings * 2, "{told:?}");
    let [.., (intent, announced, _), (unknown, words, Some(EvidenceLink::Visit { visit }))] = told.as_slice() else {
        panic!("{told:?}")
    };
    assert_eq!((intent.as_str(), unknown.as_str()), ("vehicle.codes.clearing", "vehicle.clearing.unknown"));
    assert!(announced.contains("about to be told to clear"), "{announced}");
    assert!(words.contains("may have been cleared and nobody knows"), "{words}");
    let shown = ask(engine, GetVisit { visit: *visit });
    assert!(shown.summary.contains("may have been cleared, and nobody knows"), "{}", shown.summary);
    let report = ask(engine, MakeCheckReport { visit: *visit });
    assert!(engine.blob(&report.hash).unwrap().1.starts_with(b"%PDF"));
    *visit
}

#[test]
fn a_process_killed_between_clearing_and_writing_it_down_leaves_that_nobody_knows() {
    let folder = tempfile::tempdir().unwrap();
    let car = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let options = sim::Options { speed: 100.0, key: sim::Key::On, ..sim::Options::default() };
    let address = (Ipv4Addr::LOCALHOST, 0).into();
    let (address, serve) = car.block_on(sim::serve_tcp(sim::Source::Name(CAR), address, options)).unwrap();
    car.spawn(serve);
    let port = address.port();

    let vehicle = {
        let (_runtime, engine) = open(folder.path());
        check(&engine, port).vehicle
    };
    killed_while_clearing(folder.path(), port, vehicle);
    {
        // The next start finds it.
        let (_runtime, engine) = open(folder.path());
        let before = nobody_knows(&engine, vehicle, 1);
        let after = check(&engine, port);
        assert!(after.summary.contains("Codes may have been cleared before this check"), "{}", after.summary);
        assert_ne!(after.id, before);
        let later = check(&engine, port);
        assert!(!later.summary.contains("may have been cleared"), "{}", later.summary);
    }
    let (_runtime, engine) = open(folder.path());
    assert_eq!(told(&engine, vehicle).len(), 2, "it is said once");
    killed_while_clearing(folder.path(), port, vehicle);
    // A window that was open all the while notices.
    let until = Instant::now() + PATIENCE;
    while told(&engine, vehicle).len() < 4 {
        assert!(Instant::now() < until, "{:?}", told(&engine, vehicle));
        std::thread::sleep(Duration::from_millis(100));
    }
    nobody_knows(&engine, vehicle, 2);
    assert_eq!(ask(&engine, VerifyJournal {}).faults, []);
    assert!(ask(&engine, RebuildTables {}).identical);
    assert_eq!(std::fs::read_dir(folder.path().join("clearing")).unwrap().count(), 0, "no lock is left");
}
