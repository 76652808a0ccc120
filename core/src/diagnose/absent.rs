//! What was found before and is not there any more, by evidence: an alert may be closed by it, so that doubt keeps it open.

use super::{Absent, Case, brakes, code::class_of, emissions, values};
use crate::verdict::{UNFINISHED_ALLOWED, answered_by};
use roadworthy_api::{
    check::{CodeClass, Outcome},
    finding::Finding,
    note::Wheel,
};

/// Earlier findings that this check could have shown and did not.
pub(super) fn absent(case: &Case<'_>, findings: &[Finding]) -> Vec<Absent> {
    let gone = case.earlier.iter().filter(|e| !findings.iter().any(|f| f.key == e.key));
    let mut all: Vec<Absent> = gone.filter_map(|e| Some(Absent { key: e.key.clone(), why: why(case, e)? })).collect();
    all.sort_by(|a, b| a.key.cmp(&b.key));
    all.dedup_by(|a, b| a.key == b.key);
    all
}

fn why(case: &Case<'_>, earlier: &Finding) -> Option<String> {
    match earlier.key.split('/').collect::<Vec<_>>().as_slice() {
        ["code", code, ecu] => code_gone(case, earlier, code, ecu),
        ["rule", "lamp-without-code", ecu] => {
            let readiness = case.report.readiness.iter().find(|r| r.ecu == *ecu)?;
            (!readiness.mil && readiness.dtc_count == 0)
                .then(|| format!("{} has the lamp off and counts no codes.", case.ecu(ecu)))
        }
        ["rule", "brake-pad", _] => {
            let key = |wheel: Wheel| brakes::key(wheel) == earlier.key;
            Some(match case.pads.iter().find(|p| key(p.wheel)) {
                Some(pad) => format!("The pad was measured again at {} mm.", crate::acquire::number(pad.mm)),
                None => "The measurement that said so was taken back.".to_owned(),
            })
        }
        _ if earlier.key == emissions::READINESS => {
            let asked = case.report.coverage.iter().filter(|c| c.asks("0101"));
            let told = asked.clone().all(|c| matches!(c.outcome, Outcome::Answered | Outcome::NotAsked { .. }));
            let words = match unfinished(case) {
                0 => "The emission monitors have run to their end.",
                _ => "All but one of the emission monitors have run to their end.",
            };
            (told && !case.report.readiness.is_empty()).then(|| words.to_owned())
        }
        _ => values::clear(case, &earlier.key),
    }
}

/// Every list that it could stand in was answered in full by the same ECU, and it stands in none of them.
fn code_gone(case: &Case<'_>, earlier: &Finding, code: &str, ecu: &str) -> Option<String> {
    let report = case.report;
    if report.codes.iter().any(|c| c.code == code && c.ecu == ecu) {
        return None;
    }
    let was_permanent = earlier.evidence.iter().any(|e| class_of(e, code) == Some(CodeClass::Permanent));
    let lists: &[&str] = if was_permanent { &["03", "07", "0A"] } else { &["03", "07"] };
    if !lists.iter().all(|request| answered_by(report, request, ecu)) || unproven(case, code) {
        return None;
    }
    let lists = if was_permanent { "stored, pending and permanent codes" } else { "stored and pending codes" };
    Some(format!("{} answered for its {lists} in full, and {code} is not among them.", case.ecu(ecu)))
}

/// Monitors that are fitted and have not run to their end.
fn unfinished(case: &Case<'_>) -> usize {
    case.report.readiness.iter().flat_map(|r| &r.tests).filter(|t| t.available && !t.complete).count()
}

/// Whether the code is gone only because codes were cleared: its monitor may not have run since. That holds for all of the
/// powertrain, also where only the maker knows the code; networks and the chassis are watched all the time.
pub(super) fn unproven(case: &Case<'_>, code: &str) -> bool {
    unfinished(case) > UNFINISHED_ALLOWED && code.starts_with('P')
}
