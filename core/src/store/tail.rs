//! Table `tail` (local): batches of samples until they are sealed. See [`crate::telemetry::tail`] for the bytes.

use super::{Fallible, capture, registration};
use crate::telemetry::{
    Batch,
    tail::{Packed, unpack},
};
use roadworthy_api::{
    Timestamp,
    id::{EventId, RecordingId, VehicleId},
    live::Sample,
};
use rusqlite::{Connection, OptionalExtension, params};
use std::collections::HashMap;

/// A batch as it is stored.
pub(crate) struct Stored {
    pub(crate) place: u64,
    pub(crate) samples: Vec<u8>,
}

/// Appends a batch, and gives its place.
pub(crate) fn put(tx: &Connection, recording: RecordingId, batch: &Packed) -> Fallible<u64> {
    tx.prepare_cached("insert into tail (recording, from_ms, to_ms, n, samples) values (?, ?, ?, ?, ?)")?.execute(
        params![recording.bytes(), batch.from, batch.to, i64::try_from(batch.n).unwrap_or(i64::MAX), batch.bytes],
    )?;
    Ok(tx.last_insert_rowid().unsigned_abs())
}

/// Place of the newest batch there ever was, 0 if there was none.
pub(crate) fn newest(conn: &Connection) -> Fallible<u64> {
    let mut find = conn.prepare_cached("select seq from sqlite_sequence where name = 'tail'")?;
    Ok(find.query_row([], |row| super::journal::unsigned(row, 0)).optional()?.unwrap_or(0))
}

/// Batches after a place, oldest first.
pub(crate) fn after(conn: &Connection, place: u64, limit: u32) -> Fallible<Vec<Batch>> {
    let mut find = conn.prepare_cached(
        "select t.id, t.recording, c.story, c.registration, t.samples from tail t join capture c on c.recording = t.recording
         where t.id > ? order by t.id limit ?",
    )?;
    let mut rows = find.query(params![i64::try_from(place).unwrap_or(i64::MAX), limit])?;
    let mut batches = Vec::new();
    let mut names: HashMap<RecordingId, HashMap<u32, String>> = HashMap::new();
    while let Some(row) = rows.next()? {
        let recording = RecordingId::from_bytes(row.get(1)?);
        if let std::collections::hash_map::Entry::Vacant(place) = names.entry(recording) {
            let signals = capture::signals(conn, recording)?;
            place.insert(signals.into_iter().map(|(number, s)| (number, s.id)).collect());
        }
        let mut samples = Vec::new();
        for sample in unpack(row.get_ref(4)?.as_blob().map_err(rusqlite::Error::from)?)? {
            let (number, at, value) = sample?;
            if let Some(signal) = names.get(&recording).and_then(|n| n.get(&number)) {
                samples.push(Sample { signal: signal.clone(), at, value: value.live() });
            }
        }
        let vehicle = row.get::<_, Option<[u8; 16]>>(3)?.map(VehicleId::from_bytes);
        batches.push(Batch {
            place: super::journal::unsigned(row, 0)?,
            recording,
            vehicle: vehicle.map(|v| registration::vehicle(conn, v).map(|main| main.unwrap_or(v))).transpose()?,
            story: EventId::from_bytes(row.get(2)?),
            samples,
        });
    }
    Ok(batches)
}

/// Batches of a recording up to a place, oldest first; `within`: only those that may hold samples of that time.
pub(crate) fn of(
    conn: &Connection,
    recording: RecordingId,
    up_to: u64,
    within: Option<(Timestamp, Timestamp)>,
) -> Fallible<Vec<Stored>> {
    let (from, to) = within.unwrap_or((Timestamp::MIN, Timestamp::MAX));
    let mut find = conn.prepare_cached(
        "select id, samples from tail where recording = ? and id <= ? and to_ms >= ? and from_ms < ? order by id",
    )?;
    let rows = find
        .query_map(params![recording.bytes(), i64::try_from(up_to).unwrap_or(i64::MAX), from, to], |row| {
            Ok(Stored { place: super::journal::unsigned(row, 0)?, samples: row.get(1)? })
        })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Removes the batches of a recording up to a place; how many there were.
pub(crate) fn remove(tx: &Connection, recording: RecordingId, up_to: u64) -> Fallible<usize> {
    let mut remove = tx.prepare_cached("delete from tail where recording = ? and id <= ?")?;
    Ok(remove.execute(params![recording.bytes(), i64::try_from(up_to).unwrap_or(i64::MAX)])?)
}

/// Whether a recording has batches.
pub(crate) fn any(conn: &Connection, recording: RecordingId) -> Fallible<bool> {
    Ok(conn.prepare_cached("select 1 from tail where recording = ?")?.exists([recording.bytes()])?)
}

/// Samples in the whole tail.
pub(crate) fn samples(conn: &Connection) -> Fallible<u64> {
    Ok(conn
        .prepare_cached("select coalesce(sum(n), 0) from tail")?
        .query_row([], |row| super::journal::unsigned(row, 0))?)
}
