//! CSV files of ten million rows, read, checked, packed and stored until their job is done; beside each pandas' `read_csv` of the
//! same file in the same run, which parses it into memory and stores nothing.
//!
//! `wide` is a log as phones write it: ten rows a second, the time in milliseconds since 1970, five signals that move as those
//! of a car do, with as many digits as such programs write. `long` is a row per value: time, name, value, unit.

use super::{BEGIN, Ground, Source, ask};
use crate::report;
use roadworthy_api::{
    calls::{GetImport, GetJob, ListSignals, StartImport},
    import::{Answers, ImportFile},
    job::JobState,
};
use std::{
    fs::File,
    io::{BufWriter, Write},
    path::Path,
    process::Command,
    time::{Duration, Instant},
};

const SIGNALS: [(&str, &str); 5] = [
    ("Engine RPM", "rpm"),
    ("Vehicle speed", "km/h"),
    ("Coolant temperature", "°C"),
    ("Engine load", "%"),
    ("Throttle position", "%"),
];

/// Up and down between two values, however far it has gone.
fn folded(way: f64, least: f64, most: f64) -> f64 {
    let span = most - least;
    let part = way % (2.0 * span);
    least + if part > span { 2.0 * span - part } else { part }
}

fn values(source: &mut Source) -> [f64; 5] {
    let mut next = |signal, least, most| folded(source.next(signal), least, most);
    [next(0, 750.0, 4200.0), next(1, 0.0, 180.0), next(2, 78.0, 96.0), next(3, 10.0, 90.0), next(6, 0.0, 100.0)]
}

fn wide(path: &Path, rows: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    let names: Vec<String> = SIGNALS.iter().map(|(name, unit)| format!("{name} ({unit})")).collect();
    writeln!(out, "timestamp,{}", names.join(",")).unwrap();
    let mut source = Source::new();
    for row in 0..rows {
        let [rpm, speed, coolant, load, throttle] = values(&mut source);
        writeln!(out, "{},{rpm},{speed},{coolant},{load:.2},{throttle:.1}", BEGIN + row as i64 * 100).unwrap();
    }
    out.flush().unwrap();
}

fn long(path: &Path, rows: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    writeln!(out, "timestamp,signal,value,unit").unwrap();
    let (mut source, mut now) = (Source::new(), [0.0; 5]);
    for row in 0..rows {
        let place = (row % 5) as usize;
        if place == 0 {
            now = values(&mut source);
        }
        let ((name, unit), value) = (SIGNALS[place], now[place]);
        writeln!(out, "{},{name},{value},{unit}", BEGIN + row as i64 * 20).unwrap();
    }
    out.flush().unwrap();
}

/// The largest this process has been since it was last asked, in MiB.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    let peak = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()).unwrap_or(f64::NAN);
    drop(std::fs::write("/proc/self/clear_refs", "5"));
    peak / 1024.0
}

/// Seconds that pandas takes.
fn pandas(path: &Path) -> Option<f64> {
    let python = std::env::var_os("ROADWORTHY_PYTHON_PANDAS")?;
    let code = "import sys, time, pandas\nt = time.perf_counter()\nd = pandas.read_csv(sys.argv[1])\nprint(time.perf_counter() - t, len(d))";
    let out = Command::new(python).args(["-c", code]).arg(path).output().ok()?;
    let text = String::from_utf8_lossy(&out.stdout).into_owned();
    text.split_whitespace().next()?.parse().ok()
}

/// Seconds, values stored, and MiB of memory at most.
fn import(ground: &Ground, path: &Path, rows: u64) -> (f64, u64, f64) {
    peak();
    let began = Instant::now();
    let file = ImportFile::Path { path: path.display().to_string() };
    let (vehicle, answers) = (ground.vehicle, Answers::default());
    let start = StartImport { vehicle, file, dbc: None, mapping: None, answers, again: false };
    let job = ask(ground.engine(), start);
    let import = loop {
        match ask(ground.engine(), GetJob { job }).state {
            JobState::Made { name } => break name,
            JobState::Running => std::thread::sleep(Duration::from_millis(20)),
            other => panic!("{other:?}"),
        }
    };
    let took = began.elapsed().as_secs_f64();
    let memory = peak();
    let detail = ask(ground.engine(), GetImport { import: import.parse().unwrap() });
    assert!(detail.report.adds_up() && detail.row.rows == rows, "{:?}", detail.report);
    assert_eq!(ask(ground.engine(), ListSignals { vehicle }).len(), SIGNALS.len());
    (took, detail.row.samples, memory)
}

pub(crate) fn run() {
    let number = |name: &str| std::env::var(name).ok().and_then(|n| n.parse().ok());
    let (rows, runs): (u64, u64) =
        (number("ROADWORTHY_BENCH_ROWS").unwrap_or(10_000_000), number("ROADWORTHY_BENCH_RUNS").unwrap_or(3));
    for (name, make) in [("wide", wide as fn(&Path, u64)), ("long", long)] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log.csv");
        make(&path, rows);
        let bytes = path.metadata().unwrap().len();
        let (mut best, mut beside, mut most, mut values) = (f64::INFINITY, None::<f64>, 0.0f64, 0);
        for _ in 0..runs {
            let theirs = pandas(&path);
            beside = theirs.map(|t| beside.map_or(t, |b| b.min(t))).or(beside);
            let (took, samples, memory) = import(&Ground::new(false), &path, rows);
            (best, most, values) = (best.min(took), most.max(memory), samples);
        }
        let rate = rows as f64 / best;
        let beside = match beside {
            Some(seconds) => format!(
                "pandas read_csv {:.2} M rows/s, which stores nothing ({:.2} times)",
                rows as f64 / seconds / 1e6,
                seconds / best
            ),
            None => "pandas skipped: ROADWORTHY_PYTHON_PANDAS names no Python that has it".to_owned(),
        };
        let what = format!("import, {name}: {rows} rows, {values} values, {} MB", bytes / 1_000_000);
        report(&what, &format!("{:.2} M rows/s", rate / 1e6), ">= 1 M", rate >= 1e6, &beside);
        let what = format!("import, {name}: largest memory of the process");
        report(&what, &format!("{most:.0} MiB"), "<= 150 MiB", most <= 150.0, "");
    }
}
