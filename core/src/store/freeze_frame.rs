//! Tables `freeze_frame` and `freeze_item` (said): values stored when a code was set.

use super::{Fallible, reading::columns};
use roadworthy_api::check::FreezeFrame;
use rusqlite::{Connection, params};

/// Writes a visit's freeze frames.
pub(super) fn put(tx: &Connection, visit: [u8; 16], frames: &[FreezeFrame]) -> Fallible<()> {
    for (place, frame) in frames.iter().enumerate() {
        tx.prepare_cached("insert into freeze_frame values (?, ?, ?, ?, ?)")?.execute(params![
            visit,
            place,
            frame.ecu,
            frame.frame,
            frame.cause
        ])?;
        let mut insert = tx.prepare_cached("insert into freeze_item values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        for (i, item) in frame.items.iter().enumerate() {
            let (form, number, unit, text) = columns(&item.value);
            insert.execute(params![visit, place, i, item.pid, item.name, item.label, form, number, unit, text])?;
        }
    }
    Ok(())
}
