//! The governor in a live session: what is sent, what stops, what is said. Time is simulated.

use crate::fake::{Fake, Sent, check};
use roadworthy_api::Timestamp;
use roadworthy_obd::{
    adapter::governor::PARKED_MS,
    check::CheckOptions,
    live::{Control, LiveEvent, run_live},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

const RPM: &str = "7E8:0C:engine_rpm";

/// What was said, with the time in ms after the vehicle was found, and everything that was sent.
async fn session(
    fake: Fake,
    seconds: u64,
    steer: impl FnMut(u64, &watch::Sender<Control>),
) -> (Vec<(u64, LiveEvent)>, Sent, u64) {
    session_of(fake, false, seconds, steer).await
}

/// The same; `bench`: there is no vehicle.
async fn session_of(
    fake: Fake,
    bench: bool,
    seconds: u64,
    mut steer: impl FnMut(u64, &watch::Sender<Control>),
) -> (Vec<(u64, LiveEvent)>, Sent, u64) {
    let (link, sent) = fake.link();
    let start = Instant::now();
    let now = move || Timestamp::try_from(start.elapsed().as_millis()).unwrap();
    let options = CheckOptions { now: Arc::new(now), bench, ..CheckOptions::new("test") };
    let control = watch::Sender::new(Control::default());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let receiver = control.subscribe();
    let run = tokio::spawn(async move { run_live(link, options, receiver, &mut |event| drop(tell.send(event))).await });
    let (mut events, mut found) = (Vec::new(), None::<Instant>);
    let mut tick = tokio::time::interval(Duration::from_millis(500));
    loop {
        tokio::select! {
            event = told.recv() => match event {
                Some(LiveEvent::Found(_)) => {
                    found = Some(Instant::now());
                    control.send_modify(|c| c.signals = vec![RPM.into()]);
                }
                Some(LiveEvent::Doing(_) | LiveEvent::Answered { .. }) => {}
                Some(event) => {
                    let ms = found.map_or(0, |at| u64::try_from(at.elapsed().as_millis()).unwrap());
                    events.push((ms, event));
                }
                None => break,
            },
            _ = tick.tick() => if let Some(found) = found {
                let since = u64::try_from(found.elapsed().as_millis()).unwrap();
                steer(since, &control);
                if since >= seconds * 1000 {
                    control.send_modify(|c| c.stop = true);
                }
            }
        }
    }
    assert_eq!(run.await.unwrap(), Ok(()));
    let begun = found.map_or(0, |at| u64::try_from((at - start).as_millis()).unwrap());
    (events, sent, begun)
}

/// Requests to the vehicle within a range of ms after it was found.
fn requests(sent: &Sent, begun: u64, from: u64, to: u64) -> Vec<(u64, String)> {
    let all = sent.lock().unwrap();
    let within = |ms: u64| (begun + from..begun + to).contains(&ms);
    all.iter().filter(|(ms, text)| within(*ms) && !text.starts_with("AT")).cloned().collect()
}

/// An engine at rest with the ignition on.
fn parked() -> Fake {
    Fake::car().on("010C", "7E804410C0000\r\r>").on("ATRV", "12.4V\r\r>")
}

#[tokio::test(start_paused = true)]
async fn pain_21_a_parked_car_is_left_alone_until_a_person_goes_on() {
    let minutes = PARKED_MS / 60_000;
    let again = PARKED_MS + 120_000;
    let mut went_on = false;
    let (events, sent, begun) = session(parked(), PARKED_MS / 1000 + 240, |since, control| {
        if since >= again && !std::mem::replace(&mut went_on, true) {
            control.send_modify(|c| c.go_on += 1);
        }
    })
    .await;
    let [(held, LiveEvent::Held(why)), (_, LiveEvent::WentOn)] = events.as_slice() else { panic!("{events:?}") };
    assert!(why.contains(&format!("{minutes} minutes")) && why.contains("engine is off"), "{why}");
    assert!((PARKED_MS..PARKED_MS + 5_000).contains(held), "{held}");
    assert!(requests(&sent, begun, PARKED_MS - 10_000, PARKED_MS).len() > 100);
    assert_eq!(requests(&sent, begun, held + 1_000, again), [], "because an ECU that is asked stays awake");
    assert!(requests(&sent, begun, again, again + 10_000).len() > 100);
}

#[tokio::test(start_paused = true)]
async fn a_running_engine_is_read_for_as_long_as_one_likes() {
    for (rpm, volts) in [("7E804410C1AF8\r\r>", "12.4V\r\r>"), ("7E804410C0000\r\r>", "14.2V\r\r>")] {
        let fake = Fake::car().on("010C", rpm).on("ATRV", volts);
        let (events, ..) = session(fake, PARKED_MS / 1000 + 60, |_, _| {}).await;
        assert_eq!(events, [], "{volts}");
    }
}

#[tokio::test(start_paused = true)]
async fn pain_21_a_sagging_battery_is_read_slowly_and_then_not_at_all() {
    let volts = ["12.4V\r\r>", "12.4V\r\r>", "11.8V\r\r>", "11.8V\r\r>", "11.3V\r\r>"];
    let (events, sent, begun) = session(parked().each("ATRV", &volts), 150, |_, _| {}).await;
    let [(slow, LiveEvent::Slowed(Some(_))), (held, LiveEvent::Held(why))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert!(why.contains("11.3 V") && why.contains("11.5 V"), "{why}");
    let rate = |from: u64, to: u64| requests(&sent, begun, from, to).len() as f64 * 1000.0 / (to - from) as f64;
    assert!(
        rate(1_000, *slow) > 15.0 && rate(slow + 1_000, slow + 11_000) < 11.0,
        "{}",
        rate(slow + 1_000, slow + 11_000)
    );
    assert_eq!(requests(&sent, begun, held + 1_000, 150_000), []);
}

#[tokio::test(start_paused = true)]
async fn pain_19_a_network_code_that_appears_slows_reading_and_a_second_stops_it() {
    let pending = ["7E8024700\r\r>", "7E8064702C1000301\r\r>", "7E8064702C100C121\r\r>"];
    let (events, ..) = session(parked().each("07", &pending).on("010C", "7E804410C1AF8\r\r>"), 400, |_, _| {}).await;
    let [(slow, LiveEvent::Slowed(Some(why))), (held, LiveEvent::Held(stop))] = events.as_slice() else {
        panic!("{events:?}")
    };
    assert!(why.contains("U0100") && stop.contains("U0121"), "{why} {stop}");
    assert!((110_000..130_000).contains(slow) && (230_000..260_000).contains(held), "{slow} {held}");
}

#[tokio::test(start_paused = true)]
async fn network_codes_that_were_there_before_are_not_new_where_the_first_look_missed_them() {
    let both = "7E8064702C100C121\r\r>";
    for pending in [
        // The first look brought nothing, at both tries; or not from the ECU that has the codes.
        vec!["CAN ERROR\r\r>", "CAN ERROR\r\r>", both],
        vec!["7E9024700\r\r>", "7E9024700\r7E8064702C100C121\r\r>"],
    ] {
        let (events, ..) =
            session(parked().each("07", &pending).on("010C", "7E804410C1AF8\r\r>"), 400, |_, _| {}).await;
        assert_eq!(events, [], "{pending:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pain_19_what_is_asked_again_keeps_its_distance_too() {
    let error = "CAN ERROR\r\r>";
    let can = Fake::car().each("0105", &[error, error, error, "7E80341057B\r\r>"]);
    let spoilt = "83F11041057B3A<DATA ERROR\r\r>";
    let kwp = Fake::car()
        .on("ATDPN", "A5\r\r>")
        .on("0100", "86F110410008100000E0\r\r>")
        .each("0105", &[spoilt, spoilt, "83F11041057B45\r\r>"]);
    for (fake, gap, times) in [(can, 25, 4), (kwp, 125, 3)] {
        let (finished, sent) = check(fake).await;
        assert!(finished.report.unwrap().snapshot.iter().any(|r| r.item.pid == "05"), "{gap}");
        let sent = sent.lock().unwrap();
        let asked: Vec<u64> = sent.iter().filter(|(_, text)| text == "0105").map(|(ms, _)| *ms).collect();
        assert_eq!(asked.len(), times);
        assert!(asked.windows(2).all(|w| w[1] - w[0] >= gap), "{asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_could_not_be_read_does_not_make_old_network_codes_new() {
    for first in ["NO DATA\r\r>", "CAN ERROR\r\r>", "7E80647\r\r>"] {
        let pending = [first, "7E8064702C100C121\r\r>"];
        let fake = parked().each("07", &pending).on("010C", "7E804410C1AF8\r\r>");
        let (events, ..) = session(fake, 300, |_, _| {}).await;
        assert_eq!(events, [], "{first}");
    }
}

#[tokio::test(start_paused = true)]
async fn on_a_bench_it_is_read_as_fast_as_it_answers_and_a_vehicle_is_not() {
    for bench in [false, true] {
        let seconds = PARKED_MS / 1000 + 60;
        let (events, sent, begun) = session_of(parked(), bench, seconds, |_, _| ()).await;
        let at_once = requests(&sent, begun, 10_000, 20_000).len();
        let late = requests(&sent, begun, PARKED_MS + 30_000, PARKED_MS + 40_000).len();
        if bench {
            assert!(events.is_empty() && at_once > 1_000 && late > 1_000, "{at_once} and {late}: {events:?}");
        } else {
            assert!(
                !events.is_empty() && (1..=400).contains(&at_once) && late == 0,
                "{at_once} and {late}: {events:?}"
            );
        }
    }
}
