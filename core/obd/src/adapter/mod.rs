//! Adapters: what sits on a link and reaches the bus.
//!
//! The usual case: [`Adapter::start`] on what [`crate::link::open`] gave, [`Adapter::connect`] to find the vehicle, then
//! [`crate::bus::ask`], which asks through it. What can be sent to a vehicle is a closed list: a [`Request`] is read-only by
//! construction. `elm` has the rules for the chip family that most adapters are made of; `recorded` answers out of a recording.

mod elm;
mod recorded;
mod request;

pub use elm::Reset;
pub(crate) use elm::{claims, command_lines, named_protocol};
pub(crate) use recorded::NOT_RECORDED;
pub use request::{READ_ONLY, Request};

use crate::{frame::Line, link::Carrier, protocol::Protocol, traffic::Traffic};
use elm::Elm;
use recorded::Recorded;
use roadworthy_api::{Error, check::AdapterInfo};

/// An adapter on a link.
pub struct Adapter {
    kind: Kind,
}

enum Kind {
    Elm(Box<Elm>),
    Recorded(Box<Recorded>),
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
    /// It is a recording, in which this was never asked.
    NotRecorded,
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
            Carrier::Recorded(traffic) => Kind::Recorded(Box::new(Recorded::of(traffic))),
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
                Kind::Recorded(_) => {}
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
            Kind::Recorded(recorded) => recorded.set_up(),
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
            Kind::Recorded(recorded) => recorded.connect(),
        }
    }

    /// What it says of itself and what it measured.
    pub fn info(&self) -> &AdapterInfo {
        match &self.kind {
            Kind::Elm(elm) => elm.info(),
            Kind::Recorded(recorded) => recorded.info(),
        }
    }

    /// The protocol that answered, after [`Adapter::connect`].
    pub fn protocol(&self) -> Option<Protocol> {
        match &self.kind {
            Kind::Elm(elm) => elm.protocol(),
            Kind::Recorded(recorded) => recorded.protocol(),
        }
    }

    /// Every byte so far, in both directions.
    pub fn traffic(&self) -> &Traffic {
        match &self.kind {
            Kind::Elm(elm) => elm.traffic(),
            Kind::Recorded(recorded) => recorded.traffic(),
        }
    }

    /// Drops the record so far: a live session runs for hours, and is kept as values.
    pub(crate) fn forget_traffic(&mut self) {
        match &mut self.kind {
            Kind::Elm(elm) => elm.forget_traffic(),
            Kind::Recorded(_) => {}
        }
    }

    /// Gives up the link and keeps the record.
    pub fn into_traffic(self) -> Traffic {
        match self.kind {
            Kind::Elm(elm) => elm.into_traffic(),
            Kind::Recorded(recorded) => recorded.into_traffic(),
        }
    }

    /// Sends a request and returns what came back. Asks a second time when the first answer was spoilt by the adapter or
    /// the bus, or did not come; when both were, the one with more in it stands.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::LinkLost`] (also when question after question ends without an answer),
    /// [`roadworthy_api::Code::AdapterFault`] (out of step, reset twice), [`roadworthy_api::Code::NoVehicle`] (the bus is
    /// gone).
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.ask(request).await,
            Kind::Recorded(recorded) => Ok(recorded.ask(request)),
        }
    }

    /// Raises the time that replies are waited for to the longest, or sets it back. Reaches no bus.
    pub(crate) async fn wait_long(&mut self, long: bool) -> Result<(), Error> {
        match &mut self.kind {
            Kind::Elm(elm) => elm.wait_long(long).await,
            Kind::Recorded(_) => Ok(()),
        }
    }

    /// Of a recording: when the answer came that was given last, in ms of the recording. `None`: a vehicle is read.
    pub(crate) fn recorded_ms(&self) -> Option<u64> {
        match &self.kind {
            Kind::Recorded(recorded) => Some(recorded.ms()),
            Kind::Elm(_) => None,
        }
    }

    /// Of a recording: what ended it before its time.
    pub(crate) fn recorded_end(&self) -> Option<&Error> {
        match &self.kind {
            Kind::Recorded(recorded) => recorded.end(),
            Kind::Elm(_) => None,
        }
    }

    /// Of a recording: whether everything in it has been asked for.
    pub(crate) fn is_played(&self) -> bool {
        matches!(&self.kind, Kind::Recorded(recorded) if recorded.is_played())
    }
}
