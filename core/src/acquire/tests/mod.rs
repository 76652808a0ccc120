//! Each kind of flaw where it is and where it is not.

mod real;

use super::*;
use crate::verdict::sample::{clean, reading};
use roadworthy_api::reading::Value;

fn seen(name: &str, at: i64, value: f64) -> Seen<'_> {
    Seen { name, ecu: "7E8", unit: None, at, value }
}

/// Signal and kind of each flag, and its samples.
fn flags(watch: &mut Watch) -> Vec<(String, String, u64)> {
    watch.take().into_iter().map(|f| (f.signal, f.what, f.samples)).collect()
}

#[track_caller]
fn check(values: &[(&str, i64, f64)], expect: &[(&str, &str, u64)]) {
    let mut watch = Watch::default();
    for (name, at, value) in values {
        watch.offer(seen(name, *at, *value));
    }
    let flags = flags(&mut watch);
    let flags: Vec<_> = flags.iter().map(|(s, w, n)| (s.as_str(), w.as_str(), *n)).collect();
    assert_eq!(flags, expect);
}

const COOLANT: &str = "coolant_temperature";
const INTAKE: &str = "intake_air_temperature";
const RPM: &str = "engine_rpm";
const SPEED: &str = "vehicle_speed";
const AIR: &str = "mass_air_flow";

#[test]
fn the_ends_of_broken_wires_are_out_of_range() {
    for (name, bad, good) in [
        (COOLANT, -40.0, -39.0),
        (COOLANT, 215.0, 125.0),
        (INTAKE, -40.0, -30.0),
        (INTAKE, 142.0, 110.0),
        ("ambient_air_temperature", 85.0, 48.0),
        ("engine_oil_temperature", 210.0, 150.0),
        (RPM, 16_383.75, 9_000.0),
        (SPEED, 255.0, 240.0),
        ("control_module_voltage", 0.0, 7.2),
        ("control_module_voltage", 65.5, 28.4),
        ("barometric_pressure", 255.0, 101.0),
        ("intake_manifold_pressure", 255.0, 235.0),
        // Past 255 kPa only an ECU counts that sets its own scale (PID 4F).
        ("intake_manifold_pressure", 1020.0, 310.0),
        ("catalyst_temperature_bank_1_sensor_1", 6513.5, 980.0),
        ("short_term_fuel_trim_bank_1", -100.0, -20.0),
        (AIR, 655.35, 240.0),
    ] {
        check(&[(name, 0, bad), (name, 1000, bad)], &[(name, "range", 2)]);
        check(&[(name, 0, good)], &[]);
    }
    check(&[("timing_advance", 0, -64.0)], &[]);
    check(&[("timing_advance", 0, f64::NAN)], &[("timing_advance", "range", 1)]);
}

#[test]
fn a_unit_must_be_the_signals() {
    let with = |unit| {
        let mut watch = Watch::default();
        let trusted = watch.offer(Seen { unit: Some(unit), ..seen(COOLANT, 0, 90.0) });
        (trusted, flags(&mut watch).len())
    };
    assert_eq!(with("°C"), (true, 0));
    assert_eq!(with("°F"), (false, 1));
}

#[test]
fn what_has_mass_does_not_jump() {
    check(&[(COOLANT, 0, 80.0), (COOLANT, 1000, 92.0)], &[(COOLANT, "jump", 1)]);
    check(&[(COOLANT, 0, 80.0), (COOLANT, 1000, 88.0)], &[]);
    check(&[(COOLANT, 0, 80.0), (COOLANT, 5000, 92.0)], &[]);
    // After a pause of the logger anything may have happened.
    check(&[(COOLANT, 0, 20.0), (COOLANT, 40_000, 92.0)], &[]);
    check(&[(INTAKE, 0, 36.0), (INTAKE, 90, 102.0)], &[(INTAKE, "jump", 1)]);
    check(&[(SPEED, 0, 50.0), (SPEED, 1000, 130.0)], &[(SPEED, "jump", 1)]);
    check(&[(SPEED, 0, 90.0), (SPEED, 1000, 55.0)], &[]);
    check(&[(RPM, 0, 800.0), (RPM, 300, 6_500.0)], &[]);
    // One that is out of range is that, and the way back is no jump.
    check(&[(COOLANT, 0, 90.0), (COOLANT, 1000, 215.0), (COOLANT, 2000, 90.0)], &[(COOLANT, "range", 1)]);
}

#[test]
fn what_must_move_and_does_not_is_stuck() {
    let drive = |air: fn(i64) -> f64| {
        let mut values = Vec::new();
        for s in 0..60 {
            values.push((RPM, s * 1000, 900.0 + 40.0 * s as f64));
            values.push((AIR, s * 1000 + 100, air(s)));
        }
        values
    };
    // In the samples after it was found too, until it is said.
    let mut watch = Watch::default();
    for (name, at, value) in drive(|_| 12.5) {
        watch.offer(seen(name, at, value));
    }
    let found = flags(&mut watch);
    assert_eq!((found[0].0.as_str(), found[0].1.as_str(), found.len()), (AIR, "stuck", 1));
    check(&drive(|s| 10.0 + s as f64), &[]);
    let idle: Vec<_> = (0..60).flat_map(|s| [(RPM, s * 1000, 820.0), (AIR, s * 1000 + 100, 3.1)]).collect();
    check(&idle, &[]);
    let off: Vec<_> = (0..60).flat_map(|s| [(RPM, s * 1000, 0.0), (AIR, s * 1000 + 100, 0.0)]).collect();
    check(&off, &[]);
}

#[test]
fn coolant_of_a_running_engine_warms() {
    let run = |rpm: f64, celsius: fn(i64) -> f64| -> Vec<(&'static str, i64, f64)> {
        (0..700).flat_map(|s| [(RPM, s * 1000, rpm), (COOLANT, s * 1000 + 100, celsius(s))]).collect()
    };
    let mut watch = Watch::default();
    for (name, at, value) in run(820.0, |_| 21.0) {
        watch.offer(seen(name, at, value));
    }
    assert_eq!(flags(&mut watch)[0].1, "stuck");
    check(&run(820.0, |s| 21.0 + (s / 20) as f64), &[]);
    check(&run(820.0, |_| 92.0), &[]);
    check(&run(0.0, |_| 21.0), &[]);
}

#[test]
fn the_same_value_of_the_same_time_is_a_repeat() {
    check(&[(RPM, 5, 800.0), (RPM, 5, 800.0)], &[(RPM, "repeated", 1)]);
    check(&[(RPM, 5, 800.0), (RPM, 6, 800.0)], &[]);
}

#[test]
fn what_cannot_be_true_together_contradicts() {
    let drive = |rpm: f64, speed: f64, seconds: i64| -> Vec<(&'static str, i64, f64)> {
        (0..seconds).flat_map(|s| [(SPEED, s * 1000, speed), (RPM, s * 1000 + 100, rpm)]).collect()
    };
    let found = |watch: &mut Watch, values: &[(&'static str, i64, f64)]| {
        for (name, at, value) in values {
            watch.offer(seen(name, *at, *value));
        }
        flags(watch).into_iter().map(|f| (f.0, f.1)).collect::<Vec<_>>()
    };
    let contradicts = |name: &str| vec![(name.to_owned(), "contradicts".to_owned())];
    assert_eq!(found(&mut Watch::new(false), &drive(0.0, 60.0, 20)), contradicts(RPM));
    // A hybrid may; so may anybody for a moment, or rolling slowly.
    assert_eq!(found(&mut Watch::new(true), &drive(0.0, 60.0, 20)), vec![]);
    assert_eq!(found(&mut Watch::new(false), &drive(0.0, 60.0, 8)), vec![]);
    assert_eq!(found(&mut Watch::new(false), &drive(0.0, 20.0, 20)), vec![]);
    assert_eq!(found(&mut Watch::new(false), &drive(1800.0, 60.0, 20)), vec![]);
    let air = |intake: f64| -> Vec<(&'static str, i64, f64)> {
        (0..20).flat_map(|s| [("ambient_air_temperature", s * 1000, 20.0), (INTAKE, s * 1000 + 100, intake)]).collect()
    };
    assert_eq!(found(&mut Watch::new(false), &air(0.0)), contradicts(INTAKE));
    assert_eq!(found(&mut Watch::new(false), &air(12.0)), vec![]);
}

#[test]
fn each_signal_and_kind_is_said_once() {
    let mut watch = Watch::default();
    watch.offer(seen(COOLANT, 0, 215.0));
    assert_eq!(flags(&mut watch).len(), 1);
    watch.offer(seen(COOLANT, 1000, -40.0));
    assert_eq!(flags(&mut watch), vec![]);
    watch.offer(Seen { ecu: "7E9", ..seen(COOLANT, 2000, 215.0) });
    assert_eq!(flags(&mut watch).len(), 1, "another ECU's is its own");
    let mut restarted = Watch::default();
    restarted.knows(COOLANT, "7E8", "range");
    restarted.offer(seen(COOLANT, 3000, 215.0));
    assert_eq!(flags(&mut restarted), vec![]);
}

#[test]
fn after_a_jump_nothing_is_believed_for_a_while() {
    let mut watch = Watch::default();
    assert!(watch.offer(seen(COOLANT, 0, 90.0)));
    assert!(!watch.offer(seen(COOLANT, 1000, 120.0)));
    assert!(!watch.offer(seen(COOLANT, 5000, 120.0)));
    assert!(watch.offer(seen(COOLANT, 12_000, 120.0)));
}

#[test]
fn a_check_is_judged_by_what_was_read_once() {
    let with = |pid: &str, name: &str, value: f64, unit: &str| {
        let mut reading = reading(pid, name, value, unit);
        reading.item.name = Some(name.into());
        reading
    };
    let flags = |change: &dyn Fn(&mut roadworthy_api::check::CheckReport)| -> Vec<(String, String)> {
        let mut report = clean();
        change(&mut report);
        of_report(&report).into_iter().map(|f| (f.signal, f.what)).collect()
    };
    let one = |signal: &str, what: &str| vec![(signal.to_owned(), what.to_owned())];
    assert_eq!(flags(&|_| {}), vec![]);
    assert_eq!(flags(&|r| r.snapshot.push(with("05", COOLANT, -40.0, "°C"))), one(COOLANT, "range"));
    assert_eq!(flags(&|r| r.snapshot.push(with("05", COOLANT, 194.0, "°F"))), one(COOLANT, "unit"));
    assert_eq!(flags(&|r| r.snapshot.extend(vec![with("05", COOLANT, 90.0, "°C"); 2])), one(COOLANT, "repeated"));
    let rolls = |r: &mut roadworthy_api::check::CheckReport| {
        r.snapshot.push(with("0C", RPM, 0.0, "rpm"));
        r.snapshot.push(with("0D", SPEED, 60.0, "km/h"));
    };
    assert_eq!(flags(&rolls), one(RPM, "contradicts"));
    let hybrid = |r: &mut roadworthy_api::check::CheckReport| {
        rolls(r);
        r.snapshot.push(with("5B", "hybrid_battery_remaining_life", 60.0, "%"));
    };
    assert_eq!(flags(&hybrid), vec![]);
    let volts = |v: f64| flags(&|r| r.snapshot.push(with("42", "control_module_voltage", v, "V")));
    assert_eq!(volts(11.0), one("control_module_voltage", "contradicts"));
    assert_eq!(volts(13.9), vec![]);
    let fuel = |text: &str| {
        flags(&|r| {
            let mut fuel = with("51", "fuel_type", 0.0, "");
            fuel.item.value = Value::Enumerated { code: 4, text: text.into() };
            r.snapshot.push(fuel);
        })
    };
    assert_eq!(fuel("diesel"), one("fuel_type", "contradicts"));
    assert_eq!(fuel("gasoline"), vec![]);
}
