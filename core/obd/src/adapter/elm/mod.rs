//! An ELM327, its successors and its clones, none of which is trusted.
//!
//! What can be sent is a closed list: the chip's own commands are an enum without a variant that writes to its memory.
//!
//! Rules kept here, each with a test:
//! - nothing is sent before the prompt, and a late reply never answers the next request (see `wire`);
//! - a bare carriage return, which would repeat the last request, is never sent;
//! - the protocol is looked for automatically without being stored, then one by one, and believed only after a reply;
//! - a K-line that fell asleep is woken once more before its vehicle is taken for gone;
//! - a reset of the chip (`LV RESET`, `ERR94`) leads to one new start, a second one ends the session.

mod absent;
mod command;
mod connect;
mod start;
mod wire;

pub(super) use absent::Tried;
pub(super) use command::voltage;
pub(crate) use command::{lines as command_lines, protocol as named_protocol};
pub(super) use connect::{holds_data, replied};
pub use start::Reset;
pub(crate) use start::claims;
pub(super) use start::{accepted, keeps_resetting, not_an_adapter};

use super::{Reply, Request};
use crate::{
    frame::{FrameError, Line, Status, assemble_reply},
    protocol::{Family, Protocol},
    traffic::Traffic,
};
use command::Command;
use roadworthy_api::{Code, Error, check::AdapterInfo};
use std::time::Duration;
use tokio::time::{Instant, sleep};
use wire::{Heard, Wire};

/// A chip on a link.
pub(super) struct Elm {
    wire: Wire,
    info: AdapterInfo,
    reset: Reset,
    protocol: Option<Protocol>,
    /// Whether it has lost its settings once already.
    fell: bool,
    /// Questions in a row that ended without a prompt.
    late: u8,
    /// When the last answer from the bus was complete.
    spoke: Option<Instant>,
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

    /// Sends a request and returns what came back. Asks a second time when the first answer was spoilt by the adapter or
    /// the bus, or did not come; when both were, the one with more in it stands.
    ///
    /// # Errors
    /// [`Code::LinkLost`] (also when question after question ends without a prompt), [`Code::AdapterFault`] (out of step, reset twice), [`Code::NoVehicle`] (the bus is gone).
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        let reply = self.ask_twice(request).await?;
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

    async fn ask_twice(&mut self, request: &Request) -> Result<Reply, Error> {
        let Some(protocol) = self.protocol else {
            return Err(Error::new(Code::Internal, "A request was made before the vehicle was found."));
        };
        let mut first: Option<Reply> = None;
        let mut drowsy = protocol.is_k_line() && self.spoke.is_some_and(|at| at.elapsed() > DROWSY);
        loop {
            let reply = match self.wire.exchange(request.hex(), patience(protocol)).await? {
                Heard::Late => Reply::Late,
                Heard::Empty => Reply::Empty,
                Heard::Answer(answer) => match assemble_reply(protocol, true, request.hex(), &answer) {
                    // An echo, say: that nobody answered would stand there as `NO DATA`.
                    lines if lines.is_empty() => Reply::Empty,
                    lines => Reply::Lines(lines),
                },
            };
            self.spoke = Some(Instant::now());
            let mut verdict = judge(&reply);
            if verdict == Verdict::Good && std::mem::take(&mut drowsy) && reply.messages() == 0 {
                verdict = Verdict::Spoilt;
            }
            if verdict == Verdict::Reset {
                self.restart(protocol).await?;
            }
            if verdict == Verdict::Gone && first.is_none() && protocol.is_k_line() {
                sleep(SESSION).await;
            }
            match (verdict, first.take()) {
                (Verdict::Good, _) => return Ok(reply),
                (_, None) => first = Some(reply),
                (Verdict::Gone, Some(_)) => return Err(gone()),
                (_, Some(earlier)) => return Ok(if earlier.messages() > reply.messages() { earlier } else { reply }),
            }
        }
    }

    /// Raises the time the adapter waits for a reply to its longest (about a second), or sets it back. Reaches no bus. An
    /// adapter that does not know the command goes on with the time it has.
    pub(crate) async fn wait_long(&mut self, long: bool) -> Result<(), Error> {
        self.wire.exchange(&Command::Timeout(if long { 0xFF } else { 0 }).text(), command::PATIENCE).await.map(|_| ())
    }
}

/// What an answer means for going on.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It stands.
    Good,
    /// Spoilt or missing: worth a second try.
    Spoilt,
    /// The bus cannot be reached any more.
    Gone,
    /// All settings are lost.
    Reset,
}

pub(super) fn judge(reply: &Reply) -> Verdict {
    let lines = match reply {
        Reply::Lines(lines) => lines,
        Reply::Empty | Reply::Late | Reply::NotRecorded => return Verdict::Spoilt,
    };
    let statuses = || lines.iter().filter_map(|l| if let Line::Status(s) = l { Some(*s) } else { None });
    if statuses().any(|s| matches!(s, Status::LvReset | Status::Err(94))) {
        return Verdict::Reset;
    }
    if statuses()
        .any(|s| matches!(s, Status::UnableToConnect | Status::NotConnected | Status::NoVehicle | Status::BusInitError))
    {
        return Verdict::Gone;
    }
    let fine = |line: &Line| match line {
        Line::Message { .. } => true,
        Line::Status(s) => matches!(s, Status::NoData | Status::Searching | Status::Ok),
        Line::Unusable { reason, .. } => {
            matches!(reason, FrameError::Duplicate | FrameError::FromTester | FrameError::NotAReply)
        }
    };
    // Something must be said: `SEARCHING...` or a doubled line alone is no word about the vehicle.
    let said = |line: &Line| matches!(line, Line::Message { .. } | Line::Status(Status::NoData));
    if lines.iter().all(fine) && lines.iter().any(said) { Verdict::Good } else { Verdict::Spoilt }
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
