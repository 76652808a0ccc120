//! The present values of a check: one value of each, seconds apart.

use super::{Seen, Watch, called, number};
use crate::journal::kind::ReadingFlag;
use roadworthy_api::{
    check::{CheckReport, Ignition},
    reading::{Reading, Value},
};

/// How far the adapter's and an ECU's voltage may differ: adapters measure to about half a volt, and what is between them
/// costs some more.
const VOLTS_APART: f64 = 2.0;

/// What of a check's readings cannot be right.
pub(crate) fn of_report(report: &CheckReport) -> Vec<ReadingFlag> {
    let mut watch = Watch::new(is_hybrid(report));
    for (seen, _) in numbers(report) {
        watch.offer(seen);
    }
    // Each was read once or so: how fast and how long is not for a check to say, and is not kept.
    let mut flags = watch.take();
    flags.retain(|f| matches!(f.what.as_str(), "unit" | "range" | "repeated"));
    flags.extend(contradictions(report, &flags));
    flags
}

/// Whether the vehicle's engine may rest while it drives: its fuel (PID 51) or its traction battery (PID 5B) says so.
pub(crate) fn is_hybrid(report: &CheckReport) -> bool {
    report.snapshot.iter().any(|r| match &r.item.value {
        Value::Enumerated { text, .. } => r.of_pid("51") && (text.contains("hybrid") || text == "electric"),
        Value::Number { .. } => r.of_pid("5B"),
        _ => false,
    })
}

/// Numbers that were read now (service 01), with the reading each is of.
pub(crate) fn numbers(report: &CheckReport) -> impl Iterator<Item = (Seen<'_>, &Reading)> {
    report.snapshot.iter().filter_map(|r| match (&r.item.value, &r.item.name) {
        (Value::Number { value, unit }, Some(name)) if r.is_present() => {
            Some((Seen { name, ecu: &r.ecu, unit: Some(unit), at: r.at, value: *value }, r))
        }
        _ => None,
    })
}

fn contradictions(report: &CheckReport, flags: &[ReadingFlag]) -> Vec<ReadingFlag> {
    let found = |name: &str| {
        numbers(report).map(|(seen, _)| seen).find(|s| s.name == name && !super::distrusted(flags, s.name, s.ecu))
    };
    let flag = |signal: &str, ecu: &str, reason: String, at| ReadingFlag {
        signal: signal.to_owned(),
        ecu: ecu.to_owned(),
        what: "contradicts".to_owned(),
        reason,
        at,
        samples: 1,
    };
    let mut all = Vec::new();
    if let (Some(rpm), Some(speed)) = (found("engine_rpm"), found("vehicle_speed"))
        && rpm.value == 0.0
        && speed.value > 30.0
        && !is_hybrid(report)
    {
        let reason = format!(
            "Engine speed is 0 rpm at {} km/h: one of them is wrong, or the vehicle coasts with its engine off.",
            number(speed.value)
        );
        all.push(flag("engine_rpm", rpm.ecu, reason, rpm.at));
    }
    if let (Some(volts), Some(measured)) = (found("control_module_voltage"), report.adapter.voltage)
        && (volts.value - measured).abs() > VOLTS_APART
    {
        let reason = format!(
            "{} is {} V and the adapter measures {} V on the same system.",
            called(volts.name),
            number(volts.value),
            number(measured)
        );
        all.push(flag(volts.name, volts.ecu, reason, volts.at));
    }
    all.extend(report.snapshot.iter().filter_map(|r| {
        let Value::Enumerated { text, .. } = &r.item.value else { return None };
        let spark = report.readiness.iter().any(|x| x.ecu == r.ecu && x.ignition == Ignition::Spark);
        let diesel = r.of_pid("51") && matches!(text.as_str(), "diesel" | "hybrid diesel");
        (spark && diesel).then(|| {
            let reason =
                format!("The fuel is said to be {text}, and the list of emission monitors is that of a spark engine.");
            flag(r.item.name.as_deref().unwrap_or("fuel_type"), &r.ecu, reason, r.at)
        })
    }));
    all
}
