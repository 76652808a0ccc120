//! Exhaust, aftertreatment, evaporative system, readiness.

use super::{Advice, Case, Rule, case::Held, engine, evidence, look_up};
use crate::verdict::{UNFINISHED_ALLOWED, cleared_km, monitor_name};
use roadworthy_api::finding::{Finding, Severity, Specialist};

pub(super) fn advise(case: &Case<'_>, held: &Held) -> Option<Advice> {
    let code = held.code.get(..5)?;
    if ("P0420"..="P0424").contains(&code) || ("P0430"..="P0434").contains(&code) {
        return catalyst(case, code);
    }
    look_up(code)
}

fn catalyst(case: &Case<'_>, code: &str) -> Option<Advice> {
    let mut advice = look_up(code)?;
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
    Some(advice)
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
