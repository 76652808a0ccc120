//! Table `outbox` (local): messages for the world outside, and the attempts to send them.
//!
//! | from | to | by |
//! |---|---|---|
//! | nothing | waiting | [`put`], once per key |
//! | waiting, sending whose lease is over | sending | [`claim`], oldest first |
//! | sending | sent, waiting, dead, dropped | [`settle`], only by who holds the claim |
//! | waiting, dead, dropped | waiting | [`retry`], a person |
//! | waiting, dead | dropped | [`drop`], a person or a channel that was switched off |
//!
//! A process that is killed while it sends leaves a lease that runs out, and the message goes out again under the same key: at
//! least once for the other side, once in the journal.

use super::{Fallible, Writing, alert, decision};
use crate::{
    journal::{NewEvent, kind},
    outbox::{About, NewMessage},
};
use roadworthy_api::{
    Code, Error, Timestamp,
    alert::{AlertState, DecisionState},
    id::{AlertId, EventId, MessageId, VehicleId},
    vehicle::Page,
    work::{MessageAttempt, MessageRow, MessageState, MessageView},
};
use rusqlite::{Connection, OptionalExtension, Row, params, types::Type};

/// Attempts of one message that are kept, newest first: one that waits for days for a network makes many.
const ATTEMPTS_KEPT: u32 = 50;
/// Milliseconds that no message ever waits for: one that seems to was put off by a clock that ran ahead.
const NEVER_SO_FAR_MS: i64 = 2 * 3_600_000;
/// Milliseconds that what was sent or dropped stays; what matters of it is in the journal.
const KEPT_MS: i64 = 90 * 86_400_000;

/// A message that is being sent by whoever holds this.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    /// Its id.
    pub(crate) id: MessageId,
    /// Which attempt this is, from 1; a later claim has a greater one.
    pub(crate) attempt: u32,
    /// Those before it that count against the limit.
    pub(crate) tries: u32,
    /// When the time to try began.
    pub(crate) since: Timestamp,
    /// What tells a repeat from a new message.
    pub(crate) key: String,
    /// What it says, in a few words.
    pub(crate) subject: String,
    /// What it is made of.
    pub(crate) about: About,
    /// When it was put in.
    pub(crate) created: Timestamp,
    /// When it was put in, or a person wanted it tried again.
    pub(crate) begun: Timestamp,
}

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The other side took it.
    Sent {
        /// What was not as it should be all the same; mostly empty.
        remark: String,
    },
    /// To be tried again. `counts`: against the limit; if it does not, the time to try begins anew.
    Again {
        /// Not before.
        next: Timestamp,
        /// Whether it counts.
        counts: bool,
        /// Why it failed.
        cause: String,
    },
    /// Given up.
    Dead {
        /// Why.
        cause: String,
    },
    /// Not sent, since nobody needs to hear it any more.
    Over {
        /// Why.
        cause: String,
    },
}

/// Puts a message in; `false`: one with its key is there already.
pub(crate) fn put(
    tx: &Connection,
    message: &NewMessage,
    id: MessageId,
    event: EventId,
    vehicle: Option<[u8; 16]>,
    now: Timestamp,
) -> Fallible<bool> {
    let about = serde_json::to_string(&message.about)
        .map_err(|e| Error::new(Code::Internal, format!("A message cannot be written ({e}).")))?;
    let put = tx
        .prepare_cached(
            "insert into outbox (id, key, channel, event, alert, vehicle, subject, about, created, state, state_at, next_at,
                since, begun)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?9, ?9, ?9, ?9) on conflict (key) do nothing",
        )?
        .execute(params![
            id.bytes(),
            message.key,
            message.channel,
            event.bytes(),
            message.about.alert.map(AlertId::bytes),
            message.about.vehicle.map(VehicleId::bytes).or(vehicle),
            message.subject,
            about,
            now,
        ])?;
    Ok(put == 1)
}

/// Takes the oldest message of a channel that is due, until `lease` is over.
pub(crate) fn claim(tx: &Connection, channel: &str, now: Timestamp, lease: Timestamp) -> Fallible<Option<Claim>> {
    let mut find = tx.prepare_cached(
        "select id, attempts, tries, since, key, subject, about, created, begun from outbox
         where state in ('waiting', 'sending') and channel = ?1 and (next_at <= ?2 or next_at > ?3)
         order by place limit 1",
    )?;
    let found = find
        .query_row(params![channel, now, now.saturating_add(NEVER_SO_FAR_MS)], |row| {
            let attempts: u32 = row.get(1)?;
            Ok(Claim {
                id: MessageId::from_bytes(row.get(0)?),
                attempt: attempts.saturating_add(1),
                tries: row.get(2)?,
                since: row.get(3)?,
                key: row.get(4)?,
                subject: row.get(5)?,
                about: about(row, 6)?,
                created: row.get(7)?,
                begun: row.get(8)?,
            })
        })
        .optional()?;
    let Some(claim) = found else { return Ok(None) };
    tx.prepare_cached("update outbox set state = 'sending', state_at = ?2, next_at = ?3, attempts = ?4 where id = ?1")?
        .execute(params![claim.id.bytes(), now, lease, claim.attempt])?;
    tx.prepare_cached("insert into outbox_attempt (message, attempt, at) values (?, ?, ?)")?.execute(params![
        claim.id.bytes(),
        claim.attempt,
        now
    ])?;
    tx.prepare_cached("delete from outbox_attempt where message = ? and attempt <= ?")?
        .execute(params![claim.id.bytes(), i64::from(claim.attempt) - i64::from(ATTEMPTS_KEPT)])?;
    Ok(Some(claim))
}

/// Whether a message of the channel is due.
pub(crate) fn due(conn: &Connection, channel: &str, now: Timestamp) -> Fallible<bool> {
    let mut find = conn.prepare_cached(
        "select 1 from outbox where state in ('waiting', 'sending') and channel = ?1 and (next_at <= ?2 or next_at > ?3)",
    )?;
    Ok(find.exists(params![channel, now, now.saturating_add(NEVER_SO_FAR_MS)])?)
}

/// When the next message of the channel is due, or the next claim over.
pub(crate) fn next(conn: &Connection, channel: &str) -> Fallible<Option<Timestamp>> {
    let mut find =
        conn.prepare_cached("select min(next_at) from outbox where state in ('waiting', 'sending') and channel = ?")?;
    Ok(find.query_row([channel], |row| row.get(0))?)
}

/// Notes how an attempt ended, and says so in the journal where that is the end of it. `false`: somebody else has taken the
/// message up meanwhile, or it is settled already, and nothing was noted.
pub(crate) fn settle(
    w: &mut Writing<'_>,
    id: MessageId,
    attempt: u32,
    outcome: &Outcome,
    now: Timestamp,
) -> Fallible<bool> {
    let (state, next, counts, error) = match outcome {
        Outcome::Sent { remark } => ("sent", now, true, remark.as_str()),
        Outcome::Again { next, counts, cause } => ("waiting", *next, *counts, cause.as_str()),
        Outcome::Dead { cause } => ("dead", now, true, cause.as_str()),
        Outcome::Over { cause } => ("dropped", now, false, cause.as_str()),
    };
    let settled = w
        .tx()
        .prepare_cached(
            "update outbox set state = ?3, state_at = ?4, next_at = ?5, tries = tries + ?6, last_error = ?7,
                since = case when ?6 then since else ?4 end
             where id = ?1 and attempts = ?2 and state = 'sending'",
        )?
        .execute(params![id.bytes(), attempt, state, now, next, counts, error])?;
    if settled == 0 {
        return Ok(false);
    }
    w.tx()
        .prepare_cached("update outbox_attempt set error = ?3 where message = ?1 and attempt = ?2")?
        .execute(params![id.bytes(), attempt, if matches!(outcome, Outcome::Sent { .. }) { "" } else { error }])?;
    match outcome {
        Outcome::Sent { .. } => say(w, id, kind::NOTIFICATION_SENT)?,
        Outcome::Dead { .. } => say(w, id, kind::NOTIFICATION_FAILED)?,
        Outcome::Over { .. } => say(w, id, kind::NOTIFICATION_DROPPED)?,
        Outcome::Again { .. } => {}
    }
    Ok(true)
}

/// Why nobody needs to hear a message any more that waited, as for a network: by now its alert is over, or its decision made.
pub(crate) fn over(conn: &Connection, about: &About, now: Timestamp) -> Fallible<Option<&'static str>> {
    if let Some(id) = about.decision
        && let Some((_, row)) = decision::get(conn, id)?
        && row.state != DecisionState::Waiting
    {
        return Ok(Some("The decision waited for nobody any more when the message could be sent."));
    }
    if let Some(id) = about.alert
        && let Some((_, row)) = alert::get(conn, id, now)?
        && matches!(row.state, AlertState::Closed { .. })
    {
        return Ok(Some("The alert was closed before the message could be sent."));
    }
    Ok(None)
}

/// Appends what became of a message, to the story of the event that caused it.
fn say(w: &mut Writing<'_>, id: MessageId, kind: &'static str) -> Fallible<()> {
    let found = w
        .tx()
        .prepare_cached("select channel, alert, vehicle, event, attempts, last_error from outbox where id = ?")?
        .query_row([id.bytes()], |row| {
            let said = kind::Notified {
                message: id,
                channel: row.get(0)?,
                alert: row.get::<_, Option<[u8; 16]>>(1)?.map(AlertId::from_bytes),
                attempts: row.get(4)?,
                cause: row.get(5)?,
            };
            Ok((said, row.get::<_, Option<[u8; 16]>>(2)?, EventId::from_bytes(row.get(3)?)))
        })
        .optional()?;
    let Some((said, vehicle, event)) = found else { return Ok(()) };
    w.because(event)?;
    let new = NewEvent::new(w.mint()?, kind, vehicle, &said)?;
    w.append(new).map(drop)
}

/// Has a message tried again now, with its whole time before it.
pub(crate) fn retry(tx: &Connection, id: MessageId, now: Timestamp) -> Fallible<()> {
    let changed = tx
        .prepare_cached(
            "update outbox set state = 'waiting', state_at = ?2, next_at = ?2, since = ?2, begun = ?2, tries = 0
             where id = ?1 and state in ('waiting', 'dead', 'dropped')",
        )?
        .execute(params![id.bytes(), now])?;
    if changed == 1 { Ok(()) } else { Err(refuse(tx, id)) }
}

/// Drops a message that was not sent; `why` is empty where a person did.
pub(crate) fn drop_one(w: &mut Writing<'_>, id: MessageId, why: &str, now: Timestamp) -> Fallible<()> {
    let changed = w
        .tx()
        .prepare_cached(
            "update outbox set state = 'dropped', state_at = ?2, next_at = ?2,
                last_error = case when ?3 = '' then last_error else ?3 end
             where id = ?1 and (state in ('waiting', 'dead') or (state = 'sending' and next_at <= ?2))",
        )?
        .execute(params![id.bytes(), now, why])?;
    if changed == 0 {
        return Err(refuse(w.tx(), id));
    }
    say(w, id, kind::NOTIFICATION_DROPPED)
}

/// Drops all that waits for a channel, as when it is switched off; how many that were.
pub(crate) fn drop_waiting(w: &mut Writing<'_>, channel: &str, why: &str, now: Timestamp) -> Fallible<usize> {
    let ids = {
        let mut find = w.tx().prepare_cached(
            "select id from outbox where channel = ?1 and (state = 'waiting' or (state = 'sending' and next_at <= ?2))
             order by place",
        )?;
        let rows = find.query_map(params![channel, now], |row| Ok(MessageId::from_bytes(row.get(0)?)))?;
        rows.collect::<rusqlite::Result<Vec<_>>>()?
    };
    for id in &ids {
        drop_one(w, *id, why, now)?;
    }
    Ok(ids.len())
}

/// Why a message cannot be retried or dropped.
fn refuse(conn: &Connection, id: MessageId) -> super::Fail {
    let state = match get(conn, id) {
        Ok(Some(row)) => row.state,
        Ok(None) => {
            return Error::new(Code::NotFound, "There is no such message (any more).")
                .hint("Look for it in the outbox.")
                .into();
        }
        Err(fail) => return fail,
    };
    match state {
        MessageState::Sending => Error::new(Code::Conflict, "The message is on its way just now.")
            .hint("Wait until the attempt has ended, then try again."),
        MessageState::Sent { .. } => Error::new(Code::Conflict, "The message was sent already."),
        MessageState::Dropped { .. } => Error::new(Code::Conflict, "The message was dropped already.")
            .hint("Have it tried again if it should be sent after all."),
        MessageState::Waiting { .. } | MessageState::Dead { .. } => {
            Error::new(Code::Internal, "The message could not be changed.").hint("Do it again.")
        }
    }
    .into()
}

/// Whether there is anything for [`prune`].
pub(crate) fn any_old(conn: &Connection, now: Timestamp) -> Fallible<bool> {
    let mut find = conn.prepare_cached("select 1 from outbox where state in ('sent', 'dropped') and state_at < ?")?;
    Ok(find.exists([now.saturating_sub(KEPT_MS)])?)
}

/// Removes what was sent or dropped long ago.
pub(crate) fn prune(tx: &Connection, now: Timestamp) -> Fallible<usize> {
    Ok(tx
        .prepare_cached("delete from outbox where state in ('sent', 'dropped') and state_at < ?")?
        .execute([now.saturating_sub(KEPT_MS)])?)
}

/// Messages that wait (or are on their way), and dead letters.
pub(crate) fn counts(conn: &Connection) -> Fallible<(u32, u32)> {
    let mut find = conn.prepare_cached(
        "select (select count(*) from outbox where state in ('waiting', 'sending')),
                (select count(*) from outbox where state = 'dead')",
    )?;
    Ok(find.query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

const ROW: &str = "id, key, channel, subject, alert, event, created, state, state_at, next_at, attempts, last_error";

fn row(row: &Row<'_>) -> rusqlite::Result<MessageRow> {
    let (state, at): (String, Timestamp) = (row.get(7)?, row.get(8)?);
    Ok(MessageRow {
        id: MessageId::from_bytes(row.get(0)?),
        key: row.get(1)?,
        channel: row.get(2)?,
        subject: row.get(3)?,
        alert: row.get::<_, Option<[u8; 16]>>(4)?.map(AlertId::from_bytes),
        event: EventId::from_bytes(row.get(5)?),
        created: row.get(6)?,
        state: match state.as_str() {
            "waiting" => MessageState::Waiting { next: row.get(9)? },
            "sending" => MessageState::Sending,
            "sent" => MessageState::Sent { at },
            "dead" => MessageState::Dead { at },
            "dropped" => MessageState::Dropped { at },
            other => {
                let why = format!("{other:?} is no state of a message");
                return Err(rusqlite::Error::FromSqlConversionFailure(7, Type::Text, why.into()));
            }
        },
        attempts: row.get(10)?,
        last_error: row.get(11)?,
    })
}

fn about(row: &Row<'_>, column: usize) -> rusqlite::Result<About> {
    let text: String = row.get(column)?;
    serde_json::from_str(&text).map_err(|e| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, e.into()))
}

/// Messages, newest first.
pub(crate) fn list(conn: &Connection, view: MessageView, offset: u32, limit: u32) -> Fallible<Page<MessageRow>> {
    let which = match view {
        MessageView::All => "true",
        MessageView::Waiting => "state in ('waiting', 'sending')",
        MessageView::Dead => "state = 'dead'",
        MessageView::Sent => "state = 'sent'",
    };
    let total =
        conn.prepare_cached(&format!("select count(*) from outbox where {which}"))?.query_row([], |row| row.get(0))?;
    let sql = format!("select {ROW} from outbox where {which} order by place desc limit ? offset ?");
    let mut find = conn.prepare_cached(&sql)?;
    let rows = find.query_map(params![limit, offset], row)?.collect::<rusqlite::Result<_>>()?;
    Ok(Page { rows, total })
}

/// Those about a vehicle, oldest first.
pub(crate) fn of_vehicle(conn: &Connection, vehicle: VehicleId) -> Fallible<Vec<MessageRow>> {
    let mut find = conn.prepare_cached(&format!(
        "select {ROW} from outbox where vehicle in (select id from registration where vehicle = ?) order by place"
    ))?;
    let rows = find.query_map([vehicle.bytes()], row)?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// One message.
pub(crate) fn get(conn: &Connection, id: MessageId) -> Fallible<Option<MessageRow>> {
    let mut find = conn.prepare_cached(&format!("select {ROW} from outbox where id = ?"))?;
    Ok(find.query_row([id.bytes()], row).optional()?)
}

/// What it says when it is sent, without the vehicle's name.
pub(crate) fn text(conn: &Connection, id: MessageId) -> Fallible<Option<About>> {
    let mut find = conn.prepare_cached("select about from outbox where id = ?")?;
    Ok(find.query_row([id.bytes()], |row| about(row, 0)).optional()?)
}

/// Attempts of a message that are kept, oldest first.
pub(crate) fn attempts(conn: &Connection, id: MessageId) -> Fallible<Vec<MessageAttempt>> {
    let mut find =
        conn.prepare_cached("select attempt, at, error from outbox_attempt where message = ? order by attempt")?;
    let rows = find.query_map([id.bytes()], |row| {
        Ok(MessageAttempt { attempt: row.get(0)?, at: row.get(1)?, error: row.get(2)? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
