//! Disks that fill up and disks that may only be read, for real: each story runs in this very test program, started again
//! in a mount namespace of its own that has a small tmpfs.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a failed step is a failed test, in what tests call too; a story that cannot be played says so"
)]

use roadworthy_api::{
    Code, Error, call,
    calls::{
        AddNote, AddPhoto, ExportTelemetry, ExportVehicle, GetJob, GetNote, GetPulse, GetTrend, GetVisit, ListBackups,
        ListLive, ListNotes, ListVehicles, ListVisits, MakeBackup, OpenLive, RebuildTables, RegisterVehicle,
        StartCheck, StartRecording, StopRecording, VerifyBackup, VerifyJournal,
    },
    export::{ExportTo, TableFormat},
    id::{JobId, LiveId, VehicleId, VisitId},
    job::JobState,
    live::{CsvLayout, LiveState, LiveValue, Sample},
    role::{Actor, Door},
    stream::Push,
    telemetry::TrendValues,
    valid::LongText,
};
use roadworthy_core::{Engine, KeyPlace, Options};
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Duration,
};

const DISK: &str = "ROADWORTHY_TEST_DISK";
/// Bytes of the disk.
const SIZE: &str = "16m";

/// The disk, when this process was started with one; else plays the story of this name in a process that is.
fn disk(story: &str) -> Option<PathBuf> {
    if let Some(disk) = std::env::var_os(DISK) {
        return Some(disk.into());
    }
    let place = tempfile::tempdir().unwrap();
    let mount = format!("mount -t tmpfs -o size={SIZE},mode=700 tmpfs \"$0\"");
    let apart = |then: &str| {
        let mut command = Command::new("unshare");
        command.args(["--map-root-user", "--mount", "sh", "-c", &format!("{mount} && {then}")]).arg(place.path());
        command
    };
    if !apart("true").output().is_ok_and(|o| o.status.success()) {
        println!("skipped: {story}, since this user may not mount a disk in a namespace of its own (unshare -rm)");
        return None;
    }
    let mut play = apart("exec \"$@\"");
    play.arg(std::env::current_exe().unwrap()).args(["--exact", story, "--nocapture"]).env(DISK, place.path());
    let played = play.output().unwrap();
    let said = format!("{}{}", String::from_utf8_lossy(&played.stdout), String::from_utf8_lossy(&played.stderr));
    assert!(played.status.success() && said.contains("1 passed"), "{said}");
    None
}

struct Own {
    engine: Arc<Engine>,
    _runtime: tokio::runtime::Runtime,
}

fn open(data: &Path) -> Result<Own, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let options =
        Options { data: data.to_owned(), runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers: false };
    Ok(Own { engine: Engine::open(options)?, _runtime: runtime })
}

impl Own {
    fn ask<C: call::Request>(&self, request: C) -> Result<C::Reply, Error>
    where
        Engine: call::Handle<C>,
    {
        call::call(&*self.engine, &Actor::owner(Door::Window), request)
    }

    /// A check of a simulated car, to its end.
    fn check(&self, vehicle: Option<VehicleId>) -> Result<(VisitId, VehicleId), Error> {
        let job = self.ask(StartCheck { port: "sim:misfire?speed=50".into(), vehicle, baud: None })?;
        match self.ended(job)? {
            JobState::Done { visit, vehicle } => Ok((visit, vehicle)),
            other => panic!("{other:?}"),
        }
    }

    fn ended(&self, job: JobId) -> Result<JobState, Error> {
        loop {
            match self.ask(GetJob { job })?.state {
                JobState::Running => std::thread::sleep(Duration::from_millis(10)),
                JobState::Failed { error } => return Err(error),
                done => return Ok(done),
            }
        }
    }

    /// A backup, made and verified.
    fn backup(&self) -> Result<String, Error> {
        let JobState::Made { name } = self.ended(self.ask(MakeBackup { folder: None })?)? else { panic!("no backup") };
        assert_eq!(self.ask(VerifyBackup { name: name.clone() })?.faults, [""; 0]);
        Ok(name)
    }

    /// Opens a live session and waits until it reads.
    fn live(&self, vehicle: VehicleId) -> LiveId {
        let port = "sim:no-vin?speed=5".into();
        let session = self.ask(OpenLive { port, vehicle: Some(vehicle), baud: None, preset: None }).unwrap().id;
        self.until("it reads", || self.ask(ListLive {}).unwrap().iter().any(|s| s.state == LiveState::Reading));
        session
    }

    fn until(&self, what: &str, holds: impl Fn() -> bool) {
        let until = std::time::Instant::now() + Duration::from_secs(30);
        while !holds() {
            assert!(std::time::Instant::now() < until, "{what}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Why the pulse says that recording or backing up does not go.
    fn trouble(&self) -> (Option<Code>, Option<Code>) {
        let pulse = self.ask(GetPulse {}).unwrap();
        (pulse.recording_problem.map(|e| e.code), pulse.backup_problem.map(|e| e.code))
    }

    fn note(&self, vehicle: VehicleId, text: &str) -> Result<(), Error> {
        self.ask(AddNote { vehicle, visit: None, text: LongText(text.to_owned()) }).map(drop)
    }

    fn photo(&self, vehicle: VehicleId, bytes: &[u8]) -> Result<(), Error> {
        let file = self.engine.put_blob("photo.png", "image/png", bytes)?.hash;
        self.ask(AddPhoto { vehicle, visit: None, file, caption: String::new() }).map(drop)
    }

    /// Vehicles, visits and notes that are stored.
    fn stored(&self, vehicle: VehicleId) -> [u32; 3] {
        let all = ListVehicles { search: None, offset: 0, limit: 9, order: None, back: None, state: None };
        [
            self.ask(all).unwrap().total,
            self.ask(ListVisits { vehicle, offset: 0, limit: 9 }).unwrap().total,
            self.ask(ListNotes { vehicle, offset: 0, limit: 9 }).unwrap().total,
        ]
    }

    fn verify(&self) {
        assert_eq!(self.ask(VerifyJournal {}).unwrap().faults, []);
    }
}

/// A file that takes all room but so much.
fn fill(disk: &Path, left: usize) {
    let path = disk.join("filler");
    drop(fs::remove_file(&path));
    let mut file = File::create(&path).unwrap();
    let page = [0x5a; 4096];
    let mut written: usize = 0;
    let full = loop {
        match file.write(&page) {
            Ok(n) => written += n,
            Err(e) => break e,
        }
    };
    assert_eq!(full.kind(), io::ErrorKind::StorageFull, "{full}");
    file.set_len(u64::try_from(written - left).unwrap()).unwrap();
}

fn check_told(error: &Error, code: Code) {
    assert_eq!(error.code, code, "{error}");
    assert!(!error.hint.is_empty() && !error.message.is_empty(), "{error}");
}

#[test]
fn a_disk_that_fills_up_loses_nothing_that_was_stored() {
    let Some(disk) = disk("a_disk_that_fills_up_loses_nothing_that_was_stored") else { return };
    let data = disk.join("data");
    let own = open(&data).unwrap();
    let (visit, vehicle) = own.check(None).unwrap();
    own.note(vehicle, "Timing chain rattles.").unwrap();
    let before = own.stored(vehicle);
    let first = own.ask(GetVisit { visit }).unwrap();

    // The less room, the earlier it ends: in the file with the raw traffic, or in the database.
    let mut messages = Vec::new();
    for left in [0, 8 << 10, 16 << 10, 32 << 10, 64 << 10] {
        fill(&disk, left);
        let Err(error) = own.check(Some(vehicle)) else { break };
        check_told(&error, Code::DiskFull);
        messages.push(error.message);
        assert_eq!(own.stored(vehicle), before, "with {left} bytes left");
        own.verify();
    }
    assert!(messages.iter().any(|m| m.contains("cannot be written")), "{messages:?}");
    assert!(messages.iter().any(|m| m.contains("nothing was changed")), "{messages:?}");
    let [_, visits, _] = own.stored(vehicle);
    for left in [0, 4 << 10, 64 << 10, 512 << 10] {
        fill(&disk, left);
        check_told(&own.note(vehicle, &"A long story. ".repeat(70_000)).unwrap_err(), Code::DiskFull);
        check_told(&own.photo(vehicle, &vec![7; 1 << 20]).unwrap_err(), Code::DiskFull);
    }
    assert_eq!(own.stored(vehicle), [before[0], visits, before[2]]);
    own.verify();
    assert_eq!(own.ask(GetVisit { visit }).unwrap(), first, "because reading goes on");

    fs::remove_file(disk.join("filler")).unwrap();
    let (again, _) = own.check(Some(vehicle)).unwrap();
    own.note(vehicle, &"A long story. ".repeat(70_000)).unwrap();
    let whole = |own: &Own| {
        assert_eq!(own.stored(vehicle), [before[0], visits + 1, before[2] + 1]);
        assert_eq!(own.ask(GetVisit { visit }).unwrap().check, first.check);
        assert_eq!(own.ask(GetVisit { visit: again }).unwrap().check.partial, None);
        own.verify();
        assert!(own.ask(RebuildTables {}).unwrap().identical);
    };
    whole(&own);
    drop(own);
    whole(&open(&data).unwrap());
}

/// Samples that a session shows while this runs.
fn shown(own: &Own, then: impl FnOnce()) -> Vec<Sample> {
    let mut pushes = own.engine.pushes();
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let reader = std::thread::spawn(move || {
        let mut all = Vec::new();
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            match pushes.try_recv() {
                Ok(Push::LiveValues(frame)) => all.extend(frame.samples),
                Ok(_) => {}
                Err(tokio::sync::broadcast::error::TryRecvError::Empty) => std::thread::sleep(Duration::from_millis(5)),
                Err(e) => panic!("{e}"),
            }
        }
        all
    });
    then();
    drop(stop);
    reader.join().unwrap()
}

/// The disk is full for two seconds while a session is recorded: the pulse tells it, the samples wait, and once there is room
/// all of them are there.
#[test]
fn a_disk_that_fills_up_while_recording_loses_no_sample() {
    let Some(disk) = disk("a_disk_that_fills_up_while_recording_loses_no_sample") else { return };
    let data = disk.join("data");
    let own = open(&data).unwrap();
    let vehicle = own.ask(RegisterVehicle { vin: None, plate: None, name: Some("Van".into()) }).unwrap();
    let first = own.backup().unwrap();
    let session = own.live(vehicle);
    let mut from = 0;
    let mut samples = shown(&own, || {
        let recording = own.ask(StartRecording { session }).unwrap().recording.unwrap();
        from = recording.started;
        std::thread::sleep(Duration::from_millis(1200));
        assert_eq!(own.trouble(), (None, None));
        fill(&disk, 0);
        own.until("the pulse tells it", || own.trouble().0 == Some(Code::DiskFull));
        check_told(&own.backup().map(drop).unwrap_err(), Code::DiskFull);
        assert_eq!(own.trouble().1, Some(Code::DiskFull));
        let offered = own.ask(ListBackups {}).unwrap();
        assert_eq!(offered.len(), 1, "because none is offered that is not whole");
        assert_eq!((&offered[0].name, &offered[0].problem), (&first, &None));
        std::thread::sleep(Duration::from_secs(2));
        assert_eq!(own.trouble().0, Some(Code::DiskFull), "because it is still full");
        own.verify();
        fs::remove_file(disk.join("filler")).unwrap();
        own.until("it goes on by itself", || own.trouble().0.is_none());
        std::thread::sleep(Duration::from_millis(700));
    });
    let row = own.ask(StopRecording { session }).unwrap();
    assert!(!row.cut_short);
    let number = |s: &Sample| matches!(s.value, LiveValue::Number { .. });
    samples.retain(|s| s.at > from && number(s));
    assert!(samples.len() > 50, "{}", samples.len());
    let missing = |own: &Own| {
        let mut signals: Vec<String> = samples.iter().map(|s| s.signal.clone()).collect();
        signals.sort();
        signals.dedup();
        let to = from + 3_600_000;
        let trend = own.ask(GetTrend { vehicle, signals, from, to, columns: 4000 }).unwrap();
        let mut there = std::collections::BTreeSet::new();
        for signal in trend.signals {
            let TrendValues::Raw { points, .. } = signal.values else { panic!("single values are gone") };
            for (at, value) in points {
                let value = value.map(f64::to_bits);
                assert!(there.insert((signal.id.clone(), at, value)), "{} at {at} is there twice", signal.id);
            }
        }
        let key = |s: &Sample| {
            let LiveValue::Number { value } = s.value else { panic!("a number") };
            (s.signal.clone(), s.at, Some(value.to_bits()))
        };
        samples.iter().filter(|s| !there.contains(&key(s))).count()
    };
    assert_eq!(missing(&own), 0, "of {} samples", samples.len());
    own.backup().unwrap();
    assert_eq!(own.trouble(), (None, None));
    drop(own);
    let own = open(&data).unwrap();
    assert_eq!(missing(&own), 0, "of {} samples", samples.len());
    own.verify();
    println!("recorded over a full disk: {} samples shown, none missing", samples.len());
}

#[test]
fn a_folder_on_a_full_disk_is_opened_once_there_is_room() {
    let Some(disk) = disk("a_folder_on_a_full_disk_is_opened_once_there_is_room") else { return };
    let (old, new) = (disk.join("old"), disk.join("new"));
    let own = open(&old).unwrap();
    let (visit, _) = own.check(None).unwrap();
    drop(own);
    for left in [0, 4 << 10, 16 << 10, 64 << 10] {
        fill(&disk, left);
        check_told(&open(&new).map(drop).unwrap_err(), Code::DiskFull);
        if left == 0 {
            check_told(&open(&old).map(drop).unwrap_err(), Code::DiskFull);
        }
    }
    fs::remove_file(disk.join("filler")).unwrap();
    open(&new).unwrap().verify();
    let own = open(&old).unwrap();
    assert_eq!(own.ask(GetVisit { visit }).unwrap().check.partial, None);
    own.verify();
}

fn remount(disk: &Path, how: &str) {
    let done = Command::new("mount").args(["-o", &format!("remount,{how}")]).arg(disk).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn a_disk_that_may_only_be_read_is_refused_and_left_as_it_is() {
    let Some(disk) = disk("a_disk_that_may_only_be_read_is_refused_and_left_as_it_is") else { return };
    let data = disk.join("data");
    let own = open(&data).unwrap();
    let (visit, vehicle) = own.check(None).unwrap();
    own.note(vehicle, "Timing chain rattles.").unwrap();
    drop(own);
    let bytes = fs::read(data.join("roadworthy.db")).unwrap();
    remount(&disk, "ro");
    let error = open(&data).map(drop).unwrap_err();
    check_told(&error, Code::ReadOnly);
    assert!(error.hint.contains("mounted read-only"), "{error:?}");
    check_told(&open(&disk.join("none")).map(drop).unwrap_err(), Code::ReadOnly);
    assert_eq!(fs::read(data.join("roadworthy.db")).unwrap(), bytes);
    remount(&disk, "rw");
    let own = open(&data).unwrap();
    let detail = own.ask(GetVisit { visit }).unwrap();
    assert_eq!(detail.vehicle, vehicle);
    let note = own.ask(ListNotes { vehicle, offset: 0, limit: 9 }).unwrap().rows.remove(0).id;
    assert_eq!(own.ask(GetNote { note }).unwrap().0, "Timing chain rattles.");
    own.verify();
}

/// Names in a folder, without the filler.
fn names(folder: &Path) -> Vec<String> {
    let all = fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut all: Vec<String> = all.filter(|name| name != "filler").collect();
    all.sort();
    all
}

/// A vehicle with enough values that a table of them is larger than what is left of a disk.
fn with_values(own: &Own) -> VehicleId {
    let (_, vehicle) = own.check(None).unwrap();
    let started = 1_700_000_000_000;
    let mut intake = own.engine.take_in(&Actor::owner(Door::Window), Some(vehicle), "test", started).unwrap();
    let signal = intake.signal("7E8:0C:engine_rpm", "Engine speed", "rpm");
    for n in 0..20_000u32 {
        intake.number(signal, started + i64::from(n) * 500, 0.1 + f64::from(n * 7919 % 20_011));
    }
    intake.finish(started + 10_000_000).unwrap();
    vehicle
}

impl Own {
    /// Every kind of export to a folder, each with its name.
    fn exports(&self, vehicle: VehicleId, place: &Path) -> Vec<(&'static str, Result<JobState, Error>)> {
        let at = |name: &str| place.join(name).display().to_string();
        let file = |name: &str| ExportTo::Path { path: at(name), replace: true };
        let table = |format, layout, name: &str| {
            let (signals, from, to) = (vec![], None, None);
            self.ask(ExportTelemetry { vehicle, signals, from, to, format, layout, out: file(name) })
        };
        let folder = ExportTo::Folder { path: at("folder"), replace: true };
        [
            ("a.csv", table(TableFormat::Csv, CsvLayout::Long, "a.csv")),
            ("a.parquet", table(TableFormat::Parquet, CsvLayout::Wide, "a.parquet")),
            ("a.zip", self.ask(ExportVehicle { vehicle, out: file("a.zip") })),
            ("folder", self.ask(ExportVehicle { vehicle, out: folder })),
        ]
        .map(|(name, job)| (name, job.and_then(|job| self.ended(job))))
        .into()
    }

    /// How many exports the journal knows.
    fn exported(&self) -> usize {
        let mut count = 0;
        for (device, last) in self.engine.heads().unwrap() {
            let mut from = 1;
            while from <= last {
                let part = self.engine.events_of(device, from).unwrap();
                count += part.iter().filter(|e| e.kind == "data.exported").count();
                from += part.len() as u64;
            }
        }
        count
    }
}

/// The disk that is exported to is full: what was there stays, nothing else is, and the journal knows of nothing.
#[test]
fn an_export_to_a_full_disk_leaves_nothing() {
    let Some(disk) = disk("an_export_to_a_full_disk_leaves_nothing") else { return };
    let data = tempfile::tempdir().unwrap();
    let own = open(data.path()).unwrap();
    let vehicle = with_values(&own);
    fs::write(disk.join("a.zip"), "what was there").unwrap();
    for left in [0, 4 << 10, 64 << 10] {
        fill(&disk, left);
        for (name, ended) in own.exports(vehicle, &disk) {
            let error = ended.expect_err(name);
            check_told(&error, Code::DiskFull);
            assert!(error.message.contains(&disk.join(name).display().to_string()), "{error}");
            assert_eq!(names(&disk), ["a.zip"], "after {name} with {left} bytes left");
        }
        assert_eq!(fs::read(disk.join("a.zip")).unwrap(), b"what was there");
    }
    assert_eq!(own.exported(), 0);
    fs::remove_file(disk.join("filler")).unwrap();
    for (name, ended) in own.exports(vehicle, &disk) {
        assert!(matches!(ended, Ok(JobState::Exported { .. })), "{name}: {ended:?}");
    }
    assert_eq!((names(&disk).len(), own.exported()), (4, 4));
    own.verify();
}

/// The disk of the database is full, so that an export cannot be journalled: it does not keep its name, and what it took the
/// place of is there again.
#[test]
fn an_export_that_cannot_be_journalled_is_not_there() {
    let Some(disk) = disk("an_export_that_cannot_be_journalled_is_not_there") else { return };
    let own = open(&disk.join("data")).unwrap();
    let vehicle = with_values(&own);
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::write(at("a.zip"), "what was there").unwrap();
    fs::create_dir(at("folder")).unwrap();
    fs::write(at("folder/notes.csv"), "what was there").unwrap();
    fill(&disk, 0);
    for (name, ended) in own.exports(vehicle, place.path()) {
        check_told(&ended.expect_err(name), Code::DiskFull);
        assert_eq!(names(place.path()), ["a.zip", "folder"], "after {name}");
    }
    assert_eq!(fs::read(at("a.zip")).unwrap(), b"what was there");
    assert_eq!(names(&at("folder")), ["notes.csv"]);
    assert_eq!(fs::read(at("folder/notes.csv")).unwrap(), b"what was there");
    let stored = own.ask(ExportVehicle { vehicle, out: ExportTo::Stored }).and_then(|job| own.ended(job));
    check_told(&stored.unwrap_err(), Code::DiskFull);
    assert_eq!(own.exported(), 0);
    fs::remove_file(disk.join("filler")).unwrap();
    for (name, ended) in own.exports(vehicle, place.path()) {
        assert!(matches!(ended, Ok(JobState::Exported { .. })), "{name}: {ended:?}");
    }
    assert_eq!(own.exported(), 4);
    assert!(fs::read(at("a.zip")).unwrap().starts_with(b"PK"));
    own.verify();
}
