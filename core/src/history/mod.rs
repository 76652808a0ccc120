//! Service histories: records of LubeLogger, Fleetio, of any table with days, and Roadworthy's own.
//!
//! The usual case: [`look::look`] on a whole file gives a mapping and asks what is open; [`rows::read`] makes records of its rows
//! by it and accounts for each; [`judge`] says which odometer readings cannot be right; [`run`] does all that on files and
//! publishes the records at once. All but `run` and `record` is pure. Lines, cells, numbers, dates and letters are those of
//! [`crate::import`]; the SQL is in `store/service.rs` and `store/history.rs`.

pub(crate) mod own;
pub(crate) mod record;
