//! Table `tail` (local): samples as they came, a batch a second or so, until they are sealed.

use super::{Fallible, journal::unsigned};
use crate::telemetry::Batch;
use roadworthy_api::{
    id::{EventId, RecordingId, VehicleId},
    live::Sample,
};
use rusqlite::{Connection, params};

/// Batches after a place, oldest first.
pub(crate) fn after(conn: &Connection, place: u64, limit: u32) -> Fallible<Vec<Batch>> {
    let mut find = conn.prepare_cached(
        "select t.id, t.recording, c.registration, c.story, t.samples from tail t join capture c on c.recording = t.recording
         where t.id > ? order by t.id limit ?",
    )?;
    let rows = find.query_map(params![i64::try_from(place).unwrap_or(i64::MAX), limit], |row| {
        let samples: Vec<u8> = row.get(4)?;
        Ok(Batch {
            place: unsigned(row, 0)?,
            recording: RecordingId::from_bytes(row.get(1)?),
            vehicle: row.get::<_, Option<[u8; 16]>>(2)?.map(VehicleId::from_bytes),
            story: EventId::from_bytes(row.get(3)?),
            samples: serde_json::from_slice::<Vec<Sample>>(&samples)
                .map_err(|e| rusqlite::Error::FromSqlConversionFailure(4, rusqlite::types::Type::Blob, Box::new(e)))?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Place of the newest batch, 0 if there is none.
pub(crate) fn newest(conn: &Connection) -> Fallible<u64> {
    Ok(conn.prepare_cached("select coalesce(max(id), 0) from tail")?.query_row([], |row| unsigned(row, 0))?)
}
