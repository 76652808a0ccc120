//! Where adapters may be.

use crate::Error;
use serde::{Deserialize, Serialize};

/// How a port moves bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortKind {
    /// Serial device (USB, or Bluetooth bound to a device).
    Serial,
    /// Bluetooth classic, without a device.
    Bluetooth,
    /// Bluetooth LE.
    Ble,
    /// TCP, as Wi-Fi adapters use.
    Tcp,
    /// A CAN interface of this machine, or one behind a serial device.
    Can,
    /// A vehicle that does not exist.
    Simulated,
    /// A recorded dialogue.
    Replay,
}

/// A port that could hold an adapter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortInfo {
    /// As given to a check: device path, `bt:ADDRESS`, `ble:ADDRESS`, `tcp://host:port`, `slcan:DEVICE`, `can:INTERFACE`, `sim:NAME`,
    /// `replay:FILE`. Empty where there is nothing to open and only [`PortInfo::problem`] to know, as for a radio that is switched
    /// off.
    pub port: String,
    /// Kind.
    pub kind: PortKind,
    /// Name for people, as in `USB serial adapter (FTDI)`.
    pub name: String,
    /// What else tells it from others, as in `CH340 chip, serial number 5`; may be empty.
    #[serde(default)]
    pub detail: String,
    /// Why an adapter is likely to be there, as in `its name says OBD`; `None`: nothing says so.
    #[serde(default)]
    pub likely: Option<String>,
    /// Why it cannot be opened just now, if it cannot.
    pub problem: Option<Error>,
}

impl PortInfo {
    /// A port of which no more is known than its name.
    pub fn new(port: impl Into<String>, kind: PortKind, name: impl Into<String>) -> Self {
        let (port, name) = (port.into(), name.into());
        Self { port, kind, name, detail: String::new(), likely: None, problem: None }
    }
}
