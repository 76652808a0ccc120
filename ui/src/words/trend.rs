//! Emission monitors over several visits.

use super::monitor_word;
use roadworthy_api::check::CheckReport;

/// A monitor in one visit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trend {
    /// Has run to its end.
    Done,
    /// Has not.
    Open,
    /// Not fitted.
    Absent,
    /// That ECU did not say.
    Unknown,
}

/// A trend's class.
pub(crate) fn trend_class(trend: Trend) -> &'static str {
    match trend {
        Trend::Done => "trend done",
        Trend::Open => "trend open",
        Trend::Absent | Trend::Unknown => "trend none",
    }
}

/// One row per monitor of each ECU that any of the checks says is fitted, one state per check in their order.
pub(crate) fn trends(checks: &[&CheckReport]) -> Vec<(String, Vec<Trend>)> {
    let mut ecus: Vec<&str> = Vec::new();
    let mut rows: Vec<(&str, &str, String)> = Vec::new();
    for check in checks {
        for readiness in &check.readiness {
            if !ecus.contains(&readiness.ecu.as_str()) {
                ecus.push(&readiness.ecu);
            }
            for test in readiness.tests.iter().filter(|t| t.available) {
                if !rows.iter().any(|(ecu, name, _)| *ecu == readiness.ecu && *name == test.name) {
                    rows.push((&readiness.ecu, &test.name, monitor_word(&test.name, readiness.ignition)));
                }
            }
        }
    }
    let of = |check: &CheckReport, ecu: &str, name: &str| {
        let test = check.readiness.iter().find(|r| r.ecu == ecu).and_then(|r| r.tests.iter().find(|t| t.name == name));
        match test {
            None => Trend::Unknown,
            Some(t) if !t.available => Trend::Absent,
            Some(t) if t.complete => Trend::Done,
            Some(_) => Trend::Open,
        }
    };
    let called = |ecu: &str| {
        let known = checks.iter().flat_map(|c| &c.ecus).find(|e| e.id == ecu);
        known.map_or_else(|| ecu.to_owned(), |e| e.name.clone())
    };
    let several = ecus.len() > 1;
    rows.into_iter()
        .map(|(ecu, name, word)| {
            let label = if several { format!("{word} · {}", called(ecu)) } else { word };
            (label, checks.iter().map(|c| of(c, ecu, name)).collect())
        })
        .collect()
}
