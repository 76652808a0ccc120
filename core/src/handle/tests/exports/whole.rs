//! That an archive has all there is, that one which does not end leaves nothing, and what of others is not in it.

use super::*;
use crate::handle::tests::services::{done as history_done, on_disk};
use roadworthy_api::{history::HistoryAnswers, note::Measured, system::Settings};

fn archive(own: &Own, vehicle: VehicleId) -> BTreeMap<String, Vec<u8>> {
    let made = exported(own, ExportVehicle { vehicle, out: ExportTo::Stored }).unwrap();
    unpacked(&own.blob(&made.file.unwrap().hash).unwrap().1)
}

fn text(files: &BTreeMap<String, Vec<u8>>, name: &str) -> String {
    String::from_utf8(files.get(name).unwrap_or_else(|| panic!("{name} of {:?}", files.keys())).clone()).unwrap()
}

const HISTORY: &str = "Date,Description,Cost,Notes,Odometer,Tags\n\
    2023-01-10,Oil and filter,$89.50,,45100,oil\n2023-07-10,Brake pads,$120.00,,52000,\n2023-12-01,Typo,$1.00,,590000,\n\
    2024-02-10,Oil and filter,$91.00,,60500,\n";

fn imported_history(own: &Own, vehicle: VehicleId) {
    let answers = HistoryAnswers {
        kind: Some(ServiceKind::Service),
        currency: Some("USD".into()),
        distance: Some(MeterUnit::Km),
        ..HistoryAnswers::default()
    };
    let file = on_disk(own, "=papers.csv", HISTORY);
    history_done(own, StartHistory { vehicle, file, mapping: None, answers, again: false }).unwrap();
}

#[test]
fn what_was_imported_removed_doubted_or_renamed_is_in_the_archive_too() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    imported_history(&own, vehicle);
    let fields = |what: &str| ServiceFields {
        day: "2024-03-01".into(),
        description: what.into(),
        odometer: Some(Meter { value: 61_000.0, unit: MeterUnit::Km }),
        ..ServiceFields::default()
    };
    let service = ask(&own, AddService { vehicle, fields: fields("was removed"), sure: false })?;
    ask(&own, RemoveService { service, removed: true })?;
    ask(&own, AddService { vehicle, fields: fields("stands"), sure: false })?;
    let measured = |km| AddMeasurement { vehicle, at: Some(AT), measured: Measured::Odometer { km }, sure: true };
    let wrong = ask(&own, measured(57_123.0))?;
    ask(&own, RemoveMeasurement { measurement: wrong, removed: true })?;
    let signal =
        |unit: &str| Signal { id: "7E8:0C:engine_rpm".into(), label: "Engine speed".into(), unit: unit.into() };
    record(&own, vehicle, &[signal("rpm")], AT, &[(0, 0, Said::Number(800.0))]).finish(AT + 1)?;
    record(&own, vehicle, &[signal("krpm")], AT + 9, &[(0, 0, Said::Number(0.8))]).finish(AT + 10)?;
    let log =
        on_disk(&own, "log.csv", "time,ecu,pid,name,label,value,unit,note\n2024-04-03T10:00:00Z,7E8,05,t,T,90,°C,\n");
    let call = StartImport { vehicle, file: log, dbc: None, mapping: None, answers: Answers::default(), again: false };
    imported(&own, call)?;
    let files = archive(&own, vehicle);
    let imports = text(&files, "imports.csv");
    assert_eq!(imports.lines().count(), 3, "{imports}");
    assert!(
        imports.contains(",service history,'=papers.csv,") && imports.contains(",4,1,2023-01-10,2024-02-10,"),
        "{imports}"
    );
    assert!(imports.contains(",values,log.csv,roadworthy-long,1,1,0,"), "{imports}");
    let (table, all) = (text(&files, "service.csv"), text(&files, "service.json"));
    assert!(table.contains("stands") && !table.contains("was removed"), "because it is read back: {table}");
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let of = |what: &str| all.as_array().unwrap().iter().find(|r| r["fields"]["description"] == what).unwrap();
    assert_eq!((of("was removed")["removed"].as_bool(), of("stands")["removed"].as_bool()), (Some(true), Some(false)));
    assert!(of("Typo")["flag"]["reason"].as_str().unwrap().contains("590,000"), "{all}");
    let odometer = text(&files, "odometer.csv");
    assert!(odometer.contains(",57123,typed in by owner/window,,yes"), "{odometer}");
    assert!(
        odometer.contains("\n2024-03-01,61000,from a service record,,no") && !odometer.contains("590000"),
        "{odometer}"
    );
    let signals = text(&files, "signals.csv");
    assert!(signals.contains(",rpm,") && signals.contains(",krpm,"), "{signals}");
    let readme = text(&files, "README.txt");
    for name in files.keys().filter(|name| !name.contains('/')) {
        assert!(readme.contains(&format!("\n{name} ")) || name == "README.txt", "{name} is not explained:\n{readme}");
    }
    Ok(())
}

#[test]
fn reports_and_later_decodings_are_in_the_archive() -> Result<()> {
    let own = own();
    let filed = filed(&own, None, clean());
    let report = ask(&own, MakeCheckReport { visit: filed.visit })?;
    let said = kind::Redecoded { visit: filed.visit, decoder: 99, report: clean() };
    own.store.write("owner/window", crate::engine::now(), |w| {
        let (id, of) = (w.mint()?, filed.vehicle.bytes());
        w.append(crate::journal::NewEvent::new(id, kind::VISIT_REDECODED, Some(of), &said)?)
    })?;
    let files = archive(&own, filed.vehicle);
    let pdf = files.iter().find(|(name, _)| name.starts_with("reports/")).map(|(_, bytes)| bytes);
    assert_eq!(pdf, Some(&own.blob(&report.hash)?.1));
    let decoding = files.iter().find(|(name, _)| name.contains("/decoding-")).map(|(_, bytes)| bytes).unwrap();
    let decoding: serde_json::Value = serde_json::from_slice(decoding).unwrap();
    assert_eq!((decoding["decoder"].as_u64(), decoding["check"]["port"].as_str()), (Some(99), Some(&*clean().port)));
    assert!(text(&files, "README.txt").contains("reports/…"));
    Ok(())
}

#[test]
fn what_a_reading_was_held_against_may_be_another_owners() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    let (anna, bert) = (person(&own, "Anna"), person(&own, "Bert"));
    let add = |day: &str, km: f64| {
        let odometer = Some(Meter { value: km, unit: MeterUnit::Km });
        let fields =
            ServiceFields { day: day.into(), description: format!("at {km}"), odometer, ..ServiceFields::default() };
        ask(&own, AddService { vehicle, fields, sure: true }).unwrap()
    };
    ask(&own, SetOwner { vehicle, person: Some(anna) })?;
    add("2024-01-10", 123_456.0);
    add("2024-02-10", 124_456.0);
    ask(&own, SetOwner { vehicle, person: Some(bert) })?;
    let doubted = add("2024-03-10", 77_777.0);
    assert!(ask(&own, GetService { service: doubted })?.flag.unwrap().reason.contains("124,456"));
    let of = |person| -> Result<String> {
        let made = exported(&own, ExportCustomer { person, out: ExportTo::Stored })?;
        Ok(told(&unpacked(&own.blob(&made.file.unwrap().hash)?.1)))
    };
    let (annas, all) = (of(anna)?, of(bert)?);
    assert!(annas.contains("2024-02-10,124456,") && !annas.contains("77777"), "{annas}");
    assert!(
        all.contains("at 77777") && all.contains("2024-03-10,77777,") && all.contains("It contradicts other readings."),
        "{all}"
    );
    assert!(!all.contains("124,456") && !all.contains("124456") && !all.contains("123456"), "{all}");
    Ok(())
}

#[test]
fn an_import_that_was_taken_back_is_told_and_not_read_back() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    imported_history(&own, vehicle);
    let import = ask(&own, ListHistories { vehicle: Some(vehicle), offset: 0, limit: 1 })?.rows[0].id;
    ask(&own, UndoHistory { import })?;
    let files = archive(&own, vehicle);
    assert_eq!(text(&files, "service.csv").lines().count(), 1);
    let all: serde_json::Value = serde_json::from_str(&text(&files, "service.json")).unwrap();
    let all = all.as_array().unwrap();
    assert_eq!(all.len(), 4);
    assert!(all.iter().all(|r| r["taken_back"] == true && r["removed"] == false), "{all:?}");
    Ok(())
}

#[test]
fn minutes_stand_in_for_values_that_were_dropped() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    let signal = [Signal { id: "7E8:0C:engine_rpm".into(), label: "Engine speed".into(), unit: "rpm".into() }];
    let from = AT - AT.rem_euclid(60_000);
    let rows: Vec<_> = (0..90).map(|n| (i64::from(n != 0) * 1000, 0, Said::Number(f64::from(n)))).collect();
    record(&own, vehicle, &signal, from, &rows).finish(from + 100_000)?;
    own.engine.settle(std::time::Duration::from_secs(20));
    while ask(&own, GetStorage {})?.blocks == 0 {
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(!archive(&own, vehicle).contains_key("minutes.csv"));
    ask(&own, SetSettings { settings: Settings { keep_raw_days: Some(7), ..Settings::default() } })?;
    ask(&own, ApplyRetention {})?;
    let files = archive(&own, vehicle);
    assert_eq!(text(&files, "telemetry.csv").lines().count(), 1);
    let minutes = text(&files, "minutes.csv");
    let rows: Vec<&str> = minutes.lines().skip(1).map(|l| l.split_once("Z,").unwrap().1).collect();
    let named = "7E8,0C,engine_rpm,Engine speed,rpm";
    assert_eq!(rows, [format!("{named},60,0,59,29.5,0,59"), format!("{named},30,60,89,74.5,60,89")]);
    assert!(text(&files, "README.txt").contains("old ones were dropped"));
    Ok(())
}

/// Tables of the database and where an archive has what they say of a vehicle. A new one must be decided about.
const TOLD: [(&str, &str); 35] = [
    ("registration", "vehicle.json"),
    ("vehicle", "vehicle.json"),
    ("visit", "visits.csv"),
    ("ecu", "visits/…/check.json"),
    ("reading", "visits/…/check.json"),
    ("freeze_frame", "visits/…/check.json"),
    ("freeze_item", "visits/…/check.json"),
    ("readiness", "visits/…/check.json"),
    ("readiness_test", "visits/…/check.json"),
    ("coverage", "visits/…/check.json"),
    ("trouble_code", "codes.csv"),
    ("decoding", "visits/…/decoding-….json"),
    ("note", "notes.csv"),
    ("photo", "photos.csv"),
    ("measurement", "measurements.csv"),
    ("recording", "recordings.csv"),
    ("capture", "telemetry.csv"),
    ("capture_signal", "telemetry.csv"),
    ("tail", "telemetry.csv"),
    ("series", "signals.csv"),
    ("block", "telemetry.csv"),
    ("block_data", "telemetry.csv"),
    ("block_minutes", "minutes.csv"),
    ("diagnosis", "diagnoses.json"),
    ("reading_flag", "flags.csv"),
    ("decision", "decisions.csv"),
    ("alert", "alerts.csv"),
    ("pin", "pins.csv"),
    ("import", "imports.csv"),
    ("history", "imports.csv"),
    ("service", "service.json"),
    ("blob", "reports/…"),
    ("outbox", "messages.csv"),
    ("clearing", "timeline.txt"),
    ("journal", "timeline.txt"),
];
/// Those that say nothing of a vehicle, or nothing that another does not say.
const NOT_OF_A_VEHICLE: [&str; 17] = [
    "adapter",
    "backup",
    "device",
    "erased_key",
    "habit",
    "import_stage",
    "outbox_attempt",
    "own_device",
    "person",
    "person_key",
    "quarantine",
    "sealing",
    "setting",
    "sqlite_sequence",
    "sqlite_stat1",
    "worker",
    "worker_dead",
];

#[test]
fn every_table_is_in_the_archive_or_known_not_to_be() {
    let own = own();
    let tables: Vec<String> = own
        .store
        .read(|conn| {
            let mut find = conn.prepare("select name from sqlite_master where type = 'table' order by name")?;
            let rows = find.query_map([], |row| row.get(0))?;
            Ok(rows.collect::<rusqlite::Result<_>>()?)
        })
        .unwrap();
    let known: Vec<&str> = TOLD.iter().map(|(table, _)| *table).chain(NOT_OF_A_VEHICLE).collect();
    let new: Vec<&String> = tables.iter().filter(|table| !known.contains(&table.as_str())).collect();
    assert!(new.is_empty(), "say where an archive of a vehicle has what these hold, or why not: {new:?}");
}

// ---- what does not end leaves nothing

/// A vehicle with a value on each of many days, so that it takes a while.
fn long(own: &Own, days: i64) -> VehicleId {
    let vehicle = registered(own);
    let signal = [Signal { id: "7E8:0C:engine_rpm".into(), label: "Engine speed".into(), unit: "rpm".into() }];
    let rows: Vec<_> = (0..days).map(|n| (86_400_000, 0, Said::Number(n as f64))).collect();
    let from = AT - (days + 1) * 86_400_000;
    record(own, vehicle, &signal, from, &rows).finish(AT).unwrap();
    vehicle
}

fn names(folder: &Path) -> Vec<String> {
    let mut all: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    all.sort();
    all
}

#[test]
fn an_export_that_is_cancelled_in_its_middle_leaves_nothing() -> Result<()> {
    let own = own();
    let vehicle = long(&own, 4000);
    let place = tempfile::tempdir().unwrap();
    let file = |name: &str, replace| ExportTo::Path { path: place.path().join(name).display().to_string(), replace };
    let folder = |name: &str| ExportTo::Folder { path: place.path().join(name).display().to_string(), replace: true };
    fs::write(place.path().join("old.zip"), "old").unwrap();
    let jobs = [
        ask(&own, values(vehicle, TableFormat::Csv, CsvLayout::Long, file("a.csv", false))),
        ask(&own, values(vehicle, TableFormat::Parquet, CsvLayout::Wide, file("a.parquet", false))),
        ask(&own, ExportVehicle { vehicle, out: file("a.zip", false) }),
        ask(&own, ExportVehicle { vehicle, out: file("old.zip", true) }),
        ask(&own, ExportVehicle { vehicle, out: folder("f") }),
        ask(&own, ExportVehicle { vehicle, out: ExportTo::Stored }),
    ];
    for job in jobs {
        let job = job?;
        // In its middle: some days are written.
        while !ask(&own, GetJob { job })?.doing.starts_with("Values of") {
            std::thread::sleep(std::time::Duration::from_millis(1));
        }
        ask(&own, CancelJob { job })?;
        let error = ended(&own, job).unwrap_err();
        assert_eq!(error.code, Code::Cancelled, "{error}");
    }
    assert_eq!(names(place.path()), ["old.zip"]);
    assert_eq!(fs::read(place.path().join("old.zip")).unwrap(), b"old");
    assert_eq!(names(&own.folder.path().join("files/new")), [] as [String; 0]);
    let said = own.store.read(|conn| crate::store::journal::of_kind(conn, kind::DATA_EXPORTED))?;
    assert!(said.is_empty(), "{said:?}");
    let made = exported(&own, ExportVehicle { vehicle, out: file("a.zip", false) })?;
    assert_eq!(made.counts.iter().find(|c| c.what == "values").map(|c| c.count), Some(4000));
    Ok(())
}

#[test]
fn what_a_killed_process_left_goes_with_the_next_export_and_what_another_writes_stays() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    fs::write(at(".a.zip.0011223344556677.part"), "half").unwrap();
    fs::write(at(".a.zip.8899aabbccddeeff.old"), "before").unwrap();
    fs::create_dir(at(".a.zip.0123456789abcdef.part")).unwrap();
    let others = [".a.zip.1111111111111111.part", ".a.zip.part", ".b.zip.0011223344556677.part", "a.zip.part"];
    for name in others {
        fs::write(at(name), "another's").unwrap();
    }
    let writing = fs::File::open(at(others[0])).unwrap();
    writing.lock().unwrap();
    let path = at("a.zip").display().to_string();
    exported(&own, ExportVehicle { vehicle, out: ExportTo::Path { path, replace: false } })?;
    let mut expect: Vec<String> = others.map(str::to_owned).to_vec();
    expect.push("a.zip".into());
    expect.sort();
    assert_eq!(names(place.path()), expect);
    Ok(())
}

#[cfg(unix)]
#[test]
fn only_this_user_may_read_what_is_written() -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let own = own();
    let filed = filed(&own, None, clean());
    let place = tempfile::tempdir().unwrap();
    let path = |name: &str| place.path().join(name).display().to_string();
    exported(&own, ExportFleet { out: ExportTo::Folder { path: path("fleet"), replace: false } })?;
    let vehicle = filed.vehicle;
    exported(&own, ExportVehicle { vehicle, out: ExportTo::Folder { path: path("car"), replace: false } })?;
    exported(&own, ExportVehicle { vehicle, out: ExportTo::Path { path: path("car.zip"), replace: false } })?;
    let mut left = vec![place.path().to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap().map(std::result::Result::unwrap) {
            let mode = entry.metadata().unwrap().permissions().mode() & 0o077;
            assert_eq!(mode, 0, "{} is open to others", entry.path().display());
            if entry.path().is_dir() {
                left.push(entry.path());
            }
        }
    }
    Ok(())
}
