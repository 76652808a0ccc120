//! What the security monitor has learned, kept across restarts: added to the table every few minutes and at the end, never per
//! call.

use super::{Engine, now};
use crate::{
    journal::{
        NewEvent,
        kind::{self, RiskFlagged},
    },
    monitor::Monitor,
    store::{Store, habit},
};
use jiff::{Timestamp as Moment, tz::TimeZone};
use roadworthy_api::Timestamp;
use std::sync::{Mutex, PoisonError};

/// Milliseconds between two saves: what a killed process forgets at most.
const SAVE_EVERY_MS: Timestamp = 5 * 60_000;
/// Who says what the monitor has flagged.
const ACTOR: &str = "engine/security";

/// A monitor that knows what was stored. One that cannot be read begins anew: it must not keep the engine from opening.
pub(super) fn recall(store: &Store) -> Mutex<Monitor> {
    let zone = TimeZone::system().to_offset(Moment::now());
    let mut monitor = Monitor::new(i64::from(zone.seconds()) * 1000);
    match store.read(habit::all) {
        Ok(habits) => habits.into_iter().for_each(|(key, text)| monitor.recall(key, &text)),
        Err(error) => tracing::warn!(%error, "what is usual could not be read; the monitor begins anew"),
    }
    Mutex::new(monitor)
}

impl Engine {
    /// Journals a flag.
    pub(super) fn say_risk(&self, flag: &RiskFlagged) {
        let said = self.store.write(ACTOR, now(), |w| {
            let new = NewEvent::new(w.mint()?, kind::RISK_FLAGGED, None, flag)?;
            w.append(new).map(drop)
        });
        if let Err(error) = said {
            tracing::error!(%error, "unusual behaviour could not be journalled");
        }
    }

    pub(super) fn save_habits_if_due(&self) {
        let now = now();
        {
            let mut saved = self.habits_saved.lock().unwrap_or_else(PoisonError::into_inner);
            if now.abs_diff(*saved) < SAVE_EVERY_MS.unsigned_abs() {
                return;
            }
            *saved = now;
        }
        self.save_habits();
    }

    fn save_habits(&self) {
        let lock = || self.monitor.lock().unwrap_or_else(PoisonError::into_inner);
        let (counts, zone_ms) = {
            let mut monitor = lock();
            (monitor.unsaved(), monitor.zone_ms())
        };
        if counts.is_empty() {
            return;
        }
        // Calls go on being counted meanwhile.
        match self.store.write_local(|tx| habit::add(tx, &counts, zone_ms)) {
            Ok(saved) => {
                let mut monitor = lock();
                saved.into_iter().for_each(|(key, habit)| monitor.saved(key, habit));
            }
            Err(error) => {
                tracing::warn!(%error, "what is usual could not be stored yet");
                lock().not_saved(counts);
            }
        }
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.save_habits();
    }
}
