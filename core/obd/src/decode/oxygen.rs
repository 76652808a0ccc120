//! Service 05: monitoring of the oxygen sensors. Only J1850, ISO 9141 and KWP have it; on CAN service 06 took its place.
//!
//! `45 test sensor value`, and for a test that is computed also `minimum maximum`. Tests 01 to 04 are constants, to which
//! some ECUs add limits all the same; 05 to 0A are computed and have both. Tests from 21 on are the maker's; their numbers
//! stay as sent.
//!
//! How the sensor is written is told in two ways: as the bit that it has in PID 13 or 1D (freediag asks like that), or by
//! its number in the widely copied tables of "0101, 0102, 0103 …". For 01 and 02 they agree, and so do an ECU taken apart
//! (first-generation MX-5) and the test programme of SAE J1699-3, which calls 02 "sensor number 2". Any other byte stays as
//! sent.

use super::{Answer, DecodeError, Supported, Values};

/// A test of one oxygen sensor.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OxygenTest {
    /// Test id.
    pub tid: u8,
    /// Sensor, as sent; see [`OxygenTest::sensor`].
    pub place: u8,
    /// The value as sent.
    pub raw: u8,
    /// Minimum and maximum as sent; `None` for a constant.
    pub limits: Option<[u8; 2]>,
}

impl OxygenTest {
    /// What the test is called; `None` for the maker's.
    pub fn name(&self) -> Option<&'static str> {
        super::test_name(self.tid).filter(|_| self.tid <= 0x0A)
    }

    /// Which sensor of bank 1 it is, 1 or 2; `None` where sources differ in what the byte means.
    pub fn sensor(&self) -> Option<u8> {
        matches!(self.place, 1 | 2).then_some(self.place)
    }

    /// The value with its unit; `None` for the maker's tests.
    pub fn value(&self) -> Option<(f64, &'static str)> {
        self.scale().map(|(step, unit)| (f64::from(self.raw) * step, unit))
    }

    /// Size of a step and unit; `None` for the maker's tests.
    pub fn scale(&self) -> Option<(f64, &'static str)> {
        match self.tid {
            0x01..=0x04 | 0x07 | 0x08 => Some((0.005, "V")),
            0x05 | 0x06 => Some((0.004, "s")),
            0x09 | 0x0A => Some((0.04, "s")),
            _ => None,
        }
    }

    /// Whether the value keeps to its limits, both included; `None` for a constant.
    pub fn pass(&self) -> Option<bool> {
        self.limits.map(|[min, max]| (min..=max).contains(&self.raw))
    }

    /// How far inside its limits the value is, as [`Margin::room`](super::Margin::room); `None` for a constant.
    pub fn room(&self) -> Option<f64> {
        let [min, max] = self.limits?.map(i32::from);
        super::limits::room(i32::from(self.raw), (min, max))
    }
}

/// Service 05, service byte removed.
pub(super) fn read(bytes: &[u8], request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let wrong = |expected| DecodeError::Length { what: "service 05", expected, got: 1 + bytes.len() };
    let &[tid, place, ref data @ ..] = bytes else { return Err(wrong(4)) };
    let asked = request.and_then(|r| r.get(1..)).unwrap_or_default();
    if asked.iter().zip([tid, place]).any(|(asked, got)| *asked != got) {
        return Err(DecodeError::OtherRequest);
    }
    // There is no sensor 0, whichever way they are written.
    if place == 0 {
        return Err(DecodeError::Illegal { pid: u16::from(tid), value: u32::from(place) });
    }
    if tid.is_multiple_of(0x20) {
        let bits = data.try_into().map_err(|_| wrong(7))?;
        let supported = Supported { base: u16::from(tid), wide: false, bits: u32::from_be_bytes(bits) };
        return Ok(Answer::Values(Values { supported: vec![supported], ..Values::default() }));
    }
    let (raw, limits) = match (tid, data) {
        (_, [raw, min, max]) => (*raw, Some([*min, *max])),
        (0x05..=0x0A, _) => return Err(wrong(6)),
        (_, [raw]) => (*raw, None),
        _ => return Err(wrong(4)),
    };
    Ok(Answer::Oxygen(OxygenTest { tid, place, raw, limits }))
}
