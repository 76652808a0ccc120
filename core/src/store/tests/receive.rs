use super::*;
use crate::journal::{
    DAY_MS, Event, Hlc,
    chain::{Received, Refusal},
};
use roadworthy_api::id::EventId;

/// Another device's chain of `n` events about vehicles.
fn other(n: u64) -> (Own, Vec<Event>) {
    let other = own();
    for i in 1..n {
        register(&other, u128::from(i), "1RWTEST00X0000001");
    }
    let events = chain(&other, other.device());
    assert_eq!(events.len() as u64, n);
    (other, events)
}

fn why(received: &Received) -> Vec<(u64, &Refusal)> {
    received.refused.iter().map(|r| (r.seq, &r.why)).collect()
}

/// Makes the chain whole again from `from` on after a change.
fn reseal(events: &mut [Event], from: usize) {
    for i in from..events.len() {
        if i > 0 {
            events[i].prev_hash = events[i - 1].hash;
        }
        events[i].hash = events[i].sealed_hash();
    }
}

#[test]
fn events_are_taken_once_whatever_their_order() -> Result<()> {
    let ((_, events), here) = (other(5), own());
    let mut shuffled = events.clone();
    shuffled.reverse();
    assert_eq!(here.receive(&shuffled, NOW)?, Received { appended: 5, ..Received::default() });
    assert_eq!(here.receive(&events, NOW)?, Received { known: 5, ..Received::default() });
    assert_eq!(chain(&here, events[0].device), events, "because what is passed on is what came");
    assert!(here.verify()?.faults.is_empty());
    assert_eq!(here.verify()?.devices, 2);
    Ok(())
}

#[test]
fn gaps_and_changed_events_are_refused_and_what_came_before_is_kept() -> Result<()> {
    let (_, events) = other(4);
    let check = |change: &dyn Fn(&mut Vec<Event>), expect: (u64, Refusal), kept: u64| {
        let (here, mut changed) = (own(), events.clone());
        change(&mut changed);
        let received = here.receive(&changed, NOW).unwrap();
        assert_eq!(why(&received), [(expect.0, &expect.1)]);
        assert_eq!(received.appended, kept);
        assert!(here.verify().unwrap().faults.is_empty());
        assert_eq!(here.receive(&events, NOW).unwrap().refused, [], "because the true chain still fits");
    };
    check(&|e| drop(e.remove(1)), (3, Refusal::Gap { expected: 2 }), 1);
    check(&|e| drop(e.remove(0)), (2, Refusal::Gap { expected: 1 }), 0);
    check(&|e| e[2].payload = "{}".into(), (3, Refusal::Altered), 2);
    check(&|e| e[2].actor = "someone/else".into(), (3, Refusal::Altered), 2);
    check(
        &|e| {
            e[2].prev_hash = [1; 32];
            e[2].hash = e[2].sealed_hash();
        },
        (3, Refusal::Unlinked),
        2,
    );
    check(
        &|e| {
            e[3].payload = "[]".into();
            reseal(e, 3);
        },
        (4, Refusal::Malformed),
        3,
    );
    check(
        &|e| {
            e[3].hlc = e[2].hlc;
            reseal(e, 3);
        },
        (4, Refusal::ClockBack),
        3,
    );
    check(
        &|e| {
            e[3].id = e[2].id;
            reseal(e, 3);
        },
        (4, Refusal::Forked),
        3,
    );
    Ok(())
}

#[test]
fn another_history_is_refused_where_one_is_held() -> Result<()> {
    let ((_, events), here) = (other(4), own());
    here.receive(&events, NOW)?;
    let mut forked = events.clone();
    forked[1].payload = "{}".into();
    reseal(&mut forked, 1);
    assert_eq!(why(&here.receive(&forked, NOW)?), [(2, &Refusal::Forked)]);
    let mut altered = events.clone();
    altered[1].payload = "{}".into();
    assert_eq!(why(&here.receive(&altered, NOW)?), [(2, &Refusal::Altered)]);
    assert_eq!(chain(&here, events[0].device), events);
    Ok(())
}

#[test]
fn nobody_writes_this_devices_chain_but_this_device() -> Result<()> {
    let here = own();
    let mut forged = chain(&here, here.device());
    let next = Event { seq: 2, id: EventId(1), hlc: Hlc(forged[0].hlc.0 + 1), ..forged[0].clone() };
    forged.push(next);
    reseal(&mut forged, 1);
    let received = here.receive(&forged, NOW)?;
    assert_eq!((received.known, why(&received)), (1, vec![(2, &Refusal::OwnChain)]));
    Ok(())
}

#[test]
fn unknown_kinds_and_versions_are_kept_counted_and_passed_on() -> Result<()> {
    let ((_, mut events), here) = (other(4), own());
    events[1].kind = "warranty.claim.validated".into();
    events[2].version = 7;
    events[3].payload = r#"{"vin":7}"#.into();
    reseal(&mut events, 1);
    let before = dumps(&here);
    let received = here.receive(&events, NOW)?;
    assert_eq!((received.appended, received.unknown), (4, 3));
    assert_eq!(chain(&here, events[0].device), events);
    let changed: Vec<_> = dumps(&here).into_iter().zip(before).filter(|(a, b)| a != b).map(|(a, _)| a.0).collect();
    assert_eq!(changed, ["device"], "because only the first event was of a known kind, version and form");
    assert!(here.verify()?.faults.is_empty());
    assert!(here.rebuild("owner/window", NOW)?.identical);
    Ok(())
}

#[test]
fn an_event_from_the_future_waits_with_all_that_follow_it() -> Result<()> {
    let here = own();
    let (_other, events) = {
        let other = own();
        register(&other, 1, "1RWTEST00X0000001");
        let fields = kind::VehicleFields { vin: Some("From tomorrow".into()), ..Default::default() };
        say(&other, NOW + 2 * DAY_MS, kind::VEHICLE_EDITED, 1u128.to_be_bytes(), &fields);
        register(&other, 2, "1RWTEST00X0000002");
        let events = chain(&other, other.device());
        (other, events)
    };
    let first = here.receive(&events, NOW)?;
    assert_eq!((first.appended, first.quarantined), (2, 2));
    let again = here.receive(&events, NOW)?;
    assert_eq!((again.appended, again.quarantined, again.known), (0, 0, 4));
    let mut forked = events.clone();
    forked[3].actor = "x".into();
    forked[3].hash = forked[3].sealed_hash();
    assert_eq!(why(&here.receive(&forked, NOW)?), [(4, &Refusal::Forked)], "because quarantine holds that place");
    assert!(here.verify()?.faults.is_empty());

    assert_eq!(here.receive(&[], NOW + DAY_MS - 1)?.appended, 0);
    assert_eq!(here.receive(&[], NOW + DAY_MS)?.appended, 2, "because its time has come");
    assert_eq!(chain(&here, events[0].device), events);
    let vin = |store: &Store| {
        store.read(|conn| super::super::vehicle::get(conn, roadworthy_api::id::VehicleId(1))).unwrap().unwrap().row.vin
    };
    assert_eq!(vin(&here).as_deref(), Some("From tomorrow"));
    Ok(())
}

#[test]
fn this_devices_clock_goes_on_after_what_it_has_seen() -> Result<()> {
    let (other, here) = (own(), own());
    say(&other, NOW + DAY_MS / 2, kind::DEVICE_NAMED, other.device().bytes(), &kind::Named { name: "x".into() });
    let seen = chain(&other, other.device());
    here.receive(&seen, NOW)?;
    say(&here, NOW, kind::DEVICE_NAMED, here.device().bytes(), &kind::Named { name: "y".into() });
    let last = chain(&here, here.device()).pop().unwrap();
    assert_eq!(last.hlc.0, seen[1].hlc.0 + 1);
    Ok(())
}
