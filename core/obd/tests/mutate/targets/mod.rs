//! Every parser of outside bytes, as a target. The tests run them by the million; `core/fuzz` compiles the same files and lets
//! a fuzzer choose the damage.

mod candump;
mod isotp;
mod judge;
mod lines;
mod payloads;
mod ports;
mod ranges;
mod recordings;
pub(crate) mod rng;
mod seeds;
mod several;
mod slcan;
pub(crate) mod target;
mod texts;
mod vehicle;

use target::Make;

/// All of them, by the names under which they have their share of the inputs.
pub(crate) const ALL: [(&str, Make); 25] = [
    ("decode", || Box::new(payloads::Payloads::new())),
    ("decode_line", || Box::new(texts::Lines::new())),
    ("several PIDs", || Box::new(several::Several::default())),
    ("assemble CAN 11", || Box::new(lines::Assemble::new("68BC", true))),
    ("assemble CAN 29", || Box::new(lines::Assemble::new("79", true))),
    ("assemble CAN without headers", || Box::new(lines::Assemble::new("67", false))),
    ("assemble J1850", || Box::new(lines::Assemble::new("12", true))),
    ("assemble ISO 9141", || Box::new(lines::Assemble::new("3", true))),
    ("assemble KWP", || Box::new(lines::Assemble::new("45", true))),
    ("assemble legacy without headers", || Box::new(lines::Assemble::new("345", false))),
    ("assemble padded replies", || Box::new(lines::Padded::default())),
    ("assemble lines", || Box::new(lines::Printed::new())),
    ("frames of a log", || Box::new(candump::Log::default())),
    ("lines of candump", || Box::new(candump::Lines::default())),
    ("lines of SLCAN", || Box::new(slcan::Lines::default())),
    ("a whole SLCAN adapter", || Box::new(slcan::Stream::new())),
    ("ISO-TP received", || Box::new(isotp::Received::default())),
    ("ISO-TP sent", || Box::new(isotp::Sent::default())),
    ("recordings", || Box::new(recordings::Listed::default())),
    ("recordings read back", || Box::new(recordings::ReadBack::default())),
    ("vin", || Box::new(texts::Vins::default())),
    ("dtc", || Box::new(texts::Codes::default())),
    ("ports", || Box::new(ports::Ports::default())),
    ("a whole adapter", || Box::new(vehicle::ByChip::new())),
    ("a whole CAN bus", || Box::new(vehicle::ByFrames::new())),
];
