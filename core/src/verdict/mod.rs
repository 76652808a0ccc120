//! What a check says of a vehicle, in one state, one sentence and a list of differences. Pure: a report in, words out.
//!
//! The usual case: [`verdict`] for the state with its one reason, [`summary`] for the sentence a result starts with,
//! [`differences`] against the visit before.
//!
//! Two rules decide the rest. What was found outranks what was not read: a lamp that is on is not excused by a check that
//! was cut short. And what was not read is never taken for clean: without stored codes and the lamp's state the answer is
//! "cannot tell".

use crate::verdict::{
    names::{code_list, stray, unread},
    press::Pressing,
};
use roadworthy_api::{
    check::{CheckReport, CodeClass, Outcome, TroubleCode},
    finding::Severity,
    reading::Value,
    vehicle::{State, Verdict},
};

mod compare;
mod names;
pub(crate) mod press;

pub use compare::{compared, differences};
pub(crate) use names::{answered_by, plural, sentence};
pub use names::{class_word, ecu_name, lamp_on, monitor_name, odometer_km};
pub(crate) use press::{is_misfire, pressing};

/// Monitors that may be unfinished on a vehicle that is called good. From the inspection guidance of the United States'
/// Environmental Protection Agency (EPA420-R-01-015): one for model years from 2001; the two allowed before are too lenient
/// for a vehicle whose year is unknown.
pub(crate) const UNFINISHED_ALLOWED: usize = 1;

/// The state of a vehicle by one check, with its one reason.
///
/// | found | state |
/// |---|---|
/// | lamp on and a misfire code stored, or another code that [`press`] says presses now | act now |
/// | lamp on, a stored code, a pending one that presses, or an ECU that counts codes it did not list | act soon |
/// | any other pending code, or a permanent one | watch |
/// | nothing, but no ECU, an ECU's stored codes or lamp not read, or the check was cut short | cannot tell |
/// | nothing, but more than one monitor unfinished | watch |
/// | nothing | good |
///
/// A clean vehicle with unfinished monitors is "watch", not "good": its codes were cleared or its battery was disconnected,
/// and until the monitors have run a fault that is there cannot show.
pub fn verdict(report: &CheckReport) -> Verdict {
    let gaps = gaps(report);
    if let Some((state, reason)) = found(report) {
        let reason = match gaps.first() {
            Some(gap) => format!("{reason} There may be more: {gap}"),
            None => reason,
        };
        return Verdict { state, reason };
    }
    if let Some(gap) = gaps.into_iter().next() {
        return Verdict { state: State::CannotTell, reason: sentence(&gap) };
    }
    clean(report)
}

/// The worst thing that was read.
fn found(report: &CheckReport) -> Option<(State, String)> {
    let lamp = lamp_on(report) == Some(true);
    let of = |class| code_list(report, class);
    let stored = of(CodeClass::Stored);
    if let Some(reason) = now(report) {
        return Some((State::ActNow, reason));
    }
    if !stored.is_empty() {
        let lamp = if lamp { "Engine lamp on with " } else { "" };
        return Some((
            State::ActSoon,
            sentence(&format!("{lamp}stored {} {}.", plural(stored.len(), "code"), shown(&stored))),
        ));
    }
    if let Some(ecu) = counts_unlisted(report) {
        return Some((State::ActSoon, format!("{ecu} counts stored codes that it did not list.")));
    }
    if lamp {
        return Some((State::ActSoon, "Engine lamp on, although no stored code was read.".into()));
    }
    let pending = of(CodeClass::Pending);
    if !pending.is_empty() {
        let pressed = held(report).find(|(.., pressing)| pressing.severity == Severity::ActSoon);
        if let Some((code, _, pressing)) = pressed {
            return Some((State::ActSoon, format!("Pending code {code}. {}", pressing.because)));
        }
        let list = shown(&pending);
        return Some((
            State::Watch,
            format!("Pending {} {list}: seen lately, not yet confirmed.", plural(pending.len(), "code")),
        ));
    }
    let permanent = of(CodeClass::Permanent);
    if !permanent.is_empty() {
        let list = shown(&permanent);
        let code = plural(permanent.len(), "code");
        return Some((
            State::Watch,
            format!("Permanent {code} {list}: the vehicle has not yet confirmed the repair itself."),
        ));
    }
    None
}

/// Each code of each ECU once, in the order read, with the first list it stands in and how much it presses.
fn held(report: &CheckReport) -> impl Iterator<Item = (&str, CodeClass, Pressing)> {
    let first = |at: usize, c: &TroubleCode| !report.codes[..at].iter().any(|b| b.code == c.code && b.ecu == c.ecu);
    report.codes.iter().enumerate().filter(move |(at, c)| first(*at, c)).map(|(_, c)| {
        let same = report.codes.iter().filter(|other| other.code == c.code && other.ecu == c.ecu);
        let classes: Vec<CodeClass> = same.map(|other| other.class).collect();
        (c.code.as_str(), c.class, pressing(report, &c.code, &c.ecu, &classes))
    })
}

/// Why something must be done before the vehicle is driven on; `None` where no code says so.
fn now(report: &CheckReport) -> Option<String> {
    let all: Vec<_> = held(report).filter(|(.., pressing)| pressing.severity == Severity::ActNow).collect();
    if let Some((code, class, Pressing { because, stop, .. })) = all.iter().find(|(code, ..)| !is_misfire(code)) {
        let stop = stop.map(|stop| format!(" {stop}")).unwrap_or_default();
        return Some(format!("{} code {code}. {because}{stop}", sentence(class_word(*class))));
    }
    let mut misfires: Vec<String> = all.iter().map(|(code, ..)| (*code).to_owned()).collect();
    misfires.dedup();
    (!misfires.is_empty()).then(|| {
        let list = misfires.join(", ");
        format!("Engine lamp on with misfire code {list}: a misfire can damage the catalytic converter.")
    })
}

/// At most four codes, then how many more.
fn shown(codes: &[String]) -> String {
    if codes.len() <= 4 { codes.join(", ") } else { format!("{} and {} more", codes[..3].join(", "), codes.len() - 3) }
}

/// The first ECU whose own count of confirmed codes is above zero though its list was empty.
fn counts_unlisted(report: &CheckReport) -> Option<String> {
    let lists = |ecu: &str| report.codes.iter().any(|c| c.class == CodeClass::Stored && c.ecu == ecu);
    report.readiness.iter().find(|r| r.dtc_count > 0 && !lists(&r.ecu)).map(|r| ecu_name(report, &r.ecu))
}

/// What had to be read and was not, worst first, each a clause that ends in a full stop.
pub(crate) fn gaps(report: &CheckReport) -> Vec<String> {
    let mut gaps = Vec::new();
    if report.ecus.is_empty() {
        gaps.push("no control unit of the vehicle answered.".to_owned());
        return gaps;
    }
    if let Some(error) = &report.partial {
        gaps.push(format!("the check was cut short. {}", error.message));
    }
    if !answered(report, "03") && !silence_means_none(report) {
        gaps.push("stored codes were not read from any control unit.".to_owned());
    } else {
        // By ECU, not by row: one that was first heard later may have no row. One that failed to answer is no gap when its
        // own count of codes (PID 01) is zero: before CAN, an ECU without codes may stay silent (SAE J1979). Something that
        // came and could not be read is no silence.
        let unreadable = |id: &str| {
            unread(report, "03")
                .any(|c| c.ecu.as_deref() == Some(id) && matches!(c.outcome, Outcome::Unreadable { .. }))
        };
        for e in &report.ecus {
            if unreadable(&e.id) || !answered_by(report, "03", &e.id) && !counts_none(report, &e.id) {
                gaps.push(format!("stored codes of {} were not read.", ecu_name(report, &e.id)));
            }
        }
        if stray(report, "03") {
            gaps.push("a reply about stored codes could not be read.".to_owned());
        }
    }
    if report.readiness.is_empty() {
        gaps.push("no control unit said whether the engine lamp is on.".to_owned());
        return gaps;
    }
    // Any ECU may command the lamp, so what one says does not speak for another.
    for id in unread(report, "0101").filter_map(|c| c.ecu.as_deref()) {
        gaps.push(format!("{} did not say whether the engine lamp is on.", ecu_name(report, id)));
    }
    if stray(report, "0101") {
        gaps.push("a reply about the engine lamp could not be read.".to_owned());
    }
    gaps
}

/// Whether every ECU that could hold codes counts none, so that silence on service 03 is an answer.
fn silence_means_none(report: &CheckReport) -> bool {
    let unreadable = unread(report, "03").any(|c| matches!(c.outcome, Outcome::Unreadable { .. }));
    !unreadable && report.ecus.iter().all(|e| counts_none(report, &e.id))
}

/// Whether an ECU's own count of stored codes is zero, with its lamp off.
fn counts_none(report: &CheckReport, id: &str) -> bool {
    report.readiness.iter().any(|r| r.ecu == id && r.dtc_count == 0 && !r.mil)
}

/// Nothing found and everything that matters was read.
fn clean(report: &CheckReport) -> Verdict {
    let fitted = report.readiness.iter().flat_map(|r| &r.tests).filter(|t| t.available).count();
    let open: Vec<_> = report.readiness.iter().flat_map(|r| &r.tests).filter(|t| t.available && !t.complete).collect();
    if open.len() > UNFINISHED_ALLOWED {
        let since = cleared_km(report).map(|km| format!(" {km:.0} km ago")).unwrap_or_default();
        let how = if since.is_empty() { "were cleared or the battery was disconnected lately" } else { "were cleared" };
        return Verdict {
            state: State::Watch,
            reason: format!(
                "No codes, but {} of {fitted} emission monitors are unfinished: codes {how}{since}, and a fault may not show yet{}.",
                open.len(),
                pending_gap(report)
            ),
        };
    }
    let mut reason = String::from("Engine lamp off, no codes");
    match open.first() {
        Some(test) => reason.push_str(&format!("; {} monitor not finished yet", monitor_name(&test.name))),
        None if fitted > 0 => reason.push_str(", all emission monitors complete"),
        None => {}
    }
    reason.push_str(&pending_gap(report));
    Verdict { state: State::Good, reason: reason + "." }
}

/// Whose pending codes "no codes" does not cover, as a clause after it; empty when it covers all.
fn pending_gap(report: &CheckReport) -> String {
    if !answered(report, "07") {
        return "; pending codes were not read".into();
    }
    let without = report.ecus.iter().filter(|e| !answered_by(report, "07", &e.id));
    let names: Vec<String> = without.map(|e| ecu_name(report, &e.id)).collect();
    match names.as_slice() {
        [] if stray(report, "07") => "; a reply about pending codes could not be read".into(),
        [] => String::new(),
        names => format!("; pending codes of {} were not read", names::and(names)),
    }
}

fn answered(report: &CheckReport, request: &str) -> bool {
    report.coverage.iter().any(|c| c.asks(request) && c.outcome == Outcome::Answered)
}

/// Kilometres since codes were cleared (service 01 PID 31), where read. It stops counting at 65 535.
pub(crate) fn cleared_km(report: &CheckReport) -> Option<f64> {
    report.snapshot.iter().find_map(|r| match &r.item.value {
        Value::Number { value, .. } if r.of_pid("31") => Some(*value),
        _ => None,
    })
}

/// The sentence a result starts with, as in "Engine lamp on. 1 stored and 1 pending code in Engine; 2 of 2 ECUs answered."
///
/// An ECU counts as answering when it answered for its stored codes, the one question every ECU is asked.
pub fn summary(report: &CheckReport) -> String {
    let lamp = match lamp_on(report) {
        Some(true) => "Engine lamp on.",
        Some(false) => "Engine lamp off.",
        None => "Engine lamp unknown.",
    };
    if report.ecus.is_empty() {
        return "No control unit of the vehicle answered.".into();
    }
    let mut parts: Vec<String> = Vec::new();
    let mut ids: Vec<&str> = report.codes.iter().map(|c| c.ecu.as_str()).collect();
    let mut seen = std::collections::BTreeSet::new();
    ids.retain(|id| seen.insert(*id));
    for id in ids {
        let counts: Vec<(usize, CodeClass)> = [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent]
            .into_iter()
            .map(|class| (report.codes.iter().filter(|c| c.ecu == id && c.class == class).count(), class))
            .filter(|(n, _)| *n > 0)
            .collect();
        let last = counts.last().map_or(0, |(n, _)| *n);
        let words: Vec<String> = counts.iter().map(|(n, class)| format!("{n} {}", class_word(*class))).collect();
        parts.push(format!("{} {} in {}", names::and(&words), plural(last, "code"), ecu_name(report, id)));
    }
    let told = report
        .ecus
        .iter()
        .filter(|e| {
            report
                .coverage
                .iter()
                .any(|c| c.asks("03") && c.outcome == Outcome::Answered && c.ecu.as_ref() == Some(&e.id))
        })
        .count();
    let all = report.ecus.len();
    let ecus = plural(all, "ECU");
    if parts.is_empty() && answered(report, "03") {
        parts.push("No codes".into());
    }
    // Of those that gave no codes some may have answered other questions.
    parts.push(match told {
        told if told == all => format!("{told} of {all} {ecus} answered"),
        told if parts.is_empty() => format!("Codes read from {told} of {all} {ecus}"),
        told => format!("codes read from {told} of {all} {ecus}"),
    });
    let cut = if report.partial.is_some() { " The check was cut short." } else { "" };
    format!("{lamp} {}.{cut}", parts.join("; "))
}

#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;
