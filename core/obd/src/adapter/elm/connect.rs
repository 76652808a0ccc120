//! Finding the vehicle: the automatic search first, then every protocol by itself. Before both, where passports are used, the
//! one protocol that nearly every car since 2008 speaks: a search comes to it after it has tried the older buses, which takes
//! seconds.

use super::{
    Elm,
    absent::Tried,
    ask::{answers, passing},
    command::{self, Command},
    patience,
    wire::Heard,
};
use crate::{
    adapter::Request,
    frame::{Line, Status, assemble_reply},
    protocol::Protocol,
};
use roadworthy_api::{Code, Error};
use std::time::Duration;

/// An automatic search tries nine protocols and takes up to fifteen seconds.
const SEARCH: Duration = Duration::from_secs(20);

impl Elm {
    /// Finds the protocol to which an ECU answers, and returns it. A refusal is an answer: the vehicle is there.
    ///
    /// The automatic search comes first. Where it ends with nothing (it does with adapters whose search is broken, with
    /// which naming the protocol works), each protocol is tried by itself, most common first. `AT TP` is used throughout,
    /// which does not wear out the adapter's memory.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::NoVehicle`] when nothing answers on any protocol, with what can be said of the reason;
    /// [`roadworthy_api::Code::AdapterFault`] when the adapter refuses to look or garbles what it receives;
    /// [`roadworthy_api::Code::LinkLost`].
    pub(crate) async fn connect(&mut self) -> Result<Protocol, Error> {
        let request = Request::new(&[0x01, 0x00])?;
        let newer = Request::new(&[0x22, 0xF4, 0x00])?;
        let mut tried = Tried::default();
        if self.guesses
            && let Some(protocol) = self.guess(&request).await?
        {
            return Ok(self.found(protocol));
        }
        if let Some(answer) = self.look(None, &request, SEARCH).await? {
            tried.heard(None, &request, &answer);
            if holds_data(&answer) {
                // Only now does the adapter know what it found; before a reply it says 0.
                let found = command::protocol(&self.command(Command::ProtocolNumber).await?);
                if let Some(protocol) = found.filter(|p| self.headers && replied(*p, &request, &answer)) {
                    return Ok(self.found(protocol));
                }
                tried.data();
            }
        }
        for protocol in Protocol::SEARCH {
            let Some(mut answer) = self.look(Some(protocol), &request, first_patience(protocol)).await? else {
                continue;
            };
            tried.heard(Some(protocol), &request, &answer);
            let mut found = replied(protocol, &request, &answer);
            // Somebody took the frame off the bus and said nothing: perhaps it speaks SAE J1979-2 only.
            if !found && protocol.is_can() && command::lines(request.hex(), &answer).iter().any(|l| l == "NO DATA") {
                answer = self.search(&newer, patience(protocol)).await?;
                found = replied(protocol, &newer, &answer);
            }
            if self.headers && found {
                return Ok(self.found(protocol));
            }
            if holds_data(&answer) {
                tried.data();
                if self.find_single(protocol, &request).await? {
                    return Ok(self.found(protocol));
                }
            }
        }
        if !self.headers {
            return Err(no_senders());
        }
        Err(tried.into_error(self.info.voltage))
    }

    /// The protocol, where the most common one finds somebody.
    async fn guess(&mut self, request: &Request) -> Result<Option<Protocol>, Error> {
        let common = Protocol::CAN_11_500;
        let Some(answer) = self.look(Some(common), request, patience(common)).await? else { return Ok(None) };
        if !self.headers || !replied(common, request, &answer) {
            return Ok(None);
        }
        // One that searches whatever it is told knows what it found; one that does not know the question was told.
        let named = command::protocol(&self.command(Command::ProtocolNumber).await?);
        Ok(match named {
            None => Some(common),
            Some(protocol) => Some(protocol).filter(|p| replied(*p, request, &answer)),
        })
    }

    /// The answer on a protocol, empty when none came in time; `None` where the adapter refuses the protocol. Asks again
    /// after what passes by itself, and after a reset.
    async fn look(
        &mut self,
        protocol: Option<Protocol>,
        request: &Request,
        patience: Duration,
    ) -> Result<Option<Vec<u8>>, Error> {
        let mut again = true;
        loop {
            if !self.choose(protocol).await? {
                return Ok(None);
            }
            let answer = self.search(request, patience).await?;
            let lines = assemble_reply(protocol.unwrap_or(Protocol::CAN_11_500), true, request.hex(), &answer);
            let says = |what: fn(Status) -> bool| lines.iter().any(|l| matches!(l, Line::Status(s) if what(*s)));
            if says(Status::is_reset) || self.wire.names_itself(&answer) || self.wire.echoes_again() {
                self.restart(None).await?;
            } else if holds_data(&answer) || !says(passing) || !std::mem::take(&mut again) {
                return Ok(Some(answer));
            }
        }
    }

    async fn choose(&mut self, protocol: Option<Protocol>) -> Result<bool, Error> {
        Ok(command::accepted(&self.command(Command::Try(protocol)).await?))
    }

    fn found(&mut self, protocol: Protocol) -> Protocol {
        (self.protocol, self.stood) = (Some(protocol), true);
        protocol
    }

    /// The answer, empty when none came in time.
    async fn search(&mut self, request: &Request, patience: Duration) -> Result<Vec<u8>, Error> {
        Ok(match self.wire.exchange(request.hex(), patience).await? {
            Heard::Answer(answer) => answer,
            Heard::Empty | Heard::Late => Vec::new(),
        })
    }
}

/// The first request on a protocol also wakes the bus: the slow K-line initialisation alone takes three seconds.
fn first_patience(protocol: Protocol) -> Duration {
    if protocol.is_k_line() { Duration::from_secs(15) } else { patience(protocol) }
}

/// Whether a search brought anything but words. Which protocol it is decides how to read it.
pub(in crate::adapter) fn holds_data(answer: &[u8]) -> bool {
    let text: String =
        answer.iter().filter(|b| b.is_ascii_hexdigit()).map(|b| char::from(b.to_ascii_uppercase())).collect();
    ["4100", "7F01", "62F400", "7F22"].iter().any(|answer| text.contains(answer))
}

/// Whether an ECU answered or refused on this protocol.
fn replied(protocol: Protocol, request: &Request, answer: &[u8]) -> bool {
    assemble_reply(protocol, true, request.hex(), answer).iter().any(|line| answers(request, line))
}

pub(in crate::adapter) fn no_senders() -> Error {
    Error::new(Code::AdapterFault, "The adapter refuses ATH1, so ECUs cannot be told apart.")
        .hint("Use another adapter.")
}
