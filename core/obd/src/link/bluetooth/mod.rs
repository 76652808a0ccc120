//! Bluetooth classic: the serial port profile, which most older adapters speak.
//!
//! On Linux an adapter is reached at `bt:AA:BB:CC:DD:EE:FF` over RFCOMM without a device file; it must be paired in the
//! system's settings first, since only the system may ask for its PIN. On Windows and macOS the system makes a serial port
//! of a paired adapter, and that is what is opened there.
//!
//! Rooms: `address`; `dial` finds the channel; `words` says why it failed; `bluez` asks the system's Bluetooth service what
//! is paired; `radio` reads from sysfs whether there is a radio that is on.

mod address;
#[cfg(target_os = "linux")]
mod bluez;
#[cfg(target_os = "linux")]
mod dial;
#[cfg(target_os = "linux")]
mod radio;
#[cfg(target_os = "linux")]
mod words;

pub use address::BluetoothAddress;

use super::BoxLink;
#[cfg(any(test, not(target_os = "linux")))]
use roadworthy_api::Code;
use roadworthy_api::{Error, port::PortInfo};

/// Connects to the serial port of a paired adapter.
///
/// # Errors
/// As [`words::explain`] says them.
#[cfg(target_os = "linux")]
pub(super) async fn open(address: BluetoothAddress, channel: Option<u8>) -> Result<BoxLink, Error> {
    match dial::find(&dial::Rfcomm, address, channel).await {
        Ok(link) => Ok(link),
        Err(failed) => {
            let known = bluez::ask().await;
            Err(words::explain(address, &failed, &words::Scene { radio: radio::state(), known: known.as_ref() }))
        }
    }
}

/// Connects to the serial port of a paired adapter.
///
/// # Errors
/// Always: here the system makes a serial port of it.
#[cfg(not(target_os = "linux"))]
pub(super) async fn open(address: BluetoothAddress, _: Option<u8>) -> Result<BoxLink, Error> {
    Err(elsewhere(address))
}

/// Paired devices that may be adapters, and what keeps Bluetooth from working. Blocks for up to two seconds.
pub(super) fn ports() -> Vec<PortInfo> {
    #[cfg(target_os = "linux")]
    return bluez::ports();
    #[cfg(not(target_os = "linux"))]
    return Vec::new();
}

/// Where the system has no way to open a serial port by its address.
#[cfg(any(test, not(target_os = "linux")))]
fn elsewhere(address: BluetoothAddress) -> Error {
    Error::new(Code::Invalid, format!("bt:{address} can be opened on Linux only.")).hint(
        "Pair the adapter in the system's Bluetooth settings, PIN 1234 or 0000; the system makes a serial port of it. Open that one: on Windows the outgoing COM port, on macOS the one below /dev/cu.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_systems_have_a_serial_port_of_a_paired_adapter() {
        let error = elsewhere(BluetoothAddress([0, 0x1D, 0xA5, 0x68, 0x98, 0x8B]));
        assert!(error.hint.contains("COM port") && error.hint.contains("/dev/cu"), "{error}");
    }
}
