//! Every vehicle through the real driver: a check comes to its end and finds what the vehicle's file says, no more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

use roadworthy_api::check::{CheckReport, CodeClass, Outcome};
use roadworthy_obd::check::{CheckOptions, run_check};
use roadworthy_simulator::{Options, connect_with};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tokio::sync::watch;

async fn check(name: &str) -> CheckReport {
    let clock = AtomicI64::new(1_700_000_000_000);
    let now = Arc::new(move || clock.fetch_add(1, Ordering::Relaxed));
    let options = CheckOptions { now, ..CheckOptions::new(format!("sim:{name}")) };
    let (_keep, cancel) = watch::channel(false);
    let link = connect_with(name, Options { driven: 200.0, ..Options::default() }).unwrap();
    let finished = run_check(Box::new(link), options, cancel, &mut |_| {}).await;
    if std::env::var_os("ROADWORTHY_SHOW").is_some() {
        println!("{}", finished.traffic.to_text());
    }
    finished.report.unwrap_or_else(|e| panic!("{name}: {e}\n{}", finished.traffic.to_text()))
}

#[tokio::test(start_paused = true)]
async fn show() {
    for name in roadworthy_simulator::names() {
        let since = tokio::time::Instant::now();
        let r = check(name).await;
        println!(
            "== {name} {:?}\n vin {:?} {:?} partial {:?}\n ecus {:?}\n codes {:?}\n readiness {:?}\n rejected {:#?}",
            since.elapsed(),
            r.vin,
            r.vin_problem,
            r.partial,
            r.ecus.iter().map(|e| (&e.id, &e.name, &e.calibrations, &e.cvns)).collect::<Vec<_>>(),
            r.codes.iter().map(|c| (&c.code, c.class, &c.ecu)).collect::<Vec<_>>(),
            r.readiness.iter().map(|r| (&r.ecu, r.mil, r.dtc_count, r.ignition)).collect::<Vec<_>>(),
            r.rejected
        );
        for c in r.coverage.iter().filter(|c| c.outcome != Outcome::Answered) {
            println!("  {:?} {} {:?}", c.ecu, c.request, c.outcome);
        }
        let _ = CodeClass::Stored;
    }
}
