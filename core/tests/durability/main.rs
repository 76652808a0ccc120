//! What must hold whenever a process or the power goes: everything acknowledged is there, at most a second of samples is missing,
//! nothing has happened twice, the chain holds, and no backup is offered that is not whole.
//!
//! [`work`] is a process that does everything at once, recording, sealing, checks with all that the workers make of them, mails,
//! backups, imports and exports, and says what it was told is done. [`kill`] ends it at random instants. [`power`] has its writes and flushes
//! traced, and makes of them what a disk may hold after a power cut. [`promise`] looks whether what was said holds.

#![cfg(target_os = "linux")]
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a failed step is a failed test, in what tests call too"
)]

mod carried;
mod chance;
mod disk;
mod kill;
mod mail;
mod power;
mod promise;
mod trace;
mod work;

/// Says a line past the harness, which keeps to itself what a test prints that passes.
fn tell(line: &str) {
    let _ = std::io::Write::write_all(&mut std::io::stderr().lock(), format!("{line}\n").as_bytes());
}
