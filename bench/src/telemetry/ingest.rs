//! Samples in, durable: a commit for each second of samples, sealing included. Beside it, in the same run, on the same core, with
//! the same durability and the same commits, rows in a table through rusqlite and through Python's sqlite3.
//!
//! "A core" counts the processor time of every thread of the process, in the kernel too. The whole runs on one core where
//! `taskset` is there. The baselines get a tenth of the samples, which is to their advantage: a table's index gets slower as it grows.

use super::{BEGIN, Ground, Source};
use crate::report;
use std::{
    process::Command,
    time::{Duration, Instant},
};

const SIGNALS: usize = 27;
/// Set in the process that is bound to one core.
const BOUND: &str = "ROADWORTHY_BENCH_BOUND";

/// Seconds that all threads of this process have used a core.
fn cpu() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let ns = tasks.filter_map(|task| {
        let text = std::fs::read_to_string(task.path().join("schedstat")).ok()?;
        text.split(' ').next()?.parse::<f64>().ok()
    });
    ns.sum::<f64>() / 1e9
}

/// Samples a second.
#[derive(Clone, Copy)]
struct Rate {
    per_core: f64,
    per_wall: f64,
}

fn timed(samples: usize, work: impl FnOnce()) -> Rate {
    let (wall, core) = (Instant::now(), cpu());
    work();
    let (wall, core) = (wall.elapsed().as_secs_f64(), cpu() - core);
    Rate { per_core: samples as f64 / core, per_wall: samples as f64 / wall }
}

/// `workers`: with those that hear telemetry, until they have heard all of it.
fn ours(hz: usize, seconds: usize, workers: bool) -> Rate {
    let ground = Ground::new(workers);
    let all = made(hz, seconds);
    let samples = all.iter().map(Vec::len).sum();
    timed(samples, || {
        let mut intake = ground.intake("bench", BEGIN);
        let numbers: Vec<u32> =
            (0..SIGNALS).map(|s| intake.signal(&format!("7E8:{s:02X}:signal_{s}"), "A signal", "rpm")).collect();
        for second in &all {
            for (signal, at, value) in second {
                intake.number(numbers[*signal], *at, *value);
            }
            intake.commit().unwrap();
        }
        if workers {
            assert!(ground.engine().settle(Duration::from_secs(120)), "the workers are not done");
        }
        intake.finish(BEGIN + seconds as i64 * 1000).unwrap();
    })
}

/// Made before the clock runs.
fn made(hz: usize, seconds: usize) -> Vec<Vec<(usize, i64, f64)>> {
    let mut source = Source::new();
    let step = 1000.0 / hz as f64;
    (0..seconds)
        .map(|second| {
            let mut batch = Vec::with_capacity(hz * SIGNALS);
            for n in 0..hz {
                for signal in 0..SIGNALS {
                    let at = BEGIN + second as i64 * 1000 + (n as f64 * step) as i64;
                    batch.push((signal, at, source.next(signal)));
                }
            }
            batch
        })
        .collect()
}

/// One that can be asked for a range of a signal, and the fastest there is, which cannot.
const TABLES: [&str; 2] = [
    "create table sample (signal integer not null, at integer not null, value real not null, primary key (signal, at)) without rowid",
    "create table sample (signal integer not null, at integer not null, value real not null)",
];

fn rows(table: &str, hz: usize, seconds: usize) -> Rate {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = rusqlite::Connection::open(folder.path().join("rows.db")).unwrap();
    conn.execute_batch("pragma journal_mode = wal; pragma synchronous = full").unwrap();
    conn.execute_batch(table).unwrap();
    let all = made(hz, seconds);
    timed(all.iter().map(Vec::len).sum(), || {
        for second in &all {
            let tx = conn.transaction().unwrap();
            {
                let mut insert = tx.prepare_cached("insert into sample values (?, ?, ?)").unwrap();
                for (signal, at, value) in second {
                    insert.execute((*signal as i64, *at, *value)).unwrap();
                }
            }
            tx.commit().unwrap();
        }
    })
}

/// `None` where there is no Python.
fn python(table: &str, hz: usize, seconds: usize) -> Option<Rate> {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "import sqlite3, time\n\
         c = sqlite3.connect('rows.db', isolation_level=None)\n\
         c.execute('pragma journal_mode = wal'); c.execute('pragma synchronous = full')\n\
         c.execute('''{table}''')\n\
         seconds = [[(s, {BEGIN} + t * 1000 + n * 1000 // {hz}, (s * 31 + t * 7 + n) % 4000 / 4.0) for n in range({hz}) for s in range({SIGNALS})] for t in range({seconds})]\n\
         wall, core = time.perf_counter(), time.process_time()\n\
         for second in seconds:\n    c.execute('begin immediate'); c.executemany('insert into sample values (?, ?, ?)', second); c.execute('commit')\n\
         n = {hz} * {SIGNALS} * {seconds}\n\
         print(n / (time.process_time() - core), n / (time.perf_counter() - wall))\n",
    );
    let run = Command::new("python3").arg("-c").arg(script).current_dir(folder.path()).output().ok()?;
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    let mut numbers = text.split_whitespace().filter_map(|t| t.parse().ok());
    Some(Rate { per_core: numbers.next()?, per_wall: numbers.next()? })
}

/// Runs this benchmark again bound to the last core; whether that could be done.
fn bound() -> bool {
    let (Ok(own), Ok(cores)) = (std::env::current_exe(), std::thread::available_parallelism()) else { return false };
    if std::env::var_os(BOUND).is_some() || cores.get() == 1 {
        return false;
    }
    let core = (cores.get() - 1).to_string();
    let run = Command::new("taskset").args(["-c", &core]).arg(own).arg("ingest").env(BOUND, "1").status();
    run.is_ok_and(|status| status.success())
}

pub(crate) fn run() {
    if bound() {
        return;
    }
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    println!("ingest of {SIGNALS} signals, a commit a second, synchronous = full, on {cores} core(s)");
    for (hz, seconds, aim) in [(1, 3600, None), (20, 1800, None), (100, 900, Some(2e6))] {
        let own = ours(hz, seconds, false);
        report(
            &format!("ingest, {SIGNALS} signals at {hz} Hz"),
            &format!("{:.2} M/s a core", own.per_core / 1e6),
            aim.map_or("-", |_| ">= 2 M/s"),
            aim.is_none_or(|aim| own.per_core >= aim),
            &format!("by the clock {:.3} M/s", own.per_wall / 1e6),
        );
        for (table, what) in TABLES.iter().zip(["rows with a key", "rows appended, no key"]) {
            let rusqlite = Some(rows(table, hz, seconds / 10));
            for (by, rate) in [("rusqlite", rusqlite), ("Python's sqlite3", python(table, hz, seconds / 10))] {
                let Some(rate) = rate else { continue };
                println!(
                    "    {by}, {what}: {:.2} M/s a core, {:.3} M/s by the clock; ours is {:.1} times that, {:.1} times by the clock",
                    rate.per_core / 1e6,
                    rate.per_wall / 1e6,
                    own.per_core / rate.per_core,
                    own.per_wall / rate.per_wall,
                );
            }
        }
    }
    let own = ours(100, 300, true);
    report(
        &format!("ingest, {SIGNALS} signals at 100 Hz, all workers hearing it"),
        &format!("{:.2} M/s a core", own.per_core / 1e6),
        "-",
        true,
        &format!("by the clock {:.3} M/s", own.per_wall / 1e6),
    );
}
