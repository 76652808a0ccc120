//! Adapters: what sits on a link and reaches the bus.
//!
//! The usual case: [`Adapter::start`] on what [`crate::link::open`] gave, [`Adapter::connect`] to find the vehicle, then
//! [`crate::bus::ask`], which asks through it. What can be sent to a vehicle is a closed list: a [`Request`] is read-only by
//! construction, but for erasing codes, which uses up an [`Unlock`]. `elm` has the rules for the chip family that most
//! adapters are made of; devices that pass CAN frames on are in [`crate::can`].

mod elm;
pub mod passport;
mod request;
mod target;
mod unlock;

pub use elm::Reset;
pub(crate) use elm::{command_lines, named_protocol};
pub use request::{READ_ONLY, Request};
pub use target::Target;
pub use unlock::{Erase, Unlock};

use crate::{can::tester::Tester, frame::Line, link::Carrier, protocol::Protocol, traffic::Traffic};
use elm::Elm;
use roadworthy_api::{Error, check::AdapterInfo};

/// An adapter on a link.
pub struct Adapter {
    kind: Kind,
}

enum Kind {
    Elm(Box<Elm>),
    Can(Box<Tester>),
}

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
    /// Resets what is on the link and sets it up. The record of the dialogue is lost with an error here; use
    /// [`Adapter::on`] and [`Adapter::set_up`] to keep it.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::NotAnAdapter`] when nothing on the link speaks the language,
    /// [`roadworthy_api::Code::AdapterFault`] when it refuses what a check needs, [`roadworthy_api::Code::LinkLost`].
    pub async fn start(carrier: impl Into<Carrier>, reset: Reset) -> Result<Self, Error> {
        let mut adapter = Self::on(carrier, reset);
        adapter.set_up().await?;
        Ok(adapter)
    }

    /// An adapter that has not been spoken to.
    pub fn on(carrier: impl Into<Carrier>, reset: Reset) -> Self {
        let kind = match carrier.into() {
            Carrier::Chip(link) => Kind::Elm(Box::new(Elm::on(link, reset))),
            Carrier::Can(link) => Kind::Can(Box::new(Tester::on(link))),
        };
        Self { kind }
    }

    /// Says where the adapter is, so that a broken link is told with the device's name. A text that is no port changes
    /// nothing.
    #[must_use]
    pub fn at(mut self, port: &str) -> Self {
        if let Ok(port) = port.parse() {
            match &mut self.kind {
                Kind::Elm(elm) => elm.place(port),
                Kind::Can(can) => can.place(port),
            }
        }
        self
    }

    /// Resets it and sets it up; see [`Adapter::start`].
    ///
    /// # Errors
    /// As [`Adapter::start`].
    pub async fn set_up(&mut self) -> Result<(), Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.set_up().await,
            Kind::Can(can) => can.set_up().await,
        }
    }

    /// Finds the protocol to which an ECU answers, and returns it. A refusal is an answer: the vehicle is there.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::NoVehicle`] when nothing answers on any protocol, with what can be said of the reason;
    /// [`roadworthy_api::Code::AdapterFault`] when the adapter refuses to look or garbles what it receives;
    /// [`roadworthy_api::Code::LinkLost`].
    pub async fn connect(&mut self) -> Result<Protocol, Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.connect().await,
            Kind::Can(can) => can.connect().await,
        }
    }

    /// What it says of itself and what it measured.
    pub fn info(&self) -> &AdapterInfo {
        match &self.kind {
            Kind::Elm(elm) => elm.info(),
            Kind::Can(can) => can.info(),
        }
    }

    /// The protocol that answered, after [`Adapter::connect`].
    pub fn protocol(&self) -> Option<Protocol> {
        match &self.kind {
            Kind::Elm(elm) => elm.protocol(),
            Kind::Can(can) => can.protocol(),
        }
    }

    /// Every byte so far, in both directions.
    pub fn traffic(&self) -> &Traffic {
        match &self.kind {
            Kind::Elm(elm) => elm.traffic(),
            Kind::Can(can) => can.traffic(),
        }
    }

    /// Drops the record so far: a live session runs for hours, and is kept as values.
    pub(crate) fn forget_traffic(&mut self) {
        match &mut self.kind {
            Kind::Elm(elm) => elm.forget_traffic(),
            Kind::Can(can) => can.forget_traffic(),
        }
    }

    /// Asks at most twice from now on: a live value that was missed comes again by itself.
    pub(crate) fn hurry(&mut self) {
        if let Kind::Elm(elm) = &mut self.kind {
            elm.hurry();
        }
    }

    /// Gives up the link and keeps the record.
    pub fn into_traffic(self) -> Traffic {
        match self.kind {
            Kind::Elm(elm) => elm.into_traffic(),
            Kind::Can(can) => can.into_traffic(),
        }
    }

    /// Sends a request and returns what came back. Asks again when the answer was spoilt by the adapter or the bus, or did
    /// not come; when no answer was sound, the one with most in it stands. What does not only read
    /// ([`Request::only_reads`]) is sent once and never again.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::LinkLost`] (also when question after question ends without an answer),
    /// [`roadworthy_api::Code::AdapterFault`] (out of step, reset twice), [`roadworthy_api::Code::NoVehicle`] (the bus is
    /// gone).
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.ask(request).await,
            Kind::Can(can) => can.ask(request).await,
        }
    }

    /// The voltage at the connector just now in volts; `None` where the adapter measures none that can be a vehicle's.
    pub(crate) async fn measure_voltage(&mut self) -> Result<Option<f64>, Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.measure_voltage().await,
            // Passes frames on and measures nothing.
            Kind::Can(_) => Ok(None),
        }
    }

    /// Raises the time that replies are waited for to the longest, or sets it back. Reaches no bus.
    pub(crate) async fn wait_long(&mut self, long: bool) -> Result<(), Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.wait_long(long).await,
            Kind::Can(can) => {
                can.wait_long(long);
                Ok(())
            }
        }
    }

    /// Whether it gives ECUs that ask for patience (negative response 78) their time by itself; else they are asked again.
    pub(crate) fn is_patient(&self) -> bool {
        matches!(self.kind, Kind::Can(_))
    }
}
