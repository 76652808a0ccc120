//! Several ECUs at once, and what goes wrong on the wires.

use crate::rig::{at_rest, car, check, check_on, engine, frame, id, one_of_four, outcome, script, tester};
use roadworthy_api::{Code, check::Outcome};
use roadworthy_obd::can::{BusError, CanId, Event, memory::Bus};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

const NOW: Duration = Duration::ZERO;

#[tokio::test(start_paused = true)]
async fn four_ecus_with_long_answers_to_one_request_are_each_read_whole() {
    let bus = Bus::new(500_000);
    (0..4).for_each(|n| script(&bus, one_of_four(n)));
    let finished = check_on(&bus, 500_000).await;
    let report = finished.report.unwrap();
    assert_eq!(report.rejected, []);
    for n in 0..4 {
        let ecu = format!("7E{:X}", 8 + n);
        assert_eq!(outcome(&report, "0902", &ecu), Some(&Outcome::Answered), "{ecu}");
    }
    // Flow control went to each ECU that sent, and to nobody else.
    let flows: Vec<String> = finished
        .traffic
        .frames()
        .map(|(_, c)| String::from_utf8_lossy(&c.bytes).into_owned())
        .filter(|t| t.contains("#30"))
        .map(|t| t[..3].to_owned())
        .collect();
    assert_eq!(flows, ["7E0", "7E1", "7E2", "7E3"]);
    // Four VINs that differ are four words, of which none is the vehicle's.
    assert!(report.vin.is_none() || report.vin_problem.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_lost_frame_is_asked_for_again_and_said_if_it_stays_lost() {
    for (losses, whole) in [(1, true), (9, false)] {
        let bus = Bus::new(500_000);
        car(&bus, "petrol", at_rest());
        let left = Arc::new(Mutex::new(losses));
        bus.meddle(move |f| {
            let mut left = left.lock().unwrap();
            // The second of the frames behind a first one.
            if *left > 0 && f.id() == id("7E8") && f.data()[0] == 0x22 {
                *left -= 1;
                return Vec::new();
            }
            vec![(NOW, f.clone())]
        });
        let report = check_on(&bus, 500_000).await.report.unwrap();
        if whole {
            assert_eq!((report.vin.is_some(), report.rejected.len()), (true, 0));
        } else {
            assert_eq!(report.vin, None);
            let Some(Outcome::Unreadable { reason }) = outcome(&report, "0902", "7E8") else { panic!() };
            assert!(reason.contains("parts came") || reason.contains("was due"), "{reason}");
            assert!(report.rejected.iter().any(|r| r.request == "0902"), "{:?}", report.rejected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn flow_control_that_reaches_nobody_is_a_message_that_never_comes() {
    let bus = Bus::new(500_000);
    car(&bus, "petrol", at_rest());
    // As the kernel's own transport layer does: the word goes to everyone, and no ECU takes it.
    bus.meddle(|f| {
        let flow = f.data().first() == Some(&0x30);
        vec![(NOW, if flow { frame("7DF#3000000000000000") } else { f.clone() })]
    });
    let report = check_on(&bus, 500_000).await.report.unwrap();
    assert_eq!((report.vin, report.partial), (None, None));
    assert!(report.readiness.iter().any(|r| r.ecu == "7E8"), "short answers are read all the same");
    assert!(
        report.rejected.iter().any(|r| r.request == "0902" && r.reason.contains("nly 6 of")),
        "{:?}",
        report.rejected
    );
}

#[tokio::test(start_paused = true)]
async fn doubled_late_and_disordered_frames_invent_nothing() {
    let bus = Bus::new(500_000);
    car(&bus, "misfire", at_rest());
    let whole = check_on(&bus, 500_000).await.report.unwrap();
    for kind in 0..3 {
        let bus = Bus::new(500_000);
        car(&bus, "misfire", at_rest());
        let mut n = 0u32;
        bus.meddle(move |f| {
            n += 1;
            let ecu = (0x7E8..=0x7EF).contains(&f.id().number());
            match kind {
                0 if ecu && n.is_multiple_of(3) => vec![(NOW, f.clone()), (Duration::from_micros(300), f.clone())],
                1 if ecu && n.is_multiple_of(5) => vec![(Duration::from_millis(40), f.clone())],
                2 if ecu && n.is_multiple_of(7) => vec![(Duration::from_millis(400), f.clone())],
                _ => vec![(NOW, f.clone())],
            }
        });
        let report = check_on(&bus, 500_000).await.report.unwrap();
        assert!(report.codes.iter().all(|c| whole.codes.contains(c)), "{kind} {:?}", report.codes);
        assert!(report.vin.is_none() || report.vin == whole.vin, "{kind}");
        for reading in &report.snapshot {
            let same = |r: &&roadworthy_api::reading::Reading| r.ecu == reading.ecu && r.item == reading.item;
            assert!(whole.snapshot.iter().any(|r| same(&r)), "{kind} {reading:?}");
        }
        for row in report.coverage.iter().filter(|c| c.outcome == Outcome::Answered) {
            assert!(whole.coverage.iter().any(|c| c.request == row.request && c.ecu == row.ecu), "{row:?}");
        }
    }
}

/// A machine that does not get round to it for a while, as a busy or a sleeping one.
#[tokio::test(start_paused = true)]
async fn what_came_in_time_counts_however_late_it_is_looked_at() {
    let bus = Bus::new(500_000);
    script(&bus, engine(vec![("7DF#0103", vec![(0, "7E8#0443010301000000")])]));
    let long = vec![(0, "7E9#2107030704000000")];
    script(
        &bus,
        vec![
            ("7DF#020100", vec![(0, "7E9#0641008000000000")]),
            ("7DF#0103", vec![(0, "7E9#100A430407010702")]),
            ("7E1#30", long),
        ],
    );
    bus.meddle(|f| {
        let shown = roadworthy_obd::can::candump::text(&Event::Frame(f.clone()));
        let stalls = shown.starts_with("7DF#0103") || shown.starts_with("7E1#30");
        if stalls {
            tokio::spawn(async {
                tokio::time::sleep(Duration::from_millis(1)).await;
                tokio::time::advance(Duration::from_millis(1500)).await;
            });
        }
        let later = match f.id().number() {
            0x7E8 => 50,
            0x7E9 => 60,
            _ => 0,
        };
        vec![(Duration::from_millis(later), f.clone())]
    });
    let finished = check_on(&bus, 500_000).await;
    let report = finished.report.unwrap();
    assert_eq!(report.codes.len(), 5, "{:?}", report.codes);
    assert_eq!(finished.traffic.to_text().matches("> 7DF#0103").count(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_asks_for_patience_gets_it_and_is_not_asked_again() {
    let bus = Bus::new(500_000);
    script(
        &bus,
        engine(vec![(
            "7DF#0103",
            // Twice patience, then the answer, long after the usual time.
            vec![(10, "7E8#037F037800000000"), (3000, "7E8#037F037800000000"), (6500, "7E8#0443010301000000")],
        )]),
    );
    script(
        &bus,
        vec![("7DF#020100", vec![(9, "7E9#0641008000000000")]), ("7DF#0103", vec![(12, "7E9#0243000000000000")])],
    );
    let finished = check_on(&bus, 500_000).await;
    let report = finished.report.unwrap();
    assert_eq!(report.codes.iter().map(|c| (c.code.as_str(), c.ecu.as_str())).collect::<Vec<_>>(), [("P0301", "7E8")]);
    assert_eq!(outcome(&report, "03", "7E9"), Some(&Outcome::Answered));
    let asked = finished.traffic.to_text().matches("> 7DF#0103").count();
    assert_eq!(asked, 1);
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_asks_for_patience_and_never_answers_has_said_just_that() {
    let bus = Bus::new(500_000);
    script(&bus, engine(vec![("7DF#0103", vec![(10, "7E8#037F037800000000")])]));
    let report = check_on(&bus, 500_000).await.report.unwrap();
    assert!(matches!(outcome(&report, "03", "7E8"), Some(Outcome::Refused { nrc, .. }) if nrc == "78"));
    assert!(report.codes.is_empty() && report.partial.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_controller_that_goes_off_the_bus_ends_the_check_and_keeps_what_was_read() {
    for back in [false, true] {
        let bus = Bus::new(500_000);
        car(&bus, "misfire", at_rest());
        let node = bus.node(&[500_000]);
        let fault = node.fault();
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_millis(1500)).await;
            fault.report(BusError::OFF);
            if back {
                tokio::time::sleep(Duration::from_millis(300)).await;
                fault.report(BusError::BACK);
            }
        });
        let report = check(tester(node)).await.report.unwrap();
        if back {
            assert_eq!((report.partial.as_ref(), report.codes.len()), (None, 3));
        } else {
            let error = report.partial.unwrap();
            assert_eq!(error.code, Code::AdapterFault);
            assert!(error.message.contains("off the bus") && error.hint.contains("bit rate"), "{error}");
            assert!(!report.ecus.is_empty());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_interface_that_is_switched_off_ends_the_check_and_says_how_to_switch_it_on() {
    let bus = Bus::new(500_000);
    car(&bus, "misfire", at_rest());
    let node = bus.node(&[500_000]);
    let fault = node.fault();
    let again = fault.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        fault.down(true);
    });
    let error = check(tester(node)).await.report.unwrap().partial.unwrap();
    assert_eq!(error.code, Code::LinkLost);
    assert!(error.message.contains("switched off") && error.hint.contains("ip link set"), "{error}");
    again.down(false);
    assert_eq!(check_on(&bus, 500_000).await.report.unwrap().partial, None);
}

#[tokio::test(start_paused = true)]
async fn frames_that_are_nobodys_answer_change_nothing() {
    let bus = Bus::new(500_000);
    car(&bus, "misfire", at_rest());
    let whole = check_on(&bus, 500_000).await.report.unwrap();
    let mut node = bus.node(&[]);
    tokio::spawn(async move {
        use roadworthy_obd::can::{CanFrame, CanLink};
        for n in 0u32.. {
            let odd = match n % 5 {
                0 => CanFrame::new(CanId::Standard(0x3E8), &[6, 0x41, 0, 1, 2, 3, 4, 5]),
                1 => CanFrame::new(CanId::Extended(0x18DA_F110), &[6, 0x41, 0, 1, 2, 3, 4, 5]),
                2 => CanFrame::remote(CanId::Standard(0x7E8), 8),
                3 => CanFrame::new(CanId::Standard(0x7F0), &[3, 0x43, 1, 3, 1]),
                _ => CanFrame::new(CanId::Standard(0x000), &[]),
            };
            if node.send(&odd.unwrap()).await.is_err() {
                return;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    });
    let report = check_on(&bus, 500_000).await.report.unwrap();
    assert_eq!((report.ecus, report.codes, report.rejected), (whole.ecus, whole.codes, whole.rejected));
}

#[tokio::test(start_paused = true)]
async fn one_ecu_can_be_asked_alone() {
    use roadworthy_obd::{
        adapter::{Adapter, Request, Reset, Target},
        bus::ask,
    };
    for (name, ecu, wrong) in [("misfire", "7E9", "18DAF118"), ("can29", "18DAF118", "7E9")] {
        let bus = Bus::new(500_000);
        car(&bus, name, at_rest());
        let mut adapter = Adapter::start(tester(bus.node(&[500_000])), Reset::Cold).await.unwrap();
        adapter.connect().await.unwrap();
        let request = Request::new(&[0x09, 0x04]).unwrap();
        assert!(ask(&mut adapter, &request).await.unwrap().answers.len() >= 2);
        let alone = ask(&mut adapter, &request.clone().to(Target::ecu(ecu).unwrap())).await.unwrap();
        assert_eq!(alone.answers.iter().map(|(who, _)| who.as_str()).collect::<Vec<_>>(), [ecu]);
        // What it does not have it refuses when it is asked alone.
        let none = Request::new(&[0x01, 0x99]).unwrap().to(Target::ecu(ecu).unwrap());
        assert_eq!(ask(&mut adapter, &none).await.unwrap().refusals, [(ecu.to_owned(), 0x12)]);
        let error = ask(&mut adapter, &request.to(Target::ecu(wrong).unwrap())).await.unwrap_err();
        assert_eq!(error.code, Code::Invalid, "{error}");
    }
}
