use super::*;
use crate::verdict::{
    sample::{clean, reading, with_code, with_lamp},
    verdict,
};
use Severity::{ActNow, ActSoon, Watch as Watched};
use roadworthy_api::{
    check::FreezeFrame,
    reading::{Item, Reading},
    vehicle::State,
};

fn with_value(mut report: CheckReport, name: &str, value: f64, unit: &str) -> CheckReport {
    let mut seen: Reading = reading("FF", name, value, unit);
    seen.item.name = Some(name.to_owned());
    report.snapshot.push(seen);
    report
}

fn warm(report: CheckReport, coolant: f64, run: f64) -> CheckReport {
    let report = with_value(report, "coolant_temperature", coolant, "°C");
    with_value(with_value(report, "engine_rpm", 820.0, "rpm"), "engine_run_time", run, "s")
}

fn with_frame(mut report: CheckReport, cause: &str, coolant: f64) -> CheckReport {
    let value = Value::Number { value: coolant, unit: "°C".into() };
    let items = vec![Item { pid: "05".into(), name: Some("coolant_temperature".into()), label: None, value }];
    report.freeze_frames.push(FreezeFrame { ecu: "7E8".into(), frame: 0, cause: cause.into(), items });
    report
}

fn with_status(mut report: CheckReport, status: u8) -> CheckReport {
    report.codes.iter_mut().for_each(|c| c.status = Some(status));
    report
}

/// Severity and reason of the only code of a report, which the verdict must agree with.
#[track_caller]
fn check(report: &CheckReport, severity: Severity, because: &str) {
    let code = &report.codes[0];
    let classes: Vec<CodeClass> = report.codes.iter().map(|c| c.class).collect();
    let got = pressing(report, &code.code, &code.ecu, &classes);
    assert_eq!((got.severity, got.because.as_str()), (severity, because), "{}", code.code);
    assert!(got.stop.is_none() || severity == ActNow, "{got:?}");
    let state = match severity {
        ActNow => State::ActNow,
        ActSoon => State::ActSoon,
        _ => State::Watch,
    };
    assert_eq!(verdict(report).state, state, "{:?}", verdict(report));
}

fn stored(code: &str) -> CheckReport {
    with_code(clean(), CodeClass::Stored, code, "7E8")
}

fn pending(code: &str) -> CheckReport {
    with_code(clean(), CodeClass::Pending, code, "7E8")
}

#[test]
fn a_code_presses_by_its_list_and_the_lamp() {
    check(&stored("P0420"), ActSoon, "Act soon: the fault is confirmed.");
    check(&with_lamp(stored("P0420")), ActSoon, "Act soon: the fault is confirmed and the engine lamp is on.");
    check(&pending("P0420"), Watched, "Watch: it is not confirmed.");
    check(&with_code(clean(), CodeClass::Permanent, "P0420", "7E8"), Watched, "Watch: only the memory of it is left.");
    check(&stored("P0301"), ActSoon, "Act soon: the fault is confirmed.");
    check(
        &with_lamp(stored("P0301")),
        ActNow,
        "Act now: the fault is confirmed and the engine lamp is on, which may have blinked while it was driven.",
    );
}

#[test]
fn what_destroys_an_engine_or_can_kill_presses_now_unless_a_value_shows_that_it_is_over() {
    let now = "Act now: the fault is confirmed, and nothing that was read says that it is over.";
    for code in ["P0217", "P0218", "P0298", "P0524", "P0093", "P0AA6"] {
        check(&stored(code), ActNow, now);
        check(&with_code(clean(), CodeClass::Permanent, code, "7E8"), Watched, "Watch: only the memory of it is left.");
        check(&pending(code), ActSoon, "Act soon: it was seen in this drive or the last one, and can do great harm.");
    }
    check(
        &warm(stored("P0217"), 91.0, 1800.0),
        ActSoon,
        "Act soon: the fault is confirmed, but the coolant is 91 °C now, 30 min after the start.",
    );
    check(
        &warm(stored("P0217"), 121.0, 1800.0),
        ActNow,
        "Act now: the fault is confirmed, and the coolant is 121 °C now.",
    );
    check(
        &warm(pending("P0217"), 121.0, 1800.0),
        ActNow,
        "Act now: it was seen in this drive or the last one, and the coolant is 121 °C now.",
    );
    // An engine that was just started, one at rest, and a value that cannot be right prove nothing.
    check(&warm(stored("P0217"), 91.0, 60.0), ActNow, now);
    check(&with_value(stored("P0217"), "coolant_temperature", 91.0, "°C"), ActNow, now);
    check(&warm(stored("P0217"), 215.0, 1800.0), ActNow, now);
    // Coolant says nothing of oil pressure.
    check(&warm(stored("P0524"), 91.0, 1800.0), ActNow, now);
}

#[test]
fn a_status_byte_raises_and_never_lowers() {
    check(
        &with_status(pending("P0524"), 0x07),
        ActNow,
        "Act now: its control unit says that it is there at this moment.",
    );
    check(&with_status(pending("P0171"), 0x07), Watched, "Watch: it is there at this moment, but not confirmed.");
    check(
        &with_status(stored("P0524"), 0x08),
        ActNow,
        &judge("P0524", &Facts { confirmed: true, ..Facts::default() }).because,
    );
    // The lamp that this code asks for, though no ECU told of it by service 01.
    let asked = Facts { confirmed: true, lamp: true, ..Facts::default() };
    assert_eq!(judge("P0301-11", &asked).severity, ActNow);
    let report = with_status(stored("P0301"), 0x88);
    assert_eq!(pressing(&report, "P0301", "7E8", &[CodeClass::Stored]), judge("P0301", &asked));
    // What fails at this moment is not over, whatever one value says.
    let well = Some(Now::Well("the coolant is 91 °C now".into()));
    let failing = Facts { confirmed: true, failing: true, now: well, ..Facts::default() };
    assert_eq!(judge("P0217", &failing).severity, ActNow);
}

#[test]
fn a_freeze_frame_near_boiling_presses() {
    check(
        &with_frame(pending("P0300"), "P0300", 121.0),
        ActSoon,
        "Act soon: it is not confirmed, but when it was set the coolant was 121 °C, near boiling.",
    );
    check(
        &with_frame(stored("P0171"), "P0171", 121.0),
        ActSoon,
        "Act soon: the fault is confirmed, and when it was set the coolant was 121 °C, near boiling.",
    );
    for (cause, coolant) in [("P0420", 121.0), ("P0171", 91.0), ("P0171", -40.0), ("P0171", 215.0)] {
        check(&with_frame(pending("P0171"), cause, coolant), Watched, "Watch: it is not confirmed.");
    }
}

#[test]
fn the_verdict_says_why_a_vehicle_must_not_be_driven() {
    let said = verdict(&stored("P0524"));
    assert_eq!(
        said.reason,
        "Stored code P0524. Act now: the fault is confirmed, and nothing that was read says that it is over. Do not start or \
         drive it until the oil's level is right and its pressure is measured."
    );
    let both = with_lamp(with_code(stored("P0301"), CodeClass::Stored, "P0217", "7E8"));
    assert!(verdict(&both).reason.starts_with("Stored code P0217. Act now"), "{:?}", verdict(&both));
    assert!(
        verdict(&pending("P0524")).reason.starts_with("Pending code P0524. Act soon"),
        "{:?}",
        verdict(&pending("P0524"))
    );
}
