//! Several processes on one folder at once, and processes killed while they write: nothing that was committed is lost, the
//! chain has no gaps and verifies. The processes are this very test program, started again with a folder in its environment.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test, in what tests call too")]

use roadworthy_api::{
    call,
    calls::{AddPerson, ListPeople, ListVehicles, RebuildTables, RegisterVehicle, VerifyJournal},
    person::PersonDetails,
    role::{Actor, Door},
};
use roadworthy_core::{Engine, KeyPlace, Options};
use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

const FOLDER: &str = "ROADWORTHY_TEST_FOLDER";
const WRITER: &str = "ROADWORTHY_TEST_WRITER";
const COUNT: &str = "ROADWORTHY_TEST_COUNT";
/// Before what a writer says on its standard output, which the test harness writes to as well.
const SAID: &str = "committed:";

fn open(data: &Path) -> (tokio::runtime::Runtime, Arc<Engine>) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    let options =
        Options { data: data.to_owned(), runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers: false };
    let engine = Engine::open(options).unwrap();
    (runtime, engine)
}

fn owner() -> Actor {
    Actor::owner(Door::CommandLine)
}

/// Writes vehicles and customers, and says each once it is committed. Does nothing unless started by a test below.
#[test]
fn writer() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let (writer, count): (String, u32) =
        (std::env::var(WRITER).unwrap(), std::env::var(COUNT).unwrap().parse().unwrap());
    let (_runtime, engine) = open(Path::new(&folder));
    for n in 0..count {
        let name = format!("{writer}-{n}");
        if n % 2 == 0 {
            let plate = Some(format!("P {name}"));
            call::call(&*engine, &owner(), RegisterVehicle { vin: None, plate, name: Some(name.clone()) }).unwrap();
        } else {
            let details = PersonDetails { name: name.clone(), ..PersonDetails::default() };
            call::call(&*engine, &owner(), AddPerson { details }).unwrap();
        }
        println!("\n{SAID}{name}");
    }
}

fn start(folder: &Path, writer: &str, count: u32) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "writer", "--nocapture"])
        .env(FOLDER, folder)
        .env(WRITER, writer)
        .env(COUNT, count.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Names that the writer said it had committed.
fn said(child: &mut Child) -> impl Iterator<Item = String> + use<> {
    let out = BufReader::new(child.stdout.take().unwrap());
    out.lines().map_while(Result::ok).filter_map(|line| line.strip_prefix(SAID).map(str::to_owned))
}

/// Names in the tables.
fn stored(engine: &Engine) -> Vec<String> {
    let mut names = Vec::new();
    for offset in (0..).step_by(500) {
        let vehicles = call::call(
            engine,
            &owner(),
            ListVehicles { search: None, offset, limit: 500, order: None, back: None, state: None },
        )
        .unwrap();
        let people = call::call(engine, &owner(), ListPeople { search: None, offset, limit: 500 }).unwrap();
        if vehicles.rows.is_empty() && people.rows.is_empty() {
            break;
        }
        names.extend(vehicles.rows.into_iter().filter_map(|v| v.name));
        names.extend(people.rows.into_iter().map(|p| p.details.name));
    }
    names.sort();
    names
}

fn check_whole(engine: &Engine) {
    let verified = call::call(engine, &owner(), VerifyJournal {}).unwrap();
    assert_eq!(verified.faults, []);
    assert_eq!(verified.devices, 1, "because one folder is one device, however many processes use it");
    for (device, last) in engine.heads().unwrap() {
        let mut seq = 0;
        while seq < last {
            for event in engine.events_of(device, seq + 1).unwrap() {
                seq += 1;
                assert_eq!(event.seq, seq);
            }
        }
        assert_eq!(last, verified.events);
    }
    assert!(call::call(engine, &owner(), RebuildTables {}).unwrap().identical);
}

#[test]
fn four_processes_write_at_once_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    // None of them finds a folder that is set up: they also race for the device's id, its key and the first event.
    let mut writers: Vec<Child> = (0..4).map(|n| start(folder.path(), &format!("w{n}"), 50)).collect();
    let mut all: Vec<String> = Vec::new();
    for writer in &mut writers {
        all.extend(said(writer));
        assert!(writer.wait().unwrap().success());
    }
    all.sort();
    assert_eq!(all.len(), 200);
    let (_runtime, engine) = open(folder.path());
    assert_eq!(stored(&engine), all);
    check_whole(&engine);
}

#[test]
fn a_process_killed_while_it_writes_loses_nothing_it_had_committed() {
    let kills = if std::env::var_os("ROADWORTHY_LONG").is_some() { 100 } else { 5 };
    let folder = tempfile::tempdir().unwrap();
    let mut committed: Vec<String> = Vec::new();
    for kill in 0..kills {
        let mut child = start(folder.path(), &format!("k{kill}"), 100_000);
        let mut names = said(&mut child);
        // The first word says that it is at work; then it is killed at another instant each time.
        committed.push(names.next().unwrap());
        std::thread::sleep(Duration::from_micros(3_700 * (kill % 17 + 1)));
        child.kill().unwrap();
        committed.extend(names);
        child.wait().unwrap();

        let (_runtime, engine) = open(folder.path());
        let stored = stored(&engine);
        let lost: Vec<&String> = committed.iter().filter(|name| stored.binary_search(name).is_err()).collect();
        assert_eq!(lost, Vec::<&String>::new(), "because each was committed before kill {kill}");
        assert!(
            stored.len() <= committed.len() + usize::try_from(kill).unwrap() + 1,
            "at most one a kill was not said yet"
        );
        check_whole(&engine);
    }
    assert!(committed.len() > usize::try_from(kills).unwrap());
}
