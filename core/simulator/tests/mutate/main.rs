//! Mutants of what people write for simulated vehicles and adapters. `ROADWORTHY_MUTANTS` and `ROADWORTHY_SEED` as in the
//! driver's own mutants.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking"
)]

mod targets;

#[test]
fn a_spec_is_refused_or_means_what_it_says() {
    targets::target::run(&targets::ALL, "specs of vehicles");
}

#[test]
fn a_spoilt_adapter_profile_is_refused_or_played() {
    targets::target::run(&targets::ALL, "adapter profiles");
}

#[test]
fn a_spoilt_vehicle_file_is_refused_or_driven() {
    targets::target::run(&targets::ALL, "vehicle files");
}
