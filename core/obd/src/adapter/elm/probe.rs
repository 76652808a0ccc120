//! Measuring: what the chip says of itself, which commands it knows, and what it does with requests to the vehicle. What is
//! tried and why it is safe stands with [`crate::adapter::passport::PROBED`]; what it means is judged there as well.

use super::{
    Elm,
    command::{self, Command},
    count, patience,
    wire::Heard,
};
use crate::{
    adapter::{
        Request, Target,
        governor::Governor,
        passport::{Asked, Evidence, Identity, OnBus, PROBED, STN, STN_MORE, TELLING, Tried, judge},
    },
    decode,
    frame::{Line, assemble_reply},
    protocol::Protocol,
};
use roadworthy_api::{Error, adapter::Proof};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long its own commands may take in all; with a slow one the rest is not tried.
const ENOUGH: Duration = Duration::from_secs(10);
/// Commands without an answer after which no further one is tried.
const MOST_LATE: usize = 2;
/// Present values that most vehicles have and that move little while they are tried.
const VALUES: [u8; 12] = [0x05, 0x0C, 0x0D, 0x04, 0x0F, 0x11, 0x0B, 0x10, 0x0E, 0x06, 0x07, 0x1F];
/// An ECU takes a few messages to take in a request that asks for something; asked twice, the faster time counts.
const TWICE: usize = 2;

impl Elm {
    /// What it says of itself, asked once.
    pub(crate) async fn introduce(&mut self) -> Result<Identity, Error> {
        for text in TELLING {
            self.try_own(text).await?;
        }
        self.try_own(STN).await?;
        if self.evidence(None).understood(STN) == Some(true) {
            for text in STN_MORE {
                self.try_own(text).await?;
            }
        }
        Ok(Identity::of(&judge(&self.evidence(None), 0)))
    }

    /// Tries everything, with the vehicle where one was found. Takes two to five seconds.
    pub(crate) async fn probe(&mut self, governor: &mut Governor) -> Result<Evidence, Error> {
        self.introduce().await?;
        let since = Instant::now();
        for own in PROBED {
            if since.elapsed() < ENOUGH {
                self.try_own(own.text).await?;
            }
        }
        let bus = match self.protocol {
            None => None,
            Some(protocol) => Some(self.probe_bus(protocol, governor).await?),
        };
        Ok(self.evidence(bus))
    }

    fn evidence(&self, bus: Option<OnBus>) -> Evidence {
        Evidence {
            claims: self.info.claims.clone(),
            reset: self.woke,
            voltage: self.info.voltage,
            filtered: self.single.is_some(),
            own: self.own.clone(),
            bus,
        }
    }

    async fn try_own(&mut self, text: &'static str) -> Result<(), Error> {
        let late = self.own.iter().filter(|t| t.lines.is_none()).count();
        if late >= MOST_LATE || self.own.iter().any(|t| t.sent == text) {
            return Ok(());
        }
        let since = Instant::now();
        let heard = self.wire.exchange(text, command::PATIENCE).await?;
        let ms = since.elapsed().as_secs_f64() * 1000.0;
        let (lines, characters) = match heard {
            Heard::Answer(answer) => (Some(command::lines(text, &answer)), answer.len() + 1),
            Heard::Empty => (Some(Vec::new()), 1),
            Heard::Late => (None, 0),
        };
        let characters = u32::try_from(characters).unwrap_or(u32::MAX);
        self.own.push(Tried { sent: text.into(), lines, characters, ms });
        Ok(())
    }

    async fn probe_bus(&mut self, protocol: Protocol, governor: &mut Governor) -> Result<OnBus, Error> {
        let bus = OnBus { protocol, asked: Vec::new() };
        // Without senders one ECU is asked behind a filter, as in a check.
        let alone = self.single.as_ref().and_then(|ids| ids.first().cloned());
        if let Some(id) = &alone
            && let Ok(number) = u32::from_str_radix(id, 16)
        {
            self.command(Command::Only(number, id.len())).await?;
        }
        let bus = self.probe_requests(bus, alone.as_deref(), governor).await?;
        if alone.is_some() {
            self.everyone(protocol).await?;
        }
        Ok(bus)
    }

    async fn probe_requests(
        &mut self,
        mut bus: OnBus,
        alone: Option<&str>,
        governor: &mut Governor,
    ) -> Result<OnBus, Error> {
        let protocol = bus.protocol;
        let bitmap = || Request::new(&[0x01, 0x00]);
        self.try_bus(&mut bus, bitmap()?, None, (&mut *governor, alone)).await?;
        if bus.asked.iter().all(|a| a.answers().is_empty()) {
            // One of the commands may have set what silences it: back to the defaults.
            self.begin_anew(protocol).await?;
            self.try_bus(&mut bus, bitmap()?, None, (&mut *governor, alone)).await?;
        }
        self.try_bus(&mut bus, bitmap()?, None, (&mut *governor, alone)).await?;
        let count = bus.asked.last().filter(|a| !a.answers().is_empty()).and_then(|a| count::digit(a.frames));
        for _ in 0..TWICE {
            if let Some(count) = count {
                self.try_bus(&mut bus, bitmap()?, Some(count), (&mut *governor, alone)).await?;
            }
        }
        let values = values(&bus);
        let some = |n: usize| values.get(..n).map(|pids| Request::new(&[&[0x01], pids].concat())).transpose();
        if protocol.is_can() {
            for request in [some(2)?, some(6)?].into_iter().flatten() {
                self.try_bus(&mut bus, request, None, (&mut *governor, alone)).await?;
            }
        }
        // The freeze frame's list, then a UDS request: each shows whether three bytes arrive where joint requests do not.
        for bytes in [[0x02, 0x00, 0x00], [0x22, 0xF1, 0x90]] {
            let proof = judge(&self.evidence(Some(bus.clone())), 0).request_of_3;
            if matches!(proof, Proof::Unknown { .. }) && (bytes[0] == 0x02 || protocol.is_can()) {
                self.try_bus(&mut bus, Request::new(&bytes)?, None, (&mut *governor, alone)).await?;
            }
        }
        // The VIN is the long reply that most vehicles have.
        if judge(&self.evidence(Some(bus.clone())), 0).long_reply != Proof::Yes {
            self.try_bus(&mut bus, Request::new(&[0x09, 0x02])?, None, (&mut *governor, alone)).await?;
        }
        Ok(bus)
    }

    async fn try_bus(
        &mut self,
        bus: &mut OnBus,
        request: Request,
        digit: Option<u8>,
        (governor, alone): (&mut Governor, Option<&str>),
    ) -> Result<(), Error> {
        self.address(bus.protocol, Target::Everyone).await?;
        sleep(Duration::from_millis(governor.free().saturating_sub(self.ms()))).await;
        let text = count::text(&request, digit);
        governor.sent(self.ms());
        let since = Instant::now();
        let heard = self.wire.exchange(&text, patience(bus.protocol)).await?;
        let ms = since.elapsed().as_secs_f64() * 1000.0;
        governor.answered(self.ms());
        self.spoke = Some(Instant::now());
        let (lines, frames, characters) = match heard {
            Heard::Answer(answer) => (
                Some(match alone {
                    None => assemble_reply(bus.protocol, true, &text, &answer),
                    Some(id) => of_one(assemble_reply(bus.protocol, false, request.hex(), &answer), id),
                }),
                count::frames(&text, &answer),
                answer.len() + 1,
            ),
            Heard::Empty => (Some(Vec::new()), 0, 1),
            Heard::Late => (None, 0, 0),
        };
        let characters = u32::try_from(characters).unwrap_or(u32::MAX);
        bus.asked.push(Asked { request, digit, lines, frames, characters, ms });
        Ok(())
    }
}

/// Lines that one ECU sent, with its id.
fn of_one(lines: Vec<Line>, id: &str) -> Vec<Line> {
    let own = |line| match line {
        Line::Message { payload, .. } => Line::Message { ecu: Some(id.to_owned()), payload },
        other => other,
    };
    lines.into_iter().map(own).collect()
}

/// Values of the ECU that has most of those that can stand in one request.
fn values(bus: &OnBus) -> Vec<u8> {
    let bitmaps = bus.asked.iter().filter(|a| a.digit.is_none()).flat_map(|a| a.answers());
    let of = |payload: &[u8]| -> Vec<u8> {
        let has = |pid: u8| {
            let (byte, bit) = ((pid - 1) / 8, (pid - 1) % 8);
            payload.get(2 + usize::from(byte)).is_some_and(|b| b & (0x80 >> bit) != 0)
        };
        VALUES.into_iter().filter(|pid| decode::joins(*pid) && has(*pid)).collect()
    };
    bitmaps.map(|(_, payload)| of(payload)).max_by_key(Vec::len).unwrap_or_default()
}
