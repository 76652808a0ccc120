//! Finding the vehicle without harming it: listen, then ask, with 11-bit ids and with 29-bit ones, and where a person says that
//! the bus takes CAN FD, and nothing speaks against it, in its frames too.

use super::{Tester, exchange::Trouble, route};
use crate::{
    adapter::{Request, Target},
    can::{CanError, DataRate, Event, Mode},
    frame::Line,
    protocol::Protocol,
};
use roadworthy_api::{Code, Error};
use std::{collections::BTreeSet, time::Duration};
use tokio::time::Instant;

/// How long it is listened at a rate that a person has named, or that the operating system holds.
const LISTEN: Duration = Duration::from_millis(300);
/// How long at each rate that is tried. ECUs repeat what they have to say several times a second.
const SEARCH: Duration = Duration::from_millis(1000);
/// Frames after which a rate is the right one: each has passed a check of 15 bits.
const ENOUGH: u32 = 2;

/// The first question that somebody answered, and who did.
struct Found {
    protocol: Protocol,
    request: Request,
    ecus: BTreeSet<String>,
}

/// What was heard at a rate.
#[derive(Default)]
struct Air {
    frames: u32,
    garbled: bool,
}

impl Tester {
    /// Finds the bit rate and the kind of ids to which an ECU answers, and returns them as a protocol. Where nothing was
    /// found, the device is left listening.
    ///
    /// # Errors
    /// [`Code::NoVehicle`] when nothing answers, or nothing tells the bit rate; [`Code::AdapterFault`] when what is on the bus
    /// reads at no rate; [`Code::LinkLost`].
    pub(crate) async fn connect(&mut self) -> Result<Protocol, Error> {
        self.speak(None);
        self.heard = (false, false);
        let rate = self.find_rate().await?;
        let found = self.ask_around(rate).await;
        if !matches!(found, Ok(Some(_))) {
            // Off the bus again. That the device does not take even this says no more than what went wrong before.
            let _ = self.link.start(rate, Mode::Listen).await;
        }
        let protocol = found?.ok_or_else(|| {
            Error::new(Code::NoVehicle, "No ECU answers, neither to 11-bit nor to 29-bit requests.")
                .hint("Switch the ignition on, check the plug and the wires, and check again.")
        })?;
        self.protocol = Some(protocol);
        self.traffic.bitrate = rate;
        Ok(protocol)
    }

    /// The rate at which frames read; where only one is possible, that one unless the bus speaks against it.
    async fn find_rate(&mut self) -> Result<Option<u32>, Error> {
        let rates = self.link.bitrates();
        let mut garbled = false;
        for rate in &rates {
            let air = self.listen(Some(*rate), if rates.len() > 1 { SEARCH } else { LISTEN }).await?;
            if air.frames > 0 || rates.len() == 1 && !air.garbled {
                return Ok(Some(*rate));
            }
            garbled |= air.garbled;
        }
        if rates.is_empty() {
            let air = self.listen(None, LISTEN).await?;
            garbled = air.garbled && air.frames == 0;
            if !garbled {
                return Ok(None);
            }
        }
        Err(if garbled {
            let tried: Vec<String> = rates.iter().map(|r| format!("{} kbit/s", r / 1000)).collect();
            let at = if tried.is_empty() { String::new() } else { format!(" at {}", tried.join(" or ")) };
            Error::new(
                Code::AdapterFault,
                format!("What is on the CAN bus does not read{at}: it runs at another bit rate."),
            )
            .hint("Set the vehicle's bit rate. Nothing was sent, since that would disturb the vehicle.")
        } else {
            Error::new(Code::NoVehicle, "Nothing is on the CAN bus, so its bit rate cannot be told.").hint(
                "Switch the ignition on. Many cars are silent at this plug until they are asked: then name the rate, as in \
                 slcan:/dev/ttyACM0?bitrate=500000.",
            )
        })
    }

    async fn listen(&mut self, rate: Option<u32>, time: Duration) -> Result<Air, Error> {
        match self.link.start(rate, Mode::Listen).await {
            Ok(()) => {}
            // A person has named the rate: it is theirs to answer for.
            Err(CanError::NoListening) if self.link.bitrates().len() == 1 => return Ok(Air::default()),
            Err(error) => return Err(self.failed(error)),
        }
        let (end, mut air) = (Instant::now() + time, Air::default());
        // Whether there is CAN FD is worth the whole time.
        while (air.frames < ENOUGH || self.link.fd().is_some() && !self.heard.1)
            && let Some(received) = self.receive(end).await?
        {
            match received.event {
                Event::Frame(_) => air.frames += 1,
                Event::Error(error) if error.is_off() => return Err(self.failed(CanError::Bus(error))),
                // Who only listens meets errors in nothing but what others send.
                Event::Error(error) => air.garbled |= error.is_garbled() || error.is_warning(),
            }
        }
        if air.frames == 0
            && let Some(fault) = self.link.faults().await.map_err(|e| self.failed(e))?
        {
            air.garbled |= fault.is_garbled();
        }
        Ok(air)
    }

    /// Classic frames first: they harm nobody. What comes of them says whether CAN FD may be tried.
    async fn ask_around(&mut self, rate: Option<u32>) -> Result<Option<Protocol>, Error> {
        self.link.start(rate, Mode::Active).await.map_err(|e| self.failed(e))?;
        let found = self.try_ids(rate).await?;
        let fd = self.link.fd();
        let found = match (fd, found) {
            (None, found) => found,
            (Some(fd), Some(found)) => {
                if self.heard.1 {
                    self.try_fd(fd, &found).await?;
                }
                Some(found)
            }
            // Somebody is there who may know classic frames only, and says nothing to a tester.
            (Some(_), None) if self.heard == (true, false) => None,
            (Some(_), None) => {
                self.speak(fd);
                let found = self.try_ids(rate).await;
                if !matches!(found, Ok(Some(_))) {
                    self.speak(None);
                }
                found?
            }
        };
        Ok(found.map(|found| found.protocol))
    }

    /// Goes over to CAN FD if everybody who answered a classic request answers the same in a frame of CAN FD.
    async fn try_fd(&mut self, fd: DataRate, found: &Found) -> Result<(), Error> {
        self.speak(Some(fd));
        let (everyone, _) = route(found.protocol, Target::Everyone)?;
        let lines = self.exchange(everyone, None, &found.request).await?;
        if self.trouble.fault || !found.ecus.is_subset(&answering(&found.request, &lines)) {
            self.speak(None);
        }
        Ok(())
    }

    async fn try_ids(&mut self, rate: Option<u32>) -> Result<Option<Found>, Error> {
        // A rate that nobody knows is the first of the standard's two.
        let ids = if rate == Some(250_000) { ['8', '9'] } else { ['6', '7'] };
        for protocol in ids.into_iter().filter_map(Protocol::from_id) {
            let (everyone, _) = route(protocol, Target::Everyone)?;
            // Vehicles of SAE J1979-2 know the second only.
            for request in [&[0x01, 0x00][..], &[0x22, 0xF4, 0x00]] {
                let request = Request::new(request)?;
                let lines = self.exchange(everyone, None, &request).await?;
                let ecus = answering(&request, &lines);
                if !ecus.is_empty() {
                    return Ok(Some(Found { protocol, request, ecus }));
                }
                let mut trouble = self.trouble;
                if let Some(fault) = self.link.faults().await.map_err(|e| self.failed(e))? {
                    trouble.add(&fault);
                }
                if trouble.fault {
                    return Err(faulty(trouble));
                }
            }
        }
        Ok(None)
    }
}

/// Who answered a request, or refused it.
fn answering(request: &Request, lines: &[Line]) -> BTreeSet<String> {
    let answers = |payload: &[u8]| match payload {
        [0x7F, refused, _] => *refused == request.service(),
        payload => request.is_answered_by(payload),
    };
    let one = |line: &Line| match line {
        Line::Message { ecu: Some(ecu), payload } if answers(payload) => Some(ecu.clone()),
        _ => None,
    };
    lines.iter().filter_map(one).collect()
}

/// Why nothing more is sent.
fn faulty(trouble: Trouble) -> Error {
    match trouble {
        Trouble { garbled: false, unheard: true, .. } => {
            Error::new(Code::NoVehicle, "Nobody on the CAN bus acknowledges what is sent.").hint(
                "Switch the ignition on and check the plug. If that is right, the bit rate is not the vehicle's, or a wire is cut. \
                 Nothing more was sent.",
            )
        }
        _ => Error::new(Code::AdapterFault, "The CAN bus reports faults as soon as it is asked something.")
            .hint("Check the bit rate, the wires CAN high and CAN low, and the termination. Nothing more was sent."),
    }
}
