use super::{super::live::Live, *};
use crate::acquire::Seen;
use std::collections::BTreeMap;

/// Feeds `(ms, name, value)` and gives what came due: when, which key, how much it presses.
fn run(live: &mut Live, values: &[(i64, &str, f64)]) -> Vec<(i64, String, Severity)> {
    let mut said = Vec::new();
    for (at, name, value) in values {
        let seen = Seen { name, ecu: "7E8", unit: None, at: *at, value: *value };
        said.extend(live.offer(seen, true).into_iter().map(|f| (*at, f.key, f.severity)));
    }
    said
}

/// A value every second.
fn each(name: &'static str, value: f64, seconds: std::ops::Range<i64>) -> Vec<(i64, &'static str, f64)> {
    seconds.map(|s| (s * 1000, name, value)).collect()
}

/// The value with the engine at idle.
fn idling(name: &'static str, value: f64, seconds: std::ops::Range<i64>) -> Vec<(i64, &'static str, f64)> {
    seconds.flat_map(|s| [(s * 1000, "engine_rpm", 820.0), (s * 1000 + 10, name, value)]).collect()
}

#[track_caller]
fn check(values: &[(i64, &str, f64)], expect: &[(i64, &str, Severity)]) {
    let said = run(&mut Live::default(), values);
    let said: Vec<_> = said.iter().map(|(at, key, severity)| (*at, key.as_str(), *severity)).collect();
    assert_eq!(said, expect);
}

const COOLANT: &str = "coolant_temperature";
const VOLTS: &str = "control_module_voltage";

#[test]
fn a_value_must_hold_for_its_time() {
    check(&each(COOLANT, 120.0, 0..3), &[]);
    check(&each(COOLANT, 120.0, 0..60), &[(3000, "rule/coolant-hot", Severity::ActNow)]);
    check(&each(COOLANT, 114.0, 0..10), &[]);
    check(&each(COOLANT, 114.0, 0..60), &[(10_000, "rule/coolant-hot", Severity::Watch)]);
    check(&each(COOLANT, 112.0, 0..60), &[]);
    // One reply below it begins the time anew.
    let mut dip = each(COOLANT, 119.0, 0..3);
    dip.push((3000, COOLANT, 117.0));
    dip.extend(each(COOLANT, 119.0, 4..6));
    check(&dip, &[]);
    // Time in which nothing was read proves nothing.
    check(&[(0, COOLANT, 120.0), (9000, COOLANT, 120.0)], &[]);
}

#[test]
fn it_is_said_once_and_again_only_when_it_presses_more() {
    let mut rising = each(COOLANT, 114.0, 0..20);
    rising.extend(each(COOLANT, 119.0, 20..40));
    rising.extend(each(COOLANT, 100.0, 42..60));
    rising.extend(each(COOLANT, 108.0, 60..61));
    rising.extend(each(COOLANT, 116.0, 61..90));
    check(&rising, &[(10_000, "rule/coolant-hot", Severity::Watch), (23_000, "rule/coolant-hot", Severity::ActNow)]);
    let said = |severity| BTreeMap::from([("rule/coolant-hot".to_owned(), severity)]);
    let again = |severity| run(&mut Live::new(false, said(severity)), &each(COOLANT, 120.0, 0..60)).len();
    assert_eq!((again(Severity::ActNow), again(Severity::Watch)), (0, 1), "after a restart");
}

#[test]
fn charging_is_judged_with_the_engine_running() {
    check(&idling(VOLTS, 11.5, 0..30), &[(10_010, "rule/charging-low", Severity::ActSoon)]);
    check(&idling(VOLTS, 11.9, 0..30), &[]);
    check(&each(VOLTS, 11.5, 0..30), &[]);
    check(&idling(VOLTS, 15.4, 0..30), &[(5_010, "rule/charging-high", Severity::ActSoon)]);
    check(&idling(VOLTS, 15.2, 0..30), &[]);
    check(&idling(VOLTS, 28.0, 0..30), &[]);
    // An engine speed of long ago says nothing of now.
    let mut old = vec![(0, "engine_rpm", 820.0)];
    old.extend(each(VOLTS, 11.5, 10..40));
    check(&old, &[]);
}

#[test]
fn oil_and_catalyst_have_their_limits() {
    let oil = "engine_oil_temperature";
    check(&each(oil, 152.0, 0..60), &[(5_000, "rule/oil-hot", Severity::ActSoon)]);
    check(&each(oil, 142.0, 0..60), &[(30_000, "rule/oil-hot", Severity::Watch)]);
    check(&each(oil, 138.0, 0..60), &[]);
    let catalyst = "catalyst_temperature_bank_1_sensor_1";
    check(&each(catalyst, 1010.0, 0..60), &[(5_000, "rule/catalyst-hot", Severity::ActNow)]);
    check(&each(catalyst, 960.0, 0..60), &[(10_000, "rule/catalyst-hot", Severity::ActSoon)]);
    check(&each(catalyst, 900.0, 0..60), &[]);
}

#[test]
fn engine_speed_is_no_finding() {
    check(&each("engine_rpm", 7800.0, 0..60), &[]);
}

#[test]
fn what_cannot_be_raises_nothing() {
    check(&each(COOLANT, 215.0, 0..60), &[]);
    let mut jump = each(COOLANT, 90.0, 0..10);
    jump.extend(each(COOLANT, 140.0, 10..14));
    jump.extend(each(COOLANT, 90.0, 14..60));
    check(&jump, &[]);
    check(&each(VOLTS, 0.0, 0..60), &[]);
}

#[test]
fn a_missing_value_begins_the_time_anew_and_an_unknown_vehicle_keeps_it_for_later() {
    let mut live = Live::default();
    assert!(run(&mut live, &each(COOLANT, 120.0, 0..3)).is_empty());
    live.missing("7E8", COOLANT);
    assert!(run(&mut live, &each(COOLANT, 120.0, 3..6)).is_empty());
    assert_eq!(run(&mut live, &each(COOLANT, 120.0, 6..7)).len(), 1);
    let mut whose = Live::default();
    for s in 0..10 {
        whose.offer(Seen { name: COOLANT, ecu: "7E8", unit: None, at: s * 1000, value: 120.0 }, false);
    }
    assert_eq!(run(&mut whose, &each(COOLANT, 120.0, 10..20)).len(), 1);
}

#[test]
fn two_ecus_are_two_holds_and_one_finding() {
    let mut live = Live::default();
    let mut said = 0;
    for s in 0..20 {
        for ecu in ["7E8", "7E9"] {
            said += live.offer(Seen { name: COOLANT, ecu, unit: None, at: s * 1000, value: 120.0 }, true).len();
        }
    }
    assert_eq!(said, 1);
}
