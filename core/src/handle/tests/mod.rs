//! The calls as doors make them, against an engine of their own.

mod adapters;
mod backups;
mod chain;
mod clearing;
mod decodings;
mod exports;
mod fleet;
mod forget;
mod identity;
mod imports;
mod malformed;
mod malformed_histories;
mod measurements;
mod messages;
mod notes;
mod owners;
mod photos;
mod restores;
mod risks;
mod services;
mod stories;
mod timeline;
mod visits;

use super::visit::{Filed, file};
use crate::{Engine, KeyPlace, Options};
use roadworthy_api::{
    Result,
    call::{self, Handle, Request},
    calls::{GetJob, MakeBackup},
    check::CheckReport,
    id::VehicleId,
    job::JobState,
    person::PersonDetails,
    role::{Actor, Door},
};
use std::{fs, ops::Deref, path::Path, sync::Arc};
use tempfile::TempDir;

pub(super) struct Own {
    engine: Arc<Engine>,
    folder: TempDir,
    _runtime: tokio::runtime::Runtime,
}

impl Deref for Own {
    type Target = Arc<Engine>;
    fn deref(&self) -> &Arc<Engine> {
        &self.engine
    }
}

pub(super) fn open(data: &Path, runtime: &tokio::runtime::Runtime) -> Arc<Engine> {
    let options =
        Options { data: data.to_owned(), runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers: false };
    Engine::open(options).unwrap()
}

pub(super) fn own() -> Own {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    Own { engine: open(folder.path(), &runtime), folder, _runtime: runtime }
}

impl Own {
    /// A second engine on the same folder, as another process has.
    pub(super) fn another(&self) -> Arc<Engine> {
        open(self.folder.path(), &self._runtime)
    }
}

pub(super) fn owner() -> Actor {
    Actor::owner(Door::Window)
}

/// Makes a call through the gate.
pub(super) fn ask<C: Request>(engine: &Engine, request: C) -> Result<C::Reply>
where
    Engine: Handle<C>,
{
    call::call(engine, &owner(), request)
}

pub(super) fn filed(engine: &Engine, chosen: Option<VehicleId>, report: CheckReport) -> Filed {
    file(&engine.store, &owner(), chosen, report, ">03\n<43 01 01 03 01\n").unwrap()
}

/// Makes a backup, to its end.
pub(super) fn backed_up(engine: &Engine) -> Result<String> {
    let job = ask(engine, MakeBackup { folder: None })?;
    loop {
        match ask(engine, GetJob { job })?.state {
            JobState::Running => std::thread::sleep(std::time::Duration::from_millis(5)),
            JobState::Made { name } => return Ok(name),
            JobState::Failed { error } => return Err(error),
            JobState::Done { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => {
                unreachable!("a backup is no visit")
            }
        }
    }
}

/// Every file below a folder in which the bytes occur.
pub(super) fn found(folder: &Path, needle: impl AsRef<[u8]>) -> Vec<String> {
    let needle = needle.as_ref();
    let mut hits = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            hits.extend(found(&path, needle));
        } else if fs::read(&path).unwrap().windows(needle.len()).any(|w| w == needle) {
            hits.push(path.file_name().unwrap().to_string_lossy().into_owned());
        }
    }
    hits
}

pub(super) fn customer(name: &str) -> PersonDetails {
    PersonDetails { name: name.to_owned(), ..PersonDetails::default() }
}
