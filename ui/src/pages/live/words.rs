//! What the live page says beyond the engine's sentences. Pure.

use crate::{locale, words};
use roadworthy_api::{
    Timestamp,
    live::{LiveState, SignalInfo, fresh_ms},
};

/// Where a session stands: a class for its look, and a word.
pub(super) fn state(state: &LiveState) -> (&'static str, String) {
    match state {
        LiveState::Connecting { .. } => ("cannot-tell", "Connecting".into()),
        LiveState::Reading => ("good", "Reading".into()),
        LiveState::Paused => ("watch", "Paused".into()),
        LiveState::Held { .. } => ("act-soon", "Stopped by itself".into()),
        LiveState::Reconnecting { attempt, .. } => ("act-soon", format!("Reconnecting, try {attempt}")),
        LiveState::Ended { .. } => ("cannot-tell", "Ended".into()),
    }
}

/// A duration as a clock that counts up: `0:07`, `12:30`, `1:02:03`.
pub(super) fn elapsed(ms: i64) -> String {
    let s = ms.max(0) / 1000;
    let (h, m, s) = (s / 3600, s / 60 % 60, s % 60);
    if h > 0 { format!("{h}:{m:02}:{s:02}") } else { format!("{m}:{s:02}") }
}

/// How old a value is: `12 s old`.
pub(super) fn age(ms: i64) -> String {
    match ms.max(0) / 1000 {
        s if s < 120 => format!("{s} s old"),
        s if s < 7200 => format!("{} min old", s / 60),
        s => format!("{} h old", s / 3600),
    }
}

/// Whether a value of that age is old, given its usual rate per second.
pub(super) fn old(ms: i64, rate: f64, reading: bool) -> bool {
    if reading { ms > fresh_ms(rate) } else { ms > 1000 }
}

/// Samples per second: `12 /s`, `0.4 /s`.
pub(super) fn rate(per_second: f64) -> String {
    let digits = if per_second >= 9.95 || per_second == 0.0 { 0 } else { 1 };
    format!("{} /s", locale::fixed(per_second, digits))
}

/// A stretch of time on a button.
pub(super) fn span(ms: i64) -> String {
    match ms / 1000 {
        s if s < 60 => format!("{s} s"),
        s => format!("{} min", s / 60),
    }
}

/// Whether every word of a search is in what is known of a signal.
pub(super) fn matches(info: &SignalInfo, query: &str) -> bool {
    let text = format!("{} {} {} {} {} {}", info.label, info.name, info.pid, info.ecu, info.ecu_name, info.unit);
    let text = text.to_lowercase();
    query.to_lowercase().split_whitespace().all(|word| text.contains(word))
}

/// Ids of those of `wanted` (ids, or names of signals: the first ECU that has one) that there are, in the order wanted, each once.
pub(super) fn available<S: AsRef<str>>(wanted: &[S], available: &[SignalInfo]) -> Vec<String> {
    let mut ids: Vec<String> = Vec::new();
    for want in wanted.iter().map(AsRef::as_ref) {
        let found = available.iter().find(|i| i.id == want).or_else(|| available.iter().find(|i| i.name == want));
        if let Some(info) = found.filter(|i| !ids.contains(&i.id)) {
            ids.push(info.id.clone());
        }
    }
    ids
}

/// How a recording is named in a sentence.
pub(super) fn samples(count: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a count for people")]
    let number = locale::number(count as f64, 0);
    if count == 1 { words::count(1, "sample") } else { format!("{number} samples") }
}

/// When a mark was set, and what it says.
pub(super) fn mark(at: Timestamp, label: &str) -> String {
    let clock = locale::clock(at, false);
    if label.is_empty() { clock } else { format!("{clock} {label}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(id: &str, name: &str, label: &str) -> SignalInfo {
        SignalInfo {
            id: id.into(),
            ecu: "7E8".into(),
            ecu_name: "Engine".into(),
            pid: "0C".into(),
            name: name.into(),
            label: label.into(),
            unit: "rpm".into(),
            range: None,
        }
    }

    #[test]
    fn durations_and_ages_are_short() {
        for (ms, expect) in [(-5, "0:00"), (7_900, "0:07"), (750_000, "12:30"), (3_723_000, "1:02:03")] {
            assert_eq!(elapsed(ms), expect);
        }
        for (ms, expect) in
            [(12_400, "12 s old"), (119_999, "119 s old"), (120_000, "2 min old"), (7_200_000, "2 h old")]
        {
            assert_eq!(age(ms), expect);
        }
        for (per_second, expect) in [(0.0, "0 /s"), (0.42, "0.4 /s"), (12.3, "12 /s")] {
            assert_eq!(rate(per_second), expect);
        }
    }

    #[test]
    fn a_value_is_old_by_its_own_rate_and_at_once_when_nothing_is_read() {
        for (ms, rate, reading, expect) in [
            (900, 10.0, true, false),
            (3_500, 10.0, true, true),
            (9_000, 0.4, true, false),
            (11_000, 0.4, true, true),
            (1_500, 10.0, false, true),
            (500, 10.0, false, false),
        ] {
            assert_eq!(old(ms, rate, reading), expect, "{ms} ms at {rate} /s");
        }
    }

    #[test]
    fn signals_are_found_by_any_of_their_words() {
        let rpm = info("7E8:0C:engine_rpm", "engine_rpm", "Engine speed");
        for (query, expect) in [("", true), ("speed eng", true), ("0c", true), ("RPM", true), ("coolant", false)] {
            assert_eq!(matches(&rpm, query), expect, "{query}");
        }
    }

    #[test]
    fn what_was_wanted_is_taken_as_far_as_it_is_there() {
        let all = [info("7E8:0C:engine_rpm", "engine_rpm", ""), info("7E9:0C:engine_rpm", "engine_rpm", "")];
        let all = [&all[..], &[info("7E8:0D:vehicle_speed", "vehicle_speed", "")]].concat();
        let found = available(&["vehicle_speed", "7E9:0C:engine_rpm", "boost", "engine_rpm", "vehicle_speed"], &all);
        assert_eq!(found, ["7E8:0D:vehicle_speed", "7E9:0C:engine_rpm", "7E8:0C:engine_rpm"]);
    }
}
