//! The watcher: a thread that notices what any process wrote, and tells it as `DataChanged`.

use crate::{
    journal::kind,
    store::{self, Store},
};
use roadworthy_api::{Code, Error, Result, journal::Changed, stream::Push};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use tokio::sync::broadcast;

/// How often SQLite is asked whether anything changed; the question costs microseconds.
const POLL: Duration = Duration::from_millis(250);
/// Polls between two looks for a scrub that could not be done at once.
const SCRUB_EVERY: u32 = 40;
/// Polls between two looks for files that nothing took up: an hour.
const DROP_EVERY: u32 = 14_400;

/// The running thread; dropping it stops and awaits it.
pub(super) struct Watch {
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    pub(super) fn start(store: Arc<Store>, pushes: broadcast::Sender<Push>) -> Result<Self> {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = stop.clone();
        let conn = store::connect(store.path(), true)?;
        // Read before the thread runs, so that a change right after opening is noticed.
        let mut seen = store::watch::version(&conn)?;
        let mut newest = store::watch::newest(&conn)?;
        let work = move || {
            let mut polls = 0u32;
            while !stopped.load(Ordering::Acquire) {
                std::thread::park_timeout(POLL);
                polls = polls.wrapping_add(1);
                if polls.is_multiple_of(SCRUB_EVERY) {
                    store.scrub_again();
                }
                if polls.is_multiple_of(DROP_EVERY)
                    && let Err(error) = store.drop_left(super::now())
                {
                    tracing::warn!(%error, "files that nothing took up could not be removed");
                }
                let state = store::watch::version(&conn).and_then(|version| {
                    if version == seen {
                        return Ok(None);
                    }
                    seen = version;
                    let before = std::mem::replace(&mut newest, store::watch::newest(&conn)?);
                    // What a read leaves in the journal is not shown anywhere else: telling it would have pages read again.
                    Ok((!store::watch::only_kind_since(&conn, before, kind::ACCESS_RECORDED)?).then_some(newest))
                });
                match state {
                    Ok(Some(arrival)) => drop(pushes.send(Push::DataChanged(Changed { arrival }))),
                    Ok(None) => {}
                    Err(error) => tracing::warn!(%error, "the database could not be watched"),
                }
            }
        };
        let thread = std::thread::Builder::new().name("watch".into()).spawn(work).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e})."))
                .hint("Close other programs and try again.")
        })?;
        Ok(Self { stop, thread: Some(thread) })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        if let Some(thread) = self.thread.take() {
            thread.thread().unpark();
            drop(thread.join());
        }
    }
}
