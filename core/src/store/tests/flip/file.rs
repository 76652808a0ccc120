//! Single bytes flipped in the file itself, wherever rows of the journal, of the quarantine or of a block lie.

use super::{cells, *};
use crate::{
    engine::now,
    files::private_file,
    journal::kind::RecordedSignal,
    store::{backup, setting, tests::chain},
    telemetry::{
        Value as Sample,
        intake::{Gather, Keep, Whose},
        retain,
    },
};
use roadworthy_api::{id::VehicleId, journal::VerifyReport, system::Settings};
use std::{path::Path, sync::Arc};

/// What a flipped byte of a row must be told by.
#[derive(Clone, Debug)]
enum Named {
    Event {
        device: String,
        seq: u64,
        arrival: u64,
    },
    /// Blocks of which the row is a part.
    Blocks(Vec<u64>),
}

struct Row {
    table: &'static str,
    cell: cells::Cell,
    named: Named,
}

/// Values of three signals over an hour: numbers that compress badly, one that is steady, words.
fn record(store: &Arc<Store>, vehicle: VehicleId, begin: i64) {
    let whose = Whose { vehicle: Some(vehicle), vin: None };
    let mut keep = Keep::begin(store, "owner/window", "sim:petrol", &whose, begin).unwrap();
    let mut gather = Gather::default();
    let signal =
        |id: &str, label: &str, unit: &str| RecordedSignal { id: id.into(), label: label.into(), unit: unit.into() };
    let rpm = gather.signal(signal("7E8:0C:engine_rpm", "Engine speed", "rpm"));
    let coolant = gather.signal(signal("7E8:05:coolant_temperature", "Coolant temperature", "°C"));
    let loop_ = gather.signal(signal("7E8:03:fuel_system_1_status", "Fuel system 1", ""));
    for second in 0..3600 {
        let at = begin + second * 1000;
        gather.add(rpm, at, Sample::Number((second * second % 7919) as f64 / 4.0));
        gather.add(coolant, at, Sample::Number(88.0));
        if second % 600 == 0 {
            gather.add(loop_, at, Sample::Word("closed loop"));
        }
    }
    keep.commit(gather.take()).unwrap();
    keep.finish(&mut gather, &whose, begin + 3_600_000, false).unwrap();
}

/// A database with chains of two devices, one of which waits in quarantine from some point on, and with blocks, some of whose
/// single values were dropped. Closed, in one file.
pub(super) fn made(folder: &Path) -> std::path::PathBuf {
    let (here, other) = (own(), own());
    for store in [&here, &other] {
        for n in 0..12u128 {
            register(store, n + 1, &format!("1RWTEST00X00000{n:02}"));
        }
        store
            .write("owner/window", NOW, |w| {
                // Events of one story, so that causation is set; one so long that it overflows its page.
                for name in ["Van", "Bus", &"Käfer ".repeat(2000)] {
                    let id = w.mint()?;
                    let fields = kind::VehicleFields { vin: Some(name.into()), ..Default::default() };
                    w.append(NewEvent::new(id, kind::VEHICLE_EDITED, Some(1u128.to_be_bytes()), &fields)?)?;
                }
                Ok(())
            })
            .unwrap();
    }
    let ahead = NOW + 40 * 86_400_000;
    for _ in 0..3 {
        say(&other, ahead, kind::VEHICLE_EDITED, 1u128.to_be_bytes(), &kind::VehicleFields::default());
    }
    assert_eq!(here.receive(&chain(&other, other.device()), NOW).unwrap().quarantined, 3);
    let path = folder.join("roadworthy.db");
    let Own { store, folder: _kept } = here;
    let store = Arc::new(store);
    record(&store, VehicleId(1), NOW);
    let settings = Settings { keep_raw_days: Some(30), ..Settings::default() };
    store.write_local(|tx| setting::set(tx, setting::SETTINGS, &settings)).unwrap();
    assert!(retain::apply(&store, "owner/window", NOW + 40 * 86_400_000).unwrap().blocks > 0);
    record(&store, VehicleId(1), NOW + 4_000_000);
    record(&store, VehicleId(2), NOW);
    let report = store.verify().unwrap();
    assert_eq!((report.faults.len(), report.block_faults.len(), report.blocks), (0, 0, 9), "{report:?}");
    private_file(&path).unwrap();
    assert!(backup::copy(store.path(), &path, |_, _| true).unwrap());
    path
}

/// Every row that holds evidence, with what tells it.
fn rows(path: &Path) -> Vec<Row> {
    let file = std::fs::read(path).unwrap();
    let conn = Connection::open(path).unwrap();
    let mut rows = Vec::new();
    for table in ["journal", "block", "block_data", "block_minutes", "series", "sealing"] {
        let root: i64 = conn
            .query_row("select rootpage from sqlite_master where type = 'table' and name = ?", [table], |row| {
                row.get(0)
            })
            .unwrap();
        for cell in cells::of(&file, usize::try_from(root).unwrap()) {
            let blocks = |sql: &str| {
                let mut find = conn.prepare(sql).unwrap();
                let all = find.query_map([cell.rowid], |row| row.get::<_, u64>(0)).unwrap();
                Named::Blocks(all.collect::<rusqlite::Result<_>>().unwrap())
            };
            let named = match table {
                "journal" => conn
                    .query_row("select device, seq, arrival from journal where arrival = ?", [cell.rowid], |row| {
                        let device = DeviceId::from_bytes(row.get(0)?).to_string();
                        Ok(Named::Event { device, seq: row.get(1)?, arrival: row.get(2)? })
                    })
                    .unwrap(),
                "series" => blocks("select id from block where series = ?"),
                "sealing" => blocks("select id from block where sealing = ?"),
                _ => blocks("select id from block where id = ?"),
            };
            rows.push(Row { table, cell, named });
        }
    }
    rows
}

fn walk(path: &Path) -> Result<VerifyReport> {
    backup::walk(&backup::open(path)?)
}

impl Named {
    fn by(&self, report: &VerifyReport) -> bool {
        match self {
            // Its place by device and number, or where these are what was changed, its place among the arrivals.
            Self::Event { device, seq, arrival } => {
                report.faults.iter().any(|f| (f.device == *device && f.seq == *seq) || f.arrival == *arrival)
            }
            Self::Blocks(ids) => ids.iter().all(|id| report.block_faults.iter().any(|f| f.block == Some(*id))),
        }
    }
}

/// A generator that the seed alone decides.
struct Chance(u64);

impl Chance {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % n as u64).unwrap()
    }
}

#[test]
fn a_byte_flipped_in_the_file_is_found_and_its_row_named() {
    let flips = if std::env::var_os("ROADWORTHY_LONG").is_some() { 1000 } else { 200 };
    let seed = u64::try_from(now()).unwrap();
    let folder = super::folder();
    let path = made(folder.path());
    let rows = rows(&path);
    let tables: Vec<&'static str> = ["journal", "block", "block_data", "block_minutes", "series", "sealing"].into();
    let mut chance = Chance(seed);
    let (mut found, mut named) = (0, 0);
    let mut of = std::collections::BTreeMap::<&str, u32>::new();
    let mut flip = 0;
    while flip < flips {
        // Every other one in the journal, the rest in turn among the tables of blocks; among them a row, then a byte.
        let table = if flip % 2 == 0 { "journal" } else { tables[1 + flip / 2 % 5] };
        let own: Vec<&Row> = rows.iter().filter(|row| row.table == table).collect();
        let row = own[chance.below(own.len())];
        // A quarter of them in what says the types and lengths of its columns, the rest in their values.
        let part = if chance.below(4) == 0 { &row.cell.header } else { &row.cell.body };
        let (place, mask) = (part[chance.below(part.len())], u8::try_from(1 + chance.below(255)).unwrap());
        let report = flipped(&path, place, mask).unwrap_or_else(|error| {
            panic!("seed {seed}, flip {flip}, {table}, byte {place} with {mask:#04x}: not even walked: {error}")
        });
        if report.faults.is_empty()
            && report.block_faults.is_empty()
            && read(&path, row)
                .is_some_and(|before| Some(before) == with_flipped(&path, place, mask, || read(&path, row)))
        {
            // What stands in the place of the row's number says nothing, since that is kept elsewhere.
            continue;
        }
        found += u32::from(!report.faults.is_empty() || !report.block_faults.is_empty());
        let told = row.named.by(&report);
        assert!(told, "seed {seed}, flip {flip}, {table}, byte {place} with {mask:#04x}: {:?}, {report:?}", row.named);
        named += u32::from(told);
        *of.entry(table).or_default() += 1;
        flip += 1;
    }
    println!(
        "flipped bytes in rows of the file: {found} of {flips} found, {named} of {flips} named; {of:?}; seed {seed}"
    );
    assert_eq!(walk(&path).unwrap().faults, [], "because every flip was taken back");
}

/// What is told while one byte is another.
fn flipped(path: &Path, place: usize, mask: u8) -> Result<VerifyReport> {
    with_flipped(path, place, mask, || walk(path))
}

fn with_flipped<T>(path: &Path, place: usize, mask: u8, then: impl FnOnce() -> T) -> T {
    use std::os::unix::fs::FileExt;
    let file = std::fs::File::options().read(true).write(true).open(path).unwrap();
    let mut byte = [0];
    file.read_exact_at(&mut byte, place as u64).unwrap();
    file.write_all_at(&[byte[0] ^ mask], place as u64).unwrap();
    let done = then();
    file.write_all_at(&byte, place as u64).unwrap();
    done
}

/// A row as anybody reads it.
fn read(path: &Path, row: &Row) -> Option<Vec<Value>> {
    let conn = backup::open(path).ok()?;
    let mut find = conn.prepare(&format!("select * from {} where rowid = ?", row.table)).ok()?;
    let columns = find.column_count();
    find.query_row([row.cell.rowid], |r| (0..columns).map(|column| r.get(column)).collect()).ok()
}

#[test]
fn a_byte_flipped_in_the_quarantine_is_found_and_named() {
    let folder = super::folder();
    let path = made(folder.path());
    let conn = Connection::open(&path).unwrap();
    let columns = super::super::super::journal::COLUMNS;
    let (device, seq): ([u8; 16], u64) = conn
        .query_row("select device, min(seq) + 1 from quarantine", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let mut tried = 0;
    for column in columns.split(", ") {
        let select = format!("select {column} from quarantine where seq = ?");
        let value: Value = conn.query_row(&select, [seq], |row| row.get(0)).unwrap();
        for new in changed(&value, 16).into_iter().filter(|new| *new != value) {
            let text = if matches!(value, Value::Text(_)) { "cast(?1 as text)" } else { "?1" };
            let set = |column: &str, text: &str, to: &Value, at: &Value| {
                conn.execute(&format!("update quarantine set {column} = {text} where seq = ?2"), params![to, at])
            };
            let at = Value::Integer(seq.cast_signed());
            if set(column, text, &new, &at).is_err() {
                continue; // this change cannot even be stored
            }
            let faults = super::super::super::verify::walk(&conn).unwrap().faults;
            let place = |f: &roadworthy_api::journal::ChainFault| {
                f.device == DeviceId::from_bytes(device).to_string() && (seq..=seq + 1).contains(&f.seq)
            };
            assert!(faults.iter().any(place), "{column} changed from {value:?} to {new:?}: {faults:?}");
            tried += 1;
            set(column, text, &value, if column == "seq" { &new } else { &at }).unwrap();
            assert!(super::super::super::verify::walk(&conn).unwrap().faults.is_empty());
        }
    }
    assert!(tried > 100, "{tried} changes tried");
}
