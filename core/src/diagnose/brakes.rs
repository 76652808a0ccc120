//! Brakes: pads that were measured by hand.

use super::{Case, Rule, evidence};
use crate::acquire::number;
use roadworthy_api::{
    finding::{Finding, Severity, Specialist},
    note::Wheel,
};

/// Lining left, in millimetres, below which it presses: makers' wear limits stand at 2 to 3 mm, and below 1.5 mm inspections
/// fail a vehicle (United Kingdom, MOT inspection manual 1.1.13).
const NOW: f64 = 1.5;
const SOON: f64 = 3.0;
const WATCH: f64 = 4.0;

pub(super) fn key(wheel: Wheel) -> String {
    let name = match wheel {
        Wheel::FrontLeft => "front-left",
        Wheel::FrontRight => "front-right",
        Wheel::RearLeft => "rear-left",
        Wheel::RearRight => "rear-right",
        Wheel::Spare => "spare",
    };
    format!("rule/brake-pad/{name}")
}

pub(super) fn rules(case: &Case<'_>) -> Vec<Finding> {
    let findings = case.pads.iter().filter_map(|pad| {
        let (severity, said) = match pad.mm {
            mm if mm < NOW => (Severity::ActNow, "It is below what any inspection accepts: the disc is next."),
            mm if mm < SOON => (Severity::ActSoon, "It is at the wear limit of most makers."),
            mm if mm < WATCH => (Severity::Watch, "It is near the wear limit of most makers."),
            _ => return None,
        };
        let key = key(pad.wheel);
        let wheel = key.rsplit('/').next().unwrap_or_default().replace('-', " ");
        let rule = Rule {
            key: &key,
            specialist: Specialist::Brakes,
            severity,
            confidence: 0.9,
            title: format!("Brake pad {wheel}: {} mm left", number(pad.mm)),
            explanation: said.to_owned(),
            check_next: &[
                "Replace the pads of both sides of the axle.",
                "Measure the discs against the thickness stamped on them.",
                "Check that the calliper moves freely if one side is worn more.",
            ],
        };
        Some(rule.finding(vec![evidence(
            format!("Pad {wheel}, measured by hand"),
            format!("{} mm", number(pad.mm)),
            "",
            pad.at,
        )]))
    });
    findings.collect()
}
