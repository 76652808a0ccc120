//! The one way to change something in a vehicle: erasing its emission-related codes.
//!
//! An [`Unlock`] is made by a constructor that names the deed, cannot be copied, and is used up by
//! [`crate::bus::erase`]. Everything around it (a full check before, a person's confirmation, the journal) is the caller's.

/// By which service codes are erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Erase {
    /// Service 04 of SAE J1979: every ECU erases its emission-related codes.
    Obd,
    /// Service 14 of ISO 14229-1 for the emissions group, `14 FF FF 33` (SAE J1979-2).
    UdsEmissions,
    /// Service 14 of ISO 14229-1 for all groups, `14 FF FF FF`.
    UdsAll,
}

impl Erase {
    /// The request.
    pub(super) fn bytes(self) -> &'static [u8] {
        match self {
            Self::Obd => &[0x04],
            Self::UdsEmissions => &[0x14, 0xFF, 0xFF, 0x33],
            Self::UdsAll => &[0x14, 0xFF, 0xFF, 0xFF],
        }
    }

    /// Its service.
    pub fn service(self) -> u8 {
        self.bytes()[0]
    }

    /// Its request in hex.
    pub fn hex(self) -> String {
        self.bytes().iter().map(|b| format!("{b:02X}")).collect()
    }
}

/// Leave to erase codes once. Neither `Clone` nor `Default`: there is one for each deed.
#[derive(Debug)]
#[must_use = "nothing is erased until this is used"]
pub struct Unlock {
    erase: Erase,
}

impl Unlock {
    /// Trouble codes, freeze frames, test results and readiness are gone afterwards, and nothing brings them back.
    pub fn to_erase_codes_freeze_frames_and_readiness(erase: Erase) -> Self {
        Self { erase }
    }

    /// The service that it is for.
    pub fn service(&self) -> u8 {
        self.erase.service()
    }

    /// The request that it is for, in hex.
    pub fn hex(&self) -> String {
        self.erase.hex()
    }

    pub(super) fn use_up(self) -> Erase {
        self.erase
    }
}
