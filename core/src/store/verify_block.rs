//! Checks each block against what the journal says of it. Reads rows as raw bytes, so that damage is told, not tripped over.

use super::{
    Fallible,
    device::WRITTEN_HERE,
    fail,
    verify::{
        Is::{self, Blob, Integer, Maybe, Text},
        MOST, bytes, fits, number,
    },
};
use crate::{
    journal::kind::{self, TelemetryDropped, TelemetryImportUndone, TelemetryReceived},
    keys::hex,
    telemetry::block::Said,
};
use roadworthy_api::{id::DeviceId, journal::BlockFault};
use rusqlite::{Connection, types::ValueRef};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Whose a sealing's blocks are, and the signal of each by its hash.
type Received = (Vec<u8>, HashMap<[u8; 32], String>);

/// What the journal says of this device's blocks.
#[derive(Default)]
struct Journal {
    /// By event.
    received: HashMap<Vec<u8>, Received>,
    dropped: HashSet<[u8; 32]>,
    /// Imports that were taken back: their blocks are gone, or going.
    undone: HashSet<Vec<u8>>,
}

/// Types of the columns that [`walk`] reads; a row that is missing is told for itself.
const TYPES: [Is; 16] = {
    let (dropped, data) = (Maybe(Some(32)), Maybe(None));
    [Integer, Text, Integer, Integer, Integer, Integer, Blob, dropped, Blob, Blob, data, Blob, Text, Blob, Blob, Text]
};

fn hash_of(hex_hash: &str) -> Option<[u8; 32]> {
    hex::read(hex_hash)?.try_into().ok()
}

fn journal(conn: &Connection, device: DeviceId) -> Fallible<Journal> {
    let mut said = Journal::default();
    let mut find = conn.prepare("select arrival from journal where kind in (?, ?)")?;
    let arrivals = find.query_map((kind::TELEMETRY_RECEIVED, kind::TELEMETRY_DROPPED), |row| row.get(0))?;
    let arrivals: Vec<i64> = arrivals.collect::<rusqlite::Result<_>>()?;
    let sql = format!("select kind, id, payload from journal where arrival = ?2 and {WRITTEN_HERE}");
    let mut find = conn.prepare(&sql)?;
    for arrival in arrivals {
        let mut rows = find.query((device.bytes(), arrival))?;
        // A row or a payload that cannot be read is a fault of the chain, and told there.
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => continue,
            Err(e) if fail::damaged(&e) => continue,
            Err(e) => return Err(e.into()),
        };
        if bytes(row, 0)? == kind::TELEMETRY_RECEIVED.as_bytes() {
            let Ok(received) = serde_json::from_slice::<TelemetryReceived>(bytes(row, 2)?) else { continue };
            let named = received.blocks.into_iter().filter_map(|b| Some((hash_of(&b.hash)?, b.signal))).collect();
            said.received.insert(bytes(row, 1)?.to_vec(), (received.recording.bytes().to_vec(), named));
        } else if let Ok(dropped) = serde_json::from_slice::<TelemetryDropped>(bytes(row, 2)?) {
            said.dropped.extend(dropped.blocks.iter().filter_map(|h| hash_of(h)));
        }
    }
    Ok(said)
}

/// Imports that any device took back.
fn undone(conn: &Connection) -> Fallible<HashSet<Vec<u8>>> {
    let mut find = conn.prepare("select payload from journal where kind = ?")?;
    let mut rows = find.query([kind::TELEMETRY_IMPORT_UNDONE])?;
    let mut all = HashSet::new();
    // What cannot be read is a fault of the chain, and told there.
    while let Some(row) = rows.next()? {
        if let Ok(said) = serde_json::from_slice::<TelemetryImportUndone>(bytes(row, 0)?) {
            all.insert(said.import.bytes().to_vec());
        }
    }
    Ok(all)
}

/// How many blocks there are, and every one that is not what the journal says.
pub(super) fn walk(conn: &Connection, device: DeviceId) -> Fallible<(u64, Vec<BlockFault>)> {
    let mut said = journal(conn, device)?;
    said.undone = undone(conn)?;
    let Journal { received, undone, .. } = &mut said;
    received.retain(|_, (recording, _)| !undone.contains(recording));
    let mut find = conn.prepare("select import from import_stage")?;
    let staged: HashSet<Vec<u8>> = find.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut faults = Vec::new();
    let mut count = 0;
    let mut find = conn.prepare(
        "select b.id, e.signal, b.from_ms, b.to_ms, b.n, b.codec, b.hash, b.data_hash, b.hours, m.minutes, d.data,
            e.subject, e.unit, s.recording, s.event, e.label
         from block b not indexed left join series e on e.id = b.series left join sealing s on s.id = b.sealing
         left join block_minutes m on m.block = b.id left join block_data d on d.block = b.id where b.id = ?",
    )?;
    let mut ids = conn.prepare("select id from block not indexed order by id")?;
    let ids: Vec<i64> = ids.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    for id in ids {
        count += 1;
        let mut rows = find.query([id])?;
        let row = match rows.next() {
            Ok(Some(row)) => row,
            Ok(None) => continue,
            // What the journal names of it is told to be missing besides.
            Err(e) if fail::damaged(&e) => {
                let problem = "a row of it is damaged and cannot be read".to_owned();
                faults.push(BlockFault { block: Some(id.cast_unsigned()), signal: String::new(), from: 0, problem });
                continue;
            }
            Err(e) => return Err(e.into()),
        };
        // Of an import that is not finished, or was taken back: no value of a vehicle.
        if staged.contains(bytes(row, 13)?) {
            count -= 1;
            continue;
        }
        let int = |column: usize| number(row, column).map(u64::cast_signed);
        let there = |column: usize| row.get_ref(column).map(|v| !matches!(v, ValueRef::Null));
        let mut problems = BTreeSet::new();
        let (from, hash) = (int(2).unwrap_or_default(), bytes(row, 6)?);
        let data = bytes(row, 10)?;
        let own = blake3::hash(data);
        let data_hash = if there(10)? { own.as_bytes() } else { bytes(row, 7)? };
        let made = Said {
            codec: int(5).unwrap_or(-1),
            subject: bytes(row, 11)?,
            recording: bytes(row, 13)?,
            signal: bytes(row, 1)?,
            unit: bytes(row, 12)?,
            label: bytes(row, 15)?,
            from,
            to: int(3).unwrap_or(-1),
            n: int(4).unwrap_or(-1),
            data_hash,
            minutes: bytes(row, 9)?,
            hours: bytes(row, 8)?,
        }
        .hash();
        let known: Option<[u8; 32]> = hash.try_into().ok();
        if known != Some(made) || !fits(row, &TYPES)? {
            problems.insert("its values, aggregates or metadata do not match its hash");
        }
        let dropped = known.is_some_and(|h| said.dropped.contains(&h));
        match (there(10)?, there(7)?) {
            (true, true) => {
                problems.insert("it says that its values were dropped, and they are there");
            }
            (false, _) if !dropped => {
                problems.insert("its values are missing, and no event says that they were dropped");
            }
            _ => {}
        }
        // Whichever of its two names is sound takes it off the list of what is missing.
        let event = bytes(row, 14)?;
        match said.received.get_mut(event) {
            None => drop(problems.insert("no event of the journal sealed it")),
            Some((recording, named)) => {
                let by_hash = known.and_then(|h| named.remove(&h)).is_some();
                if !by_hash {
                    problems.insert("the event that sealed it does not name its hash");
                    named.remove(&made);
                }
                if *recording != bytes(row, 13)? {
                    problems.insert("the event that sealed it is of another recording");
                }
            }
        }
        if faults.len() < MOST {
            let signal = String::from_utf8_lossy(bytes(row, 1)?).into_owned();
            let block = Some(number(row, 0)?);
            faults.extend(problems.into_iter().map(|problem| BlockFault {
                block,
                signal: signal.clone(),
                from,
                problem: problem.to_owned(),
            }));
        }
    }
    let missing = said.received.into_values().flat_map(|(_, named)| named.into_values());
    let missing = missing.map(|signal| BlockFault {
        block: None,
        signal,
        from: 0,
        problem: "the journal names it and it is not there".to_owned(),
    });
    faults.extend(missing.take(MOST));
    for (table, what) in [("block_data", "values"), ("block_minutes", "minutes")] {
        let sql = format!("select block from {table} where block not in (select id from block) limit 1000");
        let mut find = conn.prepare(&sql)?;
        let rows = find.query_map([], |row| number(row, 0))?;
        for block in rows {
            let problem = format!("there are {what} of a block that is not there");
            faults.push(BlockFault { block: Some(block?), signal: String::new(), from: 0, problem });
        }
    }
    faults.truncate(MOST);
    Ok((count, faults))
}
