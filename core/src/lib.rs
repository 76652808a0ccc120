//! Roadworthy's engine: journal, store, checks, reports and the handlers of every call.
//!
//! The usual case: [`Engine::open`] on a data folder, then hand calls to [`roadworthy_api::calls::dispatch`] and listen to
//! [`Engine::pushes`]. Everything that changes goes through the [`journal`]; the tables of `store` are what it says.
//! Several processes (window, command line, server) open the same folder at once.

mod acquire;
mod adapters;
mod backup;
pub mod bundle;
pub mod checking;
mod clearing;
mod csv;
mod diagnose;
pub mod engine;
mod export;
pub mod files;
mod handle;
mod history;
mod import;
pub mod jobs;
pub mod journal;
pub mod keys;
mod live;
pub mod log;
pub mod monitor;
pub mod odometer;
mod outbox;
pub mod picture;
pub mod ports;
pub mod redecode;
pub mod report;
mod scanning;
mod store;
mod telemetry;
pub mod trial;
pub mod verdict;
mod workers;

pub use engine::{Engine, KeyPlace, Options, default_data_dir};
pub use telemetry::Intake;
