//! The database: SQLite in WAL mode, one writer, a few readers beside it. Only this room holds SQL.
//!
//! The usual case: [`Store::read`] with a closure that calls the reads of a noun (one file per table), or [`Store::write`]
//! with a closure that decides, inside the write transaction, which events to [`Writing::append`]. Nothing else changes a
//! table that `migrations/` marks as said; [`apply`] does it for each event in the same transaction.
//! Several processes share the file; each write takes the lock first (`BEGIN IMMEDIATE`), so decisions see the newest state.

pub(crate) mod adapter;
pub(crate) mod alert;
pub(crate) mod apply;
pub(crate) mod backup;
mod bell;
pub(crate) mod blob;
pub(crate) mod block;
pub(crate) mod capture;
pub(crate) mod clearing;
pub(crate) mod coverage;
pub(crate) mod decision;
pub(crate) mod decoding;
pub(crate) mod device;
pub(crate) mod diagnosis;
pub(crate) mod ecu;
mod fail;
pub(crate) mod freeze_frame;
mod gate;
pub(crate) mod habit;
pub(crate) mod history;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod measurement;
mod migrate;
pub(crate) mod note;
pub(crate) mod outbox;
pub(crate) mod ownership;
pub(crate) mod person;
pub(crate) mod person_key;
pub(crate) mod photo;
pub(crate) mod pin;
pub(crate) mod quarantine;
pub(crate) mod readiness;
pub(crate) mod reading;
pub(crate) mod reading_flag;
mod rebuild;
mod receive;
pub(crate) mod recording;
pub(crate) mod registration;
pub(crate) mod restore;
mod scrub;
pub(crate) mod service;
pub(crate) mod setting;
mod shrink;
mod start;
pub(crate) mod story;
pub(crate) mod tail;
pub(crate) mod timeline;
pub(crate) mod trouble_code;
pub(crate) mod unclean;
pub(crate) mod vehicle;
mod verify;
mod verify_block;
pub(crate) mod visit;
pub(crate) mod watch;
pub(crate) mod worker;
mod writing;

#[cfg(test)]
pub(crate) mod tests;

pub(crate) use bell::{Bell, TAIL};
pub(crate) use fail::{Fail, Fallible, told};
pub(crate) use gate::Turn;
pub(crate) use migrate::schema;
pub(crate) use writing::Writing;

use crate::{files::Files, keys::Master};
use roadworthy_api::{Result, Timestamp, id::DeviceId};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};
use std::{
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError, RwLock},
    time::Duration,
};

/// Milliseconds that SQLite waits for another process's lock before it says busy; asked [`PATIENCE`] times.
const BUSY: Duration = Duration::from_secs(5);
const PATIENCE: u32 = 4;
/// Read connections kept open.
const READERS: usize = 3;

/// An opened database.
pub(crate) struct Store {
    path: PathBuf,
    gate: gate::Gate,
    writer: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Rings after each write of this process, and when [`watch`] sees one of another.
    pub(crate) bell: Bell,
    /// This device, as last seen: a restore, of whichever process, gives it another id.
    device: RwLock<DeviceId>,
    /// Held as long as it is open.
    _open: Option<std::fs::File>,
    /// Stored files.
    pub(crate) files: Files,
    /// Key of keys.
    pub(crate) master: Master,
}

/// The writer, and leave to use it. Dropping it rings the bell: whether anything was committed, who waits sees for itself.
struct Writer<'a> {
    // In this order: the connection is let go before the next one comes in, and the bell rings last.
    conn: MutexGuard<'a, Connection>,
    _pass: gate::Pass<'a>,
    ring: Ring<'a>,
}

/// For whom it rings; `None`: everybody.
struct Ring<'a>(&'a Bell, Option<Vec<&'static str>>);

impl Drop for Ring<'_> {
    fn drop(&mut self) {
        match &self.1 {
            Some(kinds) => self.0.ring_for(kinds),
            None => self.0.ring(),
        }
    }
}

impl std::ops::Deref for Writer<'_> {
    type Target = Connection;
    fn deref(&self) -> &Connection {
        &self.conn
    }
}

impl std::ops::DerefMut for Writer<'_> {
    fn deref_mut(&mut self) -> &mut Connection {
        &mut self.conn
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic while holding it rolled its transaction back; the connection itself is sound.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What SQLite calls `auto_vacuum = incremental`.
const INCREMENTAL: u32 = 2;

/// Opens a connection with the settings that every one of them has.
pub(crate) fn connect(path: &Path, read_only: bool) -> Result<Connection> {
    let mut flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    if !read_only {
        flags |= OpenFlags::SQLITE_OPEN_CREATE;
    }
    let conn = Connection::open_with_flags(path, flags).map_err(told)?;
    settle(&conn, read_only).map_err(told)?;
    Ok(conn)
}

fn settle(conn: &Connection, read_only: bool) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    conn.set_prepared_statement_cache_capacity(200);
    // Sorting must not leave personal data in temporary files; deleted rows must not stay in free pages.
    conn.execute_batch("pragma temp_store = memory; pragma foreign_keys = on; pragma secure_delete = on;")?;
    if read_only {
        return conn.execute_batch("pragma query_only = on;");
    }
    // Free pages can be given back. A file that is there already gets it when it is rewritten the next time. One that has it
    // is left alone: saying so again would write to it, and it may be a newer version's.
    if conn.query_row("pragma auto_vacuum", [], |row| row.get::<_, u32>(0))? != INCREMENTAL {
        conn.pragma_update(None, "auto_vacuum", "incremental")?;
    }
    conn.pragma_update(None, "synchronous", "full")
}

/// WAL mode stays with the file. Switching needs the file alone, and SQLite does not wait for that by itself.
fn use_wal(conn: &Connection) -> rusqlite::Result<()> {
    let mut tries = 0;
    loop {
        match conn.query_row("pragma journal_mode = wal", [], |row| row.get::<_, String>(0)) {
            Err(e) if fail::busy(&e) && tries < 100 => std::thread::sleep(Duration::from_millis(50)),
            other => return other.map(drop),
        }
        tries += 1;
    }
}

impl Store {
    /// Opens or makes the database in the folder `data`, migrates it, and gives it a device id and a master key if it has none.
    ///
    /// What may only be read is refused: the write-ahead log may hold what the database does not yet, and who reads personal
    /// data is journalled.
    pub(crate) fn open(data: &Path, keys: crate::KeyPlace, now: Timestamp) -> Result<Self> {
        crate::files::private_folder(data).map_err(|e| crate::files::io_error(data, &e))?;
        let path = data.join("roadworthy.db");
        // Before SQLite opens it: the write-ahead log and the shared memory take their modes from it.
        crate::files::private_file(&path).map_err(|e| crate::files::io_error(&path, &e))?;
        let (open, unclean) = unclean::open(&path);
        let opened = connect(&path, false).and_then(|conn| use_wal(&conn).map(|()| conn).map_err(told));
        // SQLite takes what may only be read for what it cannot open.
        let mut conn = opened.map_err(|told| match crate::files::writable(&path) {
            Err(e) => crate::files::io_error(&path, &e),
            Ok(()) => told,
        })?;
        if migrate::changes(&conn).map_err(told)? {
            keep_before_migration(&conn, &path, now);
        }
        immediate(&mut conn, |tx| migrate::migrate(tx))?;
        let (device, master) = start::begin(&mut conn, data, keys)?;
        let mut store = Self::of(path, conn, data, device, master);
        store._open = open;
        if unclean {
            tracing::info!("the last process did not end cleanly; the database is checked");
            store.write_local(|tx| setting::set(tx, setting::CHECK_DUE, &true))?;
        }
        store.after_open(now)?;
        Ok(store)
    }

    fn of(path: PathBuf, conn: Connection, data: &Path, device: DeviceId, master: Master) -> Self {
        Self {
            path,
            gate: gate::Gate::default(),
            writer: Mutex::new(conn),
            readers: Mutex::default(),
            bell: Bell::default(),
            _open: None,
            files: Files::new(data),
            device: RwLock::new(device),
            master,
        }
    }

    /// This device. What is written asks again, under the lock.
    pub(crate) fn device(&self) -> DeviceId {
        *self.device.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Asks again which device this is: content that was restored meanwhile makes it another, with another chain.
    pub(crate) fn device_now(&self, conn: &Connection) -> Fallible<DeviceId> {
        let known = self.device();
        match setting::get::<DeviceId>(conn, setting::DEVICE)? {
            Some(device) if device != known => {
                let data = self.path.parent().unwrap_or(Path::new("."));
                if let Some((device, master)) = start::noted(conn, data)? {
                    self.master.become_that(master);
                    *self.device.write().unwrap_or_else(PoisonError::into_inner) = device;
                }
                Ok(device)
            }
            _ => Ok(known),
        }
    }

    /// Path of the database.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Reads a consistent state.
    pub(crate) fn read<T>(&self, read: impl FnOnce(&Connection) -> Fallible<T>) -> Result<T> {
        let kept = lock(&self.readers).pop();
        let mut conn = kept.map_or_else(|| connect(&self.path, true), Ok)?;
        let result = (|| {
            let tx = conn.transaction()?;
            let value = read(&tx)?;
            tx.finish()?;
            Ok(value)
        })();
        let mut readers = lock(&self.readers);
        if readers.len() < READERS {
            readers.push(conn);
        }
        result.map_err(Fail::told)
    }

    /// Appends what the closure decides to append, and applies it, in one transaction that sees the newest state.
    /// `actor` is written into the events.
    pub(crate) fn write<T>(
        &self,
        actor: &str,
        now: Timestamp,
        decide: impl FnOnce(&mut Writing<'_>) -> Fallible<T>,
    ) -> Result<T> {
        self.write_in(Turn::Person, actor, now, decide)
    }

    /// The same for what presses more or less than a person's wish.
    pub(crate) fn write_in<T>(
        &self,
        turn: Turn,
        actor: &str,
        now: Timestamp,
        decide: impl FnOnce(&mut Writing<'_>) -> Fallible<T>,
    ) -> Result<T> {
        let mut conn = self.writer(turn);
        let (value, said) = immediate(&mut conn, |tx| {
            let mut writing = Writing::new(tx, self, actor, now)?;
            Ok((decide(&mut writing)?, writing.said()))
        })?;
        if turn == Turn::Background {
            conn.ring.1 = Some(said);
        }
        self.scrub(&conn);
        Ok(value)
    }

    /// Changes local tables only.
    pub(crate) fn write_local<T>(&self, write: impl FnOnce(&Connection) -> Fallible<T>) -> Result<T> {
        self.write_local_in(Turn::Person, write)
    }

    /// The same for what presses more or less than a person's wish.
    pub(crate) fn write_local_in<T>(&self, turn: Turn, write: impl FnOnce(&Connection) -> Fallible<T>) -> Result<T> {
        let mut conn = self.writer(turn);
        let value = immediate(&mut conn, |tx| write(tx))?;
        conn.ring.1 = match turn {
            Turn::Live => Some(vec![TAIL]),
            Turn::Person => None,
            Turn::Background => Some(Vec::new()),
        };
        Ok(value)
    }

    /// The writer, when it is its turn.
    fn writer(&self, turn: Turn) -> Writer<'_> {
        let pass = self.gate.enter(turn);
        Writer { conn: lock(&self.writer), _pass: pass, ring: Ring(&self.bell, None) }
    }

    /// A connection of one's own that only reads, for a thread that reads all the time.
    pub(crate) fn reader(&self) -> Result<Connection> {
        connect(&self.path, true)
    }

    /// Scrubs if that is due. What was decided is committed by now; if this fails it stays noted as due.
    fn scrub(&self, conn: &Connection) {
        if let Err(error) = scrub::if_due(conn, &self.files) {
            tracing::warn!(%error, "erased data could not be scrubbed from the files yet");
        }
    }

    /// Whether nothing that was erased is left in the files.
    pub(crate) fn scrubbed(&self) -> bool {
        !self.read(scrub::due).unwrap_or(true)
    }

    /// Tries again what [`Store::scrub`] could not do, unless somebody writes just now.
    pub(crate) fn scrub_again(&self) {
        if self.read(scrub::due).unwrap_or(false)
            && let Some(_pass) = self.gate.try_enter()
        {
            self.scrub(&lock(&self.writer));
        }
    }
}

/// A database with content that is about to get other tables is copied first.
fn keep_before_migration(conn: &Connection, path: &Path, now: Timestamp) {
    let settings: Option<roadworthy_api::system::Settings> = setting::get(conn, setting::SETTINGS).ok().flatten();
    let installation: Option<String> = setting::get(conn, setting::INSTALLATION).ok().flatten();
    let folder = settings.and_then(|s| s.backup.folder);
    crate::backup::before_migration(path, folder.as_deref(), installation.unwrap_or_default(), now);
}

/// Runs `work` in a transaction that holds the write lock from its start, and commits unless it fails.
pub(crate) fn immediate<T>(conn: &mut Connection, work: impl FnOnce(&Transaction<'_>) -> Fallible<T>) -> Result<T> {
    let mut tries = 1;
    let tx = loop {
        match Transaction::new_unchecked(conn, TransactionBehavior::Immediate) {
            Err(e) if fail::busy(&e) && tries < PATIENCE => tries += 1,
            other => break other.map_err(told)?,
        }
    };
    let value = work(&tx).map_err(Fail::told)?;
    tx.commit().map_err(told)?;
    Ok(value)
}
