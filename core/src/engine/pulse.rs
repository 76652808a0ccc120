//! The pulse: how everything is, from one place, asked for by pages and told to them when it changes.

use super::now;
use crate::{
    backup::{Backups, Caretaker},
    live::Lives,
    store::{Store, alert, outbox},
    workers::Workers,
};
use roadworthy_api::{Result, work::Pulse};
use std::sync::Arc;

/// What the pulse is taken of.
pub(crate) struct Sources {
    pub(super) store: Arc<Store>,
    pub(super) workers: Arc<Workers>,
    pub(super) lives: Arc<Lives>,
    pub(super) backups: Backups,
    pub(super) caretaker: Arc<Caretaker>,
}

impl Sources {
    /// How everything is just now.
    pub(crate) fn pulse(&self) -> Result<Pulse> {
        let (counts, (waiting, dead_letters)) =
            self.store.read(|conn| Ok((alert::counts(conn, now())?, outbox::counts(conn)?)))?;
        let (workers_in_trouble, workers_run) = self.workers.trouble()?;
        let (last_backup, backup_problem) = self.backups.last()?;
        let sessions = self.lives.list();
        let recording = sessions.iter().filter(|session| session.recording.is_some()).count();
        Ok(Pulse {
            alerts: (counts.open, counts.act_now),
            decisions: counts.waiting,
            waiting,
            dead_letters,
            workers_in_trouble,
            workers_run,
            recording: u32::try_from(recording).unwrap_or(u32::MAX),
            recording_problem: sessions.into_iter().find_map(|session| session.recording_problem),
            last_backup,
            backup_problem,
            damage: self.caretaker.damage(),
        })
    }
}
