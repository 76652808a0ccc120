//! How anything fails across a door: a code for programs, a message (the cause) and a hint (the next step) for people.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What went wrong, for programs. Written in kebab case; a code this build does not know reads as [`Code::Other`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Code {
    /// The request itself is not understood: unknown call, missing or mistyped argument.
    BadRequest,
    /// An argument is outside what is allowed.
    Invalid,
    /// What was named does not exist (any more).
    NotFound,
    /// It contradicts what is stored already.
    Conflict,
    /// The actor's role does not allow this call.
    Forbidden,
    /// No or a wrong token at the local door.
    Unauthorized,
    /// The work was cancelled by a person.
    Cancelled,
    /// No adapter at that address, or the address cannot be read.
    NoAdapter,
    /// Another program holds the port.
    PortBusy,
    /// The operating system refuses the port to this user.
    NoPermission,
    /// What answers does not speak an adapter's language.
    NotAnAdapter,
    /// The adapter answers, but no vehicle does.
    NoVehicle,
    /// The link broke while it was in use.
    LinkLost,
    /// No complete answer in time.
    Timeout,
    /// The adapter refused or garbled a command that is needed.
    AdapterFault,
    /// The database was written by a newer version.
    NewerDatabase,
    /// The database cannot be opened or is damaged.
    DatabaseUnusable,
    /// The disk is full.
    DiskFull,
    /// The file or folder cannot be written.
    ReadOnly,
    /// The journal does not verify.
    ChainBroken,
    /// A secret store (keyring) did not answer.
    Keyring,
    /// A message from a vehicle or file does not follow its standard.
    Malformed,
    /// A defect of Roadworthy itself.
    Internal,
    /// A code that this build does not know.
    #[serde(other)]
    Other,
}

/// A failure that may be shown: cause in `message`, next step in `hint`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Error {
    /// For programs.
    pub code: Code,
    /// The cause, in a sentence for people, without personal data.
    pub message: String,
    /// What to do next; empty where nothing can be done.
    #[serde(default)]
    pub hint: String,
}

/// The contract's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A failure with its cause; add the next step with [`Error::hint`].
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: String::new() }
    }

    /// The same failure with the next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = hint.into();
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.hint.is_empty() {
            write!(f, " {}", self.hint)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}
