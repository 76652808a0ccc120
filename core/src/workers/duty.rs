//! Duties: what the elected process does beside its workers, each on a thread of its own: sending what the outbox holds,
//! sealing telemetry, making backups. Unlike a worker a duty touches the world, and keeps its own place.

use super::{caught::caught, shared::Shared};
use roadworthy_api::Result;
use std::{sync::Arc, time::Duration};

/// Longest time between two turns.
const REST: Duration = Duration::from_secs(60);

/// One duty. It is asked again after each commit of whichever process, so a turn with nothing to do must cost nothing and
/// write nothing.
pub(crate) trait Duty: Send + 'static {
    /// Its name, for the log.
    fn name(&self) -> &'static str;

    /// Does what is to be done by now; says when there is more to do without a commit, `None`: not before the next one.
    /// `leaving` says whether this process ends; a long turn asks it between its steps.
    fn turn(&mut self, leaving: &dyn Fn() -> bool) -> Result<Option<Duration>>;
}

/// Runs a duty until the process leaves the post. One that fails or panics is asked again with growing pauses.
pub(super) fn run(mut duty: Box<dyn Duty>, shared: &Arc<Shared>) {
    let mut failures = 0;
    while !shared.stopped() {
        let seen = shared.store.bell.rung();
        let outcome = match caught(|| duty.turn(&|| shared.stopped())) {
            Ok(outcome) => outcome.map_err(|error| error.to_string()),
            Err(why) => Err(format!("it panicked: {why}")),
        };
        match outcome {
            Ok(again) => {
                failures = 0;
                shared.store.bell.wait(seen, again.unwrap_or(REST).min(REST));
            }
            Err(why) => {
                failures += 1;
                tracing::warn!(duty = duty.name(), why, failures, "a duty failed and is tried again");
                shared.rest(shared.pace.pause(failures));
            }
        }
    }
}
