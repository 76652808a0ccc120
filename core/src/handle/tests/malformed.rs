//! Two hundred damaged files: each ends in an account or in a clear message, and nothing of it is half there.

use super::{
    imports::{done, vehicle},
    *,
};
use crate::store::import;
use roadworthy_api::{
    calls::{GetImport, GetStorage, ListSignals, StartImport, UndoImport},
    import::{Answers, ImportFile, Restarts},
};
use std::{collections::BTreeMap, io::Write as _};

/// Numbers that look random and are the same each time.
pub(super) struct Chance(pub(super) u64);

impl Chance {
    pub(super) fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % most as u64) as usize
    }
}

fn sound() -> Vec<String> {
    let mut lines = vec!["time;Engine RPM (rpm);Coolant [°C];Speed (km/h);Boost [bar]".to_owned()];
    for n in 0..120 {
        lines.push(format!(
            "2024-03-04T10:{:02}:{:02}Z;{};{},5;{};1,{}",
            n / 60,
            n % 60,
            800 + n,
            80 + n % 5,
            n % 50,
            n % 9 + 1
        ));
    }
    lines
}

pub(super) fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gz.write_all(bytes).unwrap();
    gz.finish().unwrap()
}

/// The bytes of a damaged file, and what was done to it.
fn damaged(kind: usize, chance: &mut Chance) -> (&'static str, Vec<u8>) {
    let mut lines = sound();
    let at = 1 + chance.below(lines.len() - 1);
    let text = |lines: &[String]| (lines.join("\n") + "\n").into_bytes();
    match kind {
        0 => {
            let mut bytes = text(&lines);
            bytes.truncate(chance.below(bytes.len()));
            ("cut", bytes)
        }
        1 => {
            for line in &mut lines {
                let mut cells: Vec<&str> = line.split(';').collect();
                cells.rotate_left(2);
                *line = cells.join(";");
            }
            ("shuffled columns", text(&lines))
        }
        2 => {
            let cells: Vec<String> = lines[at].split(';').rev().map(str::to_owned).collect();
            lines[at] = cells.join(";");
            ("one shuffled row", text(&lines))
        }
        3 => {
            let text = lines.join("\n") + "\n";
            let utf16 = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
            match chance.below(4) {
                0 => ("UTF-16 without its mark", utf16(u16::to_le_bytes)),
                1 => ("UTF-16 with the mark of the other order", [vec![0xfe, 0xff], utf16(u16::to_le_bytes)].concat()),
                2 => ("Windows-1252 with the mark of UTF-8", {
                    let letters = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap());
                    b"\xef\xbb\xbf".iter().copied().chain(letters).collect()
                }),
                // Each letter beyond ASCII was taken for two.
                _ => ("UTF-8 encoded twice", text.bytes().map(char::from).collect::<String>().into_bytes()),
            }
        }
        4 => {
            let mut bytes = text(&lines);
            for _ in 0..40 {
                let place = chance.below(bytes.len());
                bytes[place] = chance.below(256) as u8;
            }
            ("random bytes", bytes)
        }
        5 => {
            let zeros = vec![b'0' + chance.below(10) as u8; 80 << 20];
            // Half of them begin as a log does.
            let front = if chance.below(2) == 0 { text(&lines) } else { Vec::new() };
            ("a bomb", packed(&[front, zeros].concat()))
        }
        6 => {
            let mut bytes = packed(&text(&lines));
            bytes.truncate(bytes.len() - 1 - chance.below(30));
            ("a gzip file that is cut off", bytes)
        }
        7 => {
            lines[at] = "=cmd|'/c calc'!A1;=1+1;@SUM(1);+A1(2);-2+3".to_owned();
            ("formulas", text(&lines))
        }
        8 => {
            for line in lines.iter_mut().skip(at) {
                *line = line.replace(';', ",");
            }
            ("another separator from some line on", text(&lines))
        }
        9 => {
            lines[at].insert(chance.below(20), '"');
            ("a quote", text(&lines))
        }
        10 => {
            let mut bytes = text(&lines);
            let place = chance.below(bytes.len());
            bytes.splice(place..place, vec![0; 1 + chance.below(4000)]);
            ("zeros", bytes)
        }
        11 => ("no header", text(&lines[1..])),
        12 => {
            lines[at] = "x".repeat(60_000 + chance.below(40_000));
            ("a long line", text(&lines))
        }
        13 => {
            let bytes: Vec<u8> = (0..2000).map(|_| chance.below(256) as u8).collect();
            ("noise", bytes)
        }
        14 => ("an archive", [b"PK\x03\x04", &text(&lines)[..]].concat()),
        15 => {
            for line in lines.iter_mut().skip(1) {
                *line = line.replacen("2024", if chance.below(2) == 0 { "0000" } else { "9999" }, 1);
            }
            ("impossible years", text(&lines))
        }
        16 => {
            let header = lines[0].clone();
            lines = lines.iter().skip(1).map(|l| l.split(';').map(|_| "ERR").collect::<Vec<_>>().join(";")).collect();
            lines.insert(0, header);
            ("words only", text(&lines))
        }
        17 => ("a packed file in a packed file", packed(&packed(&text(&lines)))),
        18 => ("JSON", format!("{{\"rows\": {}}}", chance.below(100)).into_bytes()),
        _ => {
            let copy = lines.clone();
            lines.extend(copy);
            ("twice the same", text(&lines))
        }
    }
}

/// Every row of every table, as one hash each; without what tells that somebody asked for something.
fn dump(engine: &Engine) -> BTreeMap<String, String> {
    let dumped = engine.store.read(|conn| {
        let mut names = conn.prepare("select name from sqlite_master where type = 'table' order by name")?;
        let names: Vec<String> = names.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
        let mut all = BTreeMap::new();
        for name in names.into_iter().filter(|n| !["habit", "sqlite_sequence"].contains(&n.as_str())) {
            let mut rows = conn.prepare(&format!("select * from \"{name}\""))?;
            let columns = rows.column_count();
            let mut found = Vec::new();
            let mut rows = rows.query([])?;
            while let Some(row) = rows.next()? {
                let cells = (0..columns).map(|at| Ok(format!("{:?}", row.get_ref(at)?)));
                found.push(cells.collect::<rusqlite::Result<Vec<String>>>()?.join("|"));
            }
            found.sort();
            all.insert(name, format!("{} rows, {}", found.len(), blake3::hash(found.join("\n").as_bytes())));
        }
        Ok(all)
    });
    dumped.unwrap()
}

#[test]
fn two_hundred_damaged_files_leave_an_account_or_nothing() {
    let own = own();
    let vehicle = vehicle(&own);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut imported, mut refused, mut bombs) = (0, 0, 0);
    let path = own.folder.path().join("log.csv");
    let answers = Answers {
        zone: Some("UTC".into()),
        date: Some("2024-03-04".into()),
        start: Some("2024-03-04T00:00:00Z".into()),
        restarts: Some(Restarts::Follow),
        ..Answers::default()
    };
    for n in 0..200 {
        let (what, bytes) = damaged(n % 20, &mut chance);
        fs::write(&path, bytes).unwrap();
        let file = ImportFile::Path { path: path.display().to_string() };
        let call = StartImport { vehicle, file, dbc: None, mapping: None, answers: answers.clone(), again: true };
        let before = dump(&own);
        match done(&own, call) {
            Ok(id) => {
                imported += 1;
                let detail = ask(&own, GetImport { import: id }).unwrap();
                let (rows, explained) = (detail.report.rows_stored, &detail.report.explained);
                let told: Vec<_> = explained.iter().map(|e| format!("{} {}", e.count, e.reason.words())).collect();
                println!("{what}: imported, {rows} rows stored, {}", told.join(", "));
                assert!(detail.report.adds_up(), "{n} {what}: {:?}", detail.report);
                let report = own.store.verify().unwrap();
                assert!(report.block_faults.is_empty(), "{n} {what}: {:?}", report.block_faults);
                ask(&own, UndoImport { import: id }).unwrap();
            }
            Err(error) => {
                refused += 1;
                bombs += u32::from(error.message.contains("400 times its size"));
                println!("{what}: {} {}", error.message, error.hint);
                assert_eq!(dump(&own), before, "{n} {what}: because nothing of it may be there");
                assert!(!error.message.is_empty() && !error.hint.is_empty(), "{n} {what}: {error:?}");
                assert_ne!(error.code, roadworthy_api::Code::Internal, "{n} {what}: {error}");
            }
        }
        assert_eq!(ask(&own, GetStorage {}).unwrap().blocks, 0, "{n} {what}");
        assert_eq!(ask(&own, ListSignals { vehicle }).unwrap(), [], "{n} {what}");
        assert_eq!(own.store.read(import::staged).unwrap(), [], "{n} {what}");
    }
    assert!(imported > 60 && refused > 60, "{imported} imported, {refused} refused");
    assert!(bombs > 0, "because some look like a log at first");
    let report = own.store.verify().unwrap();
    assert!(report.faults.is_empty() && report.block_faults.is_empty());
}
