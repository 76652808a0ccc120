use super::{
    differences, ecu_name, lamp_on,
    sample::{clean, reading, with_code, with_lamp, with_outcome, with_unfinished},
    summary, verdict,
};
use roadworthy_api::{Code, Error, check::*, vehicle::State};

fn check(report: &CheckReport, state: State, reason: &str) {
    let got = verdict(report);
    assert_eq!((got.state, got.reason.as_str()), (state, reason));
}

fn cut(mut report: CheckReport) -> CheckReport {
    report.partial = Some(Error::new(Code::LinkLost, "The adapter stopped answering."));
    report
}

#[test]
fn a_clean_car_is_good_and_says_what_that_rests_on() {
    check(&clean(), State::Good, "Engine lamp off, no codes, all emission monitors complete.");
    let mut report = clean();
    report.coverage.retain(|c| c.request != "07");
    check(
        &report,
        State::Good,
        "Engine lamp off, no codes, all emission monitors complete; pending codes were not read.",
    );
}

#[test]
fn one_unfinished_monitor_is_good_and_more_are_a_watch() {
    check(&with_unfinished(clean(), 1), State::Good, "Engine lamp off, no codes; misfire monitor not finished yet.");
    check(
        &with_unfinished(clean(), 3),
        State::Watch,
        "No codes, but 3 of 4 emission monitors are unfinished: codes were cleared or the battery was disconnected lately, and a \
         fault may not show yet.",
    );
    let mut cleared = with_unfinished(clean(), 2);
    cleared.snapshot.push(reading("31", "Distance since codes cleared", 12.0, "km"));
    check(
        &cleared,
        State::Watch,
        "No codes, but 2 of 4 emission monitors are unfinished: codes were cleared 12 km ago, and a fault may not show yet.",
    );
}

#[test]
fn a_monitor_that_is_not_fitted_is_not_unfinished() {
    let mut report = with_unfinished(clean(), 3);
    report.readiness[0].tests.iter_mut().for_each(|t| t.available = t.complete);
    check(&report, State::Good, "Engine lamp off, no codes, all emission monitors complete.");
}

#[test]
fn lamp_and_misfire_is_act_now() {
    for (code, now) in
        [("P0300", true), ("P0301", true), ("P0312", true), ("P0313", false), ("P0420", false), ("P03010", false)]
    {
        let report = with_lamp(with_code(clean(), CodeClass::Stored, code, "7E8"));
        assert_eq!(verdict(&report).state == State::ActNow, now, "{code}");
    }
    let report = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
    check(
        &report,
        State::ActNow,
        "Engine lamp on with misfire code P0301: a misfire can damage the catalytic converter.",
    );
    let without_lamp = with_code(clean(), CodeClass::Stored, "P0301", "7E8");
    check(&without_lamp, State::ActSoon, "Stored code P0301.");
    let pending = with_lamp(with_code(clean(), CodeClass::Pending, "P0301", "7E8"));
    check(&pending, State::ActSoon, "Engine lamp on, although no stored code was read.");
}

#[test]
fn stored_codes_are_act_soon_and_long_lists_are_cut() {
    let mut report = clean();
    for n in 0..6 {
        report = with_code(report, CodeClass::Stored, &format!("P042{n}"), "7E8");
    }
    check(&with_lamp(report), State::ActSoon, "Engine lamp on with stored codes P0420, P0421, P0422 and 3 more.");
    let mut counted = clean();
    counted.readiness[0].dtc_count = 2;
    check(&counted, State::ActSoon, "Engine counts stored codes that it did not list.");
}

#[test]
fn pending_and_permanent_are_a_watch() {
    let pending = with_code(clean(), CodeClass::Pending, "P0171", "7E8");
    check(&pending, State::Watch, "Pending code P0171: seen lately, not yet confirmed.");
    let permanent = with_code(clean(), CodeClass::Permanent, "P0420", "7E8");
    check(&permanent, State::Watch, "Permanent code P0420: the vehicle has not yet confirmed the repair itself.");
}

#[test]
fn what_was_not_read_is_never_taken_for_clean() {
    let mut nobody = clean();
    nobody.ecus.clear();
    check(&nobody, State::CannotTell, "No control unit of the vehicle answered.");
    check(&cut(clean()), State::CannotTell, "The check was cut short. The adapter stopped answering.");
    let mut no_lamp = clean();
    no_lamp.readiness.clear();
    check(&no_lamp, State::CannotTell, "No control unit said whether the engine lamp is on.");
    let unread = Outcome::Unreadable { reason: "too short".into() };
    check(
        &with_outcome(clean(), "7E9", "03", unread.clone()),
        State::CannotTell,
        "Stored codes of Transmission were not read.",
    );
    let mut nobody_listed = clean();
    nobody_listed.coverage.iter_mut().filter(|c| c.request == "03").for_each(|c| c.outcome = unread.clone());
    check(&nobody_listed, State::CannotTell, "Stored codes were not read from any control unit.");
}

#[test]
fn silence_about_codes_is_an_answer_only_from_an_ecu_that_counts_none() {
    let silent = with_outcome(clean(), "7E8", "03", Outcome::Silent);
    assert_eq!(verdict(&silent).state, State::Good, "PID 01 of the engine says none are stored");
    let other = with_outcome(clean(), "7E9", "03", Outcome::Silent);
    assert_eq!(verdict(&other).state, State::CannotTell, "the transmission has no count of its own");
    let mut legacy = with_outcome(silent, "7E9", "03", Outcome::Silent);
    legacy.ecus.pop();
    legacy.coverage.retain(|c| c.ecu.as_deref() == Some("7E8"));
    assert_eq!(verdict(&legacy).state, State::Good, "the only ECU counts none");
}

#[test]
fn what_was_found_outranks_what_was_not_read() {
    let report = cut(with_code(clean(), CodeClass::Stored, "P0420", "7E8"));
    check(
        &report,
        State::ActSoon,
        "Stored code P0420. There may be more: the check was cut short. The adapter stopped answering.",
    );
}

#[test]
fn the_summary_names_lamp_codes_per_ecu_and_who_answered() {
    let check = |report: &CheckReport, expect: &str| assert_eq!(summary(report), expect);
    check(&clean(), "Engine lamp off. No codes; 2 of 2 ECUs answered.");
    let three = with_code(
        with_code(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), CodeClass::Pending, "P0171", "7E8"),
        CodeClass::Permanent,
        "P0420",
        "7E8",
    );
    check(
        &with_lamp(three.clone()),
        "Engine lamp on. 1 stored, 1 pending and 1 permanent code in Engine; 2 of 2 ECUs answered.",
    );
    let both = with_code(with_code(three, CodeClass::Stored, "P0700", "7E9"), CodeClass::Stored, "P0715", "7E9");
    check(
        &both,
        "Engine lamp off. 1 stored, 1 pending and 1 permanent code in Engine; 2 stored codes in Transmission; 2 of 2 ECUs \
         answered.",
    );
    check(
        &cut(with_outcome(clean(), "7E9", "03", Outcome::Silent)),
        "Engine lamp off. No codes; codes read from 1 of 2 ECUs. The check was cut short.",
    );
    let silent = |report, ecu| with_outcome(report, ecu, "03", Outcome::Silent);
    check(
        &cut(silent(silent(clean(), "7E8"), "7E9")),
        "Engine lamp off. Codes read from 0 of 2 ECUs. The check was cut short.",
    );
    let mut nothing = clean();
    nothing.ecus.clear();
    check(&nothing, "No control unit of the vehicle answered.");
}

#[test]
fn differences_say_what_changed_and_what_was_merely_not_read() {
    let check = |old: &CheckReport, new: &CheckReport, expect: &[&str]| assert_eq!(differences(old, new), expect);
    let stored = with_lamp(with_code(clean(), CodeClass::Stored, "P0301", "7E8"));
    check(&clean(), &clean(), &[]);
    check(&clean(), &stored, &["Engine lamp came on.", "New stored code P0301 in Engine."]);
    check(&stored, &clean(), &["Engine lamp went off.", "Stored code P0301 in Engine is gone."]);
    let pending = with_code(clean(), CodeClass::Pending, "P0301", "7E8");
    check(
        &pending,
        &with_code(clean(), CodeClass::Stored, "P0301", "7E8"),
        &["New stored code P0301 in Engine (was pending).", "Pending code P0301 in Engine is gone."],
    );
    let mut unread = with_lamp(with_outcome(clean(), "7E8", "03", Outcome::Silent));
    check(&stored, &unread, &["Stored code P0301 in Engine was not read this time."]);
    check(&unread, &stored, &["New stored code P0301 in Engine (not read last time)."]);
    unread.readiness.clear();
    unread.codes = stored.codes.clone();
    check(&stored, &unread, &["Engine lamp was not read this time."]);
    check(&clean(), &with_unfinished(clean(), 1), &["Misfire monitor is unfinished again."]);
    check(&with_unfinished(clean(), 1), &clean(), &["Misfire monitor is complete now."]);
}

#[test]
fn differences_cover_ecus_odometer_calibration_and_vin() {
    let check = |old: &CheckReport, new: &CheckReport, expect: &[&str]| assert_eq!(differences(old, new), expect);
    let mut alone = clean();
    alone.ecus.pop();
    check(&clean(), &alone, &["Transmission did not answer this time."]);
    check(&alone, &clean(), &["Transmission answers now; it did not last time."]);
    let mut further = clean();
    further.snapshot = vec![reading("A6", "Odometer", 136_001.5, "km")];
    check(&clean(), &further, &["Driven 122.4 km."]);
    check(&further, &clean(), &["The odometer reads 122.4 km less than last time."]);
    let mut flashed = clean();
    flashed.ecus[0].calibrations = vec!["RW-CAL-2".into()];
    check(&clean(), &flashed, &["Engine has another calibration."]);
    let mut other = clean();
    other.vin = Some("1RWTEST00X0000002".into());
    check(&clean(), &other, &["VIN changed from 1RWTEST0XX0000001 to 1RWTEST00X0000002."]);
    other.vin = None;
    check(&clean(), &other, &["VIN was not read this time."]);
}

#[test]
fn two_ecus_of_one_name_are_told_apart() {
    let mut report = clean();
    report.ecus[1].name = "Engine".into();
    assert_eq!(ecu_name(&report, "7E9"), "Engine (7E9)");
    assert_eq!(ecu_name(&report, "7EF"), "ECU 7EF");
}

fn not_read() -> [Outcome; 3] {
    let refused = Outcome::Refused { nrc: "22".into(), meaning: "conditionsNotCorrect".into() };
    [Outcome::Silent, refused, Outcome::Unreadable { reason: "too short".into() }]
}

#[test]
fn a_lamp_that_one_ecu_did_not_tell_is_not_off() {
    for outcome in not_read() {
        let mut report = with_outcome(clean(), "7E8", "0101", outcome.clone());
        report.readiness[0].ecu = "7E9".into();
        check(&report, State::CannotTell, "Engine did not say whether the engine lamp is on.");
        assert_eq!(lamp_on(&report), None, "{outcome:?}");
        assert_eq!(lamp_on(&with_lamp(report)), Some(true), "{outcome:?}");
    }
    let unlisted = Outcome::NotAsked { reason: "Its list of supported values does not name it.".into() };
    let report = with_outcome(clean(), "7E9", "0101", unlisted);
    assert_eq!((verdict(&report).state, lamp_on(&report)), (State::Good, Some(false)));
}

#[test]
fn an_ecu_without_an_answer_about_its_codes_is_a_gap() {
    let mut no_row = clean();
    no_row.coverage.retain(|c| c.request != "03" || c.ecu.as_deref() != Some("7E9"));
    check(&no_row, State::CannotTell, "Stored codes of Transmission were not read.");
    let mut counts_none = no_row.clone();
    counts_none.readiness.push(Readiness { ecu: "7E9".into(), ..counts_none.readiness[0].clone() });
    assert_eq!(verdict(&counts_none).state, State::Good, "its own count is zero");
    let unreadable = Outcome::Unreadable { reason: "too short".into() };
    let broken = with_outcome(clean(), "7E8", "03", unreadable.clone());
    check(&broken, State::CannotTell, "Stored codes of Engine were not read.");
    let mut stray = clean();
    let (request, question) = ("03".into(), "Stored codes".into());
    stray.coverage.push(Coverage { ecu: None, request, question, outcome: unreadable });
    check(&stray, State::CannotTell, "A reply about stored codes could not be read.");
}

#[test]
fn pending_codes_that_one_ecu_did_not_give_are_said() {
    for outcome in not_read() {
        check(
            &with_outcome(clean(), "7E9", "07", outcome),
            State::Good,
            "Engine lamp off, no codes, all emission monitors complete; pending codes of Transmission were not read.",
        );
    }
    let mut three = with_outcome(clean(), "7E9", "07", Outcome::Silent);
    three.ecus.push(Ecu { id: "7EA".into(), name: "Hybrid".into(), ..three.ecus[0].clone() });
    let stored = Coverage { ecu: Some("7EA".into()), ..three.coverage[1].clone() };
    three.coverage.push(stored);
    assert!(
        verdict(&three).reason.ends_with("; pending codes of Transmission and Hybrid were not read."),
        "{:?}",
        verdict(&three)
    );
    let unfinished = with_unfinished(with_outcome(clean(), "7E9", "07", Outcome::Silent), 3);
    assert!(verdict(&unfinished).reason.ends_with("; pending codes of Transmission were not read."));
    let mut stray = clean();
    let outcome = Outcome::Unreadable { reason: "too short".into() };
    stray.coverage.push(Coverage { ecu: None, request: "07".into(), question: "Pending codes".into(), outcome });
    assert!(verdict(&stray).reason.ends_with("; a reply about pending codes could not be read."));
}

#[test]
fn a_partly_unreadable_answer_says_nothing_about_what_is_gone() {
    let both = with_code(with_code(clean(), CodeClass::Stored, "P0301", "7E8"), CodeClass::Stored, "P0420", "7E8");
    let one = with_code(clean(), CodeClass::Stored, "P0301", "7E8");
    let part = with_outcome(one, "7E8", "03", Outcome::Unreadable { reason: "too short".into() });
    assert_eq!(differences(&both, &part), ["Stored code P0420 in Engine was not read this time."]);
    assert_eq!(differences(&part, &both), ["New stored code P0420 in Engine (not read last time)."]);
}

#[test]
fn pain_30_no_codes_is_said_only_when_every_ecu_said_so_and_a_lit_lamp_is_never_hidden() {
    // The engine says that it has none; what the other holds is unknown, however it failed to tell.
    for outcome in [
        Outcome::Silent,
        Outcome::Refused { nrc: "22".into(), meaning: "conditionsNotCorrect".into() },
        Outcome::Unreadable { reason: "It is too short.".into() },
    ] {
        let mut report = with_outcome(clean(), "7E9", "03", outcome.clone());
        report.readiness.iter_mut().filter(|r| r.ecu == "7E9").for_each(|r| r.dtc_count = 1);
        let got = verdict(&report);
        assert_ne!(got.state, State::Good, "{outcome:?}");
        assert!(!got.reason.starts_with("Engine lamp off, no codes"), "{outcome:?}: {}", got.reason);
        assert!(summary(&report).contains("read from 1 of 2 ECUs"), "{outcome:?}: {}", summary(&report));
    }
    check(&with_lamp(clean()), State::ActSoon, "Engine lamp on, although no stored code was read.");
    // The same in the words of SAE J1979-2.
    let mut newer = clean();
    for c in &mut newer.coverage {
        c.request = match c.request.as_str() {
            "03" => "194233081E".into(),
            "07" => "194233041E".into(),
            "0A" => "195533".into(),
            "0101" => "22F401".into(),
            other => other.into(),
        };
    }
    check(&newer, State::Good, "Engine lamp off, no codes, all emission monitors complete.");
    let silent = with_outcome(newer.clone(), "7E8", "194233081E", Outcome::Unreadable { reason: "Cut.".into() });
    assert_eq!(verdict(&silent).state, State::CannotTell);
    let misfire = with_lamp(with_code(newer, CodeClass::Stored, "P0301-11", "7E8"));
    assert_eq!(verdict(&misfire).state, State::ActNow);
}
