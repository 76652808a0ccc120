//! Makes every table marked as said anew from the journal, in one transaction, and says which had differed.

use super::{Fallible, Store, Turn, Writing, apply, immediate, journal, setting, verify};
use crate::journal::{NewEvent, kind};
use roadworthy_api::{
    Code, Error, Result, Timestamp,
    journal::{ChainFault, RebuildReport},
};
use rusqlite::{Connection, types::ValueRef};

/// Counts how tables are made from events: raise it whenever [`apply`], the verdict or a said table changes, so that the
/// next start makes them anew.
pub(super) const TABLES: u32 = 5;

/// Every table marked as said, parts before what they are part of.
pub(super) const SAID: &[&str] = &[
    "alert",
    "decision",
    "diagnosis",
    "reading_flag",
    "import",
    "service",
    "history",
    "pin",
    "recording",
    "freeze_item",
    "freeze_frame",
    "readiness_test",
    "readiness",
    "coverage",
    "trouble_code",
    "reading",
    "ecu",
    "decoding",
    "clearing",
    "visit",
    "note",
    "photo",
    "measurement",
    "vehicle",
    "registration",
    "person",
    "erased_key",
    "device",
    "adapter",
];

impl Store {
    /// Makes the tables anew. Needs the master key if anything sealed can still be read.
    pub(crate) fn rebuild(&self, actor: &str, now: Timestamp) -> Result<RebuildReport> {
        let mut conn = self.writer(Turn::Person);
        immediate(&mut conn, |tx| {
            // Tables made from a journal that was tampered with would lend it credit.
            if let Some(fault) = verify::walk(tx)?.faults.first() {
                return Err(broken(fault).into());
            }
            let before = dumps(tx)?;
            for table in SAID {
                tx.execute_batch(&format!("delete from {table}"))?;
            }
            let mut events = 0;
            journal::each(tx, |event| {
                events += 1;
                apply::apply(tx, &self.master, &event).map(drop)
            })?;
            let after = dumps(tx)?;
            let differing: Vec<String> = SAID
                .iter()
                .zip(before.iter().zip(&after))
                .filter(|(_, (b, a))| b != a)
                .map(|(t, _)| (*t).to_owned())
                .collect();
            let mut writing = Writing::new(tx, self, actor, now)?;
            let id = writing.mint()?;
            let rebuilt = kind::Rebuilt { events, differing: differing.clone() };
            writing.append(NewEvent::new(id, kind::JOURNAL_REBUILT, None, &rebuilt)?)?;
            setting::set(tx, setting::TABLES, &TABLES)?;
            Ok(RebuildReport { events, identical: differing.is_empty(), differing })
        })
    }
}

fn broken(fault: &ChainFault) -> Error {
    let ChainFault { device, seq, problem, .. } = fault;
    Error::new(
        Code::ChainBroken,
        format!(
            "The journal does not hold at event {seq} of device {device} ({problem}); the tables were left as they are."
        ),
    )
    .hint(
        "Keep a copy of the data folder, then restore the newest backup that `roadworthy journal verify` finds whole.",
    )
}

/// The hash of every said table.
pub(super) fn dumps(conn: &Connection) -> Fallible<Vec<[u8; 32]>> {
    SAID.iter().map(|table| dump(conn, table)).collect()
}

/// BLAKE3 over every row in the order of the primary key, each value with its type and length.
fn dump(conn: &Connection, table: &str) -> Fallible<[u8; 32]> {
    // Tables without a rowid are stored, and therefore read, in the order of their key; asked for all the same.
    let mut info = conn.prepare("select name from pragma_table_info(?) where pk > 0 order by pk")?;
    let key: Vec<String> = info.query_map([table], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut all = conn.prepare(&format!("select * from {table} order by {}", key.join(", ")))?;
    let columns = all.column_count();
    let mut rows = all.query([])?;
    let mut hasher = blake3::Hasher::new();
    while let Some(row) = rows.next()? {
        for column in 0..columns {
            let number;
            let (tag, bytes): (u8, &[u8]) = match row.get_ref(column)? {
                ValueRef::Null => (0, &[]),
                ValueRef::Integer(i) => {
                    number = i.to_be_bytes();
                    (1, &number)
                }
                ValueRef::Real(f) => {
                    number = f.to_bits().to_be_bytes();
                    (2, &number)
                }
                ValueRef::Text(bytes) => (3, bytes),
                ValueRef::Blob(bytes) => (4, bytes),
            };
            hasher.update(&[tag]).update(&(bytes.len() as u64).to_be_bytes()).update(bytes);
        }
    }
    Ok(hasher.finalize().into())
}
