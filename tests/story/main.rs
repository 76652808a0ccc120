//! Stories told in the real window and in a real browser. Run through `./test stories`; one story a file.

#![allow(clippy::unwrap_used, reason = "a story ends where it goes wrong")]

#[path = "../rig/mod.rs"]
mod rig;

mod alert;
mod compare;
mod first_check;
mod live;
mod unplugged;
