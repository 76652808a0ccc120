//! The log: what happened, for a support request, without personal data.
//!
//! The usual case: the program calls [`start`] once and keeps the guard; everything logged through `tracing` lands in the
//! log folder, redacted before it is written. [`export`] gives all of it as one text, [`newest`] its last lines.
//! `ROADWORTHY_LOG` chooses what is logged, in the directives of `tracing`, as in `info,roadworthy_obd=trace`; without it
//! `info`. Raw adapter traffic is logged nowhere, since a VIN in hexadecimal is not recognisable: it is stored with its visit.
//!
//! Files are `roadworthy-<slot>.log` (newest) to `roadworthy-<slot>.4.log` (oldest), at most 1 MiB each. A process takes the
//! first slot whose lock file no other process holds, so two processes never write or rotate the same file, and a command
//! line that runs a thousand times uses no more files than one.

mod newest;
mod redact;
mod rotate;

pub use newest::newest;
pub use redact::redact;

use roadworthy_api::{Code, Error, Result};
use rotate::Rotating;
use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::{Arc, Mutex, OnceLock, PoisonError},
};
use tracing_subscriber::{EnvFilter, fmt::MakeWriter};

/// The file this process logs to, once it does.
static STARTED: OnceLock<PathBuf> = OnceLock::new();

/// That this process logs, and where. The log runs until the process ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogGuard {
    path: PathBuf,
}

impl LogGuard {
    /// The file that is being written.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Logs to the folder `dir` from now on; made if missing. A second call in one process changes nothing and says where the
/// first one logs to.
///
/// # Errors
/// [`Code::ReadOnly`] when the folder cannot be written, [`Code::Internal`] when something else has claimed `tracing`.
pub fn start(dir: &Path) -> Result<LogGuard> {
    static STARTING: Mutex<()> = Mutex::new(());
    let _one_at_a_time = STARTING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(path) = STARTED.get() {
        return Ok(LogGuard { path: path.clone() });
    }
    let file = Rotating::open(dir).map_err(|e| unwritable(dir, &e))?;
    let path = file.path().to_owned();
    let filter = EnvFilter::try_from_env("ROADWORTHY_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(false)
        .with_writer(Redacting { file: Arc::new(Mutex::new(file)) })
        .finish();
    tracing::subscriber::set_global_default(subscriber)
        .map_err(|_| Error::new(Code::Internal, "Something else logs in this process already."))?;
    Ok(LogGuard { path: STARTED.get_or_init(|| path).clone() })
}

/// Every log file of the folder `dir` as one text, the newest last, redacted once more.
///
/// # Errors
/// [`Code::NotFound`] when nothing was logged there yet, [`Code::ReadOnly`] when a file cannot be read.
pub fn export(dir: &Path) -> Result<Vec<u8>> {
    let mut files = rotate::files(dir).map_err(|e| unwritable(dir, &e))?;
    if files.is_empty() {
        return Err(Error::new(Code::NotFound, "Nothing has been logged yet.")
            .hint("Do what you want to report, then export again."));
    }
    files.sort_by(|a, b| (a.modified, &b.path).cmp(&(b.modified, &a.path)));
    let mut out = String::new();
    for file in files {
        let bytes = match std::fs::read(&file.path) {
            Ok(bytes) => bytes,
            // Rotated away by another process since the folder was listed.
            Err(e) if e.kind() == io::ErrorKind::NotFound => continue,
            Err(e) => return Err(unwritable(&file.path, &e)),
        };
        let name = file.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        out.push_str(&format!("==== {name} ====\n"));
        out.push_str(&redact(&String::from_utf8_lossy(&bytes)));
        if !out.ends_with('\n') {
            out.push('\n');
        }
    }
    Ok(out.into_bytes())
}

fn unwritable(path: &Path, error: &io::Error) -> Error {
    Error::new(Code::ReadOnly, format!("The log in {} cannot be used: {error}.", path.display()))
        .hint("Check that this user may write there, or set ROADWORTHY_HOME to another folder.")
}

/// Hands every event, redacted, to the file. `tracing` writes one event per call, so nothing is cut across two.
struct Redacting {
    file: Arc<Mutex<Rotating>>,
}

struct Event(Arc<Mutex<Rotating>>);

impl MakeWriter<'_> for Redacting {
    type Writer = Event;
    fn make_writer(&self) -> Event {
        Event(Arc::clone(&self.file))
    }
}

impl Write for Event {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let line = redact(&String::from_utf8_lossy(bytes));
        self.0.lock().unwrap_or_else(PoisonError::into_inner).append(line.as_bytes())?;
        Ok(bytes.len())
    }
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_logged_arrives_redacted_and_is_exported() {
        let dir = tempfile::tempdir().unwrap();
        let guard = start(dir.path()).unwrap();
        assert_eq!(start(Path::new("/elsewhere")).unwrap(), guard, "the first call decides");
        tracing::info!(vin = "1RWTEST00X0000001", plate = "RW-T 100", "checked for owner@example.org");
        let file = std::fs::read_to_string(guard.path()).unwrap();
        assert!(file.contains("INFO") && file.contains("checked for [redacted]"), "{file}");
        for secret in ["1RWTEST", "RW-T", "example.org"] {
            assert!(!file.contains(secret), "{file}");
        }
        std::fs::write(dir.path().join("roadworthy-9.log"), "written before redaction: 1RWTEST00X0000001").unwrap();
        let export = String::from_utf8(export(dir.path()).unwrap()).unwrap();
        assert!(export.contains("==== roadworthy-0.log ====\n"), "{export}");
        assert!(export.contains("written before redaction: [redacted]\n"), "{export}");
        assert!(!export.contains("1RWTEST"));
    }

    #[test]
    fn exporting_nothing_says_so() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(export(dir.path()).unwrap_err().code, Code::NotFound);
        assert_eq!(export(&dir.path().join("absent")).unwrap_err().code, Code::NotFound);
    }
}
