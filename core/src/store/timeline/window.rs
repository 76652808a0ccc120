//! Which arrivals a range of time lies within, so that a walk begins at its end and not at the newest event.
//!
//! Arrivals are not in the order of clocks, but each device's are: its clock only grows along its chain, and its events are
//! accepted only in that order. So a device's share of the range is found by halving its chain.

use super::super::{Fallible, journal::unsigned};
use rusqlite::{Connection, OptionalExtension, params};

/// Arrivals from the first to before the second hold every event whose clock is from `from` to before `to`, and perhaps others.
pub(super) fn window(conn: &Connection, from: i64, to: i64) -> Fallible<(i64, i64)> {
    if from <= 0 && to == i64::MAX {
        return Ok((0, i64::MAX));
    }
    let (mut first, mut end) = (i64::MAX, 0);
    for device in devices(conn)? {
        let last = last(conn, device)?;
        let since = first_since(conn, device, last, from)?;
        let until = first_since(conn, device, last, to)?;
        if since < until {
            // A place that cannot be read (somebody has damaged the chain) bounds nothing.
            first = first.min(arrival(conn, device, since)?.unwrap_or(0));
            end = end.max(arrival(conn, device, until - 1)?.map_or(i64::MAX, |arrival| arrival.saturating_add(1)));
        }
    }
    Ok((first, end))
}

/// Devices that events are held of, each found by one step along the index.
fn devices(conn: &Connection) -> Fallible<Vec<[u8; 16]>> {
    let mut find = conn.prepare_cached(
        "with recursive devices (device) as (
            select min(device) from journal
            union all
            select (select min(device) from journal where device > devices.device) from devices
            where devices.device is not null)
         select device from devices where device is not null",
    )?;
    let rows = find.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

fn last(conn: &Connection, device: [u8; 16]) -> Fallible<u64> {
    let mut find = conn.prepare_cached("select max(seq) from journal where device = ?")?;
    Ok(find.query_row([device], |row| unsigned(row, 0))?)
}

/// The first place of a chain whose clock is `clock` or later; the one after its last if there is none.
fn first_since(conn: &Connection, device: [u8; 16], last: u64, clock: i64) -> Fallible<u64> {
    let mut find = conn.prepare_cached("select hlc from journal where device = ? and seq = ?")?;
    let (mut low, mut high) = (1, last.saturating_add(1));
    while low < high {
        let middle = low + (high - low) / 2;
        let seq = i64::try_from(middle).unwrap_or(i64::MAX);
        let hlc: Option<i64> = find.query_row(params![device, seq], |row| row.get(0)).optional()?;
        if hlc.is_some_and(|hlc| hlc >= clock) { high = middle } else { low = middle + 1 }
    }
    Ok(low)
}

fn arrival(conn: &Connection, device: [u8; 16], seq: u64) -> Fallible<Option<i64>> {
    let mut find = conn.prepare_cached("select arrival from journal where device = ? and seq = ?")?;
    let seq = i64::try_from(seq).unwrap_or(i64::MAX);
    Ok(find.query_row(params![device, seq], |row| row.get(0)).optional()?)
}
