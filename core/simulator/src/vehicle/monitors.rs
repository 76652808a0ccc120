//! Services 05 and 06: results of on-board tests (SAE J1979, on CAN and before); `uds` has the same for SAE J1979-2.

use super::ecu::{NOT_SUPPORTED, bitmap};
use std::collections::BTreeMap;

/// One test of a monitor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Test {
    /// On CAN: test id, unit and scaling id, value, smallest and largest that passes.
    Can([u8; 2], [u16; 3]),
    /// Before CAN: component (80 set: the limit is the smallest that passes), value and limit.
    Legacy(u8, [u16; 2]),
}

/// Tests by monitor id on CAN, by test id before.
pub(crate) type Monitors = BTreeMap<u8, Vec<Test>>;

/// Oxygen sensor tests (service 05): by test id and sensor, the bytes that follow.
pub(crate) type Oxygen = BTreeMap<(u8, u8), Vec<u8>>;

impl Test {
    /// Behind the monitor's or the test's id.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let (head, numbers): (&[u8], &[u16]) = match self {
            Self::Can(head, numbers) => (head, numbers),
            Self::Legacy(component, numbers) => (std::slice::from_ref(component), numbers),
        };
        head.iter().copied().chain(numbers.iter().flat_map(|n| n.to_be_bytes())).collect()
    }

    /// As after codes were cleared: no result, no limits.
    pub(crate) fn zero(&mut self) {
        match self {
            Self::Can(_, numbers) => *numbers = [0; 3],
            Self::Legacy(_, numbers) => *numbers = [0; 2],
        }
    }
}

/// Service 06, service byte removed.
pub(super) fn tests(monitors: &Monitors, rest: &[u8], legacy: bool) -> Result<Vec<Vec<u8>>, u8> {
    let &[id] = rest else { return Err(NOT_SUPPORTED) };
    if id % 0x20 == 0 {
        let map = bitmap(&monitors.keys().copied().collect(), id).filter(|_| !monitors.is_empty());
        // Before CAN a filler stands in front of the bitmap.
        let head: &[u8] = if legacy { &[id, 0xFF] } else { &[id] };
        return Ok(vec![[head, map.ok_or(NOT_SUPPORTED)?.as_slice()].concat()]);
    }
    let tests = monitors.get(&id).ok_or(NOT_SUPPORTED)?;
    let each = tests.iter().map(|test| [&[id], test.bytes().as_slice()].concat());
    Ok(if legacy { each.collect() } else { vec![each.flatten().collect()] })
}

/// Service 05, service byte removed.
pub(super) fn oxygen(oxygen: &Oxygen, rest: &[u8]) -> Result<Vec<Vec<u8>>, u8> {
    let &[test, sensor] = rest else { return Err(NOT_SUPPORTED) };
    let data = if test % 0x20 == 0 {
        let of = oxygen.keys().filter(|(_, s)| *s == sensor).map(|(t, _)| *t).collect();
        bitmap(&of, test).filter(|_| !of.is_empty()).map(Vec::from)
    } else {
        oxygen.get(&(test, sensor)).cloned()
    };
    Ok(vec![[&[test, sensor], data.ok_or(NOT_SUPPORTED)?.as_slice()].concat()])
}
