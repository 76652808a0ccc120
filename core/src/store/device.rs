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

/// In SQL, of a row of `journal`: written by this database, under whichever id. What a former self said and a restore lost is
/// none of it when others bring it back: its workers have acted upon it already, and its blocks are gone. The id of this
/// device is the first parameter.
pub(crate) const WRITTEN_HERE: &str =
    "(device = ?1 or arrival <= (select o.until from own_device o where o.device = journal.device))";

/// Notes that this database writes under an id.
pub(super) fn own(tx: &Connection, device: DeviceId) -> Fallible<()> {
    tx.prepare_cached("insert or ignore into own_device values (?, ?)")?.execute(params![device.bytes(), i64::MAX])?;
    Ok(())
}

/// Notes that it wrote under an id, all of which is there by now.
pub(super) fn was(tx: &Connection, device: DeviceId) -> Fallible<()> {
    tx.prepare_cached(
        "insert into own_device select ?, coalesce(max(arrival), 0) from journal where true
         on conflict do update set until = min(until, excluded.until)",
    )?
    .execute([device.bytes()])?;
    Ok(())
}

/// Notes what another database wrote under, none of which needs to be here.
pub(super) fn carry(tx: &Connection) -> Fallible<()> {
    tx.execute("insert or ignore into main.own_device select device, 0 from live.own_device", [])?;
    Ok(())
}
