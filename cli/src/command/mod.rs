//! One file per command.

pub(crate) mod adapter;
pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod bundle;
pub(crate) mod check;
pub(crate) mod clear;
pub(crate) mod compare;
pub(crate) mod decisions;
pub(crate) mod diagnosis;
pub(crate) mod explain;
pub(crate) mod export;
mod file;
mod history;
pub(crate) mod identity;
pub(crate) mod import;
pub(crate) mod journal;
pub(crate) mod keep;
pub(crate) mod lines;
pub(crate) mod live;
pub(crate) mod log;
pub(crate) mod notify;
pub(crate) mod outbox;
pub(crate) mod people;
pub(crate) mod ports;
mod progress;
pub(crate) mod recordings;
pub(crate) mod redecode;
pub(crate) mod replay;
pub(crate) mod report;
mod result;
pub(crate) mod serve;
pub(crate) mod service;
pub(crate) mod sim;
pub(crate) mod telemetry;
pub(crate) mod timeline;
pub(crate) mod vehicles;
pub(crate) mod vin;
mod watching;
pub(crate) mod workers;

use crate::{
    args::Cli,
    exit::{Exit, Stop},
    out::Out,
};
use clap::CommandFactory;

/// Completions for a shell, on standard output.
pub(crate) fn completions(out: &mut Out, shell: clap_complete::Shell) -> Result<Exit, Stop> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "roadworthy", &mut script);
    out.bytes(&script)?;
    Ok(Exit::Good)
}
