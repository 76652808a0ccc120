//! The order of a check, and how it ends: to the end, cancelled, or cut off.

mod ask;

use super::{CheckEvent, CheckOptions, Finished, coverage::Silence, dialect::Dialect, ecus::Known, mend::Earlier};
use crate::{
    adapter::{Adapter, Request},
    decode::DECODER,
    link::Carrier,
    traffic::Traffic,
};
use roadworthy_api::{
    Code, Error, Timestamp,
    check::{CheckReport, CodeClass, Coverage, NotAsked, Outcome, ProtocolInfo, Readiness, TroubleCode},
};
use std::{
    collections::BTreeSet,
    future::pending,
    pin::pin,
    task::{Context, Poll, Waker},
};
use tokio::{sync::watch, time::Instant};

/// The questions of every check, by the request that stands for them.
const QUESTIONS: [(&str, &str); 8] = [
    ("0902", super::information::VIN),
    ("0101", READINESS),
    ("03", "Stored codes"),
    ("07", "Pending codes"),
    ("0A", "Permanent codes"),
    ("020200", super::freeze::QUESTION),
    ("0600", super::monitors::QUESTION),
    ("01", super::present::QUESTION),
];
const LISTS: [(CodeClass, &str); 3] = [
    (CodeClass::Stored, "Stored codes"),
    (CodeClass::Pending, "Pending codes"),
    (CodeClass::Permanent, "Permanent codes"),
];
const SUPPORTED: &str = "Supported values";
const READINESS: &str = "Readiness";

/// Systems that the emission-related services do not reach.
const ELSEWHERE: [&str; 3] = ["ABS and stability control", "Airbags", "Body and comfort"];
const BEYOND: &str = "Needs UDS and the manufacturer's own addresses, which are not part of an OBD-II check.";
/// What is there and is never asked.
const LOCKED: (&str, &str) = (
    "Control of on-board systems (service 08)",
    "Locked: it would move valves and pumps of the vehicle, and a check only reads.",
);

/// Reads the vehicle on `carrier` to the end, or until `cancel` holds `true`. Sends read-only requests only. A dropped sender
/// of `cancel` means that nobody will cancel. Takes 3 to 20 s with a healthy adapter, longer on older buses.
pub async fn run_check(
    carrier: impl Into<Carrier>,
    options: CheckOptions,
    cancel: watch::Receiver<bool>,
    on: &mut (dyn FnMut(CheckEvent) + Send),
) -> Finished {
    let adapter = Adapter::on(carrier, options.reset).at(&options.port).on_a_bench(options.bench);
    let (finished, mut adapter, _) = whole(adapter, options, cancel, on).await;
    adapter.close().await;
    finished
}

/// A check through an adapter that may have been spoken to before, and the adapter again.
pub(super) async fn whole(
    adapter: Adapter,
    options: CheckOptions,
    cancel: watch::Receiver<bool>,
    on: &mut (dyn FnMut(CheckEvent) + Send),
) -> (Finished, Adapter, Vec<Known>) {
    let mut check = Check::new(adapter, options, on);
    let end = tokio::select! {
        biased;
        () = cancelled(cancel) => Err(Error::new(Code::Cancelled, "The check was cancelled.").hint("Start it again when ready.")),
        end = check.run() => end,
    };
    let end = match check.adapter.recorded_end().cloned() {
        // What was asked in it was read; the rest was not.
        Some(cut) if end.is_ok() => {
            check.complete = false;
            Err(cut)
        }
        _ => end,
    };
    check.finish(end)
}

/// A check out of a recording, on the spot and without a runtime: nothing in it waits. Readings are dated by the recording
/// where it says when it began.
pub fn check_recording(traffic: Traffic, options: CheckOptions) -> Finished {
    let (_nobody_cancels, cancel) = watch::channel(false);
    let mut on = |_| {};
    let mut check = pin!(run_check(traffic, options, cancel, &mut on));
    match check.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(finished) => finished,
        Poll::Pending => {
            let error = Error::new(Code::Internal, "Reading the recording waited for something.").hint("Try it again.");
            Finished { report: Err(error), traffic: Traffic::default() }
        }
    }
}

/// How a live session begins: starts the adapter, finds the vehicle, asks who is there and what each supports. Gives the
/// adapter, ready for more, a report that holds no more than that, and which ECUs speak SAE J1979-2.
pub(crate) async fn begin(
    carrier: Carrier,
    options: CheckOptions,
    on: &mut (dyn FnMut(CheckEvent) + Send),
) -> Result<(Adapter, CheckReport, BTreeSet<String>), Error> {
    let adapter = Adapter::on(carrier, options.reset).at(&options.port).on_a_bench(options.bench);
    let mut check = Check::new(adapter, options, on);
    if let Err(error) = check.greet().await {
        check.adapter.close().await;
        return Err(error);
    }
    let newer = check.speakers(Dialect::Uds).into_iter().collect();
    let Check { mut adapter, mut report, ecus, .. } = check;
    adapter.hurry();
    report.adapter = adapter.info().clone();
    report.ecus = ecus.into_iter().map(|k| k.ecu).collect();
    Ok((adapter, report, newer))
}

fn fell_silent() -> Error {
    Error::new(Code::NoVehicle, "The vehicle answered the search and then nothing more.")
        .hint("Switch the ignition on, push the adapter in firmly, and check again.")
}

async fn cancelled(mut cancel: watch::Receiver<bool>) {
    if cancel.wait_for(|c| *c).await.is_err() {
        pending::<()>().await;
    }
}

/// A check under way.
pub(super) struct Check<'a> {
    pub(super) options: CheckOptions,
    on: &'a mut (dyn FnMut(CheckEvent) + Send),
    pub(super) adapter: Adapter,
    /// What links before this one left behind.
    pub(super) earlier: Earlier,
    /// When the check began, and the link it runs on now.
    pub(super) since: Instant,
    pub(super) began: Instant,
    pub(super) report: CheckReport,
    /// By id.
    pub(super) ecus: Vec<Known>,
    /// What every ECU was asked so far.
    asked: Vec<ask::Asked>,
    done: u32,
    total: u32,
    /// Whether all was read.
    complete: bool,
}

impl<'a> Check<'a> {
    fn new(adapter: Adapter, options: CheckOptions, on: &'a mut (dyn FnMut(CheckEvent) + Send)) -> Self {
        let started = adapter.recorded_start().unwrap_or_else(|| (options.now)());
        let not_asked = |(system, reason): (&str, &str)| NotAsked { system: system.into(), reason: reason.into() };
        let report = CheckReport {
            started,
            ended: started,
            port: options.port.clone(),
            adapter: Default::default(),
            protocol: None,
            vin: None,
            vin_problem: Some("The vehicle was not asked for its VIN.".into()),
            ecus: Vec::new(),
            coverage: Vec::new(),
            not_asked: ELSEWHERE.map(|system| (system, BEYOND)).into_iter().chain([LOCKED]).map(not_asked).collect(),
            codes: Vec::new(),
            freeze_frames: Vec::new(),
            readiness: Vec::new(),
            snapshot: Vec::new(),
            monitors: Vec::new(),
            performance: Vec::new(),
            raw_information: Vec::new(),
            rejected: Vec::new(),
            partial: None,
            decoder: DECODER,
        };
        let (since, earlier) = (adapter.since(), Earlier::default());
        Self {
            options,
            on,
            adapter,
            earlier,
            since,
            began: since,
            report,
            ecus: Vec::new(),
            asked: Vec::new(),
            done: 0,
            total: 0,
            complete: false,
        }
    }

    async fn run(&mut self) -> Result<(), Error> {
        self.meet_vehicle().await?;
        // Early, so that a check that is cut short still knows whose it is.
        self.say("Reading vehicle information");
        self.information().await?;
        self.say("Reading readiness");
        self.readiness().await?;
        self.say("Reading trouble codes");
        for (class, question) in LISTS {
            self.codes(class, question).await?;
        }
        self.say("Reading freeze frames");
        self.freeze_frames().await?;
        self.say("Reading on-board monitors");
        self.monitors().await?;
        self.say("Reading present values");
        self.present().await?;
        self.oxygen_sensors().await?;
        self.complete = true;
        self.passport().await;
        Ok(())
    }

    /// What a live session needs to know.
    async fn greet(&mut self) -> Result<(), Error> {
        self.meet_vehicle().await?;
        self.say("Reading vehicle information");
        self.identity().await?;
        if self.ecus.is_empty() { Err(fell_silent()) } else { Ok(()) }
    }

    /// Measures an adapter that is not known yet, once everything is read. What goes wrong with it now spoils no check.
    async fn passport(&mut self) {
        let known = self.adapter.info().passport.as_ref().is_some_and(|p| p.tried_on.is_some());
        if known || !self.adapter.has_passport() || !self.options.passports.measures() {
            return;
        }
        self.say("Measuring the adapter, which is done once");
        let at = self.now();
        if let Err(error) = self.adapter.measure(at).await {
            tracing::info!(%error, "the adapter could not be measured");
        }
    }

    /// Starts the adapter, finds the vehicle, and asks each ECU for its list.
    async fn meet_vehicle(&mut self) -> Result<(), Error> {
        self.say("Starting the adapter");
        self.adapter.set_up().await?;
        self.adapter.recognise(&self.options.passports).await?;
        self.say("Looking for the vehicle");
        let protocol = self.adapter.connect().await?;
        self.report.protocol = Some(ProtocolInfo { id: protocol.id().into(), name: protocol.name().into() });
        // The bitmap, readiness, three lists of codes, the freeze frame's cause, the list of information and the VIN.
        self.plan(8);
        self.say("Asking what each ECU supports");
        self.supported(Dialect::Obd).await?;
        // One that refuses the first question of SAE J1979, or nobody that answers it: SAE J1979-2 takes its place.
        if protocol.is_can() && (self.ecus.is_empty() || self.ecus.iter().any(Known::refuses)) {
            self.plan(1);
            self.supported(Dialect::Uds).await?;
        }
        // The values themselves are asked for last, but how many they are is known now.
        let present = self.present_pids().len();
        self.plan(i32::try_from(present).unwrap_or(0));
        Ok(())
    }

    /// PIDs 00, 20, 40…: each ECU's own list, as long as any of them says that there is more.
    async fn supported(&mut self, dialect: Dialect) -> Result<(), Error> {
        let mut due: Vec<String> = Vec::new();
        for base in (0..=0xE0u8).step_by(0x20) {
            let request = Request::new(&dialect.pid(base))?;
            let waited = due.clone();
            self.expect(&request, due.iter().cloned().collect(), 1);
            let meant = move |k: &Known| {
                let first = base == 0 && dialect == Dialect::Obd;
                if first || waited.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing }
            };
            let judged = self.ask(&request, SUPPORTED, meant).await?;
            due.clear();
            for read in &judged.read {
                for bitmap in read.decoded.supported() {
                    let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == read.ecu) else { continue };
                    let ids: BTreeSet<u8> = bitmap.ids().map(|id| id.to_be_bytes()[1]).collect();
                    known.ecu.supported.extend(ids.iter().map(|id| format!("{id:02X}")));
                    known.pids.get_or_insert_default().extend(ids);
                    if bitmap.has_next() {
                        due.push(read.ecu.clone());
                    }
                }
            }
            if due.is_empty() || base == 0xE0 {
                break;
            }
            self.plan(1);
        }
        Ok(())
    }

    /// Dialects that are spoken here; the older one while nobody is known.
    pub(super) fn dialects(&self) -> Vec<Dialect> {
        let spoken = |dialect: &Dialect| self.ecus.iter().any(|k| k.dialect == *dialect);
        let all: Vec<Dialect> = [Dialect::Obd, Dialect::Uds].into_iter().filter(spoken).collect();
        if all.is_empty() { vec![Dialect::Obd] } else { all }
    }

    /// Ids of the ECUs that speak a dialect.
    pub(super) fn speakers(&self, dialect: Dialect) -> Vec<String> {
        self.ecus.iter().filter(|k| k.dialect == dialect).map(|k| k.ecu.id.clone()).collect()
    }

    /// One question that every check has becomes as many requests as there are dialects.
    pub(super) fn plan_dialects(&mut self) {
        let more = self.dialects().len().saturating_sub(1);
        self.plan(i32::try_from(more).unwrap_or(0));
    }

    async fn readiness(&mut self) -> Result<(), Error> {
        self.plan_dialects();
        for dialect in self.dialects() {
            let request = Request::new(&dialect.pid(0x01))?;
            // One that gave no list may answer too.
            if dialect == Dialect::Obd && self.ecus.iter().all(|k| k.pids.is_some()) {
                let who = self.ecus.iter().filter(|k| k.dialect == dialect && k.may_have(0x01));
                let who = who.map(|k| k.ecu.id.clone()).collect();
                self.expect(&request, who, 1);
            }
            let meant = |k: &Known| {
                if k.may_have(0x01) {
                    Silence::Counts
                } else {
                    Silence::Excused("Its list of supported values does not name it.")
                }
            };
            for read in self.ask(&request, READINESS, meant).await?.read {
                if let Some(r) = read.decoded.readiness() {
                    let tests = r.tests();
                    self.report.readiness.push(Readiness {
                        ecu: read.ecu,
                        mil: r.mil,
                        dtc_count: r.dtc_count,
                        ignition: r.ignition,
                        tests,
                    });
                }
            }
        }
        Ok(())
    }

    async fn codes(&mut self, class: CodeClass, question: &str) -> Result<(), Error> {
        self.plan_dialects();
        for dialect in self.dialects() {
            let request = Request::new(dialect.list(class))?;
            for read in self.ask(&request, question, |_| Silence::Counts).await?.read {
                for code in read.decoded.codes().unwrap_or_default() {
                    let status = read.decoded.status(&code);
                    let found = TroubleCode { code, class, ecu: read.ecu.clone(), status };
                    let same = |c: &TroubleCode| (&c.code, c.class, &c.ecu) == (&found.code, class, &found.ecu);
                    if !self.report.codes.iter().any(same) {
                        self.report.codes.push(found);
                    }
                }
            }
        }
        Ok(())
    }

    /// More requests are known now, or fewer.
    pub(super) fn plan(&mut self, more: i32) {
        self.total = self.total.saturating_add_signed(more).max(self.done);
        (self.on)(CheckEvent::Planned { total: self.total });
    }

    pub(super) fn now(&self) -> Timestamp {
        let recorded = |ms| Some(self.adapter.recorded_start()?.saturating_add_unsigned(ms));
        self.adapter.recorded_ms().and_then(recorded).unwrap_or_else(|| (self.options.now)())
    }

    pub(super) fn say(&mut self, doing: &str) {
        (self.on)(CheckEvent::Doing(doing.into()));
    }

    fn finish(mut self, end: Result<(), Error>) -> (Finished, Adapter, Vec<Known>) {
        let (ended, info) = (self.now(), self.earlier.info(self.adapter.info()));
        // The dialogue over every link.
        let mut traffic =
            std::mem::take(&mut self.earlier).join(self.since, self.began, self.adapter.traffic().clone());
        let end = match end {
            // What went wrong with measuring the adapter spoils nothing.
            Err(_) if self.complete => Ok(()),
            end => end,
        };
        let end = end.and_then(|()| if self.ecus.is_empty() { Err(fell_silent()) } else { Ok(()) });
        if self.adapter.recorded_ms().is_none() {
            (traffic.started, traffic.ended) = (Some(self.report.started), end.as_ref().err().cloned());
        }
        if let Err(error) = end {
            if self.ecus.is_empty() {
                return (Finished { report: Err(error), traffic }, self.adapter, Vec::new());
            }
            self.never_asked();
            self.report.partial = Some(error);
        }
        let mut report = self.report.clone();
        super::scale::settle(&mut report, &self.ecus);
        report.ended = ended;
        report.adapter = info;
        report.ecus = self.ecus.iter().map(|k| k.ecu.clone()).collect();
        (Finished { report: Ok(report), traffic }, self.adapter, self.ecus)
    }

    /// What a check that was cut short never came to: said for each ECU, so that a gap is not read as "nothing found".
    fn never_asked(&mut self) {
        let ids: Vec<String> = self.ecus.iter().map(|k| k.ecu.id.clone()).collect();
        for (request, question) in QUESTIONS {
            // Those that the dialects ask in other words each.
            let one = !matches!(
                question,
                super::present::QUESTION
                    | super::information::VIN
                    | super::monitors::QUESTION
                    | super::freeze::QUESTION
            );
            let asked = |c: &Coverage| c.question == question && (!one || c.asks(request));
            if !self.report.coverage.iter().any(asked) {
                for id in &ids {
                    let reason = "The check ended before this was asked, or before the answer came.".to_owned();
                    self.cover(request, question, Some(id.clone()), Outcome::NotAsked { reason });
                }
            }
        }
    }
}
