//! Table `device` (said): devices by name.

use super::Fallible;
use crate::journal::{Event, kind::Named};
use rusqlite::{Connection, params};

/// `device.named`: last writer.
pub(super) fn named(tx: &Connection, event: &Event, device: [u8; 16], named: &Named) -> Fallible<()> {
    tx.prepare_cached(
        "insert into device values (?, ?, ?) on conflict do update set name = excluded.name, name_at = excluded.name_at
         where name_at is null or name_at < excluded.name_at",
    )?
    .execute(params![device, named.name, event.stamp()])?;
    Ok(())
}
