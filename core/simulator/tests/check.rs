//! A whole check against the simulated car: in process, over a pseudo-terminal, over TCP, played back, cut short.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

use roadworthy_api::{
    Code,
    check::{CheckReport, CodeClass, Outcome},
    reading::Value,
};
use roadworthy_obd::{
    adapter::Reset,
    check::{CheckEvent, CheckOptions, Finished, run_check},
    link::{self, Carrier, Port},
    traffic::Traffic,
};
use roadworthy_simulator::{Key, Options, Source, connect, connect_with, serve_pty, serve_tcp};
use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, ReadBuf},
    sync::watch,
};

fn options() -> CheckOptions {
    let clock = AtomicI64::new(1_700_000_000_000);
    CheckOptions { now: Arc::new(move || clock.fetch_add(1, Ordering::Relaxed)), ..CheckOptions::new("sim:misfire") }
}

async fn check(link: impl Into<Carrier>) -> (Finished, Vec<CheckEvent>) {
    let (_keep, cancel) = watch::channel(false);
    let mut events = Vec::new();
    let finished = run_check(link, options(), cancel, &mut |e| events.push(e)).await;
    (finished, events)
}

fn outcomes<'a>(report: &'a CheckReport, request: &str) -> Vec<(Option<&'a str>, &'a Outcome)> {
    report.coverage.iter().filter(|c| c.request == request).map(|c| (c.ecu.as_deref(), &c.outcome)).collect()
}

/// What the car with the misfire must say, whatever the link.
fn assert_is_the_car(report: &CheckReport) {
    assert_eq!(report.partial, None);
    assert_eq!(report.rejected, []);
    assert_eq!(report.vin.as_deref(), Some("1RWPC14A6S1000427"));
    assert_eq!(report.vin_problem, None);
    assert_eq!(report.protocol.as_ref().map(|p| p.id.as_str()), Some("6"));
    assert_eq!(report.adapter.claims, "ELM327 v1.5");
    assert!(report.adapter.voltage.is_some_and(|v| (13.5..14.6).contains(&v)), "{:?}", report.adapter.voltage);
    let ecus: Vec<_> = report.ecus.iter().map(|e| (e.id.as_str(), e.named_itself)).collect();
    assert_eq!(ecus, [("7E8", true), ("7E9", true)]);
    assert_eq!(report.ecus[0].name, "Engine control (ECM)");
    assert_eq!(report.ecus[0].calibrations, ["RW14-ECM-0427-A1"]);
    assert_eq!(report.ecus[0].cvns, ["5D1E90C4"]);
    assert_eq!(report.ecus[1].calibrations, ["RW14-TCM-0112"]);
    assert!(
        report.ecus[0].supported.contains(&"A6".to_owned()) && !report.ecus[1].supported.contains(&"05".to_owned())
    );
    let codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), c.class, c.ecu.as_str())).collect();
    let expect = [
        ("P0301", CodeClass::Stored, "7E8"),
        ("P0302", CodeClass::Pending, "7E8"),
        ("P0420", CodeClass::Permanent, "7E8"),
    ];
    assert_eq!(codes, expect);
    let [frame] = report.freeze_frames.as_slice() else { panic!("{:?}", report.freeze_frames) };
    assert_eq!((frame.ecu.as_str(), frame.frame, frame.cause.as_str()), ("7E8", 0, "P0301"));
    let frozen: std::collections::BTreeSet<_> = frame.items.iter().map(|i| i.pid.as_str()).collect();
    assert!(frozen.len() >= 8, "{frozen:?}");
    assert!(
        frame.items.iter().any(|i| i.name.as_deref() == Some("engine_rpm")
            && i.value == Value::Number { value: 2240.0, unit: "rpm".into() })
    );
    let lamps: Vec<_> = report.readiness.iter().map(|r| (r.ecu.as_str(), r.mil, r.dtc_count)).collect();
    assert_eq!(lamps, [("7E8", true, 1), ("7E9", false, 0)]);
    let evap = report.readiness[0].tests.iter().find(|t| t.name == "evaporative_system").unwrap();
    assert!(evap.available && !evap.complete);
    for request in ["0100", "0101", "03", "07", "0A", "020200", "0900"] {
        assert_eq!(
            outcomes(report, request),
            [(Some("7E8"), &Outcome::Answered), (Some("7E9"), &Outcome::Answered)],
            "{request}"
        );
    }
    let vin = outcomes(report, "0902");
    assert_eq!(vin[0], (Some("7E8"), &Outcome::Answered));
    assert!(matches!(vin[1], (Some("7E9"), Outcome::NotAsked { .. })), "{vin:?}");
    assert_eq!(outcomes(report, "0105"), [(Some("7E8"), &Outcome::Answered)]);
    assert_eq!(outcomes(report, "010C"), [(Some("7E8"), &Outcome::Answered), (Some("7E9"), &Outcome::Answered)]);
    assert_is_plausible(report);
    assert!(report.not_asked.iter().any(|n| n.system.contains("ABS")));
}

/// Every value read must be one that this car can have.
fn assert_is_plausible(report: &CheckReport) {
    for reading in &report.snapshot {
        let Value::Number { value, unit } = &reading.item.value else { continue };
        let range = match reading.item.name.as_deref().unwrap_or_default() {
            "engine_rpm" => 600.0..6500.0,
            "vehicle_speed" => 0.0..130.0,
            "coolant_temperature" | "engine_coolant_temperature" => 15.0..99.0,
            "odometer" => 84_213.0..84_300.0,
            _ => continue,
        };
        assert!(range.contains(value), "{} {value} {unit}", reading.item.pid);
        assert!(reading.raw.starts_with("41") && reading.request.ends_with(&reading.item.pid));
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_reads_the_whole_car() {
    let since = tokio::time::Instant::now();
    let (finished, events) = check(Box::new(connect("misfire", 1).unwrap())).await;
    // A technician waits for this: half a minute is the promise, and the adapter's delays are real ones.
    assert!(since.elapsed().as_secs() < 20, "{:?}", since.elapsed());
    let report = finished.report.unwrap();
    assert_is_the_car(&report);
    let names: Vec<_> =
        report.snapshot.iter().filter_map(|r| Some((r.ecu.as_str(), r.item.name.as_deref()?))).collect();
    assert!(names.contains(&("7E8", "engine_rpm")) && names.contains(&("7E9", "engine_rpm")), "{names:?}");
    let odometer = report.snapshot.iter().find(|r| r.item.pid == "A6").unwrap();
    assert!(
        matches!(odometer.item.value, Value::Number { value, .. } if (84_213.0..84_214.0).contains(&value)),
        "{odometer:?}"
    );
    // The counts lead exactly to the end.
    let total =
        events.iter().rev().find_map(|e| if let CheckEvent::Planned { total } = e { Some(*total) } else { None });
    let done = events.iter().rev().find_map(|e| if let CheckEvent::Done { done, .. } = e { Some(*done) } else { None });
    assert_eq!(total, done);
    assert!(events.iter().any(|e| matches!(e, CheckEvent::Doing(words) if words == "Looking for the vehicle")));
    let rows = events.iter().filter(|e| matches!(e, CheckEvent::Answer { .. })).count();
    assert_eq!(rows, report.coverage.len());
}

#[tokio::test(start_paused = true)]
async fn the_driver_sends_nothing_that_writes() {
    let (finished, _) = check(Box::new(connect("misfire", 1).unwrap())).await;
    let text = finished.traffic.to_text();
    let sent: Vec<_> =
        text.lines().filter_map(|l| l.split_once(" > ")).map(|(_, s)| s.trim_end_matches("\\r")).collect();
    assert!(sent.len() > 40);
    for line in sent {
        let fine = ["ATZ", "ATE0", "ATL0", "ATS0", "ATH1", "ATAT1", "ATM0", "ATRV", "ATTP0", "ATDPN"].contains(&line)
            || ["01", "02", "03", "06", "07", "09", "0A"].iter().any(|s| line.starts_with(s));
        assert!(fine, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorded_check_plays_back_to_the_same_report() {
    let (first, _) = check(Box::new(connect("misfire", 5).unwrap())).await;
    let recording = Traffic::parse(&first.traffic.to_text()).unwrap();
    assert_eq!(recording, first.traffic);
    let (again, _) = check(recording).await;
    let (mut first, mut again) = (first.report.unwrap(), again.report.unwrap());
    assert_eq!(again.started, first.started);
    // Here a clock that only counts, there the recording's own.
    (first.ended, again.ended) = (0, 0);
    first.snapshot.iter_mut().chain(&mut again.snapshot).for_each(|r| r.at = 0);
    assert_eq!(first, again);
}

#[tokio::test(start_paused = true)]
async fn a_check_with_the_ignition_off_says_that_no_vehicle_answers() {
    let off = Options { key: Key::Off, ..Options::default() };
    let (finished, _) = check(Box::new(connect_with("misfire", off).unwrap())).await;
    let error = finished.report.unwrap_err();
    assert_eq!(error.code, Code::NoVehicle);
    assert!(error.hint.contains("12.5 V") && error.hint.contains("ignition"), "{error}");
    let text = finished.traffic.to_text();
    for tried in ["ATTP0", "ATTP6", "ATTP8", "ATTP7", "ATTP9", "ATTP1", "ATTP2", "ATTP3", "ATTP4", "ATTP5"] {
        assert!(text.contains(&format!("> {tried}\\r")), "{tried}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_engine_at_rest_is_read_as_well() {
    let on = Options { key: Key::On, ..Options::default() };
    let (finished, _) = check(Box::new(connect_with("misfire", on).unwrap())).await;
    let report = finished.report.unwrap();
    let rpm = report.snapshot.iter().find(|r| r.item.pid == "0C").unwrap();
    assert_eq!(rpm.item.value, Value::Number { value: 0.0, unit: "rpm".into() });
    assert_eq!(report.adapter.voltage, Some(12.5));
}

#[tokio::test(start_paused = true)]
async fn a_gentle_start_reads_the_same_car() {
    let (_keep, cancel) = watch::channel(false);
    let gentle = CheckOptions { reset: Reset::Warm, ..options() };
    let finished = run_check(Box::new(connect("misfire", 1).unwrap()), gentle, cancel, &mut |_| {}).await;
    assert_is_the_car(&finished.report.unwrap());
    assert!(!finished.traffic.to_text().contains("ATZ"));
}

#[tokio::test]
async fn a_check_over_tcp_reads_the_whole_car() {
    let fast = Options { speed: 40.0, ..Options::default() };
    let (address, serve) = serve_tcp(Source::Name("misfire"), ([127, 0, 0, 1], 0).into(), fast).await.unwrap();
    let server = tokio::spawn(serve);
    let port: Port = format!("tcp://{address}").parse().unwrap();
    let link = link::open(&port, None).await.unwrap();
    // Real adapters take one client: a second one is sent away.
    let second = link::open(&port, None).await.unwrap();
    let (refused, _) = check(second).await;
    assert_eq!(refused.report.unwrap_err().code, Code::LinkLost);
    let (finished, _) = check(link).await;
    assert_is_the_car(&finished.report.unwrap());
    // The first has gone: the next is welcome.
    let (finished, _) = check(link::open(&port, None).await.unwrap()).await;
    assert_is_the_car(&finished.report.unwrap());
    server.abort();
}

#[cfg(unix)]
#[tokio::test]
async fn two_checks_one_after_the_other_over_a_pseudo_terminal_read_the_whole_car() {
    let fast = Options { speed: 40.0, ..Options::default() };
    let (path, serve) = serve_pty(Source::Name("misfire"), fast).unwrap();
    let server = tokio::spawn(serve);
    let port: Port = path.display().to_string().parse().unwrap();
    for _ in 0..2 {
        let (finished, _) = check(link::open(&port, None).await.unwrap()).await;
        assert_is_the_car(&finished.report.unwrap());
    }
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_check_keeps_what_it_read_and_says_what_it_did_not_ask() {
    let (finished, events) = check(Box::new(connect("misfire", 1).unwrap())).await;
    let whole = finished.report.unwrap();
    let questions = events.iter().filter(|e| matches!(e, CheckEvent::Asked { .. })).count();
    for stop_at in 1..=questions {
        let (stop, cancel) = watch::channel(false);
        let mut asked = 0;
        let mut on = |e: CheckEvent| {
            if matches!(e, CheckEvent::Asked { .. }) {
                asked += 1;
                if asked == stop_at {
                    stop.send(true).unwrap();
                }
            }
        };
        let finished = run_check(Box::new(connect("misfire", 1).unwrap()), options(), cancel, &mut on).await;
        if stop_at == 1 {
            assert_eq!(finished.report.unwrap_err().code, Code::Cancelled);
            continue;
        }
        let report = finished.report.unwrap();
        assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::Cancelled));
        assert_is_part_of(&report, &whole);
        for request in ["0101", "03", "07", "0A", "020200", "0902"] {
            assert_eq!(outcomes(&report, request).len(), 2, "{request} when stopped at {stop_at}");
        }
    }
}

/// A shortened report holds nothing that the whole one does not.
fn assert_is_part_of(part: &CheckReport, whole: &CheckReport) {
    assert!(part.codes.iter().all(|c| whole.codes.contains(c)), "{:?}", part.codes);
    assert!(part.readiness.iter().all(|r| whole.readiness.contains(r)), "{:?}", part.readiness);
    assert!(part.vin.is_none() || part.vin == whole.vin);
    for frame in &part.freeze_frames {
        let of_whole = whole.freeze_frames.iter().find(|f| f.ecu == frame.ecu).unwrap();
        assert_eq!(frame.cause, of_whole.cause);
        assert!(frame.items.iter().all(|i| of_whole.items.contains(i)));
    }
    for ecu in &part.ecus {
        let of_whole = whole.ecus.iter().find(|e| e.id == ecu.id).unwrap();
        assert!(ecu.supported.iter().all(|p| of_whole.supported.contains(p)));
        assert!(ecu.calibrations.iter().all(|c| of_whole.calibrations.contains(c)));
        assert!(ecu.cvns.iter().all(|c| of_whole.cvns.contains(c)));
    }
    assert_is_plausible(part);
    for row in part.coverage.iter().filter(|c| c.outcome == Outcome::Answered) {
        assert!(whole.coverage.contains(row), "{row:?}");
    }
}

/// A link that is pulled out after so many bytes from the adapter.
struct Unplugged {
    inner: tokio::io::DuplexStream,
    left: usize,
    /// End of file, or an error of the device.
    politely: bool,
}

impl AsyncRead for Unplugged {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if self.left == 0 {
            return Poll::Ready(if self.politely { Ok(()) } else { Err(io::Error::other("input/output error")) });
        }
        let mut part = vec![0; self.left.min(buf.remaining())];
        let mut read = ReadBuf::new(&mut part);
        match Pin::new(&mut self.inner).poll_read(cx, &mut read) {
            Poll::Ready(Ok(())) => {
                self.left -= read.filled().len();
                buf.put_slice(read.filled());
                Poll::Ready(Ok(()))
            }
            other => other,
        }
    }
}

impl AsyncWrite for Unplugged {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        if self.left == 0 && !self.politely {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        Pin::new(&mut self.inner).poll_write(cx, bytes)
    }
    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }
    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[tokio::test(start_paused = true)]
async fn an_adapter_pulled_out_at_any_byte_loses_nothing_read_and_invents_nothing() {
    let (finished, _) = check(Box::new(connect("misfire", 1).unwrap())).await;
    let bytes: usize = finished
        .traffic
        .chunks
        .iter()
        .filter(|c| c.direction == roadworthy_obd::traffic::Direction::FromAdapter)
        .map(|c| c.bytes.len())
        .sum();
    let whole = finished.report.unwrap();
    // Every byte with ROADWORTHY_LONG set, else a sample.
    let step = if std::env::var_os("ROADWORTHY_LONG").is_some() { 1 } else { 17 };
    let (mut kept, mut lost) = (0, 0);
    for (round, left) in (0..bytes).step_by(step).enumerate() {
        let inner = connect("misfire", 1).unwrap();
        let (finished, _) = check(Box::new(Unplugged { inner, left, politely: round % 2 == 0 })).await;
        match finished.report {
            Err(error) => {
                lost += 1;
                assert_eq!(error.code, Code::LinkLost, "after {left} bytes");
            }
            Ok(report) => {
                kept += 1;
                assert_eq!(report.partial.as_ref().map(|e| e.code), Some(Code::LinkLost), "after {left} bytes");
                assert_is_part_of(&report, &whole);
            }
        }
    }
    assert!(kept > lost, "{kept} kept, {lost} lost");
}

#[tokio::test(start_paused = true)]
async fn pain_16_a_reset_that_another_program_left_behind_does_not_shift_the_answers() {
    let mut link = connect("misfire", 1).unwrap();
    // It closes without waiting for what comes of it.
    link.write_all(b"ATZ\r").await.unwrap();
    let (finished, _) = check(link).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial, None);
    assert!(report.adapter.voltage.is_some() && report.codes.iter().any(|c| c.code == "P0301"), "{report:?}");
}
