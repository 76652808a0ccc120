//! The smallest and largest value of each signal, as SAE J1979-DA prints them.

/// Range by machine name; `None` where the name is not known here.
pub(crate) fn range(name: &str) -> Option<(f64, f64)> {
    let number: String = name.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
    Some(match number.as_str() {
        "dtc_count" => (0.0, 127.0),
        "message_count"
        | "warm_ups_since_clear"
        | "vehicle_speed"
        | "intake_manifold_pressure"
        | "barometric_pressure"
        | "maximum_equivalence_ratio"
        | "maximum_o#_sensor_voltage"
        | "maximum_o#_sensor_current" => (0.0, 255.0),
        "calculated_engine_load"
        | "throttle_position"
        | "commanded_egr"
        | "commanded_evaporative_purge"
        | "fuel_level"
        | "relative_throttle_position"
        | "absolute_throttle_position_b"
        | "absolute_throttle_position_c"
        | "accelerator_pedal_position_d"
        | "accelerator_pedal_position_e"
        | "accelerator_pedal_position_f"
        | "commanded_throttle_actuator"
        | "ethanol_percentage"
        | "relative_accelerator_pedal_position"
        | "hybrid_battery_remaining_life" => (0.0, 100.0),
        "coolant_temperature"
        | "intake_air_temperature"
        | "ambient_air_temperature"
        | "engine_oil_temperature"
        | "coolant_temperature_sensor_#" => (-40.0, 215.0),
        "short_term_fuel_trim_bank_#"
        | "long_term_fuel_trim_bank_#"
        | "egr_error"
        | "short_term_secondary_o#_trim_bank_#"
        | "long_term_secondary_o#_trim_bank_#" => (-100.0, 99.22),
        "o#_sensor_#_short_term_fuel_trim" => (-100.0, 98.44),
        "fuel_pressure" => (0.0, 765.0),
        "engine_rpm" => (0.0, 16_383.75),
        "timing_advance" => (-64.0, 63.5),
        "mass_air_flow" => (0.0, 655.35),
        // Narrow sensors end at 1.275 V, wide ones below 8 V.
        "o#_sensor_#_voltage" => (0.0, 7.9999),
        "o#_sensor_#_equivalence_ratio" | "commanded_equivalence_ratio" => (0.0, 1.99998),
        "o#_sensor_#_current" => (-128.0, 127.9961),
        "engine_run_time"
        | "distance_with_mil"
        | "distance_since_clear"
        | "time_with_mil"
        | "time_since_clear"
        | "reference_engine_torque" => (0.0, 65_535.0),
        "fuel_rail_pressure_relative" => (0.0, 5_177.27),
        "fuel_rail_pressure" | "fuel_rail_absolute_pressure" => (0.0, 655_350.0),
        "evap_vapor_pressure" => (-8_192.0, 8_191.75),
        "evap_vapor_pressure_wide" => (-32_768.0, 32_767.0),
        "catalyst_temperature_bank_#_sensor_#" => (-40.0, 6_513.5),
        "control_module_voltage" => (0.0, 65.535),
        "absolute_load" => (0.0, 25_700.0),
        "maximum_intake_manifold_pressure" | "maximum_mass_air_flow" => (0.0, 2_550.0),
        "absolute_evap_vapor_pressure" => (0.0, 327.675),
        "fuel_injection_timing" => (-210.0, 301.993),
        "engine_fuel_rate" => (0.0, 3_276.75),
        "demanded_engine_torque"
        | "actual_engine_torque"
        | "engine_friction_torque"
        | "engine_torque_at_idle"
        | "engine_torque_at_point_#" => (-125.0, 130.0),
        "mass_air_flow_sensor_a" | "mass_air_flow_sensor_b" => (0.0, 2_047.968_75),
        "odometer" => (0.0, 429_496_729.5),
        _ => return None,
    })
}

/// Codes that an enumeration allows.
pub(crate) fn legal(name: &str, code: u32) -> bool {
    match name {
        "fuel_system_1_status" => matches!(code, 0 | 1 | 2 | 4 | 8 | 16),
        "fuel_system_2_status" => matches!(code, 1 | 2 | 4 | 8 | 16),
        "commanded_secondary_air" => matches!(code, 1 | 2 | 4 | 8),
        "obd_standard" => matches!(code, 1..=13 | 17..=21 | 23..=26 | 28..=35),
        "fuel_type" => matches!(code, 1..=23),
        "emission_requirements" => matches!(code, 14..=16),
        _ => false,
    }
}
