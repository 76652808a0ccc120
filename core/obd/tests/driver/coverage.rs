//! No gap goes unsaid: what came broken, came late or did not come has its row with the ECU it belongs to.

use crate::fake::{Fake, check, outcome};
use roadworthy_api::check::{CheckReport, Outcome};

const TWO: &str = "7E806410088100000\r7E906410088000000\r\r>";

fn ids(report: &CheckReport) -> Vec<&str> {
    report.ecus.iter().map(|e| e.id.as_str()).collect()
}

fn is_unreadable(outcome: Option<&Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Unreadable { .. }))
}

/// Whether a request has an unreadable answer that belongs to no ECU.
fn stray(report: &CheckReport, request: &str) -> bool {
    report.coverage.iter().any(|c| c.request == request && c.ecu.is_none() && is_unreadable(Some(&c.outcome)))
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_sends_only_broken_frames_is_known_and_unreadable() {
    // 0100, protocol, 03: each with one sound frame of the engine and one broken frame of another sender.
    for (first, protocol, answer, ecu) in [
        ("7E806410088100000\r\r>", "A6\r\r>", "7E8024300\r7E904430103\r\r>", "7E9"),
        ("7E806410088100000\r\r>", "A6\r\r>", "7E8024300\r7EF0443010\r\r>", "7EF"),
        // Sound as a frame, with a payload that no service 03 has.
        ("7E806410088100000\r\r>", "A6\r\r>", "7E8024300\r7E903430103\r\r>", "7E9"),
        ("18DAF11006410088100000\r\r>", "A7\r\r>", "18DAF110024300\r18DAF118044301\r\r>", "18DAF118"),
        // KWP: the checksum is wrong, the header is one of a reply.
        ("86F11041008810000060\r\r>", "A5\r\r>", "87F11043030104200000F3\r87F1184303010420000000\r\r>", "18"),
    ] {
        let (finished, _) = check(Fake::new().on("0100", first).on("ATDPN", protocol).on("03", answer)).await;
        let report = finished.report.unwrap();
        assert!(ids(&report).contains(&ecu), "{answer} {:?}", ids(&report));
        assert!(is_unreadable(outcome(&report, "03", ecu)), "{answer} {:?}", outcome(&report, "03", ecu));
        assert!(!stray(&report, "03"), "{answer}");
        assert_eq!(outcome(&report, "07", ecu), Some(&Outcome::Silent), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_broken_frame_of_no_plausible_sender_is_a_gap_without_an_ecu() {
    for (first, protocol, answer) in [
        // A lost digit, an id that no ECU of OBD-II answers with, no id at all.
        ("7E806410088100000\r\r>", "A6\r\r>", "7E8024300\rE80443010\r\r>"),
        ("7E806410088100000\r\r>", "A6\r\r>", "7E8024300\r7C90443010\r\r>"),
        ("18DAF11006410088100000\r\r>", "A7\r\r>", "18DAF110024300\r18DBF118044301\r\r>"),
        // KWP: neither checksum nor header fits.
        ("86F11041008810000060\r\r>", "A5\r\r>", "87F11043030104200000F3\r17F2184303010420000000\r\r>"),
    ] {
        let (finished, _) = check(Fake::new().on("0100", first).on("ATDPN", protocol).on("03", answer)).await;
        let report = finished.report.unwrap();
        assert_eq!(report.ecus.len(), 1, "{answer} {:?}", ids(&report));
        assert!(stray(&report, "03"), "{answer} {:?}", report.coverage);
        assert_eq!(outcome(&report, "03", ids(&report)[0]), Some(&Outcome::Answered), "{answer}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ecu_first_heard_late_has_a_row_for_every_earlier_question() {
    let late = "7E8054202000000\r7E9054202000000\r\r>";
    let (finished, _) = check(Fake::car().on("07", "7E8024700\r7C90447010\r\r>").on("020200", late)).await;
    let report = finished.report.unwrap();
    for (request, expect) in
        [("0100", false), ("0900", false), ("0902", false), ("0101", false), ("03", false), ("07", true), ("0A", false)]
    {
        let row = outcome(&report, request, "7E9");
        // A frame that nobody can place may have been its own.
        if expect {
            assert!(is_unreadable(row), "{request} {row:?}");
        } else {
            assert_eq!(row, Some(&Outcome::Silent), "{request}");
        }
        let rows = report.coverage.iter().filter(|c| c.request == request && c.ecu.as_deref() == Some("7E9"));
        assert_eq!(rows.count(), 1, "{request}");
    }
    // What only others were asked needs no row.
    assert_eq!(outcome(&report, "010C", "7E9"), None);
}

#[tokio::test(start_paused = true)]
async fn not_asked_is_never_said_of_a_request_that_went_out() {
    for (list, expect) in [
        // 7E9 gives no list: it was asked and said nothing.
        ("7E806490040000000\r\r>", "silent"),
        // Its own list names no VIN.
        ("7E806490040000000\r7E906490004000000\r\r>", "not asked"),
        // Its own list names it.
        ("7E806490040000000\r7E906490040000000\r\r>", "silent"),
        // Nobody gives a list; the VIN is asked all the same.
        ("NO DATA\r\r>", "silent"),
    ] {
        let (finished, _) = check(Fake::car().on("0100", TWO).on("0900", list)).await;
        let report = finished.report.unwrap();
        let said = match outcome(&report, "0902", "7E9") {
            Some(Outcome::Silent) => "silent",
            Some(Outcome::NotAsked { .. }) => "not asked",
            other => panic!("{list} {other:?}"),
        };
        assert_eq!(said, expect, "{list}");
        assert!(matches!(outcome(&report, "090A", "7E9"), Some(Outcome::NotAsked { .. })), "nothing was sent: {list}");
    }
}
