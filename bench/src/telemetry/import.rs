//! A CSV of ten million rows, read, checked, packed and stored, until its job is done; beside it pandas' `read_csv` of the same
//! file in the same run, which parses it into memory and stores nothing.

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

const SIGNALS: [&str; 5] =
    ["Engine RPM (rpm)", "Vehicle speed (km/h)", "Coolant (°C)", "Engine load (%)", "Throttle position (%)"];

/// Ten rows a second: five signals as a logger writes them.
fn make(path: &Path, rows: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    writeln!(out, "timestamp,{}", SIGNALS.join(",")).unwrap();
    let mut source = Source::new();
    for row in 0..rows {
        let at = BEGIN + row as i64 * 100;
        let (rpm, speed) = (source.next(0) + 800.0, source.next(1) % 200.0);
        let (load, throttle) = (source.next(3) % 100.0, source.next(6) % 100.0);
        let coolant = 80.0 + source.next(2) % 20.0;
        writeln!(out, "{at},{rpm},{speed},{coolant:.0},{load:.2},{throttle:.1}").unwrap();
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

pub(crate) fn run() {
    let rows: u64 = std::env::var("ROADWORTHY_BENCH_ROWS").ok().and_then(|n| n.parse().ok()).unwrap_or(10_000_000);
    let ground = Ground::new(false);
    let path = ground.folder.path().join("log.csv");
    make(&path, rows);
    let bytes = path.metadata().unwrap().len();
    let baseline = pandas(&path);
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
    let rate = rows as f64 / took;
    let beside = match baseline {
        Some(seconds) => format!("pandas read_csv {:.2} M rows/s, which stores nothing", rows as f64 / seconds / 1e6),
        None => "pandas skipped: ROADWORTHY_PYTHON_PANDAS names no Python that has it".to_owned(),
    };
    let what = format!("import of {rows} rows, {} values, {} MB", detail.row.samples, bytes / 1_000_000);
    report(&what, &format!("{:.2} M rows/s", rate / 1e6), ">= 1 M", rate >= 1e6, &beside);
    report("import, largest memory of the process", &format!("{memory:.0} MiB"), "<= 150 MiB", memory <= 150.0, "");
}
