//! What people meet, told apart: each with its code, its cause and the next step.

use crate::fake::{Fake, UNPLUG, check, check_at, outcome, texts};
use roadworthy_api::{Code, Error, check::Outcome};
use roadworthy_obd::adapter::Reset;

async fn failure(fake: Fake) -> Error {
    let error = check(fake).await.0.report.unwrap_err();
    assert!(!error.hint.is_empty(), "{error}");
    error
}

fn silent(answer: &'static str) -> Fake {
    Fake::new().each("0100", &["SEARCHING...\rUNABLE TO CONNECT\r\r>", answer])
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_stays_silent_is_told_by_what_is_known_of_it() {
    for (voltage, answer, message, hint) in [
        ("12.6V\r\r>", "CAN ERROR\r\r>", "has power, but no ECU answers", "12.6 V at the plug. Switch the ignition on"),
        ("9.4V\r\r>", "CAN ERROR\r\r>", "battery is low (9.4 V)", "charger"),
        ("12.6V\r\r>", "NO DATA\r\r>", "has power, but no ECU answers", "takes the request without answering"),
        // No divider, or no vehicle: it cannot be said that there is power.
        ("0.0V\r\r>", "CAN ERROR\r\r>", "answers, but no ECU does", "firmly"),
        ("?\r\r>", "BUS INIT: ...ERROR\r\r>", "answers, but no ECU does", "ignition"),
    ] {
        let error = failure(silent(answer).on("ATRV", voltage)).await;
        assert_eq!(error.code, Code::NoVehicle, "{error}");
        assert!(error.message.contains(message) && error.hint.contains(hint), "{voltage} {answer}: {error}");
        assert_eq!(error.hint.contains("takes the request"), answer.starts_with("NO DATA"), "{error}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clone_that_answers_question_marks_is_named_with_what_it_refuses() {
    let unknown = "?\r\r>";
    let tries = ["ATTP0", "ATTP1", "ATTP2", "ATTP3", "ATTP4", "ATTP5", "ATTP6", "ATTP7", "ATTP8", "ATTP9"];
    let no_protocol = tries.into_iter().fold(Fake::car(), |fake, command| fake.on(command, unknown));
    for (fake, words) in [
        (no_protocol, "every ATTP command"),
        (Fake::car().on("0100", unknown), "the request 0100"),
        (Fake::car().on("ATH1", unknown), "ATH1"),
    ] {
        let error = failure(fake).await;
        assert_eq!(error.code, Code::AdapterFault);
        assert!(error.message.contains(words) && error.hint.contains("another adapter"), "{words}: {error}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_prints_no_senders_is_no_silent_vehicle() {
    let error = failure(Fake::new().on("0100", "41 00 88 10 00 00 \r41 00 80 00 00 00 \r\r>")).await;
    assert_eq!(error.code, Code::AdapterFault);
    assert!(error.message.contains("ATH1"), "{error}");
}

/// A car of two ECUs behind an adapter that says OK to ATH1 and prints no senders.
fn without_senders() -> Fake {
    let both = "41 00 80 10 00 00 \r41 00 80 10 00 00 \r\r>";
    let fake = Fake::new().each("0100", &["SEARCHING...\r41 00 80 10 00 00 \r41 00 80 10 00 00 \r\r>", both]);
    ["ATCRA700", "ATCRA7E8", "ATCRA7E9", "ATCRA7EA", "ATCRA7EB", "ATCRA7EC", "ATCRA7ED", "ATCRA7EE", "ATCRA7EF"]
        .into_iter()
        .fold(fake.on("ATAR", "OK\r\r>"), |fake, filter| fake.on(filter, "OK\r\r>"))
}

#[tokio::test(start_paused = true)]
async fn without_senders_a_filter_is_believed_only_once_it_was_seen_to_work() {
    // The filter is accepted and shows everybody all the same: whose a line is nobody can tell.
    let (finished, sent) = check(without_senders()).await;
    assert_eq!(finished.report.unwrap_err().code, Code::AdapterFault);
    assert!(texts(&sent).contains(&"ATCRA700".to_owned()) && !texts(&sent).contains(&"ATCRA7E8".to_owned()));
    // With a filter that works each ECU is asked by itself.
    let (none, alone) = ("NO DATA\r\r>", "41 00 80 10 00 00 \r\r>");
    let answers = [
        "SEARCHING...\r41 00 80 10 00 00 \r41 00 80 10 00 00 \r\r>",
        "41 00 80 10 00 00 \r41 00 80 10 00 00 \r\r>",
        none,
        alone,
        alone,
        none,
        none,
        none,
        none,
        none,
        none,
        none,
        alone,
    ];
    let fake = without_senders().each("0100", &answers).each("03", &["43 01 03 01 \r\r>", "43 00 \r\r>"]);
    let report = check(fake).await.0.report.unwrap();
    let ecus: Vec<_> = report.ecus.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ecus, ["7E8", "7E9"]);
    let codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), c.ecu.as_str())).collect();
    assert_eq!(codes, [("P0301", "7E8")]);
    assert_eq!(outcome(&report, "03", "7E9"), Some(&Outcome::Answered));
}

#[tokio::test(start_paused = true)]
async fn pain_22_behind_a_filter_that_was_lost_nobody_is_believed() {
    let (none, alone) = ("NO DATA\r\r>", "41 00 80 10 00 00 \r\r>");
    let both = "41 00 80 10 00 00 \r41 00 80 10 00 00 \r\r>";
    let mut found = vec!["SEARCHING...\r41 00 80 10 00 00 \r41 00 80 10 00 00 \r\r>", both, none, alone, alone];
    found.extend([none; 7]);
    found.push(alone);
    let fake = || without_senders().each("0100", &found);
    let (one, other) = ("43 01 03 01 \r\r>", "43 00 \r\r>");
    for fallen in [
        // As after a reset: it repeats what it is sent, looks for a protocol, says its name.
        "03\r43 01 03 01 \r43 00 \r\r>",
        "SEARCHING...\r43 01 03 01 \r43 00 \r\r>",
        "SEARCHING...\r43 01 03 01 \r\r>",
        "ELM327 v1.5\r43 01 03 01 \r\r>",
    ] {
        let (finished, sent) = check(fake().each("03", &[one, fallen, one, other])).await;
        let report = finished.report.unwrap();
        let codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), c.ecu.as_str())).collect();
        assert_eq!(codes, [("P0301", "7E8")], "{fallen:?}");
        assert_eq!(outcome(&report, "03", "7E9"), Some(&Outcome::Answered), "{fallen:?}");
        assert_eq!(texts(&sent).iter().filter(|s| *s == "ATH1").count(), 2, "because it was set up again: {fallen:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_unplugged_during_a_check_leaves_what_was_read() {
    let code = "7E804430103 01\r\r>";
    let vin = "7E81014490201315257\r7E82154455354303058\r7E82230303030303031\r\r>";
    for (port, words) in [
        ("/dev/ttyUSB-gone", "there is no device /dev/ttyUSB-gone any more"),
        ("tcp://192.0.2.1", "192.0.2.1 closed the connection"),
        ("COM7", "The connection to the adapter"),
    ] {
        let fake = Fake::car().on("03", code).pauses("0A", &[&[(2, "7E8044A01"), (10, UNPLUG)]]).on("0902", vin);
        let (finished, _) = check_at(port, fake, Reset::Cold).await;
        let report = finished.report.unwrap();
        let error = report.partial.as_ref().unwrap();
        assert_eq!(error.code, Code::LinkLost);
        // On Windows a port has no file to look for.
        assert!(error.message.contains(words) || port == "COM7", "{error}");
        assert!(!error.hint.is_empty());
        assert_eq!(report.codes.len(), 1);
        assert_eq!(report.vin.as_deref(), Some("1RWTEST00X0000001"));
        assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
        for never in ["0A", "020200", "01"] {
            assert!(matches!(outcome(&report, never, "7E8"), Some(Outcome::NotAsked { .. })), "{never}");
        }
        assert!(!finished.traffic.chunks.is_empty());
    }
}

#[tokio::test(start_paused = true)]
async fn pain_24_an_absent_or_malformed_vin_says_what_came() {
    let list = "7E806490040000000\r\r>";
    for (answer, words) in [
        ("NO DATA\r\r>", "No ECU gave a VIN."),
        ("7E8037F0912\r\r>", "Engine refuses to give a VIN (subFunctionNotSupported)."),
        ("7E8101449020131\r\r>", "Engine sent a VIN that cannot be read."),
        // Seventeen characters, one of them an O.
        (
            "7E8101449020131524F\r7E82154455354303058\r7E82230303030303031\r\r>",
            "gives \"1ROTEST00X0000001\", which is no VIN",
        ),
    ] {
        let (finished, sent) = check(Fake::car().on("0900", list).on("0902", answer)).await;
        let report = finished.report.unwrap();
        assert_eq!(report.vin, None, "{answer}");
        let problem = report.vin_problem.unwrap();
        assert!(problem.contains(words), "{answer}: {problem}");
        // The check goes on without it.
        assert!(texts(&sent).contains(&"010C".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_has_no_time_is_asked_again_after_a_while_and_not_for_ever() {
    const BUSY: &str = "7E8037F0121\r\r>";
    for (answers, readings, times) in [
        (&[BUSY, BUSY, "7E804410C1AF8\r\r>"][..], 1, 3),
        (&[BUSY], 0, 5),
        // What another one gave at once stands, and is not doubled.
        (&["7E904410C0FA0\r7E8037F0121\r\r>", "7E904410C0FA4\r7E804410C1AF8\r\r>"], 2, 2),
    ] {
        let (finished, sent) = check(Fake::car().each("010C", answers)).await;
        let report = finished.report.unwrap();
        let asked: Vec<u64> = sent.lock().unwrap().iter().filter(|(_, t)| t == "010C").map(|(ms, _)| *ms).collect();
        assert_eq!(asked.len(), times, "{answers:?}: {asked:?}");
        assert!(asked.windows(2).all(|w| w[1] - w[0] >= 200), "{asked:?}");
        let got: Vec<&str> = report.snapshot.iter().filter(|r| r.request == "010C").map(|r| r.raw.as_str()).collect();
        assert_eq!(got.len(), readings, "{got:?}");
        assert!(!got.contains(&"410C0FA4"), "{got:?}");
        match (readings, outcome(&report, "010C", "7E8")) {
            (0, Some(Outcome::Refused { nrc, .. })) => assert_eq!(nrc, "21"),
            (0, other) => panic!("{other:?}"),
            (_, outcome) => assert_eq!(outcome, Some(&Outcome::Answered), "{answers:?}"),
        }
    }
}
