//! What the shop adds to a vehicle, and what of a visit leaves it again.

use crate::rig::Home;
use serde_json::{Value, json};

fn text<'a>(value: &'a Value, key: &str) -> &'a str {
    value[key].as_str().unwrap_or_else(|| panic!("{key} in {value:#}"))
}

#[test]
fn notes_photos_and_measurements_are_added_listed_removed_and_brought_back() {
    let home = Home::new();
    home.json(&["register", "--plate", "B-RW 1"]);
    let plate = "brw1";

    let note = home.json(&["note", "add", plate, "Brakes squeal."]);
    let long = "Line of a long note.\n".repeat(1000);
    let piped = home.feed(&["note", "add", plate, "--json"], long.as_bytes());
    let piped = piped.exits(0).value();
    let notes = home.json(&["note", "list", plate]);
    assert_eq!((notes[0]["bytes"].as_u64(), text(&notes[1], "start")), (Some(20_999), "Brakes squeal."));
    assert_eq!(text(&home.json(&["note", "show", text(&piped, "note")]), "text"), long.trim());
    home.run(&["note", "remove", text(&note, "note")]).exits(0);
    assert_eq!(home.json(&["note", "list", plate]).as_array().map(Vec::len), Some(1));
    home.run(&["note", "remove", text(&note, "note"), "--undo"]).exits(0);
    assert!(home.run(&["note", "list", plate]).exits(0).out.contains("Brakes squeal."));

    // One red pixel (PNG).
    let png = home.file("red.png");
    std::fs::write(&png, PNG).unwrap();
    let photo = home.json(&["photo", "add", plate, png.to_str().unwrap(), "--caption", "Sill"]);
    assert!(home.run(&["photo", "list", plate]).exits(0).out.contains("Sill"));
    home.run(&["photo", "remove", text(&photo, "photo")]).exits(0);
    assert_eq!(home.json(&["photo", "list", plate]), json!([]));
    std::fs::write(&png, "no photo").unwrap();
    let refused = home.run(&["photo", "add", plate, png.to_str().unwrap(), "--json"]);
    assert_eq!(refused.exits(2).error_code(), "invalid");

    home.run(&["measure", plate, "odometer", "120000", "--at", "2020-01-01"]).exits(0);
    let typo = home.run(&["measure", plate, "odometer", "1200000"]);
    assert!(typo.exits(1).err.contains("--sure") && typo.err.contains("120,000 km"), "{typo:#?}");
    home.run(&["measure", plate, "odometer", "119000", "--sure"]).exits(0);
    home.run(&["measure", plate, "brake-pad", "front-left", "4.5"]).exits(0);
    home.run(&["measure", plate, "oil", "5W-30", "--specification", "ACEA C3", "--at", "2020-02-01"]).exits(0);
    home.run(&["measure", plate, "tread", "spare", "99"]).exits(2);
    home.run(&["measure", plate, "battery"]).exits(2);
    home.run(&["measure", plate, "oil", "5W-30", "--at", "2999-01-01"]).exits(2);
    let vehicle = home.json(&["vehicle", plate]);
    assert_eq!(vehicle["measurements"].as_array().map(Vec::len), Some(4));
    assert_eq!((vehicle["odometer"]["km"].as_f64(), &vehicle["provisional"]), (Some(119_000.0), &json!(true)));
    let shown = home.run(&["vehicle", plate]);
    for part in ["front left", "4.5 mm", "5W-30 ACEA C3", "confirmed", "1,000 km less", "provisional", "2 notes"] {
        assert!(shown.exits(0).out.contains(part), "{part} in {}", shown.out);
    }
    assert_eq!(home.json(&["journal", "rebuild"])["identical"], true);
}

const PNG: &[u8] = &[
    0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 0x00, 0x00, 0x00, 0x0D, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00, 0x00,
    0x01, 0x00, 0x00, 0x00, 0x01, 0x08, 0x02, 0x00, 0x00, 0x00, 0x90, 0x77, 0x53, 0xDE, 0x00, 0x00, 0x00, 0x0C, 0x49,
    0x44, 0x41, 0x54, 0x08, 0xD7, 0x63, 0xF8, 0xCF, 0xC0, 0x00, 0x00, 0x03, 0x01, 0x01, 0x00, 0x18, 0xDD, 0x8D, 0xB0,
    0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82,
];

#[test]
fn a_vehicle_without_a_vin_is_attached_detached_and_named() {
    let home = Home::new();
    let checked = home.json(&["check", "--port", "sim:petrol"]);
    let (known, vin) = (text(&checked, "vehicle"), text(&checked, "vin"));
    let id = home.json(&["register", "--plate", "B-RW 1"]);
    let id = text(&id, "vehicle");
    home.run(&["attach", "B-RW 1", vin]).exits(0);
    let vehicle = home.json(&["vehicle", id]);
    assert_eq!((text(&vehicle, "vin"), text(&vehicle, "plate")), (vin, "B-RW 1"));
    assert_eq!(text(&vehicle["registrations"][0], "id"), id);
    assert!(home.run(&["vehicle", known]).exits(0).out.contains("attached"));
    home.run(&["detach", id]).exits(0);
    assert_eq!(home.json(&["vehicle", known])["registrations"], json!([]));
    assert_eq!(home.run(&["detach", id, "--json"]).exits(1).error_code(), "conflict");
    home.run(&["set-vin", id, "11111111211111111"]).exits(2);
    home.run(&["set-vin", id, vin]).exits(0);
    assert_eq!(home.json(&["vehicles"]).as_array().map(Vec::len), Some(1));
    assert_eq!(home.run(&["set-vin", known, "", "--json"]).exits(1).error_code(), "conflict");
    home.run(&["set-vin", id, ""]).exits(0);
    assert_eq!(home.json(&["vehicles"]).as_array().map(Vec::len), Some(2));
}

#[test]
fn the_traffic_of_a_visit_plays_back_to_the_same_report_and_compares_as_the_same() {
    let home = Home::new();
    let first = home.json(&["check", "--port", "sim:petrol"]);
    let file = home.file("visit.txt");
    let path = file.to_str().unwrap();
    home.run(&["traffic", text(&first, "visit"), "-o", path]).exits(0);
    home.run(&["traffic", text(&first, "visit"), "-o", path]).exits(1);
    assert!(home.run(&["traffic", text(&first, "visit")]).exits(0).out.starts_with("roadworthy-traffic 1\n"));
    let again = home.json(&["check", "--port", &format!("replay:{path}")]);
    for part in ["vin", "protocol", "ecus", "codes", "freeze_frames", "readiness", "coverage", "rejected", "partial"] {
        assert_eq!(first[part], again[part], "{part}");
    }
    assert_eq!(first["adapter"]["claims"], again["adapter"]["claims"]);
    assert_eq!(first["adapter"]["voltage"], again["adapter"]["voltage"]);
    assert!(first["adapter"]["passport"].is_object());
    assert_eq!(again["adapter"]["passport"], Value::Null, "because a file is no adapter");
    let values = |report: &Value| -> Vec<Value> {
        let readings = report["snapshot"].as_array().unwrap().iter();
        readings.map(|r| json!([r["ecu"], r["pid"], r["reply"], r["value"]])).collect()
    };
    assert!(!values(&first).is_empty());
    assert_eq!(values(&first), values(&again));

    let compared = home.json(&["compare", text(&again, "visit"), text(&first, "visit")]);
    // A replay is dated by its recording, and ends with its last answer.
    let mut pair = [&compared["older"]["id"], &compared["newer"]["id"]].map(|id| id.as_str().unwrap().to_owned());
    let mut both = [text(&first, "visit").to_owned(), text(&again, "visit").to_owned()];
    pair.sort();
    both.sort();
    assert_eq!(pair, both);
    assert!(compared["rows"].as_array().unwrap().iter().all(|row| row["differs"] == false), "{compared:#}");
    assert_eq!(home.json(&["compare", "--last", text(&first, "vin")]), compared);
    assert!(home.run(&["compare", "--last", text(&first, "vin")]).exits(0).out.contains("Readiness"));
    home.run(&["compare", text(&first, "visit")]).exits(2);
    home.run(&["compare"]).exits(2);
}
