//! Reported pains of other programs, as tests: what a reply was, and what must never be made of it.
//!
//! Each is named after its number in the project's list. The strings are as users reported them, but for numbers that name a
//! vehicle, which are made up.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

use roadworthy_obd::{line, protocol::Protocol};
use serde_json::{Value, json};

/// The lines of `assemble`, each payload with what `decode` says of it.
fn replay(protocol: char, headers: bool, request: Option<&str>, answer: &str) -> Vec<Value> {
    let protocol = Protocol::from_id(protocol).unwrap();
    let bus = if protocol.is_can() { "can" } else { "legacy" };
    let lines = line::assemble_lines(protocol, headers, answer.as_bytes());
    let read = |line: &String| {
        let mut line: Value = serde_json::from_str(line).unwrap();
        if let Some(payload) = line["payload"].as_str() {
            let read = decode(json!({ "payload": payload, "bus": bus, "request": request }));
            line.as_object_mut().unwrap().extend(read.as_object().unwrap().clone());
        }
        line
    };
    lines.iter().map(read).collect()
}

fn decode(mut input: Value) -> Value {
    input["id"] = "x".into();
    let mut out: Value = serde_json::from_str(&line::decode_line(&input.to_string())).unwrap();
    out.as_object_mut().unwrap().remove("id");
    out
}

fn payload(hex: &str) -> Value {
    decode(json!({ "payload": hex }))
}

fn refused(out: &Value) -> bool {
    out["error"]["message"].is_string() && out.get("items").is_none() && out.get("codes").is_none()
}

/// The numbers of an item list by name; what is bytes alone is left out.
fn values(out: &Value) -> Vec<(&str, f64, &str)> {
    out["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|i| i.get("raw").is_none())
        .map(|i| (i["name"].as_str().unwrap(), i["value"].as_f64().unwrap(), i["unit"].as_str().unwrap()))
        .collect()
}

#[test]
fn pain_22_replies_of_two_ecus_are_not_merged() {
    // "No codes" twice became C0300.
    for (protocol, headers, answer, count) in [
        ('6', true, "7E8 02 43 00 \r7E9 02 43 00 \r\r>", 2),
        ('6', true, "7E8024300\r7E9024300\r\r>", 2),
        ('7', true, "18 DA F1 10 02 43 00 \r18 DA F1 18 02 43 00 \r\r>", 2),
        ('6', false, "43 00 \r43 00 \r\r>", 2),
        ('6', false, "4300\r4300\r\r>", 2),
        ('3', true, "48 6B 10 43 00 00 00 00 00 00 06 \r48 6B 18 43 00 00 00 00 00 00 0E \r\r>", 2),
        ('5', true, "83 F1 10 43 00 00 C7 \r83 F1 18 43 00 00 CF \r\r>", 2),
    ] {
        let lines = replay(protocol, headers, Some("03"), answer);
        assert_eq!(lines.len(), count, "{answer:?}: {lines:?}");
        for line in &lines {
            assert_eq!(line["codes"], json!([]), "{answer:?}: {line}");
        }
    }
    // One has a code, the other none; each keeps its own.
    let lines = replay('6', true, Some("03"), "7E8 04 43 01 03 01 \r7E9 02 43 00 \r\r>");
    assert_eq!(
        lines.iter().map(|l| (&l["ecu"], &l["codes"])).collect::<Vec<_>>(),
        [(&json!("7E8"), &json!(["P0301"])), (&json!("7E9"), &json!([]))]
    );
    // Already glued by someone else: refused, not read as a code.
    for glued in ["43004300", "4300 4300", "430103014300"] {
        assert!(refused(&payload(glued)), "{glued}: {}", payload(glued));
    }
    assert!(refused(&decode(json!({ "payload": "43004300", "bus": "legacy" }))));
}

#[test]
fn pain_25_a_freeze_frame_has_its_number_before_the_data() {
    let out = decode(json!({ "payload": "4205007B", "request": "020500" }));
    assert_eq!((out["frame"].clone(), values(&out)), (json!(0), vec![("coolant_temperature", 83.0, "°C")]));
    let out = decode(json!({ "payload": "420C011AF8", "request": "020C01" }));
    assert_eq!((out["frame"].clone(), values(&out)), (json!(1), vec![("engine_rpm", 1726.0, "rpm")]));
    // The number taken for data would read -40 °C and 0 rpm.
    for without in ["42057B", "420C1AF8"] {
        assert!(refused(&payload(without)), "{without}");
    }
    // Another frame than asked for is another reply.
    assert!(refused(&decode(json!({ "payload": "4205017B", "request": "020500" }))));
    // The cause: none, and one.
    assert_eq!(payload("4202000000")["codes"], json!([]));
    assert_eq!(payload("4202000301")["codes"], json!(["P0301"]));
}

#[test]
fn pain_26_a_set_bit_means_not_complete_and_the_lamp_is_seen() {
    // Just cleared: nothing has run.
    let out = payload("41010007EDED");
    let tests = out["tests"].as_array().unwrap();
    let state = |name: &str| {
        let test = tests.iter().find(|t| t["name"] == name).unwrap();
        (test["available"].as_bool().unwrap(), test["complete"].as_bool().unwrap())
    };
    assert_eq!(state("misfire"), (true, true));
    for name in ["catalyst", "evaporative_system", "secondary_air", "oxygen_sensor", "oxygen_sensor_heater", "egr_vvt"]
    {
        assert_eq!(state(name), (true, false), "{name}");
    }
    // Not fitted is neither complete nor pending.
    assert_eq!(state("heated_catalyst"), (false, false));
    assert_eq!(
        out["items"][0],
        json!({"pid": "01", "name": "mil", "label": "Malfunction indicator lamp", "bool": false})
    );
    // The lamp is bit 7, not a code count of 129.
    let lit = payload("41018107EDED");
    assert_eq!((&lit["items"][0]["bool"], &lit["items"][1]["value"]), (&json!(true), &json!(1.0)));
    // A lamp without a code is a lamp all the same.
    let lamp_only = payload("41018007EDED");
    assert_eq!((&lamp_only["items"][0]["bool"], &lamp_only["items"][1]["value"]), (&json!(true), &json!(0.0)));
    // Compression ignition has other monitors in the same bits.
    let diesel = payload("4101000F0101");
    assert_eq!(diesel["ignition"], "compression");
    assert_eq!(diesel["tests"][3], json!({"name": "nmhc_catalyst", "available": true, "complete": false}));
}

#[test]
fn pain_27_service_06_of_can_and_of_older_buses_are_not_mixed() {
    let can = payload("4601010A0BB000001388");
    assert_eq!(can["tests"][0]["value"], 365.024);
    let legacy = decode(json!({ "payload": "4605810014000B", "bus": "legacy" }));
    assert_eq!(
        legacy["tests"],
        json!([{ "tid": "05", "component": "01", "raw": "0014", "raw_min": "000B", "pass": true }])
    );
    // The record of one bus on the other yields no test at all.
    assert!(refused(&decode(json!({ "payload": "4601010A0BB000001388", "bus": "legacy" }))));
    let other = payload("4605810014000B");
    assert_eq!((&other["tests"], &other["incomplete"]), (&json!([]), &json!(true)));
    // A value is signed where its scaling is, and its limits with it.
    let signed = payload("46010196FF9CFF380064");
    assert_eq!((&signed["tests"][0]["value"], &signed["tests"][0]["pass"]), (&json!(-10.0), &json!(true)));
    // A scaling that nobody published stays a number without a unit, not a guess.
    let unknown = payload("460101700BB000001388");
    assert_eq!((&unknown["tests"][0]["raw"], unknown["tests"][0].get("value")), (&json!("0BB0"), None));
}

#[test]
fn pain_28_what_is_not_available_is_no_reading() {
    for (hex, expect) in [
        // NOx of a cold sensor; the other sensor is kept.
        ("41 83 03 FFFF 00C8 0000 0000", vec![("nox_bank_1_sensor_2", 200.0, "ppm")]),
        // Sensors whose support bit is clear, whatever their bytes hold.
        ("41 78 00 0FA0 0FA0 0FA0 0FA0", vec![]),
        ("41 67 02 00 78", vec![("coolant_temperature_sensor_2", 80.0, "°C")]),
        ("41 85 04 FFFF FFFF CC FFFFFFFF", vec![("reagent_level", 80.0, "%")]),
        ("41 9A 02 00 5000 7FFF", vec![("hybrid_battery_voltage", 320.0, "V")]),
        // A sensor that is not used for the trim; a maximum that is not given; a timer and a counter that may not exist.
        ("41 14 5A FF", vec![("o2_sensor_1_voltage", 0.45, "V")]),
        ("41 50 00 00 00 00", vec![]),
        ("41 7F 07 FFFFFFFF 000003E8 FFFFFFFF", vec![("total_idle_time", 1000.0, "s")]),
        ("41 93 01 FFFF", vec![]),
    ] {
        assert_eq!(values(&payload(hex)), expect, "{hex}");
    }
    // What no two sources call "not available" is shown as it came.
    assert_eq!(payload("419301FFFF")["items"][0]["raw"], "FFFF");
    // "Not available" of a list is no entry of it.
    for hex in ["4151FF", "411CFF"] {
        assert!(refused(&payload(hex)), "{hex}");
    }
}

#[test]
fn pain_31_numbers_have_the_standards_scaling_and_unit() {
    for (hex, expect) in [
        // 173 925 333 was this odometer with its bytes in another order.
        ("41 A6 00 14 BB C7", ("odometer", 135_879.1, "km")),
        // 180 was the raw byte.
        ("41 05 B4", ("coolant_temperature", 140.0, "°C")),
        ("41 0C 1A F8", ("engine_rpm", 1726.0, "rpm")),
        ("41 5E 00 64", ("engine_fuel_rate", 5.0, "L/h")),
        ("41 42 36 B0", ("control_module_voltage", 14.0, "V")),
        ("41 32 FF FC", ("evap_vapor_pressure", -1.0, "Pa")),
        ("41 23 0B B8", ("fuel_rail_pressure", 30_000.0, "kPa")),
        ("41 9E 01 F4", ("exhaust_flow_rate", 100.0, "kg/h")),
    ] {
        assert_eq!(values(&payload(hex)), [expect], "{hex}");
    }
}

#[test]
fn strings_that_broke_other_programs_are_read_or_refused() {
    // The search glued to the answer, and the answer twice.
    let lines =
        replay('6', true, Some("0100"), "SEARCHING...\r7E8 06 41 00 FF FF FF FF \r7E8 06 41 00 FF FF FF FF \r\r>");
    let read: Vec<_> = lines.iter().filter(|l| l.get("supported").is_some()).collect();
    assert!(!read.is_empty() && read.iter().all(|l| l["supported"].as_array().unwrap().len() == 32), "{lines:?}");
    assert!(read.iter().all(|l| l["ecu"] == "7E8"));
    // KWP with its length in the format byte.
    let lines = replay('5', true, Some("0100"), "86 F1 10 41 00 BE 3E F8 11 CD \r\r>");
    assert_eq!((&lines[0]["ecu"], lines[0]["supported"].as_array().unwrap().len()), (&json!("10"), 18));
    // A short frame number of a Japanese car, padded to the length of a VIN, without headers.
    let jdm = "014 \r0: 49 02 01 00 00 00 \r1: 52 57 31 31 2D 31 32 \r2: 33 34 35 36 37 00 00 \r\r>";
    let lines = replay('6', false, Some("0902"), jdm);
    assert_eq!(lines[0]["text"], "RW11-1234567", "{lines:?}");
    // A VIN in five lines on a K-line; one line alone is none.
    let k = "48 6B 10 49 02 01 00 00 00 31 40 \r48 6B 10 49 02 02 52 57 54 45 52 \r48 6B 10 49 02 03 53 54 30 58 40 \r\
             48 6B 10 49 02 04 58 30 30 30 FA \r48 6B 10 49 02 05 30 30 30 31 D4 \r\r>";
    assert_eq!(replay('3', true, Some("0902"), k)[0]["text"], "1RWTEST0XX0000001");
    let lines = replay('3', true, Some("0902"), "48 6B 10 49 02 01 00 00 00 31 40 \r\r>");
    assert!(lines.iter().all(|l| l.get("text").is_none() && l["error"].is_object()), "{lines:?}");
    // A status is no data.
    let lines = replay('6', true, Some("0188"), "CAN ERROR\r\r>");
    assert_eq!(lines, [json!({ "status": "CAN ERROR" })]);
    // A refusal of one ECU beside the answer of another.
    let lines = replay('6', true, Some("020C00"), "7E9 03 7F 02 11 \r7E8 05 42 0C 00 1A F8 \r\r>");
    assert_eq!(lines[0]["negative"], json!({"service": "02", "nrc": "11", "meaning": "serviceNotSupported"}));
    assert_eq!(values(&lines[1]), [("engine_rpm", 1726.0, "rpm")]);
}

#[test]
fn a_burst_of_four_ecus_keeps_every_frame_with_its_sender() {
    // 29-bit ids, long and short answers interleaved, one frame of the third lost.
    let burst = "18DAF110 10 08 43 03 03 01 04 20 \r18DAF118 02 43 00 \r18DAF11D 10 08 43 03 01 71 01 74 \r\
                 18DAF128 04 43 01 C1 00 \r18DAF110 21 01 33 AA AA AA AA AA \r\r>";
    let lines = replay('7', true, Some("03"), burst);
    let codes = |ecu: &str| lines.iter().find(|l| l["ecu"] == ecu).map(|l| l["codes"].clone());
    assert_eq!(codes("18DAF110"), Some(json!(["P0301", "P0420", "P0133"])));
    assert_eq!(codes("18DAF118"), Some(json!([])));
    assert_eq!(codes("18DAF128"), Some(json!(["U0100"])));
    assert_eq!(codes("18DAF11D"), None, "a message without its last frame is none");
    assert!(lines.iter().any(|l| l["error"].is_object()), "{lines:?}");
}
