//! Adapters: what sits on a link and reaches the bus.
//!
//! The usual case: [`Adapter::start`] on what [`crate::link::open`] gave, [`Adapter::connect`] to find the vehicle, then
//! [`crate::bus::ask`], which asks through it. What can be sent to a vehicle is a closed list: a [`Request`] is read-only by
//! construction, but for erasing codes, which uses up an [`Unlock`]. `elm` has the rules for the chip family that most
//! adapters are made of; devices that pass CAN frames on are in [`crate::can`].

mod elm;
pub mod governor;
pub mod passport;
mod request;
mod target;
mod unlock;

pub use elm::Reset;
pub(crate) use elm::{command_lines, named_protocol};
pub use request::{READ_ONLY, Request};
pub use target::Target;
pub use unlock::{Erase, Unlock};

use crate::{
    can::tester::Tester,
    frame::Line,
    link::{Carrier, Port},
    protocol::Protocol,
    traffic::Traffic,
};
use elm::Elm;
use governor::Governor;
use passport::{Identity, Passports};
use roadworthy_api::{Code, Error, Timestamp, adapter::Passport, check::AdapterInfo};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::{Instant, sleep};

/// An adapter on a link.
pub struct Adapter {
    kind: Kind,
    governor: Governor,
    identity: Option<Identity>,
    since: Instant,
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
        Self { kind, governor: Governor::default(), identity: None, since: Instant::now() }
    }

    /// Says where the adapter is, so that a broken link is told with the device's name. A text that is no port changes
    /// nothing.
    #[must_use]
    pub fn at(mut self, port: &str) -> Self {
        if let Ok(port) = port.parse() {
            if matches!(port, Port::Replay(_)) {
                self.governor.stand_aside();
            }
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
        let protocol = match &mut self.kind {
            Kind::Elm(elm) => elm.connect().await,
            Kind::Can(can) => can.connect().await,
        }?;
        self.governor.on(protocol.family());
        let (volts, now) = (self.info().voltage, self.ms());
        self.governor.volts(volts, now);
        Ok(protocol)
    }

    /// Looks for the passport of this adapter, after [`Adapter::set_up`], and uses what it proves. Where none is kept, or the
    /// one kept says nothing of requests to a vehicle, [`Adapter::measure`] makes one. Devices that pass CAN frames on have
    /// none: all that a passport tells of is done here, and not by them.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::LinkLost`], [`roadworthy_api::Code::AdapterFault`].
    pub async fn recognise(&mut self, passports: &Passports) -> Result<(), Error> {
        let Kind::Elm(elm) = &mut self.kind else { return Ok(()) };
        if !passports.used() {
            return Ok(());
        }
        elm.guess_first();
        let identity = elm.introduce().await?;
        match passports {
            Passports::Kept(kept) => {
                if let Some(passport) = kept(&identity) {
                    elm.trust(&passport);
                }
            }
            Passports::Recorded { counted: true, .. } => elm.count(),
            _ => {}
        }
        self.identity = Some(identity);
        Ok(())
    }

    /// Measures it: its own commands, and with the vehicle after [`Adapter::connect`]. Takes two to five seconds, writes
    /// nothing into it, and asks the vehicle only what reads. `at`: now. What it proves is used from then on.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::LinkLost`], [`roadworthy_api::Code::AdapterFault`]; [`roadworthy_api::Code::Invalid`] for a
    /// device that passes CAN frames on, which has nothing to be measured.
    pub async fn measure(&mut self, at: Timestamp) -> Result<Passport, Error> {
        let Kind::Elm(elm) = &mut self.kind else {
            return Err(Error::new(
                Code::Invalid,
                "This device passes CAN frames on and has no language of its own to measure.",
            )
            .hint("Just use it: all that an adapter could do wrong is done here."));
        };
        let evidence = elm.probe(&mut self.governor).await?;
        let passport = passport::judge(&evidence, at);
        elm.trust(&passport);
        self.identity = Some(Identity::of(&passport));
        Ok(passport)
    }

    /// Whether [`Adapter::measure`] has anything to measure.
    pub fn has_passport(&self) -> bool {
        matches!(self.kind, Kind::Elm(_))
    }

    /// As if it had never been measured.
    pub(crate) fn forget_passport(&mut self) {
        if let Kind::Elm(elm) = &mut self.kind {
            elm.forget_passport();
        }
    }

    /// By what it is known again, after [`Adapter::recognise`] or [`Adapter::measure`].
    pub fn identity(&self) -> Option<&Identity> {
        self.identity.as_ref()
    }

    /// Who decides when requests may go out.
    pub(crate) fn governor(&mut self) -> &mut Governor {
        &mut self.governor
    }

    /// What the answer to a request will look like, where that is known before it was ever asked: who sends, and how many
    /// frames in all. An adapter that can be told so does not wait for more; one that cannot is not told.
    pub(crate) fn expect(&mut self, request: &Request, senders: BTreeSet<String>, frames: u32) {
        if let Kind::Elm(elm) = &mut self.kind {
            elm.expect(request, senders, frames);
        }
    }

    /// When the link was handed over.
    pub(crate) fn since(&self) -> Instant {
        self.since
    }

    /// Milliseconds since the link was handed over.
    pub(crate) fn ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
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

    /// Ends the session in an orderly way: a device that passes frames on leaves the bus. Nothing more can be asked after it.
    /// One that is dropped instead leaves without waiting for it.
    pub async fn close(&mut self) {
        if let Kind::Can(can) = &mut self.kind {
            can.close().await;
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
        if self.governor.look(self.ms()) {
            let volts = self.measure_voltage().await?;
            let now = self.ms();
            self.governor.volts(volts, now);
        }
        let pause = self.governor.free().saturating_sub(self.ms());
        if pause > 0 {
            sleep(Duration::from_millis(pause)).await;
        }
        self.governor.sent(self.ms());
        let apart = self.governor.apart();
        let reply = match &mut self.kind {
            Kind::Elm(elm) => elm.ask(request, apart).await,
            Kind::Can(can) => can.ask(request).await,
        };
        if let Kind::Elm(elm) = &self.kind
            && let Some(asked) = elm.asked()
        {
            let ms = asked.saturating_duration_since(self.since).as_millis();
            self.governor.sent(u64::try_from(ms).unwrap_or(u64::MAX));
        }
        self.governor.answered(self.ms());
        reply
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
