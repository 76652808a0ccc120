//! What is mutated against what: one target for each parser.

use super::rng::Rng;
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

/// A parser, its sound inputs, and the judge of what it makes of their mutants.
pub(crate) trait Target {
    /// Makes one input, has it parsed, and panics where that is wrong.
    fn one(&mut self, rng: &mut Rng);

    /// What became of them, for people.
    fn tally(&self) -> String;

    /// Whether that many inputs have met enough that could be wrong.
    fn is_worth_its_name(&self, inputs: usize) -> bool;
}

/// What makes a target.
pub(crate) type Make = fn() -> Box<dyn Target>;

/// Longest that one input may take, on a machine that has other things to do.
const HANG: Duration = Duration::from_secs(60);

/// Runs a parser's share of the inputs.
#[allow(dead_code, reason = "the fuzzer runs them itself")]
pub(crate) fn run(all: &[(&'static str, Make)], name: &'static str) {
    let (_, make) = all.iter().find(|(known, _)| *known == name).unwrap_or_else(|| panic!("no target {name}"));
    let mut target = make();
    let (mut rng, inputs) = Rng::start(name);
    let done = Arc::new(AtomicUsize::new(0));
    let watched = Arc::downgrade(&done);
    thread::spawn(move || {
        let mut last = None;
        while let Some(done) = watched.upgrade().map(|done| done.load(Ordering::Relaxed)) {
            if last.replace(done) == Some(done) {
                println!("{name}: input {done} does not end");
                std::process::abort();
            }
            thread::sleep(HANG);
        }
    });
    let start = Instant::now();
    for _ in 0..inputs {
        target.one(&mut rng);
        done.fetch_add(1, Ordering::Relaxed);
    }
    println!("{name}: {inputs} inputs, {}, {:.1} s", target.tally(), start.elapsed().as_secs_f64());
    assert!(target.is_worth_its_name(inputs), "{name}: the mutants are not worth their name");
}
