//! Rules over values: what is too hot, too low, too high, for how long, and why just there. A check reads each value once,
//! live data over and over; both go by this one table.
//!
//! High engine speed is no finding: what is too much differs by engine, and a limiter guards it.

use super::{Case, Rule, evidence};
use crate::{
    acquire::number,
    verdict::press::{COOLANT_BOILS, COOLANT_HOT, COOLANT_WELL, OIL_HOT, OIL_WELL, WARM_AFTER},
};
use roadworthy_api::{
    Timestamp,
    finding::{Evidence, Finding, Severity, Specialist},
};

/// From here on it presses that much.
pub(super) struct Level {
    /// Beyond this, in the signal's unit.
    pub(super) limit: f64,
    /// For that long, in milliseconds.
    pub(super) hold: i64,
    pub(super) severity: Severity,
}

/// One rule.
pub(super) struct ValueRule {
    pub(super) key: &'static str,
    pub(super) specialist: Specialist,
    pub(super) signals: &'static [&'static str],
    /// Whether it is too much beyond the limit, or too little.
    pub(super) over: bool,
    /// Worst first.
    pub(super) levels: &'static [Level],
    /// Where the rule applies at all: a 24 V system is not a 12 V one that charges too much.
    pub(super) applies: (f64, f64),
    /// Only while the engine runs.
    pub(super) running: bool,
    title: &'static str,
    explanation: &'static str,
    /// What keeps the vehicle from being driven, said only at the level that presses to act now.
    stop: &'static str,
    check_next: &'static [&'static str],
    /// What a check must read, engine running and for how many seconds, to say that it is over.
    over_again: (f64, f64, f64),
}

const fn level(limit: f64, hold: i64, severity: Severity) -> Level {
    Level { limit, hold, severity }
}

/// Any value.
const ANY: (f64, f64) = (f64::NEG_INFINITY, f64::INFINITY);

pub(super) static RULES: &[ValueRule] = &[
    // Thermostats hold 80 to 105 °C and fans run at full speed by 110. Half water, half antifreeze under 1.1 bar of the cap
    // boils near 128 °C; above 118 little is left, and a head gasket may go within minutes. Three seconds: two readings at
    // the usual rate of a temperature, so that no single reply decides.
    ValueRule {
        key: "rule/coolant-hot",
        specialist: Specialist::Engine,
        signals: &["coolant_temperature", "coolant_temperature_sensor_1"],
        over: true,
        levels: &[level(COOLANT_BOILS, 3_000, Severity::ActNow), level(COOLANT_HOT, 10_000, Severity::Watch)],
        applies: ANY,
        running: false,
        title: "Engine coolant is too hot",
        explanation: "The cooling does not keep up. Above 118 °C coolant is near boiling, and the head gasket may fail within minutes.",
        stop: "Stop, let it idle for a moment with the heater at full, then switch off. Do not drive it on until the cause is known.",
        check_next: &[
            "Check the coolant's level when it is cold, and look for leaks. Never open a hot cooling system.",
            "Check whether the fan runs, hands away: it may start by itself. Then check the thermostat and the water pump.",
            "Look for air in front of the radiator that is blocked.",
        ],
        over_again: (COOLANT_WELL.0, COOLANT_WELL.1, WARM_AFTER),
    },
    // A 12 V battery at rest and full has 12.7 V, and is half empty at 12.2. Controlled alternators rest and let a system sink
    // to 12.2 or so while it is driven; below 11.8 V with the engine running nothing charges. Ten seconds outlast
    // steering, fan and window motors.
    ValueRule {
        key: "rule/charging-low",
        specialist: Specialist::Electrical,
        signals: &["control_module_voltage"],
        over: false,
        levels: &[level(11.8, 10_000, Severity::ActSoon)],
        applies: ANY,
        running: true,
        title: "The battery is not charged while the engine runs",
        explanation: "With the engine running the voltage is below that of a resting battery: the alternator gives nothing, and the vehicle will stop when the battery is empty.",
        stop: "",
        check_next: &[
            "Measure the voltage at the battery with the engine running.",
            "Check the alternator's fuse, belt and connector, engine off; disconnect the battery before its main cable is touched.",
            "Clean and tighten the battery's terminals and the earth strap, engine off.",
        ],
        over_again: (12.9, 15.0, 0.0),
    },
    // Regulators end at 14.8 V, in frost near 15. Above 15.2 batteries gas and electronics suffer; five seconds outlast
    // the peak after a large consumer is switched off. From 18 V on it is a 24 V vehicle.
    ValueRule {
        key: "rule/charging-high",
        specialist: Specialist::Electrical,
        signals: &["control_module_voltage"],
        over: true,
        levels: &[level(15.2, 5_000, Severity::ActSoon)],
        applies: (0.0, 18.0),
        running: false,
        title: "The charging voltage is too high",
        explanation: "Above 15.2 V the battery gases and electronics may be damaged: the alternator's regulator does not limit it.",
        stop: "",
        check_next: &[
            "Measure the voltage at the battery with the engine running.",
            "Check the alternator's connector and the regulator's sense wire, engine off.",
            "Replace regulator or alternator if the battery sees the same voltage.",
        ],
        over_again: (12.9, 15.0, 0.0),
    },
    // Engine oil works at 90 to 120 °C, on a hot day under load up to 135. From 140 on its film thins and it ages within
    // hours; 150 °C is where oil makers and engine makers draw the line.
    ValueRule {
        key: "rule/oil-hot",
        specialist: Specialist::Engine,
        signals: &["engine_oil_temperature"],
        over: true,
        levels: &[level(150.0, 5_000, Severity::ActSoon), level(OIL_HOT, 30_000, Severity::Watch)],
        applies: ANY,
        running: false,
        title: "Engine oil is too hot",
        explanation: "Oil this hot lubricates badly and ages fast.",
        stop: "",
        check_next: &[
            "Take the load off and let it cool at idle.",
            "Check the engine oil's level and grade.",
            "Check the oil cooler and its air.",
        ],
        over_again: (OIL_WELL.0, OIL_WELL.1, WARM_AFTER),
    },
    // Three-way catalysts work at 400 to 870 °C; above 950 the coating sinters for good, and unburnt fuel brings it to 1,000 and
    // beyond within seconds.
    ValueRule {
        key: "rule/catalyst-hot",
        specialist: Specialist::Emissions,
        signals: &[
            "catalyst_temperature_bank_1_sensor_1",
            "catalyst_temperature_bank_2_sensor_1",
            "catalyst_temperature_bank_1_sensor_2",
            "catalyst_temperature_bank_2_sensor_2",
        ],
        over: true,
        levels: &[level(1000.0, 5_000, Severity::ActNow), level(950.0, 10_000, Severity::ActSoon)],
        applies: ANY,
        running: false,
        title: "The catalyst is too hot",
        explanation: "Above 950 °C a catalyst is damaged for good; most often fuel burns in it that should have burnt in the engine.",
        stop: "Do not drive it on until the cause is mended: what is near it can catch fire.",
        check_next: &[
            "Take the load off; do not park over dry grass.",
            "Look for misfire and for a rich mixture.",
            "Check the catalyst for blockage afterwards.",
        ],
        over_again: (250.0, 900.0, 600.0),
    },
];

impl ValueRule {
    /// Whether a value is beyond a level.
    pub(super) fn beyond(&self, level: &Level, value: f64) -> bool {
        let (least, most) = self.applies;
        let beyond = if self.over { value > level.limit } else { value < level.limit };
        beyond && (least..most).contains(&value)
    }

    /// At a severity that is the level's or milder.
    pub(super) fn finding(&self, severity: Severity, confidence: f64, said: &str, rests_on: Vec<Evidence>) -> Finding {
        let stop = if severity == Severity::ActNow { self.stop } else { "" };
        let rule = Rule {
            key: self.key,
            specialist: self.specialist,
            severity,
            confidence,
            title: self.title.to_owned(),
            explanation: format!("{} {said} {stop}", self.explanation).trim_end().to_owned(),
            check_next: self.check_next,
        };
        rule.finding(rests_on)
    }

    /// As evidence.
    pub(super) fn rests_on(&self, name: &str, value: f64, unit: &str, ecu: &str, at: Timestamp) -> Evidence {
        evidence(crate::acquire::called(name), format!("{} {unit}", number(value)).trim_end(), ecu, at)
    }
}

/// What one reading of each value says. One reading is no hold time: it never presses to act now, and weighs half.
pub(super) fn in_check(case: &Case<'_>) -> Vec<Finding> {
    let mut findings: Vec<Finding> = Vec::new();
    for rule in RULES {
        if rule.running && !case.running() {
            continue;
        }
        for value in rule.signals.iter().flat_map(|name| case.values(name)) {
            let Some(level) = rule.levels.iter().find(|l| rule.beyond(l, value.value)) else { continue };
            let severity = level.severity.min(Severity::ActSoon);
            let said = "It was read once, during the check.";
            let mut finding = rule.finding(severity, 0.5, said, vec![value.evidence()]);
            match findings.iter_mut().find(|f| f.key == finding.key) {
                Some(held) if held.severity >= finding.severity => held.evidence.append(&mut finding.evidence),
                Some(held) => *held = finding,
                None => findings.push(finding),
            }
        }
    }
    findings
}

/// Why a finding of these rules is over by this check, if that is certain enough: the value was read where it should be,
/// with the engine running for long enough to show it.
pub(super) fn clear(case: &Case<'_>, key: &str) -> Option<String> {
    let rule = RULES.iter().find(|r| r.key == key)?;
    let (least, most, seconds) = rule.over_again;
    let ran = case.value("engine_run_time").map_or(0.0, |t| t.value);
    if !case.running() || ran < seconds {
        return None;
    }
    let read: Vec<_> = rule.signals.iter().flat_map(|name| case.values(name)).collect();
    let first = read.first()?;
    let well = read.iter().all(|v| (least..=most).contains(&v.value));
    well.then(|| format!("{} was {} with the engine running.", first.label, first.shown()))
}
