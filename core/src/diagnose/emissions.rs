//! Exhaust, aftertreatment, evaporative system, readiness.

use super::{Advice, Case, Known, Rule, case::Held, engine, evidence, known, look_up};
use crate::verdict::{UNFINISHED_ALLOWED, cleared_km, monitor_name};
use roadworthy_api::finding::{Finding, Severity, Specialist};

#[rustfmt::skip]
static KNOWN: &[Known] = &[
    known("P0400", "P0409", "Exhaust gas recirculation, or what controls it, does not work as it should.", &["Check the valve and its passages for soot.", "Check the valve's connector and, where it has one, its vacuum hose.", "Look for leaks of the recirculation cooler."]),
    known("P0410", "P0419", "The secondary air, which heats the catalyst after a cold start, or what controls it, does not work as it should.", &["Check whether the air pump runs after a cold start, and its fuse and relay.", "Check the valve and hoses for water and soot."]),
    known("P0440", "P0441", "The evaporative system does not hold or purge as it should.", &["Check that the fuel cap closes tight and its seal is whole.", "Check the purge valve.", "Have the system tested with smoke."]),
    known("P0442", "P0442", "The evaporative system has a small leak.", &["Check that the fuel cap closes tight and its seal is whole.", "Have the system tested with smoke.", "Check the vent valve at the charcoal canister."]),
    known("P0443", "P0454", "A valve or the pressure sensor of the evaporative system is not as it should be.", &["Check the valve's or sensor's connector and wiring.", "Check that the purge valve closes."]),
    known("P0455", "P0457", "The evaporative system leaks: the fuel cap first.", &["Check that the fuel cap is there, closes tight and its seal is whole.", "Have the system tested with smoke.", "Check the filler neck and hoses for rust and cracks."]),
    known("P0458", "P0459", "A valve or the pressure sensor of the evaporative system is not as it should be.", &["Check the valve's or sensor's connector and wiring.", "Check that the purge valve closes."]),
    known("P0460", "P0464", "The fuel level signal is not as it should be.", &["Check the sender's connector at the tank.", "Compare the gauge with what the tank took."]),
    known("P0470", "P0474", "The exhaust pressure signal is not as it should be.", &["Check the sensor's hose for soot.", "Check the sensor's connector and wiring."]),
    known("P0496", "P0499", "The purge or vent valve of the evaporative system does not do as it is told.", &["Check that the purge valve closes: blow through it with no current.", "Check its connector and wiring."]),
    known("P2000", "P2001", "The NOx catalyst does not store what it should.", &["Look for codes of the engine first.", "Check the NOx sensors."]),
    known("P2002", "P2003", "The particulate filter does not hold what it should: it may be broken or leak.", &["Check the pressure difference sensor and both of its hoses: a split one looks like a broken filter.", "Look into the tail pipe for soot.", "Check the filter itself only then."]),
    known("P2037", "P2043", "It belongs to the reductant (AdBlue) or its heater.", &["Check the reductant's level and age.", "Check the heater's fuse and connector: it must thaw in frost."]),
    known("P204F", "P204F", "The reductant system does not lower NOx as it should; the engine may refuse to start after a countdown.", &["Check the reductant's level and quality.", "Look for white crystals at the injector.", "Check the NOx sensors."]),
    known("P20E8", "P20EE", "The reductant's pressure or its effect is too low; the engine may refuse to start after a countdown.", &["Check the reductant's level and quality.", "Check the pump's filter, and the injector for white crystals.", "Check the NOx sensors."]),
    known("P2430", "P244F", "It belongs to the secondary air or the particulate filter's control.", &["Check the sensors' hoses and connectors first."]),
    known("P2452", "P2456", "The sensor of the pressure difference across the particulate filter is not as it should be.", &["Check both of the sensor's hoses for cracks, soot and water.", "Check the sensor's connector; at rest it must read about 0."]),
    known("P2458", "P2459", "The particulate filter holds too much soot, or could not be cleaned.", &["Ask how it is driven: short trips never let it clean itself.", "Find what made the soot first: codes of the engine, boost leaks, recirculation.", "Clean it by the maker's procedure; do not force it if the soot load is above the maker's limit: it can burn.", "Check the oil's level: failed cleaning puts fuel into it."]),
    known("P2463", "P2463", "The particulate filter holds too much soot, or could not be cleaned.", &["Ask how it is driven: short trips never let it clean itself.", "Find what made the soot first: codes of the engine, boost leaks, recirculation.", "Clean it by the maker's procedure; do not force it if the soot load is above the maker's limit: it can burn.", "Check the oil's level: failed cleaning puts fuel into it."]),
];

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    let code = held.code.get(..5)?;
    if ("P0420"..="P0424").contains(&code) || ("P0430"..="P0434").contains(&code) {
        return Some(catalyst(case));
    }
    look_up(KNOWN, code)
}

fn catalyst(case: &Case<'_>) -> Advice {
    let mut advice = Advice::new(
        "Behind the catalyst the exhaust looks much like ahead of it, so that it does not store oxygen as it should.",
        &[
            "Look for exhaust leaks ahead of and at the catalyst.",
            "Check the sensor behind the catalyst before the catalyst.",
            "Measure the temperature ahead of and behind the catalyst, engine hot.",
            "Find out what aged it (oil, misfire, rich mixture) before a new one goes in.",
        ],
    );
    if case.misfires() {
        advice.confidence -= 0.3;
        advice.explanation += " A misfire is present: unburnt fuel and air upset this test, and destroy a catalyst.";
        let first =
            format!("Cure the misfire first ({}), then see whether this comes back.", engine::misfire_codes(case));
        advice.check_next.insert(0, first);
    } else if case.present(|c| matches!(c.get(..5), Some("P0171" | "P0172" | "P0174" | "P0175"))) {
        advice.confidence -= 0.2;
        advice.explanation += " The mixture is wrong too, which upsets this test.";
        advice.check_next.insert(0, "Put the mixture right first, then see whether this comes back.".into());
    } else if case.present(|c| ("P0130".."P0168").contains(&c) && !c.starts_with("P0148") && !c.starts_with("P0149")) {
        advice.confidence -= 0.2;
        advice.explanation += " An oxygen sensor, which this test needs, holds a code too.";
        advice.check_next.insert(0, "Put the oxygen sensor right first, then see whether this comes back.".into());
    }
    advice
}

pub(super) const READINESS: &str = "rule/readiness-incomplete";

/// Monitors that have not run since codes were cleared: nothing can be said of what they watch. One may be open, as the
/// verdict has it.
pub(super) fn rules(case: &Case<'_>) -> Vec<Finding> {
    let report = case.report;
    let fitted =
        || report.readiness.iter().flat_map(|r| r.tests.iter().map(move |t| (r, t))).filter(|(_, t)| t.available);
    let open: Vec<_> = fitted().filter(|(_, t)| !t.complete).collect();
    if open.len() <= UNFINISHED_ALLOWED {
        return Vec::new();
    }
    let how = match cleared_km(report) {
        Some(km) => format!("codes were cleared {km:.0} km ago"),
        None => "codes were cleared or the battery was disconnected lately".to_owned(),
    };
    let rule = Rule {
        key: READINESS,
        specialist: Specialist::Emissions,
        // With codes there is something worse to say; the vehicle's state does not rest on this then.
        severity: if report.codes.is_empty() { Severity::Watch } else { Severity::Note },
        confidence: 0.9,
        title: "Emissions cannot be told yet".to_owned(),
        explanation: format!(
            "{} of {} emission monitors have not run to their end: {how}. A fault that is there may not show until they have.",
            open.len(),
            fitted().count()
        ),
        check_next: &[
            "Drive it for some days as usual, cold starts, town and steady speed, then check again.",
            "Ask why codes were cleared: an inspection may refuse the vehicle until the monitors have run.",
        ],
    };
    let rests_on = open.iter().map(|(r, t)| {
        evidence(format!("Monitor {}", monitor_name(&t.name)), "not finished", case.ecu(&r.ecu), report.ended)
    });
    vec![rule.finding(rests_on.collect())]
}
