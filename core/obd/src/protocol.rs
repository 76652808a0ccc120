//! Bus protocols by the numbers of the ELM327 (`AT SP n`, `AT DPN`).
//!
//! Usually you get one from the adapter's `AT DPN` answer with [`Protocol::from_id`] and hand it to
//! [`crate::frame::assemble`], which needs only its [`Family`].

/// How frames of a protocol are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Family {
    /// ISO 15765-4 with 11-bit ids.
    Can11,
    /// ISO 15765-4 with 29-bit ids.
    Can29,
    /// SAE J1850 PWM, 41.6 kbit/s: three header bytes, up to seven data bytes, CRC-8.
    Pwm,
    /// SAE J1850 VPW, 10.4 kbit/s: as PWM.
    Vpw,
    /// ISO 9141-2: three header bytes, up to seven data bytes, sum modulo 256.
    Iso9141,
    /// ISO 14230-4 (KWP2000): length in the header, sum modulo 256.
    Kwp,
}

/// A bus protocol. Made only by [`Protocol::from_id`], so it is always one of the ELM327's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Protocol {
    id: char,
}

impl Protocol {
    /// ISO 15765-4 CAN, 11 bit, 500 kbit/s: what most cars since 2008 speak.
    pub const CAN_11_500: Self = Self { id: '6' };

    /// Protocols in the order in which a search should try them: most common first.
    /// J1939 and the user-defined ones are left out, since OBD-II vehicles do not use them.
    pub const SEARCH: [Self; 9] = [
        Self { id: '6' },
        Self { id: '8' },
        Self { id: '1' },
        Self { id: '7' },
        Self { id: '9' },
        Self { id: '2' },
        Self { id: '3' },
        Self { id: '4' },
        Self { id: '5' },
    ];

    /// By the ELM327's number, `1` to `9` and `A` to `C` (either case). `0` (automatic) is no protocol: `None`.
    pub fn from_id(id: char) -> Option<Self> {
        let id = id.to_ascii_uppercase();
        matches!(id, '1'..='9' | 'A'..='C').then_some(Self { id })
    }

    /// The ELM327's number, upper case.
    pub fn id(self) -> char {
        self.id
    }

    /// Name for people, with the standard first.
    pub fn name(self) -> &'static str {
        match self.id {
            '1' => "SAE J1850 PWM (41.6 kbit/s)",
            '2' => "SAE J1850 VPW (10.4 kbit/s)",
            '3' => "ISO 9141-2 (5 baud init)",
            '4' => "ISO 14230-4 KWP (5 baud init)",
            '5' => "ISO 14230-4 KWP (fast init)",
            '6' => "ISO 15765-4 CAN (11 bit, 500 kbit/s)",
            '7' => "ISO 15765-4 CAN (29 bit, 500 kbit/s)",
            '8' => "ISO 15765-4 CAN (11 bit, 250 kbit/s)",
            '9' => "ISO 15765-4 CAN (29 bit, 250 kbit/s)",
            'A' => "SAE J1939 CAN (29 bit, 250 kbit/s)",
            'B' => "User CAN 1 (11 bit, 125 kbit/s)",
            _ => "User CAN 2 (11 bit, 50 kbit/s)",
        }
    }

    /// Frame layout. J1939 shares 29-bit ids but not ISO 15765-2; see [`Protocol::is_j1939`].
    pub fn family(self) -> Family {
        match self.id {
            '1' => Family::Pwm,
            '2' => Family::Vpw,
            '3' => Family::Iso9141,
            '4' | '5' => Family::Kwp,
            '7' | '9' | 'A' => Family::Can29,
            _ => Family::Can11,
        }
    }

    /// Whether it runs on CAN. What does not is "legacy": J1850, ISO 9141 and KWP.
    pub fn is_can(self) -> bool {
        matches!(self.family(), Family::Can11 | Family::Can29)
    }

    /// Whether it runs on the K-line, which falls asleep when nobody talks and takes seconds to wake.
    pub fn is_k_line(self) -> bool {
        matches!(self.family(), Family::Iso9141 | Family::Kwp)
    }

    /// Whether it is SAE J1939, whose messages this crate names but does not read yet.
    pub fn is_j1939(self) -> bool {
        self.id == 'A'
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_has_a_name_and_a_family() {
        for (id, family, can) in [
            ('1', Family::Pwm, false),
            ('2', Family::Vpw, false),
            ('3', Family::Iso9141, false),
            ('4', Family::Kwp, false),
            ('5', Family::Kwp, false),
            ('6', Family::Can11, true),
            ('7', Family::Can29, true),
            ('8', Family::Can11, true),
            ('9', Family::Can29, true),
            ('A', Family::Can29, true),
            ('b', Family::Can11, true),
            ('C', Family::Can11, true),
        ] {
            let protocol = Protocol::from_id(id).unwrap();
            assert_eq!((protocol.id(), protocol.family(), protocol.is_can()), (id.to_ascii_uppercase(), family, can));
            assert!(!protocol.name().is_empty());
        }
        for none in ['0', 'D', ' ', 'é'] {
            assert_eq!(Protocol::from_id(none), None);
        }
    }

    #[test]
    fn the_search_tries_each_obd_protocol_once() {
        let mut ids: Vec<char> = Protocol::SEARCH.iter().map(|p| p.id()).collect();
        ids.sort_unstable();
        assert_eq!(ids, ('1'..='9').collect::<Vec<_>>());
        assert!(Protocol::SEARCH.iter().all(|p| Protocol::from_id(p.id()) == Some(*p)));
    }
}
