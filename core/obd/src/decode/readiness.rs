//! Readiness of the emission monitors: PID 01 (since codes were cleared) and PID 41 (this driving cycle).

use roadworthy_api::check::{Ignition, MonitorTest};

/// One emission monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Monitor {
    /// Machine name, as in `catalyst`.
    pub name: &'static str,
    /// Fitted (PID 01) or enabled in this driving cycle (PID 41).
    pub available: bool,
    /// Available and run to its end. A set bit in the reply means *not* complete.
    pub complete: bool,
}

/// Readiness of one ECU.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readiness {
    /// `0x01`: since codes were cleared. `0x41`: this driving cycle; its byte A is reserved, so `mil` and `dtc_count` mean
    /// nothing there.
    pub pid: u8,
    /// Malfunction indicator lamp commanded on.
    pub mil: bool,
    /// Confirmed emission-related codes, 0–127.
    pub dtc_count: u8,
    /// Which list of monitors applies.
    pub ignition: Ignition,
    /// The monitors of that list, in the standard's order; reserved bits are left out.
    pub monitors: Vec<Monitor>,
}

/// Byte B, bits 0–2 (support) and 4–6 (incomplete).
const CONTINUOUS: [&str; 3] = ["misfire", "fuel_system", "components"];
/// Bytes C (support) and D (incomplete), bits 0–7. Bit 4 was the A/C refrigerant monitor and is a particulate filter's
/// in editions since 2016; the name of the older edition is kept, since most vehicles follow it.
const SPARK: [Option<&str>; 8] = [
    Some("catalyst"),
    Some("heated_catalyst"),
    Some("evaporative_system"),
    Some("secondary_air"),
    Some("ac_refrigerant"),
    Some("oxygen_sensor"),
    Some("oxygen_sensor_heater"),
    Some("egr_vvt"),
];
/// As [`SPARK`], for compression ignition. Bits 2 and 4 are reserved.
const COMPRESSION: [Option<&str>; 8] = [
    Some("nmhc_catalyst"),
    Some("nox_scr"),
    None,
    Some("boost_pressure"),
    None,
    Some("exhaust_gas_sensor"),
    Some("pm_filter"),
    Some("egr_vvt"),
];

pub(super) fn read(pid: u8, [a, b, c, d]: [u8; 4]) -> Readiness {
    let compression = b & 0x08 != 0;
    let monitor =
        |name, available: bool, incomplete: bool| Monitor { name, available, complete: available && !incomplete };
    let bit = |byte: u8, at: usize| byte >> at & 1 != 0;
    let mut monitors = Vec::with_capacity(11);
    monitors.extend(CONTINUOUS.iter().enumerate().map(|(i, name)| monitor(name, bit(b, i), bit(b, i + 4))));
    let list = if compression { &COMPRESSION } else { &SPARK };
    monitors.extend(list.iter().enumerate().filter_map(|(i, name)| Some(monitor((*name)?, bit(c, i), bit(d, i)))));
    let ignition = if compression { Ignition::Compression } else { Ignition::Spark };
    Readiness { pid, mil: a & 0x80 != 0, dtc_count: a & 0x7F, ignition, monitors }
}

impl Readiness {
    /// The monitors in the contract's form.
    pub fn tests(&self) -> Vec<MonitorTest> {
        let test = |m: &Monitor| MonitorTest { name: m.name.to_owned(), available: m.available, complete: m.complete };
        self.monitors.iter().map(test).collect()
    }
}
