//! A code becomes a finding: whose it is, what it is called, what it rests on.

use super::{Advice, Case, case::Held, electrical, emissions, engine, evidence, general, transmission};
use crate::{
    acquire::number,
    verdict::{class_word, sentence},
};
use roadworthy_api::{
    check::CodeClass,
    finding::{Evidence, Finding, Specialist},
    reading::Value,
};
use roadworthy_obd::dtc;

/// What of a freeze frame is worth showing beside a code, in this order.
const FROZEN: &[&str] = &[
    "engine_rpm",
    "calculated_engine_load",
    "vehicle_speed",
    "coolant_temperature",
    "short_term_fuel_trim_bank_1",
    "long_term_fuel_trim_bank_1",
    "short_term_fuel_trim_bank_2",
    "long_term_fuel_trim_bank_2",
];

/// Which specialist knows a code. What the maker defines is nobody's, but for networks and chassis, where the letter
/// says which part of the vehicle it is.
pub(super) fn whose(code: &str) -> Specialist {
    let base = code.get(..5).unwrap_or(code);
    let within = |first: &str, last: &str| (first..=last).contains(&base);
    match code.as_bytes().first() {
        Some(b'C') => Specialist::Brakes,
        Some(b'U') => Specialist::Electrical,
        Some(b'P') if !dtc::maker_controlled(base) => {
            if within("P0560", "P0563") || within("P0620", "P0626") || within("P0A00", "P0FFF") {
                Specialist::Electrical
            } else if within("P0700", "P09FF") || within("P2700", "P29FF") {
                Specialist::Transmission
            } else if within("P0480", "P0485") {
                // The cooling fan stands among the auxiliary emission controls.
                Specialist::Engine
            } else if within("P0400", "P04FF") || within("P2000", "P20FF") || within("P2400", "P24FF") {
                Specialist::Emissions
            } else {
                Specialist::Engine
            }
        }
        _ => Specialist::General,
    }
}

pub(super) fn key(code: &str, ecu: &str) -> String {
    format!("code/{code}/{ecu}")
}

pub(super) fn finding(case: &Case<'_>, held: &Held) -> Finding {
    let specialist = whose(&held.code);
    let advice = match specialist {
        Specialist::Engine => engine::advise(case, held),
        Specialist::Transmission => transmission::advise(case, held),
        Specialist::Electrical => electrical::advise(case, held),
        Specialist::Emissions => emissions::advise(case, held),
        Specialist::Brakes | Specialist::General => general::known(held),
    };
    let advice = advice.unwrap_or_else(|| general::advise(held));
    let title = match dtc::title(&held.code) {
        Some(_) => dtc::label(&held.code),
        None => format!("Code {}: {}", held.code, dtc::label(&held.code)),
    };
    let pressing = case.pressing(held);
    let mut told = vec![standing(case, held), pressing.because, advice.explanation];
    // While it presses to act now, what keeps the vehicle from being driven comes with it, and never without.
    told.extend(pressing.stop.map(str::to_owned));
    let mut rests_on = seen(case, held);
    rests_on.extend(advice.evidence);
    Finding {
        key: key(&held.code, &held.ecu),
        specialist,
        severity: pressing.severity,
        confidence: (base(case, held) + advice.confidence).clamp(0.1, 1.0),
        title,
        explanation: told.join(" "),
        check_next: advice.check_next,
        evidence: rests_on,
    }
}

/// What the lists that a code stands in are worth.
fn base(case: &Case<'_>, held: &Held) -> f64 {
    let on = case.report.readiness.iter().any(|r| r.ecu == held.ecu && r.mil);
    let worth = |class: &CodeClass| match class {
        CodeClass::Stored if on => 0.95,
        CodeClass::Stored => 0.9,
        CodeClass::Pending => 0.6,
        CodeClass::Permanent => 0.5,
    };
    held.classes.iter().map(worth).fold(0.0, f64::max)
}

/// Who says it and how far it is confirmed.
fn standing(case: &Case<'_>, held: &Held) -> String {
    let ecu = case.ecu(&held.ecu);
    let has = |class| held.classes.contains(&class);
    if has(CodeClass::Stored) {
        format!("{ecu} has confirmed this fault.")
    } else if has(CodeClass::Pending) {
        format!("{ecu} has seen this in this drive or the last one and not confirmed it yet.")
    } else {
        format!("{ecu} remembers this fault and has not yet found it repaired by its own test.")
    }
}

/// How evidence names a code in a list. [`class_of`] reads it back.
fn listed(class: CodeClass, code: &str) -> String {
    format!("{} code {code}", sentence(class_word(class)))
}

/// The list that a piece of evidence names.
pub(super) fn class_of(evidence: &Evidence, code: &str) -> Option<CodeClass> {
    [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent]
        .into_iter()
        .find(|c| listed(*c, code) == evidence.what)
}

fn seen(case: &Case<'_>, held: &Held) -> Vec<Evidence> {
    let (at, ecu) = (case.report.ended, case.ecu(&held.ecu));
    let mut all: Vec<Evidence> = held
        .classes
        .iter()
        .map(|class| evidence(listed(*class, &held.code), dtc::label(&held.code), ecu.clone(), at))
        .collect();
    if held.stored() && case.report.readiness.iter().any(|r| r.ecu == held.ecu && r.mil) {
        all.push(evidence("Engine lamp", "on", ecu.clone(), at));
    }
    let Some(frame) = case.frame(held) else { return all };
    for name in FROZEN {
        // Only what can be: a frame that was never filled reads zeros and -40 °C.
        let Some(value) = case.frozen(held, name) else { continue };
        let item = frame.items.iter().find(|item| item.name.as_deref() == Some(*name));
        let Some((label, Value::Number { unit, .. })) = item.map(|i| (i.label.as_deref().unwrap_or(name), &i.value))
        else {
            continue;
        };
        all.push(evidence(format!("{label} when it was set"), format!("{} {unit}", number(value)), ecu.clone(), at));
    }
    all
}

/// A list in words: `a, b and c`.
pub(super) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// Advice for one of several codes that most likely have one cause.
pub(super) fn after(lead: &str, why: &str) -> Advice {
    Advice {
        explanation: why.to_owned(),
        check_next: vec![format!("Follow the finding about {lead} first: most likely they have one cause.")],
        ..Advice::default()
    }
}
