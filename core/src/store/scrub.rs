//! After forgetting: no byte of what was erased may stay in free pages, in gaps within pages, or in the write-ahead log.

use super::{Fallible, blob, fail::Fail, setting, told};
use crate::files::Files;
use roadworthy_api::{Code, Error, Result};
use rusqlite::Connection;
use std::time::Duration;

/// Notes, in the transaction that erases, that the files must be scrubbed; a crash in between is made good at the next start.
pub(crate) fn note(tx: &Connection) -> Fallible<()> {
    setting::set(tx, setting::SCRUB, &true)
}

/// Whether it was noted.
pub(crate) fn due(conn: &Connection) -> Fallible<bool> {
    Ok(setting::get(conn, setting::SCRUB)?.unwrap_or(false))
}

/// Deletes doomed files, rewrites the database file and empties the write-ahead log, if that was noted. Runs outside of any transaction.
pub(crate) fn if_due(conn: &Connection, files: &Files) -> Result<()> {
    if !due(conn).map_err(Fail::told)? {
        return Ok(());
    }
    for hash in blob::doomed(conn).map_err(Fail::told)? {
        files.remove(&hash)?;
        blob::drop_doomed(conn, &hash).map_err(Fail::told)?;
    }
    // `secure_delete` clears what is deleted, but balancing pages may leave copies in their gaps: only a rewrite leaves none.
    conn.execute_batch("vacuum").map_err(told)?;
    empty_log(conn)?;
    setting::unset(conn, setting::SCRUB).map_err(Fail::told)
}

/// Moves the log into the file and cuts it to nothing; short readers of other processes are waited for.
fn empty_log(conn: &Connection) -> Result<()> {
    for _ in 0..4 {
        let busy: bool = conn.query_row("pragma wal_checkpoint(truncate)", [], |row| row.get(0)).map_err(told)?;
        if !busy {
            return Ok(());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    Err(Error::new(Code::Timeout, "Another process keeps the write-ahead log in use.")
        .hint("Close other Roadworthy windows."))
}
