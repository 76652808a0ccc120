//! `roadworthy outbox`.

use crate::{
    args::outbox::{Outbox, OutboxCommand},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, time},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error,
    calls::{DropMessage, GetMessage, ListMessages, RetryMessage, TryChannel},
    id::MessageId,
    work::{MessageDetail, MessageRow, MessageState, MessageView},
};
use serde_json::json;

const PAGE: u32 = 200;

pub(crate) fn run(place: &Place, out: &mut Out, outbox: &Outbox) -> Result<Exit, Stop> {
    match &outbox.command {
        None => list(place, out, outbox),
        Some(OutboxCommand::Show { message }) => show(place, out, message),
        Some(OutboxCommand::Retry { message, .. }) => retry(place, out, message.as_deref()),
        Some(OutboxCommand::Drop { message }) => {
            let row = Session::open_to_store(place)?.call(DropMessage { message: id(message)? })?;
            said(out, &row, "Dropped.")
        }
        Some(OutboxCommand::Try { channel }) => {
            // Whatever the code: no port and no typing is at fault, and `--help` promises codes for those.
            if let Err(error) = Session::open(place)?.call(TryChannel { channel: channel.clone() }) {
                out.complain(&error);
                return Ok(Exit::Failed);
            }
            if out.json {
                out.object(&json!({ "channel": channel, "sent": true }))?;
            } else {
                out.line("Sent. Look whether it has arrived.")?;
            }
            Ok(Exit::Good)
        }
    }
}

fn id(text: &str) -> Result<MessageId, Error> {
    text.parse().map_err(|e| {
        Error::new(Code::Invalid, format!("{text:?} is not the id of a message: {e}."))
            .hint("`roadworthy outbox` lists them with their ids.")
    })
}

fn list(place: &Place, out: &mut Out, outbox: &Outbox) -> Result<Exit, Stop> {
    let view = match (outbox.dead, outbox.waiting, outbox.sent) {
        (true, ..) => MessageView::Dead,
        (_, true, _) => MessageView::Waiting,
        (.., true) => MessageView::Sent,
        _ => MessageView::All,
    };
    let session = Session::open(place)?;
    let rows: Vec<MessageRow> = session.all(|offset| ListMessages { view, offset, limit: PAGE })?;
    if out.json {
        out.object(&rows)?;
    } else if rows.is_empty() {
        out.line(match view {
            MessageView::Dead => "No dead letters.",
            MessageView::Waiting => "Nothing waits.",
            MessageView::Sent => "Nothing was sent yet.",
            MessageView::All => "No messages yet. They come with alerts; `roadworthy notify` says who is told.",
        })?;
    } else {
        out.table(&rows.iter().map(line).collect::<Vec<_>>())?;
    }
    Ok(Exit::Good)
}

fn line(row: &MessageRow) -> Vec<Cell> {
    vec![
        cell(Tone::Plain, time(row.created)),
        state(&row.state),
        cell(Tone::Plain, &row.channel),
        cell(Tone::Strong, &row.subject),
        cell(Tone::Plain, if row.attempts == 0 { String::new() } else { count(row.attempts as usize, "attempt") }),
        cell(Tone::Plain, &row.last_error),
        cell(Tone::Faint, row.id.to_string()),
    ]
}

fn state(state: &MessageState) -> Cell {
    match state {
        MessageState::Waiting { .. } => cell(Tone::Plain, "◌ waits"),
        MessageState::Sending => cell(Tone::Plain, "→ on its way"),
        MessageState::Sent { .. } => cell(Tone::Good, "✓ sent"),
        MessageState::Dead { .. } => cell(Tone::Bad, "⬢ dead letter"),
        MessageState::Dropped { .. } => cell(Tone::Faint, "– dropped"),
    }
}

fn show(place: &Place, out: &mut Out, message: &str) -> Result<Exit, Stop> {
    let detail: MessageDetail = Session::open(place)?.call(GetMessage { message: id(message)? })?;
    if out.json {
        out.object(&detail)?;
        return Ok(Exit::Good);
    }
    let row = &detail.row;
    let when = match row.state {
        MessageState::Waiting { next } => format!("Waits; tried again from {}.", time(next)),
        MessageState::Sending => "On its way just now.".to_owned(),
        MessageState::Sent { at } => format!("Sent {}.", time(at)),
        MessageState::Dead { at } => format!("Given up {}. Have it tried again, or drop it.", time(at)),
        MessageState::Dropped { at } => format!("Dropped {}.", time(at)),
    };
    out.line(&format!("{} through {}: {}", time(row.created), row.channel, row.subject))?;
    out.line(&detail.text)?;
    out.line(&when)?;
    if !row.last_error.is_empty() {
        out.line(&row.last_error)?;
    }
    out.heading("Attempts")?;
    if detail.attempts.is_empty() {
        out.line("  None yet.")?;
    }
    let attempts: Vec<_> = detail
        .attempts
        .iter()
        .map(|attempt| {
            let (tone, said) = match attempt.error.as_deref() {
                Some("") => (Tone::Good, "taken"),
                Some(why) => (Tone::Plain, why),
                None => (Tone::Faint, "no end is known: it runs, or the program ended while it ran"),
            };
            vec![cell(Tone::Plain, attempt.attempt.to_string()), cell(Tone::Plain, time(attempt.at)), cell(tone, said)]
        })
        .collect();
    out.table(&attempts)?;
    Ok(Exit::Good)
}

fn retry(place: &Place, out: &mut Out, message: Option<&str>) -> Result<Exit, Stop> {
    let session = Session::open_to_store(place)?;
    if let Some(message) = message {
        let row = session.call(RetryMessage { message: id(message)? })?;
        return said(out, &row, "It is tried again now, or as soon as a window or `roadworthy serve` runs.");
    }
    let dead: Vec<MessageRow> = session.all(|offset| ListMessages { view: MessageView::Dead, offset, limit: PAGE })?;
    let mut rows = Vec::new();
    for row in dead {
        rows.push(session.call(RetryMessage { message: row.id })?);
    }
    if out.json {
        out.object(&rows)?;
    } else {
        out.line(&format!("{} to be tried again.", count(rows.len(), "message")))?;
    }
    Ok(Exit::Good)
}

fn said(out: &mut Out, row: &MessageRow, words: &str) -> Result<Exit, Stop> {
    if out.json {
        out.object(row)?
    } else {
        out.line(words)?
    }
    Ok(Exit::Good)
}
