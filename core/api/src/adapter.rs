//! Adapters: what was measured of each, and what it is fit for.
//!
//! An adapter's own word (its version, its name) is kept and never trusted: clones repeat what they were told to say. A
//! [`Passport`] holds what it did when it was tried, once, without writing anything into it and with requests to the vehicle
//! that only read. What depends on the vehicle as well stands apart, in [`TriedOn`].

use crate::{Timestamp, id::AdapterId};
use serde::{Deserialize, Serialize};

/// What came of trying something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "proof", rename_all = "kebab-case")]
pub enum Proof {
    /// It was seen to work.
    Yes,
    /// It was seen to fail.
    No {
        /// How, in a sentence.
        why: String,
    },
    /// It could not be told.
    Unknown {
        /// Why not, in a sentence.
        why: String,
    },
}

impl Proof {
    /// Whether it was seen to work.
    pub fn yes(&self) -> bool {
        *self == Self::Yes
    }

    /// Why it is not a yes; empty for a yes.
    pub fn why(&self) -> &str {
        match self {
            Self::Yes => "",
            Self::No { why } | Self::Unknown { why } => why,
        }
    }
}

/// What an adapter is used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Purpose {
    /// Present values, over and over.
    LiveData,
    /// Trouble codes and freeze frames.
    Codes,
    /// On-board test results (service 06).
    Service06,
    /// Replies of more than one CAN frame (ISO 15765-2).
    IsoTp,
    /// Requests of ISO 14229 (UDS), which are longer and to one ECU.
    Uds,
}

impl Purpose {
    /// Every one, in the order shown.
    pub const ALL: [Self; 5] = [Self::LiveData, Self::Codes, Self::Service06, Self::IsoTp, Self::Uds];

    /// In words, as in `Live data`.
    pub fn label(self) -> &'static str {
        match self {
            Self::LiveData => "Live data",
            Self::Codes => "Trouble codes",
            Self::Service06 => "Test results (service 06)",
            Self::IsoTp => "Long replies (ISO-TP)",
            Self::Uds => "UDS",
        }
    }
}

/// Whether an adapter is fit for something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fitness {
    /// For what.
    pub purpose: Purpose,
    /// Whether, with the reason of each no.
    pub fit: Proof,
}

/// How an adapter was reset so that it came back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ResetKind {
    /// `ATZ`, the full one.
    Full,
    /// `ATWS`, without the self-test.
    Warm,
    /// `ATD`, settings back to their defaults.
    Defaults,
    /// It was only asked for its name.
    None,
}

/// What an adapter does with a digit behind a request that says how many frames are awaited.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "digit", rename_all = "kebab-case")]
pub enum CountDigit {
    /// It stops waiting when they are there.
    Honoured,
    /// It waits on as if the digit were not there.
    Ignored,
    /// It refuses such a request, or sends the digit to the vehicle.
    TakenAsData,
    /// It could not be told.
    Unknown {
        /// Why not, in a sentence.
        why: String,
    },
}

/// Whether an adapter understands one of its own commands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandTest {
    /// As sent, as in `ATCRA`.
    pub command: String,
    /// What it is for, in words.
    pub label: String,
    /// Version of the ELM327 that brought it, as in `1.4b`; `STN` for those of that family.
    pub since: String,
    /// `None`: no answer came, or it was not asked.
    pub understood: Option<bool>,
}

/// Chips of the STN family say more of themselves, and more truly, than an ELM327 can.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stn {
    /// Chip and firmware, as in `STN1110 v4.2.0` (`STI`).
    pub chip: String,
    /// Device, as in `OBDLink SX r4.2` (`STDI`), if it says.
    pub device: Option<String>,
    /// Maker (`STMFR`), if it says.
    pub maker: Option<String>,
    /// Serial number (`STSN`), if it says.
    pub serial: Option<String>,
}

/// What was tried with a vehicle, and is the vehicle's as much as the adapter's.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TriedOn {
    /// Name of the bus protocol.
    pub protocol: String,
    /// ECUs that answered.
    pub ecus: u32,
    /// Whether a request for several values at once brought the same as single ones. Used with this vehicle only.
    pub several_values: Proof,
    /// Milliseconds from a request to the last frame of its answer, where the adapter stops waiting then, else to the
    /// prompt.
    pub round_trip_ms: Option<f64>,
}

/// Everything measured of an adapter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passport {
    /// When.
    pub measured: Timestamp,
    /// Its own word, as in `ELM327 v1.5`.
    pub claims: String,
    /// What it calls its kind (`AT@1`), as in `OBDII to RS232 Interpreter`; empty where it does not say.
    pub describes: String,
    /// What an STN chip says; `None`: it is none.
    pub stn: Option<Stn>,
    /// How it was reset.
    pub reset: Option<ResetKind>,
    /// Milliseconds from one of its own commands to the prompt: the link and the adapter without a vehicle.
    pub latency_ms: Option<f64>,
    /// Characters per second in a long answer of its own.
    pub throughput: Option<f64>,
    /// Longest answer that arrived whole, in characters.
    pub longest: Option<u32>,
    /// Voltage at the connector in volts, if it measured a believable one.
    pub voltage: Option<f64>,
    /// It names the sender of each frame.
    pub headers: Proof,
    /// A request of three bytes reaches the vehicle whole.
    pub request_of_3: Proof,
    /// A request of seven bytes, the longest of one frame, reaches the vehicle whole.
    pub request_of_7: Proof,
    /// A reply of several frames arrives whole.
    pub long_reply: Proof,
    /// It tells an ECU to go on after the first frame of a long reply.
    pub flow_control: Proof,
    /// It holds a long answer without `BUFFER FULL`.
    pub buffer: Proof,
    /// What it does with a count of frames behind a request.
    pub count_digit: CountDigit,
    /// Its own commands, and which it understands.
    pub commands: Vec<CommandTest>,
    /// Why it is not what it says it is, in a sentence; `None`: nothing speaks against its word.
    pub counterfeit: Option<String>,
    /// What it cannot do, each in a sentence.
    pub cannot: Vec<String>,
    /// What it is fit for.
    pub fit: Vec<Fitness>,
    /// The vehicle it was tried with; `None`: none answered.
    pub tried_on: Option<TriedOn>,
}

impl Passport {
    /// How old it is at a time, in words, as in `measured 12 days ago`.
    pub fn age(&self, at: Timestamp) -> String {
        let minutes = at.saturating_sub(self.measured).max(0) / 60_000;
        let ago = |n: i64, unit: &str| format!("measured {n} {unit}{} ago", if n == 1 { "" } else { "s" });
        match minutes {
            0..=4 => "measured just now".into(),
            5..=119 => ago(minutes, "minute"),
            120..=2879 => ago(minutes / 60, "hour"),
            _ => ago(minutes / 1440, "day"),
        }
    }

    /// What it is not fit for, in words, as in `UDS`; empty where nothing speaks against it.
    pub fn unfit(&self) -> Vec<&'static str> {
        let no = self.fit.iter().filter(|f| matches!(f.fit, Proof::No { .. }));
        no.map(|f| f.purpose.label()).collect()
    }
}

/// An adapter that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AdapterRow {
    /// Its id: the same on every device that meets it.
    pub id: AdapterId,
    /// Name for people, as in `OBDLink SX r4.2` or `ELM327 v1.5 (clone)`.
    pub name: String,
    /// By what it is known again, in words, as in `its serial number`.
    pub known_by: String,
    /// Port on which it was measured last.
    pub port: String,
    /// When it was measured first.
    pub first: Timestamp,
    /// The newest passport.
    pub passport: Passport,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passport_says_how_old_it_is() {
        let passport = |measured| Passport {
            measured,
            claims: String::new(),
            describes: String::new(),
            stn: None,
            reset: None,
            latency_ms: None,
            throughput: None,
            longest: None,
            voltage: None,
            headers: Proof::Yes,
            request_of_3: Proof::Yes,
            request_of_7: Proof::Yes,
            long_reply: Proof::Yes,
            flow_control: Proof::Yes,
            buffer: Proof::Yes,
            count_digit: CountDigit::Ignored,
            commands: Vec::new(),
            counterfeit: None,
            cannot: Vec::new(),
            fit: Vec::new(),
            tried_on: None,
        };
        const MINUTE: Timestamp = 60_000;
        for (age, expect) in [
            (-5 * MINUTE, "measured just now"),
            (0, "measured just now"),
            (5 * MINUTE, "measured 5 minutes ago"),
            (130 * MINUTE, "measured 2 hours ago"),
            (3 * 1440 * MINUTE, "measured 3 days ago"),
        ] {
            assert_eq!(passport(10_000 * MINUTE - age).age(10_000 * MINUTE), expect);
        }
    }
}
