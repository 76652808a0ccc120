//! Table `outbox` (local): messages for the world outside.

use super::Fallible;
use crate::outbox::NewMessage;
use roadworthy_api::{
    Code, Error, Timestamp,
    id::{AlertId, EventId, MessageId},
};
use rusqlite::{Connection, params};

/// Puts a message in, unless one with its key is there already; says whether it did.
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
            "insert into outbox (id, key, channel, event, alert, vehicle, subject, about, created, state, state_at, next_at)
             values (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 'waiting', ?9, ?9) on conflict (key) do nothing",
        )?
        .execute(params![
            id.bytes(),
            message.key,
            message.channel,
            event.bytes(),
            message.about.alert.map(AlertId::bytes),
            vehicle,
            message.subject,
            about,
            now,
        ])?;
    Ok(put > 0)
}
