#![allow(
    warnings,
    clippy::all,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]
use roadworthy_api::{
    call,
    calls::*,
    id::VehicleId,
    role::{Actor, Door},
};
use roadworthy_core::{Engine, KeyPlace, Options};
#[test]
fn fill() {
    let Some(folder) = std::env::var_os("ZZ_FILL") else { return };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let engine = Engine::open(Options {
        data: folder.into(),
        runtime: runtime.handle().clone(),
        keys: KeyPlace::FileOnly,
        workers: true,
    })
    .unwrap();
    let who = Actor::owner(Door::CommandLine);
    let vehicle: VehicleId = std::env::var("ZZ_VEHICLE").unwrap().parse().unwrap();
    let days: i64 = std::env::var("ZZ_DAYS").unwrap().parse().unwrap();
    let ago: i64 = std::env::var("ZZ_AGO").ok().and_then(|s| s.parse().ok()).unwrap_or(3_600_000);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as i64;
    const DAY: i64 = 86_400_000;
    for day in (0..days).rev() {
        for drive in [9i64, 0] {
            let start = now - ago - day * DAY - drive * 3_600_000 - 40 * 60_000;
            let mut t = engine.take_in(&who, Some(vehicle), "logger", start).unwrap();
            let rpm = t.signal("7E8:0C:engine_rpm", "Engine speed", "rpm");
            let speed = t.signal("7E8:0D:vehicle_speed", "Vehicle speed", "km/h");
            let cool = t.signal("7E8:05:coolant_temperature", "Coolant temperature", "°C");
            let load = t.signal("7E8:04:calculated_engine_load", "Calculated engine load", "%");
            let volt = t.signal("7E8:42:control_module_voltage", "Control module voltage", "V");
            let volt9 = t.signal("7E9:42:control_module_voltage", "Control module voltage", "V");
            let stat = t.signal("7E8:03:fuel_system_1_status", "Fuel system 1 status", "");
            let fuel = t.signal("7E8:2F:fuel_level", "Fuel level", "%");
            let lambda = t.signal("7E8:44:commanded_equivalence_ratio", "Commanded equivalence ratio", "");
            let secs = 40 * 60 - 60 * (day % 7);
            let mut late = vec![];
            for s in 0..secs {
                let at = start + s * 1000;
                let x = s as f64;
                // a pause of two minutes in each drive
                if (900..1020).contains(&s) {
                    continue;
                }
                let w = 40.0 + 35.0 * (x / 97.0).sin() + 25.0 * (x / 31.0).sin();
                let v = w.max(0.0).round();
                if (1500..1520).contains(&s) {
                    t.missing(rpm, at, "no answer");
                } else {
                    t.number(rpm, at, (800.0 + v * 28.0 + 300.0 * (x / 7.0).sin().abs()).round());
                }
                t.number(speed, at + 110, v);
                if (1600..1700).contains(&s) {
                    late.push((at + 220, 25.0 + 67.0 * (1.0 - (-x / 300.0).exp())));
                } else {
                    t.number(cool, at + 220, (25.0 + 67.0 * (1.0 - (-x / 300.0).exp())).round());
                }
                t.number(load, at + 330, ((v * 0.7 + 12.0) * 2.55).round() / 2.55);
                t.number(volt, at + 440, 13.8 + 0.3 * (x / 50.0).sin() - 0.002 * day as f64);
                t.number(volt9, at + 450, 13.7 + 0.3 * (x / 50.0).sin());
                t.word(
                    stat,
                    at + 460,
                    if s < 60 {
                        "open loop: not warm enough"
                    } else if v < 2.0 {
                        "open loop: engine load or deceleration"
                    } else {
                        "closed loop"
                    },
                );
                if s % 60 == 0 {
                    t.number(fuel, at + 500, 80.0 - (x / 60.0).round() * 0.4 - (day % 10) as f64 * 3.0);
                }
                t.number(lambda, at + 520, 1.0 + 0.03 * (x / 5.0).sin());
                if s % 30 == 0 {
                    t.commit().unwrap();
                }
            }
            for (at, v) in late {
                t.number(cool, at, v.round());
            }
            t.commit().unwrap();
            let row = t.finish(start + secs * 1000).unwrap();
            if day == 0 {
                println!("{row:?}");
            }
        }
    }
}
