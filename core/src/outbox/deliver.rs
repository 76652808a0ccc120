//! Delivery, in the one process that is elected: a thread for each channel, so that one that hangs stops no other.
//!
//! One message at a time, oldest first: claim it, write it out, send it, settle it. An attempt runs on a thread of its own that
//! is waited for only so long; one that never ends is left to itself, and the channel begins no other until it has. What was
//! taken by the other side is noted again and again until the database takes the note: only a kill in between sends it twice.

use super::{Channel, Failure, Letter, Policy, channels};
use crate::store::{
    Store, outbox,
    outbox::{Claim, Outcome},
    setting,
};
use jiff::tz::TimeZone;
use roadworthy_api::{Code, Error, Result, system::Settings};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, RecvTimeoutError},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

/// Who says in the journal what became of a message.
const ACTOR: &str = "engine/outbox";
/// How long a step that failed in the database rests.
const REST: Duration = Duration::from_secs(5);
/// How often what is old is removed.
const PRUNE_EVERY: Duration = Duration::from_secs(3600);
/// How often a wait looks whether it should end.
const LOOK: Duration = Duration::from_millis(50);

/// The running threads; stopping or dropping it ends them.
pub(crate) struct Deliverer {
    stop: Arc<AtomicBool>,
    grace: Duration,
    threads: Vec<JoinHandle<()>>,
}

impl Deliverer {
    /// Starts delivery through every channel.
    pub(crate) fn start(store: &Arc<Store>) -> Result<Self> {
        Self::with(store, channels(store), Policy::default())
    }

    pub(crate) fn with(store: &Arc<Store>, channels: Vec<Arc<dyn Channel>>, policy: Policy) -> Result<Self> {
        let mut all = Self { stop: Arc::default(), grace: policy.grace, threads: Vec::new() };
        for (place, channel) in channels.into_iter().enumerate() {
            let name = format!("outbox-{}", channel.name());
            let lane = Lane {
                store: store.clone(),
                channel,
                policy: policy.clone(),
                stop: all.stop.clone(),
                hung: None,
                prunes: place == 0,
            };
            let thread = std::thread::Builder::new().name(name).spawn(move || lane.run()).map_err(|e| {
                Error::new(Code::Internal, format!("No thread could be started ({e})."))
                    .hint("Close other programs and try again.")
            })?;
            all.threads.push(thread);
        }
        Ok(all)
    }

    /// Has every channel look for messages now, as after one was put in.
    pub(crate) fn wake(&self) {
        self.threads.iter().for_each(|thread| thread.thread().unpark());
    }

    /// Ends delivery. Waits for what is being sent only as long as the policy's grace; what is not done by then is tried again
    /// when its claim is over.
    pub(crate) fn stop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.wake();
        let until = Instant::now() + self.grace + Duration::from_secs(1);
        for thread in self.threads.drain(..) {
            while !thread.is_finished() && Instant::now() < until {
                std::thread::sleep(Duration::from_millis(5));
            }
            if thread.is_finished() {
                drop(thread.join());
            }
        }
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        self.stop();
    }
}

/// One channel's thread.
struct Lane {
    store: Arc<Store>,
    channel: Arc<dyn Channel>,
    policy: Policy,
    stop: Arc<AtomicBool>,
    /// An attempt that took longer than it may and has not ended yet.
    hung: Option<JoinHandle<()>>,
    prunes: bool,
}

impl Lane {
    fn run(mut self) {
        let mut pruned: Option<Instant> = None;
        while !self.stopped() {
            if self.prunes && pruned.is_none_or(|at| at.elapsed() > PRUNE_EVERY) {
                pruned = Some(Instant::now());
                if let Err(error) = self.store.write_local(|tx| outbox::prune(tx, crate::engine::now())) {
                    tracing::warn!(%error, "old messages could not be removed");
                }
            }
            // A defect in here must not end delivery for good.
            let step = catch_unwind(AssertUnwindSafe(|| self.step()))
                .unwrap_or_else(|_| Err(Error::new(Code::Internal, "Delivery broke down.").hint("Send the log.")));
            match step {
                Ok(true) => {}
                Ok(false) => self.rest(self.policy.poll),
                Err(error) => {
                    tracing::warn!(%error, channel = self.channel.name(), "messages could not be looked at");
                    self.rest(REST);
                }
            }
        }
    }

    fn stopped(&self) -> bool {
        self.stop.load(Ordering::Acquire)
    }

    fn rest(&self, time: Duration) {
        if !self.stopped() {
            std::thread::park_timeout(time);
        }
    }

    /// Does one thing; `false`: there is nothing to do.
    fn step(&mut self) -> Result<bool> {
        let (now, name) = (crate::engine::now(), self.channel.name());
        let (due, settings) = self.store.read(|conn| {
            let settings: Settings = setting::get(conn, setting::SETTINGS)?.unwrap_or_default();
            Ok((outbox::due(conn, name, now)?, settings))
        })?;
        if !due {
            return Ok(false);
        }
        if !self.channel.on(&settings) {
            self.store.write(ACTOR, now, |w| outbox::drop_waiting(w, name, &switched_off(name), now))?;
            return Ok(true);
        }
        let limit = i64::try_from(self.channel.limit().as_millis()).unwrap_or(i64::MAX);
        let lease = now.saturating_add(limit).saturating_add(self.policy.margin);
        let Some(claim) = self.store.write_local(|tx| outbox::claim(tx, name, now, lease))? else { return Ok(true) };
        let zone = TimeZone::system();
        let letter = self.store.read(|conn| Letter::write(conn, &claim, self.store.device, &zone));
        let result = match letter {
            Ok(letter) => self.send(letter),
            Err(error) => Err(Failure::temporary(error.to_string())),
        };
        self.settle(&claim, result)?;
        Ok(true)
    }

    fn send(&mut self, letter: Letter) -> std::result::Result<String, Failure> {
        if self.hung.as_ref().is_some_and(|thread| !thread.is_finished()) {
            return Err(Failure::temporary("The attempt before this one hangs and has not ended yet."));
        }
        let (result, hung) = bounded(&self.channel, letter, &self.stop, self.policy.grace);
        self.hung = hung;
        result
    }

    fn settle(&self, claim: &Claim, result: std::result::Result<String, Failure>) -> Result<()> {
        let sent = result.is_ok();
        let outcome = match result {
            Ok(remark) => Outcome::Sent { remark },
            Err(failure) => {
                tracing::info!(channel = self.channel.name(), cause = failure.cause, "a message was not sent");
                self.policy.after(claim, failure, crate::engine::now(), roll())
            }
        };
        loop {
            let now = crate::engine::now();
            let settled = self.store.write(ACTOR, now, |w| outbox::settle(w, claim.id, claim.attempt, &outcome, now));
            match settled {
                Ok(_) => return Ok(()),
                // The claim runs out by itself. What was sent would be sent again then, so that is noted as long as it takes.
                Err(error) if !sent || self.stopped() => return Err(error),
                Err(error) => {
                    tracing::warn!(%error, "that a message was sent could not be noted yet");
                    self.rest(self.policy.poll);
                }
            }
        }
    }
}

/// Why messages of a channel go when it is switched off.
pub(crate) fn switched_off(channel: &str) -> String {
    format!("The channel {channel} was switched off in the settings.")
}

/// Sends a letter on a thread of its own and waits for it at most as long as the channel's limit says, or until `stop` and some
/// grace. Gives the thread back where it has not ended.
pub(crate) fn bounded(
    channel: &Arc<dyn Channel>,
    letter: Letter,
    stop: &AtomicBool,
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
                if !stopping && stop.load(Ordering::Acquire) {
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
