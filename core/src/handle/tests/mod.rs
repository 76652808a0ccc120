//! The calls as doors make them, against an engine of their own.

mod chain;
mod fleet;
mod forget;
mod identity;
mod measurements;
mod messages;
mod notes;
mod owners;
mod photos;
mod risks;
mod visits;

use super::visit::{Filed, file};
use crate::{Engine, KeyPlace, Options};
use roadworthy_api::{
    Result,
    call::{self, Handle, Request},
    check::CheckReport,
    id::VehicleId,
    person::PersonDetails,
    role::{Actor, Door},
};
use std::{ops::Deref, path::Path, sync::Arc};
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

pub(super) fn customer(name: &str) -> PersonDetails {
    PersonDetails { name: name.to_owned(), ..PersonDetails::default() }
}
