//! Service records and histories as typed.

use crate::rig::Home;
use std::fs;

const HISTORY: &str = "Date,Description,Cost,Notes,Odometer,Tags\n\
    3/14/2023,Oil and filter,$89.50,\"Two\nlines\",45100,oil\n\
    7/2/2023,Brake pads,$120.00,,52000,\n\
    12/1/2023,Typo,$1.00,,590000,\n\
    2/10/2024,Oil and filter,$91.00,,60500,\n";

#[test]
fn a_history_is_told_from_a_log_asked_about_imported_judged_and_taken_back() {
    let home = Home::new();
    let file = home.file("service.csv");
    fs::write(&file, HISTORY).unwrap();
    let file = file.display().to_string();
    home.run(&["register", "--plate", "RW-A 1"]).exits(0);
    let preview = home.json(&["import", &file, "--preview"]);
    assert_eq!(preview["mapping"]["history"], "lubelogger-records");
    let open = home.run(&["import", &file, "--vehicle", "RW-A 1"]);
    open.exits(2);
    for option in ["--kind", "--distance", "--currency"] {
        assert!(open.err.contains(option), "{open:#?}");
    }
    let said = ["--kind", "service", "--distance", "km", "--currency", "USD"];
    let all: Vec<&str> = ["import", file.as_str(), "--vehicle", "RW-A 1"].into_iter().chain(said).collect();
    let done = home.run(&all);
    done.exits(0);
    assert!(done.out.contains("Imported 4 records from 2023-03-14 to 2024-02-10"), "{done:#?}");
    assert!(done.out.contains("1 odometer reading does not count until you judge it"), "{done:#?}");
    home.run(&all).exits(1);
    let listed = home.run(&["service", "list", "RW-A 1"]);
    assert!(listed.out.contains("may have a digit too many"), "{listed:#?}");
    let rows = home.json(&["service", "list", "RW-A 1"]);
    let typo =
        rows.as_array().unwrap().iter().find(|r| r["flag"].is_object()).unwrap()["id"].as_str().unwrap().to_owned();
    home.run(&["service", "judge", &typo, "leave-out"]).exits(0);
    let csv = home.run(&["service", "export", "RW-A 1"]).out;
    assert!(csv.starts_with("service_day,time,kind,") && csv.contains("left out"), "{csv}");
    let imports = home.json(&["imports"]);
    let id = imports[0]["id"].as_str().unwrap().to_owned();
    home.run(&["imports", "show", &id]).exits(0);
    assert!(home.json(&["imports", "undo", &id])["undone"].is_i64());
    assert_eq!(home.json(&["service", "list", "RW-A 1"]).as_array().unwrap().len(), 0);
    home.run(&["journal", "verify"]).exits(0);
}

#[test]
fn a_record_is_written_down_mended_and_removed() {
    let home = Home::new();
    home.run(&["register", "--plate", "RW-A 1"]).exits(0);
    let add =
        ["service", "add", "RW-A 1", "Belt", "--day", "2024-03-05", "--odometer", "45100km", "--cost", "89.50eur"];
    let id = home.json(&add)["service"].as_str().unwrap().to_owned();
    let row = home.json(&["service", "correct", &id, "Belt and pump", "--kind", "repair"]);
    assert_eq!((row["fields"]["description"].as_str(), row["km"].as_f64()), (Some("Belt and pump"), Some(45100.0)));
    assert_eq!(row["fields"]["cost"]["currency"], "EUR");
    home.run(&["service", "add", "RW-A 1", "Typo", "--day", "2024-03-06", "--odometer", "451000km"]).exits(1);
    home.run(&["service", "add", "RW-A 1", "No unit", "--odometer", "45100"]).exits(2);
    home.run(&["service", "remove", &id]).exits(0);
    assert_eq!(home.json(&["service", "list", "RW-A 1"]).as_array().unwrap().len(), 0);
    home.run(&["service", "remove", &id, "--undo"]).exits(0);
    assert!(home.run(&["timeline", "--vehicle", "RW-A 1"]).out.contains("of 2024-03-05 at 45,100 km written down"));
}
