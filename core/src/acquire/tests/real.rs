//! Real recordings, from the folder that `ROADWORTHY_DATA` names: what is really faulty is flagged, what is not is not.
//! `docs/diagnosis.md` says where they are published.

use super::*;
use crate::diagnose::live::Live;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Read,
    path::{Path, PathBuf},
};

#[allow(clippy::print_stderr, reason = "says that it skips")]
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("ROADWORTHY_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: ROADWORTHY_DATA names no folder with recordings");
    }
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "gz"));
    files.sort();
    files
}

fn rows(file: &Path) -> Vec<Vec<String>> {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut bytes).unwrap();
    let text = String::from_utf8_lossy(&bytes);
    text.lines().map(|l| l.split(',').map(|c| c.trim().to_owned()).collect()).collect()
}

/// Signal and kind of what is flagged in a recording, and keys of what would be said of it.
fn judge(values: impl Iterator<Item = (i64, &'static str, f64)>) -> (BTreeSet<(String, String)>, BTreeSet<String>) {
    let (mut watch, mut live, mut found) = (Watch::new(false), Live::new(false, BTreeMap::new()), BTreeSet::new());
    for (at, name, value) in values {
        watch.offer(seen(name, at, value));
        found.extend(live.offer(seen(name, at, value), true).into_iter().map(|f| f.key));
    }
    (watch.take().into_iter().map(|f| (f.signal, f.what)).collect(), found)
}

/// Trips of a car whose intake air sensor is really faulty; rows are staggered, and a row changes one cell.
#[test]
fn a_faulty_intake_air_sensor_is_flagged_and_its_neighbours_are_not() {
    let Some(data) = data() else { return };
    let columns = [
        ("Engine Coolant", COOLANT),
        ("Intake Manifold", "intake_manifold_pressure"),
        ("Engine RPM", RPM),
        ("Vehicle Speed", SPEED),
        ("Intake Air", INTAKE),
        ("Air Flow", AIR),
        ("Ambient", "ambient_air_temperature"),
    ];
    let files = files(&data.join("kit_obd2"));
    assert_eq!(files.len(), 9);
    let mut other = BTreeSet::new();
    for file in files {
        let rows = rows(&file);
        let names: Vec<_> = rows[0]
            .iter()
            .map(|head| columns.iter().find(|(start, _)| head.starts_with(start)).map(|(_, name)| *name))
            .collect();
        let mut before: Vec<String> = vec![String::new(); names.len()];
        let mut values = Vec::new();
        for row in &rows[1..] {
            let clock: Vec<f64> = row[0].split(':').map(|part| part.parse().unwrap()).collect();
            let at = ((clock[0] * 60.0 + clock[1]) * 60.0 + clock[2]) * 1000.0;
            for (i, cell) in row.iter().enumerate().skip(1) {
                // A cell that is as it was may be filled forward: only a change is surely a reading.
                if let (Some(Some(name)), Ok(value)) = (names.get(i), cell.parse::<f64>())
                    && before[i] != *cell
                {
                    before[i].clone_from(cell);
                    values.push((at as i64, *name, value));
                }
            }
        }
        let (flags, found) = judge(values.into_iter());
        let signals: BTreeSet<&str> = flags.iter().map(|(signal, _)| signal.as_str()).collect();
        assert!(signals.contains(INTAKE), "{}: {flags:?}", file.display());
        assert!(!signals.contains(COOLANT), "{}: {flags:?}", file.display());
        other.extend(flags.iter().filter(|(signal, _)| signal != INTAKE).cloned());
        assert_eq!(found, BTreeSet::new(), "{}", file.display());
    }
    assert_eq!(other, BTreeSet::new(), "flags on channels that are not known to be faulty");
}

/// Trips of a healthy car at one row a second: any flag and any finding is a false one.
#[test]
fn a_healthy_car_has_no_flag_and_no_finding() {
    let Some(data) = data() else { return };
    let columns = [
        ("ENGINE_RPM ", RPM),
        ("VEHICLE_SPEED ", SPEED),
        ("COOLANT_TEMPERATURE ", COOLANT),
        ("LONG_TERM_FUEL_TRIM", "long_term_fuel_trim_bank_1"),
        ("SHORT_TERM_FUEL_TRIM", "short_term_fuel_trim_bank_1"),
        ("INTAKE_MANIFOLD", "intake_manifold_pressure"),
        ("ABSOLUTE_BAROMETRIC", "barometric_pressure"),
        ("INTAKE_AIR", INTAKE),
        ("CATALYST_TEMPERATURE_BANK1_SENSOR1", "catalyst_temperature_bank_1_sensor_1"),
        ("CATALYST_TEMPERATURE_BANK1_SENSOR2", "catalyst_temperature_bank_1_sensor_2"),
        ("CONTROL_MODULE_VOLTAGE", "control_module_voltage"),
    ];
    let files = files(&data.join("carobd"));
    assert_eq!(files.len(), 33);
    let (mut flagged, mut said) = (Vec::new(), Vec::new());
    for file in files {
        let rows = rows(&file);
        let names: Vec<_> = rows[0]
            .iter()
            .map(|head| columns.iter().find(|(start, _)| head.starts_with(start)).map(|(_, name)| *name))
            .collect();
        assert!(names.iter().flatten().count() >= 9, "{:?}", rows[0]);
        let values = rows[1..].iter().enumerate().flat_map(|(second, row)| {
            let cells = row.iter().zip(&names).filter_map(|(cell, name)| Some(((*name)?, cell.parse().ok()?)));
            cells.map(move |(name, value)| (second as i64 * 1000, name, value))
        });
        let (flags, found) = judge(values);
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        flagged.extend(flags.into_iter().map(|f| (name.clone(), f)));
        said.extend(found.into_iter().map(|f| (name.clone(), f)));
    }
    assert_eq!((flagged, said), (vec![], vec![]));
}
