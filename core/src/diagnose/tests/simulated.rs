//! What is said of every simulated vehicle, from a whole check of each.

use super::*;
use roadworthy_obd::check::{CheckOptions, run_check};

async fn read(name: &str) -> CheckReport {
    let link = roadworthy_simulator::connect_spec(&format!("{name}?speed=40"), 1).unwrap();
    let (_keep, cancel) = tokio::sync::watch::channel(false);
    let finished = run_check(Box::new(link), CheckOptions::new(format!("sim:{name}")), cancel, &mut |_| {}).await;
    finished.report.unwrap()
}

/// Key, severity and first thing to check of each finding.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_simulated_vehicle_is_told_sensibly() {
    for name in roadworthy_simulator::names() {
        let car = Car(read(name).await);
        let said = car.said();
        let found: Vec<String> =
            said.findings.iter().map(|f| format!("{} {:?}: {}", f.key, f.severity, f.check_next[0])).collect();
        let expect = EXPECT.iter().find(|(car, _)| car == name).map_or(&[][..], |(_, e)| e);
        assert_eq!(found, expect, "{name}: {:#?}", said.findings);
        assert_eq!(acquire::of_report(&car.0), vec![], "{name}");
        assert!(said.limits.iter().any(|l| l.starts_with("Not asked: ABS")), "{name}: {:?}", said.limits);
    }
}

/// Vehicles without a row have nothing to tell.
const EXPECT: &[(&str, &[&str])] = &[];
