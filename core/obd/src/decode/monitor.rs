//! Service 06 on CAN: results of on-board monitoring.
//!
//! Records of nine bytes: monitor id, test id, unit and scaling id, value, minimum, maximum. All records of a reply belong
//! to the monitor asked for. A record that is cut short is no test; the reply is then incomplete. UDS (`F6xx`) has the same
//! records with the whole data identifier in place of the monitor id. Other buses have another layout: see
//! [`super::component`].

use super::{Answer, DecodeError, Supported, Values, uas};

/// One test result.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TestResult {
    /// Monitor id (MID).
    pub mid: u8,
    /// Test id (TID).
    pub tid: u8,
    /// Unit and scaling id.
    pub uas: u8,
    /// Value, minimum and maximum as sent.
    pub raw: [u16; 3],
    /// The same in their unit; `None` where the scaling is published nowhere.
    pub scaled: Option<Scaled>,
    /// Whether the value lies within its limits, both included. Says nothing of a test that has not run, see
    /// [`Self::completed`].
    pub pass: bool,
}

/// A test result in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scaled {
    /// The value.
    pub value: f64,
    /// The smallest that passes.
    pub min: f64,
    /// The largest that passes.
    pub max: f64,
    /// Unit of all three.
    pub unit: &'static str,
}

/// Service 06, service byte removed.
pub(super) fn read(bytes: &[u8], request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let Some(&mid) = bytes.first() else {
        return Err(DecodeError::Length { what: "service 06", expected: 2, got: 1 });
    };
    let asked = request.and_then(|r| r.get(1..));
    let fits = |mid: &u8| asked.is_none_or(|mids| mids.contains(mid));
    if mid.is_multiple_of(0x20) {
        let (maps, []) = bytes.as_chunks::<5>() else { return Err(DecodeError::PidLength { pid: u16::from(mid) }) };
        let mut values = Values::default();
        for [base, bits @ ..] in maps {
            if !base.is_multiple_of(0x20) {
                return Err(DecodeError::Inconsistent);
            }
            if !fits(base) {
                return Err(DecodeError::OtherRequest);
            }
            values.supported.push(Supported { base: u16::from(*base), wide: false, bits: u32::from_be_bytes(*bits) });
        }
        return Ok(Answer::Values(values));
    }
    if !fits(&mid) {
        return Err(DecodeError::OtherRequest);
    }
    let (records, rest) = bytes.as_chunks::<9>();
    if records.iter().any(|record| record[0] != mid) || rest.first().is_some_and(|next| *next != mid) {
        return Err(DecodeError::Inconsistent);
    }
    Ok(Answer::Tests { tests: records.iter().map(test).collect(), incomplete: !rest.is_empty() })
}

fn test(&[mid, tid, uas, v1, v0, min1, min0, max1, max0]: &[u8; 9]) -> TestResult {
    let raw = [[v1, v0], [min1, min0], [max1, max0]].map(u16::from_be_bytes);
    let scaled = uas::scaling(uas).and_then(|scaling| {
        let [value, min, max] = [scaling.apply(raw[0])?, scaling.apply(raw[1])?, scaling.apply(raw[2])?];
        Some(Scaled { value, min, max, unit: scaling.unit })
    });
    let unjudged = TestResult { mid, tid, uas, raw, scaled, pass: false };
    // From 80 on the standard scales signed values, also where it leaves the unit to later editions.
    let [value, min, max] = unjudged.numbers();
    TestResult { pass: (min..=max).contains(&value), ..unjudged }
}

/// The records of a monitor in UDS, `data` behind its first identifier; `None` where they are laid out otherwise.
///
/// A published AUTOSAR module (iSoft's Dcm) repeats the identifier before each record, as service 06 repeats the monitor id.
/// Nobody else says how several are told apart, so a row is read only where the identifier proves it, each time.
pub(super) fn records(mid: u8, data: &[u8]) -> Option<Answer> {
    let Some((first, more)) = data.split_at_checked(8) else {
        return Some(Answer::Tests { tests: Vec::new(), incomplete: true });
    };
    let (more, rest) = more.as_chunks::<10>();
    let [high, low] = [0xF6, mid];
    if more.iter().any(|record| record[..2] != [high, low]) || !rest.iter().zip([high, low]).all(|(a, b)| *a == b) {
        return None;
    }
    let whole = |record: &[u8]| {
        let &[tid, uas, v1, v0, min1, min0, max1, max0] = record else { return None };
        Some(test(&[mid, tid, uas, v1, v0, min1, min0, max1, max0]))
    };
    let tests = std::iter::once(first).chain(more.iter().map(|record| &record[2..])).filter_map(whole).collect();
    Some(Answer::Tests { tests, incomplete: !rest.is_empty() })
}
