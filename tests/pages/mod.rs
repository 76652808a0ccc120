//! What the test of the pages is made of.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a story ends where it goes wrong")]

pub(crate) mod fill;
pub(crate) mod filled;
pub(crate) mod look;
