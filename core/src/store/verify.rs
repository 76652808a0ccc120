//! Walks every chain and names each place where it does not hold. Reads rows as raw bytes, so that damage is told, not tripped over.

use super::{Fallible, Store, journal::COLUMNS, verify_block};
use crate::{
    journal::{Canonical, FIRST},
    keys::hex,
};
use roadworthy_api::{
    Result,
    journal::{ChainFault, VerifyReport},
};
use rusqlite::{Connection, Row, types::ValueRef};
use std::collections::HashSet;

/// Faults listed at most: past that, one more says nothing new.
pub(super) const MOST: usize = 1000;

impl Store {
    /// Checks every event of every chain, and every block of telemetry.
    pub(crate) fn verify(&self) -> Result<VerifyReport> {
        self.read(|conn| {
            let mut report = walk(conn)?;
            report.head = super::journal::head(conn, self.device())
                .ok()
                .filter(|h| h.seq > 0)
                .map(|h| hex::write(&h.hash))
                .unwrap_or_default();
            (report.blocks, report.block_faults) = verify_block::walk(conn, self.device())?;
            Ok(report)
        })
    }
}

/// The bytes of a text or blob; empty for null.
pub(super) fn bytes<'r>(row: &'r Row<'_>, column: usize) -> rusqlite::Result<&'r [u8]> {
    Ok(match row.get_ref(column)? {
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes,
        _ => &[],
    })
}

/// The bits of an integer, whatever it is.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(u64::from_ne_bytes(row.get::<_, i64>(column)?.to_ne_bytes()))
}

fn device_name(bytes: &[u8]) -> String {
    bytes.try_into().map_or_else(|_| hex::write(bytes), |b| roadworthy_api::id::DeviceId::from_bytes(b).to_string())
}

/// Every chain, then the arrivals.
pub(super) fn walk(conn: &Connection) -> Fallible<VerifyReport> {
    let mut report = chains(conn)?;
    report.faults.extend(arrivals(conn)?);
    report.faults.truncate(MOST);
    Ok(report)
}

/// Every chain, device by device.
fn chains(conn: &Connection) -> Fallible<VerifyReport> {
    let mut all = conn.prepare(&format!("select {COLUMNS}, arrival from journal order by device, seq"))?;
    let mut rows = all.query([])?;
    let mut report = VerifyReport {
        events: 0,
        devices: 0,
        head: String::new(),
        faults: Vec::new(),
        blocks: 0,
        block_faults: Vec::new(),
    };
    let mut ids = HashSet::new();
    let (mut device, mut seq, mut hlc, mut hash, mut arrival) = (Vec::new(), 0, 0, FIRST.to_vec(), 0);
    while let Some(row) = rows.next()? {
        report.events += 1;
        if report.devices == 0 || bytes(row, 1)? != device {
            report.devices += 1;
            device = bytes(row, 1)?.to_vec();
            (seq, hlc, hash, arrival) = (0, 0, FIRST.to_vec(), 0);
        }
        let (this_seq, this_hlc, this_arrival) = (number(row, 2)?, number(row, 4)?, number(row, 13)?);
        let canonical = Canonical {
            id: bytes(row, 0)?,
            device: &device,
            seq: this_seq,
            version: number(row, 3)?,
            hlc: this_hlc,
            kind: bytes(row, 5)?,
            actor: bytes(row, 6)?,
            correlation: bytes(row, 7)?,
            causation: bytes(row, 8)?,
            subject: bytes(row, 9)?,
            payload: bytes(row, 10)?,
        };
        let (prev, own) = (bytes(row, 11)?, bytes(row, 12)?);
        let problems = [
            (this_seq != seq + 1, "an event is missing before it"),
            (prev != hash, "it does not continue the event before it"),
            (canonical.hash(prev) != *own, "hash does not match the event's bytes"),
            (this_hlc <= hlc, "its clock is not after that of the event before it"),
            (this_arrival <= arrival, "it arrived before the event before it"),
            (!ids.insert(canonical.id.to_vec()), "another event has the same id"),
        ];
        if report.faults.len() < MOST {
            let told = problems.iter().filter(|(there, _)| *there);
            let fault =
                |problem: &str| ChainFault { device: device_name(&device), seq: this_seq, problem: problem.into() };
            report.faults.extend(told.map(|(_, problem)| fault(problem)));
        }
        (seq, hlc, hash, arrival) = (this_seq, this_hlc, own.to_vec(), this_arrival);
    }
    Ok(report)
}

/// Arrival numbers count from 1 without gaps up to the number last given.
fn arrivals(conn: &Connection) -> Fallible<Vec<ChainFault>> {
    let mut find = conn.prepare(
        "select device, seq, arrival from (select device, seq, arrival, lag(arrival, 1, 0) over (order by arrival) as before from journal)
         where arrival <> before + 1 limit 1000",
    )?;
    let fault =
        |device: &[u8], seq, problem: &str| ChainFault { device: device_name(device), seq, problem: problem.into() };
    let rows = find.query_map([], |row| {
        Ok(fault(bytes(row, 0)?, number(row, 1)?, "an event that arrived before it is missing"))
    })?;
    let mut faults: Vec<ChainFault> = rows.collect::<rusqlite::Result<_>>()?;
    let mut last = conn.prepare(
        "select device, seq from journal where arrival = (select max(arrival) from journal)
         and arrival < (select seq from sqlite_sequence where name = 'journal')",
    )?;
    let rows = last
        .query_map([], |row| Ok(fault(bytes(row, 0)?, number(row, 1)?, "events that arrived after it are missing")))?;
    faults.extend(rows.collect::<rusqlite::Result<Vec<_>>>()?);
    Ok(faults)
}
