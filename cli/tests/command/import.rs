//! Imports as typed.

use crate::rig::Home;
use std::fs;

#[test]
fn a_log_is_looked_at_asked_about_imported_and_taken_back() {
    let home = Home::new();
    let log = home.file("trip.csv");
    let mut text = "Time;Engine RPM (rpm);Boost [bar]\n".to_owned();
    for n in 0..120 {
        text += &format!("03/04/2024 10:{:02}:{:02};{};1,{}\n", n / 60, n % 60, 800 + n, n % 10);
    }
    fs::write(&log, text).unwrap();
    let log = log.display().to_string();
    home.run(&["register", "--plate", "RW-A 1"]).exits(0);
    let preview = home.json(&["import", &log, "--preview"]);
    let asked: Vec<&str> =
        preview["questions"].as_array().unwrap().iter().map(|q| q["what"].as_str().unwrap()).collect();
    assert_eq!(asked, ["date_order", "zone"]);
    let open = home.run(&["import", &log, "--vehicle", "RW-A 1"]);
    open.exits(2);
    assert!(open.err.contains("--date-order") && open.err.contains("--zone"), "{open:#?}");
    let open = home.run(&["import", &log, "--vehicle", "RW-A 1", "--json"]);
    open.exits(2);
    let told: serde_json::Value = serde_json::from_str(&open.out).unwrap();
    assert_eq!(told["error"]["code"], "invalid", "because a program gets one object");
    let said = ["--date-order", "dmy", "--zone", "Europe/Berlin"];
    let with = |more: &[&str]| -> Vec<String> {
        let mut all = vec!["import", log.as_str()];
        all.extend(said);
        all.extend(more);
        all.into_iter().map(str::to_owned).collect()
    };
    fn typed(all: &[String]) -> Vec<&str> {
        all.iter().map(String::as_str).collect()
    }
    let mapping = home.file("mapping.json").display().to_string();
    home.run(&typed(&with(&["--save-mapping", &mapping]))).exits(0);
    let done = home.json(&["import", &log, "--vehicle", "RW-A 1", "--mapping", &mapping, "--yes"]);
    assert_eq!(done["row"]["samples"], 240);
    assert_eq!(done["report"]["rows"], 120);
    let id = done["row"]["id"].as_str().unwrap().to_owned();
    home.run(&["import", &log, "--vehicle", "RW-A 1", "--mapping", &mapping, "--yes"]).exits(1);
    let listed = home.run(&["imports"]);
    assert!(listed.out.contains(&id) && listed.out.contains("trip.csv"), "{listed:#?}");
    let signals = home.json(&["telemetry", "RW-A 1"]);
    assert_eq!(signals.as_array().unwrap().len(), 2);
    assert!(home.json(&["imports", "undo", &id])["undone"].is_i64());
    assert_eq!(home.json(&["telemetry", "RW-A 1"]).as_array().unwrap().len(), 0);
    home.run(&["journal", "verify"]).exits(0);
    let none = home.file("no.csv").display().to_string();
    home.run(&["import", &none, "--preview"]).exits(1);
}
