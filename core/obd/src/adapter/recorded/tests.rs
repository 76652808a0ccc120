use super::*;
use crate::adapter::Target;
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

#[tokio::test]
async fn of_all_tries_at_one_question_the_one_that_stood_counts() {
    let good = "7E80341057B\r\r>";
    let error = "CAN ERROR\r\r>";
    let tries = dialogue(&[
        ("0105", error),
        ("0105", error),
        ("0105", error),
        ("0105", good),
        ("03", "7E8024300\r\r>"),
        ("0105", "7E803410580\r\r>"),
    ]);
    let mut adapter = on(tries).await;
    assert_eq!(said(&mut adapter, "0105").await, ["7E8 41057B"]);
    assert_eq!(said(&mut adapter, "03").await, ["7E8 4300"]);
    assert_eq!(said(&mut adapter, "0105").await, ["7E8 410580"]);
    // It ended with its count, one ECU short, and was asked again without.
    let counted = dialogue(&[("010C1", "7E804410C1AF8\r\r>"), ("010C", "7E804410C1AF8\r7E904410C1AF9\r\r>")]);
    let mut adapter = on(counted).await;
    assert_eq!(said(&mut adapter, "010C").await, ["7E8 410C1AF8", "7E9 410C1AF9"]);
    // The same where several were asked for at once.
    let joint = dialogue(&[("010C0D1", "NO DATA\r\r>"), ("010C0D", "7E806410C1AF80D20\r\r>")]);
    let mut adapter = on(joint).await;
    assert_eq!(said(&mut adapter, "010D").await, ["7E8 410D20"]);
}

#[tokio::test]
async fn answers_behind_filters_are_one_answer_of_all_ecus() {
    let alone = "roadworthy-traffic 1\n0 > ATZ\\r\n800 < \\rELM327 v1.5\\r\\r>\n810 > ATH1\\r\n811 < ?\\r\\r>\n830 > ATTP6\\r\n\
        831 < OK\\r\\r>\n840 > 0100\\r\n900 < 410088100000\\r\\r>\n910 > ATCRA700\\r\n911 < OK\\r\\r>\n920 > 0100\\r\n\
        930 < NO DATA\\r\\r>\n940 > ATCRA7E8\\r\n941 < OK\\r\\r>\n950 > 0100\\r\n960 < 410088100000\\r\\r>\n\
        970 > ATCRA7E9\\r\n971 < OK\\r\\r>\n980 > 0100\\r\n990 < 410080000000\\r\\r>\n\
        1000 > ATCRA7E8\\r\n1001 < OK\\r\\r>\n1010 > 010C\\r\n1020 < 410C1AF8\\r\\r>\n\
        1030 > ATCRA7E9\\r\n1031 < OK\\r\\r>\n1040 > 010C\\r\n1050 < NO DATA\\r\\r>\n";
    let mut adapter = on(Traffic::parse(alone).unwrap()).await;
    assert_eq!(said(&mut adapter, "0100").await, ["7E8 410088100000", "7E9 410080000000"]);
    assert_eq!(said(&mut adapter, "010C").await, ["7E8 410C1AF8"]);
    // An answer that did not fit was asked for ECU by ECU.
    let full = dialogue(&[
        ("0902", "7E81014490201315257\rBUFFER FULL\r\r>"),
        ("ATCRA7E8", "OK\r\r>"),
        ("0902", "7E80449020131\r\r>"),
        ("ATCRA7E9", "OK\r\r>"),
        ("0902", "7E90449020132\r\r>"),
        ("ATCRA", "OK\r\r>"),
        ("03", "7E8024300\r\r>"),
    ]);
    let mut adapter = on(full).await;
    assert_eq!(said(&mut adapter, "0902").await, ["7E8 49020131", "7E9 49020132"]);
    assert_eq!(said(&mut adapter, "03").await, ["7E8 4300"]);
}

#[tokio::test]
async fn a_link_that_broke_and_was_mended_leaves_out_what_was_lost() {
    let mended = "1000 > 03\\r\n1010 < 7E802\n1500 ! link lost\n2500 > ATZ\\r\n3300 < \\rELM327 v1.5\\r\\r>\n3310 > ATTP6\\r\n\
        3311 < OK\\r\\r>\n3320 > 0100\\r\n3330 < 7E806410088100000\\r\\r>\n3340 > 03\\r\n3350 < 7E80443010301\\r\\r>\n";
    let mut adapter = on(recording(mended)).await;
    assert_eq!(adapter.recorded_end(), None);
    assert_eq!(said(&mut adapter, "03").await, ["7E8 43010301"]);
    assert_eq!(said(&mut adapter, "03").await, [NOT_RECORDED]);
}

#[tokio::test]
async fn frames_answer_as_a_chip_does_and_what_measured_the_adapter_does_not() {
    let frames = "roadworthy-traffic 1 can 500000\n0 > 7DF#0201000000000000\n9 < 7E8#0641008810000000\n\
        20 > 7DF#0209020000000000\n31 < 7E8#1014490201315257\n32 > 7E0#3000000000000000\n40 < 7E8#2154455354305858\n\
        41 < 7E8#2230303030303031\n50 > 7DF#0103000000000000\n60 > 7E1#0103000000000000\n65 < 7E9#024300AAAAAAAAAA\n\
        70 > 7DF#02010C0000000000\n75 < 20000040#0000000000000000\n80 > 7DF#02010C0000000000\n85 < 7E8#04410C1AF8000000\n";
    let mut adapter = on(Traffic::parse(frames).unwrap()).await;
    assert_eq!(adapter.protocol().map(Protocol::id), Some('6'));
    assert_eq!(said(&mut adapter, "0902").await, ["7E8 4902013152575445535430585830303030303031"]);
    assert_eq!(said(&mut adapter, "03").await, [""; 0]);
    assert_eq!(
        said(&mut adapter, "010C").await,
        ["7E8 410C1AF8"],
        "because it was asked again after a fault of the bus"
    );
    let alone = Request::new(&[0x03]).unwrap().to(Target::ecu("7E9").unwrap());
    assert_eq!(bus::ask(&mut adapter, &alone).await.unwrap().answers, [("7E9".to_owned(), vec![0x43, 0x00])]);
    let measured = dialogue(&[("03", "7E8024300\r\r>"), ("ATPPS", "00:FF F\r\r>"), ("010C", "7E804410C1AF8\r\r>")]);
    let mut adapter = on(measured).await;
    assert_eq!(said(&mut adapter, "010C").await, [NOT_RECORDED]);
}

#[tokio::test]
async fn nothing_is_erased_or_measured_in_a_recording() {
    use crate::adapter::{Erase, Unlock};
    let mut adapter = on(dialogue(&[("04", "7E80144\r\r>")])).await;
    let unlock = Unlock::to_erase_codes_freeze_frames_and_readiness(Erase::Obd);
    assert_eq!(bus::erase(&mut adapter, unlock).await.unwrap_err().code, Code::Invalid);
    assert_eq!(adapter.measure(0).await.unwrap_err().code, Code::Invalid);
    assert!(!adapter.has_passport());
}
