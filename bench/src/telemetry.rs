//! Telemetry: how fast samples come in, what they take on disk, how fast they come out, and what memory that needs.
//!
//! Every engine here is the product's own, with `synchronous = full`, the journal's events and the sealing included.

mod ingest;
mod storage;

use crate::report;
use roadworthy_api::{
    call::{self, Handle, Request},
    calls::*,
    id::VehicleId,
    role::{Actor, Door},
    telemetry::TrendValues,
};
use roadworthy_core::{Engine, Intake, KeyPlace, Options};
use std::{sync::Arc, time::Instant};
use tempfile::TempDir;

/// 2026-01-01.
const BEGIN: i64 = 1_767_225_600_000;
const DAY: i64 = 86_400_000;

/// An engine in a folder on the disk, with one vehicle.
struct Ground {
    engine: Option<Arc<Engine>>,
    vehicle: VehicleId,
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl Ground {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut ground = Self { engine: None, vehicle: VehicleId(0), runtime, folder };
        ground.open();
        let register = RegisterVehicle { vin: None, plate: None, name: Some("Bench".into()) };
        ground.vehicle = ask(ground.engine(), register);
        ground
    }

    fn open(&mut self) {
        let (data, runtime) = (self.folder.path().to_owned(), self.runtime.handle().clone());
        self.engine = Some(Engine::open(Options { data, runtime, keys: KeyPlace::FileOnly, workers: false }).unwrap());
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    fn intake(&self, source: &str, started: i64) -> Intake {
        self.engine().take_in(&Actor::owner(Door::CommandLine), Some(self.vehicle), source, started).unwrap()
    }

    /// Bytes of the data folder but its log and keys, with the write-ahead log moved into the database.
    fn bytes(&mut self) -> u64 {
        self.engine = None;
        let path = self.folder.path().join("roadworthy.db");
        let conn = rusqlite::Connection::open(&path).unwrap();
        conn.query_row("pragma wal_checkpoint(truncate)", [], |_| Ok(())).unwrap();
        drop(conn);
        let bytes = ["roadworthy.db", "roadworthy.db-wal"].map(|name| size(&self.folder.path().join(name)));
        let files = self.folder.path().join("files");
        let files: u64 = walk(&files).iter().map(|f| size(f)).sum();
        self.open();
        bytes.iter().sum::<u64>() + files
    }
}

fn size(path: &std::path::Path) -> u64 {
    std::fs::metadata(path).map_or(0, |m| m.len())
}

fn walk(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

fn ask<C: Request>(engine: &Engine, request: C) -> C::Reply
where
    Engine: Handle<C>,
{
    call::call(engine, &Actor::owner(Door::Window), request).unwrap_or_else(|e| panic!("{}: {e}", C::NAME))
}

pub(crate) fn run() {
    ingest::run();
    storage::run();
    year();
    ingest::memory();
}

/// A year of one signal, one value a second, in recordings of two hours.
fn year() {
    let ground = Ground::new();
    let begin = Instant::now();
    let mut state = 0x2545_f491_4f6c_dd1du64;
    let mut value = 800.0f64;
    let mut samples = 0u64;
    let mut at = BEGIN;
    while at < BEGIN + 365 * DAY {
        let mut intake = ground.intake("bench", at);
        let rpm = intake.signal("7E8:0C:engine_rpm", "Engine speed", "rpm");
        let end = at + 2 * 3_600_000;
        while at < end {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            value = (value + ((state >> 40) % 161) as f64 * 0.25 - 20.0).clamp(600.0, 6000.0);
            intake.number(rpm, at, value);
            samples += 1;
            at += 1000;
        }
        intake.commit().unwrap();
        intake.finish(end).unwrap();
    }
    println!("telemetry: a year at 1 Hz ({samples} samples) made in {:.0} s", begin.elapsed().as_secs_f64());
    let trend = |from: i64, to: i64| {
        let signals = vec!["7E8:0C:engine_rpm".to_owned()];
        ask(ground.engine(), GetTrend { vehicle: ground.vehicle, signals, from, to, columns: 1500 })
    };
    for (what, aim, length, expect) in [("day", 5.0, DAY, "raw"), ("year", 20.0, 365 * DAY, "hours")] {
        let mut times: Vec<f64> = (0..60)
            .map(|i| {
                let from = if what == "day" { BEGIN + (i * 6 % 364) * DAY + 7_000_000 } else { BEGIN };
                let begin = Instant::now();
                let trend = trend(from, from + length);
                let took = begin.elapsed().as_secs_f64() * 1000.0;
                let TrendValues::Band { made_of, columns } = &trend.signals[0].values else { panic!("a band") };
                assert_eq!(columns.iter().map(|c| c.count).sum::<u64>(), (length / 1000) as u64);
                assert!(made_of == expect && columns.len() > 1000, "{made_of}");
                took
            })
            .collect();
        times.sort_by(f64::total_cmp);
        let (middle, worst) = (times[times.len() / 2], times[times.len() - 1]);
        report(
            &format!("telemetry, a {what} of a year at 1 Hz as 1,500 columns, p50 / worst"),
            &format!("{middle:.1} / {worst:.1} ms"),
            &format!("<= {aim} ms"),
            middle <= aim,
            &format!("made of {expect}"),
        );
    }
    let begin = Instant::now();
    let report_ = ask(ground.engine(), VerifyJournal {});
    assert!(report_.faults.is_empty() && report_.block_faults.is_empty());
    println!(
        "telemetry: journal of {} events and {} blocks verified in {:.0} ms",
        report_.events,
        report_.blocks,
        begin.elapsed().as_secs_f64() * 1000.0
    );
}
