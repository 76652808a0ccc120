//! Memory while 40 signals are recorded at 20 Hz for a simulated hour, with everything running that the window has: workers hear
//! each batch, blocks are sealed on the way.

use super::{BEGIN, Ground, Source};
use crate::report;
use std::time::Duration;

const SIGNALS: usize = 40;
const HZ: i64 = 20;
/// Minutes that count as warming up: buffers and SQLite's caches fill, the first blocks are sealed.
const WARM: usize = 20;
/// MiB that it may grow by from then on.
const GROWTH: f64 = 4.0;

/// Resident and proportional set size in MiB.
fn sizes() -> (f64, f64) {
    let text = std::fs::read_to_string("/proc/self/smaps_rollup").unwrap_or_default();
    let of = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap_or(f64::NAN) / 1024.0
    };
    (of("Rss:"), of("Pss:"))
}

pub(crate) fn run() {
    let ground = Ground::new(true);
    let mut intake = ground.intake("bench", BEGIN);
    let numbers: Vec<u32> =
        (0..SIGNALS).map(|s| intake.signal(&format!("7E8:{s:02X}:signal_{s}"), "A signal", "rpm")).collect();
    let mut source = Source::new();
    let mut seen = Vec::new();
    for minute in 1..=60 {
        for second in (minute - 1) * 60..minute * 60 {
            for n in 0..HZ {
                for (signal, number) in numbers.iter().enumerate() {
                    let at = BEGIN + second as i64 * 1000 + n * 1000 / HZ;
                    intake.number(*number, at, source.next(signal));
                }
            }
            intake.commit().unwrap();
        }
        // A minute is over long before that in truth.
        assert!(ground.engine().settle(Duration::from_secs(60)), "the workers are not done");
        if minute % 5 == 0 {
            let (resident, proportional) = sizes();
            println!("    minute {minute:>2}: {resident:.1} MiB resident, {proportional:.1} MiB proportional");
            seen.push((minute, proportional));
        }
    }
    let row = intake.finish(BEGIN + 3_600_000).unwrap();
    assert_eq!(row.samples, 3600 * HZ.unsigned_abs() * SIGNALS as u64);
    let warm: Vec<f64> = seen.iter().filter(|(minute, _)| *minute >= WARM).map(|(_, size)| *size).collect();
    let grown = warm[warm.len() - 1] - warm[0];
    let swing = warm.iter().copied().fold(f64::MIN, f64::max) - warm[0];
    report(
        &format!("recording, {SIGNALS} signals at {HZ} Hz for an hour, growth from minute {WARM} to 60"),
        &format!("{grown:.1} MiB"),
        &format!("<= {GROWTH} MiB"),
        grown <= GROWTH,
        &format!("at most {swing:.1} MiB above minute {WARM}; {} samples", row.samples),
    );
}
