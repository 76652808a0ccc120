//! Samples in, durable: one commit per simulated second, sealing included. Beside it, in the same run and with the same commits,
//! rows in a table through rusqlite and through Python's sqlite3.

use super::{BEGIN, Ground};
use crate::report;
use std::time::Instant;

const SIGNALS: usize = 27;

/// The values of one simulated second, like an engine's: some wander in steps of the encoding, some hardly change.
struct Source {
    state: u64,
    values: [f64; 64],
}

impl Source {
    fn new() -> Self {
        Self { state: 0x2545_f491_4f6c_dd1d, values: [100.0; 64] }
    }

    fn next(&mut self, signal: usize) -> f64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        let value = &mut self.values[signal % 64];
        let step = match signal % 3 {
            0 => ((self.state >> 40) % 33) as f64 * 0.25 - 4.0,
            1 => ((self.state >> 40) % 3) as f64 - 1.0,
            _ => f64::from((self.state >> 40).is_multiple_of(200)) * 0.5,
        };
        *value = (*value + step).clamp(0.0, 4000.0);
        *value
    }
}

/// Nanoseconds that this thread has used a core.
fn cpu() -> f64 {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    text.split(' ').next().and_then(|t| t.parse().ok()).unwrap_or(0.0)
}

struct Rate {
    per_core: f64,
    per_wall: f64,
}

fn timed(samples: usize, work: impl FnOnce()) -> Rate {
    let (wall, core) = (Instant::now(), cpu());
    work();
    let (wall, core) = (wall.elapsed().as_secs_f64(), (cpu() - core) / 1e9);
    Rate { per_core: samples as f64 / core, per_wall: samples as f64 / wall }
}

fn ours(hz: usize, seconds: usize) -> Rate {
    let ground = Ground::new();
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

const TABLE: &str = "create table sample (signal integer not null, at integer not null, value real not null,
    primary key (signal, at)) strict, without rowid";

fn rows(hz: usize, seconds: usize) -> Rate {
    let folder = tempfile::tempdir().unwrap();
    let mut conn = rusqlite::Connection::open(folder.path().join("rows.db")).unwrap();
    conn.execute_batch("pragma journal_mode = wal; pragma synchronous = full").unwrap();
    conn.execute_batch(TABLE).unwrap();
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

/// Samples a second on one core and by the clock; `None` where there is no Python.
fn python(hz: usize, seconds: usize) -> Option<Rate> {
    let folder = tempfile::tempdir().unwrap();
    let script = format!(
        "import sqlite3, time\n\
         c = sqlite3.connect('rows.db', isolation_level=None)\n\
         c.execute('pragma journal_mode = wal'); c.execute('pragma synchronous = full')\n\
         c.execute('''{}''')\n\
         seconds = [[(s, {BEGIN} + t * 1000 + n * 1000 // {hz}, (s * 31 + t * 7 + n) % 4000 / 4.0) for n in range({hz}) for s in range({SIGNALS})] for t in range({seconds})]\n\
         wall, core = time.perf_counter(), time.process_time()\n\
         for second in seconds:\n    c.execute('begin immediate'); c.executemany('insert into sample values (?, ?, ?)', second); c.execute('commit')\n\
         n = {hz} * {SIGNALS} * {seconds}\n\
         print(n / (time.process_time() - core), n / (time.perf_counter() - wall))\n",
        // An older SQLite may not know strict tables.
        TABLE.replace("strict, ", ""),
    );
    let run = std::process::Command::new("python3").arg("-c").arg(script).current_dir(folder.path()).output().ok()?;
    let text = String::from_utf8_lossy(&run.stdout).into_owned();
    let mut numbers = text.split_whitespace().filter_map(|t| t.parse().ok());
    Some(Rate { per_core: numbers.next()?, per_wall: numbers.next()? })
}

pub(super) fn run() {
    for (hz, seconds, aim) in [(1, 3600, None), (20, 1800, None), (100, 900, Some(2e6))] {
        let (own, rusqlite) = (ours(hz, seconds), rows(hz, seconds / 10));
        let mut beside =
            format!("rusqlite rows {:.2} M ({:.1} times)", rusqlite.per_core / 1e6, own.per_core / rusqlite.per_core);
        if let Some(python) = python(hz, seconds / 10) {
            beside +=
                &format!(", Python rows {:.2} M ({:.1} times)", python.per_core / 1e6, own.per_core / python.per_core);
            beside += &format!(
                "; by the clock {:.3} M, {:.3} M, {:.3} M",
                own.per_wall / 1e6,
                rusqlite.per_wall / 1e6,
                python.per_wall / 1e6
            );
        }
        report(
            &format!("telemetry, ingest of {SIGNALS} signals at {hz} Hz, a commit a second"),
            &format!("{:.2} M/s a core", own.per_core / 1e6),
            aim.map_or("-", |_| ">= 2 M/s"),
            aim.is_none_or(|aim| own.per_core >= aim),
            &beside,
        );
    }
}

fn resident_mib() -> f64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    text.split(' ').nth(1).and_then(|t| t.parse::<f64>().ok()).unwrap_or(0.0) * 4096.0 / 1048576.0
}

/// An hour of 40 signals at 20 Hz, as a live recording brings them.
pub(super) fn memory() {
    let ground = Ground::new();
    let mut intake = ground.intake("bench", BEGIN);
    let numbers: Vec<u32> =
        (0..40).map(|s| intake.signal(&format!("7E8:{s:02X}:signal_{s}"), "A signal", "rpm")).collect();
    let mut source = Source::new();
    let (mut seen, mut text) = (Vec::new(), String::new());
    for second in 0..3600i64 {
        for n in 0..20 {
            for (signal, number) in numbers.iter().enumerate() {
                intake.number(*number, BEGIN + second * 1000 + n * 50, source.next(signal));
            }
        }
        intake.commit().unwrap();
        if second % 600 == 599 {
            seen.push(resident_mib());
            text += &format!("{:.0} ", resident_mib());
        }
    }
    intake.finish(BEGIN + 3_600_000).unwrap();
    let grown = seen[seen.len() - 1] - seen[1];
    report(
        "telemetry, resident MiB each 10 min of 40 signals at 20 Hz",
        text.trim(),
        "flat (2 MiB)",
        grown <= 2.0,
        &format!("grown by {grown:.1} MiB from the 20th minute to the 60th"),
    );
}
