//! The loop of a session: ask, judge, tell; pause, keep awake, stop.

use super::{Control, Found, LiveEvent, Next, Scheduler, available, guard, guard::Guard, pace, raw, watched::Chosen};
use crate::{
    adapter::{Adapter, Request, governor::Leave},
    bus,
    check::{
        self, CheckEvent, CheckOptions,
        coverage::{Judged, judge},
        dialect::Dialect,
    },
    decode::Maxima,
    link::Carrier,
    protocol::Protocol,
};
use roadworthy_api::{
    Code, Error, Timestamp,
    check::{CodeClass, Ecu},
    live::SignalInfo,
};
use std::{collections::BTreeSet, sync::Arc, time::Duration};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

/// Time without any word from the vehicle after which it is asked whether it is still there.
const UNHEARD: Duration = Duration::from_secs(10);
/// Longest pause of a recording that is waited for.
const PAUSE: Duration = Duration::from_secs(2);

/// Reads the vehicle on `carrier` until it is stopped: [`Control::stop`], or the sender of `control` dropped. `options` are those
/// of a check; a [`Code::LinkLost`] before [`LiveEvent::Found`] is worth a second try with a warm reset, as there.
///
/// # Errors
/// What ends a check early: [`Code::NotAnAdapter`], [`Code::AdapterFault`], [`Code::NoVehicle`] (also when it falls silent
/// later), [`Code::LinkLost`].
pub async fn run_live(
    carrier: impl Into<Carrier>,
    options: CheckOptions,
    control: watch::Receiver<Control>,
    on: &mut (dyn FnMut(LiveEvent) + Send),
) -> Result<(), Error> {
    let now = Arc::clone(&options.now);
    let begun = tokio::select! {
        biased;
        () = stopped(control.clone()) => return Ok(()),
        begun = begin(carrier.into(), options, on) => begun?,
    };
    let mut session = Session::new(begun, control.clone(), now, on);
    let end = tokio::select! {
        biased;
        () = stopped(control) => Ok(()),
        end = session.run() => end,
    };
    session.adapter.close().await;
    end
}

async fn stopped(mut control: watch::Receiver<Control>) {
    let _ = control.wait_for(|c| c.stop).await;
}

/// An adapter that has found a vehicle, and what there is to read.
struct Begun {
    adapter: Adapter,
    protocol: Protocol,
    found: Found,
    /// What is spoken.
    dialects: Vec<Dialect>,
    /// ECUs that speak SAE J1979-2.
    newer: BTreeSet<String>,
    /// Whether there is no vehicle to be spared.
    bench: bool,
}

async fn begin(
    carrier: Carrier,
    options: CheckOptions,
    on: &mut (dyn FnMut(LiveEvent) + Send),
) -> Result<Begun, Error> {
    let mut doing = |event| {
        if let CheckEvent::Doing(words) = event {
            on(LiveEvent::Doing(words));
        }
    };
    let bench = options.bench;
    let (adapter, report, newer) = check::begin(carrier, options, &mut doing).await?;
    let Some(protocol) = adapter.protocol() else {
        return Err(Error::new(Code::Internal, "A vehicle was found without a protocol."));
    };
    let available = available(&report.ecus);
    let speaks = |dialect: &Dialect| report.ecus.iter().any(|ecu: &Ecu| of(&newer, &ecu.id) == *dialect);
    let dialects = [Dialect::Obd, Dialect::Uds].into_iter().filter(speaks).collect();
    let found =
        Found { adapter: report.adapter, protocol: report.protocol, ecus: report.ecus, vin: report.vin, available };
    Ok(Begun { adapter, protocol, found, dialects, newer, bench })
}

fn of(newer: &BTreeSet<String>, ecu: &str) -> Dialect {
    if newer.contains(ecu) { Dialect::Uds } else { Dialect::Obd }
}

struct Session<'a> {
    adapter: Adapter,
    protocol: Protocol,
    available: Vec<SignalInfo>,
    /// To be told once the reach of its signals is known.
    found: Option<Box<Found>>,
    dialects: Vec<Dialect>,
    newer: BTreeSet<String>,
    bench: bool,
    control: watch::Receiver<Control>,
    now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    on: &'a mut (dyn FnMut(LiveEvent) + Send),
    scheduler: Scheduler,
    since: Instant,
    /// When the last request went out.
    spoke: Instant,
    /// When the vehicle last said anything.
    heard: Instant,
    guard: Guard,
    /// Why it goes more slowly, as last said.
    slowed: Option<String>,
    /// Of a recording: when the last answer was given, and when it came then.
    played: (Instant, u64),
}

impl<'a> Session<'a> {
    fn new(
        begun: Begun,
        control: watch::Receiver<Control>,
        now: Arc<dyn Fn() -> Timestamp + Send + Sync>,
        on: &'a mut (dyn FnMut(LiveEvent) + Send),
    ) -> Self {
        let Begun { mut adapter, protocol, found, dialects, newer, bench } = begun;
        let (since, adapter_ms) = (Instant::now(), adapter.ms());
        let played = (since, adapter.recorded_ms().unwrap_or(0));
        adapter.governor().last(adapter_ms);
        Self {
            adapter,
            protocol,
            available: found.available.clone(),
            found: Some(Box::new(found)),
            dialects,
            newer,
            bench,
            control,
            now,
            on,
            scheduler: Scheduler::new(protocol.family()),
            since,
            spoke: since,
            heard: since,
            guard: Guard::new(adapter_ms),
            slowed: None,
            played,
        }
    }

    async fn run(&mut self) -> Result<(), Error> {
        let mut chosen = Chosen::default();
        self.scales(&mut chosen).await?;
        chosen.widen(&mut self.available);
        if let Some(mut found) = self.found.take() {
            found.available.clone_from(&self.available);
            (self.on)(LiveEvent::Found(found));
        }
        self.control.mark_changed();
        loop {
            if self.control.has_changed().unwrap_or(false) {
                let ids = self.control.borrow_and_update().signals.clone();
                chosen.choose(&ids, &self.available, &self.newer);
                self.scheduler.choose(&chosen.wishes(self.bench));
            }
            self.ask_leave(&chosen).await?;
            let next = if self.control.borrow().paused { Next::Nothing } else { self.scheduler.next(self.ms()) };
            match next {
                Next::Ask(ids) => self.ask(&ids, &mut chosen).await?,
                Next::Wait(until) => self.rest(Some(self.since + Duration::from_millis(until))).await?,
                Next::Nothing => self.rest(None).await?,
            }
        }
    }

    /// Asks the ECUs that set the scale of other values themselves how far it reaches, before any of those is read.
    async fn scales(&mut self, chosen: &mut Chosen) -> Result<(), Error> {
        for pid in Maxima::PIDS {
            let mut due = self.having(pid);
            // One answer may be lost.
            for dialect in [Dialect::Obd, Dialect::Uds].repeat(2) {
                if !due.iter().any(|ecu| of(&self.newer, ecu) == dialect) {
                    continue;
                }
                for read in self.put(&Request::new(&dialect.pid(pid))?).await?.read {
                    due.remove(&read.ecu);
                    chosen.learn(&read.ecu, pid, Some(&read.decoded));
                }
            }
            for ecu in due {
                chosen.learn(&ecu, pid, None);
            }
        }
        Ok(())
    }

    /// ECUs that have signals of a PID.
    fn having(&self, pid: u8) -> BTreeSet<String> {
        let text = format!("{pid:02X}");
        self.available.iter().filter(|s| s.pid == text).map(|s| s.ecu.clone()).collect()
    }

    /// Asks the governor whether reading may go on, waits where it may not, and looks at what it wants to know.
    async fn ask_leave(&mut self, chosen: &Chosen) -> Result<(), Error> {
        if self.adapter.recorded_ms().is_some() {
            return Ok(());
        }
        let now = self.adapter.ms();
        if !self.control.borrow().paused {
            self.watch(now, chosen.wants(guard::SPEED)).await?;
        }
        match self.adapter.governor().leave(now) {
            Leave::Stop(why) => self.hold(why).await?,
            Leave::Slowed(why) => self.pace(Some(why)),
            Leave::Full => self.pace(None),
        }
        Ok(())
    }

    fn pace(&mut self, slowed: Option<String>) {
        let gap = self.adapter.governor().gap();
        self.scheduler.keep_apart(gap);
        // Figures in the words change with each look; what is said is that it goes slowly.
        if self.slowed.is_some() != slowed.is_some() {
            self.slowed.clone_from(&slowed);
            (self.on)(LiveEvent::Slowed(slowed));
        }
    }

    /// Sends nothing until a person says so.
    async fn hold(&mut self, why: String) -> Result<(), Error> {
        (self.on)(LiveEvent::Held(why));
        let before = self.control.borrow().go_on;
        if self.control.wait_for(|c| c.go_on != before || c.stop).await.is_err() {
            // Nobody holds the other end: the session is being stopped from outside.
            std::future::pending::<()>().await;
        }
        self.control.mark_changed();
        let now = self.adapter.ms();
        self.adapter.governor().go_on(now);
        self.heard = Instant::now();
        (self.on)(LiveEvent::WentOn);
        // A bus that fell asleep meanwhile wakes up with this.
        self.greet().await
    }

    /// Engine speed, where nobody chose it, and pending codes: now and then.
    async fn watch(&mut self, now: u64, chosen: bool) -> Result<(), Error> {
        if !chosen
            && self.guard.wants_speed(now)
            && let Some(ecu) = self.having(guard::SPEED).first()
        {
            self.guard.asked_speed(now);
            let judged = self.put(&Request::new(&of(&self.newer, ecu).pid(guard::SPEED))?).await?;
            let now = self.adapter.ms();
            self.guard.speed(&judged, now, self.adapter.governor());
        }
        // Network codes come of buses that have a network.
        if self.protocol.is_can() && self.guard.wants_codes(now) {
            self.guard.asked_codes(now);
            for dialect in self.dialects.clone() {
                let judged = self.put(&Request::new(dialect.list(CodeClass::Pending))?).await?;
                // An ECU whose answer cannot be read has not said that it has none.
                for read in &judged.read {
                    if let Some(codes) = read.decoded.codes() {
                        self.adapter.governor().codes(&read.ecu, codes);
                    }
                }
            }
        }
        Ok(())
    }

    async fn put(&mut self, request: &Request) -> Result<Judged, Error> {
        self.spoke = Instant::now();
        let replies = bus::ask(&mut self.adapter, request).await;
        self.tell_traffic();
        let replies = replies?;
        self.adapter.forget_traffic();
        let judged = judge(request, !self.protocol.is_can(), replies);
        if judged.heard(self.protocol).next().is_some() {
            self.heard = Instant::now();
        }
        Ok(judged)
    }

    async fn ask(&mut self, ids: &[u16], chosen: &mut Chosen) -> Result<(), Error> {
        if self.adapter.is_played() {
            let over =
                || Error::new(Code::LinkLost, "The recording is at its end.").hint("Open it again to see it anew.");
            return Err(self.adapter.recorded_end().cloned().unwrap_or_else(over));
        }
        let request = Request::new(&named(ids))?;
        self.scheduler.asked(ids, self.ms());
        let judged = self.put(&request).await?;
        let at = self.at().await;
        let now = self.adapter.ms();
        self.guard.speed(&judged, now, self.adapter.governor());
        let replies = u32::try_from(judged.read.len()).unwrap_or(u32::MAX);
        if let Some(samples) = chosen.take(ids, &judged, at, &mut self.scheduler) {
            self.guard.samples(&samples, &self.available, now, self.adapter.governor());
            (self.on)(LiveEvent::Answered { samples, replies });
        }
        if self.heard.elapsed() > UNHEARD { self.greet().await } else { Ok(()) }
    }

    /// What passed since it was forgotten, where somebody wants to see it.
    fn tell_traffic(&mut self) {
        if !self.control.borrow().raw || self.adapter.recorded_ms().is_some() {
            return;
        }
        let (now, ms) = ((self.now)(), self.adapter.ms());
        let at = |then: u64| now.saturating_sub_unsigned(ms.saturating_sub(then));
        (self.on)(LiveEvent::Traffic(raw::lines(self.adapter.traffic(), self.protocol, at)));
    }

    /// When what was asked last was answered. A recording is read at the pace at which it was made, but for its pauses.
    async fn at(&mut self) -> Timestamp {
        let Some(ms) = self.adapter.recorded_ms() else { return (self.now)() };
        let (then, before) = self.played;
        let step = Duration::from_millis(ms.saturating_sub(before)).min(PAUSE);
        sleep_until(then + step).await;
        self.played = (Instant::now(), ms);
        let started = self.adapter.traffic().started;
        started.map_or_else(|| (self.now)(), |started| started.saturating_add_unsigned(ms))
    }

    /// Waits until then, or for a new word, and keeps the vehicle awake meanwhile.
    async fn rest(&mut self, until: Option<Instant>) -> Result<(), Error> {
        let drowsy = pace::keep_awake_ms(self.protocol.family()).map(|ms| self.spoke + Duration::from_millis(ms));
        let end = match (until, drowsy) {
            (Some(until), Some(drowsy)) => Some(until.min(drowsy)),
            (until, drowsy) => until.or(drowsy),
        };
        let over = async {
            match end {
                Some(end) => sleep_until(end).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            changed = self.control.changed() => {
                if changed.is_err() {
                    // Nobody holds the other end: the session is being stopped from outside.
                    std::future::pending::<()>().await;
                }
                self.control.mark_changed();
                return Ok(());
            }
            () = over => {}
        }
        if drowsy.is_some_and(|drowsy| drowsy <= Instant::now()) { self.greet().await } else { Ok(()) }
    }

    /// A word to the vehicle that changes nothing: keeps a K-line awake, and shows whether anybody is there.
    async fn greet(&mut self) -> Result<(), Error> {
        let dialect = self.dialects.first().copied().unwrap_or(Dialect::Obd);
        self.put(&Request::new(&dialect.pid(0x00))?).await?;
        if self.heard.elapsed() <= UNHEARD {
            return Ok(());
        }
        Err(Error::new(Code::NoVehicle, "The vehicle stopped answering.")
            .hint("Check that the ignition is still on and that the plug sits firmly."))
    }

    fn ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// The request that names these, all of one service.
fn named(ids: &[u16]) -> Vec<u8> {
    let newer = ids.iter().any(|id| Dialect::of_id(*id).0 == Dialect::Uds);
    let service = if newer { 0x22 } else { 0x01 };
    let names = ids.iter().flat_map(|id| id.to_be_bytes().into_iter().skip(usize::from(!newer)));
    [service].into_iter().chain(names).collect()
}
