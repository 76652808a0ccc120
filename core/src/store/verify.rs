//! Walks every chain and names each place where it does not hold. Reads rows as raw bytes, so that damage is told, not tripped over.

use super::{Fallible, Store, fail, journal::COLUMNS, verify_block};
use crate::{
    journal::{Canonical, FIRST},
    keys::hex,
};
use roadworthy_api::{
    Result,
    journal::{ChainFault, VerifyReport},
};
use rusqlite::{Connection, OptionalExtension, Row, types::ValueRef};
use std::collections::{HashMap, HashSet};

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

/// The bits of an integer, whatever it is; 0, which nothing that is hashed begins with, where damage made it something else.
pub(super) fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(match row.get_ref(column)? {
        ValueRef::Integer(number) => number.cast_unsigned(),
        _ => 0,
    })
}

/// What a column may hold. SQLite keeps the type with the value, where damage can change it and leave the bytes as they are.
#[derive(Clone, Copy)]
pub(super) enum Is {
    Integer,
    Text,
    Blob,
    /// Bytes, so many if that is said, or nothing.
    Maybe(Option<usize>),
}

impl Is {
    fn fits(self, value: ValueRef<'_>) -> bool {
        match (self, value) {
            (Self::Integer, ValueRef::Integer(_))
            | (Self::Text, ValueRef::Text(_))
            | (Self::Blob, ValueRef::Blob(_))
            | (Self::Maybe(_), ValueRef::Null) => true,
            (Self::Maybe(bytes), ValueRef::Blob(blob)) => bytes.is_none_or(|bytes| blob.len() == bytes),
            _ => false,
        }
    }
}

/// Whether each column of a row, from the first on, holds what it may.
pub(super) fn fits(row: &Row<'_>, columns: &[Is]) -> rusqlite::Result<bool> {
    for (column, is) in columns.iter().enumerate() {
        if !is.fits(row.get_ref(column)?) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Types of [`COLUMNS`].
const TYPES: [Is; 13] = {
    use Is::{Blob, Integer, Maybe, Text};
    let id = Maybe(Some(16));
    [Blob, Blob, Integer, Integer, Integer, Text, Text, Blob, id, id, Text, Blob, Blob]
};

fn device_name(bytes: &[u8]) -> String {
    bytes.try_into().map_or_else(|_| hex::write(bytes), |b| roadworthy_api::id::DeviceId::from_bytes(b).to_string())
}

/// Every chain, then the quarantine.
pub(super) fn walk(conn: &Connection) -> Fallible<VerifyReport> {
    let mut report = chains(conn)?;
    report.faults.extend(quarantine(conn)?);
    report.faults.truncate(MOST);
    Ok(report)
}

/// The end of a chain as far as it was walked.
struct End {
    seq: u64,
    hlc: u64,
    hash: Vec<u8>,
}

impl End {
    fn start() -> Self {
        Self { seq: 0, hlc: 0, hash: FIRST.to_vec() }
    }
}

/// An event's row, whose first columns are [`COLUMNS`], as it is hashed.
fn canonical<'r>(row: &'r Row<'_>) -> rusqlite::Result<Canonical<'r>> {
    Ok(Canonical {
        id: bytes(row, 0)?,
        device: bytes(row, 1)?,
        seq: number(row, 2)?,
        version: number(row, 3)?,
        hlc: number(row, 4)?,
        kind: bytes(row, 5)?,
        actor: bytes(row, 6)?,
        correlation: bytes(row, 7)?,
        causation: bytes(row, 8)?,
        subject: bytes(row, 9)?,
        payload: bytes(row, 10)?,
    })
}

/// Every chain, in the order of arrival, which is that of each device's chain. Arrivals count from 1 without gaps up to the
/// number last given.
fn chains(conn: &Connection) -> Fallible<VerifyReport> {
    // An index holds copies of some columns, and would have the damage in the row itself pass.
    let sql = format!("select {COLUMNS}, arrival from journal not indexed where arrival > ? order by arrival");
    let mut walk = conn.prepare(&sql)?;
    let mut all = Chains::default();
    let mut after = i64::MIN;
    loop {
        let mut rows = walk.query([after])?;
        let broken = loop {
            match rows.next() {
                Ok(Some(row)) => {
                    after = row.get(13)?;
                    all.event(row, after)?;
                }
                Ok(None) => break false,
                // The walk goes on behind the row that SQLite cannot read.
                Err(e) if fail::damaged(&e) && all.faults.len() < MOST => break true,
                Err(e) => return Err(e.into()),
            }
        };
        if !broken {
            break;
        }
        after = after.max(0) + 1;
        let (device, seq) = place(conn, after).unwrap_or_default();
        all.unreadable(&device, seq, after);
    }
    let given = conn.prepare("select seq from sqlite_sequence where name = 'journal'")?.query_row([], |row| row.get(0));
    all.last(given.optional()?.unwrap_or(0));
    Ok(VerifyReport {
        events: all.events,
        devices: u32::try_from(all.ends.len()).unwrap_or(u32::MAX),
        head: String::new(),
        faults: all.faults,
        blocks: 0,
        block_faults: Vec::new(),
    })
}

/// Device and number of an event by what the index says, since its row cannot be read.
fn place(conn: &Connection, arrival: i64) -> Option<(Vec<u8>, u64)> {
    let sql = "select device, seq from journal indexed by sqlite_autoindex_journal_2 where arrival = ?";
    conn.query_row(sql, [arrival], |row| Ok((bytes(row, 0)?.to_vec(), number(row, 1)?))).ok()
}

/// What a walk has seen so far.
#[derive(Default)]
struct Chains {
    events: u64,
    faults: Vec<ChainFault>,
    ids: HashSet<Vec<u8>>,
    ends: HashMap<Vec<u8>, End>,
    /// Place of the last event among the arrivals, and who wrote it.
    arrival: i64,
    at: (Vec<u8>, u64),
}

impl Chains {
    fn event(&mut self, row: &Row<'_>, arrival: i64) -> Fallible<()> {
        self.events += 1;
        let event = canonical(row)?;
        let end = match self.ends.get_mut(event.device) {
            Some(end) => end,
            None => self.ends.entry(event.device.to_vec()).or_insert_with(End::start),
        };
        let (prev, own) = (bytes(row, 11)?, bytes(row, 12)?);
        let problems = [
            (event.seq != end.seq.wrapping_add(1), "an event is missing before it"),
            (prev != end.hash, "it does not continue the event before it"),
            (event.hash(prev) != *own, "hash does not match the event's bytes"),
            (!fits(row, &TYPES)?, "a field of it has another type than it must have"),
            (event.hlc <= end.hlc, "its clock is not after that of the event before it"),
            (!self.ids.insert(event.id.to_vec()), "another event has the same id"),
            (arrival != self.arrival.wrapping_add(1), "an event that arrived before it is missing"),
        ];
        if self.faults.len() < MOST {
            let told = problems.iter().filter(|(there, _)| *there);
            self.faults.extend(told.map(|(_, problem)| fault(event.device, event.seq, arrival, problem)));
        }
        *end = End { seq: event.seq, hlc: event.hlc, hash: own.to_vec() };
        self.at = (event.device.to_vec(), event.seq);
        self.arrival = arrival;
        Ok(())
    }

    fn unreadable(&mut self, device: &[u8], seq: u64, arrival: i64) {
        self.faults.push(fault(device, seq, arrival, "its row is damaged and cannot be read"));
        (self.arrival, self.at) = (arrival, (device.to_vec(), seq));
    }

    /// `given`: the number last given.
    fn last(&mut self, given: i64) {
        if self.arrival < given {
            let (device, seq) = &self.at;
            self.faults.push(fault(device, *seq, self.arrival, "events that arrived after it are missing"));
        }
    }
}

/// What waits to enter the journal: each event by its own bytes, and each but a device's first by the one before it.
fn quarantine(conn: &Connection) -> Fallible<Vec<ChainFault>> {
    let mut all = conn.prepare(&format!("select {COLUMNS} from quarantine order by device, seq"))?;
    let mut rows = all.query([])?;
    let mut faults = Vec::new();
    let mut before: Option<(Vec<u8>, End)> = None;
    while let Some(row) = rows.next()? {
        let event = canonical(row)?;
        let (prev, own) = (bytes(row, 11)?, bytes(row, 12)?);
        let end = before.as_ref().filter(|(device, _)| device == event.device).map(|(_, end)| end);
        let problems = [
            (
                event.hash(prev) != *own || !fits(row, &TYPES)?,
                "it waits for its time, and its hash does not match its bytes",
            ),
            (
                end.is_some_and(|end| event.seq != end.seq + 1 || prev != end.hash),
                "it waits for its time, and does not continue the event before it",
            ),
        ];
        if faults.len() < MOST {
            let told = problems.iter().filter(|(there, _)| *there);
            faults.extend(told.map(|(_, problem)| fault(event.device, event.seq, 0, problem)));
        }
        before = Some((event.device.to_vec(), End { seq: event.seq, hlc: event.hlc, hash: own.to_vec() }));
    }
    Ok(faults)
}

fn fault(device: &[u8], seq: u64, arrival: i64, problem: &str) -> ChainFault {
    ChainFault { device: device_name(device), seq, arrival: arrival.cast_unsigned(), problem: problem.to_owned() }
}
