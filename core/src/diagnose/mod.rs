//! Diagnosis: codes, freeze frame, readiness and values become findings in plain words. Pure: a check in, findings out.
//!
//! The usual case: [`diagnose`] for a check; [`live::Live`] for values over time. One specialist per file holds what is known
//! of its part of the vehicle; [`code::whose`] says whose a code is, and the general one takes what no other knows.
//!
//! Each code of each ECU is one finding. What several codes say together stands in their explanations, and of those that most
//! likely have one cause all but the first send the reader to it. How much a code presses, by which facts, is
//! [`crate::verdict::press`]'s to say; a title is the catalogue's, and where that has none only the system is named. What to
//! check first is the catalogue's too, where nothing else that was read says better. What keeps a vehicle from being driven
//! stands in the explanation of what presses to act now, and nowhere else.
//!
//! Confidence says how far the evidence bears the title, not how likely a part is broken:
//!
//! | confidence | rests on |
//! |---|---|
//! | 0.95 | a confirmed code with the lamp on, or a lamp that no code explains |
//! | 0.9 | a confirmed code; a value that stood over its limit for the whole hold time; a measurement by hand |
//! | 0.6 | a code that is not confirmed yet |
//! | 0.5 | a permanent code alone; one single value |
//! | −0.1 to −0.3 | something else that was read speaks against it |

mod absent;
mod brakes;
mod case;
mod code;
mod electrical;
mod emissions;
mod engine;
mod general;
mod limits;
pub(crate) mod live;
mod transmission;
pub(crate) mod values;

pub(crate) use case::{Case, Pad};

use roadworthy_api::{
    Timestamp,
    finding::{Evidence, Finding, Severity, Specialist},
};
use roadworthy_obd::dtc;

pub(crate) use crate::journal::kind::Absent;

/// What a diagnosis says.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Diagnosed {
    /// Worst first.
    pub(crate) findings: Vec<Finding>,
    pub(crate) absent: Vec<Absent>,
    pub(crate) limits: Vec<String>,
}

/// What a check says of a vehicle.
pub(crate) fn diagnose(case: &Case<'_>) -> Diagnosed {
    let mut findings: Vec<Finding> = case.held().iter().map(|held| code::finding(case, held)).collect();
    findings.extend(general::rules(case));
    findings.extend(emissions::rules(case));
    findings.extend(brakes::rules(case));
    findings.extend(values::in_check(case));
    findings.sort_by(|a, b| {
        b.severity.cmp(&a.severity).then(b.confidence.total_cmp(&a.confidence)).then_with(|| a.key.cmp(&b.key))
    });
    let absent = absent::absent(case, &findings);
    let limits = limits::limits(case);
    Diagnosed { findings, absent, limits }
}

/// What a specialist has to say of a code.
#[derive(Debug, Default)]
struct Advice {
    /// What it means and what follows from it.
    explanation: String,
    /// First things first.
    check_next: Vec<String>,
    /// Added to the confidence: something that was read speaks against it (negative).
    confidence: f64,
    /// What else it rests on.
    evidence: Vec<Evidence>,
}

impl Advice {
    fn new(explanation: impl Into<String>, check_next: &[&str]) -> Self {
        let check_next = check_next.iter().map(|s| (*s).to_owned()).collect();
        Self { explanation: explanation.into(), check_next, ..Self::default() }
    }
}

/// What the catalogue has to say of a code.
fn look_up(code: &str) -> Option<Advice> {
    let known = dtc::advice(code)?;
    Some(Advice::new(known.means, &known.steps))
}

/// A finding that rests on no code.
struct Rule<'a> {
    key: &'a str,
    specialist: Specialist,
    severity: Severity,
    confidence: f64,
    title: String,
    explanation: String,
    check_next: &'a [&'a str],
}

impl Rule<'_> {
    fn finding(self, evidence: Vec<Evidence>) -> Finding {
        Finding {
            key: self.key.to_owned(),
            specialist: self.specialist,
            severity: self.severity,
            confidence: self.confidence,
            title: self.title,
            explanation: self.explanation,
            check_next: self.check_next.iter().map(|s| (*s).to_owned()).collect(),
            evidence,
        }
    }
}

fn evidence(what: impl Into<String>, value: impl Into<String>, ecu: impl Into<String>, at: Timestamp) -> Evidence {
    Evidence { what: what.into(), value: value.into(), ecu: ecu.into(), at }
}

#[cfg(test)]
mod tests;
