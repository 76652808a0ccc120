//! Two ways to ask the same: the services of SAE J1979, and those of SAE J1979-2, which are UDS (ISO 14229-1).
//!
//! An ECU speaks one of them. What of SAE J1979-2 is published openly is asked; of the rest a check says that it was not.

use roadworthy_api::check::CodeClass;

/// What an ECU speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// Services 01 to 0A.
    Obd,
    /// Services 19 and 22.
    Uds,
}

impl Dialect {
    /// That of a request.
    pub(crate) fn of(service: u8) -> Self {
        if service > 0x0A { Self::Uds } else { Self::Obd }
    }

    /// Asks for a PID of service 01: `F4xx` holds the same.
    pub(crate) fn pid(self, pid: u8) -> Vec<u8> {
        match self {
            Self::Obd => vec![0x01, pid],
            Self::Uds => vec![0x22, 0xF4, pid],
        }
    }

    /// By what a value of a PID is known in a request and in its answer: the PID itself, or the data identifier `F4xx`.
    pub(crate) fn id(self, pid: u8) -> u16 {
        match self {
            Self::Obd => u16::from(pid),
            Self::Uds => u16::from_be_bytes([0xF4, pid]),
        }
    }

    /// The way back from [`Self::id`].
    pub(crate) fn of_id(id: u16) -> (Self, u8) {
        match id.to_be_bytes() {
            [0x00, pid] => (Self::Obd, pid),
            [_, pid] => (Self::Uds, pid),
        }
    }

    /// Asks for an infotype of service 09: `F8xx` holds the same.
    pub(super) fn infotype(self, infotype: u8) -> Vec<u8> {
        match self {
            Self::Obd => vec![0x09, infotype],
            Self::Uds => vec![0x22, 0xF8, infotype],
        }
    }

    /// Asks for a monitor of service 06 (before CAN: a test): `F6xx` holds the same.
    pub(super) fn monitor(self, monitor: u8) -> Vec<u8> {
        match self {
            Self::Obd => vec![0x06, monitor],
            Self::Uds => vec![0x22, 0xF6, monitor],
        }
    }

    /// Asks for a list of codes: of the emissions group (33) those whose status has the bit, whatever their severity (1E), or
    /// the permanent ones.
    pub(crate) fn list(self, class: CodeClass) -> &'static [u8] {
        match (self, class) {
            (Self::Obd, CodeClass::Stored) => &[0x03],
            (Self::Obd, CodeClass::Pending) => &[0x07],
            (Self::Obd, CodeClass::Permanent) => &[0x0A],
            (Self::Uds, CodeClass::Stored) => &[0x19, 0x42, 0x33, 0x08, 0x1E],
            (Self::Uds, CodeClass::Pending) => &[0x19, 0x42, 0x33, 0x04, 0x1E],
            (Self::Uds, CodeClass::Permanent) => &[0x19, 0x55, 0x33],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bus::hex;

    #[test]
    fn lists_are_asked_as_the_contract_names_them() {
        for class in [CodeClass::Stored, CodeClass::Pending, CodeClass::Permanent] {
            let asked = [Dialect::Obd, Dialect::Uds].map(|dialect| hex(dialect.list(class)));
            assert_eq!(asked, class.requests(), "{class:?}");
        }
        assert_eq!(hex(&Dialect::Uds.pid(0x01)), "22F401");
        for dialect in [Dialect::Obd, Dialect::Uds] {
            assert_eq!(Dialect::of_id(dialect.id(0x0C)), (dialect, 0x0C));
            assert!(hex(&dialect.pid(0x0C)).ends_with(&format!("{:02X}", dialect.id(0x0C))));
        }
        assert_eq!(Dialect::of(0x0A), Dialect::Obd);
        assert_eq!(Dialect::of(0x19), Dialect::Uds);
    }
}
