//! PIDs 7D to 7F, 81, 82, 89 and 8A: control areas and run times.

use super::{Field, Number, Pid, pid};

/// Seconds; FFFFFFFF may be a timer that the ECU does not have. A copied table has minutes: those are what a tool shows.
const fn seconds(at: u8) -> Number {
    Number::new(at, 4, "s").doubtful(u32::MAX)
}

macro_rules! control_area {
    ($name:literal, $label:literal) => {
        &[
            Field::flag(0, 0, concat!($name, "_inside_control_area"), concat!($label, ": inside the control area")),
            Field::flag(0, 1, concat!($name, "_outside_control_area"), concat!($label, ": outside the control area")),
            Field::flag(0, 2, concat!($name, "_inside_carve_out"), concat!($label, ": inside the maker's carve-out")),
            Field::flag(0, 3, concat!($name, "_deficiency_active"), concat!($label, ": deficiency area active")),
        ]
    };
}

/// Two timers for each of five emission-increasing auxiliary emission control devices, both under the device's bit.
macro_rules! devices {
    ($a:literal, $b:literal, $c:literal, $d:literal, $e:literal) => {
        &[
            devices!(1, 0, $a, "1"),
            devices!(5, 0, $a, "2"),
            devices!(9, 1, $b, "1"),
            devices!(13, 1, $b, "2"),
            devices!(17, 2, $c, "1"),
            devices!(21, 2, $c, "2"),
            devices!(25, 3, $d, "1"),
            devices!(29, 3, $d, "2"),
            devices!(33, 4, $e, "1"),
            devices!(37, 4, $e, "2"),
        ]
    };
    ($at:literal, $bit:literal, $device:literal, $timer:literal) => {
        seconds($at)
            .called(
                concat!("aecd_", $device, "_timer_", $timer),
                concat!("Run time with AECD ", $device, " active, timer ", $timer),
            )
            .when(0, $bit)
    };
}

pub(super) static PIDS: &[Pid] = &[
    pid(0x7D, 1, control_area!("nox_nte", "NOx control area")),
    pid(0x7E, 1, control_area!("pm_nte", "Particulate control area")),
    pid(
        0x7F,
        13,
        &[
            seconds(1).called("total_engine_run_time", "Total engine run time").when(0, 0),
            seconds(5).called("total_idle_time", "Total idle time").when(0, 1),
            seconds(9).called("total_pto_time", "Total run time with the power take-off active").when(0, 2),
        ],
    ),
    pid(0x81, 41, devices!("1", "2", "3", "4", "5")),
    pid(0x82, 41, devices!("6", "7", "8", "9", "10")),
    pid(0x89, 41, devices!("11", "12", "13", "14", "15")),
    pid(0x8A, 41, devices!("16", "17", "18", "19", "20")),
];
