//! From a check to the customer's report, and what is left of it in the journal.

use crate::rig::Home;
use serde_json::json;

#[test]
fn a_check_is_printed_stored_listed_reported_and_verified() {
    let home = Home::new();
    assert!(
        home.run(&["vehicles"]).exits(0).out.contains("roadworthy check --port"),
        "an empty list names the next step"
    );

    let check = home.json(&["check", "--port", "sim:misfire"]);
    let vin = check["vin"].as_str().unwrap().to_owned();
    assert_eq!(vin.len(), 17);
    for key in [
        "visit",
        "vehicle",
        "protocol",
        "readiness",
        "snapshot",
        "coverage",
        "ecus",
        "codes",
        "freeze_frames",
        "verdict",
        "summary",
    ] {
        assert!(!check[key].is_null(), "{key} in {check:#}");
    }
    assert!(check["partial"].is_null());
    let classes: Vec<&str> = check["codes"].as_array().unwrap().iter().map(|c| c["class"].as_str().unwrap()).collect();
    for class in ["stored", "pending", "permanent"] {
        assert!(classes.contains(&class), "{classes:?}");
    }
    assert!(check["coverage"].as_array().unwrap().iter().any(|c| c["outcome"] == "answered"));

    let vehicles = home.json(&["vehicles"]);
    assert_eq!(vehicles.as_array().map(Vec::len), Some(1));
    assert_eq!((&vehicles[0]["vin"], &vehicles[0]["id"]), (&check["vin"], &check["vehicle"]));
    assert_eq!(home.json(&["vehicles", "--search", "no such car"]), json!([]));

    let again = home.run(&["check", "--port", "sim:misfire"]);
    let (_, frames) = again.exits(0).out.split_once("Freeze frames").expect("a section of its own");
    let frames = frames.split("\n\n").next().unwrap();
    assert!(frames.contains("P0301") && frames.contains("7E8") && frames.contains("rpm"), "{frames}");
    again.exits(0);
    for part in
        [vin.as_str(), "Trouble codes", "Who answered", "Readiness", "Readings", "Since the last visit", "not asked"]
    {
        assert!(again.out.contains(part), "{part} in {}", again.out);
    }
    assert!(again.err.contains("answered") && !again.err.contains('\r'), "progress is plain lines: {}", again.err);
    assert!(!again.out.contains('\x1b'), "no colours where there is no terminal");

    let vehicle = home.json(&["vehicle", &vin.to_lowercase()]);
    assert_eq!(vehicle["visits"], 2);
    assert_eq!(vehicle["visit_rows"].as_array().map(Vec::len), Some(2));
    assert!(home.run(&["vehicle", &vin]).exits(0).out.contains("Faults"));

    let pdf = home.file("check.pdf");
    let visit = check["visit"].as_str().unwrap();
    let report = ["report", visit, "-o", pdf.to_str().unwrap()];
    home.run(&report).exits(0);
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));
    let ended = home.run(&report);
    ended.exits(1);
    assert!(ended.err.contains("--force"), "because nothing is overwritten unasked: {ended:#?}");
    home.run(&[&report[..], &["--force"]].concat()).exits(0);

    let verified = home.json(&["journal", "verify"]);
    assert_eq!(verified["faults"], json!([]));
    assert!(verified["events"].as_u64().unwrap() >= 2);
    assert_eq!(home.json(&["journal", "rebuild"])["identical"], true);
    let tail = home.json(&["journal", "tail"]);
    assert!(tail.as_array().unwrap().iter().any(|event| event["kind"] == "vehicle.checked"), "{tail:#}");
    assert!(home.run(&["log", "export"]).exits(0).out.find(&vin).is_none(), "because the log is redacted");
}

#[test]
fn a_changed_journal_ends_with_six() {
    let home = Home::new();
    home.json(&["check", "--port", "sim:misfire"]);
    home.run(&["journal", "verify"]).exits(0);
    let mut changed = 0;
    for entry in std::fs::read_dir(home.file("data")).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let mut bytes = std::fs::read(&path).unwrap();
        if !bytes.starts_with(b"SQLite format 3\0") {
            continue;
        }
        let (from, to) = (b"sim:misfire", b"sim:misfare");
        for at in 0..bytes.len().saturating_sub(from.len()) {
            if bytes[at..].starts_with(from) {
                bytes[at..at + to.len()].copy_from_slice(to);
                changed += 1;
            }
        }
        std::fs::write(&path, bytes).unwrap();
    }
    assert!(changed > 0, "the port stands in the journal");
    let ended = home.run(&["journal", "verify", "--json"]);
    ended.exits(6);
    assert!(!ended.value()["faults"].as_array().unwrap().is_empty());
    assert!(home.run(&["journal", "verify"]).exits(6).out.contains("does not verify"));
}

#[test]
fn a_customer_is_added_listed_and_forgotten() {
    let home = Home::new();
    let name = "A. Customer";
    let added = home.json(&["people", "add", name, "--phone", "000 111", "--note", "two\nlines"]);
    let id = added["person"].as_str().unwrap();
    let listed = home.json(&["people", "list"]);
    assert_eq!((&listed[0]["name"], &listed[0]["phone"]), (&json!(name), &json!("000 111")));
    assert!(home.run(&["people", "list"]).exits(0).out.contains(name));
    home.run(&["people", "forget", id]).exits(2);
    assert_eq!(home.json(&["people", "list"]).as_array().map(Vec::len), Some(1));
    home.run(&["people", "forget", id, "--yes"]).exits(0);
    assert_eq!(home.json(&["people", "list"]), json!([]));
    home.run(&["journal", "verify"]).exits(0);
    let tail = home.run(&["journal", "tail"]);
    assert!(!tail.exits(0).out.contains(name), "{tail:#?}");
}

#[test]
fn ports_name_the_simulated_vehicle() {
    let home = Home::new();
    let ports = home.json(&["ports"]);
    assert!(
        ports.as_array().unwrap().iter().any(|p| p["port"] == "sim:misfire" && p["kind"] == "simulated"),
        "{ports:#}"
    );
    assert!(home.run(&["ports"]).exits(0).out.contains("sim:misfire"));
    assert!(home.path().exists());
}

#[test]
fn a_vehicle_that_was_never_checked_has_no_diagnosis() {
    let home = Home::new();
    let vin = "1RWPC14A6S1000427";
    home.json(&["register", "--vin", vin]);
    let diagnosis = home.json(&["diagnosis", vin]);
    assert_eq!((&diagnosis["visit"], &diagnosis["findings"]), (&json!(null), &json!([])));
    assert!(home.run(&["diagnosis", vin]).exits(0).out.contains("has not been diagnosed yet"));
    assert_eq!(home.run(&["diagnosis", "1RWPC14A6S1000428", "--json"]).exits(1).error_code(), "not-found");
}

#[test]
fn a_vehicle_is_registered_once() {
    let home = Home::new();
    let vin = "1RWPC14A6S1000427";
    let id = home.json(&["register", "--vin", vin, "--name", "Loan car"])["vehicle"].as_str().unwrap().to_owned();
    assert_eq!(home.json(&["vehicle", vin])["id"], json!(id));
    let again = home.run(&["register", "--vin", vin, "--json"]);
    assert_eq!(again.exits(1).error_code(), "conflict");
    home.run(&["register"]).exits(2);
    home.run(&["register", "--vin", "TOO SHORT"]).exits(2);
    assert_eq!(home.json(&["vehicles"]).as_array().map(Vec::len), Some(1));
}

#[test]
fn codes_are_cleared_only_with_a_confirmation_and_on_the_vehicle_that_was_named() {
    let home = Home::new();
    let check = home.json(&["check", "--port", "sim:misfire?key=on&speed=50"]);
    let vin = check["vin"].as_str().unwrap().to_owned();
    let (port, reason) = ("sim:misfire?key=on&speed=50", "ignition coil replaced");
    let args = ["clear", port, "--vehicle", &vin, "--reason", reason];
    // Nobody sits there to type it.
    let unsaid = home.run(&args);
    assert!(unsaid.exits(2).err.contains("--yes-clear"), "{}", unsaid.err);
    let running = home.run(&["clear", "sim:misfire?speed=50", "--vehicle", &vin, "--reason", reason, "--yes-clear"]);
    assert!(running.exits(1).err.contains("engine runs"), "{}", running.err);

    let cleared = home.json(&[&args[..], &["--yes-clear"]].concat());
    assert!(cleared["problem"].is_null(), "{cleared:#}");
    let answers = cleared["answers"].as_array().unwrap();
    assert!(answers.len() == 2 && answers.iter().all(|a| a["outcome"] == "acknowledged"), "{answers:?}");
    let (before, after) = (cleared["before"].as_str().unwrap(), cleared["after"].as_str().unwrap());
    let compared = home.run(&["compare", before, after]);
    assert!(compared.exits(0).out.contains("P0301"), "{}", compared.out);
    let events = home.run(&["journal", "tail", "-n", "100"]);
    assert!(events.exits(0).out.contains("codes cleared: acknowledged by 2 ECUs"), "{}", events.out);
}
