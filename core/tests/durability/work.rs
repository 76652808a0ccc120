//! A process that does everything at once until it is ended, and says on its standard output what it was told is done.
//! It is this very test program, started again with a folder in its environment.

use crate::carried;
use roadworthy_api::{
    Error, Timestamp, call,
    calls::StopRecording,
    calls::{
        AddNote, GetJob, ListLive, MakeBackup, OpenLive, RegisterVehicle, SetSettings, StartCheck, StartRecording,
    },
    finding::Severity,
    id::{JobId, NoteId, RecordingId, VehicleId, VisitId},
    job::JobState,
    live::{LiveState, LiveValue},
    role::{Actor, Door},
    stream::Push,
    system::{MailSecurity, MailSettings, NotifySettings, Settings},
    valid::LongText,
};
use roadworthy_core::{Engine, KeyPlace, Options};
use serde::{Deserialize, Serialize};
use std::{
    io::{BufRead, BufReader, Read, Write},
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

const FOLDER: &str = "ROADWORTHY_TEST_WORK";
const MAIL: &str = "ROADWORTHY_TEST_MAIL";
/// Milliseconds after which it ends by itself, in the middle of everything.
const SPAN: &str = "ROADWORTHY_TEST_SPAN";
/// Before what it says, since the test harness writes to the same place.
const MARK: &str = "said:";

/// What it says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) enum Said {
    /// The folder is open.
    Ready,
    Vehicle(VehicleId, String),
    Note(NoteId, String),
    CheckBegun,
    Visit(VisitId, VehicleId),
    /// A recording of computed values began: of which vehicle, and when its first value is from.
    Began(RecordingId, VehicleId, Timestamp),
    /// So many seconds of it are on disk.
    Committed(RecordingId, u32),
    /// It was ended.
    Kept(RecordingId),
    /// A live session is recorded.
    Live(RecordingId, VehicleId),
    /// Values that it showed, and when it did.
    Shown(RecordingId, Timestamp, Vec<(String, Timestamp, f64)>),
    /// That recording was ended.
    LiveKept(RecordingId),
    /// A log and a history of known content are read for a vehicle that has nothing else; the first is from that time on.
    ImportBegun(VehicleId, Timestamp),
    /// The log is there.
    Imported(VehicleId),
    /// The history is there.
    HistoryImported(VehicleId),
    /// Something is written under this name in the folder of exports.
    ExportBegun(String),
    /// It is there, and of a file its SHA-256.
    Exported(String, String),
    /// An export is among the stored files, under this hash.
    Stored(String),
    BackupBegun,
    Backup(String),
    /// Something that must work did not.
    Broken(String),
}

impl Said {
    pub(crate) fn say(&self) {
        // One write, so that a line is there whole or not at all.
        let line = format!("\n{MARK}{}\n", serde_json::to_string(self).unwrap());
        drop(std::io::stdout().lock().write_all(line.as_bytes()));
    }

    /// What is said in some output, as far as it goes.
    pub(crate) fn read(output: impl Read) -> Vec<Self> {
        Self::lines(output).collect()
    }

    pub(crate) fn lines(output: impl Read) -> impl Iterator<Item = Self> {
        let lines = BufReader::new(output).lines().map_while(Result::ok);
        lines.filter_map(|line| serde_json::from_str(line.strip_prefix(MARK)?).ok())
    }
}

/// Signals of the computed recordings with their units.
pub(crate) const SIGNALS: [(&str, &str); 4] = [
    ("7E8:0C:engine_rpm", "rpm"),
    ("7E8:05:coolant_temperature", "°C"),
    ("7E8:0D:vehicle_speed", "km/h"),
    ("7E8:42:control_module_voltage", "V"),
];
/// Seconds that each commit of them puts on disk.
pub(crate) const STEP: u32 = 600;

/// The value of a signal in a second; the coolant boils, so that each of these recordings has something to be alerted to.
pub(crate) fn value(signal: usize, second: u32) -> f64 {
    let n = f64::from(second);
    match signal {
        0 => 1800.0 + f64::from(second * 37 % 900),
        1 => 125.0 + f64::from(second % 3),
        2 => 60.0 + (n / 20.0).sin().round() * 5.0,
        _ => 14.0 + f64::from(second % 5) / 10.0,
    }
}

pub(crate) fn now() -> Timestamp {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// The data folder of this process.
pub(crate) fn data() -> std::path::PathBuf {
    std::env::var_os(FOLDER).unwrap().into()
}

/// The program, ready to be started.
pub(crate) fn command(
    folder: &Path,
    mail: u16,
    span: Option<u32>,
) -> (std::path::PathBuf, Vec<&'static str>, Vec<(&'static str, String)>) {
    let mut environment = vec![(FOLDER, folder.display().to_string()), (MAIL, mail.to_string())];
    environment.extend(span.map(|span| (SPAN, span.to_string())));
    (std::env::current_exe().unwrap(), vec!["--exact", "work::work", "--nocapture"], environment)
}

pub(crate) fn spawnable(folder: &Path, mail: u16) -> Command {
    let (program, arguments, environment) = command(folder, mail, None);
    let mut command = Command::new(program);
    command.args(arguments).envs(environment);
    command
}

pub(crate) fn owner() -> Actor {
    Actor::owner(Door::Window)
}

pub(crate) fn ask<C: call::Request>(engine: &Engine, request: C) -> Result<C::Reply, Error>
where
    Engine: call::Handle<C>,
{
    call::call(engine, &owner(), request)
}

pub(crate) struct Own {
    pub(crate) engine: Arc<Engine>,
    _runtime: tokio::runtime::Runtime,
}

pub(crate) fn open(folder: &Path, workers: bool) -> Result<Own, Error> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let options =
        Options { data: folder.to_owned(), runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers };
    Ok(Own { engine: Engine::open(options)?, _runtime: runtime })
}

/// Does nothing unless started by another test.
#[test]
fn work() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    std::panic::set_hook(Box::new(|panic| Said::Broken(panic.to_string()).say()));
    let own = open(Path::new(&folder), true).unwrap();
    let engine = &own.engine;
    let mail = MailSettings {
        server: "127.0.0.1".into(),
        port: std::env::var(MAIL).unwrap().parse().unwrap(),
        security: MailSecurity::None,
        user: String::new(),
        from: "workshop@example.org".into(),
        to: vec!["technician@example.org".into()],
    };
    let notify = NotifySettings { from: Severity::Watch, desktop: false, mail: Some(mail) };
    ask(engine, SetSettings { settings: Settings { notify, ..Settings::default() } }).unwrap();
    Said::Ready.say();
    for job in [checks, computed, backups, live, carried::imports, carried::exports] {
        let engine = engine.clone();
        std::thread::spawn(move || {
            if let Err(error) = job(&engine) {
                Said::Broken(error.to_string()).say();
            }
        });
    }
    let span = std::env::var(SPAN).map_or(600_000, |span| span.parse().unwrap());
    std::thread::sleep(Duration::from_millis(span));
    // No destructor runs: everything is left as it is.
    std::process::exit(0);
}

pub(crate) fn register(engine: &Engine, what: &str) -> Result<VehicleId, Error> {
    let name = format!("{what} {}", now());
    let vehicle =
        ask(engine, RegisterVehicle { vin: None, plate: Some(format!("P {}", now())), name: Some(name.clone()) })?;
    Said::Vehicle(vehicle, name).say();
    Ok(vehicle)
}

pub(crate) fn ended(engine: &Engine, job: JobId) -> Result<JobState, Error> {
    loop {
        match ask(engine, GetJob { job })?.state {
            JobState::Running => std::thread::sleep(Duration::from_millis(5)),
            JobState::Failed { error } => return Err(error),
            done => return Ok(done),
        }
    }
}

fn checks(engine: &Arc<Engine>) -> Result<(), Error> {
    loop {
        Said::CheckBegun.say();
        let job = ask(engine, StartCheck { port: "sim:misfire?speed=100".into(), vehicle: None, baud: None })?;
        if let JobState::Done { visit, vehicle } = ended(engine, job)? {
            Said::Visit(visit, vehicle).say();
            let text = format!("Rattles since {}.", now());
            let note = ask(engine, AddNote { vehicle, visit: Some(visit), text: LongText(text.clone()) })?;
            Said::Note(note, text).say();
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn computed(engine: &Arc<Engine>) -> Result<(), Error> {
    loop {
        let vehicle = register(engine, "Computed")?;
        let start = now() - 6 * 3_600_000;
        let mut intake = engine.take_in(&owner(), Some(vehicle), "computed", start)?;
        let recording = intake.recording();
        Said::Began(recording, vehicle, start).say();
        let numbers = SIGNALS.map(|(id, unit)| intake.signal(id, id, unit));
        for part in 0..12 {
            for second in part * STEP..(part + 1) * STEP {
                for (signal, number) in numbers.iter().enumerate() {
                    intake.number(*number, start + i64::from(second) * 1000, value(signal, second));
                }
            }
            intake.commit()?;
            Said::Committed(recording, (part + 1) * STEP).say();
            // Samples are sealed once the workers have seen them.
            std::thread::sleep(Duration::from_millis(40));
        }
        intake.finish(start + 7_200_000)?;
        Said::Kept(recording).say();
    }
}

fn backups(engine: &Arc<Engine>) -> Result<(), Error> {
    loop {
        std::thread::sleep(Duration::from_millis(120));
        Said::BackupBegun.say();
        let job = ask(engine, MakeBackup { folder: None })?;
        if let JobState::Made { name } = ended(engine, job)? {
            Said::Backup(name).say();
        }
    }
}

fn live(engine: &Arc<Engine>) -> Result<(), Error> {
    let vehicle = register(engine, "Live")?;
    let mut pushes = engine.pushes();
    let session =
        ask(engine, OpenLive { port: "sim:no-vin?speed=10".into(), vehicle: Some(vehicle), baud: None, preset: None })?
            .id;
    while !ask(engine, ListLive {})?.iter().any(|s| s.id == session && s.state == LiveState::Reading) {
        std::thread::sleep(Duration::from_millis(5));
    }
    loop {
        let recording = ask(engine, StartRecording { session })?.recording.unwrap();
        Said::Live(recording.id, vehicle).say();
        let until = now() + 1_500;
        while now() < until {
            let Ok(Push::LiveValues(frame)) = pushes.blocking_recv() else { continue };
            // What was read before is not in the recording.
            let samples = frame.samples.into_iter().filter(|s| s.at > recording.started);
            let shown = samples.filter_map(|s| match s.value {
                LiveValue::Number { value } => Some((s.signal, s.at, value)),
                _ => None,
            });
            Said::Shown(recording.id, now(), shown.collect()).say();
        }
        ask(engine, StopRecording { session })?;
        Said::LiveKept(recording.id).say();
    }
}
