//! Delivery, in the one process that is elected: a duty for each channel, so that one that hangs stops no other.
//!
//! One message at a time, oldest first: claim it, write it out, send it, settle it. An attempt runs on a thread of its own that
//! is waited for only so long; one that never ends is left to itself, and the channel begins no other until it has. What was
//! taken by the other side is noted again and again until the database takes the note: only a kill in between sends it twice.

use super::{Channel, Failure, Letter, Policy, channels};
use crate::{
    store::{
        Store, Turn, outbox,
        outbox::{Claim, Outcome},
        setting,
    },
    workers::Duty,
};
use jiff::tz::TimeZone;
use roadworthy_api::{Result, system::Settings};
use std::{
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Who says in the journal what became of a message.
const ACTOR: &str = "engine/outbox";
/// How often what is old is removed.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// How often a wait looks whether it should end.
const LOOK: Duration = Duration::from_millis(50);

/// Delivery through every channel.
pub(crate) fn duties(store: &Arc<Store>) -> Vec<Box<dyn Duty>> {
    lanes(store, channels(store), &Policy::default())
}

pub(super) fn lanes(store: &Arc<Store>, channels: Vec<Arc<dyn Channel>>, policy: &Policy) -> Vec<Box<dyn Duty>> {
    let lane = |(place, channel)| {
        Box::new(Lane {
            store: store.clone(),
            channel,
            policy: policy.clone(),
            hung: None,
            // The first one sees to what is old for all.
            prunes: place == 0,
            pruned: None,
        }) as Box<dyn Duty>
    };
    channels.into_iter().enumerate().map(lane).collect()
}

/// One channel.
struct Lane {
    store: Arc<Store>,
    channel: Arc<dyn Channel>,
    policy: Policy,
    /// An attempt that took longer than it may and has not ended yet.
    hung: Option<JoinHandle<()>>,
    prunes: bool,
    pruned: Option<Instant>,
}

impl Duty for Lane {
    fn name(&self) -> &'static str {
        self.channel.name()
    }

    fn turn(&mut self, leaving: &dyn Fn() -> bool) -> Result<Option<Duration>> {
        if self.prunes && self.pruned.is_none_or(|at| at.elapsed() > PRUNE_EVERY) {
            self.pruned = Some(Instant::now());
            let now = crate::engine::now();
            if self.store.read(|conn| outbox::any_old(conn, now))? {
                self.store.write_local_in(Turn::Background, |tx| outbox::prune(tx, now))?;
            }
        }
        while !leaving() && self.step(leaving)? {}
        let now = crate::engine::now();
        let next = self.store.read(|conn| outbox::next(conn, self.channel.name()))?;
        Ok(next.map(|next| Duration::from_millis(u64::try_from(next.saturating_sub(now)).unwrap_or(0))))
    }
}

impl Lane {
    /// Does one thing; `false`: there is nothing to do.
    fn step(&mut self, leaving: &dyn Fn() -> bool) -> Result<bool> {
        let (now, name) = (crate::engine::now(), self.channel.name());
        let (due, settings) = self.store.read(|conn| {
            let settings: Settings = setting::get(conn, setting::SETTINGS)?.unwrap_or_default();
            Ok((outbox::due(conn, name, now)?, settings))
        })?;
        if !due {
            return Ok(false);
        }
        if !self.channel.on(&settings) {
            let why = switched_off(name);
            self.store.write_in(Turn::Background, ACTOR, now, |w| outbox::drop_waiting(w, name, &why, now))?;
            return Ok(true);
        }
        let limit = i64::try_from(self.channel.limit().as_millis()).unwrap_or(i64::MAX);
        let lease = now.saturating_add(limit).saturating_add(self.policy.margin);
        let claimed = self.store.write_local_in(Turn::Background, |tx| outbox::claim(tx, name, now, lease))?;
        let Some(claim) = claimed else { return Ok(true) };
        if let Some(why) = self.store.read(|conn| outbox::over(conn, &claim.about, now))? {
            self.note(&claim, &Outcome::Over { cause: why.to_owned() }, false, leaving)?;
            return Ok(true);
        }
        let zone = TimeZone::system();
        let letter = self.store.read(|conn| Letter::write(conn, &claim, self.store.device(), &zone));
        let result = match letter {
            Ok(letter) => self.send(letter, leaving),
            Err(error) => Err(Failure::temporary(error.to_string())),
        };
        self.settle(&claim, result, leaving)?;
        Ok(true)
    }

    fn send(&mut self, letter: Letter, leaving: &dyn Fn() -> bool) -> std::result::Result<String, Failure> {
        if self.hung.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Err(Failure::temporary("The attempt before this one hangs and has not ended yet."));
        }
        let (result, hung) = bounded(&self.channel, letter, leaving, self.policy.grace);
        self.hung = hung;
        result
    }

    fn settle(
        &self,
        claim: &Claim,
        result: std::result::Result<String, Failure>,
        leaving: &dyn Fn() -> bool,
    ) -> Result<()> {
        let sent = result.is_ok();
        let outcome = match result {
            Ok(remark) => Outcome::Sent { remark },
            Err(failure) => {
                tracing::info!(channel = self.channel.name(), cause = failure.cause, "a message was not sent");
                self.policy.after(claim, failure, crate::engine::now(), roll())
            }
        };
        self.note(claim, &outcome, sent, leaving)
    }

    /// Notes how it ended; what was sent is noted as long as it takes.
    fn note(&self, claim: &Claim, outcome: &Outcome, sent: bool, leaving: &dyn Fn() -> bool) -> Result<()> {
        loop {
            let now = crate::engine::now();
            let settled = self
                .store
                .write_in(Turn::Background, ACTOR, now, |w| outbox::settle(w, claim.id, claim.attempt, outcome, now));
            match settled {
                Ok(_) => return Ok(()),
                // The claim runs out by itself. What was sent would be sent again then, so that is noted as long as it takes.
                Err(error) if !sent || leaving() => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "that a message was sent could not be noted yet");
                    std::thread::sleep(self.policy.again);
                }
            }
        }
    }
}

/// Why messages of a channel go when it is switched off.
pub(crate) fn switched_off(channel: &str) -> String {
    format!("The channel {channel} was switched off in the settings.")
}

/// Sends a letter on a thread of its own and waits for it at most as long as the channel's limit says, or until this process
/// leaves and some grace. Gives the thread back where it has not ended.
pub(super) fn bounded(
    channel: &Arc<dyn Channel>,
    letter: Letter,
    leaving: &dyn Fn() -> bool,
    grace: Duration,
) -> (std::result::Result<String, Failure>, Option<JoinHandle<()>>) {
    let limit = channel.limit();
    let (tx, rx) = mpsc::channel();
    let sender = channel.clone();
    let work = move || drop(tx.send(sender.send(&letter)));
    let thread = match std::thread::Builder::new().name(format!("{}-attempt", channel.name())).spawn(work) {
        Ok(thread) => thread,
        Err(e) => return (Err(Failure::temporary(format!("No thread could be started ({e})."))), None),
    };
    let mut until = Instant::now() + limit;
    let mut stopping = false;
    loop {
        let left = until.saturating_duration_since(Instant::now());
        match rx.recv_timeout(left.min(LOOK)) {
            Ok(result) => {
                drop(thread.join());
                return (result, None);
            }
            Err(RecvTimeoutError::Disconnected) => {
                drop(thread.join());
                return (Err(Failure::temporary("The channel broke down. Send the log.")), None);
            }
            Err(RecvTimeoutError::Timeout) if left.is_zero() => break,
            Err(RecvTimeoutError::Timeout) => {
                if !stopping && leaving() {
                    stopping = true;
                    until = until.min(Instant::now() + grace);
                }
            }
        }
    }
    let cause = if stopping {
        "The program ended while the message was on its way; whether it arrived is not known.".to_owned()
    } else {
        format!("No end of the attempt within {:.0} s; whether the message arrived is not known.", limit.as_secs_f32())
    };
    (Err(Failure::temporary(cause)), Some(thread))
}

/// A number drawn evenly from 0 to 1; a half where there are no random numbers.
fn roll() -> f64 {
    let mut bytes = [0; 4];
    match crate::keys::random(&mut bytes) {
        Ok(()) => f64::from(u32::from_be_bytes(bytes)) / f64::from(u32::MAX),
        Err(_) => 0.5,
    }
}
