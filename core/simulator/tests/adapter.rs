//! The simulated adapter's language, character by character, as a real one answers. Time is simulated.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

use roadworthy_simulator::{Key, Options, connect_spec, connect_with};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, timeout},
};

async fn say(link: &mut DuplexStream, text: &str) -> String {
    link.write_all(text.as_bytes()).await.unwrap();
    hear(link).await
}

/// Up to the prompt, or what came within thirty seconds.
async fn hear(link: &mut DuplexStream) -> String {
    let mut got = Vec::new();
    let mut byte = [0];
    while !got.ends_with(b">") {
        match timeout(Duration::from_secs(30), link.read(&mut byte)).await {
            Ok(Ok(1)) => got.push(byte[0]),
            _ => break,
        }
    }
    String::from_utf8(got).unwrap()
}

fn car(key: Key) -> DuplexStream {
    connect_with("misfire", Options { key, ..Options::default() }).unwrap()
}

/// Says each line and compares each answer.
async fn check(key: Key, dialogue: &[(&str, &str)]) {
    let mut link = car(key);
    for (sent, expect) in dialogue {
        assert_eq!(sorted(&say(&mut link, sent).await), sorted(expect), "to {sent:?} in {dialogue:?}");
    }
}

/// Lines in a fixed order: which ECU is first differs from one request to the next, as on a real bus.
fn sorted(answer: &str) -> (usize, Vec<&str>) {
    let mut lines: Vec<_> = answer.split('\r').map(|l| l.trim_start_matches('\n')).collect();
    lines.sort_unstable();
    (answer.matches('\n').count(), lines)
}

#[tokio::test(start_paused = true)]
async fn echo_runs_until_it_is_turned_off() {
    check(
        Key::Running,
        &[
            ("ATI\r", "ATI\rELM327 v1.5\r\r>"),
            ("at e0\r", "at e0\rOK\r\r>"),
            ("ATI\r", "ELM327 v1.5\r\r>"),
            ("AT@1\r", "OBDII to RS232 Interpreter\r\r>"),
            ("ATZ\r", "\r\rELM327 v1.5\r\r>"),
            ("ATI\r", "ATI\rELM327 v1.5\r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn what_it_does_not_know_it_says_so() {
    for bad in [
        "ATXX\r",
        "ATE2\r",
        "ATSH7G0\r",
        "ATSHFFF\r",
        "ATST1\r",
        "ATAT3\r",
        "ATTPD\r",
        "ATSV\r",
        "HELLO\r",
        "1\r",
        "0102030405060708\r",
        "01G0\r",
    ] {
        check(Key::Running, &[("ATE0\r", "ATE0\rOK\r\r>"), (bad, "?\r\r>")]).await;
    }
}

#[tokio::test(start_paused = true)]
async fn replies_are_spelled_as_the_settings_say() {
    check(
        Key::Running,
        &[
            ("ATE0\r", "ATE0\rOK\r\r>"),
            ("03\r", "SEARCHING...\r43 01 03 01 \r43 00 \r\r>"),
            ("ATH1\r", "OK\r\r>"),
            ("03\r", "7E8 04 43 01 03 01 \r7E9 02 43 00 \r\r>"),
            ("ATS0\r", "OK\r\r>"),
            ("03\r", "7E80443010301\r7E9024300\r\r>"),
            ("ATL1\r", "OK\r\n\r\n>"),
            ("03\r", "7E80443010301\r\n7E9024300\r\n\r\n>"),
            ("ATL0\r", "OK\r\r>"),
            ("ATD1\r", "OK\r\r>"),
            ("03\r", "7E880443010301\r7E98024300\r\r>"),
            ("ATD0\r", "OK\r\r>"),
            // Unformatted, the client writes the frame and sees it whole with its padding.
            ("ATCAF0\r", "OK\r\r>"),
            ("0103\r", "7E80443010301000000\r7E9024300AAAAAAAAAA\r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_long_reply_without_headers_starts_with_its_length() {
    let mut link = car(Key::Running);
    say(&mut link, "ATE0\r").await;
    assert_eq!(
        say(&mut link, "0902\r").await,
        "SEARCHING...\r014\r0: 49 02 01 31 52 57 \r1: 50 43 31 34 41 36 53 \r2: 31 30 30 30 34 32 37 \r\r>"
    );
}

#[tokio::test(start_paused = true)]
async fn long_replies_of_two_ecus_come_interleaved() {
    let mut link = car(Key::Running);
    for setting in ["ATE0\r", "ATH1\r", "ATS0\r"] {
        say(&mut link, setting).await;
    }
    let answer = say(&mut link, "090A\r").await;
    let senders: Vec<_> = answer.split('\r').filter(|l| l.starts_with("7E")).map(|l| &l[..3]).collect();
    assert_eq!(senders.len(), 8, "{answer:?}");
    assert!(senders.windows(2).filter(|w| w[0] != w[1]).count() >= 2, "{senders:?}");
    // Without flow control only the first frames come.
    say(&mut link, "ATCFC0\r").await;
    let answer = say(&mut link, "090A\r").await;
    assert_eq!(answer.matches("7E").count(), 2, "{answer:?}");
}

#[tokio::test(start_paused = true)]
async fn a_bare_carriage_return_repeats_the_last_command() {
    check(
        Key::Running,
        &[
            ("ATE0\r", "ATE0\rOK\r\r>"),
            ("ATH1\r", "OK\r\r>"),
            ("03\r", "SEARCHING...\r7E8 04 43 01 03 01 \r7E9 02 43 00 \r\r>"),
            ("\r", "7E8 04 43 01 03 01 \r7E9 02 43 00 \r\r>"),
            ("  \r", "7E8 04 43 01 03 01 \r7E9 02 43 00 \r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_character_during_a_request_stops_it() {
    let mut link = car(Key::Running);
    say(&mut link, "ATE0\r").await;
    link.write_all(b"0100\r").await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    let stopped = say(&mut link, " ").await;
    assert!(stopped.ends_with("STOPPED\r\r>"), "{stopped:?}");
    // A character that was sent along with the request does the same.
    let stopped = say(&mut link, "0100\r ").await;
    assert!(stopped.ends_with("STOPPED\r\r>"), "{stopped:?}");
    // The character itself is gone.
    assert_eq!(say(&mut link, "ATI\r").await, "ELM327 v1.5\r\r>");
}

#[tokio::test(start_paused = true)]
async fn the_protocol_is_known_only_after_an_answer() {
    check(
        Key::Running,
        &[
            ("ATE0\r", "ATE0\rOK\r\r>"),
            ("ATDPN\r", "A0\r\r>"),
            ("ATDP\r", "AUTO\r\r>"),
            ("0A\r", "SEARCHING...\r4A 01 04 20 \r4A 00 \r\r>"),
            ("ATDPN\r", "A6\r\r>"),
            ("ATDP\r", "AUTO, ISO 15765-4 (CAN 11/500)\r\r>"),
            ("ATTP6\r", "OK\r\r>"),
            ("ATDPN\r", "6\r\r>"),
            ("0A\r", "4A 01 04 20 \r4A 00 \r\r>"),
            ("ATTP8\r", "OK\r\r>"),
            ("0A\r", "CAN ERROR\r\r>"),
            ("ATTP7\r", "OK\r\r>"),
            ("0A\r", "NO DATA\r\r>"),
            ("ATTP3\r", "OK\r\r>"),
            ("0A\r", "BUS INIT: ...ERROR\r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn only_what_was_saved_survives_a_reset() {
    check(
        Key::Running,
        &[
            ("ATE0\r", "ATE0\rOK\r\r>"),
            ("ATTP8\r", "OK\r\r>"),
            ("ATZ\r", "\r\rELM327 v1.5\r\r>"),
            ("ATDPN\r", "ATDPN\rA0\r\r>"),
            ("ATSP8\r", "ATSP8\rOK\r\r>"),
            ("ATWS\r", "ATWS\r\r\rELM327 v1.5\r\r>"),
            ("ATDPN\r", "ATDPN\r8\r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn nobody_answers_what_nobody_supports() {
    check(
        Key::Running,
        &[
            ("ATE0\r", "ATE0\rOK\r\r>"),
            ("03\r", "SEARCHING...\r43 01 03 01 \r43 00 \r\r>"),
            ("0199\r", "NO DATA\r\r>"),
            ("22F190\r", "NO DATA\r\r>"),
            ("08\r", "NO DATA\r\r>"),
            // The engine runs.
            ("04\r", "7F 04 22 \r7F 04 22 \r\r>"),
            // Asked by itself, an ECU refuses.
            ("ATSH7E0\r", "OK\r\r>"),
            ("22F190\r", "7F 22 11 \r\r>"),
            ("ATSH7E1\r", "OK\r\r>"),
            ("03\r", "43 00 \r\r>"),
            ("ATSH7DF\r", "OK\r\r>"),
            ("ATCRA7E9\r", "OK\r\r>"),
            ("03\r", "43 00 \r\r>"),
            ("ATCRA\r", "OK\r\r>"),
            ("03\r", "43 01 03 01 \r43 00 \r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_response_count_ends_the_wait_early() {
    let mut link = car(Key::Running);
    for line in ["ATE0\r", "ATH1\r", "0100\r"] {
        say(&mut link, line).await;
    }
    let since = Instant::now();
    let one = say(&mut link, "03 1\r").await;
    let quick = since.elapsed();
    assert_eq!(one.matches("7E").count(), 1, "{one:?}");
    let since = Instant::now();
    say(&mut link, "03\r").await;
    assert!(since.elapsed() > quick + Duration::from_millis(40), "{quick:?}");
}

#[tokio::test(start_paused = true)]
async fn with_the_ignition_off_the_search_ends_with_nothing() {
    check(
        Key::Off,
        &[
            ("ATE0\r", "ATE0\rOK\r\r>"),
            ("ATRV\r", "12.5V\r\r>"),
            ("ATIGN\r", "OFF\r\r>"),
            ("0100\r", "SEARCHING...\rUNABLE TO CONNECT\r\r>"),
            ("ATDPN\r", "A0\r\r>"),
        ],
    )
    .await;
}

#[tokio::test(start_paused = true)]
async fn delays_are_those_of_a_real_adapter_and_can_be_shortened() {
    let mut took = Vec::new();
    for speed in [1.0, 20.0] {
        let mut link = connect_with("misfire", Options { speed, ..Options::default() }).unwrap();
        let since = Instant::now();
        say(&mut link, "ATZ\r").await;
        took.push(since.elapsed());
    }
    assert!((700..1200).contains(&took[0].as_millis()) && took[1].as_millis() < 80, "{took:?}");
}

#[tokio::test]
async fn a_vehicle_that_does_not_exist_names_those_that_do() {
    let error = roadworthy_simulator::connect("boat", 1).unwrap_err();
    assert_eq!(error.code, roadworthy_api::Code::Invalid);
    assert!(error.hint.contains("petrol"));
}

#[tokio::test(start_paused = true)]
async fn adapters_that_claim_much_understand_less() {
    for (spec, dialogue) in [
        (
            "misfire?adapter=clone",
            &[
                ("ATE0\r", "ATE0\rOK\r\r>"),
                ("ATI\r", "ELM327 v2.1\r\r>"),
                ("ATS0\r", "?\r\r>"),
                ("ATAT1\r", "?\r\r>"),
                ("ATDPN\r", "?\r\r>"),
                ("ATCRA7E8\r", "?\r\r>"),
                ("ATST32\r", "OK\r\r>"),
                ("ATTP6\r", "OK\r\r>"),
                ("ATH1\r", "OK\r\r>"),
                ("03\r", "7E8 04 43 01 03 01 \r7E9 02 43 00 \r\r>"),
            ][..],
        ),
        (
            "misfire?adapter=deaf",
            &[
                ("ATZ\r", "ATZ\r\r\rELM327 v1.5\r\r>"),
                ("ATE0\r", "ATE0\r?\r\r>"),
                ("ATH1\r", "ATH1\r?\r\r>"),
                ("0100\r", "0100\r?\r\r>"),
            ],
        ),
    ] {
        let mut link = connect_spec(spec, 1).unwrap();
        for (sent, expect) in dialogue {
            assert_eq!(sorted(&say(&mut link, sent).await), sorted(expect), "{spec}: to {sent:?}");
        }
    }
}

#[tokio::test]
async fn a_pulled_plug_ends_the_link_and_a_wrong_option_opens_none() {
    let mut link = connect_spec("petrol?unplug=0.05", 1).unwrap();
    let mut rest = Vec::new();
    timeout(Duration::from_secs(5), link.read_to_end(&mut rest)).await.unwrap().unwrap();
    assert!(rest.is_empty());
    let error = connect_spec("petrol?lock=on", 1).unwrap_err();
    assert_eq!(error.code, roadworthy_api::Code::Invalid);
    assert!(error.message.contains("lock") && error.hint.contains("adapter=strict|slcan|NAME"), "{error}");
}
