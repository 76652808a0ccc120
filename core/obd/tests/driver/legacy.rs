//! Whole checks on the buses from before CAN: J1850, ISO 9141-2 and KWP.

use crate::fake::{Fake, check, outcome, texts};
use roadworthy_api::{
    Code,
    check::{CheckReport, CodeClass, Outcome},
};
use roadworthy_obd::{
    adapter::{Adapter, Request, Reset},
    bus, line,
};
use std::time::Duration;

/// A line as the adapter prints it on bus `id`: header, data, check byte.
fn row(id: char, ecu: &str, data: &str) -> String {
    let header = match id {
        '1' => format!("416B{ecu}"),
        '2' | '3' => format!("486B{ecu}"),
        _ => format!("{:02X}F1{ecu}", 0x80 | (data.len() / 2)),
    };
    let bytes = line::unhex(&format!("{header}{data}")).unwrap();
    let check = match id {
        '1' | '2' => !bytes.iter().fold(0xFFu8, |crc, byte| {
            (0..8).fold(crc ^ byte, |crc, _| if crc >= 0x80 { crc << 1 ^ 0x1D } else { crc << 1 })
        }),
        _ => bytes.iter().fold(0u8, |sum, b| sum.wrapping_add(*b)),
    };
    format!("{header}{data}{check:02X}\r")
}

fn said(rows: &[String]) -> &'static str {
    Box::leak(format!("{}\r>", rows.concat()).into_boxed_str())
}

/// The lines of a reply to `09 infotype` of twenty bytes.
fn numbered(id: char, ecu: &str, infotype: u8, bytes: &[u8]) -> Vec<String> {
    let part = |(i, part): (usize, &[u8])| row(id, ecu, &format!("49{infotype:02X}{:02X}{}", i + 1, line::hex(part)));
    bytes.chunks(4).enumerate().map(part).collect()
}

const VIN: &[u8] = b"\0\0\x001RWTEST00X0000001";

/// A car with four stored codes in the engine (address 10), one in the transmission (18), a VIN, and no service 0A.
fn car(id: char) -> Fake {
    let one = |ecu, data| said(&[row(id, ecu, data)]);
    let both = |engine, gearbox| said(&[row(id, "10", engine), row(id, "18", gearbox)]);
    let init = match id {
        '3' | '4' => "SEARCHING...\rBUS INIT: ...OK\r",
        '5' => "BUS INIT: OK\r",
        _ => "SEARCHING...\r",
    };
    let list = both("410088100000", "410080000000");
    let first: &'static str = Box::leak(format!("{init}{list}").into_boxed_str());
    let number: &'static str = Box::leak(format!("A{id}\r\r>").into_boxed_str());
    Fake::new()
        .each("0100", &[first, list])
        .on("ATDPN", number)
        .on("0101", both("410184076500", "410101000000"))
        .on(
            "03",
            said(&[row(id, "10", "43030101040420"), row(id, "18", "43070000000000"), row(id, "10", "43044200000000")]),
        )
        .on("07", both("47000000000000", "47000000000000"))
        .on("020200", both("4202000301", "4202000000"))
        .on("020000", one("10", "42000008000000"))
        .on("020500", one("10", "4205007B"))
        .on("0900", one("10", "49000140000000"))
        .on("0902", said(&numbered(id, "10", 0x02, VIN)))
        .on("0105", one("10", "41057B"))
        .on("010C", one("10", "410C1AF8"))
}

fn codes(report: &CheckReport) -> Vec<(&str, &str)> {
    report.codes.iter().map(|c| (c.code.as_str(), c.ecu.as_str())).collect()
}

#[tokio::test(start_paused = true)]
async fn a_check_on_each_old_bus_reads_everything() {
    for id in ['1', '2', '3', '4', '5'] {
        let (finished, sent) = check(car(id)).await;
        let report = finished.report.unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!(report.protocol.as_ref().unwrap().id, id.to_string());
        assert_eq!(report.partial, None);
        assert_eq!(report.rejected, [], "{id}");
        assert_eq!(report.ecus.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["Engine", "Transmission"]);
        // Four codes in two lines, the other ECU's line between them.
        let expect = [("P0301", "10"), ("P0104", "10"), ("P0420", "10"), ("P0700", "18"), ("P0442", "10")];
        assert_eq!(codes(&report), expect, "{id}");
        assert!(report.codes.iter().all(|c| c.class == CodeClass::Stored));
        assert_eq!(report.vin.as_deref(), Some("1RWTEST00X0000001"), "{id}: {:?}", report.vin_problem);
        assert_eq!((report.readiness.len(), report.readiness[0].mil, report.readiness[0].dtc_count), (2, true, 4));
        let [frame] = report.freeze_frames.as_slice() else { panic!("{id}: {:?}", report.freeze_frames) };
        assert_eq!((frame.cause.as_str(), frame.items.len()), ("P0301", 1));
        assert_eq!(report.snapshot.len(), 2);
        // No service 0A before CAN: silence is said as silence, and is no refusal and no answer.
        for ecu in ["10", "18"] {
            assert_eq!(outcome(&report, "0A", ecu), Some(&Outcome::Silent), "{id}");
            assert_eq!(outcome(&report, "07", ecu), Some(&Outcome::Answered), "{id}");
        }
        // One PID a request, and nothing that touches the adapter's wake-up messages or timing of the K-line.
        for text in texts(&sent) {
            assert!(text.starts_with("AT") || text.len() <= 6, "{text}");
            assert!(
                !["ATSW", "ATWM", "ATKW", "ATAL", "ATSI", "ATFI"].iter().any(|bad| text.starts_with(bad)),
                "{text}"
            );
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_protocol_whose_initialisation_fails_is_followed_by_the_next() {
    for id in ['4', '5'] {
        let found = row(id, "11", "410088000000");
        let found: &'static str = Box::leak(format!("BUS INIT: ...OK\r{found}\r>").into_boxed_str());
        let error = "BUS INIT: ...ERROR\r\r>";
        let mut answers = vec!["SEARCHING...\rUNABLE TO CONNECT\r\r>"];
        // 6, 8, 1, 7, 9, 2, then the K-line.
        for said in
            ["CAN ERROR\r\r>", "CAN ERROR\r\r>", "NO DATA\r\r>", "CAN ERROR\r\r>", "CAN ERROR\r\r>", "NO DATA\r\r>"]
        {
            // An error of the bus may pass by itself, so each is asked for twice.
            answers.extend(std::iter::repeat_n(said, if said.starts_with("CAN") { 2 } else { 1 }));
        }
        answers.extend(std::iter::repeat_n(error, usize::from(id as u8 - b'3')));
        answers.push(found);
        answers.push(said(&[row(id, "11", "410088000000")]));
        let (finished, _) = check(Fake::new().each("0100", &answers)).await;
        let report = finished.report.unwrap_or_else(|e| panic!("{id}: {e}"));
        assert_eq!(report.protocol.unwrap().id, id.to_string());
        assert_eq!(report.ecus[0].name, "ECU 11");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_that_fell_asleep_is_woken_once_more() {
    let error = "BUS INIT: ERROR\r\r>";
    let answer = said(&[row('5', "10", "41057B")]);
    let (finished, sent) = check(car('5').each("0105", &[error, answer])).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial, None);
    assert_eq!(outcome(&report, "0105", "10"), Some(&Outcome::Answered));
    let at: Vec<u64> = sent.lock().unwrap().iter().filter(|(_, s)| s == "0105").map(|(ms, _)| *ms).collect();
    assert_eq!(at.len(), 2);
    // To the ECU the old session runs for five seconds.
    assert!(at[1] - at[0] >= 5000, "woken again after {} ms", at[1] - at[0]);
    let (finished, _) = check(car('5').on("0105", error)).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::NoVehicle));
    assert_eq!(codes(&report).len(), 5);
}

#[tokio::test(start_paused = true)]
async fn silence_after_a_pause_on_the_k_line_is_asked_again() {
    let answer = said(&[row('3', "10", "41057B")]);
    for (pause, asked, heard) in [(6, 2, true), (1, 1, false)] {
        let (link, sent) = car('3').each("0105", &["NO DATA\r\r>", answer]).link();
        let mut adapter = Adapter::start(link, Reset::Cold).await.unwrap();
        adapter.connect().await.unwrap();
        let request = |pid| Request::new(&[0x01, pid]).unwrap();
        bus::ask(&mut adapter, &request(0x00)).await.unwrap();
        tokio::time::sleep(Duration::from_secs(pause)).await;
        let replies = bus::ask(&mut adapter, &request(0x05)).await.unwrap();
        assert_eq!(replies.heard("10"), heard, "after {pause} s");
        assert_eq!(texts(&sent).iter().filter(|s| *s == "0105").count(), asked, "after {pause} s");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ecu_on_the_k_line_that_asks_for_patience_gets_it() {
    let wait = said(&[row('5', "10", "7F0378")]);
    let answer = said(&[row('5', "10", "43030100000000")]);
    // While the ECU works the bus may fall asleep, too.
    for answers in [&[wait, answer][..], &[wait, "BUS INIT: ERROR\r\r>", answer]] {
        let (finished, _) = check(car('5').each("03", answers)).await;
        let report = finished.report.unwrap();
        assert_eq!(codes(&report), [("P0301", "10")]);
        assert_eq!(outcome(&report, "03", "10"), Some(&Outcome::Answered));
        assert_eq!(outcome(&report, "03", "18"), Some(&Outcome::Silent));
    }
}

#[tokio::test(start_paused = true)]
async fn a_row_of_zeros_harms_only_the_ecu_whose_answer_is_missing() {
    let zeros = "000000000000\r";
    for id in ['1', '2', '3', '5'] {
        let full = [row(id, "10", "43030100000000"), row(id, "18", "43000000000000")].concat();
        let half = row(id, "10", "43030100000000");
        let all: &'static str = Box::leak(format!("{zeros}{full}\r>").into_boxed_str());
        let some: &'static str = Box::leak(format!("{half}{zeros}\r>").into_boxed_str());
        let (finished, sent) = check(car(id).on("03", all)).await;
        let report = finished.report.unwrap();
        assert_eq!(outcome(&report, "03", "10"), Some(&Outcome::Answered), "{id}");
        assert_eq!(outcome(&report, "03", "18"), Some(&Outcome::Answered), "{id}");
        assert!(!report.coverage.iter().any(|c| c.request == "03" && c.ecu.is_none()), "{id}");
        assert!(report.rejected.iter().any(|r| r.request == "03"), "{id}: it is kept all the same");
        assert_eq!(report.ecus.len(), 2, "{id}: no ECU 00");
        assert_eq!(texts(&sent).iter().filter(|s| *s == "03").count(), 1, "{id}: nothing is missing");
        // It may stand where the other ECU's answer should be: that is not silence.
        let (finished, _) = check(car(id).on("03", some)).await;
        let report = finished.report.unwrap();
        assert_eq!(outcome(&report, "03", "10"), Some(&Outcome::Answered), "{id}");
        assert!(matches!(outcome(&report, "03", "18"), Some(Outcome::Unreadable { .. })), "{id}");
        let (finished, _) = check(car(id).on("0101", "000000000000\r\r>")).await;
        let report = finished.report.unwrap();
        assert!(matches!(outcome(&report, "0101", "10"), Some(Outcome::Unreadable { .. })), "{id}");
        assert!(report.readiness.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn pain_24_a_vin_with_a_line_missing_is_none_and_says_why() {
    for missing in 0..5 {
        let mut lines = numbered('3', "10", 0x02, VIN);
        lines.remove(missing);
        let (finished, sent) = check(car('3').on("0902", said(&lines))).await;
        let report = finished.report.unwrap();
        assert_eq!(report.vin, None, "without line {missing}");
        assert!(matches!(outcome(&report, "0902", "10"), Some(Outcome::Unreadable { .. })), "without line {missing}");
        assert_eq!(report.rejected.len(), 4);
        // Spoilt on the bus, perhaps: worth one more question.
        assert_eq!(texts(&sent).iter().filter(|s| *s == "0902").count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn tests_of_oxygen_sensors_and_components_are_read_where_an_old_car_names_them() {
    for id in ['1', '2', '3', '4', '5'] {
        let one = |data| said(&[row(id, "10", data)]);
        let lists = said(&[row(id, "10", "410088102000"), row(id, "18", "410080000000")]);
        let fake = car(id)
            .on("0100", lists)
            .on("0113", one("411313"))
            .on("0600", one("4600FF88000000"))
            .on("0601", said(&[row(id, "10", "46010100400080"), row(id, "10", "46018100300010")]))
            .on("0605", one("46050201230100"))
            .on("050001", one("450001C8000000"))
            .on("050101", one("4501015A"))
            .on("050201", one("45020164"))
            .on("050501", one("4505010F0019"))
            .on("050002", one("45000280000000"))
            .on("050102", one("4501025A"))
            .on("050010", one("45001080000000"))
            .on("050110", one("45011060"));
        let (finished, _) = check(fake).await;
        let report = finished.report.unwrap();
        let read: Vec<_> = report
            .monitors
            .iter()
            .map(|m| (m.request.as_str(), m.monitor.as_str(), m.value, m.min, m.max, m.pass, m.unit.as_str()))
            .collect();
        let first = "Oxygen sensor, bank 1 sensor 1";
        assert_eq!(
            read,
            [
                ("0601", "Component 01", 64.0, None, Some(128.0), true, ""),
                ("0601", "Component 01", 48.0, Some(16.0), None, true, ""),
                ("0605", "Component 02", 291.0, None, Some(256.0), false, ""),
                ("050101", first, 0.45, None, None, true, "V"),
                ("050201", first, 0.5, None, None, true, "V"),
                ("050501", first, 0.06, Some(0.0), Some(0.1), true, "s"),
                ("050102", "Oxygen sensor, bank 1 sensor 2", 0.45, None, None, true, "V"),
                ("050110", "Oxygen sensor, sent as 10", 0.48, None, None, true, "V"),
            ],
            "bus {id}, {:?}",
            report.rejected
        );
        assert_eq!(report.partial, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_an_old_car_does_not_have_ends_the_questions() {
    let (finished, sent) = check(car('3')).await;
    let report = finished.report.unwrap();
    assert_eq!(report.monitors, []);
    assert_eq!(outcome(&report, "0600", "10"), Some(&Outcome::Silent));
    // No present value names an oxygen sensor.
    assert!(!texts(&sent).iter().any(|s| s.starts_with("05")), "{:?}", texts(&sent));
}
