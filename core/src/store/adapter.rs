//! Table `adapter` (said): what was measured of adapters. The last writer of an adapter decides all of it but when it was
//! measured first, which is the least of what was ever said.

use super::Fallible;
use crate::journal::{Event, kind::AdapterMeasured};
use roadworthy_api::{
    adapter::{AdapterRow, Passport},
    id::AdapterId,
};
use roadworthy_obd::adapter::passport;
use rusqlite::{Connection, OptionalExtension, Row, params, types::FromSqlError};

/// `adapter.measured`.
pub(super) fn measured(tx: &Connection, event: &Event, id: [u8; 16], said: &AdapterMeasured) -> Fallible<()> {
    let passport = serde_json::to_string(&said.passport).unwrap_or_default();
    tx.prepare_cached(
        "insert into adapter (id, key, known_by, port, first, measured, passport, stamp) values (?1, ?2, ?3, ?4, ?5, ?5, ?6, ?7)
         on conflict (id) do update set
            key = iif(excluded.stamp > stamp, excluded.key, key),
            known_by = iif(excluded.stamp > stamp, excluded.known_by, known_by),
            port = iif(excluded.stamp > stamp, excluded.port, port),
            measured = iif(excluded.stamp > stamp, excluded.measured, measured),
            passport = iif(excluded.stamp > stamp, excluded.passport, passport),
            first = min(first, excluded.first),
            stamp = max(stamp, excluded.stamp)",
    )?
    .execute(params![id, said.key, said.known_by, said.port, said.passport.measured, passport, event.stamp()])?;
    Ok(())
}

fn row(row: &Row<'_>) -> rusqlite::Result<AdapterRow> {
    let json: String = row.get(4)?;
    let passport: Passport = serde_json::from_str(&json).map_err(|_| FromSqlError::InvalidType)?;
    Ok(AdapterRow {
        id: AdapterId::from_bytes(row.get(0)?),
        name: passport::name(&passport),
        known_by: row.get(1)?,
        port: row.get(2)?,
        first: row.get(3)?,
        passport,
    })
}

/// One adapter.
pub(crate) fn get(conn: &Connection, id: AdapterId) -> Fallible<Option<AdapterRow>> {
    let mut find = conn.prepare_cached("select id, known_by, port, first, passport from adapter where id = ?")?;
    Ok(find.query_row([id.bytes()], row).optional()?)
}

/// All, the one measured last first.
pub(crate) fn list(conn: &Connection) -> Fallible<Vec<AdapterRow>> {
    let mut find =
        conn.prepare_cached("select id, known_by, port, first, passport from adapter order by measured desc, id")?;
    let rows = find.query_map([], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
