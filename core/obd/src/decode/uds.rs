//! ISO 14229-1: services 10, 14, 19, 22 and 3E, as far as emission-related UDS (SAE J1979-2) needs them.
//!
//! Data identifiers `F4xx` hold the PIDs of service 01, `F8xx` the infotypes of service 09, `F190` the VIN. Any other is
//! raw bytes. A reply to several identifiers has no lengths, so only one identifier a reply is read.

use super::{Answer, DecodeError, Meaning, Reading, Signal, Supported, Values, info, live};
use crate::dtc;

static VIN: Meaning = Meaning { name: "vin", label: "Vehicle identification number" };
static VEHICLE_INFO: Meaning = Meaning { name: "vehicle_information", label: "Vehicle information" };

/// Names of the status bits of a trouble code, bit 0 first (ISO 14229-1, Annex D).
pub const STATUS_FLAGS: [&str; 8] = [
    "testFailed",
    "testFailedThisOperationCycle",
    "pendingDTC",
    "confirmedDTC",
    "testNotCompletedSinceLastClear",
    "testFailedSinceLastClear",
    "testNotCompletedThisOperationCycle",
    "warningIndicatorRequested",
];

/// A trouble code with its status byte.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DtcStatus {
    /// As in `P0301-11`, the failure type last.
    pub code: String,
    /// Status byte.
    pub status: u8,
}

impl DtcStatus {
    /// Names of the bits that are set.
    pub fn flags(&self) -> Vec<&'static str> {
        STATUS_FLAGS.iter().enumerate().filter(|(bit, _)| self.status >> bit & 1 != 0).map(|(_, name)| *name).collect()
    }
}

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
        (0x19, [sub, rest @ ..]) => same(asked, *sub).and_then(|()| codes(*sub, rest)),
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

/// `report sub-function`, then what precedes the records, then the records.
fn codes(sub: u8, rest: &[u8]) -> Result<Answer, DecodeError> {
    // Bytes in front, bytes a record, and where in it the code and the status stand.
    let (front, size, code_at, status_at) = match sub {
        // By status mask; supported; first and most recent; permanent; and their like: mask, (code, status)*.
        0x02 | 0x0A..=0x0E | 0x13 | 0x15 => (1, 4, 0, 3),
        // WWH-OBD by mask: group, status mask, severity mask, format, (severity, code, status)*.
        0x42 => (4, 5, 1, 4),
        // WWH-OBD permanent: group, status mask, format, (code, status)*.
        0x55 => (3, 4, 0, 3),
        _ => return Err(DecodeError::SubFunction { service: 0x19, sub }),
    };
    let Some(records) = rest.get(front..).filter(|r| r.len().is_multiple_of(size)) else {
        return Err(length("service 19", 2 + front, rest));
    };
    // The format stands last in front of the records.
    if matches!(sub, 0x42 | 0x55)
        && let Some(format) = rest.get(front - 1).filter(|format| **format != 0x04)
    {
        return Err(DecodeError::CodeFormat(*format));
    }
    // Zeros are no code, but an empty place.
    let records = records.chunks_exact(size).filter(|record| record.get(code_at..code_at + 3) != Some(&[0, 0, 0]));
    let status = |record: &[u8]| {
        let code = dtc::code_with_failure_type([record[code_at], record[code_at + 1], record[code_at + 2]]);
        DtcStatus { code, status: record[status_at] }
    };
    Ok(Answer::Statuses(records.map(status).collect()))
}

fn identifier(did: u16, data: &[u8], asked: Option<&[u8]>) -> Result<Answer, DecodeError> {
    if let Some(asked) = asked {
        let mut dids = asked.chunks(2).map(|pair| pair == did.to_be_bytes());
        if asked.len() > 2 {
            return Err(DecodeError::UnknownLength { pid: did });
        }
        if !dids.any(|same| same) {
            return Err(DecodeError::OtherRequest);
        }
    }
    let [high, low] = did.to_be_bytes();
    let mut values = Values::default();
    match (high, low) {
        (0xF4, pid) => live::parameter(pid, did, true, data, &mut values)?,
        (0xF8, 0x02) | (0xF1, 0x90) => {
            // F802 counts its items like infotype 02; F190 is the bare VIN.
            let vin = if high == 0xF8 { data.strip_prefix(&[1]) } else { Some(data) };
            let Some(vin) = vin.filter(|vin| vin.len() == 17) else { return Err(DecodeError::PidLength { pid: did }) };
            text(did, &VIN, info::text(vin)?, &mut values);
        }
        (0xF8, infotype) if infotype.is_multiple_of(0x20) => {
            let bits = data.try_into().map_err(|_| DecodeError::PidLength { pid: did })?;
            values.supported.push(Supported { base: did, wide: true, bits: u32::from_be_bytes(bits) });
        }
        (0xF8, infotype) => match info::items(infotype, data) {
            Some(Ok(Answer::Texts(texts))) => {
                texts.into_iter().for_each(|t| text(did, &VEHICLE_INFO, t, &mut values));
            }
            Some(other) => return other,
            None => raw(did, data, &mut values),
        },
        _ => raw(did, data, &mut values),
    }
    Ok(Answer::Values(values))
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
