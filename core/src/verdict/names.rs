//! The words that verdict, differences and report share.

use roadworthy_api::{
    check::{CheckReport, CodeClass, Coverage, Outcome},
    reading::Value,
};

/// The ECU's name; with its id where two ECUs share the name; the bare id where nothing is known of it.
pub fn ecu_name(report: &CheckReport, id: &str) -> String {
    let Some(ecu) = report.ecus.iter().find(|e| e.id == id) else { return format!("ECU {id}") };
    match ecu.name.trim() {
        "" => format!("ECU {id}"),
        name if report.ecus.iter().any(|other| other.id != id && other.name.trim() == name) => format!("{name} ({id})"),
        name => name.to_owned(),
    }
}

/// Whether any ECU commands the malfunction indicator lamp on; `None`: nobody said, or one that should have said did not and
/// the others say off.
pub fn lamp_on(report: &CheckReport) -> Option<bool> {
    match report.readiness.iter().any(|r| r.mil) {
        true => Some(true),
        false if report.readiness.is_empty() || unread(report, "0101").next().is_some() => None,
        false => Some(false),
    }
}

/// Rows of a request that went out and brought nothing that could be read in full.
pub(super) fn unread<'a>(report: &'a CheckReport, request: &'a str) -> impl Iterator<Item = &'a Coverage> {
    let failed = |o: &Outcome| matches!(o, Outcome::Silent | Outcome::Refused { .. } | Outcome::Unreadable { .. });
    report.coverage.iter().filter(move |c| c.asks(request) && failed(&c.outcome))
}

/// Whether a reply to a request came broken and nobody can say from which ECU.
pub(super) fn stray(report: &CheckReport, request: &str) -> bool {
    unread(report, request).any(|c| c.ecu.is_none() && matches!(c.outcome, Outcome::Unreadable { .. }))
}

/// Whether that ECU answered a request, with all of its answer readable.
pub(crate) fn answered_by(report: &CheckReport, request: &str, ecu: &str) -> bool {
    let of = |c: &&Coverage| c.asks(request) && c.ecu.as_deref() == Some(ecu);
    let mut rows = report.coverage.iter().filter(of).peekable();
    rows.peek().is_some() && rows.all(|c| c.outcome == Outcome::Answered)
}

/// Odometer in km and the id of the ECU that gave it (service 01 PID A6), if one did.
pub fn odometer_km(report: &CheckReport) -> Option<(f64, &str)> {
    report.snapshot.iter().find_map(|r| match &r.item.value {
        Value::Number { value, .. } if r.of_pid("A6") => Some((*value, r.ecu.as_str())),
        _ => None,
    })
}

/// A monitor's machine name for people: `o2_sensor_heater` reads `oxygen sensor heater`.
pub fn monitor_name(name: &str) -> String {
    let words: Vec<&str> = name
        .split('_')
        .map(|word| match word {
            "o2" => "oxygen",
            "egr" => "EGR",
            "vvt" => "VVT",
            "pm" => "particulate",
            "nox" => "NOx",
            "scr" => "SCR",
            "nmhc" => "NMHC",
            "ac" => "A/C",
            "evap" => "EVAP",
            word => word,
        })
        .collect();
    words.join(" ")
}

/// `stored`, `pending` or `permanent`.
pub fn class_word(class: CodeClass) -> &'static str {
    match class {
        CodeClass::Stored => "stored",
        CodeClass::Pending => "pending",
        CodeClass::Permanent => "permanent",
    }
}

/// Codes of one class, each once, in the order read.
pub(super) fn code_list(report: &CheckReport, class: CodeClass) -> Vec<String> {
    let mut list: Vec<String> = Vec::new();
    for code in report.codes.iter().filter(|c| c.class == class) {
        if !list.contains(&code.code) {
            list.push(code.code.clone());
        }
    }
    list
}

/// `code` or `codes`.
pub(crate) fn plural(n: usize, word: &str) -> String {
    if n == 1 { word.to_owned() } else { format!("{word}s") }
}

/// With a capital first letter.
pub(crate) fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}
