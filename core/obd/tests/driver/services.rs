//! The services beyond the usual six: on-board monitors, SAE J1979-2, clearing codes.

use crate::fake::{Fake, check, outcome, texts};
use roadworthy_api::{
    Code,
    check::{CodeClass, Outcome},
    clear::ClearOutcome,
};
use roadworthy_obd::{
    adapter::{Erase, Unlock},
    check::{CheckOptions, Conditions, run_check_and_stay},
};
use tokio::sync::watch;

const TWO: &str = "7E806410088100000\r7E906410088000000\r\r>";

#[tokio::test(start_paused = true)]
async fn every_test_of_every_monitor_that_an_ecu_names_is_read() {
    let fake = Fake::car()
        .on("0100", TWO)
        .on("0600", "7E8064600C0000001\r\r>")
        .on("0620", "7E806462080000000\r\r>")
        .on("0601", "7E81013460101100030\r7E82100100096010510\r7E82200300000009600\r\r>")
        .on("0602", "7E8037F0612\r\r>")
        .on("0621", "7E8100A4621801E0064\r7E82100000FA0000000\r\r>");
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    let read: Vec<_> =
        report.monitors.iter().map(|m| (m.request.as_str(), m.monitor.as_str(), m.value, m.pass)).collect();
    assert_eq!(
        read,
        [
            ("0601", "Exhaust gas sensor, bank 1 sensor 1", 48.0, true),
            ("0601", "Exhaust gas sensor, bank 1 sensor 1", 48.0, true),
            ("0621", "Catalyst, bank 1", 100.0 * 0.000_030_5, true),
        ],
        "rejected {:?}",
        report.rejected
    );
    assert!(matches!(outcome(&report, "0602", "7E8"), Some(Outcome::Refused { .. })));
    // Another ECU's list says nothing of what this one has.
    assert_eq!(outcome(&report, "0601", "7E9"), None);
    assert_eq!(outcome(&report, "0600", "7E9"), Some(&Outcome::Silent));
    assert!(!texts(&sent).iter().any(|s| s == "0640" || s.starts_with("08")));
    assert!(report.not_asked.iter().any(|n| n.system.contains("service 08") && n.reason.contains("Locked")));
}

#[tokio::test(start_paused = true)]
async fn a_test_cut_short_is_no_test_and_its_answer_is_not_called_whole() {
    let fake =
        Fake::car().on("0600", "7E806460080000000\r\r>").on("0601", "7E8100D460101100030\r7E82100100096010510\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    assert_eq!(report.monitors.len(), 1);
    assert!(matches!(outcome(&report, "0601", "7E8"), Some(Outcome::Unreadable { .. })));
}

/// A car whose engine refuses the older services and whose gearbox does not answer them; both speak SAE J1979-2.
fn newer(first: &'static str) -> Fake {
    Fake::new()
        .on("0100", first)
        .on("22F400", "7E80762F40080100000\r7E90762F40000100000\r\r>")
        .on("22F401", "7E80762F40181070004\r\r>")
        .on("22F40C", "7E80562F40C0000\r7E90562F40C0000\r\r>")
        .on("22F800", "7E80762F80040000000\r\r>")
        .on("22F802", "7E8101562F802013152\r7E82157544553543030\r7E82258303030303030\r7E82331000000000000\r\r>")
        .on("194233081E", "7E8100B594233FF1E04\r7E821020301118F0000\r7E906594233FF1E04\r\r>")
        .on("194233041E", "7E806594233FF1E04\r7E906594233FF1E04\r\r>")
        .on("195533", "7E805595533FF04\r7E905595533FF04\r\r>")
}

#[tokio::test(start_paused = true)]
async fn a_car_that_refuses_or_ignores_the_older_services_is_asked_in_the_newer_ones() {
    for first in ["7E8037F0111\r\r>", "NO DATA\r\r>"] {
        let (finished, sent) = check(newer(first)).await;
        let report = finished.report.unwrap_or_else(|e| panic!("{first}: {e}"));
        assert_eq!(report.ecus.iter().map(|e| e.id.as_str()).collect::<Vec<_>>(), ["7E8", "7E9"], "{first}");
        assert_eq!(report.vin.as_deref(), Some("1RWTEST00X0000001"), "{first} {:?}", report.rejected);
        let codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), c.class, c.ecu.as_str())).collect();
        assert_eq!(codes, [("P0301-11", CodeClass::Stored, "7E8")], "{first} {:?}", report.rejected);
        let [ready] = report.readiness.as_slice() else { panic!("{first} {:?}", report.readiness) };
        assert!(ready.mil && ready.dtc_count == 1 && ready.ecu == "7E8");
        assert_eq!(report.snapshot.len(), 2, "{first}");
        for (request, ecu) in [("194233081E", "7E8"), ("194233081E", "7E9"), ("195533", "7E9"), ("22F40C", "7E9")] {
            assert_eq!(outcome(&report, request, ecu), Some(&Outcome::Answered), "{first} {request} {ecu}");
        }
        for (request, ecu) in [("22F401", "7E9"), ("1904", "7E9")] {
            assert!(
                matches!(outcome(&report, request, ecu), Some(Outcome::NotAsked { .. })),
                "{first} {request} {ecu}"
            );
        }
        assert_eq!(outcome(&report, "1904030111FF", "7E8"), Some(&Outcome::Silent), "{first}");
        assert_eq!(outcome(&report, "22F600", "7E9"), Some(&Outcome::Silent), "{first}");
        // Nobody here speaks the older services, so none of them is asked.
        let older = |s: &String| ["0101", "03", "07", "0A", "0900", "0902", "020200", "0600"].contains(&s.as_str());
        assert!(!texts(&sent).iter().any(older), "{first} {:?}", texts(&sent));
    }
}

#[tokio::test(start_paused = true)]
async fn monitors_and_freeze_frames_of_the_newer_standard_are_read_and_the_unpublished_stays_raw() {
    let fake = newer("7E8037F0111\r\r>")
        .on("1904030111FF", "7E8101159040301118F\r7E8210002F40C2300F5\r7E822010A0B0C000000\r\r>")
        .on("22F600", "7E80762F60080000000\r\r>")
        .on("22F601", "7E8101562F601051000\r7E8213000100096F601\r7E82206100001000000\r7E8230000000000\r\r>")
        .on("22F500", "7E80762F50080000000\r\r>")
        .on("22F501", "7E80562F5010A0B\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    let [frame] = report.freeze_frames.as_slice() else { panic!("{:?} {:?}", report.freeze_frames, report.rejected) };
    assert_eq!((frame.ecu.as_str(), frame.frame, frame.cause.as_str()), ("7E8", 0, "P0301-11"));
    let rpm = &frame.items[0];
    assert_eq!((rpm.pid.as_str(), rpm.name.as_deref(), frame.items.len()), ("F40C", Some("engine_rpm"), 1));
    assert_eq!(rpm.value, roadworthy_api::reading::Value::Number { value: 2240.0, unit: "rpm".into() });
    let [raw] = report.raw_information.as_slice() else { panic!("{:?}", report.raw_information) };
    assert_eq!((raw.request.as_str(), raw.raw.as_str()), ("1904030111FF", "F5010A0B0C"));
    let tests: Vec<_> = report.monitors.iter().map(|m| (m.request.as_str(), m.value, m.max, m.pass)).collect();
    assert_eq!(
        tests,
        [("22F601", 48.0, Some(150.0), true), ("22F601", 1.0, Some(0.0), false)],
        "{:?}",
        report.rejected
    );
    let past: Vec<_> = report.snapshot.iter().filter(|r| r.item.pid == "F501").map(|r| &r.item.value).collect();
    assert_eq!(past, [&roadworthy_api::reading::Value::Raw { raw: "0A0B".into() }]);
    // An ECU without a list of what is past FF is not missing anything.
    assert_eq!(outcome(&report, "22F500", "7E9"), None);
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_refuses_to_give_all_frames_is_asked_for_each() {
    let fake = newer("7E8037F0111\r\r>")
        .on("1904030111FF", "7E8037F1931\r\r>")
        .on("190403011100", "7E8100C59040301118F\r7E8210001F40C2300\r\r>")
        .on("1904030111F0", "7E80659040301118F\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    let frames: Vec<_> = report.freeze_frames.iter().map(|f| (f.frame, f.items.len())).collect();
    assert_eq!(frames, [(0, 1)], "{:?}", report.rejected);
    assert!(matches!(outcome(&report, "1904030111FF", "7E8"), Some(Outcome::Refused { nrc, .. }) if nrc == "31"));
    assert_eq!(outcome(&report, "1904030111F0", "7E8"), Some(&Outcome::Answered));
}

#[tokio::test(start_paused = true)]
async fn a_car_with_ecus_of_both_standards_has_each_asked_in_its_own_words() {
    let fake = Fake::car()
        .on("0100", "7E806410088100000\r7E9037F0111\r\r>")
        .on("22F400", "7E90762F40000100000\r\r>")
        .on("194233081E", "7E9100B594233FF1E04\r7E921020700008F0000\r\r>");
    let (finished, _) = check(fake).await;
    let report = finished.report.unwrap();
    let codes: Vec<_> = report.codes.iter().map(|c| (c.code.as_str(), c.ecu.as_str())).collect();
    assert_eq!(codes, [("P0700-00", "7E9")], "{:?}", report.rejected);
    assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
    assert_eq!(outcome(&report, "03", "7E9"), None, "it is asked by another request");
    assert_eq!(outcome(&report, "194233081E", "7E8"), None);
    assert_eq!(outcome(&report, "0100", "7E9").map(|o| matches!(o, Outcome::Refused { .. })), Some(true));
}

#[tokio::test(start_paused = true)]
async fn pain_30_no_codes_is_said_for_an_ecu_only_when_it_said_so_itself() {
    // Every ECU is asked, not the engine's alone; one that refuses, stays silent or is garbled has no empty list.
    let fake = Fake::car()
        .on("0100", "7E806410088100000\r7E906410088000000\r7EA06410088000000\r7EB06410088000000\r\r>")
        .on("03", "7E8024300\r7E9037F0322\r7EA0443010\r\r>");
    let (finished, sent) = check(fake).await;
    let report = finished.report.unwrap();
    assert!(report.codes.is_empty());
    assert!(texts(&sent).contains(&"03".to_owned()) && !texts(&sent).iter().any(|s| s.starts_with("ATSH")));
    assert_eq!(outcome(&report, "03", "7E8"), Some(&Outcome::Answered));
    assert!(matches!(outcome(&report, "03", "7E9"), Some(Outcome::Refused { nrc, .. }) if nrc == "22"));
    assert!(matches!(outcome(&report, "03", "7EA"), Some(Outcome::Unreadable { .. })));
    assert_eq!(outcome(&report, "03", "7EB"), Some(&Outcome::Silent));
}

async fn erase(fake: Fake) -> (Vec<(String, ClearOutcome)>, Conditions, Vec<String>) {
    let (link, sent) = fake.link();
    let (_keep, cancel) = watch::channel(false);
    let (finished, stay) = run_check_and_stay(link, CheckOptions::new("test"), cancel.clone(), &mut |_| {}).await;
    assert_eq!(finished.report.unwrap().partial, None);
    let mut stay = stay.unwrap();
    let conditions = stay.conditions().await.unwrap();
    let ways = stay.ways();
    let before = texts(&sent).len();
    let mut answers = Vec::new();
    for way in ways {
        answers.extend(stay.erase(Unlock::to_erase_codes_freeze_frames_and_readiness(way)).await.unwrap());
    }
    let told = texts(&sent).split_off(before);
    let after = stay.check_again(cancel, &mut |_| {}).await;
    assert!(after.report.is_ok() && after.traffic.to_text().contains("ATZ"), "it can be played back by itself");
    (answers.into_iter().map(|a| (a.ecu, a.outcome)).collect(), conditions, told)
}

fn refused() -> ClearOutcome {
    ClearOutcome::Refused { nrc: "22".into(), meaning: "conditionsNotCorrect".into() }
}

#[tokio::test(start_paused = true)]
async fn codes_are_erased_once_whatever_is_heard_of_it() {
    use ClearOutcome::{Acknowledged, Silent, Unfinished};
    for (answer, engine, gearbox) in [
        ("7E80144\r7E90144\r\r>", Acknowledged, Acknowledged),
        ("7E80144\r7E9037F0422\r\r>", Acknowledged, refused()),
        ("7E8037F0478\r7E80144\r\r>", Acknowledged, Silent),
        ("7E8037F0478\r\r>", Unfinished, Silent),
        ("NO DATA\r\r>", Silent, Silent),
    ] {
        let (answers, conditions, told) = erase(Fake::car().on("0100", TWO).on("04", answer)).await;
        assert_eq!(answers, [("7E8".to_owned(), engine), ("7E9".to_owned(), gearbox)], "{answer}");
        assert_eq!(told, ["ATAT0", "ATSTFF", "04", "ATST00", "ATAT1"], "{answer}");
        assert_eq!(conditions, Conditions { rpm: Some(1726.0), voltage: Some(14.1), ..Conditions::default() });
    }
    for spoilt in ["CAN ERROR\r\r>", "BUFFER FULL\r\r>", "STOPPED\r\r>", "\r\r>"] {
        let (answers, _, told) = erase(Fake::car().on("0100", TWO).on("04", spoilt)).await;
        assert!(answers.iter().all(|(_, o)| matches!(o, ClearOutcome::Unreadable { .. })), "{spoilt} {answers:?}");
        assert_eq!(told.iter().filter(|s| *s == "04").count(), 1, "{spoilt}: not sent a second time");
    }
}

#[tokio::test(start_paused = true)]
async fn what_an_ecu_said_of_erasing_is_kept_when_the_link_breaks_right_after_it() {
    let fake = Fake::car().on("0100", TWO).on("04", "7E80144\r7E9037F0422\r\r>");
    let fake = fake.pauses("ATST00", &[&[(2, crate::fake::UNPLUG)]]);
    let (link, _) = fake.link();
    let (_keep, cancel) = watch::channel(false);
    let (_, stay) = run_check_and_stay(link, CheckOptions::new("test"), cancel, &mut |_| {}).await;
    let unlock = Unlock::to_erase_codes_freeze_frames_and_readiness(Erase::Obd);
    let answers = stay.unwrap().erase(unlock).await.unwrap();
    let heard: Vec<_> = answers.into_iter().map(|a| (a.ecu, a.outcome)).collect();
    assert_eq!(heard, [("7E8".to_owned(), ClearOutcome::Acknowledged), ("7E9".to_owned(), refused())]);
}

#[tokio::test(start_paused = true)]
async fn where_the_link_breaks_while_erasing_every_ecu_is_named_as_one_that_may_have_erased() {
    let fake = Fake::car().on("0100", TWO).pauses("04", &[&[(2, crate::fake::UNPLUG)]]);
    let (link, _) = fake.link();
    let (_keep, cancel) = watch::channel(false);
    let (_, stay) = run_check_and_stay(link, CheckOptions::new("test"), cancel, &mut |_| {}).await;
    let mut stay = stay.unwrap();
    let unlock = Unlock::to_erase_codes_freeze_frames_and_readiness(Erase::Obd);
    assert_eq!(stay.erase(unlock).await.unwrap_err().code, Code::LinkLost);
    let unheard = stay.unheard(Erase::Obd, "It may have erased.");
    let said: Vec<_> = unheard.iter().map(|a| (a.ecu.as_str(), a.request.as_str(), a.outcome.words())).collect();
    let words = || "Its answer cannot be read. It may have erased.".to_owned();
    assert_eq!(said, [("7E8", "04", words()), ("7E9", "04", words())]);
    assert_eq!(stay.unheard(Erase::UdsEmissions, ""), [], "because nobody here speaks it");
}

#[tokio::test(start_paused = true)]
async fn how_the_vehicle_stands_is_not_known_where_an_ecu_that_can_say_it_does_not() {
    // Engine speed and vehicle speed, both listed.
    let listed = || Fake::car().each("0100", &["7E806410088180000\r\r>"]);
    let none = Conditions { voltage: Some(14.1), ..Conditions::default() };
    for (rpm, speed, expect) in [
        ("7E804410C0000\r\r>", "7E803410D00\r\r>", Conditions { rpm: Some(0.0), speed: Some(0.0), ..none.clone() }),
        ("7E804410C0000\r\r>", "7E803410D32\r\r>", Conditions { rpm: Some(0.0), speed: Some(50.0), ..none.clone() }),
        ("NO DATA\r\r>", "7E803410D00\r\r>", Conditions { speed: Some(0.0), unsaid: true, ..none.clone() }),
        ("CAN ERROR\r\r>", "CAN ERROR\r\r>", Conditions { unsaid: true, ..none.clone() }),
    ] {
        let fake = listed().each("010C", &["7E804410C0000\r\r>", rpm]).each("010D", &["7E803410D00\r\r>", speed]);
        let (_, conditions, _) = erase(fake.on("04", "7E80144\r\r>")).await;
        assert_eq!(conditions, expect, "{rpm} {speed}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_ecu_that_gave_no_list_is_asked_how_the_vehicle_stands_too() {
    // The engine's own ECU refuses to list what it has; the gearbox lists neither speed.
    let fake = || Fake::car().each("0100", &["7E8037F0122\r7E906410088000000\r\r>"]).on("04", "7E80144\r7E90144\r\r>");
    let none = Conditions { voltage: Some(14.1), ..Conditions::default() };
    for (rpm, speed, expect) in [
        ("7E804410C0AF9\r\r>", "7E803410D32\r\r>", Conditions { rpm: Some(702.25), speed: Some(50.0), ..none.clone() }),
        // Nobody says that there is such a value.
        ("NO DATA\r\r>", "NO DATA\r\r>", none.clone()),
    ] {
        let (_, conditions, _) = erase(fake().on("010C", rpm).on("010D", speed)).await;
        assert_eq!(conditions, expect, "{rpm} {speed}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_car_of_the_newer_standard_is_told_by_service_14() {
    let (answers, conditions, told) =
        erase(newer("7E8037F0111\r\r>").on("14FFFF33", "7E80154\r7E9037F1422\r\r>")).await;
    assert_eq!(answers, [("7E8".to_owned(), ClearOutcome::Acknowledged), ("7E9".to_owned(), refused())]);
    assert_eq!(conditions.rpm, Some(0.0));
    assert_eq!(told, ["ATAT0", "ATSTFF", "14FFFF33", "ATST00", "ATAT1"]);
}

#[tokio::test(start_paused = true)]
async fn a_check_that_was_cut_short_leaves_nobody_to_erase_with() {
    let fake = Fake::car().pauses("03", &[&[(5, crate::fake::UNPLUG)]]);
    let (link, _) = fake.link();
    let (_keep, cancel) = watch::channel(false);
    let (finished, stay) = run_check_and_stay(link, CheckOptions::new("test"), cancel, &mut |_| {}).await;
    assert_eq!(finished.report.unwrap().partial.map(|e| e.code), Some(Code::LinkLost));
    assert!(stay.is_none());
    assert_eq!(Unlock::to_erase_codes_freeze_frames_and_readiness(Erase::UdsAll).hex(), "14FFFFFF");
}

/// A boosted engine that counts further than the usual scale: PIDs 0B, 10, 24, 34, 44, and 4F and 50, which say how far.
fn far(reach: &'static str, flow: &'static str) -> Fake {
    Fake::car()
        .on("0100", "7E806410080210001\r\r>")
        .on("0120", "7E806412010001001\r\r>")
        .on("0140", "7E806414010030000\r\r>")
        .on("010B", "7E803410B80\r\r>")
        .on("0110", "7E80441102710\r\r>")
        .on("0124", "7E80641247D009C40\r\r>")
        .on("0134", "7E80641347D005C40\r\r>")
        .on("0144", "7E80441448000\r\r>")
        .on("014F", reach)
        .on("0150", flow)
        .on("020200", "7E8054202000301\r\r>")
        .on("020000", "7E80742000000200000\r\r>")
        .on("020B00", "7E804420B0080\r\r>")
}

#[tokio::test(start_paused = true)]
async fn a_value_is_read_in_the_scale_that_its_ecu_sets() {
    let usual = [128.0, 100.0, 0.977, 4.883, 0.977, -35.75, 1.0];
    let wide = [256.0, 122.072, 1.953, 9.766, 1.953, -17.875, 2.0];
    let (zeros, no) = ("7E806414F00000000\r\r>", "7E806415000000000\r\r>");
    for (reach, flow, expect, frozen) in [
        ("7E806414F04104033\r\r>", "7E806415050000000\r\r>", &wide[..], Some(256.0)),
        (zeros, no, &usual[..], Some(128.0)),
        // What may be in another scale than it seems is no value.
        ("NO DATA\r\r>", no, &usual[1..2], None),
    ] {
        let (finished, _) = check(far(reach, flow)).await;
        let report = finished.report.unwrap();
        let number = |item: &roadworthy_api::reading::Item| match item.value {
            roadworthy_api::reading::Value::Number { value, .. } => Some((value * 1000.0).round() / 1000.0),
            _ => None,
        };
        let limits = |item: &roadworthy_api::reading::Item| item.pid == "4F" || item.pid == "50";
        let read: Vec<f64> =
            report.snapshot.iter().filter(|r| !limits(&r.item)).filter_map(|r| number(&r.item)).collect();
        assert_eq!(read, expect, "{reach}");
        let [frame] = report.freeze_frames.as_slice() else {
            panic!("{:?} {:?}", report.freeze_frames, report.rejected)
        };
        assert_eq!(frame.items.first().and_then(number), frozen, "{reach}");
        let left_out = report.rejected.iter().filter(|r| r.reason.contains("scale")).count();
        assert_eq!(left_out, if frozen.is_none() { 7 } else { 0 }, "{reach} {:?}", report.rejected);
    }
}
