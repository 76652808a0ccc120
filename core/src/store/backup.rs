//! The whole database as a file of its own: copied while others write, and read where it lies.

use super::{Fail, Fallible, blob, fail, immediate, journal, person, schema, setting, told, verify, verify_block};
use crate::journal::Hash;
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    id::{DeviceId, PersonId},
    journal::VerifyReport,
};
use rusqlite::{
    Connection, OpenFlags,
    backup::{Backup, StepResult},
};
use serde::{Deserialize, Serialize};
use std::{path::Path, time::Duration};

/// Pages copied at once: a megabyte.
const PAGES: i32 = 256;
/// Version of the tables from which on there are blocks.
const BLOCKS: u32 = 3;
/// Times that a locked file is tried again, 10 ms apart.
const TRIES: u32 = 1000;

/// What a database holds, as far as its copy must tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) schema: u32,
    pub(crate) device: Option<DeviceId>,
    pub(crate) events: u64,
    /// The end of every chain.
    pub(crate) chains: Vec<(DeviceId, u64, Hash)>,
    /// Stored files by hash, and whether each lies deflated.
    pub(crate) files: Vec<(String, bool)>,
}

/// Copies the database `from`, as it is at this moment, to the new file `to`. `go_on` hears pages done and of how many, and
/// ends it with `false`; then the copy is not whole. Those who write meanwhile are not held up.
pub(crate) fn copy(from: &Path, to: &Path, mut go_on: impl FnMut(u32, u32) -> bool) -> Result<bool> {
    let source = super::connect(from, true)?;
    // One consistent state from the first page to the last: a writer would otherwise make the copy begin again.
    let state = source.unchecked_transaction().map_err(told)?;
    schema(&state).map_err(told)?;
    crate::files::private_file(to).map_err(|e| crate::files::io_error(to, &e))?;
    let mut target = Connection::open(to).map_err(told)?;
    target.busy_timeout(super::BUSY).map_err(told)?;
    target.pragma_update(None, "synchronous", "full").map_err(told)?;
    let copying = Backup::new(&source, &mut target).map_err(told)?;
    let whole = loop {
        let step = copying.step(PAGES).map_err(told)?;
        let progress = copying.progress();
        let pages = |n: i32| u32::try_from(n).unwrap_or(0);
        let total = pages(progress.pagecount);
        if !go_on(total.saturating_sub(pages(progress.remaining)), total) {
            break false;
        }
        match step {
            StepResult::Done => break true,
            // The source is read from a state of its own, and nobody else knows the target.
            _ => std::thread::yield_now(),
        }
    };
    drop(copying);
    drop(state);
    if whole {
        // One file that can be read where nothing may be written; the copy would otherwise ask for a log beside it.
        target.query_row("pragma journal_mode = delete", [], |row| row.get::<_, String>(0)).map_err(told)?;
    }
    target.close().map_err(|(_, e)| told(e))?;
    Ok(whole)
}

/// Opens a database that lies in a backup. It is only read, and nothing is put beside it.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(uri(path, "immutable=1")?, flags).map_err(told)?;
    conn.execute_batch("pragma temp_store = memory; pragma query_only = on;").map_err(told)?;
    Ok(conn)
}

/// A file as SQLite's URI (https://www.sqlite.org/uri.html), which can say more than a path.
pub(super) fn uri(path: &Path, query: &str) -> Result<String> {
    let text = path.to_str().ok_or_else(|| Error::new(Code::Invalid, "The path of the database is no text."))?;
    let escaped: String = text
        .bytes()
        .map(|b| match b {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'-' | b'_' | b'.' => char::from(b).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    Ok(format!("file:{escaped}?{query}"))
}

/// What a database holds.
pub(crate) fn content(conn: &Connection) -> Result<Content> {
    let read = || -> Fallible<Content> {
        let chains = journal::devices(conn)?
            .into_iter()
            .map(|(device, seq)| {
                let head = journal::head(conn, device)?;
                Ok((device, seq, head.hash))
            })
            .collect::<Fallible<_>>()?;
        Ok(Content {
            schema: schema(conn)?,
            device: setting::get(conn, setting::DEVICE)?,
            events: journal::count(conn)?,
            chains,
            files: blob::kept(conn)?,
        })
    };
    read().map_err(Fail::told)
}

/// What SQLite finds wrong with its file, at most 100 things; `quick` leaves out what needs every index.
pub(crate) fn integrity(conn: &Connection, quick: bool) -> Fallible<Vec<String>> {
    let mut check = conn.prepare(if quick { "pragma quick_check(100)" } else { "pragma integrity_check(100)" })?;
    let rows = check.query_map([], |row| row.get::<_, String>(0))?;
    let mut said: Vec<String> = match rows.collect::<rusqlite::Result<_>>() {
        Ok(said) => said,
        // Damage that keeps the check itself from going on.
        Err(e) if fail::damaged(&e) => vec![e.to_string()],
        Err(e) => return Err(e.into()),
    };
    said.retain(|line| line != "ok");
    Ok(said)
}

/// The journal, and the blocks that it names, checked.
pub(crate) fn walk(conn: &Connection) -> Result<VerifyReport> {
    let walked = || -> Fallible<VerifyReport> {
        // One state from the first event to the last block, whoever writes meanwhile.
        let _state = conn.unchecked_transaction()?;
        let mut report = verify::walk(conn)?;
        // A copy from before there were blocks has none.
        if schema(conn)? >= BLOCKS
            && let Some(device) = setting::get(conn, setting::DEVICE)?
        {
            (report.blocks, report.block_faults) = verify_block::walk(conn, device)?;
        }
        Ok(report)
    };
    walked().map_err(Fail::told)
}

/// Whether a database holds a customer who is not forgotten in it.
pub(crate) fn holds(conn: &Connection, who: PersonId) -> Result<bool> {
    person::get(conn, who).map(|details| details.is_some()).map_err(Fail::told)
}

/// How the last backups of this installation went.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Last {
    /// When the newest one was made.
    pub(crate) made: Option<Timestamp>,
    /// When and why the last one failed, unless one was made since.
    pub(crate) failed: Option<(Timestamp, Error)>,
}

impl super::Store {
    /// How the last backups went.
    pub(crate) fn last_backup(&self) -> Result<Last> {
        self.read(|conn| Ok(setting::get(conn, setting::BACKUP)?.unwrap_or_default()))
    }

    /// Whether the database must be checked, since a process that had it open did not end cleanly.
    pub(crate) fn check_due(&self) -> bool {
        self.read(|conn| Ok(setting::get(conn, setting::CHECK_DUE)?.unwrap_or(false))).unwrap_or(true)
    }

    /// It was checked and is whole.
    pub(crate) fn check_done(&self) -> Result<()> {
        self.write_local(|tx| setting::unset(tx, setting::CHECK_DUE))
    }

    /// Notes how one went.
    pub(crate) fn note_backup(&self, last: &Last) -> Result<()> {
        self.write_local(|tx| setting::set(tx, setting::BACKUP, last))
    }

    /// The random name of this installation.
    pub(crate) fn installation(&self) -> Result<String> {
        if let Some(known) = self.read(|conn| setting::get(conn, setting::INSTALLATION))? {
            return Ok(known);
        }
        let new = crate::keys::mint(0)?.to_string();
        self.write_local(|tx| {
            if let Some(known) = setting::get(tx, setting::INSTALLATION)? {
                return Ok(known);
            }
            setting::set(tx, setting::INSTALLATION, &new)?;
            Ok(new)
        })
    }

    /// Puts the database `stage` in the place of this one, all at once: whoever reads goes on with the state it has until it
    /// reads again, and a crash leaves the one or the other. `prepare` runs once nobody can write here any more, and may
    /// still change the stage through a connection of its own.
    pub(crate) fn replace<T>(&self, stage: &Path, prepare: impl FnOnce() -> Result<T>) -> Result<T> {
        let from = Connection::open(stage).map_err(told)?;
        from.busy_timeout(super::BUSY).map_err(told)?;
        let mut live = self.writer(super::Turn::Person);
        let replacing = Backup::new(&from, &mut live).map_err(told)?;
        // No page yet: takes the lock.
        step(&replacing, 0)?;
        let prepared = prepare()?;
        while step(&replacing, PAGES)? == StepResult::More {}
        drop(replacing);
        drop(from);
        super::lock(&self.readers).clear();
        if let Err(error) = live.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())) {
            tracing::debug!(%error, "the log is moved into the database later");
        }
        immediate(&mut live, |tx| self.device_now(tx).map(drop))?;
        self.scrub(&live);
        Ok(prepared)
    }
}

/// A step that waits for locks. What cannot get them leaves the target as it was.
fn step(backup: &Backup<'_, '_>, pages: i32) -> Result<StepResult> {
    for _ in 0..TRIES {
        match backup.step(pages).map_err(told)? {
            StepResult::Busy | StepResult::Locked => std::thread::sleep(Duration::from_millis(10)),
            done => return Ok(done),
        }
    }
    Err(Error::new(Code::Timeout, "Another Roadworthy process has been writing for too long; nothing was changed.")
        .hint("Wait for it to end or close it, then do it again."))
}
