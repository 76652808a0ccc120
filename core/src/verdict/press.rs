//! How much a code presses, and the facts that say so. Pure.
//!
//! | code | facts | presses |
//! |---|---|---|
//! | misfire | confirmed, lamp on | act now |
//! | one whose advice keeps the vehicle from being driven | confirmed | act now |
//! | the same | confirmed, and a value that was read now shows that it is over | act soon |
//! | the same | not confirmed, and failing now: its status says so, or the value that it is about | act now |
//! | the same | not confirmed | act soon |
//! | any other | confirmed | act soon |
//! | any other | not confirmed, but set with the coolant near boiling | act soon |
//! | any | not confirmed, or permanent alone | watch |
//!
//! Confirmed is what stands among the stored codes, or has the bit for it in its status byte. A status byte can raise, never
//! lower: a test that passed since the ignition was switched on may have passed at rest.

use crate::{
    acquire::{self, Seen, Watch, number},
    verdict::lamp_on,
};
use roadworthy_api::{
    check::{CheckReport, CodeClass},
    finding::Severity,
    reading::Value,
};
use roadworthy_obd::dtc;

/// Coolant above this is too hot, and above [`COOLANT_BOILS`] near boiling; up to [`COOLANT_WELL`] it is as it should be (°C).
pub(crate) const COOLANT_HOT: f64 = 112.0;
pub(crate) const COOLANT_BOILS: f64 = 118.0;
pub(crate) const COOLANT_WELL: (f64, f64) = (70.0, 105.0);
/// Engine oil, the same (°C).
pub(crate) const OIL_HOT: f64 = 140.0;
pub(crate) const OIL_WELL: (f64, f64) = (60.0, 130.0);
/// For how long an engine must have run, in seconds, for its temperatures to say that all is well.
pub(crate) const WARM_AFTER: f64 = 600.0;

/// A code about a value that can be read.
struct Measured {
    code: &'static str,
    signal: &'static str,
    /// In a sentence.
    called: &'static str,
    /// From here on it is too hot.
    hot: f64,
    /// Where it is as it should be.
    well: (f64, f64),
}

const MEASURED: &[Measured] = &[
    Measured {
        code: "P0217",
        signal: "coolant_temperature",
        called: "the coolant",
        hot: COOLANT_HOT,
        well: COOLANT_WELL,
    },
    Measured {
        code: "P0298",
        signal: "engine_oil_temperature",
        called: "the engine oil",
        hot: OIL_HOT,
        well: OIL_WELL,
    },
];

/// Bits of a status byte (ISO 14229-1 D.2).
const TEST_FAILED: u8 = 0x01;
const PENDING: u8 = 0x04;
const CONFIRMED: u8 = 0x08;
const LAMP_REQUESTED: u8 = 0x80;

/// How much a code presses.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Pressing {
    pub(crate) severity: Severity,
    /// The facts that made it, as a sentence.
    pub(crate) because: String,
    /// What keeps the vehicle from being driven. Only with [`Severity::ActNow`].
    pub(crate) stop: Option<&'static str>,
}

/// What is known of a code beside its number.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts {
    pub(crate) confirmed: bool,
    pub(crate) pending: bool,
    /// Whether an ECU commands the lamp on.
    pub(crate) lamp: bool,
    /// Whether its status says that its test fails now.
    pub(crate) failing: bool,
    /// What the value that the code is about shows now, in words.
    pub(crate) now: Option<Now>,
    /// Coolant when it was set, where that can be believed (°C).
    pub(crate) coolant_then: Option<f64>,
}

/// What a value shows that was read during the check.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Now {
    /// It is too hot, as in `the coolant is 119 °C now`.
    Hot(String),
    /// It is as it should be, as in `the coolant is 91 °C now, 30 min after the start`.
    Well(String),
}

/// How much a code presses that an ECU holds in these lists.
pub(crate) fn pressing(report: &CheckReport, code: &str, ecu: &str, classes: &[CodeClass]) -> Pressing {
    judge(code, &facts(report, code, ecu, classes))
}

fn facts(report: &CheckReport, code: &str, ecu: &str, classes: &[CodeClass]) -> Facts {
    let rows = report.codes.iter().filter(|c| c.code == code && c.ecu == ecu);
    let status = rows.filter_map(|c| c.status).fold(0, |all, status| all | status);
    Facts {
        confirmed: classes.contains(&CodeClass::Stored) || status & CONFIRMED != 0,
        pending: classes.contains(&CodeClass::Pending) || status & PENDING != 0,
        lamp: lamp_on(report) == Some(true) || status & LAMP_REQUESTED != 0,
        failing: status & TEST_FAILED != 0,
        now: now(report, code),
        coolant_then: frozen(report, code, ecu, "coolant_temperature"),
    }
}

/// What the value that a code is about shows now.
fn now(report: &CheckReport, code: &str) -> Option<Now> {
    let Measured { signal, called, hot, well: (least, most), .. } =
        MEASURED.iter().find(|m| code.starts_with(m.code))?;
    let flags = acquire::of_report(report);
    let read = |name: &str| {
        let mut all = acquire::numbers(report).map(|(seen, _)| seen);
        all.find(|s| s.name == name && !acquire::distrusted(&flags, name, s.ecu)).map(|s| s.value)
    };
    let value = read(signal)?;
    let said = format!("{called} is {} °C now", number(value));
    let ran = read("engine_run_time").filter(|_| read("engine_rpm").is_some_and(|rpm| rpm >= acquire::RUNNING));
    match ran {
        _ if value > *hot => Some(Now::Hot(said)),
        Some(ran) if ran >= WARM_AFTER && (*least..=*most).contains(&value) => {
            Some(Now::Well(format!("{said}, {} min after the start", number((ran / 60.0).floor()))))
        }
        _ => None,
    }
}

/// A value of the freeze frame that a code caused, if it can be: a frame that was never filled reads zeros and -40 °C.
pub(crate) fn frozen(report: &CheckReport, code: &str, ecu: &str, name: &str) -> Option<f64> {
    let frame = report.freeze_frames.iter().find(|f| f.ecu == ecu && f.cause == code)?;
    frame.items.iter().find_map(|item| match &item.value {
        Value::Number { value, unit } if item.name.as_deref() == Some(name) => {
            let seen = Seen { name, ecu, unit: Some(unit), at: report.ended, value: *value };
            Watch::new(true).offer(seen).then_some(*value)
        }
        _ => None,
    })
}

/// The rule itself.
pub(crate) fn judge(code: &str, facts: &Facts) -> Pressing {
    let stop = dtc::advice(code).and_then(|advice| advice.stop);
    let held = if facts.lamp { "the fault is confirmed and the engine lamp is on" } else { "the fault is confirmed" };
    let then = facts
        .coolant_then
        .filter(|then| *then > COOLANT_BOILS)
        .map(|then| format!("when it was set the coolant was {} °C, near boiling", number(then)));
    // California Code of Regulations, title 13, section 1968.2 (e)(3): the misfire monitor exists because unburnt fuel can
    // overheat and destroy the catalyst, and the lamp blinks while it does. Service 01 reports a blinking lamp and a steady one
    // alike, so the worse of the two is assumed; without a lamp no such misfire was seen.
    let (severity, because) = match (is_misfire(code), stop.is_some(), &facts.now) {
        (true, ..) if facts.confirmed && facts.lamp => {
            (Severity::ActNow, format!("{held}, which may have blinked while it was driven"))
        }
        (false, true, Some(Now::Well(now))) if facts.confirmed && !facts.failing => {
            (Severity::ActSoon, format!("{held}, but {now}"))
        }
        (false, true, Some(Now::Hot(now))) if facts.confirmed => (Severity::ActNow, format!("{held}, and {now}")),
        (false, true, _) if facts.confirmed => {
            (Severity::ActNow, format!("{held}, and nothing that was read says that it is over"))
        }
        (false, true, Some(Now::Hot(now))) if facts.pending => {
            (Severity::ActNow, format!("it was seen in this drive or the last one, and {now}"))
        }
        (false, true, _) if facts.pending && facts.failing => {
            (Severity::ActNow, "its control unit says that it is there at this moment".to_owned())
        }
        (false, true, _) if facts.pending => {
            (Severity::ActSoon, "it was seen in this drive or the last one, and can do great harm".to_owned())
        }
        _ if facts.confirmed => {
            (Severity::ActSoon, [Some(held.to_owned()), then].into_iter().flatten().collect::<Vec<_>>().join(", and "))
        }
        _ => match then {
            Some(then) if facts.pending => (Severity::ActSoon, format!("it is not confirmed, but {then}")),
            _ if facts.pending && facts.failing => {
                (Severity::Watch, "it is there at this moment, but not confirmed".to_owned())
            }
            _ if facts.pending => (Severity::Watch, "it is not confirmed".to_owned()),
            _ => (Severity::Watch, "only the memory of it is left".to_owned()),
        },
    };
    let lead = crate::journal::words::severity(severity);
    Pressing {
        severity,
        because: format!("{}: {because}.", super::sentence(lead)),
        stop: stop.filter(|_| severity == Severity::ActNow),
    }
}

/// P0300 (random) to P0312 (cylinder 12), SAE J2012; with or without failure type.
pub(crate) fn is_misfire(code: &str) -> bool {
    let base = code.split_once('-').map_or(code, |(base, _)| base);
    base.strip_prefix("P03")
        .and_then(|rest| rest.parse::<u8>().ok().filter(|_| rest.len() == 2))
        .is_some_and(|n| n <= 12)
}

#[cfg(test)]
mod tests;
