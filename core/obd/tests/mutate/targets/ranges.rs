//! The smallest and largest value of each signal, as SAE J1979-DA prints them.

/// Range by machine name; `None` where the name is not known here.
pub(crate) fn range(name: &str) -> Option<(f64, f64)> {
    let mut number: String = name.chars().map(|c| if c.is_ascii_digit() { '#' } else { c }).collect();
    number = number.replace("##", "#");
    if let Some(range) = late(&number) {
        return Some(range);
    }
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

/// PIDs from 68 on, and what other services name.
fn late(number: &str) -> Option<(f64, f64)> {
    Some(match number {
        "intake_air_temperature_bank_#_sensor_#"
        | "fuel_rail_temperature_a"
        | "fuel_rail_temperature_b"
        | "turbocharger_a_compressor_inlet_temperature"
        | "turbocharger_a_compressor_outlet_temperature"
        | "turbocharger_b_compressor_inlet_temperature"
        | "turbocharger_b_compressor_outlet_temperature"
        | "charge_air_cooler_temperature_bank_#_sensor_#"
        | "manifold_surface_temperature" => (-40.0, 215.0),
        "commanded_egr_a"
        | "commanded_egr_b"
        | "actual_egr_a"
        | "actual_egr_b"
        | "commanded_intake_air_flow_a"
        | "commanded_intake_air_flow_b"
        | "intake_air_flow_position_a"
        | "intake_air_flow_position_b"
        | "commanded_throttle_actuator_a"
        | "commanded_throttle_actuator_b"
        | "relative_throttle_position_a"
        | "relative_throttle_position_b"
        | "commanded_vgt_position_a"
        | "commanded_vgt_position_b"
        | "vgt_position_a"
        | "vgt_position_b"
        | "commanded_wastegate_position_a"
        | "commanded_wastegate_position_b"
        | "wastegate_position_a"
        | "wastegate_position_b"
        | "reagent_level"
        | "pm_filter_regeneration_trigger"
        | "absolute_throttle_position_g"
        | "fuel_system_a_use_bank_#"
        | "fuel_system_b_use_bank_#"
        | "traction_battery_state_of_health" => (0.0, 100.0),
        "egr_a_error" | "egr_b_error" => (-100.0, 99.22),
        "egr_temperature_bank_#_sensor_#" => (-40.0, 980.0),
        "commanded_fuel_rail_pressure_a"
        | "commanded_fuel_rail_pressure_b"
        | "fuel_rail_pressure_a"
        | "fuel_rail_pressure_b"
        | "commanded_injection_pressure_a"
        | "commanded_injection_pressure_b"
        | "injection_pressure_a"
        | "injection_pressure_b"
        | "turbocharger_a_speed"
        | "turbocharger_b_speed" => (0.0, 655_350.0),
        "compressor_inlet_pressure_a" | "compressor_inlet_pressure_b" => (0.0, 2_040.0),
        "commanded_boost_pressure_a"
        | "commanded_boost_pressure_b"
        | "boost_pressure_a"
        | "boost_pressure_b"
        | "intake_manifold_pressure_a"
        | "intake_manifold_pressure_b"
        | "cylinder_fuel_rate" => (0.0, 2_047.968_75),
        "exhaust_pressure_bank_#" | "pm_filter_bank_#_inlet_pressure" | "pm_filter_bank_#_outlet_pressure" => {
            (0.0, 655.35)
        }
        "turbocharger_a_turbine_inlet_temperature"
        | "turbocharger_a_turbine_outlet_temperature"
        | "turbocharger_b_turbine_inlet_temperature"
        | "turbocharger_b_turbine_outlet_temperature"
        | "exhaust_gas_temperature_bank_#_sensor_#"
        | "pm_filter_bank_#_inlet_temperature"
        | "pm_filter_bank_#_outlet_temperature" => (-40.0, 6_513.5),
        "pm_filter_bank_#_pressure_difference" | "pm_sensor_bank_#_output" => (-327.68, 327.67),
        "total_engine_run_time" | "total_idle_time" | "total_pto_time" | "nox_warning_time" | "aecd_#_timer_#" => {
            (0.0, 4_294_967_294.0)
        }
        "nox_bank_#_sensor_#"
        | "vehicle_mi_time"
        | "ecu_mi_time"
        | "highest_b#_time"
        | "cumulative_mi_time"
        | "reagent_quality_time"
        | "reagent_consumption_time"
        | "reagent_dosing_time"
        | "egr_valve_time"
        | "nox_monitoring_time" => (0.0, 65_534.0),
        "pm_filter_regeneration_interval"
        | "pm_filter_regeneration_distance"
        | "scr_block_#_distance"
        | "scr_block_#_distance_induced"
        | "fuelled_ignition_cycles"
        | "distance_since_evap_decision" => (0.0, 65_535.0),
        "reagent_consumption" | "demanded_reagent_consumption" => (0.0, 327.675),
        "pm_concentration_bank_#_sensor_#" => (0.0, 819.1875),
        "o#_concentration_bank_#_sensor_#" => (0.0, 100.007),
        "lambda_bank_#_sensor_#" => (0.0, 7.9953),
        "hybrid_battery_voltage" => (0.0, 1_023.985),
        "hybrid_battery_current" => (-3_276.8, 3_276.7),
        "engine_fuel_mass_rate" | "vehicle_fuel_mass_rate" => (0.0, 1_310.7),
        "exhaust_flow_rate" => (0.0, 13_107.0),
        "vehicle_speed_limit" => (0.0, 255.0),
        _ => return None,
    })
}

/// Codes that an enumeration allows.
pub(crate) fn legal(name: &str, code: u32) -> bool {
    match name {
        "fuel_system_1_status" => code == 0 || code < 256 && code.count_ones() == 1,
        "fuel_system_2_status" => code < 256 && code.count_ones() == 1,
        "commanded_secondary_air" => matches!(code, 1 | 2 | 4 | 8),
        "obd_standard" => matches!(code, 1..=13 | 17..=21 | 23..=59),
        "fuel_type" => matches!(code, 1..=32),
        "emission_requirements" => matches!(code, 14..=17),
        "boost_control_a_status" | "boost_control_b_status" | "vgt_control_a_status" | "vgt_control_b_status" => {
            matches!(code, 1..=3)
        }
        "pm_filter_regeneration_type" | "mi_display_strategy" => code <= 1,
        "vehicle_mi_status" | "ecu_mi_status" => matches!(code, 0..=3 | 14),
        "inducement_level_1" | "inducement_level_2" | "inducement_level_3" => code <= 2,
        _ => false,
    }
}
