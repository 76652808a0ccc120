//! Tables `series`, `sealing`, `block`, `block_data`, `block_minutes` (local): sealed blocks. See [`crate::telemetry::block`].

use super::Fallible;
use crate::{
    journal::kind::RecordedSignal,
    telemetry::{
        block::{self, CODEC, SPAN, Said, Samples},
        seal::Ready,
    },
};
use roadworthy_api::{
    Timestamp,
    id::{EventId, RecordingId},
};
use rusqlite::{Connection, OptionalExtension, params};

/// Begins a sealing.
pub(crate) fn sealing(tx: &Connection, recording: RecordingId, event: EventId) -> Fallible<i64> {
    tx.prepare_cached("insert into sealing (recording, event) values (?, ?)")?
        .execute(params![recording.bytes(), event.bytes()])?;
    Ok(tx.last_insert_rowid())
}

fn series(tx: &Connection, subject: [u8; 16], signal: &RecordedSignal) -> Fallible<i64> {
    let RecordedSignal { id, label, unit } = signal;
    let mut find = tx.prepare_cached("select id from series where subject = ? and signal = ? and unit = ?")?;
    if let Some(known) = find.query_row(params![subject, id, unit], |row| row.get(0)).optional()? {
        return Ok(known);
    }
    tx.prepare_cached("insert into series (subject, signal, unit, label) values (?, ?, ?, ?)")?
        .execute(params![subject, id, unit, label])?;
    Ok(tx.last_insert_rowid())
}

/// Stores a block, and gives its hash.
pub(crate) fn put(
    tx: &Connection,
    subject: [u8; 16],
    recording: RecordingId,
    sealing: i64,
    ready: &Ready,
) -> Fallible<[u8; 32]> {
    let n = i64::try_from(ready.n).unwrap_or(i64::MAX);
    let hash = Said {
        codec: CODEC,
        subject: &subject,
        recording: &recording.bytes(),
        signal: ready.signal.id.as_bytes(),
        unit: ready.signal.unit.as_bytes(),
        from: ready.from,
        to: ready.to,
        n,
        data_hash: blake3::hash(&ready.data).as_bytes(),
        minutes: &ready.minutes,
        hours: &ready.hours,
    }
    .hash();
    let series = series(tx, subject, &ready.signal)?;
    tx.prepare_cached(
        "insert into block (series, sealing, codec, from_ms, to_ms, n, hash, hours) values (?, ?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![series, sealing, CODEC, ready.from, ready.to, n, hash, ready.hours])?;
    let id = tx.last_insert_rowid();
    tx.prepare_cached("insert into block_data (block, data) values (?, ?)")?.execute(params![id, ready.data])?;
    tx.prepare_cached("insert into block_minutes (block, minutes) values (?, ?)")?
        .execute(params![id, ready.minutes])?;
    Ok(hash)
}

/// The samples of the blocks of a signal that overlap `from..=to`.
pub(crate) fn samples(
    conn: &Connection,
    subject: [u8; 16],
    signal: &RecordedSignal,
    from: Timestamp,
    to: Timestamp,
) -> Fallible<Vec<Samples>> {
    let mut find = conn.prepare_cached(
        "select b.codec, d.data from block b join series s on s.id = b.series join block_data d on d.block = b.id
         where s.subject = ? and s.signal = ? and s.unit = ? and b.from_ms > ? and b.from_ms <= ? and b.to_ms >= ?",
    )?;
    // No block is longer than a day.
    let rows = find
        .query_map(params![subject, signal.id, signal.unit, from.saturating_sub(SPAN), to, from], |row| {
            Ok((row.get(0)?, row.get::<_, Vec<u8>>(1)?))
        })?;
    let mut all = Vec::new();
    for row in rows {
        let (codec, data) = row?;
        all.push(block::read(codec, &data)?);
    }
    Ok(all)
}

/// Time of the last sample of a recording that is in a block.
pub(crate) fn last_of(conn: &Connection, recording: RecordingId) -> Fallible<Option<Timestamp>> {
    let mut find = conn
        .prepare_cached("select max(b.to_ms) from sealing s join block b on b.sealing = s.id where s.recording = ?")?;
    Ok(find.query_row([recording.bytes()], |row| row.get(0))?)
}

/// The samples of a recording, block by block.
pub(crate) fn of_recording(conn: &Connection, recording: RecordingId) -> Fallible<Vec<(String, Option<Samples>)>> {
    let mut find = conn.prepare_cached(
        "select e.signal, b.codec, d.data from sealing s join block b on b.sealing = s.id join series e on e.id = b.series
         left join block_data d on d.block = b.id where s.recording = ? order by b.id",
    )?;
    let mut rows = find.query([recording.bytes()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let data: Option<Vec<u8>> = row.get(2)?;
        let codec = row.get(1)?;
        all.push((row.get(0)?, data.map(|data| block::read(codec, &data)).transpose()?));
    }
    Ok(all)
}
