//! Oxygen sensors and fuel trims: PIDs 06–09, 13–1B, 1D, 24–2B, 34–3B, 55–58.
//!
//! Sensors 1 to 8 are numbered as the PIDs are. Which bank and place a number means depends on whether the vehicle has
//! PID 13 (two banks of four) or PID 1D (four banks of two), so the number is all that one reply says.

use super::{Field, Number, Pid, banks, pid};

/// FF says that this sensor is not used for the trim.
const SENSOR_TRIM: Number = Number::trim(1).absent(0xFF);
const VOLTS: Number = Number::new(0, 1, "V").div(200.0);
/// Editions print 0.0000305 and 0.000122 a bit; 2/65536 and 8/65536 are what these abbreviate, and what vehicles use.
const WIDE_VOLTS: Number = Number::new(2, 2, "V").mul(8.0).div(65536.0);
const LAMBDA: Number = Number::new(0, 2, "").mul(2.0).div(65536.0);
const MILLIAMPS: Number = Number::new(2, 2, "mA").div(256.0).add(-128.0);

pub(super) static PIDS: &[Pid] = &[
    banks(
        0x06,
        &[
            Number::trim(0).called("short_term_fuel_trim_bank_1", "Short term fuel trim, bank 1"),
            Number::trim(1).called("short_term_fuel_trim_bank_3", "Short term fuel trim, bank 3"),
        ],
    ),
    banks(
        0x07,
        &[
            Number::trim(0).called("long_term_fuel_trim_bank_1", "Long term fuel trim, bank 1"),
            Number::trim(1).called("long_term_fuel_trim_bank_3", "Long term fuel trim, bank 3"),
        ],
    ),
    banks(
        0x08,
        &[
            Number::trim(0).called("short_term_fuel_trim_bank_2", "Short term fuel trim, bank 2"),
            Number::trim(1).called("short_term_fuel_trim_bank_4", "Short term fuel trim, bank 4"),
        ],
    ),
    banks(
        0x09,
        &[
            Number::trim(0).called("long_term_fuel_trim_bank_2", "Long term fuel trim, bank 2"),
            Number::trim(1).called("long_term_fuel_trim_bank_4", "Long term fuel trim, bank 4"),
        ],
    ),
    // Bit 0 is bank 1 sensor 1; a table that counts from bit 7 is mistaken.
    pid(
        0x13,
        1,
        &[
            Field::flag(0, 0, "o2_sensor_bank_1_sensor_1_present", "O2 sensor bank 1 sensor 1 present"),
            Field::flag(0, 1, "o2_sensor_bank_1_sensor_2_present", "O2 sensor bank 1 sensor 2 present"),
            Field::flag(0, 2, "o2_sensor_bank_1_sensor_3_present", "O2 sensor bank 1 sensor 3 present"),
            Field::flag(0, 3, "o2_sensor_bank_1_sensor_4_present", "O2 sensor bank 1 sensor 4 present"),
            Field::flag(0, 4, "o2_sensor_bank_2_sensor_1_present", "O2 sensor bank 2 sensor 1 present"),
            Field::flag(0, 5, "o2_sensor_bank_2_sensor_2_present", "O2 sensor bank 2 sensor 2 present"),
            Field::flag(0, 6, "o2_sensor_bank_2_sensor_3_present", "O2 sensor bank 2 sensor 3 present"),
            Field::flag(0, 7, "o2_sensor_bank_2_sensor_4_present", "O2 sensor bank 2 sensor 4 present"),
        ],
    ),
    pid(
        0x14,
        2,
        &[
            VOLTS.called("o2_sensor_1_voltage", "O2 sensor 1 voltage"),
            SENSOR_TRIM.called("o2_sensor_1_short_term_fuel_trim", "O2 sensor 1 short term fuel trim"),
        ],
    ),
    pid(
        0x15,
        2,
        &[
            VOLTS.called("o2_sensor_2_voltage", "O2 sensor 2 voltage"),
            SENSOR_TRIM.called("o2_sensor_2_short_term_fuel_trim", "O2 sensor 2 short term fuel trim"),
        ],
    ),
    pid(
        0x16,
        2,
        &[
            VOLTS.called("o2_sensor_3_voltage", "O2 sensor 3 voltage"),
            SENSOR_TRIM.called("o2_sensor_3_short_term_fuel_trim", "O2 sensor 3 short term fuel trim"),
        ],
    ),
    pid(
        0x17,
        2,
        &[
            VOLTS.called("o2_sensor_4_voltage", "O2 sensor 4 voltage"),
            SENSOR_TRIM.called("o2_sensor_4_short_term_fuel_trim", "O2 sensor 4 short term fuel trim"),
        ],
    ),
    pid(
        0x18,
        2,
        &[
            VOLTS.called("o2_sensor_5_voltage", "O2 sensor 5 voltage"),
            SENSOR_TRIM.called("o2_sensor_5_short_term_fuel_trim", "O2 sensor 5 short term fuel trim"),
        ],
    ),
    pid(
        0x19,
        2,
        &[
            VOLTS.called("o2_sensor_6_voltage", "O2 sensor 6 voltage"),
            SENSOR_TRIM.called("o2_sensor_6_short_term_fuel_trim", "O2 sensor 6 short term fuel trim"),
        ],
    ),
    pid(
        0x1A,
        2,
        &[
            VOLTS.called("o2_sensor_7_voltage", "O2 sensor 7 voltage"),
            SENSOR_TRIM.called("o2_sensor_7_short_term_fuel_trim", "O2 sensor 7 short term fuel trim"),
        ],
    ),
    pid(
        0x1B,
        2,
        &[
            VOLTS.called("o2_sensor_8_voltage", "O2 sensor 8 voltage"),
            SENSOR_TRIM.called("o2_sensor_8_short_term_fuel_trim", "O2 sensor 8 short term fuel trim"),
        ],
    ),
    pid(
        0x1D,
        1,
        &[
            Field::flag(0, 0, "o2_sensor_bank_1_sensor_1_present", "O2 sensor bank 1 sensor 1 present"),
            Field::flag(0, 1, "o2_sensor_bank_1_sensor_2_present", "O2 sensor bank 1 sensor 2 present"),
            Field::flag(0, 2, "o2_sensor_bank_2_sensor_1_present", "O2 sensor bank 2 sensor 1 present"),
            Field::flag(0, 3, "o2_sensor_bank_2_sensor_2_present", "O2 sensor bank 2 sensor 2 present"),
            Field::flag(0, 4, "o2_sensor_bank_3_sensor_1_present", "O2 sensor bank 3 sensor 1 present"),
            Field::flag(0, 5, "o2_sensor_bank_3_sensor_2_present", "O2 sensor bank 3 sensor 2 present"),
            Field::flag(0, 6, "o2_sensor_bank_4_sensor_1_present", "O2 sensor bank 4 sensor 1 present"),
            Field::flag(0, 7, "o2_sensor_bank_4_sensor_2_present", "O2 sensor bank 4 sensor 2 present"),
        ],
    ),
    pid(
        0x24,
        4,
        &[
            LAMBDA.called("o2_sensor_1_equivalence_ratio", "O2 sensor 1 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_1_voltage", "O2 sensor 1 voltage"),
        ],
    ),
    pid(
        0x25,
        4,
        &[
            LAMBDA.called("o2_sensor_2_equivalence_ratio", "O2 sensor 2 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_2_voltage", "O2 sensor 2 voltage"),
        ],
    ),
    pid(
        0x26,
        4,
        &[
            LAMBDA.called("o2_sensor_3_equivalence_ratio", "O2 sensor 3 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_3_voltage", "O2 sensor 3 voltage"),
        ],
    ),
    pid(
        0x27,
        4,
        &[
            LAMBDA.called("o2_sensor_4_equivalence_ratio", "O2 sensor 4 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_4_voltage", "O2 sensor 4 voltage"),
        ],
    ),
    pid(
        0x28,
        4,
        &[
            LAMBDA.called("o2_sensor_5_equivalence_ratio", "O2 sensor 5 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_5_voltage", "O2 sensor 5 voltage"),
        ],
    ),
    pid(
        0x29,
        4,
        &[
            LAMBDA.called("o2_sensor_6_equivalence_ratio", "O2 sensor 6 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_6_voltage", "O2 sensor 6 voltage"),
        ],
    ),
    pid(
        0x2A,
        4,
        &[
            LAMBDA.called("o2_sensor_7_equivalence_ratio", "O2 sensor 7 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_7_voltage", "O2 sensor 7 voltage"),
        ],
    ),
    pid(
        0x2B,
        4,
        &[
            LAMBDA.called("o2_sensor_8_equivalence_ratio", "O2 sensor 8 equivalence ratio"),
            WIDE_VOLTS.called("o2_sensor_8_voltage", "O2 sensor 8 voltage"),
        ],
    ),
    pid(
        0x34,
        4,
        &[
            LAMBDA.called("o2_sensor_1_equivalence_ratio", "O2 sensor 1 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_1_current", "O2 sensor 1 current"),
        ],
    ),
    pid(
        0x35,
        4,
        &[
            LAMBDA.called("o2_sensor_2_equivalence_ratio", "O2 sensor 2 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_2_current", "O2 sensor 2 current"),
        ],
    ),
    pid(
        0x36,
        4,
        &[
            LAMBDA.called("o2_sensor_3_equivalence_ratio", "O2 sensor 3 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_3_current", "O2 sensor 3 current"),
        ],
    ),
    pid(
        0x37,
        4,
        &[
            LAMBDA.called("o2_sensor_4_equivalence_ratio", "O2 sensor 4 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_4_current", "O2 sensor 4 current"),
        ],
    ),
    pid(
        0x38,
        4,
        &[
            LAMBDA.called("o2_sensor_5_equivalence_ratio", "O2 sensor 5 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_5_current", "O2 sensor 5 current"),
        ],
    ),
    pid(
        0x39,
        4,
        &[
            LAMBDA.called("o2_sensor_6_equivalence_ratio", "O2 sensor 6 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_6_current", "O2 sensor 6 current"),
        ],
    ),
    pid(
        0x3A,
        4,
        &[
            LAMBDA.called("o2_sensor_7_equivalence_ratio", "O2 sensor 7 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_7_current", "O2 sensor 7 current"),
        ],
    ),
    pid(
        0x3B,
        4,
        &[
            LAMBDA.called("o2_sensor_8_equivalence_ratio", "O2 sensor 8 equivalence ratio"),
            MILLIAMPS.called("o2_sensor_8_current", "O2 sensor 8 current"),
        ],
    ),
    // The second byte is there only with a third or fourth bank; older editions always show two.
    banks(
        0x55,
        &[
            Number::trim(0)
                .called("short_term_secondary_o2_trim_bank_1", "Short term secondary O2 sensor trim, bank 1"),
            Number::trim(1)
                .called("short_term_secondary_o2_trim_bank_3", "Short term secondary O2 sensor trim, bank 3"),
        ],
    ),
    banks(
        0x56,
        &[
            Number::trim(0).called("long_term_secondary_o2_trim_bank_1", "Long term secondary O2 sensor trim, bank 1"),
            Number::trim(1).called("long_term_secondary_o2_trim_bank_3", "Long term secondary O2 sensor trim, bank 3"),
        ],
    ),
    banks(
        0x57,
        &[
            Number::trim(0)
                .called("short_term_secondary_o2_trim_bank_2", "Short term secondary O2 sensor trim, bank 2"),
            Number::trim(1)
                .called("short_term_secondary_o2_trim_bank_4", "Short term secondary O2 sensor trim, bank 4"),
        ],
    ),
    banks(
        0x58,
        &[
            Number::trim(0).called("long_term_secondary_o2_trim_bank_2", "Long term secondary O2 sensor trim, bank 2"),
            Number::trim(1).called("long_term_secondary_o2_trim_bank_4", "Long term secondary O2 sensor trim, bank 4"),
        ],
    ),
];
