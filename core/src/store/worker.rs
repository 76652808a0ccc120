//! Tables `worker` and `worker_dead` (local): how far each worker is, and what it gave up on.

use super::{Fallible, device::WRITTEN_HERE, journal, journal::unsigned, setting, tail};
use crate::journal::Event;
use roadworthy_api::{
    Timestamp,
    id::{DeviceId, EventId},
    work::DeadEvent,
};
use rusqlite::{Connection, OptionalExtension, params};

/// How far a worker is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Events up to this arrival are handled.
    pub(crate) arrival: u64,
    /// Batches of telemetry up to this place are.
    pub(crate) tail: u64,
}

/// A worker's row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) place: Place,
    pub(crate) paused: bool,
    pub(crate) handled: u64,
    /// When it last finished something.
    pub(crate) moved: Timestamp,
    /// Times that what it is at has failed, with when it is tried again and why it failed.
    pub(crate) failing: Option<(u32, Timestamp, String)>,
    /// Since when it has been at one thing for too long, and at what.
    pub(crate) stalled: Option<(Timestamp, String)>,
    /// Its last failure, also one that is over.
    pub(crate) last_failure: Option<(Timestamp, String)>,
}

/// Something that a worker gave up on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dead {
    /// Arrival of the event; 0: it was telemetry.
    pub(crate) arrival: u64,
    /// Place of the batch; 0: it was an event.
    pub(crate) tail: u64,
    /// Times tried by then.
    pub(crate) attempts: u32,
}

fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// Has each worker a row. The first ones of a database begin where it got its table of workers, so that an update raises no
/// alerts about years that are past; one that a later version brings begins now.
pub(crate) fn ensure(tx: &Connection, workers: &[(&str, bool)]) -> Fallible<()> {
    let any = tx.prepare_cached("select 1 from worker")?.exists([])?;
    let from: Option<u64> = if any { None } else { setting::get(tx, setting::WORKERS_FROM)? };
    let arrival = from.map_or_else(|| journal::newest(tx), Ok)?;
    let tail = tail::newest(tx)?;
    for (name, hears) in workers {
        tx.prepare_cached(
            "insert into worker (name, arrival, tail, hears) values (?, ?, ?, ?)
             on conflict do update set hears = excluded.hears where hears <> excluded.hears",
        )?
        .execute(params![name, signed(arrival), signed(tail), hears])?;
    }
    Ok(())
}

/// Whether each of them has a row that says whether it hears telemetry.
pub(crate) fn ensured(conn: &Connection, workers: &[(&str, bool)]) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select 1 from worker where name = ? and hears = ?")?;
    for (name, hears) in workers {
        if !find.exists(params![name, hears])? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A worker's row.
pub(crate) fn get(conn: &Connection, name: &str) -> Fallible<Option<Row>> {
    let mut find = conn.prepare_cached(
        "select arrival, tail, paused, handled, moved, attempts, next_at, stalled, stalled_at, failed_at, failed_why
         from worker where name = ?",
    )?;
    let row = find.query_row([name], |row| {
        let (attempts, next, why): (u32, Option<i64>, Option<String>) = (row.get(5)?, row.get(6)?, row.get(10)?);
        let why = why.unwrap_or_default();
        let (stalled, at): (Option<i64>, String) = (row.get(7)?, row.get(8)?);
        Ok(Row {
            place: Place { arrival: unsigned(row, 0)?, tail: unsigned(row, 1)? },
            paused: row.get(2)?,
            handled: unsigned(row, 3)?,
            moved: row.get(4)?,
            failing: next.map(|next| (attempts, next, why.clone())),
            stalled: stalled.map(|since| (since, at)),
            last_failure: row.get::<_, Option<i64>>(9)?.map(|at| (at, why)),
        })
    });
    Ok(row.optional()?)
}

fn list(kinds: &[&str]) -> String {
    serde_json::to_string(kinds).unwrap_or_else(|_| "[]".into())
}

/// The first event of this device of one of these kinds after an arrival.
pub(crate) fn next(conn: &Connection, device: DeviceId, kinds: &[&str], after: u64) -> Fallible<Option<(u64, Event)>> {
    // Asked kind by kind, since each is a walk along an index that ends at the first row.
    let mut find = conn.prepare_cached(&format!(
        "select arrival from journal where kind = ?2 and arrival > ?3 and {WRITTEN_HERE} order by arrival limit 1"
    ))?;
    let mut first: Option<u64> = None;
    for kind in kinds {
        let found = find.query_row(params![device.bytes(), kind, signed(after)], |row| unsigned(row, 0)).optional()?;
        first = first.into_iter().chain(found).min();
    }
    let Some(arrival) = first else { return Ok(None) };
    Ok(at(conn, arrival)?.map(|event| (arrival, event)))
}

/// The event of an arrival.
pub(crate) fn at(conn: &Connection, arrival: u64) -> Fallible<Option<Event>> {
    let sql = format!("select {} from journal where arrival = ?", journal::COLUMNS);
    Ok(conn.prepare_cached(&sql)?.query_row([signed(arrival)], journal::event).optional()?)
}

/// How many events wait for a worker after a place, and since when the oldest does; with batches of telemetry if it hears them.
pub(crate) fn lag(
    conn: &Connection,
    device: DeviceId,
    kinds: &[&str],
    hears: bool,
    after: Place,
) -> Fallible<(u64, Option<Timestamp>)> {
    let mut count = conn.prepare_cached(&format!(
        "select count(*), min(hlc >> 16) from journal
         where kind in (select value from json_each(?2)) and arrival > ?3 and {WRITTEN_HERE}"
    ))?;
    let (mut waiting, mut oldest) = count
        .query_row(params![device.bytes(), list(kinds), signed(after.arrival)], |row| {
            Ok((unsigned(row, 0)?, row.get::<_, Option<i64>>(1)?))
        })?;
    if hears {
        let mut count = conn.prepare_cached("select count(*), min(to_ms) from tail where id > ?")?;
        let (batches, first) =
            count.query_row([signed(after.tail)], |row| Ok((unsigned(row, 0)?, row.get::<_, Option<i64>>(1)?)))?;
        waiting += batches;
        oldest = oldest.into_iter().chain(first).min();
    }
    Ok((waiting, oldest))
}

/// Moves a worker on, unless it is not where it was thought to be: then another has done this, and nothing of it may count.
pub(crate) fn advance(tx: &Connection, name: &str, from: Place, to: Place, now: Timestamp) -> Fallible<bool> {
    let moved = tx
        .prepare_cached(
            "update worker set arrival = ?4, tail = ?5, handled = handled + 1, moved = max(?6, moved + 1),
                attempts = 0, next_at = null, stalled = null, stalled_at = ''
             where name = ?1 and arrival = ?2 and tail = ?3",
        )?
        .execute(params![name, signed(from.arrival), signed(from.tail), signed(to.arrival), signed(to.tail), now])?;
    Ok(moved > 0)
}

/// Moves a worker past what it does not hear.
pub(crate) fn skip(tx: &Connection, name: &str, from: Place, to: Place) -> Fallible<bool> {
    let moved = tx
        .prepare_cached("update worker set arrival = ?4, tail = ?5 where name = ?1 and arrival = ?2 and tail = ?3")?
        .execute(params![name, signed(from.arrival), signed(from.tail), signed(to.arrival), signed(to.tail)])?;
    Ok(moved > 0)
}

/// Notes that what a worker is at has failed, so that every process can show it. `next`: `None` where it is not tried again.
pub(crate) fn failed(
    tx: &Connection,
    name: &str,
    attempts: u32,
    next: Option<Timestamp>,
    now: Timestamp,
    why: &str,
) -> Fallible<()> {
    tx.prepare_cached(
        "update worker set attempts = ?2, next_at = ?3, failed_at = ?4, failed_why = ?5, stalled = null, stalled_at = ''
         where name = ?1",
    )?
    .execute(params![name, attempts, next, now, why])?;
    Ok(())
}

/// Notes that a worker has been at one thing for too long.
pub(crate) fn stalled(tx: &Connection, name: &str, since: Timestamp, at: &str) -> Fallible<()> {
    tx.prepare_cached("update worker set stalled = ?2, stalled_at = ?3 where name = ?1")?
        .execute(params![name, since, at])?;
    Ok(())
}

/// Forgets what was only true of the process that ran the workers before.
pub(crate) fn begin(tx: &Connection) -> Fallible<()> {
    tx.execute(
        "update worker set attempts = 0, next_at = null, stalled = null, stalled_at = ''
         where attempts > 0 or next_at is not null or stalled is not null",
        [],
    )?;
    Ok(())
}

/// Pauses a worker or lets it go on; `false`: there is none of that name.
pub(crate) fn pause(tx: &Connection, name: &str, paused: bool) -> Fallible<bool> {
    Ok(tx.prepare_cached("update worker set paused = ? where name = ?")?.execute(params![paused, name])? > 0)
}

/// The least place in the tail that every worker which hears telemetry and is not paused has passed; the greatest number
/// where none does. What is up to it may be sealed.
pub(crate) fn tail_passed(conn: &Connection) -> Fallible<u64> {
    let least: Option<i64> = conn
        .prepare_cached("select min(tail) from worker where hears = 1 and paused = 0")?
        .query_row([], |row| row.get(0))?;
    Ok(least.map_or(u64::MAX, |least| u64::try_from(least).unwrap_or(0)))
}

/// Puts what a worker was at among the dead.
pub(crate) fn bury(tx: &Connection, name: &str, dead: Dead, now: Timestamp, cause: &str) -> Fallible<()> {
    tx.prepare_cached(
        "insert into worker_dead (worker, arrival, tail, attempts, at, cause) values (?, ?, ?, ?, ?, ?)
         on conflict do update set attempts = excluded.attempts, at = excluded.at, cause = excluded.cause, again = 0",
    )?
    .execute(params![name, signed(dead.arrival), signed(dead.tail), dead.attempts, now, cause])?;
    Ok(())
}

/// The oldest dead thing of a worker that a person wants tried again.
pub(crate) fn again(conn: &Connection, name: &str) -> Fallible<Option<Dead>> {
    let mut find = conn.prepare_cached(
        "select arrival, tail, attempts from worker_dead where worker = ? and again = 1 order by arrival, tail limit 1",
    )?;
    let dead = find.query_row([name], |row| {
        Ok(Dead { arrival: unsigned(row, 0)?, tail: unsigned(row, 1)?, attempts: row.get(2)? })
    });
    Ok(dead.optional()?)
}

/// Whether a dead thing is there and a person wants it tried again.
pub(crate) fn is_again(conn: &Connection, name: &str, dead: Dead) -> Fallible<bool> {
    let mut find =
        conn.prepare_cached("select 1 from worker_dead where worker = ? and arrival = ? and tail = ? and again = 1")?;
    Ok(find.exists(params![name, signed(dead.arrival), signed(dead.tail)])?)
}

/// Takes a dead thing out because it was handled after all; `false`: another has done so.
pub(crate) fn revive(tx: &Connection, name: &str, dead: Dead) -> Fallible<bool> {
    let gone = tx
        .prepare_cached("delete from worker_dead where worker = ? and arrival = ? and tail = ? and again = 1")?
        .execute(params![name, signed(dead.arrival), signed(dead.tail)])?;
    tx.prepare_cached("update worker set handled = handled + 1, stalled = null, stalled_at = '' where name = ?")?
        .execute([name])?;
    Ok(gone > 0)
}

/// A worker was woken, unless it has moved since it was looked at: then another has woken it.
pub(crate) fn woke(tx: &Connection, name: &str, moved: Timestamp, now: Timestamp) -> Fallible<bool> {
    let woke = tx
        .prepare_cached(
            "update worker set moved = max(?3, moved + 1), attempts = 0, next_at = null, stalled = null, stalled_at = ''
             where name = ?1 and moved = ?2",
        )?
        .execute(params![name, moved, now])?;
    Ok(woke > 0)
}

/// Notes that nothing fails any more.
pub(crate) fn well(tx: &Connection, name: &str) -> Fallible<()> {
    tx.prepare_cached("update worker set attempts = 0, next_at = null where name = ? and next_at is not null")?
        .execute([name])?;
    Ok(())
}

/// Wants dead things tried again: the event of that arrival, or with 0 all telemetry. Says whether there were any.
pub(crate) fn retry(tx: &Connection, name: &str, arrival: u64) -> Fallible<bool> {
    let mut mark = tx.prepare_cached("update worker_dead set again = 1 where worker = ? and arrival = ?")?;
    Ok(mark.execute(params![name, signed(arrival)])? > 0)
}

/// Drops dead things for good, as [`retry`] names them. Says whether there were any.
pub(crate) fn drop_dead(tx: &Connection, name: &str, arrival: u64) -> Fallible<bool> {
    let mut drop = tx.prepare_cached("delete from worker_dead where worker = ? and arrival = ?")?;
    Ok(drop.execute(params![name, signed(arrival)])? > 0)
}

/// Number of dead things, of one worker or all.
pub(crate) fn count_dead(conn: &Connection, name: Option<&str>) -> Fallible<u32> {
    let mut find = conn.prepare_cached("select count(*) from worker_dead where ?1 is null or worker = ?1")?;
    Ok(find.query_row([name], |row| row.get(0))?)
}

/// Dead things, newest first, with the events in words.
pub(crate) fn list_dead(conn: &Connection, offset: u32, limit: u32) -> Fallible<Vec<DeadEvent>> {
    let mut find = conn.prepare_cached(
        "select d.worker, d.arrival, j.id, j.kind, j.version, j.payload, d.attempts, d.at, d.cause
         from worker_dead d left join journal j on j.arrival = d.arrival
         order by d.at desc, d.worker, d.arrival, d.tail limit ? offset ?",
    )?;
    let rows = find.query_map([limit, offset], |row| {
        let kind: Option<String> = row.get(3)?;
        let summary = match kind {
            Some(kind) => crate::journal::words::summary(&kind, row.get(4)?, &row.get::<_, String>(5)?),
            None => "New telemetry".to_owned(),
        };
        Ok(DeadEvent {
            worker: row.get(0)?,
            arrival: unsigned(row, 1)?,
            event: row.get::<_, Option<[u8; 16]>>(2)?.map(EventId::from_bytes),
            summary,
            attempts: row.get(6)?,
            at: row.get(7)?,
            cause: row.get(8)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
