//! How much a finding presses, what it says to do, and what is proposed for it never contradict each other.

use super::*;
use crate::workers::rules;
use roadworthy_obd::dtc;

/// Words that keep a vehicle from being driven.
const STAYS: &[&str] =
    &["not drive", "do not start", "driven on", "driving on", "at once", "then switch off", "stop, "];

/// Words that ask for a drive.
const DRIVES: &[&str] =
    &["under load", "at speed", "at steady speed", "next drives", "try it", "some days as usual", "on the road"];

/// Every code that has advice, in each list, lamp on and off, with and without what else may be read.
fn all(mut look: impl FnMut(&Car, &str)) -> usize {
    let advised: Vec<String> =
        (0..=u16::MAX).map(|pair| dtc::code(pair.to_be_bytes())).filter(|code| dtc::advice(code).is_some()).collect();
    for code in &advised {
        for class in [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent] {
            for lamp in [false, true] {
                let report = with_code(clean(), class, code, "7E8");
                let car = Car(if lamp { with_lamp(report) } else { report });
                look(&car, code);
            }
        }
        if dtc::title(code).is_none() {
            continue;
        }
        let hard = [("calculated_engine_load", 71.0, "%"), ("coolant_temperature", 121.0, "°C")];
        look(&Car::new().stored(code).lamp().frozen(code, &hard), code);
        let warm = |celsius: f64| {
            let car = Car::new().stored(code).value("coolant_temperature", celsius, "°C");
            car.value("engine_rpm", 820.0, "rpm").value("engine_run_time", 1800.0, "s")
        };
        look(&warm(91.0), code);
        look(&warm(120.0), code);
    }
    advised.len()
}

fn has(text: &str, words: &[&str]) -> bool {
    let text = text.to_lowercase();
    words.iter().any(|word| text.contains(word))
}

#[test]
fn severity_and_advice_never_contradict() {
    let (mut now, mut milder) = (0, 0);
    let codes = all(|car, code| {
        for finding in car.said().findings {
            let (severity, explained) = (finding.severity, &finding.explanation);
            let own = finding.key.starts_with(&format!("code/{code}/"));
            if severity == Severity::ActNow {
                now += 1;
                assert!(
                    has(explained, STAYS),
                    "{} presses now and does not say what not to do: {explained}",
                    finding.key
                );
            } else {
                milder += 1;
                assert!(!has(explained, STAYS), "{} {severity:?}: {explained}", finding.key);
            }
            for step in &finding.check_next {
                assert!(!has(step, STAYS), "{} {severity:?}: {step}", finding.key);
                let asks = severity == Severity::ActNow && has(step, DRIVES) && !step.starts_with("After the repair");
                assert!(!asks, "{} must not be driven, and says {step:?}", finding.key);
            }
            // The facts that made it are told in words.
            let lead = crate::verdict::sentence(crate::journal::words::severity(severity));
            assert!(!own || explained.contains(&format!("{lead}: ")), "{} {severity:?}: {explained}", finding.key);
            // The proposal says when; its first step must be one that can be done then.
            let work = rules::decide(&rules::Case {
                finding: &finding,
                times: 3,
                days: 3,
                returns: 0,
                odometer_km: None,
                before: None,
                now: car.0.ended,
            })
            .work;
            let stays = has(&work, &["driven on"]);
            assert!(!stays || severity == Severity::ActNow, "{severity:?}: {work}");
            assert!(!(stays && work.split("First: ").nth(1).is_some_and(|first| has(first, DRIVES))), "{work}");
        }
    });
    println!("{codes} codes with advice, {now} findings that press now, {milder} milder ones");
    assert!(codes > 150 && now > 40 && milder > 1000);
}

/// The rules over values keep to the same at each of their levels.
#[test]
fn values_press_as_their_advice_says() {
    for rule in values::RULES {
        for level in rule.levels {
            for severity in [level.severity, level.severity.min(Severity::ActSoon)] {
                let finding = rule.finding(severity, 0.9, "", vec![]);
                assert_eq!(has(&finding.explanation, STAYS), severity == Severity::ActNow, "{finding:?}");
                assert!(!finding.check_next.iter().any(|step| has(step, STAYS)), "{finding:?}");
            }
        }
    }
}

#[test]
fn what_must_not_be_driven_is_tried_under_load_after_the_repair() {
    let hard = [("calculated_engine_load", 71.0, "%"), ("coolant_temperature", 90.0, "°C")];
    let now = Car::new().stored("P0301").lamp().frozen("P0301", &hard);
    now.says("P0301", "Do not drive it on until the misfire is cured", "Swap the ignition coil");
    let last = now.finds("code/P0301/7E8").check_next.pop().unwrap();
    assert_eq!(last, "After the repair: Try it under load, not at idle: there it may not show.");
}
