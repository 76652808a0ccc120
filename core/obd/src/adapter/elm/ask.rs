//! One request, asked until its answer stands or no further try is worth its time.
//!
//! What does not only read is sent once and never again. An answer that the adapter or the bus spoilt is asked for again: what passes by itself (`CAN ERROR`, `FB ERROR`, `STOPPED`, a
//! marked frame) up to three times with growing pauses, what comes out the same twice not again. When no try is sound, the
//! one with most in it stands, its faults included.

use super::{DROWSY, Elm, Reply, Request, SESSION, count, gone, wire::Heard};
use crate::adapter::{Target, request::ONE_FRAME};
use crate::{
    frame::{FrameError, Line, Status, assemble_reply},
    protocol::Protocol,
};
use roadworthy_api::{Code, Error};
use std::time::Duration;
use tokio::time::sleep;

/// Tries for one request in a check.
pub(in crate::adapter) const MOST_TRIES: usize = 4;
/// Pauses before the second try and the later ones.
const PAUSES: [Duration; MOST_TRIES - 1] = [Duration::ZERO, Duration::from_millis(100), Duration::from_millis(300)];

/// What an answer means for going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::adapter) enum Verdict {
    /// It stands.
    Good,
    /// Spoilt: worth another try.
    Spoilt,
    /// It did not fit the adapter's buffer.
    Full,
    /// Nothing came: worth a second try, which takes as long.
    Missing,
    /// The bus cannot be reached any more.
    Gone,
    /// All settings are lost.
    Reset,
}

impl Elm {
    pub(super) async fn ask_until_it_stands(&mut self, request: &Request) -> Result<Reply, Error> {
        let Some(protocol) = self.protocol else {
            return Err(Error::new(Code::Internal, "A request was made before the vehicle was found."));
        };
        if request.bytes().len() > ONE_FRAME {
            let what = format!("This adapter sends requests of at most {ONE_FRAME} bytes.");
            return Err(Error::new(Code::Invalid, what).hint("Ask for fewer values at once."));
        }
        if self.single.is_some() && request.target() != Target::Everyone {
            return Err(Error::new(Code::AdapterFault, "This adapter is not set up to ask one ECU alone."));
        }
        if self.single.is_some() && !request.only_reads() {
            let what = "The adapter prints no senders, so nobody can tell which ECUs would do as asked.";
            return Err(Error::new(Code::AdapterFault, what).hint("Use another adapter for this."));
        }
        let mut best: Option<Reply> = None;
        let mut drowsy = protocol.is_k_line() && self.spoke.is_some_and(|at| at.elapsed() > DROWSY);
        for tries in 1.. {
            let (mut reply, mut verdict) = self.attempt(protocol, request).await?;
            if verdict == Verdict::Good && std::mem::take(&mut drowsy) && reply.messages() == 0 {
                verdict = Verdict::Missing;
            }
            // Whatever became of it: a deed is not done twice because its answer was spoilt.
            let once = !request.only_reads();
            let mut last = once || tries >= self.tries;
            match verdict {
                Verdict::Good => {
                    self.stood = true;
                    self.remember(&reply);
                    return Ok(reply);
                }
                Verdict::Reset => self.restart(Some(protocol)).await?,
                Verdict::Gone if once => {}
                Verdict::Gone if tries > 1 => return Err(gone()),
                Verdict::Gone if protocol.is_k_line() => sleep(SESSION).await,
                Verdict::Gone => {}
                Verdict::Missing => last |= tries > 1,
                Verdict::Full if once => {}
                Verdict::Full => {
                    self.remember(&reply);
                    if let Some(whole) = self.ask_each_that_was_heard(protocol, request).await? {
                        reply = whole;
                        last = true;
                    }
                }
                // What passes by itself looks the same each time; what is garbled the same way twice stays so.
                Verdict::Spoilt => last |= !passes(&reply) && best.as_ref().is_some_and(|best| same(best, &reply)),
            }
            let kept = match best.take() {
                Some(earlier) if earlier.messages() > reply.messages() => earlier,
                _ => reply,
            };
            if last {
                return Ok(kept);
            }
            best = Some(kept);
            sleep(PAUSES.get(tries - 1).copied().unwrap_or_default()).await;
        }
        Ok(best.unwrap_or(Reply::Empty))
    }

    /// One exchange, and what it means.
    async fn attempt(&mut self, protocol: Protocol, request: &Request) -> Result<(Reply, Verdict), Error> {
        if let Some(ids) = self.single.clone() {
            return self.ask_each(protocol, request, &ids, false).await;
        }
        self.address(protocol, request.target()).await?;
        if let Some(count) = self.counts.of(request) {
            let (reply, verdict, _) = self.once(protocol, request, Some(count)).await?;
            let sound = verdict == Verdict::Good && reply.messages() > 0;
            // Without its count it has its tries as ever.
            if self.counts.holds(request, &reply, sound) || verdict == Verdict::Reset {
                return Ok((reply, verdict));
            }
        }
        let (reply, verdict, frames) = self.once(protocol, request, None).await?;
        if verdict == Verdict::Good {
            self.counts.learn(request, &reply, frames);
        }
        Ok((reply, verdict))
    }

    /// One request, one answer, what it means, and how many frames it had.
    async fn once(
        &mut self,
        protocol: Protocol,
        request: &Request,
        count: Option<u8>,
    ) -> Result<(Reply, Verdict, u32), Error> {
        let text = count::text(request, count);
        let answer = match self.ask_bus(&text, protocol).await? {
            Heard::Late => return Ok((Reply::Late, Verdict::Missing, 0)),
            Heard::Empty => return Ok((Reply::Empty, Verdict::Missing, 0)),
            Heard::Answer(answer) => answer,
        };
        let frames = count::frames(&text, &answer);
        let lines = assemble_reply(protocol, true, &text, &answer);
        if self.wire.names_itself(&answer)
            || self.wire.echoes_again()
            || lines.iter().all(|l| !matches!(l, Line::Message { .. })) && {
                // Without senders, where they were printed before: as after a reset that nobody told of.
                assemble_reply(protocol, false, &text, &answer).iter().any(|line| answers(request, line))
            }
        {
            return Ok((Reply::Lines(lines), Verdict::Reset, frames));
        }
        // An echo, say: that nobody answered would stand there as `NO DATA`.
        let reply = if lines.is_empty() { Reply::Empty } else { Reply::Lines(lines) };
        let verdict = judge(&reply);
        Ok((reply, verdict, frames))
    }

    fn remember(&mut self, reply: &Reply) {
        let Reply::Lines(lines) = reply else { return };
        self.heard.extend(lines.iter().filter_map(|line| match line {
            Line::Message { ecu, .. } => ecu.clone(),
            _ => None,
        }));
    }
}

/// Whether a line is an answer to the request or a refusal of it.
pub(in crate::adapter) fn answers(request: &Request, line: &Line) -> bool {
    match line {
        Line::Message { payload, .. } => {
            request.is_answered_by(payload)
                || matches!(payload.as_slice(), [0x7F, service, _] if *service == request.service())
        }
        _ => false,
    }
}

pub(in crate::adapter) fn judge(reply: &Reply) -> Verdict {
    let lines = match reply {
        Reply::Lines(lines) => lines,
        Reply::Empty | Reply::Late | Reply::NotRecorded => return Verdict::Missing,
    };
    let statuses = || lines.iter().filter_map(|l| if let Line::Status(s) = l { Some(*s) } else { None });
    if statuses().any(Status::is_reset) {
        return Verdict::Reset;
    }
    if statuses()
        .any(|s| matches!(s, Status::UnableToConnect | Status::NotConnected | Status::NoVehicle | Status::BusInitError))
    {
        return Verdict::Gone;
    }
    if statuses().any(|s| s == Status::BufferFull) {
        return Verdict::Full;
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

/// Whether an answer holds a fault of the bus, which comes and goes.
fn passes(reply: &Reply) -> bool {
    let Reply::Lines(lines) = reply else { return false };
    lines.iter().any(|line| match line {
        Line::Status(s) => passing(*s),
        Line::Unusable { reason, .. } => matches!(reason, FrameError::Marked(_) | FrameError::CutBy(_)),
        Line::Message { .. } => false,
    })
}

/// Whether a status text tells of something that passes by itself.
pub(super) fn passing(status: Status) -> bool {
    use Status::{
        ActAlert, BusBusy, BusError, CanError, DataError, FbError, FcRxTimeout, LpAlert, RxError, RxOverflow, Stopped,
    };
    let known = matches!(
        status,
        Stopped
            | BusBusy
            | BusError
            | CanError
            | DataError
            | RxError
            | FbError
            | FcRxTimeout
            | RxOverflow
            | ActAlert
            | LpAlert
    );
    known || matches!(status, Status::Err(n) if n != 94)
}

fn same(a: &Reply, b: &Reply) -> bool {
    matches!((a, b), (Reply::Lines(a), Reply::Lines(b)) if a == b)
}
