//! Finding the vehicle: the automatic search first, then every protocol by itself.

use super::{
    Elm,
    absent::Tried,
    command::{self, Command},
    patience,
    wire::Heard,
};
use crate::{
    adapter::Request,
    frame::{Line, assemble_reply},
    protocol::Protocol,
};
use roadworthy_api::Error;
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
        let mut tried = Tried::default();
        if self.choose(None).await? {
            let answer = self.search(&request, SEARCH).await?;
            tried.heard(None, &request, &answer);
            if holds_data(&answer) {
                // Only now does the adapter know what it found; before a reply it says 0.
                let found = command::protocol(&self.command(Command::ProtocolNumber).await?);
                if let Some(protocol) = found.filter(|p| replied(*p, &request, &answer)) {
                    return Ok(self.found(protocol));
                }
                tried.data();
            }
        }
        for protocol in Protocol::SEARCH {
            if !self.choose(Some(protocol)).await? {
                continue;
            }
            let answer = self.search(&request, first_patience(protocol)).await?;
            tried.heard(Some(protocol), &request, &answer);
            if replied(protocol, &request, &answer) {
                return Ok(self.found(protocol));
            }
            if holds_data(&answer) {
                tried.data();
            }
        }
        Err(tried.into_error(self.info.voltage))
    }

    async fn choose(&mut self, protocol: Option<Protocol>) -> Result<bool, Error> {
        Ok(command::accepted(&self.command(Command::Try(protocol)).await?))
    }

    fn found(&mut self, protocol: Protocol) -> Protocol {
        self.protocol = Some(protocol);
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
    text.contains("4100") || text.contains("7F01")
}

/// Whether an ECU answered or refused on this protocol.
pub(in crate::adapter) fn replied(protocol: Protocol, request: &Request, answer: &[u8]) -> bool {
    assemble_reply(protocol, true, request.hex(), answer).iter().any(|line| match line {
        Line::Message { payload, .. } => {
            request.is_answered_by(payload)
                || matches!(payload.as_slice(), [0x7F, service, _] if *service == request.service())
        }
        _ => false,
    })
}
