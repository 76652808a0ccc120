//! What stands on the report, in words.

use crate::verdict::{class_word, ecu_name};
use jiff::{Timestamp, tz::TimeZone};
use roadworthy_api::{
    check::{CheckReport, CodeClass, MonitorResult, Outcome},
    reading::{Item, Value},
    vehicle::State,
};

/// The report's title: what was not read from a real vehicle just then must never pass for it.
pub(crate) fn title(port: &str) -> &'static str {
    match port.split_once(':') {
        Some(("sim", _)) => "Simulated vehicle",
        Some(("replay", _)) => "Replayed recording",
        _ => "Vehicle check",
    }
}

/// Date, time and offset, as in `20 November 2026, 23:00:24 (UTC+01:00)`.
pub(crate) fn date_time(at: roadworthy_api::Timestamp, zone: &TimeZone) -> String {
    let Ok(time) = Timestamp::from_millisecond(at) else { return "at an unknown time".into() };
    let local = time.to_zoned(zone.clone());
    let offset = if local.offset().is_zero() { "UTC".into() } else { local.strftime("UTC%:z").to_string() };
    format!("{} ({offset})", local.strftime("%-d %B %Y, %H:%M:%S"))
}

/// A number in groups of three digits that never part at a line's end and at most `decimals` decimals: `135 879.1`.
pub(crate) fn number(value: f64, decimals: usize) -> String {
    if !value.is_finite() {
        return "not a number".into();
    }
    let text = format!("{value:.decimals$}");
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |d| ("\u{2212}", d));
    let mut grouped = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i) % 3 == 0 && digits.len() > 4 {
            grouped.push('\u{a0}');
        }
        grouped.push(digit);
    }
    let part = part.trim_end_matches('0');
    if grouped == "0" && part.is_empty() {
        return grouped;
    }
    if part.is_empty() { format!("{sign}{grouped}") } else { format!("{sign}{grouped}.{part}") }
}

/// An item's value with its unit.
pub(crate) fn value(item: &Item) -> String {
    match &item.value {
        Value::Number { value, unit } => {
            // Four digits are all that a reading is good for, and all that a person compares.
            let decimals = if value.abs() >= 1000.0 { 0 } else { usize::from(value.abs() < 100.0) + 1 };
            format!("{}\u{a0}{unit}", number(*value, decimals)).trim_end().to_owned()
        }
        Value::Enumerated { text, .. } | Value::Text { text } => text.clone(),
        Value::Flag { bool } => if *bool { "yes" } else { "no" }.into(),
        Value::Raw { raw } => format!("raw {raw}"),
    }
}

/// An item's name for people.
pub(crate) fn label(item: &Item) -> String {
    item.label
        .clone()
        .or_else(|| item.name.as_ref().map(|n| n.replace('_', " ")))
        .unwrap_or_else(|| format!("PID {}", item.pid))
}

/// Heading of a class: `Stored (confirmed)`.
pub(crate) fn class_heading(class: CodeClass) -> &'static str {
    match class {
        CodeClass::Stored => "Stored (confirmed)",
        CodeClass::Pending => "Pending (seen, not yet confirmed)",
        CodeClass::Permanent => "Permanent (only the vehicle can remove it)",
    }
}

/// Why a class has no rows: `none`, or `not read`.
pub(crate) fn no_codes(report: &CheckReport, class: CodeClass) -> String {
    let read = report.coverage.iter().any(|c| c.asks(class.requests()[0]) && c.outcome == Outcome::Answered);
    let what = class_word(class);
    if read {
        format!("No {what} codes.")
    } else {
        format!("{what} codes were not read.").replacen(what, &capital(what), 1)
    }
}

/// Below this share of the way left the limit is near.
const NEAR: f64 = 0.15;

/// What a result of an on-board test means.
pub(super) fn test_state(test: &MonitorResult) -> State {
    match (test.ran, test.pass, test.margin) {
        (false, ..) => State::CannotTell,
        (_, false, _) => State::ActSoon,
        (.., Some(margin)) if margin < NEAR => State::Watch,
        _ => State::Good,
    }
}

/// Results that say something: outside a limit first, then by the way left to it.
pub(super) fn tests_by_need(report: &CheckReport) -> Vec<&MonitorResult> {
    let mut tests: Vec<_> = report.monitors.iter().filter(|t| t.ran).collect();
    let way = |t: &MonitorResult| if t.pass { t.margin.unwrap_or(f64::INFINITY) } else { -1.0 };
    tests.sort_by(|a, b| way(a).total_cmp(&way(b)));
    tests
}

/// As in `Catalyst, bank 1: Test 80`.
pub(super) fn test_name(test: &MonitorResult) -> String {
    format!("{}: {}", test.monitor, test.test)
}

/// As in `48 ms of 150 ms, 68 % left`.
pub(super) fn test_value(test: &MonitorResult) -> String {
    let figure = |value: f64| format!("{}\u{a0}{}", number(value, if value.abs() < 10.0 { 3 } else { 1 }), test.unit);
    let limits = match (test.min, test.max) {
        (Some(min), Some(max)) => format!(", {} to {}", figure(min).trim_end(), figure(max).trim_end()),
        (None, Some(max)) => format!(", at most {}", figure(max).trim_end()),
        (Some(min), None) => format!(", at least {}", figure(min).trim_end()),
        (None, None) => String::new(),
    };
    let left = match test.margin {
        Some(margin) => format!(", {}\u{a0}% left", number(margin * 100.0, 0)),
        None if test.pass => String::new(),
        None => ", outside".to_owned(),
    };
    format!("{}{limits}{left}", figure(test.value).trim_end())
}

/// A sentence as part of another: no capital first letter unless the word is an acronym, no full stop.
pub(crate) fn clause(text: &str) -> String {
    let text = text.trim().trim_end_matches('.');
    let mut chars = text.chars();
    let (first, second) = (chars.next(), chars.next());
    match (first, second) {
        (Some(first), Some(second)) if first.is_uppercase() && !second.is_uppercase() => {
            first.to_lowercase().chain(text.chars().skip(1)).collect()
        }
        _ => text.to_owned(),
    }
}

/// A name of ISO 14229-1 as words: `serviceNotSupported` reads `service not supported`.
fn spaced(name: &str) -> String {
    let mut out = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            out.push(' ');
            out.extend(c.to_lowercase());
        } else {
            out.push(c);
        }
        before = c;
    }
    out
}

/// With a capital first letter.
pub(crate) fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|c| c.to_uppercase().chain(chars).collect()).unwrap_or_default()
}

/// Coverage in a few lines: who answered, refused, stayed silent, could not be read, was not asked.
pub(crate) fn coverage(report: &CheckReport) -> Vec<(&'static str, String)> {
    let who = |id: &Option<String>| id.as_deref().map_or_else(|| "nobody named".to_owned(), |id| ecu_name(report, id));
    let mut answered: Vec<String> = Vec::new();
    for ecu in &report.ecus {
        let of = report.coverage.iter().filter(|c| c.ecu.as_ref() == Some(&ecu.id));
        let asked = of.clone().filter(|c| !matches!(c.outcome, Outcome::NotAsked { .. })).count();
        let told = of.filter(|c| c.outcome == Outcome::Answered).count();
        let questions = if asked == 1 { "question" } else { "questions" };
        answered.push(format!("{} ({told} of {asked} {questions})", ecu_name(report, &ecu.id)));
    }
    let mut groups: [Vec<(String, Vec<String>)>; 3] = Default::default();
    let mut skipped: Vec<String> = Vec::new();
    for c in &report.coverage {
        let (group, note) = match &c.outcome {
            Outcome::Answered => continue,
            Outcome::Refused { meaning, .. } => (0, format!("{} ({})", c.question, spaced(meaning))),
            Outcome::Silent => (1, c.question.clone()),
            Outcome::Unreadable { reason } => (2, format!("{} ({})", c.question, clause(reason))),
            Outcome::NotAsked { reason } => {
                let of = c.ecu.as_deref().map(|id| format!(" of {}", ecu_name(report, id))).unwrap_or_default();
                push_new(&mut skipped, format!("{}{of} ({})", c.question, clause(reason)));
                continue;
            }
        };
        let who = if group == 1 && c.ecu.is_none() { "nobody answered".to_owned() } else { who(&c.ecu) };
        let at = groups[group].iter().position(|(w, _)| *w == who).unwrap_or_else(|| {
            groups[group].push((who, Vec::new()));
            groups[group].len() - 1
        });
        push_new(&mut groups[group][at].1, note);
    }
    // Systems that share their reason are named together.
    let mut systems: Vec<(String, Vec<String>)> = Vec::new();
    for n in &report.not_asked {
        match systems.iter_mut().find(|(reason, _)| *reason == n.reason) {
            Some((_, names)) => names.push(n.system.clone()),
            None => systems.push((n.reason.clone(), vec![n.system.clone()])),
        }
    }
    let mut not_asked: Vec<String> =
        systems.into_iter().map(|(reason, names)| format!("{} ({})", names.join(", "), clause(&reason))).collect();
    not_asked.append(&mut skipped);
    let joined = |group: &[(String, Vec<String>)]| {
        let parts: Vec<_> = group.iter().map(|(who, notes)| format!("{who}: {}", notes.join(", "))).collect();
        if parts.is_empty() { "none".to_owned() } else { parts.join("; ") }
    };
    let or_none = |list: Vec<String>| if list.is_empty() { "none".to_owned() } else { list.join(", ") };
    let mut lines = vec![
        ("Answered", or_none(answered)),
        ("Refused", joined(&groups[0])),
        ("Silent", joined(&groups[1])),
        ("Not asked", or_none(not_asked)),
    ];
    if !groups[2].is_empty() {
        lines.insert(3, ("Unreadable", joined(&groups[2])));
    }
    lines
}

fn push_new(list: &mut Vec<String>, text: String) {
    if !list.contains(&text) {
        list.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::sample::{clean, with_outcome};

    #[test]
    fn times_state_their_offset() {
        let check = |zone: &TimeZone, expect: &str| assert_eq!(date_time(1_795_215_624_000, zone), expect);
        check(&TimeZone::UTC, "20 November 2026, 23:00:24 (UTC)");
        check(&TimeZone::fixed(jiff::tz::offset(1)), "21 November 2026, 00:00:24 (UTC+01:00)");
        assert_eq!(date_time(i64::MAX, &TimeZone::UTC), "at an unknown time");
    }

    #[test]
    fn numbers_group_thousands_and_drop_empty_decimals() {
        let check = |value, decimals, expect: &str| assert_eq!(number(value, decimals), expect);
        check(135_879.1, 1, "135\u{a0}879.1");
        check(1726.0, 2, "1726");
        check(-40.0, 0, "\u{2212}40");
        check(-0.001, 2, "0");
        check(14.25, 1, "14.2");
        check(f64::NAN, 1, "not a number");
    }

    #[test]
    fn coverage_says_who_answered_refused_stayed_silent_and_was_not_asked() {
        let refusal = Outcome::Refused { nrc: "11".into(), meaning: "serviceNotSupported".into() };
        let mut report = with_outcome(with_outcome(clean(), "7E9", "0A", refusal), "7E8", "0A", Outcome::Silent);
        assert_eq!(
            coverage(&report),
            [
                ("Answered", "Engine (3 of 4 questions), Transmission (3 of 4 questions)".to_owned()),
                ("Refused", "Transmission: Permanent codes (service not supported)".to_owned()),
                ("Silent", "Engine: Permanent codes".to_owned()),
                ("Not asked", "ABS, Airbag (not part of OBD-II)".to_owned()),
            ]
        );
        report = with_outcome(report, "7E9", "07", Outcome::Unreadable { reason: "too short".into() });
        assert_eq!(coverage(&report)[3], ("Unreadable", "Transmission: Pending codes (too short)".to_owned()));
        assert_eq!(no_codes(&report, CodeClass::Stored), "No stored codes.");
        assert_eq!(no_codes(&report, CodeClass::Permanent), "Permanent codes were not read.");
    }
}
