//! Service histories: records of LubeLogger, Fleetio, of any table with days, and Roadworthy's own.
//!
//! The usual case: [`look::look`] on a whole file gives a mapping and asks what is open; [`rows::read`] makes records of its rows
//! by it and accounts for each; [`run`] has their odometers judged ([`crate::odometer::doubts`]) and publishes all of them at once.
//! `names` knows layouts and columns, `amount` reads figures, `cut` makes rows of lines. All but `run` and `record` is pure. Lines, cells, numbers, dates and letters are those of
//! [`crate::import`]; the SQL is in `store/service.rs` and `store/history.rs`.

mod amount;
mod cut;
mod look;
mod names;
pub(crate) mod own;
pub(crate) mod record;
mod rows;
pub(crate) mod run;

#[cfg(test)]
mod tests;
