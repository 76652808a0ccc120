//! Table `vehicle` (said): vehicles as shown, each made of its registrations and visits.

use super::{Fallible, measurement, registration, visit};
use crate::odometer::Point;
use roadworthy_api::{
    Timestamp,
    id::{PersonId, VehicleId},
    vehicle::{Odometer, Page, State, VehicleCounts, VehicleDetail, VehicleOrder, VehicleRow, Verdict},
};
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::collections::BTreeSet;

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

/// Makes anew the vehicle that this registration belongs to. For a change of what makes registrations one vehicle, see
/// [`regroup`].
pub(super) fn settle(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    let group = assign(tx, &group(tx, id)?)?;
    show(tx, &group)
}

/// Makes anew every vehicle that a change of VIN or attachment of these registrations touches: those that they were a part of
/// until now, and those that they are a part of from now on.
pub(super) fn regroup(tx: &Connection, changed: &[[u8; 16]]) -> Fallible<()> {
    let mut open: BTreeSet<[u8; 16]> = changed.iter().copied().collect();
    for id in changed {
        let mut find = tx.prepare_cached(
            "select id from registration where vehicle = (select vehicle from registration where id = ?)",
        )?;
        open.extend(find.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<Vec<[u8; 16]>>>()?);
    }
    // All are assigned before any is shown, or visits of the one would still count for the other.
    let mut groups = Vec::new();
    while let Some(id) = open.pop_first() {
        let ids = group(tx, id)?;
        open.retain(|id| !ids.contains(id));
        groups.push(assign(tx, &ids)?);
    }
    groups.iter().try_for_each(|group| show(tx, group))
}

/// The registrations that are one vehicle with this one: those of its VIN; one without a VIN and the one it is attached to;
/// and so on from each of these.
///
/// What a registration with a VIN is attached to does not count. So from each one at most one way leads on, no way leads past
/// a VIN, and two registrations of differing VINs are never one vehicle, whatever was said of others.
fn group(tx: &Connection, id: [u8; 16]) -> Fallible<BTreeSet<[u8; 16]>> {
    let mut next = tx.prepare_cached(
        "select id from registration where vin = (select vin from registration where id = ?1)
         union all select attached from registration where id = ?1 and vin is null and attached is not null
         union all select id from registration where attached = ?1 and vin is null",
    )?;
    let (mut found, mut open) = (BTreeSet::from([id]), vec![id]);
    while let Some(id) = open.pop() {
        for other in next.query_map([id], |row| row.get(0))?.collect::<rusqlite::Result<Vec<[u8; 16]>>>()? {
            if found.insert(other) {
                open.push(other);
            }
        }
    }
    Ok(found)
}

/// What registrations that are one vehicle say, each now assigned to the least of them.
fn assign(tx: &Connection, ids: &BTreeSet<[u8; 16]>) -> Fallible<Vec<Said>> {
    let mut all = Vec::new();
    for id in ids {
        let mut find = tx.prepare_cached(
            "select id, vin, plate_at, plate, name_at, name, owner_at, owner from registration where id = ?",
        )?;
        let said = find.query_row([id], |row| {
            Ok(Said {
                id: row.get(0)?,
                vin: row.get(1)?,
                plate: (row.get(2)?, row.get(3)?),
                name: (row.get(4)?, row.get(5)?),
                owner: (row.get(6)?, row.get(7)?),
            })
        })?;
        tx.prepare_cached("update registration set vehicle = ?2 where id = ?1 and vehicle <> ?2")?
            .execute(params![id, ids.first()])?;
        tx.prepare_cached("delete from vehicle where id = ?")?.execute([id])?;
        all.push(said);
    }
    Ok(all)
}

/// Writes the vehicle that these registrations are.
fn show(tx: &Connection, said: &[Said]) -> Fallible<()> {
    let Some(Said { id: main, .. }) = said.first() else { return Ok(()) };
    let vin = said.iter().find_map(|s| s.vin.as_ref());
    let (plate, name) = (last(said, |s| &s.plate), last(said, |s| &s.name));
    let lower = |text: Option<&String>| text.map(|t| t.to_lowercase()).unwrap_or_default();
    let shown = name.as_ref().or(plate.as_ref()).or(vin);
    let squashed = squash(plate.as_deref().unwrap_or_default());
    let (plates, names) = (lower(plate.as_ref()), lower(name.as_ref()));
    let search = [&lower(vin), &plates, &squashed, &names].map(String::as_str).join("\n");
    tx.prepare_cached(
        "insert into vehicle (id, vin, plate, name, owner, state, reason, visits, sort, search, sort_plate, sort_name)
         values (?, ?, ?, ?, ?, ?, ?, 0, ?, ?, ?, ?)",
    )?
    .execute(params![
        main,
        vin,
        plate,
        name,
        last(said, |s| &s.owner),
        rank(State::CannotTell),
        NOT_CHECKED,
        lower(shown),
        search,
        squashed,
        names
    ])?;
    show_visits(tx, *main)
}

/// What its visits say of a vehicle: the newest gives the verdict. The odometer is the newest reading, of a visit or typed in.
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
    if let Some(Point { at, km, source }) =
        measurement::odometer_until(tx, VehicleId::from_bytes(main), Timestamp::MAX)?
    {
        tx.prepare_cached("update vehicle set odometer_km = ?2, odometer_source = ?3, odometer_at = ?4 where id = ?1")?
            .execute(params![main, km, source, at])?;
    }
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

/// Which vehicles a list shows, and in which order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) search: String,
    pub(crate) order: VehicleOrder,
    /// The order turned round. What has no value in the column stays last.
    pub(crate) back: bool,
    pub(crate) state: Option<State>,
}

/// An order's columns, and the same turned round; each ends with the id, so that pages hold together.
fn columns(order: VehicleOrder, back: bool) -> &'static str {
    match (order, back) {
        (VehicleOrder::State, false) => "state desc, sort, id",
        (VehicleOrder::State, true) => "state, sort desc, id desc",
        (VehicleOrder::Plate, false) => "sort_plate = '', sort_plate, id",
        (VehicleOrder::Plate, true) => "sort_plate = '', sort_plate desc, id desc",
        (VehicleOrder::Name, false) => "sort_name = '', sort_name, id",
        (VehicleOrder::Name, true) => "sort_name = '', sort_name desc, id desc",
        (VehicleOrder::Vin, false) => "vin is null, vin, id",
        (VehicleOrder::Vin, true) => "vin is null, vin desc, id desc",
        (VehicleOrder::LastSeen, false) => "last_seen is null, last_seen desc, id desc",
        (VehicleOrder::LastSeen, true) => "last_seen is null, last_seen, id",
    }
}

/// Vehicles as wanted.
pub(crate) fn list(conn: &Connection, wanted: &Wanted, offset: u32, limit: u32) -> Fallible<Page<VehicleRow>> {
    let search = wanted.search.trim();
    let (text, squashed, state) = (search.to_lowercase(), squash(search), wanted.state.map(rank));
    // Only what is asked for stands in the statement, so that each order walks its index.
    let mut found = String::from("?1 is ?1 and ?2 is ?2 and ?3 is ?3");
    if !text.is_empty() {
        found.push_str(" and (instr(search, ?1) > 0 or (?2 <> '' and instr(search, ?2) > 0))");
    }
    if state.is_some() {
        found.push_str(" and state = ?3");
    }
    let total = conn
        .prepare_cached(&format!("select count(*) from vehicle where {found}"))?
        .query_row(params![text, squashed, state], |row| row.get(0))?;
    let order = columns(wanted.order, wanted.back);
    let sql = format!("select {ROW} from vehicle where {found} order by {order} limit ?4 offset ?5");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![text, squashed, state, limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// Vehicles by state.
pub(crate) fn counts(conn: &Connection) -> Fallible<VehicleCounts> {
    let mut find = conn.prepare_cached("select state, count(*) from vehicle group by state")?;
    let mut rows = find.query([])?;
    let mut counts = VehicleCounts::default();
    while let Some(row) = rows.next()? {
        let n = row.get(1)?;
        match row.get(0)? {
            0 => counts.good = n,
            1 => counts.cannot_tell = n,
            2 => counts.watch = n,
            3 => counts.act_soon = n,
            _ => counts.act_now = n,
        }
    }
    Ok(counts)
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
            provisional: r.get::<_, Option<String>>(1)?.is_none(),
            registrations: Vec::new(),
            row: row(r)?,
            owner: r.get::<_, Option<[u8; 16]>>(7)?.map(PersonId::from_bytes),
            odometer: match odometer {
                (Some(km), Some(source), Some(at)) => Some(Odometer { km, source, at, remark: None }),
                _ => None,
            },
            visits: r.get(11)?,
            owner_name: r.get(12)?,
            last_visit: None,
        })
    });
    let Some(mut detail) = found.optional()? else { return Ok(None) };
    detail.last_visit = visit::list(conn, detail.row.id, 0, 1)?.rows.pop();
    detail.registrations = registration::others(conn, detail.row.id)?;
    Ok(Some(detail))
}

/// What people call the vehicle `v`: its plate, else its name, else its VIN, else the beginning of its id.
pub(super) const CALLED: &str = "coalesce(v.plate, v.name, v.vin, lower(substr(hex(v.id), 1, 8)))";

/// What people call a vehicle, by any id that means it. Personal where it is the plate or the name.
pub(crate) fn vehicle_name(conn: &Connection, id: VehicleId) -> Fallible<Option<String>> {
    let sql = format!("select {CALLED} from vehicle v where v.id = (select vehicle from registration where id = ?)");
    Ok(conn.prepare_cached(&sql)?.query_row([id.bytes()], |row| row.get(0)).optional()?)
}

/// The vehicle with this VIN.
pub(crate) fn by_vin(conn: &Connection, vin: &str) -> Fallible<Option<VehicleId>> {
    let mut find = conn.prepare_cached("select vehicle from registration where vin = ? limit 1")?;
    Ok(find.query_row([vin], |row| row.get(0)).optional()?.map(VehicleId::from_bytes))
}
