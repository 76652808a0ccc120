//! The watcher: a thread that notices what any process wrote, wakes who waits for it, and tells it: alerts at once, each, as
//! `AlertChanged`; that something changed as `DataChanged`; how everything is, where that differs, as `PulseChanged`.

use super::pulse::Sources;
use crate::{
    journal::kind,
    store::{Store, watch},
};
use roadworthy_api::{Code, Error, Result, journal::Changed, stream::Push, work::Pulse};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};
use tokio::sync::broadcast;

/// How often SQLite is asked whether another process has written; the question costs microseconds. Writes of this process
/// ring the bell.
const POLL: Duration = Duration::from_millis(25);
/// How long a commit of another process may stay unheard when this one writes just then: SQLite tells only that something was
/// written, and ringing for everybody after each commit of a worker would wake them all for nothing.
const UNHEARD: Duration = Duration::from_millis(20);
/// Least time between two `DataChanged`, and between two looks at the pulse; the first comes at once.
const TOLD: Duration = Duration::from_millis(250);
/// Longest time between two looks at the pulse: a snooze ends, a session records, without anything being written.
const PULSE: Duration = Duration::from_secs(1);
/// Between two looks for a scrub that could not be done at once.
const SCRUB_EVERY: Duration = Duration::from_secs(10);
/// Between two looks for files that nothing took up.
const DROP_EVERY: Duration = Duration::from_secs(3600);

/// The running thread; dropping it stops and awaits it.
pub(super) struct Watch {
    store: Arc<Store>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// What has been seen, and told.
struct Seen {
    conn: rusqlite::Connection,
    version: i64,
    newest: u64,
    /// Newest arrival that pages have not been told of.
    untold: Option<u64>,
    told: Option<Instant>,
    pulse: Option<Pulse>,
    felt: Option<Instant>,
    /// Something was written since the pulse was taken.
    stirred: bool,
}

impl Seen {
    fn new(store: &Store) -> Result<Self> {
        let conn = store.reader()?;
        let (version, newest) = (watch::version(&conn)?, watch::newest(&conn)?);
        Ok(Self { conn, version, newest, untold: None, told: None, pulse: None, felt: None, stirred: true })
    }

    /// Whether anything was written since the last look. Alerts among it are told.
    fn look(&mut self, pushes: &broadcast::Sender<Push>) -> Result<bool> {
        let version = watch::version(&self.conn)?;
        if version == self.version {
            return Ok(false);
        }
        self.version = version;
        self.stirred = true;
        let before = std::mem::replace(&mut self.newest, watch::newest(&self.conn)?);
        for alert in watch::alerts_since(&self.conn, before, super::now())? {
            drop(pushes.send(Push::AlertChanged(alert)));
        }
        // What a read leaves in the journal is not shown anywhere else: telling it would have pages read again.
        if !watch::only_kind_since(&self.conn, before, kind::ACCESS_RECORDED)? {
            self.untold = Some(self.newest);
        }
        Ok(true)
    }

    fn tell(&mut self, pushes: &broadcast::Sender<Push>) {
        if self.told.is_none_or(|told| told.elapsed() >= TOLD)
            && let Some(arrival) = self.untold.take()
        {
            drop(pushes.send(Push::DataChanged(Changed { arrival })));
            self.told = Some(Instant::now());
        }
    }

    /// Tells the pulse if it differs. Nobody's pulse is taken: it costs a few reads.
    fn feel(&mut self, sources: &Sources, pushes: &broadcast::Sender<Push>) {
        let since = self.felt.map_or(Duration::MAX, |felt| felt.elapsed());
        if pushes.receiver_count() == 0 || since < TOLD || (since < PULSE && !self.stirred) {
            return;
        }
        (self.felt, self.stirred) = (Some(Instant::now()), false);
        match sources.pulse() {
            Ok(pulse) if self.pulse.as_ref() == Some(&pulse) => {}
            Ok(pulse) => {
                drop(pushes.send(Push::PulseChanged(pulse.clone())));
                self.pulse = Some(pulse);
            }
            Err(error) => tracing::warn!(%error, "it could not be told how everything is"),
        }
    }
}

impl Watch {
    pub(super) fn start(sources: Arc<Sources>, pushes: broadcast::Sender<Push>) -> Result<Self> {
        let store = Arc::clone(&sources.store);
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        // Read before the thread runs, so that a change right after opening is noticed.
        let mut seen = Seen::new(&store)?;
        let with = Arc::clone(&store);
        let work = move || {
            let (mut scrubbed, mut dropped) = (Instant::now(), Instant::now());
            let mut before = with.bell.rung();
            let mut unheard: Option<Instant> = None;
            while !stopped.load(Ordering::Acquire) {
                let mut rung = with.bell.rung();
                let written = seen.look(&pushes).unwrap_or_else(|error| {
                    tracing::warn!(%error, "the database could not be watched");
                    false
                });
                // If nobody here wrote, another process did.
                let theirs = written && rung == before;
                if written {
                    unheard.get_or_insert_with(Instant::now);
                }
                if unheard.is_some_and(|since| theirs || since.elapsed() >= UNHEARD) {
                    unheard = None;
                    with.bell.ring();
                    rung += 1;
                }
                before = rung;
                seen.tell(&pushes);
                seen.feel(&sources, &pushes);
                if scrubbed.elapsed() >= SCRUB_EVERY {
                    scrubbed = Instant::now();
                    with.scrub_again();
                }
                if dropped.elapsed() >= DROP_EVERY {
                    dropped = Instant::now();
                    if let Err(error) = with.drop_left(super::now()) {
                        tracing::warn!(%error, "files that nothing took up could not be removed");
                    }
                }
                let left = unheard.map_or(POLL, |since| UNHEARD.saturating_sub(since.elapsed()));
                with.bell.wait(rung, left.min(POLL));
            }
        };
        let thread = std::thread::Builder::new().name("watch".into()).spawn(work).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e})."))
                .hint("Close other programs and try again.")
        })?;
        Ok(Self { store, stop, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.store.bell.ring();
        if let Some(thread) = self.thread.take() {
            drop(thread.join());
        }
    }
}
