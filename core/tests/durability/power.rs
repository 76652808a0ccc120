//! The power goes at random instants: a process is traced, and the disk is made again as it may have been then.

use crate::{
    chance::Chance,
    disk::Disk,
    kill::folder,
    mail::Server,
    promise::{Counts, check},
    trace::{self, Call, Step},
    work::{Said, command},
};
use std::path::Path;

/// Milliseconds that a traced process works once it has opened its folder.
const SPAN: u32 = 4_000;

/// Copies files and folders.
fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            std::fs::create_dir(&to).unwrap();
            copy(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_power_cut_at_any_instant_breaks_no_promise() {
    if !trace::possible() {
        println!(
            "skipped: a_power_cut_at_any_instant_breaks_no_promise, since strace is not there or may trace nothing"
        );
        return;
    }
    let (runs, cuts) = if std::env::var_os("ROADWORTHY_LONG").is_some() { (8, 25) } else { (1, 10) };
    let (mut chance, seed) = Chance::new();
    println!("seed {seed}");
    let mut counts = Counts::default();
    let (mut steps_of_all, mut syncs) = (0, 0);
    let server = Server::start();
    // Of every four runs one begins with an empty folder, the others with what the one before left on its disk.
    let mut place = folder();
    let mut before: Vec<Said> = Vec::new();
    for run in 0..runs {
        if run % 4 == 0 {
            (place, before) = (folder(), Vec::new());
        }
        let at_start = folder();
        copy(place.path(), at_start.path());
        let (program, arguments, environment) = command(place.path(), server.port, Some(SPAN));
        let log = folder();
        let steps = trace::run(&program, &arguments, &environment, &log.path().join("trace"));
        steps_of_all += steps.len();
        syncs += steps.iter().filter(|s| matches!(s, Step::Begin(_, Call::Sync(_)))).count();
        // One in five while it opens the folder.
        let ready = steps.iter().position(
            |s| matches!(s, Step::Begin(_, Call::Write { fd: 1, bytes, .. }) if bytes.windows(7).any(|w| w == b"\"Ready\"")),
        );
        let ready = ready.unwrap_or_else(|| panic!("seed {seed}: it never opened its folder"));
        let mut at: Vec<usize> = (0..cuts)
            .map(|n| if n % 5 == 0 { chance.below(ready) } else { ready + chance.below(steps.len() - ready) })
            .collect();
        at.sort_unstable();
        let mut disk = Disk::new(at_start.path());
        disk.stands_for(place.path());
        let mut done = 0;
        for cut in at {
            for step in &steps[done..cut] {
                disk.step(step);
            }
            done = cut;
            let left = folder();
            disk.cut(left.path(), &mut chance);
            let mut said = before.clone();
            let last = said.len();
            said.extend(Said::read(&disk.said[..]));
            let kept_as_it_was = folder();
            copy(left.path(), kept_as_it_was.path());
            if let Err(broken) = check(left.path(), &said, last, &mut counts) {
                let (kept, log) = (kept_as_it_was.keep(), log.keep());
                panic!(
                    "seed {seed}, run {run}, cut before step {cut} of {}: {broken}; what the disk held is kept in {}, the trace in {}",
                    steps.len(),
                    kept.display(),
                    log.display()
                );
            }
            counts.cuts += 1;
        }
        for step in &steps[done..] {
            disk.step(step);
        }
        before.extend(Said::read(&disk.said[..]));
    }
    println!(
        "{} power cuts in {runs} runs of {steps_of_all} steps with {syncs} flushes, {counts}; seed {seed}",
        runs * cuts
    );
}
