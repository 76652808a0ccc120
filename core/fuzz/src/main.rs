//! The targets of the mutants, with a fuzzer's bytes in place of chance: each choice of a mutator is one of them, so what
//! leads to new code is kept and changed further. `./test fuzz` runs all of them and prints what they reached.
//!
//! `ROADWORTHY_TARGET` names the target; `every` takes all of them at each input; unset: the names are printed, each with its
//! share of the inputs in parts of a thousand.

#![no_main]

#[path = "../../obd/tests/mutate/targets/mod.rs"]
#[allow(dead_code, reason = "the names of tests are not needed here")]
mod driver;
#[path = "../../simulator/tests/mutate/targets/mod.rs"]
#[allow(dead_code, reason = "the names of tests are not needed here")]
mod simulator;

use libfuzzer_sys::fuzz_target;
use std::cell::RefCell;

type Run = Box<dyn FnMut(&[u8])>;

fn targets() -> Vec<(&'static str, fn(&'static str) -> Run)> {
    fn of_driver(name: &'static str) -> Run {
        let (_, make) = driver::ALL.iter().find(|(known, _)| *known == name).expect("a name of this list");
        let mut target = make();
        Box::new(move |data| target.one(&mut driver::rng::Rng::of(data)))
    }
    fn of_simulator(name: &'static str) -> Run {
        let (_, make) = simulator::ALL.iter().find(|(known, _)| *known == name).expect("a name of this list");
        let mut target = make();
        Box::new(move |data| target.one(&mut simulator::rng::Rng::of(data)))
    }
    let driver = driver::ALL.iter().map(|(name, _)| (*name, of_driver as fn(&'static str) -> Run));
    driver.chain(simulator::ALL.iter().map(|(name, _)| (*name, of_simulator as fn(&'static str) -> Run))).collect()
}

thread_local! {
    static CHOSEN: RefCell<Vec<Run>> = const { RefCell::new(Vec::new()) };
}

fuzz_target!(
    init: {
        let Ok(name) = std::env::var("ROADWORTHY_TARGET") else {
            for (name, _) in targets() {
                let share = driver::rng::SHARES.iter().find(|(known, _)| *known == name).map_or(0, |(_, share)| *share);
                println!("{name}\t{share}");
            }
            std::process::exit(0);
        };
        let chosen: Vec<Run> =
            targets().into_iter().filter(|(known, _)| *known == name || name == "every").map(|(known, make)| make(known)).collect();
        assert!(!chosen.is_empty(), "there is no target {name}");
        CHOSEN.with(|all| *all.borrow_mut() = chosen);
    },
    |data: &[u8]| {
        CHOSEN.with(|all| all.borrow_mut().iter_mut().for_each(|run| run(data)));
    }
);
