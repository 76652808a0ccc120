//! The tester: what asks a vehicle over a device that passes frames on, and keeps each ECU's answer to itself.
//!
//! Rules kept here, each with a test:
//! - nothing is sent before frames read at the bit rate, or where a person has named the rate and nothing speaks against it: a
//!   tester at another rate destroys what is on the bus, and the dash lights up;
//! - a fault that comes with the first request ends the sending, and one that comes later spoils the answer; the usual run of
//!   a bus, such as lost arbitration, is no fault;
//! - an answer that comes late answers nothing, and does not end the wait for the next one;
//! - flow control goes to the ECU that sends, never to everyone;
//! - an ECU that asks for patience (negative response 78) gets it, and is not asked again;
//! - messages of several ECUs, however mixed, stay with the ECU they are from;
//! - frames of CAN FD go out only where a person has said so and the bus bears it out, see [`super::CanLink::fd`].

mod connect;
mod exchange;

use super::{BoxCan, CanError, CanId, DataRate, Event, Received, isotp::Options};
use crate::{
    adapter::{Reply, Request, Target},
    frame::{FrameError, Line, Status},
    link::{self, Port},
    protocol::{Family, Protocol},
    traffic::{Direction, Traffic},
};
use exchange::Trouble;
use roadworthy_api::{Code, Error, check::AdapterInfo};
use std::{
    collections::{BTreeSet, HashMap},
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// Most bytes of a whole record, as with other adapters.
const RECORD: usize = 16 << 20;
/// How long an answer may take to begin while nobody has said anything. P2 is 50 ms (ISO 15765-4); gateways and slow links
/// add to it.
const WINDOW: Duration = Duration::from_millis(200);
/// The same where somebody wants to be thorough, and the longest it grows to where ECUs have been slow.
const LONG_WINDOW: Duration = Duration::from_secs(1);
/// The shortest after somebody has spoken, so that those who have nothing to say do not cost more. It grows with the slowest
/// answer heard.
const OTHERS: Duration = Duration::from_millis(100);
/// The shortest after all that are known have spoken: P2, and what a link takes.
const STRANGERS: Duration = Duration::from_millis(70);
/// Times a request must have had its whole time before it ends with those who answered it then.
const SURE: u32 = 2;
/// How long an ECU may take that has asked for patience (P2* of ISO 14229-2 and ISO 15765-4).
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a device may take to leave the bus.
const LEAVE: Duration = Duration::from_secs(2);
/// How long a controller may take to come back after it was off.
const RESTART: Duration = Duration::from_secs(1);

/// A tester on a device.
pub(crate) struct Tester {
    link: BoxCan,
    info: AdapterInfo,
    protocol: Option<Protocol>,
    port: Option<Port>,
    traffic: Traffic,
    /// Bytes in `traffic`.
    recorded: usize,
    started: Instant,
    options: Options,
    /// How requests go out in frames of CAN FD; `None`: in classic ones.
    fd: Option<DataRate>,
    /// Whether anything has been heard on the bus, and whether a frame of CAN FD.
    heard: (bool, bool),
    window: Duration,
    /// ECUs that have answered anything.
    known: BTreeSet<CanId>,
    /// The longest that an ECU took to begin an answer.
    slowest: Duration,
    /// Who answered a request when everybody had the time to, and how often everybody had.
    answered: HashMap<(CanId, Vec<u8>), (BTreeSet<CanId>, u32)>,
    /// What the controller reported during the last request.
    trouble: Trouble,
}

impl Tester {
    pub(crate) fn on(link: BoxCan) -> Self {
        Self {
            link,
            info: AdapterInfo::default(),
            protocol: None,
            port: None,
            traffic: Traffic { medium: crate::traffic::Medium::Frames, ..Traffic::default() },
            recorded: 0,
            started: Instant::now(),
            options: Options::default(),
            fd: None,
            heard: (false, false),
            window: WINDOW,
            known: BTreeSet::new(),
            slowest: Duration::ZERO,
            answered: HashMap::new(),
            trouble: Trouble::default(),
        }
    }

    /// Sets where the device is, for the words when the link breaks.
    pub(crate) fn place(&mut self, port: Port) {
        self.port = Some(port);
    }

    /// Looks whether the device is there. Nothing goes on the bus.
    pub(crate) async fn set_up(&mut self) -> Result<(), Error> {
        let rate = self.link.bitrates().first().copied();
        match self.link.start(rate, super::Mode::Listen).await {
            Ok(()) | Err(CanError::NoListening) => {}
            Err(error) => return Err(self.failed(error)),
        }
        self.info.claims = self.link.about();
        Ok(())
    }

    pub(crate) fn info(&self) -> &AdapterInfo {
        &self.info
    }

    pub(crate) fn protocol(&self) -> Option<Protocol> {
        self.protocol
    }

    pub(crate) fn traffic(&self) -> &Traffic {
        &self.traffic
    }

    pub(crate) fn forget_traffic(&mut self) {
        self.traffic.chunks.clear();
        self.recorded = 0;
    }

    pub(crate) fn into_traffic(self) -> Traffic {
        self.traffic
    }

    /// Leaves the bus. That a device does not take even this changes nothing any more.
    pub(crate) async fn close(&mut self) {
        let _ = timeout(LEAVE, self.link.stop()).await;
    }

    /// Gives ECUs a second to begin their answers, or the usual time again.
    pub(crate) fn wait_long(&mut self, long: bool) {
        self.window = if long { LONG_WINDOW } else { WINDOW };
    }

    /// Asks whom the request is for, a second time where the first answer was spoilt and nothing changes by asking; the one with
    /// more in it stands.
    pub(crate) async fn ask(&mut self, request: &Request) -> Result<Reply, Error> {
        let Some(protocol) = self.protocol else {
            return Err(Error::new(Code::Internal, "A request was made before the vehicle was found."));
        };
        let (to, only) = route(protocol, request.target())?;
        let first = self.exchange(to, only, request).await?;
        if !spoilt(&first) || !request.only_reads() {
            return Ok(Reply::Lines(first));
        }
        let second = self.exchange(to, only, request).await?;
        let whole = |lines: &[Line]| lines.iter().filter(|l| matches!(l, Line::Message { .. })).count();
        Ok(Reply::Lines(if whole(&first) > whole(&second) { first } else { second }))
    }

    /// A frame, or a fault, that came until then.
    async fn receive(&mut self, until: Instant) -> Result<Option<Received>, Error> {
        match timeout_at(until, self.link.receive()).await {
            Err(_) => Ok(None),
            Ok(Err(error)) => Err(self.failed(error)),
            Ok(Ok(received)) => {
                if let Event::Frame(frame) = &received.event {
                    self.heard = (true, self.heard.1 || frame.is_fd());
                }
                Ok(Some(received))
            }
        }
    }

    /// Asks in frames of CAN FD from now on, or in classic ones.
    fn speak(&mut self, fd: Option<DataRate>) {
        self.fd = fd;
        self.options = if fd.is_some() { Options::fd() } else { Options::default() };
    }

    fn record(&mut self, direction: Direction, event: &Event) -> Result<(), Error> {
        let ms = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.traffic.push_frame(ms, direction, event);
        self.recorded += self.traffic.chunks.last().map_or(0, |chunk| chunk.bytes.len());
        if self.recorded > RECORD {
            return Err(Error::new(Code::NotAnAdapter, "The vehicle sends without end.")
                .hint("Unplug the adapter, plug it in again, and check again."));
        }
        Ok(())
    }

    /// A fault of the link, in the words of the port.
    fn failed(&self, error: CanError) -> Error {
        match error {
            CanError::Gone(kind) => link::lost(self.port.as_ref(), &kind.into()),
            CanError::Bus(fault)
                if fault.is_off()
                    && let Some(Port::Can { interface, .. }) = &self.port =>
            {
                CanError::Off(interface.clone()).into()
            }
            error => error.into(),
        }
    }
}

/// The id a request goes out on, and the only one whose answer counts (`None`: everyone's).
fn route(protocol: Protocol, target: Target) -> Result<(CanId, Option<CanId>), Error> {
    let id = |number: u32| match protocol.family() {
        Family::Can29 => CanId::extended(number),
        _ => CanId::standard(number),
    };
    let only = match target {
        Target::Everyone => None,
        Target::Can11(answer) => CanId::standard(answer.into()),
        Target::Can29(address) => CanId::extended(0x18DA_F100 | u32::from(address)),
        Target::Legacy(_) => None,
    };
    target.can_id(protocol).and_then(id).map(|to| (to, only)).ok_or_else(|| {
        Error::new(Code::Invalid, format!("{target} is no ECU of this vehicle's bus."))
            .hint("Take the id of an ECU that answered a check.")
    })
}

/// Whether an answer is worth a second try.
fn spoilt(lines: &[Line]) -> bool {
    lines.iter().any(|line| match line {
        Line::Message { .. } => false,
        Line::Status(status) => *status != Status::NoData,
        Line::Unusable { reason, .. } => *reason != FrameError::Duplicate,
    })
}
