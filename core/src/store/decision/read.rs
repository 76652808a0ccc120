//! Reads of decisions, over all registrations of a vehicle.

use super::{Detail, severity};
use crate::{
    journal::kind::DecisionMade,
    store::{Fallible, device::OURS, vehicle::CALLED},
};
use roadworthy_api::{
    Timestamp,
    alert::{Action, DecisionRow, DecisionState},
    finding::{Severity, Source},
    id::{AlertId, DecisionId, DeviceId, EventId, VehicleId},
    vehicle::Page,
};
use rusqlite::{
    Connection, OptionalExtension, Row, params,
    types::{FromSqlError, Type},
};

const ROW: &str =
    "d.id, r.vehicle, d.key, d.title, d.severity, d.action, d.detail, d.answer, d.answer_at, d.answer_by, d.note,
    d.overtaken, d.asked, d.made_at, d.registration";
const FROM: &str = "from decision d join registration r on r.id = d.registration join vehicle v on v.id = r.vehicle
    where d.made_at is not null";
/// The alert about the same finding: the newest one of any registration of the vehicle.
const ALERT: &str = "(select a.id from alert a join registration o on o.id = a.registration
    where o.vehicle = r.vehicle and a.key = d.key and a.created is not null order by a.created desc limit 1)";

fn action(row: &Row<'_>, column: usize) -> rusqlite::Result<Action> {
    match row.get_ref(column)?.as_str()? {
        "note" => Ok(Action::Note),
        "alert" => Ok(Action::Alert),
        "propose" => Ok(Action::Propose),
        "ask" => Ok(Action::Ask),
        _ => Err(FromSqlError::InvalidType.into()),
    }
}

fn detail(row: &Row<'_>, column: usize) -> rusqlite::Result<Detail> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

/// An answer stands whatever came after it; what was overtaken before anybody answered needs none any more.
fn state(row: &Row<'_>) -> rusqlite::Result<DecisionState> {
    if let Some(answer) = row.get::<_, Option<String>>(7)? {
        let (at, by) = (row.get(8)?, row.get(9)?);
        let note = row.get::<_, Option<String>>(10)?.unwrap_or_default();
        return Ok(match answer.as_str() {
            "approved" => DecisionState::Approved { at, by, note },
            _ => DecisionState::Refused { at, by, note },
        });
    }
    Ok(match (row.get::<_, bool>(11)?, row.get::<_, Option<i64>>(12)?) {
        (true, _) => DecisionState::Overtaken,
        (false, Some(_)) => DecisionState::Waiting,
        (false, None) => DecisionState::Done,
    })
}

/// A row of [`ROW`], then name and alert.
fn decision(row: &Row<'_>) -> rusqlite::Result<DecisionRow> {
    let detail = detail(row, 6)?;
    Ok(DecisionRow {
        id: DecisionId::from_bytes(row.get(0)?),
        vehicle: VehicleId::from_bytes(row.get(1)?),
        vehicle_name: row.get(15)?,
        key: row.get(2)?,
        title: row.get(3)?,
        severity: severity(4, row.get(4)?)?,
        action: action(row, 5)?,
        rule: detail.rule,
        reasons: detail.reasons,
        inputs: detail.inputs,
        work: detail.work,
        state: state(row)?,
        at: row.get(13)?,
        alert: row.get::<_, Option<[u8; 16]>>(16)?.map(AlertId::from_bytes),
    })
}

/// Decisions of a vehicle or all, newest first; `waiting` keeps those that wait for a person.
pub(crate) fn list(
    conn: &Connection,
    waiting: bool,
    of: Option<VehicleId>,
    offset: u32,
    limit: u32,
) -> Fallible<Page<DecisionRow>> {
    // Tested by a column of the index, which SQLite then need not leave.
    let mut which = String::from("d.made_at is not null");
    if waiting {
        which.push_str(" and d.asked is not null and d.answer is null and d.overtaken = 0");
    }
    which.push_str(match of {
        Some(_) => " and d.registration in (select id from registration where vehicle = ?1)",
        None => " and ?1 is null",
    });
    let of = of.map(VehicleId::bytes);
    let total = conn
        .prepare_cached(&format!("select count(*) from decision d where {which}"))?
        .query_row([of], |row| row.get(0))?;
    let sql = format!(
        "select {ROW}, {CALLED}, {ALERT} {FROM} and {which} order by d.made_at desc, d.id desc limit ?2 offset ?3"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![of, limit, offset], decision)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// How many wait for a person.
pub(crate) fn waiting(conn: &Connection) -> Fallible<u32> {
    let mut find = conn.prepare_cached(
        "select count(*) from decision
         where made_at is not null and asked is not null and answer is null and overtaken = 0",
    )?;
    Ok(find.query_row([], |row| row.get(0))?)
}

/// One decision, with the registration whose keys seal what is said with an answer.
pub(crate) fn get(conn: &Connection, id: DecisionId) -> Fallible<Option<(VehicleId, DecisionRow)>> {
    let sql = format!("select {ROW}, {CALLED}, {ALERT} {FROM} and d.id = ?");
    let found = conn
        .prepare_cached(&sql)?
        .query_row([id.bytes()], |row| Ok((VehicleId::from_bytes(row.get(14)?), decision(row)?)));
    Ok(found.optional()?)
}

/// The newest decision about a finding of a vehicle.
pub(crate) fn newest(conn: &Connection, vehicle: VehicleId, key: &str) -> Fallible<Option<DecisionRow>> {
    let sql = format!(
        "select {ROW}, {CALLED}, {ALERT} {FROM} and r.vehicle = ?1 and d.key = ?2 order by d.made desc limit 1"
    );
    Ok(conn.prepare_cached(&sql)?.query_row(params![vehicle.bytes(), key], decision).optional()?)
}

/// Whether the rules have heard this event, by how far their worker is.
pub(crate) fn heard(conn: &Connection, event: EventId) -> Fallible<bool> {
    let mut find = conn.prepare_cached(
        "select 1 from worker w join journal j on j.id = ? where w.name = 'orchestrator' and w.arrival >= j.arrival",
    )?;
    Ok(find.exists([event.bytes()])?)
}

/// Decisions that an event led to, newest first.
pub(crate) fn of_story(conn: &Connection, story: EventId) -> Fallible<Vec<DecisionRow>> {
    let mut find = conn.prepare_cached(
        "select j.payload from journal j where j.correlation = ? and j.kind = 'decision.made' order by j.arrival desc",
    )?;
    let payloads: Vec<String> = find.query_map([story.bytes()], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    let mut rows = Vec::new();
    for payload in payloads {
        let said: Result<DecisionMade, _> = serde_json::from_str(&payload);
        if let Ok(said) = said
            && let Some((_, row)) = get(conn, said.decision)?
        {
            rows.push(row);
        }
    }
    Ok(rows)
}

/// What the rules look at of the newest decision about a finding.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Standing {
    pub(crate) id: DecisionId,
    pub(crate) registration: VehicleId,
    pub(crate) title: String,
    pub(crate) severity: Severity,
    pub(crate) action: Action,
    pub(crate) rule: String,
    pub(crate) source: Source,
    pub(crate) state: DecisionState,
    /// When the finding was read.
    pub(crate) at: Timestamp,
    /// When the evidence was read that the finding is gone.
    pub(crate) gone: Option<Timestamp>,
    /// Since when the finding has been decided about without being gone in between.
    pub(crate) since: Timestamp,
    /// How often it was gone by evidence before that.
    pub(crate) returns: u32,
}

/// The newest decision about a finding of a vehicle, over all its registrations.
pub(crate) fn standing(conn: &Connection, vehicle: VehicleId, key: &str) -> Fallible<Option<Standing>> {
    let sql =
        format!("select {ROW}, d.at, d.gone {FROM} and r.vehicle = ?1 and d.key = ?2 order by d.made desc limit 100");
    let mut find = conn.prepare_cached(&sql)?;
    let mut rows = find.query(params![vehicle.bytes(), key])?;
    let mut found: Option<Standing> = None;
    while let Some(row) = rows.next()? {
        let (at, gone): (Timestamp, Option<Timestamp>) = (row.get(15)?, row.get(16)?);
        match &mut found {
            None => {
                let detail = detail(row, 6)?;
                found = Some(Standing {
                    id: DecisionId::from_bytes(row.get(0)?),
                    registration: VehicleId::from_bytes(row.get(14)?),
                    title: row.get(3)?,
                    severity: severity(4, row.get(4)?)?,
                    action: action(row, 5)?,
                    rule: detail.rule,
                    source: detail.source,
                    state: state(row)?,
                    at,
                    gone,
                    since: at,
                    returns: 0,
                });
            }
            Some(found) if gone.is_some() => found.returns += 1,
            Some(found) if found.returns == 0 => found.since = found.since.min(at),
            Some(_) => {}
        }
    }
    Ok(found)
}

/// In SQL, as of alerts: what is due later than any patience lasts counts from a clock that ran ahead.
const DUE: &str = "iif(due > ?2 + 604800000, ?2, due)";

/// When the next of this device's decisions has waited too long. Asked after every commit, as of alerts.
pub(crate) fn soonest(conn: &Connection, device: DeviceId, now: Timestamp) -> Fallible<Option<Timestamp>> {
    let mut find = conn.prepare_cached(&format!(
        "select (select due from decision where due is not null and substr(made, 9) {OURS} order by due limit 1),
            exists (select 1 from decision where due > ?2 + 604800000 and substr(made, 9) {OURS})"
    ))?;
    let (due, ahead): (Option<Timestamp>, bool) =
        find.query_row(params![device.bytes(), now], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(due.map(|due| if ahead { due.min(now) } else { due }))
}

/// A decision that has waited too long for an answer.
pub(crate) struct Late {
    pub(crate) id: DecisionId,
    pub(crate) registration: VehicleId,
    pub(crate) severity: Severity,
    pub(crate) action: Action,
    /// Since when it waits.
    pub(crate) asked: Timestamp,
    /// Stamp of the event that made it.
    pub(crate) stamp: [u8; 24],
}

/// This device's decisions that have waited too long, the oldest first.
pub(crate) fn waits_too_long(conn: &Connection, device: DeviceId, now: Timestamp) -> Fallible<Vec<Late>> {
    let mut find = conn.prepare_cached(&format!(
        "select id, registration, severity, action, asked, made from decision
         where due is not null and {DUE} <= ?2 and substr(made, 9) {OURS} order by due limit 100"
    ))?;
    let rows = find.query_map(params![device.bytes(), now], |row| {
        Ok(Late {
            id: DecisionId::from_bytes(row.get(0)?),
            registration: VehicleId::from_bytes(row.get(1)?),
            severity: severity(2, row.get(2)?)?,
            action: action(row, 3)?,
            asked: row.get(4)?,
            stamp: row.get(5)?,
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
