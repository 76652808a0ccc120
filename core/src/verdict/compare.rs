//! What differs between two checks of one vehicle, in words.

mod rows;
mod values;

pub use rows::compared;

use super::names::{answered_by, class_word, ecu_name, lamp_on, monitor_name, odometer_km, sentence};
use roadworthy_api::check::{CheckReport, CodeClass, TroubleCode};

/// What is different in `new` against `old`, one difference each, most important first; empty when nothing differs.
///
/// A code counts as gone only when its ECU answered for that class this time; otherwise the line says that it was not read.
pub fn differences(old: &CheckReport, new: &CheckReport) -> Vec<String> {
    let mut lines = Vec::new();
    identity(old, new, &mut lines);
    lamp(old, new, &mut lines);
    for class in [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent] {
        codes(old, new, class, &mut lines);
    }
    ecus(old, new, &mut lines);
    monitors(old, new, &mut lines);
    odometer(old, new, &mut lines);
    lines
}

fn identity(old: &CheckReport, new: &CheckReport, lines: &mut Vec<String>) {
    match (&old.vin, &new.vin) {
        (Some(a), Some(b)) if a != b => lines.push(format!("VIN changed from {a} to {b}.")),
        (Some(_), None) => lines.push("VIN was not read this time.".into()),
        (None, Some(_)) => lines.push("VIN was read for the first time.".into()),
        _ => {}
    }
}

fn lamp(old: &CheckReport, new: &CheckReport, lines: &mut Vec<String>) {
    match (lamp_on(old), lamp_on(new)) {
        (Some(false), Some(true)) => lines.push("Engine lamp came on.".into()),
        (Some(true), Some(false)) => lines.push("Engine lamp went off.".into()),
        (Some(_), None) => lines.push("Engine lamp was not read this time.".into()),
        _ => {}
    }
}

fn codes(old: &CheckReport, new: &CheckReport, class: CodeClass, lines: &mut Vec<String>) {
    let word = class_word(class);
    for code in new.codes.iter().filter(|c| c.class == class && !old.codes.contains(c)) {
        let name = ecu_name(new, &code.ecu);
        let note = if !was_read(old, class, &code.ecu) {
            " (not read last time)"
        } else if class == CodeClass::Stored && holds(old, CodeClass::Pending, code) {
            " (was pending)"
        } else {
            ""
        };
        lines.push(format!("New {word} code {} in {name}{note}.", code.code));
    }
    for code in old.codes.iter().filter(|c| c.class == class && !new.codes.contains(c)) {
        let name = ecu_name(old, &code.ecu);
        let fate = if was_read(new, class, &code.ecu) { "is gone" } else { "was not read this time" };
        lines.push(sentence(&format!("{word} code {} in {name} {fate}.", code.code)));
    }
}

fn holds(report: &CheckReport, class: CodeClass, code: &TroubleCode) -> bool {
    report.codes.iter().any(|c| c.class == class && c.code == code.code && c.ecu == code.ecu)
}

/// Whether that ECU answered for that class. Codes it listed beside a part that could not be read are not all its codes.
fn was_read(report: &CheckReport, class: CodeClass, ecu: &str) -> bool {
    answered_by(report, class.requests()[0], ecu)
}

fn ecus(old: &CheckReport, new: &CheckReport, lines: &mut Vec<String>) {
    for ecu in old.ecus.iter().filter(|e| !new.ecus.iter().any(|n| n.id == e.id)) {
        lines.push(format!("{} did not answer this time.", ecu_name(old, &ecu.id)));
    }
    for ecu in new.ecus.iter().filter(|e| !old.ecus.iter().any(|o| o.id == e.id)) {
        lines.push(format!("{} answers now; it did not last time.", ecu_name(new, &ecu.id)));
    }
    for ecu in &new.ecus {
        let before = old.ecus.iter().find(|o| o.id == ecu.id && !o.calibrations.is_empty());
        if before.is_some_and(|o| !ecu.calibrations.is_empty() && o.calibrations != ecu.calibrations) {
            lines.push(format!("{} has another calibration.", ecu_name(new, &ecu.id)));
        }
    }
}

fn monitors(old: &CheckReport, new: &CheckReport, lines: &mut Vec<String>) {
    for now in &new.readiness {
        let Some(before) = old.readiness.iter().find(|r| r.ecu == now.ecu) else { continue };
        for test in now.tests.iter().filter(|t| t.available) {
            let Some(was) = before.tests.iter().find(|t| t.name == test.name && t.available) else { continue };
            let change = match (was.complete, test.complete) {
                (false, true) => "is complete now",
                (true, false) => "is unfinished again",
                _ => continue,
            };
            lines.push(sentence(&format!("{} monitor {change}.", monitor_name(&test.name))));
        }
    }
}

fn odometer(old: &CheckReport, new: &CheckReport, lines: &mut Vec<String>) {
    let (Some((before, _)), Some((now, _))) = (odometer_km(old), odometer_km(new)) else { return };
    let delta = now - before;
    // PID A6 counts tenths of a kilometre; anything smaller is rounding.
    if delta >= 0.05 {
        lines.push(format!("Driven {delta:.1} km."));
    } else if delta <= -0.05 {
        lines.push(format!("The odometer reads {:.1} km less than last time.", -delta));
    }
}
