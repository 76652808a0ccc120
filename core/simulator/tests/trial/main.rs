//! A whole check on every profile that ships, beside the strict adapter on the same vehicle.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a test's way to fail and to speak")]

mod play;

use play::{Verdict, play, table};
use roadworthy_simulator::{Door, Profile};
use std::sync::Arc;

fn profiles(door: impl Fn(Door) -> bool) -> Vec<Arc<Profile>> {
    let all = Profile::names().iter().map(|name| Arc::new(Profile::named(name).unwrap()));
    let one = std::env::var("PROFILE").ok();
    all.filter(|p| door(p.door) && one.as_ref().is_none_or(|n| *n == p.name)).collect()
}

#[test]
fn every_profile_ends_as_it_says() {
    let mut verdicts: Vec<Verdict> = Vec::new();
    for profile in profiles(|door| door == Door::Process) {
        // One runtime each: its time is its own.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        verdicts.push(runtime.block_on(play(profile)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let real: Vec<_> = profiles(|door| door != Door::Process).into_iter().map(|p| tokio::spawn(play(p))).collect();
        for task in real {
            verdicts.push(task.await.unwrap());
        }
    });
    verdicts.sort_by(|a, b| a.name.cmp(&b.name));
    println!("{}", table(&verdicts));
    let finished = verdicts.iter().filter(|v| v.finished).count();
    println!("{finished} of {} finish", verdicts.len());
    let failed: Vec<_> =
        verdicts.iter().flat_map(|v| v.failures.iter().map(move |f| format!("{}: {f}", v.name))).collect();
    assert!(failed.is_empty(), "{}", failed.join("\n"));
    if std::env::var_os("PROFILE").is_none() {
        assert!(finished * 100 >= verdicts.len() * 95, "only {finished} of {} finish", verdicts.len());
    }
}
