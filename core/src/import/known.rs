//! Which signal a column is: by the names that programs give to the PIDs of SAE J1979. Only what is certain; anything else is a
//! signal of its own name.

use roadworthy_obd::decode;
use std::{collections::HashMap, sync::OnceLock};

/// A signal that the standard names, and that has numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Known {
    pub(crate) pid: u8,
    pub(crate) name: &'static str,
    pub(crate) label: &'static str,
    pub(crate) unit: &'static str,
}

impl Known {
    /// As in [`roadworthy_api::live::SignalInfo::id`], of an ECU that the file does not name.
    pub(crate) fn id(&self) -> String {
        format!(":{:02X}:{}", self.pid, self.name)
    }
}

/// Names in programs, by the standard's; all in the form of [`words`].
const ALSO: &[(&str, &[&str])] = &[
    (
        "coolant_temperature",
        &[
            "engine coolant temperature",
            "engine coolant temp",
            "coolant temp",
            "coolant",
            "ect",
            "water temperature",
            "kuhlmitteltemperatur",
            "engine coolant",
        ],
    ),
    (
        "engine_rpm",
        &[
            "engine rpm",
            "rpm",
            "engine speed",
            "engine revolutions",
            "motordrehzahl",
            "drehzahl",
            "revs",
            "engine revs",
        ],
    ),
    (
        "vehicle_speed",
        &["vehicle speed", "speed", "speed obd", "vehicle speed sensor", "vehicle speed obd", "geschwindigkeit", "vss"],
    ),
    (
        "intake_air_temperature",
        &[
            "intake air temperature",
            "intake air temp",
            "iat",
            "intake temp",
            "air intake temp",
            "air intake temperature",
            "intake temperature",
            "ansauglufttemperatur",
        ],
    ),
    (
        "ambient_air_temperature",
        &[
            "ambient air temperature",
            "ambient air temp",
            "ambient temperature",
            "ambient temp",
            "outside air temperature",
        ],
    ),
    (
        "intake_manifold_pressure",
        &[
            "intake manifold pressure",
            "intake manifold absolute pressure",
            "manifold absolute pressure",
            "map",
            "manifold pressure",
            "intake pressure",
        ],
    ),
    (
        "mass_air_flow",
        &[
            "mass air flow",
            "mass air flow rate",
            "maf",
            "maf air flow rate",
            "air flow rate from mass flow sensor",
            "air flow rate",
            "maf rate",
            "air flow rate maf",
        ],
    ),
    (
        "throttle_position",
        &[
            "throttle position",
            "absolute throttle position",
            "throttle position manifold",
            "throttle",
            "throttle pos",
            "tps",
        ],
    ),
    (
        "calculated_engine_load",
        &["engine load", "calculated engine load", "calculated engine load value", "calculated load value", "load"],
    ),
    (
        "barometric_pressure",
        &["barometric pressure", "absolute barometric pressure", "barometric pressure from vehicle", "baro"],
    ),
    ("timing_advance", &["timing advance", "ignition timing advance", "ignition timing advance for 1 cylinder"]),
    (
        "fuel_level",
        &[
            "fuel level",
            "fuel level from engine ecu",
            "fuel tank",
            "fuel level input",
            "fuel tank level input",
            "fuel tank level",
        ],
    ),
    ("fuel_pressure", &["fuel pressure", "fuel rail gauge pressure low"]),
    (
        "control_module_voltage",
        &[
            "control module voltage",
            "voltage control module",
            "module voltage",
            "ecu voltage",
            "control module power supply",
        ],
    ),
    (
        "short_term_fuel_trim_bank_1",
        &[
            "short term fuel trim bank 1",
            "fuel trim bank 1 short term",
            "stft bank 1",
            "short term fuel trim",
            "stft",
            "short term fuel trim bank1",
            "short fuel trim bank 1",
        ],
    ),
    (
        "long_term_fuel_trim_bank_1",
        &[
            "long term fuel trim bank 1",
            "fuel trim bank 1 long term",
            "ltft bank 1",
            "long term fuel trim",
            "ltft",
            "long term fuel trim bank1",
            "long fuel trim bank 1",
        ],
    ),
    ("short_term_fuel_trim_bank_2", &["short term fuel trim bank 2", "fuel trim bank 2 short term", "stft bank 2"]),
    ("long_term_fuel_trim_bank_2", &["long term fuel trim bank 2", "fuel trim bank 2 long term", "ltft bank 2"]),
    (
        "accelerator_pedal_position_d",
        &["accelerator pedal position d", "accelerator pedalposition d", "pedal d", "accelerator pedal d"],
    ),
    (
        "accelerator_pedal_position_e",
        &["accelerator pedal position e", "accelerator pedalposition e", "pedal e", "accelerator pedal e"],
    ),
    ("accelerator_pedal_position_f", &["accelerator pedal position f", "accelerator pedalposition f", "pedal f"]),
    ("absolute_throttle_position_b", &["absolute throttle position b", "absolute throttle b", "throttle position b"]),
    ("absolute_throttle_position_c", &["absolute throttle position c", "absolute throttle c"]),
    ("relative_throttle_position", &["relative throttle position"]),
    ("commanded_throttle_actuator", &["commanded throttle actuator", "commanded throttle actuator control"]),
    (
        "commanded_equivalence_ratio",
        &[
            "commanded equivalence ratio",
            "fuel air commanded equiv ratio",
            "equiv ratio",
            "commanded equivalence ratio lambda",
            "fuel air commanded equivalence ratio",
            "equivalence ratio commanded",
        ],
    ),
    ("commanded_evaporative_purge", &["commanded evaporative purge", "commanded evap purge", "evap purge"]),
    ("commanded_egr", &["commanded egr", "egr commanded"]),
    ("egr_error", &["egr error"]),
    ("engine_oil_temperature", &["engine oil temperature", "oil temperature", "engine oil temp"]),
    (
        "engine_run_time",
        &[
            "run time since engine start",
            "engine run time",
            "time since engine start",
            "engine runtime",
            "engine run tine",
        ],
    ),
    ("time_with_mil", &["time run with mil on", "engine run time with the mil on"]),
    ("time_since_clear", &["time since trouble codes cleared", "time since codes cleared"]),
    (
        "distance_with_mil",
        &["distance traveled with mil on", "distance travelled with mil cel lit", "distance traveled with mil"],
    ),
    ("distance_since_clear", &["distance travelled since codes cleared", "distance traveled since codes cleared"]),
    ("warm_ups_since_clear", &["warm ups since codes cleared", "warmups since codes cleared"]),
    ("engine_fuel_rate", &["engine fuel rate", "fuel flow rate hour ecu"]),
    ("odometer", &["odometer", "odometer from ecu"]),
    ("absolute_load", &["absolute load", "engine load absolute", "absolute load value"]),
    ("fuel_rail_pressure", &["fuel rail pressure", "fuel rail gauge pressure"]),
    ("ethanol_percentage", &["ethanol fuel", "ethanol fuel percentage", "ethanol"]),
    (
        "hybrid_battery_remaining_life",
        &["hybrid battery charge", "hybrid battery remaining life", "hybrid ev battery charge"],
    ),
    ("relative_accelerator_pedal_position", &["relative accelerator pedal position"]),
    ("demanded_engine_torque", &["drivers demand engine torque", "driver s demand engine percent torque"]),
    ("actual_engine_torque", &["actual engine torque", "actual engine percent torque"]),
    ("reference_engine_torque", &["engine reference torque"]),
    (
        "catalyst_temperature_bank_1_sensor_1",
        &["catalyst temperature bank 1 sensor 1", "catalyst temperature bank1 sensor1"],
    ),
    (
        "catalyst_temperature_bank_1_sensor_2",
        &["catalyst temperature bank 1 sensor 2", "catalyst temperature bank1 sensor2"],
    ),
    (
        "catalyst_temperature_bank_2_sensor_1",
        &["catalyst temperature bank 2 sensor 1", "catalyst temperature bank2 sensor1"],
    ),
    (
        "catalyst_temperature_bank_2_sensor_2",
        &["catalyst temperature bank 2 sensor 2", "catalyst temperature bank2 sensor2"],
    ),
];

fn table() -> &'static HashMap<String, Known> {
    static TABLE: OnceLock<HashMap<String, Known>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        let mut by_name: HashMap<&str, Known> = HashMap::new();
        for pid in 0x01..=0xC8u8 {
            for signal in decode::signals(pid) {
                if signal.range.is_none() {
                    continue;
                }
                let known = Known { pid, name: signal.name, label: signal.label, unit: signal.unit };
                // The first PID that has it is the usual one.
                let known = *by_name.entry(signal.name).or_insert(known);
                table.entry(words(signal.name)).or_insert(known);
                table.entry(words(signal.label)).or_insert(known);
            }
        }
        for (name, also) in ALSO {
            if let Some(known) = by_name.get(name) {
                for spelling in *also {
                    table.insert((*spelling).to_owned(), *known);
                }
            }
        }
        table
    })
}

/// All of them, each once, by label.
pub(crate) fn all() -> Vec<Known> {
    let mut all: Vec<Known> = table().values().copied().collect();
    all.sort_by_key(|k| (k.label, k.pid));
    all.dedup_by_key(|k| (k.name, k.pid));
    all
}

/// Lower-case words with one blank between them, nothing else.
pub(crate) fn words(text: &str) -> String {
    let mut out = String::new();
    for letter in text.chars().flat_map(char::to_lowercase) {
        let letter = match letter {
            'ä' => 'a',
            'ö' => 'o',
            'ü' => 'u',
            'é' | 'è' => 'e',
            other => other,
        };
        if letter.is_alphanumeric() {
            out.push(letter);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// The signal that a name is of, if that is certain.
pub(crate) fn find(name: &str) -> Option<Known> {
    table().get(&words(name)).copied()
}

/// A machine name of any name: `Boost (turbo)` gives `boost_turbo`.
pub(crate) fn slug(name: &str) -> String {
    let mut slug: String = words(name).replace(' ', "_");
    let mut end = slug.len().min(80);
    while !slug.is_char_boundary(end) {
        end -= 1;
    }
    slug.truncate(end);
    if slug.is_empty() { "unnamed".to_owned() } else { slug }
}

/// The name and the unit of a header: `Coolant [°C]`, `Speed (OBD)(km/h)`, `Engine RPM (rpm)`, `Load, %`, `ENGINE_RPM ()`.
pub(crate) fn header(text: &str) -> (String, Option<String>) {
    let text = text.trim();
    let pairs = [('[', ']'), ('(', ')')];
    for (open, close) in pairs {
        if let Some(inside) = text.strip_suffix(close)
            && let Some(at) = inside.rfind(open)
        {
            let (name, unit) = inside.split_at(at);
            let unit = unit.trim_start_matches(open).trim();
            let name = name.trim();
            if unit.is_empty() {
                return (name.to_owned(), None);
            }
            // `Throttle Position(Manifold)` names a place, not a unit.
            if !name.is_empty() && (super::unit::find(unit).is_some() || open == '[') {
                return (name.to_owned(), Some(unit.to_owned()));
            }
        }
    }
    if let Some((name, unit)) = text.rsplit_once(',')
        && super::unit::find(unit).is_some()
    {
        return (name.trim().to_owned(), Some(unit.trim().to_owned()));
    }
    (text.to_owned(), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_of_known_programs_name_their_signals() {
        for (text, name, unit) in [
            ("Engine Coolant Temperature [°C]", "coolant_temperature", Some("°C")),
            ("Engine Coolant Temperature(°F)", "coolant_temperature", Some("°F")),
            ("Air Flow Rate from Mass Flow Sensor [g/s]", "mass_air_flow", Some("g/s")),
            ("Absolute Throttle Position [%]", "throttle_position", Some("%")),
            ("Throttle Position(Manifold)(%)", "throttle_position", Some("%")),
            ("Speed (OBD)(km/h)", "vehicle_speed", Some("km/h")),
            ("ENGINE_RUN_TINE ()", "engine_run_time", None),
            ("CATALYST_TEMPERATURE_BANK1_SENSOR2 ()", "catalyst_temperature_bank_1_sensor_2", None),
            ("FUEL_AIR_COMMANDED_EQUIV_RATIO ()", "commanded_equivalence_ratio", None),
            ("AIR_INTAKE_TEMP", "intake_air_temperature", None),
            ("engine_rpm", "engine_rpm", None),
            ("Accelerator PedalPosition D(%)", "accelerator_pedal_position_d", Some("%")),
            ("Calculated engine load value, %", "calculated_engine_load", Some("%")),
            ("O2 sensor 1 voltage (V)", "o2_sensor_1_voltage", Some("V")),
        ] {
            let (header, found) = header(text);
            assert_eq!((find(&header).map(|k| k.name), found.as_deref()), (Some(name), unit), "{text}");
        }
        for other in
            ["Speed (GPS)(km/h)", "Boost [bar]", "GPS Speed (Meters/second)", "TERM FUEL TRIM BANK 1", "G(x)", ""]
        {
            assert_eq!(find(&header(other).0), None, "{other}: because what is not certain keeps its own name");
        }
    }

    #[test]
    fn every_other_name_is_of_a_signal_and_of_one_only() {
        let mut seen = HashMap::new();
        for (name, also) in ALSO {
            assert_eq!(find(name).map(|k| k.name), Some(*name));
            for spelling in *also {
                assert_eq!(words(spelling), *spelling);
                assert_eq!(seen.insert(spelling, name), None, "{spelling}");
            }
        }
    }

    #[test]
    fn any_name_becomes_a_machine_name() {
        for (name, expect) in [("Boost (turbo)", "boost_turbo"), ("Öl °C", "ol_c"), ("!!", "unnamed"), ("G(x)", "g_x")]
        {
            assert_eq!(slug(name), expect);
        }
        assert!(slug(&"ß".repeat(200)).len() <= 80);
    }
}
