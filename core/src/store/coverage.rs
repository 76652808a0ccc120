//! Table `coverage` (said): what became of each question of a check.

use super::Fallible;
use roadworthy_api::check::{Coverage, Outcome};
use rusqlite::{Connection, params};

/// Writes a visit's coverage.
pub(super) fn put(tx: &Connection, visit: [u8; 16], all: &[Coverage]) -> Fallible<()> {
    let mut insert = tx.prepare_cached("insert into coverage values (?, ?, ?, ?, ?, ?, ?)")?;
    for (place, Coverage { ecu, request, question, outcome }) in all.iter().enumerate() {
        let (outcome, detail) = match outcome {
            Outcome::Answered => ("answered", None),
            Outcome::Refused { nrc, .. } => ("refused", Some(nrc)),
            Outcome::Silent => ("silent", None),
            Outcome::NotAsked { reason } => ("not-asked", Some(reason)),
            Outcome::Unreadable { reason } => ("unreadable", Some(reason)),
        };
        insert.execute(params![visit, place, ecu, request, question, outcome, detail])?;
    }
    Ok(())
}
