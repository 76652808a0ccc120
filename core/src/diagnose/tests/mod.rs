//! Tables of cases per specialist: each rule where it fires and where it does not.

mod absent;
mod agree;
mod brakes;
mod electrical;
mod emissions;
mod engine;
mod general;
mod live;
mod simulated;
mod transmission;

use super::*;
use crate::{
    acquire,
    verdict::sample::{clean, with_code, with_lamp},
};
use roadworthy_api::{
    check::{CheckReport, CodeClass, FreezeFrame, Ignition, Readiness},
    reading::{Item, Reading, Value},
};

/// A report made step by step.
#[derive(Clone)]
pub(super) struct Car(pub(super) CheckReport);

impl Car {
    pub(super) fn new() -> Self {
        Self(clean())
    }

    pub(super) fn stored(self, code: &str) -> Self {
        Self(with_code(self.0, CodeClass::Stored, code, "7E8"))
    }

    pub(super) fn pending(self, code: &str) -> Self {
        Self(with_code(self.0, CodeClass::Pending, code, "7E8"))
    }

    pub(super) fn permanent(self, code: &str) -> Self {
        Self(with_code(self.0, CodeClass::Permanent, code, "7E8"))
    }

    pub(super) fn of(self, ecu: &str, code: &str) -> Self {
        Self(with_code(self.0, CodeClass::Stored, code, ecu))
    }

    pub(super) fn lamp(self) -> Self {
        Self(with_lamp(self.0))
    }

    pub(super) fn diesel(mut self) -> Self {
        self.0.readiness[0].ignition = Ignition::Compression;
        self
    }

    pub(super) fn value(mut self, name: &str, value: f64, unit: &str) -> Self {
        self.0.snapshot.push(Reading {
            ecu: "7E8".into(),
            request: "01FF".into(),
            raw: String::new(),
            at: self.0.ended,
            item: item(name, value, unit),
        });
        self
    }

    pub(super) fn frozen(mut self, cause: &str, values: &[(&str, f64, &str)]) -> Self {
        let items = values.iter().map(|(name, value, unit)| item(name, *value, unit)).collect();
        self.0.freeze_frames.push(FreezeFrame { ecu: "7E8".into(), frame: 0, cause: cause.into(), items });
        self
    }

    /// What is said of it.
    pub(super) fn said(&self) -> Diagnosed {
        self.said_with(&[], &[])
    }

    pub(super) fn said_with(&self, pads: &[Pad], earlier: &[Finding]) -> Diagnosed {
        let flags = acquire::of_report(&self.0);
        diagnose(&Case { report: &self.0, flags: &flags, pads, earlier })
    }

    /// The finding of this key.
    #[track_caller]
    pub(super) fn finds(&self, key: &str) -> Finding {
        let said = self.said();
        let found = said.findings.iter().find(|f| f.key == key);
        found.unwrap_or_else(|| panic!("{key} is not among {:?}", keys(&said))).clone()
    }

    /// The finding of this code of the engine says this in its explanation, and its first check begins so.
    #[track_caller]
    pub(super) fn says(&self, code: &str, explains: &str, first: &str) -> &Self {
        let finding = self.finds(&format!("code/{code}/7E8"));
        assert!(finding.explanation.contains(explains), "{explains:?} is not in {:?}", finding.explanation);
        let next = finding.check_next.first().map_or("", String::as_str);
        assert!(next.starts_with(first), "{next:?} does not begin with {first:?}");
        self
    }

    /// No finding has this key.
    #[track_caller]
    pub(super) fn silent(&self, key: &str) -> &Self {
        let said = self.said();
        assert!(!said.findings.iter().any(|f| f.key == key), "{key} is among {:?}", keys(&said));
        self
    }
}

pub(super) fn keys(said: &Diagnosed) -> Vec<&str> {
    said.findings.iter().map(|f| f.key.as_str()).collect()
}

fn item(name: &str, value: f64, unit: &str) -> Item {
    let value = Value::Number { value, unit: unit.into() };
    Item { pid: "FF".into(), name: Some(name.into()), label: None, value }
}

pub(super) fn readiness(ecu: &str, mil: bool, dtc_count: u8) -> Readiness {
    Readiness { ecu: ecu.into(), mil, dtc_count, ignition: Ignition::Spark, tests: vec![] }
}

#[test]
fn a_clean_car_has_no_finding_and_says_what_was_not_asked() {
    let said = Car::new().said();
    assert_eq!(said.findings, vec![]);
    assert_eq!(said.limits, ["Not asked: ABS (not part of OBD-II).", "Not asked: Airbag (not part of OBD-II)."]);
}

/// The state of a vehicle and the worst finding about its codes are the same, for whatever codes.
#[test]
fn severity_agrees_with_the_verdict() {
    use roadworthy_api::vehicle::State;
    let codes = ["P0301", "P0300", "P0420", "P0171", "U0100", "C0035", "B1000", "P1301", "P0700", "P0AA6"];
    for code in codes {
        for class in [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent] {
            for lamp in [false, true] {
                let report = with_code(clean(), class, code, "7E8");
                let car = Car(if lamp { with_lamp(report) } else { report });
                let worst = car.said().findings.iter().map(|f| f.severity).max();
                let state = match crate::verdict::verdict(&car.0).state {
                    State::ActNow => Severity::ActNow,
                    State::ActSoon => Severity::ActSoon,
                    State::Watch => Severity::Watch,
                    other => panic!("{code} {class:?} {other:?}"),
                };
                assert_eq!(worst, Some(state), "{code} {class:?} lamp {lamp}");
            }
        }
    }
}

/// For each of the 65,536 codes: a title only where the catalogue has one, always something to check, and the numbers in
/// their bounds.
#[test]
fn no_code_has_an_invented_title_or_an_empty_advice() {
    use roadworthy_obd::dtc;
    for pair in 0..=u16::MAX {
        let code = dtc::code(pair.to_be_bytes());
        let held = case::Held { code: code.clone(), ecu: "7E8".into(), classes: vec![CodeClass::Stored] };
        let report = clean();
        let case = Case { report: &report, flags: &[], pads: &[], earlier: &[] };
        let finding = super::code::finding(&case, &held);
        match dtc::title(&code) {
            Some(title) => assert!(finding.title.starts_with(&title), "{code}"),
            None => assert!(finding.title.starts_with(&format!("Code {code}: ")), "{}", finding.title),
        }
        assert!(!finding.check_next.is_empty(), "{code}");
        assert!((0.1..=1.0).contains(&finding.confidence), "{code}");
        if pair % 4096 == 0 {
            assert!(!finding.explanation.is_empty());
        }
    }
}

#[test]
fn confidence_goes_by_the_lists() {
    let of = |car: Car| car.finds("code/P0420/7E8").confidence;
    assert_eq!(of(Car::new().stored("P0420").lamp()), 0.95);
    assert_eq!(of(Car::new().stored("P0420")), 0.9);
    assert_eq!(of(Car::new().pending("P0420")), 0.6);
    assert_eq!(of(Car::new().permanent("P0420")), 0.5);
    assert_eq!(of(Car::new().permanent("P0420").pending("P0420")), 0.6);
}

#[test]
fn evidence_holds_the_lists_and_what_the_freeze_frame_can_be_believed_to_say() {
    let frame = [("engine_rpm", 2240.0, "rpm"), ("coolant_temperature", -40.0, "°C")];
    let car = Car::new().stored("P0301").pending("P0301").lamp().frozen("P0301", &frame);
    let what: Vec<_> =
        car.finds("code/P0301/7E8").evidence.iter().map(|e| format!("{}: {}", e.what, e.value)).collect();
    assert_eq!(
        what,
        [
            "Stored code P0301: Cylinder 1: misfire",
            "Pending code P0301: Cylinder 1: misfire",
            "Engine lamp: on",
            "engine_rpm when it was set: 2240 rpm"
        ]
    );
}

#[test]
fn what_was_flagged_raises_no_finding() {
    let shorted = Car::new().value("coolant_temperature", 215.0, "°C");
    shorted.silent("rule/coolant-hot");
    assert!(shorted.said().limits.iter().any(|l| l.contains("215 °C")), "{:?}", shorted.said().limits);
    Car::new().value("coolant_temperature", 116.0, "°C").finds("rule/coolant-hot");
}
