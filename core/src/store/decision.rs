//! Table `decision` (said): what the rules decided about findings, and how people answered.

mod read;

pub(crate) use read::{get, heard, list, newest, of_story, soonest, standing, waiting, waits_too_long};

use super::{Fallible, registration};
use crate::{
    journal::{
        Event,
        kind::{self, Answered, ApprovalRequested, DecisionEscalated, DecisionMade, DecisionOvertaken},
    },
    keys::Master,
};
use roadworthy_api::{
    Timestamp,
    alert::Action,
    finding::{Finding, Severity, Source},
    id::{DecisionId, VehicleId},
};
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};

const HOUR: i64 = 3_600_000;
/// How often somebody is reminded that a decision waits.
const REMINDERS: u32 = 3;

/// How long a decision may wait for an answer before somebody is reminded.
pub(crate) fn patience(severity: Severity) -> i64 {
    match severity {
        Severity::ActNow => 4 * HOUR,
        Severity::ActSoon => 3 * 24 * HOUR,
        Severity::Watch | Severity::Note => 7 * 24 * HOUR,
    }
}

/// What a decision rests on: the column `detail`.
#[derive(Debug, Serialize, Deserialize)]
struct Detail {
    finding: Finding,
    source: Source,
    rule: String,
    reasons: Vec<String>,
    inputs: Vec<(String, String)>,
    work: String,
}

/// A severity as a number: the more it presses, the greater.
pub(super) fn rank(severity: Severity) -> i64 {
    match severity {
        Severity::Note => 0,
        Severity::Watch => 1,
        Severity::ActSoon => 2,
        Severity::ActNow => 3,
    }
}

/// The reverse of [`rank`].
pub(super) fn severity(column: usize, rank: i64) -> rusqlite::Result<Severity> {
    match rank {
        0 => Ok(Severity::Note),
        1 => Ok(Severity::Watch),
        2 => Ok(Severity::ActSoon),
        3 => Ok(Severity::ActNow),
        other => Err(rusqlite::Error::IntegralValueOutOfRange(column, other)),
    }
}

fn word(action: Action) -> &'static str {
    match action {
        Action::Note => "note",
        Action::Alert => "alert",
        Action::Propose => "propose",
        Action::Ask => "ask",
    }
}

fn ensure(tx: &Connection, id: DecisionId) -> Fallible<[u8; 16]> {
    tx.prepare_cached("insert or ignore into decision (id) values (?)")?.execute([id.bytes()])?;
    Ok(id.bytes())
}

/// `decision.made`: the first writer of a decision's id, but for severity and action, which are the last writer's.
pub(super) fn made(tx: &Connection, event: &Event, vehicle: [u8; 16], said: &DecisionMade) -> Fallible<()> {
    registration::present(tx, vehicle)?;
    let (id, stamp) = (ensure(tx, said.decision)?, event.stamp());
    let detail = Detail {
        finding: said.finding.clone(),
        source: said.source,
        rule: said.rule.clone(),
        reasons: said.reasons.clone(),
        inputs: said.inputs.clone(),
        work: said.work.clone(),
    };
    tx.prepare_cached(
        "update decision set registration = ?2, made = ?3, made_at = ?4, at = ?5, key = ?6, title = ?7, detail = ?8
         where id = ?1 and (made is null or made > ?3)",
    )?
    .execute(params![
        id,
        vehicle,
        stamp,
        event.hlc.ms(),
        said.at,
        said.finding.key,
        said.finding.title,
        serde_json::to_string(&detail).unwrap_or_default()
    ])?;
    press(tx, id, stamp, said.finding.severity, said.action)?;
    if let Some(old) = said.overtakes {
        let old = ensure(tx, old)?;
        tx.prepare_cached("update decision set overtaken = 1 where id = ?")?.execute([old])?;
        settle(tx, old)?;
    }
    settle(tx, id)
}

fn press(tx: &Connection, id: [u8; 16], stamp: [u8; 24], severity: Severity, action: Action) -> Fallible<()> {
    tx.prepare_cached(
        "update decision set press = ?2, severity = ?3, action = ?4 where id = ?1 and (press is null or press < ?2)",
    )?
    .execute(params![id, stamp, rank(severity), word(action)])?;
    Ok(())
}

/// `decision.escalated`.
pub(super) fn escalated(tx: &Connection, event: &Event, said: &DecisionEscalated) -> Fallible<()> {
    let id = ensure(tx, said.decision)?;
    press(tx, id, event.stamp(), said.severity, said.action)?;
    tx.prepare_cached(
        "update decision set escalations = escalations + 1,
            escalated_at = iif(escalated_stamp > ?2, escalated_at, ?3), escalated_stamp = max(coalesce(escalated_stamp, ?2), ?2)
         where id = ?1",
    )?
    .execute(params![id, event.stamp(), event.said_at()])?;
    settle(tx, id)
}

/// `decision.overtaken`: the finding is gone, by the newest evidence of that.
pub(super) fn overtaken(tx: &Connection, said: &DecisionOvertaken) -> Fallible<()> {
    let id = ensure(tx, said.decision)?;
    tx.prepare_cached("update decision set overtaken = 1, gone = max(coalesce(gone, ?2), ?2) where id = ?1")?
        .execute(params![id, said.at])?;
    settle(tx, id)
}

/// `approval.requested`: asked since the first time.
pub(super) fn asked(tx: &Connection, event: &Event, said: &ApprovalRequested) -> Fallible<()> {
    let id = ensure(tx, said.decision)?;
    tx.prepare_cached("update decision set asked = min(coalesce(asked, ?2), ?2) where id = ?1")?
        .execute(params![id, event.said_at()])?;
    settle(tx, id)
}

/// `approval.granted`, `approval.refused`: the first answer counts, since work may follow from it at once.
pub(super) fn answered(
    tx: &Connection,
    master: &Master,
    event: &Event,
    vehicle: [u8; 16],
    said: &Answered,
) -> Fallible<()> {
    registration::present(tx, vehicle)?;
    let (id, stamp) = (ensure(tx, said.decision)?, event.stamp());
    let note = match &said.note {
        Some(sealed) => registration::open(tx, master, event, vehicle, "answer", sealed)?,
        None => None,
    };
    let answer = if event.kind == kind::APPROVAL_GRANTED { "approved" } else { "refused" };
    tx.prepare_cached(
        "update decision set answer = ?2, answer_at = ?3, answer_by = ?4, answer_stamp = ?5, note = ?6, note_key = ?7,
            note_of = ?8
         where id = ?1 and (answer_stamp is null or answer_stamp > ?5)",
    )?
    .execute(params![
        id,
        answer,
        event.said_at(),
        if said.policy { "policy" } else { event.actor.as_str() },
        stamp,
        note,
        said.note.as_ref().map(|sealed| sealed.key.bytes()),
        vehicle
    ])?;
    settle(tx, id)
}

/// What follows from the rest of the row.
fn settle(tx: &Connection, id: [u8; 16]) -> Fallible<()> {
    let mut find = tx.prepare_cached(
        "select iif(asked is null, null, coalesce(escalated_at, asked)), severity, escalations from decision
         where id = ? and made is not null and answer is null and overtaken = 0",
    )?;
    let mut rows = find.query([id])?;
    let mut due = None;
    if let Some(row) = rows.next()? {
        let (since, severity, escalations): (Option<Timestamp>, _, u32) =
            (row.get(0)?, severity(1, row.get(1)?)?, row.get(2)?);
        due = since.filter(|_| escalations < REMINDERS).map(|since| since.saturating_add(patience(severity)));
    }
    tx.prepare_cached("update decision set due = ?2 where id = ?1 and due is not ?2")?.execute(params![id, due])?;
    Ok(())
}

/// Part of `person.forgotten`: answers' notes that an erased key sealed go, and those of `vehicles` from before.
pub(super) fn forget(tx: &Connection, stamp: [u8; 24], vehicles: &[VehicleId]) -> Fallible<usize> {
    const GONE: &str = "update decision set note = null where note is not null and";
    let mut erased = tx.prepare_cached(&format!("{GONE} note_key in (select key from erased_key)"))?.execute([])?;
    for vehicle in vehicles {
        let sql = format!("{GONE} note_of = ?1 and (answer_stamp < ?2 or substr(note_key, 1, 6) <= substr(?2, 1, 6))");
        erased += tx.prepare_cached(&sql)?.execute(params![vehicle.bytes(), stamp])?;
    }
    Ok(erased)
}
