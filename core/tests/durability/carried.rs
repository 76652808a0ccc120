//! What is carried in and out while the process may end at any instant: an import is there whole or not at all, and a file that
//! has its name is whole.

use crate::work::{Own, Said, ask, data, ended, now, register};
use roadworthy_api::{
    Code, Error, Timestamp,
    calls::{
        ExportFleet, ExportTelemetry, ExportVehicle, GetTrend, ListHistories, ListImports, ListService, StartHistory,
        StartImport,
    },
    export::{ExportTo, TableFormat},
    history::HistoryAnswers,
    id::{JobId, VehicleId},
    import::{Answers, ImportFile},
    job::JobState,
    live::CsvLayout,
    telemetry::TrendValues,
};
use roadworthy_core::{Engine, journal::Event};
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::Read,
    path::Path,
    sync::Arc,
};

/// Rows of a log, each with a value of each of these signals; records of a history.
const ROWS: u32 = 3000;
const SIGNALS: [&str; 2] = ["7E8:0C:engine_rpm", "7E8:0D:vehicle_speed"];
const RECORDS: u32 = 60;

fn value(signal: usize, row: u32) -> f64 {
    if signal == 0 { 800.25 + f64::from(row % 700) } else { f64::from(row % 120) }
}

fn log(start: Timestamp) -> String {
    let mut text = "time,ecu,pid,name,label,value,unit,note\n".to_owned();
    for row in 0..ROWS {
        let at = start + i64::from(row) * 1000;
        let time = format!("{:.3}", jiff::Timestamp::from_millisecond(at).unwrap());
        text += &format!("{time},7E8,0C,engine_rpm,Engine speed,{},rpm,\n", value(0, row));
        text += &format!("{time},7E8,0D,vehicle_speed,Speed,{},km/h,\n", value(1, row));
    }
    text
}

fn history() -> String {
    let mut text = "service_day,time,kind,kind_said,description,odometer,odometer_unit,odometer_judged,cost,currency,\
        cost_shares,tasks,parts,fuel,fuel_unit,fuel_full,fuel_missed,vendor,notes,tags,source_id,more,line\n"
        .to_owned();
    for record in 0..RECORDS {
        let (year, month) = (2010 + record / 12, record % 12 + 1);
        text +=
            &format!("{year}-{month:02}-05,,service,,Service {record},{},km,,,,,,,,,,,,,,,,\n", 1000 * (record + 1));
    }
    text
}

/// Imports a log and a history, again and again, each time for a vehicle that has nothing else.
pub(crate) fn imports(engine: &Arc<Engine>) -> Result<(), Error> {
    let place = data().join("logs");
    fs::create_dir_all(&place).unwrap();
    loop {
        imported(engine, &place, "Imported")?;
    }
}

fn imported(engine: &Engine, place: &Path, what: &str) -> Result<VehicleId, Error> {
    let vehicle = register(engine, what)?;
    let start = now() - 30 * 86_400_000;
    let file = |name: &str, text: String| {
        let path = place.join(name);
        fs::write(&path, text).unwrap();
        ImportFile::Path { path: path.display().to_string() }
    };
    Said::ImportBegun(vehicle, start).say();
    let (dbc, mapping, answers) = (None, None, Answers::default());
    let call = StartImport { vehicle, file: file("log.csv", log(start)), dbc, mapping, answers, again: true };
    alone(engine, || ask(engine, call.clone()))?;
    Said::Imported(vehicle).say();
    let file = file("history.csv", history());
    let answers = HistoryAnswers::default();
    let call = StartHistory { vehicle, file, mapping: None, answers, again: true };
    alone(engine, || ask(engine, call.clone()))?;
    Said::HistoryImported(vehicle).say();
    Ok(vehicle)
}

/// One import runs at a time; another waits.
fn alone(engine: &Engine, start: impl Fn() -> Result<JobId, Error>) -> Result<JobState, Error> {
    loop {
        match start().and_then(|job| ended(engine, job)) {
            Err(e) if e.code == Code::Conflict => std::thread::sleep(std::time::Duration::from_millis(10)),
            done => return done,
        }
    }
}

/// Exports a vehicle with an import, in every form and to every place.
pub(crate) fn exports(engine: &Arc<Engine>) -> Result<(), Error> {
    let (place, logs) = (data().join("exports"), data().join("logs-of-exports"));
    fs::create_dir_all(&place).unwrap();
    fs::create_dir_all(&logs).unwrap();
    // The place is a person's and there before.
    File::open(data()).and_then(|folder| folder.sync_all()).unwrap();
    let vehicle = imported(engine, &logs, "Exported")?;
    loop {
        let stamp = now();
        let path = |name: &str| place.join(name).display().to_string();
        let file = |name: &str, replace| ExportTo::Path { path: path(name), replace };
        let table = |format, out| ExportTelemetry {
            vehicle,
            signals: vec![],
            from: None,
            to: None,
            format,
            layout: CsvLayout::Long,
            out,
        };
        let made = |name: &str, job| {
            if let JobState::Exported { made } = ended(engine, job)? {
                Said::Exported(name.to_owned(), made.sha256).say();
                made.file.into_iter().for_each(|file| Said::Stored(file.hash).say());
            }
            Ok::<(), Error>(())
        };
        let begun = |name: &str| Said::ExportBegun(name.to_owned()).say();
        let name = format!("car-{stamp}.zip");
        begun(&name);
        made(&name, ask(engine, ExportVehicle { vehicle, out: file(&name, false) })?)?;
        begun("latest.csv");
        made("latest.csv", ask(engine, table(TableFormat::Csv, file("latest.csv", true)))?)?;
        begun("stored");
        made("stored", ask(engine, table(TableFormat::Parquet, ExportTo::Stored))?)?;
        let name = format!("fleet-{stamp}");
        begun(&name);
        made(&name, ask(engine, ExportFleet { out: ExportTo::Folder { path: path(&name), replace: false } })?)?;
    }
}

type Told<T> = Result<T, String>;

fn told<T>(what: &str, result: Result<T, Error>) -> Told<T> {
    result.map_err(|error| format!("{what}: {error}"))
}

fn hold(what: impl FnOnce() -> String, holds: bool) -> Told<()> {
    if holds { Ok(()) } else { Err(what()) }
}

/// Every import that was begun is there whole or not at all; one that was acknowledged is.
pub(crate) fn check_imports(own: &Own, said: &[Said]) -> Told<()> {
    let engine = &*own.engine;
    for said_so in said {
        let Said::ImportBegun(vehicle, start) = said_so else { continue };
        let (vehicle, start) = (*vehicle, *start);
        let (offset, limit) = (0, 500);
        let listed = told("imports", ask(engine, ListImports { vehicle: Some(vehicle), offset, limit }))?.rows;
        hold(|| format!("{vehicle} has {} imports", listed.len()), listed.len() <= 1)?;
        let there = !listed.is_empty();
        hold(|| format!("the import of {vehicle} is missing"), there || !said.contains(&Said::Imported(vehicle)))?;
        for (n, signal) in SIGNALS.iter().enumerate() {
            let signals = vec![(*signal).to_owned()];
            let (from, to) = (start - 1, start + 86_400_000);
            let trend = told("trend", ask(engine, GetTrend { vehicle, signals, from, to, columns: 4000 }))?;
            let points = match trend.signals.into_iter().next().map(|s| s.values) {
                Some(TrendValues::Raw { points, .. }) => points,
                other => return Err(format!("{vehicle}: {signal} has no single values: {other:?}")),
            };
            let rows = if there { ROWS } else { 0 };
            let expect = (0..rows).map(|row| (start + i64::from(row) * 1000, Some(value(n, row))));
            let many = points.len();
            hold(
                || format!("{vehicle}: {many} values of {signal} of an import that is there: {there}"),
                points.into_iter().eq(expect),
            )?;
        }
        let listed = told("histories", ask(engine, ListHistories { vehicle: Some(vehicle), offset, limit }))?.rows;
        let records = told("records", ask(engine, ListService { vehicle, offset, limit }))?.total;
        let there = !listed.is_empty();
        let acknowledged = said.contains(&Said::HistoryImported(vehicle));
        hold(|| format!("the history of {vehicle} is missing"), there || !acknowledged)?;
        hold(
            || format!("{vehicle}: {records} records of a history that is there: {there}"),
            listed.len() <= 1 && records == if there { RECORDS } else { 0 },
        )?;
    }
    Ok(())
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether the files of an archive are those of its list.
fn verify(name: &str, files: &BTreeMap<String, Vec<u8>>) -> Told<()> {
    let sums = files.get("SHA256SUMS").ok_or_else(|| format!("{name} has no list of hashes"))?;
    let sums = String::from_utf8_lossy(sums).into_owned();
    hold(|| format!("{name} has other files than its list"), sums.lines().count() + 1 == files.len())?;
    for line in sums.lines() {
        let (hash, file) = line.split_once("  ").ok_or_else(|| format!("{name}: {line}"))?;
        let bytes = files.get(file).ok_or_else(|| format!("{name} lacks {file}"))?;
        hold(|| format!("{file} of {name} is damaged"), sha256(bytes) == hash)?;
    }
    Ok(())
}

fn unpacked(name: &str, bytes: &[u8]) -> Told<BTreeMap<String, Vec<u8>>> {
    let wrong = |e: &dyn std::fmt::Display| format!("{name} cannot be unpacked: {e}");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bytes)).map_err(|e| wrong(&e))?;
    let mut files = BTreeMap::new();
    for n in 0..zip.len() {
        let mut file = zip.by_index(n).map_err(|e| wrong(&e))?;
        let mut content = Vec::new();
        file.read_to_end(&mut content).map_err(|e| wrong(&e))?;
        files.insert(file.name().map_err(|e| wrong(&e))?.into_owned(), content);
    }
    Ok(files)
}

/// Every file that has its name is whole, one that was acknowledged is there, and the journal knows of none that is not.
pub(crate) fn check_exports(own: &Own, folder: &Path, said: &[Said], events: &[Event]) -> Told<()> {
    let mut cars = BTreeMap::new();
    let mut names = Vec::new();
    for entry in fs::read_dir(folder.join("exports")).into_iter().flatten() {
        let entry = entry.map_err(|e| e.to_string())?;
        let (name, path) = (entry.file_name().to_string_lossy().into_owned(), entry.path());
        if name.starts_with('.') {
            continue;
        }
        let read = |path: &Path| fs::read(path).map_err(|e| format!("{}: {e}", path.display()));
        if name.ends_with(".zip") {
            let bytes = read(&path)?;
            verify(&name, &unpacked(&name, &bytes)?)?;
            cars.insert(blake3::hash(&bytes).to_hex().to_string(), sha256(&bytes));
        } else if name == "latest.csv" {
            let text = String::from_utf8(read(&path)?).map_err(|e| format!("{name}: {e}"))?;
            let rows = text.strip_suffix("\r\n").map(|text| text.split("\r\n").count());
            hold(|| format!("{name} has {rows:?} rows"), rows == Some(2 * ROWS as usize + 1))?;
        } else {
            let mut files = BTreeMap::new();
            for file in fs::read_dir(&path).map_err(|e| e.to_string())? {
                let file = file.map_err(|e| e.to_string())?;
                files.insert(file.file_name().to_string_lossy().into_owned(), read(&file.path())?);
            }
            verify(&name, &files)?;
        }
        names.push(name);
    }
    for said in said {
        match said {
            Said::Exported(name, sha) => {
                hold(|| format!("the export {name} is missing"), name == "stored" || names.contains(name))?;
                hold(|| format!("{name} is another"), !name.ends_with(".zip") || cars.values().any(|c| c == sha))?;
            }
            Said::Stored(hash) => drop(told("a stored export", own.engine.blob(hash))?),
            _ => {}
        }
    }
    for event in events.iter().filter(|e| e.kind == "data.exported") {
        let payload: serde_json::Value = serde_json::from_str(&event.payload).map_err(|e| e.to_string())?;
        let file = payload["file"].as_str().unwrap_or_default();
        let known = payload["what"] != "vehicle" || cars.contains_key(file);
        hold(|| format!("the journal says that {file} was exported, and it is not there"), known)?;
    }
    Ok(())
}
