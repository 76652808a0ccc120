//! PIDs 03 to 1F, but for the oxygen sensors and trims.

use super::{Field, Number, Pid, pid};

/// Exactly one bit may be set. 00 is sent with the engine off. The second byte is 00 where there is no second system;
/// editions before 2010 do not say so, but their vehicles send 00 as well. Bits 5 to 7 came last (one open source): they are
/// 1, 4 and 8 of the second bank, where one system feeds two.
const FUEL_SYSTEM: &[(u8, &str)] = &[
    (0, "engine off"),
    (1, "open loop: engine not warm enough"),
    (2, "closed loop"),
    (4, "open loop: engine load or deceleration"),
    (8, "open loop: system fault"),
    (16, "closed loop, but a fault in the feedback"),
    (32, "open loop on bank 2: engine not warm enough"),
    (64, "open loop on bank 2: engine load or deceleration"),
    (128, "open loop on bank 2: system fault"),
];

const SECONDARY_AIR: &[(u8, &str)] = &[
    (1, "upstream of the catalyst"),
    (2, "downstream of the catalyst"),
    (4, "from the outside air, or off"),
    (8, "pump commanded on for diagnostics"),
];

/// The list grew with each edition: that of 2002 ends at 0D, that of 2017 at 23; 1B and 24 to 3B are from the newest (one open
/// source). 0E to 10 were heavy-duty requirements, then reserved when 5F took them, then listed again, so it cannot be told
/// what an ECU means by them. What is in no edition is refused, since the same number must not read as "unknown" today and as
/// a standard tomorrow. FB to FF are never assigned.
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
    (27, "HD ZEV"),
    (28, "OBDBr-1"),
    (29, "OBDBr-2"),
    (30, "KOBD"),
    (31, "IOBD I"),
    (32, "IOBD II"),
    (33, "HD EOBD VI"),
    (34, "OBD, OBD II and HD OBD"),
    (35, "OBDBr-3"),
    (36, "motorcycle EOBD I"),
    (37, "motorcycle EOBD II"),
    (38, "motorcycle COBD I"),
    (39, "motorcycle TOBD I"),
    (40, "motorcycle JOBD I"),
    (41, "CN OBD 6"),
    (42, "OBDBr-P7"),
    (43, "CN HD OBD VI"),
    (44, "IOBD I (BS6)"),
    (45, "IOBD II (BS6)"),
    (46, "IHD OBD (BS VI)"),
    (47, "OBDBr-P8"),
    (48, "HD JOBD II"),
    (49, "HD KOBD II"),
    (50, "CN off-road OBD IV"),
    (51, "ZEV, California ACC II"),
    (52, "motorcycle JOBD II"),
    (53, "motorcycle OBD (California)"),
    (54, "motorcycle OBD (US federal)"),
    (55, "motorcycle OBD (California and US federal)"),
    (56, "HD ZEV (California)"),
    (57, "ZEV, California ACC II and US federal tier 4"),
    (58, "ZEV, US federal tier 4"),
    (59, "HD OBD (US federal)"),
];

pub(super) static PIDS: &[Pid] = &[
    pid(
        0x03,
        2,
        &[
            Field::list(0, FUEL_SYSTEM, "fuel_system_1_status", "Fuel system 1 status"),
            Field::of("fuel_system_2_status", "Fuel system 2 status", Field::bits(1, 0xFF, FUEL_SYSTEM, 0)),
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
