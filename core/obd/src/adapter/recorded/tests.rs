use super::*;
use crate::{
    adapter::{Adapter, Reset},
    bus::{self, Replies},
};

const HEAD: &str = "roadworthy-traffic 1\n0 > ATZ\\r\n800 < \\rELM327 v1.5\\r\\r>\n810 > ATH1\\r\n811 < OK\\r\\r>\n\
    820 > ATRV\\r\n821 < 14.1V\\r\\r>\n830 > ATTP0\\r\n831 < OK\\r\\r>\n\
    840 > 0100\\r\n900 < SEARCHING...\\r7E806410088100000\\r\\r>\n910 > ATDPN\\r\n911 < A6\\r\\r>\n\
    920 > 0100\\r\n930 < 7E806410088100000\\r\\r>\n";

fn recording(rest: &str) -> Traffic {
    Traffic::parse(&format!("{HEAD}{rest}")).unwrap()
}

/// One exchange each: what was sent, and what came up to its prompt.
fn dialogue(exchanges: &[(&str, &str)]) -> Traffic {
    let mut ms = 1000;
    let mut rest = String::new();
    for (sent, came) in exchanges {
        rest.push_str(&format!("{ms} > {sent}\\r\n{} < {}\n", ms + 20, came.replace('\r', "\\r")));
        ms += 100;
    }
    recording(&rest)
}

async fn on(traffic: Traffic) -> Adapter {
    let mut adapter = Adapter::start(traffic, Reset::Cold).await.unwrap();
    adapter.connect().await.unwrap();
    adapter
}

async fn ask(adapter: &mut Adapter, hex: &str) -> Replies {
    let request = Request::new(&crate::line::unhex(hex).unwrap()).unwrap();
    bus::ask(adapter, &request).await.unwrap()
}

/// What is answered, as `7E8 410C1AF8`, with refusals, trouble and what was not asked in words.
async fn said(adapter: &mut Adapter, hex: &str) -> Vec<String> {
    let replies = ask(adapter, hex).await;
    let answers = replies.answers.iter().map(|(ecu, payload)| format!("{ecu} {}", crate::line::hex(payload)));
    let refusals = replies.refusals.iter().map(|(ecu, nrc)| format!("{ecu} refuses {nrc:02X}"));
    answers.chain(refusals).chain(replies.trouble).chain(replies.not_asked).collect()
}

#[tokio::test]
async fn what_was_asked_is_answered_whatever_the_order_and_nothing_else() {
    let traffic = dialogue(&[
        ("03", "7E8024300\r\r>"),
        ("0105", "7E80341057B\r\r>"),
        ("07", "NO DATA\r\r>"),
        ("0A", "7E8037F0A11\r\r>"),
    ]);
    let mut adapter = on(traffic).await;
    assert_eq!((adapter.info().claims.as_str(), adapter.info().voltage), ("ELM327 v1.5", Some(14.1)));
    assert_eq!(adapter.protocol().map(Protocol::id), Some('6'));
    for (request, expect) in [
        ("0A", &["7E8 refuses 11"][..]),
        ("0105", &["7E8 41057B"]),
        ("010C", &[NOT_RECORDED]),
        ("07", &[]),
        ("03", &["7E8 4300"]),
        // Asked once then: what it says now nobody knows.
        ("03", &[NOT_RECORDED]),
        ("0100", &["7E8 410088100000"]),
        // What is supported does not change.
        ("0100", &["7E8 410088100000"]),
    ] {
        assert_eq!(said(&mut adapter, request).await, expect, "{request}");
    }
}

#[tokio::test]
async fn a_request_asked_several_times_is_answered_in_its_order() {
    let rpm = |n: u8| format!("7E804410C1A{n:02X}\r\r>");
    let (one, two, three) = (rpm(1), rpm(2), rpm(3));
    let traffic = dialogue(&[("010C", &one), ("010C", &two), ("010D", "7E803410D05\r\r>"), ("010C", &three)]);
    let mut adapter = on(traffic).await;
    assert_eq!(said(&mut adapter, "010C").await, ["7E8 410C1A01"]);
    assert_eq!(said(&mut adapter, "010D").await, ["7E8 410D05"]);
    assert_eq!(
        said(&mut adapter, "010C").await,
        ["7E8 410C1A02"],
        "because the first was good and this a new question"
    );
    assert_eq!(said(&mut adapter, "010C").await, ["7E8 410C1A03"]);
    assert_eq!(said(&mut adapter, "010C").await, [NOT_RECORDED]);
}

#[tokio::test]
async fn a_second_try_is_of_the_same_question_and_never_of_the_next() {
    let good = "7E80341057B\r\r>";
    let later = "7E803410580\r\r>";
    for (spoilt, expect) in [
        ("STOPPED\r\r>", "7E8 41057B"),
        ("7E8034105<DATA ERROR\r\r>", "7E8 41057B"),
        ("NO DATA\r\r>", "7E8 41057B"),
        ("LV RESET\r\r>", "7E8 41057B"),
        ("\r>", "7E8 41057B"),
        // Good now, though the driver of then asked again.
        ("SEARCHING...\r7E80341057B\r7E80341057B\r\r>", "7E8 41057B"),
    ] {
        let traffic =
            dialogue(&[("0105", spoilt), ("ATE0", "OK\r>"), ("0105", good), ("03", "7E8024300\r\r>"), ("0105", later)]);
        let mut adapter = on(traffic).await;
        assert_eq!(said(&mut adapter, "0105").await, [expect], "{spoilt}");
        assert_eq!(said(&mut adapter, "03").await, ["7E8 4300"]);
        assert_eq!(said(&mut adapter, "0105").await, ["7E8 410580"], "{spoilt}");
    }
}

#[tokio::test]
async fn an_ecu_that_asked_for_patience_has_its_second_word() {
    let traffic = dialogue(&[
        ("03", "7E8037F0378\r7E9024300\r\r>"),
        ("ATSTFF", "OK\r\r>"),
        ("03", "7E806430203010420\r7E9024300\r\r>"),
        ("ATST00", "OK\r\r>"),
    ]);
    let mut adapter = on(traffic).await;
    let mut got = said(&mut adapter, "03").await;
    got.sort();
    assert_eq!(got, ["7E8 430203010420", "7E9 4300"]);
    let mut adapter = on(dialogue(&[("03", "7E8037F0378\r\r>")])).await;
    assert_eq!(said(&mut adapter, "03").await, ["7E8 refuses 78"], "because there is no second word");
}

#[tokio::test]
async fn several_values_and_single_ones_answer_each_other_by_ecu() {
    let both = "7E806410C1AF80D20\r7E904410C1AF9\r\r>";
    let mut adapter = on(dialogue(&[("010C0D", both)])).await;
    assert_eq!(said(&mut adapter, "010D").await, ["7E8 410D20"]);
    assert_eq!(said(&mut adapter, "010C").await, ["7E8 410C1AF8", "7E9 410C1AF9"]);
    assert_eq!(said(&mut adapter, "010C").await, [NOT_RECORDED]);
    assert_eq!(said(&mut adapter, "0105").await, [NOT_RECORDED]);
    // Once as it was asked, and not a second time in its parts.
    let mut adapter = on(dialogue(&[("010C0D2", both)])).await;
    assert_eq!(said(&mut adapter, "010C0D").await, ["7E8 410C1AF80D20", "7E9 410C1AF9"]);
    assert_eq!(said(&mut adapter, "010D").await, [NOT_RECORDED]);

    let singles =
        [("010C", "7E804410C1AF8\r7E904410C1AF9\r\r>"), ("010D", "7E803410D20\r\r>"), ("0105", "7E8037F0112\r\r>")];
    let mut adapter = on(dialogue(&singles)).await;
    assert_eq!(said(&mut adapter, "010C05").await, [NOT_RECORDED], "because one of them was refused");
    assert_eq!(said(&mut adapter, "010C0B").await, [NOT_RECORDED], "because one of them was never asked");
    assert_eq!(said(&mut adapter, "010C0D").await, ["7E8 410C1AF80D20", "7E9 410C1AF9"]);
    assert_eq!(said(&mut adapter, "010C").await, [NOT_RECORDED]);
}

#[tokio::test]
async fn a_late_answer_is_not_that_of_the_next_request() {
    let late = "1000 > 0105\\r\n6000 > ATI\\r\n6010 < 7E8034105FF\\r\\r>\n6020 < ELM327 v1.5\\r\\r>\n6030 > 010C\\r\n\
        6040 < 7E804410C1AF8\\r\\r>\n";
    let mut adapter = on(recording(late)).await;
    assert_eq!(said(&mut adapter, "010C").await, ["7E8 410C1AF8"]);
    assert_eq!(said(&mut adapter, "0105").await, ["7E8 4105FF"]);
    // It was asked again, and that counts, as it did then.
    let again = format!("{late}6050 > ATRV\\r\n6051 < 14.0V\\r\\r>\n");
    let again =
        again.replace("6030 > 010C\\r\n6040 < 7E804410C1AF8\\r\\r>\n", "6030 > 0105\\r\n6040 < 7E80341057B\\r\\r>\n");
    let mut adapter = on(recording(&again)).await;
    assert_eq!(said(&mut adapter, "0105").await, ["7E8 41057B"]);
}

#[tokio::test]
async fn an_answer_to_one_ecu_is_none_to_all() {
    let traffic = dialogue(&[
        ("ATSH7E0", "OK\r\r>"),
        ("0105", "7E80341057B\r\r>"),
        ("ATSH7DF", "OK\r\r>"),
        ("010C", "NO DATA\r\r>"),
    ]);
    let mut adapter = on(traffic).await;
    assert_eq!(said(&mut adapter, "0105").await, [NOT_RECORDED]);
    assert_eq!(said(&mut adapter, "010C").await, [""; 0]);
}

#[tokio::test]
async fn what_stopped_a_recording_early_stops_its_replay() {
    let start = |text: &str| Traffic::parse(text).unwrap();
    for (traffic, code) in [
        (start("roadworthy-traffic 1\n"), Code::NotAnAdapter),
        (start("roadworthy-traffic 1\n0 > ATZ\\r\n"), Code::LinkLost),
        (start("roadworthy-traffic 1\n0 > ATZ\\r\n1 < hello\\r>\n"), Code::NotAnAdapter),
        (start("roadworthy-traffic 1\n0 > ATZ\\r\n1 < ELM327 v2.1\\r>\n2 > ATH1\\r\n3 < ?\\r>\n"), Code::AdapterFault),
        (start("roadworthy-traffic 1\n0 > ATZ\\r\n1 < ELM327 v2.1\\r>\n"), Code::LinkLost),
        (
            start("roadworthy-traffic 1\n0 > ATZ\\r\n1 < A\\r>\n# ended {\"code\":\"cancelled\",\"message\":\"x\"}\n"),
            Code::Cancelled,
        ),
    ] {
        let error = Adapter::start(traffic.clone(), Reset::Cold).await.err().map(|e| e.code);
        assert_eq!(error, Some(code), "{}", traffic.to_text());
    }
    let text = "roadworthy-traffic 1\n0 > ATZ\\r\n1 < ELM327 v2.1\\r>\n2 > ATRV\\r\n3 < 12.1V\\r>\n4 > ATTP6\\r\n5 < OK\\r>\n6 > 0100\\r\n";
    let nobody = start(&format!("{text}7 < UNABLE TO CONNECT\\r\\r>\n"));
    let mut adapter = Adapter::start(nobody, Reset::Cold).await.unwrap();
    let error = adapter.connect().await.unwrap_err();
    assert_eq!(error.code, Code::NoVehicle);
    assert!(error.hint.contains("12.1 V"), "{error}");
    for (rest, code) in [
        ("1000 > 03\\r\n1001 < 7E802\n", Some(Code::LinkLost)),
        (
            "1000 > 03\\r\n1001 < UNABLE TO CONNECT\\r\\r>\n1002 > 03\\r\n1003 < UNABLE TO CONNECT\\r\\r>\n",
            Some(Code::NoVehicle),
        ),
        ("1000 > 03\\r\n1001 < LV RESET\\r\\r>\n", Some(Code::AdapterFault)),
        ("1000 > 03\\r\n1001 < 7E8024300\\r\\r>\n", None),
    ] {
        let mut adapter = on(recording(rest)).await;
        assert_eq!(adapter.recorded_end().map(|e| e.code), code, "{rest}");
        if code == Some(Code::LinkLost) {
            assert_eq!(said(&mut adapter, "03").await, [NOT_RECORDED], "because half an answer is none");
        }
    }
}
