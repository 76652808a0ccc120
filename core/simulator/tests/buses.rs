//! The buses before CAN, and CAN with 29 bits, character by character. Time is simulated. Checksums are worked out by hand:
//! sums modulo 256 on the K-line, CRC-8 of SAE J1850 by a table of another program.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

use roadworthy_simulator::{Key, Options, connect_with};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream},
    time::{Instant, sleep, timeout},
};

/// The answer up to the prompt.
async fn say(link: &mut DuplexStream, text: &str) -> String {
    link.write_all(format!("{text}\r").as_bytes()).await.unwrap();
    let mut got = Vec::new();
    let mut byte = [0];
    while !got.ends_with(b">") {
        match timeout(Duration::from_secs(30), link.read(&mut byte)).await {
            Ok(Ok(1)) => got.push(byte[0]),
            _ => panic!("no prompt after {text}: {got:?}"),
        }
    }
    String::from_utf8(got).unwrap().strip_suffix("\r\r>").unwrap().to_owned()
}

/// A car that stands with its ignition on, echo off.
async fn car(name: &str) -> DuplexStream {
    let mut link = connect_with(name, Options { key: Key::On, ..Options::default() }).unwrap();
    say(&mut link, "ATE0").await;
    link
}

async fn check(name: &str, dialogue: &[(&str, &str)]) {
    let mut link = car(name).await;
    for (sent, expect) in dialogue {
        assert_eq!(say(&mut link, sent).await, *expect, "{name}: to {sent}");
    }
}

#[tokio::test(start_paused = true)]
async fn iso_9141_is_framed_as_the_standard_says() {
    let dialogue = [
        ("ATTP3", "OK"),
        ("ATH1", "OK"),
        // 48+6B+10 = C3; PIDs 01 03-07 0C-10 11 13 15 1C.
        ("0100", "BUS INIT: ...OK\r48 6B 10 41 00 BE 1F A8 10 99 "),
        ("ATKW", "1:08 2:08"),
        // Four codes: two messages of three, no count, zeros behind.
        ("03", "48 6B 10 43 01 33 01 71 03 00 AF \r48 6B 10 43 04 42 00 00 00 00 4C "),
        ("07", "48 6B 10 47 01 71 00 00 00 00 7C "),
        ("0A", "NO DATA"),
        ("010D", "48 6B 10 41 0D 00 11 "),
        ("020200", "48 6B 10 42 02 00 03 00 0A "),
        ("0901", "48 6B 10 49 01 05 12 "),
        (
            "0902",
            "48 6B 10 49 02 01 00 00 00 31 40 \r48 6B 10 49 02 02 52 57 4B 41 45 \r48 6B 10 49 02 03 39 31 34 35 E4 \r\
             48 6B 10 49 02 04 31 31 30 30 D4 \r48 6B 10 49 02 05 30 30 39 31 DD ",
        ),
        ("09FF", "NO DATA"),
        // One PID to a request: the older buses know no more.
        ("010C0D", "NO DATA"),
        ("ATS0", "OK"),
        ("07", "486B10470171000000007C"),
        ("ATH0", "OK"),
        ("03", "43013301710300\r43044200000000"),
        ("ATS1", "OK"),
        ("07", "47 01 71 00 00 00 00 "),
    ];
    check("iso9141", &dialogue).await;
}

#[tokio::test(start_paused = true)]
async fn kwp_carries_its_length_in_the_first_byte() {
    let dialogue = [
        ("ATTP5", "OK"),
        ("ATH1", "OK"),
        // 87+F1+11 = 189.
        ("03", "BUS INIT: OK\r87 F1 11 43 00 00 00 00 00 00 CC "),
        ("ATDPN", "5"),
        ("ATDP", "ISO 14230-4 (KWP FAST)"),
        ("07", "87 F1 11 47 01 13 00 00 00 00 E4 "),
        ("010D", "83 F1 11 41 0D 00 D3 "),
        ("0905", "83 F1 11 49 05 02 D5 "),
        ("0906", "87 F1 11 49 06 01 1C 0D 55 E2 39 \r87 F1 11 49 06 02 88 90 F4 17 FD "),
        // Asked by itself, an ECU refuses what it does not know; nobody else hears it.
        ("ATSH 81 11 F1", "OK"),
        ("22F190", "83 F1 11 7F 22 11 37 "),
        ("ATSH 81 10 F1", "OK"),
        ("22F190", "NO DATA"),
        ("ATSH C2 33 F1", "OK"),
        ("22F190", "NO DATA"),
    ];
    check("kwp", &dialogue).await;
    let dialogue = [
        ("ATTP4", "OK"),
        ("ATH1", "OK"),
        ("010D", "BUS INIT: ...OK\r83 F1 10 41 0D 00 D2 \r83 F1 18 41 0D 00 DA "),
        ("ATKW", "1:EF 2:8F"),
        ("0906", "87 F1 10 49 06 01 77 12 0A 5E C9 \r83 F1 18 7F 09 11 25 "),
        // Only one ECU's address is let through.
        ("ATSR18", "OK"),
        ("010D", "83 F1 18 41 0D 00 DA "),
    ];
    check("kwp-slow", &dialogue).await;
}

#[tokio::test(start_paused = true)]
async fn j1850_ends_with_its_crc() {
    let dialogue = [
        ("ATTP1", "OK"),
        ("ATH1", "OK"),
        ("03", "41 6B 10 43 04 20 04 30 00 00 54 "),
        ("07", "41 6B 10 47 00 00 00 00 00 00 9F "),
        ("020200", "41 6B 10 42 02 00 04 20 BE "),
        ("010D", "41 6B 10 41 0D 00 86 "),
        // Asked by itself, an ECU answers with source and target changed.
        ("ATSH C4 10 F1", "OK"),
        ("22F190", "C4 F1 10 7F 22 11 2C "),
        ("ATDP", "SAE J1850 PWM"),
    ];
    check("pwm", &dialogue).await;
    let dialogue = [
        ("ATTP2", "OK"),
        ("ATH1", "OK"),
        ("03", "48 6B 10 43 00 00 00 00 00 00 B0 \r48 6B 18 43 07 53 00 00 00 00 72 "),
        ("010D", "48 6B 10 41 0D 00 CA \r48 6B 18 41 0D 00 56 "),
        ("ATH0", "OK"),
        ("03", "43 00 00 00 00 00 00 \r43 07 53 00 00 00 00 "),
        ("ATDP", "SAE J1850 VPW"),
    ];
    check("vpw", &dialogue).await;
}

#[tokio::test(start_paused = true)]
async fn identifiers_of_29_bits_are_printed_byte_by_byte() {
    let dialogue = [
        ("ATTP7", "OK"),
        ("ATH1", "OK"),
        ("07", "18 DA F1 10 02 47 00 \r18 DA F1 18 02 47 00 \r18 DA F1 C7 04 47 01 C1 21 "),
        ("ATS0", "OK"),
        ("010D", "18DAF11003410D00\r18DAF11803410D00"),
        ("ATSH DA C7 F1", "OK"),
        ("22F190", "18DAF1C7037F2211"),
        ("ATSH DB 33 F1", "OK"),
        ("ATCRA 18DAF118", "OK"),
        ("010D", "18DAF11803410D00"),
        ("ATCRA", "OK"),
        ("ATCP 10", "OK"),
        ("010D", "NO DATA"),
    ];
    check("can29", &dialogue).await;
}

#[tokio::test(start_paused = true)]
async fn a_car_answers_on_its_own_protocol_only() {
    let (slow, fast) = ("BUS INIT: ...ERROR", "BUS INIT: ERROR");
    let can = "CAN ERROR";
    let none = "NO DATA";
    for (name, own, others) in [
        ("pwm", 1, ["", none, slow, slow, fast, can, can, can, can]),
        ("vpw", 2, [none, "", slow, slow, fast, can, can, can, can]),
        ("iso9141", 3, [none, none, "", slow, fast, can, can, can, can]),
        ("kwp-slow", 4, [none, none, slow, "", fast, can, can, can, can]),
        ("kwp", 5, [none, none, slow, slow, "", can, can, can, can]),
        ("petrol", 6, [none, none, slow, slow, fast, "", none, can, can]),
        ("can29", 7, [none, none, slow, slow, fast, none, "", can, can]),
    ] {
        let mut link = car(name).await;
        for (number, expect) in (1..).zip(others).filter(|(n, _)| *n != own) {
            say(&mut link, &format!("ATTP{number}")).await;
            assert_eq!(say(&mut link, "0100").await, expect, "{name} on {number}");
        }
        say(&mut link, &format!("ATTP{own}")).await;
        assert!(say(&mut link, "0100").await.contains("41 00"), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_search_goes_through_the_protocols_in_order_and_takes_its_time() {
    for (name, found, least, most) in [
        ("pwm", "A1", 0.05, 1.0),
        ("vpw", "A2", 0.4, 1.5),
        ("iso9141", "A3", 3.3, 4.5),
        ("kwp-slow", "A4", 3.3, 4.5),
        ("kwp", "A5", 3.6, 5.0),
        ("petrol", "A6", 3.6, 5.0),
        ("can29", "A7", 3.8, 5.0),
    ] {
        let mut link = car(name).await;
        let since = Instant::now();
        let answer = say(&mut link, "0100").await;
        let took = since.elapsed().as_secs_f64();
        // An initialisation within a search prints nothing.
        assert!(answer.starts_with("SEARCHING...\r41 00 "), "{name}: {answer}");
        assert!((least..most).contains(&took), "{name}: {took} s");
        assert_eq!(say(&mut link, "ATDPN").await, found);
        // The next request finds the bus open.
        assert!(say(&mut link, "0100").await.starts_with("41 00 "));
        // Beginning at the right one is quick, but for the slow initialisation.
        say(&mut link, &format!("ATTP{found}")).await;
        let since = Instant::now();
        assert!(say(&mut link, "0100").await.starts_with("SEARCHING...\r41 00 "));
        assert!(since.elapsed().as_secs_f64() < if matches!(found, "A3" | "A4") { 3.2 } else { 0.9 }, "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn initialisations_take_their_time() {
    for (name, protocol, least, most) in [("iso9141", 3, 2.5, 3.2), ("kwp-slow", 4, 2.5, 3.2), ("kwp", 5, 0.25, 0.8)] {
        let mut link = car(name).await;
        say(&mut link, &format!("ATTP{protocol}")).await;
        let since = Instant::now();
        assert!(say(&mut link, "0100").await.starts_with("BUS INIT: "));
        let took = since.elapsed().as_secs_f64();
        assert!((least..most).contains(&took), "{name}: {took} s");
    }
}

#[tokio::test(start_paused = true)]
async fn a_k_line_falls_asleep_unless_it_is_kept_awake() {
    for (name, protocol) in [("iso9141", 3), ("kwp-slow", 4), ("kwp", 5)] {
        let mut link = car(name).await;
        say(&mut link, &format!("ATTP{protocol}")).await;
        assert!(say(&mut link, "010D").await.starts_with("BUS INIT: "));
        // The adapter's own wake-up messages keep the session open.
        sleep(Duration::from_secs(60)).await;
        assert!(say(&mut link, "010D").await.starts_with("41 0D"), "{name}");
        assert_eq!(say(&mut link, "ATSW00").await, "OK");
        sleep(Duration::from_millis(4500)).await;
        assert!(say(&mut link, "010D").await.starts_with("41 0D"), "{name}");
        sleep(Duration::from_millis(5500)).await;
        assert!(say(&mut link, "010D").await.starts_with("BUS INIT: "), "{name}");
        // J1850 never sleeps.
        let mut link = car("vpw").await;
        say(&mut link, "ATSW00").await;
        say(&mut link, "0100").await;
        sleep(Duration::from_secs(60)).await;
        assert!(say(&mut link, "010D").await.starts_with("41 0D"));
    }
}

#[tokio::test(start_paused = true)]
async fn eight_bytes_leave_only_when_the_client_insists() {
    check(
        "kwp",
        &[
            ("ATTP5", "OK"),
            ("0102030405060708", "?"),
            ("ATAL", "OK"),
            ("0102030405060708", "BUS INIT: OK\rNO DATA"),
            ("010203040506070809", "?"),
            ("ATNL", "OK"),
            ("0102030405060708", "?"),
            ("ATST10", "OK"),
            ("ATAT0", "OK"),
            ("010D", "41 0D 00 "),
        ],
    )
    .await;
}
