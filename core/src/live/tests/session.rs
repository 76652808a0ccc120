//! Watching, joining, choosing, pausing, breaking, ending.

use super::*;
use crate::{checking::Checks, jobs::Jobs};
use roadworthy_api::live::LiveValue;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_on_a_port_watches_one_session_and_hears_every_sample() {
    let rig = rig(pace());
    let (mut one, mut two) = (rig.listen(), rig.listen());
    let session = rig.open(None);
    assert!(matches!(session.state, LiveState::Connecting { .. }));
    assert_eq!(rig.open(Some("Drive")).id, session.id, "because it is joined");
    let shown = rig.reading(session.id).await;
    assert_eq!(shown.vin.as_deref().map(str::len), Some(17));
    assert!(shown.ecus.len() >= 2 && shown.available.len() > 20, "{}", shown.available.len());
    assert!(shown.chosen.len() >= 3 && shown.chosen[0].ends_with(":engine_rpm"), "{:?}", shown.chosen);
    let mut told = Vec::new();
    for number in 0..20 {
        let (a, b) = (frame(&mut one).await, frame(&mut two).await);
        assert_eq!(a, b);
        assert_eq!(a.rates.len(), shown.chosen.len());
        assert!(number == 0 || a.samples[0].at >= told.last().map_or(0, |s: &roadworthy_api::live::Sample| s.at));
        assert!(a.samples.iter().all(|s| shown.chosen.contains(&s.signal)));
        told.extend(a.samples);
    }
    let rpm = told.iter().find(|s| s.signal.ends_with(":engine_rpm")).unwrap();
    assert!(matches!(rpm.value, LiveValue::Number { value } if (500.0..8000.0).contains(&value)), "{rpm:?}");
    let held = rig.lives.get(session.id).unwrap().samples();
    assert!(held.starts_with(&told), "because who joins gets what was told, all of it");
    rig.lives.get(session.id).unwrap().close();
    assert_eq!(rig.ended(session.id).await, None);
    assert!(rig.ports.all_free());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_most_twenty_frames_a_second_and_none_is_numbered_twice() {
    let rig = rig(pace());
    let mut heard = rig.listen();
    let session = rig.open(None);
    rig.reading(session.id).await;
    frame(&mut heard).await;
    let (began, mut numbers) = (Instant::now(), Vec::new());
    while began.elapsed() < Duration::from_millis(1500) {
        numbers.push(frame(&mut heard).await.frame);
    }
    assert!(numbers.len() <= 31 && numbers.len() > 10, "{} frames in 1.5 s", numbers.len());
    assert!(numbers.windows(2).all(|w| w[1] > w[0]), "{numbers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_port_has_one_user() {
    let rig = rig(pace());
    let checks = Checks::new(Jobs::new(rig.pushes.clone()), Handle::current(), rig.ports.clone());
    let session = rig.open(None);
    let busy = checks.start("sim:petrol", None, |_, _| panic!("it must not begin")).unwrap_err();
    assert_eq!((busy.code, busy.message.contains("live session")), (Code::PortBusy, true));
    rig.lives.get(session.id).unwrap().close();
    rig.ended(session.id).await;
    let claim = rig.ports.claim(&"sim:petrol".parse().unwrap(), Use::Check).unwrap();
    assert_eq!(rig.lives.open("sim:petrol", None, None, None).unwrap_err().code, Code::PortBusy);
    drop(claim);
    for (port, preset, code) in
        [("petrol", None, Code::Invalid), ("sim:petrol", Some("Racing".to_owned()), Code::Invalid)]
    {
        assert_eq!(rig.lives.open(port, None, None, preset).unwrap_err().code, code);
    }
    assert!(rig.ports.all_free());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_read_can_be_chosen_paused_and_marked() {
    let rig = rig(pace());
    let mut heard = rig.listen();
    let id = rig.open(None).id;
    let live = rig.lives.get(id).unwrap();
    assert_eq!(live.choose(vec![]).unwrap_err().code, Code::Conflict, "because nothing is known of the vehicle yet");
    let shown = rig.reading(id).await;
    let speed = shown.available.iter().find(|s| s.name == "vehicle_speed").unwrap().id.clone();
    assert_eq!(live.choose(vec!["7E8:FF:warp".into()]).unwrap_err().code, Code::NotFound);
    let many = (0..65).map(|n| format!("{n}")).collect();
    assert_eq!(live.choose(many).unwrap_err().code, Code::Invalid);
    assert_eq!(live.choose(vec![speed.clone(), speed.clone()]).unwrap().chosen, std::slice::from_ref(&speed));
    // What was under way may still come.
    tokio::time::sleep(Duration::from_millis(300)).await;
    heard = heard.resubscribe();
    for _ in 0..5 {
        assert!(frame(&mut heard).await.samples.iter().all(|s| s.signal == speed));
    }
    assert_eq!(live.pause(true).unwrap().state, LiveState::Paused);
    tokio::time::sleep(Duration::from_millis(300)).await;
    heard = heard.resubscribe();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(heard.try_recv().is_err(), "because a paused session says nothing");
    assert_eq!(live.mark(" cold start ").unwrap().marks[0].label, "cold start");
    assert_eq!(live.pause(false).unwrap().state, LiveState::Reading);
    frame(&mut heard).await;
    live.close();
    assert_eq!(rig.ended(id).await, None);
    for refused in [live.mark("x"), live.pause(true), live.choose(vec![])] {
        assert_eq!(refused.unwrap_err().code, Code::Conflict);
    }
    assert_eq!(rig.lives.list().len(), 1, "because it ended only just now");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pain_15_a_broken_link_is_connected_again_and_shown_values_are_stale_meanwhile() {
    broken_and_mended("sim:petrol").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pain_15_the_same_over_can_frames() {
    broken_and_mended("sim:petrol?adapter=slcan").await;
}

async fn broken_and_mended(port: &str) {
    let rig = rig(pace());
    let mut heard = rig.listen();
    let id = rig.open_on(port, Some("Temperatures")).id;
    let before = rig.reading(id).await;
    frame(&mut heard).await;
    let meanwhile = rig.listen();
    rig.pull(true);
    let broken = rig.until(id, |s| matches!(s.state, LiveState::Reconnecting { .. })).await;
    assert!(matches!(&broken.state, LiveState::Reconnecting { error, attempt: 1 } if error.code == Code::LinkLost));
    let after = rig.reading(id).await;
    assert_eq!((after.chosen, after.vin), (before.chosen, before.vin));
    nothing_is_told(meanwhile);
    let last = rig.lives.get(id).unwrap().samples().last().map_or(0, |s| s.at);
    heard = heard.resubscribe();
    assert!(frame(&mut heard).await.samples[0].at >= last, "because it reads again");
    assert_eq!(rig.cable.opened.load(Ordering::SeqCst), 2);
    rig.pull(false);
    let error = rig.ended(id).await.unwrap();
    assert_eq!(error.code, Code::NoAdapter, "because it was given up in the end");
    let tries = rig.cable.opened.load(Ordering::SeqCst);
    assert!((4..20).contains(&tries), "{tries} tries, with growing pauses");
}

/// From when everybody hears that the link broke until it reads again no value is told as if it were of now.
fn nothing_is_told(mut heard: Receiver<Push>) {
    let mut broken = false;
    while let Ok(push) = heard.try_recv() {
        match push {
            Push::LiveChanged(shown) if broken => match shown.state {
                LiveState::Reading => return,
                state => assert_eq!(shown.replies_per_second, 0.0, "{state:?}"),
            },
            Push::LiveChanged(shown) => broken = matches!(shown.state, LiveState::Reconnecting { .. }),
            Push::LiveValues(frame) if broken => assert_eq!(frame.samples, []),
            _ => {}
        }
    }
    panic!("nobody heard that it broke and reads again");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_nobody_uses_closes_itself() {
    let rig = rig(Pace { idle: Duration::from_secs(2), ..pace() });
    let id = rig.open(None).id;
    rig.reading(id).await;
    let error = rig.ended(id).await.unwrap();
    assert_eq!((error.code, error.message.contains("battery")), (Code::Timeout, true));
    assert!(rig.ports.all_free());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_opened_ends_with_its_reason() {
    let rig = rig(pace());
    rig.pull(false);
    let id = rig.open(None).id;
    assert_eq!(rig.ended(id).await.unwrap().code, Code::NoAdapter);
    assert_eq!(rig.cable.opened.load(Ordering::SeqCst), 1);
    rig.cable.gone.store(false, Ordering::SeqCst);
    let again = rig.open(None).id;
    assert_ne!(again, id);
    rig.reading(again).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_passes_is_told_line_by_line_while_it_is_wanted() {
    let rig = rig(pace());
    let mut heard = rig.listen();
    let session = rig.open(None);
    rig.reading(session.id).await;
    let live = rig.lives.get(session.id).unwrap();
    assert!(live.show_traffic(true).unwrap().traffic);
    let lines = loop {
        let push = tokio::time::timeout(Duration::from_secs(30), heard.recv()).await.unwrap().unwrap();
        if let Push::LiveTraffic(frame) = push
            && frame.lines.iter().any(|line| !line.sent)
        {
            assert_eq!((frame.session, frame.left_out), (session.id, 0));
            break frame.lines;
        }
    };
    assert!(lines.iter().any(|line| line.sent && line.text.starts_with("01") && line.ecu.is_none()), "{lines:?}");
    let reply =
        |line: &roadworthy_api::live::RawLine| line.ecu.as_deref() == Some("7E8") && line.text.starts_with("7E8");
    assert!(lines.iter().any(reply), "{lines:?}");
    assert!(lines.is_sorted_by_key(|line| line.at), "{lines:?}");
    assert!(!live.show_traffic(false).unwrap().traffic);
}
