//! Adapters: what sits on a link and reaches the bus.
//!
//! The usual case: [`Adapter::start`] on what [`crate::link::open`] gave, [`Adapter::connect`] to find the vehicle, then
//! [`crate::bus::ask`], which asks through it. What can be sent to a vehicle is a closed list: a [`Request`] is read-only by
//! construction, but for erasing codes, which uses up an [`Unlock`]. `elm` has the rules for the chip family that most
//! adapters are made of; devices that pass CAN frames on are in [`crate::can`]; `recorded` answers out of a recording.

mod elm;
pub mod governor;
pub mod passport;
mod recorded;
mod request;
mod target;
mod unlock;

pub use elm::Reset;
pub(crate) use elm::{accepted, claims, command_lines, named_protocol};
pub(crate) use recorded::NOT_RECORDED;
pub use request::{READ_ONLY, Request};
pub use target::Target;
pub use unlock::{Erase, Unlock};

use crate::{can::tester::Tester, frame::Line, link::Carrier, protocol::Protocol, traffic::Traffic};
use elm::Elm;
use governor::Governor;
use passport::{Identity, Passports};
use recorded::Recorded;
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
    Recorded(Box<Recorded>),
}

fn no_device(so: &str) -> Error {
    Error::new(Code::Invalid, format!("This is a recording and no vehicle, so {so}."))
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
            Carrier::Can(link) => Kind::Can(Box::new(Tester::on(link))),
            Carrier::Recorded(traffic) => Kind::Recorded(Box::new(Recorded::of(traffic))),
        };
        let mut governor = Governor::default();
        if matches!(kind, Kind::Recorded(_)) {
            governor.stand_aside();
        }
        Self { kind, governor, identity: None, since: Instant::now() }
    }

    /// Says where the adapter is, so that a broken link is told with the device's name. A text that is no port changes
    /// nothing.
    #[must_use]
    pub fn at(mut self, port: &str) -> Self {
        if let Ok(port) = port.parse() {
            match &mut self.kind {
                Kind::Elm(elm) => elm.place(port),
                Kind::Can(can) => can.place(port),
                Kind::Recorded(_) => {}
            }
        }
        self
    }

    /// Says whether there is no vehicle to be spared; see [`crate::check::CheckOptions::bench`].
    #[must_use]
    pub fn on_a_bench(mut self, bench: bool) -> Self {
        if bench {
            self.governor.stand_aside();
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
        let protocol = match &mut self.kind {
            Kind::Elm(elm) => elm.connect().await,
            Kind::Can(can) => can.connect().await,
            Kind::Recorded(recorded) => recorded.connect(),
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
        if let Passports::Kept(kept) = passports
            && let Some(passport) = kept(&identity)
        {
            elm.trust(&passport);
        }
        self.identity = Some(identity);
        Ok(())
    }

    /// Measures it: its own commands, and with the vehicle after [`Adapter::connect`]. Takes two to five seconds, writes
    /// nothing into it, and asks the vehicle only what reads. `at`: now. What it proves is used from then on.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::LinkLost`], [`roadworthy_api::Code::AdapterFault`]; [`roadworthy_api::Code::Invalid`] for a
    /// device that passes CAN frames on and for a recording, which have nothing to be measured.
    pub async fn measure(&mut self, at: Timestamp) -> Result<Passport, Error> {
        if self.recorded_ms().is_some() {
            return Err(no_device("there is nothing to be measured").hint("Measure the adapter itself."));
        }
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
            Kind::Recorded(recorded) => recorded.info(),
        }
    }

    /// The protocol that answered, after [`Adapter::connect`].
    pub fn protocol(&self) -> Option<Protocol> {
        match &self.kind {
            Kind::Elm(elm) => elm.protocol(),
            Kind::Can(can) => can.protocol(),
            Kind::Recorded(recorded) => recorded.protocol(),
        }
    }

    /// Every byte so far, in both directions.
    pub fn traffic(&self) -> &Traffic {
        match &self.kind {
            Kind::Elm(elm) => elm.traffic(),
            Kind::Can(can) => can.traffic(),
            Kind::Recorded(recorded) => recorded.traffic(),
        }
    }

    /// Drops the record so far: a live session runs for hours, and is kept as values.
    pub(crate) fn forget_traffic(&mut self) {
        match &mut self.kind {
            Kind::Elm(elm) => elm.forget_traffic(),
            Kind::Can(can) => can.forget_traffic(),
            // It is what is read.
            Kind::Recorded(_) => {}
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
            Kind::Recorded(recorded) => recorded.into_traffic(),
        }
    }

    /// Sends a request and returns what came back. Asks again when the answer was spoilt by the adapter or the bus, or did
    /// not come; when no answer was sound, the one with most in it stands. What does not only read
    /// ([`Request::only_reads`]) is sent once and never again.
    ///
    /// # Errors
    /// [`roadworthy_api::Code::LinkLost`] (also when question after question ends without an answer),
    /// [`roadworthy_api::Code::AdapterFault`] (out of step, reset twice), [`roadworthy_api::Code::NoVehicle`] (the bus is
    /// gone), [`Code::Invalid`] where a recording is asked to do anything.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        if self.recorded_ms().is_some() && !request.only_reads() {
            return Err(no_device("nothing can be erased").hint("Connect to the vehicle."));
        }
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
            Kind::Recorded(recorded) => Ok(recorded.ask(request)),
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
            // One passes frames on, the other is over.
            Kind::Can(_) | Kind::Recorded(_) => Ok(None),
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
            Kind::Recorded(_) => Ok(()),
        }
    }

    /// Of a recording: when the answer came that was given last, in ms of the recording. `None`: a vehicle is read.
    pub(crate) fn recorded_ms(&self) -> Option<u64> {
        match &self.kind {
            Kind::Recorded(recorded) => Some(recorded.ms()),
            Kind::Elm(_) | Kind::Can(_) => None,
        }
    }

    /// Of a recording: when it began, where it says so.
    pub(crate) fn recorded_start(&self) -> Option<Timestamp> {
        self.recorded_ms().and(self.traffic().started)
    }

    /// Of a recording: what ended it before its time.
    pub(crate) fn recorded_end(&self) -> Option<&Error> {
        match &self.kind {
            Kind::Recorded(recorded) => recorded.end(),
            Kind::Elm(_) | Kind::Can(_) => None,
        }
    }

    /// Of a recording: whether several values were asked for at once in it. `None`: a vehicle is read.
    pub(crate) fn recorded_joins(&self) -> Option<bool> {
        match &self.kind {
            Kind::Recorded(recorded) => Some(recorded.joins()),
            Kind::Elm(_) | Kind::Can(_) => None,
        }
    }

    /// Of a recording: whether everything in it has been asked for.
    pub(crate) fn is_played(&self) -> bool {
        matches!(&self.kind, Kind::Recorded(recorded) if recorded.is_played())
    }

    /// Whether it gives ECUs that ask for patience (negative response 78) their time by itself; else they are asked again.
    pub(crate) fn is_patient(&self) -> bool {
        matches!(self.kind, Kind::Can(_))
    }
}
