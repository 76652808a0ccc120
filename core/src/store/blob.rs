//! Table `blob` (local): index of the stored files, see [`crate::files`].

use super::Fallible;
use roadworthy_api::{Timestamp, id::VehicleId, system::BlobInfo};
use rusqlite::{Connection, OptionalExtension, params};

/// A stored file and how it lies on disk.
pub(crate) struct Blob {
    pub(crate) info: BlobInfo,
    pub(crate) deflated: bool,
}

/// Notes a stored file. `vehicle`: it shows personal data of that vehicle's owner and goes when they are forgotten.
pub(crate) fn put(tx: &Connection, blob: &Blob, stored: Timestamp, vehicle: Option<VehicleId>) -> Fallible<()> {
    let BlobInfo { hash, name, media, bytes } = &blob.info;
    tx.prepare_cached(
        "insert into blob (hash, name, media, bytes, deflated, stored, vehicle) values (?, ?, ?, ?, ?, ?, ?)
         on conflict do update set name = excluded.name, media = excluded.media, vehicle = coalesce(vehicle, excluded.vehicle),
         deflated = excluded.deflated, doomed = 0",
    )?
    .execute(params![
        hash,
        name,
        media,
        i64::try_from(*bytes).unwrap_or(i64::MAX),
        blob.deflated,
        stored,
        vehicle.map(VehicleId::bytes)
    ])?;
    Ok(())
}

/// A stored file by its hash.
pub(crate) fn get(conn: &Connection, hash: &str) -> Fallible<Option<Blob>> {
    let mut find =
        conn.prepare_cached("select hash, name, media, bytes, deflated from blob where hash = ? and not doomed")?;
    Ok(find
        .query_row([hash], |row| {
            let info = BlobInfo {
                hash: row.get(0)?,
                name: row.get(1)?,
                media: row.get(2)?,
                bytes: super::journal::unsigned(row, 3)?,
            };
            Ok(Blob { info, deflated: row.get(4)? })
        })
        .optional()?)
}

/// Dooms the files that show personal data of these vehicles' owner.
pub(super) fn doom(tx: &Connection, vehicles: &[VehicleId]) -> Fallible<usize> {
    let mut doomed = 0;
    for vehicle in vehicles {
        doomed += tx.prepare_cached("update blob set doomed = 1 where vehicle = ?")?.execute([vehicle.bytes()])?;
    }
    Ok(doomed)
}

/// Hashes of the doomed files.
pub(super) fn doomed(conn: &Connection) -> Fallible<Vec<String>> {
    let mut find = conn.prepare_cached("select hash from blob where doomed")?;
    let rows = find.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Drops the row of a doomed file that is gone.
pub(super) fn drop_doomed(tx: &Connection, hash: &str) -> Fallible<()> {
    tx.prepare_cached("delete from blob where hash = ? and doomed")?.execute([hash])?;
    Ok(())
}
