//! The passport: what is sent to make one, and what it is used for. Time is simulated.

use crate::fake::{Fake, Sent, texts};
use roadworthy_api::{
    Timestamp,
    adapter::{CountDigit, Passport, Proof, Purpose},
    check::{CheckReport, Outcome},
};
use roadworthy_obd::{
    adapter::{
        Adapter, Reset,
        passport::{Identity, Passports},
    },
    check::{CheckOptions, Finished, check_recording, run_check},
};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{sync::watch, time::Instant};

/// A car with eight values on CAN; the adapter waits 60 ms for more unless it is told how many frames there are.
fn car() -> Fake {
    const WAITS: u64 = 60;
    let mut fake =
        Fake::car().on("AT@1", "OBDII to RS232 Interpreter\r\r>").on("ATCRA", "OK\r\r>").on("ATFCSM0", "OK\r\r>");
    for (request, frame) in [
        ("0100", "7E8064100983A8000\r"),
        ("0104", "7E80341043F\r"),
        ("0105", "7E80341057B\r"),
        ("010B", "7E803410B64\r"),
        ("010C", "7E804410C1AF8\r"),
        ("010D", "7E803410D20\r"),
        ("010F", "7E803410F3C\r"),
        ("0111", "7E803411133\r"),
    ] {
        fake = fake.pauses(request, &[&[(20, frame), (WAITS, "\r>")]]);
        let counted: &'static str = Box::leak(format!("{request}1").into_boxed_str());
        fake = fake.pauses(counted, &[&[(20, frame), (1, "\r>")]]);
    }
    let six = "7E8100E41043F057B0B\r7E821640C1AF80D200F\r7E8223C000000000000\r";
    fake.on("01050C", "7E80641057B0C1AF8\r\r>")
        .on("01050C0D040F11", "7E8100E41057B0C1AF8\r7E8210D20043F0F3C11\r7E82233000000000000\r\r>")
        .pauses("0104050B0C0D0F", &[&[(20, six), (WAITS, "\r>")]])
        .pauses("0104050B0C0D0F3", &[&[(20, six), (1, "\r>")]])
}

async fn check(fake: Fake, passports: Passports) -> (Finished, Sent) {
    let (link, sent) = fake.link();
    let (_keep, cancel) = watch::channel(false);
    let start = Instant::now();
    let now = move || Timestamp::try_from(start.elapsed().as_millis()).unwrap();
    let options = CheckOptions { now: Arc::new(now), passports, ..CheckOptions::new("test") };
    let finished = run_check(link, options, cancel, &mut |_| {}).await;
    (finished, sent)
}

fn kept(passport: Option<Passport>) -> (Passports, Arc<Mutex<Vec<Identity>>>) {
    let asked: Arc<Mutex<Vec<Identity>>> = Arc::default();
    let seen = Arc::clone(&asked);
    let look = move |identity: &Identity| {
        seen.lock().unwrap().push(identity.clone());
        passport.clone()
    };
    (Passports::Kept(Arc::new(look)), asked)
}

/// What was sent that is no command of the adapter's own.
fn requests(sent: &Sent) -> Vec<String> {
    texts(sent).into_iter().filter(|t| !t.starts_with("AT") && !t.starts_with("ST")).collect()
}

#[tokio::test(start_paused = true)]
async fn an_unknown_adapter_is_measured_once_everything_is_read() {
    let (passports, asked) = kept(None);
    let (finished, sent) = check(car(), passports).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial, None);
    let passport = report.adapter.passport.unwrap();
    assert_eq!(passport.count_digit, CountDigit::Honoured, "{passport:?}");
    assert_eq!(passport.tried_on.as_ref().unwrap().several_values, Proof::Yes);
    assert!(passport.request_of_7.yes() && passport.long_reply.yes() && passport.headers.yes(), "{passport:?}");
    assert!(passport.fit.iter().filter(|f| f.purpose != Purpose::Service06).all(|f| f.fit.yes()), "{passport:?}");
    assert!(passport.cannot.iter().any(|c| c.contains("ATCEA")), "{:?}", passport.cannot);
    assert_eq!(asked.lock().unwrap().as_slice(), [Identity::of(&passport)], "because it is known again by the same");
    let sent = texts(&sent);
    let (long, last) = (sent.iter().position(|t| t == "ATPPS"), sent.iter().rposition(|t| t == "0A"));
    assert!(long > last && last.is_some(), "{sent:?}");
    assert!(!sent.iter().any(|t| t.starts_with("EARLY")), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn a_known_adapter_is_not_measured_again_and_what_it_proved_is_used() {
    let (passports, _) = kept(None);
    let passport = check(car(), passports).await.0.report.unwrap().adapter.passport.map(|p| *p);
    let first = check(car(), kept(passport.clone()).0).await;
    let report = first.0.report.unwrap();
    assert_eq!(report.adapter.passport.as_deref(), passport.as_ref());
    let sent = requests(&first.1);
    assert!(!texts(&first.1).contains(&"ATPPS".to_owned()));
    // Two values alone, which prove the joint request, then six at once, then what is left; all of them counted.
    assert!(sent.contains(&"01041".to_owned()) && sent.contains(&"0104050B0C0D0F3".to_owned()), "{sent:?}");
    let mut pids: Vec<&str> = report.snapshot.iter().map(|r| r.item.pid.as_str()).collect();
    pids.sort_unstable();
    assert_eq!(pids, ["04", "05", "0B", "0C", "0D", "0F", "11"]);
    for pid in ["0104", "0105", "010B", "010C", "010D", "010F", "0111"] {
        let rows = report.coverage.iter().filter(|c| c.request == pid && c.outcome == Outcome::Answered);
        assert_eq!(rows.count(), 1, "{pid}: {:?}", report.coverage);
    }
    let rpm = report.snapshot.iter().find(|r| r.item.pid == "0C").unwrap();
    assert_eq!((rpm.request.as_str(), rpm.raw.as_str()), ("0104050B0C0D0F", "41043F057B0B640C1AF80D200F3C"));
}

#[tokio::test(start_paused = true)]
async fn pain_18_a_check_asks_for_several_values_at_once_and_does_not_wait_for_more_than_there_is() {
    let time = |passports| async {
        let start = Instant::now();
        let (finished, sent) = check(car(), passports).await;
        assert_eq!(finished.report.unwrap().snapshot.len(), 7);
        // Service and PIDs: more than two bytes ask for several values at once.
        let joint = requests(&sent).iter().filter(|r| r.starts_with("01") && r.len() > 5).count();
        (start.elapsed(), joint)
    };
    let passport = check(car(), kept(None).0).await.0.report.unwrap().adapter.passport.map(|p| *p).unwrap();
    let uncounted = Passport { count_digit: CountDigit::Ignored, ..passport.clone() };
    let plain = time(Passports::Unused).await;
    let (joint, counted) = (time(kept(Some(uncounted)).0).await, time(kept(Some(passport)).0).await);
    assert!(plain.1 == 0 && joint.1 > 0 && counted.1 > 0, "because the rest goes out together: {joint:?} {plain:?}");
    assert!(joint.0 < plain.0, "{joint:?} {plain:?}");
    // Counted answers end with their last frame, and not 60 ms after it.
    assert!(counted.0 + Duration::from_millis(150) < joint.0, "{counted:?} {joint:?}");
}

#[tokio::test(start_paused = true)]
async fn where_a_joint_answer_lacks_anything_every_value_is_asked_for_alone() {
    for answer in ["NO DATA\r\r>", "7E80341043F\r\r>", "7E8037F0112\r\r>", "?\r\r>", "7E80441043F05\r\r>"] {
        let (finished, sent) = check(car().on("0104050B0C0D0F", answer), kept(None).0).await;
        let report = finished.report.unwrap();
        let sent = requests(&sent);
        assert_eq!(report.snapshot.len(), 7, "{answer}: {sent:?}");
        assert!(report.snapshot.iter().all(|r| r.request.len() == 4), "{answer}");
        let rows = report.coverage.iter().filter(|c| c.question == "Present values");
        assert!(
            rows.clone().count() == 7 && rows.clone().all(|c| c.outcome == Outcome::Answered),
            "{answer}: {:?}",
            rows.collect::<Vec<_>>()
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_counted_answer_that_lacks_an_ecu_is_asked_for_again_without_its_count() {
    let passport = check(car(), kept(None).0).await.0.report.unwrap().adapter.passport.map(|p| *p);
    // A second ECU refuses, and its refusal is the first frame: the count ends the answer before the value comes.
    let fake = car().on("01111", "7E9037F0112\r\r>").on("0111", "7E9037F0112\r7E803411133\r\r>");
    let (finished, sent) = check(fake, kept(passport).0).await;
    let report = finished.report.unwrap();
    assert!(report.snapshot.iter().any(|r| r.item.pid == "11"), "{:?}", requests(&sent));
    assert!(requests(&sent).contains(&"0111".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_falls_silent_while_it_is_measured_spoils_no_check() {
    let fake = car().pauses("ATPPS", &[&[(60_000, "\r>")]]);
    let (finished, _) = check(fake, kept(None).0).await;
    let report = finished.report.unwrap();
    assert_eq!((report.partial, report.snapshot.len()), (None, 7));
}

#[tokio::test(start_paused = true)]
async fn it_is_measured_without_a_vehicle_too_and_nothing_reaches_a_bus() {
    let (link, sent) = car().link();
    let mut adapter = Adapter::start(link, Reset::Cold).await.unwrap();
    let passport = adapter.measure(7).await.unwrap();
    assert_eq!(passport.tried_on, None);
    assert!(matches!(passport.headers, Proof::Unknown { .. }));
    assert_eq!(requests(&sent), [""; 0]);
    for text in texts(&sent) {
        for bad in ["ATTPA0", "ATCFC0", "ATSP", "ATSV", "ATMA"] {
            assert!(!text.starts_with(bad), "{text}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_check_with_a_passport_can_be_played_back() {
    let passport = check(car(), kept(None).0).await.0.report.unwrap().adapter.passport.map(|p| *p);
    for passports in [Passports::Unused, kept(None).0, kept(passport).0] {
        let (finished, _) = check(car(), passports).await;
        let report = finished.report.unwrap();
        let again = check_recording(finished.traffic.clone(), CheckOptions::new("replay:visit.txt"));
        let rows = |report: &CheckReport| {
            let mut rows: Vec<String> = report.coverage.iter().map(|row| format!("{row:?}")).collect();
            rows.sort();
            rows
        };
        let again_report = again.report.unwrap();
        assert_eq!(rows(&again_report), rows(&report));
        assert_eq!((again_report.codes, again_report.partial), (report.codes, None));
        assert_eq!(again.traffic, finished.traffic);
    }
}

#[tokio::test(start_paused = true)]
async fn the_most_common_protocol_is_tried_by_name_before_all_are_searched() {
    const NONE: &str = "NO DATA\r\r>";
    const DATA: &str = "7E8064100983A8000\r\r>";
    const SEARCHED: &str = "SEARCHING...\r7E8064100983A8000\r\r>";
    for (answers, named, tried, found) in [
        (&[DATA][..], "6\r\r>", &["ATTP6"][..], "6"),
        // It does not know the question.
        (&[DATA], "?\r\r>", &["ATTP6"], "6"),
        // It searches whatever it is told, and found another one.
        (&[SEARCHED, DATA], "A8\r\r>", &["ATTP6"], "8"),
        // Not there: the search finds it.
        (&[NONE, SEARCHED, DATA], "A8\r\r>", &["ATTP6", "ATTP0"], "8"),
        // What passes by itself gets its second chance.
        (&["CAN ERROR\r\r>", DATA], "6\r\r>", &["ATTP6", "ATTP6"], "6"),
    ] {
        let (finished, sent) = check(car().each("0100", answers).on("ATDPN", named), kept(None).0).await;
        let report = finished.report.unwrap();
        let chosen: Vec<_> = texts(&sent).into_iter().filter(|t| t.starts_with("ATTP")).collect();
        assert_eq!(chosen.get(..tried.len()), Some(&tried.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>()[..]));
        assert_eq!(report.protocol.map(|p| p.id).as_deref(), Some(found), "{answers:?} {named}");
    }
    // Without passports, as before there were any: recordings from then are played back the same way.
    let (_, sent) = check(car(), Passports::Unused).await;
    assert_eq!(texts(&sent).into_iter().find(|t| t.starts_with("ATTP")).as_deref(), Some("ATTP0"));
}
