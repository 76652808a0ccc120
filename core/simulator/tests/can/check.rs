//! The same report over frames as through an ELM327.

use crate::rig::{at_rest, bare, car, check, check_on, drive, tester};
use roadworthy_obd::{
    can::memory::Bus,
    traffic::{Medium, Traffic},
};
use roadworthy_simulator::{CanCar, Options, Source, connect_with, names};

#[tokio::test(start_paused = true)]
async fn every_car_gives_the_same_report_over_frames_as_through_an_elm327() {
    let mut cars = 0;
    for name in names() {
        let Ok(on_can) = CanCar::new(Source::Name(name), at_rest()) else { continue };
        cars += 1;
        let bus = Bus::new(on_can.bitrate());
        let rate = on_can.bitrate();
        drive(&bus, on_can);
        let frames = check_on(&bus, rate).await.report.unwrap();
        let elm = check(Box::new(connect_with(name, at_rest()).unwrap())).await.report.unwrap();
        assert_eq!(frames.adapter.claims, "CAN bus in memory");
        assert!(!frames.ecus.is_empty() && frames.partial.is_none(), "{name}");
        assert_eq!(bare(frames), bare(elm), "{name}");
    }
    assert!(cars >= 7, "{cars}");
}

#[tokio::test(start_paused = true)]
async fn a_check_over_frames_is_quicker_than_a_technician_looks_up() {
    let bus = Bus::new(500_000);
    car(&bus, "misfire", Options::default());
    let since = tokio::time::Instant::now();
    let report = check_on(&bus, 500_000).await.report.unwrap();
    assert!(since.elapsed().as_secs() < 12, "{:?}", since.elapsed());
    assert_eq!(report.codes.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn the_bit_rate_is_found_by_listening() {
    for (name, rate) in [("petrol", 500_000), ("can29", 500_000)] {
        let bus = Bus::new(rate);
        car(&bus, name, at_rest());
        let report = check(tester(bus.node(&[250_000, rate]))).await.report.unwrap();
        assert_eq!((bus.disturbed(), report.partial), (0, None), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_recorded_check_over_frames_plays_back_to_the_same_report() {
    for name in ["misfire", "can29", "hybrid"] {
        let bus = Bus::new(500_000);
        car(&bus, name, at_rest());
        let first = check_on(&bus, 500_000).await;
        let text = first.traffic.to_text();
        let recording = Traffic::parse(&text).unwrap();
        assert_eq!((recording.medium, recording.bitrate), (Medium::Frames, Some(500_000)));
        assert_eq!(recording, first.traffic);
        let again = check(recording).await;
        assert_eq!(bare(again.report.unwrap()), bare(first.report.unwrap()), "{name}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_candump_log_is_a_vehicle_to_ask() {
    let bus = Bus::new(500_000);
    car(&bus, "misfire", at_rest());
    let first = check_on(&bus, 500_000).await;
    let path = std::env::temp_dir().join(format!("roadworthy-candump-{}.log", std::process::id()));
    // As another program would have written it: no directions, and chatter between.
    let log = first.traffic.to_candump("can0").unwrap();
    let log: String = log.lines().map(|l| format!("{}\n", l.trim_end_matches([' ', 'T', 'R']))).collect();
    std::fs::write(&path, format!("(0000000000.000000) can0 1A0#0051020000000000\n{log}")).unwrap();
    let port: roadworthy_obd::link::Port = format!("replay:{}", path.display()).parse().unwrap();
    let again = check(roadworthy_obd::link::open(&port, None).await.unwrap()).await;
    std::fs::remove_file(&path).unwrap();
    assert_eq!(bare(again.report.unwrap()), bare(first.report.unwrap()));
}

#[tokio::test(start_paused = true)]
async fn with_the_key_off_nothing_answers_and_that_is_said() {
    let bus = Bus::new(500_000);
    car(&bus, "petrol", Options { key: roadworthy_simulator::Key::Off, ..Options::default() });
    let finished = check_on(&bus, 500_000).await;
    let error = finished.report.unwrap_err();
    assert_eq!(error.code, roadworthy_api::Code::NoVehicle);
    assert!(error.hint.contains("ignition"), "{error}");
    let sent = finished.traffic.to_text();
    assert!(sent.contains("> 7DF#0201000000000000") && sent.contains("> 18DB33F1#0201000000000000"), "{sent}");
}
