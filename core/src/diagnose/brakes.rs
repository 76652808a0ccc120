//! Brakes and chassis: chassis codes, which OBD-II seldom reaches, and pads that were measured by hand.

use super::{Advice, Case, Known, Rule, case::Held, evidence, known, look_up};
use crate::acquire::number;
use roadworthy_api::{
    finding::{Finding, Severity, Specialist},
    note::Wheel,
};
use roadworthy_obd::dtc;

#[rustfmt::skip]
static KNOWN: &[Known] = &[
    known("C0031", "C003F", "A wheel speed sensor or its signal; anti-lock and stability control may be off, and brake longer or slide.", &["Check the sensor's connector and wiring at that wheel.", "Check its ring or bearing for dirt and play.", "Watch all four wheel speeds in live data of the maker's diagnosis."]),
    known("C0040", "C004F", "It belongs to the brakes' sensors and switches; anti-lock and stability control may be off.", &["Check the brake fluid's level and the pads.", "Read the brakes' control unit with the maker's diagnosis."]),
];

pub(super) fn advise(held: &Held) -> Option<Advice> {
    if dtc::maker_controlled(held.code.get(..5)?) {
        return None;
    }
    let mut advice = look_up(KNOWN, &held.code)?;
    // A chassis code's title is the standard's only.
    advice.explanation += " The title is the standard's; makers often mean something else by it.";
    advice.check_next.push(format!("Look {} up in the repair information of the vehicle's maker.", held.code));
    Some(advice)
}

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
