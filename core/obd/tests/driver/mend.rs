//! A link that breaks in the middle of a check and comes back.

use crate::fake::{Fake, UNPLUG, outcome, texts};
use roadworthy_api::{
    Code, Error,
    check::{CheckReport, Outcome},
};
use roadworthy_obd::{
    check::{CheckOptions, Finished, Reopen, run_check},
    link::{BoxLink, Carrier},
    traffic::{Direction, Traffic},
};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};
use tokio::sync::watch;

const VIN: &str = "7E81014490201315257\r7E82154455354303058\r7E82230303030303031\r\r>";
const OTHER: &str = "7E81014490201315257\r7E82154455354303058\r7E82230303030303032\r\r>";

/// Checks on the first link; the others, in their order, are what opening it anew gives.
async fn check(first: Fake, others: Vec<Option<BoxLink>>) -> (Finished, usize) {
    let others = Arc::new(Mutex::new(VecDeque::from(others)));
    let left = Arc::clone(&others);
    let reopen: Reopen = Arc::new(move || {
        let next = others.lock().unwrap().pop_front().flatten();
        Box::pin(async move { next.map(Carrier::Chip).ok_or_else(|| Error::new(Code::NoAdapter, "It is not there.")) })
    });
    let options = CheckOptions { reopen: Some(reopen), ..CheckOptions::new("COM7") };
    let (_keep, cancel) = watch::channel(false);
    let finished = run_check(first.link().0, options, cancel, &mut |_| {}).await;
    let left = left.lock().unwrap().len();
    (finished, left)
}

fn car() -> Fake {
    Fake::car().on("03", "7E804430103 01\r\r>").on("0902", VIN)
}

fn breaks_at(question: &'static str) -> Fake {
    car().pauses(question, &[&[(2, "7E8044"), (10, UNPLUG)]])
}

fn whole(report: &CheckReport) {
    assert_eq!(report.partial, None);
    assert_eq!(report.codes.len(), 1, "because a question that is asked again counts once");
    assert_eq!(report.snapshot.len(), 2, "{:?}", report.snapshot);
    assert_eq!(report.vin.as_deref(), Some("1RWTEST00X0000001"));
    for request in ["03", "07", "0105", "010C"] {
        assert_eq!(outcome(report, request, "7E8"), Some(&Outcome::Answered), "{request}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_link_that_comes_back_loses_no_question_and_doubles_no_answer() {
    for question in ["0101", "03", "07", "0A", "0105", "010C"] {
        let (link, sent) = car().link();
        let (finished, _) = check(breaks_at(question), vec![None, Some(link)]).await;
        whole(&finished.report.unwrap());
        let sent = texts(&sent);
        assert!(sent.contains(&question.to_owned()), "{question} is asked again: {sent:?}");
        assert!(sent[0].starts_with("ATZ"), "because a new link needs the whole start: {sent:?}");
        // The record has both links in order, and reads back.
        let traffic = finished.traffic;
        assert_eq!(traffic.chunks.iter().filter(|c| c.direction == Direction::Broke).count(), 1);
        assert!(traffic.chunks.windows(2).all(|w| w[0].ms <= w[1].ms));
        assert_eq!(Traffic::parse(&traffic.to_text()).unwrap(), traffic);
    }
}

#[tokio::test(start_paused = true)]
async fn another_vehicle_on_the_new_link_is_never_read_into_the_same_check() {
    for vin in [OTHER, "NO DATA\r\r>"] {
        let (link, sent) = car().on("0902", vin).on("010C", "7E804410C3000\r\r>").link();
        let (finished, _) = check(breaks_at("010C"), vec![Some(link)]).await;
        let report = finished.report.unwrap();
        let error = report.partial.as_ref().unwrap();
        assert!(error.code == Code::LinkLost && error.hint.contains("same VIN"), "{error}");
        assert!(!texts(&sent).contains(&"010C".to_owned()));
        assert!(report.snapshot.iter().all(|r| r.request != "010C"), "{:?}", report.snapshot);
    }
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_without_a_vin_is_not_read_on() {
    let (link, sent) = Fake::car().link();
    let first = Fake::car().pauses("0105", &[&[(2, "7E8"), (10, UNPLUG)]]);
    let (finished, left) = check(first, vec![Some(link)]).await;
    assert_eq!(finished.report.unwrap().partial.unwrap().code, Code::LinkLost);
    assert!(left == 1 && texts(&sent).is_empty(), "because nothing would show that it is the same");
}

#[tokio::test(start_paused = true)]
async fn a_link_that_stays_away_ends_the_check_with_what_was_read() {
    let began = tokio::time::Instant::now();
    let (finished, _) = check(breaks_at("0A"), vec![]).await;
    let report = finished.report.unwrap();
    assert_eq!(report.partial.as_ref().unwrap().code, Code::LinkLost);
    assert_eq!(report.codes.len(), 1);
    assert_eq!(report.adapter.claims, "ELM327 v1.5", "because it had said so before");
    assert!(began.elapsed().as_secs() < 40, "{:?}", began.elapsed());
    assert!(finished.traffic.chunks.len() > 10);
}

#[tokio::test(start_paused = true)]
async fn a_link_that_keeps_breaking_is_given_up() {
    let again = || Some(breaks_at("0105").link().0);
    let (finished, left) = check(breaks_at("0105"), vec![again(), again(), again(), again()]).await;
    assert_eq!(finished.report.unwrap().partial.unwrap().code, Code::LinkLost);
    assert_eq!(left, 1, "three times is enough");
}
