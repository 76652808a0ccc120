//! Being woken by time.

use super::*;

#[test]
fn a_worker_is_woken_when_it_wants_to_be() {
    let own = own();
    let trial = Trial::new("trial");
    let workers = runtime(&own.store, &[&trial]);
    until("it has the post", || workers.here());
    *trial.due.lock().unwrap() = (Some(crate::engine::now() + 40), 0);
    own.store.bell.ring();
    thread::sleep(Duration::from_millis(15));
    assert!(said(&own.store, "trial").is_empty(), "because it is not that late yet");
    until("it is woken", || said(&own.store, "trial") == ["woken"]);
    assert_eq!(trial.due.lock().unwrap().1, 1);
}

#[test]
fn a_wake_up_that_fails_holds_up_nothing() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    *trial.due.lock().unwrap() = (Some(NOW), 0);
    trial.will(&[Act::Panic]);
    register(&own.store, "1RWTEST00X0000001");
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000001", "woken"]);
    let row = own.store.read(|conn| worker::get(conn, "trial")).unwrap().unwrap();
    assert!(row.last_failure.unwrap().1.contains("woken fell"));
}

#[test]
fn one_that_always_wants_to_be_woken_still_hears_events() {
    struct Restless(Trial);
    impl Worker for Restless {
        fn name(&self) -> &'static str {
            "trial"
        }
        fn does(&self) -> &'static str {
            "Wants to be woken all the time"
        }
        fn listens(&self) -> &'static [&'static str] {
            self.0.listens()
        }
        fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
            self.0.handle(read, event)
        }
        fn due(&self, _: &Read<'_>) -> Fallible<Option<Timestamp>> {
            Ok(Some(0))
        }
    }
    let own = own();
    let trial = Trial::new("trial");
    let mut one = Loop::new(&shared(&own.store, &[&trial]), 0, Arc::new(Restless(trial.clone())));
    register(&own.store, "1RWTEST00X0000001");
    register(&own.store, "1RWTEST00X0000002");
    for _ in 0..8 {
        one.step();
    }
    assert_eq!(said(&own.store, "trial").len(), 2);
}

#[test]
fn a_wake_up_that_goes_on_failing_is_visible_with_its_cause_here_and_elsewhere_until_it_is_over() {
    use roadworthy_api::work::WorkerState;
    let own = own();
    let (trial, other) = (Trial::new("trial"), open(&own.folder));
    trial.will(&[Act::Fail; 2000]);
    *trial.due.lock().unwrap() = (Some(NOW), 0);
    let workers = runtime(&own.store, &[&trial]);
    let elsewhere = Workers::open(other, vec![Box::new(trial.clone())], pace(), None).unwrap();
    for seen in [&workers, &elsewhere] {
        until("it is told", || {
            let row = seen.report().unwrap().workers.remove(0);
            matches!(&row.state, WorkerState::Retrying { cause, .. } if cause == "woken is too heavy")
                && seen.trouble().unwrap().0 == ["trial"]
        });
    }
    // As when somebody has seen to what was late.
    trial.due.lock().unwrap().0 = None;
    for seen in [&workers, &elsewhere] {
        until("it is over", || seen.report().unwrap().workers.remove(0).state == WorkerState::Idle);
    }
}
