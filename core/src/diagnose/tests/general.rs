use super::*;
use crate::verdict::sample::with_outcome;
use roadworthy_api::check::Outcome;

#[test]
fn what_the_maker_defines_is_never_explained() {
    for (code, title) in [
        ("P1301", "Code P1301: defined by the maker"),
        ("P3301", "Code P3301: defined by the maker"),
        ("B1234", "Code B1234: defined by the maker"),
    ] {
        let car = Car::new().stored(code);
        car.says(code, "different things in different makes", &format!("Look {code} up"));
        let finding = car.finds(&format!("code/{code}/7E8"));
        assert_eq!((finding.title.as_str(), finding.specialist), (title, Specialist::General));
    }
}

#[test]
fn where_only_the_system_is_known_only_that_is_said() {
    let car = Car::new().stored("P3401");
    let known = roadworthy_obd::dtc::title("P3401").is_some();
    let explains =
        if known { "It belongs to cylinder deactivation" } else { "Only the system of its range is certain" };
    car.says("P3401", explains, "Look P3401 up");
    Car::new().stored("B0001").says("B0001", "The title is the standard's", "Leave connectors of airbags");
}

#[test]
fn a_lamp_without_a_code_is_a_finding() {
    let key = "rule/lamp-without-code/7E8";
    Car::new().silent(key);
    let lamp = Car::new().lamp().finds(key);
    assert_eq!((lamp.severity, lamp.confidence), (Severity::ActSoon, 0.95));
    assert_eq!(lamp.title, "Engine has the engine lamp on and lists no confirmed code");
    Car::new().lamp().stored("P0420").silent(key);
    let mut counted = Car::new();
    counted.0.readiness[0].dtc_count = 2;
    assert_eq!(counted.finds(key).title, "Engine counts codes that it does not list");
    // What did not answer for its list says nothing of what is in it.
    let silent = |car: Car| Car(with_outcome(car.0, "7E8", "03", Outcome::Silent));
    for (car, title) in [
        (Car::new().lamp(), "Engine has the engine lamp on, and its codes were not read"),
        (counted, "Engine counts codes, and they were not read"),
    ] {
        let untold = silent(car).finds(key);
        assert_eq!(untold.title, title);
        assert!(!untold.explanation.contains("brought none"), "{}", untold.explanation);
    }
    // Each ECU answers for itself.
    let mut other = Car::new().stored("P0420");
    other.0.readiness.push(readiness("7E9", true, 1));
    other.finds("rule/lamp-without-code/7E9");
    other.silent(key);
}

#[test]
fn one_code_of_two_ecus_is_two_findings() {
    let car = Car::new().stored("U0100").of("7E9", "U0100");
    assert_eq!(keys(&car.said()), ["code/U0100/7E8", "code/U0100/7E9"]);
}
