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
    let mut wrong = Vec::new();
    for name in roadworthy_simulator::names() {
        let car = Car(read(name).await);
        let said = car.said();
        let found: Vec<String> =
            said.findings.iter().map(|f| format!("{} {:?}: {}", f.key, f.severity, f.check_next[0])).collect();
        if found != expect(name) {
            wrong.push(format!("{name}: {found:#?}"));
        }
        assert_eq!(acquire::of_report(&car.0), vec![], "{name}");
        assert!(said.limits.iter().any(|l| l.starts_with("Not asked: ABS")), "{name}: {:?}", said.limits);
    }
    assert_eq!(wrong, Vec::<String>::new());
}

const WIRING: &str = "Look over the sensor's connector and wiring: corrosion, a broken wire, chafing.";
const FLUID: &str = "Check the transmission fluid: level, age, smell, and what the maker says of changing it.";

/// Vehicles without a row have nothing to tell: petrol, diesel, hybrid and those that differ in bus or VIN only.
fn expect(name: &str) -> Vec<String> {
    let own = |key: &str, check: &str| format!("{key}: {check}");
    match name {
        "misfire" => vec![
            own("code/P0301/7E8 ActNow", "If they share a coil, check that coil and its leads."),
            own("code/P0302/7E8 Watch", "If they share a coil, check that coil and its leads."),
            own("code/P0420/7E8 Watch", "Cure the misfire first (P0301 and P0302), then see whether this comes back."),
        ],
        "iso9141" => vec![
            own("code/P0300/10 ActNow", "Measure the fuel pressure."),
            own("code/P0133/10 ActSoon", "Look for exhaust leaks ahead of the sensor."),
            own("code/P0442/10 ActSoon", "Check that the fuel cap closes tight and its seal is whole."),
            own(
                "code/P0171/10 ActSoon",
                "Look at the misfire too: air that is not burnt looks lean to the oxygen sensor.",
            ),
            own(
                "rule/readiness-incomplete Note",
                "Drive it for some days as usual, cold starts, town and steady speed, then check again.",
            ),
        ],
        "kwp-slow" => vec![own("code/P0740/18 ActSoon", FLUID)],
        "kwp" => vec![own("code/P0113/11 Watch", WIRING)],
        "pwm" => vec![
            own("code/P0420/10 ActSoon", "Look for exhaust leaks ahead of and at the catalyst."),
            own("code/P0430/10 ActSoon", "Look for exhaust leaks ahead of and at the catalyst."),
        ],
        "vpw" => vec![own("code/P0753/18 ActSoon", FLUID)],
        "uds" => vec![
            own(
                "code/P0301-11/7E8 ActNow",
                "Swap the ignition coil of cylinder 1 with a neighbour's: if the misfire goes with it, replace the coil.",
            ),
            own("code/P0442-00/7E8 Watch", "Check that the fuel cap closes tight and its seal is whole."),
        ],
        "can29" => vec![own("code/U0121/18DAF1C7 Watch", "Check the battery's voltage.")],
        _ => Vec::new(),
    }
}
