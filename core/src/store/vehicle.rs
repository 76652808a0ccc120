//! Table `vehicle` (said): vehicles as shown, each made of its registrations and visits.

use super::{Fallible, visit};
use roadworthy_api::{
    Timestamp,
    id::{PersonId, VehicleId},
    vehicle::{Odometer, Page, State, VehicleCounts, VehicleDetail, VehicleRow, Verdict},
};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What is said of a vehicle that was never checked.
const NOT_CHECKED: &str = "Not checked yet.";

/// A state as a number: the worse, the greater.
pub(super) fn rank(state: State) -> i64 {
    match state {
        State::Good => 0,
        State::CannotTell => 1,
        State::Watch => 2,
        State::ActSoon => 3,
        State::ActNow => 4,
    }
}

/// A verdict from two columns.
pub(super) fn verdict(row: &Row<'_>, state: usize, reason: usize) -> rusqlite::Result<Verdict> {
    let rank: i64 = row.get(state)?;
    let state = match rank {
        0 => State::Good,
        1 => State::CannotTell,
        2 => State::Watch,
        3 => State::ActSoon,
        4 => State::ActNow,
        other => return Err(rusqlite::Error::IntegralValueOutOfRange(state, other)),
    };
    Ok(Verdict { state, reason: row.get(reason)? })
}

/// What a registration says, with who wrote it last.
struct Said {
    id: [u8; 16],
    vin: Option<String>,
    plate: (Option<[u8; 24]>, Option<String>),
    name: (Option<[u8; 24]>, Option<String>),
    owner: (Option<[u8; 24]>, Option<[u8; 16]>),
}

/// The value written last; `None` was never written.
fn last<T: Clone>(said: &[Said], field: impl Fn(&Said) -> &(Option<[u8; 24]>, Option<T>)) -> Option<T> {
    said.iter().map(field).max_by_key(|f| f.0).and_then(|f| f.1.clone())
}

/// Letters and digits in lower case: how plates are compared.
fn squash(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Makes anew the vehicle that this registration belongs to.
pub(super) fn settle(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    let group = assign(tx, id)?;
    show(tx, &group)
}

/// Makes anew the vehicle that this registration belongs to now, and the one that `vin`, which it had before, stands for.
pub(super) fn settle_moved(tx: &Connection, id: [u8; 16], vin: &str) -> Fallible<()> {
    let left: Option<[u8; 16]> =
        tx.prepare_cached("select min(id) from registration where vin = ?")?.query_row([vin], |row| row.get(0))?;
    // Both are assigned before either is shown, or visits of the one would still count for the other.
    let group = assign(tx, id)?;
    let left = left.map(|left| assign(tx, left)).transpose()?;
    show(tx, &group)?;
    left.map_or(Ok(()), |left| show(tx, &left))
}

/// The registrations that are one vehicle with this one, each now assigned to the least of them.
fn assign(tx: &Connection, id: [u8; 16]) -> Fallible<Vec<Said>> {
    let said: Vec<Said> = tx
        .prepare_cached(
            "select id, vin, plate_at, plate, name_at, name, owner_at, owner from registration
             where id = ?1 or vin = (select vin from registration where id = ?1) order by id",
        )?
        .query_map([id], |row| {
            Ok(Said {
                id: row.get(0)?,
                vin: row.get(1)?,
                plate: (row.get(2)?, row.get(3)?),
                name: (row.get(4)?, row.get(5)?),
                owner: (row.get(6)?, row.get(7)?),
            })
        })?
        .collect::<rusqlite::Result<_>>()?;
    for s in &said {
        tx.prepare_cached("update registration set vehicle = ?2 where id = ?1")?.execute([s.id, said[0].id])?;
        tx.prepare_cached("delete from vehicle where id = ?")?.execute([s.id])?;
    }
    Ok(said)
}

/// Writes the vehicle that these registrations are.
fn show(tx: &Connection, said: &[Said]) -> Fallible<()> {
    let Some(Said { id: main, vin, .. }) = said.first() else { return Ok(()) };
    let (plate, name) = (last(said, |s| &s.plate), last(said, |s| &s.name));
    let shown = name.as_ref().or(plate.as_ref()).or(vin.as_ref());
    let sort = shown.map(|s| s.to_lowercase()).unwrap_or_default();
    let search = [
        vin.as_deref().unwrap_or_default().to_lowercase(),
        plate.as_deref().unwrap_or_default().to_lowercase(),
        squash(plate.as_deref().unwrap_or_default()),
        name.as_deref().unwrap_or_default().to_lowercase(),
    ]
    .join("\n");
    tx.prepare_cached(
        "insert into vehicle (id, vin, plate, name, owner, state, reason, visits, sort, search)
         values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
    )?
    .execute(params![
        main,
        vin,
        plate,
        name,
        last(said, |s| &s.owner),
        rank(State::CannotTell),
        NOT_CHECKED,
        sort,
        search
    ])?;
    show_visits(tx, *main)
}

/// What its visits say of a vehicle: the newest gives the verdict, the newest that read one the odometer.
fn show_visits(tx: &Connection, main: [u8; 16]) -> Fallible<()> {
    tx.prepare_cached(
        "update vehicle set visits = (select count(*) from visit n join registration r on r.id = n.registration
                                      where r.vehicle = ?1) where id = ?1",
    )?
    .execute([main])?;
    tx.prepare_cached(
        "update vehicle set (last_visit, last_seen, state, reason) = (n.id, n.ended, n.state, n.reason)
         from (select n.* from visit n join registration r on r.id = n.registration where r.vehicle = ?1
               order by n.ended desc, n.id desc limit 1) n
         where vehicle.id = ?1",
    )?
    .execute([main])?;
    tx.prepare_cached(
        "update vehicle set (odometer_km, odometer_source, odometer_at) = (n.odometer_km, n.odometer_source, n.odometer_at)
         from (select n.* from visit n join registration r on r.id = n.registration
               where r.vehicle = ?1 and n.odometer_km is not null order by n.odometer_at desc, n.id desc limit 1) n
         where vehicle.id = ?1",
    )?
    .execute([main])?;
    Ok(())
}

const ROW: &str = "id, vin, plate, name, state, reason, last_seen";

fn row(row: &Row<'_>) -> rusqlite::Result<VehicleRow> {
    Ok(VehicleRow {
        id: VehicleId::from_bytes(row.get(0)?),
        vin: row.get(1)?,
        plate: row.get(2)?,
        name: row.get(3)?,
        verdict: verdict(row, 4, 5)?,
        last_seen: row.get(6)?,
    })
}

/// Vehicles, worst state first, then by name.
pub(crate) fn list(conn: &Connection, search: Option<&str>, offset: u32, limit: u32) -> Fallible<Page<VehicleRow>> {
    let search = search.map(str::trim).unwrap_or_default();
    let (text, squashed) = (search.to_lowercase(), squash(search));
    const FOUND: &str = "(?1 = '' or instr(search, ?1) > 0 or (?2 <> '' and instr(search, ?2) > 0))";
    let total = conn
        .prepare_cached(&format!("select count(*) from vehicle where {FOUND}"))?
        .query_row([&text, &squashed], |row| row.get(0))?;
    let sql = format!("select {ROW} from vehicle where {FOUND} order by state desc, sort, id limit ?3 offset ?4");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![text, squashed, limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// Vehicles by state.
pub(crate) fn counts(conn: &Connection) -> Fallible<VehicleCounts> {
    let mut find = conn.prepare_cached(
        "select count(*) filter (where state = 0), count(*) filter (where state = 1), count(*) filter (where state = 2),
                count(*) filter (where state = 3), count(*) filter (where state = 4) from vehicle",
    )?;
    Ok(find.query_row([], |row| {
        Ok(VehicleCounts {
            good: row.get(0)?,
            cannot_tell: row.get(1)?,
            watch: row.get(2)?,
            act_soon: row.get(3)?,
            act_now: row.get(4)?,
        })
    })?)
}

/// One vehicle, by any id that means it.
pub(crate) fn get(conn: &Connection, id: VehicleId) -> Fallible<Option<VehicleDetail>> {
    let sql = format!(
        "select {ROW}, owner, odometer_km, odometer_source, odometer_at, visits,
                (select name from person p where p.id = vehicle.owner)
         from vehicle where id = (select vehicle from registration where id = ?)"
    );
    let found = conn.prepare_cached(&sql)?.query_row([id.bytes()], |r| {
        let odometer: (Option<f64>, Option<String>, Option<Timestamp>) = (r.get(8)?, r.get(9)?, r.get(10)?);
        Ok(VehicleDetail {
            vin_facts: None,
            provisional: false,
            registrations: Vec::new(),
            row: row(r)?,
            owner: r.get::<_, Option<[u8; 16]>>(7)?.map(PersonId::from_bytes),
            odometer: match odometer {
                (Some(km), Some(source), Some(at)) => Some(Odometer { km, source, at }),
                _ => None,
            },
            visits: r.get(11)?,
            owner_name: r.get(12)?,
            last_visit: None,
        })
    });
    let Some(mut detail) = found.optional()? else { return Ok(None) };
    detail.last_visit = visit::list(conn, detail.row.id, 0, 1)?.rows.pop();
    Ok(Some(detail))
}

/// The vehicle with this VIN.
pub(crate) fn by_vin(conn: &Connection, vin: &str) -> Fallible<Option<VehicleId>> {
    let mut find = conn.prepare_cached("select vehicle from registration where vin = ? limit 1")?;
    Ok(find.query_row([vin], |row| row.get(0)).optional()?.map(VehicleId::from_bytes))
}
