//! What no specialist knows: codes of which only the range is known, and a lamp that no code explains.

use super::{Advice, Case, Rule, case::Held, evidence, look_up};
use crate::verdict::answered_by;
use roadworthy_api::{
    check::CodeClass,
    finding::{Finding, Severity, Specialist},
};
use roadworthy_obd::dtc;

/// A title of chassis or body is the standard's only.
const DIFFER: &str = " The title is the standard's; makers often mean something else by it.";

fn maker_says(held: &Held) -> String {
    format!("Look {} up in the repair information of the vehicle's maker.", held.code)
}

/// What is known of a code of chassis or body, with its reserve.
pub(super) fn known(held: &Held) -> Option<Advice> {
    let mut advice = look_up(&held.code)?;
    advice.explanation += DIFFER;
    advice.check_next.push(maker_says(held));
    Some(advice)
}

/// What can be said of any code without guessing.
pub(super) fn advise(held: &Held) -> Advice {
    let base = held.code.get(..5).unwrap_or(&held.code);
    let look_up = maker_says(held);
    if dtc::maker_controlled(base) {
        let area = dtc::area(base).to_lowercase();
        return Advice {
            explanation: format!(
                "Its range is the maker's, so that it means different things in different makes; certain is only that it is of the {area}."
            ),
            check_next: vec![look_up],
            ..Advice::default()
        };
    }
    let system = dtc::system(base);
    if dtc::title(&held.code).is_none() {
        return Advice {
            explanation: format!("Only the system of its range is certain: {system}."),
            check_next: vec![look_up],
            ..Advice::default()
        };
    }
    let differ = if dtc::may_differ(base) { DIFFER } else { "" };
    Advice {
        explanation: format!("It belongs to {system}.{differ}"),
        check_next: vec![
            look_up,
            "Look over the connector and wiring of the part it names before replacing the part.".into(),
        ],
        ..Advice::default()
    }
}

/// A lamp or a count of codes that the lists do not explain.
pub(super) fn rules(case: &Case<'_>) -> Vec<Finding> {
    let report = case.report;
    let mut findings = Vec::new();
    for readiness in &report.readiness {
        let listed = report.codes.iter().any(|c| c.ecu == readiness.ecu && c.class == CodeClass::Stored);
        if listed || !(readiness.mil || readiness.dtc_count > 0) {
            continue;
        }
        let ecu = case.ecu(&readiness.ecu);
        // A list that did not come is not an empty one.
        let told = answered_by(report, "03", &readiness.ecu);
        let title = match (readiness.mil, told) {
            (true, true) => format!("{ecu} has the engine lamp on and lists no confirmed code"),
            (true, false) => format!("{ecu} has the engine lamp on, and its codes were not read"),
            (false, true) => format!("{ecu} counts codes that it does not list"),
            (false, false) => format!("{ecu} counts codes, and they were not read"),
        };
        let seen = if readiness.mil { "on" } else { "off" };
        let list = if told { "brought none" } else { "could not be read" };
        let key = format!("rule/lamp-without-code/{}", readiness.ecu);
        let rule = Rule {
            key: &key,
            specialist: Specialist::General,
            severity: Severity::ActSoon,
            confidence: 0.95,
            title,
            explanation: format!(
                "{ecu} says that it holds {} confirmed codes, and its list of stored codes {list}. There is a fault that this check does not name.",
                readiness.dtc_count
            ),
            check_next: &[
                "Check again with the ignition on and the engine off.",
                "Read the codes with the maker's own diagnosis, which reaches more than OBD-II.",
            ],
        };
        findings.push(rule.finding(vec![
            evidence("Engine lamp", seen, ecu.clone(), report.ended),
            evidence("Codes that it counts", readiness.dtc_count.to_string(), ecu, report.ended),
        ]));
    }
    findings
}
