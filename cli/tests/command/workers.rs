//! Workers, timelines, stories and the log on the command line.

use crate::rig::Home;
use serde_json::{Value, json};

fn kinds(rows: &Value) -> Vec<String> {
    let kind = |row: &Value| row["event"]["kind"].as_str().or(row["kind"].as_str()).unwrap().to_owned();
    rows.as_array().unwrap().iter().map(kind).collect()
}

#[test]
fn workers_are_listed_paused_and_let_go_on() {
    let home = Home::new();
    let off = home.run(&["workers"]);
    assert!(off.exits(0).out.contains("No process runs the workers"), "{}", off.out);

    let report = home.json(&["workers"]);
    assert_eq!((&report["here"], &report["process"]), (&json!(false), &Value::Null));
    let names: Vec<&str> = report["workers"].as_array().unwrap().iter().map(|w| w["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["acquisition", "diagnosis", "orchestrator", "approval", "alerts", "notification"]);
    assert!(home.run(&["workers", "pause", "diagnosis", "--json"]).exits(1).error_code() == "not-found");

    home.json(&["check", "--port", "sim:misfire?speed=100"]);
    assert_eq!(home.json(&["workers", "pause", "diagnosis"]), json!({"worker": "diagnosis", "paused": true}));
    home.json(&["check", "--port", "sim:misfire?speed=100"]);
    let state = || {
        let report = home.json(&["workers"]);
        report["workers"].as_array().unwrap().iter().find(|w| w["name"] == "diagnosis").unwrap().clone()
    };
    assert_eq!((&state()["state"]["is"], &state()["lag"]), (&json!("paused"), &json!(1)));
    assert!(home.run(&["workers"]).exits(0).out.contains("‖ paused"));
    assert_eq!(home.json(&["workers", "resume", "diagnosis"]), json!({"worker": "diagnosis", "paused": false}));
    assert_eq!((&state()["lag"], &state()["handled"]), (&json!(0), &json!(2)), "because the command waits for it");

    assert_eq!(home.json(&["workers", "dead"]), json!([]));
    assert!(home.run(&["workers", "dead", "list"]).exits(0).out.contains("given anything up"));
    for wrong in ["retry", "drop"] {
        let none = home.run(&["workers", "dead", wrong, "diagnosis", "1", "--json"]);
        assert_eq!(none.exits(1).error_code(), "not-found");
    }
    home.run(&["workers", "dead", "retry", "diagnosis"]).exits(2);
}

#[test]
fn what_happened_is_listed_filtered_and_traced_to_its_beginning() {
    let home = Home::new();
    let check = home.json(&["check", "--port", "sim:misfire?speed=100"]);
    let (visit, vin) = (check["visit"].as_str().unwrap(), check["vin"].as_str().unwrap());

    let all = home.json(&["timeline", "-n", "1000"]);
    assert!(kinds(&all).contains(&"vehicle.checked".to_owned()) && kinds(&all).contains(&"alert.created".to_owned()));
    let readings = home.json(&["timeline", "--vehicle", vin, "--group", "readings", "--group", "records"]);
    assert_eq!(kinds(&readings).first().map(String::as_str), Some("vehicle.checked"), "{readings:#}");
    assert_eq!(kinds(&readings).last().map(String::as_str), Some("vehicle.registered"));
    assert_eq!(readings[0]["evidence"], json!({"to": "visit", "visit": visit}));
    let arrival = readings[0]["event"]["arrival"].as_u64().unwrap();
    let before = home.json(&["timeline", "--vehicle", vin, "--before", &arrival.to_string()]);
    assert!(before.as_array().unwrap().iter().all(|row| row["event"]["arrival"].as_u64() < Some(arrival)));
    assert_eq!(home.json(&["timeline", "--to", "2020-01-01"]), json!([]));
    assert!(home.run(&["timeline", "--from", "2020-01-01"]).exits(0).out.contains(&format!("visit {visit}")));
    home.run(&["timeline", "--from", "yesterday"]).exits(2);
    home.run(&["timeline", "--group", "weather"]).exits(2);

    let story = home.json(&["trace", visit]);
    let told = kinds(&story["steps"]);
    for kind in ["vehicle.checked", "diagnosis.made", "decision.made", "alert.created", "outbox.message"] {
        assert!(told.iter().any(|k| k == kind), "{kind} in {told:?}");
    }
    let alert = home.json(&["alerts"])[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(home.json(&["trace", &alert])["correlation"], story["correlation"]);
    assert_eq!(home.json(&["journal", "trace", &alert])["correlation"], story["correlation"]);
    let text = home.run(&["trace", &alert]);
    assert!(text.exits(0).out.contains("alert.created") && text.out.contains("← 1"), "{}", text.out);
    assert_eq!(home.run(&["trace", "nothing", "--json"]).exits(1).error_code(), "not-found");
}

#[test]
fn the_logs_last_lines_are_printed() {
    let home = Home::new();
    home.run(&["check", "--port", "sim:petrol?speed=100"]).exits(0);
    std::fs::write(
        home.file("data").join("log/roadworthy-7.log"),
        b"2026-11-20T14:05:01.5Z  WARN x: \xff and 1RWTEST00X0000001\n",
    )
    .unwrap();
    let lines = home.json(&["log", "tail", "-n", "500"]);
    let warned = lines
        .as_array()
        .unwrap()
        .iter()
        .find(|line| line["level"] == "warn" && line["text"] == "x: \u{fffd} and [redacted]");
    assert!(warned.is_some(), "{lines:#}");
    assert!(home.run(&["log", "tail"]).exits(0).out.contains("[redacted]"));
    home.run(&["log", "tail", "-n", "0"]).exits(2);
}
