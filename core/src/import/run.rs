//! Imports as jobs: reads on one thread, packs and stores on a second, and publishes all of it at the end.
//!
//! Whatever ends an import before that, an error, a cancel, a panic or the end of the process, leaves nothing: what it stored
//! by then is in no signal of a vehicle, and is cleared away by itself or, with its lock free, by whoever looks next.

use super::{
    batch::Batch,
    dbc::{self, Network},
    detect::{self, Detected},
    frames::{self, Frames},
    lines::Lines,
    reader::Reader,
    rows::Rows,
    source,
};
use crate::{
    engine::now,
    files::{io_error, private_folder, private_options},
    jobs::{JobHandle, Jobs},
    journal::{
        NewEvent,
        kind::{self, BlockSaid, ReadingFlag, ReadingsFlagged, RecordedSignal, TelemetryImported, TelemetryReceived},
    },
    keys::{self, hex},
    store::{Store, Turn, blob, import as stored, reading_flag, registration},
    telemetry::{block::LastTimes, intake, seal},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    finding::Source,
    id::{EventId, ImportId, JobId, RecordingId, VehicleId},
    import::{Answers, ImportFile, ImportPreview, ImportReport, Layout, Mapping, Question},
    job::JobKind,
    role::{Actor, Door},
};
use std::{
    fs::{self, File, TryLockError},
    io::Read,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError, mpsc},
};

/// Values that are packed at once: with what is read meanwhile, two such batches are in memory.
const BATCH: usize = 1 << 19;
/// Rows between two looks at whether it was cancelled.
const LOOK: u64 = 4096;
/// Most blocks that one event names.
const NAMED: usize = 1000;

/// Imports of this process.
pub(crate) struct Imports {
    pub(crate) store: Arc<Store>,
    pub(crate) jobs: Jobs,
    pub(crate) running: Arc<Mutex<bool>>,
}

/// A file that was found.
pub(crate) struct Found {
    pub(crate) name: String,
    pub(crate) bytes: u64,
    pub(crate) open: Box<dyn Fn() -> Result<Box<dyn Read + Send>> + Send>,
}

/// What is to be imported, as it was asked for.
pub(crate) struct Wanted {
    pub(crate) vehicle: VehicleId,
    pub(crate) file: ImportFile,
    pub(crate) dbc: Option<ImportFile>,
    pub(crate) mapping: Option<Mapping>,
    pub(crate) answers: Answers,
    pub(crate) again: bool,
}

fn no_file() -> Error {
    Error::new(Code::NotFound, "There is no such file.").hint("Check the path, or choose the file again.")
}

/// Refuses what is still open.
pub(crate) fn unanswered(questions: &[Question]) -> Result<()> {
    let Some(first) = questions.first() else { return Ok(()) };
    let asked: Vec<&str> = questions.iter().map(|q| q.ask.as_str()).collect();
    let options: Vec<&str> = questions.iter().map(|q| q.option.as_str()).collect();
    let more = if questions.len() > 1 { "each of these" } else { first.option.as_str() };
    let hint =
        if questions.len() > 1 { format!("Say {more}: {}.", options.join(", ")) } else { format!("Say it: {more}.") };
    Err(Error::new(Code::Invalid, asked.join(" ")).hint(hint))
}

fn cancelled() -> Error {
    Error::new(Code::Cancelled, "The import was cancelled; nothing of it is stored.").hint("Start it again when ready.")
}

impl Imports {
    pub(crate) fn new(store: Arc<Store>, jobs: Jobs) -> Self {
        Self { store, jobs, running: Arc::default() }
    }

    pub(crate) fn find(&self, who: &Actor, file: &ImportFile) -> Result<Found> {
        match file {
            ImportFile::Path { .. } if who.door == Door::Browser => {
                Err(Error::new(Code::Forbidden, "A browser cannot name a file of this machine.")
                    .hint("Choose the file in the page, which sends it."))
            }
            ImportFile::Path { path } => {
                let path = PathBuf::from(path);
                let told = |e: &std::io::Error| source::told(e);
                let about = fs::metadata(&path).map_err(|e| told(&e))?;
                if !about.is_file() {
                    return Err(Error::new(Code::Invalid, "That is no file.")
                        .hint("Name one file; import several one after the other."));
                }
                let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
                let name = super::text::name(name.as_bytes());
                let open =
                    move || Ok(Box::new(File::open(&path).map_err(|e| source::told(&e))?) as Box<dyn Read + Send>);
                Ok(Found { name, bytes: about.len(), open: Box::new(open) })
            }
            ImportFile::Stored { hash } => {
                let stored = self.store.read(|conn| blob::get(conn, hash))?.ok_or_else(no_file)?;
                let (store, hash) = (Arc::clone(&self.store), hash.clone());
                let open = move || {
                    let bytes = store.files.get(&hash, stored.deflated)?;
                    Ok(Box::new(std::io::Cursor::new(bytes)) as Box<dyn Read + Send>)
                };
                Ok(Found { name: stored.info.name, bytes: stored.info.bytes, open: Box::new(open) })
            }
        }
    }

    /// The import of this very file, if there is one. The whole of it is read only where one of its size is there.
    fn already(&self, found: &Found) -> Result<Option<ImportId>> {
        if self.store.read(|conn| stored::same(conn, found.bytes, None))?.is_none() {
            return Ok(None);
        }
        let mut whole = source::open((found.open)()?)?;
        std::io::copy(&mut whole.bytes, &mut std::io::sink()).map_err(|e| source::told(&e))?;
        self.store.read(|conn| stored::same(conn, found.bytes, Some(&whole.meter.hash())))
    }

    /// What a DBC file says.
    fn network(&self, who: &Actor, dbc: Option<&ImportFile>) -> Result<Option<Told>> {
        let Some(file) = dbc else { return Ok(None) };
        let mut bytes = Vec::new();
        let most = dbc::DBC_MAX as u64 + 1;
        (self.find(who, file)?.open)()?.take(most).read_to_end(&mut bytes).map_err(|e| source::told(&e))?;
        let network = dbc::read(&bytes)?;
        Ok(Some((Arc::new(network), crate::files::hash(&bytes))))
    }

    /// What a file looks like.
    pub(crate) fn preview(
        &self,
        who: &Actor,
        file: &ImportFile,
        dbc: Option<&ImportFile>,
        mapping: Option<Mapping>,
        answers: &Answers,
    ) -> Result<ImportPreview> {
        let found = self.find(who, file)?;
        let network = self.network(who, dbc)?;
        let opened = source::open((found.open)()?)?;
        let encoding = opened.encoding.words().to_owned();
        let mut lines = Lines::new(opened.bytes);
        let head = lines.head().map_err(|e| source::told(&e))?;
        let whole = head.len() < super::lines::HEAD;
        let head = detect::head_lines(head, whole);
        let detected = looks(&head, network.as_ref(), mapping, answers)?;
        let shown = detect::shown(&head, detected.mapping.separator);
        let report = if detected.questions.is_empty() {
            let mut rows = reader(&detected, network, false)?;
            for (number, line) in (1u64..).zip(&head).skip(detected.mapping.header as usize) {
                rows.line(number, super::lines::Line::Whole(line));
            }
            Some(rows.report())
        } else {
            None
        };
        let Detected { mapping, confidence, guesses, questions, .. } = detected;
        let already = self.already(&found)?;
        let (name, bytes) = (found.name, found.bytes);
        Ok(ImportPreview {
            name,
            bytes,
            encoding,
            confidence,
            guesses,
            questions,
            mapping,
            head: shown,
            already,
            report,
        })
    }

    /// Starts an import.
    pub(crate) fn start(&self, who: &Actor, wanted: Wanted) -> Result<JobId> {
        let found = self.find(who, &wanted.file)?;
        let (vehicle, registration, hybrid) = self.store.read(|conn| {
            let vehicle = registration::vehicle(conn, wanted.vehicle)?.ok_or_else(|| {
                Error::new(Code::NotFound, "There is no such vehicle.").hint("Look for it in the list of vehicles.")
            })?;
            Ok((vehicle, registration::root(conn, vehicle)?, reading_flag::is_hybrid(conn, vehicle)?))
        })?;
        let opened = source::open((found.open)()?)?;
        let mut lines = Lines::new(opened.bytes);
        let head = lines.head().map_err(|e| source::told(&e))?;
        let whole = head.len() < super::lines::HEAD;
        let network = self.network(who, wanted.dbc.as_ref())?;
        let head = detect::head_lines(head, whole);
        let detected = looks(&head, network.as_ref(), wanted.mapping, &wanted.answers)?;
        unanswered(&detected.questions)?;
        let dbc = network.as_ref().map(|(_, hash)| hash.clone());
        let rows = reader(&detected, network, hybrid)?;
        if !wanted.again {
            let same = self.already(&found)?;
            let other = same.map(|id| self.store.read(|conn| stored::get(conn, id))).transpose()?.flatten();
            not_again(same, other.is_some_and(|(row, ..)| row.vehicle != vehicle))?;
        }
        let turn = Running::begin(&self.running)?;
        let id = ImportId(keys::mint(now())?.0);
        let job = self.jobs.begin(JobKind::Import, format!("Import of {}", found.name));
        let job_id = job.id();
        let work = Work {
            store: Arc::clone(&self.store),
            actor: crate::engine::actor(who),
            id,
            registration,
            name: found.name,
            bytes: found.bytes,
            meter: opened.meter,
            mapping: detected.mapping,
            again: wanted.again,
            dbc,
        };
        let run = move || {
            let done = work.run(&job, lines, rows);
            drop(turn);
            match done {
                Ok(()) => job.made(id.to_string()),
                Err(error) => job.fail(error),
            }
        };
        std::thread::Builder::new().name("import".into()).spawn(run).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        Ok(job_id)
    }
}

/// A network and the BLAKE3 of its file in hex.
type Told = (Arc<Network>, String);

fn looks(head: &[&[u8]], network: Option<&Told>, mapping: Option<Mapping>, answers: &Answers) -> Result<Detected> {
    let mapping = match (frames::is_log(head), network, mapping) {
        (Some(format), Some((network, _)), mapping) => {
            let mut detected = frames::detect(format, network);
            // Of a mapping that was kept: what is taken, and its times.
            if let Some(mapping) = mapping.filter(|m| m.layout == Layout::Candump) {
                detected.mapping = Mapping { time: mapping.time, columns: mapping.columns, ..detected.mapping };
                detected.mapping.time.format = format;
            }
            detect::take(answers, &mut detected.mapping);
            detected.questions = detect::ask_times(&detected.mapping);
            return Ok(detected);
        }
        (Some(_), None, _) => {
            return Err(Error::new(Code::Invalid, "This is a log of a CAN bus: only a DBC file tells its signals.")
                .hint("Add the DBC file of that bus (on the command line: --dbc FILE)."));
        }
        (None, Some(_), _) => {
            return Err(Error::new(Code::Invalid, "A DBC file is given, and the file is no log of candump.")
                .hint("Record the bus with `candump -l`, or leave the DBC file away."));
        }
        (None, None, mapping) => mapping,
    };
    match mapping {
        Some(mapping) => detect::by_mapping(head, mapping, answers),
        None => detect::detect(head, answers),
    }
}

/// What reads the file.
fn reader(detected: &Detected, network: Option<Told>, hybrid: bool) -> Result<Reader> {
    Ok(match network {
        Some((network, _)) => Reader::Frames(Box::new(Frames::new(&detected.mapping, network)?)),
        None => {
            let rows = Rows::new(detected.mapping.clone(), &detected.header, detected.width, hybrid)?;
            Reader::Rows(Box::new(rows))
        }
    })
}

/// `elsewhere`: for another vehicle, which may be the wrong one.
fn not_again(same: Option<ImportId>, elsewhere: bool) -> Result<()> {
    let whose = if elsewhere { " for another vehicle" } else { "" };
    match same {
        None => Ok(()),
        Some(id) => {
            Err(Error::new(Code::Conflict, format!("This very file was imported already{whose} (import {id})."))
                .hint("Undo that import first, or import it once more (on the command line: --again)."))
        }
    }
}

/// One import at a time: two would want twice the memory.
pub(crate) struct Running(Arc<Mutex<bool>>);

impl Running {
    pub(crate) fn begin(running: &Arc<Mutex<bool>>) -> Result<Self> {
        let mut there = running.lock().unwrap_or_else(PoisonError::into_inner);
        if std::mem::replace(&mut there, true) {
            return Err(Error::new(Code::Conflict, "Another import runs.").hint("Wait until it is done, or cancel it."));
        }
        Ok(Self(Arc::clone(running)))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = false;
    }
}

/// An import at work.
struct Work {
    store: Arc<Store>,
    actor: String,
    id: ImportId,
    registration: VehicleId,
    name: String,
    bytes: u64,
    meter: source::Meter,
    mapping: Mapping,
    again: bool,
    dbc: Option<String>,
}

/// What was stored so far.
#[derive(Default)]
struct Stored {
    /// Columns of one file have the same times.
    times: LastTimes,
    /// Events to come, and the blocks that each will name.
    sealings: Vec<(EventId, Vec<BlockSaid>)>,
}

/// What came of reading.
struct Outcome {
    report: ImportReport,
    signals: Vec<RecordedSignal>,
    flags: Vec<ReadingFlag>,
    span: (Timestamp, Timestamp),
}

impl Work {
    fn run(&self, job: &JobHandle, lines: Lines<Box<dyn Read + Send>>, rows: Reader) -> Result<()> {
        // Its file is locked while it runs, as that of a recording is.
        let lock = lock(&self.store, self.id)?;
        self.store.write_local(|tx| stored::begin(tx, self.id))?;
        let done = self.read_and_store(job, lines, rows);
        if done.is_err() {
            drop(clear(&self.store, self.id));
        }
        let path = intake::lock_path(&self.store, RecordingId(self.id.0));
        drop(fs::remove_file(&path));
        drop(lock);
        done
    }

    fn read_and_store(&self, job: &JobHandle, lines: Lines<Box<dyn Read + Send>>, rows: Reader) -> Result<()> {
        // Nothing waits between the two, so that no third batch is in memory.
        let (send, take) = mpsc::sync_channel::<(Batch, Vec<RecordedSignal>)>(0);
        let (read, stored) = std::thread::scope(|scope| {
            let storing = scope.spawn(move || {
                let mut stored = Stored::default();
                for (batch, signals) in take {
                    self.pack(batch, &signals, &mut stored)?;
                }
                Ok(stored)
            });
            let read = self.read(job, lines, rows, send);
            let stored = storing.join().unwrap_or_else(|_| {
                Err(Error::new(Code::Internal, "Storing the values failed unexpectedly.")
                    .hint("Send the log with a report."))
            });
            (read, stored)
        });
        // Storing that failed is why reading had to stop.
        let (stored, outcome) = (stored?, read?);
        if *job.cancelled().borrow() {
            return Err(cancelled());
        }
        job.doing("Storing what was read");
        self.publish(stored, outcome)
    }

    fn read(
        &self,
        job: &JobHandle,
        mut lines: Lines<Box<dyn Read + Send>>,
        mut rows: Reader,
        send: mpsc::SyncSender<(Batch, Vec<RecordedSignal>)>,
    ) -> Result<Outcome> {
        let stop = job.cancelled();
        let kib = |bytes: u64| u32::try_from(bytes >> 10).unwrap_or(u32::MAX);
        job.planned(kib(self.bytes).max(1));
        let header = u64::from(self.mapping.header);
        let gone = || Error::new(Code::Internal, "Storing the values stopped.").hint("Send the log with a report.");
        loop {
            let number = lines.number + 1;
            let Some(line) = lines.next().map_err(|e| source::told(&e))? else { break };
            if number > header {
                rows.line(number, line);
            }
            if rows.batch().samples >= BATCH {
                let batch = std::mem::take(rows.batch());
                send.send((batch, rows.signals())).map_err(|_| gone())?;
            }
            if number.is_multiple_of(LOOK) {
                if *stop.borrow() {
                    return Err(cancelled());
                }
                job.doing(format!("Reading line {number}"));
                job.done(kib(self.meter.read()));
            }
        }
        let report = rows.report();
        let Some(span) = rows.span() else {
            return Err(nothing(&report));
        };
        let batch = std::mem::take(rows.batch());
        send.send((batch, rows.signals())).map_err(|_| gone())?;
        job.done(kib(self.bytes).max(1));
        // Those of which no value came are none of the vehicle's.
        let signals = rows.signals_with_values();
        Ok(Outcome { report, signals, flags: rows.flags(), span })
    }

    fn pack(&self, batch: Batch, signals: &[RecordedSignal], stored: &mut Stored) -> Result<()> {
        let mut ready = Vec::new();
        for (growing, signal) in batch.signals.into_iter().zip(signals) {
            let samples = if growing.jumbled { seal::merged(&[growing.samples]) } else { growing.samples };
            seal::cut(signal, samples, &mut stored.times, &mut ready);
        }
        for part in ready.chunks(NAMED) {
            let event = keys::mint(now())?;
            let hashes = self
                .store
                .write_local_in(Turn::Background, |tx| stored::stage(tx, self.id, self.registration, event, part))?;
            let said = part.iter().zip(hashes).map(|(ready, hash)| BlockSaid {
                signal: ready.signal.id.clone(),
                n: ready.n,
                hash: hex::write(&hash),
            });
            stored.sealings.push((event, said.collect()));
        }
        Ok(())
    }

    /// All of it at once.
    fn publish(&self, stored: Stored, outcome: Outcome) -> Result<()> {
        let file = self.meter.hash();
        let subject = self.registration.bytes();
        let recording = RecordingId(self.id.0);
        self.store.write(&self.actor, now(), |w| {
            if !self.again {
                not_again(stored::same(w.tx(), self.bytes, Some(&file))?, false)?;
            }
            stored::publish(w.tx(), self.id, self.registration)?;
            let event = w.mint()?;
            let said = TelemetryImported {
                import: self.id,
                name: w.seal(subject, event, "file", &self.name)?,
                file: file.clone(),
                bytes: self.bytes,
                dbc: self.dbc.clone(),
                from: outcome.span.0,
                to: outcome.span.1,
                signals: outcome.signals,
                mapping: self.mapping.clone(),
                report: outcome.report,
            };
            w.append(NewEvent::new(event, kind::TELEMETRY_IMPORTED, Some(subject), &said)?)?;
            for (event, blocks) in stored.sealings {
                let said = TelemetryReceived { recording, blocks };
                w.append(NewEvent::new(event, kind::TELEMETRY_RECEIVED, Some(subject), &said)?)?;
            }
            if !outcome.flags.is_empty() {
                let said = ReadingsFlagged { source: Source::Recording { recording }, flags: outcome.flags };
                let event = w.mint()?;
                w.append(NewEvent::new(event, kind::READINGS_FLAGGED, Some(subject), &said)?)?;
            }
            Ok(())
        })
    }
}

/// Why nothing at all was stored, by what became of the rows.
fn nothing(report: &ImportReport) -> Error {
    let worst = report.explained.iter().max_by_key(|e| e.count);
    let why = worst.map_or(String::new(), |worst| {
        let line = worst.lines.first().map_or(String::new(), |line| format!(", the first in line {line}"));
        format!(": {} of {} rows: {}{line}", worst.count, report.rows, worst.reason.words())
    });
    Error::new(Code::Malformed, format!("No row of the file gave a value{why}."))
        .hint("Look at the preview: the separator, the decimal sign or the column of times may be another.")
}

fn lock(store: &Store, id: ImportId) -> Result<File> {
    let folder = intake::folder(store);
    private_folder(&folder).map_err(|e| io_error(&folder, &e))?;
    let path = intake::lock_path(store, RecordingId(id.0));
    let file = private_options().create(true).truncate(false).open(&path).map_err(|e| io_error(&path, &e))?;
    file.lock().map_err(|e| io_error(&path, &e))?;
    Ok(file)
}

/// Clears away what is staged of an import.
pub(crate) fn clear(store: &Store, id: ImportId) -> Result<()> {
    while !store.write_local_in(Turn::Background, |tx| stored::clear(tx, id))? {}
    Ok(())
}

/// Clears away what no import that runs has staged: those of killed processes, and those that were taken back.
pub(crate) fn clear_left(store: &Store) -> Result<()> {
    for id in store.read(stored::staged)? {
        let path = intake::lock_path(store, RecordingId(id.0));
        let lock = match File::open(&path) {
            Err(_) => None,
            Ok(file) => match file.try_lock() {
                Err(TryLockError::WouldBlock) => continue,
                _ => Some(file),
            },
        };
        clear(store, id)?;
        if lock.is_some() {
            drop(fs::remove_file(&path));
        }
    }
    Ok(())
}
