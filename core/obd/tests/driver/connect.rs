//! Finding the vehicle.

use crate::fake::{Fake, check, texts};
use roadworthy_api::Code;

fn protocol(report: &roadworthy_api::check::CheckReport) -> &str {
    report.protocol.as_ref().map_or("", |p| &p.id)
}

const DATA: &str = "7E806410088100000\r\r>";

#[tokio::test(start_paused = true)]
async fn unable_to_connect_is_followed_by_each_protocol_by_itself() {
    let fake =
        Fake::car().each("0100", &["SEARCHING...\rUNABLE TO CONNECT\r\r>", "CAN ERROR\r\r>", "CAN ERROR\r\r>", DATA]);
    let (finished, sent) = check(fake).await;
    assert_eq!(protocol(&finished.report.unwrap()), "8");
    let tried: Vec<_> = texts(&sent).into_iter().filter(|s| s.starts_with("ATTP")).collect();
    // What can pass by itself gets a second chance.
    assert_eq!(tried, ["ATTP0", "ATTP6", "ATTP6", "ATTP8"]);
}

#[tokio::test(start_paused = true)]
async fn every_protocol_is_tried_before_no_vehicle_is_said() {
    let fake = Fake::new().on("0100", "UNABLE TO CONNECT\r\r>").on("ATRV", "12.4V\r\r>");
    let (finished, sent) = check(fake).await;
    let error = finished.report.unwrap_err();
    assert_eq!(error.code, Code::NoVehicle);
    assert!(error.message.contains("has power") && error.hint.contains("12.4 V"), "{error}");
    assert!(error.hint.contains("ignition on"), "{error}");
    let tried = texts(&sent).iter().filter(|s| s.starts_with("ATTP")).count();
    assert_eq!(tried, 10);
}

#[tokio::test(start_paused = true)]
async fn an_unresolved_automatic_protocol_is_not_believed() {
    for unresolved in ["A0\r\r>", "0\r\r>", "?\r\r>", "AUTO\r\r>"] {
        let (finished, sent) = check(Fake::car().on("ATDPN", unresolved)).await;
        assert_eq!(protocol(&finished.report.unwrap()), "6", "{unresolved}");
        assert!(texts(&sent).contains(&"ATTP6".to_owned()));
    }
}

#[tokio::test(start_paused = true)]
async fn a_protocol_that_does_not_fit_the_answer_is_not_believed() {
    // The adapter says KWP, but the line is a CAN frame: taken for KWP it would show codes that do not exist.
    let (finished, _) = check(Fake::car().on("ATDPN", "A5\r\r>")).await;
    assert_eq!(protocol(&finished.report.unwrap()), "6");
}

#[tokio::test(start_paused = true)]
async fn a_search_of_fifteen_seconds_is_waited_for() {
    let slow: &[(u64, &str)] = &[(5, "SEARCHING"), (14_900, "...\r7E806410088100000\r\r>")];
    let (finished, sent) = check(Fake::car().pauses("0100", &[slow, &[(3, DATA)]])).await;
    assert_eq!(protocol(&finished.report.unwrap()), "6");
    assert!(!texts(&sent).iter().any(|s| s.starts_with("EARLY") || s == "ATTP6"));
}

#[tokio::test(start_paused = true)]
async fn searching_glued_to_the_answer_does_not_hide_it() {
    for first in [
        "SEARCHING...7E806410088100000\r\r>",
        "SEARCHING...\r7E8 06 41 00 88 10 00 00 \r7E9 06 41 00 88 10 00 00 \r\r>",
    ] {
        let (finished, _) = check(Fake::car().each("0100", &[first, DATA])).await;
        assert!(finished.report.is_ok(), "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_refuses_service_01_is_a_vehicle() {
    let refusal = "83F1107F011115\r\r>";
    let fake = Fake::new()
        .each("0100", &["SEARCHING...\r83F1107F011115\r\r>", refusal])
        .on("ATDPN", "A5\r\r>")
        .on("0101", refusal);
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!((protocol(&report), report.ecus.len()), ("5", 1));
    assert!(report.snapshot.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_slow_k_line_initialisation_is_waited_for() {
    let init: &[(u64, &str)] = &[(5, "BUS INIT: "), (7_500, "...OK\r486B104100880000008C\r\r>")];
    let fake = Fake::new().pauses(
        "0100",
        &[
            &[(3, "UNABLE TO CONNECT\r\r>")],
            &[(3, "NO DATA\r\r>")],
            &[(3, "NO DATA\r\r>")],
            &[(3, "NO DATA\r\r>")],
            &[(3, "NO DATA\r\r>")],
            &[(3, "NO DATA\r\r>")],
            &[(3, "NO DATA\r\r>")],
            init,
            &[(3, "486B104100880000008C\r\r>")],
        ],
    );
    let (finished, _) = check(fake).await;
    assert_eq!(protocol(&finished.report.unwrap()), "3");
}
