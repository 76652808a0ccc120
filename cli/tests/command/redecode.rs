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
    for part in ["codes", "coverage", "readiness", "freeze_frames", "snapshot", "started", "vin"] {
        assert_eq!(replayed[part], checked[part], "{part}");
    }
    let log = std::fs::read_to_string(log).unwrap();
    assert!(log.lines().count() > 80 && log.lines().all(|l| l.contains(") can0 7")), "{log}");
    assert!(log.contains("#03") && log.contains("7DF#0101000000000000"), "{log}");
    let unknown: Value = home.run(&["redecode", "00000000-0000-0000-0000-000000000001", "--json"]).value();
    assert_eq!(unknown["error"]["code"], "not-found", "{unknown}");
}
