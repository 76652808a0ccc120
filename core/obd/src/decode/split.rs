//! Tells the parameters of one reply apart.
//!
//! A reply to several PIDs is a row of `PID data…` (service 02: `PID frame data…`) without lengths, so each length must be
//! known, and the row must fit to the byte. Some PIDs may have one of two lengths; every combination is tried, and a row
//! that fits in two ways is refused.

use super::{DecodeError, extract, pids};

/// Most parameters that one request can ask for.
const MOST: usize = 6;

/// Parameter and its data bytes (behind the frame number, in service 02).
pub(super) type Part<'a> = (u8, &'a [u8]);

/// The parameters of a reply in order, at most six.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    parts: [Part<'a>; MOST],
    len: usize,
}

impl<'a> Parts<'a> {
    pub(super) fn one(pid: u8, data: &'a [u8]) -> Self {
        let mut parts = [(0, &data[..0]); MOST];
        parts[0] = (pid, data);
        Self { parts, len: 1 }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Part<'a>> {
        self.parts.iter().take(self.len)
    }
}

/// Data bytes a PID may have: the usual number, and the other one where there are two. `None`: published nowhere.
pub(super) fn lengths(pid: u8) -> Option<(usize, Option<usize>)> {
    match pid {
        0x01 | 0x41 => Some((4, None)),
        0x02 => Some((2, None)),
        _ if pid.is_multiple_of(0x20) => Some((4, None)),
        _ => pids::find(pid).map(|known| match known.length {
            pids::Length::Exact(n) => (usize::from(n), None),
            pids::Length::Either(usual, other) => (usize::from(usual), Some(usize::from(other))),
        }),
    }
}

/// Data bytes of a PID that always has the same number of them; `None` where it may have others, or none is published.
pub(crate) fn data_length(pid: u8) -> Option<usize> {
    lengths(pid).and_then(|(usual, other)| other.is_none().then_some(usual))
}

/// Most data bytes a PID has; `None` where none is published.
pub(crate) fn longest(pid: u8) -> Option<usize> {
    lengths(pid).map(|(usual, other)| other.map_or(usual, |other| other.max(usual)))
}

/// The PIDs of a reply to a request of service 01 that named several, each with its data.
pub(crate) fn present_values(payload: &[u8], request: &[u8]) -> Result<Vec<(u8, Vec<u8>)>, DecodeError> {
    let asked = request.get(1..).unwrap_or_default();
    let parts = split(payload.get(1..).unwrap_or_default(), None, &|pid| asked.contains(&pid), asked.len() == 1)?;
    Ok(parts.iter().map(|(pid, data)| (*pid, data.to_vec())).collect())
}

/// Splits `bytes` (service byte removed). `frame` is the frame number that stands behind each PID of service 02.
/// `asked` says whether the request asked for a PID. `one` says that it asked for one parameter, or that nobody knows: only
/// then may a PID without a published length take all that follows.
pub(super) fn split<'a>(
    bytes: &'a [u8],
    frame: Option<u8>,
    asked: &dyn Fn(u8) -> bool,
    one: bool,
) -> Result<Parts<'a>, DecodeError> {
    let head = 1 + usize::from(frame.is_some());
    let Some((&pid, _)) = bytes.split_first() else {
        return Err(DecodeError::Length { what: "this service", expected: 1 + head, got: 1 });
    };
    let Some(data) = bytes.get(head..).filter(|data| !data.is_empty()) else {
        return Err(DecodeError::PidLength { pid: u16::from(pid) });
    };
    if !asked(pid) {
        return Err(DecodeError::OtherRequest);
    }
    match lengths(pid) {
        Some((n, None)) if data.len() == n => return Ok(Parts::one(pid, data)),
        None if one => return Ok(Parts::one(pid, data)),
        _ => {}
    }
    let mut search =
        Search { frame, asked, found: None, failure: DecodeError::PidLength { pid: u16::from(pid) }, ways: 0 };
    search.walk(bytes, Parts { len: 0, ..Parts::one(0, &bytes[..0]) });
    match (search.found, search.ways) {
        (Some(parts), 1) => Ok(parts),
        (Some(_), _) => Err(DecodeError::Ambiguous),
        (None, _) => Err(search.failure),
    }
}

struct Search<'a, 'b> {
    frame: Option<u8>,
    asked: &'b dyn Fn(u8) -> bool,
    found: Option<Parts<'a>>,
    failure: DecodeError,
    ways: usize,
}

impl<'a> Search<'a, '_> {
    fn walk(&mut self, rest: &'a [u8], so_far: Parts<'a>) {
        let Some((&pid, mut after)) = rest.split_first() else {
            self.found = Some(so_far);
            self.ways += 1;
            return;
        };
        let wide = u16::from(pid);
        if so_far.len == MOST {
            return;
        }
        if !(self.asked)(pid) {
            self.failure = DecodeError::OtherRequest;
            return;
        }
        if so_far.iter().any(|(known, _)| *known == pid) {
            self.failure = DecodeError::Twice { pid: wide };
            return;
        }
        let Some((usual, other)) = lengths(pid) else {
            self.failure = DecodeError::UnknownLength { pid: wide };
            return;
        };
        if let Some(frame) = self.frame {
            match after.split_first() {
                Some((own, data)) if *own == frame => after = data,
                _ => {
                    self.failure = DecodeError::Inconsistent;
                    return;
                }
            }
        }
        for length in [Some(usual), other].into_iter().flatten() {
            if let Some((data, more)) = after.split_at_checked(length) {
                debug_assert!(pids::find(pid).is_none_or(|known| extract::fits(known.length, length)));
                let mut next = so_far;
                next.parts[next.len] = (pid, data);
                next.len += 1;
                self.walk(more, next);
            }
        }
    }
}
