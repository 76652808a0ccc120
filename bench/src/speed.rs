//! Reading speed beside python-OBD with `fast=True`, on the same port, in turns: eight values over and over, and everything
//! once. On a pseudo-terminal with the speed of 38,400 baud and an ECU that takes 20 ms, and on ELM327-emulator's own link.
//!
//! Neither is part of the project. `ROADWORTHY_PYTHON_OBD` names a Python that has `obd`, `ROADWORTHY_ELM_EMULATOR` the
//! emulator's `elm`; what is not set is skipped in one line.

mod ports;

use ports::{Kind, Place};
use roadworthy_api::{
    adapter::{CountDigit, Passport},
    live::LiveValue,
};
use roadworthy_obd::{
    adapter::{Adapter, Reset, passport::Passports},
    check::{CheckOptions, run_check},
    link,
    live::{Control, LiveEvent, run_live},
};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::watch;

/// PIDs of the eight values, in the order of the peer's.
const PIDS: [&str; 8] = ["0C", "0D", "04", "11", "0B", "0E", "10", "45"];
/// How long each run reads.
const SECONDS: u64 = 10;
const RUNS: usize = 3;

pub(crate) fn run() {
    let Ok(python) = std::env::var("ROADWORTHY_PYTHON_OBD") else {
        println!("speed: skipped; ROADWORTHY_PYTHON_OBD names no Python that has obd");
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    match std::env::var("ROADWORTHY_ELM_EMULATOR") {
        Err(_) => println!("speed: the emulator is skipped; ROADWORTHY_ELM_EMULATOR names none"),
        Ok(program) => match ports::emulator(&program) {
            // It answers within a millisecond, as no vehicle does: what the governor lets through is told too, without an aim.
            Some(place) => {
                compare(&runtime, &python, "ELM327-emulator", &place, Manners::Bench, true);
                println!("  the bare exchange of its eight values: {:.1} /s", runtime.block_on(ports::bare(&place)));
                compare(&runtime, &python, "ELM327-emulator, as a vehicle", &place, Manners::Vehicle, false);
            }
            None => println!("speed: the emulator is skipped; {program} gave no port within 15 s"),
        },
    }
    let shaped = |kind| runtime.block_on(async { ports::shaped(kind) });
    compare(&runtime, &python, "38,400 baud, ECU after 20 ms", &shaped(Kind::Can), Manners::Vehicle, true);
    // Where each value takes a request of its own, the ECU and the line decide, and on the K-line the pause it needs.
    for (what, kind) in [("one value a request", Kind::CanOneByOne), ("KWP 2000", Kind::Kwp)] {
        compare_live(&runtime, &python, &format!("{what}, 38,400 baud"), &shaped(kind), Manners::Vehicle, None);
    }
}

/// Whether the governor spares what is read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Manners {
    /// As every vehicle is read.
    Vehicle,
    /// As fast as it answers: there is no vehicle.
    Bench,
}

/// `aim`: the ratio that counts as met, where there is one.
fn compare_live(
    runtime: &tokio::runtime::Runtime,
    python: &str,
    what: &str,
    place: &Place,
    manners: Manners,
    aim: Option<f64>,
) -> Passport {
    let passport = runtime.block_on(measure(place));
    let counted = passport.count_digit == CountDigit::Honoured;
    println!(
        "{what}: count of frames {}, several values {:?}",
        if counted { "honoured" } else { "not used" },
        passport.tried_on.as_ref().map(|t| t.several_values.yes())
    );
    let mut worst = (f64::INFINITY, 0.0, 0.0);
    for _ in 0..RUNS {
        let theirs = peer(python, place, "live");
        let theirs = theirs["per_second"].as_f64().unwrap_or_else(|| panic!("python-OBD: {theirs}"));
        let ours = runtime.block_on(live(place, options(place, passport.clone(), manners)));
        println!("  live: {ours:.1} /s, python-OBD {theirs:.1} /s");
        if ours / theirs < worst.0 {
            worst = (ours / theirs, ours, theirs);
        }
    }
    let (ratio, ours, theirs) = worst;
    super::report(
        &format!("live, eight values, {what}"),
        &format!("{ours:.1} values/s"),
        &aim.map_or("-".to_owned(), |aim| format!(">= {aim} times")),
        aim.is_none_or(|aim| ratio >= aim),
        &format!("python-OBD {theirs:.1}, worst ratio {ratio:.2}"),
    );
    passport
}

fn compare(runtime: &tokio::runtime::Runtime, python: &str, what: &str, place: &Place, manners: Manners, aimed: bool) {
    let passport = compare_live(runtime, python, what, place, manners, aimed.then_some(3.0));
    let mut worst = (0.0, 0.0, 0.0, 0, 0);
    for _ in 0..RUNS {
        let their = peer(python, place, "check");
        let theirs = their["seconds"].as_f64().unwrap_or_else(|| panic!("python-OBD: {their}"));
        let (ours, read) = runtime.block_on(check(place, options(place, passport.clone(), manners)));
        println!("  check: {ours:.2} s for {read} readings, python-OBD {theirs:.2} s for {}", their["read"]);
        if ours / theirs > worst.0 {
            worst = (ours / theirs, ours, theirs, read, their["read"].as_u64().unwrap_or(0));
        }
    }
    let (ratio, ours, theirs, read, their_read) = worst;
    super::report(
        &format!("check, {what}"),
        &format!("{ours:.2} s"),
        if aimed { "<= half" } else { "-" },
        !aimed || ratio <= 0.5,
        &format!("python-OBD {theirs:.2} s, worst ratio {ratio:.2}; readings {read} and {their_read}"),
    );
}

fn peer(python: &str, place: &Place, mode: &str) -> Value {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/src/speed/peer.py");
    let baud = place.baud.to_string();
    let out = Command::new(python).args([script, mode, &place.path, &baud, &SECONDS.to_string()]).output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    // As it leaves it resets the adapter and does not wait for that, which would fall into the time of whoever comes next.
    std::thread::sleep(Duration::from_secs(1));
    let last = text.lines().last().unwrap_or_default();
    serde_json::from_str(last).unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&out.stderr)))
}

async fn open(place: &Place) -> link::Carrier {
    let port = place.path.parse().unwrap();
    link::open(&port, Some(place.baud)).await.unwrap()
}

async fn measure(place: &Place) -> Passport {
    let mut adapter = Adapter::start(open(place).await, Reset::Cold).await.unwrap();
    adapter.connect().await.unwrap();
    adapter.measure(0).await.unwrap()
}

fn options(place: &Place, passport: Passport, manners: Manners) -> CheckOptions {
    let passports = Passports::Kept(Arc::new(move |_| Some(passport.clone())));
    CheckOptions { passports, bench: manners == Manners::Bench, ..CheckOptions::new(place.path.clone()) }
}

/// Values a second, after the warming up in which it learns what it may join. The rarest of the eight counts for all: a value
/// that is read twice while another waits serves nobody.
async fn live(place: &Place, options: CheckOptions) -> f64 {
    let link = open(place).await;
    let control = watch::Sender::new(Control::default());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let receiver = control.subscribe();
    let run = tokio::spawn(async move { run_live(link, options, receiver, &mut |event| drop(tell.send(event))).await });
    let (mut values, mut begin) = (BTreeMap::<String, u32>::new(), None);
    while let Some(event) = told.recv().await {
        match event {
            LiveEvent::Found(found) => {
                let of = |pid: &&str| {
                    found.available.iter().find(|s| s.pid == **pid && s.ecu == place.ecu).map(|s| s.id.clone())
                };
                let ids: Vec<String> = PIDS.iter().filter_map(of).collect();
                assert_eq!(ids.len(), PIDS.len(), "the vehicle has all eight values: {ids:?}");
                control.send_modify(|c| c.signals = ids);
                begin = Some(Instant::now() + Duration::from_secs(2));
            }
            LiveEvent::Answered { samples, .. } => {
                let Some(from) = begin.filter(|at| *at <= Instant::now()) else { continue };
                for sample in samples.into_iter().filter(|s| matches!(s.value, LiveValue::Number { .. })) {
                    *values.entry(sample.signal).or_default() += 1;
                }
                if from.elapsed() >= Duration::from_secs(SECONDS) {
                    assert_eq!(values.len(), PIDS.len(), "all eight are read: {values:?}");
                    let rarest = values.values().min().unwrap();
                    let rate = f64::from(rarest * 8) / from.elapsed().as_secs_f64();
                    control.send_modify(|c| c.stop = true);
                    drop(run.await);
                    return rate;
                }
            }
            _ => {}
        }
    }
    panic!("the session ended: {:?}", run.await);
}

/// Seconds of a whole check, and how many readings it brought.
async fn check(place: &Place, options: CheckOptions) -> (f64, usize) {
    let begin = Instant::now();
    let link = open(place).await;
    let (_keep, cancel) = watch::channel(false);
    let finished = run_check(link, options, cancel, &mut |_| {}).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial, None);
    (
        begin.elapsed().as_secs_f64(),
        report.snapshot.len() + report.monitors.len() + report.codes.len() + report.readiness.len(),
    )
}
