//! Live sessions against scripted adapters. Time is simulated.

use crate::fake::{Fake, Sent, UNPLUG, texts};
use roadworthy_api::{Code, Error, Timestamp, live::LiveValue, live::Sample};
use roadworthy_obd::{
    check::CheckOptions,
    live::{Control, Found, LiveEvent, run_live},
};
use std::{sync::Arc, time::Duration};
use tokio::{sync::watch, time::Instant};

const COOLANT: &str = "7E8:05:coolant_temperature";
const RPM: &str = "7E8:0C:engine_rpm";

struct Ended {
    end: Result<(), Error>,
    found: Option<Found>,
    samples: Vec<Sample>,
    sent: Sent,
}

impl Ended {
    fn values(&self, signal: &str) -> Vec<f64> {
        let number = |s: &Sample| match s.value {
            LiveValue::Number { value } if s.signal == signal => Some(value),
            _ => None,
        };
        self.samples.iter().filter_map(number).collect()
    }

    fn missing(&self, signal: &str) -> Vec<&str> {
        let of_signal = self.samples.iter().filter(|s| s.signal == signal);
        of_signal
            .filter_map(|s| if let LiveValue::Missing { missing } = &s.value { Some(missing.as_str()) } else { None })
            .collect()
    }

    /// Requests for present values after the start, bitmaps not among them, with their time in ms.
    fn asked(&self) -> Vec<(u64, String)> {
        let sent = self.sent.lock().unwrap();
        let is = |text: &str| text.starts_with("01") && !["0100", "0120", "0140"].contains(&text);
        sent.iter().filter(|(_, text)| is(text)).cloned().collect()
    }
}

/// Reads `signals` for so many seconds after the vehicle was found.
async fn live(fake: Fake, signals: &[&str], seconds: u64) -> Ended {
    live_with(fake, signals, seconds, |_, _| {}).await
}

/// The same; `steer` is called about each tenth of a second with what has been read so far.
async fn live_with(
    fake: Fake,
    signals: &[&str],
    seconds: u64,
    mut steer: impl FnMut(u64, &watch::Sender<Control>),
) -> Ended {
    let (link, sent) = fake.link();
    let start = Instant::now();
    let now = move || Timestamp::try_from(start.elapsed().as_millis()).unwrap();
    let options = CheckOptions { now: Arc::new(now), ..CheckOptions::new("test") };
    let control = watch::Sender::new(Control::default());
    let (tell, mut told) = tokio::sync::mpsc::unbounded_channel();
    let receiver = control.subscribe();
    let run = tokio::spawn(async move { run_live(link, options, receiver, &mut |event| drop(tell.send(event))).await });
    let (mut found, mut samples, mut ended) = (None, Vec::new(), None);
    let mut tick = tokio::time::interval(Duration::from_millis(100));
    loop {
        tokio::select! {
            event = told.recv() => match event {
                Some(LiveEvent::Found(f)) => {
                    found = Some(*f);
                    ended = Some(Instant::now() + Duration::from_secs(seconds));
                    control.send_modify(|c| c.signals = signals.iter().map(|s| (*s).to_owned()).collect());
                }
                Some(LiveEvent::Answered { samples: new, .. }) => samples.extend(new),
                Some(LiveEvent::Doing(_) | LiveEvent::Slowed(_) | LiveEvent::Held(_) | LiveEvent::WentOn | LiveEvent::Traffic(_)) => {}
                None => break,
            },
            _ = tick.tick() => {
                if let Some(end) = ended {
                    let since = seconds * 1000 - u64::try_from(end.saturating_duration_since(Instant::now()).as_millis()).unwrap();
                    steer(since, &control);
                    if Instant::now() >= end {
                        control.send_modify(|c| c.stop = true);
                    }
                }
            }
        }
    }
    let end = run.await.unwrap();
    Ended { end, found, samples, sent }
}

#[tokio::test(start_paused = true)]
async fn fast_signals_are_read_more_often_and_only_reading_requests_are_sent() {
    let ended = live(Fake::car(), &[RPM, COOLANT], 20).await;
    assert_eq!(ended.end, Ok(()));
    let found = ended.found.as_ref().unwrap();
    let ids: Vec<&str> = found.available.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, ["7E8:01:mil", "7E8:01:dtc_count", COOLANT, RPM]);
    assert_eq!(found.available[3].range, Some((0.0, 16383.75)));
    let (rpm, coolant) = (ended.values(RPM), ended.values(COOLANT));
    assert!(rpm.iter().all(|v| *v == 1726.0) && coolant.iter().all(|v| *v == 83.0), "{rpm:?} {coolant:?}");
    assert!((380..=401).contains(&rpm.len()) && (9..=11).contains(&coolant.len()), "{} {}", rpm.len(), coolant.len());
    assert!(ended.samples.windows(2).all(|w| w[0].at <= w[1].at));
    for text in texts(&ended.sent) {
        let reads = ["01", "07", "09"].iter().any(|service| text.starts_with(service));
        assert!(text.starts_with("AT") || reads, "{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_bus_is_never_asked_faster_than_its_limit() {
    for (protocol, reply, gap) in [('6', "7E804410C1AF8\r\r>", 25), ('5', "84F110410C1AF8E4\r\r>", 125)] {
        let mut fake = Fake::car().on("010C", reply);
        if protocol == '5' {
            fake = fake.on("ATDPN", "A5\r\r>").on("0100", "86F110410008100000E0\r\r>");
        }
        let ended = live(fake, &[RPM, "10:0C:engine_rpm"], 5).await;
        let asked = ended.asked();
        assert!(asked.len() > 10, "{protocol}: {:?} {asked:?}", ended.end);
        assert!(asked.windows(2).all(|w| w[1].0 - w[0].0 >= gap), "{protocol}: {asked:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_or_silent_is_missing_once_and_asked_ever_more_rarely() {
    for (answer, words) in [
        ("7E8037F0112\r\r>", "refuses it (subFunctionNotSupported)"),
        ("NO DATA\r\r>", "does not answer"),
        ("CAN ERROR\r\r>", "CAN ERROR"),
        ("7E803410\r\r>", ""),
    ] {
        let ended = live(Fake::car().on("010C", answer), &[RPM, COOLANT], 120).await;
        assert_eq!(ended.values(RPM), [0.0; 0], "{answer}");
        let missing = ended.missing(RPM);
        assert_eq!(missing.len(), 1, "{answer}: {missing:?}");
        assert!(missing[0].contains(words), "{answer}: {missing:?}");
        // A spoilt answer is asked for a second time at once: that counts as one.
        let times: Vec<u64> = ended.asked().into_iter().filter(|(_, t)| t == "010C").map(|(ms, _)| ms).collect();
        assert!(times.len() < 40, "{answer}: {}", times.len());
        let last = times[times.len() - 1];
        assert!(times.iter().filter(|ms| last - **ms < 20_000).count() <= 2, "{answer}: {times:?}");
        assert!(ended.values(COOLANT).len() > 50, "{answer}: the other one goes on");
    }
}

#[tokio::test(start_paused = true)]
async fn one_lost_answer_is_not_a_missing_signal_and_what_comes_back_is_shown() {
    let back = ["7E804410C1AF8\r\r>", "NO DATA\r\r>", "7E804410C1AF8\r\r>"];
    let ended = live(Fake::car().each("010C", &back), &[RPM], 2).await;
    assert_eq!(ended.missing(RPM), [""; 0]);
    let lost = ["NO DATA\r\r>", "NO DATA\r\r>", "NO DATA\r\r>", "7E804410C1AF8\r\r>"];
    let ended = live(Fake::car().each("010C", &lost), &[RPM], 5).await;
    assert_eq!(ended.missing(RPM).len(), 1);
    assert!(ended.values(RPM).len() > 20, "because it is asked at its old pace again");
}

#[tokio::test(start_paused = true)]
async fn pain_17_an_error_text_or_a_marker_is_never_a_live_value() {
    for text in [
        "CAN ERROR\r\r>",
        "DATA ERROR\r\r>",
        "7E804 DATA ERROR\r\r>",
        "BUFFER FULL\r\r>",
        "FB ERROR\r\r>",
        "7E804410C1A\r\r>",
        "ERR93\r\r>",
        "FE ED BE EF\r\r>",
        "7E80341057B\r\r>",
        "7E804410C1AF8<DATA ERROR\r\r>",
        "7E804410C DATA ERROR\r\r>",
        "7E804410C1A CAN ERROR\r\r>",
        "7E804410C1AF BUFFER FULL\r\r>",
        "?\r\r>",
        "SEARCHING...\r\r>",
    ] {
        let ended = live(Fake::car().on("010C", text), &[RPM, COOLANT], 10).await;
        assert_eq!(ended.values(RPM), [0.0; 0], "{text}");
        assert!(ended.values(COOLANT).iter().all(|v| *v == 83.0), "{text}");
    }
    // FF in the second byte: the sensor takes no part in the trim.
    let fake = Fake::car().each("0100", &["7E806410088101000\r\r>"]).on("0114", "7E8044114 5AFF\r\r>");
    let (volts, trim) = ("7E8:14:o2_sensor_1_voltage", "7E8:14:o2_sensor_1_short_term_fuel_trim");
    let ended = live(fake, &[volts, trim], 5).await;
    assert!(ended.values(volts).iter().all(|v| *v == 0.45) && ended.values(volts).len() > 10);
    assert_eq!((ended.values(trim).len(), ended.missing(trim)), (0, vec!["The ECU marks it as not available."]));
}

#[tokio::test(start_paused = true)]
async fn several_values_share_a_request_once_that_was_proven() {
    let fake = Fake::car()
        .each("0100", &["7E806410018180000\r\r>"])
        .on("010D", "7E803410D20\r\r>")
        .on("010C0D", "7E806410C1AF80D20\r\r>")
        .on("010D0C", "7E806410C1AF80D20\r\r>");
    let (rpm, speed) = (RPM, "7E8:0D:vehicle_speed");
    let ended = live(fake, &[rpm, speed], 5).await;
    let joint = ended.asked().iter().filter(|(_, t)| t.len() > 4).count();
    let alone = ended.asked().len() - joint;
    assert!(joint > 40 && alone <= 4, "{joint} {alone} {:?}", ended.asked());
    assert!(ended.values(rpm).iter().all(|v| *v == 1726.0) && ended.values(speed).iter().all(|v| *v == 32.0));
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_that_answers_joint_requests_oddly_is_asked_singly_for_good() {
    for odd in [
        "NO DATA\r\r>",
        "7E804410C1AF8\r\r>",
        "7E8037F0113\r\r>",
        "7E8037F0112\r7E806410C1AF80D20\r\r>",
        "7E805410D20 0C1A\r\r>",
        "7E806410C1AF80520\r\r>",
        "7E806410C1AF80C1A\r\r>",
        "CAN ERROR\r\r>",
        "?\r\r>",
    ] {
        let fake = Fake::car()
            .each("0100", &["7E806410018180000\r\r>"])
            .on("010D", "7E803410D20\r\r>")
            .on("010C0D", odd)
            .on("010D0C", odd);
        let ended = live(fake, &[RPM, "7E8:0D:vehicle_speed"], 5).await;
        let joint = ended.asked().iter().filter(|(_, t)| t.len() > 4).count();
        // Spoilt by the adapter: asked for a second time.
        assert!((1..=2).contains(&joint), "{odd}: {joint}");
        assert!(ended.values(RPM).len() > 40 && ended.values("7E8:0D:vehicle_speed").len() > 40, "{odd}");
        assert!(ended.values(RPM).iter().all(|v| *v == 1726.0), "{odd}: {:?}", ended.values(RPM));
        assert!(ended.values("7E8:0D:vehicle_speed").iter().all(|v| *v == 32.0), "{odd}");
        assert!(ended.missing(RPM).is_empty(), "{odd}: {:?}", ended.missing(RPM));
    }
}

#[tokio::test(start_paused = true)]
async fn a_pause_keeps_a_k_line_awake_and_leaves_can_alone() {
    for (protocol, expect) in [('6', 0), ('5', 5)] {
        let mut fake = Fake::car();
        if protocol == '5' {
            fake = fake.on("ATDPN", "A5\r\r>").on("0100", "86F110410008100000E0\r\r>");
        }
        let pause = |at: u64, control: &watch::Sender<Control>| {
            if at < 20_000 {
                control.send_if_modified(|c| !std::mem::replace(&mut c.paused, true));
            }
        };
        let ended = live_with(fake, &[RPM], 20, pause).await;
        assert_eq!(ended.end, Ok(()));
        let sent = ended.sent.lock().unwrap();
        let begun = sent.iter().rposition(|(_, t)| t.starts_with("09")).unwrap();
        let words: Vec<u64> = sent[begun + 1..].iter().filter(|(_, t)| t == "0100").map(|(ms, _)| *ms).collect();
        assert!(words.len() >= expect && (expect > 0 || words.is_empty()), "{protocol}: {words:?}");
        assert!(words.windows(2).all(|w| w[1] - w[0] < 5_000), "{protocol}: {words:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn pain_15_a_broken_link_and_an_ignition_turned_off_end_with_their_reason_and_repeat_no_old_value() {
    let fake = Fake::car().pauses("010C", &[&[(2, "7E804410C1AF8\r\r>")], &[(2, "7E804"), (10, UNPLUG)]]);
    let ended = live(fake, &[RPM], 10).await;
    assert_eq!(ended.end.map_err(|e| e.code), Err(Code::LinkLost));
    assert_eq!(ended.samples.len(), 1);
    // The ignition goes off: nobody answers anything any more.
    let fake = Fake::car()
        .each("0100", &["7E806410088100000\r\r>", "7E806410088100000\r\r>", "NO DATA\r\r>"])
        .each("010C", &["7E804410C1AF8\r\r>", "NO DATA\r\r>"]);
    let ended = live(fake, &[RPM], 60).await;
    assert_eq!(ended.end.as_ref().map_err(|e| e.code), Err(Code::NoVehicle));
    assert_eq!(ended.missing(RPM).len(), 1);
    assert_eq!(ended.values(RPM).len(), 1, "because a value that was not read again is not shown again");
    // Silent signals on a vehicle that is there end nothing.
    let ended = live(Fake::car().on("010C", "NO DATA\r\r>"), &[RPM], 60).await;
    assert_eq!(ended.end, Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_live_value_is_read_in_the_scale_that_its_ecu_sets() {
    const PRESSURE: &str = "7E8:0B:intake_manifold_pressure";
    let far = |reach: &'static str| {
        Fake::car()
            .on("0100", "7E806410080200001\r\r>")
            .on("0120", "7E806412000000001\r\r>")
            .on("0140", "7E806414000020000\r\r>")
            .on("010B", "7E803410B80\r\r>")
            .on("014F", reach)
    };
    for (reach, expect) in [("7E806414F00000033\r\r>", 256.0), ("7E806414F00000000\r\r>", 128.0)] {
        let ended = live(far(reach), &[PRESSURE], 2).await;
        let values = ended.values(PRESSURE);
        assert!(values.len() > 10 && values.iter().all(|v| *v == expect), "{reach} {values:?}");
        let dial = ended.found.as_ref().unwrap().available.iter().find(|s| s.id == PRESSURE).unwrap().range;
        assert_eq!(dial, Some((0.0, 255.0 * expect / 128.0)), "a dial reaches as far as the values do");
    }
    // One answer may be lost.
    let late = far("").each("014F", &["NO DATA\r\r>", "7E806414F00000033\r\r>"]);
    assert_eq!(live(late, &[PRESSURE], 1).await.values(PRESSURE).first(), Some(&256.0));
    let never = live(far("NO DATA\r\r>"), &[PRESSURE], 2).await;
    assert_eq!(never.values(PRESSURE), [] as [f64; 0]);
    assert!(never.missing(PRESSURE).iter().any(|why| why.contains("scale")), "{:?}", never.missing(PRESSURE));
}

/// A car of SAE J1979-2: the first frame of an answer to two values, and the rest of it.
fn newer() -> Fake {
    let mut fake = Fake::new();
    for three in
        ["22F40CF40DF405", "22F40DF40CF405", "22F405F40CF40D", "22F405F40DF40C", "22F40CF405F40D", "22F40DF405F40C"]
    {
        fake = fake.on(three, "7E8100B62F40C1AF8F4\r7E8210D20F4057BCCCC\r\r>");
    }
    fake.each("0100", &["SEARCHING...\r7E8037F0111\r\r>", "7E8037F0111\r\r>"])
        .on("22F400", "7E80762F40008180000\r\r>")
        .on("22F405", "7E80462F4057B\r\r>")
        .on("22F40C", "7E80562F40C1AF8\r\r>")
        .on("22F40D", "7E80462F40D20\r\r>")
        .on("22F40CF40D", "7E8100862F40C1AF8F4\r7E8210D20CCCCCCCCCC\r\r>")
        .on("22F40DF40C", "7E8100862F40D20F40C\r7E8211AF8CCCCCCCCCC\r\r>")
        .on("194233041E", "7E806594233FF1E04\r\r>")
}

#[tokio::test(start_paused = true)]
async fn a_vehicle_of_the_newer_standard_is_read_live_in_its_own_words() {
    let speed = "7E8:0D:vehicle_speed";
    let ended = live(newer(), &[RPM, speed, COOLANT], 20).await;
    assert_eq!(ended.end, Ok(()));
    let found = ended.found.as_ref().unwrap();
    let ids: Vec<&str> = found.available.iter().map(|s| s.id.as_str()).collect();
    assert_eq!(ids, [COOLANT, RPM, speed], "as of a vehicle of the older standard");
    for (signal, expect, least) in [(RPM, 1726.0, 300), (speed, 32.0, 300), (COOLANT, 83.0, 9)] {
        let values = ended.values(signal);
        assert!(values.len() >= least && values.iter().all(|v| *v == expect), "{signal}: {} {values:?}", values.len());
        assert_eq!(ended.missing(signal), [""; 0]);
    }
    let sent = texts(&ended.sent);
    assert!(sent.iter().filter(|text| text.len() > 6 && text.starts_with("22")).count() > 100, "several at once");
    assert!(sent.iter().any(|text| text == "194233041E") && sent.iter().all(|text| text != "07"), "{sent:?}");
    assert!(sent.iter().all(|text| !text.starts_with("01") || text == "0100"), "{sent:?}");
}

#[tokio::test(start_paused = true)]
async fn each_ecu_is_asked_by_the_service_that_it_answers() {
    let fake = newer()
        .on("0100", "7E8037F0111\r7E906410000180000\r\r>")
        .on("010C", "7E904410C0FA0\r\r>")
        .on("07", "7E9024700\r\r>");
    let gearbox = "7E9:0C:engine_rpm";
    let ended = live(fake, &[RPM, gearbox], 5).await;
    assert!(ended.values(RPM).len() > 40 && ended.values(RPM).iter().all(|v| *v == 1726.0));
    assert!(ended.values(gearbox).len() > 40 && ended.values(gearbox).iter().all(|v| *v == 1000.0));
    let sent = texts(&ended.sent);
    assert!(["07", "194233041E"].iter().all(|list| sent.iter().any(|text| text == list)), "{sent:?}");
    assert!(sent.iter().all(|text| !text.contains("0CF4")), "{sent:?}");
}
