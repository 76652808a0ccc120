//! SLCAN: our driver against our strict adapter, and against adapters that are not.

use crate::rig::{at_rest, check, frame};
use roadworthy_api::{Code, Error};
use roadworthy_obd::{
    can::{CanLink, Event, Mode, slcan::Slcan},
    link::{self, BoxLink, Carrier, Port},
};
use roadworthy_simulator::{CanCar, Options, Source, connect, connect_slcan, serve_pty};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn on_can(name: &str) -> CanCar {
    CanCar::new(Source::Name(name), at_rest()).unwrap()
}

fn carrier(link: impl link::Link + 'static, bitrate: Option<u32>) -> Carrier {
    Carrier::Can(Box::new(Slcan::new(Box::new(link), bitrate).unwrap()))
}

#[tokio::test(start_paused = true)]
async fn a_check_over_slcan_reads_the_whole_car() {
    for (name, bitrate, junk) in [
        ("misfire", Some(500_000), ""),
        ("misfire", None, ""),
        ("can29", None, "t1A08005102000000000\rV10"),
        ("petrol", None, "\x07\x07\0\0hello\r\n\r"),
    ] {
        let finished = check(carrier(connect_slcan(on_can(name), junk), bitrate)).await;
        let report = finished.report.unwrap_or_else(|e| panic!("{name} {bitrate:?}: {e}"));
        assert_eq!((report.partial, report.rejected), (None, vec![]), "{name}");
        assert_eq!(report.adapter.claims, "SLCAN 1013 (RW01)");
        assert!(report.vin.is_some() && !report.snapshot.is_empty(), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_silent_or_at_another_rate_is_said_and_nothing_is_sent() {
    for (car, bitrate, code, says) in [
        (on_can("petrol").quiet(), None, Code::NoVehicle, "bitrate=500000"),
        (on_can("petrol"), Some(250_000), Code::AdapterFault, "Nothing was sent"),
    ] {
        let finished = check(carrier(connect_slcan(car, ""), bitrate)).await;
        let error = finished.report.unwrap_err();
        assert_eq!(error.code, code, "{error}");
        assert!(error.hint.contains(says), "{error}");
        assert!(!finished.traffic.to_text().contains(" > "));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_check_over_a_pseudo_terminal_as_a_port_reads_the_whole_car() {
    let fast = Options { speed: 5.0, slcan: true, ..at_rest() };
    let (path, serve) = serve_pty(Source::Name("misfire"), fast).unwrap();
    let server = tokio::spawn(serve);
    let port: Port = format!("slcan:{}?bitrate=500000", path.display()).parse().unwrap();
    let report = check(link::open(&port, None).await.unwrap()).await.report.unwrap();
    assert_eq!((report.partial, report.codes.len()), (None, 3));
    server.abort();
}

/// An adapter that answers each line as the function says.
fn odd(answer: impl Fn(&str) -> String + Send + 'static) -> BoxLink {
    let (ours, mut theirs) = tokio::io::duplex(4096);
    tokio::spawn(async move {
        let (mut line, mut byte) = (String::new(), [0]);
        while matches!(theirs.read(&mut byte).await, Ok(1)) {
            if byte[0] != b'\r' {
                line.push(char::from(byte[0]));
                continue;
            }
            let said = answer(&std::mem::take(&mut line));
            if theirs.write_all(said.as_bytes()).await.is_err() {
                return;
            }
        }
    });
    Box::new(ours)
}

#[tokio::test(start_paused = true)]
async fn what_is_no_slcan_adapter_says_so() {
    let elm: BoxLink = Box::new(connect("petrol", 1).unwrap());
    let cases: [(BoxLink, &str); 3] = [
        (elm, "another language"),
        (odd(|_| String::new()), "nothing answers"),
        (odd(|_| "x".repeat(500) + "\r"), "another language"),
    ];
    for (link, says) in cases {
        let mut adapter = Slcan::new(link, Some(500_000)).unwrap();
        let error: Error = adapter.start(Some(500_000), Mode::Active).await.unwrap_err().into();
        assert_eq!(error.code, Code::NotAnAdapter, "{error}");
        assert!(error.message.contains(says), "{error}");
    }
    assert!(Slcan::new(odd(|_| String::new()), Some(333_333)).is_err());
}

#[tokio::test(start_paused = true)]
async fn a_refusal_is_an_error_with_its_name() {
    for (refused, says) in [("S", "the bit rate 500"), ("O", "to open the bus"), ("L", "cannot listen")] {
        let link = odd(move |line| match line {
            "V" => "V1013\r".into(),
            _ if line.starts_with(refused) => "\x07".into(),
            _ => "\r".into(),
        });
        let mut adapter = Slcan::new(link, Some(500_000)).unwrap();
        let mode = if refused == "L" { Mode::Listen } else { Mode::Active };
        let error: Error = adapter.start(Some(500_000), mode).await.unwrap_err().into();
        assert!(error.message.contains(says), "{error}");
    }
    // A frame that is not taken: nobody acknowledges, and the buffer is full.
    let link = odd(|line| match line {
        "V" => "V1013\r".into(),
        _ if line.starts_with('t') => "\x07".into(),
        _ => "\r".into(),
    });
    let mut adapter = Slcan::new(link, Some(500_000)).unwrap();
    adapter.start(Some(500_000), Mode::Active).await.unwrap();
    assert!(adapter.send(&frame("7DF#020100")).await.unwrap_err().to_string().contains("acknowledges"));
}

#[tokio::test(start_paused = true)]
async fn an_adapter_without_a_mode_to_listen_is_used_at_a_named_rate_only() {
    for bitrate in [Some(500_000), None] {
        let (ours, mut theirs) = tokio::io::duplex(4096);
        let mut adapter = connect_slcan(on_can("petrol"), "");
        // Between the two: a firmware that does not know `L` and never says that it has taken a frame.
        tokio::spawn(async move {
            let (mut up, mut down) = ([0; 256], [0; 256]);
            loop {
                tokio::select! {
                    n = theirs.read(&mut up) => {
                        let Ok(n) = n else { return };
                        if n == 0 { return }
                        if up[..n].starts_with(b"L\r") { theirs.write_all(b"\x07").await.unwrap(); continue }
                        adapter.write_all(&up[..n]).await.unwrap();
                    }
                    n = adapter.read(&mut down) => {
                        let Ok(n) = n else { return };
                        let text: String = String::from_utf8_lossy(&down[..n]).replace("z\r", "");
                        if theirs.write_all(text.as_bytes()).await.is_err() { return }
                    }
                }
            }
        });
        let finished = check(carrier(ours, bitrate)).await;
        match (bitrate, finished.report) {
            (Some(_), report) => assert_eq!(report.unwrap().partial, None),
            (None, report) => {
                let error = report.unwrap_err();
                assert!(error.hint.contains("bitrate=500000"), "{error}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn frames_carry_the_adapters_own_time_where_it_is_asked_for() {
    let link: BoxLink = Box::new(connect_slcan(on_can("petrol"), ""));
    let mut adapter = Slcan::new(link, Some(500_000)).unwrap().with_stamps();
    adapter.start(Some(500_000), Mode::Active).await.unwrap();
    adapter.send(&frame("7DF#0201000000000000")).await.unwrap();
    let mut stamps = Vec::new();
    for _ in 0..6 {
        let received = adapter.receive().await.unwrap();
        assert!(matches!(received.event, Event::Frame(_)));
        stamps.push(received.stamp.unwrap());
    }
    assert!(stamps.windows(2).all(|w| w[0] <= w[1]) && stamps[5] > stamps[0], "{stamps:?}");
    // Without, there is none; and what only listens sends nothing.
    adapter = Slcan::new(Box::new(connect_slcan(on_can("petrol"), "")), Some(500_000)).unwrap();
    adapter.start(Some(500_000), Mode::Listen).await.unwrap();
    assert_eq!(adapter.receive().await.unwrap().stamp, None);
    assert!(adapter.send(&frame("7DF#0201000000000000")).await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_pulled_plug_is_a_lost_link_and_not_an_end_of_answers() {
    let (ours, mut theirs) = tokio::io::duplex(4096);
    let mut adapter = connect_slcan(on_can("misfire"), "");
    tokio::spawn(async move {
        let _ = tokio::time::timeout(Duration::from_secs(3), tokio::io::copy_bidirectional(&mut theirs, &mut adapter))
            .await;
    });
    let report = check(carrier(ours, Some(500_000))).await.report.unwrap();
    assert_eq!(report.partial.map(|e| e.code), Some(Code::LinkLost));
    assert!(!report.ecus.is_empty());
}
