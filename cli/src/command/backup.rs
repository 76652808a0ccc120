//! `roadworthy backup` and `roadworthy restore`.

use super::progress::Progress;
use crate::{
    args::backup::{Backup, Restore, What},
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count, time},
    session::{Place, Session, interrupted},
};
use roadworthy_api::{
    Code, Error, Result,
    backup::{BackupReason, BackupRow, Restored},
    calls::{CancelJob, GetJob, ListBackups, MakeBackup, RestoreBackup, VerifyBackup},
    job::{Job, JobState},
};
use roadworthy_core::{Engine, KeyPlace, default_data_dir};
use serde_json::json;
use std::{path::Path, pin::pin, time::Duration};

/// How often a job is asked for.
const POLL: Duration = Duration::from_millis(100);

pub(crate) fn run(place: &Place, out: &mut Out, backup: Backup) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    match backup.what {
        None => make(&session, out, backup.to.as_deref()),
        Some(What::List) => list(&session, out),
        Some(What::Verify { backup }) => verify(&session, out, &backup),
    }
}

fn make(session: &Session, out: &mut Out, to: Option<&Path>) -> Result<Exit, Stop> {
    let absolute = |path: &Path| {
        std::path::absolute(path).map(|path| path.display().to_string()).map_err(|e| {
            Error::new(Code::Invalid, format!("{} is no folder: {e}.", path.display())).hint("Name another folder.")
        })
    };
    let folder = to.map(absolute).transpose()?;
    let job = session.runtime.block_on(follow(session, MakeBackup { folder }))?;
    match job.state {
        JobState::Made { name } => {
            if out.json {
                out.object(&json!({ "backup": name }))?;
            } else {
                out.line(&format!("Made: {}", out.paint(Tone::Strong, &name)))?;
            }
            Ok(Exit::Good)
        }
        JobState::Failed { error } => Err(error.into()),
        JobState::Running | JobState::Done { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => {
            Err(Error::new(Code::Internal, "The backup ended without a result.").into())
        }
    }
}

/// Shows the progress until the job has ended; Ctrl C cancels it.
async fn follow(session: &Session, request: MakeBackup) -> Result<Job> {
    let mut progress = Progress::new();
    progress.say("Making a backup");
    let job = session.call_later(request).await?;
    let mut poll = tokio::time::interval(POLL);
    let mut stop = pin!(interrupted());
    loop {
        let state = session.call_later(GetJob { job }).await?;
        let ended = !matches!(state.state, JobState::Running);
        progress.show(&state, ended);
        if ended {
            return Ok(state);
        }
        tokio::select! {
            _ = poll.tick() => {}
            () = &mut stop => {
                stop.set(interrupted());
                session.call_later(CancelJob { job }).await?;
            }
        }
    }
}

fn list(session: &Session, out: &mut Out) -> Result<Exit, Stop> {
    let rows = session.call(ListBackups {})?;
    if out.json {
        out.object(&rows)?;
        return Ok(Exit::Good);
    }
    let Some(first) = rows.first() else {
        out.line("There is no backup yet. `roadworthy backup` makes one.")?;
        return Ok(Exit::Good);
    };
    out.line(&format!("In {}:", first.folder))?;
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            let problem = match &row.problem {
                None => cell(Tone::Plain, ""),
                Some(problem) => cell(Tone::Bad, &problem.message),
            };
            vec![
                cell(Tone::Strong, &row.name),
                cell(Tone::Plain, time(row.at)),
                cell(Tone::Faint, why(row.why)),
                cell(Tone::Plain, size(row)),
                problem,
            ]
        })
        .collect();
    out.table(&cells)?;
    Ok(Exit::Good)
}

fn why(why: BackupReason) -> &'static str {
    match why {
        BackupReason::Asked => "asked for",
        BackupReason::Scheduled => "due",
        BackupReason::BeforeRestore => "before a restore",
        BackupReason::BeforeMigration => "before an update",
    }
}

fn size(row: &BackupRow) -> String {
    let events = count(usize::try_from(row.events).unwrap_or(usize::MAX), "event");
    let files = count(usize::try_from(row.files.0).unwrap_or(usize::MAX), "file");
    format!("{events}, {files}, {:.1} MB", (row.database_bytes + row.files.1) as f64 / 1e6)
}

fn verify(session: &Session, out: &mut Out, backup: &str) -> Result<Exit, Stop> {
    let report = session.call(VerifyBackup { name: backup.to_owned() })?;
    let exit = if report.faults.is_empty() { Exit::Good } else { Exit::Failed };
    if out.json {
        out.object(&report)?;
        return Ok(exit);
    }
    if report.faults.is_empty() {
        let whole = out.paint(Tone::Good, "The backup is whole:");
        out.line(&format!("{whole} {} events, {} blocks, {} files.", report.events, report.blocks, report.files))?;
        return Ok(exit);
    }
    out.line(&out.paint(Tone::Bad, "The backup is not whole:"))?;
    let rows: Vec<_> = report.faults.iter().map(|fault| vec![cell(Tone::Plain, fault)]).collect();
    out.table(&rows)?;
    Ok(exit)
}

pub(crate) fn restore(place: &Place, out: &mut Out, restore: Restore) -> Result<Exit, Stop> {
    if !restore.yes {
        let what = "Restoring puts the backup in the place of everything that is there now.";
        return Err(Error::new(Code::Invalid, what)
            .hint("Add --yes to do it. What is there is kept as a backup, so that it can be undone.")
            .into());
    }
    // The name is the backup's own; a path is made one that does not depend on where this was typed.
    let named = match std::fs::canonicalize(&restore.backup) {
        Ok(path) if restore.backup.contains(std::path::MAIN_SEPARATOR) => path.display().to_string(),
        _ => restore.backup,
    };
    let restored = match Session::open(place) {
        Ok(session) => session.call(RestoreBackup { name: named })?,
        Err(error) if error.code == Code::DatabaseUnusable => {
            let data = place.data.clone().map_or_else(default_data_dir, Ok)?;
            Engine::rescue(&data, KeyPlace::Keyring, &named)?
        }
        Err(error) => return Err(error.into()),
    };
    if out.json {
        out.object(&restored)?;
        return Ok(Exit::Good);
    }
    told(out, &restored)?;
    Ok(Exit::Good)
}

fn told(out: &mut Out, restored: &Restored) -> Result<(), Stop> {
    let Restored { from, events, lost, forgotten, undo } = restored;
    out.line(&format!("Restored from {}: {events} events.", out.paint(Tone::Strong, from)))?;
    if *lost > 0 {
        out.line(&format!("{lost} events since then are set aside."))?;
    }
    if *forgotten > 0 {
        let people = count(*forgotten as usize, "customer");
        out.line(&format!("{people} who had been forgotten since then stayed forgotten."))?;
    }
    out.line(&format!("What was there before: {undo}"))?;
    Ok(())
}
