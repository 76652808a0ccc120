//! `roadworthy decisions` and `roadworthy decide`.

use super::alerts::severity;
use crate::{
    args::alerts::{Answer, Decisions, DecisionsCommand},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, time},
    session::{Place, Session, id},
};
use roadworthy_api::{
    Code,
    alert::{Action, DecisionRow, DecisionState},
    calls::{AnswerDecision, DecideNow, ListDecisions},
};

const PAGE: u32 = 200;

pub(crate) fn run(place: &Place, out: &mut Out, decisions: &Decisions) -> Result<Exit, Stop> {
    match &decisions.command {
        None => list(place, out, decisions),
        Some(DecisionsCommand::Approve(said)) => answer(place, out, said, true),
        Some(DecisionsCommand::Refuse(said)) => answer(place, out, said, false),
    }
}

fn list(place: &Place, out: &mut Out, wanted: &Decisions) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let vehicle = wanted.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
    let waiting = !wanted.all;
    let rows = session.all(|offset| ListDecisions { waiting, vehicle, offset, limit: PAGE })?;
    shown(
        out,
        &rows,
        if waiting { "No decision waits for an answer; --all lists the others." } else { "No decisions." },
    )
}

fn answer(place: &Place, out: &mut Out, said: &Answer, approve: bool) -> Result<Exit, Stop> {
    let decision = id(&said.decision, "a decision", "`roadworthy decisions --all` prints the ids.")?;
    let row = Session::open_to_store(place)?.call(AnswerDecision { decision, approve, note: said.note.clone() })?;
    if out.json {
        out.object(&row)?;
    } else {
        out.table(&[line(&row)])?;
    }
    Ok(Exit::Good)
}

/// Has the rules decide about a vehicle now.
pub(crate) fn decide(place: &Place, out: &mut Out, named: &str) -> Result<Exit, Stop> {
    let session = Session::open_to_store(place)?;
    let vehicle = session.find_vehicle(named)?;
    let rows = match session.call(DecideNow { vehicle }) {
        Ok(rows) => rows,
        // No port is at fault, and `--help` promises that code for those.
        Err(error) if error.code == Code::Timeout => {
            out.complain(&error);
            return Ok(Exit::Failed);
        }
        Err(error) => return Err(error.into()),
    };
    shown(out, &rows, "Nothing to decide: nothing was found on this vehicle, or what was found is approved already.")
}

fn shown(out: &mut Out, rows: &[DecisionRow], none: &str) -> Result<Exit, Stop> {
    if out.json {
        out.object(&rows)?;
    } else if rows.is_empty() {
        out.line(none)?;
    } else {
        out.table(&rows.iter().map(line).collect::<Vec<_>>())?;
    }
    Ok(Exit::Good)
}

/// A decision as a line of a table.
pub(super) fn line(row: &DecisionRow) -> Vec<Cell> {
    let action = match row.action {
        Action::Note => "note",
        Action::Alert => "tell",
        Action::Propose => "propose",
        Action::Ask => "ask",
    };
    let said = |word: &str, at, by: &str, note: &str| match note {
        "" => format!("{word} {} by {by}", time(at)),
        note => format!("{word} {} by {by}: {note}", time(at)),
    };
    let (tone, state) = match &row.state {
        DecisionState::Done => (Tone::Plain, "needs no answer".to_owned()),
        DecisionState::Waiting => (Tone::Watch, "waits for an answer".to_owned()),
        DecisionState::Approved { at, by, note } => (Tone::Plain, said("approved", *at, by, note)),
        DecisionState::Refused { at, by, note } => (Tone::Plain, said("refused", *at, by, note)),
        DecisionState::Overtaken => (Tone::Faint, "overtaken".to_owned()),
    };
    vec![
        severity(row.severity),
        cell(Tone::Strong, &row.vehicle_name),
        cell(Tone::Plain, &row.title),
        cell(Tone::Plain, format!("{action} ({})", row.rule)),
        cell(tone, state),
        cell(Tone::Faint, time(row.at)),
        cell(Tone::Plain, &row.work),
        cell(Tone::Faint, row.id.to_string()),
    ]
}
