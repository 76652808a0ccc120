//! `roadworthy`: the engine without a window.
//!
//! [`args`] says what can be typed, `command/` holds one file per command, [`session`] opens the engine, [`out`] writes for
//! people or programs, [`exit`] ends with the documented code.

mod args;
mod command;
mod exit;
mod out;
mod session;

use args::{Cli, Command};
use clap::{Parser, error::ErrorKind};
use exit::{Exit, Stop};
use out::Out;
use roadworthy_api::{Code, Error};
use std::process::ExitCode;

fn main() -> ExitCode {
    let (outcome, out) = match Cli::try_parse() {
        Ok(cli) => {
            let mut out = Out::new(cli.json);
            (run(cli, &mut out), out)
        }
        Err(usage) => return misused(&usage),
    };
    end(outcome, out).into()
}

fn run(cli: Cli, out: &mut Out) -> Result<Exit, Stop> {
    let place = session::Place { data: cli.data, verbose: cli.verbose };
    match cli.command {
        Command::Check(check) => command::check::run(&place, out, check),
        Command::Adapter { port, baud } => command::adapter::run(&place, out, port.as_deref(), baud),
        Command::Clear(clear) => command::clear::run(&place, out, clear),
        Command::Replay(replay) => command::replay::run(&place, out, replay),
        Command::Live(live) => command::live::run(&place, out, live),
        Command::Recordings(recordings) => command::recordings::run(&place, out, &recordings),
        Command::Telemetry(telemetry) => command::telemetry::run(&place, out, &telemetry),
        Command::Import(import) => command::import::run(&place, out, &import),
        Command::Imports(imports) => command::import::imports(&place, out, &imports),
        Command::Export(export) => command::export::run(&place, out, &export),
        Command::Service(service) => command::service::run(&place, out, service),
        Command::Storage(storage) => command::telemetry::storage(&place, out, &storage),
        Command::Vehicles { search } => command::vehicles::list(&place, out, search),
        Command::Vehicle { vehicle } => command::vehicles::show(&place, out, &vehicle),
        Command::Diagnosis { vehicle } => command::diagnosis::run(&place, out, &vehicle),
        Command::Register(register) => command::vehicles::register(&place, out, register),
        Command::Attach { vehicle, to } => command::identity::attach(&place, out, &vehicle, &to),
        Command::Detach { registration } => command::identity::detach(&place, out, &registration),
        Command::SetVin { vehicle, vin } => command::identity::set_vin(&place, out, &vehicle, vin),
        Command::Alerts(alerts) => command::alerts::run(&place, out, &alerts),
        Command::Decisions(decisions) => command::decisions::run(&place, out, &decisions),
        Command::Decide { vehicle } => command::decisions::decide(&place, out, &vehicle),
        Command::Note(note) => command::keep::note(&place, out, note),
        Command::Photo(photo) => command::keep::photo(&place, out, photo),
        Command::Measure(measure) => command::keep::measure(&place, out, measure),
        Command::Compare(compare) => command::compare::run(&place, out, &compare),
        Command::Traffic(traffic) => command::compare::traffic(&place, out, &traffic),
        Command::Bundle(bundle) => command::bundle::run(&place, out, &bundle),
        Command::Redecode(redecode) => command::redecode::run(&place, out, &redecode),
        Command::Report(report) => command::report::run(&place, out, &report),
        Command::Ports { scan } => command::ports::run(&place, out, scan),
        Command::Backup(backup) => command::backup::run(&place, out, backup),
        Command::Restore(restore) => command::backup::restore(&place, out, restore),
        Command::People(people) => command::people::run(&place, out, people),
        Command::Outbox(outbox) => command::outbox::run(&place, out, &outbox),
        Command::Notify(notify) => command::notify::run(&place, out, &notify),
        Command::Timeline(timeline) => command::timeline::run(&place, out, &timeline),
        Command::Trace(trace) => command::timeline::trace(&place, out, &trace),
        Command::Workers(workers) => command::workers::run(&place, out, &workers),
        Command::Serve(serve) => command::serve::run(&place, out, serve),
        Command::Sim(sim) => command::sim::run(out, sim),
        Command::Explain { counts: true, .. } => command::explain::counts(out),
        Command::Explain { codes, .. } => command::explain::run(out, &codes),
        Command::Vin { vin } => command::vin::run(out, &vin),
        Command::Decode => command::lines::decode(out),
        Command::Assemble(assemble) => command::lines::assemble(out, &assemble),
        Command::Journal(journal) => command::journal::run(&place, out, journal),
        Command::Log(log) => command::log::run(&place, out, log),
        Command::Completions { shell } => command::completions(out, shell),
    }
}

fn end(outcome: Result<Exit, Stop>, mut out: Out) -> Exit {
    let outcome = outcome.and_then(|exit| out.flush().map(|()| exit).map_err(Stop::from));
    match outcome {
        Ok(exit) => exit,
        // Whoever read the output has enough of it.
        Err(Stop::Quiet) => Exit::Good,
        Err(Stop::Error(error)) => {
            let exit = Exit::of(error.code);
            out.complain(&error);
            exit
        }
    }
}

/// Clap's own text for help and usage; with `--json` a usage error is an object too.
fn misused(usage: &clap::Error) -> ExitCode {
    let asked_for_help = matches!(usage.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion);
    if !asked_for_help && std::env::args_os().any(|arg| arg == "--json") {
        let text = usage.to_string();
        // Clap's own words up to the usage line, on one line.
        let cause = text.split("\n\n").next().unwrap_or_default().trim_start_matches("error: ");
        let cause = cause.split_whitespace().collect::<Vec<_>>().join(" ");
        let error = Error::new(Code::BadRequest, cause).hint("See `roadworthy --help`.");
        Out::new(true).complain(&error);
    } else {
        let _ = usage.print();
    }
    if asked_for_help { Exit::Good.into() } else { Exit::Usage.into() }
}
