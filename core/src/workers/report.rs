//! The workers as people see them, in whichever process they run.

use super::{
    elect,
    runtime::{Workers, folder},
    shared::Doing,
};
use crate::store::worker::{self, Row};
use roadworthy_api::{
    Result,
    work::{WorkerReport, WorkerRow, WorkerState},
};

impl Workers {
    /// Every worker.
    pub(crate) fn report(&self) -> Result<WorkerReport> {
        let post = self.post();
        let process = match &post {
            Some(_) => Some(Some(std::process::id())),
            None => elect::holder(folder(&self.store)),
        };
        let now = (self.pace.now)();
        let workers = self.store.read(|conn| {
            let mut rows = Vec::with_capacity(self.list.len());
            for (seat, worker) in self.list.iter().enumerate() {
                let name = worker.name();
                let row = worker::get(conn, name)?;
                let (lag, oldest) = match &row {
                    Some(row) => {
                        let hears = worker.hears_telemetry();
                        worker::lag(conn, self.store.device(), worker.listens(), hears, row.place)?
                    }
                    None => (0, None),
                };
                let state = match (&row, &post) {
                    (Some(row), _) if process.is_none() && !row.paused => WorkerState::Off,
                    (None, _) => WorkerState::Off,
                    (Some(row), Some(shared)) => here(shared.doing(seat), row),
                    (Some(row), None) => elsewhere(row, oldest),
                };
                rows.push(WorkerRow {
                    name: name.to_owned(),
                    does: worker.does().to_owned(),
                    state,
                    lag,
                    lag_ms: oldest.map_or(0, |oldest| now.saturating_sub(oldest).max(0).unsigned_abs()),
                    handled: row.as_ref().map_or(0, |row| row.handled),
                    dead: worker::count_dead(conn, Some(name))?,
                    last_failure: row.and_then(|row| row.last_failure),
                });
            }
            Ok(rows)
        })?;
        Ok(WorkerReport { here: post.is_some(), process: process.flatten(), workers })
    }

    /// Workers that need somebody's look, by name, and whether any process runs them.
    pub(crate) fn trouble(&self) -> Result<(Vec<String>, bool)> {
        let report = self.report()?;
        let troubled = |row: &WorkerRow| {
            row.dead > 0 || matches!(row.state, WorkerState::Retrying { .. } | WorkerState::Stalled { .. })
        };
        let run = report.here || report.process.is_some();
        Ok((report.workers.into_iter().filter(troubled).map(|row| row.name).collect(), run))
    }
}

fn here(doing: Doing, row: &Row) -> WorkerState {
    match doing {
        Doing::Busy { since, .. } => WorkerState::Busy { since },
        Doing::Stalled { since, at } => WorkerState::Stalled { since, at },
        _ if row.paused => WorkerState::Paused,
        Doing::Retrying { attempts, next, cause } => WorkerState::Retrying { attempts, next, cause },
        Doing::Nothing => WorkerState::Idle,
    }
}

/// What the table tells of a worker that another process runs.
fn elsewhere(row: &Row, oldest: Option<i64>) -> WorkerState {
    if let Some((since, at)) = row.stalled.clone() {
        WorkerState::Stalled { since, at }
    } else if row.paused {
        WorkerState::Paused
    } else if let Some((attempts, next, cause)) = row.failing.clone() {
        WorkerState::Retrying { attempts, next, cause }
    } else if let Some(oldest) = oldest {
        // It has been at what it is at since that came, or since it was done with what came before.
        WorkerState::Busy { since: oldest.max(row.moved) }
    } else {
        WorkerState::Idle
    }
}
