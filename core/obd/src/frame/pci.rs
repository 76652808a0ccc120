//! The head of an ISO 15765-2 frame (clause 9.6): what kind of frame it is, and what it says of its message.

use super::FrameError;

/// Bytes of a classic CAN frame.
const CLASSIC: usize = 8;
/// Bytes that a length of twelve bits can announce; more takes the escape sequence with 32 bits.
pub(crate) const TWELVE_BITS: usize = 0xFFF;

/// What a receiver says of going on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlowStatus {
    /// Go on.
    Continue,
    /// Wait for another word.
    Wait,
    /// The message is too long for the receiver.
    Overflow,
}

/// A frame taken apart. `data` may hold padding behind the end of the message, which only its length tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pci<'a> {
    /// A message of one frame, without padding.
    Single(&'a [u8]),
    /// The first of several.
    First { announced: usize, data: &'a [u8] },
    /// A further one, numbered 1…F, 0, 1….
    Consecutive { number: u8, data: &'a [u8] },
    /// The receiver's word.
    Flow { status: FlowStatus, block_size: u8, st_min: u8 },
}

/// Takes a frame's data apart. `prefix`: bytes of it in front that are an address (extended and mixed addressing), which
/// are not in `data`. More than eight bytes in all are CAN FD.
pub(crate) fn read(data: &[u8], prefix: usize) -> Result<Pci<'_>, FrameError> {
    let room = CLASSIC - prefix;
    let fd = data.len() > room;
    let Some((&head, rest)) = data.split_first() else { return Err(FrameError::TooShort) };
    match (head >> 4, head & 0xF) {
        (0, said) => {
            let (said, rest) = match (said, fd) {
                // The escape sequence of CAN FD: the length stands in a byte of its own, and is one that needs it.
                (0, true) => match rest.split_first() {
                    Some((&said, rest)) if usize::from(said) >= room => (usize::from(said), rest),
                    _ => return Err(FrameError::BadPci),
                },
                (said, false) if said != 0 && usize::from(said) < room => (usize::from(said), rest),
                _ => return Err(FrameError::BadPci),
            };
            rest.get(..said).map(Pci::Single).ok_or(FrameError::Length { said, got: rest.len() })
        }
        (1, high) => {
            let [low, data @ ..] = rest else { return Err(FrameError::TooShort) };
            let (announced, data) = match (usize::from(high) << 8 | usize::from(*low), data) {
                (0, [a, b, c, d, data @ ..]) => {
                    let long = usize::try_from(u32::from_be_bytes([*a, *b, *c, *d])).unwrap_or(usize::MAX);
                    (if long > TWELVE_BITS { long } else { 0 }, data)
                }
                (short, data) => (short, data),
            };
            // What fits a single frame should have been one.
            if announced < room {
                return Err(FrameError::BadPci);
            }
            // A first frame is always full.
            let full = room - if announced > TWELVE_BITS { 6 } else { 2 };
            if data.len() < full {
                return Err(FrameError::TooShort);
            }
            if data.len() >= announced {
                return Err(FrameError::BadPci);
            }
            Ok(Pci::First { announced, data })
        }
        (2, number) => Ok(Pci::Consecutive { number, data: rest }),
        (3, status) => {
            let status = match status {
                0 => FlowStatus::Continue,
                1 => FlowStatus::Wait,
                2 => FlowStatus::Overflow,
                _ => return Err(FrameError::BadPci),
            };
            match *rest {
                [block_size, st_min, ..] => Ok(Pci::Flow { status, block_size, st_min }),
                _ => Err(FrameError::BadPci),
            }
        }
        _ => Err(FrameError::BadPci),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_frame_is_told_apart() {
        let fd_single: Vec<u8> = [&[0x00, 10][..], &[7; 10]].concat();
        let fd_first: Vec<u8> = [&[0x10, 100][..], &[7; 62]].concat();
        let escape = [&[0x10, 0, 0, 0, 0x10, 0][..], &[7; 2]].concat();
        let ten = [7; 10];
        for (data, prefix, expect) in [
            (&[0x02, 0x01, 0x0C, 0xAA][..], 0, Ok(Pci::Single(&[0x01, 0x0C]))),
            (&[0x07, 1, 2, 3, 4, 5, 6, 7], 0, Ok(Pci::Single(&[1, 2, 3, 4, 5, 6, 7]))),
            (&[0x07, 1, 2, 3, 4, 5, 6], 1, Err(FrameError::BadPci)),
            (&[0x06, 1, 2, 3, 4, 5, 6], 1, Ok(Pci::Single(&[1, 2, 3, 4, 5, 6]))),
            (&[0x00, 1], 0, Err(FrameError::BadPci)),
            (&[0x08, 1, 2, 3, 4, 5, 6, 7], 0, Err(FrameError::BadPci)),
            (&[0x03, 1, 2], 0, Err(FrameError::Length { said: 3, got: 2 })),
            (&fd_single, 0, Ok(Pci::Single(&ten))),
            (&[0x00, 7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0, Err(FrameError::BadPci)),
            (&[0x02, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], 0, Err(FrameError::BadPci)),
            (&[0x10, 20, 1, 2, 3, 4, 5, 6], 0, Ok(Pci::First { announced: 20, data: &[1, 2, 3, 4, 5, 6] })),
            (&[0x10, 7, 1, 2, 3, 4, 5, 6], 0, Err(FrameError::BadPci)),
            (&[0x10, 7, 1, 2, 3, 4, 5], 1, Ok(Pci::First { announced: 7, data: &[1, 2, 3, 4, 5] })),
            (&[0x10, 20, 1, 2, 3, 4, 5], 0, Err(FrameError::TooShort)),
            (&fd_first, 0, Ok(Pci::First { announced: 100, data: &[7; 62] })),
            (&escape, 0, Ok(Pci::First { announced: 4096, data: &[7, 7] })),
            (&[0x10, 0, 0, 0, 0x0F, 0xFF, 1, 2], 0, Err(FrameError::BadPci)),
            (&[0x2F, 1, 2], 0, Ok(Pci::Consecutive { number: 15, data: &[1, 2] })),
            (&[0x30, 4, 0xF1], 0, Ok(Pci::Flow { status: FlowStatus::Continue, block_size: 4, st_min: 0xF1 })),
            (&[0x31, 0, 0], 0, Ok(Pci::Flow { status: FlowStatus::Wait, block_size: 0, st_min: 0 })),
            (&[0x32, 0, 0], 0, Ok(Pci::Flow { status: FlowStatus::Overflow, block_size: 0, st_min: 0 })),
            (&[0x33, 0, 0], 0, Err(FrameError::BadPci)),
            (&[0x30, 0], 0, Err(FrameError::BadPci)),
            (&[0x40, 0], 0, Err(FrameError::BadPci)),
            (&[], 0, Err(FrameError::TooShort)),
        ] {
            assert_eq!(read(data, prefix), expect, "{data:02X?}");
        }
    }
}
