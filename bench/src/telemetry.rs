//! Telemetry: how fast samples come in, what they take on disk, how fast they come out, and what memory that needs.
//!
//! Every engine here is the product's own, with `synchronous = full`, the journal's events and the sealing included.

pub(crate) mod import;
pub(crate) mod ingest;
pub(crate) mod recording;
pub(crate) mod storage;
pub(crate) mod year;

use roadworthy_api::{
    call::{self, Handle, Request},
    calls::*,
    id::VehicleId,
    role::{Actor, Door},
};
use roadworthy_core::{Engine, Intake, KeyPlace, Options};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// 2026-01-01.
const BEGIN: i64 = 1_767_225_600_000;
const DAY: i64 = 86_400_000;

/// An engine in a folder on the disk, with one vehicle.
struct Ground {
    engine: Option<Arc<Engine>>,
    vehicle: VehicleId,
    workers: bool,
    runtime: tokio::runtime::Runtime,
    folder: TempDir,
}

impl Ground {
    fn new(workers: bool) -> Self {
        Self::within(tempfile::tempdir().unwrap(), workers)
    }

    fn within(folder: TempDir, workers: bool) -> Self {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let mut ground = Self { engine: None, vehicle: VehicleId(0), workers, runtime, folder };
        ground.open();
        let register = RegisterVehicle { vin: None, plate: None, name: Some("Bench".into()) };
        ground.vehicle = ask(ground.engine(), register);
        ground
    }

    fn open(&mut self) {
        // The old one ends first.
        self.engine = None;
        let (data, runtime) = (self.folder.path().to_owned(), self.runtime.handle().clone());
        let options = Options { data, runtime, keys: KeyPlace::FileOnly, workers: self.workers };
        self.engine = Some(Engine::open(options).unwrap());
    }

    fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    fn database(&self) -> PathBuf {
        self.folder.path().join("roadworthy.db")
    }

    fn intake(&self, source: &str, started: i64) -> Intake {
        self.engine().take_in(&Actor::owner(Door::CommandLine), Some(self.vehicle), source, started).unwrap()
    }

    /// Bytes of all files of the data folder once the engine has given free pages back, which it does by itself, and is
    /// closed, which moves the write-ahead log into the database.
    fn bytes(&mut self) -> u64 {
        let until = Instant::now() + Duration::from_secs(20);
        while free_pages(&self.database()) > 16 {
            assert!(Instant::now() < until, "free pages were not given back");
            std::thread::sleep(Duration::from_millis(100));
        }
        self.engine = None;
        let bytes = walk(self.folder.path()).iter().map(|path| std::fs::metadata(path).unwrap().len()).sum();
        self.open();
        bytes
    }
}

fn free_pages(database: &Path) -> u64 {
    let conn = rusqlite::Connection::open(database).unwrap();
    conn.query_row("pragma freelist_count", [], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
}

fn walk(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { walk(&path) } else { vec![path] }).collect()
}

pub(crate) fn ask<C: Request>(engine: &Engine, request: C) -> C::Reply
where
    Engine: Handle<C>,
{
    call::call(engine, &Actor::owner(Door::Window), request).unwrap_or_else(|e| panic!("{}: {e}", C::NAME))
}

/// Values like a vehicle's: a third of the signals wander in steps of their encoding, a third by one at most, a third hardly
/// change.
struct Source {
    state: u64,
    values: [f64; 64],
}

impl Source {
    fn new() -> Self {
        Self { state: 0x2545_f491_4f6c_dd1d, values: [100.0; 64] }
    }

    fn random(&mut self) -> u64 {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        self.state >> 40
    }

    fn next(&mut self, signal: usize) -> f64 {
        let random = self.random();
        let step = match signal % 3 {
            0 => (random % 33) as f64 * 0.25 - 4.0,
            1 => (random % 3) as f64 - 1.0,
            _ => f64::from(random.is_multiple_of(200)) * 0.5,
        };
        let value = &mut self.values[signal % 64];
        *value = (*value + step).clamp(0.0, 4000.0);
        *value
    }
}
