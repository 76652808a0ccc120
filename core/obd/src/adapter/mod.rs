//! The adapter driver: an ELM327, its successors and its clones, none of which is trusted.
//!
//! The usual case: [`Adapter::start`] on a link, [`Adapter::connect`] to find the vehicle, then [`crate::bus::ask`], which
//! asks through it. What can be sent is a closed list: a [`Request`] is read-only by construction, and the adapter's own
//! commands are an enum without a variant that writes to its memory.
//!
//! Rules kept here, each with a test:
//! - nothing is sent before the prompt, and a late reply never answers the next request (see `wire`);
//! - a bare carriage return, which would repeat the last request, is never sent;
//! - the protocol is looked for automatically without being stored, then one by one, and believed only after a reply;
//! - a reset of the adapter (`LV RESET`, `ERR94`) leads to one new start, a second one ends the session.

mod command;
mod connect;
mod request;
mod start;
mod wire;

pub use request::{READ_ONLY, Request};
pub use start::Reset;

use crate::{
    frame::{FrameError, Line, Status, assemble_reply},
    protocol::{Family, Protocol},
    traffic::Traffic,
};
use command::Command;
use roadworthy_api::{Code, Error, check::AdapterInfo};
use std::time::Duration;
use wire::{Heard, Wire};

/// An adapter on a link.
pub struct Adapter {
    wire: Wire,
    info: AdapterInfo,
    reset: Reset,
    protocol: Option<Protocol>,
    /// Whether it has lost its settings once already.
    fell: bool,
    /// Questions in a row that ended without a prompt.
    late: u8,
}

/// Questions in a row without a prompt after which no further one is worth its time.
const MOST_LATE: u8 = 3;

/// What an adapter brought back for one request.
#[derive(Debug)]
pub(crate) enum Reply {
    /// Messages, status texts and unusable lines.
    Lines(Vec<Line>),
    /// A prompt and no word.
    Empty,
    /// No prompt in time, also at the second try; the adapter is in step again.
    Late,
}

impl Reply {
    fn messages(&self) -> usize {
        let Reply::Lines(lines) = self else { return 0 };
        lines.iter().filter(|l| matches!(l, Line::Message { .. })).count()
    }
}

impl Adapter {
    /// What it says of itself and what it measured.
    pub fn info(&self) -> &AdapterInfo {
        &self.info
    }

    /// The protocol that answered, after [`Adapter::connect`].
    pub fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    /// Every byte so far, in both directions.
    pub fn traffic(&self) -> &Traffic {
        self.wire.traffic()
    }

    /// Drops the record so far: a live session runs for hours, and is kept as values.
    pub(crate) fn forget_traffic(&mut self) {
        self.wire.forget();
    }

    /// Gives up the link and keeps the record.
    pub fn into_traffic(self) -> Traffic {
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
            let verdict = judge(&reply);
            if verdict == Verdict::Reset {
                self.restart(protocol).await?;
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
enum Verdict {
    /// It stands.
    Good,
    /// Spoilt or missing: worth a second try.
    Spoilt,
    /// The bus cannot be reached any more.
    Gone,
    /// All settings are lost.
    Reset,
}

fn judge(reply: &Reply) -> Verdict {
    let lines = match reply {
        Reply::Lines(lines) => lines,
        Reply::Empty | Reply::Late => return Verdict::Spoilt,
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
        Line::Unusable { reason, .. } => matches!(reason, FrameError::Duplicate | FrameError::FromTester),
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

fn gone() -> Error {
    Error::new(Code::NoVehicle, "The vehicle stopped answering.")
        .hint("Check that the ignition is still on, then check again.")
}
