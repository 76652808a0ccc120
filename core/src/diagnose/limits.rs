//! What a check could not tell, and why.

use super::{Case, absent::unproven};
use crate::verdict::{gaps, sentence};
use roadworthy_api::check::Outcome;

/// One sentence each, what weighs most first.
pub(super) fn limits(case: &Case<'_>) -> Vec<String> {
    let report = case.report;
    let mut all: Vec<String> = gaps(report).iter().map(|gap| sentence(gap)).collect();
    for c in &report.coverage {
        // Stored codes and the lamp are among the gaps.
        let (Some(ecu), true) = (c.ecu.as_deref(), c.asks("07") || c.asks("0A")) else { continue };
        let (ecu, what) = (case.ecu(ecu), c.question.to_lowercase());
        all.extend(match &c.outcome {
            Outcome::Refused { meaning, .. } => Some(format!("{ecu} refused to tell its {what} ({meaning}).")),
            Outcome::Silent => Some(format!("{ecu} did not answer for its {what}.")),
            Outcome::Unreadable { reason } => Some(format!("The {what} of {ecu} could not be read in full: {reason}")),
            Outcome::Answered | Outcome::NotAsked { .. } => None,
        });
    }
    for earlier in case.earlier {
        if let ["code", code, ecu] = earlier.key.split('/').collect::<Vec<_>>().as_slice()
            && !report.codes.iter().any(|c| c.code == *code && c.ecu == *ecu)
            && unproven(case, code)
        {
            all.push(format!(
                "{code} of {} is not listed any more, but codes were cleared: whether the fault is gone shows when the monitors have run.",
                case.ecu(ecu)
            ));
        }
    }
    for flag in case.flags.iter().filter(|f| f.what != "repeated") {
        all.push(format!("A value of {} was left out. {}", case.ecu(&flag.ecu), flag.reason));
    }
    for system in &report.not_asked {
        all.push(format!("Not asked: {} ({}).", system.system, system.reason.trim_end_matches('.')));
    }
    all
}
