//! Tables `readiness` and `readiness_test` (said): emission monitors per ECU.

use super::Fallible;
use roadworthy_api::check::{Ignition, Readiness};
use rusqlite::{Connection, params};

/// Writes a visit's readiness.
pub(super) fn put(tx: &Connection, visit: [u8; 16], all: &[Readiness]) -> Fallible<()> {
    for (place, readiness) in all.iter().enumerate() {
        let ignition = match readiness.ignition {
            Ignition::Spark => "spark",
            Ignition::Compression => "compression",
        };
        tx.prepare_cached("insert into readiness values (?, ?, ?, ?, ?, ?)")?.execute(params![
            visit,
            place,
            readiness.ecu,
            readiness.mil,
            readiness.dtc_count,
            ignition
        ])?;
        let mut insert = tx.prepare_cached("insert into readiness_test values (?, ?, ?, ?, ?, ?)")?;
        for (i, test) in readiness.tests.iter().enumerate() {
            insert.execute(params![visit, place, i, test.name, test.available, test.complete])?;
        }
    }
    Ok(())
}
