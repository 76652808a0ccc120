//! Faults of other tools, over raw CAN (see the facts about vehicles).

use crate::rig::{at_rest, car, check, check_on, drive, engine, id, outcome, script, tester};
use roadworthy_api::{Code, check::Outcome};
use roadworthy_obd::{
    adapter::{Adapter, Request, Reset},
    bus::ask,
    can::memory::Bus,
};
use roadworthy_simulator::{CanCar, Source};
use std::time::Duration;

/// Over raw CAN nothing but its content ties an answer to its request. One that comes late must not end the wait for the
/// next, or every answer from then on comes late.
#[tokio::test(start_paused = true)]
async fn pain_16_a_late_answer_does_not_end_the_wait_for_the_next() {
    let bus = Bus::new(500_000);
    script(
        &bus,
        engine(vec![
            // Longer than is waited for: an answer, a refusal, a word of patience for a question of before.
            ("7DF#02011F", vec![(203, "7E8#04411F0102000000")]),
            ("7DF#020901", vec![(203, "7E8#037F091200000000")]),
            ("7DF#020902", vec![(203, "7E8#037F097800000000")]),
        ]),
    );
    let mut adapter = Adapter::start(tester(bus.node(&[500_000])), Reset::Cold).await.unwrap();
    adapter.connect().await.unwrap();
    let rpm = Request::new(&[0x01, 0x0C]).unwrap();
    for late in [&[0x01, 0x1F][..], &[0x09, 0x01], &[0x09, 0x02]] {
        // Often enough that it is known who answers this, and that nobody else is waited for.
        for _ in 0..4 {
            assert_eq!(ask(&mut adapter, &rpm).await.unwrap().answers.len(), 1);
        }
        assert_eq!(ask(&mut adapter, &Request::new(late).unwrap()).await.unwrap().answers, []);
        for n in 0..3 {
            let since = tokio::time::Instant::now();
            let replies = ask(&mut adapter, &rpm).await.unwrap();
            assert_eq!(replies.answers, [("7E8".to_owned(), vec![0x41, 0x0C, 0x1A, 0xF8])], "{late:02X?} {n}");
            assert!(since.elapsed() < Duration::from_secs(1), "{late:02X?} {n}");
        }
    }
    // To a question that nobody answers it is no answer, no refusal, and no word to wait for.
    let nobody = Request::new(&[0x01, 0x2F]).unwrap();
    for late in [&[0x01, 0x1F][..], &[0x09, 0x01], &[0x09, 0x02]] {
        assert_eq!(ask(&mut adapter, &Request::new(late).unwrap()).await.unwrap().answers, []);
        let since = tokio::time::Instant::now();
        let replies = ask(&mut adapter, &nobody).await.unwrap();
        assert_eq!((replies.answers, replies.refusals), (vec![], vec![]), "{late:02X?}");
        assert!(since.elapsed() < Duration::from_secs(2), "{late:02X?}: {:?}", since.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn pain_20_a_wrong_bit_rate_never_disturbs_the_bus() {
    // What is named is wrong; none of those that may be is right; nobody speaks and nobody has named one.
    for (named, quiet, code, says) in [
        (&[250_000][..], false, Code::AdapterFault, "another bit rate"),
        (&[125_000, 250_000], false, Code::AdapterFault, "another bit rate"),
        (&[500_000, 250_000], true, Code::NoVehicle, "cannot be told"),
    ] {
        let bus = Bus::new(500_000);
        let on_can = CanCar::new(Source::Name("petrol"), at_rest()).unwrap();
        drive(&bus, if quiet { on_can.quiet() } else { on_can });
        let finished = check(tester(bus.node(named))).await;
        let error = finished.report.unwrap_err();
        assert_eq!((error.code, error.message.contains(says)), (code, true), "{named:?} {error}");
        assert!(!finished.traffic.to_text().contains(" > "), "{named:?}");
        assert_eq!(bus.disturbed(), 0, "{named:?}");
    }
    // A car that is silent until it is asked is read where a person has named the rate.
    let bus = Bus::new(500_000);
    drive(&bus, CanCar::new(Source::Name("petrol"), at_rest()).unwrap().quiet());
    assert!(check_on(&bus, 500_000).await.report.is_ok());
    assert_eq!(bus.disturbed(), 0);
}

#[tokio::test(start_paused = true)]
async fn pain_22_replies_of_two_ecus_are_not_merged() {
    let bus = Bus::new(500_000);
    script(&bus, engine(vec![("7DF#0103", vec![(5, "7E8#0243000000000000")])]));
    script(
        &bus,
        vec![("7DF#020100", vec![(6, "7E9#0641008000000000")]), ("7DF#0103", vec![(5, "7E9#0243000000000000")])],
    );
    let report = check_on(&bus, 500_000).await.report.unwrap();
    assert!(report.codes.is_empty(), "{:?}", report.codes);
    for ecu in ["7E8", "7E9"] {
        assert_eq!(outcome(&report, "03", ecu), Some(&Outcome::Answered), "{ecu}");
    }
    // Frames of two long answers, one of each in turn: no byte changes its ECU.
    let bus = Bus::new(500_000);
    let long = |to, from: [&'static str; 3]| (to, vec![(4, from[1]), (8, from[2])]);
    script(
        &bus,
        engine(vec![
            ("7DF#0103", vec![(5, "7E8#100A430403010302")]),
            long("7E0#30", ["", "7E8#2103030304000000", "7E8#0000"]),
        ]),
    );
    script(
        &bus,
        vec![
            ("7DF#020100", vec![(6, "7E9#0641008000000000")]),
            ("7DF#0103", vec![(6, "7E9#100A430407010702")]),
            long("7E1#30", ["", "7E9#2107030704000000", "7E9#0000"]),
        ],
    );
    let report = check_on(&bus, 500_000).await.report.unwrap();
    let codes: Vec<_> = report.codes.iter().map(|c| (c.ecu.as_str(), c.code.as_str())).collect();
    let expect = [
        ("7E8", "P0301"),
        ("7E8", "P0302"),
        ("7E8", "P0303"),
        ("7E8", "P0304"),
        ("7E9", "P0701"),
        ("7E9", "P0702"),
        ("7E9", "P0703"),
        ("7E9", "P0704"),
    ];
    assert!(expect.iter().all(|c| codes.contains(c)) && codes.len() == expect.len(), "{codes:?}");
}

#[tokio::test(start_paused = true)]
async fn pain_23_ids_of_29_bits_odd_ids_and_dropped_frames_are_kept_apart() {
    let bus = Bus::new(500_000);
    car(&bus, "can29", at_rest());
    let whole = check_on(&bus, 500_000).await;
    let whole_report = whole.report.unwrap();
    assert!(whole_report.ecus.iter().all(|e| e.id.len() == 8 && e.id.starts_with("18DAF1")), "{:?}", whole_report.ecus);
    assert_eq!(whole_report.protocol.map(|p| p.id), Some("7".to_owned()));
    // Flow control of 29 bits goes to the ECU with source and target changed over.
    let text = whole.traffic.to_text();
    for line in text.lines().filter(|l| l.contains("#30")) {
        assert!(line.contains("> 18DA") && line.contains("F1#30"), "{line}");
    }
    assert!(text.contains("F1#30"));
    // Every third frame of one ECU is dropped: what is said of it is that, and the others are whole.
    let bus = Bus::new(500_000);
    car(&bus, "can29", at_rest());
    let first = id(&whole_report.ecus[0].id);
    let mut n = 0u32;
    bus.meddle(move |f| {
        n += u32::from(f.id() == first);
        if f.id() == first && n.is_multiple_of(3) { Vec::new() } else { vec![(Duration::ZERO, f.clone())] }
    });
    let report = check_on(&bus, 500_000).await.report.unwrap();
    for row in report.coverage.iter().filter(|c| c.ecu.is_some() && c.ecu.as_deref() != Some(&whole_report.ecus[0].id))
    {
        assert!(whole_report.coverage.contains(row), "{row:?}");
    }
    assert!(report.codes.iter().all(|c| whole_report.codes.contains(c)));
}

#[tokio::test(start_paused = true)]
async fn pain_24_a_vin_is_whole_or_not_there_at_all() {
    let vin = |first: &'static str, then: Vec<(u64, &'static str)>| {
        engine(vec![
            ("7DF#020900", vec![(5, "7E8#0649004000000000")]),
            ("7DF#020902", vec![(5, first)]),
            ("7E0#30", then),
        ])
    };
    for (what, script_of, expect) in [
        (
            "whole",
            vin("7E8#1014490201315257", vec![(3, "7E8#2154455354305858"), (6, "7E8#2230303030303031")]),
            Some("1RWTEST0XX0000001"),
        ),
        ("its last frame is missing", vin("7E8#1014490201315257", vec![(3, "7E8#2154455354305858")]), None),
        (
            "its second frame comes twice",
            vin(
                "7E8#1014490201315257",
                vec![(3, "7E8#2154455354305858"), (4, "7E8#2154455354305858"), (6, "7E8#2230303030303031")],
            ),
            None,
        ),
        (
            "in the wrong order",
            vin("7E8#1014490201315257", vec![(3, "7E8#2230303030303031"), (6, "7E8#2154455354305858")]),
            None,
        ),
        ("shorter than a VIN", vin("7E8#100B490201315257", vec![(3, "7E8#2154455354305858")]), None),
    ] {
        let bus = Bus::new(500_000);
        script(&bus, script_of);
        let report = check_on(&bus, 500_000).await.report.unwrap();
        assert_eq!(report.vin.as_deref(), expect, "{what}");
        assert_eq!(report.vin_problem.is_some(), expect.is_none(), "{what}");
    }
}
