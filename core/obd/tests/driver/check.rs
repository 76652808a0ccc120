//! Whole checks: per ECU, on every kind of bus, and honest about what was not answered.

use crate::fake::{Fake, check, outcome, texts};
use roadworthy_api::check::Outcome;

const TWO: &str = "7E806410088100000\r7E906410088000000\r\r>";

#[tokio::test(start_paused = true)]
async fn an_ecu_that_stays_silent_is_not_one_without_codes() {
    let (finished, _) = check(Fake::car().on("0100", TWO)).await;
    let report = finished.report.unwrap();
    assert_eq!(report.ecus.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["Engine", "Transmission"]);
    assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
    assert_eq!(outcome(&report, "03", "7E9"), Some(&Outcome::Silent));
    assert_eq!(outcome(&report, "0A", "7E9"), Some(&Outcome::Silent));
    let refused = Outcome::Refused { nrc: "11".into(), meaning: "serviceNotSupported".into() };
    assert_eq!(outcome(&report, "0A", "7E8"), Some(&refused));
}

#[tokio::test(start_paused = true)]
async fn pain_22_two_ecus_without_codes_give_no_code() {
    for answer in ["7E8024300\r7E9024300\r\r>", "7E8 02 43 00 \r7E9 02 43 00 \r\r>"] {
        let (finished, _) = check(Fake::car().on("0100", TWO).on("03", answer)).await;
        let report = finished.report.unwrap();
        assert!(report.codes.is_empty(), "{:?}", report.codes);
        assert_eq!(outcome(&report, "03", "7E9"), Some(&Outcome::Answered));
    }
}

#[tokio::test(start_paused = true)]
async fn an_ecu_is_asked_only_for_what_any_ecu_says_it_has() {
    let (finished, sent) = check(Fake::car().on("0100", TWO)).await;
    let report = finished.report.unwrap();
    // 7E8 says 01, 05, 0C; 7E9 says 01, 05. Their lists are not mixed.
    assert_eq!(report.ecus[0].supported, ["01", "05", "0C"]);
    assert_eq!(report.ecus[1].supported, ["01", "05"]);
    assert_eq!(outcome(&report, "010C", "7E9"), None);
    assert_eq!(outcome(&report, "0105", "7E9"), Some(&Outcome::Silent));
    assert!(!texts(&sent).contains(&"0120".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn the_list_of_one_ecu_goes_on_while_the_others_ends() {
    let fake = Fake::car()
        .on("0100", "7E806410088100000\r7E906410000000001\r\r>")
        .on("0120", "7E906412040000000\r\r>")
        .on("0122", "7E904412200 10\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.ecus[1].supported, ["20", "22"]);
    assert_eq!(outcome(&report, "0120", "7E8"), None);
    assert_eq!(outcome(&report, "0120", "7E9"), Some(&Outcome::Answered));
}

#[tokio::test(start_paused = true)]
async fn without_a_cause_no_freeze_frame_is_read() {
    // An ECU after a clear answers zeros to every value: −40 °C and standing still.
    let fake = Fake::car().on("020000", "7E80742000008100000\r\r>").on("020500", "7E80442050000\r\r>");
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    assert!(report.freeze_frames.is_empty());
    assert!(!texts(&sent).iter().any(|s| s == "020500" || s == "020000"));
}

#[tokio::test(start_paused = true)]
async fn a_freeze_frame_holds_what_its_own_list_says() {
    let fake = Fake::car()
        .on("0100", TWO)
        .on("020200", "7E8054202000301\r7E9054202000000\r\r>")
        .on("020000", "7E80742000048100000\r7E90742000008000000\r\r>")
        .on("020500", "7E8044205007B\r7E90442050000\r\r>")
        .on("020C00", "7E805420C001AF8\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    let [frame] = report.freeze_frames.as_slice() else { panic!("{:?}", report.freeze_frames) };
    assert_eq!((frame.ecu.as_str(), frame.cause.as_str()), ("7E8", "P0301"));
    assert_eq!(frame.items.iter().map(|i| i.pid.as_str()).collect::<Vec<_>>(), ["05", "0C"]);
}

#[tokio::test(start_paused = true)]
async fn an_infotype_that_no_ecu_lists_is_not_asked_and_says_so() {
    let fake = Fake::car()
        .on("0900", "7E806490040000000\r\r>")
        .on("0902", "7E81014490201315257\r7E82154455354303058\r7E82230303030303031\r\r>");
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    assert!(!texts(&sent).contains(&"090A".to_owned()));
    assert!(matches!(outcome(&report, "090A", "7E8"), Some(Outcome::NotAsked { reason }) if reason.contains("list")));
}

#[tokio::test(start_paused = true)]
async fn pain_24_a_vin_cut_short_is_no_vin_and_says_why() {
    // The second of three frames is missing.
    let fake =
        Fake::car().on("0900", "7E806490040000000\r\r>").on("0902", "7E81014490201315257\r7E82230303030303031\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.vin, None);
    assert!(report.vin_problem.is_some());
    assert!(!report.rejected.is_empty());
    assert!(matches!(outcome(&report, "0902", "7E8"), Some(Outcome::Unreadable { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_k_line_car_is_read_with_its_own_layout() {
    // KWP fast: no count byte in service 03, and the frame's own length and checksum.
    let fake = Fake::new()
        .each("0100", &["SEARCHING...\r86F11041008810000060\r\r>", "86F11041008810000060\r\r>"])
        .on("ATDPN", "A5\r\r>")
        .on("0101", "86F11041018107E5043A\r\r>")
        .on("03", "87F11043030104200000F3\r\r>")
        .on("07", "87F11047000000000000CF\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.ecus[0].name, "Engine");
    let codes: Vec<_> = report.codes.iter().map(|c| c.code.as_str()).collect();
    assert_eq!(codes, ["P0301", "P0420"], "rejected {:?}", report.rejected);
    assert_eq!(outcome(&report, "07", "10"), Some(&Outcome::Answered), "rejected {:?}", report.rejected);
}

#[tokio::test(start_paused = true)]
async fn pain_23_a_29_bit_car_is_read_per_ecu() {
    let both = "18DAF11006410088100000\r18DAF11D06410088000000\r\r>";
    let fake = Fake::new().on("0100", both).on("ATDPN", "A7\r\r>").on("03", "18DAF110044301 0301\r18DAF11D024300\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.ecus.iter().map(|e| e.name.as_str()).collect::<Vec<_>>(), ["Engine", "ECU 18DAF11D"]);
    assert_eq!(report.codes.iter().map(|c| c.ecu.as_str()).collect::<Vec<_>>(), ["18DAF110"]);
}
