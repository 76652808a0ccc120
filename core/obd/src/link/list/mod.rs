//! Ports of this machine, each with what stands in its way.
//!
//! Nothing is opened to find out: opening a serial port raises its control lines, which resets some adapters. On Linux
//! the answer comes from `/sys/class/tty` and `/sys/bus/usb` (what it is), the device node's owner (who may), `/proc` (who has
//! it), the system's Bluetooth service (what is paired) and `/sys/class/net` (CAN interfaces).

#[cfg(target_os = "linux")]
mod linux;
#[cfg(not(target_os = "linux"))]
mod other;

#[cfg(target_os = "linux")]
use linux as platform;
#[cfg(not(target_os = "linux"))]
use other as platform;

use super::{bluetooth, serial::Admitted};
use roadworthy_api::port::PortInfo;
use std::path::{Path, PathBuf};

/// Words in the names of adapters and of no other device that is known.
const NAMES: [&str; 11] =
    ["OBD", "ELM327", "VLINK", "V-LINK", "VGATE", "ICAR", "VIECAR", "VEEPEAK", "KONNWEI", "CARISTA", "STN11"];

/// Ports that could hold an adapter, the likely ones first: serial devices, paired Bluetooth devices, CAN interfaces, and entries
/// without a port that say what keeps an adapter from having one. Blocks for some milliseconds, for up to two seconds where the system's
/// Bluetooth service hangs. What must be called to be found is for [`super::scan`].
pub fn ports() -> Vec<PortInfo> {
    let mut ports = serial_ports();
    ports.extend(platform::without_port());
    ports.extend(bluetooth::ports());
    ports.extend(super::can_interfaces());
    ports.sort_by_key(|p| (p.likely.is_none(), p.problem.is_some()));
    ports
}

/// Serial ports that could hold an adapter, by name. Ports without hardware behind them are left out. Blocks for some
/// milliseconds.
pub fn serial_ports() -> Vec<PortInfo> {
    platform::serial_ports()
}

/// Why a device of this name is likely an adapter, if it is.
pub(crate) fn likely_by_name(name: &str) -> Option<String> {
    let name = name.to_ascii_uppercase();
    NAMES.iter().any(|n| name.contains(n)).then(|| "Its name is that of an adapter.".to_owned())
}

/// Name of another program that has the device open, as far as this user may see.
pub(super) fn holder(path: &Path) -> Option<String> {
    // `/proc` has the device's own name.
    platform::holder(&path.canonicalize().unwrap_or_else(|_| path.to_owned()))
}

/// The name under which the device is found again wherever it is plugged in, if it has one.
pub(super) fn stable_name(path: &Path) -> Option<PathBuf> {
    platform::stable_name(path)
}

/// Programs that run and try every serial device, one of which may hold what nobody is seen to hold.
pub(super) fn curious() -> Vec<&'static str> {
    platform::curious()
}

/// Whom the device lets in.
pub(super) fn admitted(path: &Path) -> Admitted {
    platform::admitted(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_adapter_is_known_by_its_name() {
        for (name, likely) in [
            ("OBDII", true),
            ("OBDLink MX+ 12345", true),
            ("Android-Vlink", true),
            ("IOS-Vlink", true),
            ("vgate iCar Pro", true),
            ("Headphones", false),
            ("USB Serial", false),
            ("", false),
        ] {
            assert_eq!(likely_by_name(name).is_some(), likely, "{name}");
        }
    }
}
