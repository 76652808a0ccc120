//! CAN FD: asked only where a person says so and the bus bears it out, and then read as over classic frames.

use crate::rig::{at_rest, bare, check, check_on, drive, engine, frame, outcome, same, script, tester};
use roadworthy_api::{
    Code,
    check::{CheckReport, Outcome},
};
use roadworthy_obd::{
    adapter::{Adapter, Request, Reset, Target},
    bus::ask,
    can::{CanLink, DataRate, memory::Bus},
    check::{CheckOptions, Finished, check_recording},
};
use roadworthy_simulator::{CanCar, Frames, Source};
use std::time::Duration;
use tokio::time::sleep;

const RATE: u32 = 500_000;

fn car(name: &str, frames: Frames) -> CanCar {
    CanCar::new(Source::Name(name), at_rest()).unwrap().with_frames(frames)
}

/// A check by a tester that may speak CAN FD.
async fn check_fd(bus: &Bus, rate: DataRate) -> Finished {
    check(tester(bus.node(&[RATE]).with_fd(rate))).await
}

async fn classic(name: &str) -> CheckReport {
    let bus = Bus::new(RATE);
    drive(&bus, car(name, Frames::Classic));
    check_on(&bus, RATE).await.report.unwrap()
}

/// Lines of the record that were sent as CAN FD, and the others.
fn sent(finished: &Finished) -> (usize, usize) {
    let text = finished.traffic.to_text();
    let all = text.lines().filter(|line| line.contains(" > ")).count();
    let fd = text.lines().filter(|line| line.contains(" > ") && line.contains("##")).count();
    (fd, all - fd)
}

#[tokio::test(start_paused = true)]
async fn a_check_reads_the_same_as_over_classic_frames() {
    for name in ["misfire", "can29", "uds", "petrol"] {
        let expect = classic(name).await;
        for (frames, rate, flags) in [
            (Frames::Both, DataRate::Faster, "##1"),
            (Frames::Both, DataRate::Same, "##0"),
            (Frames::Fd, DataRate::Faster, "##1"),
        ] {
            let bus = Bus::new(RATE);
            drive(&bus, car(name, frames));
            let finished = check_fd(&bus, rate).await;
            let report = finished.report.clone().unwrap();
            same(report.clone(), expect.clone());
            let (fd, other) = sent(&finished);
            assert!(fd > 20 && other <= 4, "{name} {frames:?}: {fd} and {other}");
            let text = finished.traffic.to_text();
            // All that was sent after the first questions, with the bit rate that was named.
            let ours: Vec<&str> = text.lines().filter(|l| l.contains(" > ")).collect();
            assert!(ours[other..].iter().all(|l| l.contains(flags)), "{name} {frames:?}");
            // What passed can be played back.
            let again = check_recording(finished.traffic, CheckOptions::new("replay:visit.txt")).report.unwrap();
            let (again, report) = (bare(again), bare(report));
            assert_eq!((again.vin, again.codes, again.partial), (report.vin, report.codes, None), "{name} {frames:?}");
            assert_eq!((again.snapshot.len(), again.rejected), (report.snapshot.len(), report.rejected), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_persons_word_nothing_is_asked_in_can_fd() {
    let bus = Bus::new(RATE);
    drive(&bus, car("misfire", Frames::Both));
    let finished = check_on(&bus, RATE).await;
    assert_eq!(sent(&finished).0, 0);
    same(finished.report.unwrap(), classic("misfire").await);
    let bus = Bus::new(RATE);
    drive(&bus, car("misfire", Frames::Fd).quiet());
    let finished = check_on(&bus, RATE).await;
    assert_eq!((sent(&finished).0, finished.report.unwrap_err().code), (0, Code::NoVehicle));
}

/// With a person's word, which may be wrong.
#[tokio::test(start_paused = true)]
async fn ecus_of_classic_can_are_never_disturbed() {
    let expect = classic("misfire").await;
    for (quiet, frames) in [(false, Frames::Classic), (true, Frames::Classic), (true, Frames::Both)] {
        let bus = Bus::new(RATE);
        let asked = car("misfire", frames);
        drive(&bus, if quiet { asked.quiet() } else { asked });
        // A controller that would destroy any frame of CAN FD.
        let _old = bus.node(&[]).classic();
        let finished = check_fd(&bus, DataRate::Faster).await;
        assert_eq!((sent(&finished).0, bus.disturbed()), (0, 0), "{quiet} {frames:?}");
        same(finished.report.unwrap(), expect.clone());
    }
    // Nobody answers a tester, and somebody is there.
    let bus = Bus::new(RATE);
    let mut old = bus.node(&[]).classic();
    tokio::spawn(async move {
        while old.send(&frame("1A0#0051020000000000")).await.is_ok() {
            sleep(Duration::from_millis(100)).await;
        }
    });
    let finished = check_fd(&bus, DataRate::Faster).await;
    assert_eq!((sent(&finished).0, bus.disturbed()), (0, 0));
    assert_eq!(finished.report.unwrap_err().code, Code::NoVehicle);
}

#[tokio::test(start_paused = true)]
async fn a_silent_vehicle_that_knows_can_fd_only_is_found_on_a_persons_word() {
    let bus = Bus::new(RATE);
    drive(&bus, car("can29", Frames::Fd).quiet());
    let finished = check_fd(&bus, DataRate::Same).await;
    let (fd, other) = sent(&finished);
    // Every classic question came first.
    assert!(fd > 20 && other == 4, "{fd} {other}");
    same(finished.report.unwrap(), classic("can29").await);
    let bus = Bus::new(RATE);
    let _nobody = bus.node(&[]);
    assert_eq!(check_fd(&bus, DataRate::Same).await.report.unwrap_err().code, Code::NoVehicle);
}

#[tokio::test(start_paused = true)]
async fn one_ecu_that_answers_classic_frames_only_keeps_all_at_them() {
    let bus = Bus::new(RATE);
    drive(&bus, car("petrol", Frames::Both));
    script(
        &bus,
        vec![("7DF#020100", vec![(5, "7EA#0641000000000100")]), ("7DF#0103", vec![(5, "7EA#0443010301000000")])],
    );
    let finished = check_fd(&bus, DataRate::Faster).await;
    assert_eq!(sent(&finished).0, 1, "it was tried once");
    let report = finished.report.unwrap();
    assert_eq!(outcome(&report, "03", "7EA"), Some(&Outcome::Answered));
    assert!(report.codes.iter().any(|c| c.ecu == "7EA" && c.code == "P0301"), "{:?}", report.codes);
    let expect = classic("petrol").await;
    assert_eq!((report.vin, report.snapshot.len()), (expect.vin, expect.snapshot.len()));
}

/// It was heard that the bus bears CAN FD; then somebody came who does not.
#[tokio::test(start_paused = true)]
async fn a_fault_at_the_first_frame_of_can_fd_is_the_last_one() {
    let bus = Bus::new(RATE);
    drive(&bus, car("misfire", Frames::Both).quiet());
    let (mut new, late) = (bus.node(&[]), bus.clone());
    tokio::spawn(async move {
        sleep(Duration::from_millis(50)).await;
        new.send(&frame("1A0##10051020000000000")).await.unwrap();
        sleep(Duration::from_millis(260)).await;
        let _old = late.node(&[]).classic();
        std::future::pending::<()>().await;
    });
    let finished = check_fd(&bus, DataRate::Faster).await;
    assert_eq!((sent(&finished).0, bus.disturbed()), (1, 1));
    same(finished.report.unwrap(), classic("misfire").await);
}

fn leaked(text: String) -> &'static str {
    Box::leak(text.into_boxed_str())
}

/// Bytes as hex, each with a number of its own.
fn hex(from: usize, bytes: usize) -> String {
    (from..from + bytes).map(|n| format!("{:02X}", n % 251)).collect()
}

/// A request of service 22 for so many identifiers: from F400 on.
fn many(ids: u8) -> Request {
    let names = (0..ids).flat_map(|n| [0xF4, n]);
    Request::new(&std::iter::once(0x22).chain(names).collect::<Vec<u8>>()).unwrap()
}

/// An ECU of CAN FD that answers a question to everyone, and one to itself, with a hundred bytes each.
fn scripted(from: u16) -> crate::rig::Script {
    let to = from - 8;
    // 62 F4 00 and 97 more: 62 bytes in the first frame, 38 in the second, of 48.
    let first = leaked(format!("{from:03X}##1106462F400{}", hex(3, 59)));
    let second = leaked(format!("{from:03X}##121{}{}", hex(62, 38), "CC".repeat(9)));
    let whole = leaked(format!("{from:03X}##1300000CCCCCCCCCC"));
    vec![
        ("7DF#020100", vec![(4, leaked(format!("{from:03X}#0641000000000100")))]),
        ("7DF##1020100", vec![(4, leaked(format!("{from:03X}##10641000000000100")))]),
        // 21 bytes: the length stands behind a zero, and the frame is filled to 24.
        ("7DF##1001522F400", vec![(4, first)]),
        (leaked(format!("{to:03X}##130000")), vec![(3, second)]),
        // 81 bytes: a first frame of 64, and the rest of 19 in a frame of 20 once the ECU says go on.
        (leaked(format!("{to:03X}##1105122F400")), vec![(4, whole)]),
        (leaked(format!("{to:03X}##1211E")), vec![(4, first)]),
    ]
}

#[tokio::test(start_paused = true)]
async fn long_messages_go_both_ways_each_to_its_ecu() {
    let bus = Bus::new(RATE);
    let mut new = bus.node(&[]);
    tokio::spawn(async move {
        sleep(Duration::from_millis(50)).await;
        new.send(&frame("1A0##10051020000000000")).await.unwrap();
        std::future::pending::<()>().await;
    });
    for from in [0x7E8, 0x7E9, 0x7EB] {
        script(&bus, scripted(from));
    }
    let node = bus.node(&[RATE]).with_fd(DataRate::Faster);
    let mut adapter = Adapter::start(tester(node), Reset::Cold).await.unwrap();
    adapter.connect().await.unwrap();
    let answer: Vec<u8> = [0x62, 0xF4, 0x00].into_iter().chain((3..62).chain(62..100)).collect();
    let all = ask(&mut adapter, &many(10)).await.unwrap();
    let mut who: Vec<&str> = all.answers.iter().map(|(ecu, _)| ecu.as_str()).collect();
    who.sort_unstable();
    assert_eq!(who, ["7E8", "7E9", "7EB"], "{all:?}");
    assert!(all.answers.iter().all(|(_, payload)| *payload == answer), "{all:?}");
    let one = ask(&mut adapter, &many(40).to(Target::ecu("7E9").unwrap())).await.unwrap();
    assert_eq!(one.answers, [("7E9".to_owned(), answer)], "{one:?}");
    let text = adapter.into_traffic().to_text();
    let ours = |start: &str| text.lines().filter(|l| l.contains(&format!("> {start}"))).collect::<Vec<_>>();
    for to in ["7E0", "7E1", "7E3"] {
        let flows = ours(&format!("{to}##130000"));
        assert_eq!(flows.len(), if to == "7E1" { 2 } else { 1 }, "{text}");
        // Filled as ISO 15765-2 has it.
        assert!(flows.iter().all(|l| l.ends_with(&format!("{to}##1300000CCCCCCCCCC"))), "{flows:?}");
    }
    // Frames have lengths that there are, and no more than they need.
    for (start, bytes) in [("7DF##10015", 24), ("7E1##11051", 64), ("7E1##121", 20)] {
        let [line] = ours(start)[..] else { panic!("{start} in {text}") };
        assert_eq!(line.rsplit("##1").next().unwrap().len(), 2 * bytes, "{line}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_does_not_fit_one_frame_goes_to_nobody_at_once_and_to_one_ecu_in_several() {
    let bus = Bus::new(RATE);
    script(
        &bus,
        engine(vec![
            ("7E0#101522F400", vec![(4, "7E8#3000000000000000")]),
            ("7E0#23", vec![(4, "7E8#0462F4005A000000")]),
        ]),
    );
    let mut adapter = Adapter::start(tester(bus.node(&[RATE])), Reset::Cold).await.unwrap();
    adapter.connect().await.unwrap();
    assert_eq!(ask(&mut adapter, &many(10)).await.unwrap_err().code, Code::Invalid);
    let one = ask(&mut adapter, &many(10).to(Target::ecu("7E8").unwrap())).await.unwrap();
    assert_eq!(one.answers, [("7E8".to_owned(), vec![0x62, 0xF4, 0x00, 0x5A])], "{one:?}");
    let text = adapter.into_traffic().to_text();
    assert_eq!(text.lines().filter(|l| l.contains("> 7E0#2")).count(), 3, "{text}");
    assert!(!text.contains("##"));
}
