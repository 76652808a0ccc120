//! Table `device` (said): devices by name; and `own_device` (local): which of them this database was and is, since a restore
//! makes it another.

use super::Fallible;
use crate::journal::{Event, kind::Named};
use roadworthy_api::id::DeviceId;
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

/// In SQL: of this device, now or before a restore; its id is the first parameter.
pub(crate) const OURS: &str = "in (select device from own_device union select ?1)";

/// Notes that this database writes, or wrote, under an id.
pub(super) fn own(tx: &Connection, device: DeviceId) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into own_device values (?)")?.execute([device.bytes()])?;
    Ok(())
}
