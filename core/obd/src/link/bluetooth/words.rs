//! Why a Bluetooth adapter cannot be reached, in words that name the next step.

use super::{BluetoothAddress, dial::Failed};
use roadworthy_api::{Code, Error};
use std::io::ErrorKind;

/// Whether this machine has a Bluetooth radio, and whether it is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Radio {
    /// There is one, and nothing known keeps it from working.
    On,
    /// Switched off by software, as by a flight mode.
    Blocked,
    /// Switched off by a key or a switch of the machine.
    HardBlocked,
    /// The system has it, but switched off.
    Off,
    /// There is none.
    Absent,
}

/// A device that the system's Bluetooth service knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Device {
    pub(super) address: BluetoothAddress,
    pub(super) name: String,
    pub(super) paired: bool,
    /// Whether it says that it has a serial port; `None`: it has not said what it has.
    pub(super) serial: Option<bool>,
}

/// What the system's Bluetooth service says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Known {
    /// Whether any radio is switched on; `None`: it has none.
    pub(super) powered: Option<bool>,
    pub(super) devices: Vec<Device>,
}

/// What is known when a call fails.
pub(super) struct Scene<'a> {
    pub(super) radio: Radio,
    /// `None`: the service does not run.
    pub(super) known: Option<&'a Known>,
}

/// What keeps Bluetooth as a whole from working.
pub(super) fn radio(radio: Radio, known: Option<&Known>) -> Option<Error> {
    let off = |message: &str, hint: &str| Some(Error::new(Code::NoAdapter, message).hint(hint));
    match (radio, known) {
        (Radio::Absent, _) => off(
            "This machine has no Bluetooth radio.",
            "Plug in a Bluetooth stick, or use an adapter with a cable or Wi-Fi.",
        ),
        (Radio::HardBlocked, _) => {
            off("Bluetooth is switched off by a key or a switch of this machine.", "Switch it on there.")
        }
        (Radio::Blocked, _) => off(
            "Bluetooth is switched off, as by flight mode.",
            "Run `rfkill unblock bluetooth`, or switch it on in the system's settings.",
        ),
        (Radio::Off, _) | (Radio::On, Some(Known { powered: Some(false) | None, .. })) => {
            off("Bluetooth is switched off.", "Run `bluetoothctl power on`, or switch it on in the system's settings.")
        }
        (Radio::On, None) => off(
            "The system's Bluetooth service does not run.",
            "Run `sudo systemctl enable --now bluetooth`; Debian's package is called bluez.",
        ),
        (Radio::On, Some(_)) => None,
    }
}

/// Puts a failed call into words. [`Code::NoAdapter`] (no radio, off, out of reach, no serial port), [`Code::NoPermission`]
/// (not paired, or the system does not let this user), [`Code::PortBusy`].
pub(super) fn explain(address: BluetoothAddress, failed: &Failed, scene: &Scene<'_>) -> Error {
    let cause = &failed.cause;
    // Of Linux: what the standard library has no name for.
    match cause.raw_os_error() {
        // EAFNOSUPPORT, EPROTONOSUPPORT
        Some(97) => {
            return Error::new(Code::NoAdapter, "This system's kernel has no Bluetooth.")
                .hint("Run `sudo modprobe bluetooth rfcomm`; inside a container or a virtual machine Bluetooth is not passed through.");
        }
        Some(93) => {
            return Error::new(Code::NoAdapter, "This system's kernel has no Bluetooth serial ports (RFCOMM).")
                .hint("Run `sudo modprobe rfcomm`.");
        }
        _ => {}
    }
    let device = scene.known.and_then(|k| k.devices.iter().find(|d| d.address == address));
    let name = device.map_or_else(|| address.to_string(), |d| format!("{} ({address})", d.name));
    let busy = matches!(cause.kind(), ErrorKind::ResourceBusy | ErrorKind::AddrInUse);
    if busy {
        return Error::new(Code::PortBusy, format!("{name} is connected to another program."))
            .hint("Close that program, wait two seconds, and try again. An adapter takes one at a time.");
    }
    if let Some(error) = radio(scene.radio, scene.known).filter(|_| scene.radio != Radio::On || scene.known.is_some()) {
        return error;
    }
    // EACCES after a failed handshake, EBADE without a PIN.
    let refused = matches!(cause.kind(), ErrorKind::PermissionDenied) || cause.raw_os_error() == Some(52);
    if refused || device.is_some_and(|d| !d.paired) || (scene.known.is_some() && device.is_none()) {
        return Error::new(Code::NoPermission, format!("{name} is not paired with this machine."))
            .hint("Pair it in the system's Bluetooth settings while it has power; its PIN is usually 1234 or 0000. Then try again.");
    }
    match (cause.kind(), failed.named) {
        (ErrorKind::ConnectionRefused, Some(channel)) => {
            Error::new(Code::NoAdapter, format!("{name} refuses channel {channel}."))
                .hint(format!("Write bt:{address} without a channel to have it looked for."))
        }
        (ErrorKind::ConnectionRefused, None) => {
            Error::new(Code::NoAdapter, format!("{name} has no serial port that it would open."))
                .hint("Close other programs and phones that are connected to it. A Bluetooth LE adapter is written as ble: and its address.")
        }
        // EHOSTDOWN has no name in the standard library.
        (ErrorKind::HostUnreachable | ErrorKind::TimedOut | ErrorKind::NetworkUnreachable, _) => out_of_reach(&name),
        _ if matches!(cause.raw_os_error(), Some(112 | 113 | 110)) => out_of_reach(&name),
        _ => Error::new(Code::NoAdapter, format!("{name} cannot be reached over Bluetooth: {cause}."))
            .hint("Unplug the adapter, plug it in again, wait five seconds, and try again."),
    }
}

fn out_of_reach(name: &str) -> Error {
    Error::new(Code::NoAdapter, format!("{name} does not answer over Bluetooth."))
        .hint("Check that it sits in the vehicle's connector with its light on, that it is within a few metres, and that no phone holds it.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io;

    const CAR: BluetoothAddress = BluetoothAddress([0x00, 0x1D, 0xA5, 0x68, 0x98, 0x8B]);

    fn known(paired: bool) -> Known {
        Known {
            powered: Some(true),
            devices: vec![Device { address: CAR, name: "OBDII".into(), paired, serial: Some(true) }],
        }
    }

    #[test]
    fn each_way_not_to_reach_it_names_its_next_step() {
        let (paired, unpaired) = (known(true), known(false));
        let nobody = Known { powered: Some(true), devices: vec![] };
        let off = Known { powered: Some(false), ..known(true) };
        let os = io::Error::from_raw_os_error;
        let kind = |k: ErrorKind| io::Error::from(k);
        for (cause, named, radio, known, code, message, hint) in [
            (os(97), None, Radio::On, None, Code::NoAdapter, "kernel has no Bluetooth.", "modprobe bluetooth"),
            (os(93), None, Radio::On, None, Code::NoAdapter, "(RFCOMM)", "modprobe rfcomm"),
            (os(113), None, Radio::Absent, None, Code::NoAdapter, "no Bluetooth radio", "stick"),
            (os(113), None, Radio::Blocked, Some(&paired), Code::NoAdapter, "flight mode", "rfkill unblock bluetooth"),
            (os(113), None, Radio::HardBlocked, Some(&paired), Code::NoAdapter, "switch of this machine", "there"),
            (os(113), None, Radio::Off, Some(&paired), Code::NoAdapter, "switched off", "bluetoothctl power on"),
            (os(113), None, Radio::On, Some(&off), Code::NoAdapter, "switched off", "bluetoothctl power on"),
            (
                os(112),
                None,
                Radio::On,
                Some(&paired),
                Code::NoAdapter,
                "OBDII (00:1D:A5:68:98:8B) does not answer",
                "light on",
            ),
            (
                kind(ErrorKind::TimedOut),
                None,
                Radio::On,
                Some(&paired),
                Code::NoAdapter,
                "does not answer",
                "few metres",
            ),
            (os(112), None, Radio::On, None, Code::NoAdapter, "00:1D:A5:68:98:8B does not answer", "light on"),
            (
                os(112),
                None,
                Radio::On,
                Some(&unpaired),
                Code::NoPermission,
                "OBDII (00:1D:A5:68:98:8B) is not paired",
                "1234 or 0000",
            ),
            (os(112), None, Radio::On, Some(&nobody), Code::NoPermission, "is not paired", "1234 or 0000"),
            (os(13), None, Radio::On, None, Code::NoPermission, "is not paired", "1234 or 0000"),
            (os(52), None, Radio::On, None, Code::NoPermission, "is not paired", "1234 or 0000"),
            (os(16), None, Radio::On, Some(&paired), Code::PortBusy, "another program", "two seconds"),
            (os(111), Some(4), Radio::On, Some(&paired), Code::NoAdapter, "refuses channel 4", "without a channel"),
            (os(111), None, Radio::On, Some(&paired), Code::NoAdapter, "no serial port", "ble:"),
            (
                os(5),
                None,
                Radio::On,
                Some(&paired),
                Code::NoAdapter,
                "cannot be reached over Bluetooth",
                "plug it in again",
            ),
        ] {
            let said = format!("{cause:?} {radio:?}");
            let error = explain(CAR, &Failed { cause, named }, &Scene { radio, known });
            assert_eq!(error.code, code, "{said}: {error}");
            assert!(error.message.contains(message) && error.hint.contains(hint), "{said}: {error}");
        }
        let error = radio(Radio::On, None).unwrap();
        assert!(error.hint.contains("systemctl enable --now bluetooth"), "{error}");
        assert_eq!(radio(Radio::On, Some(&paired)), None);
    }
}
