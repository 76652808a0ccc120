use super::*;
use crate::verdict::sample::{with_outcome, with_unfinished};
use roadworthy_api::check::Outcome;

fn before(car: Car) -> Vec<Finding> {
    car.said().findings
}

#[track_caller]
fn gone(now: &Car, earlier: &[Finding], expect: &[&str]) {
    let said = now.said_with(&[], earlier);
    assert_eq!(said.absent.iter().map(|a| a.key.as_str()).collect::<Vec<_>>(), expect, "{:?}", said.limits);
}

#[test]
fn a_code_is_gone_only_where_its_ecu_answered_in_full() {
    let earlier = before(Car::new().stored("P0301"));
    gone(&Car::new(), &earlier, &["code/P0301/7E8"]);
    gone(&Car::new().stored("P0301"), &earlier, &[]);
    gone(&Car::new().pending("P0301"), &earlier, &[]);
    gone(&Car::new().of("7E9", "P0301"), &earlier, &["code/P0301/7E8"]);
    let refused = Outcome::Refused { nrc: "22".into(), meaning: "conditionsNotCorrect".into() };
    let unreadable = Outcome::Unreadable { reason: "Too short.".into() };
    for outcome in [Outcome::Silent, refused, unreadable] {
        for request in ["03", "07"] {
            gone(&Car(with_outcome(clean(), "7E8", request, outcome.clone())), &earlier, &[]);
        }
        // Another ECU's silence, and a list that it never stood in, do not matter.
        gone(&Car(with_outcome(clean(), "7E9", "03", outcome.clone())), &earlier, &["code/P0301/7E8"]);
        gone(&Car(with_outcome(clean(), "7E8", "0A", outcome)), &earlier, &["code/P0301/7E8"]);
    }
    let mut away = clean();
    away.coverage.retain(|c| c.ecu.as_deref() != Some("7E8"));
    gone(&Car(away), &earlier, &[]);
}

#[test]
fn a_permanent_code_needs_its_own_list() {
    let earlier = before(Car::new().permanent("P0420"));
    gone(&Car::new(), &earlier, &["code/P0420/7E8"]);
    gone(&Car(with_outcome(clean(), "7E8", "0A", Outcome::Silent)), &earlier, &[]);
}

#[test]
fn cleared_codes_are_not_repaired_faults() {
    let earlier = before(Car::new().stored("P0301").stored("U0121"));
    let cleared = Car(with_unfinished(clean(), 3));
    // A network does not wait for emission monitors.
    gone(&cleared, &earlier, &["code/U0121/7E8"]);
    // What the maker defines, the transmission and the drive have monitors too.
    gone(&cleared, &before(Car::new().stored("P1301").stored("P0741").stored("P0AA6").stored("P0562")), &[]);
    let said = cleared.said_with(&[], &earlier);
    assert!(said.limits.iter().any(|l| l.starts_with("P0301 of Engine is not listed any more")), "{:?}", said.limits);
    gone(&Car(with_unfinished(clean(), 1)), &earlier, &["code/P0301/7E8", "code/U0121/7E8"]);
}

#[test]
fn rules_are_over_when_what_they_watch_was_read_and_is_well() {
    let lamp = before(Car::new().lamp());
    gone(&Car::new(), &lamp, &["rule/lamp-without-code/7E8"]);
    let mut untold = Car::new();
    untold.0.readiness.clear();
    gone(&untold, &lamp, &[]);
    let open = before(Car(with_unfinished(clean(), 3)));
    gone(&Car::new(), &open, &["rule/readiness-incomplete"]);
    gone(&untold, &open, &[]);
    // One may be open still, and is not said to have run.
    let one = Car(with_unfinished(clean(), 1)).said_with(&[], &open).absent;
    assert_eq!(one[0].why, "All but one of the emission monitors have run to their end.");
    assert_eq!(Car::new().said_with(&[], &open).absent[0].why, "The emission monitors have run to their end.");
    let hot = before(Car::new().value("coolant_temperature", 116.0, "°C"));
    let now = |celsius: f64, rpm: f64, seconds: f64| {
        let car = Car::new().value("coolant_temperature", celsius, "°C").value("engine_rpm", rpm, "rpm");
        car.value("engine_run_time", seconds, "s")
    };
    gone(&now(92.0, 800.0, 900.0), &hot, &["rule/coolant-hot"]);
    // Cold, at rest, just started, or not read.
    for car in [now(30.0, 800.0, 900.0), now(92.0, 0.0, 900.0), now(92.0, 800.0, 60.0), Car::new()] {
        gone(&car, &hot, &[]);
    }
    // Where two ECUs tell it, both must: the first one says nothing of what the other reads.
    let both = |second: f64| {
        let mut car = now(92.0, 800.0, 900.0);
        car = car.value("coolant_temperature", second, "°C");
        car.0.snapshot.last_mut().unwrap().ecu = "7E9".into();
        car
    };
    gone(&both(116.0), &hot, &[]);
    gone(&both(109.0), &hot, &[]);
    gone(&both(93.0), &hot, &["rule/coolant-hot"]);
    both(116.0).finds("rule/coolant-hot");
}

#[test]
fn a_new_pad_ends_the_finding() {
    use roadworthy_api::note::Wheel;
    let pad = |mm| Pad { wheel: Wheel::RearRight, mm, at: 1 };
    let earlier = Car::new().said_with(&[pad(2.0)], &[]).findings;
    let said = Car::new().said_with(&[pad(11.0)], &earlier);
    assert_eq!(said.absent[0].key, "rule/brake-pad/rear-right");
    assert_eq!(said.absent[0].why, "The pad was measured again at 11 mm.");
    assert_eq!(Car::new().said_with(&[pad(2.0)], &earlier).absent, vec![]);
    // What was typed in by mistake and taken back is not there to be measured again.
    let taken_back = Car::new().said_with(&[], &earlier).absent;
    assert_eq!(taken_back[0].why, "The measurement that said so was taken back.");
}
