//! Files that are damaged, or written by programs that do as they like.

use super::*;
use proptest::prelude::*;
use roadworthy_api::{
    Code,
    import::{CellReason, Decimal, RowReason},
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

#[test]
fn a_header_that_comes_again_with_other_units_mixes_nothing() {
    let at = |n: u32| format!("2024-03-04T10:00:{n:02}Z");
    let file = format!(
        "time,Boost [psi],Speed (OBD)(km/h),Economy [mpg]\n{},10,50,30\ntime,Boost [bar],Speed (OBD)(mph),Economy [L/100km]\n{},1,10,8\n\
         time,Boost,Speed (km/h),Speed (OBD)(km/h)\n{},11,60,61\n",
        at(0),
        at(1),
        at(2)
    );
    let read = read(file.as_bytes(), &Answers::default()).unwrap();
    let values = |signal: &str| read.of(signal).into_iter().map(|(_, v)| v.to_owned()).collect::<Vec<_>>();
    assert_eq!(values("::boost"), ["10", "14.503773773020923"], "because what is of the first unit stays so");
    assert_eq!(values("::boost_2"), ["11"], "because no unit is not the one before");
    assert_eq!(values(":0D:vehicle_speed"), ["50", "16.09344", "61"]);
    assert_eq!(values("::vehicle_speed_2"), ["60"], "because two columns are two signals");
    assert_eq!((values("::economy"), values("::economy_2")), (vec!["30".to_owned()], vec!["8".to_owned()]));
}

#[test]
fn names_of_rows_are_not_mixed() {
    let file = "SECONDS;PID;VALUE;UNITS\n\"1\";\"Vehicle speed\";\"10\";\"km/h\"\n\"1.1\";\"Speed\";\"20\";\"km/h\"\n\
        \"2\";\"Economy\";\"30\";\"mpg\"\n\"3\";\"Economy\";\"8\";\"L/100km\"\n\"4\";\"Vehicle speed\";\"10\";\"mph\"\n";
    let start = Answers { start: Some("2024-03-04T10:00:00Z".into()), ..Answers::default() };
    let read = read(file.as_bytes(), &start).unwrap();
    let values = |signal: &str| read.of(signal).into_iter().map(|(_, v)| v.to_owned()).collect::<Vec<_>>();
    assert_eq!(values(":0D:vehicle_speed"), ["10", "16.09344"]);
    assert_eq!(values("::vehicle_speed_2"), ["20"]);
    assert_eq!((values("::economy"), values("::economy_2")), (vec!["30".to_owned()], vec!["8".to_owned()]));
}

#[test]
fn a_mapping_that_makes_one_signal_of_two_units_is_refused() {
    let file = b"time,A [km/h],B [rpm],C [mph]\n2024-03-04T10:00:00Z,10,20,30\n2024-03-04T10:00:01Z,11,21,31\n";
    let detected = look(file, &Answers::default()).unwrap();
    let with = |change: &dyn Fn(&mut Mapping)| {
        let mut mapping = kept(&detected.mapping);
        change(&mut mapping);
        let detected = detect::by_mapping(&detect::head_lines(file, true), mapping, &Answers::default()).unwrap();
        read_by(file, detected)
    };
    let signal = |at: usize, to: &str| {
        let to = to.to_owned();
        move |m: &mut Mapping| m.columns[at].signal.clone_from(&to)
    };
    let error = with(&signal(2, "::a")).unwrap_err();
    assert!(error.code == Code::Invalid && error.message.contains("different units"), "{error}");
    let read = with(&signal(3, "::a")).unwrap();
    assert_eq!(read.of("::a").iter().map(|(_, v)| *v).collect::<Vec<_>>(), ["10", "48.28032", "11", "49.889664"]);
}

#[test]
fn a_lone_group_is_asked_for_and_counts_once_the_sign_is_said() {
    let file = "time;RPM;Speed (km/h)\n2024-03-04T10:00:00Z;1.200;12,5\n2024-03-04T10:00:01Z;950;13,5\n2024-03-04T10:00:02Z;2.100;0,125\n";
    assert_eq!(
        asked(file, &Answers::default()),
        ["decimal"],
        "because the comma of another column would have it refused"
    );
    let said = |decimal| {
        let answers = Answers { decimal: Some(decimal), ..Answers::default() };
        let read = read(file.as_bytes(), &answers).unwrap();
        let of = |signal: &str| read.of(signal).into_iter().map(|(_, v)| v.to_owned()).collect::<Vec<_>>();
        assert_eq!(of(":0D:vehicle_speed"), ["12.5", "13.5", "0.125"]);
        let again = detect::by_mapping(
            &detect::head_lines(file.as_bytes(), true),
            kept(&read.detected.mapping),
            &Answers::default(),
        );
        assert_eq!(
            read_by(file.as_bytes(), again.unwrap()).unwrap().values,
            read.values,
            "because the mapping keeps it"
        );
        of(":0C:engine_rpm")
    };
    assert_eq!(said(Decimal::Comma), ["1200", "950", "2100"]);
    assert_eq!(said(Decimal::Point), ["1.2", "950", "2.1"]);
    // A column that shows its own sign is read by that, whatever is said of the others.
    let mixed = "time;A;B\n2024-03-04T10:00:00Z;12.5;1,234\n2024-03-04T10:00:01Z;1.250;2,345\n";
    let read = read(mixed.as_bytes(), &Answers { decimal: Some(Decimal::Comma), ..Answers::default() }).unwrap();
    assert_eq!(read.of("::a").iter().map(|(_, v)| *v).collect::<Vec<_>>(), ["12.5", "1.25"]);
    assert_eq!(read.of("::b").iter().map(|(_, v)| *v).collect::<Vec<_>>(), ["1.234", "2.345"]);
    // Apostrophes and blanks only separate thousands.
    let swiss = "time;A;B\n2024-03-04T10:00:00Z;1'234.567;1 234,5\n2024-03-04T10:00:01Z;900;900\n";
    assert_eq!(asked(swiss, &Answers::default()), [""; 0]);
    let read = super::read(swiss.as_bytes(), &Answers::default()).unwrap();
    assert_eq!((read.of("::a")[0].1, read.of("::b")[0].1), ("1234.567", "1234.5"));
}

#[test]
fn times_that_would_be_read_wrongly_are_asked_for_or_not_used() {
    let rows = |time: &dyn Fn(u32) -> String| (0..60).map(|n| format!("{},{}\n", time(n), 800 + n)).collect::<String>();
    let file = |time: &dyn Fn(u32) -> String| format!("Time,RPM\n{}", rows(time));
    let short = file(&|n| format!("24-03-05 10:00:{n:02}"));
    assert_eq!(asked(&short, &utc()), ["date_order"], "because a year of two figures may be a day");
    let ymd = read(short.as_bytes(), &Answers { date_order: Some(roadworthy_api::import::DateOrder::Ymd), ..utc() });
    assert_eq!(ymd.unwrap().values[0].1, ms("2024-03-05T10:00:00Z"));
    let back = file(&|n| if n < 30 { format!("10:{n:02}:00") } else { format!("08:{:02}:00", n - 30) });
    let day = Answers { date: Some("2024-03-04".into()), ..utc() };
    assert_eq!(asked(&back, &day), ["restarts"], "because nothing says on which day the second drive was");
    let follow = Answers { restarts: Some(roadworthy_api::import::Restarts::Follow), ..day };
    assert_eq!(read(back.as_bytes(), &follow).unwrap().values[30].1, ms("2024-03-05T08:00:00Z"));
    for (file, why) in [
        (file(&|n| format!("{:.9}", 45_355.4 + f64::from(n) / 86_400.0)), "spreadsheet"),
        (file(&|n| format!("{}", 1_709_546_400_000_000_000_i64 + i64::from(n) * 1_000_000_000)), "another unit"),
    ] {
        let looked = look(file.as_bytes(), &Answers::default()).unwrap();
        assert_eq!(looked.questions.iter().map(|q| q.what.as_str()).collect::<Vec<_>>(), ["time"]);
        assert!(looked.guesses.iter().any(|g| g.contains(why)), "{:?}", looked.guesses);
    }
    let contradicted = file(&|n| format!("03/25/2024 10:00:{n:02}"));
    let dmy = Answers { date_order: Some(roadworthy_api::import::DateOrder::Dmy), ..utc() };
    let error = look(contradicted.as_bytes(), &dmy).unwrap_err();
    assert!(error.message.contains("03/25/2024"), "{error}");
}

#[test]
fn decimal_commas_between_commas_are_no_columns() {
    let file = b"time,RPM,Speed\n2024-03-04T10:00:00Z,800,5,1,5\n2024-03-04T10:00:01Z,801,5,2,5\n";
    let error = look(file, &Answers::default()).unwrap_err();
    assert!(error.code == Code::Malformed && error.message.contains("3 columns") && error.message.contains("5 cells"));
}

#[test]
fn zeros_that_a_logger_left_behind_are_one_row() {
    let file = [&b"time,RPM\n2024-03-04T10:00:00Z,800\n2024-03-04T10:00:01Z,8"[..], &[0; 4096]].concat();
    let read = read(&file, &Answers::default()).unwrap();
    assert_eq!((read.report.rows, read.report.rows_stored), (2, 1), "{:?}", read.report);
    assert_eq!(read.of(":0C:engine_rpm").len(), 1);
}

#[test]
fn a_line_of_units_under_the_header_counts() {
    let file = "Time,RPM,Speed,Coolant,Boost\nms,rpm,mph,[°F],bar\n1000,800,10,212,1\n2000,801,10,212,2\n";
    let start = Answers { start: Some("2024-03-04T10:00:00Z".into()), ..Answers::default() };
    let read = read(file.as_bytes(), &start).unwrap();
    assert_eq!(
        read.of(":0D:vehicle_speed")[0],
        (ms("2024-03-04T10:00:01Z"), "16.09344"),
        "because ms are milliseconds"
    );
    assert_eq!(read.of(":05:coolant_temperature")[0].1, "100");
    assert_eq!(read.detected.mapping.columns[4].unit, "bar");
    assert!(read.detected.guesses.iter().any(|g| g.contains("under the header")), "{:?}", read.detected.guesses);
    assert_eq!(
        read.report.explained.iter().map(|e| (e.reason, e.count)).collect::<Vec<_>>(),
        [(RowReason::BadTime, 1)]
    );
}

#[test]
fn a_speed_without_a_unit_must_be_looked_at() {
    use roadworthy_api::import::Confidence;
    for (header, expect) in
        [("time,Engine RPM,Vehicle speed", Confidence::Guess), ("time,Engine RPM,Engine load", Confidence::Likely)]
    {
        let file = format!("{header}\n2024-03-04T10:00:00Z,800,12\n2024-03-04T10:00:01Z,801,13\n");
        assert_eq!(look(file.as_bytes(), &Answers::default()).unwrap().confidence, expect, "{header}");
    }
}

#[test]
fn a_header_that_comes_again_may_have_its_times_elsewhere() {
    let rows: String = (0..60).map(|n| format!("{n},{},{n}\n", 800 + n)).collect();
    let file =
        format!("Time (s),RPM (rpm),Speed (km/h)\n{rows}RPM (rpm),Boost (bar),Time (s),Speed (km/h)\n900,1,61,62\n");
    let start = Answers { start: Some("2024-03-04T10:00:00Z".into()), ..Answers::default() };
    let read = read(file.as_bytes(), &start).unwrap();
    let at = ms("2024-03-04T10:01:01Z");
    assert_eq!(read.of(":0C:engine_rpm").last(), Some(&(at, "900")));
    assert_eq!((read.of("::boost"), read.of(":0D:vehicle_speed").last()), (vec![(at, "1")], Some(&(at, "62"))));
    assert_eq!(
        read.report.explained.iter().map(|e| (e.reason, e.lines.clone())).collect::<Vec<_>>(),
        [(RowReason::Header, vec![62])]
    );
}

#[test]
fn an_engine_at_idle_is_no_proof_of_copies() {
    let rows: String = (0..60).map(|n| format!("2024-03-04T10:00:{n:02}Z,{},0,90\n", 800 + n % 7)).collect();
    let file = format!("time,RPM (rpm),Speed (km/h),Coolant (°C)\n{rows}");
    let read = read(file.as_bytes(), &Answers::default()).unwrap();
    assert!(!read.detected.mapping.filled_forward);
    assert_eq!(read.of(":05:coolant_temperature").len(), 60);
}
