//! The runtime: has one process run the workers, and ends them with it.

use super::{Duty, Pace, Worker, caught::caught, duty, elect, run::Loop, shared::Shared};
use crate::store::{Store, Turn, worker};
use roadworthy_api::{Code, Error, Result};
use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::{self, JoinHandle},
    time::{Duration, Instant},
};

/// How often it is asked whether the workers are done.
const SETTLING: Duration = Duration::from_millis(25);

/// Duties of a process, made anew each time that it takes the post.
pub(crate) type Duties = Box<dyn Fn() -> Vec<Box<dyn Duty>> + Send>;

/// The workers as one process has them, whether or not it runs them.
pub(crate) struct Workers {
    pub(super) store: Arc<Store>,
    pub(super) pace: Pace,
    pub(super) list: Arc<Vec<Arc<dyn Worker>>>,
    /// What the threads share while this process has the post.
    pub(super) post: Arc<Mutex<Option<Arc<Shared>>>>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Workers {
    /// Has them known; with `run` this process stands for the post as long as this lives.
    pub(crate) fn open(store: Arc<Store>, list: Vec<Box<dyn Worker>>, pace: Pace, run: Option<Duties>) -> Result<Self> {
        let list: Arc<Vec<Arc<dyn Worker>>> = Arc::new(list.into_iter().map(Arc::from).collect());
        let mut workers = Self { store, pace, list, post: Arc::default(), stop: Arc::default(), thread: None };
        if let Some(duties) = run {
            workers.ensure()?;
            workers.thread = Some(workers.stand(duties)?);
        }
        Ok(workers)
    }

    /// Gives each worker its place now, before the caller stores the first thing that they are to hear.
    fn ensure(&self) -> Result<()> {
        let known: Vec<(&str, bool)> = self.list.iter().map(|w| (w.name(), w.hears_telemetry())).collect();
        if !self.store.read(|conn| worker::ensured(conn, &known))? {
            self.store.write_local(|tx| worker::ensure(tx, &known))?;
        }
        Ok(())
    }

    /// Starts the thread that takes the post whenever it is free.
    fn stand(&self, duties: Duties) -> Result<JoinHandle<()>> {
        let (store, pace, list) = (Arc::clone(&self.store), self.pace.clone(), Arc::clone(&self.list));
        let (stop, post) = (Arc::clone(&self.stop), Arc::clone(&self.post));
        let work = move || {
            let mut warned = false;
            while !stop.load(Ordering::Acquire) {
                match elect::take(folder(&store)) {
                    Ok(Some(held)) => {
                        let shared = Arc::new(Shared::new(Arc::clone(&store), pace.clone(), Arc::clone(&list)));
                        serve(&shared, duties(), &stop, &post);
                        drop(held);
                    }
                    Ok(None) => thread::park_timeout(pace.look),
                    Err(error) => {
                        if !std::mem::replace(&mut warned, true) {
                            tracing::warn!(%error, "no process can be chosen to run the workers");
                        }
                        thread::park_timeout(pace.cap);
                    }
                }
            }
        };
        spawn("workers", work)
    }

    /// Whether this process runs them.
    #[cfg(test)]
    pub(crate) fn here(&self) -> bool {
        self.post().is_some()
    }

    pub(super) fn post(&self) -> Option<Arc<Shared>> {
        self.post.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Waits until nothing waits for any worker that is not paused, whichever process runs them; `false`: it took longer.
    pub(crate) fn settle(&self, most: Duration) -> bool {
        let until = Instant::now() + most;
        loop {
            let seen = self.store.bell.rung();
            match self.waiting() {
                Ok(0) => return true,
                Ok(_) => {}
                Err(error) => {
                    tracing::warn!(%error, "it cannot be told whether the workers are done");
                    return false;
                }
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return false;
            }
            // Another process rings no bell here unless something watches for it.
            self.store.bell.wait(seen, left.min(SETTLING));
        }
    }

    /// Events and batches that wait for workers which are not paused, with what a person wants tried again.
    fn waiting(&self) -> Result<u64> {
        self.store.read(|conn| {
            let mut waiting = 0;
            for worker in self.list.iter() {
                if let Some(row) = worker::get(conn, worker.name())?.filter(|row| !row.paused) {
                    let hears = worker.hears_telemetry();
                    waiting += worker::lag(conn, self.store.device(), worker.listens(), hears, row.place)?.0;
                    waiting += u64::from(worker::again(conn, worker.name())?.is_some());
                }
            }
            Ok(waiting)
        })
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(shared) = self.post() {
            shared.stop();
        }
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
    }
}

/// The data folder.
pub(super) fn folder(store: &Store) -> &Path {
    store.path().parent().unwrap_or(Path::new("."))
}

fn spawn(name: &str, work: impl FnOnce() + Send + 'static) -> Result<JoinHandle<()>> {
    thread::Builder::new().name(name.to_owned()).spawn(work).map_err(|e| {
        Error::new(Code::Internal, format!("No thread could be started ({e})."))
            .hint("Close other programs and try again.")
    })
}

/// Has the post until `stop`: runs every worker and duty, and looks whether one stalls.
fn serve(shared: &Arc<Shared>, duties: Vec<Box<dyn Duty>>, stop: &AtomicBool, post: &Mutex<Option<Arc<Shared>>>) {
    if let Err(error) = shared.store.write_local_in(Turn::Background, worker::begin) {
        tracing::warn!(%error, "what the workers' process before left could not be cleared");
    }
    let mut threads = Vec::new();
    for (seat, worker) in shared.list.iter().enumerate() {
        let (name, worker, with) = (worker.name(), Arc::clone(worker), Arc::clone(shared));
        threads.push(spawn(name, move || keep(&with, name, || Loop::new(&with, seat, Arc::clone(&worker)).run())));
    }
    for duty in duties {
        let with = Arc::clone(shared);
        threads.push(spawn(duty.name(), move || duty::run(duty, &with)));
    }
    let threads: Vec<JoinHandle<()>> = threads
        .into_iter()
        .filter_map(|thread| thread.inspect_err(|error| tracing::error!(%error, "a worker does not run")).ok())
        .collect();
    *post.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(shared));
    while !stop.load(Ordering::Acquire) {
        for (seat, since, at) in shared.stalling() {
            let name = shared.list.get(seat).map(|w| w.name()).unwrap_or_default();
            tracing::warn!(worker = name, at, "a worker has been at this for too long");
            let noted = shared.store.write_local_in(Turn::Background, |tx| worker::stalled(tx, name, since, &at));
            if let Err(error) = noted {
                tracing::warn!(worker = name, %error, "that a worker stalls could not be noted");
            }
        }
        thread::park_timeout(shared.pace.look);
    }
    shared.stop();
    *post.lock().unwrap_or_else(PoisonError::into_inner) = None;
    leave(threads, shared.pace.leave);
}

/// Runs a worker's loop again should it ever end by a panic of its own.
fn keep(shared: &Shared, name: &str, work: impl Fn()) {
    while !shared.stopped() {
        if let Err(why) = caught(&work) {
            tracing::error!(worker = name, why, "a worker's loop ended and begins again");
            shared.rest(shared.pace.pause(1));
        }
    }
}

/// Waits for the threads, but not for one that stalls: it finds that the post is left and commits nothing.
fn leave(threads: Vec<JoinHandle<()>>, most: Duration) {
    let until = Instant::now() + most;
    while threads.iter().any(|thread| !thread.is_finished()) && Instant::now() < until {
        thread::sleep(Duration::from_millis(2));
    }
    for thread in threads {
        if thread.is_finished() {
            drop(thread.join());
        } else {
            tracing::warn!(thread = thread.thread().name(), "a thread is left behind at its work");
        }
    }
}
