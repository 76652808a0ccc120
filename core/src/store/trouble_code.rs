//! Table `trouble_code` (said): codes per visit, and what they say over a vehicle's visits.

use super::Fallible;
use roadworthy_api::{
    check::{CodeClass, TroubleCode},
    fault::FaultRow,
    id::{VehicleId, VisitId},
};
use rusqlite::{Connection, types::FromSqlError};

fn class(class: CodeClass) -> &'static str {
    match class {
        CodeClass::Stored => "stored",
        CodeClass::Pending => "pending",
        CodeClass::Permanent => "permanent",
    }
}

fn read_class(text: &str) -> Result<CodeClass, FromSqlError> {
    match text {
        "stored" => Ok(CodeClass::Stored),
        "pending" => Ok(CodeClass::Pending),
        "permanent" => Ok(CodeClass::Permanent),
        _ => Err(FromSqlError::InvalidType),
    }
}

/// Writes a visit's codes.
pub(super) fn put(tx: &Connection, visit: [u8; 16], codes: &[TroubleCode]) -> Fallible<()> {
    let mut insert = tx.prepare_cached("insert into trouble_code values (?, ?, ?, ?, ?)")?;
    for (place, code) in codes.iter().enumerate() {
        insert.execute(rusqlite::params![visit, place, code.code, class(code.class), code.ecu])?;
    }
    Ok(())
}

/// Codes of one vehicle, each ECU's and list's for itself: those present first, then the ones last seen most recently.
///
/// `present`: the newest visit in which this ECU answered the service of this list still held it. A visit in which the ECU
/// stayed silent or refused says nothing.
pub(crate) fn faults(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<FaultRow>> {
    let mut find = conn.prepare_cached(
        "with v as (select n.id, n.ended from visit n join registration r on r.id = n.registration where r.vehicle = ?1),
         seen as (
            select c.code, c.class, c.ecu, min(v.ended) as first, max(v.ended) as last, count(distinct v.id) as visits
            from trouble_code c join v on v.id = c.visit group by c.code, c.class, c.ecu)
         select s.code, s.class, s.ecu, s.first, s.last, s.visits, l.id as last_visit,
            coalesce((select e.name from ecu e where e.visit = l.id and e.id = s.ecu), s.ecu),
            l.id = (select v.id from v join coverage q on q.visit = v.id
                    where q.ecu = s.ecu and q.outcome = 'answered'
                    and q.request = case s.class when 'stored' then '03' when 'pending' then '07' else '0A' end
                    order by v.ended desc, v.id desc limit 1) as present,
            exists (select 1 from freeze_frame f where f.visit = l.id and f.ecu = s.ecu and f.cause = s.code)
         from seen s join v l on l.id = (
            select v.id from v join trouble_code c on c.visit = v.id
            where c.code = s.code and c.class = s.class and c.ecu = s.ecu order by v.ended desc, v.id desc limit 1)
         order by coalesce(present, 0) desc, s.last desc, s.class = 'permanent', s.class = 'pending', s.code, s.ecu",
    )?;
    let rows = find.query_map([vehicle.bytes()], |row| {
        let code: String = row.get(0)?;
        let class: String = row.get(1)?;
        Ok(FaultRow {
            title: None,
            system: roadworthy_obd::dtc::system(&code).to_owned(),
            code,
            class: read_class(&class)?,
            ecu: row.get(2)?,
            first_seen: row.get(3)?,
            last_seen: row.get(4)?,
            visits: row.get(5)?,
            last_visit: VisitId::from_bytes(row.get(6)?),
            ecu_name: row.get(7)?,
            present: row.get::<_, Option<bool>>(8)?.unwrap_or(false),
            freeze_frame: row.get(9)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
