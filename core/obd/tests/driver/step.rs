//! Staying in step with an adapter, and what happens when it falls.

use crate::fake::{Fake, UNPLUG, check, outcome, texts};
use roadworthy_api::{
    Code,
    check::{CheckReport, Outcome},
    reading::Value,
};
use std::collections::BTreeSet;

#[tokio::test(start_paused = true)]
async fn pain_16_a_late_reply_never_answers_the_next_request() {
    // Coolant comes six and a half seconds late, twice; engine speed is asked next and must be engine speed.
    let late: &[(u64, &str)] = &[(6_500, "7E80341057B\r\r>")];
    let (finished, sent) = check(Fake::car().pauses("0105", &[late, late, &[(2, "NO DATA\r\r>")]])).await;
    let report = finished.report.unwrap();
    assert!(
        matches!(outcome(&report, "0105", "7E8"), Some(Outcome::Unreadable { .. })),
        "{:?}",
        outcome(&report, "0105", "7E8")
    );
    assert!(!report.snapshot.iter().any(|r| r.item.pid == "05"));
    let rpm = report.snapshot.iter().find(|r| r.item.pid == "0C").unwrap();
    assert_eq!(rpm.item.value, Value::Number { value: 1726.0, unit: "rpm".into() });
    // The only characters before a prompt are the ones that stop a late request on purpose.
    let early: Vec<_> = texts(&sent).into_iter().filter(|s| s.starts_with("EARLY")).collect();
    assert!(early.iter().all(|s| s == "EARLY ' '"), "{early:?}");
}

#[tokio::test(start_paused = true)]
async fn pain_16_nothing_is_sent_before_the_prompt() {
    // Whole answers stand there for a second before their prompt comes.
    let slow = |text: &'static str| -> [&'static [(u64, &'static str)]; 1] {
        let (answer, prompt) = text.split_once('>').unwrap();
        assert_eq!(prompt, "");
        [Vec::leak(vec![(2, answer), (1_000, ">")])]
    };
    let mut fake = Fake::car();
    for (command, text) in [
        ("ATE0", "ATE0\rOK\r\r>"),
        ("ATH1", "OK\r\r>"),
        ("ATTP0", "OK\r\r>"),
        ("0100", "SEARCHING...\r7E806410088100000\r\r>"),
        ("0101", "7E806410100070000\r\r>"),
        ("03", "7E8024300\r\r>"),
        ("0105", "7E80341057B\r\r>"),
        ("010C", "7E804410C1AF8\r\r>"),
    ] {
        fake = fake.pauses(command, &slow(text));
    }
    let (finished, sent) = check(fake).await;
    assert_eq!(finished.report.unwrap().snapshot.len(), 2);
    let sent = texts(&sent);
    assert!(!sent.iter().any(|s| s.starts_with("EARLY")), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn pain_16_an_answer_that_comes_while_getting_in_step_is_dropped() {
    // It arrives just while the driver waits for silence.
    for delay in [5_010, 5_090, 5_130, 5_300] {
        let answer = [(delay, "7E8034105FF\r\r>")];
        let (finished, _) = check(Fake::car().pauses("0105", &[&answer, &[(2, "7E80341057B\r\r>")]])).await;
        let report = finished.report.unwrap();
        let coolant = report.snapshot.iter().find(|r| r.item.pid == "05").unwrap();
        assert_eq!(coolant.raw, "41057B", "after {delay} ms");
        assert!(report.snapshot.iter().any(|r| r.raw == "410C1AF8"));
    }
    // Or in place of the name, of an adapter that nothing stops and that takes its time: the name is not the next answer.
    for delay in [5_100, 5_245, 5_300, 5_500] {
        let (answer, name) = ([(delay, "7E8034105FF\r\r>")], [(400, "ELM327 v1.5\r\r>")]);
        let fake = Fake::car().pauses("0105", &[&answer, &[(2, "7E80341057B\r\r>")]]).pauses("ATI", &[&name]).deaf();
        let report = check(fake).await.0.report.unwrap();
        let raw: Vec<&str> = report.snapshot.iter().map(|r| r.raw.as_str()).collect();
        assert_eq!(raw, ["41057B", "410C1AF8"], "after {delay} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn an_empty_answer_is_no_answer_and_shifts_nothing() {
    let (finished, _) = check(Fake::car().each("0105", &["\r\r>"])).await;
    let report = finished.report.unwrap();
    assert!(matches!(outcome(&report, "0105", "7E8"), Some(Outcome::Unreadable { .. })));
    assert!(report.snapshot.iter().any(|r| r.raw == "410C1AF8"));
}

#[tokio::test(start_paused = true)]
async fn a_stopped_request_is_asked_again() {
    for spoilt in
        ["STOPPED\r\r>", "BUFFER FULL\r\r>", "7E8034105<DATA ERROR\r\r>", "CAN ERROR\r\r>", "BUS BUSY\r\r>", "?\r\r>"]
    {
        let (finished, _) = check(Fake::car().each("0105", &[spoilt, "7E80341057B\r\r>"])).await;
        let report = finished.report.unwrap();
        assert_eq!(outcome(&report, "0105", "7E8"), Some(&Outcome::Answered), "{spoilt}");
    }
}

#[tokio::test(start_paused = true)]
async fn pain_17_an_error_text_is_never_a_value() {
    for text in [
        "CAN ERROR\r\r>",
        "DATA ERROR\r\r>",
        "7E803 DATA ERROR\r\r>",
        "BUFFER FULL\r\r>",
        "FB ERROR\r\r>",
        "7E803410\r\r>",
        "ERR93\r\r>",
        "FE ED BE EF\r\r>",
        // Some of their letters are hex digits, and would be the byte that is missing.
        "7E8034105 DATA ERROR\r\r>",
        "7E8034105 CAN ERROR\r\r>",
        "7E8034105 BUFFER FULL\r\r>",
        "7E8034105<RX ERROR\r\r>",
        // Cut short: a zero in its place would be -40 °C.
        "7E8034105\r\r>",
        "7E80341057\r\r>",
        // Whole, and marked as wrong.
        "7E80341057B<DATA ERROR\r\r>",
    ] {
        let (finished, _) = check(Fake::car().on("0105", text)).await;
        let report = finished.report.unwrap();
        assert!(!report.snapshot.iter().any(|r| r.item.pid == "05"), "{text}");
        assert_ne!(outcome(&report, "0105", "7E8"), Some(&Outcome::Answered), "{text}");
        assert!(report.snapshot.iter().any(|r| r.raw == "410C1AF8"), "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_lost_its_settings_is_set_up_once_more() {
    for fall in ["LV RESET\r\r>", "ERR94\r\r>", "LV RESET\r\rELM327 v1.5\r\r>"] {
        let (finished, sent) = check(Fake::car().each("0105", &[fall, "7E80341057B\r\r>"])).await;
        let report = finished.report.unwrap();
        assert_eq!(outcome(&report, "0105", "7E8"), Some(&Outcome::Answered), "{fall}");
        let sent = texts(&sent);
        let asked = sent.iter().position(|s| s == "0105").unwrap();
        // Automatic search stays blocked after such a reset: the protocol is named.
        assert_eq!(
            sent[asked + 1..asked + 9],
            ["ATE0", "ATL0", "ATS0", "ATH1", "ATAT1", "ATM0", "ATTP6", "0105"],
            "{fall}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_keeps_losing_its_settings_ends_the_check_with_what_was_read() {
    let (finished, _) = check(Fake::car().on("0105", "LV RESET\r\r>")).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::AdapterFault));
    assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_goes_away_ends_the_check_with_what_was_read() {
    let (finished, _) = check(Fake::car().on("020200", "UNABLE TO CONNECT\r\r>")).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::NoVehicle));
    assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
    // What was never asked says so, instead of looking as if nothing had been found.
    assert!(matches!(outcome(&report, "01", "7E8"), Some(Outcome::NotAsked { .. })));
    assert!(matches!(outcome(&report, "020200", "7E8"), Some(Outcome::NotAsked { .. })));
}

#[tokio::test(start_paused = true)]
async fn a_broken_link_ends_the_check_with_what_was_read() {
    let (finished, _) = check(Fake::car().pauses("0105", &[&[(2, "7E803"), (10, UNPLUG)]])).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::LinkLost));
    assert!(!report.snapshot.iter().any(|r| r.item.pid == "05"));
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_asks_for_patience_is_not_asked_again_too_early() {
    let fake = Fake::car().each("03", &["7E8037F0378\r7E9024300\r\r>", "7E806430203010420\r7E9024300\r\r>"]);
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    let codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), c.ecu.as_str())).collect();
    assert_eq!(codes, [("P0301", "7E8"), ("P0420", "7E8")]);
    assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
    assert_eq!(outcome(&report, "03", "7E9"), Some(&Outcome::Answered));
    let sent = sent.lock().unwrap();
    let asked: Vec<_> = sent.iter().filter(|(_, s)| s == "03").map(|(ms, _)| *ms).collect();
    assert_eq!(asked.len(), 2);
    assert!(asked[1] - asked[0] >= 5000, "asked again after {} ms", asked[1] - asked[0]);
    let between: Vec<_> =
        sent.iter().filter(|(ms, _)| *ms > asked[0] && *ms < asked[1]).map(|(_, s)| s.as_str()).collect();
    assert_eq!(between, ["ATAT0", "ATSTFF"]);
    assert!(sent.iter().any(|(_, s)| s == "ATST00"));
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_never_gets_ready_has_refused() {
    let (finished, _) = check(Fake::car().on("03", "7E8037F0378\r\r>")).await;
    let report = finished.report.unwrap();
    let expect = Outcome::Refused { nrc: "78".into(), meaning: "requestCorrectlyReceivedResponsePending".into() };
    assert_eq!(outcome(&report, "03", "7E8"), Some(&expect));
}

#[tokio::test(start_paused = true)]
async fn an_answer_after_patience_in_the_same_breath_needs_no_second_request() {
    let (finished, sent) = check(Fake::car().on("03", "7E8037F0378\r7E804430103 01\r\r>")).await;
    assert_eq!(finished.report.unwrap().codes.len(), 1);
    assert_eq!(texts(&sent).iter().filter(|s| *s == "03").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_bare_prompt_is_asked_again() {
    for spoilt in ["\r\r>", "0105\r\r>"] {
        let (finished, _) = check(Fake::car().each("0105", &[spoilt, "7E80341057B\r\r>"])).await;
        assert_eq!(outcome(&finished.report.unwrap(), "0105", "7E8"), Some(&Outcome::Answered), "{spoilt:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_far_behind_a_bare_prompt_is_not_taken_for_another() {
    let values = |report: CheckReport| {
        let all = report.snapshot.into_iter().map(|r| (r.ecu, r.item.pid, format!("{:?}", r.item.value)));
        all.collect::<BTreeSet<_>>()
    };
    let whole = values(check(Fake::car()).await.0.report.unwrap());
    assert!(whole.len() > 1);
    for late in [30, 110, 130, 240, 250, 260, 300, 480, 510, 620, 700, 900, 2_000] {
        for again in [2, 60, 200] {
            let first: &[(u64, &str)] = Vec::leak(vec![(2, "\r\r>"), (late, "7E80341057B\r\r>")]);
            let second: &[(u64, &str)] = Vec::leak(vec![(again, "7E80341057B\r\r>")]);
            let pauses: &[&[(u64, &str)]] = Vec::leak(vec![first, second]);
            let (finished, _) = check(Fake::car().pauses("0105", pauses)).await;
            assert_eq!(values(finished.report.unwrap()), whole, "{late} ms, {again} ms");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn nothing_but_an_echo_is_no_silence() {
    let (finished, _) = check(Fake::car().on("0105", "0105\r\r>")).await;
    assert!(matches!(outcome(&finished.report.unwrap(), "0105", "7E8"), Some(Outcome::Unreadable { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_internal_fault_written_with_a_space_is_a_lost_setting() {
    let (finished, sent) = check(Fake::car().each("0105", &["ERR 94\r\r>", "7E80341057B\r\r>"])).await;
    assert_eq!(outcome(&finished.report.unwrap(), "0105", "7E8"), Some(&Outcome::Answered));
    assert!(texts(&sent).iter().filter(|s| *s == "ATH1").count() == 2);
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_answers_only_its_own_commands_ends_the_check() {
    // The vehicle was found, then no request ends any more.
    let silent: &[&[(u64, &str)]] = &[&[]];
    let fake = ["0101", "03", "07", "0A", "020200", "0105", "010C"]
        .into_iter()
        .fold(Fake::car(), |fake, request| fake.pauses(request, silent));
    let start = tokio::time::Instant::now();
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::LinkLost));
    let asked = texts(&sent);
    let late = ["0101", "03", "07", "0A", "020200", "0105", "010C"];
    let questions = late.iter().filter(|q| asked.iter().any(|s| s == *q)).count();
    assert_eq!(questions, 3, "{asked:?}");
    assert!(start.elapsed().as_secs() < 90);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_said_out_of_turn_after_a_long_wait_that_went_wrong() {
    const PENDING: &[(u64, &str)] = &[(2, "7E8037F0378\r\r>")];
    let endless: &[(u64, &str)] = Vec::leak(vec![(2, &*"7A".repeat(40_000).leak())]);
    // What the second request brings, what the adapter says when it is asked its name, and what may still be sent to it.
    for (second, name, code, expect) in [
        // In step: the usual wait is set again.
        (
            &[(2, "UNABLE TO CONNECT\r\r>")][..],
            &[(2, "ELM327 v1.5\r\r>")][..],
            Code::NoVehicle,
            &["03", "ATST00", "ATAT1"][..],
        ),
        // It has not ended what it says, and nothing is sent before a prompt.
        (endless, &[(2, "ELM327 v1.5\r\r>")], Code::NotAnAdapter, &[]),
        // It does not come back: asked for once, and not a second time from the start.
        (&[], &[], Code::AdapterFault, &[" ATI", "ATI", " ATI", "ATI"]),
        (&[(2, UNPLUG)], &[], Code::LinkLost, &[]),
    ] {
        let (finished, sent) = check(Fake::car().pauses("03", &[PENDING, second]).pauses("ATI", &[name])).await;
        assert_eq!(finished.report.unwrap().partial.map(|e| e.code), Some(code));
        let sent = texts(&sent);
        let again = sent.iter().enumerate().filter(|(_, text)| *text == "03").nth(1).unwrap().0;
        assert_eq!(sent[again - 2..again], ["ATAT0", "ATSTFF"]);
        assert_eq!(sent[again + 1..], *expect, "{code:?}");
    }
}
