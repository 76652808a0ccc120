//! A link that broke while it was in use, in words that name what to look at.

use super::Port;
use roadworthy_api::{Code, Error};
use std::io::{self, ErrorKind};

/// The error to show; `port` is where the adapter was, if that is known.
pub(crate) fn lost(port: Option<&Port>, cause: &io::Error) -> Error {
    let (message, hint) = match port {
        Some(Port::Slcan { at, .. }) => return lost(Some(at), cause),
        // A device file goes away with the device.
        Some(Port::Serial(path)) if !path.exists() => (
            format!("The adapter was unplugged: there is no device {} any more.", path.display()),
            "Plug it in again and check again; it may have another port then.",
        ),
        Some(Port::Serial(path)) => (
            format!("The connection to the adapter on {} broke.", path.display()),
            "Check the plug and the cable, or the Bluetooth link, then check again.",
        ),
        Some(Port::Tcp { host, .. })
            if matches!(
                cause.kind(),
                ErrorKind::UnexpectedEof
                    | ErrorKind::ConnectionReset
                    | ErrorKind::ConnectionAborted
                    | ErrorKind::BrokenPipe
            ) =>
        {
            (
                format!("The adapter at {host} closed the connection."),
                "Check that it has power and that no other program connects to it, then check again.",
            )
        }
        Some(Port::Tcp { host, .. }) => (
            format!("The connection to the adapter at {host} broke."),
            "Check that this machine is still in the adapter's Wi-Fi network, then check again.",
        ),
        Some(Port::Bluetooth { .. } | Port::Ble(_)) => (
            "The Bluetooth connection to the adapter broke.".to_owned(),
            "Check that it has power and is within a few metres, and that no phone connects to it, then check again.",
        ),
        _ => (
            "The connection to the adapter broke.".to_owned(),
            "Check the plug, the cable or the Wi-Fi, then check again.",
        ),
    };
    Error::new(Code::LinkLost, message).hint(hint)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_to_lose_a_link_names_its_own_place() {
        let here = std::env::current_exe().unwrap().display().to_string();
        for (port, kind, message, hint) in [
            (
                "/dev/ttyUSB-gone",
                ErrorKind::UnexpectedEof,
                "there is no device /dev/ttyUSB-gone any more",
                "Plug it in",
            ),
            (here.as_str(), ErrorKind::Other, "The connection to the adapter on /", "cable"),
            ("tcp://192.0.2.1", ErrorKind::ConnectionReset, "192.0.2.1 closed the connection", "no other program"),
            ("tcp://192.0.2.1", ErrorKind::UnexpectedEof, "192.0.2.1 closed the connection", "power"),
            ("tcp://192.0.2.1", ErrorKind::TimedOut, "adapter at 192.0.2.1 broke", "Wi-Fi"),
            ("bt:00:1D:A5:68:98:8B", ErrorKind::ConnectionReset, "The Bluetooth connection", "within a few metres"),
            ("ble:00:1D:A5:68:98:8B", ErrorKind::UnexpectedEof, "The Bluetooth connection", "no phone"),
            ("sim:petrol", ErrorKind::UnexpectedEof, "The connection to the adapter broke.", "check again"),
        ] {
            let error = lost(port.parse().ok().as_ref(), &kind.into());
            assert_eq!(error.code, Code::LinkLost);
            assert!(error.message.contains(message) && error.hint.contains(hint), "{port}: {error}");
        }
    }
}
