//! Why a payload yields no value.

use roadworthy_api::{Code, Error};
use std::fmt;

/// Why a payload yields no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// No bytes.
    Empty,
    /// The first byte is not a reply's: it is below `0x40`.
    NotAReply(u8),
    /// A reply to a service that this decoder does not read.
    Service(u8),
    /// A reply to a UDS service, but the caller did not say UDS; on KWP the number means something else.
    UdsNotAllowed(u8),
    /// A service that CAN does not have (05).
    OnlyLegacy(u8),
    /// It answers another request than the given one.
    OtherRequest,
    /// Something has another length than its standard says.
    Length {
        /// What.
        what: &'static str,
        /// Bytes the standard says; the smallest where it allows several.
        expected: usize,
        /// Bytes there are.
        got: usize,
    },
    /// A parameter has another length than its standard says, or bytes are left that are no parameter.
    PidLength {
        /// The parameter.
        pid: u16,
    },
    /// One of several parameters has no published length, so nobody can tell where the next begins.
    UnknownLength {
        /// The parameter.
        pid: u16,
    },
    /// The parameters of a reply can be told apart in more than one way.
    Ambiguous,
    /// The same parameter twice.
    Twice {
        /// The parameter.
        pid: u16,
    },
    /// A value that the standard reserves or forbids.
    Illegal {
        /// The parameter.
        pid: u16,
        /// The value as sent.
        value: u32,
    },
    /// The count byte does not fit the bytes that follow.
    Count {
        /// Entries the count byte says.
        said: usize,
        /// Bytes that follow.
        bytes: usize,
    },
    /// A list names an item that its bitmap excludes, or a frame number differs within one reply.
    Inconsistent,
    /// Text with bytes that are not printable ASCII.
    NotText,
    /// Text or number of which every byte is padding: the ECU was never programmed with it.
    NotProgrammed,
    /// Lines of a legacy reply are missing, doubled or out of order.
    Sequence,
    /// Trouble codes in a format other than that of SAE J2012-DA with a failure type (04).
    CodeFormat(u8),
    /// A negative response code that no standard allows.
    BadNrc(u8),
    /// A sub-function of a UDS service that this decoder does not read.
    SubFunction {
        /// Service.
        service: u8,
        /// Sub-function.
        sub: u8,
    },
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Empty => write!(f, "The payload has no bytes."),
            Self::NotAReply(b) => write!(f, "{b:02X} starts a request, not a reply."),
            Self::Service(s) => write!(f, "Replies of service {s:02X} are not read by this version."),
            Self::UdsNotAllowed(s) => write!(f, "Service {s:02X} exists only in UDS."),
            Self::OnlyLegacy(s) => write!(f, "Service {s:02X} does not exist on CAN."),
            Self::OtherRequest => write!(f, "It answers another request than the given one."),
            Self::Length { what, expected, got } => {
                write!(f, "A reply of {what} has {expected} bytes; this has {got}.")
            }
            Self::PidLength { pid } => write!(f, "The bytes do not fit the length of parameter {pid:02X}."),
            Self::UnknownLength { pid } => {
                write!(f, "Parameter {pid:02X} has no published length, so the others cannot be told from it.")
            }
            Self::Ambiguous => write!(f, "The parameters of the reply can be told apart in more than one way."),
            Self::Twice { pid } => write!(f, "Parameter {pid:02X} is there twice."),
            Self::Illegal { pid, value } => {
                write!(f, "The standard does not allow {value:02X} for parameter {pid:02X}.")
            }
            Self::Count { said, bytes } => write!(f, "The count says {said}, but {bytes} bytes follow."),
            Self::Inconsistent => write!(f, "Parts of the reply contradict each other."),
            Self::NotText => write!(f, "The text has bytes that are not printable."),
            Self::NotProgrammed => write!(f, "The ECU holds only padding there."),
            Self::Sequence => write!(f, "Lines of the reply are missing, doubled or out of order."),
            Self::CodeFormat(id) => write!(f, "Trouble codes of format {id:02X} are not read by this version."),
            Self::BadNrc(code) => write!(f, "{code:02X} is no negative response code."),
            Self::SubFunction { service, sub } => {
                write!(f, "Sub-function {sub:02X} of service {service:02X} is not read by this version.")
            }
        }
    }
}

impl std::error::Error for DecodeError {}

impl DecodeError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::UdsNotAllowed(_) => "Say \"protocol\":\"uds\" if it is UDS.",
            Self::OtherRequest => "Read it with the request it answers, or with none.",
            Self::OnlyLegacy(_) => "Say \"bus\":\"legacy\" if it came over J1850, ISO 9141 or KWP.",
            Self::Ambiguous | Self::UnknownLength { .. } => "Ask for the parameters one at a time.",
            Self::Service(_) | Self::SubFunction { .. } | Self::CodeFormat(_) => {
                "Keep the bytes: a later version may read them."
            }
            // Lists of the standard grow with its editions, and some ECUs say "not available" in their own way.
            Self::Illegal { .. } => "Keep the bytes: it may be of a newer edition, or mean that there is no value.",
            Self::NotProgrammed => "Take it from the vehicle's papers.",
            Self::Count { .. } => "Say \"bus\":\"legacy\" if it came over J1850, ISO 9141 or KWP; else ask again.",
            _ => "Ask again; if it stays, the adapter or the ECU garbles its replies.",
        }
    }
}

impl From<DecodeError> for Error {
    fn from(error: DecodeError) -> Self {
        Self::new(Code::Malformed, error.to_string()).hint(error.hint())
    }
}
