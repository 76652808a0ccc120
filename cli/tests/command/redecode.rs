//! Stored traffic, read once more and taken out.

use crate::rig::Home;
use serde_json::Value;

#[test]
fn a_visit_reads_as_it_did_and_its_traffic_comes_out_in_two_forms() {
    let home = Home::new();
    let checked = home.json(&["check", "--port", "sim:misfire?speed=50"]);
    let visit = checked["visit"].as_str().unwrap();
    let read = home.json(&["redecode", visit, "--keep"]);
    let rows = read["rows"].as_array().unwrap();
    assert!(rows.len() > 80 && rows.iter().all(|r| r["change"] == "same"), "{read}");
    assert_eq!(read["kept"], false, "because nothing differs");
    let text = home.run(&["redecode", visit]);
    text.exits(0);
    assert!(text.out.contains("read as they are shown"), "{}", text.out);
    let all = home.run(&["redecode", "--all"]);
    all.exits(0);
    assert!(all.out.contains("1 visit: 0 read otherwise today."), "{}", all.out);
    home.run(&["redecode"]).exits(2);
    home.run(&["redecode", visit, "--all"]).exits(2);

    let (plain, log) = (home.file("visit.txt"), home.file("visit.log"));
    home.run(&["traffic", visit, "-o", plain.to_str().unwrap()]).exits(0);
    home.run(&["traffic", visit, "--candump", "-o", log.to_str().unwrap()]).exits(0);
    let replayed = home.json(&["replay", plain.to_str().unwrap()]);
    for part in ["codes", "coverage", "readiness", "freeze_frames", "started", "vin"] {
        assert_eq!(replayed[part], checked[part], "{part}");
    }
    let bare = |report: &Value| {
        let mut readings = report["snapshot"].as_array().unwrap().clone();
        let at: Vec<i64> = readings.iter_mut().map(|r| r["at"].take().as_i64().unwrap()).collect();
        (readings, at)
    };
    let ((then, read), (now, said)) = (bare(&checked), bare(&replayed));
    assert_eq!(now, then);
    assert!(read.iter().zip(&said).all(|(a, b)| (a - b).abs() < 250), "{read:?} {said:?}");
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.lines().count() > 80 && log.lines().all(|l| l.contains(") can0 7")), "{log}");
    assert!(log.contains("7DF#0103000000000000") && log.contains("7DF#0201010000000000"), "{log}");
    let unknown: Value = home.run(&["redecode", "00000000-0000-0000-0000-000000000001", "--json"]).value();
    assert_eq!(unknown["error"]["code"], "not-found", "{unknown}");
}

#[test]
fn a_bundle_of_a_visit_is_checked_without_a_database() {
    let home = Home::new();
    let checked = home.json(&["check", "--port", "sim:misfire?speed=50"]);
    let (visit, vin) = (checked["visit"].as_str().unwrap(), checked["vin"].as_str().unwrap());
    let (path, full) = (home.file("visit.zip"), home.file("full.zip"));
    let (path, full) = (path.to_str().unwrap(), full.to_str().unwrap());
    let made = home.run(&["bundle", visit, "--out", path]);
    made.exits(0);
    assert!(made.out.contains("replaced") && made.out.contains("SHA-256"), "{}", made.out);
    home.run(&["bundle", visit, "--out", path]).exits(1);
    home.run(&["bundle", visit, "--out", full, "--full"]).exits(0);
    let again = home.file("again.zip");
    home.run(&["bundle", visit, "--out", again.to_str().unwrap()]).exits(0);
    assert_eq!(std::fs::read(&again).unwrap(), std::fs::read(path).unwrap(), "because it is the same visit");

    let elsewhere = Home::new();
    let text = elsewhere.run(&["bundle", "--verify", path]);
    text.exits(0);
    assert!(text.out.contains("All of it agrees") && text.out.contains("redacted"), "{}", text.out);
    assert!(!elsewhere.file("data").exists(), "nothing is stored, not even a folder");
    for (file, redacted) in [(path, true), (full, false)] {
        let verified = elsewhere.json(&["bundle", "--verify", file]);
        assert_eq!(
            (&verified["agrees"], &verified["manifest"]["redacted"]),
            (&Value::from(true), &Value::from(redacted))
        );
        assert!(verified["same"].as_u64().unwrap() > 80 && verified["differing"].as_array().unwrap().is_empty());
    }
    // Packed files hold no plain text; what is in them is the library's to test. Its name must not give it away either.
    assert!(!made.out.contains(vin));

    let mut broken = std::fs::read(path).unwrap();
    broken.truncate(broken.len() / 2);
    std::fs::write(&again, broken).unwrap();
    let refused = elsewhere.run(&["bundle", "--verify", again.to_str().unwrap(), "--json"]);
    assert_eq!(refused.exits(1).error_code(), "malformed");
    elsewhere.run(&["bundle"]).exits(2);
    elsewhere.run(&["bundle", visit]).exits(2);
    elsewhere.run(&["bundle", "--verify", "/"]).exits(2);
}

#[test]
fn live_traffic_is_shown_line_by_line() {
    let home = Home::new();
    let shown = home.run(&["live", "--port", "sim:petrol", "--raw", "--seconds", "2"]);
    shown.exits(0);
    let lines: Vec<&str> = shown.out.lines().collect();
    assert!(lines.iter().any(|l| l.contains("  > ") && l.contains("01")), "{}", shown.out);
    assert!(lines.iter().any(|l| l.contains("  < 7E8 ")), "{}", shown.out);
}
