//! Stores of their own for tests, in memory-backed folders where there are any.

mod converge;
mod flip;
mod keyring;
mod limits;
mod opening;
mod payload;
mod rebuild;
mod receive;

use super::{
    Store, Writing,
    restore::{Carried, Here, KeyNote},
};
use crate::{
    KeyPlace,
    journal::{Event, NewEvent, kind},
    keys,
};
use roadworthy_api::{Result, Timestamp, id::DeviceId};
use serde::Serialize;
use std::path::Path;
use tempfile::TempDir;

pub(super) const NOW: Timestamp = 1_795_215_600_000;

pub(super) fn folder() -> TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

pub(super) fn open(folder: &TempDir) -> Store {
    Store::open(folder.path(), KeyPlace::FileOnly, NOW).unwrap()
}

/// A store in a folder that lasts as long as it does.
pub(super) struct Own {
    pub(super) store: Store,
    pub(super) folder: TempDir,
}

pub(super) fn own() -> Own {
    let folder = folder();
    Own { store: open(&folder), folder }
}

impl std::ops::Deref for Own {
    type Target = Store;
    fn deref(&self) -> &Store {
        &self.store
    }
}

/// Appends one event.
pub(super) fn say(store: &Store, now: Timestamp, kind: &'static str, subject: [u8; 16], payload: &impl Serialize) {
    try_say(store, now, kind, subject, |_, _| Ok(serde_json::to_value(payload).unwrap())).unwrap();
}

/// Appends one event whose payload is made with the event's id.
pub(super) fn try_say(
    store: &Store,
    now: Timestamp,
    kind: &'static str,
    subject: [u8; 16],
    payload: impl FnOnce(&Writing<'_>, roadworthy_api::id::EventId) -> super::Fallible<serde_json::Value>,
) -> Result<()> {
    store.write("owner/window", now, |w| {
        let id = w.mint()?;
        let payload = payload(w, id)?;
        w.append(NewEvent::new(id, kind, Some(subject), &payload)?)?;
        Ok(())
    })
}

/// Registers a vehicle by VIN.
pub(super) fn register(store: &Store, id: u128, vin: &str) {
    let fields = kind::VehicleFields { vin: Some(vin.into()), ..Default::default() };
    say(store, NOW, kind::VEHICLE_REGISTERED, id.to_be_bytes(), &fields);
}

/// A whole chain.
pub(super) fn chain(store: &Store, device: DeviceId) -> Vec<Event> {
    store.read(|conn| super::journal::chain(conn, device, 1, u32::MAX)).unwrap()
}

pub(super) fn dumps(store: &Store) -> Vec<(&'static str, [u8; 32])> {
    store.read(|conn| Ok(super::rebuild::SAID.iter().copied().zip(super::rebuild::dumps(conn)?).collect())).unwrap()
}

/// Puts a copy of a database in its place, as [`crate::backup`] does with a backup that is whole.
pub(crate) fn restore(live: &Store, copy: &Path, now: Timestamp) -> Carried {
    let folder = live.path().parent().unwrap();
    let stage = folder.join("stage.db");
    std::fs::copy(copy, &stage).unwrap();
    let key = live.read(KeyNote::of).unwrap().unwrap();
    let staged = Store::staged(&stage, folder, Here::Key(&key), now).unwrap();
    let carried = live.replace(&stage, || {
        staged.carry_over(live, "owner/window", now, |carried| {
            let (name, undo) = ("copy".into(), "undo".into());
            let said = kind::BackupRestored { name, undo, lost: carried.lost, newest_lost: carried.newest_lost };
            Ok(vec![NewEvent::new(keys::mint(now)?, kind::BACKUP_RESTORED, None, &said)?])
        })
    });
    drop(staged);
    std::fs::remove_file(&stage).unwrap();
    carried.unwrap()
}
