//! The engine: one data folder, opened. It is the gate's other side and answers every call (see `handle/`).
//!
//! Doors keep one `Arc<Engine>` and an `Actor` per caller, and run calls on threads that may block.

use crate::{
    adapters::Adapters,
    backup::{self, Backups, Caretaker},
    checking::Checks,
    jobs::Jobs,
    journal::{NewEvent, kind},
    live::Lives,
    monitor::Monitor,
    picture,
    ports::Ports,
    scanning::Scans,
    store::{self, Store},
    workers::{self, Duty, Pace, Worker, Workers},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    backup::Restored,
    call::{Effect, Gate, Passage},
    id::VehicleId,
    role::{Actor, Door},
    stream::Push,
    system::BlobInfo,
};
use std::{
    collections::HashMap,
    io::{self, Read},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::sync::broadcast;

mod exchange;
mod habits;
mod pulse;
mod watch;

/// Pushes that a slow listener may be behind before it misses some.
const PUSHES: usize = 1024;
/// Reads of personal data by the same actor through the same door are journalled at most this often per call, since pages
/// read again whenever something changes.
const SAME_ACCESS_MS: i64 = 60_000;

/// Where the master key for personal data may be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyPlace {
    /// The operating system's keyring; a file that only this user may read where none answers.
    Keyring,
    /// Always the file (tests, and machines that never have a keyring).
    FileOnly,
}

/// How to open an engine.
#[derive(Clone, Debug)]
pub struct Options {
    /// The data folder; made if missing.
    pub data: PathBuf,
    /// The runtime that checks and live sessions run on, with I/O and time enabled.
    pub runtime: tokio::runtime::Handle,
    /// Where the master key may be kept. Decided when the folder is first opened; later it is looked for where it is.
    pub keys: KeyPlace,
    /// Whether this process may be the one that runs the workers: programs that stay open, and commands that store something.
    pub workers: bool,
}

/// An opened data folder. Dropping it stops its threads.
pub struct Engine {
    /// First, so that it ends first.
    _watch: watch::Watch,
    pub(crate) workers: Arc<Workers>,
    pub(crate) store: Arc<Store>,
    pub(crate) jobs: Jobs,
    monitor: Mutex<Monitor>,
    habits_saved: Mutex<Timestamp>,
    pub(crate) checks: Checks,
    pub(crate) adapters: Adapters,
    pub(crate) lives: Arc<Lives>,
    pub(crate) scans: Scans,
    pub(crate) sources: Arc<pulse::Sources>,
    pub(crate) backups: Backups,
    pub(crate) imports: crate::import::run::Imports,
    pub(crate) exports: crate::export::Exports,
    pub(crate) data: PathBuf,
    accesses: Mutex<HashMap<(String, Door, &'static str), Timestamp>>,
    pub(crate) pushes: broadcast::Sender<Push>,
    pub(crate) caretaker: Arc<Caretaker>,
    _keeper: crate::telemetry::keep::Keeper,
}

/// Now, in milliseconds since 1970. The one place where the engine reads the clock.
pub(crate) fn now() -> Timestamp {
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|d| i64::try_from(d.as_millis()).ok()).unwrap_or(0)
}

/// An actor as events name it, as in `owner/window`.
pub(crate) fn actor(who: &Actor) -> String {
    let door = match who.door {
        Door::Window => "window",
        Door::Browser => "browser",
        Door::CommandLine => "command-line",
        Door::Engine => "engine",
    };
    format!("{}/{door}", who.name)
}

impl Engine {
    /// Opens the folder, making what is missing. Several processes may hold it open at once.
    ///
    /// Errors: [`Code::NewerDatabase`], [`Code::DatabaseUnusable`], [`Code::ReadOnly`], [`Code::DiskFull`], [`Code::Keyring`]
    /// (only for the key file of a new folder), each with the next step.
    pub fn open(options: Options) -> Result<Arc<Engine>> {
        Self::open_with(options, workers::all(), Pace::default(), workers::duties)
    }

    /// The same with workers and duties of the caller's.
    pub(crate) fn open_with(
        options: Options,
        list: Vec<Box<dyn Worker>>,
        pace: Pace,
        duties: impl Fn(&Arc<Store>) -> Vec<Box<dyn Duty>> + Send + 'static,
    ) -> Result<Arc<Engine>> {
        let store = Store::open(&options.data, options.keys, now());
        let store = Arc::new(store.map_err(|error| backup::offer(&options.data, error))?);
        let pushes = broadcast::channel(PUSHES).0;
        // Before anybody listens, so that what was left is there with the first page.
        crate::telemetry::keep::recover(&store);
        crate::live::recover(&store);
        crate::clearing::settle(&store);
        let keeper = crate::telemetry::keep::Keeper::start(store.clone())?;
        let made = store.clone();
        let run: Option<workers::Duties> = options.workers.then(|| Box::new(move || duties(&made)) as _);
        let workers = Arc::new(Workers::open(store.clone(), list, pace, run)?);
        let jobs = Jobs::new(pushes.clone());
        let ports = Ports::default();
        let adapters = Adapters::new(store.clone(), jobs.clone(), options.runtime.clone(), ports.clone());
        let lives = Lives::new(adapters.clone(), pushes.clone(), options.runtime.clone(), ports.clone());
        let lives = Arc::new(lives);
        let backups = Backups::new(store.clone(), jobs.clone());
        let caretaker = Arc::new(Caretaker::start(backups.clone(), options.workers)?);
        let sources = Arc::new(pulse::Sources {
            store: store.clone(),
            workers: workers.clone(),
            lives: lives.clone(),
            backups: backups.clone(),
            caretaker: caretaker.clone(),
        });
        let watch = watch::Watch::start(sources.clone(), pushes.clone())?;
        let monitor = habits::recall(&store);
        let store_for_imports = store.clone();
        Ok(Arc::new(Self {
            _watch: watch,
            workers,
            store,
            caretaker,
            exports: crate::export::Exports::new(store_for_imports.clone(), jobs.clone()),
            imports: crate::import::run::Imports::new(store_for_imports, jobs.clone()),
            backups,
            scans: Scans::new(jobs.clone(), options.runtime.clone()),
            checks: Checks::new(jobs.clone(), options.runtime, ports).with(adapters.clone()),
            adapters,
            lives,
            jobs,
            monitor,
            habits_saved: Mutex::new(now()),
            data: options.data,
            accesses: Mutex::default(),
            sources,
            pushes,
            _keeper: keeper,
        }))
    }

    /// Restores a backup, by its name or path, where the database cannot be opened: that is put aside, in a folder of the data
    /// folder that the answer names under `undo`. Where it can be opened, [`roadworthy_api::calls::RestoreBackup`] is the way.
    pub fn rescue(data: &Path, keys: KeyPlace, named: &str) -> Result<Restored> {
        backup::rescue(data, keys, named, now())
    }

    /// What the engine says by itself, from now on. A listener that falls 1024 messages behind misses the oldest.
    pub fn pushes(&self) -> broadcast::Receiver<Push> {
        self.pushes.subscribe()
    }

    /// Waits until the workers are done with all that happened so far and with what came of it, in whichever process they
    /// run; `false`: it took longer than that.
    pub fn settle(&self, most: std::time::Duration) -> bool {
        self.workers.settle(most)
    }

    /// A stored file by its BLAKE3 in hex: [`Code::NotFound`] if there is none (any more). All of it is in memory at once; what
    /// may be large, as an export, is for [`Self::open_blob`].
    pub fn blob(&self, hash: &str) -> Result<(BlobInfo, Vec<u8>)> {
        let blob = self.known_blob(hash)?;
        let bytes = self.store.files.get(hash, blob.deflated)?;
        Ok((blob.info, bytes))
    }

    /// The same, to be read bit by bit: what it is, its bytes, and how many.
    pub fn open_blob(&self, hash: &str) -> Result<(BlobInfo, Box<dyn Read + Send>, u64)> {
        let blob = self.known_blob(hash)?;
        if blob.deflated {
            let bytes = self.store.files.get(hash, true)?;
            let size = bytes.len() as u64;
            return Ok((blob.info, Box::new(io::Cursor::new(bytes)), size));
        }
        let (file, size) = self.store.files.open(hash)?;
        Ok((blob.info, Box::new(file), size))
    }

    fn known_blob(&self, hash: &str) -> Result<store::blob::Blob> {
        self.store.read(|conn| store::blob::get(conn, hash))?.ok_or_else(|| {
            Error::new(Code::NotFound, "There is no stored file with this hash.")
                .hint("Make it again; it may have been erased.")
        })
    }

    /// Stores a file until a call takes it up; one that none does goes after a day. What shows personal data is then stored
    /// by that call, so that forgetting finds it.
    pub fn put_blob(&self, name: &str, media: &str, bytes: &[u8]) -> Result<BlobInfo> {
        if bytes.len() > picture::BYTES_MAX {
            return Err(Error::new(Code::Invalid, "A file has at most 64 MiB.").hint("Save it smaller."));
        }
        put_loose(&self.store, name, media, bytes, false)
    }

    /// Begins a recording that the caller feeds: values from a file, another program, a benchmark. `source` says where they
    /// come from, `started` when the first of them was.
    pub fn take_in(
        &self,
        who: &Actor,
        vehicle: Option<VehicleId>,
        source: &str,
        started: Timestamp,
    ) -> Result<crate::Intake> {
        crate::Intake::begin(&self.store, &actor(who), source, vehicle, started)
    }

    /// Whether a stored file is a photo, or the thumbnail of one.
    pub fn is_photo(&self, hash: &str) -> Result<bool> {
        self.store.read(|conn| store::photo::shows(conn, hash))
    }

    /// Path of the log's folder.
    pub fn log_folder(&self) -> PathBuf {
        log_folder(&self.data)
    }

    fn record(&self, who: &Actor, passage: Passage, outcome: Result<(), &Error>) -> Result<()> {
        let now = now();
        if passage.effect == Effect::ReadPersonal && outcome.is_ok() {
            let mut accesses = self.accesses.lock().unwrap_or_else(PoisonError::into_inner);
            accesses.retain(|_, at| now.abs_diff(*at) < SAME_ACCESS_MS.unsigned_abs());
            if accesses.insert((who.name.clone(), who.door, passage.name), now).is_some() {
                return Ok(());
            }
        }
        let outcome = match outcome {
            Ok(()) => "done".to_owned(),
            Err(error) => {
                serde_json::to_value(error.code).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
            }
        };
        self.store.write(&actor(who), now, |w| {
            let access = kind::Access { call: passage.name.to_owned(), outcome };
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind::ACCESS_RECORDED, None, &access)?)?;
            Ok(())
        })
    }
}

/// Folder of the log within a data folder.
pub fn log_folder(data: &Path) -> PathBuf {
    data.join("log")
}

/// Stores a file that goes after a day unless a call takes it up.
pub(crate) fn put_loose(store: &Store, name: &str, media: &str, bytes: &[u8], deflated: bool) -> Result<BlobInfo> {
    let taken = |conn: &_, hash: &str| {
        Ok(if store::blob::is_loose(conn, hash)? == Some(false) { store::blob::get(conn, hash)? } else { None })
    };
    let hash = crate::files::hash(bytes);
    if let Some(blob) = store.read(|conn| taken(conn, &hash))? {
        // Its name and media type are what the call that took it up said.
        return Ok(blob.info);
    }
    let hash = store.files.put(bytes, deflated)?;
    let info = BlobInfo { hash, name: name.to_owned(), media: media.to_owned(), bytes: bytes.len() as u64 };
    // Asked again under the lock: another call may have taken it up meanwhile, and must not lose it.
    store.write_local(|tx| {
        if let Some(blob) = taken(tx, &info.hash)? {
            return Ok(blob.info);
        }
        let blob = store::blob::Blob { info, deflated };
        store::blob::put(tx, &blob, now(), None)?;
        store::blob::loosen(tx, &blob.info.hash)?;
        Ok(blob.info)
    })
}

/// Stores a file that shows no personal data.
pub(crate) fn put_blob(store: &Store, name: &str, media: &str, bytes: &[u8], deflated: bool) -> Result<BlobInfo> {
    let hash = store.files.put(bytes, deflated)?;
    let info = BlobInfo { hash, name: name.to_owned(), media: media.to_owned(), bytes: bytes.len() as u64 };
    let blob = store::blob::Blob { info, deflated };
    store.write_local(|tx| store::blob::put(tx, &blob, now(), None))?;
    Ok(blob.info)
}

/// `ROADWORTHY_HOME`, else the platform's data folder (on Linux `~/.local/share/roadworthy`).
pub fn default_data_dir() -> Result<PathBuf> {
    if let Some(home) = std::env::var_os("ROADWORTHY_HOME").filter(|home| !home.is_empty()) {
        return Ok(PathBuf::from(home));
    }
    let folders = directories::ProjectDirs::from("", "", "Roadworthy").ok_or_else(|| {
        Error::new(Code::DatabaseUnusable, "This system names no folder for a user's data.")
            .hint("Set ROADWORTHY_HOME to a folder.")
    })?;
    Ok(folders.data_dir().to_owned())
}

impl Gate for Engine {
    fn enter(&self, _: &Actor, _: Passage) -> Result<()> {
        // The monitor observes and flags; it blocks nothing.
        Ok(())
    }

    fn leave(&self, who: &Actor, passage: Passage, outcome: Result<(), &Error>) {
        let flag = self.monitor.lock().unwrap_or_else(PoisonError::into_inner).observe(who, passage, outcome, now());
        if let Some(flag) = flag {
            tracing::warn!(risk = flag.risk, reasons = flag.reasons.join("; "), "unusual behaviour");
            self.say_risk(&flag);
        }
        if matches!(passage.effect, Effect::ReadPersonal | Effect::Export)
            && let Err(error) = self.record(who, passage, outcome)
        {
            tracing::error!(%error, call = passage.name, "an access could not be journalled");
        }
        self.save_habits_if_due();
    }
}
