//! Records what a session reads: a thread that commits what has come to the telemetry tail twice a second.
//!
//! While the disk takes nothing the samples are held in memory and the session says so; see [`crate::telemetry::intake`].
//! Recordings of older versions lie in files, see [`super::spool`]; one of those that a killed process left is taken in.

use super::spool;
use crate::{
    engine::now,
    files::io_error,
    journal::kind::RecordedSignal,
    store::{Store, recording},
    telemetry::{
        Value,
        intake::{self, Gather, Keep, Whose},
    },
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::RecordingId,
    live::{Mark, Recording, RecordingRow, Sample, SignalInfo},
};
use std::{
    fs::{self, File, TryLockError},
    path::Path,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread::JoinHandle,
    time::Duration,
};

/// Longest time that a sample waits for the disk.
const PAUSE: Duration = Duration::from_millis(500);
/// Ending of the files of older versions.
const OLD: &str = "recording";

/// What the session and the thread share.
#[derive(Default)]
struct Shared {
    gather: Mutex<Gather>,
    trouble: Mutex<Option<Error>>,
    stop: Mutex<bool>,
    told: Condvar,
    /// As if the disk said this.
    #[cfg(test)]
    broken: Mutex<Option<Error>>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A recording that runs.
pub(super) struct Recorder {
    id: RecordingId,
    started: Timestamp,
    shared: Arc<Shared>,
    thread: JoinHandle<Keep>,
    samples: u64,
}

impl Recorder {
    /// Begins a recording; `actor` is who will have made it.
    pub(super) fn start(store: &Arc<Store>, actor: &str, port: &str, whose: &Whose) -> Result<Self> {
        let started = now();
        let keep = Keep::begin(store, actor, port, whose, started)?;
        let (id, shared) = (keep.recording(), Arc::<Shared>::default());
        let theirs = Arc::clone(&shared);
        let thread =
            std::thread::Builder::new().name("record".into()).spawn(move || run(keep, &theirs)).map_err(|e| {
                Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
            })?;
        Ok(Self { id, started, shared, thread, samples: 0 })
    }

    pub(super) fn shown(&self) -> Recording {
        Recording { id: self.id, started: self.started, samples: self.samples }
    }

    /// Adds samples; `signals` tells what they are of.
    pub(super) fn add(&mut self, samples: &[Sample], signals: &[SignalInfo]) {
        let mut gather = lock(&self.shared.gather);
        for sample in samples {
            let number = match gather.number(&sample.signal) {
                Some(number) => number,
                None => {
                    let Some(info) = signals.iter().find(|s| s.id == sample.signal) else { continue };
                    gather.signal(signal(info))
                }
            };
            gather.add(number, sample.at, Value::of(&sample.value));
        }
        self.samples = gather.values();
    }

    pub(super) fn mark(&mut self, mark: &Mark) {
        lock(&self.shared.gather).mark(mark.clone());
    }

    #[cfg(test)]
    pub(super) fn fail(&self, error: Option<Error>) {
        *lock(&self.shared.broken) = error;
    }

    /// What keeps its samples from the disk, or has kept some of them from it for good.
    pub(super) fn trouble(&self) -> Option<Error> {
        if self.thread.is_finished() {
            return Some(defect());
        }
        lock(&self.shared.trouble).clone()
    }

    /// Ends it and keeps it. What was stored and could not be ended is taken up by the next start.
    ///
    /// # Errors
    /// [`Code::NotFound`] when it holds no value and is therefore not kept; what the disk and the database say.
    pub(super) fn finish(self, whose: &Whose, cut_short: bool) -> Result<RecordingRow> {
        *lock(&self.shared.stop) = true;
        self.shared.told.notify_all();
        let keep = self.thread.join().map_err(|_| defect())?;
        keep.finish(&mut lock(&self.shared.gather), whose, now(), cut_short)
    }
}

fn defect() -> Error {
    Error::new(Code::Internal, "The recording was ended by a defect.").hint("Send the log with a report.")
}

fn signal(info: &SignalInfo) -> RecordedSignal {
    RecordedSignal { id: info.id.clone(), label: info.label.clone(), unit: info.unit.clone() }
}

/// Commits until it is told to stop.
fn run(mut keep: Keep, shared: &Shared) -> Keep {
    let mut stopped = lock(&shared.stop);
    while !*stopped {
        stopped = shared.told.wait_timeout(stopped, PAUSE).unwrap_or_else(PoisonError::into_inner).0;
        if *stopped {
            break;
        }
        drop(stopped);
        commit(&mut keep, shared);
        stopped = lock(&shared.stop);
    }
    drop(stopped);
    keep
}

fn commit(keep: &mut Keep, shared: &Shared) {
    #[cfg(test)]
    if let Some(error) = lock(&shared.broken).clone() {
        *lock(&shared.trouble) = Some(error);
        return;
    }
    let portion = lock(&shared.gather).take();
    let trouble = match keep.commit(portion) {
        Ok(()) => {
            if let Some(at) = keep.gap() {
                lock(&shared.gather).lose(at);
            }
            (keep.lost() > 0).then(|| {
                let words = format!("{} samples of this recording were not kept.", keep.lost());
                Error::new(Code::DiskFull, words).hint("The recording says where they are missing.")
            })
        }
        Err(error) => {
            let words = match error.code {
                // In the database's own words nothing was changed, which is not what a person fears for here.
                Code::DiskFull => "The disk is full: samples wait in memory to be recorded.".to_owned(),
                _ => format!("Samples wait in memory to be recorded: {}", error.message),
            };
            Some(Error::new(error.code, words).hint("Free some space soon; the recording goes on by itself then."))
        }
    };
    if let Err(error) = keep.seal_if_due() {
        tracing::warn!(%error, "samples could not be sealed yet");
    }
    *lock(&shared.trouble) = trouble;
}

/// Takes in what killed processes of older versions left in files, and says how many that were.
pub(crate) fn recover(store: &Arc<Store>) -> u32 {
    let Ok(entries) = fs::read_dir(intake::folder(store)) else { return 0 };
    let mut taken = 0;
    for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
        if path.extension().is_some_and(|e| e == OLD) {
            match take_in(store, &path) {
                Ok(there) => taken += u32::from(there),
                Err(error) => tracing::warn!(%error, path = %path.display(), "a recording could not be taken up"),
            }
        }
    }
    taken
}

/// Whether it was there to be taken.
fn take_in(store: &Arc<Store>, path: &Path) -> Result<bool> {
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
    let mut bytes = Vec::new();
    // Through the handle that holds the lock: on Windows nobody else may read the file meanwhile.
    std::io::Read::read_to_end(&mut file, &mut bytes).map_err(|e| told(&e))?;
    let recorded = spool::read(&bytes)?;
    let head = &recorded.head;
    let kept = if store.read(|conn| recording::get(conn, head.id))?.is_some() {
        false
    } else {
        let whose = Whose { vehicle: head.vehicle, vin: head.vin.clone() };
        let keep = Keep::begin_as(store, "engine", &head.port, &whose, head.started, head.id)?;
        let mut gather = Gather::default();
        let numbers: Vec<u32> = recorded.signals.iter().map(|s| gather.signal(signal(s))).collect();
        for row in &recorded.rows {
            if let Some(number) = numbers.get(row.signal) {
                gather.add(*number, row.at, Value::of(&row.value));
            }
        }
        recorded.marks.iter().for_each(|mark| gather.mark(mark.clone()));
        match keep.finish(&mut gather, &whose, recorded.last(), true) {
            Ok(_) => true,
            Err(error) if error.code == Code::NotFound => false,
            Err(error) => return Err(error),
        }
    };
    fs::remove_file(path).map_err(|e| told(&e))?;
    Ok(kept)
}
