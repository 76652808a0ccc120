//! Stories told in the real window and in a real browser. Run through `./test stories`; one story a file.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a story ends where it goes wrong")]
#![allow(clippy::print_stdout, reason = "what was measured, and why a story was not played")]

#[path = "../rig/mod.rs"]
mod rig;

mod alert;
mod compare;
mod disk_full;
mod first_check;
mod history;
mod live;
mod restore;
mod season;
mod unplugged;
