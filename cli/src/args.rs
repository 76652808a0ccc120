//! What can be typed.

pub(crate) mod alerts;
pub(crate) mod backup;
pub(crate) mod export;
pub(crate) mod import;
pub(crate) mod keep;
pub(crate) mod outbox;
pub(crate) mod service;
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
  can:INTERFACE        CAN interface of Linux, as in can:can0
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

const EXAMPLES_CHECK: &str = "\
Examples:
  roadworthy check --port sim:petrol
  roadworthy check --port /dev/ttyUSB0 --json
  roadworthy check --port tcp://192.168.0.10:35000 --vehicle \"AB 123\"

Ctrl C stops a check; what was read by then is stored and printed.";

const EXAMPLES_CLEAR: &str = "\
Examples:
  roadworthy clear /dev/ttyUSB0 --vehicle \"AB 123\" --reason \"ignition coil 1 replaced\"
  roadworthy clear 'sim:misfire?key=on' --vehicle 1RWPC14A6S1000427 --reason \"trying it out\" --yes-clear

The vehicle is checked first, and the check is stored. Nothing is cleared when the engine runs, the voltage is low, or
another vehicle answers. Freeze frames and readiness are lost; permanent codes stay. Ctrl C stops it until the codes are
cleared.";

const EXAMPLES_REPLAY: &str = "\
Examples:
  roadworthy replay visit.txt
  roadworthy replay visit.txt --decode
  roadworthy replay visit.txt --keep --vehicle \"AB 123\"

No adapter is used, and nothing is stored without --keep.";

const EXAMPLES_IMPORT: &str = "\
Examples:
  roadworthy import trip.csv --preview
  roadworthy import trip.csv --vehicle \"AB 123\" --zone Europe/Berlin --date-order dmy
  roadworthy import trip.csv --save-mapping torque.json
  roadworthy import trip2.csv.gz --vehicle \"AB 123\" --mapping torque.json --yes
  roadworthy import drive.log --dbc car.dbc --vehicle \"AB 123\"
  roadworthy import service.csv --vehicle \"AB 123\" --kind service --distance km --currency USD

What cannot be told from the file is asked, and never guessed: the error names the option. All of it is there at the end, or
nothing; Ctrl C stops it. `roadworthy imports undo ID` takes it back.";

const EXAMPLES_EXPORT: &str = "\
Examples:
  roadworthy export vehicle --vehicle \"AB 123\" --out car.zip
  roadworthy export telemetry --vehicle \"AB 123\" --signal engine_rpm --from 2026-11-01 --out november.csv
  roadworthy export telemetry --vehicle \"AB 123\" --wide --out values.parquet
  roadworthy export fleet --out fleet-tables
  roadworthy export customer --customer ID --out answer.zip

Each export is written into the journal. The file is there once all of it is, and only this user may read it; Ctrl C leaves
nothing. `roadworthy import values.csv --vehicle V` reads a table of values back, if it is not --wide.";

const EXAMPLES_LIVE: &str = "\
Examples:
  roadworthy live --port sim:petrol
  roadworthy live --port /dev/ttyUSB0 --preset Temperatures --record
  roadworthy live --port sim:petrol --signal engine_rpm --signal vehicle_speed --seconds 60 --csv drive.csv
  roadworthy live --port sim:petrol --list

Ctrl C ends it, and keeps what was recorded. With --json each line is an object: a frame with new samples has the key
frame, a change of the session the key state, and the recording that was kept comes last under recording.";

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
    #[command(after_help = EXAMPLES_CHECK)]
    Check(Check),
    /// Measure an adapter and say what it is fit for, with a vehicle or without; without PORT list those that were measured.
    Adapter {
        /// Where the adapter is (see `roadworthy --help`).
        port: Option<String>,
        /// Speed of a serial port in bit/s; tried out where it is not given.
        #[arg(long, value_name = "N", requires = "port", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
        baud: Option<u32>,
    },
    /// Clear a vehicle's trouble codes, after a full check and with a check after it. Cannot be undone.
    #[command(after_help = EXAMPLES_CLEAR)]
    Clear(Clear),
    /// Play a recorded dialogue through the driver and print the check it gives.
    #[command(after_help = EXAMPLES_REPLAY)]
    Replay(Replay),
    /// Read chosen values over and over, and record them.
    #[command(after_help = EXAMPLES_LIVE)]
    Live(Live),
    /// List recordings of live values, newest first, or export one as CSV.
    #[command(args_conflicts_with_subcommands = true)]
    Recordings(Recordings),
    /// List the signals of which a vehicle has values, show or export them, or keep a range from growing old.
    Telemetry(telemetry::Telemetry),
    /// Import what another program wrote: logs of values (CSV of Torque, Car Scanner and others, CAN logs by a DBC file) and
    /// service histories (LubeLogger, Fleetio, any table with days).
    #[command(after_help = EXAMPLES_IMPORT)]
    Import(Box<import::Import>),
    /// List what was imported, newest first, show one, or take one back.
    Imports(import::Imports),
    /// Export a vehicle, its values, the fleet or one customer's data.
    #[command(after_help = EXAMPLES_EXPORT)]
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
    #[command(args_conflicts_with_subcommands = true, after_help = BACKUP)]
    Backup(backup::Backup),
    /// Put a backup in the place of what is there, of which a backup is made first.
    #[command(after_help = RESTORE)]
    Restore(backup::Restore),
    /// Messages about alerts: what waits, was sent or was given up, newest first.
    Outbox(outbox::Outbox),
    /// Say who is told of alerts and how, or change it.
    #[command(after_help = NOTIFY)]
    Notify(outbox::Notify),
    /// List what happened, newest first.
    #[command(after_help = TIMELINE)]
    Timeline(workers::Timeline),
    /// Tell a story from the raw reading to the sent message, each step with the one that led to it.
    #[command(after_help = TRACE)]
    Trace(workers::Trace),
    /// List the workers with what each does just now, pause one, or see to what they gave up on.
    #[command(after_help = WORKERS)]
    Workers(workers::Workers),
    /// Serve the interface to a browser on this machine.
    Serve(Serve),
    /// Run a simulated adapter with a vehicle for other programs to connect to.
    #[command(after_help = SIM)]
    Sim(Sim),
    /// Say what trouble codes mean, as far as that is certain without knowing the maker.
    #[command(after_help = EXPLAIN)]
    Explain {
        /// Codes, as in P0301, or with a failure type as in P0301-11.
        #[arg(required_unless_present = "counts", value_name = "CODE")]
        codes: Vec<String>,
        /// How many codes of each letter the standard defines, and how many of them have a title here.
        #[arg(long, conflicts_with = "codes")]
        counts: bool,
    },
    /// Say what a vehicle identification number says by itself, offline.
    #[command(after_help = VIN)]
    Vin {
        /// 17 characters; blanks and lower case are accepted.
        vin: String,
    },
    /// Decode payloads: one JSON object per line in, one per line out.
    #[command(after_help = DECODE)]
    Decode,
    /// Put an adapter's answer to one request together, up to the prompt or the end of input.
    #[command(after_help = ASSEMBLE)]
    Assemble(Assemble),
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

const BACKUP: &str = "\
Examples:
  roadworthy backup
  roadworthy backup --to /media/usb/backups
  roadworthy backup list
  roadworthy backup verify 2026-11-20T18-00-00Z

Backups are made by themselves too, while a program of Roadworthy is open; the settings say how often, where, and which
are kept.";

const RESTORE: &str = "\
Examples:
  roadworthy restore 2026-11-20T18-00-00Z --yes
  roadworthy restore /media/usb/backups/2026-11-20T18-00-00Z --yes

The backup is verified first. Where the database cannot be opened, it is put aside and the backup takes its place.";

const TIMELINE: &str = "\
Examples:
  roadworthy timeline
  roadworthy timeline --vehicle \"AB 123\" --group alerts --group messages
  roadworthy timeline --from 2026-11-01 --to 2026-12-01 -n 500
  roadworthy timeline --before 1234";

const TRACE: &str = "\
Examples:
  roadworthy trace 01a1fed0-f68a-7c20-bd3f-78c51cc021e2
  roadworthy trace code/P0301/7E8

`check`, `alerts`, `decisions`, `recordings`, `outbox` and `timeline` print ids or give them with --json.";

const WORKERS: &str = "\
Examples:
  roadworthy workers
  roadworthy workers pause notification
  roadworthy workers dead
  roadworthy workers dead retry diagnosis 1234";

const EXPLAIN: &str = "\
Examples:
  roadworthy explain P0301 p0420 \"U 0100\"
  roadworthy explain P0301-11 --json
  roadworthy explain --counts

A code of a range that the maker defines never has a title here. Titles of chassis (C) and body (B) codes are the
standard's; the maker may differ.";

const VIN: &str = "\
Example:
  roadworthy vin 1RWTEST0XX0000001

What is not certain is not said. Position 9 is judged only where the market demands a check digit: North America, China.";

const DECODE: &str = "\
Example:
  echo '{\"id\":\"a\",\"payload\":\"410C1AF8\"}' | roadworthy decode

Fields of a line: id, payload (hex, service byte first); optional bus (can or legacy), protocol (uds), request, ecu.
A line that cannot be decoded gives an error object in its place.";

const NOTIFY: &str = "\
Examples:
  roadworthy notify
  roadworthy notify --from act-now --desktop off
  roadworthy notify --mail-server mail.example.org --mail-user workshop --mail-from workshop@example.org \\
      --mail-to technician@example.org --mail-password < password.txt
  roadworthy outbox try mail";

const SIM: &str = "\
Examples:
  roadworthy sim
  roadworthy sim 'misfire?speed=10' --tcp 127.0.0.1:35000
  roadworthy sim --vehicle-file my-van.toml --options key=on --pty

docs/simulator.md lists the vehicles and options, and describes the file.";

const SIM_ADAPTERS: &str = "\
Examples:
  roadworthy sim adapters
  roadworthy sim adapters --check
  roadworthy sim adapters late-answers crlf --check --json
  roadworthy sim adapters --profiles my-adapters --check

docs/adapters.md describes the file of a profile.";

const ASSEMBLE: &str = "\
Example:
  printf '7E8 04 41 0C 1A F8 \\r\\r>' | roadworthy assemble --protocol 6

Protocols are numbered as ELM327 numbers them: 1 and 2 J1850, 3 ISO 9141-2, 4 and 5 ISO 14230-4, 6 to 9 ISO 15765-4,
A SAE J1939, B and C user CAN.";

#[derive(Debug, Args)]
pub(crate) struct Check {
    /// Where the adapter is (see `roadworthy --help`).
    #[arg(long, short)]
    pub(crate) port: String,
    /// Whose check it is when the vehicle gives no VIN: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    /// Speed of a serial port in bit/s; tried out where it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Clear {
    /// Where the adapter is (see `roadworthy --help`).
    pub(crate) port: String,
    /// The vehicle on that port: id, VIN or plate. Nothing is cleared on another.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: String,
    /// Why, in a few words; kept as a note.
    #[arg(long)]
    pub(crate) reason: String,
    /// Confirm without being asked.
    #[arg(long)]
    pub(crate) yes_clear: bool,
    /// Speed of a serial port in bit/s; tried out where it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Replay {
    /// The recording.
    pub(crate) file: PathBuf,
    /// Store the check as a visit, as `check` does.
    #[arg(long)]
    pub(crate) keep: bool,
    /// Whose check it is when the vehicle gave no VIN: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE", requires = "keep")]
    pub(crate) vehicle: Option<String>,
    /// List every request with each ECU's reply decoded instead; with --json one object per line.
    #[arg(long, conflicts_with = "keep")]
    pub(crate) decode: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Live {
    /// Where the adapter is (see `roadworthy --help`).
    #[arg(long, short)]
    pub(crate) port: String,
    /// Set of signals, as in Engine; --list shows them.
    #[arg(long, value_name = "NAME", conflicts_with = "signal")]
    pub(crate) preset: Option<String>,
    /// Signal by name or id; may be given several times.
    #[arg(long, value_name = "NAME")]
    pub(crate) signal: Vec<String>,
    /// End after so many seconds of reading.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) seconds: Option<u32>,
    /// Record what is read.
    #[arg(long)]
    pub(crate) record: bool,
    /// Record, and write it as CSV with one row per sample; - for standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) csv: Option<PathBuf>,
    /// Replace the file if it is there.
    #[arg(long, requires = "csv")]
    pub(crate) force: bool,
    /// Show what passes between this machine and the adapter, line by line, in place of values.
    #[arg(long, conflicts_with = "list")]
    pub(crate) raw: bool,
    /// Only list the signals that the vehicle has, and the presets.
    #[arg(long, conflicts_with_all = ["seconds", "record", "csv", "signal", "preset"])]
    pub(crate) list: bool,
    /// Whose values they are when the vehicle gives no VIN: id, VIN or plate.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    /// Speed of a serial port in bit/s; tried out where it is not given.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(300..=4_000_000))]
    pub(crate) baud: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Recordings {
    /// Only those of this vehicle.
    #[arg(long, value_name = "ID|VIN|PLATE")]
    pub(crate) vehicle: Option<String>,
    #[command(subcommand)]
    pub(crate) command: Option<RecordingsCommand>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RecordingsCommand {
    /// Write a recording as CSV.
    Export(RecordingExport),
}

#[derive(Debug, Args)]
pub(crate) struct RecordingExport {
    /// Id, as `recordings` prints it.
    pub(crate) recording: String,
    /// One row per sample, or one column per signal.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) layout: Layout,
    /// File to write; - for standard output.
    #[arg(long, short, value_name = "FILE.csv")]
    pub(crate) output: PathBuf,
    /// Replace the file if it is there.
    #[arg(long)]
    pub(crate) force: bool,
}

/// The contract's layouts, as typed.
#[derive(Clone, Copy, Debug, Default, clap::ValueEnum)]
pub(crate) enum Layout {
    /// One row per sample.
    #[default]
    Long,
    /// One row per moment, one column per signal.
    Wide,
}

impl From<Layout> for roadworthy_api::live::CsvLayout {
    fn from(layout: Layout) -> Self {
        match layout {
            Layout::Long => Self::Long,
            Layout::Wide => Self::Wide,
        }
    }
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

#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Sim {
    #[command(subcommand)]
    pub(crate) command: Option<SimCommand>,
    /// Listen for TCP connections here; this is the default, at a free port of 127.0.0.1.
    #[arg(long, value_name = "ADDR", conflicts_with = "pty")]
    pub(crate) tcp: Option<String>,
    /// Make a pseudo-terminal instead.
    #[arg(long)]
    pub(crate) pty: bool,
    /// The vehicle, with options as in `misfire?key=on&speed=10` (see `roadworthy --help`).
    #[arg(default_value = "petrol", value_name = "NAME[?OPTIONS]", conflicts_with_all = ["vehicle", "vehicle_file"])]
    pub(crate) name: String,
    /// The same.
    #[arg(long, value_name = "NAME[?OPTIONS]", hide = true, conflicts_with = "vehicle_file")]
    pub(crate) vehicle: Option<String>,
    /// A vehicle of your own; docs/simulator.md describes the file.
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) vehicle_file: Option<PathBuf>,
    /// Options for --vehicle-file, as in `key=on&speed=10`.
    #[arg(long, value_name = "OPTIONS", requires = "vehicle_file")]
    pub(crate) options: Option<String>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum SimCommand {
    /// Adapters that misbehave: list them, or play a whole check on each.
    #[command(after_help = SIM_ADAPTERS)]
    Adapters(SimAdapters),
}

#[derive(Debug, Args)]
pub(crate) struct SimAdapters {
    /// Only these.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// The .toml files of this folder in place of those that ship.
    #[arg(long, value_name = "DIR")]
    pub(crate) profiles: Option<PathBuf>,
    /// Play a check on each; exit code 1 when one is not as its profile says, or gives a wrong value.
    #[arg(long)]
    pub(crate) check: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Assemble {
    /// Number of the protocol, 1 to C.
    #[arg(long, value_name = "N", required_unless_present = "frames")]
    pub(crate) protocol: Option<char>,
    /// The answer was given with headers off.
    #[arg(long)]
    pub(crate) no_headers: bool,
    /// Read lines of candump instead, whole, console form or log form.
    #[arg(long, conflicts_with = "no_headers")]
    pub(crate) frames: bool,
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
