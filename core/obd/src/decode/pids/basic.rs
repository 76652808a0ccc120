//! PIDs 03 to 1F, but for the oxygen sensors and trims.

use super::{Field, Number, Pid, Take, pid};
use crate::decode::Meaning;

/// Exactly one bit may be set. 00 is sent with the engine off. The second byte is 00 where there is no second system;
/// editions before 2010 do not say so, but their vehicles send 00 as well.
const FUEL_SYSTEM: &[(u8, &str)] = &[
    (0, "engine off"),
    (1, "open loop: engine not warm enough"),
    (2, "closed loop"),
    (4, "open loop: engine load or deceleration"),
    (8, "open loop: system fault"),
    (16, "closed loop, but a fault in the feedback"),
];

const SECONDARY_AIR: &[(u8, &str)] = &[
    (1, "upstream of the catalyst"),
    (2, "downstream of the catalyst"),
    (4, "from the outside air, or off"),
    (8, "pump commanded on for diagnostics"),
];

/// The list grew with each edition (2002 ends at 0D, 2017 at 23). What a later edition may have added is refused, since
/// the same number must not read as "unknown" today and as a standard tomorrow. FB to FF are never assigned.
const OBD_STANDARD: &[(u8, &str)] = &[
    (1, "OBD II (California)"),
    (2, "OBD (US federal)"),
    (3, "OBD and OBD II"),
    (4, "OBD I"),
    (5, "not OBD compliant"),
    (6, "EOBD"),
    (7, "EOBD and OBD II"),
    (8, "EOBD and OBD"),
    (9, "EOBD, OBD and OBD II"),
    (10, "JOBD"),
    (11, "JOBD and OBD II"),
    (12, "JOBD and EOBD"),
    (13, "JOBD, EOBD and OBD II"),
    (17, "EMD"),
    (18, "EMD+"),
    (19, "HD OBD-C"),
    (20, "HD OBD"),
    (21, "WWH OBD"),
    (23, "HD EOBD I"),
    (24, "HD EOBD I N"),
    (25, "HD EOBD II"),
    (26, "HD EOBD II N"),
    (28, "OBDBr-1"),
    (29, "OBDBr-2"),
    (30, "KOBD"),
    (31, "IOBD I"),
    (32, "IOBD II"),
    (33, "HD EOBD VI"),
    (34, "OBD, OBD II and HD OBD"),
    (35, "OBDBr-3"),
];

pub(super) static PIDS: &[Pid] = &[
    pid(
        0x03,
        2,
        &[
            Field::list(0, FUEL_SYSTEM, "fuel_system_1_status", "Fuel system 1 status"),
            Field {
                meaning: Meaning { name: "fuel_system_2_status", label: "Fuel system 2 status" },
                when: None,
                take: Take::Enumerated { at: 1, list: FUEL_SYSTEM, absent: Some(0) },
            },
        ],
    ),
    pid(0x04, 1, &[Number::percent(0).called("calculated_engine_load", "Calculated engine load")]),
    pid(0x05, 1, &[Number::celsius(0).called("coolant_temperature", "Engine coolant temperature")]),
    pid(0x0A, 1, &[Number::new(0, 1, "kPa").mul(3.0).called("fuel_pressure", "Fuel pressure (gauge)")]),
    pid(0x0B, 1, &[Number::new(0, 1, "kPa").called("intake_manifold_pressure", "Intake manifold absolute pressure")]),
    pid(0x0C, 2, &[Number::new(0, 2, "rpm").div(4.0).called("engine_rpm", "Engine speed")]),
    pid(0x0D, 1, &[Number::new(0, 1, "km/h").called("vehicle_speed", "Vehicle speed")]),
    pid(
        0x0E,
        1,
        &[Number::new(0, 1, "°").div(2.0).add(-64.0).called("timing_advance", "Timing advance of cylinder 1")],
    ),
    pid(0x0F, 1, &[Number::celsius(0).called("intake_air_temperature", "Intake air temperature")]),
    pid(0x10, 2, &[Number::new(0, 2, "g/s").div(100.0).called("mass_air_flow", "Mass air flow")]),
    pid(0x11, 1, &[Number::percent(0).called("throttle_position", "Absolute throttle position")]),
    pid(0x12, 1, &[Field::list(0, SECONDARY_AIR, "commanded_secondary_air", "Commanded secondary air")]),
    pid(0x1C, 1, &[Field::list(0, OBD_STANDARD, "obd_standard", "OBD requirements the vehicle is designed to")]),
    // Bit 0 is the only one assigned. A widely copied table calls it "not available"; it is the power take-off.
    pid(0x1E, 1, &[Field::flag(0, 0, "pto_active", "Power take-off active")]),
    pid(0x1F, 2, &[Number::new(0, 2, "s").called("engine_run_time", "Time since engine start")]),
];
