//! `roadworthy workers`.

use crate::{
    args::workers::{DeadCommand, DeadEvent as Named, Workers, WorkersCommand},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, time},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{DropDeadEvent, ListDeadEvents, ListWorkers, PauseWorker, RetryDeadEvent},
    work::{DeadEvent, WorkerReport, WorkerRow, WorkerState},
};
use serde_json::json;

const PAGE: u32 = 200;

pub(crate) fn run(place: &Place, out: &mut Out, workers: &Workers) -> Result<Exit, Stop> {
    match &workers.command {
        None => list(place, out),
        Some(WorkersCommand::Pause { worker }) => pause(place, out, worker, true),
        Some(WorkersCommand::Resume { worker }) => pause(place, out, worker, false),
        Some(WorkersCommand::Dead(dead)) => match &dead.command {
            None | Some(DeadCommand::List) => dead_list(place, out),
            Some(DeadCommand::Retry(named)) => retry(place, out, named),
            Some(DeadCommand::Drop(named)) => drop_one(place, out, named),
        },
    }
}

fn list(place: &Place, out: &mut Out) -> Result<Exit, Stop> {
    let report = Session::open(place)?.call(ListWorkers {})?;
    if out.json {
        out.object(&report)?;
        return Ok(Exit::Good);
    }
    out.line(&who(&report))?;
    out.table(&report.workers.iter().map(line).collect::<Vec<_>>())?;
    let dead: u32 = report.workers.iter().map(|row| row.dead).sum();
    if dead > 0 {
        out.line("\n`roadworthy workers dead` lists what was given up, with why.")?;
    }
    Ok(Exit::Good)
}

fn who(report: &WorkerReport) -> String {
    match report.process {
        Some(process) => format!("Process {process} runs the workers."),
        None if report.workers.iter().any(|row| row.state != WorkerState::Off && row.state != WorkerState::Paused) => {
            "A process runs the workers; its number could not be read.".into()
        }
        None => "No process runs the workers. The window does, `roadworthy serve`, and commands that store something."
            .into(),
    }
}

fn line(row: &WorkerRow) -> Vec<Cell> {
    let waits = match row.lag {
        0 => cell(Tone::Faint, "nothing waits"),
        lag => cell(Tone::Plain, format!("{} waiting, {}", lag, age(row.lag_ms))),
    };
    let dead = match row.dead {
        0 => cell(Tone::Plain, ""),
        dead => cell(Tone::Bad, format!("{dead} given up")),
    };
    let failure = match (&row.state, &row.last_failure) {
        (WorkerState::Retrying { .. }, _) | (_, None) => cell(Tone::Plain, ""),
        (_, Some((at, why))) => cell(Tone::Faint, format!("last failure {}: {why}", time(*at))),
    };
    vec![
        cell(Tone::Strong, &row.name),
        state(&row.state),
        waits,
        cell(Tone::Plain, format!("{} handled", row.handled)),
        dead,
        failure,
    ]
}

fn state(state: &WorkerState) -> Cell {
    match state {
        WorkerState::Idle => cell(Tone::Good, "✓ idle"),
        WorkerState::Busy { since } => cell(Tone::Plain, format!("▸ at work since {}", time(*since))),
        WorkerState::Paused => cell(Tone::Watch, "‖ paused"),
        WorkerState::Retrying { attempts, next, cause } => {
            let tries = count(usize::try_from(*attempts).unwrap_or(usize::MAX), "attempt");
            cell(Tone::Watch, format!("▲ failed, {tries}, tried again {}: {cause}", time(*next)))
        }
        WorkerState::Stalled { since, at } => cell(Tone::Bad, format!("⬢ stalled since {} at: {at}", time(*since))),
        WorkerState::Off => cell(Tone::Faint, "◌ off"),
    }
}

/// How long the oldest has waited, roughly.
fn age(ms: u64) -> String {
    match ms / 1000 {
        seconds @ 0..120 => format!("{seconds} s"),
        seconds @ 120..7200 => format!("{} min", seconds / 60),
        seconds @ 7200..172_800 => format!("{} h", seconds / 3600),
        seconds => format!("{} days", seconds / 86_400),
    }
}

fn pause(place: &Place, out: &mut Out, worker: &str, paused: bool) -> Result<Exit, Stop> {
    // Whoever lets one go on wants it to work; that takes a process that runs workers.
    let session = if paused { Session::open(place)? } else { Session::open_to_store(place)? };
    session.call(PauseWorker { worker: worker.to_owned(), paused })?;
    if out.json {
        out.object(&json!({ "worker": worker, "paused": paused }))?;
    } else if paused {
        out.line("Paused. What it would hear waits for it.")?;
    } else {
        out.line("It goes on.")?;
    }
    Ok(Exit::Good)
}

fn dead_list(place: &Place, out: &mut Out) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let rows: Vec<DeadEvent> = session.all(|offset| ListDeadEvents { offset, limit: PAGE })?;
    if out.json {
        out.object(&rows)?;
    } else if rows.is_empty() {
        out.line("No worker has given anything up.")?;
    } else {
        out.table(&rows.iter().map(dead_line).collect::<Vec<_>>())?;
    }
    Ok(Exit::Good)
}

fn dead_line(row: &DeadEvent) -> Vec<Cell> {
    let tries = count(usize::try_from(row.attempts).unwrap_or(usize::MAX), "attempt");
    vec![
        cell(Tone::Strong, &row.worker),
        cell(Tone::Faint, row.arrival.to_string()),
        cell(Tone::Plain, &row.summary),
        cell(Tone::Plain, format!("given up {} after {tries}", time(row.at))),
        cell(Tone::Bad, &row.cause),
    ]
}

fn retry(place: &Place, out: &mut Out, named: &Named) -> Result<Exit, Stop> {
    let session = Session::open_to_store(place)?;
    let Named { worker, arrival } = named;
    session.call(RetryDeadEvent { worker: worker.clone(), arrival: *arrival })?;
    if out.json {
        out.object(&json!({ "worker": worker, "arrival": arrival, "again": true }))?;
    } else {
        out.line("It is tried again. What fails once more is listed by `roadworthy workers dead` again.")?;
    }
    Ok(Exit::Good)
}

fn drop_one(place: &Place, out: &mut Out, named: &Named) -> Result<Exit, Stop> {
    let Named { worker, arrival } = named;
    Session::open(place)?.call(DropDeadEvent { worker: worker.clone(), arrival: *arrival })?;
    if out.json {
        out.object(&json!({ "worker": worker, "arrival": arrival, "dropped": true }))?;
    } else if *arrival == 0 {
        out.line("Dropped, all telemetry that it gave up on. The recordings keep the values.")?;
    } else {
        out.line("Dropped. The event itself stays in the journal.")?;
    }
    Ok(Exit::Good)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_told_in_the_unit_that_fits() {
        for (ms, expect) in [
            (0, "0 s"),
            (119_999, "119 s"),
            (120_000, "2 min"),
            (7_199_000, "119 min"),
            (7_200_000, "2 h"),
            (172_800_000, "2 days"),
            (u64::MAX, "213503982334 days"),
        ] {
            assert_eq!(age(ms), expect, "{ms}");
        }
    }
}
