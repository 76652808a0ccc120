//! The order of a check, and how it ends: to the end, cancelled, or cut off.

use super::{
    CheckEvent, CheckOptions, Finished,
    coverage::{Judged, Silence, judge},
    ecus::Known,
};
use crate::{
    adapter::{Adapter, Request},
    bus,
    decode::DECODER,
    link::Carrier,
    protocol::Protocol,
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
const QUESTIONS: [(&str, &str); 7] = [
    ("0902", super::information::VIN),
    ("0101", READINESS),
    ("03", "Stored codes"),
    ("07", "Pending codes"),
    ("0A", "Permanent codes"),
    ("020200", super::freeze::QUESTION),
    ("01", super::present::QUESTION),
];
const SUPPORTED: &str = "Supported values";
const READINESS: &str = "Readiness";

/// Systems that the emission-related services do not reach.
const ELSEWHERE: [&str; 3] = ["ABS and stability control", "Airbags", "Body and comfort"];

/// Reads the vehicle on `carrier` to the end, or until `cancel` holds `true`. Sends read-only requests only. A dropped sender
/// of `cancel` means that nobody will cancel. Takes 3 to 20 s with a healthy adapter, longer on older buses.
pub async fn run_check(
    carrier: impl Into<Carrier>,
    options: CheckOptions,
    cancel: watch::Receiver<bool>,
    on: &mut (dyn FnMut(CheckEvent) + Send),
) -> Finished {
    let mut check = Check::new(carrier.into(), options, on);
    let end = tokio::select! {
        biased;
        () = cancelled(cancel) => Err(Error::new(Code::Cancelled, "The check was cancelled.").hint("Start it again when ready.")),
        end = check.run() => end,
    };
    let end = end.and_then(|()| check.adapter.recorded_end().cloned().map_or(Ok(()), Err));
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
/// adapter, ready for more, and a report that holds no more than that.
pub(crate) async fn begin(
    carrier: Carrier,
    options: CheckOptions,
    on: &mut (dyn FnMut(CheckEvent) + Send),
) -> Result<(Adapter, CheckReport), Error> {
    let mut check = Check::new(carrier, options, on);
    check.meet_vehicle().await?;
    check.say("Reading vehicle information");
    check.identity().await?;
    if check.ecus.is_empty() {
        return Err(fell_silent());
    }
    let Check { adapter, mut report, ecus, .. } = check;
    report.adapter = adapter.info().clone();
    report.ecus = ecus.into_iter().map(|k| k.ecu).collect();
    Ok((adapter, report))
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

/// A question that went out, and what to say of it for an ECU that is heard for the first time later.
struct Asked {
    request: String,
    question: String,
    outcome: Outcome,
}

/// A check under way.
pub(super) struct Check<'a> {
    options: CheckOptions,
    on: &'a mut (dyn FnMut(CheckEvent) + Send),
    adapter: Adapter,
    pub(super) report: CheckReport,
    /// By id.
    pub(super) ecus: Vec<Known>,
    /// What every ECU was asked so far.
    asked: Vec<Asked>,
    done: u32,
    total: u32,
}

impl<'a> Check<'a> {
    fn new(carrier: Carrier, options: CheckOptions, on: &'a mut (dyn FnMut(CheckEvent) + Send)) -> Self {
        let recorded = if let Carrier::Recorded(traffic) = &carrier { traffic.started } else { None };
        let started = recorded.unwrap_or_else(|| (options.now)());
        let reason = "Needs UDS and the manufacturer's own addresses, which are not part of an OBD-II check.";
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
            not_asked: ELSEWHERE.map(|system| NotAsked { system: system.into(), reason: reason.into() }).into(),
            codes: Vec::new(),
            freeze_frames: Vec::new(),
            readiness: Vec::new(),
            snapshot: Vec::new(),
            rejected: Vec::new(),
            partial: None,
            decoder: DECODER,
        };
        let adapter = Adapter::on(carrier, options.reset).at(&options.port);
        Self { options, on, adapter, report, ecus: Vec::new(), asked: Vec::new(), done: 0, total: 0 }
    }

    async fn run(&mut self) -> Result<(), Error> {
        self.meet_vehicle().await?;
        // Early, so that a check that is cut short still knows whose it is.
        self.say("Reading vehicle information");
        self.information().await?;
        self.say("Reading readiness");
        self.readiness().await?;
        self.say("Reading trouble codes");
        for (service, class) in [(0x03, CodeClass::Stored), (0x07, CodeClass::Pending), (0x0A, CodeClass::Permanent)] {
            self.codes(service, class).await?;
        }
        self.say("Reading freeze frames");
        self.freeze_frames().await?;
        self.say("Reading present values");
        self.present().await
    }

    /// Starts the adapter, finds the vehicle, and asks each ECU for its list.
    async fn meet_vehicle(&mut self) -> Result<(), Error> {
        self.say("Starting the adapter");
        self.adapter.set_up().await?;
        self.say("Looking for the vehicle");
        let protocol = self.adapter.connect().await?;
        self.report.protocol = Some(ProtocolInfo { id: protocol.id().into(), name: protocol.name().into() });
        // The bitmap, readiness, three lists of codes, the freeze frame's cause, the list of information and the VIN.
        self.plan(8);
        self.say("Asking what each ECU supports");
        self.supported().await
    }

    /// Service 01 PIDs 00, 20, 40…: each ECU's own list, as long as any of them says that there is more.
    async fn supported(&mut self) -> Result<(), Error> {
        let mut due: Vec<String> = Vec::new();
        for base in (0..=0xE0u8).step_by(0x20) {
            let request = Request::new(&[0x01, base])?;
            let waited = due.clone();
            let meant = move |k: &Known| {
                if base == 0 || waited.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing }
            };
            let judged = self.ask(&request, SUPPORTED, meant).await?;
            due.clear();
            for read in &judged.read {
                for bitmap in read.decoded.supported() {
                    let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == read.ecu) else { continue };
                    let ids: BTreeSet<u8> = bitmap.ids().filter_map(|id| u8::try_from(id).ok()).collect();
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
        // The values themselves are asked for last, but how many they are is known now.
        let present = self.present_pids().len();
        self.plan(i32::try_from(present).unwrap_or(0));
        Ok(())
    }

    async fn readiness(&mut self) -> Result<(), Error> {
        let request = Request::new(&[0x01, 0x01])?;
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
        Ok(())
    }

    async fn codes(&mut self, service: u8, class: CodeClass) -> Result<(), Error> {
        let question =
            QUESTIONS.iter().find(|(request, _)| *request == format!("{service:02X}")).map_or("", |(_, q)| q);
        for read in self.ask(&Request::new(&[service])?, question, |_| Silence::Counts).await?.read {
            for code in read.decoded.codes().unwrap_or_default() {
                let found = TroubleCode { code, class, ecu: read.ecu.clone() };
                if !self.report.codes.contains(&found) {
                    self.report.codes.push(found);
                }
            }
        }
        Ok(())
    }

    /// Asks one question of everyone and writes down what became of it with each ECU. `meant` says what the silence of one
    /// means; ECUs that nobody knew of are added.
    pub(super) async fn ask(
        &mut self,
        request: &Request,
        question: &str,
        meant: impl Fn(&Known) -> Silence,
    ) -> Result<Judged, Error> {
        (self.on)(CheckEvent::Asked { request: request.hex().into(), question: question.into() });
        let since = Instant::now();
        let replies = bus::ask(&mut self.adapter, request).await?;
        let Some(protocol) = self.adapter.protocol() else {
            return Err(Error::new(Code::Internal, "A request was answered without a protocol."));
        };
        let mut judged = judge(request, !protocol.is_can(), replies);
        self.meet(&judged, protocol);
        let mut rows: Vec<(Option<String>, Outcome)> = self
            .ecus
            .iter()
            .filter_map(|k| Some((Some(k.ecu.id.clone()), judged.outcome(&k.ecu.id, &meant(k))?)))
            .collect();
        if let Some(stray) = judged.stray(|id| self.ecus.iter().any(|k| k.ecu.id == id)) {
            rows.push((None, stray));
        } else if rows.is_empty() {
            rows.push((None, judged.nobody()));
        }
        for (ecu, outcome) in rows {
            self.cover(request.hex(), question, ecu, outcome);
        }
        if let Some(outcome) = judged.unheard(&meant(&Known::new("", protocol))) {
            self.asked.push(Asked { request: request.hex().into(), question: question.into(), outcome });
        }
        self.report.rejected.append(&mut judged.rejected);
        self.done += 1;
        (self.on)(CheckEvent::Done { done: self.done, took: since.elapsed() });
        Ok(judged)
    }

    /// Adds the ECUs that were heard for the first time, each with its rows for what it was asked before and left unanswered.
    fn meet(&mut self, judged: &Judged, protocol: Protocol) {
        for id in judged.heard(protocol) {
            if self.ecus.iter().any(|k| k.ecu.id == id) {
                continue;
            }
            self.ecus.push(Known::new(id, protocol));
            let asked = std::mem::take(&mut self.asked);
            for a in &asked {
                self.cover(&a.request, &a.question, Some(id.to_owned()), a.outcome.clone());
            }
            self.asked = asked;
        }
        self.ecus.sort_by(|a, b| a.ecu.id.cmp(&b.ecu.id));
    }

    /// Writes down what became of a question.
    pub(super) fn cover(&mut self, request: &str, question: &str, ecu: Option<String>, outcome: Outcome) {
        let (request, question) = (request.to_owned(), question.to_owned());
        (self.on)(CheckEvent::Answer {
            request: request.clone(),
            question: question.clone(),
            ecu: ecu.clone(),
            outcome: outcome.clone(),
        });
        self.report.coverage.push(Coverage { ecu, request, question, outcome });
    }

    /// More requests are known now, or fewer.
    pub(super) fn plan(&mut self, more: i32) {
        self.total = self.total.saturating_add_signed(more).max(self.done);
        (self.on)(CheckEvent::Planned { total: self.total });
    }

    pub(super) fn now(&self) -> Timestamp {
        let recorded = self.adapter.recorded_ms().and_then(|ms| Some(self.began()?.saturating_add_unsigned(ms)));
        recorded.unwrap_or_else(|| (self.options.now)())
    }

    /// When a recording began, where it says so.
    fn began(&self) -> Option<Timestamp> {
        self.adapter.recorded_ms().and(self.adapter.traffic().started)
    }

    fn say(&mut self, doing: &str) {
        (self.on)(CheckEvent::Doing(doing.into()));
    }

    fn finish(mut self, end: Result<(), Error>) -> Finished {
        let ended = self.now();
        let (started, why) = (self.report.started, end.as_ref().err().cloned());
        let recorded = self.adapter.recorded_ms().is_some();
        let kept = |adapter: Adapter| {
            let mut traffic = adapter.into_traffic();
            if !recorded {
                (traffic.started, traffic.ended) = (Some(started), why);
            }
            traffic
        };
        if let Err(error) = end {
            if self.ecus.is_empty() {
                return Finished { report: Err(error), traffic: kept(self.adapter) };
            }
            self.never_asked();
            self.report.partial = Some(error);
        } else if self.ecus.is_empty() {
            return Finished { report: Err(fell_silent()), traffic: kept(self.adapter) };
        }
        let mut report = self.report;
        report.ended = ended;
        report.adapter = self.adapter.info().clone();
        report.ecus = self.ecus.into_iter().map(|k| k.ecu).collect();
        Finished { report: Ok(report), traffic: kept(self.adapter) }
    }

    /// What a check that was cut short never came to: said for each ECU, so that a gap is not read as "nothing found".
    fn never_asked(&mut self) {
        let ids: Vec<String> = self.ecus.iter().map(|k| k.ecu.id.clone()).collect();
        for (request, question) in QUESTIONS {
            let present = question == super::present::QUESTION;
            let asked = |c: &Coverage| c.question == question && (present || c.request == request);
            if !self.report.coverage.iter().any(asked) {
                for id in &ids {
                    let reason = "The check ended before this was asked, or before the answer came.".to_owned();
                    self.cover(request, question, Some(id.clone()), Outcome::NotAsked { reason });
                }
            }
        }
    }
}
