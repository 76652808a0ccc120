//! PIDs 78 to 7C, 83, 86, 8C, 8F, 98, 99 and 9C: what the exhaust gas is like.

use super::{Length, Number, Pid, pid};

/// FFFF is more than any exhaust holds, and may be a sensor that is still cold.
const fn nox(at: u8) -> Number {
    Number::new(at, 2, "ppm").doubtful(0xFFFF)
}

const fn particulates(at: u8) -> Number {
    Number::new(at, 2, "mg/m³").div(80.0)
}

/// The factors are as printed; they abbreviate 100/65535 and 8/65536.
const fn oxygen(at: u8) -> Number {
    Number::new(at, 2, "%").mul(0.001_526)
}

const fn lambda(at: u8) -> Number {
    Number::new(at, 2, "").mul(0.000_122)
}

macro_rules! temperatures {
    ($bank:literal, $a:literal, $b:literal, $c:literal, $d:literal) => {
        &[
            temperatures!(1, $bank, $a).when(0, 0),
            temperatures!(3, $bank, $b).when(0, 1),
            temperatures!(5, $bank, $c).when(0, 2),
            temperatures!(7, $bank, $d).when(0, 3),
        ]
    };
    ($at:literal, $bank:literal, $sensor:literal) => {
        Number::celsius_wide($at).called(
            concat!("exhaust_gas_temperature_bank_", $bank, "_sensor_", $sensor),
            concat!("Exhaust gas temperature bank ", $bank, " sensor ", $sensor),
        )
    };
}

macro_rules! filter {
    ($bank:literal) => {
        &[
            // Two's complement. A table with -327.68 at 0000 is mistaken: a clean filter would read as a vacuum.
            Number::new(1, 2, "kPa")
                .signed()
                .div(100.0)
                .called(
                    concat!("pm_filter_bank_", $bank, "_pressure_difference"),
                    concat!("Particulate filter bank ", $bank, " pressure difference"),
                )
                .when(0, 0),
            Number::new(3, 2, "kPa")
                .div(100.0)
                .called(
                    concat!("pm_filter_bank_", $bank, "_inlet_pressure"),
                    concat!("Particulate filter bank ", $bank, " inlet pressure"),
                )
                .when(0, 1),
            Number::new(5, 2, "kPa")
                .div(100.0)
                .called(
                    concat!("pm_filter_bank_", $bank, "_outlet_pressure"),
                    concat!("Particulate filter bank ", $bank, " outlet pressure"),
                )
                .when(0, 2),
        ]
    };
}

macro_rules! wide_sensors {
    ($first:literal, $second:literal) => {
        &[
            wide_sensors!(oxygen(1), "o2_concentration", "O2 concentration", "1", $first).when(0, 0),
            wide_sensors!(oxygen(3), "o2_concentration", "O2 concentration", "1", $second).when(0, 1),
            wide_sensors!(oxygen(5), "o2_concentration", "O2 concentration", "2", $first).when(0, 2),
            wide_sensors!(oxygen(7), "o2_concentration", "O2 concentration", "2", $second).when(0, 3),
            wide_sensors!(lambda(9), "lambda", "Lambda", "1", $first).when(0, 4),
            wide_sensors!(lambda(11), "lambda", "Lambda", "1", $second).when(0, 5),
            wide_sensors!(lambda(13), "lambda", "Lambda", "2", $first).when(0, 6),
            wide_sensors!(lambda(15), "lambda", "Lambda", "2", $second).when(0, 7),
        ]
    };
    ($number:expr, $name:literal, $label:literal, $bank:literal, $sensor:literal) => {
        $number.called(
            concat!($name, "_bank_", $bank, "_sensor_", $sensor),
            concat!($label, " bank ", $bank, " sensor ", $sensor),
        )
    };
}

macro_rules! particulate_sensor {
    ($bank:literal, $at:literal, $bit:literal) => {
        [
            super::Field::flag(
                $at,
                0,
                concat!("pm_sensor_bank_", $bank, "_active"),
                concat!("Particulate sensor bank ", $bank, " measures"),
            )
            .when(0, $bit),
            super::Field::flag(
                $at,
                1,
                concat!("pm_sensor_bank_", $bank, "_regenerating"),
                concat!("Particulate sensor bank ", $bank, " regenerates"),
            )
            .when(0, $bit),
            Number::new($at + 1, 2, "%")
                .signed()
                .div(100.0)
                .called(
                    concat!("pm_sensor_bank_", $bank, "_output"),
                    concat!("Particulate sensor bank ", $bank, " output"),
                )
                .when(0, $bit + 1),
        ]
    };
}

static PARTICULATE_SENSORS: [super::Field; 6] = {
    let [a, b, c] = particulate_sensor!("1", 1, 0);
    let [d, e, f] = particulate_sensor!("2", 4, 2);
    [a, b, c, d, e, f]
};

pub(super) static PIDS: &[Pid] = &[
    pid(0x78, 9, temperatures!("1", "1", "2", "3", "4")),
    pid(0x79, 9, temperatures!("2", "1", "2", "3", "4")),
    pid(0x7A, 7, filter!("1")),
    pid(0x7B, 7, filter!("2")),
    pid(
        0x7C,
        9,
        &[
            Number::celsius_wide(1)
                .called("pm_filter_bank_1_inlet_temperature", "Particulate filter bank 1 inlet temperature")
                .when(0, 0),
            Number::celsius_wide(3)
                .called("pm_filter_bank_1_outlet_temperature", "Particulate filter bank 1 outlet temperature")
                .when(0, 1),
            Number::celsius_wide(5)
                .called("pm_filter_bank_2_inlet_temperature", "Particulate filter bank 2 inlet temperature")
                .when(0, 2),
            Number::celsius_wide(7)
                .called("pm_filter_bank_2_outlet_temperature", "Particulate filter bank 2 outlet temperature")
                .when(0, 3),
        ],
    ),
    // Nine bytes with two sensors a bank; five bytes in the first edition, where the second sensor is that of bank 2.
    Pid {
        pid: 0x83,
        length: Length::Either(9, 5),
        fields: &[
            nox(1).called("nox_bank_1_sensor_1", "NOx bank 1 sensor 1").when(0, 0),
            nox(3).called("nox_bank_1_sensor_2", "NOx bank 1 sensor 2").when(0, 1),
            nox(5).called("nox_bank_2_sensor_1", "NOx bank 2 sensor 1").when(0, 2),
            nox(7).called("nox_bank_2_sensor_2", "NOx bank 2 sensor 2").when(0, 3),
        ],
        earlier: Some(&[
            nox(1).called("nox_bank_1_sensor_1", "NOx bank 1 sensor 1").when(0, 0),
            nox(3).called("nox_bank_2_sensor_1", "NOx bank 2 sensor 1").when(0, 1),
        ]),
    },
    pid(
        0x86,
        5,
        &[
            particulates(1)
                .called("pm_concentration_bank_1_sensor_1", "Particulate concentration bank 1 sensor 1")
                .when(0, 0),
            particulates(3)
                .called("pm_concentration_bank_2_sensor_1", "Particulate concentration bank 2 sensor 1")
                .when(0, 1),
        ],
    ),
    // A widely copied table counts sixteen bytes: it forgets the support byte.
    pid(0x8C, 17, wide_sensors!("1", "2")),
    // Seven bytes; a copied table says five. The output is two's complement (one open source; another has it unsigned).
    pid(0x8F, 7, &PARTICULATE_SENSORS),
    pid(0x98, 9, temperatures!("1", "5", "6", "7", "8")),
    pid(0x99, 9, temperatures!("2", "5", "6", "7", "8")),
    pid(0x9C, 17, wide_sensors!("3", "4")),
];
