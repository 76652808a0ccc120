//! What happens when a data folder is opened: device id, master key, unfinished work.

use super::{Fail, Fallible, Store, immediate, rebuild, setting};
use crate::{
    KeyPlace,
    journal::{NewEvent, kind},
    keys::{self, Master},
};
use roadworthy_api::{Code, Error, Result, Timestamp, id::DeviceId, system::KeyStore};
use rusqlite::Connection;
use std::path::Path;

/// Milliseconds that a file may wait to be taken up.
const LOOSE_MS: i64 = 86_400_000;

/// The device's id and master key, made when the folder is opened for the first time.
pub(super) fn begin(conn: &mut Connection, data: &Path, place: KeyPlace) -> Result<(DeviceId, Master)> {
    if let Some(known) = noted(conn, data).map_err(Fail::told)? {
        return Ok(known);
    }
    // Asked before the lock is taken: a keyring may first ask a person.
    let keyring = place == KeyPlace::Keyring && keys::probe();
    immediate(conn, |tx| {
        // Another process may have been quicker.
        if let Some(known) = noted(tx, data)? {
            return Ok(known);
        }
        if super::journal::any(tx)? {
            // A new id and key would begin a second device on the journal of the first.
            return Err(Error::new(
                Code::DatabaseUnusable,
                "The database holds a journal but does not say which device wrote it, or where its key is.",
            )
            .hint("Keep a copy of the data folder, then restore its newest backup.")
            .into());
        }
        let device = new_device()?;
        let account = device.to_string();
        let in_keyring = keyring.then(|| Master::found(KeyStore::Keyring, data, &account)).and_then(Result::ok);
        let (master, check) = match in_keyring {
            Some(found) => found,
            None => Master::found(KeyStore::File, data, &account)?,
        };
        setting::set(tx, setting::DEVICE, &device)?;
        setting::set(tx, setting::KEY_STORE, &master.store())?;
        setting::set(tx, setting::KEY_CHECK, &check)?;
        setting::set(tx, setting::TABLES, &rebuild::TABLES)?;
        setting::set(tx, setting::INSTALLATION, &uuid::Builder::from_random_bytes(random()?).into_uuid().to_string())?;
        Ok((device, master))
    })
}

fn random() -> Result<[u8; 16]> {
    let mut bytes = [0; 16];
    keys::random(&mut bytes)?;
    Ok(bytes)
}

/// An id for a device that has written nothing yet.
pub(super) fn new_device() -> Result<DeviceId> {
    Ok(DeviceId::from_bytes(*uuid::Builder::from_random_bytes(random()?).as_uuid().as_bytes()))
}

/// The device and the key that a database notes, if it does.
pub(super) fn noted(conn: &Connection, data: &Path) -> Fallible<Option<(DeviceId, Master)>> {
    let device: Option<DeviceId> = setting::get(conn, setting::DEVICE)?;
    let store: Option<KeyStore> = setting::get(conn, setting::KEY_STORE)?;
    let check: Option<String> = setting::get(conn, setting::KEY_CHECK)?;
    let (Some(device), Some(store), Some(check)) = (device, store, check) else { return Ok(None) };
    let account = setting::get(conn, setting::KEY_ACCOUNT)?.unwrap_or_else(|| device.to_string());
    Ok(Some((device, Master::noted(store, data, &account, check))))
}

impl Store {
    /// Notes the device, names it, makes tables of another build anew, lets events out of quarantine, finishes a scrub.
    pub(super) fn after_open(&self, now: Timestamp) -> Result<()> {
        // Rows are not read here: one that is damaged must not keep `journal verify` from running.
        self.write_local(|tx| super::device::own(tx, self.device()))?;
        let first = self.read(|conn| Ok(!super::journal::begun(conn, self.device())?))?;
        if first {
            self.write("engine", now, |w| {
                let device = w.device();
                if super::journal::begun(w.tx(), device)? {
                    return Ok(()); // another process was quicker
                }
                let name = kind::Named { name: format!("Device {}", &device.to_string()[..8]) };
                let id = w.mint()?;
                w.append(NewEvent::new(id, kind::DEVICE_NAMED, Some(device.bytes()), &name)?)?;
                Ok(())
            })?;
        }
        let stale = self.read(|conn| Ok(setting::get::<u32>(conn, setting::TABLES)? != Some(rebuild::TABLES)))?;
        if stale && let Err(error) = self.rebuild("engine", now) {
            // Tables of an older build still read; the next start tries again.
            tracing::warn!(%error, "the tables could not be made anew for this version");
        }
        if self.read(super::quarantine::any)?
            && let Err(error) = self.receive(&[], now)
        {
            tracing::warn!(%error, "events in quarantine could not be taken yet");
        }
        if let Err(error) = self.read(|conn| self.files.sweep(now, |hash| super::blob::named(conn, hash))) {
            tracing::warn!(%error, "leftovers among the stored files could not be removed");
        }
        if let Err(error) = self.drop_left(now) {
            tracing::warn!(%error, "files that nothing took up could not be removed");
        }
        self.scrub_again();
        Ok(())
    }

    /// Removes files that were put here and that no call has taken up within a day.
    pub(crate) fn drop_left(&self, now: Timestamp) -> Result<()> {
        for hash in self.read(|conn| super::blob::left_loose(conn, now.saturating_sub(LOOSE_MS)))? {
            if self.write_local(|tx| super::blob::drop_loose(tx, &hash))? {
                self.files.remove(&hash)?;
            }
        }
        Ok(())
    }
}
