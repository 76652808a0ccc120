//! The engine, which opens beside the window, and again after it could not be opened.

use roadworthy_api::{Code, Error, Result};
use roadworthy_core::{Engine, KeyPlace, Options, default_data_dir, engine::log_folder, log};
use std::{
    panic,
    sync::{Arc, Mutex, Once, OnceLock, PoisonError},
    time::{Duration, Instant},
};
use tauri::async_runtime::JoinHandle;
use tokio::runtime::Handle;

/// Pages ask again and again while there is no engine; it is tried at most this often.
const PAUSE: Duration = Duration::from_millis(1500);

/// An engine that is open, or is opened by the first who asks for it.
pub(crate) struct Opening {
    runtime: Handle,
    /// Once it is open, so that a call waits for no other call.
    open: OnceLock<Arc<Engine>>,
    tried: tokio::sync::Mutex<Option<Tried>>,
    listener: Mutex<Option<JoinHandle<()>>>,
}

struct Tried {
    at: Instant,
    outcome: Result<Arc<Engine>>,
}

impl Opening {
    pub(crate) fn new(runtime: Handle) -> Arc<Self> {
        Arc::new(Self {
            runtime,
            open: OnceLock::new(),
            tried: tokio::sync::Mutex::new(None),
            listener: Mutex::new(None),
        })
    }

    /// The engine once it is open, or why it is not. What kept it from opening (a full disk, say) may be gone by the next
    /// time somebody asks.
    pub(crate) async fn engine(&self) -> Result<Arc<Engine>> {
        if let Some(engine) = self.open.get() {
            return Ok(Arc::clone(engine));
        }
        let mut tried = self.tried.lock().await;
        if let Some(last) = tried.as_ref()
            && (last.outcome.is_ok() || last.at.elapsed() < PAUSE)
        {
            return last.outcome.clone();
        }
        let runtime = self.runtime.clone();
        let outcome = tauri::async_runtime::spawn_blocking(move || open(runtime)).await.unwrap_or_else(|_| {
            Err(Error::new(Code::Internal, "A defect of Roadworthy stopped its engine.")
                .hint("Start Roadworthy again."))
        });
        if let Err(error) = &outcome
            && tried.as_ref().and_then(|last| last.outcome.as_ref().err()) != Some(error)
        {
            tracing::error!(code = ?error.code, "the engine cannot be opened: {error}");
        }
        if let Ok(engine) = &outcome {
            self.open.get_or_init(|| Arc::clone(engine));
        }
        *tried = Some(Tried { at: Instant::now(), outcome: outcome.clone() });
        outcome
    }

    /// Takes the one listener's place: a page that is loaded anew replaces the one before.
    pub(crate) fn listens(&self, listener: JoinHandle<()>) {
        let before = self.listener.lock().unwrap_or_else(PoisonError::into_inner).replace(listener);
        if let Some(before) = before {
            before.abort();
        }
    }
}

fn open(runtime: Handle) -> Result<Arc<Engine>> {
    let data = default_data_dir()?;
    // Before the engine, so that what keeps it from opening is in the log. A log that cannot be written stops nobody.
    if log::start(&log_folder(&data)).is_ok() {
        log_defects();
    }
    Engine::open(Options { data, runtime, keys: KeyPlace::Keyring, workers: true })
}

/// A defect would otherwise be told to standard error alone, which nobody sees of a window.
fn log_defects() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |defect| {
            tracing::error!("a defect of Roadworthy: {defect}");
            before(defect);
        }));
    });
}
