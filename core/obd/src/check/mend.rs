//! A link that breaks in the middle of a check: opened anew, and the question that was lost asked once more.
//!
//! That is safe because every question of a check only reads. It is done only where the vehicle gave its VIN, and gives the
//! same one again on the new link: who plugs an adapter in again may plug it into another car.

use super::{coverage::judge, run::Check};
use crate::{
    adapter::{Adapter, Request, Reset},
    bus::{self, Replies},
    link::Carrier,
    protocol::Protocol,
    traffic::{Direction, Traffic},
};
use roadworthy_api::{Code, Error, check::AdapterInfo};
use std::{future::Future, pin::Pin, sync::Arc, time::Duration};
use tokio::time::{Instant, sleep};

/// Opens the link of a check anew.
pub type Reopen = Arc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<Carrier, Error>> + Send>> + Send + Sync>;

/// How long a broken link is tried again: time to push a loose plug in.
const PATIENCE: Duration = Duration::from_secs(20);
/// Before the first try; an adapter that was just left refuses the next caller for a moment.
const PAUSE: Duration = Duration::from_millis(500);
/// Times that one check is mended: a link that keeps breaking is not worth more of anybody's time.
const MOST: u8 = 3;

/// What earlier links of a check left behind.
#[derive(Default)]
pub(super) struct Earlier {
    traffic: Traffic,
    info: Option<AdapterInfo>,
    mended: u8,
}

impl Earlier {
    /// All of it, with what the last link brought.
    pub(super) fn join(mut self, since: Instant, began: Instant, last: Traffic) -> Traffic {
        if self.traffic.chunks.is_empty() {
            return last;
        }
        self.traffic.append(ms(since, began), last);
        self.traffic
    }

    /// What is known of the adapter where the last link never said.
    pub(super) fn info(&self, last: &AdapterInfo) -> AdapterInfo {
        if *last == AdapterInfo::default() { self.info.clone().unwrap_or_default() } else { last.clone() }
    }
}

fn ms(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.duration_since(from).as_millis()).unwrap_or(u64::MAX)
}

impl Check<'_> {
    /// Asks; when the link breaks meanwhile, asks once more on a new one.
    ///
    /// # Errors
    /// As [`bus::ask`]: the broken link's own where it could not be mended.
    pub(super) async fn heard(&mut self, request: &Request) -> Result<Replies, Error> {
        loop {
            match bus::ask(&mut self.adapter, request).await {
                Err(error) if error.code == Code::LinkLost => self.mend(error).await?,
                ended => return ended,
            }
        }
    }

    async fn mend(&mut self, broke: Error) -> Result<(), Error> {
        let (Some(reopen), Some(vin), Some(protocol)) =
            (self.options.reopen.clone(), self.report.vin.clone(), self.adapter.protocol())
        else {
            return Err(broke);
        };
        if self.earlier.mended >= MOST {
            return Err(broke);
        }
        self.earlier.mended += 1;
        self.say("The connection broke; connecting again");
        // Most adapters take one client only: the old link goes first.
        self.earlier.info = Some(self.adapter.info().clone());
        self.set_aside(Adapter::on(tokio::io::empty(), Reset::Cold));
        let (end, mut pause, mut reset) = (Instant::now() + PATIENCE, PAUSE, Reset::Cold);
        while Instant::now() + pause < end {
            sleep(pause).await;
            pause *= 2;
            if let Ok(carrier) = reopen().await {
                self.set_aside(Adapter::on(carrier, reset).at(&self.options.port).on_a_bench(self.options.bench));
                if self.back().await.is_ok_and(|p| p == protocol) {
                    return if self.same(&vin).await { Ok(()) } else { Err(another(broke)) };
                }
                // Some drop the link on a full reset.
                reset = if reset == Reset::Cold { Reset::Warm } else { Reset::Cold };
            }
        }
        Err(broke)
    }

    /// Starts the adapter on the new link, with what its passport proves.
    async fn back(&mut self) -> Result<Protocol, Error> {
        self.adapter.set_up().await?;
        self.adapter.recognise(&self.options.passports).await?;
        self.adapter.connect().await
    }

    /// Puts another adapter in the place of this one and keeps the record.
    fn set_aside(&mut self, next: Adapter) {
        let last = std::mem::replace(&mut self.adapter, next).into_traffic();
        if !last.chunks.is_empty() {
            self.earlier.traffic.append(ms(self.since, self.began), last);
        }
        let now = Instant::now();
        if self.earlier.traffic.chunks.last().is_some_and(|c| c.direction != Direction::Broke) {
            self.earlier.traffic.broke(ms(self.since, now));
        }
        self.began = now;
    }

    /// Whether the vehicle is the one from before the break.
    async fn same(&mut self, vin: &str) -> bool {
        let legacy = !self.adapter.protocol().is_some_and(|p| p.is_can());
        for dialect in self.dialects() {
            let Ok(request) = Request::new(&dialect.infotype(0x02)) else { return false };
            let Ok(replies) = bus::ask(&mut self.adapter, &request).await else { return false };
            let judged = judge(&request, legacy, replies);
            if judged.read.iter().any(|r| r.decoded.texts().iter().any(|t| t.trim() == vin)) {
                return true;
            }
        }
        false
    }
}

fn another(broke: Error) -> Error {
    Error {
        hint: "After that the vehicle did not give the same VIN again. Check again from the start.".into(),
        ..broke
    }
}
