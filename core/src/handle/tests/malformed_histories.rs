//! Two hundred damaged histories: each ends in an account or in a clear message, and nothing of it is half there.

use super::{
    malformed::{Chance, packed},
    services::{done, on_disk, records, vehicle},
    *,
};
use roadworthy_api::{
    calls::{GetHistory, StartHistory, UndoHistory},
    history::HistoryAnswers,
    import::DateOrder,
    service::{MeterUnit, ServiceKind},
};

fn sound() -> Vec<String> {
    let mut lines = vec!["Date,Description,Cost,Notes,Odometer,Tags".to_owned()];
    for n in 0..120 {
        let (month, day) = (1 + n / 28 % 12, 1 + n % 28);
        lines.push(format!(
            "{month}/{day}/{},Work {n},\"$1,{:03}.50\",\"note, with \"\"quotes\"\"\",{},a b",
            2020 + n / 336,
            n,
            45_000 + n * 37
        ));
    }
    lines
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
            let header = lines[0].clone();
            lines = lines.iter().skip(1).map(|l| l.split(',').rev().collect::<Vec<_>>().join(",")).collect();
            lines.insert(0, header);
            ("cells in another order than the header", text(&lines))
        }
        2 => {
            lines[at] = "only one cell".into();
            ("a row with one cell", text(&lines))
        }
        3 => {
            let bytes = lines.join("\n").encode_utf16().flat_map(u16::to_le_bytes).collect();
            ("UTF-16 without its mark", bytes)
        }
        4 => {
            let mut bytes = text(&lines);
            for _ in 0..40 {
                let place = chance.below(bytes.len());
                bytes[place] = chance.below(256) as u8;
            }
            ("random bytes", bytes)
        }
        5 => ("a bomb", packed(&vec![b'0' + chance.below(10) as u8; 80 << 20])),
        6 => {
            let mut bytes = packed(&text(&lines));
            bytes.truncate(bytes.len() - 1 - chance.below(30));
            ("a gzip file that is cut off", bytes)
        }
        7 => {
            lines[at] = "=NOW(),=cmd|'/c calc'!A1,=1+1,@SUM(1),+A1(2),-2+3".to_owned();
            ("formulas", text(&lines))
        }
        8 => {
            for line in lines.iter_mut().skip(at) {
                *line = line.replace(',', ";");
            }
            ("another separator from some line on", text(&lines))
        }
        9 => {
            let place = chance.below(lines[at].len());
            lines[at].insert(place, '"');
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
                *line = line.replacen("/20", if chance.below(2) == 0 { "/00" } else { "/99" }, 1);
            }
            ("impossible years", text(&lines))
        }
        16 => {
            for line in lines.iter_mut().skip(1) {
                *line = line.replace(|c: char| c.is_ascii_digit(), "9");
            }
            ("nines only", text(&lines))
        }
        17 => ("a packed file in a packed file", packed(&packed(&text(&lines)))),
        18 => {
            lines[at] = format!("1/1/2021,\"open, {}", "x".repeat(chance.below(9000)));
            ("a quote that nobody closed", text(&lines))
        }
        _ => {
            let copy = lines.clone();
            lines.extend(copy);
            ("twice the same", text(&lines))
        }
    }
}

#[test]
fn two_hundred_damaged_histories_leave_an_account_or_nothing() {
    let own = own();
    let vehicle = vehicle(&own);
    let mut chance = Chance(0x51ed_270b_a21f_1e3d);
    let (mut imported, mut refused) = (0, 0);
    let answers = HistoryAnswers {
        date_order: Some(DateOrder::Mdy),
        distance: Some(MeterUnit::Km),
        kind: Some(ServiceKind::Service),
        currency: Some("USD".into()),
        ..HistoryAnswers::default()
    };
    for n in 0..200 {
        let (what, bytes) = damaged(n % 20, &mut chance);
        let file = on_disk(&own, "history.csv", bytes);
        let call = StartHistory { vehicle, file, mapping: None, answers: answers.clone(), again: true };
        match done(&own, call) {
            Ok(id) => {
                imported += 1;
                let detail = ask(&own, GetHistory { import: id }).unwrap();
                assert!(detail.report.adds_up() && detail.report.records > 0, "{n} {what}: {:?}", detail.report);
                ask(&own, UndoHistory { import: id }).unwrap();
            }
            Err(error) => {
                refused += 1;
                assert!(!error.message.is_empty() && !error.hint.is_empty(), "{n} {what}: {error:?}");
                assert_ne!(error.code, roadworthy_api::Code::Internal, "{n} {what}: {error}");
            }
        }
        assert_eq!(records(&own, vehicle), [], "{n} {what}");
    }
    assert!(imported > 60 && refused > 40, "{imported} imported, {refused} refused");
    assert!(own.store.verify().unwrap().faults.is_empty());
    assert!(own.store.rebuild("owner/window", 1).unwrap().identical);
}
