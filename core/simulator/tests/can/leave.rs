//! The end of a session: an SLCAN adapter is closed, however it ended.

use crate::rig::{at_rest, check_and, clock, when_asked};
use roadworthy_api::Code;
use roadworthy_obd::{
    can::slcan::Slcan,
    check::{CheckOptions, run_check, run_check_and_stay},
    link::Carrier,
    live::{Control, LiveEvent, run_live},
};
use roadworthy_simulator::{CanCar, Source, connect_slcan};
use std::{
    sync::{Arc, Mutex},
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    sync::{oneshot, watch},
    time::{Instant, sleep, timeout},
};

/// Commands that an adapter was given.
type Commands = Arc<Mutex<Vec<String>>>;

/// An adapter, and what it is told. `deaf` holds it back from a moment on, so that nothing it says comes through.
fn adapter(deaf: Option<oneshot::Receiver<()>>) -> (Carrier, Commands) {
    let mut adapter = connect_slcan(CanCar::new(Source::Name("misfire"), at_rest()).unwrap(), "");
    let (ours, mut theirs) = tokio::io::duplex(4096);
    let told = Commands::default();
    let hears = Arc::clone(&told);
    tokio::spawn(async move {
        let (mut up, mut down, mut line) = ([0; 256], [0; 256], String::new());
        let mut deaf = std::pin::pin!(async {
            match deaf {
                Some(when) => drop(when.await),
                None => std::future::pending().await,
            }
        });
        let mut silent = false;
        loop {
            tokio::select! {
                read = theirs.read(&mut up) => {
                    let Ok(n @ 1..) = read else { return };
                    for byte in &up[..n] {
                        match byte {
                            b'\r' => hears.lock().unwrap().push(std::mem::take(&mut line)),
                            _ => line.push(char::from(*byte)),
                        }
                    }
                    if !silent && adapter.write_all(&up[..n]).await.is_err() { return }
                }
                read = adapter.read(&mut down), if !silent => {
                    let Ok(n @ 1..) = read else { return };
                    if theirs.write_all(&down[..n]).await.is_err() { return }
                }
                () = &mut deaf, if !silent => silent = true,
            }
        }
    });
    (Carrier::Can(Box::new(Slcan::new(Box::new(ours), Some(500_000)).unwrap())), told)
}

/// Once everything is over: the last word was to close, and it was open before.
async fn closed(told: &Commands, how: &str, orderly: bool) {
    sleep(Duration::from_millis(50)).await;
    let told = told.lock().unwrap();
    let last_open = told.iter().rposition(|line| line == "O").unwrap_or_else(|| panic!("{how}: {told:?}"));
    assert!(told[last_open..].iter().any(|line| line == "C"), "{how}: {:?}", &told[last_open..]);
    // One that cannot wait ends whatever line it was at first.
    let [.., before, last] = told.as_slice() else { panic!("{how}: {told:?}") };
    assert_eq!((last.as_str(), !before.is_empty()), ("C", orderly), "{how}: {before:?}");
}

#[tokio::test(start_paused = true)]
async fn an_slcan_adapter_is_closed_at_the_end_of_a_check() {
    let (carrier, told) = adapter(None);
    assert_eq!(check_and(carrier, |_| {}).await.report.unwrap().partial, None);
    closed(&told, "to the end", true).await;

    let (carrier, told) = adapter(None);
    let (cancel, cancelled) = watch::channel(false);
    let mut stop = when_asked("03", move || {
        let _ = cancel.send(true);
    });
    let finished = run_check(carrier, clock(), cancelled, &mut |event| stop(&event)).await;
    assert_eq!(finished.report.unwrap().partial.map(|e| e.code), Some(Code::Cancelled));
    closed(&told, "cancelled", true).await;

    // A check that stays connected for what comes after it stays on the bus, until it is left.
    let (carrier, told) = adapter(None);
    let (_keep, cancel) = watch::channel(false);
    let (finished, stay) = run_check_and_stay(carrier, clock(), cancel.clone(), &mut |_| {}).await;
    assert_eq!(finished.report.unwrap().partial, None);
    assert_ne!(told.lock().unwrap().last().map(String::as_str), Some("C"));
    assert_eq!(stay.unwrap().check_again(cancel, &mut |_| {}).await.report.unwrap().partial, None);
    closed(&told, "checked again", true).await;

    let (carrier, told) = adapter(None);
    let (_keep, cancel) = watch::channel(false);
    drop(run_check_and_stay(carrier, clock(), cancel, &mut |_| {}).await);
    closed(&told, "left without a word", false).await;
}

#[tokio::test(start_paused = true)]
async fn an_slcan_adapter_is_closed_at_the_end_of_a_live_session() {
    for (how, stop_at) in [("while it looks for the vehicle", None), ("while it reads", Some(3))] {
        let (carrier, told) = adapter(None);
        let (control, watched) = watch::channel(Control::default());
        let mut answers = 0;
        let mut on = |event| match event {
            LiveEvent::Doing(words) if stop_at.is_none() && words.contains("supports") => {
                control.send_modify(|c| c.stop = true);
            }
            LiveEvent::Found(found) => {
                let signals = found.available.iter().take(3).map(|s| s.id.clone()).collect();
                control.send_modify(|c| c.signals = signals);
            }
            LiveEvent::Answered { .. } => {
                answers += 1;
                if Some(answers) == stop_at {
                    control.send_modify(|c| c.stop = true);
                }
            }
            _ => {}
        };
        let ended = timeout(Duration::from_secs(60), run_live(carrier, clock(), watched, &mut on)).await;
        assert_eq!(ended.unwrap(), Ok(()), "{how}");
        closed(&told, how, stop_at.is_some()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_dropped_check_closes_the_adapter_too() {
    let (carrier, told) = adapter(None);
    let dropped = timeout(Duration::from_millis(1500), check_and(carrier, |_| {})).await;
    assert!(dropped.is_err());
    closed(&told, "dropped", false).await;
}

#[tokio::test(start_paused = true)]
async fn an_adapter_that_says_nothing_more_holds_nobody_up() {
    let (say, deaf) = oneshot::channel();
    let (carrier, told) = adapter(Some(deaf));
    let mut ended = None;
    let (cancel, cancelled) = watch::channel(false);
    let mut stop = when_asked("03", || {
        let _ = say.send(());
        cancel.send_replace(true);
    });
    let since = Instant::now();
    let mut on = |event: &_| {
        stop(event);
        ended = Some(since.elapsed());
    };
    let options = CheckOptions { ..clock() };
    let finished = run_check(carrier, options, cancelled, &mut |event| on(&event)).await;
    assert_eq!(finished.report.unwrap().partial.map(|e| e.code), Some(Code::Cancelled));
    assert!(since.elapsed() - ended.unwrap() < Duration::from_secs(3));
    closed(&told, "deaf", true).await;
}
