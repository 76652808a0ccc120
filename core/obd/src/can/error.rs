//! What goes wrong between this machine and a CAN bus.

use super::BusError;
use crate::link;
use roadworthy_api::{Code, Error};
use std::{fmt, io};

/// Why a device that passes frames on does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CanError {
    /// The link to the device broke; its port knows more words for it.
    Gone(io::ErrorKind),
    /// An error that has its words already.
    Other(Error),
    /// There is no interface of this name.
    NoInterface(String),
    /// The interface was there and is gone: its adapter was pulled out.
    Unplugged(String),
    /// The interface is there and switched off.
    Down(String),
    /// The interface is set to send nothing.
    ListenOnly(String),
    /// The interface is set to classic frames, and CAN FD was asked of it.
    NoFd(String),
    /// The interface's controller has cut itself off from the bus.
    Off(String),
    /// This user may not use it.
    NoPermission(String),
    /// What answers is no adapter of this kind, or nothing answers.
    NotAnAdapter(String),
    /// It has no mode in which it only listens.
    NoListening,
    /// The adapter refuses a command.
    Refused(String),
    /// The device takes no more frames: nobody on the bus takes them from it.
    Full,
    /// The controller is off the bus, or close to it.
    Bus(BusError),
    /// A frame that cannot be: too long for its kind.
    Frame,
}

impl CanError {
    /// From an error of the operating system for the interface `name`.
    pub(crate) fn of_interface(name: &str, error: &io::Error) -> Self {
        match error.raw_os_error() {
            // ENODEV, ENXIO
            Some(19 | 6) => Self::NoInterface(name.into()),
            // ENETDOWN
            Some(100) => Self::Down(name.into()),
            // ENOBUFS
            Some(105) => Self::Full,
            // EPERM, EACCES
            Some(1 | 13) => Self::NoPermission(name.into()),
            _ => Self::Other(
                Error::new(Code::LinkLost, format!("The CAN interface {name} failed: {error}."))
                    .hint("Look at it with: ip -details link show, then check again."),
            ),
        }
    }
}

impl fmt::Display for CanError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Gone(_) => write!(f, "The connection to the CAN adapter broke."),
            Self::Other(error) => write!(f, "{}", error.message),
            Self::NoListening => write!(f, "The CAN adapter cannot listen without taking part."),
            Self::NoInterface(name) => write!(f, "There is no CAN interface {name}."),
            Self::Unplugged(name) => write!(f, "The CAN interface {name} is gone."),
            Self::Down(name) => write!(f, "The CAN interface {name} is switched off."),
            Self::ListenOnly(name) => write!(f, "The CAN interface {name} is set to listen only."),
            Self::NoFd(name) => write!(f, "The CAN interface {name} is not set to CAN FD."),
            Self::Off(name) => {
                write!(f, "The controller of the CAN interface {name} is off the bus after too many errors.")
            }
            Self::NoPermission(name) => write!(f, "This user may not use the CAN interface {name}."),
            Self::NotAnAdapter(what) => write!(f, "No CAN adapter answers there: {what}."),
            Self::Refused(what) => write!(f, "The CAN adapter refuses {what}."),
            Self::Full => write!(f, "The CAN interface takes no more frames: nobody on the bus acknowledges them."),
            Self::Bus(error) => write!(f, "The CAN bus has a fault: {error}."),
            Self::Frame => write!(f, "A CAN frame has at most 8 bytes, or one of the lengths of CAN FD."),
        }
    }
}

impl std::error::Error for CanError {}

impl From<CanError> for Error {
    fn from(error: CanError) -> Self {
        let (code, hint) = match &error {
            CanError::Other(error) => return error.clone(),
            CanError::Gone(kind) => return link::lost(None, &(*kind).into()),
            CanError::NoListening => (
                Code::AdapterFault,
                "Name the vehicle's bit rate, as in slcan:/dev/ttyACM0?bitrate=500000, since it cannot be found safely.".into(),
            ),
            CanError::NoInterface(_) => {
                (Code::NoAdapter, "Plug the adapter in and look what it is called with: ip link show.".to_owned())
            }
            CanError::Unplugged(_) => {
                (Code::LinkLost, "Plug the adapter in again, switch the interface on, and check again.".into())
            }
            // A virtual one has no bit rate, and refuses to be told one.
            CanError::Down(name) if name.starts_with('v') => {
                (Code::LinkLost, format!("Switch it on with: sudo ip link set {name} up."))
            }
            CanError::Down(name) => (
                Code::LinkLost,
                format!("Switch it on with: sudo ip link set {name} up type can bitrate 500000 (the vehicle's bit rate)."),
            ),
            CanError::ListenOnly(name) => (
                Code::AdapterFault,
                format!(
                    "Nothing can be asked that way. Change it with: sudo ip link set {name} down && sudo ip link set {name} up \
                     type can listen-only off."
                ),
            ),
            CanError::NoFd(name) if name.starts_with('v') => (
                Code::AdapterFault,
                format!("Leave fd out, or set it with: sudo ip link set {name} down && sudo ip link set {name} mtu 72 up."),
            ),
            CanError::NoFd(name) => (
                Code::AdapterFault,
                format!(
                    "Leave fd out, or set it with: sudo ip link set {name} down && sudo ip link set {name} up type can bitrate \
                     500000 dbitrate 2000000 fd on (the vehicle's bit rates)."
                ),
            ),
            CanError::Off(name) => (
                Code::AdapterFault,
                format!(
                    "Check the bit rate, the wires CAN high and CAN low, and the termination. Then take it back with: sudo ip \
                     link set {name} down && sudo ip link set {name} up type can restart-ms 100."
                ),
            ),
            CanError::NoPermission(_) => {
                (Code::NoPermission, "Allow this program network access of the kind CAP_NET_RAW, or run it outside a sandbox.".into())
            }
            CanError::NotAnAdapter(_) => {
                (Code::NotAnAdapter, "Pick the port of an SLCAN adapter; one of the ELM327 kind is written without slcan:.".into())
            }
            CanError::Refused(_) => (Code::AdapterFault, "Unplug the adapter, plug it in again, and check again.".into()),
            CanError::Full => {
                (Code::NoVehicle, "Check the plug and that the ignition is on, and that the bit rate is the vehicle's.".into())
            }
            CanError::Bus(_) => (
                Code::AdapterFault,
                "Check the bit rate, the wires CAN high and CAN low, and the termination, before anything more is sent.".into(),
            ),
            CanError::Frame => (Code::Internal, "Tell us what was asked.".into()),
        };
        Error::new(code, error.to_string()).hint(hint)
    }
}
