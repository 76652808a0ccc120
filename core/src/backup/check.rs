//! What is checked after a process ended uncleanly: quickly what would show at once, then everything.

use crate::store::{self, Fail, Store, backup as sql};
use roadworthy_api::{Code, Error, Result};
use rusqlite::InterruptHandle;
use std::sync::atomic::{AtomicBool, Ordering};

/// Looks for damage and tells `found` of the first. Once `stop` is set, what `breaker` was given ends it early; then nothing was
/// found and the check stays due.
pub(super) fn check(
    store: &Store,
    stop: &AtomicBool,
    breaker: impl FnOnce(InterruptHandle),
    found: impl Fn(Error),
) -> Result<()> {
    let conn = store::connect(store.path(), true)?;
    breaker(conn.get_interrupt_handle());
    for quick in [true, false] {
        let damage = sql::integrity(&conn, quick).map_err(Fail::told);
        if stop.load(Ordering::Acquire) {
            return Ok(());
        }
        if let Some(first) = damage?.first() {
            found(damaged(&format!("its file is damaged: {first}")));
            return Ok(());
        }
    }
    let walked = sql::walk(&conn);
    if stop.load(Ordering::Acquire) {
        return Ok(());
    }
    let walked = walked?;
    let event = walked.faults.first().map(|f| format!("event {} of device {}: {}", f.seq, f.device, f.problem));
    let block = walked.block_faults.first().map(|f| format!("a block of signal {}: {}", f.signal, f.problem));
    match event.or(block) {
        Some(what) => found(damaged(&what)),
        None => {
            store.check_done()?;
            tracing::info!(events = walked.events, "the database was checked and is whole");
        }
    }
    Ok(())
}

fn damaged(what: &str) -> Error {
    Error::new(Code::DatabaseUnusable, format!("The database was found damaged after an unclean end ({what})."))
        .hint("Restore the newest whole backup; `roadworthy backup list` lists them. What is there now is kept as a backup too.")
}
