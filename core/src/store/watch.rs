//! What the watcher asks.

use super::{Fallible, alert, fail::Fail, journal, told};
use crate::journal::kind;
use roadworthy_api::{Result, Timestamp, alert::AlertRow, id::AlertId};
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

/// Alerts that something happened to after `arrival`, each once, as they are now, in the order in which it first did.
pub(crate) fn alerts_since(conn: &Connection, arrival: u64, now: Timestamp) -> Result<Vec<AlertRow>> {
    since(conn, arrival, now).map_err(Fail::told)
}

fn since(conn: &Connection, arrival: u64, now: Timestamp) -> Fallible<Vec<AlertRow>> {
    let kinds = [
        kind::ALERT_CREATED,
        kind::ALERT_REPEATED,
        kind::ALERT_ACKNOWLEDGED,
        kind::ALERT_SNOOZED,
        kind::ALERT_ESCALATED,
        kind::ALERT_CLOSED,
    ];
    let mut find = conn.prepare_cached(
        "select json_extract(payload, '$.alert') as alert from journal
         where arrival > ?1 and kind in (select value from json_each(?2)) group by alert order by min(arrival)",
    )?;
    let kinds = serde_json::to_string(&kinds).unwrap_or_default();
    let ids: Vec<Option<String>> = find
        .query_map(rusqlite::params![i64::try_from(arrival).unwrap_or(i64::MAX), kinds], |row| row.get(0))?
        .collect::<rusqlite::Result<_>>()?;
    let mut rows = Vec::new();
    for id in ids.into_iter().flatten().filter_map(|id| id.parse::<AlertId>().ok()) {
        rows.extend(alert::get(conn, id, now)?.map(|(_, row)| row));
    }
    Ok(rows)
}
