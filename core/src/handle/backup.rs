//! Backups.

use crate::{
    Engine,
    backup::busy,
    engine::{actor, now},
};
use roadworthy_api::{
    Result,
    backup::{BackupReport, BackupRow, Restored},
    call::Handle,
    calls::{ListBackups, MakeBackup, RestoreBackup, VerifyBackup},
    id::JobId,
    job::JobState,
    journal::Changed,
    role::Actor,
    stream::Push,
};

impl Handle<ListBackups> for Engine {
    fn handle(&self, _: &Actor, _: ListBackups) -> Result<Vec<BackupRow>> {
        self.backups.list()
    }
}

impl Handle<MakeBackup> for Engine {
    fn handle(&self, who: &Actor, call: MakeBackup) -> Result<JobId> {
        self.backups.start(actor(who), call.folder)
    }
}

impl Handle<VerifyBackup> for Engine {
    fn handle(&self, _: &Actor, call: VerifyBackup) -> Result<BackupReport> {
        self.backups.verify(&call.name)
    }
}

impl Handle<RestoreBackup> for Engine {
    fn handle(&self, who: &Actor, call: RestoreBackup) -> Result<Restored> {
        self.quiet()?;
        let restored = self.backups.restore(&call.name, &actor(who))?;
        // Of recordings that ran when the backup was made what it holds is left.
        crate::telemetry::keep::recover(&self.store);
        self.caretaker.mended();
        let arrival = self.store.read(crate::store::journal::newest)?;
        // Pages read everything again; fails only when nobody listens.
        let _ = self.pushes.send(Push::DataChanged(Changed { arrival }));
        tracing::info!(from = restored.from, undo = restored.undo, at = now(), "a backup was restored");
        Ok(restored)
    }
}

impl Engine {
    /// An error while anything is at work whose result would belong to what is replaced.
    fn quiet(&self) -> Result<()> {
        if let Some(job) = self.jobs.list().into_iter().find(|job| job.state == JobState::Running) {
            return Err(busy(&format!("{} is at work", job.title)));
        }
        if crate::telemetry::intake::recording_anywhere(&self.store) {
            return Err(busy("live data is being recorded"));
        }
        Ok(())
    }
}
