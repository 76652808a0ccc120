//! Files that are damaged, or written by programs that do as they like.

use super::*;
use proptest::prelude::*;
use roadworthy_api::{
    Code,
    import::{CellReason, RowReason},
};

fn rejected(report: &ImportReport) -> Vec<(&str, CellReason, u64, Vec<u64>)> {
    report.rejected.iter().map(|r| (r.column.as_str(), r.reason, r.count, r.lines.clone())).collect()
}

#[test]
fn every_cell_that_is_rejected_says_where_and_why() {
    let file = "time;RPM;Speed;Note\n\
        2024-03-04T10:00:00Z;800;12,5 km/h;x\n\
        2024-03-04T10:00:01Z;NODATA;10 mph;x\n\
        2024-03-04T10:00:02Z;=1+1;13 °C;x\n\
        2024-03-04T10:00:03Z;8a0;14 furlong;x\n\
        2024-03-04T10:00:04Z;∞;1.234;x\n\
        2024-03-04T10:00:05Z;9\0;15,0;x\n";
    let read = read(file.as_bytes(), &Answers::default()).unwrap();
    assert_eq!(
        rejected(&read.report),
        [
            ("RPM", CellReason::NotAvailable, 1, vec![3]),
            ("RPM", CellReason::Infinite, 1, vec![6]),
            ("RPM", CellReason::Formula, 1, vec![4]),
            ("RPM", CellReason::UnknownUnit, 1, vec![5]),
            ("RPM", CellReason::NotText, 1, vec![7]),
            ("Speed", CellReason::Ambiguous, 1, vec![6]),
            ("Speed", CellReason::UnknownUnit, 1, vec![5]),
            ("Speed", CellReason::OtherUnit, 1, vec![4]),
        ]
    );
    let speeds: Vec<&str> = read.of(":0D:vehicle_speed").into_iter().map(|(_, v)| v).collect();
    assert_eq!(speeds, ["12.5", "16.09344", "15"]);
    assert_eq!(read.report.left_out, 6);
}

#[test]
fn every_row_that_gives_nothing_says_where_and_why() {
    let long = "9".repeat(70_000);
    let file = format!(
        "time,RPM,Speed\n2024-03-04T10:00:00Z,800,12\n2024-03-04T10:00:01Z,800\n2024-03-04T10:00:02Z,8,1,2,3\n\n,800,12\nyesterday,800,12\n\
        2024-03-04T10:00:03Z,\"800,12\n2024-03-04T10:00:04Z,x,y\n1970-01-01T00:00:00Z,1,2\n{long}\n2024-03-04T10:00:00Z,800,12\n\
        2024-03-04T10:00:05Z,,\n\0\0\0\0\0\0\n2024-03-04T10:00:06Z,80"
    );
    let read = read(file.as_bytes(), &Answers::default()).unwrap();
    let explained: Vec<_> = read.report.explained.iter().map(|e| (e.reason, e.lines.clone())).collect();
    assert_eq!(
        explained,
        [
            (RowReason::Blank, vec![5]),
            (RowReason::Empty, vec![13]),
            (RowReason::Repeated, vec![12]),
            (RowReason::Rejected, vec![9]),
            (RowReason::NoTime, vec![6]),
            (RowReason::BadTime, vec![7]),
            (RowReason::ImpossibleTime, vec![10]),
            (RowReason::FewerCells, vec![3]),
            (RowReason::MoreCells, vec![4]),
            (RowReason::OpenQuote, vec![8]),
            (RowReason::TooLong, vec![11]),
            (RowReason::NotText, vec![14]),
            (RowReason::CutOff, vec![15]),
        ]
    );
    assert_eq!((read.report.rows, read.report.rows_stored), (14, 1));
}

#[test]
fn rows_out_of_order_are_put_in_order_and_told() {
    let file = "time,RPM\n2024-03-04T10:00:00Z,1\n2024-03-04T10:00:02Z,3\n2024-03-04T10:00:01Z,2\n2024-03-05T10:00:01Z,4\n2024-03-04T10:00:03Z,5\n";
    let read = read(file.as_bytes(), &Answers::default()).unwrap();
    let told: Vec<_> = read.report.clock.iter().map(|n| (n.what.as_str(), n.lines.clone())).collect();
    assert_eq!(
        told,
        [
            ("earlier than a row before it: put in order", vec![4]),
            ("more than an hour earlier than a row before it", vec![6]),
            ("more than an hour later than the row before it", vec![5]),
        ]
    );
    assert_eq!(read.report.stored, 5);
}

#[test]
fn any_letters_and_line_ends_read_the_same() {
    let text = "Zeit;Öltemperatur [°C]\r\n2024-03-04T10:00:00Z;88,5\r\n2024-03-04T10:00:01Z;89\r\n";
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let windows: Vec<u8> = text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect();
    for bytes in [
        text.as_bytes().to_vec(),
        [b"\xef\xbb\xbf", text.as_bytes()].concat(),
        utf16,
        windows,
        text.replace('\n', "").into_bytes(),
        text.replace('\r', "").into_bytes(),
    ] {
        let read = read(&bytes, &Answers::default()).unwrap();
        let at = ms("2024-03-04T10:00:00Z");
        assert_eq!(read.of("::oltemperatur"), [(at, "88.5"), (at + 1000, "89")]);
    }
}

#[test]
fn what_is_no_log_is_refused() {
    for (file, expect) in [
        ("", "empty"),
        ("\n\n", "empty"),
        ("just some words\nand more of them\n", "no table"),
        ("time,RPM\n", "no rows"),
    ] {
        let error = look(file.as_bytes(), &Answers::default()).unwrap_err();
        assert!(
            error.code == Code::Malformed && error.message.contains(expect) && !error.hint.is_empty(),
            "{file}: {error}"
        );
    }
    assert_eq!(asked("a,b\n1,2\n3,1\n", &Answers::default()), ["time"], "because no column ascends");
}

#[test]
fn a_mapping_that_names_one_column_for_two_things_is_refused() {
    let file = b"time,signal,value,unit\n2024-03-04T10:00:00Z,RPM,1,rpm\n2024-03-04T10:00:01Z,RPM,2,rpm\n";
    let sound = look(file, &Answers::default()).unwrap();
    let of = |change: fn(&mut roadworthy_api::import::LongColumns)| {
        let mut detected = sound.clone();
        change(detected.mapping.long.as_mut().unwrap());
        read_by(file, detected).map(|read| read.report.stored)
    };
    assert_eq!(of(|_| {}), Ok(2));
    for change in [
        (|long| long.value = 0) as fn(&mut roadworthy_api::import::LongColumns),
        |long| long.value = 1,
        |long| long.signal = 0,
        |long| long.unit = Some(2),
    ] {
        let error = of(change).unwrap_err();
        assert!(error.code == Code::Invalid && error.message.contains("two things"), "{error}");
    }
}

#[test]
fn a_figure_that_reads_two_ways_is_asked() {
    let file = "time;Weight\n2024-03-04T10:00:00Z;1,234\n2024-03-04T10:00:01Z;5,678\n";
    assert_eq!(asked(file, &Answers::default()), ["decimal"]);
    let comma = Answers { decimal: Some(roadworthy_api::import::Decimal::Comma), ..Answers::default() };
    assert_eq!(read(file.as_bytes(), &comma).unwrap().of("::weight")[0].1, "1.234");
}

/// A cell out of a few kinds, sound and not.
fn cell() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (-500..5000i32).prop_map(|n| format!("{}", f64::from(n) / 4.0)),
        1 => "[-+0-9.,eE ]{0,8}",
        1 => proptest::sample::select(vec!["", "NODATA", "-", "NaN", "∞", "=1", "\"a,b\"", "\"", "12 km/h", "x", "\u{0}", "1,234"])
            .prop_map(str::to_owned),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_row_and_cell_is_accounted_for(
        rows in proptest::collection::vec((0..100i64, proptest::collection::vec(cell(), 0..6), 0..10u8), 1..60),
        separator in proptest::sample::select(vec![";", ",", "\t"]),
        fills in any::<bool>(),
    ) {
        let mut file = ["time", "RPM", "Speed [km/h]", "Boost [bar]"].join(separator) + "\n";
        // Enough sound rows that it is known for what it is.
        for n in 0..20 {
            file += &[format!("2024-03-04T09:00:{n:02}Z"), n.to_string(), "1".into(), "2".into()].join(separator);
            file += "\n";
        }
        for (second, cells, odd) in &rows {
            let time = match odd {
                0 => String::new(),
                1 => "never".into(),
                _ => format!("2024-03-04T10:{:02}:{:02}Z", second / 60, second % 60),
            };
            file += &std::iter::once(time).chain(cells.clone()).collect::<Vec<_>>().join(separator);
            file += if *odd == 2 { "\r\n" } else { "\n" };
        }
        let answers = Answers { filled_forward: Some(fills), decimal: Some(roadworthy_api::import::Decimal::Point), ..Answers::default() };
        let read = read(file.as_bytes(), &answers).unwrap();
        prop_assert_eq!(read.report.rows, rows.len() as u64 + 20);
        prop_assert_eq!(kept(&read.detected.mapping), read.detected.mapping);
    }

    #[test]
    fn no_file_makes_it_panic(bytes in proptest::collection::vec(prop_oneof![
        Just(b','), Just(b';'), Just(b'\n'), Just(b'"'), Just(b'1'), Just(b':'), any::<u8>()], 0..300), head in 0..3usize) {
        let start: &[u8] = [&b""[..], b"time,RPM,Speed\n2024-03-04T10:00:00Z,1,2\n", b"SECONDS;PID;VALUE;UNITS\n1;a;2;rpm\n"][head];
        let file = [start, &bytes].concat();
        let answers = Answers { start: Some("2024-01-01T00:00:00Z".into()), date: Some("2024-01-01".into()), restarts: Some(roadworthy_api::import::Restarts::Follow), ..utc() };
        if let Ok(detected) = look(&file, &answers) && detected.questions.is_empty() {
            drop(read_by(&file, detected));
        }
    }
}
