//! An ELM327, its successors and its clones, none of which is trusted.
//!
//! What can be sent is a closed list: the chip's own commands are an enum without a variant that writes to its memory.
//!
//! Rules kept here, each with a test:
//! - nothing is sent before the prompt, and a late reply never answers the next request (see `wire`);
//! - a bare carriage return, which would repeat the last request, is never sent;
//! - the protocol is looked for automatically without being stored, then one by one, and believed only after a reply;
//! - a K-line that fell asleep is woken once more before its vehicle is taken for gone;
//! - a reset of the chip (`LV RESET`, `ERR94`, its banner, senders that are not printed any more) leads to a new start; a
//!   second one before an answer stood, or the fourth, ends the session;
//! - an answer that says not who sent it is taken only from an ECU that was heard alone (see `single`).

mod absent;
mod address;
mod ask;
mod command;
mod connect;
mod count;
mod probe;
mod single;
mod start;
mod wire;

pub(super) use absent::Tried as Looked;
pub(super) use ask::{MOST_TRIES, Verdict, answers, judge};
pub(super) use command::voltage;
pub(crate) use command::{accepted, lines as command_lines, protocol as named_protocol};
pub(super) use connect::{holds_data, no_senders};
pub use start::Reset;
pub(crate) use start::claims;
pub(super) use start::{keeps_resetting, not_an_adapter};

use super::{Reply, Request, Target, passport::Tried};
use crate::{
    protocol::{Family, Protocol},
    traffic::Traffic,
};
use command::Command;
use count::Counts;
use roadworthy_api::{
    Code, Error,
    adapter::{CountDigit, Passport, ResetKind},
    check::AdapterInfo,
};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep_until};
use wire::{Heard, Wire};

/// A chip on a link.
pub(super) struct Elm {
    wire: Wire,
    info: AdapterInfo,
    reset: Reset,
    protocol: Option<Protocol>,
    /// How often it has lost its settings.
    falls: u8,
    /// Whether an answer stood since.
    stood: bool,
    /// Whether it accepted `ATH1`.
    headers: bool,
    /// Whether it looks for the vehicle on the most common protocol first.
    guesses: bool,
    /// ECUs by id that are asked one at a time, because the adapter prints no senders; `None`: everyone at once.
    single: Option<Vec<String>>,
    /// Tries for one request at the most.
    tries: usize,
    /// ECUs that were heard on CAN.
    heard: BTreeSet<String>,
    /// Questions in a row that ended without a prompt.
    late: u8,
    /// When the last answer from the bus was complete.
    spoke: Option<Instant>,
    /// When the last request of the question in hand went out.
    asked: Option<Instant>,
    /// Least distance of a request to the start of the one before, and to its answer.
    apart: (Duration, Duration),
    /// How it was reset so that it said its name.
    woke: Option<ResetKind>,
    /// Its own commands that were tried.
    own: Vec<Tried>,
    counts: Counts,
    /// Whom its requests are for just now.
    addressed: Target,
}

/// How long ECUs on the K-line keep a session in which nobody speaks (P3max of ISO 14230-2). The adapter keeps the bus
/// awake by itself (`AT SW`, every three seconds, which is never switched off here), but not every clone does. A new
/// initialisation within this time is ignored, since to the ECU the old session still runs.
const SESSION: Duration = Duration::from_secs(5);
/// Pause after which silence may be that of a bus that fell asleep.
const DROWSY: Duration = Duration::from_secs(4);

/// Questions in a row without a prompt after which no further one is worth its time.
const MOST_LATE: u8 = 3;

impl Elm {
    /// What it says of itself and what it measured.
    pub(crate) fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// The protocol that answered, after [`Elm::connect`].
    pub(crate) fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// Every byte so far, in both directions.
    pub(crate) fn traffic(&self) -> &Traffic {
        self.wire.traffic()
    }

    /// Drops the record so far: a live session runs for hours, and is kept as values.
    pub(crate) fn forget_traffic(&mut self) {
        self.wire.forget();
    }

    /// Gives up the link and keeps the record.
    pub(crate) fn into_traffic(self) -> Traffic {
        self.wire.into_traffic()
    }

    /// Asks at most twice from now on: a live value that was missed comes again by itself.
    pub(crate) fn hurry(&mut self) {
        self.tries = 2;
    }

    /// Sends a request and returns what came back, see [`ask`]. `apart`: how far apart requests to the bus are kept, from
    /// start to start and from an answer to the next, where it takes more than one.
    ///
    /// # Errors
    /// [`Code::LinkLost`] (also when question after question ends without a prompt), [`Code::AdapterFault`] (out of step,
    /// keeps resetting), [`Code::NoVehicle`] (the bus is gone).
    pub(crate) async fn ask(&mut self, request: &Request, apart: (Duration, Duration)) -> Result<Reply, Error> {
        (self.apart, self.asked) = (apart, None);
        let reply = self.ask_until_it_stands(request).await?;
        self.late = if matches!(reply, Reply::Late) { self.late + 1 } else { 0 };
        if self.late >= MOST_LATE {
            return Err(Error::new(
                Code::LinkLost,
                "The adapter answers itself, but no request to the vehicle any more.",
            )
            .hint("Unplug the adapter, plug it in again, and check again."));
        }
        Ok(reply)
    }

    /// When the last request of the last question went out.
    pub(crate) fn asked(&self) -> Option<Instant> {
        self.asked
    }

    /// Sends a request to the bus: the first of a question at once, since its turn has come, and the others when theirs has.
    async fn ask_bus(&mut self, text: &str, protocol: Protocol) -> Result<Heard, Error> {
        if let Some(asked) = self.asked {
            let (start, answer) = self.apart;
            sleep_until((asked + start).max(self.spoke.map_or(asked, |at| at + answer))).await;
        }
        self.asked = Some(Instant::now());
        let heard = self.wire.exchange(text, patience(protocol)).await?;
        self.spoke = Some(Instant::now());
        Ok(heard)
    }

    /// Uses what was proven of it.
    pub(crate) fn trust(&mut self, passport: &Passport) {
        if passport.count_digit == CountDigit::Honoured {
            self.count();
        }
        self.info.passport = Some(Box::new(passport.clone()));
    }

    /// Looks for the vehicle on the most common protocol before it searches. Recordings from before this was done are played
    /// back without.
    pub(crate) fn guess_first(&mut self) {
        self.guesses = true;
    }

    /// Counts awaited frames from now on.
    pub(crate) fn count(&mut self) {
        self.counts.allow();
    }

    /// What an answer will look like, where that is known before the first one.
    pub(crate) fn expect(&mut self, request: &Request, senders: BTreeSet<String>, frames: u32) {
        self.counts.expect(request, senders, frames);
    }

    /// Milliseconds since the link was handed over.
    pub(crate) fn ms(&self) -> u64 {
        self.wire.ms()
    }

    /// Raises the time the adapter waits for a reply to its longest (about a second), or sets it back. Adaptive timing would
    /// cut it short behind the first message, which here is an ECU's request for patience. Reaches no bus. An adapter that
    /// does not know a command goes on with the time it has.
    pub(crate) async fn wait_long(&mut self, long: bool) -> Result<(), Error> {
        let commands = match long {
            true => [Command::FixedTiming, Command::Timeout(0xFF)],
            false => [Command::Timeout(0), Command::AdaptiveTiming],
        };
        for command in commands {
            self.wire.exchange(&command.text(), command::PATIENCE).await?;
        }
        Ok(())
    }
}

/// How long an adapter may take for one request before it is taken for stuck. A working one ends with `NO DATA` far
/// earlier, so patience costs nothing; slow clones and slow buses need it.
fn patience(protocol: Protocol) -> Duration {
    Duration::from_secs(match protocol.family() {
        Family::Can11 | Family::Can29 => 5,
        Family::Pwm | Family::Vpw => 6,
        // The K-line falls asleep after five seconds; waking it takes up to three.
        Family::Iso9141 | Family::Kwp => 12,
    })
}

pub(super) fn gone() -> Error {
    Error::new(Code::NoVehicle, "The vehicle stopped answering.")
        .hint("Check that the ignition is still on, then check again.")
}
