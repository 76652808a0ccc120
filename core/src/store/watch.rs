//! What the watcher asks.

use super::{fail::Fail, journal, told};
use roadworthy_api::Result;
use rusqlite::Connection;

/// Changes whenever another connection, of whichever process, has committed.
pub(crate) fn version(conn: &Connection) -> Result<i64> {
    conn.query_row("pragma data_version", [], |row| row.get(0)).map_err(told)
}

/// Number of the newest arrival.
pub(crate) fn newest(conn: &Connection) -> Result<u64> {
    journal::newest(conn).map_err(Fail::told)
}

/// Whether all that arrived after `arrival` is of this kind, and something did.
pub(crate) fn only_kind_since(conn: &Connection, arrival: u64, kind: &str) -> Result<bool> {
    journal::only_kind_since(conn, arrival, kind).map_err(Fail::told)
}
