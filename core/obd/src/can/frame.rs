//! Frames of a CAN bus as a controller sees them (ISO 11898-1).

use super::CanError;
use std::fmt;

/// Most bytes of a CAN FD frame.
pub const FD_MOST: usize = 64;
/// Most bytes of a classic frame.
pub const CLASSIC_MOST: usize = 8;

/// An identifier of 11 or 29 bits. The same number in both lengths is two identifiers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CanId {
    /// 11 bits; made by [`CanId::standard`].
    Standard(u16),
    /// 29 bits; made by [`CanId::extended`].
    Extended(u32),
}

impl CanId {
    /// An identifier of 11 bits, or `None` for a larger number.
    pub fn standard(id: u32) -> Option<Self> {
        u16::try_from(id).ok().filter(|id| *id <= 0x7FF).map(Self::Standard)
    }

    /// An identifier of 29 bits, or `None` for a larger number.
    pub fn extended(id: u32) -> Option<Self> {
        (id <= 0x1FFF_FFFF).then_some(Self::Extended(id))
    }

    /// The number.
    pub fn number(self) -> u32 {
        match self {
            Self::Standard(id) => u32::from(id),
            Self::Extended(id) => id,
        }
    }

    /// From three (11 bit) or eight (29 bit) hex digits, as [`fmt::Display`] writes them.
    pub fn parse(text: &str) -> Option<Self> {
        let number = u32::from_str_radix(text, 16).ok().filter(|_| text.bytes().all(|b| b.is_ascii_hexdigit()))?;
        match text.len() {
            3 => Self::standard(number),
            8 => Self::extended(number),
            _ => None,
        }
    }
}

impl fmt::Display for CanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Standard(id) => write!(f, "{id:03X}"),
            Self::Extended(id) => write!(f, "{id:08X}"),
        }
    }
}

/// The bit rate of the data in frames of CAN FD that are sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DataRate {
    /// The bus's own: the bit rate is not switched. Every controller of CAN FD takes these.
    Same,
    /// The faster one that the bus's controllers are set to: the bit rate is switched (BRS).
    Faster,
}

/// A frame.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CanFrame {
    id: CanId,
    content: Content,
}

/// What a frame carries.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Content {
    Classic(Vec<u8>),
    /// A remote frame: the length it asks for.
    Remote(u8),
    Fd {
        data: Vec<u8>,
        /// The data goes at the faster rate.
        fast: bool,
        /// The sender is error-passive.
        passive: bool,
    },
}

impl CanFrame {
    /// A classic data frame.
    ///
    /// # Errors
    /// [`CanError::Frame`] for more than eight bytes.
    pub fn new(id: CanId, data: &[u8]) -> Result<Self, CanError> {
        if data.len() > CLASSIC_MOST {
            return Err(CanError::Frame);
        }
        Ok(Self { id, content: Content::Classic(data.to_vec()) })
    }

    /// A CAN FD frame: 0 to 8, 12, 16, 20, 24, 32, 48 or 64 bytes.
    ///
    /// # Errors
    /// [`CanError::Frame`] for any other length.
    pub fn fd(id: CanId, data: &[u8], fast: bool, passive: bool) -> Result<Self, CanError> {
        if fd_length(data.len()) != Some(data.len()) {
            return Err(CanError::Frame);
        }
        Ok(Self { id, content: Content::Fd { data: data.to_vec(), fast, passive } })
    }

    /// A remote frame that asks for `length` bytes.
    ///
    /// # Errors
    /// [`CanError::Frame`] for more than eight.
    pub fn remote(id: CanId, length: u8) -> Result<Self, CanError> {
        if usize::from(length) > CLASSIC_MOST {
            return Err(CanError::Frame);
        }
        Ok(Self { id, content: Content::Remote(length) })
    }

    /// Who sends it, or what it is about.
    pub fn id(&self) -> CanId {
        self.id
    }

    /// Its bytes; none in a remote frame.
    pub fn data(&self) -> &[u8] {
        match &self.content {
            Content::Classic(data) | Content::Fd { data, .. } => data,
            Content::Remote(_) => &[],
        }
    }

    /// The length that a remote frame asks for; `None` for one that carries data.
    pub fn asks_for(&self) -> Option<u8> {
        if let Content::Remote(length) = self.content { Some(length) } else { None }
    }

    /// Whether it is a CAN FD frame.
    pub fn is_fd(&self) -> bool {
        matches!(self.content, Content::Fd { .. })
    }

    /// Whether a CAN FD frame's data goes at the faster rate, and whether its sender is error-passive.
    pub fn fd_flags(&self) -> Option<(bool, bool)> {
        if let Content::Fd { fast, passive, .. } = self.content { Some((fast, passive)) } else { None }
    }
}

/// The length of the CAN FD frame that holds so many bytes; `None` above 64.
pub fn fd_length(bytes: usize) -> Option<usize> {
    const LENGTHS: [usize; 16] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];
    LENGTHS.into_iter().find(|length| *length >= bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identifier_has_its_length() {
        for (text, number) in [("7E8", 0x7E8), ("000", 0), ("18DAF110", 0x18DA_F110), ("000007E8", 0x7E8)] {
            let id = CanId::parse(text).unwrap();
            assert_eq!((id.number(), id.to_string().as_str()), (number, text));
        }
        for none in ["", "7E", "800", "7e80", "20000000", "+7E", "-7E", "7 8", "0007E8"] {
            assert_eq!(CanId::parse(none), None, "{none}");
        }
        assert_ne!(CanId::parse("7E8"), CanId::parse("000007E8"));
    }

    #[test]
    fn a_frame_holds_what_its_kind_can() {
        let id = CanId::Standard(0x7E0);
        assert!(CanFrame::new(id, &[0; 8]).is_ok() && CanFrame::new(id, &[0; 9]).is_err());
        assert!(CanFrame::remote(id, 8).is_ok() && CanFrame::remote(id, 9).is_err());
        for length in 0..=70 {
            let sound = matches!(length, 0..=8 | 12 | 16 | 20 | 24 | 32 | 48 | 64);
            assert_eq!(CanFrame::fd(id, &vec![0; length], false, false).is_ok(), sound, "{length}");
        }
        assert_eq!((fd_length(9), fd_length(33), fd_length(65)), (Some(12), Some(48), None));
    }
}
