//! By what an adapter is known again.

use super::commands;
use roadworthy_api::adapter::Passport;

/// What an adapter gives to be known again by, none of it its version alone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// Serial number of an STN, which is the chip's own.
    pub serial: Option<String>,
    /// Its word and what it does with a handful of its own commands.
    pub fingerprint: String,
}

/// Serial numbers that whole series of USB chips share.
const SHARED: [&str; 5] = ["0001", "00000000", "0123456789", "12345678", "A50285BI"];

impl Identity {
    /// Of an adapter that was measured, or said at least what [`super::TELLING`] lists.
    pub fn of(passport: &Passport) -> Self {
        let known = commands::TELLING.iter().skip(1).map(|text| {
            // What counts with commands whose answer changes is only whether there is one.
            match passport.commands.iter().find(|c| c.command == *text).and_then(|c| c.understood) {
                Some(true) => "+",
                Some(false) => "?",
                None => "-",
            }
        });
        let known: String = known.collect();
        let stn = passport.stn.as_ref();
        Self {
            serial: stn.and_then(|stn| stn.serial.clone()),
            fingerprint: format!(
                "{}|{}|{}|{known}",
                passport.claims,
                stn.map_or("", |stn| stn.chip.as_str()),
                passport.describes
            ),
        }
    }

    /// The key under which its passport is kept, and by what it is known again, in words. `port`: where it is; `hardware`:
    /// the serial number or radio address that the system has of the device, if any.
    pub fn key(&self, port: &str, hardware: Option<&str>) -> (String, &'static str) {
        if let Some(serial) = &self.serial {
            return (format!("stn {serial}"), "its serial number");
        }
        // A plug may be moved behind another chip, so the number alone is not enough.
        match hardware.filter(|number| number.len() >= 4 && !SHARED.contains(number)) {
            Some(number) => (format!("device {number} {}", self.fingerprint), "the number of its USB or radio device"),
            None => (format!("port {port} {}", self.fingerprint), "its port and its answers"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapter::passport::{Evidence, Tried, judge};

    fn measured(own: &[(&str, &str)]) -> Passport {
        let own = own.iter().map(|(sent, line)| Tried {
            sent: (*sent).into(),
            lines: Some(vec![(*line).to_owned()]),
            characters: 10,
            ms: 5.0,
        });
        judge(&Evidence { claims: "ELM327 v1.5".into(), own: own.collect(), ..Evidence::default() }, 0)
    }

    #[test]
    fn a_serial_number_counts_most_then_the_device_then_the_port() {
        let stn = Identity::of(&measured(&[("STI", "STN1110 V4.2.0"), ("STSN", "110012345678")]));
        assert_eq!(stn.key("/dev/ttyUSB0", Some("AB12CD")), ("stn 110012345678".into(), "its serial number"));
        let plain =
            Identity::of(&measured(&[("AT@1", "OBDII TO RS232"), ("STI", "?"), ("STSN", "?"), ("ATCEA", "OK")]));
        assert_eq!(plain.serial, None);
        assert_eq!(plain.fingerprint, "ELM327 v1.5||OBDII TO RS232|-+-");
        for (hardware, begins) in
            [(Some("AB12CD"), "device AB12CD "), (Some("0001"), "port /dev/ttyUSB0 "), (None, "port /dev/ttyUSB0 ")]
        {
            assert!(plain.key("/dev/ttyUSB0", hardware).0.starts_with(begins), "{hardware:?}");
        }
    }

    #[test]
    fn another_chip_with_the_same_word_is_another_adapter() {
        let one = Identity::of(&measured(&[("AT@1", "OBDII TO RS232"), ("ATCEA", "OK"), ("ATIGN", "ON")]));
        let same = Identity::of(&measured(&[("AT@1", "OBDII TO RS232"), ("ATCEA", "OK"), ("ATIGN", "OFF")]));
        let other = Identity::of(&measured(&[("AT@1", "OBDII TO RS232"), ("ATCEA", "?"), ("ATIGN", "ON")]));
        assert_eq!(one, same, "because the ignition line tells of the vehicle");
        assert_ne!(one, other);
    }
}
