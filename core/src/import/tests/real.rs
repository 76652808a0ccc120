//! Real files, from the folder that `ROADWORTHY_DATA` names; `docs/import.md` says where they are published. Every row is
//! accounted for, what is really faulty is flagged, and what is not is not.

use super::*;
use roadworthy_api::import::{Confidence, Layout, Restarts, RowReason};
use std::path::{Path, PathBuf};

#[allow(clippy::print_stderr, reason = "says that it skips")]
fn data() -> Option<PathBuf> {
    let folder = std::env::var_os("ROADWORTHY_DATA").map(PathBuf::from);
    if folder.is_none() {
        eprintln!("skipped: ROADWORTHY_DATA names no folder with logs");
    }
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.retain(|f| f.extension().is_some_and(|e| e == "gz"));
    files.sort();
    files
}

/// Lines of a file, by other means than the reader's.
fn lines(file: &Path) -> u64 {
    use std::io::Read as _;
    let mut text = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(file).unwrap()).read_to_end(&mut text).unwrap();
    let ends = text.iter().filter(|b| **b == b'\n').count() as u64;
    ends + u64::from(text.last() != Some(&b'\n'))
}

/// A line of the table that shows with `--nocapture`.
fn told(file: &Path, read: &Read) {
    let (report, name) = (&read.report, file.file_name().unwrap().to_string_lossy());
    let explained: Vec<String> = report.explained.iter().map(|e| format!("{} {}", e.count, e.reason.words())).collect();
    let flags: Vec<String> = read.flags.iter().map(|(signal, what)| format!("{signal} {what}")).collect();
    println!(
        "{name}: {} rows, {} stored, {} explained ({}); {} values of {} cells, {} rejected; flagged: {}",
        report.rows,
        report.rows_stored,
        report.explained_rows(),
        explained.join(", "),
        report.stored,
        report.cells,
        report.rejected_cells(),
        flags.join(", ")
    );
    assert_eq!(report.rows_stored + report.explained_rows(), report.rows, "{name}");
}

fn flagged(read: &Read) -> Vec<&str> {
    read.flags.iter().map(|(signal, _)| signal.as_str()).collect()
}

#[test]
fn every_kit_file_is_accounted_for_and_its_intake_air_is_flagged() {
    let Some(data) = data() else { return };
    let files = files(&data.join("kit_obd2"));
    assert_eq!(files.len(), 9);
    for file in files {
        let answers =
            Answers { date: Some("2018-02-26".into()), zone: Some("Europe/Berlin".into()), ..Answers::default() };
        let read = read(&std::fs::read(&file).unwrap(), &answers).unwrap();
        told(&file, &read);
        let (report, mapping) = (&read.report, &read.detected.mapping);
        assert_eq!((mapping.layout, read.detected.confidence), (Layout::Kit, Confidence::Certain));
        assert!(mapping.filled_forward && mapping.in_turn, "{}", file.display());
        assert_eq!(mapping.columns.iter().filter(|c| c.take && c.signal.starts_with("::")).count(), 0, "all are known");
        assert_eq!(report.rows + 1, lines(&file), "{}", file.display());
        assert_eq!(report.rejected_cells(), 0, "{:?}", report.rejected);
        assert_eq!(report.explained, [], "because each row carries one reading");
        assert!(flagged(&read).contains(&"intake_air_temperature"), "{}: {:?}", file.display(), read.flags);
        assert!(flagged(&read).iter().all(|s| *s == "intake_air_temperature"), "{}: {:?}", file.display(), read.flags);
    }
}

#[test]
fn every_carobd_file_is_accounted_for_and_nothing_is_flagged() {
    let Some(data) = data() else { return };
    let files = files(&data.join("carobd"));
    assert_eq!(files.len(), 33);
    for file in files {
        let answers = Answers { start: Some("2019-05-01T12:00:00-03:00".into()), ..Answers::default() };
        let read = read(&std::fs::read(&file).unwrap(), &answers).unwrap();
        told(&file, &read);
        let report = &read.report;
        assert_eq!(read.detected.mapping.layout, Layout::Carobd);
        assert!(!read.detected.mapping.filled_forward, "{}", file.display());
        assert_eq!(report.rows + 1, lines(&file), "{}", file.display());
        assert_eq!(report.rejected_cells(), 0, "{:?}", report.rejected);
        assert!(
            report.explained.iter().all(|e| matches!(e.reason, RowReason::Blank | RowReason::Repeated)),
            "{}: {:?}",
            file.display(),
            report.explained
        );
        // The clock counts whole seconds, and two rows of one second are often the same.
        assert!(report.rows_stored * 10 > report.rows * 7, "{}: {:?}", file.display(), report.explained);
        assert_eq!(flagged(&read), Vec::<&str>::new(), "{}", file.display());
    }
}

#[test]
fn the_cephasax_file_is_accounted_for() {
    let Some(data) = data() else { return };
    let file = data.join("cephasax_4drivers.csv.gz");
    let answers = Answers {
        start: Some("2017-11-06T12:00:00-03:00".into()),
        restarts: Some(Restarts::Follow),
        ..Answers::default()
    };
    let read = read(&std::fs::read(&file).unwrap(), &answers).unwrap();
    told(&file, &read);
    let report = &read.report;
    assert_eq!((read.detected.mapping.layout, read.detected.confidence), (Layout::Cephasax, Confidence::Certain));
    assert!(read.detected.guesses.iter().any(|g| g.contains("rounded")), "{:?}", read.detected.guesses);
    assert_eq!(report.rows + 1, lines(&file));
    assert_eq!(report.explained.iter().find(|e| e.reason == RowReason::NoTime).map(|e| e.count), Some(2));
    assert!(report.rows_stored * 10 > report.rows * 9, "{:?}", report.explained);
    assert!(read.of(":0C:engine_rpm").len() > 1600);
    assert!(read.of(":10:mass_air_flow").iter().any(|(_, v)| *v == "4.73"));
    assert!(!flagged(&read).contains(&"coolant_temperature"), "{:?}", read.flags);
}
