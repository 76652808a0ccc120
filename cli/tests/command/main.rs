//! The built program, as a person or a script runs it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test says so by failing")]

mod adapters;
mod backup;
mod export;
mod import;
mod keep;
mod lines;
mod live;
mod outbox;
mod redecode;
mod replay;
mod rig;
mod running;
mod service;
mod story;
mod usage;
mod workers;
