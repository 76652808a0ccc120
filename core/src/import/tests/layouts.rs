//! Each layout's own small file, made up here.

use super::*;
use roadworthy_api::import::{Confidence, DateOrder, Layout, Restarts, RowReason};

fn explained(report: &ImportReport) -> Vec<(RowReason, u64)> {
    report.explained.iter().map(|e| (e.reason, e.count)).collect()
}

#[test]
fn torque_with_headers_that_come_again_and_change() {
    let file = "GPS Time, Device Time, Longitude, Latitude,GPS Speed (Meters/second), Engine RPM(rpm), Engine Coolant Temperature(°F),Speed (OBD)(mph)\n\
        Thu Jul 05 07:16:30 GMT+02:00 2017,05-Jul-2017 07:16:30.444,8.4,49.0,1.5,820,176,10\n\
        Thu Jul 05 07:16:31 GMT+02:00 2017,05-Jul-2017 07:16:31.444,8.4,49.0,1.5,-,176,∞\n\
        GPS Time, Device Time, Longitude, Latitude,GPS Speed (Meters/second), Engine Coolant Temperature(°F), Engine RPM(rpm),Speed (OBD)(mph)\n\
        Thu Jul 05 08:16:31 GMT+02:00 2017,05-Jul-2017 08:16:31.444,8.4,49.0,1.5,194,900,20\n";
    assert_eq!(asked(file, &Answers::default()), ["zone"]);
    let answers = Answers { zone: Some("Europe/Berlin".into()), ..Answers::default() };
    let read = read(file.as_bytes(), &answers).unwrap();
    assert_eq!((read.detected.mapping.layout, read.detected.confidence), (Layout::Torque, Confidence::Certain));
    let (first, later) = (ms("2017-07-05T05:16:30.444Z"), ms("2017-07-05T06:16:31.444Z"));
    assert_eq!(read.of(":0C:engine_rpm"), [(first, "820"), (later, "900")], "because the header says where it is now");
    assert_eq!(read.of(":05:coolant_temperature"), [(first, "80"), (first + 1000, "80"), (later, "90")]);
    assert_eq!(read.of(":0D:vehicle_speed")[1], (later, "32.18688"));
    assert!(read.values.iter().all(|(s, ..)| !s.contains("itude")), "because places are personal");
    assert_eq!(explained(&read.report), [(RowReason::Header, 1)]);
    assert_eq!((read.report.rows, read.report.rejected_cells()), (4, 2));
}

#[test]
fn car_scanner_with_a_row_per_value() {
    let file = "\"SECONDS\";\"PID\";\"VALUE\";\"UNITS\"\r\n\
        \"53487.5\";\"Engine RPM\";\"812,5\";\"rpm\"\r\n\
        \"53487.75\";\"Vehicle speed\";\"36\";\"km/h\"\r\n\
        \"53488\";\"[XYZ] Boost\";\"0,5\";\"bar\"\r\n\
        \"53489\";\"Vehicle speed\";\"10\";\"mph\"\r\n\
        \"53490\";\"Vehicle speed\";\"10\";\"rpm\"\r\n\
        \"53491\";\"\";\"10\";\"rpm\"\r\n\
        \"53492\";\"Engine RPM\";\"\";\"rpm\"\r\n";
    assert_eq!(asked(file, &Answers::default()), ["start"]);
    let answers = Answers { start: Some("2024-05-01T00:00:00+02:00".into()), ..Answers::default() };
    let read = read(file.as_bytes(), &answers).unwrap();
    assert_eq!((read.detected.mapping.layout, read.detected.confidence), (Layout::CarScannerLong, Confidence::Certain));
    let start = ms("2024-04-30T22:00:00Z");
    assert_eq!(read.of(":0C:engine_rpm"), [(start + 53_487_500, "812.5")]);
    assert_eq!(read.of(":0D:vehicle_speed"), [(start + 53_487_750, "36"), (start + 53_489_000, "16.09344")]);
    assert_eq!(read.of("::xyz_boost"), [(start + 53_488_000, "0.5")]);
    assert_eq!(explained(&read.report), [(RowReason::Empty, 1), (RowReason::Rejected, 1), (RowReason::NoSignal, 1)]);
}

#[test]
fn car_scanner_with_a_column_per_signal() {
    let file = "\"time\";\"Calculated engine load value (%)\";\"Engine RPM (rpm)\";\"Fuel flow (L/h)\";\n\
        \"10:00:00.500\";\"20,5\";\"800\";\"1,25\";\n\
        \"10:00:01.500\";\"21,5\";\"\";\"1,5\";\n";
    assert_eq!(asked(file, &Answers::default()), ["date", "zone"]);
    let answers = Answers { date: Some("2024-05-01".into()), ..utc() };
    let read = read(file.as_bytes(), &answers).unwrap();
    assert_eq!(read.detected.mapping.layout, Layout::CarScanner);
    let first = ms("2024-05-01T10:00:00.5Z");
    assert_eq!(read.of(":04:calculated_engine_load"), [(first, "20.5"), (first + 1000, "21.5")]);
    assert_eq!(read.of("::fuel_flow").len(), 2);
    // The last separator of the two rows makes an empty cell each.
    assert_eq!(read.report.empty, 3);
}

/// Rows with one fresh value each, as a logger writes that asks one PID after the other.
fn staggered() -> String {
    let mut file = "Time,Engine Coolant Temperature [°C],Engine RPM [RPM],Vehicle Speed Sensor [km/h],Air Flow Rate from Mass Flow Sensor [g/s]\n".to_owned();
    let mut now = [String::new(), String::new(), String::new(), String::new()];
    for row in 0..200 {
        now[row % 4] = match row % 4 {
            0 => "16".to_owned(),
            1 => format!("{}.0", 800 + row),
            2 => format!("{}.0", row / 40),
            _ => "15.16".to_owned(),
        };
        file += &format!("23:59:{:02}.{:03},{}\n", 50 + row / 20, row % 20 * 50, now.join(","));
    }
    file
}

#[test]
fn rows_that_repeat_what_they_did_not_read() {
    let file = staggered();
    let answers = Answers { date: Some("2017-07-05".into()), ..utc() };
    let filled = read(file.as_bytes(), &answers).unwrap();
    assert_eq!((filled.detected.mapping.layout, filled.detected.confidence), (Layout::Kit, Confidence::Certain));
    assert!(filled.detected.mapping.filled_forward && filled.detected.mapping.in_turn);
    for signal in [":05:coolant_temperature", ":0C:engine_rpm", ":0D:vehicle_speed", ":10:mass_air_flow"] {
        assert_eq!(filled.of(signal).len(), 50, "{signal}: because each had its turn in every fourth row");
    }
    assert_eq!((filled.report.rows_stored, filled.report.explained.len()), (200, 0));
    assert!(filled.flags.is_empty(), "{:?}", filled.flags);
    // A row is spoilt: it took its turn, and what it changed was not read in the row after it.
    let mut lines: Vec<&str> = file.lines().collect();
    lines[102] = "23:59:55.050,1,2";
    let lost = read((lines.join("\n") + "\n").as_bytes(), &answers).unwrap();
    assert_eq!(explained(&lost.report), [(RowReason::FewerCells, 1)]);
    assert_eq!(lost.of(":0C:engine_rpm").len(), 49);
    let expect: Vec<_> = filled.values.iter().filter(|(_, _, v)| v != "901").collect();
    assert_eq!(lost.values.iter().collect::<Vec<_>>(), expect, "because all others are as they were");
    let mut mapping = filled.detected.mapping.clone();
    mapping.in_turn = false;
    let detected = Detected { mapping, ..filled.detected.clone() };
    let changes = read_by(file.as_bytes(), detected).unwrap();
    let coolant = changes.of(":05:coolant_temperature");
    assert_eq!(coolant.len(), 1, "because a cell that is as the one above it is no reading");
    assert_eq!(changes.of(":0D:vehicle_speed").len(), 5);
    assert_eq!(explained(&changes.report), [(RowReason::Filled, 200 - 57)]);
    let each = read(file.as_bytes(), &Answers { filled_forward: Some(false), ..answers }).unwrap();
    assert_eq!(each.of(":05:coolant_temperature").len(), 200, "because the mapping says that they are readings");
}

#[test]
fn carobd_with_seconds_of_the_engine_and_no_units() {
    let file = "ENGINE_RUN_TINE (),ENGINE_RPM (),VEHICLE_SPEED (),COOLANT_TEMPERATURE ()\r\n\
        0.000000, 900.000000, 0.000000, 81.000000, \r\n\
        0.000000, 900.000000, 0.000000, 81.000000, \r\n\
        0.000000, 910.000000, 0.000000, 81.000000, \r\n\
        \r\n\
        1.000000, 920.000000, -1.500000, 82.000000, \r\n";
    assert_eq!(asked(file, &Answers::default()), ["start"]);
    assert_eq!(asked(file, &Answers { start: Some("2019-05-01".into()), ..Answers::default() }), ["zone"]);
    let answers = Answers { start: Some("2019-05-01T12:00:00Z".into()), ..Answers::default() };
    let read = read(file.as_bytes(), &answers).unwrap();
    assert_eq!(read.detected.mapping.layout, Layout::Carobd);
    let start = ms("2019-05-01T12:00:00Z");
    assert_eq!(read.of(":0C:engine_rpm"), [(start, "900"), (start, "910"), (start + 1000, "920")]);
    assert_eq!(read.of(":05:coolant_temperature"), [(start, "81"), (start + 1000, "82")]);
    assert_eq!(explained(&read.report), [(RowReason::Blank, 1), (RowReason::Repeated, 1)]);
    assert!(read.detected.guesses.iter().any(|g| g.contains("taken for rpm")), "{:?}", read.detected.guesses);
}

#[test]
fn cephasax_with_a_rounded_clock_and_several_drives() {
    let file = "ord;TIME;LATITUDE;ALTITUDE;VEHICLE_ID;ENGINE_RPM;MAF;ENGINE_RUNTIME;DTC_NUMBER;TROUBLE_CODES;SHORT TERM FUEL TRIM BANK 1\n\
        1;1,51E+12;-583.206.639;42.0;control1;816;4,73;00:45:33;MIL is OFF0 codes;;0,80\n\
        2;1,51E+12;-583.206.639;42.0;control1;807;4,7;00:45:37;MIL is OFF0 codes;;-0,80\n\
        3;1,51E+12;-583.206.639;43.0;control1;NODATA;4,1;00:45:41;MIL is OFF0 codes;;-6,20\n\
        4;1,51E+12;-583.206.639;43.0;control2;900;5,1;00:00:05;MIL is OFF0 codes;;1,00\n\
        5;1,51E+12;-583.206.639;43.0;control2;900;5,2;;MIL is OFF0 codes;;1,00\n";
    let start = Answers { start: Some("2017-11-06T12:00:00Z".into()), ..Answers::default() };
    assert_eq!(asked(file, &start), ["restarts"]);
    let answers = Answers { restarts: Some(Restarts::Follow), ..start.clone() };
    let read = read(file.as_bytes(), &answers).unwrap();
    assert_eq!(read.detected.mapping.layout, Layout::Cephasax);
    assert!(read.detected.guesses.iter().any(|g| g.contains("rounded")), "{:?}", read.detected.guesses);
    let begin = ms("2017-11-06T12:45:33Z");
    let expect = [(begin, "4.73"), (begin + 4000, "4.7"), (begin + 8000, "4.1"), (begin + 68_000, "5.1")];
    assert_eq!(read.of(":10:mass_air_flow"), expect);
    assert_eq!(read.of("::altitude")[0], (begin, "42"), "because each column has its own decimal sign");
    assert_eq!(explained(&read.report), [(RowReason::NoTime, 1)]);
    let left = super::read(file.as_bytes(), &Answers { restarts: Some(Restarts::Leave), ..start }).unwrap();
    assert_eq!(explained(&left.report), [(RowReason::NoTime, 1), (RowReason::Restarted, 1)]);
}

#[test]
fn a_plain_table_and_what_it_leaves_open() {
    let file = |a: &str, b: &str| format!("Datum;Drehzahl;Öldruck [bar]\n{a};812,5;1,5\n{b};820;2\n");
    let open = file("03/04/2024 10:00:00", "03/04/2024 10:00:01");
    assert_eq!(asked(&open, &Answers::default()), ["date_order", "zone"]);
    let answers = Answers { date_order: Some(DateOrder::Mdy), ..utc() };
    let read = read(open.as_bytes(), &answers).unwrap();
    assert_eq!(read.detected.mapping.layout, Layout::Wide);
    assert_eq!(read.of(":0C:engine_rpm")[0], (ms("2024-03-04T10:00:00Z"), "812.5"));
    assert_eq!(read.of("::oldruck")[1], (ms("2024-03-04T10:00:01Z"), "2"));
    let told = file("13/04/2024 10:00:00", "03/04/2024 10:00:01");
    assert_eq!(asked(&told, &utc()), Vec::<String>::new(), "because a 13th month tells the order");
    let zoned = file("2024-03-04T10:00:00Z", "2024-03-04T10:00:01Z");
    assert_eq!(asked(&zoned, &Answers::default()), Vec::<String>::new());
}

#[test]
fn a_date_and_a_time_in_two_columns() {
    let file = "Date\tTime\tEngine RPM (rpm)\n2024-03-04\t10:00:00\t800\n2024-03-04\t10:00:01\t810\n";
    let read = read(file.as_bytes(), &utc()).unwrap();
    assert_eq!(read.of(":0C:engine_rpm"), [(ms("2024-03-04T10:00:00Z"), "800"), (ms("2024-03-04T10:00:01Z"), "810")]);
}

#[test]
fn a_plain_table_with_a_row_per_value_and_signals_that_come_late() {
    let mut file = "timestamp,signal,value,unit\n".to_owned();
    for n in 0..3000 {
        file += &format!("{},Engine RPM,{},rpm\n", 1_700_000_000_000_i64 + n * 100, 800 + n);
    }
    file += "1700000400000,Turbo,5,bar\n1700000400100,Latitude,49.0,\n";
    let read = read(file.as_bytes(), &Answers::default()).unwrap();
    assert_eq!(read.detected.mapping.layout, Layout::Long);
    assert_eq!(read.of(":0C:engine_rpm").len(), 3000);
    assert_eq!(read.of("::turbo"), [(1_700_000_400_000, "5")]);
    assert_eq!(explained(&read.report), [(RowReason::Empty, 1)], "because a place is left out");
}

#[test]
fn our_own_files_come_back_as_they_were() {
    let long = "time,ecu,pid,name,label,value,unit,note\r\n\
        2024-03-04T10:00:00.000Z,7E8,0C,engine_rpm,Engine speed,812.5,rpm,\r\n\
        2024-03-04T10:00:00.010Z,7E8,03,fuel_system_1_status,Fuel system 1 status,closed loop,,\r\n\
        2024-03-04T10:00:00.020Z,7E8,0C,engine_rpm,Engine speed,,rpm,The ECU did not answer.\r\n\
        2024-03-04T10:00:00.030Z,,,,,,,mark: cold start\r\n\
        2024-03-04T10:00:00.040Z,7E8,0C,engine_rpm,Engine speed,'=1,rpm,\r\n";
    let read_long = read(long.as_bytes(), &Answers::default()).unwrap();
    assert_eq!(read_long.detected.mapping.layout, Layout::RoadworthyLong);
    let at = ms("2024-03-04T10:00:00Z");
    let rpm = [(at, "812.5"), (at + 20, "missing The ECU did not answer."), (at + 40, "word =1")];
    assert_eq!(read_long.of("7E8:0C:engine_rpm"), rpm);
    assert_eq!(read_long.of("7E8:03:fuel_system_1_status"), [(at + 10, "word closed loop")]);
    let wide = "time,Engine speed (7E8:0C) [rpm],Fuel system 1 status (7E8:03),mark\r\n\
        2024-03-04T10:00:00.000Z,812.5,closed loop,\r\n\
        2024-03-04T10:00:00.010Z,,,cold start\r\n";
    let read_wide = read(wide.as_bytes(), &Answers::default()).unwrap();
    assert_eq!(read_wide.detected.mapping.layout, Layout::RoadworthyWide);
    assert_eq!(read_wide.of("7E8:0C:engine_rpm"), [(at, "812.5")]);
    assert_eq!(read_wide.of("7E8:03:fuel_system_1_status"), [(at, "word closed loop")]);
}

#[test]
fn a_mapping_that_was_kept_reads_the_next_file_whatever_the_order_of_its_columns() {
    let first = "Time;Engine RPM;Boost [psi]\n2024-03-04 10:00:00;800;10\n2024-03-04 10:00:01;810;11\n";
    let mut mapping = kept(&look(first.as_bytes(), &utc()).unwrap().mapping);
    let boost = mapping.columns.iter_mut().find(|c| c.column == "Boost [psi]").unwrap();
    (boost.signal, boost.unit) = (":0B:intake_manifold_pressure".into(), "kPa".into());
    let next = b"Boost [psi];Time;Engine RPM\n10;2024-03-05 10:00:00;900\n";
    let lines = detect::head_lines(next, true);
    let detected = detect::by_mapping(&lines, mapping.clone(), &Answers::default()).unwrap();
    assert_eq!((detected.questions.as_slice(), detected.guesses.len()), (&[][..], 0));
    let read = read_by(next, detected).unwrap();
    assert_eq!(read.of(":0C:engine_rpm"), [(ms("2024-03-05T10:00:00Z"), "900")]);
    let changed = b"Time;Engine RPM;Speed\n2024-03-05 10:00:00;900;10\n";
    let lines = detect::head_lines(changed, true);
    let told = detect::by_mapping(&lines, mapping.clone(), &Answers::default()).unwrap().guesses.join(" ");
    assert!(told.contains("Boost [psi]") && told.contains("Speed"), "{told}");
    assert_eq!(read.of(":0B:intake_manifold_pressure")[0].1, "68.94757293168361");
    let other = b"Zeit;Drehzahl\n2024-03-05 10:00:00;900\n";
    let detected = detect::by_mapping(&detect::head_lines(other, true), mapping, &Answers::default()).unwrap();
    assert!(read_by(other, detected).is_err(), "because its columns are not there");
}

#[test]
fn a_mapping_asks_what_its_file_leaves_open_and_nothing_that_the_file_says() {
    let kept_of = |file: &str| kept(&look(file.as_bytes(), &Answers::default()).unwrap().mapping);
    let asks = |file: &str, mapping: Mapping| -> Vec<String> {
        let lines = detect::head_lines(file.as_bytes(), true);
        let detected = detect::by_mapping(&lines, mapping, &Answers::default()).unwrap();
        detected.questions.into_iter().map(|q| q.what).collect()
    };
    let said = "Time,Engine RPM [rpm],Vehicle speed [km/h]\n2025-04-05T07:30:00Z,900,0\n2025-04-05T07:30:01Z,910,1\n";
    assert_eq!(asks(said, kept_of(said)), [""; 0], "because each time says its zone");
    let wall = said.replace('Z', "");
    assert_eq!(asks(&wall, kept_of(&wall)), ["zone"]);
    let open = wall.replace("2025-04-05T", "05/04/2025 ");
    assert_eq!(asks(&open, kept_of(&open)), ["date_order", "zone"]);
    let told = open.replace("05/04/2025", "19/04/2025");
    assert_eq!(asks(&told, kept_of(&open)), ["zone"], "because no month is the 19th");
    let counted: String = (0..40u32).map(|n| format!("{},{},{}\n", n % 20 * 10, 900 + n, n)).collect();
    let counted = format!("Seconds,Engine RPM [rpm],Vehicle speed [km/h]\n{counted}");
    assert_eq!(
        asks(&counted, kept_of(&counted)),
        ["start", "restarts"],
        "because a column that is changed answers nothing"
    );
}
