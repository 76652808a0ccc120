//! ISO 14229-1: services 10, 14, 19, 22 and 3E, as far as emission-related UDS (SAE J1979-2) needs them.
//!
//! Data identifiers `F4xx` hold the PIDs of service 01, `F6xx` the monitors of service 06, `F8xx` the infotypes of service
//! 09, `F180` to `F19F` what ISO 14229-1 itself names. Any other is raw bytes, so also `F5xx`, which SAE J1979-2 uses for
//! PIDs past FF and whose layouts are described nowhere openly; only its lists of what is supported are read, since the range
//! is one with `F4xx` (so the documentation of ETAS INCA, and the library LINK). A reply to several identifiers has no lengths; it is read
//! where all of them are `F4xx` of one published length.

use super::{
    Answer, DecodeError, Meaning, Reading, Signal, Supported, Values, dtcs, identifiers, info, live, monitor, split,
};

static VIN: Meaning = Meaning { name: "vin", label: "Vehicle identification number" };
static VEHICLE_INFO: Meaning = Meaning { name: "vehicle_information", label: "Vehicle information" };

/// A UDS reply, service byte removed.
pub(super) fn read(service: u8, bytes: &[u8], request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let asked = request.and_then(|r| r.get(1..));
    match (service, bytes) {
        // Session, then two timings of two bytes each.
        (0x10, [session, _, _, _, _]) => same(asked, *session).map(|()| Answer::Positive),
        (0x10, _) => Err(length("service 10", 6, bytes)),
        (0x14, []) => Ok(Answer::Positive),
        (0x14, _) => Err(length("service 14", 1, bytes)),
        (0x3E, [0]) => same(asked, 0).map(|()| Answer::Positive),
        (0x3E, _) => Err(length("service 3E", 2, bytes)),
        // What is stored with a code repeats the code.
        (0x19, [sub @ (0x04 | 0x06), rest @ ..])
            if asked.is_some_and(|asked| asked.get(1..4).is_some_and(|code| rest.get(..3) != Some(code))) =>
        {
            same(asked, *sub).and(Err(DecodeError::OtherRequest))
        }
        (0x19, [sub, rest @ ..]) => same(asked, *sub).and_then(|()| dtcs::read(*sub, rest)),
        (0x22, [high, low, data @ ..]) if !data.is_empty() => {
            identifier(u16::from_be_bytes([*high, *low]), data, asked)
        }
        _ => Err(length("this service", 4, bytes)),
    }
}

/// Bit 7 of a sub-function only asks for silence; it does not come back.
fn same(asked: Option<&[u8]>, got: u8) -> Result<(), DecodeError> {
    match asked.and_then(<[u8]>::first) {
        Some(sub) if sub & 0x7F != got => Err(DecodeError::OtherRequest),
        _ => Ok(()),
    }
}

fn identifier(did: u16, data: &[u8], asked: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let mut values = Values::default();
    let fits = |did: u16| asked.is_none_or(|asked| asked.chunks(2).any(|pair| pair == did.to_be_bytes()));
    if !fits(did) {
        return Err(DecodeError::OtherRequest);
    }
    let [high, low] = did.to_be_bytes();
    let longer = high == 0xF4 && split::data_length(low).is_some_and(|length| length < data.len());
    if asked.map_or(longer, |asked| asked.len() > 2) {
        row(did, data, &fits, &mut values)?;
        return Ok(Answer::Values(values));
    }
    match (high, low) {
        (0xF4, pid) => live::parameter(pid, did, true, data, &mut values)?,
        (0xF1, 0x90) if data.len() != 17 => return Err(DecodeError::PidLength { pid: did }),
        (0xF1, 0x90) => text(did, &VIN, info::text(data)?, &mut values),
        (0xF5 | 0xF6 | 0xF8, list) if list.is_multiple_of(0x20) => {
            let bits = data.try_into().map_err(|_| DecodeError::PidLength { pid: did })?;
            values.supported.push(Supported { base: did, wide: true, bits: u32::from_be_bytes(bits) });
        }
        (0xF6, mid) => match monitor::records(mid, data) {
            Some(answer) => return Ok(answer),
            None => raw(did, data, &mut values),
        },
        (0xF8, 0x02) if !matches!(data.len(), 17 | 18) => return Err(DecodeError::PidLength { pid: did }),
        (0xF8, infotype) => match info::items_of_identifier(infotype, data) {
            Some(Ok(Answer::Texts(texts))) => {
                let meaning = if infotype == 0x02 { &VIN } else { &VEHICLE_INFO };
                texts.into_iter().for_each(|t| text(did, meaning, t, &mut values));
            }
            Some(Ok(Answer::Values(of_infotype))) => {
                values.signals =
                    of_infotype.signals.iter().map(|s| Signal { id: did, wide: true, ..s.clone() }).collect();
            }
            Some(other) => return other,
            None => raw(did, data, &mut values),
        },
        _ => match identifiers::read(did, data) {
            Some((meaning, reading)) => {
                values.signals.push(Signal { id: did, wide: true, meaning: Some(meaning), reading });
            }
            None => raw(did, data, &mut values),
        },
    }
    Ok(Answer::Values(values))
}

/// Several identifiers: each `F4xx` with a length that is always the same.
fn row(first: u16, data: &[u8], fits: &dyn Fn(u16) -> bool, values: &mut Values) -> Result<(), DecodeError> {
    let (mut did, mut rest, mut seen) = (first, data, Vec::new());
    loop {
        let [high, low] = did.to_be_bytes();
        if !fits(did) {
            return Err(DecodeError::OtherRequest);
        }
        if seen.contains(&did) {
            return Err(DecodeError::Twice { pid: did });
        }
        seen.push(did);
        let length = split::data_length(low).filter(|_| high == 0xF4);
        let Some(length) = length else { return Err(DecodeError::UnknownLength { pid: did }) };
        let Some((data, more)) = rest.split_at_checked(length) else { return Err(DecodeError::PidLength { pid: did }) };
        live::parameter(low, did, true, data, values)?;
        match more {
            [] => return Ok(()),
            [high, low, data @ ..] => (did, rest) = (u16::from_be_bytes([*high, *low]), data),
            [_] => return Err(DecodeError::PidLength { pid: did }),
        }
    }
}

fn text(did: u16, meaning: &'static Meaning, text: String, values: &mut Values) {
    values.signals.push(Signal { id: did, wide: true, meaning: Some(meaning), reading: Reading::Text(text) });
}

fn raw(did: u16, data: &[u8], values: &mut Values) {
    values.signals.push(Signal { id: did, wide: true, meaning: None, reading: Reading::Raw(data.to_vec()) });
}

fn length(what: &'static str, expected: usize, bytes: &[u8]) -> DecodeError {
    DecodeError::Length { what, expected, got: 1 + bytes.len() }
}
