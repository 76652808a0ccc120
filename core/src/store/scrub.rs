//! After forgetting: no byte of what was erased may stay in free pages, in gaps within pages, or in the write-ahead log.

use super::{Fallible, blob, fail::Fail, setting, told};
use crate::files::Files;
use roadworthy_api::{Code, Error, Result};
use rusqlite::Connection;
use std::time::{Duration, Instant};

/// Notes, in the transaction that erases, that the files must be scrubbed; a crash in between is made good at the next start.
pub(crate) fn note(tx: &Connection) -> Fallible<()> {
    setting::set(tx, setting::SCRUB, &true)
}

/// Whether it was noted.
pub(crate) fn due(conn: &Connection) -> Fallible<bool> {
    Ok(setting::get(conn, setting::SCRUB)?.unwrap_or(false))
}

/// How long to wait for others to let go of the files, at most; a person waits for the answer.
const WAIT: Duration = Duration::from_secs(4);

/// Deletes doomed files, rewrites the database file and empties the write-ahead log, if that was noted. Runs outside of any transaction.
pub(crate) fn if_due(conn: &Connection, files: &Files) -> Result<()> {
    let until = Instant::now() + WAIT;
    let done = scrub(conn, files, until);
    conn.busy_timeout(super::BUSY).map_err(told)?;
    done
}

fn scrub(conn: &Connection, files: &Files, until: Instant) -> Result<()> {
    let wait = || conn.busy_timeout(until.saturating_duration_since(Instant::now())).map_err(told);
    wait()?;
    if !due(conn).map_err(Fail::told)? {
        return Ok(());
    }
    for hash in blob::doomed(conn).map_err(Fail::told)? {
        files.remove(&hash)?;
        blob::drop_doomed(conn, &hash).map_err(Fail::told)?;
    }
    // `secure_delete` clears what is deleted, but balancing pages may leave copies in their gaps: only a rewrite leaves none.
    wait()?;
    conn.execute_batch("vacuum").map_err(told)?;
    wait()?;
    empty_log(conn)?;
    wait()?;
    setting::unset(conn, setting::SCRUB).map_err(Fail::told)
}

/// Moves the log into the file and cuts it to nothing; SQLite waits for readers as long as the connection's timeout says.
fn empty_log(conn: &Connection) -> Result<()> {
    let busy: bool = conn.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0)).map_err(told)?;
    if !busy {
        return Ok(());
    }
    Err(Error::new(Code::Timeout, "Another process keeps the write-ahead log in use.")
        .hint("Close other Roadworthy windows."))
}
