use super::*;
use roadworthy_api::{
    Code,
    call::{Effect, SHOW_PHOTO},
    role::Role,
};

const EXPORT: Passage = Passage { name: "MakeCheckReport", needs: Role::Technician, effect: Effect::Export };
const PEOPLE: Passage = Passage { name: "ListPeople", needs: Role::Technician, effect: Effect::ReadPersonal };
const READ: Passage = Passage { name: "ListVehicles", needs: Role::Executive, effect: Effect::Read };
const HOUR: i64 = 3_600_000;

fn owner() -> Actor {
    Actor::owner(Door::Browser)
}

fn burst(monitor: &mut Monitor, passage: Passage, n: usize, at: i64) -> Vec<RiskFlagged> {
    (0..n).filter_map(|i| monitor.observe(&owner(), passage, Ok(()), at + i as i64)).collect()
}

#[test]
fn a_burst_of_exports_is_flagged_with_its_reason() {
    let mut monitor = Monitor::new(0);
    assert_eq!(burst(&mut monitor, EXPORT, 19, 0), []);
    let flags = burst(&mut monitor, EXPORT, 1, 20);
    assert_eq!(flags.len(), 1);
    assert_eq!((flags[0].risk, flags[0].actor.as_str()), (0.5, "owner/browser"));
    assert_eq!(flags[0].reasons, ["20 exports in an hour, at most 10 expected"]);
}

#[test]
fn the_same_hour_is_flagged_again_only_when_it_grows_markedly_worse() {
    let mut monitor = Monitor::new(0);
    let risks: Vec<f64> = burst(&mut monitor, EXPORT, 2000, 0).iter().map(|f| f.risk).collect();
    assert!(risks.len() <= 5, "{risks:?}");
    assert!(risks.windows(2).all(|w| w[1] > w[0]), "{risks:?}");
    assert!(risks.iter().all(|r| (0.0..=1.0).contains(r)));
}

#[test]
fn refusals_count_only_when_the_role_or_token_was_refused() {
    let refused = Error::new(Code::Forbidden, "No.");
    let absent = Error::new(Code::NotFound, "Gone.");
    for (error, flagged) in [(&refused, true), (&absent, false)] {
        let mut monitor = Monitor::new(0);
        let flags = (0..12).filter_map(|i| monitor.observe(&owner(), READ, Err(error), i)).count();
        assert_eq!(flags > 0, flagged, "{error}");
    }
}

#[test]
fn a_gallery_is_not_flagged_but_taking_out_every_photo_is() {
    let mut monitor = Monitor::new(0);
    assert_eq!(burst(&mut monitor, SHOW_PHOTO, 1999, 0), []);
    assert_eq!(burst(&mut monitor, PEOPLE, 60, 0), [], "because photos are counted apart");
    let flags = burst(&mut monitor, SHOW_PHOTO, 1, 0);
    assert_eq!(flags.len(), 1);
    assert_eq!(flags[0].reasons, ["2000 photos shown in an hour, at most 1000 expected"]);
    assert_eq!(burst(&mut Monitor::new(0), EXPORT, 20, 0).len(), 1);
}

#[test]
fn plain_reads_never_flag() {
    assert_eq!(burst(&mut Monitor::new(0), READ, 100_000, 0), []);
}

#[test]
fn what_is_usual_for_an_actor_is_not_flagged_and_beyond_it_is() {
    let mut used = Monitor::new(0);
    for hour in 0..40 {
        burst(&mut used, PEOPLE, 100, hour * HOUR);
    }
    assert_eq!(burst(&mut used, PEOPLE, 130, 40 * HOUR), [], "close to its baseline of 100 an hour");
    assert_eq!(burst(&mut used, PEOPLE, 400, 41 * HOUR).len(), 2, "four times the baseline");
    assert_eq!(burst(&mut Monitor::new(0), PEOPLE, 130, 0).len(), 1, "130 is unusual for someone new");
}

#[test]
fn the_hour_slides_and_old_acts_fall_out_of_it() {
    let mut monitor = Monitor::new(0);
    for n in 0..60 {
        let at = n * 6 * 60 * 1000; // ten an hour, for six hours
        assert_eq!(monitor.observe(&owner(), EXPORT, Ok(()), at), None, "at {at}");
    }
    let mut edge = Monitor::new(0);
    burst(&mut edge, EXPORT, 10, HOUR - 1000);
    assert_eq!(burst(&mut edge, EXPORT, 10, HOUR + 1000).len(), 1, "a full hour must not split a burst");
}

#[test]
fn doors_and_actors_are_judged_apart() {
    let mut monitor = Monitor::new(0);
    for i in 0..15 {
        for door in [Door::Window, Door::Browser, Door::CommandLine] {
            assert_eq!(monitor.observe(&Actor::owner(door), EXPORT, Ok(()), i), None);
        }
    }
}

#[test]
fn memory_is_bounded_and_a_clock_that_jumps_does_no_harm() {
    let mut monitor = Monitor::new(0);
    for n in 0..10_000 {
        let who = Actor { name: format!("actor {n}"), role: Role::Owner, door: Door::Browser };
        for _ in 0..21 {
            monitor.observe(&who, EXPORT, Ok(()), n);
        }
    }
    assert_eq!(monitor.habits.len(), ACTORS);
    for at in [i64::MAX, i64::MIN, 0, -1, i64::MAX] {
        monitor.observe(&owner(), EXPORT, Ok(()), at);
    }
}

const FORGET: Passage = Passage { name: "ForgetPerson", needs: Role::Owner, effect: Effect::Change };
const CLOSE: Passage = Passage { name: "CloseAlert", needs: Role::Technician, effect: Effect::Change };
const CHANGE: Passage = Passage { name: "AddNote", needs: Role::Technician, effect: Effect::Change };
const DAY: i64 = 24 * HOUR;

#[test]
fn forgetting_and_closing_much_is_flagged() {
    for (passage, n, expect) in [
        (FORGET, 6, "6 customers forgotten in an hour, at most 3 expected"),
        (CLOSE, 40, "40 things removed, closed or dropped in an hour, at most 20 expected"),
    ] {
        let mut monitor = Monitor::new(0);
        assert_eq!(burst(&mut monitor, passage, n - 1, 0), [], "{}", passage.name);
        let flags = burst(&mut monitor, passage, 1, 0);
        assert_eq!(flags.len(), 1, "{}", passage.name);
        assert_eq!(flags[0].reasons, [expect]);
    }
}

/// A monitor that has seen an actor change things from nine to twelve on so many days.
fn used(days: i64) -> Monitor {
    let mut monitor = Monitor::new(0);
    for day in 0..days {
        for hour in 9..12 {
            assert_eq!(burst(&mut monitor, CHANGE, 5, day * DAY + hour * HOUR), []);
        }
    }
    monitor
}

#[test]
fn an_hour_of_the_day_that_never_was_is_flagged_once_it_can_be_known() {
    let night = |monitor: &mut Monitor, passage| burst(monitor, passage, 3, 30 * DAY + 3 * HOUR);
    let flags = night(&mut used(12), CHANGE);
    assert_eq!(flags.len(), 1, "once an hour");
    assert_eq!(flags[0].reasons, ["active at 3:00, which never happened on 12 days"]);
    assert_eq!(night(&mut used(12), PEOPLE), [], "because a page that is left open reads by itself");
    assert_eq!(night(&mut used(8), CHANGE), [], "because so few days say little");
    assert_eq!(burst(&mut used(12), CHANGE, 3, 30 * DAY + 8 * HOUR), [], "because who comes at nine may come at eight");
    let mut east = used(12);
    east.zone_ms = 6 * HOUR;
    assert_eq!(night(&mut east, CHANGE), [], "because it is nine in the morning there");
}

#[test]
fn a_door_that_was_never_used_is_flagged_by_its_first_act() {
    let mut monitor = used(4);
    let act = |monitor: &mut Monitor, at| monitor.observe(&Actor::owner(Door::CommandLine), READ, Ok(()), at);
    let flag = act(&mut monitor, 5 * DAY).unwrap();
    assert_eq!(flag.actor, "owner/command-line");
    assert_eq!(flag.reasons, ["first use of this door by somebody known for 11 hours at another"]);
    assert_eq!(act(&mut monitor, 5 * DAY + 1), None, "once");
    assert_eq!(act(&mut monitor, 6 * DAY), None, "because by then it is known");
    assert_eq!(act(&mut Monitor::new(0), 0), None, "because nobody is known yet");
}

#[test]
fn many_exports_right_after_hours_of_quiet_are_flagged() {
    let mut monitor = used(12);
    let at = 20 * DAY + 10 * HOUR;
    assert_eq!(burst(&mut monitor, EXPORT, 8, at), []);
    let flags = burst(&mut monitor, EXPORT, 1, at);
    assert_eq!(flags.len(), 1);
    assert_eq!(flags[0].reasons, ["9 exports right after hours of quiet"]);
    let mut later = used(12);
    burst(&mut later, CHANGE, 1, at);
    assert_eq!(burst(&mut later, EXPORT, 9, at + HOUR / 2), [], "because it is no beginning any more");
}

/// Saves what a monitor has counted into `table`, and has it hold what is there.
fn save(monitor: &mut Monitor, table: &mut HashMap<Key, String>) {
    for (key, counts) in monitor.unsaved() {
        let (_, text, saved) = counts.added(table.get(&key).map(String::as_str), monitor.zone_ms()).unwrap();
        table.insert(key.clone(), text);
        monitor.saved(key, saved);
    }
}

fn restarted(table: &HashMap<Key, String>) -> Monitor {
    let mut monitor = Monitor::new(0);
    for (key, text) in table {
        monitor.recall(key.clone(), text);
    }
    monitor
}

#[test]
fn what_is_usual_outlives_a_restart() {
    let (mut table, mut monitor) = (HashMap::new(), Monitor::new(0));
    for hour in 0..40 {
        burst(&mut monitor, PEOPLE, 100, hour * HOUR);
        save(&mut monitor, &mut table);
        if hour % 7 == 0 {
            monitor = restarted(&table);
        }
    }
    let mut monitor = restarted(&table);
    assert_eq!(burst(&mut monitor, PEOPLE, 130, 40 * HOUR), [], "close to its baseline of 100 an hour");
    let mut whole = Monitor::new(0);
    for hour in 0..40 {
        burst(&mut whole, PEOPLE, 100, hour * HOUR);
    }
    burst(&mut whole, PEOPLE, 130, 40 * HOUR);
    assert_eq!(monitor.habits, whole.habits, "a restart changes nothing of what was learned");
}

#[test]
fn one_export_each_by_many_short_processes_is_one_burst() {
    let mut table = HashMap::new();
    let mut flags = Vec::new();
    for n in 0..25 {
        let mut process = restarted(&table);
        flags.extend(burst(&mut process, EXPORT, 1, n));
        save(&mut process, &mut table);
    }
    assert_eq!(flags.len(), 1, "{flags:?}");
}

#[test]
fn two_processes_at_once_lose_no_count() {
    let mut table = HashMap::new();
    let (mut one, mut other) = (Monitor::new(0), Monitor::new(0));
    for n in 0..9 {
        burst(&mut one, EXPORT, 1, n);
        burst(&mut other, EXPORT, 1, n);
        save(&mut one, &mut table);
        save(&mut other, &mut table);
    }
    assert_eq!(burst(&mut one, EXPORT, 3, 10).len(), 1, "18 exports of both, and three more");
}

#[test]
fn plain_reads_are_not_worth_a_write_and_what_could_not_be_saved_is_saved_later() {
    let mut monitor = Monitor::new(0);
    burst(&mut monitor, READ, 50, 0);
    assert!(monitor.unsaved().is_empty());
    burst(&mut monitor, EXPORT, 5, 0);
    let failed = monitor.unsaved();
    assert!(!failed.is_empty() && monitor.unsaved().is_empty());
    burst(&mut monitor, EXPORT, 2, 1);
    monitor.not_saved(failed);
    let mut table = HashMap::new();
    save(&mut monitor, &mut table);
    assert_eq!(burst(&mut restarted(&table), EXPORT, 13, 2).len(), 1, "because seven were saved");
}

#[test]
fn a_stored_habit_that_cannot_be_read_begins_anew() {
    let mut monitor = Monitor::new(0);
    monitor.recall(("owner".into(), Door::Browser), "{not json");
    monitor.recall(("owner".into(), Door::Window), r#"{"slice":5,"rates":{"exports":{"slices":[1]}}}"#);
    assert_eq!(burst(&mut monitor, EXPORT, 3, 0), []);
}
