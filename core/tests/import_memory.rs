//! A file of any size is imported in the same memory: a process of its own, since memory is that of a process.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a failed step is a failed test")]

use roadworthy_api::{
    call,
    calls::{GetImport, GetJob, RegisterVehicle, StartImport},
    import::{Answers, ImportFile},
    job::JobState,
    role::{Actor, Door},
};
use roadworthy_core::{Engine, KeyPlace, Options};
use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::Path,
    time::{Duration, Instant},
};

const MIB: u64 = 1 << 20;

/// The largest this process has been since it was last asked, in bytes.
fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:")).unwrap();
    let peak = line.split_whitespace().next().unwrap().parse::<u64>().unwrap() << 10;
    fs::write("/proc/self/clear_refs", "5").unwrap();
    peak
}

/// A log of at least so many bytes; how many rows it has.
fn make(path: &Path, begin: i64, bytes: u64) -> u64 {
    let mut out = std::io::BufWriter::new(fs::File::create(path).unwrap());
    let (mut text, mut written, mut rows) = ("timestamp,Engine RPM (rpm),Speed (km/h),Boost [kPa]\n".to_owned(), 0, 0);
    while written < bytes {
        for _ in 0..1000 {
            let at = begin + rows as i64 * 100;
            writeln!(text, "{at},{},{}.{},{}", 800 + rows % 700, rows % 90, rows % 10, 90 + rows % 50).unwrap();
            rows += 1;
        }
        out.write_all(text.as_bytes()).unwrap();
        written += text.len() as u64;
        text.clear();
    }
    out.flush().unwrap();
    rows
}

#[test]
fn a_file_ten_times_as_long_needs_no_more_memory() {
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let data = folder.path().join("data");
    let options = Options { data, runtime: runtime.handle().clone(), keys: KeyPlace::FileOnly, workers: false };
    let engine = Engine::open(options).unwrap();
    let actor = Actor::owner(Door::Window);
    let vehicle =
        call::call(&*engine, &actor, RegisterVehicle { vin: None, plate: None, name: Some("Log".into()) }).unwrap();
    let path = folder.path().join("log.csv");
    let mut peaks = Vec::new();
    for (begin, bytes) in [(1_700_000_000_000, 5 * MIB), (1_800_000_000_000, 50 * MIB)] {
        let rows = make(&path, begin, bytes);
        peak();
        let file = ImportFile::Path { path: path.display().to_string() };
        let start = StartImport { vehicle, file, dbc: None, mapping: None, answers: Answers::default(), again: false };
        let job = call::call(&*engine, &actor, start).unwrap();
        let until = Instant::now() + Duration::from_secs(600);
        let import = loop {
            assert!(Instant::now() < until, "the import does not end");
            match call::call(&*engine, &actor, GetJob { job }).unwrap().state {
                JobState::Made { name } => break name,
                JobState::Running => std::thread::sleep(Duration::from_millis(20)),
                other => panic!("{other:?}"),
            }
        };
        peaks.push(peak());
        let detail = call::call(&*engine, &actor, GetImport { import: import.parse().unwrap() }).unwrap();
        assert!(detail.report.adds_up() && detail.row.rows == rows, "{:?}", detail.report);
    }
    // Its values alone would take 50 MiB.
    assert!(peaks[1] < peaks[0] + 24 * MIB, "from {} to {} MiB", peaks[0] / MIB, peaks[1] / MIB);
}
