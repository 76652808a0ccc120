//! Dialogues that an earlier driver held with simulated cars, and what its check made of them: whatever is asked today, and
//! in whichever order, the same must come of them. The files are never made anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use roadworthy_api::{
    Error,
    check::{CheckReport, Coverage, Outcome},
    reading::{Reading, Value},
};
use roadworthy_obd::{
    check::{CheckOptions, check_recording},
    traffic::Traffic,
};
use std::{fs, path::PathBuf, sync::Arc};

fn file(name: &str) -> String {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/recordings").join(name);
    fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn replayed(name: &str) -> Result<CheckReport, Error> {
    let traffic = Traffic::parse(&file(&format!("{name}.txt"))).unwrap();
    let options = CheckOptions { now: Arc::new(|| 1_700_000_000_000), ..CheckOptions::new("replay:x") };
    let finished = check_recording(traffic.clone(), options);
    assert_eq!(finished.traffic, traffic, "because a replay adds nothing to what was said");
    finished.report
}

/// What was asked then, and what came of it.
fn asked(report: &CheckReport) -> Vec<&Coverage> {
    report.coverage.iter().filter(|c| !matches!(c.outcome, Outcome::NotAsked { .. })).collect()
}

#[test]
fn a_recording_of_an_earlier_driver_gives_the_same_report() {
    for name in [
        "petrol",
        "misfire",
        "diesel",
        "hybrid",
        "can29",
        "bad-vin",
        "no-vin",
        "kwp",
        "kwp-slow",
        "iso9141",
        "vpw",
        "pwm",
        "clone",
        "unplugged",
    ] {
        let then: CheckReport = serde_json::from_str(&file(&format!("{name}.json"))).unwrap();
        // Numbers as they read back from their text, as those of then do.
        let now = serde_json::to_string(&replayed(name).unwrap()).unwrap();
        let now: CheckReport = serde_json::from_str(&now).unwrap();
        assert_eq!((&now.vin, &now.vin_problem), (&then.vin, &then.vin_problem), "{name}");
        assert_eq!((&now.adapter.claims, now.adapter.voltage), (&then.adapter.claims, then.adapter.voltage), "{name}");
        assert_eq!(now.protocol, then.protocol, "{name}");
        assert_eq!(now.codes, then.codes, "{name}");
        assert_eq!(now.readiness, then.readiness, "{name}");
        assert_eq!(now.rejected, then.rejected, "{name}");
        assert_eq!(now.partial.as_ref().map(|e| e.code), then.partial.as_ref().map(|e| e.code), "{name}");
        for (now, then) in now.ecus.iter().zip(&then.ecus) {
            let facts = |e: &roadworthy_api::check::Ecu| {
                (e.id.clone(), e.supported.clone(), e.calibrations.clone(), e.cvns.clone(), e.named_itself)
            };
            assert_eq!(facts(now), facts(then), "{name}");
        }
        assert_eq!(now.ecus.len(), then.ecus.len(), "{name}");
        // What was asked of whom, as it was; anything more was not asked then.
        for row in asked(&then) {
            assert!(now.coverage.contains(row), "{name}: {row:?} is not in {:#?}", now.coverage);
        }
        for row in asked(&now) {
            assert!(then.coverage.contains(row), "{name}: {row:?} is made up");
        }
        let raw = |r: &&Reading| matches!(r.item.value, Value::Raw { .. });
        let since: Vec<_> = then.snapshot.iter().filter(raw).map(|r| (r.ecu.clone(), r.item.pid.clone())).collect();
        for (ecu, pid) in &since {
            let reads = |r: &Reading| (&r.ecu, &r.item.pid) == (ecu, pid) && r.raw.starts_with(&format!("41{pid}"));
            assert!(now.snapshot.iter().any(reads), "{name}: {pid} of {ecu} is lost");
        }
        let values = |report: &CheckReport| {
            let mut all: Vec<_> = report
                .snapshot
                .iter()
                // What was shown raw then, for lack of a description, may be read since.
                .filter(|r| !since.contains(&(r.ecu.clone(), r.item.pid.clone())))
                .map(|r| (r.ecu.clone(), r.raw.clone(), r.item.pid.clone(), r.item.name.clone(), r.item.value.clone()))
                .collect();
            all.sort_by(|a, b| (&a.0, &a.2, &a.3).cmp(&(&b.0, &b.2, &b.3)));
            all
        };
        assert_eq!(values(&now), values(&then), "{name}");
        let frames = |report: &CheckReport| {
            let frame = |f: &roadworthy_api::check::FreezeFrame| {
                let items = f.items.iter().map(|i| (i.pid.clone(), i.name.clone(), i.value.clone()));
                (f.ecu.clone(), f.frame, f.cause.clone(), items.collect::<Vec<_>>())
            };
            report.freeze_frames.iter().map(frame).collect::<Vec<_>>()
        };
        assert_eq!(frames(&now), frames(&then), "{name}");
    }
}

#[test]
fn a_recording_of_a_check_that_found_nothing_fails_as_it_did() {
    for name in ["key-off", "deaf"] {
        let then: Error = serde_json::from_str(&file(&format!("{name}.json"))).unwrap();
        assert_eq!(replayed(name).unwrap_err(), then, "{name}");
    }
}

#[test]
fn a_dialogue_on_can_as_a_candump_log_holds_every_answer() {
    for name in ["petrol", "misfire", "diesel", "hybrid", "can29", "bad-vin", "no-vin", "clone", "unplugged"] {
        let traffic = Traffic::parse(&file(&format!("{name}.txt"))).unwrap();
        let log = roadworthy_obd::line::candump(&traffic).unwrap();
        let messages = roadworthy_obd::frame::assemble_frames(&log);
        for exchange in roadworthy_obd::line::dialogue_lines(&traffic) {
            for reply in exchange["replies"].as_array().into_iter().flatten() {
                let Some(payload) = reply["payload"].as_str() else { continue };
                let payload = roadworthy_obd::line::unhex(payload).unwrap();
                let ecu = reply["ecu"].as_str().map(str::to_owned);
                let message = roadworthy_obd::frame::Line::Message { ecu, payload };
                assert!(messages.contains(&message), "{name}: {message:?}");
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn pain_32_a_recording_is_replayed_with_the_times_at_which_it_was_made() {
    const THEN: i64 = 1_795_215_600_000;
    const YEARS_LATER: i64 = 1_900_000_000_000;
    let since = tokio::time::Instant::now();
    let clock = move || THEN + i64::try_from(since.elapsed().as_millis()).unwrap();
    let (_keep, cancel) = tokio::sync::watch::channel(false);
    let options = CheckOptions { now: Arc::new(clock), ..CheckOptions::new("sim:petrol") };
    let link = Box::new(roadworthy_simulator::connect("petrol", 1).unwrap());
    let then = roadworthy_obd::check::run_check(link, options, cancel, &mut |_| {}).await;
    let traffic = Traffic::parse(&then.traffic.to_text()).unwrap();
    assert_eq!(traffic, then.traffic, "because a recording is a text that reads back");
    let options = CheckOptions { now: Arc::new(|| YEARS_LATER), ..CheckOptions::new("replay:x") };
    let (then, now) = (then.report.unwrap(), check_recording(traffic, options).report.unwrap());
    assert_eq!(now.started, then.started);
    assert!((then.ended - now.ended).abs() < 1000 && now.ended > now.started, "{} {}", now.ended, then.ended);
    assert!(then.snapshot.len() > 10 && now.snapshot.len() == then.snapshot.len());
    for was in &then.snapshot {
        let same = |r: &&Reading| (&r.ecu, &r.item.pid, &r.item.name) == (&was.ecu, &was.item.pid, &was.item.name);
        let is = now.snapshot.iter().find(same).unwrap_or_else(|| panic!("{was:?} is lost"));
        assert_eq!(is.item.value, was.item.value);
        assert!((is.at - was.at).abs() < 250, "{} was read at {}, not at {}", was.item.pid, was.at, is.at);
    }
    let distinct: std::collections::BTreeSet<i64> = now.snapshot.iter().map(|r| r.at).collect();
    assert!(distinct.len() > 10, "because values that were read one after the other have times of their own");
}
