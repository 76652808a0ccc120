//! PIDs 85, 88, 8B and 90 to 94: reagent, filters, inducement, and what WWH-OBD (GTR 5) adds.

use super::{Field, Number, Pid, pid};

/// Hours; FFFF may be "not available".
const fn hours(at: u8) -> Number {
    Number::new(at, 2, "h").doubtful(0xFFFF)
}

const fn kilometres(at: u8) -> Number {
    Number::new(at, 2, "km")
}

const REGENERATION: &[(u8, &str)] = &[(0, "passive"), (1, "active")];

/// 3 is "not available or not required".
const DISPLAY_STRATEGY: &[(u8, &str)] = &[(0, "non-discriminatory"), (1, "discriminatory")];

/// F is "not available or not required".
const INDICATOR: &[(u8, &str)] = &[(0, "off"), (1, "on demand"), (2, "short"), (3, "continuous"), (14, "error")];

/// 3 is "not supported".
const INDUCEMENT: &[(u8, &str)] = &[(0, "inactive"), (1, "enabled"), (2, "active")];

macro_rules! history {
    ($block:literal, $range:literal, $at:literal, $bit:literal) => {
        [
            Field::flag(
                $at,
                $bit,
                concat!("scr_block_", $block, "_reagent_low"),
                concat!("Reagent too low, ", $range, " ago"),
            ),
            Field::flag(
                $at,
                $bit + 1,
                concat!("scr_block_", $block, "_reagent_incorrect"),
                concat!("Wrong reagent, ", $range, " ago"),
            ),
            Field::flag(
                $at,
                $bit + 2,
                concat!("scr_block_", $block, "_reagent_consumption_deviates"),
                concat!("Reagent consumption deviates, ", $range, " ago"),
            ),
            Field::flag(
                $at,
                $bit + 3,
                concat!("scr_block_", $block, "_nox_too_high"),
                concat!("NOx too high, ", $range, " ago"),
            ),
        ]
    };
}

/// No support byte. Byte A is the state now, bytes B and C four blocks of 10 000 km (the current one first), then distances.
static INDUCEMENT_SYSTEM: [Field; 26] = {
    let [a1, a2, a3, a4] = history!("1", "0 to 10 000 km", 1, 0);
    let [b1, b2, b3, b4] = history!("2", "10 000 to 20 000 km", 1, 4);
    let [c1, c2, c3, c4] = history!("3", "20 000 to 30 000 km", 2, 0);
    let [d1, d2, d3, d4] = history!("4", "30 000 to 40 000 km", 2, 4);
    [
        Field::flag(0, 0, "scr_reagent_low", "Reagent too low"),
        Field::flag(0, 1, "scr_reagent_incorrect", "Wrong reagent"),
        Field::flag(0, 2, "scr_reagent_consumption_deviates", "Reagent consumption deviates"),
        Field::flag(0, 3, "scr_nox_too_high", "NOx too high"),
        Field::flag(0, 7, "scr_inducement_active", "SCR inducement active"),
        a1,
        a2,
        a3,
        a4,
        b1,
        b2,
        b3,
        b4,
        c1,
        c2,
        c3,
        c4,
        d1,
        d2,
        d3,
        d4,
        kilometres(3).called("scr_block_1_distance_induced", "Distance with inducement, current block"),
        kilometres(5).called("scr_block_1_distance", "Distance in the current block"),
        kilometres(7).called("scr_block_2_distance_induced", "Distance with inducement, 10 000 to 20 000 km ago"),
        kilometres(9).called("scr_block_3_distance_induced", "Distance with inducement, 20 000 to 30 000 km ago"),
        kilometres(11).called("scr_block_4_distance_induced", "Distance with inducement, 30 000 to 40 000 km ago"),
    ]
};

pub(super) static PIDS: &[Pid] = &[
    pid(
        0x85,
        10,
        &[
            Number::new(1, 2, "L/h").div(200.0).called("reagent_consumption", "Average reagent consumption").when(0, 0),
            Number::new(3, 2, "L/h")
                .div(200.0)
                .called("demanded_reagent_consumption", "Average demanded reagent consumption")
                .when(0, 1),
            Number::percent(5).called("reagent_level", "Reagent level").when(0, 2),
            Number::new(6, 4, "s")
                .doubtful(u32::MAX)
                .called("nox_warning_time", "Engine run time with the NOx warning on")
                .when(0, 3),
        ],
    ),
    pid(0x88, 13, &INDUCEMENT_SYSTEM),
    pid(
        0x8B,
        7,
        &[
            Field::flag(1, 0, "pm_filter_regenerating", "Particulate filter regenerates").when(0, 0),
            // One bit, so nothing can be absent.
            Field::of(
                "pm_filter_regeneration_type",
                "Particulate filter regeneration",
                Field::bits(1, 0x02, REGENERATION, 0xFF),
            )
            .when(0, 1),
            Field::flag(1, 2, "nox_adsorber_regenerating", "NOx adsorber regenerates").when(0, 2),
            Field::flag(1, 3, "nox_adsorber_desulphurising", "NOx adsorber desulphurises").when(0, 3),
            Number::percent(2)
                .called("pm_filter_regeneration_trigger", "Particulate filter regeneration trigger")
                .when(0, 4),
            Number::new(3, 2, "min")
                .called("pm_filter_regeneration_interval", "Average time between regenerations")
                .when(0, 5),
            Number::new(5, 2, "km")
                .called("pm_filter_regeneration_distance", "Average distance between regenerations")
                .when(0, 6),
        ],
    ),
    pid(
        0x90,
        3,
        &[
            Field::of(
                "mi_display_strategy",
                "Malfunction indicator strategy",
                Field::bits(0, 0x03, DISPLAY_STRATEGY, 3),
            ),
            Field::of("vehicle_mi_status", "Malfunction indicator of the vehicle", Field::bits(0, 0x3C, INDICATOR, 15)),
            // A set bit means *not* complete, as in readiness.
            Field::flag(0, 6, "emission_monitors_incomplete", "Emission monitors not complete"),
            hours(1).called("vehicle_mi_time", "Hours with the continuous indicator on"),
        ],
    ),
    pid(
        0x91,
        5,
        &[
            Field::of("ecu_mi_status", "Malfunction indicator of the ECU", Field::bits(0, 0x0F, INDICATOR, 15)),
            hours(1).called("ecu_mi_time", "Hours with the continuous indicator on (ECU)"),
            hours(3).called("highest_b1_time", "Highest B1 counter of the ECU"),
        ],
    ),
    pid(
        0x92,
        2,
        &[
            Field::flag(1, 0, "fuel_pressure_1_closed_loop", "Fuel pressure 1 in closed loop").when(0, 0),
            Field::flag(1, 1, "fuel_quantity_1_closed_loop", "Fuel injection quantity 1 in closed loop").when(0, 1),
            Field::flag(1, 2, "fuel_timing_1_closed_loop", "Fuel injection timing 1 in closed loop").when(0, 2),
            Field::flag(1, 3, "fuel_balance_1_closed_loop", "Idle fuel balance 1 in closed loop").when(0, 3),
            Field::flag(1, 4, "fuel_pressure_2_closed_loop", "Fuel pressure 2 in closed loop").when(0, 4),
            Field::flag(1, 5, "fuel_quantity_2_closed_loop", "Fuel injection quantity 2 in closed loop").when(0, 5),
            Field::flag(1, 6, "fuel_timing_2_closed_loop", "Fuel injection timing 2 in closed loop").when(0, 6),
            Field::flag(1, 7, "fuel_balance_2_closed_loop", "Idle fuel balance 2 in closed loop").when(0, 7),
        ],
    ),
    pid(
        0x93,
        3,
        &[hours(1).called("cumulative_mi_time", "Hours with the continuous indicator on, cumulative").when(0, 0)],
    ),
    pid(
        0x94,
        12,
        &[
            Field::flag(1, 0, "nox_warning_active", "NOx warning active").when(0, 0),
            Field::of("inducement_level_1", "Inducement level 1", Field::bits(1, 0x06, INDUCEMENT, 3)).when(0, 0),
            Field::of("inducement_level_2", "Inducement level 2", Field::bits(1, 0x18, INDUCEMENT, 3)).when(0, 0),
            Field::of("inducement_level_3", "Inducement level 3", Field::bits(1, 0x60, INDUCEMENT, 3)).when(0, 0),
            hours(2).called("reagent_quality_time", "Hours with wrong reagent").when(0, 1),
            hours(4).called("reagent_consumption_time", "Hours with deviating reagent consumption").when(0, 2),
            hours(6).called("reagent_dosing_time", "Hours without dosing").when(0, 3),
            hours(8).called("egr_valve_time", "Hours with an impeded EGR valve").when(0, 4),
            hours(10).called("nox_monitoring_time", "Hours with a fault of the NOx monitoring").when(0, 5),
        ],
    ),
];
