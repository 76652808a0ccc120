//! What `./test --can` runs in a guest that has CAN buses: checks over `vcan0`, with the ECUs on sockets of their own, and over
//! `can0`, a controller whose bus another, `can1`, shares.
//!
//! Each play says `guest: NAME ok` or `FAILED` on standard output; the last line is the marker that the host looks for, and
//! comes only where none failed. Outside that guest it says so and does nothing.
//!
//! What is done to a bus hangs on what the check has come to, never on a clock: the guest has no hardware help, and shares
//! its machine.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test's way to fail and to speak"
)]

#[cfg(target_os = "linux")]
#[allow(dead_code, reason = "the suite uses more of it than the guest does")]
#[path = "../../tests/can/rig.rs"]
mod rig;

#[cfg(target_os = "linux")]
mod controller;
#[cfg(target_os = "linux")]
mod stage;
#[cfg(target_os = "linux")]
mod virtual_bus;

#[cfg(not(target_os = "linux"))]
fn main() {
    println!("SocketCAN is Linux's.");
}

#[cfg(target_os = "linux")]
fn main() {
    if std::env::var_os("ROADWORTHY_CAN_GUEST").is_none() {
        println!("./test --can runs this in a guest.");
        return;
    }
    // Some of them only, by a part of their names.
    let only = std::env::var("ROADWORTHY_PLAYS").unwrap_or_default();
    let plays: Vec<stage::Play> = [&virtual_bus::PLAYS[..], &controller::PLAYS].concat();
    let chosen: Vec<_> = plays.iter().filter(|(name, _)| name.contains(&only)).collect();
    let mut failed = 0;
    for (name, play) in &chosen {
        stage::set();
        let since = std::time::Instant::now();
        let passed = std::panic::catch_unwind(play).is_ok();
        failed += u32::from(!passed);
        println!("guest: {name} {}, {:.1} s", if passed { "ok" } else { "FAILED" }, since.elapsed().as_secs_f64());
    }
    match failed {
        0 => println!("guest: all {} plays passed", chosen.len()),
        _ => println!("guest: {failed} of {} plays failed", chosen.len()),
    }
}
