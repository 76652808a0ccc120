//! What real trips take on disk, as growth of the whole data folder: events, blocks, minutes, hours, indexes, free pages, log.
//!
//! The data is not part of the project; `ROADWORTHY_DATA` names a folder that holds it, see docs/telemetry.md.

use super::{BEGIN, Ground};
use crate::report;
use std::{io::Read, path::Path};

/// Samples of a trip: signal, time, value; and the names of the signals.
struct Trip {
    names: Vec<String>,
    samples: Vec<(usize, i64, f64)>,
}

fn read(path: &Path) -> String {
    let mut bytes = Vec::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_end(&mut bytes).unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}

fn names(head: &str) -> Vec<String> {
    head.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).collect()
}

/// One row a second, each cell a reading of that second. Cells that hold no number are none.
fn carobd(path: &Path, begin: i64) -> Trip {
    let text = read(path);
    let mut lines = text.lines();
    let names = names(lines.next().unwrap_or_default());
    let mut samples = Vec::new();
    for (row, line) in lines.enumerate() {
        for (signal, cell) in line.split(',').take(names.len()).enumerate() {
            if let Ok(value) = cell.trim().parse::<f64>() {
                samples.push((signal, begin + row as i64 * 1000, value));
            }
        }
    }
    Trip { names, samples }
}

/// Ten channels asked in turn: each row brings one channel's reading and repeats the others'. Which one is its own goes by
/// turn; a change in any other cell would be a reading too.
fn kit(path: &Path, begin: i64) -> Trip {
    let text = read(path);
    let mut lines = text.lines();
    let names: Vec<String> = names(lines.next().unwrap_or_default()).split_off(1);
    let rows: Vec<(i64, Vec<&str>)> = lines
        .filter_map(|line| {
            let mut cells = line.split(',');
            let clock: Vec<f64> = cells.next()?.split(':').filter_map(|part| part.parse().ok()).collect();
            let [hours, minutes, seconds] = clock[..] else { return None };
            let ms = ((hours * 60.0 + minutes) * 60.0 + seconds) * 1000.0;
            Some((begin + ms.round() as i64, cells.collect()))
        })
        .collect();
    // The turn in which the first channel changes.
    let changed = |row: usize, signal: usize| row > 0 && rows[row].1.get(signal) != rows[row - 1].1.get(signal);
    let count = names.len();
    let turn = (0..count)
        .max_by_key(|turn| (1..rows.len()).filter(|row| row % count == *turn && changed(*row, 0)).count())
        .unwrap_or(0);
    let mut samples = Vec::new();
    for (row, (at, cells)) in rows.iter().enumerate() {
        let own = (row + count - turn) % count;
        for (signal, cell) in cells.iter().enumerate().take(count) {
            if (signal == own || changed(row, signal))
                && let Ok(value) = cell.trim().parse::<f64>()
            {
                samples.push((signal, *at, value));
            }
        }
    }
    Trip { names, samples }
}

fn measure(what: &str, aim: Option<f64>, trips: impl Iterator<Item = Trip>) {
    let mut ground = Ground::new(false);
    let before = ground.bytes();
    let (mut samples, mut count, mut csv) = (0u64, 0, 0u64);
    for trip in trips {
        let (Some(first), Some(last)) = (trip.samples.first(), trip.samples.last()) else { continue };
        let mut intake = ground.intake("bench", first.1);
        let numbers: Vec<u32> = trip
            .names
            .iter()
            .enumerate()
            .map(|(n, name)| intake.signal(&format!("7E8:{n:02X}:{}", name.to_lowercase().replace(' ', "_")), name, ""))
            .collect();
        let mut second = first.1 / 1000;
        for (signal, at, value) in &trip.samples {
            if at / 1000 != second {
                intake.commit().unwrap();
                second = at / 1000;
            }
            intake.number(numbers[*signal], *at, *value);
            csv += format!("{at},{signal},{value}\n").len() as u64;
        }
        let row = intake.finish(last.1).unwrap();
        samples += row.samples;
        count += 1;
    }
    let grown = ground.bytes() - before;
    if std::env::var_os("ROADWORTHY_BENCH_PAGES").is_some() {
        pages(&ground.database());
    }
    let storage = super::ask(ground.engine(), roadworthy_api::calls::GetStorage {});
    let each = grown as f64 / samples as f64;
    report(
        &format!("storage, {what}: {count} trips, {samples} samples, bytes each"),
        &format!("{each:.3}"),
        &aim.map_or("-".to_owned(), |aim| format!("<= {aim}")),
        aim.is_none_or(|aim| each <= aim),
        &format!(
            "values {:.3}, minutes and hours {:.3}, the rest (rows, indexes, events, free pages) {:.3}; as text {:.1}",
            storage.block_bytes as f64 / samples as f64,
            storage.aggregate_bytes as f64 / samples as f64,
            (grown as f64 - (storage.block_bytes + storage.aggregate_bytes) as f64) / samples as f64,
            csv as f64 / samples as f64,
        ),
    );
}

/// Where the bytes are: of each table and index its pages, what is written in them, and its rows.
fn pages(path: &Path) {
    let conn = rusqlite::Connection::open(path).unwrap();
    let mut find = conn
        .prepare(
            "select name, sum(pgsize), sum(payload), sum(ncell) from dbstat group by name order by 2 desc limit 24",
        )
        .unwrap();
    let mut rows = find.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let (name, bytes, written, cells): (String, i64, i64, i64) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap(), row.get(3).unwrap());
        println!("    {name:<32} {bytes:>9} bytes of pages, {written:>9} written, {cells:>7} cells");
    }
    let free: i64 = conn.query_row("pragma freelist_count", [], |row| row.get(0)).unwrap();
    println!("    free pages {free}");
}

fn trips(folder: &Path, read: fn(&Path, i64) -> Trip) -> impl Iterator<Item = Trip> + use<> {
    let mut paths: Vec<_> =
        super::walk(folder).into_iter().filter(|p| p.extension().is_some_and(|e| e == "gz")).collect();
    paths.sort();
    paths.into_iter().enumerate().map(move |(day, path)| read(&path, BEGIN + day as i64 * super::DAY))
}

pub(crate) fn run() {
    let Some(data) = std::env::var_os("ROADWORTHY_DATA") else {
        println!("storage: ROADWORTHY_DATA is not set, so that real trips are skipped");
        return;
    };
    let data = Path::new(&data);
    measure("carOBD (27 signals, 1 Hz)", Some(0.9), trips(&data.join("carobd"), carobd));
    measure("KIT (10 signals in turn, 11 Hz; single readings only)", None, trips(&data.join("kit_obd2"), kit));
}
