//! A year of one signal, one value a second, asked for as a page asks for it: a day, and the whole.

use super::{BEGIN, DAY, Ground, Source, ask};
use crate::{quantile, report};
use roadworthy_api::{
    calls::{GetTrend, VerifyJournal},
    telemetry::TrendValues,
};
use std::time::Instant;

const SIGNAL: &str = "7E8:0C:engine_rpm";
/// Columns of a wide window.
const COLUMNS: u32 = 1500;
const TIMES: i64 = 300;
/// Each of these opens the folder anew.
const COLD: i64 = 20;

/// In recordings of two hours.
fn make() -> Ground {
    let ground = Ground::new(false);
    let begin = Instant::now();
    let mut source = Source::new();
    let (mut value, mut samples, mut at) = (800.0f64, 0u64, BEGIN);
    while at < BEGIN + 365 * DAY {
        let mut intake = ground.intake("bench", at);
        let rpm = intake.signal(SIGNAL, "Engine speed", "rpm");
        let end = at + 2 * 3_600_000;
        while at < end {
            value = (value + (source.random() % 161) as f64 * 0.25 - 20.0).clamp(600.0, 6000.0);
            intake.number(rpm, at, value);
            samples += 1;
            at += 1000;
        }
        intake.commit().unwrap();
        intake.finish(end).unwrap();
    }
    println!("year at 1 Hz: {samples} samples made in {:.0} s", begin.elapsed().as_secs_f64());
    ground
}

/// Milliseconds of one call.
fn trend(ground: &Ground, from: i64, length: i64, made: &str) -> f64 {
    let begin = Instant::now();
    let signals = vec![SIGNAL.to_owned()];
    let call = GetTrend { vehicle: ground.vehicle, signals, from, to: from + length, columns: COLUMNS };
    let trend = ask(ground.engine(), call);
    let took = begin.elapsed().as_secs_f64() * 1000.0;
    let TrendValues::Band { made_of, columns } = &trend.signals[0].values else { panic!("a band") };
    assert_eq!(columns.iter().map(|c| c.count).sum::<u64>(), (length / 1000).unsigned_abs());
    assert!(made_of == made && columns.len() > 1000, "{made_of}");
    took
}

pub(crate) fn run() {
    let mut ground = make();
    for (what, aim, length, made) in [("day", 5.0, DAY, "minutes"), ("year", 20.0, 365 * DAY, "hours")] {
        // Days in no order, none of which begins where a block does.
        let from = |n: i64| if what == "day" { BEGIN + n * 97 % 364 * DAY + 7_000_000 } else { BEGIN };
        let mut cold: Vec<f64> = (0..COLD)
            .map(|n| {
                ground.open();
                trend(&ground, from(n), length, made)
            })
            .collect();
        let mut warm: Vec<f64> = (0..TIMES).map(|n| trend(&ground, from(n), length, made)).collect();
        for (how, times) in [("warm", &mut warm), ("first call after opening", &mut cold)] {
            let (middle, late) = (quantile(times, 0.5), quantile(times, 0.99));
            report(
                &format!("year at 1 Hz, a {what} as {COLUMNS} columns, {how}, p50 / p99 of {}", times.len()),
                &format!("{middle:.1} / {late:.1} ms"),
                &format!("<= {aim} ms"),
                middle <= aim && (how != "warm" || late <= aim),
                &format!("made of {made}"),
            );
        }
    }
    let begin = Instant::now();
    let verified = ask(ground.engine(), VerifyJournal {});
    assert!(verified.faults.is_empty() && verified.block_faults.is_empty());
    println!(
        "year at 1 Hz: journal of {} events and {} blocks verified in {:.0} ms",
        verified.events,
        verified.blocks,
        begin.elapsed().as_secs_f64() * 1000.0
    );
}
