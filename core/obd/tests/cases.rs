//! Every case of `tests/cases/*.jsonl`: what goes in, and the whole of what must come out.
//!
//! Expectations are computed by hand from the standards. Two things may be left out of one: an item's `label`, and all of
//! an error but a part of its message. Numbers agree to 1e-9.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

use roadworthy_obd::{decode, frame, line, protocol::Protocol};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Why `got` is not `want`; empty where it is.
fn difference(want: &Value, got: &Value, at: &str) -> Vec<String> {
    let differs = || vec![format!("{at}: want {want}, got {got}")];
    match (want, got) {
        (Value::Number(a), Value::Number(b)) => {
            let (x, y) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            // 1726.0 and 1726 are different on the line.
            let same = (x - y).abs() <= 1e-9 * x.abs().max(1.0) && a.is_f64() == b.is_f64();
            if same { Vec::new() } else { differs() }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).enumerate().flat_map(|(i, (a, b))| difference(a, b, &format!("{at}[{i}]"))).collect()
        }
        (Value::Object(a), Value::Object(b)) => {
            let error = |key: &str| key == "error" && a.get(key).is_some_and(Value::is_string);
            let missing = a.iter().flat_map(|(key, value)| match b.get(key) {
                Some(_) if error(key) => {
                    let (part, whole) = (value.as_str().unwrap(), &b[key]);
                    let said = whole["message"].as_str().is_some_and(|m| m.contains(part));
                    if said && whole["code"].is_string() {
                        Vec::new()
                    } else {
                        vec![format!("{at}: want {part:?}, got {whole}")]
                    }
                }
                Some(other) => difference(value, other, &format!("{at}.{key}")),
                None => vec![format!("{at}.{key} is missing in {got}")],
            });
            let extra = b
                .keys()
                .filter(|key| !a.contains_key(*key) && *key != "label")
                .map(|key| format!("{at}.{key} is too much in {got}"));
            missing.chain(extra).collect()
        }
        _ if want == got => Vec::new(),
        _ => differs(),
    }
}

fn run(case: &Value) -> Value {
    if let Some(input) = case.get("in") {
        let mut input = input.clone();
        input["id"] = "x".into();
        let mut out: Value = serde_json::from_str(&line::decode_line(&input.to_string())).unwrap();
        assert_eq!(out["id"], "x");
        out.as_object_mut().unwrap().remove("id");
        return out;
    }
    let parse = |lines: Vec<String>| Value::Array(lines.iter().map(|l| serde_json::from_str(l).unwrap()).collect());
    if let Some(frames) = case["frames"].as_str() {
        return parse(line::frame_lines(frames));
    }
    let id = case["protocol"].as_str().unwrap().chars().next().unwrap();
    let (protocol, headers) = (Protocol::from_id(id).unwrap(), case["headers"].as_bool().unwrap());
    // The case holds one character per byte.
    let answer: Vec<u8> =
        case["answer"].as_str().unwrap().chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    match case["sent"].as_str() {
        None => parse(line::assemble_lines(protocol, headers, &answer)),
        Some(sent) => frame::assemble_reply(protocol, headers, sent, &answer)
            .iter()
            .map(|line| match line {
                frame::Line::Message { ecu, payload } => json!({ "ecu": ecu, "payload": line::hex(payload) }),
                frame::Line::Status(status) => json!({ "status": status.text() }),
                frame::Line::Unusable { frame, reason } => json!({ "error": reason.into_error(frame), "frame": frame }),
            })
            .collect(),
    }
}

#[test]
fn every_case_comes_out_as_computed_by_hand() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    // Titles of codes have a form and a test of their own.
    files.retain(|path| path.file_stem().is_some_and(|name| name != "explain"));
    files.sort();
    let (mut total, mut wrong) = (0, Vec::new());
    for path in files {
        let file = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&path).unwrap();
        let mut count = 0;
        for row in text.lines() {
            let case: Value = serde_json::from_str(row).unwrap();
            wrong.extend(
                difference(&case["out"], &run(&case), "").iter().map(|d| format!("{file}: {}: {d}", case["name"])),
            );
            count += 1;
        }
        println!("{file}: {count} cases");
        total += count;
    }
    println!("{total} cases in all");
    assert!(wrong.is_empty(), "{} differences in {total} cases:\n{}", wrong.len(), wrong.join("\n"));
    assert!(total >= 200, "only {total} cases were found");
}

#[test]
fn every_service_parameter_and_scaling_has_a_case_of_its_own() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    let cases: Vec<Value> =
        files.flat_map(|text| text.lines().map(|row| serde_json::from_str(row).unwrap()).collect::<Vec<_>>()).collect();
    let read: Vec<(&str, bool)> = cases
        .iter()
        .filter(|case| case["out"].get("error").is_none())
        .filter_map(|case| Some((case["in"]["payload"].as_str()?, case["in"]["bus"] == "legacy")))
        .collect();
    for (service, legacy) in [
        ("41", false),
        ("42", false),
        ("43", false),
        ("43", true),
        ("44", false),
        ("45", true),
        ("46", false),
        ("46", true),
        ("47", false),
        ("47", true),
        ("48", false),
        ("48", true),
        ("49", false),
        ("49", true),
        ("4A", false),
        ("50", false),
        ("54", false),
        ("59", false),
        ("62", false),
        ("7E", false),
        ("7F", false),
    ] {
        assert!(read.iter().any(|(p, bus)| p.starts_with(service) && *bus == legacy), "{service}, legacy {legacy}");
    }
    for id in 0..=u8::MAX {
        let (pid, uas) = (format!("41{id:02X}"), format!("{id:02X}"));
        assert!(decode::signals(id).is_empty() || read.iter().any(|(p, _)| p.starts_with(&pid)), "PID {id:02X}");
        let scaled = |case: &&Value| case["in"]["uas"] == uas && case["out"]["items"][0].get("value").is_some();
        assert_eq!(decode::scaling(id).is_some(), cases.iter().any(|case| scaled(&case)), "scaling {id:02X}");
    }
}

#[test]
fn the_comparison_notices_each_kind_of_difference() {
    for (want, got) in [
        (json!({"a": 1.0}), json!({"a": 1.001})),
        (json!({"a": 1.0}), json!({"a": 1})),
        (json!({"a": 1.0}), json!({})),
        (json!({}), json!({"a": 1.0})),
        (json!([1]), json!([1, 2])),
        (json!({"error": "too short"}), json!({"error": {"code": "malformed", "message": "too long"}})),
        (json!({"error": "x"}), json!({"items": []})),
    ] {
        assert!(!difference(&want, &got, "").is_empty(), "{want} against {got}");
    }
    assert!(difference(&json!({"a": 0.1}), &json!({"a": 0.1 + 1e-12, "label": "A"}), "").is_empty());
}

#[test]
fn a_bad_line_gets_its_id_back_where_it_has_one() {
    for (input, id) in [
        ("", Value::Null),
        ("nonsense", Value::Null),
        ("[1]", Value::Null),
        ("{\"id\":7}", json!(7)),
        ("{\"id\":\"a\",\"payload\":\"41\"}", json!("a")),
        ("{\"payload\":\"zz\"}", Value::Null),
    ] {
        let out: Value = serde_json::from_str(&line::decode_line(input)).unwrap();
        assert_eq!(out["id"], id, "{input}");
        assert!(out["error"]["message"].is_string() && out["error"]["code"].is_string(), "{input}: {out}");
        assert_eq!(out.as_object().unwrap().len(), 2, "{input}: {out}");
    }
}

#[test]
fn the_decoder_states_its_version() {
    assert_eq!(decode::DECODER, 4);
}
