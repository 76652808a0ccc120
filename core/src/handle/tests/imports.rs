//! Imports as doors make them.

use super::*;
use crate::store::import;
use roadworthy_api::{
    Code,
    calls::{
        CancelJob, GetImport, GetStorage, GetTrend, ListImports, ListSignals, PinTelemetry, PreviewImport,
        RegisterVehicle, StartImport, UndoImport, UnpinTelemetry,
    },
    id::ImportId,
    import::{Answers, ImportDetail, ImportFile, ImportRow},
    telemetry::TrendValues,
};
use std::fmt::Write as _;

pub(super) fn vehicle(engine: &Engine) -> VehicleId {
    ask(engine, RegisterVehicle { vin: Some("1RWPC14A6S1000427".into()), plate: None, name: None }).unwrap()
}

/// Seconds from a moment on, with a signal that climbs and one that has words in between.
fn log(from: i64, rows: i64) -> String {
    let mut file = "timestamp;Engine RPM (rpm);Boost [bar]\n".to_owned();
    for n in 0..rows {
        let boost = if n % 10 == 3 { "NODATA".to_owned() } else { format!("{},5", n % 3) };
        writeln!(file, "{};{};{boost}", from + n * 1000, 800 + n % 1000).unwrap();
    }
    file
}

const FROM: i64 = 1_700_000_000_000;

fn on_disk(own: &Own, name: &str, text: impl AsRef<[u8]>) -> ImportFile {
    let path = own.folder.path().join(name);
    fs::write(&path, text).unwrap();
    ImportFile::Path { path: path.display().to_string() }
}

fn start(engine: &Engine, vehicle: VehicleId, file: ImportFile) -> StartImport {
    let _ = engine;
    StartImport { vehicle, file, dbc: None, mapping: None, answers: Answers::default(), again: false }
}

pub(super) fn done(engine: &Engine, call: StartImport) -> Result<ImportId> {
    let job = ask(engine, call)?;
    loop {
        match ask(engine, GetJob { job })?.state {
            JobState::Running => std::thread::sleep(std::time::Duration::from_millis(5)),
            JobState::Made { name } => return Ok(name.parse().unwrap()),
            JobState::Failed { error } => return Err(error),
            other => panic!("{other:?}"),
        }
    }
}

fn imports(engine: &Engine) -> Vec<ImportRow> {
    ask(engine, ListImports { vehicle: None, offset: 0, limit: 100 }).unwrap().rows
}

/// Signals with how many values each has.
fn signals(engine: &Engine, vehicle: VehicleId) -> Vec<(String, u64)> {
    let spans = ask(engine, ListSignals { vehicle }).unwrap();
    spans.into_iter().map(|s| (s.id, s.samples)).collect()
}

/// Nothing of an import is left: no block, no signal, no event.
fn untouched(own: &Own, vehicle: VehicleId) {
    assert_eq!(signals(own, vehicle), []);
    assert_eq!(imports(own), []);
    assert_eq!(ask(own, GetStorage {}).unwrap().blocks, 0);
    assert_eq!(own.store.read(import::staged).unwrap(), []);
    let report = own.store.verify().unwrap();
    assert!(report.faults.is_empty() && report.block_faults.is_empty(), "{report:?}");
}

#[test]
fn a_log_is_imported_shown_and_taken_back_at_once() {
    let own = own();
    let vehicle = vehicle(&own);
    let file = on_disk(&own, "trip of a customer.csv", log(FROM, 3000));
    let preview =
        ask(&own, PreviewImport { file: file.clone(), dbc: None, mapping: None, answers: Answers::default() }).unwrap();
    assert_eq!(preview.questions, []);
    assert!(preview.report.as_ref().is_some_and(|r| r.adds_up() && r.rows_stored > 1000), "{preview:?}");
    untouched(&own, vehicle);
    let id = done(&own, start(&own, vehicle, file.clone())).unwrap();
    assert_eq!(signals(&own, vehicle), [(":0C:engine_rpm".to_owned(), 3000), ("::boost".to_owned(), 2700)]);
    let ImportDetail { row, report, .. } = ask(&own, GetImport { import: id }).unwrap();
    assert!(report.adds_up());
    assert_eq!((row.rows, row.samples, row.rejected), (3000, 5700, 300));
    assert_eq!((row.name.as_str(), row.from, row.to), ("trip of a customer.csv", FROM, FROM + 2_999_000));
    let trend = GetTrend { vehicle, signals: vec!["::boost".into()], from: FROM, to: FROM + 3000, columns: 100 };
    let TrendValues::Raw { points, .. } = ask(&own, trend).unwrap().signals.remove(0).values else {
        panic!("few values")
    };
    assert_eq!(points, [(FROM, Some(0.5)), (FROM + 1000, Some(1.5)), (FROM + 2000, Some(2.5))]);
    let verified = own.store.verify().unwrap();
    assert!(verified.faults.is_empty() && verified.block_faults.is_empty(), "{verified:?}");
    let again = done(&own, start(&own, vehicle, file.clone())).unwrap_err();
    assert_eq!(again.code, Code::Conflict, "because it is the very same file");
    let other = RegisterVehicle { vin: None, plate: None, name: Some("Other".into()) };
    let other = done(&own, start(&own, ask(&own, other).unwrap(), file.clone())).unwrap_err();
    assert!(other.code == Code::Conflict && other.message.contains("another vehicle"), "{other}");
    let undone = ask(&own, UndoImport { import: id }).unwrap();
    assert!(undone.undone.is_some());
    assert_eq!(signals(&own, vehicle), []);
    assert_eq!(own.store.read(|conn| import::there(conn, id)).unwrap(), (0, 0));
    let verified = own.store.verify().unwrap();
    assert!(verified.faults.is_empty() && verified.block_faults.is_empty(), "{verified:?}");
    let rebuilt = own.store.rebuild("owner/window", 1).unwrap();
    assert!(rebuilt.identical, "{:?}", rebuilt.differing);
    assert_eq!(imports(&own).len(), 1, "because what was done stays told");
    let anew = done(&own, start(&own, vehicle, file)).unwrap();
    assert_eq!(signals(&own, vehicle).len(), 2, "because what was taken back may come again");
    assert_ne!(anew, id);
    let hits = found(own.folder.path(), "trip of a customer");
    assert!(hits.iter().all(|f| f.starts_with("roadworthy.db")), "{hits:?}");
}

#[test]
fn two_files_of_one_signal_are_taken_back_one_by_one() {
    let own = own();
    let vehicle = vehicle(&own);
    let first = done(&own, start(&own, vehicle, on_disk(&own, "a.csv", log(FROM, 100)))).unwrap();
    let second = done(&own, start(&own, vehicle, on_disk(&own, "b.csv", log(FROM + 500_000, 50)))).unwrap();
    assert_eq!(signals(&own, vehicle)[0], (":0C:engine_rpm".to_owned(), 150));
    ask(&own, UndoImport { import: first }).unwrap();
    assert_eq!(signals(&own, vehicle)[0], (":0C:engine_rpm".to_owned(), 50));
    ask(&own, UndoImport { import: first }).unwrap();
    ask(&own, UndoImport { import: second }).unwrap();
    assert_eq!(signals(&own, vehicle), []);
    let verified = own.store.verify().unwrap();
    assert!(verified.faults.is_empty() && verified.block_faults.is_empty(), "{verified:?}");
}

#[test]
fn what_a_pin_keeps_is_not_taken_back() {
    let own = own();
    let vehicle = vehicle(&own);
    let id = done(&own, start(&own, vehicle, on_disk(&own, "a.csv", log(FROM, 100)))).unwrap();
    let pin = ask(&own, PinTelemetry { vehicle, from: FROM, to: FROM + 1, reason: "claim".into() }).unwrap();
    assert_eq!(ask(&own, UndoImport { import: id }).unwrap_err().code, Code::Conflict);
    assert_eq!(signals(&own, vehicle).len(), 2);
    ask(&own, UnpinTelemetry { pin }).unwrap();
    ask(&own, UndoImport { import: id }).unwrap();
    assert_eq!(signals(&own, vehicle), []);
}

#[test]
fn what_is_open_is_refused_with_the_option_that_answers_it() {
    let own = own();
    let vehicle = vehicle(&own);
    let file = on_disk(&own, "open.csv", "Time;RPM\n03/04/2024 10:00:00;800\n03/04/2024 10:00:01;810\n");
    let error = ask(&own, start(&own, vehicle, file.clone())).unwrap_err();
    assert_eq!(error.code, Code::Invalid);
    assert!(error.hint.contains("--date-order") && error.hint.contains("--zone"), "{error}");
    untouched(&own, vehicle);
    let bytes = own.another().put_blob("sent.csv", "text/csv", log(FROM, 5).as_bytes()).unwrap();
    let stored = ImportFile::Stored { hash: bytes.hash };
    let browser = Actor::owner(Door::Browser);
    let refused = call::call(&**own, &browser, start(&own, vehicle, file)).unwrap_err();
    assert_eq!(refused.code, Code::Forbidden, "because a browser names no file of this machine");
    done(&own, start(&own, vehicle, stored)).unwrap();
    assert_eq!(imports(&own)[0].name, "sent.csv");
}

#[test]
fn a_cancelled_or_failed_import_leaves_nothing() {
    let own = own();
    let vehicle = vehicle(&own);
    // Many signals, so that several batches are stored before the end.
    let mut wide = "timestamp".to_owned();
    (0..200).for_each(|n| write!(wide, ";Signal {n}").unwrap());
    wide.push('\n');
    for n in 0..6000 {
        write!(wide, "{}", FROM + n * 100).unwrap();
        (0..200).for_each(|signal| write!(wide, ";{}", (n * 7 + signal) % 911).unwrap());
        wide.push('\n');
    }
    let job = ask(&own, start(&own, vehicle, on_disk(&own, "wide.csv", &wide))).unwrap();
    while own.store.read(import::staged).unwrap().is_empty() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    ask(&own, CancelJob { job }).unwrap();
    let error = loop {
        match ask(&own, GetJob { job }).unwrap().state {
            JobState::Running => std::thread::sleep(std::time::Duration::from_millis(2)),
            JobState::Failed { error } => break error,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(error.code, Code::Cancelled);
    untouched(&own, vehicle);
    // A packed file that is cut off is damaged at its very end only.
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gz, wide.as_bytes()).unwrap();
    let mut packed = gz.finish().unwrap();
    packed.truncate(packed.len() - 20);
    let cut = done(&own, start(&own, vehicle, on_disk(&own, "cut.csv.gz", packed))).unwrap_err();
    assert_eq!(cut.code, Code::Malformed);
    untouched(&own, vehicle);
}

#[test]
fn what_a_killed_process_left_is_cleared_away() {
    let own = own();
    let vehicle = vehicle(&own);
    let id = done(&own, start(&own, vehicle, on_disk(&own, "a.csv", log(FROM, 100)))).unwrap();
    // As it is before an import is published.
    own.store.write_local(|tx| import::begin(tx, id)).unwrap();
    let other = ImportId(77);
    own.store.write_local(|tx| import::begin(tx, other)).unwrap();
    let verified = own.store.verify().unwrap();
    assert!(verified.faults.is_empty(), "{verified:?}");
    crate::import::run::clear_left(&own.store).unwrap();
    assert_eq!(own.store.read(import::staged).unwrap(), []);
    assert_eq!(own.store.read(|conn| import::there(conn, id)).unwrap(), (0, 0));
}

#[test]
fn a_can_log_is_told_by_its_dbc_file() {
    let own = own();
    let vehicle = vehicle(&own);
    let dbc = "VERSION \"\"\n\nNS_ :\n\nBS_:\n\nBU_: ECM\n\nBO_ 256 Engine: 8 ECM\n SG_ Speed : 0|16@1+ (0.25,0) [0|0] \"rpm\" ECM\n";
    let mut log = String::new();
    for n in 0..200 {
        writeln!(log, "(17000000{:02}.{:06}) can0 100#{:02X}0C", n / 100, n % 100 * 10_000, n).unwrap();
    }
    log += "(1700000002.000000) can0 7E8#0641008810000000\n(1700000002.000001) can0 100#R\nno frame\n";
    let (log, dbc) = (on_disk(&own, "drive.log", log), on_disk(&own, "car.dbc", dbc));
    let error = ask(&own, start(&own, vehicle, log.clone())).unwrap_err();
    assert!(error.code == Code::Invalid && error.hint.contains("--dbc"), "{error}");
    let id = done(&own, StartImport { dbc: Some(dbc), ..start(&own, vehicle, log) }).unwrap();
    assert_eq!(signals(&own, vehicle), [("::engine_speed".to_owned(), 200)]);
    let ImportDetail { report, row, .. } = ask(&own, GetImport { import: id }).unwrap();
    assert!(report.adds_up() && report.explained.len() == 3, "{report:?}");
    assert_eq!((row.from, row.to), (1_700_000_000_000, 1_700_000_001_990));
}
