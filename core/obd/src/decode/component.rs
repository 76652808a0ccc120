//! Service 06 outside CAN: a test of one component against one limit.
//!
//! `46 test component value value limit limit`, a message for each limit. Tests, components and scaling are the maker's, so
//! the numbers stay as sent. Bit 7 of the component says which limit follows: set, the value must exceed it (so the repair
//! manuals of Land Rover's ME7.2 and of Subaru). The bitmaps have a byte in place of the component; freediag, too, leaves it
//! out of account, and no second source says what it holds. On CAN the layout is another one: see [`super::monitor`].

use super::{Answer, DecodeError, Limit, Supported, Values};

/// A test of a component against one limit, as sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ComponentTest {
    /// Test id, the maker's.
    pub tid: u8,
    /// Component id, the maker's, 0–127.
    pub component: u8,
    /// Which limit it is.
    pub limit: Limit,
    /// The value.
    pub value: u16,
    /// The limit.
    pub bound: u16,
}

impl ComponentTest {
    /// Whether it has run since codes were cleared: value and limit are zero before (the repair manual of Land Rover's ME7.2,
    /// and as on CAN).
    pub fn completed(&self) -> bool {
        self.value != 0 || self.bound != 0
    }

    /// Whether the value keeps to the limit, the limit itself included.
    pub fn pass(&self) -> bool {
        match self.limit {
            Limit::Minimum => self.value >= self.bound,
            Limit::Maximum => self.value <= self.bound,
        }
    }
}

/// Service 06 of a legacy bus, service byte removed.
pub(super) fn read(bytes: &[u8], request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let &[tid, second, a, b, c, d] = bytes else {
        return Err(DecodeError::Length { what: "service 06", expected: 7, got: 1 + bytes.len() });
    };
    if request.and_then(|r| r.get(1)).is_some_and(|asked| *asked != tid) {
        return Err(DecodeError::OtherRequest);
    }
    if !tid.is_multiple_of(0x20) {
        let limit = if second & 0x80 == 0 { Limit::Maximum } else { Limit::Minimum };
        let (value, bound) = (u16::from_be_bytes([a, b]), u16::from_be_bytes([c, d]));
        return Ok(Answer::Components(vec![ComponentTest { tid, component: second & 0x7F, limit, value, bound }]));
    }
    let supported = Supported { base: u16::from(tid), wide: false, bits: u32::from_be_bytes([a, b, c, d]) };
    Ok(Answer::Values(Values { supported: vec![supported], ..Values::default() }))
}
