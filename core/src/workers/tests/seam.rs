//! The seam: what fails, panics or stalls is seen with its cause, and leaves the rest working.

use super::*;
use roadworthy_api::work::WorkerState;

#[test]
fn what_fails_is_tried_again_with_pauses_and_then_put_aside() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    trial.will(&[Act::Fail, Act::Panic]);
    register(&own.store, "1RWTEST00X0000001");
    assert_eq!(one.step(), Next::Again);
    assert!(matches!(one.step(), Next::Wait(pause) if pause <= Duration::from_millis(2)), "because it pauses");
    let failing = own.store.read(|conn| worker::get(conn, "trial")).unwrap().unwrap().failing.unwrap();
    assert_eq!((failing.0, failing.2.as_str()), (1, "[redacted] is too heavy"));
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000001"], "because the third time it works");
    let row = own.store.read(|conn| worker::get(conn, "trial")).unwrap().unwrap();
    assert!(row.failing.is_none() && row.last_failure.unwrap().1.contains("panicked"), "because it is over, and known");

    trial.will(&[Act::Fail, Act::Fail, Act::Panic]);
    register(&own.store, "1RWTEST00X0000002");
    register(&own.store, "1RWTEST00X0000003");
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000001", "1RWTEST00X0000003"], "because the rest goes on");
    let dead = own.store.read(|conn| worker::list_dead(conn, 0, 10)).unwrap();
    assert_eq!(dead.len(), 1);
    assert_eq!((dead[0].worker.as_str(), dead[0].attempts), ("trial", 3));
    assert_eq!(dead[0].summary, "Vehicle registered");
    assert!(dead[0].cause.contains("panicked") && dead[0].cause.contains("workers/tests/mod.rs:"), "{}", dead[0].cause);
}

#[test]
fn a_dead_event_is_retried_or_dropped() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    for vin in ["1RWTEST00X0000001", "1RWTEST00X0000002"] {
        trial.will(&[Act::Fail; 3]);
        register(&own.store, vin);
        work(&mut one);
    }
    let dead = || own.store.read(|conn| worker::list_dead(conn, 0, 10)).unwrap();
    let second = dead().iter().map(|d| d.arrival).max().unwrap();
    let retry = |arrival| own.store.write_local(|tx| worker::retry(tx, "trial", arrival)).unwrap();
    trial.will(&[Act::Fail]);
    assert!(retry(second));
    work(&mut one);
    assert_eq!(dead().iter().find(|d| d.arrival == second).unwrap().attempts, 4, "because it was tried once more");
    assert!(retry(second));
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000002"]);
    assert_eq!(dead().len(), 1);
    assert!(!retry(second), "because it is not there any more");
    assert!(own.store.write_local(|tx| worker::drop_dead(tx, "trial", dead()[0].arrival)).unwrap());
    work(&mut one);
    assert!(dead().is_empty() && said(&own.store, "trial").len() == 1);
}

#[test]
fn what_is_dropped_while_it_is_tried_again_stays_dropped() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    trial.will(&[Act::Fail; 4]);
    register(&own.store, "1RWTEST00X0000001");
    work(&mut one);
    let dead = || own.store.read(|conn| worker::list_dead(conn, 0, 10)).unwrap();
    let arrival = dead()[0].arrival;
    assert!(own.store.write_local(|tx| worker::retry(tx, "trial", arrival)).unwrap());
    let taken = one.think_only().unwrap();
    assert!(own.store.write_local(|tx| worker::drop_dead(tx, "trial", arrival)).unwrap());
    one.end(taken);
    work(&mut one);
    assert_eq!(dead(), []);
}

#[test]
fn a_full_disk_puts_nothing_aside() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    trial.will(&[Act::Full; 7]);
    register(&own.store, "1RWTEST00X0000001");
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000001"]);
    assert_eq!(own.store.read(|conn| worker::count_dead(conn, None)).unwrap(), 0);
}

#[test]
fn a_paused_worker_keeps_its_events_also_over_a_restart() {
    let own = own();
    let trial = Trial::new("trial");
    let workers = runtime(&own.store, &[&trial]);
    let pause = |paused| own.store.write_local(|tx| worker::pause(tx, "trial", paused)).unwrap();
    assert!(pause(true));
    register(&own.store, "1RWTEST00X0000001");
    assert!(workers.settle(Duration::from_secs(20)), "because a paused one is not waited for");
    drop(workers);
    let workers = runtime(&own.store, &[&trial]);
    until("it has the post", || workers.here());
    let row = workers.report().unwrap().workers.remove(0);
    assert_eq!((row.state, row.lag), (WorkerState::Paused, 1));
    assert!(said(&own.store, "trial").is_empty());
    pause(false);
    assert!(workers.settle(Duration::from_secs(20)));
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000001"]);
    assert!(!own.store.write_local(|tx| worker::pause(tx, "nobody", true)).unwrap());
}

#[test]
fn one_that_panics_and_one_that_stalls_leave_the_rest_working() {
    let own = own();
    let (bad, slow, good) = (Trial::new("bad"), Trial::new("slow"), Trial::new("good"));
    bad.will(&[Act::Panic; 3]);
    slow.will(&[Act::Stall(Duration::from_millis(600))]);
    let workers = runtime(&own.store, &[&bad, &slow, &good]);
    register(&own.store, "1RWTEST00X0000001");
    register(&own.store, "1RWTEST00X0000002");
    let state = |name: &str| {
        let report = workers.report().unwrap();
        report.workers.into_iter().find(|w| w.name == name).unwrap()
    };
    until("the stall is seen", || matches!(state("slow").state, WorkerState::Stalled { .. }));
    until("the good one is done", || said(&own.store, "good").len() == 2);
    assert!(said(&own.store, "slow").is_empty(), "because it stalls");
    let WorkerState::Stalled { at, .. } = state("slow").state else { panic!("it is over too soon") };
    assert_eq!(at, "Vehicle registered");
    until("the bad one gives up on the first", || state("bad").dead == 1);
    until("and goes on", || said(&own.store, "bad") == ["1RWTEST00X0000002"]);
    assert!(state("bad").last_failure.unwrap().1.contains("panicked"));
    let (trouble, run) = workers.trouble().unwrap();
    assert!(run && trouble.contains(&"bad".to_owned()) && !trouble.contains(&"good".to_owned()), "{trouble:?}");
    // Another process sees the same.
    let there = open(&own.folder);
    let watching =
        Workers::open(there, [bad, slow.clone(), good].map(|t| Box::new(t) as _).into(), pace(), None).unwrap();
    let seen = watching.report().unwrap();
    assert!(!seen.here && seen.process == Some(std::process::id()));
    until("it is told elsewhere too", || {
        let row = watching.report().unwrap().workers.remove(1);
        matches!(row.state, WorkerState::Stalled { .. }) || said(&own.store, "slow").len() == 2
    });
    assert!(workers.settle(Duration::from_secs(20)));
    assert_eq!(said(&own.store, "slow"), ["1RWTEST00X0000001", "1RWTEST00X0000002"], "because it came back, once");
    until("it rests", || state("slow").state == WorkerState::Idle);
    drop(workers);
    assert_eq!(watching.report().unwrap().workers[0].state, WorkerState::Off);
}

#[test]
fn the_end_does_not_wait_for_one_that_stalls_and_nothing_of_it_counts() {
    let own = own();
    let slow = Trial::new("slow");
    slow.will(&[Act::Stall(Duration::from_millis(900))]);
    let workers = runtime(&own.store, &[&slow]);
    register(&own.store, "1RWTEST00X0000001");
    until("it is at it", || slow.script.lock().unwrap().is_empty());
    let began = Instant::now();
    drop(workers);
    assert!(began.elapsed() < Duration::from_millis(700), "{:?}", began.elapsed());
    let workers = runtime(&own.store, &[&slow]);
    assert!(workers.settle(Duration::from_secs(20)));
    thread::sleep(Duration::from_millis(800));
    assert_eq!(said(&own.store, "slow"), ["1RWTEST00X0000001"], "because what comes back too late is dropped");
}
