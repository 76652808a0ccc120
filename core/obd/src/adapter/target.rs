//! Who a request is for: everyone on the bus, or one ECU.

use crate::protocol::{Family, Protocol};
use roadworthy_api::{Code, Error};
use std::fmt;

/// Who a request is for. ECUs are named by the id they answer with, as everywhere in a report.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Target {
    /// Every ECU of emission-related diagnostics: 7DF, 18DB33F1, or the functional address of an older bus.
    #[default]
    Everyone,
    /// The ECU that answers with this 11-bit id, 7E8 to 7EF (ISO 15765-4).
    Can11(u16),
    /// The ECU with this address: it answers with 18DAF1xx (ISO 15765-4).
    Can29(u8),
    /// The ECU with this source address on J1850, ISO 9141 or KWP.
    Legacy(u8),
}

impl Target {
    /// The ECU of that id, as a report names it: `7E8`, `18DAF110`, or `10`.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a text that is no id an ECU of OBD-II answers with: one of a tester, say.
    pub fn ecu(id: &str) -> Result<Self, Error> {
        let hex = id.bytes().all(|b| b.is_ascii_digit() || (b'A'..=b'F').contains(&b));
        let number = u32::from_str_radix(id, 16).ok().filter(|_| hex);
        let address = |number: u32| u8::try_from(number & 0xFF).ok().filter(|a| !(0xF0..=0xFD).contains(a));
        let target = number.and_then(|number| match (id.len(), number) {
            (3, 0x7E8..=0x7EF) => u16::try_from(number).ok().map(Self::Can11),
            (8, 0x18DA_F100..=0x18DA_F1FF) => address(number).map(Self::Can29),
            (2, _) => address(number).map(Self::Legacy),
            _ => None,
        });
        target.ok_or_else(|| Error::new(Code::Invalid, format!("\"{id}\" is no id that an ECU answers with.")))
    }

    /// The CAN id the request goes out on. `None` on a bus that has none, and where the target is not of this kind of bus.
    pub fn can_id(self, protocol: Protocol) -> Option<u32> {
        match (self, protocol.family()) {
            (Self::Everyone, Family::Can11) => Some(0x7DF),
            (Self::Everyone, Family::Can29) => Some(0x18DB_33F1),
            (Self::Can11(answer), Family::Can11) => Some(u32::from(answer) - 8),
            (Self::Can29(address), Family::Can29) => Some(0x18DA_00F1 | u32::from(address) << 8),
            _ => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everyone => f.write_str("every ECU"),
            Self::Can11(id) => write!(f, "{id:03X}"),
            Self::Can29(address) => write!(f, "18DAF1{address:02X}"),
            Self::Legacy(address) => write!(f, "{address:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ecu_is_named_by_the_id_it_answers_with() {
        for (id, expect) in [
            ("7E8", Some(Target::Can11(0x7E8))),
            ("7EF", Some(Target::Can11(0x7EF))),
            ("7E0", None),
            ("7F0", None),
            ("7e8", None),
            ("18DAF110", Some(Target::Can29(0x10))),
            ("18DAF1F1", None),
            ("18DB33F1", None),
            ("10", Some(Target::Legacy(0x10))),
            ("F1", None),
            ("+1", None),
            ("", None),
            ("07E8", None),
        ] {
            assert_eq!(Target::ecu(id).ok(), expect, "{id}");
            if let Some(target) = expect {
                assert_eq!(target.to_string(), id);
            }
        }
    }

    #[test]
    fn a_request_goes_out_on_the_id_its_ecu_listens_to() {
        for (target, protocol, expect) in [
            (Target::Everyone, '6', Some(0x7DF)),
            (Target::Everyone, '7', Some(0x18DB_33F1)),
            (Target::Everyone, '5', None),
            (Target::Can11(0x7E9), '8', Some(0x7E1)),
            (Target::Can29(0x10), '7', Some(0x18DA_10F1)),
            (Target::Can11(0x7E9), '7', None),
            (Target::Legacy(0x10), '6', None),
        ] {
            assert_eq!(target.can_id(Protocol::from_id(protocol).unwrap()), expect, "{target:?} {protocol}");
        }
    }
}
