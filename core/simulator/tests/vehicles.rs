//! Every vehicle through the real driver: a check comes to its end and finds what the vehicle's file says, no more.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

use roadworthy_api::{
    Code,
    check::{CheckReport, CodeClass, Ignition, Outcome},
    reading::Value,
};
use roadworthy_obd::check::{CheckOptions, Finished, run_check};
use roadworthy_simulator::{Options, connect_file, connect_spec, connect_with, names};
use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};
use tokio::{io::DuplexStream, sync::watch};

async fn check(link: DuplexStream) -> Finished {
    let clock = AtomicI64::new(1_700_000_000_000);
    let now = Arc::new(move || clock.fetch_add(1, Ordering::Relaxed));
    let options = CheckOptions { now, ..CheckOptions::new("sim:any") };
    let (_keep, cancel) = watch::channel(false);
    run_check(Box::new(link), options, cancel, &mut |_| {}).await
}

async fn report(name: &str, driven: f64) -> CheckReport {
    let finished = check(connect_with(name, Options { driven, ..Options::default() }).unwrap()).await;
    finished.report.unwrap_or_else(|e| panic!("{name}: {e}\n{}", finished.traffic.to_text()))
}

/// What a check of a vehicle must find.
struct Expect {
    name: &'static str,
    protocol: &'static str,
    vin: Option<&'static str>,
    ecus: &'static [&'static str],
    /// Code, class by its letter, ECU.
    codes: &'static [(&'static str, char, &'static str)],
    /// Lamp and count by ECU, compression ignition.
    lamps: &'static [(&'static str, bool, u32, bool)],
    /// Cause of each freeze frame, with its ECU.
    frozen: &'static [(&'static str, &'static str)],
    /// What was not answered: request, ECU, and `-` for silence, `?` for not asked or the code of a refusal.
    gaps: &'static [(&'static str, &'static str, &'static str)],
}

const VEHICLES: &[Expect] = &[
    Expect {
        name: "petrol",
        protocol: "6",
        vin: Some("1RWPC14A8S1000428"),
        ecus: &["7E8", "7E9"],
        codes: &[],
        lamps: &[("7E8", false, 0, false), ("7E9", false, 0, false)],
        frozen: &[],
        gaps: &[("0600", "7E9", "-"), ("0902", "7E9", "?")],
    },
    Expect {
        name: "misfire",
        protocol: "6",
        vin: Some("1RWPC14A6S1000427"),
        ecus: &["7E8", "7E9"],
        codes: &[("P0301", 's', "7E8"), ("P0302", 'p', "7E8"), ("P0420", 'r', "7E8")],
        lamps: &[("7E8", true, 1, false), ("7E9", false, 0, false)],
        frozen: &[("P0301", "7E8")],
        gaps: &[("0600", "7E9", "-"), ("0902", "7E9", "?")],
    },
    Expect {
        name: "diesel",
        protocol: "6",
        vin: Some("1RWDC20D7S1000512"),
        ecus: &["7E8", "7E9"],
        codes: &[],
        lamps: &[("7E8", false, 0, true), ("7E9", false, 0, true)],
        frozen: &[],
        gaps: &[("0600", "7E8", "-"), ("0600", "7E9", "-"), ("0902", "7E9", "?")],
    },
    Expect {
        name: "hybrid",
        protocol: "6",
        vin: Some("1RWHC18H2T1000633"),
        ecus: &["7E8", "7EA", "7EB"],
        codes: &[],
        lamps: &[("7E8", false, 0, false), ("7EA", false, 0, false)],
        frozen: &[],
        gaps: &[
            ("0101", "7EB", "?"),
            ("020200", "7EB", "-"),
            ("03", "7EB", "-"),
            ("0600", "7E8", "-"),
            ("0600", "7EA", "-"),
            ("0600", "7EB", "-"),
            ("07", "7EB", "-"),
            ("0900", "7EA", "11"),
            ("0900", "7EB", "-"),
            ("0902", "7EA", "11"),
            ("0902", "7EB", "-"),
            ("0904", "7EA", "11"),
            ("0904", "7EB", "-"),
            ("0906", "7EA", "11"),
            ("0906", "7EB", "-"),
            ("090A", "7EA", "11"),
            ("090A", "7EB", "-"),
            ("0A", "7EA", "11"),
            ("0A", "7EB", "-"),
        ],
    },
    Expect {
        name: "iso9141",
        protocol: "3",
        vin: Some("1RWKA914511000091"),
        ecus: &["10"],
        codes: &[
            ("P0133", 's', "10"),
            ("P0171", 's', "10"),
            ("P0300", 's', "10"),
            ("P0442", 's', "10"),
            ("P0171", 'p', "10"),
        ],
        lamps: &[("10", true, 4, false)],
        frozen: &[("P0300", "10")],
        gaps: &[("090A", "10", "?"), ("0A", "10", "-")],
    },
    Expect {
        name: "kwp-slow",
        protocol: "4",
        vin: Some("1RWKB20S331000114"),
        ecus: &["10", "18"],
        codes: &[("P0740", 's', "18")],
        lamps: &[("10", false, 0, false), ("18", false, 1, false)],
        frozen: &[],
        gaps: &[
            ("050001", "10", "-"),
            ("0600", "10", "-"),
            ("0600", "18", "-"),
            ("0900", "18", "11"),
            ("0902", "18", "11"),
            ("0904", "18", "11"),
            ("0906", "18", "11"),
            ("090A", "10", "?"),
            ("090A", "18", "?"),
            ("0A", "10", "-"),
            ("0A", "18", "-"),
        ],
    },
    Expect {
        name: "kwp",
        protocol: "5",
        vin: Some("1RWKC20F361000120"),
        ecus: &["11"],
        codes: &[("P0113", 'p', "11")],
        lamps: &[("11", false, 0, false)],
        frozen: &[],
        gaps: &[("090A", "11", "?"), ("0A", "11", "-")],
    },
    Expect {
        name: "pwm",
        protocol: "1",
        vin: Some("1RWJP30P6Y1000131"),
        ecus: &["10"],
        codes: &[("P0420", 's', "10"), ("P0430", 's', "10")],
        lamps: &[("10", true, 2, false)],
        frozen: &[("P0420", "10")],
        gaps: &[("050001", "10", "-"), ("0600", "10", "-"), ("090A", "10", "?"), ("0A", "10", "-")],
    },
    Expect {
        name: "vpw",
        protocol: "2",
        vin: Some("1RWJV38V021000142"),
        ecus: &["10", "18"],
        codes: &[("P0753", 's', "18")],
        lamps: &[("10", false, 0, false), ("18", true, 1, false)],
        frozen: &[],
        gaps: &[
            ("050001", "10", "-"),
            ("0600", "10", "-"),
            ("0600", "18", "-"),
            ("0900", "18", "-"),
            ("0902", "18", "-"),
            ("0904", "18", "-"),
            ("0906", "18", "-"),
            ("090A", "10", "?"),
            ("090A", "18", "?"),
            ("0A", "10", "-"),
            ("0A", "18", "-"),
        ],
    },
    Expect {
        name: "can29",
        protocol: "7",
        vin: Some("1RWCN29C0S1000755"),
        ecus: &["18DAF110", "18DAF118", "18DAF1C7"],
        codes: &[("U0121", 'p', "18DAF1C7")],
        lamps: &[("18DAF110", false, 0, false), ("18DAF118", false, 0, false), ("18DAF1C7", false, 0, false)],
        frozen: &[],
        gaps: &[
            ("0600", "18DAF110", "-"),
            ("0600", "18DAF118", "-"),
            ("0600", "18DAF1C7", "-"),
            ("0902", "18DAF118", "?"),
            ("0902", "18DAF1C7", "?"),
            ("090A", "18DAF1C7", "?"),
        ],
    },
    Expect {
        name: "no-vin",
        protocol: "6",
        vin: None,
        ecus: &["7E8", "7E9"],
        codes: &[],
        lamps: &[("7E8", false, 0, false), ("7E9", false, 0, false)],
        frozen: &[],
        gaps: &[("0600", "7E8", "-"), ("0600", "7E9", "-"), ("0902", "7E8", "?"), ("0902", "7E9", "?")],
    },
    Expect {
        name: "bad-vin",
        protocol: "6",
        vin: None,
        ecus: &["7E8", "7E9"],
        codes: &[],
        lamps: &[("7E8", false, 0, false), ("7E9", false, 0, false)],
        frozen: &[],
        gaps: &[("0600", "7E8", "-"), ("0600", "7E9", "-"), ("0902", "7E9", "?")],
    },
    Expect {
        name: "uds",
        protocol: "6",
        vin: Some("1RWUC16A3V1000860"),
        ecus: &["7E8", "7E9"],
        codes: &[
            ("P0301-11", 's', "7E8"),
            ("P0301-11", 'p', "7E8"),
            ("P0442-00", 'p', "7E8"),
            ("P0301-11", 'r', "7E8"),
        ],
        lamps: &[("7E8", true, 1, false), ("7E9", false, 0, false)],
        frozen: &[("P0301-11", "7E8"), ("P0301-11", "7E8")],
        gaps: &[
            ("0100", "7E8", "11"),
            ("0100", "7E9", "-"),
            ("1904", "7E9", "?"),
            ("22F600", "7E9", "-"),
            ("22F802", "7E9", "?"),
            ("22F806", "7E9", "?"),
        ],
    },
];

fn letter(class: CodeClass) -> char {
    match class {
        CodeClass::Stored => 's',
        CodeClass::Pending => 'p',
        CodeClass::Permanent => 'r',
    }
}

fn compare(report: &CheckReport, expect: &Expect) {
    let name = expect.name;
    assert_eq!(report.partial, None, "{name}");
    assert_eq!(report.rejected, [], "{name}");
    assert_eq!(report.protocol.as_ref().map(|p| p.id.as_str()), Some(expect.protocol), "{name}");
    assert_eq!(report.vin.as_deref(), expect.vin, "{name}");
    assert_eq!(report.vin_problem.is_none(), expect.vin.is_some(), "{name}: {:?}", report.vin_problem);
    let ecus: Vec<_> = report.ecus.iter().map(|e| e.id.as_str()).collect();
    assert_eq!(ecus, expect.ecus, "{name}");
    let mut codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), letter(c.class), c.ecu.as_str())).collect();
    codes.sort_by_key(|c| "spr".find(c.1));
    assert_eq!(codes, expect.codes, "{name}");
    let compression = |i: Ignition| i == Ignition::Compression;
    let mut lamps: Vec<_> = report
        .readiness
        .iter()
        .map(|r| (r.ecu.as_str(), r.mil, u32::from(r.dtc_count), compression(r.ignition)))
        .collect();
    lamps.sort_unstable();
    assert_eq!(lamps, expect.lamps, "{name}");
    let frozen: Vec<_> = report.freeze_frames.iter().map(|f| (f.cause.as_str(), f.ecu.as_str())).collect();
    assert_eq!(frozen, expect.frozen, "{name}");
    let mut gaps: Vec<(&str, &str, &str)> = report
        .coverage
        .iter()
        .filter_map(|row| {
            let what = match &row.outcome {
                Outcome::Answered => return None,
                Outcome::Silent => "-",
                Outcome::NotAsked { .. } => "?",
                Outcome::Refused { nrc, .. } => nrc.as_str(),
                other => panic!("{name}: {} ended as {other:?}", row.request),
            };
            Some((row.request.as_str(), row.ecu.as_deref().unwrap_or("nobody"), what))
        })
        .collect();
    gaps.sort_unstable();
    assert_eq!(gaps, expect.gaps, "{name}");
}

#[tokio::test(start_paused = true)]
async fn a_check_of_every_vehicle_finds_what_its_file_says() {
    let described: Vec<_> = VEHICLES.iter().map(|e| e.name).collect();
    assert_eq!(described, names(), "every vehicle has its expectation");
    for expect in VEHICLES {
        let since = tokio::time::Instant::now();
        // Standing, in town and on the road: what is found does not depend on it.
        for driven in [0.0, 200.0, 900.0] {
            compare(&report(expect.name, driven).await, expect);
        }
        assert!(since.elapsed().as_secs() < 3 * 30, "{}: {:?} for three checks", expect.name, since.elapsed());
    }
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_is_found_on_each_can_protocol_and_nowhere_else() {
    let can11 = include_str!("../vehicles/petrol.toml");
    let can29 = include_str!("../vehicles/can29.toml");
    for (text, from, to) in [(can11, 6, 8), (can29, 7, 9)] {
        let text = text.replace(&format!("protocol = {from}"), &format!("protocol = {to}"));
        let finished = check(connect_file(&text, Options::default()).unwrap()).await;
        let found = finished.report.unwrap();
        assert_eq!(found.protocol.unwrap().id, to.to_string());
        assert!(found.vin.is_some());
    }
}

#[tokio::test(start_paused = true)]
async fn a_diesel_says_what_only_a_diesel_has() {
    let report = report("diesel", 900.0).await;
    let tests = &report.readiness[0].tests;
    let filter = tests.iter().find(|t| t.name.contains("filter")).unwrap_or_else(|| panic!("{tests:?}"));
    assert!(filter.available && !filter.complete);
    assert!(tests.iter().filter(|t| t.available && !t.complete).count() == 1, "{tests:?}");
    let number = |pid: &str| {
        report
            .snapshot
            .iter()
            .find(|r| r.item.pid == pid)
            .map(|r| r.item.value.clone())
            .unwrap_or_else(|| panic!("{pid}"))
    };
    assert!(matches!(number("23"), Value::Number { value, .. } if (28_000.0..=160_000.0).contains(&value)));
    assert!(matches!(number("0B"), Value::Number { value, .. } if (90.0..=225.0).contains(&value)));
    for pid in ["70", "78", "7A", "7C"] {
        assert!(report.snapshot.iter().any(|r| r.item.pid == pid && r.ecu == "7E8"), "{pid}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hybrid_stands_without_its_engine() {
    // The first seconds: the car has not moved yet.
    let report = report("hybrid", 0.0).await;
    let number = |pid: &str, ecu: &str| {
        report.snapshot.iter().find_map(|r| match (&r.item.value, r.item.pid == pid && r.ecu == ecu) {
            (Value::Number { value, .. }, true) => Some(*value),
            _ => None,
        })
    };
    assert_eq!(number("0C", "7E8"), Some(0.0));
    for ecu in ["7E8", "7EA", "7EB"] {
        assert!(number("5B", ecu).is_some_and(|v| (50.0..65.0).contains(&v)), "{ecu}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_clone_is_enough_for_a_check_and_a_deaf_adapter_is_named() {
    for name in ["misfire", "iso9141", "can29"] {
        let expect = VEHICLES.iter().find(|e| e.name == name).unwrap();
        let report = check(connect_spec(&format!("{name}?adapter=clone"), 1).unwrap()).await.report.unwrap();
        assert_eq!(report.adapter.claims, "ELM327 v2.1");
        compare(&report, expect);
    }
    let error = check(connect_spec("misfire?adapter=deaf", 1).unwrap()).await.report.unwrap_err();
    assert_eq!(error.code, Code::AdapterFault);
    assert!(error.message.contains("ATH1"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn a_plug_pulled_out_in_the_middle_keeps_what_was_read() {
    let whole = report("misfire", 0.0).await;
    let finished = check(connect_spec("misfire?unplug=7", 1).unwrap()).await;
    let part = finished.report.unwrap();
    assert_eq!(part.partial.map(|e| e.code), Some(Code::LinkLost));
    assert!(!part.ecus.is_empty() && part.coverage.len() < whole.coverage.len());
    let error = check(connect_spec("misfire?unplug=0.5", 1).unwrap()).await.report.unwrap_err();
    assert_eq!(error.code, Code::LinkLost);
}

#[tokio::test(start_paused = true)]
async fn with_the_key_off_no_vehicle_answers_on_any_bus() {
    for name in names() {
        let error = check(connect_spec(&format!("{name}?key=off&speed=5"), 1).unwrap()).await.report.unwrap_err();
        assert_eq!(error.code, Code::NoVehicle, "{name}: {error}");
    }
}
