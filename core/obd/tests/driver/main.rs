//! The driver against scripted adapters: each rule of the field, named after the behaviour. Time is simulated.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

mod check;
mod connect;
mod coverage;
mod errors;
mod fake;
mod governor;
mod legacy;
mod live;
mod mend;
mod passport;
mod services;
mod start;
mod step;
