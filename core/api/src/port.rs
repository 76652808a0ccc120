//! Where adapters may be.

use crate::Error;
use serde::{Deserialize, Serialize};

/// How a port moves bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortKind {
    /// Serial device (USB, or Bluetooth bound to a device).
    Serial,
    /// TCP, as Wi-Fi adapters use.
    Tcp,
    /// A vehicle that does not exist.
    Simulated,
    /// A recorded dialogue.
    Replay,
    /// CAN frames, from an interface of the operating system or an SLCAN adapter.
    Can,
}

/// A port that could hold an adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortInfo {
    /// As given to a check: device path, `tcp://host:port`, `slcan:DEVICE`, `can:INTERFACE`, `sim:NAME`, `replay:FILE`.
    pub port: String,
    /// Kind.
    pub kind: PortKind,
    /// Name for people, as in `USB serial adapter (FTDI)`.
    pub name: String,
    /// Why it cannot be opened just now, if it cannot.
    pub problem: Option<Error>,
}
