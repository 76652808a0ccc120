//! What can be typed.

pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod check;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod keep;
pub(crate) mod live;
pub(crate) mod outbox;
pub(crate) mod say;
pub(crate) mod service;
pub(crate) mod sim;
pub(crate) mod telemetry;
pub(crate) mod workers;

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

const EXIT_CODES: &str = "\
Ports:
  /dev/ttyUSB0, COM5   serial device (USB, or Bluetooth bound to a device)
  bt:ADDRESS           paired Bluetooth adapter, as in bt:00:1D:A5:68:98:8B or bt:00:1D:A5:68:98:8B?channel=2 (Linux)
  ble:ADDRESS          Bluetooth LE adapter, where the build has it
  tcp://HOST:PORT      network adapter; without a port 35000
  slcan:PATH[?OPTIONS] adapter that passes CAN frames on, on a serial device or tcp://HOST:PORT;
                       options: bitrate=500000 (the vehicle's; else it is listened for), baud=115200
  can:INTERFACE        CAN interface of Linux, as in can:can0; with ?fd=on or ?fd=fast CAN FD may be asked too
  sim:NAME[?OPTIONS]   simulated vehicle, as in sim:petrol or sim:misfire?unplug=20&seed=7;
                       options: key=off|on|running, unplug=SECONDS, adapter=strict|slcan|NAME, seed=N, speed=X
  replay:FILE          recorded dialogue, or a log of candump

Exit codes:
  0    done
  1    the engine or its data failed
  2    wrong usage
  3    no adapter, or trouble with the port or the adapter
  4    the adapter answers, but no vehicle does
  5    the check was cut short; what was read is stored
  6    the journal does not verify
  130  cancelled (Ctrl C); what was read by then is stored

Data is kept in the folder --data names, else in the one ROADWORTHY_HOME names, else in the
system's folder for data. NO_COLOR switches colours off.";

/// Reads vehicles over OBD-II, says who answered and who stayed silent, and remembers it.
#[derive(Debug, Parser)]
#[command(name = "roadworthy", version, after_help = EXIT_CODES, arg_required_else_help = true, max_term_width = 100)]
pub(crate) struct Cli {
    /// Print JSON for programs instead of text for people.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Folder with the data.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) data: Option<PathBuf>,
    /// Say where the data and the log are.
    #[arg(long, short, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Read a vehicle out: who it is, what it reports, who answered.
    #[command(after_help = check::CHECK)]
    Check(check::Check),
    /// Measure an adapter and say what it is fit for, with a vehicle or without; without PORT list those that were measured.
    Adapter {
        /// Where the adapter is (see `roadworthy --help`).
        port: Option<String>,
        /// Speed of a serial port in bit/s; tried out where it is not given.
        #[arg(long, value_name = "N", requires = "port", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
        baud: Option<u32>,
    },
    /// Clear a vehicle's trouble codes, after a full check and with a check after it. Cannot be undone.
    #[command(after_help = check::CLEAR)]
    Clear(check::Clear),
    /// Play a recorded dialogue through the driver and print the check it gives.
    #[command(after_help = check::REPLAY)]
    Replay(check::Replay),
    /// Read chosen values over and over, and record them.
    #[command(after_help = live::EXAMPLES)]
    Live(live::Live),
    /// List recordings of live values, newest first, or export one as CSV.
    #[command(args_conflicts_with_subcommands = true)]
    Recordings(live::Recordings),
    /// List the signals of which a vehicle has values, show or export them, or keep a range from growing old.
    Telemetry(telemetry::Telemetry),
    /// Import what another program wrote: logs of values (CSV of Torque, Car Scanner and others, CAN logs by a DBC file) and
    /// service histories (LubeLogger, Fleetio, any table with days).
    #[command(after_help = import::EXAMPLES)]
    Import(Box<import::Import>),
    /// List what was imported, newest first, show one, or take one back.
    Imports(import::Imports),
    /// Export a vehicle, its values, the fleet or one customer's data.
    #[command(after_help = export::EXAMPLES)]
    Export(export::Export),
    /// List, write down, mend, judge or export what was done to a vehicle: services, repairs, fuel.
    #[command(subcommand)]
    Service(service::Service),
    /// Say what is stored and how much of the disk it takes, or drop what is old.
    Storage(telemetry::Storage),
    /// List vehicles, worst state first.
    Vehicles {
        /// Only those whose plate, VIN or name holds this text.
        #[arg(long, short)]
        search: Option<String>,
    },
    /// Show one vehicle with its faults and visits.
    Vehicle {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
    },
    /// Say what the newest check and recordings of a vehicle mean, and what to check next.
    Diagnosis {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
    },
    /// Register a vehicle that was not connected yet.
    Register(Register),
    /// Say that a vehicle without a VIN is another one that is known: its visits count there.
    Attach {
        /// The one without a VIN: id or plate.
        #[arg(value_name = "ID|PLATE")]
        vehicle: String,
        /// The vehicle that it is.
        #[arg(value_name = "ID|VIN|PLATE")]
        to: String,
    },
    /// Take `attach` back.
    Detach {
        /// Id of the registration, as `vehicle` prints it.
        registration: String,
    },
    /// Give a vehicle its VIN; one that is registered already joins the two.
    SetVin {
        /// The vehicle: id or plate; of several that a VIN joined, the id of the one that is meant.
        #[arg(value_name = "ID|PLATE")]
        vehicle: String,
        /// 17 characters; an empty text takes away one that was typed.
        vin: String,
    },
    /// List alerts that are not over, worst first, or see to one.
    #[command(args_conflicts_with_subcommands = true)]
    Alerts(alerts::Alerts),
    /// List decisions that wait for an answer, newest first, or answer one.
    #[command(args_conflicts_with_subcommands = true)]
    Decisions(alerts::Decisions),
    /// Have the rules decide about a vehicle's newest diagnosis now, also where they have before.
    Decide {
        /// Id, VIN or plate.
        #[arg(value_name = "ID|VIN|PLATE")]
        vehicle: String,
    },
    /// Notes about a vehicle.
    #[command(subcommand)]
    Note(keep::Note),
    /// Photos of a vehicle.
    #[command(subcommand)]
    Photo(keep::Photo),
    /// File a measurement of a vehicle: odometer, brake pad, tread, battery, oil.
    Measure(keep::Measure),
    /// Two visits of one vehicle side by side.
    Compare(keep::Compare),
    /// Read the stored traffic of a visit with today's decoder, and say what differs from what is stored.
    Redecode(keep::Redecode),
    /// Write a visit as a ZIP that anybody can check, or check one.
    Bundle(keep::Bundle),
    /// Write the raw adapter traffic of a visit, which replay:FILE plays back.
    Traffic(keep::Traffic),
    /// Write the one-page report of a visit as PDF.
    Report(Report),
    /// List ports that could hold an adapter, the likely ones first, and what stands in the way.
    Ports {
        /// Also look for Wi-Fi and Bluetooth LE adapters, which takes up to a quarter of a minute.
        #[arg(long)]
        scan: bool,
    },
    /// Customers.
    #[command(subcommand)]
    People(People),
    /// Make a backup of everything, or list and verify those there are.
    #[command(args_conflicts_with_subcommands = true, after_help = backup::BACKUP)]
    Backup(backup::Backup),
    /// Put a backup in the place of what is there, of which a backup is made first.
    #[command(after_help = backup::RESTORE)]
    Restore(backup::Restore),
    /// Messages about alerts: what waits, was sent or was given up, newest first.
    Outbox(outbox::Outbox),
    /// Say who is told of alerts and how, or change it.
    #[command(after_help = outbox::NOTIFY)]
    Notify(outbox::Notify),
    /// List what happened, newest first.
    #[command(after_help = workers::TIMELINE)]
    Timeline(workers::Timeline),
    /// Tell a story from the raw reading to the sent message, each step with the one that led to it.
    #[command(after_help = workers::TRACE)]
    Trace(workers::Trace),
    /// List the workers with what each does just now, pause one, or see to what they gave up on.
    #[command(after_help = workers::WORKERS)]
    Workers(workers::Workers),
    /// Serve the interface to a browser on this machine.
    Serve(Serve),
    /// Run a simulated adapter with a vehicle for other programs to connect to.
    #[command(after_help = sim::EXAMPLES)]
    Sim(sim::Sim),
    /// Say what trouble codes mean, as far as that is certain without knowing the maker.
    #[command(after_help = say::EXPLAIN)]
    Explain {
        /// Codes, as in P0301, or with a failure type as in P0301-11.
        #[arg(required_unless_present = "counts", value_name = "CODE")]
        codes: Vec<String>,
        /// How many codes of each letter the standard defines, and how many of them have a title here.
        #[arg(long, conflicts_with = "codes")]
        counts: bool,
    },
    /// Say what a vehicle identification number says by itself, offline.
    #[command(after_help = say::VIN)]
    Vin {
        /// 17 characters; blanks and lower case are accepted.
        vin: String,
    },
    /// Decode payloads: one JSON object per line in, one per line out.
    #[command(after_help = say::DECODE)]
    Decode,
    /// Put an adapter's answer to one request together, up to the prompt or the end of input.
    #[command(after_help = say::ASSEMBLE)]
    Assemble(say::Assemble),
    /// The journal: everything that happened, each event chained to the one before.
    #[command(subcommand)]
    Journal(Journal),
    /// The program's own log.
    #[command(subcommand)]
    Log(Log),
    /// Print completions for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct Register {
    /// Vehicle identification number, 17 characters.
    #[arg(long)]
    pub(crate) vin: Option<String>,
    /// Number plate.
    #[arg(long)]
    pub(crate) plate: Option<String>,
    /// Name, as in "Shuttle bus 3".
    #[arg(long)]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Id of the visit, as `check` and `vehicle` print it.
    pub(crate) visit: String,
    /// File to write; - for standard output.
    #[arg(long, short, value_name = "FILE.pdf")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum People {
    /// List customers.
    List {
        /// Only those whose name, telephone or mail address holds this text.
        #[arg(long, short)]
        search: Option<String>,
    },
    /// Add a customer.
    Add {
        /// Name.
        name: String,
        /// Telephone.
        #[arg(long, default_value = "")]
        phone: String,
        /// Mail address.
        #[arg(long, default_value = "")]
        email: String,
        /// Postal address.
        #[arg(long, default_value = "")]
        address: String,
        /// Anything else.
        #[arg(long, default_value = "")]
        note: String,
    },
    /// Forget a customer for good: erased from the tables, unreadable in the journal. Cannot be undone.
    Forget {
        /// Id, as `people list` prints it.
        person: String,
        /// Really.
        #[arg(long)]
        yes: bool,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Loopback address; port 0 takes any free one.
    #[arg(long, default_value = "127.0.0.1:0", value_name = "ADDR")]
    pub(crate) listen: String,
    /// Open the address in the browser. Other users of this machine may see it in the list of processes for a moment.
    #[arg(long)]
    pub(crate) open: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Journal {
    /// Check every event against its chain.
    Verify,
    /// Make every table anew from the journal.
    Rebuild,
    /// Print the newest events, oldest first.
    Tail {
        /// How many.
        #[arg(long, short = 'n', default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=500))]
        lines: u32,
    },
    /// Tell a story, as `roadworthy trace` does.
    Trace(workers::Trace),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Log {
    /// Print the newest lines of all processes, oldest first, redacted.
    Tail {
        /// How many.
        #[arg(long, short = 'n', default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
        lines: u32,
    },
    /// Write the redacted log for a support request.
    Export {
        /// File to write; - for standard output.
        #[arg(long, short, value_name = "FILE", default_value = "-")]
        output: PathBuf,
        /// Replace the file if it is there.
        #[arg(long)]
        force: bool,
    },
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_definitions_hold_together() {
        Cli::command().debug_assert();
    }
}
