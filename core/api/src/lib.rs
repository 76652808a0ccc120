//! The contract of Roadworthy: every call, stream, error and type that crosses a door, once.
//!
//! The usual case: pick a struct of [`calls`], hand it to a door, get its [`call::Request::Reply`] or an [`error::Error`].
//! Times are [`Timestamp`]s, milliseconds since 1970-01-01T00:00Z; units stand in the field's name or beside the value.

pub mod adapter;
pub mod alert;
pub mod backup;
pub mod call;
pub mod calls;
pub mod check;
pub mod clear;
pub mod error;
pub mod export;
pub mod fault;
pub mod finding;
pub mod history;
pub mod id;
pub mod import;
pub mod job;
pub mod journal;
pub mod live;
pub mod note;
pub mod person;
pub mod port;
pub mod reading;
pub mod role;
pub mod service;
pub mod stream;
pub mod system;
pub mod telemetry;
pub mod valid;
pub mod vehicle;
pub mod vin;
pub mod visit;
pub mod work;

pub use error::{Code, Error, Result};

/// Milliseconds since 1970-01-01T00:00Z.
pub type Timestamp = i64;
