//! Exports as doors make them.

mod whole;

use super::{
    imports::{done as imported, vehicle as registered},
    *,
};
use crate::{
    Engine, Intake,
    journal::kind,
    telemetry::{Value, every},
    verdict::sample::clean,
};
use proptest::prelude::*;
use roadworthy_api::{
    Code, Timestamp,
    calls::*,
    export::{ExportMade, ExportTo, TableFormat},
    id::{JobId, PersonId},
    import::{Answers, ImportFile},
    live::CsvLayout,
    service::{Meter, MeterUnit, Money, ServiceFields, ServiceKind},
    valid::LongText,
};
use std::{collections::BTreeMap, io::Read};

const AT: Timestamp = 1_700_000_000_000;

fn ended(engine: &Engine, job: JobId) -> Result<ExportMade> {
    loop {
        match ask(engine, GetJob { job })?.state {
            JobState::Running => std::thread::sleep(std::time::Duration::from_millis(2)),
            JobState::Exported { made } => return Ok(made),
            JobState::Failed { error } => return Err(error),
            other => panic!("{other:?}"),
        }
    }
}

fn exported<C: Request<Reply = JobId>>(engine: &Engine, call: C) -> Result<ExportMade>
where
    Engine: Handle<C>,
{
    ended(engine, ask(engine, call)?)
}

fn to(own: &Own, name: &str) -> ExportTo {
    ExportTo::Path { path: own.folder.path().join(name).display().to_string(), replace: true }
}

fn values(vehicle: VehicleId, format: TableFormat, layout: CsvLayout, out: ExportTo) -> ExportTelemetry {
    ExportTelemetry { vehicle, signals: vec![], from: None, to: None, format, layout, out }
}

fn unpacked(bytes: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    (0..zip.len())
        .map(|n| {
            let mut file = zip.by_index(n).unwrap();
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (file.name().unwrap().into_owned(), bytes)
        })
        .collect()
}

/// Every file of the archive that says what is in it, as one text.
fn told(files: &BTreeMap<String, Vec<u8>>) -> String {
    files.iter().map(|(name, bytes)| format!("{name}\n{}\n", String::from_utf8_lossy(bytes))).collect()
}

fn person(engine: &Engine, name: &str) -> PersonId {
    ask(engine, AddPerson { details: customer(name) }).unwrap()
}

// ---- values that leave and come back

#[derive(Clone, Debug)]
struct Signal {
    id: String,
    label: String,
    unit: String,
}

#[derive(Clone, Debug)]
enum Said {
    Number(f64),
    Word(String),
    Missing(String),
}

impl Said {
    fn of(value: Value<'_>) -> String {
        match value {
            Value::Number(number) => format!("{:016x}", number.to_bits()),
            Value::Word(word) => format!("word {word}"),
            Value::Missing(why) => format!("missing {why}"),
        }
    }
}

/// Text as names have it: one line, nothing at the ends.
fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-z_]{1,12}", "[=+@'-]{0,3}[a-zA-Z0-9 ,;\"'=°ß]{0,10}[a-z%)]"].prop_map(|s| s.trim().to_owned())
}

fn signal() -> impl Strategy<Value = Signal> {
    let unit = prop_oneof![Just(""), Just("rpm"), Just("°C"), Just("km/h"), Just("furlong"), Just("=1+1"), Just("%")];
    ("(7E8|7E9|18DAF110|)", "(|0C|05|A6)", name(), name(), unit).prop_map(|(ecu, pid, name, label, unit)| Signal {
        id: format!("{ecu}:{pid}:{name}"),
        label,
        unit: unit.to_owned(),
    })
}

fn said() -> impl Strategy<Value = Said> {
    let number = prop_oneof![
        any::<f64>().prop_filter("a reading is finite", |f| f.is_finite()),
        (-1000i32..10_000).prop_map(|n| f64::from(n) / 4.0),
        Just(-0.0),
        Just(f64::MIN_POSITIVE / 3.0),
        Just(f64::MAX),
    ];
    let word = prop_oneof![
        Just("closed loop".to_owned()),
        "[0-9.,+eE -]{0,8}",
        "(12|1e5|-7 rpm|NaN|NODATA|=A1|'|\"|5 %|0x1F| x|x |a\nb|\t)",
        any::<String>(),
    ];
    let why =
        prop_oneof!["[ -~]{1,40}".prop_filter("a reason says something", |s| !s.trim().is_empty()), any::<String>()]
            .prop_filter("a reason says something", |s| !s.is_empty());
    prop_oneof![6 => number.prop_map(Said::Number), 2 => word.prop_map(Said::Word), 1 => why.prop_map(Said::Missing)]
}

/// A recording: steps in time, which signal, what it said.
fn recording() -> impl Strategy<Value = Vec<(i64, usize, Said)>> {
    let step = prop_oneof![4 => 1..5000i64, 2 => Just(0), 1 => 0..200_000_000i64];
    proptest::collection::vec((step, 0..6usize, said()), 1..40)
}

fn record(engine: &Engine, vehicle: VehicleId, signals: &[Signal], from: i64, rows: &[(i64, usize, Said)]) -> Intake {
    let mut intake = engine.take_in(&owner(), Some(vehicle), "test", from).unwrap();
    let numbers: Vec<u32> = signals.iter().map(|s| intake.signal(&s.id, &s.label, &s.unit)).collect();
    let mut at = from;
    for (step, signal, said) in rows {
        at += step;
        let number = numbers[signal % numbers.len()];
        match said {
            Said::Number(value) => intake.number(number, at, *value),
            Said::Word(word) => intake.word(number, at, word),
            Said::Missing(why) => intake.missing(number, at, why),
        }
    }
    intake.commit().unwrap();
    intake
}

/// Every sample that is stored: signal and its unit, label, time, value bit by bit. `most`: values in memory at once.
fn stored(engine: &Engine, vehicle: VehicleId, most: u64) -> Vec<(String, String, String, Timestamp, String)> {
    let mut all = Vec::new();
    engine
        .store
        .read(|conn| {
            let signals = every::signals(conn, vehicle)?;
            let mut last = Timestamp::MIN;
            let range = (Timestamp::MIN, Timestamp::MAX);
            every::each_of(conn, &signals, range, most, &mut |_| Ok(()), &mut |place, at, value| {
                assert!(at >= last, "because they come oldest first");
                last = at;
                let s = &signals[place].signal;
                all.push((s.id.clone(), s.unit.clone(), s.label.clone(), at, Said::of(value)));
                Ok(())
            })
        })
        .unwrap();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_exported_and_imported_into_an_empty_database_is_equal(
        mut signals in proptest::collection::vec(signal(), 1..6),
        recordings in proptest::collection::vec((0..400_000_000i64, recording(), any::<bool>()), 1..4),
        most in 1..40u64,
    ) {
        let mut seen = std::collections::BTreeMap::new();
        // A label is that of its signal's first block.
        signals.retain(|s| seen.insert((s.id.clone(), s.unit.clone()), ()).is_none());
        let here = own();
        let vehicle = registered(&here);
        let mut open = Vec::new();
        for (from, rows, ends) in &recordings {
            let intake = record(&here, vehicle, &signals, AT + from, rows);
            if *ends {
                intake.finish(AT + from + 1_000_000_000_000).unwrap();
            } else {
                open.push(intake);
            }
        }
        let before = stored(&here, vehicle, u64::MAX);
        prop_assert_eq!(&stored(&here, vehicle, most), &before, "because a day at once or a second tell the same");
        let made = exported(&here, values(vehicle, TableFormat::Csv, CsvLayout::Long, to(&here, "out.csv"))).unwrap();
        let count = |what: &str| made.counts.iter().find(|c| c.what == what).map_or(0, |c| c.count);
        prop_assert_eq!(count("values") + count("gaps with their reason"), before.len() as u64);
        let there = own();
        let other = registered(&there);
        let file = ImportFile::Path { path: made.path.unwrap() };
        let call = StartImport { vehicle: other, file, dbc: None, mapping: None, answers: Answers::default(), again: false };
        let import = imported(&there, call).unwrap();
        prop_assert_eq!(stored(&there, other, u64::MAX), before);
        let report = ask(&there, GetImport { import }).unwrap().report;
        prop_assert!(report.adds_up() && report.rejected.is_empty(), "{:?}", report);
    }
}

// ---- a history that leaves and comes back

fn words() -> impl Strategy<Value = String> {
    prop_oneof!["", "[=+@'-]{0,2}[a-zA-Z0-9 ,;\"ß]{0,12}[a-z]"].prop_map(|s| s.trim().to_owned())
}

fn service() -> impl Strategy<Value = ServiceFields> {
    let unit = prop_oneof![Just(MeterUnit::Km), Just(MeterUnit::Mi), Just(MeterUnit::H)];
    let meter = ((0..2_000_000u32), unit).prop_map(|(tenths, unit)| Meter { value: f64::from(tenths) / 10.0, unit });
    let money =
        ((-50_000i32..500_000), prop_oneof![Just(None), Just(Some("EUR".to_owned())), Just(Some("$".to_owned()))])
            .prop_map(|(cents, currency)| Money { amount: f64::from(cents) / 100.0, currency });
    let day = (2001..2024i32, 1..13u32, 1..29u32).prop_map(|(y, m, d)| format!("{y}-{m:02}-{d:02}"));
    let time = prop_oneof![Just(None), Just(Some("14:30".to_owned())), Just(Some("08:05:09+02:00".to_owned()))];
    let kind = proptest::sample::select(ServiceKind::ALL.to_vec());
    let lists = (proptest::collection::vec("[a-z,;]{1,8}", 0..3), proptest::collection::vec("[a-z]{1,5}", 0..2));
    let odometer = prop_oneof![1 => Just(None), 2 => meter.prop_map(Some)];
    let cost = prop_oneof![Just(None), money.prop_map(Some)];
    (day, time, kind, "[=a-z][a-z ,\"]{0,20}[a-z]", odometer, cost, (words(), words(), words()), lists).prop_map(
        |(day, time, kind, description, odometer, cost, (vendor, notes, source_id), (tasks, tags))| ServiceFields {
            day,
            time,
            kind,
            description,
            odometer,
            cost,
            vendor,
            notes,
            source_id,
            tasks,
            tags,
            ..ServiceFields::default()
        },
    )
}

/// Every service record, in an order of their own.
fn history(engine: &Engine, vehicle: VehicleId) -> Vec<String> {
    let page = ask(engine, ListService { vehicle, offset: 0, limit: 500 }).unwrap();
    let mut all: Vec<String> = page.rows.iter().map(|row| format!("{:?} {:?}", row.fields, row.judged)).collect();
    all.sort();
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_history_is_equal_after_it_left_and_came_back(records in proptest::collection::vec(service(), 1..6)) {
        let (here, there) = (own(), own());
        let (vehicle, other) = (registered(&here), registered(&there));
        for fields in records {
            ask(&here, AddService { vehicle, fields, sure: true }).unwrap();
        }
        let made = exported(&here, ExportVehicle { vehicle, out: ExportTo::Stored }).unwrap();
        let files = unpacked(&here.blob(&made.file.unwrap().hash).unwrap().1);
        let path = there.folder.path().join("service.csv");
        fs::write(&path, &files["service.csv"]).unwrap();
        let file = ImportFile::Path { path: path.display().to_string() };
        let call = StartHistory { vehicle: other, file, mapping: None, answers: Default::default(), again: false };
        let job = ask(&there, call).unwrap();
        loop {
            match ask(&there, GetJob { job }).unwrap().state {
                JobState::Running => std::thread::sleep(std::time::Duration::from_millis(2)),
                JobState::Made { .. } => break,
                other => panic!("{other:?}"),
            }
        }
        prop_assert_eq!(history(&there, other), history(&here, vehicle));
    }
}

#[test]
fn values_read_back_from_parquet() -> Result<()> {
    use parquet::{
        file::reader::{FileReader, SerializedFileReader},
        record::Field,
    };
    let own = own();
    let vehicle = registered(&own);
    let signal = |id: &str, label: &str, unit: &str| Signal { id: id.into(), label: label.into(), unit: unit.into() };
    let signals = [signal("7E8:0C:engine_rpm", "Engine speed", "rpm"), signal("7E8:03:status", "Status", "")];
    let rows = [
        (0, 0, Said::Number(812.25)),
        (0, 1, Said::Word("closed loop".into())),
        (5, 0, Said::Missing("The ECU is silent.".into())),
        (5, 0, Said::Number(-0.0)),
    ];
    let _open = record(&own, vehicle, &signals, AT, &rows);
    let read = |layout| -> (Vec<BTreeMap<String, Field>>, BTreeMap<String, String>) {
        let call = values(vehicle, TableFormat::Parquet, layout, to(&own, "out.parquet"));
        let made = exported(&own, call).unwrap();
        let file = SerializedFileReader::new(fs::File::open(made.path.unwrap()).unwrap()).unwrap();
        let about = file.metadata().file_metadata().key_value_metadata().unwrap();
        let about = about.iter().map(|kv| (kv.key.clone(), kv.value.clone().unwrap())).collect();
        let rows = file.get_row_iter(None).unwrap();
        (rows.map(|row| row.unwrap().into_columns().into_iter().collect()).collect(), about)
    };
    let text = |t: &str| Field::Str(t.into());
    let (long, about) = read(CsvLayout::Long);
    assert_eq!(long.len(), 4);
    assert_eq!(long[0]["time"], Field::TimestampMillis(AT));
    assert_eq!(
        (&long[0]["signal"], &long[0]["unit"], &long[0]["ecu"]),
        (&text("7E8:03:status"), &text(""), &text("7E8"))
    );
    assert_eq!((&long[0]["value"], &long[0]["text"]), (&Field::Null, &text("closed loop")));
    assert_eq!(
        (&long[1]["value"], &long[1]["text"], &long[1]["unit"]),
        (&Field::Double(812.25), &Field::Null, &text("rpm"))
    );
    assert_eq!((&long[2]["value"], &long[2]["missing"]), (&Field::Null, &text("The ECU is silent.")));
    assert!(matches!(long[3]["value"], Field::Double(v) if v.to_bits() == (-0.0f64).to_bits()));
    let named: serde_json::Value = serde_json::from_str(&about["roadworthy.signals"]).unwrap();
    assert_eq!((&named[1]["signal"], &named[1]["unit"]), (&"7E8:0C:engine_rpm".into(), &"rpm".into()));
    let (wide, _) = read(CsvLayout::Wide);
    assert_eq!(wide.len(), 2, "because a gap is an empty cell, and one moment is one row");
    assert_eq!(wide[0]["7E8:0C:engine_rpm"], Field::Double(812.25));
    assert_eq!(wide[0]["7E8:03:status (text)"], text("closed loop"));
    assert_eq!(wide[1]["7E8:03:status (text)"], Field::Null);
    assert!(!wide[0].contains_key("7E8:0C:engine_rpm (text)"));
    Ok(())
}

// ---- archives

#[test]
fn a_vehicle_leaves_whole_with_the_hash_of_each_file() -> Result<()> {
    let own = own();
    let filed = filed(&own, None, clean());
    let vehicle = filed.vehicle;
    ask(&own, EditVehicle { vehicle, plate: Some("RW-V 1".into()), name: None })?;
    ask(&own, AddNote { vehicle, visit: None, text: LongText("=cmd()|brakes\nsqueal".into()) })?;
    let made = exported(&own, ExportVehicle { vehicle, out: ExportTo::Stored })?;
    let info = made.file.clone().unwrap();
    let (_, bytes) = own.blob(&info.hash)?;
    assert_eq!((made.path, made.bytes), (None, bytes.len() as u64));
    assert_eq!(made.sha256, crate::bundle::sha256(&bytes));
    let files = unpacked(&bytes);
    let manifest: serde_json::Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["format"], "roadworthy-export 1");
    let listed = manifest["files"].as_array().unwrap();
    assert_eq!(listed.len() + 2, files.len(), "because the manifest and the list of hashes are not in it");
    for note in listed {
        let bytes = &files[note["name"].as_str().unwrap()];
        assert_eq!(
            (note["sha256"].as_str(), note["bytes"].as_u64()),
            (Some(&*crate::bundle::sha256(bytes)), Some(bytes.len() as u64))
        );
    }
    let sums = String::from_utf8(files["SHA256SUMS"].clone()).unwrap();
    assert_eq!(sums.lines().count(), files.len() - 1);
    let notes = String::from_utf8(files["notes.csv"].clone()).unwrap();
    assert!(notes.contains("\"'=cmd()|brakes\nsqueal\""), "{notes}");
    let visit = files.iter().find(|(name, _)| name.ends_with("/check.json")).unwrap().1;
    let visit: serde_json::Value = serde_json::from_slice(visit).unwrap();
    assert_eq!(visit["id"], filed.visit.to_string());
    assert!(told(&files).contains("RW-V 1") && files.keys().any(|n| n.ends_with("/traffic.txt")));
    let events = own.store.read(|conn| crate::store::journal::of_kind(conn, kind::DATA_EXPORTED))?;
    assert!(events[0].payload.contains(&info.hash) && events[0].subject.is_some(), "{events:?}");
    Ok(())
}

#[test]
fn what_cannot_be_written_is_told_and_leaves_nothing() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    let path = own.folder.path().join("there.zip");
    fs::write(&path, "old").unwrap();
    let there = |replace| ExportTo::Path { path: path.display().to_string(), replace };
    let code = |out: ExportTo| exported(&own, ExportVehicle { vehicle, out }).map_err(|e| e.code);
    assert_eq!(code(there(false)).unwrap_err(), Code::Conflict);
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert!(code(there(true)).is_ok());
    assert!(fs::read(&path).unwrap().starts_with(b"PK"));
    let folder = ExportTo::Folder { path: own.folder.path().join("f").display().to_string(), replace: false };
    let table = values(vehicle, TableFormat::Csv, CsvLayout::Long, folder);
    assert_eq!(exported(&own, table).unwrap_err().code, Code::Invalid, "because a table is one file");
    let browser = Actor::owner(Door::Browser);
    let forbidden = call::call(&**own, &browser, ExportFleet { out: there(true) }).unwrap_err();
    assert_eq!(forbidden.code, Code::Forbidden);
    assert_eq!(code(ExportTo::Path { path: "/".into(), replace: true }).unwrap_err(), Code::Invalid);
    let unknown = ExportVehicle { vehicle: VehicleId(7), out: ExportTo::Stored };
    assert_eq!(exported(&own, unknown).unwrap_err().code, Code::NotFound);
    let left = fs::read_dir(own.folder.path()).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap());
    assert_eq!(left.filter(|name| name.ends_with(".part")).collect::<Vec<_>>(), [] as [String; 0]);
    Ok(())
}

#[test]
fn a_customer_gets_what_is_theirs_and_nothing_of_the_owners_before_and_after() -> Result<()> {
    let own = own();
    let (anna, bert, carla) = (person(&own, "Anna"), person(&own, "Bert"), person(&own, "Carla"));
    let vehicle = ask(&own, RegisterVehicle { vin: None, plate: Some("OLD 1".into()), name: Some("Annas".into()) })?;
    let stranger = ask(&own, RegisterVehicle { vin: None, plate: Some("FAR 9".into()), name: None })?;
    ask(&own, SetOwner { vehicle: stranger, person: Some(carla) })?;
    let signals = [Signal { id: "7E8:0C:engine_rpm".into(), label: "Engine speed".into(), unit: "rpm".into() }];
    let mut visits = Vec::new();
    for (person, plate, note) in
        [(anna, "OLD 1", "note for anna"), (bert, "NEW 2", "note for bert"), (carla, "END 3", "note for carla")]
    {
        ask(&own, SetOwner { vehicle, person: Some(person) })?;
        ask(&own, EditVehicle { vehicle, plate: Some(plate.into()), name: None })?;
        let note = ask(&own, AddNote { vehicle, visit: None, text: LongText(note.into()) })?;
        if person == bert {
            ask(&own, RemoveNote { note, removed: true })?;
        }
        // Checks and values are of the time when they were read.
        std::thread::sleep(std::time::Duration::from_millis(3));
        let now = crate::engine::now();
        let mut report = clean();
        (report.vin, report.started, report.ended) = (None, now - 1, now);
        visits.push(super::filed(&own, Some(vehicle), report).visit);
        record(&own, vehicle, &signals, now, &[(0, 0, Said::Number(visits.len() as f64 + 0.125))]).finish(now + 1)?;
        std::thread::sleep(std::time::Duration::from_millis(3));
    }
    let of = |person| -> Result<BTreeMap<String, Vec<u8>>> {
        let made = exported(&own, ExportCustomer { person, out: ExportTo::Stored })?;
        Ok(unpacked(&own.blob(&made.file.unwrap().hash)?.1))
    };
    for (n, (person, theirs)) in [
        (anna, ["Anna", "OLD 1", "note for anna"]),
        (bert, ["Bert", "NEW 2", "note for bert"]),
        (carla, ["Carla", "END 3", "note for carla"]),
    ]
    .into_iter()
    .enumerate()
    {
        let files = of(person)?;
        let text = told(&files);
        for (m, visit) in visits.iter().enumerate() {
            assert_eq!(text.contains(&visit.to_string()), n == m, "visit {m} for {}", theirs[0]);
            let value = format!(",{}.125,", m + 1);
            let values = String::from_utf8_lossy(&files["vehicle-1/telemetry.csv"]);
            assert_eq!(values.contains(&value), n == m, "value {m} for {}: {values}", theirs[0]);
        }
        for needle in
            ["Anna", "Bert", "Carla", "OLD 1", "NEW 2", "END 3", "note for anna", "note for bert", "note for carla"]
        {
            // The vehicle's first name was Anna's word.
            let expected = theirs.contains(&needle);
            assert_eq!(text.contains(needle), expected, "{needle} for {}", theirs[0]);
        }
        assert_eq!(text.contains("FAR 9"), person == carla);
    }
    Ok(())
}

#[test]
fn a_stored_export_goes_with_whoever_is_forgotten() -> Result<()> {
    let own = own();
    let vehicle = registered(&own);
    let anna = person(&own, "Anna");
    ask(&own, SetOwner { vehicle, person: Some(anna) })?;
    let mut hashes = Vec::new();
    for made in [
        exported(&own, ExportVehicle { vehicle, out: ExportTo::Stored })?,
        exported(&own, ExportFleet { out: ExportTo::Stored })?,
        exported(&own, ExportCustomer { person: anna, out: ExportTo::Stored })?,
    ] {
        hashes.push(made.file.unwrap().hash);
    }
    assert!(hashes.iter().all(|hash| own.blob(hash).is_ok()));
    ask(&own, ForgetPerson { person: anna })?;
    for hash in &hashes {
        assert_eq!(own.blob(hash).unwrap_err().code, Code::NotFound);
    }
    assert!(found(own.folder.path(), "Anna").is_empty());
    let fleet = exported(&own, ExportFleet { out: ExportTo::Stored })?;
    ask(&own, RebuildTables {})?;
    assert!(own.blob(&fleet.file.unwrap().hash).is_ok(), "because it was made after");
    let gone = exported(&own, ExportCustomer { person: anna, out: ExportTo::Stored }).unwrap_err();
    assert_eq!(gone.code, Code::NotFound);
    Ok(())
}
