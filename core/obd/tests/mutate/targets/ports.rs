//! Ports as people write them.

use super::{rng::Rng, target::Target};
use roadworthy_obd::link::Port;

const PORTS: [&str; 15] = [
    "/dev/ttyUSB0",
    "COM5",
    r"\\.\COM12",
    "tcp://192.168.0.10:35000",
    "tcp://adapter.local",
    "tcp://[fe80::1]:35000",
    "bt:00:1D:A5:68:98:8B?channel=2",
    "ble:00:1D:A5:68:98:8B",
    "ble:0A1B2C3D-0011-2233-4455-66778899AABB",
    "sim:misfire?unplug=2.5&seed=7&adapter=clone",
    "replay:/tmp/a check.txt",
    "./pty",
    "can:can0",
    "slcan:/dev/ttyACM0?bitrate=500000",
    "slcan:tcp://192.168.0.10:35000",
];

#[derive(Default)]
pub(crate) struct Ports {
    read: usize,
    refused: usize,
}

impl Target for Ports {
    fn one(&mut self, rng: &mut Rng) {
        let mut text = (*rng.pick(&PORTS)).to_owned();
        if rng.below(6) == 0 {
            let other = *rng.pick(&PORTS);
            text = format!("{}{}", &text[..rng.below(text.len())], &other[rng.below(other.len())..]);
        }
        let text = rng.spoil(&text, "0123456789abcdefABCDEFG:/.?=&[]-_ \\%@#+é\0");
        match text.parse::<Port>() {
            Err(error) => {
                assert!(!error.message.is_empty() && !error.hint.is_empty(), "{text:?}");
                self.refused += 1;
            }
            Ok(port) => {
                let shown = port.to_string();
                assert_eq!(shown.parse::<Port>().as_ref(), Ok(&port), "{text:?} shown as {shown:?}");
                match &port {
                    Port::Tcp { host, port } => {
                        assert!(
                            *port > 0 && text.contains(host.as_str()) && !host.contains(char::is_whitespace),
                            "{text:?}"
                        );
                    }
                    Port::Bluetooth { channel, .. } => {
                        assert!(channel.is_none_or(|n| (1..=30).contains(&n)), "{text:?}");
                    }
                    _ => {}
                }
                self.read += 1;
            }
        }
    }

    fn tally(&self) -> String {
        format!("{} read, {} refused", self.read, self.refused)
    }

    fn is_worth_its_name(&self, inputs: usize) -> bool {
        self.read > inputs / 10 && self.refused > inputs / 10
    }
}
