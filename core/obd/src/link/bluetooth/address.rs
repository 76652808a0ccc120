//! A Bluetooth device's address.

use std::{fmt, str::FromStr};

/// Six bytes, written `AA:BB:CC:DD:EE:FF`, most significant first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BluetoothAddress(pub [u8; 6]);

/// A text that is no address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NoAddress;

impl fmt::Display for BluetoothAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [a, b, c, d, e, g] = self.0;
        write!(f, "{a:02X}:{b:02X}:{c:02X}:{d:02X}:{e:02X}:{g:02X}")
    }
}

impl FromStr for BluetoothAddress {
    type Err = NoAddress;

    /// Six pairs of hex digits between colons, or between hyphens as Windows writes them.
    fn from_str(text: &str) -> Result<Self, NoAddress> {
        let mut bytes = [0; 6];
        let mut parts = text.split(if text.contains('-') { '-' } else { ':' });
        for byte in &mut bytes {
            let part = parts.next().filter(|p| p.len() == 2 && p.bytes().all(|b| b.is_ascii_hexdigit()));
            *byte = u8::from_str_radix(part.ok_or(NoAddress)?, 16).map_err(|_| NoAddress)?;
        }
        if parts.next().is_some() || bytes == [0; 6] { Err(NoAddress) } else { Ok(Self(bytes)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_six_bytes_and_nothing_else() {
        for (text, expect) in [
            ("00:1D:A5:68:98:8B", Some("00:1D:A5:68:98:8B")),
            ("00-1d-a5-68-98-8b", Some("00:1D:A5:68:98:8B")),
            ("00:00:00:00:00:00", None),
            ("00:1D:A5:68:98", None),
            ("00:1D:A5:68:98:8B:01", None),
            ("001DA568988B", None),
            ("+0:1D:A5:68:98:8B", None),
            ("0:1D:A5:68:98:8B", None),
            ("00:1D-A5:68:98:8B", None),
            ("", None),
        ] {
            let read = text.parse::<BluetoothAddress>().ok().map(|a| a.to_string());
            assert_eq!(read.as_deref(), expect, "{text}");
        }
    }
}
