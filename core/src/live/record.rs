//! Records what a session reads: a thread that appends to a file in the data folder, flushed to disk twice a second.
//!
//! While it runs the file is locked. When it ends its content becomes a stored file that one event of the journal names, and
//! the file goes. One that is there and not locked was left by a process that was killed: whoever opens the folder next
//! takes it up, marked as cut short. The lock keeps two from doing so at once; the id keeps it from happening twice.

use super::spool::{self, Head, Recorded};
use crate::{
    engine::{now, put_blob},
    files::{io_error, private_folder, private_options},
    journal::{
        NewEvent,
        kind::{self, RecordedSignal},
    },
    store::{Store, recording, registration},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{RecordingId, VehicleId},
    live::{LiveValue, Mark, Recording, RecordingRow, Sample, SignalInfo},
};
use std::{
    collections::HashMap,
    fs::{self, File, TryLockError},
    io::{Read, Seek, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError, mpsc},
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Longest time that a sample may wait for the disk.
const SYNC: Duration = Duration::from_millis(500);
/// Most bytes of one recording; at the usual pace that is more than a day.
const MOST: u64 = 128 << 20;
const ENDING: &str = "recording";

fn folder(store: &Store) -> PathBuf {
    store.path().parent().unwrap_or(Path::new(".")).join("recordings")
}

/// Whose a recording is, as far as its session knows.
#[derive(Clone, Debug, Default)]
pub(super) struct Whose {
    pub(super) vehicle: Option<VehicleId>,
    /// VIN that was read.
    pub(super) vin: Option<String>,
}

/// A recording that runs.
pub(super) struct Recorder {
    id: RecordingId,
    started: Timestamp,
    path: PathBuf,
    actor: String,
    lines: mpsc::Sender<Vec<u8>>,
    thread: JoinHandle<Result<File>>,
    failed: Arc<Mutex<Option<Error>>>,
    /// Signals that the file knows, by id.
    known: HashMap<String, usize>,
    samples: u64,
    bytes: u64,
}

impl Recorder {
    /// Begins a recording; `actor` is who will have made it.
    pub(super) fn start(store: &Store, actor: &str, port: &str, whose: Whose) -> Result<Self> {
        let folder = folder(store);
        private_folder(&folder).map_err(|e| io_error(&folder, &e))?;
        let id = RecordingId(uuid::Uuid::now_v7().as_u128());
        let head = Head::new(id, now(), port.to_owned(), whose.vehicle, whose.vin);
        let path = folder.join(format!("{id}.{ENDING}"));
        let file = (|| {
            let mut file = private_options().read(true).create_new(true).open(&path)?;
            file.lock()?;
            file.write_all(&spool::head(&head))?;
            file.sync_all()?;
            Ok(file)
        })();
        let file = file.map_err(|e| {
            drop(fs::remove_file(&path));
            io_error(&path, &e)
        })?;
        let (lines, coming) = mpsc::channel::<Vec<u8>>();
        let failed: Arc<Mutex<Option<Error>>> = Arc::default();
        let (told, place) = (Arc::clone(&failed), path.clone());
        let write = move || {
            append(file, &coming).map_err(|e| {
                let error = io_error(&place, &e);
                *told.lock().unwrap_or_else(PoisonError::into_inner) = Some(error.clone());
                error
            })
        };
        let thread = std::thread::Builder::new().name("record".into()).spawn(write).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        let actor = actor.to_owned();
        Ok(Self {
            id,
            started: head.started,
            path,
            actor,
            lines,
            thread,
            failed,
            known: HashMap::new(),
            samples: 0,
            bytes: 0,
        })
    }

    pub(super) fn shown(&self) -> Recording {
        Recording { id: self.id, started: self.started, samples: self.samples }
    }

    /// Adds samples; `signals` tells what they are of.
    pub(super) fn add(&mut self, samples: &[Sample], signals: &[SignalInfo]) {
        let mut lines = Vec::new();
        for sample in samples {
            let next = self.known.len();
            let place = match self.known.get(&sample.signal) {
                Some(place) => *place,
                None => {
                    let Some(info) = signals.iter().find(|s| s.id == sample.signal) else { continue };
                    lines.extend(spool::signal(info));
                    self.known.insert(sample.signal.clone(), next);
                    next
                }
            };
            lines.extend(spool::sample(place, sample.at, &sample.value));
            self.samples += u64::from(!matches!(sample.value, LiveValue::Missing { .. }));
        }
        self.send(lines);
    }

    pub(super) fn mark(&mut self, mark: &Mark) {
        self.send(spool::mark(mark));
    }

    fn send(&mut self, lines: Vec<u8>) {
        self.bytes += lines.len() as u64;
        // A thread that has gone has said why.
        drop(self.lines.send(lines));
    }

    #[cfg(test)]
    pub(super) fn fail(&self, error: Error) {
        *self.failed.lock().unwrap() = Some(error);
    }

    /// Why it cannot go on, if it cannot.
    pub(super) fn problem(&self) -> Option<Error> {
        if self.bytes > MOST {
            let error = Error::new(Code::Conflict, "The recording has reached the greatest length and was ended.");
            return Some(error.hint("Begin a new one."));
        }
        self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends it and keeps it. What could not be kept stays in its file, which the next start takes up.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it holds no value and is therefore not kept; what the disk and the database say.
    pub(super) fn finish(self, store: &Store, whose: Whose, cut_short: bool) -> Result<RecordingRow> {
        drop(self.lines);
        let mut file = self.thread.join().map_err(|_| {
            Error::new(Code::Internal, "The recording was ended by a defect.").hint("Send the log with a report.")
        })??;
        keep(store, &self.actor, &mut file, &self.path, whose, Some(now()), cut_short)
    }
}

/// Appends until nothing more can come, and gives the file back, still locked.
fn append(mut file: File, coming: &mpsc::Receiver<Vec<u8>>) -> std::io::Result<File> {
    let (mut dirty, mut synced) = (false, Instant::now());
    loop {
        match coming.recv_timeout(SYNC.saturating_sub(if dirty { synced.elapsed() } else { Duration::ZERO })) {
            Ok(lines) => {
                file.write_all(&lines)?;
                dirty = true;
            }
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            Err(mpsc::RecvTimeoutError::Disconnected) => {
                file.sync_data()?;
                return Ok(file);
            }
        }
        if dirty && synced.elapsed() >= SYNC {
            file.sync_data()?;
            (dirty, synced) = (false, Instant::now());
        }
    }
}

/// Makes a recording of the file at `path`, which is open and locked as `file`, and removes it.
fn keep(
    store: &Store,
    actor: &str,
    file: &mut File,
    path: &Path,
    whose: Whose,
    ended: Option<Timestamp>,
    cut_short: bool,
) -> Result<RecordingRow> {
    let mut bytes = Vec::new();
    // Through the handle that holds the lock: on Windows nobody else may read the file meanwhile.
    file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(|e| io_error(path, &e))?;
    let recorded = spool::read(&bytes)?;
    let gone = || fs::remove_file(path).map_err(|e| io_error(path, &e));
    if recorded.values() == 0 {
        gone()?;
        return Err(Error::new(Code::NotFound, "No value came while it was recorded, so there is nothing to keep.")
            .hint("Record while the session reads."));
    }
    bytes.truncate(recorded.whole);
    let name = format!("recording-{}.jsonl", recorded.head.id);
    let info = put_blob(store, &name, "application/x-ndjson", &bytes, true)?;
    let ended = ended.unwrap_or(0).max(recorded.last());
    let vehicle = whose.vehicle.or(recorded.head.vehicle);
    let vin = whose.vin.or_else(|| recorded.head.vin.clone());
    let said = payload(&recorded, vin, ended, info.hash, cut_short);
    let row = store.write(actor, now(), |w| {
        if recording::get(w.tx(), said.recording)?.is_none() {
            let id = w.mint()?;
            // Under the registration that stands for the vehicle, as everything else is.
            let filed = vehicle.map(|vehicle| registration::root(w.tx(), vehicle)).transpose()?;
            w.append(NewEvent::new(id, kind::VEHICLE_RECORDED, filed.map(VehicleId::bytes), &said)?)?;
        }
        recording::get(w.tx(), said.recording)
    })?;
    gone()?;
    drop(file.unlock());
    let (row, _) = row.ok_or_else(|| Error::new(Code::Internal, "A recording was stored and is not there."))?;
    Ok(row)
}

fn payload(
    recorded: &Recorded,
    vin: Option<String>,
    ended: Timestamp,
    file: String,
    cut_short: bool,
) -> kind::Recorded {
    let signal = |s: &SignalInfo| RecordedSignal { id: s.id.clone(), label: s.label.clone(), unit: s.unit.clone() };
    kind::Recorded {
        recording: recorded.head.id,
        started: recorded.head.started,
        ended,
        port: recorded.head.port.clone(),
        vin,
        signals: recorded.signals.iter().map(signal).collect(),
        samples: recorded.values(),
        marks: recorded.marks.clone(),
        file,
        cut_short,
    }
}

/// Takes up what killed processes left, and says how many that were. What cannot be taken up stays for the next start.
pub(crate) fn recover(store: &Store) -> u32 {
    let Ok(entries) = fs::read_dir(folder(store)) else { return 0 };
    let mut taken = 0;
    for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
        if path.extension().is_some_and(|e| e == ENDING) {
            match take_up(store, &path) {
                Ok(true) => taken += 1,
                Ok(false) => {}
                Err(error) => tracing::warn!(%error, path = %path.display(), "a recording could not be taken up"),
            }
        }
    }
    taken
}

/// Whether some process records just now: its file is locked.
pub(crate) fn recorded_elsewhere(store: &Store) -> bool {
    let entries = fs::read_dir(folder(store)).into_iter().flatten().filter_map(|e| e.ok().map(|e| e.path()));
    let locked = |path: &PathBuf| {
        File::open(path).is_ok_and(|file| matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)))
    };
    entries.filter(|path| path.extension().is_some_and(|e| e == ENDING)).any(|path| locked(&path))
}

/// Whether it was there to be taken.
fn take_up(store: &Store, path: &Path) -> Result<bool> {
    let told = |e: &std::io::Error| io_error(path, e);
    let mut file = match File::options().read(true).write(true).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(false),
        Err(e) => return Err(told(&e)),
    };
    match file.try_lock() {
        Ok(()) => {}
        // A live session of some process.
        Err(TryLockError::WouldBlock) => return Ok(false),
        Err(TryLockError::Error(e)) => return Err(told(&e)),
    }
    // Whoever had the lock just before may have been done with it.
    if !path.exists() {
        return Ok(false);
    }
    match keep(store, "engine", &mut file, path, Whose::default(), None, true) {
        Ok(row) => {
            tracing::info!(samples = row.samples, "a recording that was cut short was taken up");
            Ok(true)
        }
        Err(error) if error.code == Code::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn a_full_disk_ends_the_thread_with_its_reason() {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let (lines, coming) = mpsc::channel();
        lines.send(b"[0,1,2.5]\n".to_vec()).unwrap();
        let error = append(full, &coming).unwrap_err();
        assert_eq!(io_error(Path::new("x"), &error).code, Code::DiskFull);
    }
}
