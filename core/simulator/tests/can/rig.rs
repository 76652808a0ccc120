//! Cars and scripted ECUs as nodes of a bus in memory, and a check on it.

use roadworthy_api::check::{CheckReport, Outcome};
use roadworthy_obd::{
    can::{
        CanFrame, CanId, CanLink, Event,
        memory::{Bus, Node},
    },
    check::{CheckEvent, CheckOptions, Finished, run_check},
    link::Carrier,
};
use roadworthy_simulator::{CanCar, CanFrame as CarFrame, Key, Options, Source};
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::watch,
    time::{Instant, sleep_until},
};

pub(crate) fn id(text: &str) -> CanId {
    CanId::parse(text).unwrap()
}

/// A frame as it stands in a log, as in `7E8#0641…`.
pub(crate) fn frame(text: &str) -> CanFrame {
    match roadworthy_obd::can::candump::parse(text) {
        Ok(Event::Frame(frame)) => frame,
        other => panic!("{text}: {other:?}"),
    }
}

/// At rest with the key on, so that every value stays the same however long a check takes.
pub(crate) fn at_rest() -> Options {
    Options { key: Key::On, ..Options::default() }
}

/// Puts a car on the bus.
pub(crate) fn drive(bus: &Bus, car: CanCar) {
    drive_on(bus.node(&[]), car, Some);
}

/// Puts a car on a link of its own. What it sends and hears goes through `wire`; `None` is lost.
pub(crate) fn drive_on(
    mut node: impl CanLink + 'static,
    mut car: CanCar,
    mut wire: impl FnMut(CanFrame) -> Option<CanFrame> + Send + 'static,
) {
    tokio::spawn(async move {
        let started = Instant::now();
        loop {
            for frame in car.due(started.elapsed()) {
                let id = if frame.extended { CanId::extended(frame.id) } else { CanId::standard(frame.id) };
                let made = if frame.fd {
                    // As most cars do: their data at the faster rate.
                    CanFrame::fd(id.unwrap(), &frame.data, true, false)
                } else {
                    CanFrame::new(id.unwrap(), &frame.data)
                };
                let Some(frame) = wire(made.unwrap()) else { continue };
                if node.send(&frame).await.is_err() {
                    return;
                }
            }
            let next = started + car.next().unwrap_or(Duration::from_secs(3600));
            tokio::select! {
                received = node.receive() => match received.map(|r| r.event) {
                    Ok(Event::Frame(frame)) => {
                        let Some(frame) = wire(frame) else { continue };
                        let (id, extended) = (frame.id().number(), matches!(frame.id(), CanId::Extended(_)));
                        let (fd, data) = (frame.is_fd(), frame.data().to_vec());
                        car.hear(started.elapsed(), &CarFrame { id, extended, fd, data });
                    }
                    Ok(Event::Error(_)) => {}
                    Err(_) => return,
                },
                () = sleep_until(next) => {}
            }
        }
    });
}

pub(crate) fn car(bus: &Bus, name: &str, options: Options) {
    drive(bus, CanCar::new(Source::Name(name), options).unwrap());
}

/// An ECU of a few lines: where a frame starts with the first text, the others follow, each after so many milliseconds.
pub(crate) type Script = Vec<(&'static str, Vec<(u64, &'static str)>)>;

/// Puts a scripted ECU on the bus.
pub(crate) fn script(bus: &Bus, script: Script) {
    script_on(bus.node(&[]), script);
}

/// Puts a scripted ECU on a link of its own.
pub(crate) fn script_on(mut node: impl CanLink + 'static, script: Script) {
    tokio::spawn(async move {
        let mut due: Vec<(Instant, &'static str)> = Vec::new();
        loop {
            due.sort_by_key(|(at, _)| *at);
            let next = due.first().map_or(Instant::now() + Duration::from_secs(3600), |(at, _)| *at);
            tokio::select! {
                biased;
                received = node.receive() => {
                    let Ok(received) = received else { return };
                    let shown = roadworthy_obd::can::candump::text(&received.event);
                    for (asked, said) in &script {
                        if shown.starts_with(asked) {
                            due.extend(said.iter().map(|(ms, f)| (Instant::now() + Duration::from_millis(*ms), *f)));
                        }
                    }
                }
                () = sleep_until(next) => {
                    let (_, text) = due.remove(0);
                    if node.send(&frame(text)).await.is_err() { return }
                }
            }
        }
    });
}

/// The ECU 7E8 with a few values, to which a script may add.
pub(crate) fn engine(more: Script) -> Script {
    let mut script: Script = vec![
        ("7DF#020100", vec![(5, "7E8#0641008810000000")]),
        ("7DF#020101", vec![(5, "7E8#0641010007000000")]),
        ("7DF#0107", vec![(5, "7E8#0247000000000000")]),
        ("7DF#020105", vec![(5, "7E8#0341057B00000000")]),
        ("7DF#02010C", vec![(5, "7E8#04410C1AF8000000")]),
        ("7DF#03020200", vec![(5, "7E8#0542020000000000")]),
    ];
    script.extend(more);
    script
}

pub(crate) fn clock() -> CheckOptions {
    let clock = AtomicI64::new(1_700_000_000_000);
    CheckOptions { now: Arc::new(move || clock.fetch_add(1, Ordering::Relaxed)), ..CheckOptions::new("test") }
}

pub(crate) async fn check(carrier: impl Into<Carrier>) -> Finished {
    let (_keep, cancel) = watch::channel(false);
    run_check(carrier, clock(), cancel, &mut |_| {}).await
}

/// A check of which the closure hears everything.
pub(crate) async fn check_and(carrier: impl Into<Carrier>, mut on: impl FnMut(&CheckEvent) + Send) -> Finished {
    let (_keep, cancel) = watch::channel(false);
    run_check(carrier, clock(), cancel, &mut |event| on(&event)).await
}

/// Does something once, as soon as a check asks this.
pub(crate) fn when_asked(request: &'static str, deed: impl FnOnce() + Send) -> impl FnMut(&CheckEvent) + Send {
    let mut deed = Some(deed);
    move |event| {
        if matches!(event, CheckEvent::Asked { request: asked, .. } if asked == request)
            && let Some(deed) = deed.take()
        {
            deed();
        }
    }
}

/// A check by a tester on the bus, at a rate that a person has named.
pub(crate) async fn check_on(bus: &Bus, rate: u32) -> Finished {
    check(tester(bus.node(&[rate]))).await
}

pub(crate) fn tester(node: Node) -> Carrier {
    Carrier::Can(Box::new(node))
}

/// A report without what an adapter is, when things were read, and which ECU was first to answer.
pub(crate) fn bare(mut report: CheckReport) -> CheckReport {
    report.adapter = Default::default();
    (report.started, report.ended) = (0, 0);
    for reading in &mut report.snapshot {
        reading.at = 0;
    }
    report.snapshot.sort_by(|a, b| (&a.ecu, &a.request).cmp(&(&b.ecu, &b.request)));
    report.codes.sort_by(|a, b| (&a.ecu, &a.code).cmp(&(&b.ecu, &b.code)));
    report.readiness.sort_by(|a, b| a.ecu.cmp(&b.ecu));
    report
}

/// Holds a report to what another says, and names the first line that differs.
pub(crate) fn same(report: CheckReport, other: CheckReport) {
    assert_eq!(report.partial, other.partial);
    let (report, other) = (format!("{:#?}", bare(report)), format!("{:#?}", bare(other)));
    for (number, (line, expect)) in report.lines().zip(other.lines()).enumerate() {
        assert_eq!(line, expect, "line {number}");
    }
    assert_eq!(report.len(), other.len());
}

/// One of four ECUs that answer the question for the VIN at once, each with three frames, mixed as on a real bus.
pub(crate) fn one_of_four(n: u32) -> Script {
    let (from, to, letter) = (0x7E8 + n, 0x7E0 + n, 0x41 + n);
    let say = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    vec![
        ("7DF#020100", vec![(3, say(format!("{from:03X}#0641008000000000")))]),
        ("7DF#020900", vec![(3, say(format!("{from:03X}#0649004000000000")))]),
        ("7DF#020902", vec![(3 + u64::from(n), say(format!("{from:03X}#1014490201315257")))]),
        (
            say(format!("{to:03X}#30")),
            vec![
                (4, say(format!("{from:03X}#21{letter:02X}544553543058"))),
                (9, say(format!("{from:03X}#2230303030303031"))),
            ],
        ),
    ]
}

pub(crate) fn outcome<'a>(report: &'a CheckReport, request: &str, ecu: &str) -> Option<&'a Outcome> {
    let row = report.coverage.iter().find(|c| c.request == request && c.ecu.as_deref() == Some(ecu));
    row.map(|c| &c.outcome)
}
