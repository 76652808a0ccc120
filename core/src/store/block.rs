//! Tables `series`, `sealing`, `block`, `block_data`, `block_minutes` (local): sealed blocks. See [`crate::telemetry::block`].

use super::Fallible;
use crate::{
    journal::kind::RecordedSignal,
    telemetry::{
        block::{self, CODEC, SPAN, Said, Samples},
        period::{self, Period},
        seal::Ready,
    },
};
use roadworthy_api::{
    Timestamp,
    id::{EventId, RecordingId, VehicleId},
};
use rusqlite::{Connection, OptionalExtension, params};

/// Begins a sealing.
pub(crate) fn sealing(tx: &Connection, recording: RecordingId, event: EventId) -> Fallible<i64> {
    tx.prepare_cached("insert into sealing (recording, event) values (?, ?)")?
        .execute(params![recording.bytes(), event.bytes()])?;
    Ok(tx.last_insert_rowid())
}

/// The signal's number and its label, which is that of its first block.
fn series(tx: &Connection, subject: [u8; 16], signal: &RecordedSignal) -> Fallible<(i64, String)> {
    let RecordedSignal { id, label, unit } = signal;
    let mut find = tx.prepare_cached("select id, label from series where subject = ? and signal = ? and unit = ?")?;
    let known = find.query_row(params![subject, id, unit], |row| Ok((row.get(0)?, row.get(1)?)));
    if let Some(known) = known.optional()? {
        return Ok(known);
    }
    tx.prepare_cached("insert into series (subject, signal, unit, label) values (?, ?, ?, ?)")?
        .execute(params![subject, id, unit, label])?;
    Ok((tx.last_insert_rowid(), label.clone()))
}

/// Stores a block, and gives its hash.
pub(crate) fn put(
    tx: &Connection,
    subject: [u8; 16],
    recording: RecordingId,
    sealing: i64,
    ready: &Ready,
) -> Fallible<[u8; 32]> {
    let (series, label) = series(tx, subject, &ready.signal)?;
    put_in(tx, (series, &label), subject, recording, sealing, ready)
}

/// Stores a block of an import in a signal that no vehicle has yet, hashed as what it will be, and gives its hash.
pub(crate) fn stage(
    tx: &Connection,
    import: RecordingId,
    vehicle: VehicleId,
    sealing: i64,
    ready: &Ready,
) -> Fallible<[u8; 32]> {
    let RecordedSignal { id, unit, .. } = &ready.signal;
    let mut find = tx.prepare_cached("select label from series where subject = ? and signal = ? and unit = ?")?;
    let known: Option<String> = find.query_row(params![vehicle.bytes(), id, unit], |row| row.get(0)).optional()?;
    let label = known.unwrap_or_else(|| ready.signal.label.clone());
    let (series, label) = series(tx, import.bytes(), &RecordedSignal { label, ..ready.signal.clone() })?;
    put_in(tx, (series, &label), vehicle.bytes(), import, sealing, ready)
}

fn put_in(
    tx: &Connection,
    (series, label): (i64, &str),
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
        label: label.as_bytes(),
        from: ready.from,
        to: ready.to,
        n,
        data_hash: blake3::hash(&ready.data).as_bytes(),
        minutes: &ready.minutes,
        hours: &ready.hours,
    }
    .hash();
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

/// The samples of a recording, block by block, with their signal and first time; `None` where they were dropped.
pub(crate) fn of_recording(
    conn: &Connection,
    recording: RecordingId,
) -> Fallible<Vec<(String, Timestamp, Option<Samples>)>> {
    let mut find = conn.prepare_cached(
        "select e.signal, b.from_ms, b.codec, d.data from sealing s join block b on b.sealing = s.id
         join series e on e.id = b.series left join block_data d on d.block = b.id where s.recording = ? order by b.id",
    )?;
    let mut rows = find.query([recording.bytes()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let (codec, data): (i64, Option<Vec<u8>>) = (row.get(2)?, row.get(3)?);
        all.push((row.get(0)?, row.get(1)?, data.map(|data| block::read(codec, &data)).transpose()?));
    }
    Ok(all)
}

/// A signal that has blocks.
pub(crate) struct Series {
    pub(crate) id: i64,
    pub(crate) signal: String,
    pub(crate) label: String,
    pub(crate) unit: String,
}

/// The signals of a vehicle, oldest first: of all its registrations, and of recordings that are its own by now.
pub(crate) fn series_of(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Series>> {
    let mut find = conn.prepare_cached(
        "with own (id, vin) as (select id, vin from registration where vehicle = ?1)
         select id, signal, label, unit from series where subject in (
            select id from own
            union all select n.id from recording n where n.registration in (select id from own)
            union all select n.id from recording n where n.registration is null and n.vin in (select vin from own)
            union all select c.recording from capture c where c.registration is null and c.vin in (select vin from own))
         order by id",
    )?;
    let rows = find.query_map([vehicle.bytes()], |row| {
        Ok(Series { id: row.get(0)?, signal: row.get(1)?, label: row.get(2)?, unit: row.get(3)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// A block, without its values.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Found {
    pub(crate) id: i64,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) n: u64,
    /// Whether its single values are gone.
    pub(crate) dropped: bool,
}

/// Blocks of some series that hold samples of `from..to`, oldest first.
pub(crate) fn overlapping(conn: &Connection, series: &[i64], from: Timestamp, to: Timestamp) -> Fallible<Vec<Found>> {
    // Out of the index alone; no block is longer than a day.
    let mut find = conn.prepare_cached(
        "select b.id, b.from_ms, b.to_ms, b.n,
            exists (select 1 from block x indexed by block_dropped where x.series = b.series and x.to_ms = b.to_ms
                and x.data_hash is not null and x.id = b.id)
         from block b indexed by block_series where b.series = ? and b.from_ms > ? and b.from_ms < ? and b.to_ms >= ?",
    )?;
    let mut all = Vec::new();
    for series in series {
        let rows = find.query_map(params![series, from.saturating_sub(SPAN), to, from], |row| {
            Ok(Found {
                id: row.get(0)?,
                from: row.get(1)?,
                to: row.get(2)?,
                n: super::journal::unsigned(row, 3)?,
                dropped: row.get(4)?,
            })
        })?;
        for row in rows {
            all.push(row?);
        }
    }
    all.sort_by_key(|b: &Found| (b.from, b.id));
    Ok(all)
}

/// The first time at or after `at` that a block of some series covers.
pub(crate) fn next(conn: &Connection, series: &[i64], at: Timestamp) -> Fallible<Option<Timestamp>> {
    let mut covers = conn.prepare_cached(
        "select exists (select 1 from block where series = ?1 and from_ms > ?2 and from_ms <= ?3 and to_ms >= ?3)",
    )?;
    let mut find = conn.prepare_cached("select min(from_ms) from block where series = ?1 and from_ms >= ?2")?;
    let mut first: Option<Timestamp> = None;
    for series in series {
        if covers.query_row(params![series, at.saturating_sub(SPAN), at], |row| row.get(0))? {
            return Ok(Some(at));
        }
        let next: Option<Timestamp> = find.query_row(params![series, at], |row| row.get(0))?;
        first = first.into_iter().chain(next).min();
    }
    Ok(first)
}

/// The samples of a block; `None` if they were dropped.
pub(crate) fn data(conn: &Connection, id: i64) -> Fallible<Option<Samples>> {
    let mut find = conn
        .prepare_cached("select b.codec, d.data from block_data d join block b on b.id = d.block where d.block = ?")?;
    let mut rows = find.query([id])?;
    let Some(row) = rows.next()? else { return Ok(None) };
    let data = row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?;
    Ok(Some(block::read(row.get(0)?, data)?))
}

/// The minutes of a block.
pub(crate) fn minutes(conn: &Connection, id: i64) -> Fallible<Vec<Period>> {
    let mut find = conn.prepare_cached("select minutes from block_minutes where block = ?")?;
    let mut rows = find.query([id])?;
    let Some(row) = rows.next()? else { return Ok(Vec::new()) };
    Ok(period::read(row.get_ref(0)?.as_blob().map_err(rusqlite::Error::from)?)?)
}

/// The hours of all blocks of some series that begin before `to` and may reach past `from`.
pub(crate) fn hours(
    conn: &Connection,
    series: &[i64],
    from: Timestamp,
    to: Timestamp,
) -> Fallible<std::collections::HashMap<i64, Vec<Period>>> {
    let mut find =
        conn.prepare_cached("select id, hours from block where series = ? and from_ms > ? and from_ms < ?")?;
    let mut all = std::collections::HashMap::new();
    for series in series {
        let mut rows = find.query(params![series, from.saturating_sub(SPAN), to])?;
        while let Some(row) = rows.next()? {
            let hours = period::read(row.get_ref(1)?.as_blob().map_err(rusqlite::Error::from)?)?;
            all.insert(row.get(0)?, hours);
        }
    }
    Ok(all)
}

/// What blocks of some series span.
pub(crate) struct Span {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) samples: u64,
    /// Time of the last single value that was dropped.
    pub(crate) dropped_to: Option<Timestamp>,
}

/// What they span; `None` if there are none.
pub(crate) fn span(conn: &Connection, series: &[i64]) -> Fallible<Option<Span>> {
    let mut find = conn.prepare_cached(
        "select min(from_ms), max(to_ms), sum(n),
            (select max(to_ms) from block where series = ?1 and data_hash is not null)
         from block where series = ?1 having count(*) > 0",
    )?;
    let mut all: Option<Span> = None;
    for series in series {
        let found = find
            .query_row([series], |row| {
                let (from, to, samples) = (row.get(0)?, row.get(1)?, super::journal::unsigned(row, 2)?);
                Ok(Span { from, to, samples, dropped_to: row.get(3)? })
            })
            .optional()?;
        all = match (all, found) {
            (Some(a), Some(b)) => Some(Span {
                from: a.from.min(b.from),
                to: a.to.max(b.to),
                samples: a.samples + b.samples,
                dropped_to: a.dropped_to.max(b.dropped_to),
            }),
            (a, b) => a.or(b),
        };
    }
    Ok(all)
}

/// A block that is old enough to be dropped.
pub(crate) struct Old {
    pub(crate) id: i64,
    pub(crate) subject: [u8; 16],
    pub(crate) recording: RecordingId,
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
    pub(crate) n: u64,
    pub(crate) hash: Vec<u8>,
}

/// Blocks with single values that all lie before a time, from a number on.
pub(crate) fn old(conn: &Connection, before: Timestamp, after: i64, limit: u32) -> Fallible<Vec<Old>> {
    let mut find = conn.prepare_cached(
        "select b.id, e.subject, s.recording, b.from_ms, b.to_ms, b.n, b.hash from block b join series e on e.id = b.series
         join sealing s on s.id = b.sealing where b.id > ? and b.to_ms < ? and b.data_hash is null
            and s.recording not in (select import from import_stage) order by b.id limit ?",
    )?;
    let rows = find.query_map(params![after, before, limit], |row| {
        Ok(Old {
            id: row.get(0)?,
            subject: row.get(1)?,
            recording: RecordingId::from_bytes(row.get(2)?),
            from: row.get(3)?,
            to: row.get(4)?,
            n: super::journal::unsigned(row, 5)?,
            hash: row.get(6)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Drops the single values of a block, of which the hash stays; how many bytes they took, `None` if somebody else was quicker.
pub(crate) fn drop_data(tx: &Connection, id: i64) -> Fallible<Option<u64>> {
    let mut find = tx.prepare_cached("select data from block_data where block = ?")?;
    let Some(data) = find.query_row([id], |row| row.get::<_, Vec<u8>>(0)).optional()? else { return Ok(None) };
    let hash: [u8; 32] = blake3::hash(&data).into();
    tx.prepare_cached("update block set data_hash = ? where id = ?")?.execute(params![hash, id])?;
    tx.prepare_cached("delete from block_data where block = ?")?.execute([id])?;
    Ok(Some(data.len() as u64))
}

/// Sums over all blocks.
#[derive(Debug, Default)]
pub(crate) struct Sums {
    pub(crate) blocks: u64,
    pub(crate) samples: u64,
    pub(crate) dropped: u64,
    pub(crate) data_bytes: u64,
    pub(crate) aggregate_bytes: u64,
    pub(crate) oldest_raw: Option<Timestamp>,
}

/// Sums over all blocks.
pub(crate) fn sums(conn: &Connection) -> Fallible<Sums> {
    let number = |sql: &str| -> Fallible<u64> {
        Ok(conn.prepare_cached(sql)?.query_row([], |row| super::journal::unsigned(row, 0))?)
    };
    Ok(Sums {
        blocks: number("select count(*) from block")?,
        samples: number("select coalesce(sum(n), 0) from block")?,
        dropped: number("select count(*) from block where data_hash is not null")?,
        data_bytes: number("select coalesce(sum(length(data)), 0) from block_data")?,
        aggregate_bytes: number("select coalesce(sum(length(hours)), 0) from block")?
            + number("select coalesce(sum(length(minutes)), 0) from block_minutes")?,
        oldest_raw: conn
            .prepare_cached("select min(from_ms) from block where data_hash is null")?
            .query_row([], |row| row.get(0))?,
    })
}
