//! When the difference of two present values means something.
//!
//! Two snapshots of one engine are taken seconds after starting or hours into a drive, at whatever speed it turned just then.
//! So a difference counts only where both were taken in the same state, and only beyond what the same engine shows
//! from one minute to the next.

use roadworthy_api::{
    check::CheckReport,
    reading::{Item, Reading, Value},
};

/// The engine when a snapshot was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Engine {
    /// Turning (service 01 PID 0C above zero).
    running: bool,
    /// At working temperature (PID 05 from [`WARM`] on); `None`: it did not say.
    warm: Option<bool>,
}

/// °C of coolant from which fuel control and idle speed are those of a warm engine.
const WARM: f64 = 70.0;

/// The state of the engine; `None`: no ECU gave its speed, so that nothing can be said.
pub(super) fn engine(report: &CheckReport) -> Option<Engine> {
    let number = |pid: &str| {
        report.snapshot.iter().find_map(|r| match &r.item.value {
            Value::Number { value, .. } if r.of_pid(pid) => Some(*value),
            _ => None,
        })
    };
    Some(Engine { running: number("0C")? > 0.0, warm: number("05").map(|t| t >= WARM) })
}

/// What counts by itself or follows the outside: it differs between any two visits and says nothing of the engine.
/// Run time 1F, distances 21 31 A6, times 4D 4E 7F, warm-ups 30, speed 0D, barometer 33, ambient air 46, fuel level 2F.
const ALWAYS: [&str; 12] = ["1F", "21", "31", "A6", "4D", "4E", "7F", "30", "0D", "33", "46", "2F"];

/// The least difference that means something, by unit: more than idling, a fan switching or rounding makes.
/// `None`: no such figure is known for this unit, so no difference is claimed.
fn tolerance(unit: &str) -> Option<f64> {
    Some(match unit {
        "rpm" => 150.0,
        "°C" => 10.0,
        "%" => 10.0,
        "kPa" => 10.0,
        "V" => 0.5,
        "mA" => 0.5,
        "g/s" => 2.0,
        "°" => 8.0,
        "Pa" => 200.0,
        _ => return None,
    })
}

/// Whether two values of one signal differ so that it means something.
pub(super) fn differ(pid: &str, then: &Value, now: &Value, engines: (Option<Engine>, Option<Engine>)) -> bool {
    if ALWAYS.contains(&pid) || engines.0.is_none() || engines.0 != engines.1 {
        return false;
    }
    match (then, now) {
        (Value::Number { value: a, unit }, Value::Number { value: b, unit: other }) if unit == other => {
            tolerance(unit).is_some_and(|least| (a - b).abs() >= least)
        }
        (Value::Number { .. }, Value::Number { .. }) | (Value::Raw { .. }, Value::Raw { .. }) => false,
        (a, b) => a != b,
    }
}

/// A value in words with its unit, at most two decimals.
pub(super) fn words(value: &Value) -> String {
    match value {
        Value::Number { value, unit } => {
            let number = format!("{value:.2}");
            let number = number.trim_end_matches('0').trim_end_matches('.');
            let number = if number == "-0" { "0" } else { number };
            if unit.is_empty() { number.to_owned() } else { format!("{number} {unit}") }
        }
        Value::Enumerated { text, .. } | Value::Text { text } => text.clone(),
        Value::Flag { bool } => if *bool { "yes" } else { "no" }.to_owned(),
        Value::Raw { raw } => raw.clone(),
    }
}

/// What a signal is called.
pub(super) fn label(Item { pid, name, label, .. }: &Item) -> String {
    label.clone().or_else(|| name.clone()).unwrap_or_else(|| format!("PID {pid}"))
}

/// Whether two readings are of the same signal of the same ECU.
pub(super) fn same(a: &Reading, b: &Reading) -> bool {
    a.ecu == b.ecu && a.item.pid == b.item.pid && a.item.name == b.item.name && a.item.label == b.item.label
}
