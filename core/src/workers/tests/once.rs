//! Each effect exactly once, in order, whatever ends in between.

use super::*;

#[test]
fn each_event_is_handled_once_in_order_and_names_what_led_to_it() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    let vins: Vec<String> = (0..5).map(|n| format!("1RWTEST00X000000{n}")).collect();
    let ids: Vec<EventId> = vins.iter().map(|vin| register(&own.store, vin)).collect();
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), vins);
    let causes: Vec<_> = events(&own.store).into_iter().filter(|e| e.actor == "engine/trial").collect();
    assert!(causes.iter().zip(&ids).all(|(e, id)| e.causation == Some(*id) && e.correlation == *id), "{causes:#?}");
    work(&mut by_hand(&own.store, &trial));
    assert_eq!(said(&own.store, "trial").len(), 5, "because a new loop goes on where the old one was");
}

#[test]
fn what_was_thought_and_not_committed_is_done_again_and_counts_once() {
    let own = own();
    let trial = Trial::new("trial");
    register(&own.store, "1RWTEST00X0000001");
    let mut killed = by_hand(&own.store, &trial);
    assert!(killed.think_only().is_some(), "because there is something to think about");
    drop(killed);
    assert!(said(&own.store, "trial").is_empty());
    work(&mut by_hand(&own.store, &trial));
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000001"]);
}

#[test]
fn of_two_that_were_elected_by_mistake_one_commits() {
    let own = own();
    let trial = Trial::new("trial");
    let other = open(&own.folder);
    let (mut one, mut two) = (by_hand(&own.store, &trial), by_hand(&other, &trial));
    for n in 0..4 {
        register(&own.store, &format!("1RWTEST00X000000{n}"));
        let (first, second) = (one.think_only().unwrap(), two.think_only().unwrap());
        one.end(first);
        two.end(second);
    }
    assert_eq!(said(&own.store, "trial").len(), 4);
    let wake = |by_hand: &mut Loop| {
        *trial.due.lock().unwrap() = (Some(NOW), 0);
        by_hand.think_only().unwrap()
    };
    let (first, second) = (wake(&mut one), wake(&mut two));
    one.end(first);
    two.end(second);
    assert_eq!(said(&own.store, "trial").len(), 5, "because a wake-up counts once too");
}

#[test]
fn two_runtimes_on_one_database_do_everything_once() {
    let own = own();
    let trial = Trial::new("trial");
    let other = open(&own.folder);
    let one = runtime(&own.store, &[&trial]);
    let two = runtime(&other, &[&trial]);
    until("one has the post", || one.here() || two.here());
    for n in 0..8 {
        register(if n % 2 == 0 { &own.store } else { &other }, &format!("1RWTEST00X000000{n}"));
    }
    // As the watcher does when another process has written; none runs here.
    own.store.bell.ring();
    other.bell.ring();
    assert!(one.settle(Duration::from_secs(20)) && two.settle(Duration::from_secs(20)));
    assert_eq!(said(&own.store, "trial").len(), 8);
    assert!(one.here() != two.here(), "because one process runs them");
    assert_eq!(one.report().unwrap().process, two.report().unwrap().process);
    let (first, second) = if one.here() { (one, two) } else { (two, one) };
    drop(first);
    until("the other takes over", || second.here());
    register(&other, "1RWTEST00X0000009");
    own.store.bell.ring();
    assert!(second.settle(Duration::from_secs(20)));
    assert_eq!(said(&own.store, "trial").len(), 9);
}

#[test]
fn workers_hear_of_their_own_device_only_and_pass_the_rest() {
    let (own, there) = (own(), own());
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    for n in 0..9 {
        register(&there.store, &format!("1RWTEST00X000000{n}"));
    }
    own.store.receive(&events(&there.store), NOW).unwrap();
    register(&own.store, "1RWTEST00X0000011");
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000011"]);
}

#[test]
fn workers_of_an_old_journal_begin_with_what_is_new() {
    let own = own();
    register(&own.store, "1RWTEST00X0000001");
    let at = own.store.read(journal::newest).unwrap();
    let from = crate::store::setting::WORKERS_FROM;
    let set = |at: u64| own.store.write_local(|tx| crate::store::setting::set(tx, from, &at)).unwrap();
    assert_eq!(
        own.store.read(|conn| crate::store::setting::get::<u64>(conn, from)).unwrap(),
        Some(0),
        "because it is new"
    );
    // As the migration of a database with a journal leaves it.
    set(at);
    register(&own.store, "1RWTEST00X0000002");
    let (old, new) = (Trial::new("old"), Trial::new("new"));
    work(&mut by_hand(&own.store, &old));
    assert_eq!(said(&own.store, "old"), ["1RWTEST00X0000002"], "because it happened after the update");
    let mut late = by_hand(&own.store, &new);
    work(&mut late);
    assert!(said(&own.store, "new").is_empty(), "because the event was there before this worker");
    register(&own.store, "1RWTEST00X0000003");
    work(&mut late);
    assert_eq!(said(&own.store, "new"), ["1RWTEST00X0000003"]);
}

#[test]
fn what_nobody_hears_is_passed_on_disk_too() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    own.store
        .write("engine", NOW, |w| {
            for _ in 0..1100 {
                let access = kind::Access { call: "ListPeople".into(), outcome: "done".into() };
                let id = w.mint()?;
                w.append(NewEvent::new(id, kind::ACCESS_RECORDED, None, &access)?)?;
            }
            Ok(())
        })
        .unwrap();
    work(&mut one);
    let row = own.store.read(|conn| worker::get(conn, "trial")).unwrap().unwrap();
    assert_eq!(row.place.arrival, own.store.read(journal::newest).unwrap());
    assert_eq!(row.handled, 0);
}

#[test]
fn after_a_restore_workers_go_on_where_the_backup_was_and_leave_alone_what_comes_back_of_before() {
    let own = own();
    let trial = Trial::new("trial");
    let mut one = by_hand(&own.store, &trial);
    register(&own.store, "1RWTEST00X0000001");
    work(&mut one);
    register(&own.store, "1RWTEST00X0000002");
    let copy = own.folder.path().join("copy.db");
    crate::store::backup::copy(own.store.path(), &copy, |_, _| true).unwrap();
    register(&own.store, "1RWTEST00X0000003");
    work(&mut one);
    let before = events(&own.store);
    // What was thought before the restore is of a journal that is gone.
    register(&own.store, "1RWTEST00X0000004");
    let thought = one.think_only().unwrap();
    crate::store::tests::restore(&own.store, &copy, NOW);
    one.end(thought);
    work(&mut one);
    assert_eq!(said(&own.store, "trial"), ["1RWTEST00X0000002"], "because that was not done when the backup was made");
    own.store.receive(&before, NOW).unwrap();
    register(&own.store, "1RWTEST00X0000005");
    work(&mut one);
    assert_eq!(
        said(&own.store, "trial"),
        ["1RWTEST00X0000002", "1RWTEST00X0000005"],
        "because what was done before the restore came back with it"
    );
    let idle = Trial::new("idle");
    let row = own.store.read(|conn| {
        worker::lag(conn, own.store.device(), idle.listens(), false, worker::Place { arrival: 0, tail: 0 })
    });
    assert_eq!(row.unwrap().0, 3, "of the backup two, and one since");
}
