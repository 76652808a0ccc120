//! Values of a vehicle file: constant bytes and signals of the drive, scaled.

use super::{drive::State, present};
use crate::keys;
use toml::Value;

/// A quantity of the drive that a file may name.
pub(super) struct Signal {
    pub(super) name: &'static str,
    pub(super) get: fn(&State) -> f64,
    pub(super) set: fn(&mut State, f64),
}

macro_rules! signals {
    ($($name:literal $field:ident),+ $(,)?) => {
        /// Every signal; units in `docs/simulator.md`.
        pub(super) const SIGNALS: &[Signal] =
            &[$(Signal { name: $name, get: |s| s.$field, set: |s, value| s.$field = value }),+];
    };
}

signals![
    "runtime" runtime, "speed" speed, "rpm" rpm, "pedal" pedal, "throttle" throttle, "load" load, "coolant" coolant,
    "oil" oil, "intake" intake, "ambient" ambient, "catalyst" catalyst, "maf" maf, "map" map, "pressure" pressure,
    "short-trim" short_trim, "long-trim" long_trim, "lambda" lambda, "o2" o2, "timing" timing, "fuel" fuel,
    "fuel-rate" fuel_rate, "odometer" odometer, "distance" distance, "volts" volts, "battery" battery, "rail" rail,
    "exhaust" exhaust, "filter" filter,
];

/// Part of a value.
#[derive(Clone, Debug)]
pub(crate) enum Part {
    /// This byte.
    Byte(u8),
    /// `signal × scale + offset`, rounded, in so many bytes, highest first; what does not fit is clamped.
    Scaled { get: fn(&State) -> f64, scale: f64, offset: f64, bytes: usize },
}

impl Part {
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Byte(_) => 1,
            Self::Scaled { bytes, .. } => *bytes,
        }
    }
}

/// Whether the physics know a PID without an entry of the file.
pub(super) fn from_physics(pid: u8) -> bool {
    present::KNOWN.contains(&pid)
}

/// The value of `[ecu.values]`: a list of bytes and of tables.
pub(super) fn parts(value: &Value) -> Result<Vec<Part>, String> {
    let list = value.as_array().filter(|l| (1..=64).contains(&l.len())).ok_or("must be a list of 1 to 64 parts.")?;
    let parts: Vec<Part> = list.iter().map(part).collect::<Result<_, _>>()?;
    if parts.iter().map(Part::len).sum::<usize>() > 64 { Err("has more than 64 bytes.".into()) } else { Ok(parts) }
}

fn part(value: &Value) -> Result<Part, String> {
    if let Some(byte) = keys::byte(value) {
        return Ok(Part::Byte(byte));
    }
    let table = value.as_table().ok_or("must hold bytes, 0 to 0xFF, and { signal = … }.")?;
    if let Some(other) = table.keys().find(|k| !["signal", "scale", "offset", "bytes"].contains(&k.as_str())) {
        return Err(format!("has the key \"{other}\"; a part has signal, scale, offset and bytes."));
    }
    let name = table.get("signal").and_then(Value::as_str).ok_or("has a part without a signal.")?;
    let signal = SIGNALS.iter().find(|s| s.name == name).ok_or_else(|| {
        let names: Vec<_> = SIGNALS.iter().map(|s| s.name).collect();
        format!("names the signal \"{name}\"; there is: {}.", names.join(", "))
    })?;
    let number = |key: &str, otherwise: f64| match table.get(key) {
        None => Ok(otherwise),
        Some(value) => keys::number(value).ok_or_else(|| format!("has a {key} that is no number.")),
    };
    let bytes = match table.get("bytes").map(Value::as_integer) {
        None => 1,
        Some(Some(1)) => 1,
        Some(Some(2)) => 2,
        Some(Some(4)) => 4,
        Some(_) => return Err("has a part whose bytes are not 1, 2 or 4.".into()),
    };
    Ok(Part::Scaled { get: signal.get, scale: number("scale", 1.0)?, offset: number("offset", 0.0)?, bytes })
}

/// The bytes of a value at one moment.
pub(super) fn encode(parts: &[Part], state: &State) -> Vec<u8> {
    let mut out = Vec::new();
    for part in parts {
        match part {
            Part::Byte(byte) => out.push(*byte),
            Part::Scaled { get, scale, offset, bytes } => {
                let all = present::long(get(state) * scale + offset, *bytes);
                out.extend(all);
            }
        }
    }
    out
}
