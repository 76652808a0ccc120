//! Tables `capture` and `capture_signal` (local): what is being recorded, until all of it is sealed.

use super::Fallible;
use crate::journal::kind::RecordedSignal;
use roadworthy_api::{
    Timestamp,
    id::{EventId, RecordingId, VehicleId},
    live::Mark,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// A capture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Capture {
    pub(crate) recording: RecordingId,
    /// The event that began it.
    pub(crate) story: EventId,
    /// Registration whose it is, if known.
    pub(crate) registration: Option<VehicleId>,
    pub(crate) vin: Option<String>,
    pub(crate) started: Timestamp,
    /// Set once the recording is over and said to be.
    pub(crate) ended: Option<Timestamp>,
    pub(crate) port: String,
    /// Who records.
    pub(crate) actor: String,
    /// Values of it that are in blocks.
    pub(crate) sealed: u64,
    pub(crate) marks: Vec<Mark>,
}

const COLUMNS: &str = "recording, story, registration, vin, started, ended, port, actor, sealed, marks";

fn row(row: &Row<'_>) -> rusqlite::Result<Capture> {
    let marks: String = row.get(9)?;
    Ok(Capture {
        recording: RecordingId::from_bytes(row.get(0)?),
        story: EventId::from_bytes(row.get(1)?),
        registration: row.get::<_, Option<[u8; 16]>>(2)?.map(VehicleId::from_bytes),
        vin: row.get(3)?,
        started: row.get(4)?,
        ended: row.get(5)?,
        port: row.get(6)?,
        actor: row.get(7)?,
        sealed: super::journal::unsigned(row, 8)?,
        // A mark that cannot be read must not keep the samples from being taken up.
        marks: serde_json::from_str(&marks).unwrap_or_default(),
    })
}

/// Notes that a recording begins.
pub(crate) fn begin(tx: &Connection, capture: &Capture) -> Fallible<()> {
    tx.prepare_cached(
        "insert into capture (recording, story, registration, vin, started, port, actor) values (?, ?, ?, ?, ?, ?, ?)",
    )?
    .execute(params![
        capture.recording.bytes(),
        capture.story.bytes(),
        capture.registration.map(VehicleId::bytes),
        capture.vin,
        capture.started,
        capture.port,
        capture.actor,
    ])?;
    Ok(())
}

/// All of them, oldest first.
pub(crate) fn all(conn: &Connection) -> Fallible<Vec<Capture>> {
    let mut find = conn.prepare_cached(&format!("select {COLUMNS} from capture order by started, recording"))?;
    let rows = find.query_map([], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Those of a vehicle.
pub(crate) fn of_vehicle(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<RecordingId>> {
    let mut find = conn.prepare_cached(
        "select recording from capture where registration in (select id from registration where vehicle = ?1)
         or (registration is null and vin in (select vin from registration where vehicle = ?1)) order by started, recording",
    )?;
    let rows = find.query_map([vehicle.bytes()], |row| Ok(RecordingId::from_bytes(row.get(0)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One of them.
pub(crate) fn get(conn: &Connection, recording: RecordingId) -> Fallible<Option<Capture>> {
    let mut find = conn.prepare_cached(&format!("select {COLUMNS} from capture where recording = ?"))?;
    Ok(find.query_row([recording.bytes()], row).optional()?)
}

/// Notes a signal.
pub(crate) fn signal(tx: &Connection, recording: RecordingId, number: u32, signal: &RecordedSignal) -> Fallible<()> {
    let RecordedSignal { id, label, unit } = signal;
    tx.prepare_cached(
        "insert or replace into capture_signal (recording, number, signal, label, unit) values (?, ?, ?, ?, ?)",
    )?
    .execute(params![recording.bytes(), number, id, label, unit])?;
    Ok(())
}

/// Its signals by number, in the order in which they first came.
pub(crate) fn signals(conn: &Connection, recording: RecordingId) -> Fallible<Vec<(u32, RecordedSignal)>> {
    let mut find = conn
        .prepare_cached("select number, signal, label, unit from capture_signal where recording = ? order by number")?;
    let rows = find.query_map([recording.bytes()], |row| {
        Ok((row.get(0)?, RecordedSignal { id: row.get(1)?, label: row.get(2)?, unit: row.get(3)? }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Notes its marks.
pub(crate) fn marks(tx: &Connection, recording: RecordingId, marks: &[Mark]) -> Fallible<()> {
    let marks = serde_json::to_string(marks).unwrap_or_else(|_| "[]".into());
    tx.prepare_cached("update capture set marks = ? where recording = ?")?
        .execute(params![marks, recording.bytes()])?;
    Ok(())
}

/// Notes that it is over, and whose it is.
pub(crate) fn end(
    tx: &Connection,
    recording: RecordingId,
    ended: Timestamp,
    registration: Option<VehicleId>,
) -> Fallible<()> {
    tx.prepare_cached("update capture set ended = ?, registration = coalesce(?, registration) where recording = ?")?
        .execute(params![ended, registration.map(VehicleId::bytes), recording.bytes()])?;
    Ok(())
}

/// Adds to the values that are in blocks.
pub(crate) fn sealed(tx: &Connection, recording: RecordingId, values: u64) -> Fallible<()> {
    tx.prepare_cached("update capture set sealed = sealed + ? where recording = ?")?
        .execute(params![i64::try_from(values).unwrap_or(i64::MAX), recording.bytes()])?;
    Ok(())
}

/// Forgets it.
pub(crate) fn remove(tx: &Connection, recording: RecordingId) -> Fallible<()> {
    tx.prepare_cached("delete from capture where recording = ?")?.execute([recording.bytes()])?;
    Ok(())
}
