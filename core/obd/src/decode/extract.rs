//! Applies a PID's fields to its data bytes.

use super::{
    DecodeError, Reading, Signal, Signals,
    pids::{Field, Length, Number, Pid, Take},
};

/// Appends the signals of one PID. `data` has passed [`fits`]; a field beyond a short optional byte is left out.
pub(super) fn signals(
    pid: &'static Pid,
    id: u16,
    wide: bool,
    data: &[u8],
    out: &mut Signals,
) -> Result<(), DecodeError> {
    let fields = match (pid.length, pid.earlier) {
        (Length::Either(_, other), Some(earlier)) if data.len() == usize::from(other) => earlier,
        _ => pid.fields,
    };
    for field in fields {
        if let Some(reading) = read(field, id, data)? {
            out.push(Signal { id, wide, meaning: Some(&field.meaning), reading });
        }
    }
    Ok(())
}

/// Whether a PID may have this many data bytes.
pub(super) fn fits(length: Length, bytes: usize) -> bool {
    match length {
        Length::Exact(n) => bytes == usize::from(n),
        Length::Either(usual, other) => bytes == usize::from(usual) || bytes == usize::from(other),
    }
}

fn read(field: &Field, id: u16, data: &[u8]) -> Result<Option<Reading>, DecodeError> {
    let set = |(byte, bit): (u8, u8)| data.get(usize::from(byte)).is_some_and(|b| b >> bit & 1 != 0);
    if field.when.is_some_and(|bit| !set(bit)) || field.unless.is_some_and(set) {
        return Ok(None);
    }
    Ok(match &field.take {
        Take::Number(take) => number(take, data),
        Take::Flag { at, bit } => data.get(usize::from(*at)).map(|b| Reading::Flag(b >> bit & 1 != 0)),
        Take::Enumerated { at, mask, list, absent } => {
            match data.get(usize::from(*at)).map(|byte| (byte & mask) >> mask.trailing_zeros()) {
                None => None,
                Some(code) if *absent == Some(code) => None,
                Some(code) => match list.iter().find(|(known, _)| *known == code) {
                    Some((_, text)) => Some(Reading::Enumerated(u32::from(code), text)),
                    None => return Err(DecodeError::Illegal { pid: id, value: u32::from(code) }),
                },
            }
        }
    })
}

fn number(take: &Number, data: &[u8]) -> Option<Reading> {
    let at = usize::from(take.at);
    let bytes = data.get(at..at + usize::from(take.width))?;
    let raw = bytes.iter().fold(0u32, |raw, b| raw << 8 | u32::from(*b));
    if take.absent == Some(raw) {
        return None;
    }
    if take.doubtful == Some(raw) {
        return Some(Reading::Raw(bytes.to_vec()));
    }
    let value = match (take.signed, bytes) {
        (true, &[high, low]) => f64::from(i16::from_be_bytes([high, low])),
        _ => f64::from(raw),
    };
    Some(Reading::Number(value * take.mul / take.div + take.add, take.unit))
}
