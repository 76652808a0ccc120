//! Table `alert` (said): what presses, where each stands, and how it ended.
//!
//! An alert belongs to the device that raised it as far as its timers go; whoever it is known to may see to it. Where two devices
//! raised the same before they knew of one another there are two rows, until a worker that sees both closes the later one.

mod read;

pub(crate) use read::{Known, counts, detail, finding, get, late, list, of_key, soonest};

use super::{
    Fallible,
    decision::{rank, severity},
    registration,
};
use crate::{
    journal::{
        Event,
        kind::{AlertAcknowledged, AlertClosed, AlertCreated, AlertEscalated, AlertRepeated, AlertSnoozed},
    },
    keys::Master,
};
use roadworthy_api::{
    Timestamp,
    finding::{Finding, Severity, Source},
    id::{AlertId, VehicleId},
};
use rusqlite::{Connection, params};

const HOUR: i64 = 3_600_000;
/// How often an alert is escalated because nobody sees to it.
const CALLS: u32 = 3;

/// How long nobody needs to have seen to an alert before it is escalated; `None`: for ever.
pub(crate) fn patience(severity: Severity) -> Option<i64> {
    match severity {
        Severity::ActNow => Some(HOUR),
        Severity::ActSoon => Some(24 * HOUR),
        Severity::Watch | Severity::Note => None,
    }
}

fn ensure(tx: &Connection, id: AlertId) -> Fallible<[u8; 16]> {
    tx.prepare_cached("insert or ignore into alert (id) values (?)")?.execute([id.bytes()])?;
    Ok(id.bytes())
}

/// `alert.created`: the first writer of an alert's id; a first sighting.
pub(super) fn created(tx: &Connection, event: &Event, vehicle: [u8; 16], said: &AlertCreated) -> Fallible<()> {
    registration::present(tx, vehicle)?;
    let id = ensure(tx, said.alert)?;
    tx.prepare_cached(
        "update alert set registration = ?2, created = ?3, raised = ?4, key = ?5
         where id = ?1 and (created is null or created > ?3)",
    )?
    .execute(params![id, vehicle, event.stamp(), event.said_at(), said.finding.key])?;
    sighted(tx, event, id, &said.finding, said.source, said.at)
}

/// `alert.repeated`: seen again.
pub(super) fn repeated(tx: &Connection, event: &Event, said: &AlertRepeated) -> Fallible<()> {
    let id = ensure(tx, said.alert)?;
    sighted(tx, event, id, &said.finding, said.source, said.at)
}

/// A sighting: the last one says what the alert is about, and opens one that was closed before it.
fn sighted(
    tx: &Connection,
    event: &Event,
    id: [u8; 16],
    finding: &Finding,
    source: Source,
    at: Timestamp,
) -> Fallible<()> {
    let stamp = event.stamp();
    tx.prepare_cached("update alert set times = times + 1 where id = ?")?.execute([id])?;
    tx.prepare_cached(
        "update alert set seen_stamp = ?2, seen = ?3, title = ?4, finding = ?5, source = ?6
         where id = ?1 and (seen_stamp is null or seen_stamp < ?2)",
    )?
    .execute(params![
        id,
        stamp,
        at,
        finding.title,
        serde_json::to_string(finding).unwrap_or_default(),
        serde_json::to_string(&source).unwrap_or_default()
    ])?;
    press(tx, id, stamp, finding.severity)?;
    open(tx, id, stamp)?;
    settle(tx, id)
}

fn press(tx: &Connection, id: [u8; 16], stamp: [u8; 24], severity: Severity) -> Fallible<()> {
    tx.prepare_cached("update alert set press = ?2, severity = ?3 where id = ?1 and (press is null or press < ?2)")?
        .execute(params![id, stamp, rank(severity)])?;
    Ok(())
}

fn open(tx: &Connection, id: [u8; 16], stamp: [u8; 24]) -> Fallible<()> {
    tx.prepare_cached(
        "update alert set closed = 0, closed_at = null, closed_by = null, closed_why = null, closed_word = null,
            closed_key = null, closed_of = null, closed_read = null, closed_stamp = ?2
         where id = ?1 and (closed_stamp is null or closed_stamp < ?2)",
    )?
    .execute(params![id, stamp])?;
    Ok(())
}

/// How it stands, by the last writer.
struct Stand {
    word: &'static str,
    until: Option<Timestamp>,
}

const OPEN: Stand = Stand { word: "open", until: None };

fn stand(tx: &Connection, event: &Event, id: [u8; 16], how: &Stand) -> Fallible<()> {
    tx.prepare_cached(
        "update alert set standing = ?3, standing_at = ?4, standing_by = ?5, standing_until = ?6, standing_stamp = ?2
         where id = ?1 and (standing_stamp is null or standing_stamp < ?2)",
    )?
    .execute(params![id, event.stamp(), how.word, event.said_at(), event.actor, how.until])?;
    settle(tx, id)
}

/// `alert.acknowledged`.
pub(super) fn acknowledged(tx: &Connection, event: &Event, said: &AlertAcknowledged) -> Fallible<()> {
    let id = ensure(tx, said.alert)?;
    let word = if said.acknowledged { "acknowledged" } else { "open" };
    stand(tx, event, id, &Stand { word, until: None })
}

/// `alert.snoozed`.
pub(super) fn snoozed(tx: &Connection, event: &Event, said: &AlertSnoozed) -> Fallible<()> {
    let id = ensure(tx, said.alert)?;
    let word = if said.until.is_some() { "snoozed" } else { "open" };
    stand(tx, event, id, &Stand { word, until: said.until })
}

/// `alert.escalated`. Where nobody had seen to it that changes nothing of how it stands: somebody may have by now, here or on a
/// device that was not heard of yet.
pub(super) fn escalated(tx: &Connection, event: &Event, said: &AlertEscalated) -> Fallible<()> {
    let id = ensure(tx, said.alert)?;
    tx.prepare_cached("update alert set escalations = escalations + 1 where id = ?")?.execute([id])?;
    press(tx, id, event.stamp(), said.severity)?;
    if said.opens {
        return stand(tx, event, id, &OPEN);
    }
    tx.prepare_cached(
        "update alert set called_stamp = ?2, called_at = ?3, called_nth = ?4
         where id = ?1 and (called_stamp is null or called_stamp < ?2)",
    )?
    .execute(params![id, event.stamp(), event.said_at(), said.nth])?;
    settle(tx, id)
}

/// `alert.closed`: over, or open again.
pub(super) fn closed(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    said: &AlertClosed,
) -> Fallible<()> {
    registration::present(tx, vehicle)?;
    let (id, stamp) = (ensure(tx, said.alert)?, event.stamp());
    if !said.closed {
        open(tx, id, stamp)?;
        return stand(tx, event, id, &OPEN);
    }
    let word = match &said.word {
        Some(sealed) => registration::open(tx, master, event, vehicle, "word", sealed)?,
        None => None,
    };
    tx.prepare_cached(
        "update alert set closed = 1, closed_at = ?3, closed_by = ?4, closed_why = ?5, closed_word = ?6, closed_key = ?7,
            closed_of = ?8, closed_read = ?9, closed_stamp = ?2
         where id = ?1 and (closed_stamp is null or closed_stamp < ?2)",
    )?
    .execute(params![
        id,
        stamp,
        event.hlc.ms(),
        event.actor,
        said.why,
        word,
        said.word.as_ref().map(|sealed| sealed.key.bytes()),
        vehicle,
        said.at.unwrap_or(event.hlc.ms())
    ])?;
    settle(tx, id)
}

/// What follows from the rest of the row.
fn settle(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    let mut find = tx.prepare_cached(
        "select coalesce(standing_until, standing_at, raised), severity,
            case when called_stamp > coalesce(standing_stamp, created) then called_at end, called_nth, standing_until
         from alert
         where id = ? and created is not null and closed = 0 and standing <> 'acknowledged'",
    )?;
    let mut rows = find.query([id])?;
    let mut due = None;
    if let Some(row) = rows.next()? {
        let (since, severity, called): (Timestamp, _, Option<Timestamp>) =
            (row.get(0)?, severity(1, row.get(1)?)?, row.get(2)?);
        let nth = if called.is_some() { row.get(3)? } else { 0 };
        let until: Option<Timestamp> = row.get(4)?;
        // What was said last counts, also where a clock was set back since; a snooze may last longer.
        let since = called.map_or(since, |called| until.map_or(called, |until| until.max(called)));
        due = patience(severity).filter(|_| nth < CALLS).map(|patience| since.saturating_add(patience));
    }
    tx.prepare_cached("update alert set due = ?2 where id = ?1 and due is not ?2")?.execute(params![id, due])?;
    Ok(())
}

/// Part of `person.forgotten`: closing words that an erased key sealed go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update alert set closed_word = null where closed_word is not null and";
    let mut erased = tx.prepare_cached(&format!("{GONE} closed_key in (select key from erased_key)"))?.execute([])?;
    for vehicle in vehicles {
        let sql =
            format!("{GONE} closed_of = ?1 and (closed_stamp < ?2 or substr(closed_key, 1, 6) <= substr(?2, 1, 6))");
        erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
    }
    Ok(erased)
}
