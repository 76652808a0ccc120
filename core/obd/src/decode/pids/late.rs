//! PIDs 84, 87, 8D, 8E and 9A to B2 that do not belong to the exhaust.

use super::{Number, Pid, extended::torque, pid};

pub(super) static PIDS: &[Pid] = &[
    pid(0x84, 1, &[Number::celsius(0).called("manifold_surface_temperature", "Manifold surface temperature")]),
    pid(
        0x87,
        5,
        &[
            Number::new(1, 2, "kPa")
                .div(32.0)
                .called("intake_manifold_pressure_a", "Intake manifold absolute pressure A")
                .when(0, 0),
            Number::new(3, 2, "kPa")
                .div(32.0)
                .called("intake_manifold_pressure_b", "Intake manifold absolute pressure B")
                .when(0, 1),
        ],
    ),
    pid(0x8D, 1, &[Number::percent(0).called("absolute_throttle_position_g", "Absolute throttle position G")]),
    pid(0x8E, 1, &[torque(0).called("engine_friction_torque", "Engine friction torque")]),
    // Byte B holds the charging state. One open source describes it, and does not say from which end it counts the bits, so
    // the state is left out. A program that takes bits 6 and 5 of byte A for voltage and current counts from the wrong end.
    pid(
        0x9A,
        6,
        &[
            Number::new(2, 2, "V")
                .div(64.0)
                .called("hybrid_battery_voltage", "Hybrid battery system voltage")
                .when(0, 1),
            Number::new(4, 2, "A")
                .signed()
                .div(10.0)
                .called("hybrid_battery_current", "Hybrid battery system current")
                .when(0, 2),
        ],
    ),
    pid(
        0x9D,
        4,
        &[
            Number::new(0, 2, "g/s").div(50.0).called("engine_fuel_mass_rate", "Engine fuel rate (mass)"),
            Number::new(2, 2, "g/s").div(50.0).called("vehicle_fuel_mass_rate", "Vehicle fuel rate (mass)"),
        ],
    ),
    pid(0x9E, 2, &[Number::new(0, 2, "kg/h").div(5.0).called("exhaust_flow_rate", "Exhaust flow rate")]),
    pid(
        0x9F,
        9,
        &[
            Number::percent(1).called("fuel_system_a_use_bank_1", "Use of fuel system A, bank 1").when(0, 0),
            Number::percent(2).called("fuel_system_b_use_bank_1", "Use of fuel system B, bank 1").when(0, 1),
            Number::percent(3).called("fuel_system_a_use_bank_2", "Use of fuel system A, bank 2").when(0, 2),
            Number::percent(4).called("fuel_system_b_use_bank_2", "Use of fuel system B, bank 2").when(0, 3),
            Number::percent(5).called("fuel_system_a_use_bank_3", "Use of fuel system A, bank 3").when(0, 4),
            Number::percent(6).called("fuel_system_b_use_bank_3", "Use of fuel system B, bank 3").when(0, 5),
            Number::percent(7).called("fuel_system_a_use_bank_4", "Use of fuel system A, bank 4").when(0, 6),
            Number::percent(8).called("fuel_system_b_use_bank_4", "Use of fuel system B, bank 4").when(0, 7),
        ],
    ),
    pid(0xA2, 2, &[Number::new(0, 2, "mg/stroke").div(32.0).called("cylinder_fuel_rate", "Cylinder fuel rate")]),
    pid(0xA6, 4, &[Number::new(0, 4, "km").div(10.0).called("odometer", "Odometer")]),
    // One open source.
    pid(0xAA, 1, &[Number::new(0, 1, "km/h").called("vehicle_speed_limit", "Speed limit set in the vehicle")]),
    // One open source, which gives the unit as km/h by mistake.
    pid(0xB2, 1, &[Number::percent(0).called("traction_battery_state_of_health", "Traction battery state of health")]),
];
