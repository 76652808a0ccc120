//! PIDs 68 to 77: intake air, exhaust gas recirculation, throttles, fuel pressure and boost.

use super::{Field, Number, Pid, either, pid};

/// 00 is "not used".
const CONTROL: &[(u8, &str)] = &[(1, "open loop"), (2, "closed loop"), (3, "fault, data unreliable")];

/// Two bytes, 10 kPa a step.
const fn rail(at: u8) -> Number {
    Number::new(at, 2, "kPa").mul(10.0)
}

/// Two bytes, a 32nd of a kilopascal a step.
const fn boost(at: u8) -> Number {
    Number::new(at, 2, "kPa").div(32.0)
}

/// Two bytes, 10 rpm a step.
const fn turbo(at: u8) -> Number {
    Number::new(at, 2, "rpm").mul(10.0)
}

/// One byte, 4 °C a step from -40 °C.
const fn celsius_coarse(at: u8) -> Number {
    Number::new(at, 1, "°C").mul(4.0).add(-40.0)
}

macro_rules! turbocharger_temperatures {
    ($letter:literal, $upper:literal) => {
        &[
            Number::celsius(1)
                .called(
                    concat!("turbocharger_", $letter, "_compressor_inlet_temperature"),
                    concat!("Turbocharger ", $upper, " compressor inlet temperature"),
                )
                .when(0, 0),
            Number::celsius(2)
                .called(
                    concat!("turbocharger_", $letter, "_compressor_outlet_temperature"),
                    concat!("Turbocharger ", $upper, " compressor outlet temperature"),
                )
                .when(0, 1),
            Number::celsius_wide(3)
                .called(
                    concat!("turbocharger_", $letter, "_turbine_inlet_temperature"),
                    concat!("Turbocharger ", $upper, " turbine inlet temperature"),
                )
                .when(0, 2),
            Number::celsius_wide(5)
                .called(
                    concat!("turbocharger_", $letter, "_turbine_outlet_temperature"),
                    concat!("Turbocharger ", $upper, " turbine outlet temperature"),
                )
                .when(0, 3),
        ]
    };
}

pub(super) static PIDS: &[Pid] = &[
    // A widely copied table gives three bytes, with the sensors of one bank only; the bits and places are the same.
    either(
        0x68,
        7,
        3,
        &[
            Number::celsius(1)
                .called("intake_air_temperature_bank_1_sensor_1", "Intake air temperature bank 1 sensor 1")
                .when(0, 0),
            Number::celsius(2)
                .called("intake_air_temperature_bank_1_sensor_2", "Intake air temperature bank 1 sensor 2")
                .when(0, 1),
            Number::celsius(3)
                .called("intake_air_temperature_bank_1_sensor_3", "Intake air temperature bank 1 sensor 3")
                .when(0, 2),
            Number::celsius(4)
                .called("intake_air_temperature_bank_2_sensor_1", "Intake air temperature bank 2 sensor 1")
                .when(0, 3),
            Number::celsius(5)
                .called("intake_air_temperature_bank_2_sensor_2", "Intake air temperature bank 2 sensor 2")
                .when(0, 4),
            Number::celsius(6)
                .called("intake_air_temperature_bank_2_sensor_3", "Intake air temperature bank 2 sensor 3")
                .when(0, 5),
        ],
    ),
    pid(
        0x69,
        7,
        &[
            Number::percent(1).called("commanded_egr_a", "Commanded EGR A").when(0, 0),
            Number::percent(2).called("actual_egr_a", "Actual EGR A").when(0, 1),
            Number::trim(3).called("egr_a_error", "EGR A error").when(0, 2),
            Number::percent(4).called("commanded_egr_b", "Commanded EGR B").when(0, 3),
            Number::percent(5).called("actual_egr_b", "Actual EGR B").when(0, 4),
            Number::trim(6).called("egr_b_error", "EGR B error").when(0, 5),
        ],
    ),
    pid(
        0x6A,
        5,
        &[
            Number::percent(1).called("commanded_intake_air_flow_a", "Commanded intake air flow A").when(0, 0),
            Number::percent(2).called("intake_air_flow_position_a", "Relative intake air flow position A").when(0, 1),
            Number::percent(3).called("commanded_intake_air_flow_b", "Commanded intake air flow B").when(0, 2),
            Number::percent(4).called("intake_air_flow_position_b", "Relative intake air flow position B").when(0, 3),
        ],
    ),
    // Bits 4 to 7 came later: the same byte with 4 °C a step. Editions before do not set them.
    pid(
        0x6B,
        5,
        &[
            Number::celsius(1)
                .called("egr_temperature_bank_1_sensor_1", "EGR temperature bank 1 sensor 1")
                .when(0, 0)
                .unless(0, 4),
            celsius_coarse(1).called("egr_temperature_bank_1_sensor_1", "EGR temperature bank 1 sensor 1").when(0, 4),
            Number::celsius(2)
                .called("egr_temperature_bank_1_sensor_2", "EGR temperature bank 1 sensor 2")
                .when(0, 1)
                .unless(0, 5),
            celsius_coarse(2).called("egr_temperature_bank_1_sensor_2", "EGR temperature bank 1 sensor 2").when(0, 5),
            Number::celsius(3)
                .called("egr_temperature_bank_2_sensor_1", "EGR temperature bank 2 sensor 1")
                .when(0, 2)
                .unless(0, 6),
            celsius_coarse(3).called("egr_temperature_bank_2_sensor_1", "EGR temperature bank 2 sensor 1").when(0, 6),
            Number::celsius(4)
                .called("egr_temperature_bank_2_sensor_2", "EGR temperature bank 2 sensor 2")
                .when(0, 3)
                .unless(0, 7),
            celsius_coarse(4).called("egr_temperature_bank_2_sensor_2", "EGR temperature bank 2 sensor 2").when(0, 7),
        ],
    ),
    pid(
        0x6C,
        5,
        &[
            Number::percent(1).called("commanded_throttle_actuator_a", "Commanded throttle actuator A").when(0, 0),
            Number::percent(2).called("relative_throttle_position_a", "Relative throttle position A").when(0, 1),
            Number::percent(3).called("commanded_throttle_actuator_b", "Commanded throttle actuator B").when(0, 2),
            Number::percent(4).called("relative_throttle_position_b", "Relative throttle position B").when(0, 3),
        ],
    ),
    // Six bytes in the first edition, without rail B.
    either(
        0x6D,
        11,
        6,
        &[
            rail(1).called("commanded_fuel_rail_pressure_a", "Commanded fuel rail pressure A").when(0, 0),
            rail(3).called("fuel_rail_pressure_a", "Fuel rail pressure A").when(0, 1),
            Number::celsius(5).called("fuel_rail_temperature_a", "Fuel rail temperature A").when(0, 2),
            rail(6).called("commanded_fuel_rail_pressure_b", "Commanded fuel rail pressure B").when(0, 3),
            rail(8).called("fuel_rail_pressure_b", "Fuel rail pressure B").when(0, 4),
            Number::celsius(10).called("fuel_rail_temperature_b", "Fuel rail temperature B").when(0, 5),
        ],
    ),
    // Five bytes in the first edition, without B.
    either(
        0x6E,
        9,
        5,
        &[
            rail(1).called("commanded_injection_pressure_a", "Commanded injection control pressure A").when(0, 0),
            rail(3).called("injection_pressure_a", "Injection control pressure A").when(0, 1),
            rail(5).called("commanded_injection_pressure_b", "Commanded injection control pressure B").when(0, 2),
            rail(7).called("injection_pressure_b", "Injection control pressure B").when(0, 3),
        ],
    ),
    // Bits 2 and 3 came later: the same byte with 8 kPa a step.
    pid(
        0x6F,
        3,
        &[
            Number::new(1, 1, "kPa")
                .called("compressor_inlet_pressure_a", "Compressor inlet pressure A")
                .when(0, 0)
                .unless(0, 2),
            Number::new(1, 1, "kPa")
                .mul(8.0)
                .called("compressor_inlet_pressure_a", "Compressor inlet pressure A")
                .when(0, 2),
            Number::new(2, 1, "kPa")
                .called("compressor_inlet_pressure_b", "Compressor inlet pressure B")
                .when(0, 1)
                .unless(0, 3),
            Number::new(2, 1, "kPa")
                .mul(8.0)
                .called("compressor_inlet_pressure_b", "Compressor inlet pressure B")
                .when(0, 3),
        ],
    ),
    // The control states, in a byte behind the pressures, have the bits 2 and 5; a table without them moves B to 2 and 3 and
    // has nine bytes. The longer one is the standard's.
    pid(
        0x70,
        10,
        &[
            boost(1).called("commanded_boost_pressure_a", "Commanded boost pressure A").when(0, 0),
            boost(3).called("boost_pressure_a", "Boost pressure A").when(0, 1),
            Field::of("boost_control_a_status", "Boost control A status", Field::bits(9, 0x03, CONTROL, 0)).when(0, 2),
            boost(5).called("commanded_boost_pressure_b", "Commanded boost pressure B").when(0, 3),
            boost(7).called("boost_pressure_b", "Boost pressure B").when(0, 4),
            Field::of("boost_control_b_status", "Boost control B status", Field::bits(9, 0x0C, CONTROL, 0)).when(0, 5),
        ],
    ),
    // As 70: a table without the states has five bytes.
    pid(
        0x71,
        6,
        &[
            Number::percent(1).called("commanded_vgt_position_a", "Commanded turbine geometry A").when(0, 0),
            Number::percent(2).called("vgt_position_a", "Turbine geometry A").when(0, 1),
            Field::of("vgt_control_a_status", "Turbine geometry control A status", Field::bits(5, 0x03, CONTROL, 0))
                .when(0, 2),
            Number::percent(3).called("commanded_vgt_position_b", "Commanded turbine geometry B").when(0, 3),
            Number::percent(4).called("vgt_position_b", "Turbine geometry B").when(0, 4),
            Field::of("vgt_control_b_status", "Turbine geometry control B status", Field::bits(5, 0x0C, CONTROL, 0))
                .when(0, 5),
        ],
    ),
    pid(
        0x72,
        5,
        &[
            Number::percent(1).called("commanded_wastegate_position_a", "Commanded wastegate position A").when(0, 0),
            Number::percent(2).called("wastegate_position_a", "Wastegate position A").when(0, 1),
            Number::percent(3).called("commanded_wastegate_position_b", "Commanded wastegate position B").when(0, 2),
            Number::percent(4).called("wastegate_position_b", "Wastegate position B").when(0, 3),
        ],
    ),
    pid(
        0x73,
        5,
        &[
            Number::new(1, 2, "kPa").div(100.0).called("exhaust_pressure_bank_1", "Exhaust pressure bank 1").when(0, 0),
            Number::new(3, 2, "kPa").div(100.0).called("exhaust_pressure_bank_2", "Exhaust pressure bank 2").when(0, 1),
        ],
    ),
    // 10 rpm a step; a table with 1 rpm would end at half the speed of a small turbocharger.
    pid(
        0x74,
        5,
        &[
            turbo(1).called("turbocharger_a_speed", "Turbocharger A speed").when(0, 0),
            turbo(3).called("turbocharger_b_speed", "Turbocharger B speed").when(0, 1),
        ],
    ),
    pid(0x75, 7, turbocharger_temperatures!("a", "A")),
    pid(0x76, 7, turbocharger_temperatures!("b", "B")),
    pid(
        0x77,
        5,
        &[
            Number::celsius(1)
                .called(
                    "charge_air_cooler_temperature_bank_1_sensor_1",
                    "Charge air cooler temperature bank 1 sensor 1",
                )
                .when(0, 0),
            Number::celsius(2)
                .called(
                    "charge_air_cooler_temperature_bank_1_sensor_2",
                    "Charge air cooler temperature bank 1 sensor 2",
                )
                .when(0, 1),
            Number::celsius(3)
                .called(
                    "charge_air_cooler_temperature_bank_2_sensor_1",
                    "Charge air cooler temperature bank 2 sensor 1",
                )
                .when(0, 2),
            Number::celsius(4)
                .called(
                    "charge_air_cooler_temperature_bank_2_sensor_2",
                    "Charge air cooler temperature bank 2 sensor 2",
                )
                .when(0, 3),
        ],
    ),
];
