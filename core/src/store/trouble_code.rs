//! Table `trouble_code` (said): codes per visit, and what they say over a vehicle's visits.

use super::{Fallible, freeze_frame};
use roadworthy_api::{
    Timestamp,
    check::{CodeClass, TroubleCode},
    fault::{FaultRow, Sighting},
    id::{VehicleId, VisitId},
};
use roadworthy_obd::dtc;
use rusqlite::{Connection, Row, params, types::FromSqlError};
use std::{
    cmp::Reverse,
    collections::{BTreeMap, btree_map::Entry},
};

fn class(class: CodeClass) -> &'static str {
    match class {
        CodeClass::Stored => "stored",
        CodeClass::Pending => "pending",
        CodeClass::Permanent => "permanent",
    }
}

fn class_at(row: &Row<'_>, column: usize) -> rusqlite::Result<CodeClass> {
    match row.get_ref(column)?.as_str()? {
        "stored" => Ok(CodeClass::Stored),
        "pending" => Ok(CodeClass::Pending),
        "permanent" => Ok(CodeClass::Permanent),
        _ => Err(FromSqlError::InvalidType.into()),
    }
}

/// Writes a visit's codes.
pub(super) fn put(tx: &Connection, visit: [u8; 16], codes: &[TroubleCode]) -> Fallible<()> {
    let mut insert = tx.prepare_cached("insert into trouble_code values (?, ?, ?, ?, ?)")?;
    for (place, code) in codes.iter().enumerate() {
        insert.execute(params![visit, place, code.code, class(code.class), code.ecu])?;
    }
    Ok(())
}

/// A visit's end and id: visits in the order of time.
type Visit = (Timestamp, [u8; 16]);

/// A vehicle's visits, newest first.
fn visits(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<Visit>> {
    let mut find = conn.prepare_cached(
        "select n.ended, n.id from visit n join registration r on r.id = n.registration where r.vehicle = ?
         order by n.ended desc, n.id desc",
    )?;
    let rows = find.query_map([vehicle.bytes()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// Whether an ECU answered for a list of codes in a visit.
fn answered(conn: &Connection, visit: Visit, ecu: &str, class: CodeClass) -> Fallible<bool> {
    let mut find = conn.prepare_cached(
        "select 1 from coverage where visit = ? and ecu = ? and request in (?, ?) and outcome = 'answered'",
    )?;
    let [old, new] = class.requests();
    Ok(find.exists(params![visit.1, ecu, old, new])?)
}

/// The newest of these visits in which an ECU answered for a list; a visit in which it stayed silent or refused says nothing.
fn last_answer(conn: &Connection, visits: &[Visit], ecu: &str, class: CodeClass) -> Fallible<Option<Visit>> {
    for visit in visits {
        if answered(conn, *visit, ecu, class)? {
            return Ok(Some(*visit));
        }
    }
    Ok(None)
}

/// What the visits say of one code of one ECU in one list.
struct Seen {
    first: Timestamp,
    last: Visit,
    visits: u32,
    /// The visit counted last: a code may stand in a list twice.
    counted: [u8; 16],
}

/// Codes of one vehicle, each ECU's and list's for itself: those present first, then the ones last seen most recently.
///
/// `present`: no visit since it was last seen has read this ECU's list without it. A list of which a part could not be read
/// shows what it holds, and says nothing of what it does not.
pub(crate) fn faults(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<FaultRow>> {
    let mut seen: BTreeMap<(CodeClass, String, String), Seen> = BTreeMap::new();
    // Put together here: grouping in SQL would look for each code's newest visit among all of them.
    let mut find = conn.prepare_cached(
        "select c.class, c.code, c.ecu, n.ended, n.id from registration r
         join visit n on n.registration = r.id join trouble_code c on c.visit = n.id where r.vehicle = ?",
    )?;
    let mut rows = find.query([vehicle.bytes()])?;
    while let Some(row) = rows.next()? {
        let key = (class_at(row, 0)?, row.get(1)?, row.get(2)?);
        let visit: Visit = (row.get(3)?, row.get(4)?);
        let code = seen.entry(key).or_insert(Seen { first: visit.0, last: visit, visits: 0, counted: [0; 16] });
        code.first = code.first.min(visit.0);
        code.last = code.last.max(visit);
        code.visits += u32::from(code.counted != visit.1);
        code.counted = visit.1;
    }
    let visits = visits(conn, vehicle)?;
    let mut answers: BTreeMap<(CodeClass, String), Option<Visit>> = BTreeMap::new();
    let mut faults = Vec::new();
    for ((class, code, ecu), seen) in seen {
        let answer = match answers.entry((class, ecu.clone())) {
            Entry::Occupied(known) => *known.get(),
            Entry::Vacant(new) => *new.insert(last_answer(conn, &visits, &ecu, class)?),
        };
        let mut find = conn.prepare_cached(
            "select coalesce((select e.name from ecu e where e.visit = ?1 and e.id = ?2), ?2),
                exists (select 1 from freeze_frame f where f.visit = ?1 and f.ecu = ?2 and f.cause = ?3)",
        )?;
        let (ecu_name, freeze_frame) =
            find.query_row(params![seen.last.1, ecu, code], |row| Ok((row.get(0)?, row.get(1)?)))?;
        let meaning = dtc::explain(&code);
        faults.push(FaultRow {
            title: meaning.as_ref().and_then(|m| m.title.clone()),
            system: dtc::system(&code).to_owned(),
            code,
            class,
            ecu,
            ecu_name,
            first_seen: seen.first,
            last_seen: seen.last.0,
            visits: seen.visits,
            last_visit: VisitId::from_bytes(seen.last.1),
            present: answer.is_none_or(|answer| answer <= seen.last),
            freeze_frame,
        });
    }
    faults.sort_by(|a, b| {
        let order = |f: &FaultRow| (!f.present, Reverse(f.last_seen), f.class);
        order(a).cmp(&order(b)).then_with(|| (&a.code, &a.ecu).cmp(&(&b.code, &b.ecu)))
    });
    Ok(faults)
}

/// Where a code was seen over all visits of a vehicle, newest first, each ECU of a visit for itself.
pub(crate) fn sightings(conn: &Connection, vehicle: VehicleId, code: &str) -> Fallible<Vec<Sighting>> {
    // `cross join` keeps this order: SQLite would begin with every visit of the fleet that saw the code.
    let mut find = conn.prepare_cached(
        "select n.id, n.ended, n.odometer_km, c.ecu, c.class from registration r
         cross join visit n on n.registration = r.id cross join trouble_code c on c.visit = n.id
         where r.vehicle = ? and c.code = ? order by n.ended desc, n.id desc, c.ecu, c.place",
    )?;
    let mut all: Vec<Sighting> = Vec::new();
    let mut rows = find.query(params![vehicle.bytes(), code])?;
    while let Some(row) = rows.next()? {
        let (visit, ecu, class) = (VisitId::from_bytes(row.get(0)?), row.get::<_, String>(3)?, class_at(row, 4)?);
        match all.last_mut() {
            Some(last) if last.visit == visit && last.ecu == ecu => {
                if !last.classes.contains(&class) {
                    last.classes.push(class);
                }
            }
            _ => all.push(Sighting {
                visit,
                at: row.get(1)?,
                freeze_frame: freeze_frame::caused(conn, visit, &ecu, code)?,
                ecu,
                classes: vec![class],
                odometer_km: row.get(2)?,
            }),
        }
    }
    Ok(all)
}

/// Visits after the newest sighting in which an ECU that held the code then answered for one of the lists it stood in.
/// Another sighting would be newer, so none of them found it.
pub(crate) fn absent_since(conn: &Connection, vehicle: VehicleId, sightings: &[Sighting]) -> Fallible<u32> {
    let Some(newest) = sightings.first() else { return Ok(0) };
    let last: Visit = (newest.at, newest.visit.bytes());
    let lists: Vec<(&str, CodeClass)> = sightings
        .iter()
        .take_while(|s| s.visit == newest.visit)
        .flat_map(|s| s.classes.iter().map(|class| (s.ecu.as_str(), *class)))
        .collect();
    let mut absent = 0;
    for visit in visits(conn, vehicle)?.into_iter().take_while(|visit| *visit > last) {
        for (ecu, class) in &lists {
            if answered(conn, visit, ecu, *class)? {
                absent += 1;
                break;
            }
        }
    }
    Ok(absent)
}
