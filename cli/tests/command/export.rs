//! Exports as typed.

use crate::rig::Home;
use std::{collections::BTreeMap, fs, io::Read};

/// A vehicle with a check, a note and imported values, whose owner is a customer.
fn filled() -> (Home, String) {
    let home = Home::new();
    home.run(&["register", "--plate", "RW-E 1"]).exits(0);
    home.run(&["check", "--port", "sim:petrol", "--vehicle", "RW-E 1"]).exits(0);
    home.run(&["note", "add", "RW-E 1", "=HYPERLINK(\"x\"), brakes squeal"]).exits(0);
    let log = home.file("trip.csv");
    let mut text = "time,ecu,pid,name,label,value,unit,note\n".to_owned();
    for n in 0..60 {
        text += &format!("2024-04-03T10:00:{n:02}.000Z,7E8,0C,engine_rpm,Engine speed,{}.5,rpm,\n", 800 + n);
    }
    text += "2024-04-03T10:01:00.000Z,7E8,03,fuel_system_1_status,Fuel system 1,closed loop,,\n";
    fs::write(&log, text).unwrap();
    home.run(&["import", &log.display().to_string(), "--vehicle", "RW-E 1", "--yes"]).exits(0);
    let person = home.json(&["people", "add", "Customer one", "--phone", "555 0100"]);
    (home, person["person"].as_str().unwrap().to_owned())
}

fn unpacked(path: &std::path::Path) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(fs::File::open(path).unwrap()).unwrap();
    (0..zip.len())
        .map(|n| {
            let mut file = zip.by_index(n).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), String::from_utf8_lossy(&bytes).into_owned())
        })
        .collect()
}

#[test]
fn a_vehicle_is_exported_whole_and_nothing_is_replaced_unasked() {
    let (home, _) = filled();
    let out = home.file("car.zip");
    let to = out.display().to_string();
    let made = home.json(&["export", "vehicle", "--vehicle", "RW-E 1", "--out", &to]);
    assert_eq!(made["path"], to.as_str());
    let files = unpacked(&out);
    for name in ["README.txt", "manifest.json", "SHA256SUMS", "vehicle.json", "timeline.txt", "telemetry.csv"] {
        assert!(files.contains_key(name), "{name} of {:?}", files.keys());
    }
    assert!(files["notes.csv"].contains("'=HYPERLINK"), "{}", files["notes.csv"]);
    assert_eq!(files["telemetry.csv"].lines().count(), 62);
    assert!(files.keys().any(|n| n.starts_with("visits/") && n.ends_with("/traffic.txt")));
    let again = home.run(&["export", "vehicle", "--vehicle", "RW-E 1", "--out", &to]);
    again.exits(1);
    assert!(again.err.contains("there already") && again.err.contains("--force"), "{again:#?}");
    home.run(&["export", "vehicle", "--vehicle", "RW-E 1", "--out", &to, "--force"]).exits(0);
    let nowhere = home.file("no/car.zip").display().to_string();
    home.run(&["export", "vehicle", "--vehicle", "RW-E 1", "--out", &nowhere]).exits(1);
    let events = home.run(&["journal", "tail"]);
    assert!(events.out.contains("All data of the vehicle exported"), "{events:#?}");
    home.run(&["journal", "verify"]).exits(0);
}

#[test]
fn values_are_exported_as_csv_and_parquet() {
    let (home, _) = filled();
    let csv = home.file("values.csv").display().to_string();
    let made = home.json(&["export", "telemetry", "--vehicle", "RW-E 1", "--signal", "engine_rpm", "--out", &csv]);
    assert_eq!((made["counts"][0]["what"].as_str(), made["counts"][0]["count"].as_u64()), (Some("values"), Some(60)));
    let text = fs::read_to_string(&csv).unwrap();
    assert_eq!(text.lines().nth(1), Some("2024-04-03T10:00:00.000Z,7E8,0C,engine_rpm,Engine speed,800.5,rpm,"));
    let wide = home.file("wide.csv").display().to_string();
    home.run(&["export", "telemetry", "--vehicle", "RW-E 1", "--wide", "--out", &wide]).exits(0);
    assert!(
        fs::read_to_string(&wide).unwrap().starts_with("time,Fuel system 1 (7E8:03),Engine speed (7E8:0C) [rpm],mark")
    );
    let range = ["--from", "2024-04-03T10:00:30Z", "--to", "2024-04-03T10:00:40Z"];
    let parquet = home.file("values.parquet").display().to_string();
    let mut asked = vec!["export", "telemetry", "--vehicle", "RW-E 1", "--out", &parquet];
    asked.extend(range);
    assert_eq!(home.json(&asked)["counts"][0]["count"], 10);
    assert!(fs::read(&parquet).unwrap().starts_with(b"PAR1"));
    let none = home.file("none.csv").display().to_string();
    home.run(&["export", "telemetry", "--vehicle", "RW-E 1", "--signal", "boost", "--out", &none]).exits(1);
}

#[test]
fn the_fleet_goes_to_a_folder_or_a_zip() {
    let (home, _) = filled();
    let folder = home.file("fleet");
    let to = folder.display().to_string();
    home.run(&["export", "fleet", "--out", &to]).exits(0);
    let vehicles = fs::read_to_string(folder.join("vehicles.csv")).unwrap();
    assert!(vehicles.starts_with("vehicle,VIN,plate,name,state") && vehicles.contains("RW-E 1"), "{vehicles}");
    home.run(&["export", "fleet", "--out", &to]).exits(1);
    home.run(&["export", "fleet", "--out", &to, "--force"]).exits(0);
    let zip = home.file("fleet.zip");
    home.run(&["export", "fleet", "--out", &zip.display().to_string()]).exits(0);
    assert_eq!(unpacked(&zip)["vehicles.csv"], vehicles);
    let left: Vec<_> = fs::read_dir(home.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
}

#[test]
fn a_customer_is_given_what_is_theirs() {
    let (home, person) = filled();
    let out = home.file("customer.zip");
    let to = out.display().to_string();
    home.run(&["export", "customer", "--customer", "customer ONE", "--out", &to]).exits(0);
    let files = unpacked(&out);
    assert!(files["customer.txt"].contains("555 0100"), "{}", files["customer.txt"]);
    assert!(files["customer.json"].contains(&person));
    home.run(&["export", "customer", "--customer", "nobody", "--out", &to, "--force"]).exits(1);
    let events = home.run(&["journal", "tail"]);
    assert!(events.out.contains("All data of the customer exported"), "{events:#?}");
}
