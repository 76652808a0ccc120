//! Table `decoding` (said): readings of a visit's traffic that were kept after the first.

use super::{Fallible, journal};
use crate::journal::{Event, kind::Redecoded};
use roadworthy_api::{
    Timestamp,
    check::CheckReport,
    id::{EventId, VisitId},
};
use rusqlite::{Connection, OptionalExtension, params};

/// `visit.redecoded`: each is a row of its own.
pub(super) fn put(tx: &Connection, event: &Event, said: &Redecoded) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into decoding (visit, stamp, decoder, event) values (?, ?, ?, ?)")?
        .execute(params![said.visit.bytes(), event.stamp(), said.decoder, event.id.bytes()])?;
    Ok(())
}

/// What is shown of a visit in place of the check itself, which decoder `first` read: its newest decoding, unless that is an
/// older decoder's.
pub(super) fn newest(conn: &Connection, visit: VisitId, first: u32) -> Fallible<Option<CheckReport>> {
    let mut find = conn.prepare_cached(
        "select event from decoding where visit = ? and decoder >= ? order by decoder desc, stamp desc limit 1",
    )?;
    let event = find.query_row(params![visit.bytes(), first], |row| Ok(EventId::from_bytes(row.get(0)?))).optional()?;
    event.map(|event| report(conn, event)).transpose().map(Option::flatten)
}

/// A decoding that was kept.
pub(crate) struct Kept {
    pub(crate) event: EventId,
    pub(crate) decoder: u32,
    pub(crate) at: Timestamp,
}

/// The decodings of a visit that were kept, the one that is shown last.
pub(crate) fn of(conn: &Connection, visit: VisitId) -> Fallible<Vec<Kept>> {
    let mut find =
        conn.prepare_cached("select event, decoder, stamp from decoding where visit = ? order by decoder, stamp")?;
    let rows = find.query_map([visit.bytes()], |row| {
        Ok(Kept { event: EventId::from_bytes(row.get(0)?), decoder: row.get(1)?, at: stamped(row.get(2)?) })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// When an event of this stamp was: its clock's milliseconds stand in front.
fn stamped(stamp: [u8; 24]) -> Timestamp {
    stamp.iter().take(6).fold(0, |ms, byte| ms << 8 | Timestamp::from(*byte))
}

/// What a decoding says.
pub(crate) fn report(conn: &Connection, event: EventId) -> Fallible<Option<CheckReport>> {
    let payload = journal::payload(conn, event)?;
    Ok(payload.and_then(|payload| serde_json::from_str::<Redecoded>(&payload).ok()).map(|said| said.report))
}
