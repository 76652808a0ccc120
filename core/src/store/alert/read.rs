//! Reads of alerts, over all registrations of a vehicle. `now` decides whether a snooze is over.

use super::super::{Fallible, decision, decision::severity, device::OURS, person_key, vehicle::CALLED};
use crate::{
    journal::{
        Hlc,
        kind::{self, AlertClosed},
        words,
    },
    keys::{Master, Place},
};
use roadworthy_api::{
    Timestamp,
    alert::{AlertCounts, AlertDetail, AlertRow, AlertState, AlertStep, AlertView},
    finding::Finding,
    id::{AlertId, DecisionId, DeviceId, EventId, VehicleId},
    vehicle::Page,
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};
use serde::de::DeserializeOwned;

const ROW: &str =
    "a.id, r.vehicle, a.severity, a.title, a.raised, a.seen, a.times, a.source, a.escalations, a.standing,
    a.standing_at, a.standing_by, a.standing_until, a.closed, a.closed_at, a.closed_by, a.closed_why, a.closed_word,
    a.registration";
/// The decision about the same finding: the newest one of any registration of the vehicle.
const DECISION: &str = "(select d.id from decision d join registration o on o.id = d.registration
    where o.vehicle = r.vehicle and d.key = a.key and d.made is not null order by d.made desc limit 1)";
const JOINED: &str = "join registration r on r.id = a.registration join vehicle v on v.id = r.vehicle";

fn json<T: DeserializeOwned>(row: &Row<'_>, column: usize) -> rusqlite::Result<T> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

/// A worker's name is no concern of whoever reads it.
fn who(actor: String) -> String {
    if actor.starts_with("engine/") { "engine".to_owned() } else { actor }
}

fn state(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<AlertState> {
    if row.get(13)? {
        let word: Option<String> = row.get(17)?;
        let why: Option<String> = row.get(16)?;
        let why = word.or(why).unwrap_or_default();
        return Ok(AlertState::Closed { at: row.get(14)?, by: who(row.get(15)?), why });
    }
    Ok(match row.get_ref(9)?.as_str()? {
        "acknowledged" => AlertState::Acknowledged { at: row.get(10)?, by: who(row.get(11)?) },
        "snoozed" => match row.get(12)? {
            until if until > now => AlertState::Snoozed { until, by: who(row.get(11)?) },
            _ => AlertState::Open,
        },
        _ => AlertState::Open,
    })
}

/// A row of [`ROW`], then name and decision.
fn alert(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<AlertRow> {
    Ok(AlertRow {
        id: AlertId::from_bytes(row.get(0)?),
        vehicle: VehicleId::from_bytes(row.get(1)?),
        vehicle_name: row.get(19)?,
        severity: severity(2, row.get(2)?)?,
        title: row.get(3)?,
        state: state(row, now)?,
        raised: row.get(4)?,
        seen: row.get(5)?,
        times: row.get(6)?,
        source: json(row, 7)?,
        escalations: row.get(8)?,
        decision: row.get::<_, Option<[u8; 16]>>(20)?.map(DecisionId::from_bytes),
    })
}

/// Condition and order of a view; `?2` is now.
fn view(view: AlertView) -> (&'static str, &'static str) {
    let worst = "a.severity desc, a.raised desc, a.id desc";
    match view {
        AlertView::Open => {
            ("a.closed = 0 and (a.standing = 'open' or (a.standing = 'snoozed' and a.standing_until <= ?2)) and", worst)
        }
        AlertView::Acknowledged => ("a.closed = 0 and a.standing = 'acknowledged' and ?2 is ?2 and", worst),
        AlertView::Snoozed => ("a.closed = 0 and a.standing = 'snoozed' and a.standing_until > ?2 and", worst),
        AlertView::Closed => ("a.closed_at is not null and ?2 is ?2 and", "a.closed_at desc, a.id desc"),
        AlertView::All => ("?2 is ?2 and", "a.raised desc, a.id desc"),
    }
}

/// Alerts of a vehicle or all.
pub(crate) fn list(
    conn: &Connection,
    shown: AlertView,
    of: Option<VehicleId>,
    now: Timestamp,
    offset: u32,
    limit: u32,
) -> Fallible<Page<AlertRow>> {
    let (which, order) = view(shown);
    // One vehicle has few: the plus keeps SQLite from the index of all. What was raised has both `created` and `raised`; the latter
    // is in the indexes, which a count then need not leave.
    let which = match of {
        Some(_) => {
            let which = which.replace("a.closed", "+a.closed");
            format!(
                "{which} a.registration in (select id from registration where vehicle = ?1) and a.raised is not null"
            )
        }
        None => format!("{which} ?1 is null and a.raised is not null"),
    };
    let of = of.map(VehicleId::bytes);
    let total = conn
        .prepare_cached(&format!("select count(*) from alert a where {which}"))?
        .query_row(params![of, now], |row| row.get(0))?;
    // The page first, by an index; names and decisions only for what is on it.
    let sql = format!(
        "select {ROW}, {CALLED}, {DECISION} from (select * from alert a where {which} order by {order} limit ?3 offset ?4) a
         {JOINED} order by {order}"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![of, now, limit, offset], |row| alert(row, now))?;
    Ok(Page { rows: rows.collect::<rusqlite::Result<_>>()?, total })
}

/// One alert, with the registration whose keys seal what is said of it.
pub(crate) fn get(conn: &Connection, id: AlertId, now: Timestamp) -> Fallible<Option<(VehicleId, AlertRow)>> {
    let sql =
        format!("select {ROW}, {CALLED}, {DECISION} from alert a {JOINED} where a.id = ? and a.created is not null");
    let found = conn
        .prepare_cached(&sql)?
        .query_row([id.bytes()], |row| Ok((VehicleId::from_bytes(row.get(18)?), alert(row, now)?)));
    Ok(found.optional()?)
}

/// How many there are.
pub(crate) fn counts(conn: &Connection, now: Timestamp) -> Fallible<AlertCounts> {
    let mut find = conn.prepare_cached(
        "select coalesce(sum(open and severity = 3), 0), coalesce(sum(open), 0), coalesce(sum(standing = 'acknowledged'), 0),
            coalesce(sum(standing = 'snoozed' and not open), 0)
         from (select severity, standing, standing = 'open' or (standing = 'snoozed' and standing_until <= ?) as open
               from alert where closed = 0 and raised is not null)",
    )?;
    let waiting = decision::waiting(conn)?;
    Ok(find.query_row([now], |row| {
        Ok(AlertCounts {
            act_now: row.get(0)?,
            open: row.get(1)?,
            acknowledged: row.get(2)?,
            snoozed: row.get(3)?,
            waiting,
        })
    })?)
}

/// One alert with all that is behind it.
pub(crate) fn detail(conn: &Connection, master: &Master, id: AlertId, now: Timestamp) -> Fallible<Option<AlertDetail>> {
    let Some((registration, row)) = get(conn, id, now)? else { return Ok(None) };
    let finding = finding(conn, id)?;
    let decision = decision::newest(conn, row.vehicle, &finding.key)?;
    let history = history(conn, master, registration, id)?;
    Ok(Some(AlertDetail { row, finding, decision, history }))
}

/// The finding of an alert that was raised, as last seen.
pub(crate) fn finding(conn: &Connection, id: AlertId) -> Fallible<Finding> {
    let mut find = conn.prepare_cached("select finding from alert where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| json(row, 0))?)
}

/// What the journal says of an alert, oldest first; closing words in the clear where they can still be read.
fn history(conn: &Connection, master: &Master, registration: VehicleId, id: AlertId) -> Fallible<Vec<AlertStep>> {
    let mut find = conn.prepare_cached(
        "select id, hlc, kind, actor, version, payload from journal
         where subject = ? and kind glob 'alert.*' and instr(payload, ?) > 0 order by hlc, device",
    )?;
    let mut rows = find.query(params![registration.bytes(), id.to_string()])?;
    let mut steps = Vec::new();
    while let Some(row) = rows.next()? {
        let (event, actor): (_, String) = (EventId::from_bytes(row.get(0)?), row.get(3)?);
        let (kind, payload): (String, String) = (row.get(2)?, row.get(5)?);
        let mut what = words::summary(&kind, row.get(4)?, &payload);
        if kind == kind::ALERT_CLOSED
            && let Ok(AlertClosed { word: Some(sealed), .. }) = serde_json::from_str(&payload)
        {
            let place = Place { subject: registration.bytes(), field: "word", event };
            if let Some(word) = person_key::open(conn, master, place, &sealed)? {
                what = format!("{what}: {word}");
            }
        }
        let at = Hlc(super::super::journal::unsigned(row, 1)?).ms();
        steps.push(AlertStep { event, at, by: who(actor), what });
    }
    Ok(steps)
}

/// What the worker looks at of an alert.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) row: AlertRow,
    pub(crate) registration: VehicleId,
    /// When what closed it was read; `None`: it is not closed.
    pub(crate) closed_read: Option<Timestamp>,
    /// Since when nobody has seen to it: when it was last said how it stands, or the time until which it was put off; when it was
    /// raised if nobody said anything.
    pub(crate) open_since: Timestamp,
    /// How often it was escalated since then because of that.
    pub(crate) nth: u32,
    /// Stamp of the event that raised it.
    pub(crate) stamp: [u8; 24],
}

const KNOWN: &str = "a.closed_read, coalesce(a.standing_until, a.standing_at, a.raised),
    case when a.called_stamp > coalesce(a.standing_stamp, a.created) then a.called_nth else 0 end, a.created";

fn known(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<Known> {
    Ok(Known {
        row: alert(row, now)?,
        registration: VehicleId::from_bytes(row.get(18)?),
        closed_read: row.get(21)?,
        open_since: row.get(22)?,
        nth: row.get(23)?,
        stamp: row.get(24)?,
    })
}

/// A vehicle's alerts about one finding, over all its registrations: open ones first, each in the order they were raised.
pub(crate) fn of_key(conn: &Connection, vehicle: VehicleId, key: &str, now: Timestamp) -> Fallible<Vec<Known>> {
    let sql = format!(
        "select {ROW}, {CALLED}, {DECISION}, {KNOWN} from alert a {JOINED}
         where r.vehicle = ?1 and a.key = ?2 and a.created is not null order by a.closed, a.created"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![vehicle.bytes(), key], |row| known(row, now))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// In SQL: what is due later than any patience lasts, and was not put off, counts from a clock that ran ahead. It is due by `?2`,
/// so that nobody's alert waits for a year that was never there.
const DUE: &str = "iif(a.due > ?2 + 86400000 and a.standing <> 'snoozed', ?2, a.due)";

/// When the next of this device's alerts is escalated. Asked after every commit: two short walks along an index, however many
/// alerts there are.
pub(crate) fn soonest(conn: &Connection, device: DeviceId, now: Timestamp) -> Fallible<Option<Timestamp>> {
    let mut find = conn.prepare_cached(&format!(
        "select (select a.due from alert a where a.due is not null and substr(a.created, 9) {OURS} order by a.due limit 1),
            exists (select 1 from alert a where a.due > ?2 + 86400000 and a.standing <> 'snoozed' and substr(a.created, 9) {OURS})"
    ))?;
    let (due, ahead): (Option<Timestamp>, bool) =
        find.query_row(params![device.bytes(), now], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(due.map(|due| if ahead { due.min(now) } else { due }))
}

/// This device's alerts that nobody has seen to for too long, the oldest first.
pub(crate) fn late(conn: &Connection, device: DeviceId, now: Timestamp) -> Fallible<Vec<Known>> {
    let sql = format!(
        "select {ROW}, {CALLED}, {DECISION}, {KNOWN} from alert a {JOINED}
         where a.due is not null and {DUE} <= ?2 and substr(a.created, 9) {OURS} order by a.due limit 100"
    );
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![device.bytes(), now], |row| known(row, now))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
