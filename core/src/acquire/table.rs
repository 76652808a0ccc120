//! What a signal can be: unit, range, and how fast it can change. Each limit has its reason beside it; they are wide, since a
//! flag on a healthy car costs more trust than a fault found a moment later by its code.

/// What is known of one signal, by its machine name (SAE J1979 names of `roadworthy_obd::decode`).
#[derive(Debug)]
pub(super) struct Bound {
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    /// Least and greatest value that can be, inclusive.
    pub(super) range: (f64, f64),
    /// Why it cannot be less.
    pub(super) low: &'static str,
    /// Why it cannot be more.
    pub(super) high: &'static str,
    /// A value within the range that is the end of the usual encoding, and so no measurement, with why.
    pub(super) end: Option<(f64, &'static str)>,
    /// Greatest change per second; `None`: it may change as it likes.
    pub(super) rate: Option<f64>,
    /// Why it cannot change faster; empty without a rate.
    pub(super) inert: &'static str,
}

const fn bound(
    name: &'static str,
    unit: &'static str,
    range: (f64, f64),
    low: &'static str,
    high: &'static str,
) -> Bound {
    Bound { name, unit, range, low, high, end: None, rate: None, inert: "" }
}

impl Bound {
    const fn ends_at(self, value: f64, why: &'static str) -> Self {
        Self { end: Some((value, why)), ..self }
    }

    const fn at_most(self, rate: f64, inert: &'static str) -> Self {
        Self { rate: Some(rate), inert, ..self }
    }
}

const OPEN: &str = "-40 °C is what this PID shows when its sensor is disconnected";
const NEVER_LESS: &str = "the encoding has no such value";
const WATER: &str = "litres of coolant and the iron around them cannot warm or cool that fast";

/// Every signal that is judged by range or rate.
pub(super) static BOUNDS: &[Bound] = &[
    bound("coolant_temperature", "°C", (-39.5, 150.0), OPEN, "a coolant circuit has burst long before; a shorted sensor shows up to 215 °C")
        .at_most(10.0, WATER),
    bound("coolant_temperature_sensor_1", "°C", (-39.5, 150.0), OPEN, "a coolant circuit has burst long before; a shorted sensor shows up to 215 °C")
        .at_most(10.0, WATER),
    bound("coolant_temperature_sensor_2", "°C", (-39.5, 150.0), OPEN, "a coolant circuit has burst long before; a shorted sensor shows up to 215 °C")
        .at_most(10.0, WATER),
    bound("intake_air_temperature", "°C", (-39.5, 130.0), OPEN, "not even air behind a turbocharger without its cooler is that hot for long; a shorted sensor shows up to 215 °C")
        .at_most(15.0, "a thermistor in an intake takes seconds to follow the air"),
    bound("ambient_air_temperature", "°C", (-39.5, 70.0), OPEN, "no weather is that hot; a shorted sensor shows up to 215 °C")
        .at_most(5.0, "the air outside does not change that fast, and ECUs smooth this value"),
    bound("engine_oil_temperature", "°C", (-39.5, 180.0), OPEN, "oil breaks down before; a shorted sensor shows up to 215 °C")
        .at_most(10.0, "litres of oil cannot warm or cool that fast"),
    bound("engine_rpm", "rpm", (0.0, 12_000.0), NEVER_LESS, "no road engine turns that fast; the encoding's end is 16,384 rpm")
        .at_most(12_000.0, "a crankshaft with its flywheel cannot gain or lose speed that fast"),
    bound("vehicle_speed", "km/h", (0.0, 254.0), NEVER_LESS, "255 is the end of the encoding, and what some ECUs send for not known")
        .at_most(60.0, "that is more than one and a half times the pull of the earth, which no tyre holds"),
    // Cranking pulls a weak 12 V battery to 7 V for a moment, which is real and worth seeing.
    bound("control_module_voltage", "V", (6.0, 33.0), "an ECU that answers has power", "not even a 24 V vehicle has that"),
    bound("catalyst_temperature_bank_1_sensor_1", "°C", (-39.5, 1200.0), OPEN, "the catalyst's ceramic melts near 1,400 °C"),
    bound("catalyst_temperature_bank_2_sensor_1", "°C", (-39.5, 1200.0), OPEN, "the catalyst's ceramic melts near 1,400 °C"),
    bound("catalyst_temperature_bank_1_sensor_2", "°C", (-39.5, 1200.0), OPEN, "the catalyst's ceramic melts near 1,400 °C"),
    bound("catalyst_temperature_bank_2_sensor_2", "°C", (-39.5, 1200.0), OPEN, "the catalyst's ceramic melts near 1,400 °C"),
    bound("barometric_pressure", "kPa", (45.0, 112.0), "the highest roads, near 5,800 m, have about 50 kPa", "no weather reaches that"),
    // An ECU that sets its own scale (PID 4F) counts past 255.
    bound("intake_manifold_pressure", "kPa", (5.0, 600.0), "no engine draws such a vacuum", "no road engine is boosted that far")
        .ends_at(255.0, "255 is the end of the encoding"),
    bound("mass_air_flow", "g/s", (0.0, 640.0), NEVER_LESS, "the encoding's end is 655 g/s, several times what a road engine breathes"),
    bound("short_term_fuel_trim_bank_1", "%", (-70.0, 70.0), "no engine runs with such a correction", "no engine runs with such a correction"),
    bound("long_term_fuel_trim_bank_1", "%", (-70.0, 70.0), "no engine runs with such a correction", "no engine runs with such a correction"),
    bound("short_term_fuel_trim_bank_2", "%", (-70.0, 70.0), "no engine runs with such a correction", "no engine runs with such a correction"),
    bound("long_term_fuel_trim_bank_2", "%", (-70.0, 70.0), "no engine runs with such a correction", "no engine runs with such a correction"),
    bound("odometer", "km", (0.0, 5_000_000.0), NEVER_LESS, "no road vehicle has gone that far"),
];

/// What is known of a signal; `None`: nothing, and it is not judged.
pub(super) fn find(name: &str) -> Option<&'static Bound> {
    BOUNDS.iter().find(|b| b.name == name)
}

/// A signal that must move while another does: `(signal, other, how far the other has moved)`.
///
/// Pressure and load are left out: at full throttle both stand still for as long as the hill is.
pub(super) static MOVES_WITH: &[(&str, &str, f64)] =
    &[("mass_air_flow", "engine_rpm", 800.0), ("engine_rpm", "vehicle_speed", 25.0)];
