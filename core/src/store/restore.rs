//! A database on its way to take another's place, see [`crate::backup`]: what of the other must last is carried over.

use super::{Fail, Fallible, Store, blob, immediate, journal, migrate, person, setting, start, told};
use crate::{
    KeyPlace,
    files::Files,
    journal::{
        Event, NewEvent,
        kind::{self, Forgot},
    },
    keys::Master,
};
use roadworthy_api::{
    Code, Result, Timestamp,
    id::{DeviceId, PersonId, VisitId},
    system::KeyStore,
};
use rusqlite::{Connection, params};
use std::{
    collections::{BTreeMap, btree_map::Entry},
    path::Path,
};

/// Which master key a database notes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyNote {
    store: KeyStore,
    check: String,
    account: String,
}

impl KeyNote {
    /// Of a database, if it notes one.
    pub(crate) fn of(conn: &Connection) -> Fallible<Option<Self>> {
        let device: Option<DeviceId> = setting::get(conn, setting::DEVICE)?;
        let (store, check) = (setting::get(conn, setting::KEY_STORE)?, setting::get(conn, setting::KEY_CHECK)?);
        let account = setting::get(conn, setting::KEY_ACCOUNT)?.or(device.map(|d| d.to_string()));
        Ok(match (store, check, account) {
            (Some(store), Some(check), Some(account)) => Some(Self { store, check, account }),
            _ => None,
        })
    }

    fn new(place: KeyPlace, data: &Path, device: DeviceId) -> Result<Self> {
        let account = device.to_string();
        let store = match place == KeyPlace::Keyring && crate::keys::probe() {
            true => KeyStore::Keyring,
            false => KeyStore::File,
        };
        let (_, check) = Master::found(store, data, &account)?;
        Ok(Self { store, check, account })
    }

    /// Whether this machine holds the key for the data folder.
    fn is_here(&self, data: &Path) -> bool {
        Master::noted(self.store, data, &self.account, self.check.clone()).get().is_ok()
    }
}

/// The master key of the place where content is restored.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Here<'a> {
    /// That of the database there.
    Key(&'a KeyNote),
    /// There is no database that could tell; a new key may be kept there.
    Nothing(KeyPlace),
}

/// Notes that what the content sealed so far needs another key.
fn foreign(tx: &Connection, note: KeyNote) -> Fallible<KeyNote> {
    setting::set(tx, setting::FOREIGN_KEYS, &true)?;
    Ok(note)
}

/// What a restore lost and brought, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) lost: u64,
    pub(crate) newest_lost: Option<VisitId>,
    pub(crate) forgotten: u32,
}

impl Store {
    /// Opens a copy that lies beside the database at `data` as a device of its own: the one that made it may have gone on, and
    /// two must never write one chain. `here` is the key of this machine: the copy's own is kept only where this machine
    /// holds it.
    pub(crate) fn staged(path: &Path, data: &Path, here: Here<'_>, now: Timestamp) -> Result<Self> {
        let mut conn = super::connect(path, false)?;
        immediate(&mut conn, |tx| {
            migrate::migrate(tx)?;
            let theirs = KeyNote::of(tx)?;
            let device = start::new_device()?;
            if let Some(before) = setting::get(tx, setting::DEVICE)? {
                super::device::was(tx, before)?;
            }
            let note = match (theirs, here) {
                (Some(theirs), Here::Key(here)) if theirs.check == here.check => here.clone(),
                (Some(theirs), _) if theirs.is_here(data) => theirs,
                (_, Here::Key(here)) => foreign(tx, here.clone())?,
                (_, Here::Nothing(place)) => foreign(tx, KeyNote::new(place, data, device)?)?,
            };
            setting::set(tx, setting::DEVICE, &device)?;
            setting::set(tx, setting::KEY_STORE, &note.store)?;
            setting::set(tx, setting::KEY_CHECK, &note.check)?;
            setting::set(tx, setting::KEY_ACCOUNT, &note.account)
        })?;
        let (device, master) = start::noted(&conn, data).map_err(Fail::told)?.ok_or_else(|| {
            roadworthy_api::Error::new(Code::DatabaseUnusable, "The backup does not say which key its fields need.")
                .hint("Restore another backup.")
        })?;
        let mut store = Self::of(path.to_owned(), conn, data, device, master);
        // Never the files of the database whose place it takes: it would sweep away what it does not know.
        store.files = Files::new(&path.with_extension("files"));
        store.after_open(now)?;
        Ok(store)
    }

    /// Whether personal fields of it are sealed with a key that this machine does not hold.
    pub(crate) fn foreign_keys(&self) -> Result<bool> {
        self.read(|conn| Ok(setting::get(conn, setting::FOREIGN_KEYS)?.unwrap_or(false)))
    }

    /// Says in this stage what `live`, which can no longer change, had that must last: its settings, messages that left the
    /// house, people who were forgotten. `said` makes the payload of `backup.restored`, the first thing said after.
    pub(crate) fn carry_over(
        &self,
        live: &Store,
        actor: &str,
        now: Timestamp,
        said: impl FnOnce(&Carried) -> Fallible<Vec<NewEvent>>,
    ) -> Result<Carried> {
        let forgotten = live.read(|conn| journal::of_kind(conn, kind::PERSON_FORGOTTEN))?;
        let visits = live.read(newest_visits)?;
        let mut carried = Carried { lost: self.lost(live)?, ..Carried::default() };
        self.attach(live)?;
        let done = self.write(actor, now, |w| {
            carry_settings(w.tx())?;
            super::device::carry(w.tx())?;
            carry_messages(w.tx())?;
            for (visit, event) in &visits {
                if !journal::holds(w.tx(), *event)? {
                    carried.newest_lost = Some(*visit);
                    break;
                }
            }
            let again = forget_again(w.tx(), forgotten)?;
            for id in again.keys() {
                carried.forgotten += u32::from(person::get(w.tx(), PersonId::from_bytes(*id))?.is_some());
            }
            for event in said(&carried)? {
                w.append(event)?;
            }
            for (id, forgot) in again {
                let new = w.mint()?;
                w.append(NewEvent::new(new, kind::PERSON_FORGOTTEN, Some(id), &forgot)?)?;
            }
            Ok(())
        });
        self.detach();
        done.map(|()| carried)
    }

    /// Events that `live` holds and this stage does not.
    fn lost(&self, live: &Store) -> Result<u64> {
        let (here, there) = (self.read(journal::devices)?, live.read(journal::devices)?);
        let held = |device| here.iter().find(|(d, _)| *d == device).map_or(0, |(_, seq)| *seq);
        Ok(there.iter().map(|(device, seq)| seq.saturating_sub(held(*device))).sum())
    }

    fn attach(&self, live: &Store) -> Result<()> {
        // Read-only: a transaction would otherwise lock every database that it might write.
        let path = super::backup::uri(live.path(), "mode=ro")?;
        super::lock(&self.writer).execute("attach database ? as live", [path]).map(drop).map_err(told)
    }

    fn detach(&self) {
        if let Err(error) = super::lock(&self.writer).execute_batch("detach database live") {
            tracing::debug!(%error, "it goes with the connection");
        }
    }

    /// Files that its rows name, to be put where the live database looks for them.
    pub(crate) fn files_named(&self) -> Result<Vec<(String, bool)>> {
        self.read(blob::kept)
    }
}

/// By person, what forgetting takes of those whose forgetting is not known here: what is theirs now, and the keys from then.
fn forget_again(tx: &Connection, forgotten: Vec<Event>) -> Fallible<BTreeMap<[u8; 16], Forgot>> {
    let mut again = BTreeMap::new();
    for event in forgotten {
        if journal::holds(tx, event.id)? {
            continue;
        }
        let (Some(id), Ok(then)) = (event.subject, serde_json::from_str::<Forgot>(&event.payload)) else { continue };
        let forgot = match again.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(person::to_forget(tx, PersonId::from_bytes(id))?),
        };
        forgot.keys.extend(then.keys);
        forgot.keys.sort_unstable();
        forgot.keys.dedup();
    }
    Ok(again)
}

/// This device's own settings stay as they are; what the stage says of itself, of its tables, of its
/// history and of erased data stays too.
fn carry_settings(tx: &Connection) -> Fallible<()> {
    let own = [
        setting::DEVICE,
        setting::TABLES,
        setting::SCRUB,
        setting::KEY_STORE,
        setting::KEY_CHECK,
        setting::KEY_ACCOUNT,
        setting::FOREIGN_KEYS,
        setting::CHECK_DUE,
        setting::WORKERS_FROM,
    ];
    let own = serde_json::to_string(&own).unwrap_or_default();
    tx.execute(
        "insert into main.setting select name, value from live.setting where name not in (select value from json_each(?))
         on conflict do update set value = excluded.value",
        [own],
    )?;
    Ok(())
}

/// A message that left the house since, or that somebody dropped, is not put in again: its key says which it is.
fn carry_messages(tx: &Connection) -> Fallible<()> {
    let columns = "id, key, channel, event, alert, vehicle, subject, about, created, state, state_at, next_at, since, begun, attempts, tries, last_error";
    tx.execute_batch(&format!(
        "insert into main.outbox ({columns}) select {columns} from live.outbox where state in ('sending', 'sent', 'dropped')
         on conflict (key) do update set state = excluded.state, state_at = excluded.state_at, next_at = excluded.next_at,
         attempts = excluded.attempts, last_error = excluded.last_error
         on conflict (id) do update set state = excluded.state, state_at = excluded.state_at, next_at = excluded.next_at,
         attempts = excluded.attempts, last_error = excluded.last_error;"
    ))?;
    Ok(())
}

/// The newest visits with the events that said them, newest first.
fn newest_visits(conn: &Connection) -> Fallible<Vec<(VisitId, roadworthy_api::id::EventId)>> {
    let mut find = conn.prepare_cached("select id, event from visit order by ended desc, id desc limit ?")?;
    let rows = find.query_map(params![200], |row| {
        Ok((VisitId::from_bytes(row.get(0)?), roadworthy_api::id::EventId::from_bytes(row.get(1)?)))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
