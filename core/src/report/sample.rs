//! Made-up visits for tests: a usual one, one with nothing, one with too much of everything.

use crate::verdict::{self, sample::*};
use roadworthy_api::{
    check::*,
    id::{VehicleId, VisitId},
    reading::{Item, Value},
    vehicle::*,
    visit::*,
};

/// A usual visit: misfire stored, pending and permanent code, freeze frame, second visit.
pub(crate) fn usual() -> (VehicleDetail, VisitDetail) {
    let mut check = with_code(with_lamp(clean()), CodeClass::Stored, "P0301", "7E8");
    check = with_code(with_code(check, CodeClass::Pending, "P0171", "7E8"), CodeClass::Permanent, "P0420", "7E8");
    let refused = Outcome::Refused { nrc: "11".into(), meaning: "serviceNotSupported".into() };
    check = with_outcome(check, "7E9", "0A", refused);
    check.readiness[0].tests = [
        "misfire",
        "fuel_system",
        "components",
        "catalyst",
        "evap_system",
        "o2_sensor",
        "o2_sensor_heater",
        "egr_vvt_system",
    ]
    .iter()
    .map(|name| MonitorTest {
        name: (*name).into(),
        available: true,
        complete: *name != "catalyst" && *name != "evap_system",
    })
    .collect();
    let item = |pid: &str, label: &str, value: f64, unit: &str| Item {
        pid: pid.into(),
        name: None,
        label: Some(label.into()),
        value: Value::Number { value, unit: unit.into() },
    };
    check.freeze_frames = vec![FreezeFrame {
        ecu: "7E8".into(),
        frame: 0,
        cause: "P0301".into(),
        items: vec![
            item("0C", "Engine speed", 2210.0, "rpm"),
            item("0D", "Vehicle speed", 64.0, "km/h"),
            item("05", "Coolant temperature", 88.0, "°C"),
            item("04", "Calculated load", 47.06, "%"),
        ],
    }];
    check.snapshot.extend([
        reading("05", "Coolant temperature", 90.0, "°C"),
        reading("0C", "Engine speed", 812.25, "rpm"),
        reading("42", "Control module voltage", 14.183, "V"),
        reading("2F", "Fuel level", 62.35, "%"),
        reading("06", "Short-term fuel trim, bank 1", 7.81, "%"),
        reading("21", "Distance with lamp on", 143.0, "km"),
    ]);
    check.not_asked.extend(
        ["Steering", "Body", "Instrument cluster"]
            .map(|s| NotAsked { system: s.into(), reason: "not part of OBD-II".into() }),
    );
    let old = clean();
    visit(check, Some(&old))
}

/// Nothing known: no VIN, no plate, nobody answered.
pub(crate) fn empty() -> (VehicleDetail, VisitDetail) {
    let mut check = clean();
    (check.ecus, check.coverage, check.not_asked, check.readiness, check.snapshot) = Default::default();
    (check.vin, check.protocol, check.adapter) = (None, None, AdapterInfo::default());
    check.vin_problem = Some("The vehicle gave no identification number.".into());
    let (mut vehicle, mut visit) = visit(check, None);
    (vehicle.row.vin, vehicle.row.plate, vehicle.row.name, vehicle.odometer) = (None, None, None, None);
    visit.traffic.clear();
    (vehicle, visit)
}

/// Too much of everything: forty codes, long names, many ECUs.
pub(crate) fn crowded() -> (VehicleDetail, VisitDetail) {
    let long =
        "An exceedingly long name that somebody typed in full because nothing stopped them from doing so ".repeat(3);
    let mut check = with_lamp(clean());
    for n in 2..12 {
        let mut ecu = check.ecus[0].clone();
        ecu.id = format!("7E{n:X}");
        ecu.name = format!("Gateway {n} {long}");
        check.ecus.push(ecu);
        let mut coverage = check.coverage[0].clone();
        coverage.ecu = Some(format!("7E{n:X}"));
        coverage.outcome = Outcome::Unreadable { reason: format!("checksum {n} does not match") };
        check.coverage.push(coverage);
    }
    for n in 0..40u32 {
        let class = [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent][n as usize % 3];
        let ecu = check.ecus[n as usize % 12].id.clone();
        check = with_code(check, class, &format!("P0{:03X}", 0x300 + n), &ecu);
    }
    let tests = (0..20).map(|n| MonitorTest {
        name: format!("monitor_{n}_with_a_long_name"),
        available: true,
        complete: n % 2 == 0,
    });
    check.readiness[0].tests = tests.collect();
    check.readiness.push(Readiness { ecu: "7E9".into(), ..check.readiness[0].clone() });
    check.freeze_frames = (0..8)
        .map(|n| FreezeFrame {
            ecu: "7E8".into(),
            frame: n,
            cause: "P0300".into(),
            items: (0..30).map(|i| reading("0C", &format!("{i} {long}"), 1e15, "a very long unit").item).collect(),
        })
        .collect();
    for pid in ["05", "0C", "42", "2F", "06", "07", "21", "31"] {
        check.snapshot.push(reading(pid, &long, 123_456_789_012.345, "a very long unit of measure"));
    }
    check.not_asked = (0..20).map(|n| NotAsked { system: format!("System {n}"), reason: long.clone() }).collect();
    check.protocol = Some(ProtocolInfo { id: "6".into(), name: long.clone() });
    check.adapter.claims = long.clone();
    let old = with_unfinished(clean(), 4);
    let (mut vehicle, mut visit) = visit(check, Some(&old));
    vehicle.row.plate = Some("車 \u{202e}ÄÖÜ 123456789012345678901234567890".into());
    vehicle.row.name = Some(long.clone());
    vehicle.odometer = Some(Odometer { km: 1e12, source: long.clone(), at: 0, remark: None });
    visit.verdict.reason = long.clone().repeat(3);
    visit.summary = "Donaudampfschifffahrtsgesellschaftskapitän".repeat(30);
    visit.differences.lines = (0..50).map(|n| format!("{n} {long}")).collect();
    (vehicle, visit)
}

/// A visit of this check against `old`.
pub(crate) fn visit(check: CheckReport, old: Option<&CheckReport>) -> (VehicleDetail, VisitDetail) {
    let id = VisitId(0x0192_5f3a_7c00_7abc_8def_0123_4567_89ab);
    let vehicle = VehicleId(0x0192_5f3a_7c00_7abc_8def_0123_4567_89ac);
    let verdict = verdict::verdict(&check);
    let row = VehicleRow {
        id: vehicle,
        vin: check.vin.clone(),
        plate: Some("RW-T 100".into()),
        name: Some("Shuttle bus 3".into()),
        verdict: verdict.clone(),
        last_seen: Some(check.ended),
    };
    let odometer = verdict::odometer_km(&check).map(|(km, ecu)| Odometer {
        km,
        source: format!("read from {} (PID A6)", verdict::ecu_name(&check, ecu)),
        at: check.ended,
        remark: None,
    });
    let detail = VehicleDetail {
        row,
        odometer,
        owner: None,
        owner_name: None,
        last_visit: None,
        visits: 2,
        vin_facts: None,
        provisional: false,
        registrations: Vec::new(),
    };
    let lines = old.map(|old| verdict::differences(old, &check)).unwrap_or_default();
    let visit = VisitDetail {
        meanings: Vec::new(),
        id,
        vehicle,
        verdict,
        summary: verdict::summary(&check),
        differences: Differences { with: old.map(|_| VisitId(1)), lines },
        traffic: "5f1c0d".repeat(10) + "abcd",
        check,
    };
    (detail, visit)
}
