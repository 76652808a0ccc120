//! Ports as people write them.

use super::bluetooth::BluetoothAddress;
use crate::can::DataRate;
use roadworthy_api::{Code, Error, port::PortKind};
use std::{fmt, path::PathBuf, str::FromStr};

/// The port that Wi-Fi adapters listen on when the address does not name one.
const WIFI_PORT: u16 = 35000;

/// Where an adapter is. Written as a device path, `bt:ADDRESS`, `ble:ADDRESS`, `tcp://host:port`, `slcan:DEVICE`,
/// `can:INTERFACE`, `sim:NAME` or `replay:FILE`; what [`fmt::Display`] writes, [`FromStr`] reads back as the same port.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Port {
    /// A serial device, as in `/dev/ttyUSB0` or `COM5`.
    Serial(PathBuf),
    /// A paired Bluetooth adapter with a serial port, as in `bt:00:1D:A5:68:98:8B` or `bt:00:1D:A5:68:98:8B?channel=2`.
    Bluetooth {
        /// Whose.
        address: BluetoothAddress,
        /// RFCOMM channel, 1 to 30; looked for when none is named.
        channel: Option<u8>,
    },
    /// A Bluetooth LE adapter by its address, or on macOS by the identifier that the system gives it.
    Ble(String),
    /// A network adapter. An IPv6 address stands in brackets when written.
    Tcp {
        /// Name or address.
        host: String,
        /// TCP port; 35000 when none was written.
        port: u16,
    },
    /// A simulated vehicle by name, and after a question mark how it shall behave, as in `misfire?unplug=20&key=on`. What the
    /// options mean only the simulator knows.
    Sim(String),
    /// A recorded dialogue to play back (see [`crate::traffic`]), or a log of `candump`.
    Replay(PathBuf),
    /// An SLCAN adapter on a serial device or a network address.
    Slcan {
        /// Where: [`Port::Serial`] or [`Port::Tcp`].
        at: Box<Port>,
        /// The bus's bit rate in bit/s, if it is named.
        bitrate: Option<u32>,
        /// The serial device's own speed in bit/s, if it is named.
        baud: Option<u32>,
    },
    /// A CAN interface of the operating system, as in `can:can0`, or `can:can0?fd=on`.
    Can {
        /// Its name.
        interface: String,
        /// How frames of CAN FD may go out, if they may ([`crate::can::CanLink::fd`]): `on` at the bus's bit rate, `fast` with
        /// their data at the faster one.
        fd: Option<DataRate>,
    },
}

impl Port {
    /// Whether it is a device that can go away and come back, unlike a simulated vehicle or a recording.
    pub fn is_device(&self) -> bool {
        match self {
            Port::Serial(_) | Port::Bluetooth { .. } | Port::Ble(_) | Port::Tcp { .. } => true,
            Port::Slcan { .. } | Port::Can { .. } => true,
            Port::Sim(_) | Port::Replay(_) => false,
        }
    }

    /// Its kind in the contract's words.
    pub fn kind(&self) -> PortKind {
        match self {
            Port::Serial(_) => PortKind::Serial,
            Port::Bluetooth { .. } => PortKind::Bluetooth,
            Port::Ble(_) => PortKind::Ble,
            Port::Tcp { .. } => PortKind::Tcp,
            Port::Sim(_) => PortKind::Simulated,
            Port::Replay(_) => PortKind::Replay,
            Port::Slcan { .. } | Port::Can { .. } => PortKind::Can,
        }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Port::Serial(path) => write!(f, "{}", path.display()),
            Port::Bluetooth { address, channel: None } => write!(f, "bt:{address}"),
            Port::Bluetooth { address, channel: Some(channel) } => write!(f, "bt:{address}?channel={channel}"),
            Port::Ble(address) => write!(f, "ble:{address}"),
            Port::Tcp { host, port } if host.contains(':') => write!(f, "tcp://[{host}]:{port}"),
            Port::Tcp { host, port } => write!(f, "tcp://{host}:{port}"),
            Port::Sim(name) => write!(f, "sim:{name}"),
            Port::Replay(path) => write!(f, "replay:{}", path.display()),
            Port::Slcan { at, bitrate, baud } => {
                write!(f, "slcan:{at}")?;
                let options = [("bitrate", bitrate), ("baud", baud)];
                for (n, (name, value)) in options.into_iter().filter_map(|(n, v)| Some((n, (*v)?))).enumerate() {
                    write!(f, "{}{name}={value}", if n == 0 { '?' } else { '&' })?;
                }
                Ok(())
            }
            Port::Can { interface, fd: None } => write!(f, "can:{interface}"),
            Port::Can { interface, fd: Some(DataRate::Same) } => write!(f, "can:{interface}?fd=on"),
            Port::Can { interface, fd: Some(DataRate::Faster) } => write!(f, "can:{interface}?fd=fast"),
        }
    }
}

impl FromStr for Port {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if let Some(address) = text.strip_prefix("tcp://") {
            return tcp(text, address);
        }
        if let Some(address) = text.strip_prefix("bt:") {
            return bluetooth(address).map_err(|cause| bad(text, cause));
        }
        if let Some(address) = text.strip_prefix("ble:") {
            return ble(address).ok_or_else(|| bad(text, "A Bluetooth LE adapter needs its address."));
        }
        if let Some(name) = text.strip_prefix("sim:") {
            return simulated(name).map_or_else(|cause| Err(bad(text, cause)), |()| Ok(Port::Sim(name.into())));
        }
        if let Some(file) = text.strip_prefix("replay:") {
            return if file.is_empty() {
                Err(bad(text, "A replay needs a file."))
            } else {
                Ok(Port::Replay(file.into()))
            };
        }
        if let Some(rest) = text.strip_prefix("slcan:") {
            return slcan(text, rest);
        }
        if let Some(interface) = text.strip_prefix("can:") {
            return can(interface).map_err(|cause| bad(text, cause));
        }
        if is_device(text) {
            return Ok(Port::Serial(text.into()));
        }
        Err(bad(text, &format!("\"{text}\" is not a port.")))
    }
}

/// An address, or an address and a channel: `00:1D:A5:68:98:8B?channel=2`.
fn bluetooth(text: &str) -> Result<Port, &'static str> {
    let (address, options) = text.split_once('?').map_or((text, None), |(address, options)| (address, Some(options)));
    let address = address.parse().map_err(|_| "A Bluetooth address has six pairs of hex digits.")?;
    let channel = match options.map(|o| o.strip_prefix("channel=").unwrap_or_default()) {
        None => None,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
            Ok(channel @ 1..=30) => Some(channel),
            _ => return Err("The channel must be a number from 1 to 30."),
        },
        Some(_) => return Err("The channel must be a number from 1 to 30."),
    };
    Ok(Port::Bluetooth { address, channel })
}

/// An address in its usual form, or the identifier of 32 hex digits that macOS shows in its place.
fn ble(text: &str) -> Option<Port> {
    if let Ok(address) = text.parse::<BluetoothAddress>() {
        return Some(Port::Ble(address.to_string()));
    }
    let groups: Vec<&str> = text.split('-').collect();
    let right = groups.iter().map(|g| g.len()).eq([8, 4, 4, 4, 12])
        && groups.iter().all(|g| g.bytes().all(|b| b.is_ascii_hexdigit()));
    right.then(|| Port::Ble(text.to_ascii_uppercase()))
}

/// A name, or a name and options: `NAME?key=value&key=value`.
fn simulated(text: &str) -> Result<(), &'static str> {
    let plain = |part: &str, more: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let (name, options) = text.split_once('?').map_or((text, None), |(name, options)| (name, Some(options)));
    if !plain(name, "-_") {
        return Err("A simulated vehicle needs its name.");
    }
    let pair = |pair: &str| pair.split_once('=').is_some_and(|(key, value)| plain(key, "-_") && plain(value, "-_."));
    match options {
        Some(options) if !options.split('&').all(pair) => {
            Err("The options of a simulated vehicle are written NAME?option=value&option=value.")
        }
        _ => Ok(()),
    }
}

/// `PATH`, or `PATH?bitrate=500000&baud=115200`.
fn slcan(text: &str, rest: &str) -> Result<Port, Error> {
    let (path, options) = rest.split_once('?').map_or((rest, None), |(path, options)| (path, Some(options)));
    let at = match path.parse::<Port>() {
        Ok(at @ (Port::Serial(_) | Port::Tcp { .. })) => Box::new(at),
        _ => return Err(bad(text, "An SLCAN port needs a device or an address, as in slcan:/dev/ttyACM0.")),
    };
    let (mut bitrate, mut baud) = (None, None);
    for pair in options.into_iter().flat_map(|o| o.split('&')) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let number = value.parse::<u32>().ok().filter(|n| *n > 0 && value.bytes().all(|b| b.is_ascii_digit()));
        let place = match key {
            "bitrate" if number.is_some_and(|n| crate::can::slcan::RATES.contains(&n)) => &mut bitrate,
            "baud" if number.is_some() => &mut baud,
            _ => {
                return Err(bad(
                    text,
                    "The options of an SLCAN port are bitrate=500000 (or another of its rates) and baud=115200.",
                ));
            }
        };
        if place.replace(number.unwrap_or(0)).is_some() {
            return Err(bad(text, "An option of an SLCAN port is given twice."));
        }
    }
    Ok(Port::Slcan { at, bitrate, baud })
}

/// An interface, or an interface and how CAN FD may be used: `can0?fd=on`.
fn can(text: &str) -> Result<Port, &'static str> {
    let (interface, options) = text.split_once('?').map_or((text, None), |(name, options)| (name, Some(options)));
    if !is_interface(interface) {
        return Err("A CAN port needs the name of an interface, as in can:can0.");
    }
    let fd = match options {
        None => None,
        Some("fd=on") => Some(DataRate::Same),
        Some("fd=fast") => Some(DataRate::Faster),
        Some(_) => return Err("The option of a CAN port is fd=on or fd=fast."),
    };
    Ok(Port::Can { interface: interface.into(), fd })
}

/// Linux's rules for the name of a network interface.
fn is_interface(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    (1..=15).contains(&text.len()) && text.chars().all(plain) && text != "." && text != ".."
}

fn is_device(text: &str) -> bool {
    let windows = text.to_ascii_uppercase();
    let windows = windows.strip_prefix(r"\\.\").unwrap_or(&windows);
    let com = windows.strip_prefix("COM").is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
    com || (text.contains('/') && !text.contains("://") && !text.ends_with('/'))
}

fn tcp(text: &str, address: &str) -> Result<Port, Error> {
    let address = address.strip_suffix('/').unwrap_or(address);
    let (host, port) = match address.strip_prefix('[') {
        Some(rest) => {
            let (host, after) =
                rest.split_once(']').ok_or_else(|| bad(text, "The IPv6 address has no closing bracket."))?;
            let port = match after {
                "" => None,
                _ => Some(after.strip_prefix(':').ok_or_else(|| bad(text, "A colon must follow the bracket."))?),
            };
            (host, port)
        }
        None => address.split_once(':').map_or((address, None), |(host, port)| (host, Some(port))),
    };
    let port = match port {
        None => WIFI_PORT,
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => match digits.parse() {
            Ok(port) if port != 0 => port,
            _ => return Err(bad(text, "The TCP port must be a number from 1 to 65535.")),
        },
        Some(_) => return Err(bad(text, "The TCP port must be a number from 1 to 65535.")),
    };
    if host.is_empty() || host.chars().any(|c| c.is_whitespace() || "/@?#[]".contains(c)) {
        return Err(bad(text, "The address has no usable host."));
    }
    Ok(Port::Tcp { host: host.into(), port })
}

fn bad(_text: &str, cause: &str) -> Error {
    Error::new(Code::Invalid, cause).hint(
        "Write a device path such as /dev/ttyUSB0, bt:ADDRESS, ble:ADDRESS, tcp://host:port, slcan:DEVICE, can:INTERFACE, sim:NAME \
         or replay:FILE.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_reads_back_as_written() {
        for text in [
            "/dev/ttyUSB0",
            "COM5",
            r"\\.\COM12",
            "tcp://192.168.0.10:35000",
            "tcp://adapter.local:23",
            "tcp://[fe80::1]:35000",
            "bt:00:1D:A5:68:98:8B",
            "bt:00:1D:A5:68:98:8B?channel=2",
            "ble:00:1D:A5:68:98:8B",
            "ble:0A1B2C3D-0011-2233-4455-66778899AABB",
            "sim:petrol",
            "sim:kwp-slow?key=off",
            "sim:misfire?unplug=2.5&seed=7&adapter=clone",
            "replay:/tmp/a check.txt",
            "./pty",
            "slcan:/dev/ttyACM0",
            "slcan:/dev/ttyACM0?bitrate=500000",
            "slcan:COM4?bitrate=250000&baud=1000000",
            "slcan:tcp://192.168.0.20:35000?baud=9600",
            "can:can0",
            "can:vcan-1.2",
            "can:can0?fd=on",
            "can:can0?fd=fast",
        ] {
            let port: Port = text.parse().unwrap_or_else(|e| panic!("{text}: {e}"));
            assert_eq!(port.to_string(), text);
            assert_eq!(port.to_string().parse::<Port>().unwrap(), port);
        }
    }

    #[test]
    fn a_wi_fi_address_without_a_port_gets_the_usual_one() {
        for text in ["tcp://192.168.0.10", "tcp://192.168.0.10/", " tcp://192.168.0.10 "] {
            assert_eq!(text.parse::<Port>().unwrap().to_string(), "tcp://192.168.0.10:35000");
        }
        assert_eq!("tcp://[::1]".parse::<Port>().unwrap(), Port::Tcp { host: "::1".into(), port: 35000 });
    }

    #[test]
    fn what_is_not_a_port_is_refused_with_the_next_step() {
        for text in [
            "",
            "petrol",
            "sim:",
            "sim:a/b",
            "sim:?key=off",
            "sim:a?",
            "sim:a?key",
            "sim:a?key=",
            "sim:a?=off",
            "sim:a?key=off&",
            "sim:a?key=off?seed=1",
            "sim:a?key=o ff",
            "sim:a?key=a/b",
            "sim:a?key=off#x",
            "replay:",
            "bt:",
            "bt:00:1D:A5:68:98",
            "bt:00:1D:A5:68:98:8B?",
            "bt:00:1D:A5:68:98:8B?channel=",
            "bt:00:1D:A5:68:98:8B?channel=0",
            "bt:00:1D:A5:68:98:8B?channel=31",
            "bt:00:1D:A5:68:98:8B?channel=+1",
            "bt:00:1D:A5:68:98:8B?port=1",
            "ble:",
            "ble:OBDII",
            "ble:00:1D:A5:68:98:8B?channel=1",
            "ble:0A1B2C3D-0011-2233-4455-66778899AAB",
            "tcp://",
            "tcp://:1",
            "tcp://h:0",
            "tcp://h:65536",
            "tcp://h:+1",
            "tcp://h:x",
            "tcp://[::1",
            "tcp://[::1]x",
            "tcp://a b:1",
            "http://h:1",
            "/dev/",
            "COM",
            "tcp://user@h:1",
            "slcan:",
            "slcan:sim:petrol",
            "slcan:can:can0",
            "slcan:/dev/ttyACM0?",
            "slcan:/dev/ttyACM0?bitrate=",
            "slcan:/dev/ttyACM0?bitrate=333333",
            "slcan:/dev/ttyACM0?bitrate=500000&bitrate=500000",
            "slcan:/dev/ttyACM0?baud=0",
            "slcan:/dev/ttyACM0?speed=1",
            "can:",
            "can:a/b",
            "can:..",
            "can:more-than-fifteen",
            "can:?fd=on",
            "can:can0?",
            "can:can0?fd",
            "can:can0?fd=off",
            "can:can0?fd=on&fd=fast",
            "can:can0?bitrate=500000",
        ] {
            let error = text.parse::<Port>().expect_err(text);
            assert_eq!(error.code, Code::Invalid, "{text}");
            assert!(error.hint.contains("tcp://host:port"), "{text}");
        }
    }
}
