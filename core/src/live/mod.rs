//! Live sessions of this process: one vehicle read over and over, watched by any number of pages, recorded on request.
//!
//! The usual case: one [`Lives`] per engine. [`Lives::open`] opens a session on a port or joins the one that is there; what
//! it reads is told to everybody as `LiveChanged` (rare, whole) and `LiveValues` (at most 20 frames a second, each sample
//! once). A link that breaks is connected again with growing pauses; shown values are stale meanwhile.
//!
//! Rooms: `session` holds what is shown, `run` keeps the link, `choose` finds the first signals, `rate` measures, `record`
//! puts recordings into the telemetry tail, `csv` exports them; `spool` reads the files that older versions recorded into.
//!
//! A session that nobody asked anything of for half an hour, and that records nothing, closes itself, so that a parked
//! car's battery is not drained; those that are open end with the engine.

mod choose;
mod csv;
mod rate;
mod record;
mod run;
mod session;
mod spool;
#[cfg(test)]
mod tests;

pub(crate) use csv::{Samples as CsvSamples, TEXT as CSV_TEXT, time as csv_time};
pub(crate) use record::recover;
pub(crate) use session::Session;
pub(crate) use spool::Row;

use csv::Sheet;

use crate::{
    adapters::Adapters,
    journal::kind::RecordedSignal,
    ports::{self, Ports, Use},
    store::Store,
};
use roadworthy_api::{
    Code, Error, Result,
    id::{LiveId, VehicleId},
    live::{CsvLayout, LiveSession, Mark, SignalInfo},
    stream::Push,
};
use roadworthy_obd::link::{Carrier, Port};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};
use tokio::{runtime::Handle, sync::broadcast};

/// Most signals that one session reads.
pub(crate) const MOST_SIGNALS: usize = 64;

/// How long to wait for a session on the same port that is just closing.
const CLOSING: Duration = Duration::from_secs(2);

/// How a link is opened: by its port, or by a test.
pub(crate) type Opener =
    Arc<dyn Fn(Port, Option<u32>) -> Pin<Box<dyn Future<Output = Result<Carrier>> + Send>> + Send + Sync>;

/// How long things take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Least time between two frames.
    pub(crate) frame: Duration,
    /// How long samples are held for pages that join.
    pub(crate) held: Duration,
    /// Pause before the first new try after a link broke; it doubles with each, up to sixteen times this.
    pub(crate) pause: Duration,
    /// How long a broken link is tried again.
    pub(crate) give_up: Duration,
    /// How long a session lasts of which nobody asks anything.
    pub(crate) idle: Duration,
    /// How long an ended session is still listed.
    pub(crate) listed: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            frame: Duration::from_millis(50),
            held: Duration::from_secs(600),
            pause: Duration::from_secs(1),
            give_up: Duration::from_secs(300),
            idle: Duration::from_secs(1800),
            listed: Duration::from_secs(300),
        }
    }
}

/// What a session needs of the engine.
#[derive(Clone)]
pub(crate) struct Ground {
    pub(crate) store: Arc<Store>,
    pub(crate) pushes: broadcast::Sender<Push>,
    pub(crate) pace: Pace,
    /// Where passports are found, if anywhere.
    pub(crate) adapters: Option<Adapters>,
}

/// The sessions of this process. Dropping it ends them.
pub(crate) struct Lives {
    ground: Ground,
    runtime: Handle,
    ports: Ports,
    opener: Opener,
    sessions: Mutex<Vec<Arc<Session>>>,
}

impl Lives {
    /// Sessions that run on `runtime`, which needs I/O and time enabled.
    pub(crate) fn new(adapters: Adapters, pushes: broadcast::Sender<Push>, runtime: Handle, ports: Ports) -> Self {
        let opener: Opener = Arc::new(|port, baud| Box::pin(async move { ports::open(&port, baud).await }));
        let store = adapters.store();
        Self::with(Ground { store, pushes, pace: Pace::default(), adapters: Some(adapters) }, runtime, ports, opener)
    }

    pub(crate) fn with(ground: Ground, runtime: Handle, ports: Ports, opener: Opener) -> Self {
        Self { ground, runtime, ports, opener, sessions: Mutex::default() }
    }

    /// Opens a session on a port, or joins the one that is there.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a text that is no port, a speed of a port that has none, and a preset that does not exist;
    /// [`Code::PortBusy`] while a check runs there. What goes wrong later is the session's error.
    pub(crate) fn open(
        &self,
        port: &str,
        vehicle: Option<VehicleId>,
        baud: Option<u32>,
        preset: Option<String>,
    ) -> Result<LiveSession> {
        let parsed = ports::parse(port, baud)?;
        if let Some(name) = &preset {
            choose::preset(name)?;
        }
        // Held until the claim is in, so that two who open at once share one session.
        let mut sessions = self.lock();
        let until = Instant::now() + CLOSING;
        while let Some(open) = self.ports.live_on(&parsed).and_then(|id| sessions.iter().find(|s| s.id == id)) {
            if !open.closing() || Instant::now() > until {
                return Ok(open.join(vehicle));
            }
            drop(sessions);
            std::thread::sleep(Duration::from_millis(10));
            sessions = self.lock();
        }
        let id = LiveId(uuid::Uuid::now_v7().as_u128());
        let claim = self.ports.claim(&parsed, Use::Live(id))?;
        let session = Arc::new(Session::new(self.ground.clone(), id, &parsed, vehicle, preset));
        sessions.retain(|s| !s.forgotten());
        sessions.push(Arc::clone(&session));
        drop(sessions);
        self.runtime.spawn(run::run(Arc::clone(&session), Arc::clone(&self.opener), parsed, baud, claim));
        Ok(session.shown())
    }

    /// Sessions that are open, or ended a few minutes ago, newest first.
    pub(crate) fn list(&self) -> Vec<LiveSession> {
        let mut sessions = self.lock();
        sessions.retain(|s| !s.forgotten());
        sessions.iter().rev().map(|s| s.shown()).collect()
    }

    /// One of them.
    pub(crate) fn get(&self, id: LiveId) -> Result<Arc<Session>> {
        self.lock().iter().find(|s| s.id == id).cloned().ok_or_else(|| {
            Error::new(Code::NotFound, "There is no such live session (any more).").hint("Open it again.")
        })
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Arc<Session>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A recording of an older version, stored as a file, as CSV.
pub(crate) fn csv_of_file(stored: &[u8], layout: CsvLayout) -> Result<String> {
    let recorded = spool::read(stored)?;
    written(csv::write(&Sheet { signals: &recorded.signals, rows: &recorded.rows, marks: &recorded.marks }, layout))
}

/// A recording as CSV.
pub(crate) fn csv(signals: &[RecordedSignal], rows: &[Row], marks: &[Mark], layout: CsvLayout) -> Result<String> {
    let signals: Vec<SignalInfo> = signals.iter().map(info).collect();
    written(csv::write(&Sheet { signals: &signals, rows, marks }, layout))
}

fn written(csv: std::io::Result<String>) -> Result<String> {
    csv.map_err(|e| Error::new(Code::Internal, format!("The recording cannot be written as CSV: {e}.")))
}

/// A signal by what is kept of it.
pub(crate) fn info(signal: &RecordedSignal) -> SignalInfo {
    let mut parts = signal.id.splitn(3, ':').map(str::to_owned);
    let mut part = || parts.next().unwrap_or_default();
    let (ecu, pid, name) = (part(), part(), part());
    let (id, label, unit) = (signal.id.clone(), signal.label.clone(), signal.unit.clone());
    SignalInfo { id, ecu, ecu_name: String::new(), pid, name, label, unit, range: None }
}

impl Drop for Lives {
    fn drop(&mut self) {
        for session in self.lock().iter() {
            session.abandon();
        }
    }
}
