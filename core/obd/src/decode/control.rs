//! Service 08: replies of an ECU that was told to run a test or to move a part. This library never asks for it.
//!
//! On CAN a reply repeats the test id and has data where the test gives any. On other buses there are always five bytes.
//! What they mean is the maker's, but for 01 (the evaporative system is sealed for a leak test), which has none.

use super::{Answer, DecodeError, Meaning, Reading, Signal, Supported, Values};

static EVAPORATIVE_TEST: Meaning =
    Meaning { name: "evaporative_leak_test", label: "Evaporative system sealed for a leak test" };

/// Service 08, service byte removed.
pub(super) fn read(bytes: &[u8], legacy: bool, request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let wrong = |expected| DecodeError::Length { what: "service 08", expected, got: 1 + bytes.len() };
    let Some((&tid, data)) = bytes.split_first() else { return Err(wrong(2)) };
    if request.and_then(|r| r.get(1..)).is_some_and(|asked| !asked.contains(&tid)) {
        return Err(DecodeError::OtherRequest);
    }
    let mut values = Values::default();
    match (tid.is_multiple_of(0x20), legacy, data) {
        // Legacy lists begin with a byte of no account, as those of service 06.
        (true, true, [_, a, b, c, d]) | (true, false, [a, b, c, d]) => {
            let bits = u32::from_be_bytes([*a, *b, *c, *d]);
            values.supported.push(Supported { base: u16::from(tid), wide: false, bits });
        }
        (true, true, _) => return Err(wrong(7)),
        (true, false, _) => return Err(wrong(6)),
        (false, true, data) if data.len() != 5 => return Err(wrong(7)),
        (false, _, []) => return Ok(Answer::Positive),
        (false, _, data) => {
            let meaning = (tid == 0x01).then_some(&EVAPORATIVE_TEST);
            let reading = Reading::Raw(data.to_vec());
            values.signals.push(Signal { id: u16::from(tid), wide: false, meaning, reading });
        }
    }
    Ok(Answer::Values(values))
}
