//! Import of telemetry logs: any table with times, and CAN logs by a DBC file, become blocks of a vehicle.
//!
//! The usual case: [`detect::detect`] on the first lines gives a mapping and asks what is open; [`rows::Rows`] reads the rest by
//! it, line by line, and accounts for every row and cell; [`run`] does both on files, packs on a second thread and publishes all
//! of it at once. All but `run` and `source` is pure.
//!
//! Rooms: `source` opens (gzip, encodings), `lines` cuts, `number`, `unit`, `time`, `order` and `clock` read cells, `known` and `name`
//! tell signals, `detect` looks, `rows` reads, `account` counts, `sound` judges a mapping that somebody wrote; `dbc` and `frames` do the same for CAN logs. The SQL is in `store/import.rs`.

pub(crate) mod account;
pub(crate) mod batch;
pub(crate) mod clock;
pub(crate) mod dbc;
pub(crate) mod detect;
pub(crate) mod frames;
pub(crate) mod known;
pub(crate) mod lines;
pub(crate) mod name;
pub(crate) mod number;
pub(crate) mod order;
pub(crate) mod reader;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod sound;
pub(crate) mod source;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod unit;

#[cfg(test)]
mod mutate;
#[cfg(test)]
mod tests;
