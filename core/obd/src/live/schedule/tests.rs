use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// Runs a scheduler against a bus that takes `cost` ms for each request, for `end` ms; `answers` says whether a PID is
/// answered. Gives the times of each PID.
fn drive(
    family: Family,
    wishes: &[Wish],
    cost: u64,
    end: u64,
    answers: impl Fn(u16, u64) -> bool,
) -> (BTreeMap<u16, Vec<u64>>, Vec<u64>) {
    let mut scheduler = Scheduler::new(family);
    scheduler.choose(wishes);
    let (mut now, mut asked, mut starts) = (0, BTreeMap::<u16, Vec<u64>>::new(), Vec::new());
    while now < end {
        match scheduler.next(now) {
            Next::Nothing => break,
            Next::Wait(until) => {
                assert!(until > now, "because a wait that is over is none");
                now = until;
            }
            Next::Ask(pids) => {
                assert!(!pids.is_empty() && pids.len() <= MOST.0);
                scheduler.asked(&pids, now);
                starts.push(now);
                for pid in &pids {
                    asked.entry(*pid).or_default().push(now);
                    scheduler.settled(*pid, answers(*pid, now));
                }
                now += cost.max(1);
            }
        }
    }
    (asked, starts)
}

fn wish(id: u16, every_ms: u64) -> Wish {
    Wish { id, every_ms }
}

#[test]
fn a_bus_with_room_gives_every_wish_and_no_more() {
    let (asked, _) = drive(Family::Can11, &[wish(0x0C, 100), wish(0x05, 2000)], 10, 20_000, |_, _| true);
    let counts: Vec<usize> = asked.values().map(Vec::len).collect();
    assert_eq!(counts, [10, 200]);
}

#[test]
fn a_slow_bus_stretches_every_wish_alike() {
    let wishes = [wish(0x0C, 100), wish(0x0D, 100), wish(0x42, 500), wish(0x05, 2000)];
    let (asked, _) = drive(Family::Kwp, &wishes, 200, 120_000, |_, _| true);
    let rate = |pid: u16| asked[&pid].len() as f64;
    // 22.5 wished, 5 possible: 4.5 times slower.
    for (pid, expect) in [(0x0C, 266.0), (0x0D, 266.0), (0x42, 53.0), (0x05, 13.0)] {
        assert!((rate(pid) / expect - 1.0).abs() < 0.25, "{pid:02X}: {} of {expect}", rate(pid));
    }
}

#[test]
fn a_pid_that_keeps_failing_is_asked_ever_more_rarely_and_comes_back() {
    let fails_until = 300_000;
    let (asked, _) = drive(Family::Can11, &[wish(0x0C, 100), wish(0x0D, 100)], 10, 600_000, |pid, now| {
        pid != 0x0D || now > fails_until
    });
    let times = &asked[&0x0D];
    let failing: Vec<u64> = times.iter().copied().take_while(|t| *t <= fails_until).collect();
    assert!(failing.len() < 20, "{failing:?}");
    let pauses: Vec<u64> = failing.windows(2).map(|w| w[1] - w[0]).collect();
    assert!(
        pauses.windows(2).all(|w| w[1] + 100 >= w[0]) && pauses.iter().all(|p| *p <= RAREST_MS + 100),
        "{pauses:?}"
    );
    assert!(times.len() - failing.len() > 2000, "because it is at its old pace again");
    assert!(asked[&0x0C].len() > 5990);
}

#[test]
fn several_pids_share_a_request_only_where_that_was_shown() {
    let pids = [0x0C, 0x0D, 0x05];
    let wishes: Vec<Wish> = pids.iter().map(|p| wish(*p, 100)).collect();
    let alone = |s: &mut Scheduler| {
        for (n, pid) in pids.iter().enumerate() {
            let now = n as u64 * 200;
            assert_eq!(s.next(now), Next::Ask(vec![*pid]), "because none is known yet");
            s.asked(&[*pid], now);
            s.settled(*pid, true);
            s.answered_alone("7E8", *pid, 1);
        }
    };
    for (family, clean, gives, shared) in [
        (Family::Can11, true, 1, true),
        (Family::Can29, true, 1, true),
        (Family::Can11, false, 1, false),
        (Family::Can11, true, 0, false),
        (Family::Can11, true, 2, false),
        (Family::Kwp, true, 1, false),
        (Family::Vpw, true, 1, false),
    ] {
        let mut scheduler = Scheduler::new(family);
        scheduler.choose(&wishes);
        alone(&mut scheduler);
        let Next::Ask(first) = scheduler.next(1000) else { panic!("nothing is due") };
        assert_eq!(first.len() > 1, matches!(family, Family::Can11 | Family::Can29));
        scheduler.asked(&first, 1000);
        if first.len() > 1 {
            assert_eq!(scheduler.answered_together(&first, clean, |_, _| gives), shared);
        }
        assert_eq!(scheduler.joins_requests(), shared);
        let Next::Ask(next) = scheduler.next(2000) else { panic!("nothing is due") };
        assert_eq!(next.len() > 1, shared, "{family:?} {clean} {gives}");
    }
}

#[test]
fn values_of_two_services_never_share_a_request_and_each_is_proven_by_itself() {
    let ids = [0x0C, 0x0D, 0xF40C, 0xF40D];
    let mut scheduler = Scheduler::new(Family::Can11);
    scheduler.choose(&ids.map(|id| wish(id, 100)));
    for id in ids {
        scheduler.answered_alone(if id < 0x100 { "7E8" } else { "7E9" }, id, 1);
    }
    assert_eq!(scheduler.next(0), Next::Ask(vec![0x0C, 0x0D]));
    scheduler.asked(&[0x0C, 0x0D], 0);
    assert!(!scheduler.answered_together(&[0x0C, 0x0D], false, |_, _| 1));
    scheduler.asked(&[0x0C], 25);
    scheduler.asked(&[0x0D], 50);
    assert_eq!(scheduler.next(75), Next::Ask(vec![0xF40C, 0xF40D]), "the other service is not judged by it");
    scheduler.asked(&[0xF40C, 0xF40D], 75);
    assert!(scheduler.answered_together(&[0xF40C, 0xF40D], true, |_, _| 1));
    assert_eq!(scheduler.next(1000), Next::Ask(vec![0x0C]));
    scheduler.asked(&[0x0C], 1000);
    scheduler.asked(&[0x0D], 1025);
    assert_eq!(scheduler.next(1050), Next::Ask(vec![0xF40C, 0xF40D]));
}

#[test]
fn a_joint_answer_that_was_spoilt_is_dropped_and_only_several_in_a_row_end_them() {
    let proven = || {
        let mut scheduler = Scheduler::new(Family::Can11);
        scheduler.choose(&[wish(0x0C, 100), wish(0x0D, 100)]);
        for pid in [0x0C, 0x0D] {
            scheduler.answered_alone("7E8", pid, 1);
        }
        assert!(scheduler.answered_together(&[0x0C, 0x0D], true, |_, _| 1));
        scheduler
    };
    // Whether what came was clean, and how many signals of each PID; whether they go on.
    for (answers, on) in [
        (&[(false, 1), (true, 0), (true, 1), (false, 1), (false, 0)][..], true),
        (&[(false, 1), (true, 0), (false, 0)], false),
        (&[(true, 2)], false),
    ] {
        let mut scheduler = proven();
        for (clean, gives) in answers {
            let used = scheduler.answered_together(&[0x0C, 0x0D], *clean, |_, _| *gives);
            assert_eq!(used, *clean && *gives == 1, "{answers:?}");
        }
        assert_eq!(scheduler.joins_requests(), on, "{answers:?}");
    }
    let mut scheduler = proven();
    let half = |_: &str, pid: u16| usize::from(pid == 0x0C);
    assert!(!scheduler.answered_together(&[0x0C, 0x0D], true, half));
    assert!(!scheduler.joins_requests(), "because a part of it is missing where nothing was spoilt");
}

#[test]
fn pain_18_what_is_not_due_yet_fills_a_frame_and_costs_none() {
    // Eight values that two requests hold: the second leaves out what the first has just brought.
    let pids = [0x0C, 0x0D, 0x04, 0x11, 0x0B, 0x0E, 0x10, 0x45];
    let mut scheduler = Scheduler::new(Family::Can11);
    scheduler.choose(&pids.map(|pid| wish(pid, 50)));
    for pid in pids {
        scheduler.answered_alone("7E8", pid, 1);
    }
    let (mut counts, mut now) = (BTreeMap::<u16, usize>::new(), 0);
    for _ in 0..100 {
        let Next::Ask(some) = scheduler.next(now) else { panic!("the bus is slower than the wishes") };
        scheduler.asked(&some, now);
        some.iter().for_each(|pid| *counts.entry(*pid).or_default() += 1);
        now += if size(&some) > SINGLE { 38 } else { 29 };
    }
    assert!(counts.len() == 8 && counts.values().all(|n| (48..=52).contains(n)), "{counts:?}");
}

#[test]
fn what_is_not_chosen_is_not_asked_and_what_stays_keeps_its_turn() {
    let mut scheduler = Scheduler::new(Family::Can11);
    assert_eq!(scheduler.next(0), Next::Nothing);
    scheduler.choose(&[wish(0x0C, 100), wish(0x05, 2000), wish(0x0C, 100)]);
    scheduler.asked(&[0x05], 0);
    scheduler.asked(&[0x0C], 0);
    scheduler.choose(&[wish(0x05, 2000)]);
    assert_eq!(scheduler.next(100), Next::Wait(2000), "because choosing anew asks nothing early");
    scheduler.choose(&[]);
    assert_eq!(scheduler.next(5000), Next::Nothing);
}

#[test]
fn pain_18_a_joint_request_fills_its_frames() {
    for (first, near, expect) in [
        (0x0C, &[][..], &[0x0C][..]),
        // Three bytes of two values and two of the others: twelve in all.
        (0x0C, &[0x0D, 0x04, 0x11, 0x0B, 0x10, 0x05, 0x0F], &[0x0C, 0x0D, 0x04, 0x11, 0x10]),
        (0x0D, &[0x04, 0x11, 0x0B, 0x05, 0x0F, 0x0E], &[0x0D, 0x04, 0x11, 0x0B, 0x05, 0x0F]),
        (0x0C, &[0x10], &[0x0C, 0x10]),
        // Identifiers take a byte more each, and three fill the frame of the request.
        (0xF40C, &[0xF40D, 0xF404, 0xF411, 0xF40B], &[0xF40C, 0xF40D, 0xF404]),
        (0xF40C, &[0xF410, 0xF445, 0xF40D], &[0xF40C, 0xF410, 0xF445]),
    ] {
        assert_eq!(pack(vec![first], near, ROOM), expect, "{first:02X} {near:02X?}");
    }
}

proptest! {
    #[test]
    fn nothing_starves_and_no_limit_is_broken(
        periods in proptest::collection::btree_map(0..=255u16, 1..5_000u64, 1..64),
        cost in 1..400u64,
        family in prop_oneof![Just(Family::Can11), Just(Family::Can29), Just(Family::Pwm), Just(Family::Vpw), Just(Family::Iso9141), Just(Family::Kwp)],
        failing in any::<u8>(),
    ) {
        let wishes: Vec<Wish> = periods.iter().map(|(pid, every)| wish(*pid, *every)).collect();
        let end = 200_000;
        let (asked, starts) = drive(family, &wishes, cost, end, |pid, _| pid % 7 != u16::from(failing) % 7);
        let gap = pace::gap_ms(family);
        prop_assert!(starts.windows(2).all(|w| w[1] - w[0] >= gap));
        let load: f64 = periods.values().map(|p| gap.max(cost) as f64 / *p as f64).sum::<f64>().max(1.0);
        for (pid, every) in &periods {
            let times = asked.get(pid).cloned().unwrap_or_default();
            prop_assert!(!times.is_empty(), "{pid:02X} was never asked");
            let answers = pid % 7 != u16::from(failing) % 7;
            let longest = times.windows(2).map(|w| w[1] - w[0]).max().unwrap_or(0);
            let shortest = times.windows(2).map(|w| w[1] - w[0]).min().unwrap_or(u64::MAX);
            prop_assert!(shortest >= *every, "{pid:02X} is asked no more often than wished");
            if answers {
                // As if the bus were shared fairly, with one whole round of all others to spare.
                let fair = *every as f64 * load + (gap.max(cost) * periods.len() as u64) as f64 * 2.0 + 1.0;
                prop_assert!(longest as f64 <= fair, "{pid:02X} waited {longest} of {fair} ms");
            }
        }
    }
}
