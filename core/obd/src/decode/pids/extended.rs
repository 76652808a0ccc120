//! PIDs 21 to 67, but for the oxygen sensors and trims.

use super::{Field, Number, Pid, pid};

/// 00 says "not available". FF is not in it, nor is what later editions may add. The first editions end at 0F. 17 and 19 are
/// the same fuel: it moved when 18 came. 1D to 20 are from the newest editions (one open source).
const FUEL_TYPE: &[(u8, &str)] = &[
    (1, "gasoline"),
    (2, "methanol"),
    (3, "ethanol"),
    (4, "diesel"),
    (5, "LPG"),
    (6, "CNG"),
    (7, "propane"),
    (8, "electric"),
    (9, "bi-fuel running on gasoline"),
    (10, "bi-fuel running on methanol"),
    (11, "bi-fuel running on ethanol"),
    (12, "bi-fuel running on LPG"),
    (13, "bi-fuel running on CNG"),
    (14, "bi-fuel running on propane"),
    (15, "bi-fuel running on electricity"),
    (16, "bi-fuel running on electricity and combustion engine"),
    (17, "hybrid gasoline"),
    (18, "hybrid ethanol"),
    (19, "hybrid diesel"),
    (20, "hybrid electric"),
    (21, "hybrid running on electricity and combustion engine"),
    (22, "hybrid regenerative"),
    (23, "bi-fuel running on diesel"),
    (24, "bi-fuel running on natural gas"),
    (25, "bi-fuel running on diesel"),
    (26, "natural gas"),
    (27, "dual fuel: diesel and CNG"),
    (28, "dual fuel: diesel and LNG"),
    (29, "fuel cell"),
    (30, "hydrogen in a combustion engine"),
    (31, "kerosene"),
    (32, "heavy fuel oil"),
];

/// 11 is from the newest editions (one open source).
const EMISSION_REQUIREMENTS: &[(u8, &str)] = &[
    (0x0E, "Euro IV B1 (heavy duty)"),
    (0x0F, "Euro V B2 (heavy duty)"),
    (0x10, "Euro EEV C (heavy duty)"),
    (0x11, "Euro VI (heavy duty)"),
];

/// One byte, -125 % at 00.
pub(super) const fn torque(at: u8) -> Number {
    Number::new(at, 1, "%").add(-125.0)
}

/// One catalyst temperature.
const fn catalyst(name: &'static str, label: &'static str) -> [Field; 1] {
    [Number::new(0, 2, "°C").div(10.0).add(-40.0).called(name, label)]
}

pub(super) static PIDS: &[Pid] = &[
    pid(0x21, 2, &[Number::new(0, 2, "km").called("distance_with_mil", "Distance with the MIL on")]),
    pid(
        0x22,
        2,
        &[Number::new(0, 2, "kPa")
            .mul(0.079)
            .called("fuel_rail_pressure_relative", "Fuel rail pressure relative to the manifold")],
    ),
    pid(0x23, 2, &[Number::new(0, 2, "kPa").mul(10.0).called("fuel_rail_pressure", "Fuel rail pressure (gauge)")]),
    pid(0x2C, 1, &[Number::percent(0).called("commanded_egr", "Commanded EGR")]),
    pid(0x2D, 1, &[Number::trim(0).called("egr_error", "EGR error")]),
    pid(0x2E, 1, &[Number::percent(0).called("commanded_evaporative_purge", "Commanded evaporative purge")]),
    pid(0x2F, 1, &[Number::percent(0).called("fuel_level", "Fuel level")]),
    pid(0x30, 1, &[Number::new(0, 1, "").called("warm_ups_since_clear", "Warm-ups since codes were cleared")]),
    pid(0x31, 2, &[Number::new(0, 2, "km").called("distance_since_clear", "Distance since codes were cleared")]),
    // Two's complement in quarters of a pascal; early tables show it unsigned.
    pid(
        0x32,
        2,
        &[Number::new(0, 2, "Pa")
            .signed()
            .div(4.0)
            .called("evap_vapor_pressure", "Evaporative system vapour pressure")],
    ),
    pid(0x33, 1, &[Number::new(0, 1, "kPa").called("barometric_pressure", "Barometric pressure")]),
    pid(0x3C, 2, &catalyst("catalyst_temperature_bank_1_sensor_1", "Catalyst temperature bank 1 sensor 1")),
    pid(0x3D, 2, &catalyst("catalyst_temperature_bank_2_sensor_1", "Catalyst temperature bank 2 sensor 1")),
    pid(0x3E, 2, &catalyst("catalyst_temperature_bank_1_sensor_2", "Catalyst temperature bank 1 sensor 2")),
    pid(0x3F, 2, &catalyst("catalyst_temperature_bank_2_sensor_2", "Catalyst temperature bank 2 sensor 2")),
    pid(0x42, 2, &[Number::new(0, 2, "V").div(1000.0).called("control_module_voltage", "Control module voltage")]),
    pid(0x43, 2, &[Number::new(0, 2, "%").mul(100.0).div(255.0).called("absolute_load", "Absolute load")]),
    pid(
        0x44,
        2,
        &[Number::new(0, 2, "")
            .mul(2.0)
            .div(65536.0)
            .called("commanded_equivalence_ratio", "Commanded equivalence ratio")],
    ),
    pid(0x45, 1, &[Number::percent(0).called("relative_throttle_position", "Relative throttle position")]),
    pid(0x46, 1, &[Number::celsius(0).called("ambient_air_temperature", "Ambient air temperature")]),
    pid(0x47, 1, &[Number::percent(0).called("absolute_throttle_position_b", "Absolute throttle position B")]),
    pid(0x48, 1, &[Number::percent(0).called("absolute_throttle_position_c", "Absolute throttle position C")]),
    pid(0x49, 1, &[Number::percent(0).called("accelerator_pedal_position_d", "Accelerator pedal position D")]),
    pid(0x4A, 1, &[Number::percent(0).called("accelerator_pedal_position_e", "Accelerator pedal position E")]),
    pid(0x4B, 1, &[Number::percent(0).called("accelerator_pedal_position_f", "Accelerator pedal position F")]),
    pid(0x4C, 1, &[Number::percent(0).called("commanded_throttle_actuator", "Commanded throttle actuator")]),
    pid(0x4D, 2, &[Number::new(0, 2, "min").called("time_with_mil", "Engine run time with the MIL on")]),
    pid(0x4E, 2, &[Number::new(0, 2, "min").called("time_since_clear", "Engine run time since codes were cleared")]),
    // 00 says that the default scaling applies, so there is no maximum to show.
    pid(
        0x4F,
        4,
        &[
            Number::new(0, 1, "").absent(0).called("maximum_equivalence_ratio", "Maximum equivalence ratio"),
            Number::new(1, 1, "V").absent(0).called("maximum_o2_sensor_voltage", "Maximum O2 sensor voltage"),
            Number::new(2, 1, "mA").absent(0).called("maximum_o2_sensor_current", "Maximum O2 sensor current"),
            Number::new(3, 1, "kPa")
                .mul(10.0)
                .absent(0)
                .called("maximum_intake_manifold_pressure", "Maximum intake manifold pressure"),
        ],
    ),
    // Bytes B to D are reserved.
    pid(
        0x50,
        4,
        &[Number::new(0, 1, "g/s").mul(10.0).absent(0).called("maximum_mass_air_flow", "Maximum mass air flow")],
    ),
    pid(0x51, 1, &[Field::of("fuel_type", "Fuel the vehicle uses now", Field::bits(0, 0xFF, FUEL_TYPE, 0x00))]),
    pid(0x52, 1, &[Number::percent(0).called("ethanol_percentage", "Alcohol in the fuel")]),
    pid(
        0x53,
        2,
        &[Number::new(0, 2, "kPa")
            .div(200.0)
            .called("absolute_evap_vapor_pressure", "Absolute evaporative system vapour pressure")],
    ),
    // Two's complement since 2007; before, raw - 32767. The later edition is followed: the older one put zero at 7FFF, so
    // a value near -32768 Pa or 32767 Pa tells that an old ECU sent it.
    pid(
        0x54,
        2,
        &[Number::new(0, 2, "Pa")
            .signed()
            .called("evap_vapor_pressure_wide", "Evaporative system vapour pressure (wide range)")],
    ),
    pid(
        0x59,
        2,
        &[Number::new(0, 2, "kPa").mul(10.0).called("fuel_rail_absolute_pressure", "Fuel rail absolute pressure")],
    ),
    pid(
        0x5A,
        1,
        &[Number::percent(0).called("relative_accelerator_pedal_position", "Relative accelerator pedal position")],
    ),
    pid(0x5B, 1, &[Number::percent(0).called("hybrid_battery_remaining_life", "Hybrid battery pack remaining life")]),
    pid(0x5C, 1, &[Number::celsius(0).called("engine_oil_temperature", "Engine oil temperature")]),
    pid(
        0x5D,
        2,
        &[Number::new(0, 2, "°").div(128.0).add(-210.0).called("fuel_injection_timing", "Fuel injection timing")],
    ),
    pid(0x5E, 2, &[Number::new(0, 2, "L/h").div(20.0).called("engine_fuel_rate", "Engine fuel rate")]),
    pid(
        0x5F,
        1,
        &[Field::list(0, EMISSION_REQUIREMENTS, "emission_requirements", "Emission requirements of the vehicle")],
    ),
    pid(0x61, 1, &[torque(0).called("demanded_engine_torque", "Driver's demand engine torque")]),
    pid(0x62, 1, &[torque(0).called("actual_engine_torque", "Actual engine torque")]),
    pid(0x63, 2, &[Number::new(0, 2, "Nm").called("reference_engine_torque", "Engine reference torque")]),
    pid(
        0x64,
        5,
        &[
            torque(0).called("engine_torque_at_idle", "Engine torque at idle"),
            torque(1).called("engine_torque_at_point_2", "Engine torque at point 2"),
            torque(2).called("engine_torque_at_point_3", "Engine torque at point 3"),
            torque(3).called("engine_torque_at_point_4", "Engine torque at point 4"),
            torque(4).called("engine_torque_at_point_5", "Engine torque at point 5"),
        ],
    ),
    // Byte A says which are supported, byte B how they are. The newest editions also have a recommended gear in the upper half
    // of byte B; which numbers mean "none" is not described, so it is left out.
    pid(
        0x65,
        2,
        &[
            Field::flag(1, 0, "pto_status", "Power take-off").when(0, 0),
            Field::flag(1, 1, "automatic_transmission_in_drive", "Automatic transmission in drive").when(0, 1),
            Field::flag(1, 2, "manual_transmission_in_gear", "Manual transmission in gear").when(0, 2),
            Field::flag(1, 3, "glow_plug_lamp", "Glow plug lamp").when(0, 3),
        ],
    ),
    pid(
        0x66,
        5,
        &[
            Number::new(1, 2, "g/s").div(32.0).called("mass_air_flow_sensor_a", "Mass air flow sensor A").when(0, 0),
            Number::new(3, 2, "g/s").div(32.0).called("mass_air_flow_sensor_b", "Mass air flow sensor B").when(0, 1),
        ],
    ),
    pid(
        0x67,
        3,
        &[
            Number::celsius(1).called("coolant_temperature_sensor_1", "Engine coolant temperature sensor 1").when(0, 0),
            Number::celsius(2).called("coolant_temperature_sensor_2", "Engine coolant temperature sensor 2").when(0, 1),
        ],
    ),
];
