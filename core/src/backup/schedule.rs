//! Backups of the engine: asked for, due, looked at.

use super::{
    folder::{self, Folder, Kept},
    make::{self, GoOn, Source, Step},
    restore, rotate, verify,
};
use crate::{
    engine::now,
    jobs::{JobHandle, Jobs},
    store::{Store, backup::Last, journal, setting},
};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    backup::{BackupReason, BackupReport, BackupRow, Restored},
    id::{JobId, PersonId},
    system::{BackupSettings, Settings},
};
use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

const HOUR_MS: i64 = 3_600_000;
/// A backup that was due and failed is tried again after this long.
const AGAIN_MS: i64 = HOUR_MS / 4;

/// Backups of one data folder. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Backups {
    store: Arc<Store>,
    jobs: Jobs,
    /// Why the last one failed, also where the database could not take it down.
    failed: Arc<Mutex<Option<Failed>>>,
}

/// One that failed.
#[derive(Clone)]
struct Failed {
    began: Timestamp,
    why: Error,
    /// When the newest one had been made by then, if the database could tell: another process may make one since that was begun
    /// before.
    made: Option<Option<Timestamp>>,
}

impl Backups {
    pub(crate) fn new(store: Arc<Store>, jobs: Jobs) -> Self {
        Self { store, jobs, failed: Arc::default() }
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    fn settings(&self) -> Result<BackupSettings> {
        let settings: Option<Settings> = self.store.read(|conn| setting::get(conn, setting::SETTINGS))?;
        Ok(settings.unwrap_or_default().backup)
    }

    fn folder(&self, chosen: Option<String>) -> Result<Folder> {
        match chosen.filter(|path| !path.trim().is_empty()) {
            Some(path) => std::path::absolute(path.trim()).map(Folder::at).map_err(|e| {
                Error::new(Code::Invalid, format!("This is no folder ({e}).")).hint("Type its full path.")
            }),
            None => Folder::of(&self.store),
        }
    }

    /// The backup that a name in the folder of the settings, or a path, is of.
    fn find(&self, named: &str) -> Result<Kept> {
        folder::by_path(named).unwrap_or_else(|| Folder::of(&self.store)?.get(named))
    }

    /// Backups in the folder of the settings, newest first.
    pub(crate) fn list(&self) -> Result<Vec<BackupRow>> {
        Folder::of(&self.store)?.list()
    }

    /// Checks one from its first byte to its last.
    pub(crate) fn verify(&self, named: &str) -> Result<BackupReport> {
        verify::verify(&self.find(named)?)
    }

    /// Makes one as a job, in the folder that is given or in that of the settings.
    pub(crate) fn start(&self, actor: String, chosen: Option<String>) -> Result<JobId> {
        let folder = self.folder(chosen)?;
        let job = self.jobs.start("Backup");
        let (id, own) = (job.id(), self.clone());
        let work = move || {
            let cancelled = job.cancelled();
            let mut go_on = |step: Step| {
                show(&job, step);
                !*cancelled.borrow()
            };
            match own.make(&folder, BackupReason::Asked, &actor, &mut go_on) {
                Ok(name) => job.made(name),
                Err(error) => job.fail(error),
            }
        };
        std::thread::Builder::new().name("backup".into()).spawn(work).map_err(|e| {
            Error::new(Code::Internal, format!("No thread could be started ({e}).")).hint("Close other programs.")
        })?;
        Ok(id)
    }

    /// Makes one now, notes how that went, and lets old ones go.
    fn make(&self, folder: &Folder, why: BackupReason, actor: &str, go_on: GoOn<'_>) -> Result<String> {
        let began = now();
        let made = self.copy(folder, why, actor, go_on, began);
        match &made {
            Ok(name) => tracing::info!(name, "a backup was made"),
            // A person who cancels knows.
            Err(error) if error.code == Code::Cancelled => {}
            Err(error) => {
                tracing::warn!(%error, "a backup failed");
                let last = self.store.last_backup();
                let made = last.as_ref().ok().map(|last| last.made);
                *self.failed.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Failed { began, why: error.clone(), made });
                let noted = last
                    .and_then(|last| self.store.note_backup(&Last { failed: Some((began, error.clone())), ..last }));
                if let Err(error) = noted {
                    tracing::debug!(%error, "that could not be noted either");
                }
            }
        }
        made
    }

    fn copy(
        &self,
        folder: &Folder,
        why: BackupReason,
        actor: &str,
        go_on: GoOn<'_>,
        began: Timestamp,
    ) -> Result<String> {
        let hold = folder.hold()?;
        if why == BackupReason::Scheduled && !self.due(began)? {
            return Err(Error::new(Code::Cancelled, "Another process has made the backup that was due."));
        }
        let source = Source::of(&self.store)?;
        let manifest = make::copy(&source, folder, &hold, why, began, go_on)?;
        self.store.write(actor, now(), |w| {
            w.append(make::said(&manifest, began)?)?;
            Ok(())
        })?;
        self.store.note_backup(&Last { made: Some(began), failed: None })?;
        *self.failed.lock().unwrap_or_else(PoisonError::into_inner) = None;
        if let Some(data) = self.store.path().parent() {
            folder.note(data);
        }
        let rules = self.settings()?;
        match rotate::rotate(folder, &hold, &source.installation, &rules, began) {
            Ok(gone) if !gone.is_empty() => tracing::info!(gone = gone.len(), "old backups were let go"),
            Ok(_) => {}
            // The new one is there; the old ones go with the next.
            Err(error) => tracing::warn!(%error, "old backups could not be let go"),
        }
        Ok(manifest.name)
    }

    /// Lets go what rules let go.
    #[cfg(test)]
    pub(crate) fn rotated(&self, rules: &BackupSettings) -> Result<Vec<String>> {
        let folder = Folder::of(&self.store)?;
        rotate::rotate(&folder, &folder.hold()?, &self.store.installation()?, rules, now())
    }

    /// When the newest one was made, and why the last one failed, unless one was made since.
    pub(crate) fn last(&self) -> Result<(Option<Timestamp>, Option<Error>)> {
        let last = self.store.last_backup()?;
        let here = self.failed.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let here = here.filter(|failed| match failed.made {
            Some(made) => made == last.made,
            None => last.made.is_none_or(|made| made < failed.began),
        });
        Ok((last.made, here.map(|failed| failed.why).or(last.failed.map(|(_, error)| error))))
    }

    /// Whether one is due by the settings. A folder that is new waits as long as there is between two.
    pub(crate) fn due(&self, now: Timestamp) -> Result<bool> {
        let every = i64::from(self.settings()?.every_hours) * HOUR_MS;
        if every == 0 {
            return Ok(false);
        }
        let last = self.store.last_backup()?;
        let here = self.failed.lock().unwrap_or_else(PoisonError::into_inner).as_ref().map(|failed| failed.began);
        let failed = last.failed.map(|(at, _)| at).max(here);
        // A time that has not come yet is of a clock that was wrong then.
        if failed.is_some_and(|at| at <= now && now - at < AGAIN_MS) {
            return Ok(false);
        }
        let since = match last.made {
            Some(made) => Some(made),
            None => self.store.read(journal::began)?,
        };
        Ok(since.is_some_and(|at| at > now || now - at >= every))
    }

    /// Makes the one that is due, if one is. Of several processes that see it due one makes it.
    pub(super) fn run_due(&self, now: Timestamp, stop: &AtomicBool) {
        let due = self.due(now).unwrap_or_else(|error| {
            tracing::warn!(%error, "whether a backup is due cannot be told");
            false
        });
        if due && let Ok(folder) = Folder::of(&self.store) {
            // Why it failed is noted.
            let mut go_on = |_| !stop.load(Ordering::Acquire);
            let _ = self.make(&folder, BackupReason::Scheduled, "engine/backup", &mut go_on);
        }
    }

    /// Puts a backup in the place of what is there.
    pub(crate) fn restore(&self, named: &str, actor: &str) -> Result<Restored> {
        restore::restore(&self.store, &self.find(named)?, &Folder::of(&self.store)?, actor, now())
    }

    /// Backups in the folder of the settings in which somebody who was just forgotten still stands.
    pub(crate) fn holding(&self, who: PersonId) -> Vec<String> {
        Folder::of(&self.store).and_then(|folder| folder.holding(who)).unwrap_or_else(|error| {
            tracing::warn!(%error, "which backups hold a forgotten customer cannot be told");
            Vec::new()
        })
    }
}

/// Pages count as they come, a thousand steps in all; files and the rest follow in words.
fn show(job: &JobHandle, step: Step) {
    const STEPS: u64 = 1000;
    let of = |done: u32, total: u32, share: u64| {
        u32::try_from(u64::from(done) * share / u64::from(total.max(1))).unwrap_or(u32::MAX)
    };
    job.planned(u32::try_from(STEPS).unwrap_or(0));
    match step {
        Step::Pages(done, total) => {
            job.doing("Copying the database");
            job.done(of(done, total, 700));
        }
        Step::Files(done, total) => {
            job.doing(format!("Copying stored files: {done} of {total}"));
            job.done(700 + of(done, total, 250));
        }
        Step::Sealing => {
            job.doing("Flushing it to disk");
            job.done(960);
        }
    }
}
