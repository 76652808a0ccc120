//! Whole checks over raw CAN against simulated cars: over a bus in memory and over SLCAN, with what goes wrong on both.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

mod check;
mod ecus;
mod faults;
mod fd;
mod leave;
mod pains;
mod rig;
mod slcan;
