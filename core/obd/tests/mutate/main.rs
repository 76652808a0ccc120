//! Mutants of valid messages against every parser of outside bytes: none may panic, and none may yield a value that its
//! bytes do not hold. What the bytes hold is worked out here anew, by other means than the code under test.
//!
//! `ROADWORTHY_MUTANTS` sets the number for each parser, `ROADWORTHY_SEED` the seed; both are printed.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod dialogue;
mod judge;
mod lines;
mod payloads;
mod ranges;
mod rng;
mod texts;
