//! Why a frame cannot be used.

use super::Status;
use roadworthy_api::{Code, Error};
use std::fmt;

/// Why a frame cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameError {
    /// It holds something that is no hexadecimal digit.
    NotHex,
    /// Digits do not pair up to bytes: one was lost, so every byte after it is in doubt.
    OddDigits,
    /// Fewer bytes than the smallest frame has.
    TooShort,
    /// More bytes than the protocol's frames can have.
    TooLong,
    /// The id is larger than the protocol allows.
    BadId,
    /// It was sent by a tester, not by an ECU.
    FromTester,
    /// Its data starts below 40, so it is an echo or noise. Checked where no CAN id tells the sender.
    NotAReply,
    /// The first byte is no ISO 15765-2 frame type, or that type's fields are out of range.
    BadPci,
    /// The length field says more, or on KWP other, bytes than there are.
    Length {
        /// Bytes the field says.
        said: usize,
        /// Bytes there are.
        got: usize,
    },
    /// The checksum does not fit.
    Checksum {
        /// As computed.
        computed: u8,
        /// As received.
        received: u8,
    },
    /// A consecutive frame, or line of a legacy message, has another number than the one that is due.
    Sequence {
        /// The number that is due.
        due: u8,
        /// The number received.
        got: u8,
    },
    /// A consecutive frame without a first frame before it.
    NoFirstFrame,
    /// The message ended before all its bytes came.
    Incomplete {
        /// Bytes that the first frame announced; for a legacy message, lines due.
        announced: usize,
        /// Of those, how many came.
        got: usize,
    },
    /// A first frame announces a message longer than is taken from one ECU.
    Announced {
        /// Bytes.
        bytes: usize,
    },
    /// It carries no data: a remote frame asks for some.
    Remote,
    /// It is the controller's own word of a fault on the bus, not a frame of anybody.
    BusError,
    /// Sound in itself, but its message is broken.
    OfBrokenMessage,
    /// The same frame of the same ECU came before.
    Duplicate,
    /// Several messages are interleaved and, without headers, cannot be told apart.
    Interleaved,
    /// The adapter marks it as received with an error.
    Marked(Status),
    /// A status text is glued to its end, so it may be cut short.
    CutBy(Status),
    /// SAE J1939 messages are not read by this version.
    J1939,
}

impl fmt::Display for FrameError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotHex => write!(f, "it is not hexadecimal"),
            Self::OddDigits => write!(f, "its digits do not pair up to bytes"),
            Self::TooShort => write!(f, "it is too short for a frame"),
            Self::TooLong => write!(f, "it is longer than a frame can be"),
            Self::BadId => write!(f, "its id is too large for this protocol"),
            Self::FromTester => write!(f, "it was sent by a tester, not by an ECU"),
            Self::NotAReply => write!(f, "it starts like a request, not like a reply"),
            Self::BadPci => write!(f, "its first byte is no valid ISO 15765-2 frame type"),
            Self::Length { said, got } => write!(f, "its length field says {said} bytes, but there are {got}"),
            Self::Checksum { computed, received } => {
                write!(f, "its checksum is {received:02X}, but its bytes give {computed:02X}")
            }
            Self::Sequence { due, got } => write!(f, "number {due:X} was due, but it is number {got:X}"),
            Self::NoFirstFrame => write!(f, "it continues a message that never began"),
            Self::Incomplete { announced, got } => write!(f, "only {got} of its message's {announced} parts came"),
            Self::Announced { bytes } => write!(f, "it announces a message of {bytes} bytes, more than is taken"),
            Self::Remote => write!(f, "it is a remote frame, which carries no data"),
            Self::BusError => write!(f, "it reports a fault on the bus and is no frame of an ECU"),
            Self::OfBrokenMessage => write!(f, "its message is broken"),
            Self::Duplicate => write!(f, "the same ECU sent the same before"),
            Self::Interleaved => write!(f, "several messages are mixed and headers are off"),
            Self::Marked(status) => write!(f, "the adapter marks it with {status}"),
            Self::CutBy(status) => write!(f, "{status} follows in the same line, so it may be cut short"),
            Self::J1939 => write!(f, "J1939 messages are not read by this version"),
        }
    }
}

impl std::error::Error for FrameError {}

impl FrameError {
    /// What to do next.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Interleaved => "Turn headers on (AT H1) and ask again.",
            Self::BadId | Self::TooShort | Self::TooLong | Self::BadPci => {
                "Check that the protocol and the header setting are the adapter's."
            }
            Self::Duplicate | Self::FromTester | Self::NotAReply => "Nothing needs to be done.",
            Self::J1939 => "Keep the bytes: a later version may read them.",
            Self::CutBy(_) => "Wait for the prompt before sending, then ask again.",
            _ => "Ask again; if it stays, the adapter garbles what it receives.",
        }
    }

    /// In the contract's form, with the frame in its message.
    pub fn into_error(self, frame: &str) -> Error {
        Error::new(Code::Malformed, format!("The frame \"{frame}\" cannot be used: {self}.")).hint(self.hint())
    }
}
