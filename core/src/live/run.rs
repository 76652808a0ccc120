//! Keeps a session's link: opens it, reads, connects again when it breaks, gives up in the end.

use super::{Opener, Session};
use crate::{engine::now, ports::Claim};
use roadworthy_api::{Code, Error, Result, Timestamp};
use roadworthy_obd::{
    adapter::Reset,
    check::CheckOptions,
    link::Port,
    live::{Control, run_live},
};
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// How often is looked whether this machine has slept.
const LOOK: Duration = Duration::from_secs(1);
/// Clocks that differ by more than this (ms) were not merely set right.
const SLEPT: i64 = 10_000;

/// Runs a session to its end.
pub(super) async fn run(session: Arc<Session>, opener: Opener, port: Port, baud: Option<u32>, claim: Claim) {
    let reading = tries(&session, &opener, &port, baud);
    let ticking = async {
        let mut tick = tokio::time::interval(session.pace().frame);
        tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tick.tick().await;
            session.tick();
        }
    };
    let end = tokio::select! {
        end = reading => end,
        () = ticking => Ok(()),
    };
    // The port is free before anybody hears that the session is over.
    drop(claim);
    // Keeping a recording reads and writes files.
    drop(tokio::task::spawn_blocking(move || session.end(end.err())).await);
}

async fn tries(session: &Arc<Session>, opener: &Opener, port: &Port, baud: Option<u32>) -> Result<()> {
    let (mut reset, mut attempt, mut broke) = (Reset::Cold, 0, Instant::now());
    loop {
        session.trying();
        let Err(error) = once(session, opener, port, baud, reset).await else { return Ok(()) };
        let (ever, just_now) = session.met();
        let dropped = error.code == Code::LinkLost && port.is_device() && !just_now;
        if !ever {
            if dropped && reset == Reset::Cold {
                // Some adapters drop the link on a full reset.
                reset = Reset::Warm;
                continue;
            }
            return Err(error);
        }
        if matches!(port, Port::Replay(_)) || !worth_a_try(error.code) {
            return Err(error);
        }
        if just_now {
            (attempt, broke, reset) = (0, Instant::now(), Reset::Cold);
        } else if dropped {
            reset = if reset == Reset::Cold { Reset::Warm } else { Reset::Cold };
        }
        if broke.elapsed() > session.pace().give_up {
            return Err(error);
        }
        attempt += 1;
        session.broken(error, attempt);
        let pause = session.pace().pause * (1 << (attempt - 1).min(4));
        if stopped_within(session.control(), pause).await {
            return Ok(());
        }
    }
}

/// Whether connecting again may mend it.
fn worth_a_try(code: Code) -> bool {
    matches!(
        code,
        Code::LinkLost
            | Code::NoAdapter
            | Code::PortBusy
            | Code::NoPermission
            | Code::NotAnAdapter
            | Code::AdapterFault
            | Code::NoVehicle
            | Code::Timeout
    )
}

async fn stopped_within(mut control: watch::Receiver<Control>, pause: Duration) -> bool {
    tokio::time::timeout(pause, control.wait_for(|c| c.stop)).await.is_ok()
}

async fn once(
    session: &Arc<Session>,
    opener: &Opener,
    port: &Port,
    baud: Option<u32>,
    reset: Reset,
) -> Result<(), Error> {
    let mut control = session.control();
    let link = tokio::select! {
        biased;
        _ = control.wait_for(|c| c.stop) => return Ok(()),
        link = opener(port.clone(), baud) => link?,
    };
    let passports = session.passports(port);
    let options =
        CheckOptions { reset, passports, now: clock(session.last_at()), ..CheckOptions::new(port.to_string()) };
    let mut take = |event| session.take(event);
    tokio::select! {
        end = run_live(link, options, session.control(), &mut take) => end,
        slept = slept() => Err(slept),
    }
}

/// Ends when this machine has slept: the adapter has forgotten its settings or its client by then, a dead network link would
/// be noticed only minutes later, and the clock by which samples are dated stood still meanwhile.
async fn slept() -> Error {
    let (wall, since) = (now(), Instant::now());
    loop {
        tokio::time::sleep(LOOK).await;
        if behind(wall, now(), since.elapsed()) > SLEPT {
            return Error::new(Code::LinkLost, "This machine was asleep.").hint("It connects again by itself.");
        }
    }
}

/// How far the clock on the wall is ahead of one that stops while the machine sleeps, in milliseconds.
fn behind(start: Timestamp, wall: Timestamp, running: Duration) -> i64 {
    wall.saturating_sub(start).saturating_sub(i64::try_from(running.as_millis()).unwrap_or(i64::MAX))
}

/// The time of day as it was when the link was opened, moved on by a clock that nobody sets: a sample is never older than the
/// one before.
fn clock(after: Timestamp) -> Arc<dyn Fn() -> Timestamp + Send + Sync> {
    let (start, since) = (now().max(after), Instant::now());
    Arc::new(move || start.saturating_add(i64::try_from(since.elapsed().as_millis()).unwrap_or(i64::MAX)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sleep_shows_in_the_clock_that_went_on() {
        let start = 1_800_000_000_000;
        for (wall, running, slept) in [
            (start + 5_000, 5_000, false),
            (start + 9_000, 5_000, false),
            (start + 3_600_000, 5_000, true),
            // Set back: nothing slept.
            (start - 3_600_000, 5_000, false),
        ] {
            assert_eq!(behind(start, wall, Duration::from_millis(running)) > SLEPT, slept, "{wall} {running}");
        }
    }
}
