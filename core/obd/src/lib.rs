//! Reads vehicles over OBD-II: links, adapters, buses, protocols and decoding, replies kept per ECU.
//!
//! # Which room to enter
//!
//! - You hold the text of an adapter's answer and want payloads: [`frame::assemble`].
//! - You hold a payload and want what it says: [`decode::decode`].
//! - You hold JSON lines and want JSON lines: [`mod@line`].
//! - You hold a port and want a whole check of a vehicle: [`check`], which drives [`link`], [`adapter`] and [`bus`].
//! - You hold a port and want some values over and over: [`live`].
//! - You hold a device that passes CAN frames on, or a recording of some: [`can`].
//! - You hold a trouble code or a VIN: [`dtc`], [`vin`].
//! - You hold a recording and want it checked once more: [`check::check_recording`]; to give it away: [`redact`].
//!
//! [`protocol`], [`frame`], [`decode`], [`mod@line`], [`dtc`] and [`vin`] are pure: bytes in, typed readings or a typed
//! refusal out. They do no input or output, never read the clock, never panic, and never make a reading of an error
//! text, a padding byte or a "not available" sentinel.
//!
//! Numbers are in the SI-like units of SAE J1979 (km/h, °C, kPa …); each carries its unit beside it.

pub mod adapter;
pub mod bus;
pub mod can;
pub mod check;
pub mod decode;
mod dialogue;
pub mod dtc;
pub mod frame;
pub mod line;
pub mod link;
pub mod live;
pub mod protocol;
pub mod redact;
pub mod traffic;
pub mod vin;
