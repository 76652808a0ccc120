//! Recorded dialogues, played back without an adapter.

use crate::rig::Home;
use roadworthy_api::check::CheckReport;
use roadworthy_obd::check::{CheckOptions, run_check};
use serde_json::Value;

/// A check of the simulated car and its recording as a file.
fn recorded(home: &Home) -> (CheckReport, String) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let finished = runtime.block_on(async {
        let link = Box::new(roadworthy_simulator::connect("petrol", 1).unwrap());
        let (_keep, cancel) = tokio::sync::watch::channel(false);
        run_check(link, CheckOptions::new("sim:petrol"), cancel, &mut |_| {}).await
    });
    let path = home.file("visit.txt");
    std::fs::write(&path, finished.traffic.to_text()).unwrap();
    (finished.report.unwrap(), path.display().to_string())
}

#[test]
fn a_recording_gives_the_same_check_and_stores_nothing_unless_told() {
    let home = Home::new();
    let (report, file) = recorded(&home);
    let shown = home.json(&["replay", &file]);
    assert_eq!(shown["vin"], Value::from(report.vin.clone()));
    assert_eq!(shown["codes"], serde_json::to_value(&report.codes).unwrap());
    assert_eq!(shown["coverage"], serde_json::to_value(&report.coverage).unwrap());
    assert!(shown["verdict"]["state"].is_string() && shown["summary"].is_string());
    let text = home.run(&["replay", &file]);
    text.exits(0);
    assert!(text.out.contains("Who answered") && !text.out.contains("Stored\n"), "{}", text.out);
    assert!(!home.file("data").exists(), "nothing is stored, not even a folder");
    let kept = home.json(&["replay", &file, "--keep"]);
    assert_eq!(kept["vin"], shown["vin"]);
    assert!(kept["visit"].is_string());
    assert!(home.file("data").exists());
}

#[test]
fn every_request_of_a_recording_is_listed_with_its_replies() {
    let home = Home::new();
    let (report, file) = recorded(&home);
    let listed = home.run(&["replay", &file, "--decode", "--json"]);
    listed.exits(0);
    let lines: Vec<Value> = listed.out.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    for covered in &report.coverage {
        let asked = |l: &&Value| l["request"] == covered.request.as_str();
        assert!(
            lines.iter().any(|l| asked(&l))
                || matches!(covered.outcome, roadworthy_api::check::Outcome::NotAsked { .. }),
            "{covered:?}"
        );
    }
    let raw: Vec<&str> = lines
        .iter()
        .flat_map(|l| l["replies"].as_array().into_iter().flatten())
        .filter_map(|r| r["payload"].as_str())
        .collect();
    assert!(report.snapshot.iter().all(|r| raw.contains(&r.raw.as_str())));
    let text = home.run(&["replay", &file, "--decode"]);
    text.exits(0);
    assert!(text.out.contains("ATZ") && text.out.contains("Engine speed"), "{}", text.out);
}

#[test]
fn what_is_no_recording_says_so() {
    let home = Home::new();
    let file = home.file("notes.txt");
    std::fs::write(&file, "ATZ\n").unwrap();
    home.run(&["replay", file.to_str().unwrap()]).exits(1);
    home.run(&["replay", "/no/such/recording"]).exits(3);
    home.run(&["replay", file.to_str().unwrap(), "--vehicle", "AB 123"]).exits(2);
    // The adapter's side is cut off: what was read by then is the check.
    let (_, whole) = recorded(&home);
    let text = std::fs::read_to_string(&whole).unwrap();
    let asked = text.find("> 0902").unwrap();
    let answered = asked + text[asked..].find("< ").unwrap();
    let cut = format!("{}\n", &text[..answered + 8]);
    std::fs::write(&file, cut).unwrap();
    let ended = home.run(&["replay", file.to_str().unwrap(), "--json"]);
    ended.exits(5);
    assert!(ended.value()["partial"].is_object());
}
