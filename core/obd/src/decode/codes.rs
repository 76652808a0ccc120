//! Services 03, 07 and 0A: trouble codes.
//!
//! On CAN a count byte precedes the codes. On legacy buses there is none: each line holds three codes, the unused ones 0000.

use super::{Answer, DecodeError};
use crate::dtc;

pub(super) fn read(service: u8, bytes: &[u8], legacy: bool) -> Result<Answer, DecodeError> {
    let pairs = if legacy {
        // One line has six bytes; several lines may have been joined. KWP ECUs may leave the padding out.
        if bytes.is_empty() || !bytes.len().is_multiple_of(2) {
            return Err(length(service, bytes.len().next_multiple_of(2).max(2), bytes));
        }
        bytes
    } else {
        let Some((&count, pairs)) = bytes.split_first() else { return Err(length(service, 1, bytes)) };
        if pairs.len() != 2 * usize::from(count) {
            return Err(DecodeError::Count { said: usize::from(count), bytes: pairs.len() });
        }
        pairs
    };
    let codes = pairs.chunks_exact(2).map(|pair| [pair[0], pair[1]]);
    // 0000 is never a code: on legacy buses padding, on CAN an empty place that some ECUs count.
    Ok(Answer::Codes(codes.filter(|pair| *pair != [0, 0]).map(dtc::code).collect()))
}

/// `least`: bytes behind the service that there must be.
fn length(service: u8, least: usize, bytes: &[u8]) -> DecodeError {
    let what = match service {
        0x03 => "service 03",
        0x07 => "service 07",
        _ => "service 0A",
    };
    DecodeError::Length { what, expected: 1 + least, got: 1 + bytes.len() }
}
