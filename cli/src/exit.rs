//! How a command ends.

use roadworthy_api::{Code, Error};
use std::{io, process::ExitCode};

/// Exit codes; `--help` lists them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    Good = 0,
    Failed = 1,
    Usage = 2,
    Port = 3,
    NoVehicle = 4,
    Partial = 5,
    Chain = 6,
    Cancelled = 130,
}

impl Exit {
    /// The exit code that stands for an error.
    pub(crate) fn of(code: Code) -> Self {
        match code {
            Code::BadRequest | Code::Invalid => Exit::Usage,
            Code::NoAdapter
            | Code::PortBusy
            | Code::NoPermission
            | Code::NotAnAdapter
            | Code::LinkLost
            | Code::Timeout
            | Code::AdapterFault => Exit::Port,
            Code::NoVehicle => Exit::NoVehicle,
            Code::ChainBroken => Exit::Chain,
            Code::Cancelled => Exit::Cancelled,
            Code::NotFound
            | Code::Conflict
            | Code::Forbidden
            | Code::Unauthorized
            | Code::NewerDatabase
            | Code::DatabaseUnusable
            | Code::DiskFull
            | Code::ReadOnly
            | Code::Keyring
            | Code::Malformed
            | Code::Internal
            | Code::Other => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

/// Why a command stopped before its end.
#[derive(Debug)]
pub(crate) enum Stop {
    /// To be said.
    Error(Error),
    /// Whoever read the output has gone; nothing is left to say and nobody to say it to.
    Quiet,
}

impl From<Error> for Stop {
    fn from(error: Error) -> Self {
        Stop::Error(error)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Stop::Quiet;
        }
        let code = if error.kind() == io::ErrorKind::StorageFull { Code::DiskFull } else { Code::ReadOnly };
        Stop::Error(
            Error::new(code, format!("The output cannot be written: {error}.")).hint("Write it to another place."),
        )
    }
}
