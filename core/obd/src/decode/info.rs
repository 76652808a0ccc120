//! Service 09: vehicle information.
//!
//! On CAN a count of items follows the infotype. On legacy buses the reply is lines of `49 infotype number` and four bytes;
//! they are read joined as [`crate::frame`] joins them, still numbered, or with only the first number left.

use super::{Answer, DecodeError, Meaning, Performance, Reading, Signal, Supported, Values};
use std::borrow::Cow;

static MESSAGE_COUNT: Meaning = Meaning { name: "message_count", label: "Lines the reply to the next infotype has" };

static FUELLED_CYCLES: Meaning =
    Meaning { name: "fuelled_ignition_cycles", label: "Ignition cycles with fuelled engine operation" };
static EVAP_DISTANCE: Meaning =
    Meaning { name: "distance_since_evap_decision", label: "Distance since the evaporative system was last judged" };

const WHAT: &str = "this infotype";

/// Service 09, service byte removed.
pub(super) fn read(bytes: &[u8], legacy: bool, request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let Some((&infotype, data)) = bytes.split_first() else { return Err(short(2, 1)) };
    if request.and_then(|r| r.get(1)).is_some_and(|asked| *asked != infotype) {
        return Err(DecodeError::OtherRequest);
    }
    if legacy {
        return lines(infotype, data);
    }
    if infotype.is_multiple_of(0x20) {
        let bits = data.try_into().map_err(|_| short(6, 1 + bytes.len()))?;
        return Ok(bitmap(infotype, bits));
    }
    match items(infotype, data) {
        Some(answer) => answer,
        None if data.is_empty() => Err(short(3, 2)),
        None => Ok(single(infotype, None, Reading::Raw(data.to_vec()))),
    }
}

/// Infotypes with a count on CAN, `data` behind the infotype; `None` where the infotype is none of them.
///
/// 16 to 1C (fuel consumption and energy on board, EU 2018/1832) are described openly by name only and stay raw.
pub(super) fn items(infotype: u8, data: &[u8]) -> Option<Result<Answer, DecodeError>> {
    let size = size(infotype)?;
    let Some((&count, data)) = data.split_first() else { return Some(Err(short(3, 2))) };
    let said = usize::from(count);
    // A vehicle has one VIN, and an ECU one name; so with the others that identify one thing.
    let single = !matches!(infotype, 0x04 | 0x06 | 0x08 | 0x0B);
    if said == 0 || data.len() != said * size || (said > 1 && single) {
        return Some(Err(DecodeError::Count { said, bytes: data.len() }));
    }
    Some(payload(infotype, data))
}

/// The same in UDS (`F8xx`), where some ECUs keep the count and others leave it out. The length tells them apart, since no
/// item has one byte.
pub(super) fn items_of_identifier(infotype: u8, data: &[u8]) -> Option<Result<Answer, DecodeError>> {
    let size = size(infotype)?;
    let single = !matches!(infotype, 0x04 | 0x06 | 0x08 | 0x0B);
    if !data.is_empty() && data.len().is_multiple_of(size) && (!single || data.len() == size) {
        return Some(payload(infotype, data));
    }
    items(infotype, data)
}

/// Bytes of an item. 0D is the engine's serial number, 0F the type approval, 11 the number of the WWH-OBD regulation.
fn size(infotype: u8) -> Option<usize> {
    Some(match infotype {
        0x02 | 0x0D | 0x0F => 17,
        0x04 => 16,
        0x06 => 4,
        0x08 | 0x0B | 0x12 | 0x14 => 2,
        0x0A => 20,
        0x11 => 11,
        _ => return None,
    })
}

/// The items themselves, count or numbers removed. The length is checked.
fn payload(infotype: u8, data: &[u8]) -> Result<Answer, DecodeError> {
    match infotype {
        0x02 | 0x0D | 0x0F | 0x11 => Ok(Answer::Texts(vec![text(data)?])),
        0x0A => Ok(Answer::Texts(vec![text(&data.iter().copied().filter(|b| *b != 0).collect::<Vec<_>>())?])),
        0x04 => {
            let mut texts = Vec::new();
            for item in data.chunks_exact(16) {
                match text(item) {
                    Ok(text) => texts.push(text),
                    Err(DecodeError::NotProgrammed) => {}
                    Err(other) => return Err(other),
                }
            }
            if texts.is_empty() { Err(DecodeError::NotProgrammed) } else { Ok(Answer::Texts(texts)) }
        }
        0x06 => Ok(Answer::Cvns(data.as_chunks::<4>().0.to_vec())),
        _ => {
            let counts: Vec<u32> = numbers(data).collect();
            Ok(match (infotype, counts.as_slice()) {
                (0x12, [cycles]) => single(infotype, Some(&FUELLED_CYCLES), Reading::Number(f64::from(*cycles), "")),
                (0x14, [distance]) => {
                    single(infotype, Some(&EVAP_DISTANCE), Reading::Number(f64::from(*distance), "km"))
                }
                _ => Answer::Counters(Performance { infotype, counts }),
            })
        }
    }
}

fn numbers(data: &[u8]) -> impl Iterator<Item = u32> {
    data.as_chunks::<2>().0.iter().map(|pair| u32::from(u16::from_be_bytes(*pair)))
}

/// Printable ASCII without the padding (00 or FF) in front and behind.
pub(super) fn text(bytes: &[u8]) -> Result<String, DecodeError> {
    let padding = |b: &u8| matches!(b, 0 | 0xFF);
    let Some(first) = bytes.iter().position(|b| !padding(b)) else { return Err(DecodeError::NotProgrammed) };
    let last = bytes.iter().rposition(|b| !padding(b)).unwrap_or(first);
    let text = bytes.get(first..=last).unwrap_or_default();
    if !text.iter().all(|b| matches!(b, 0x20..=0x7E)) {
        return Err(DecodeError::NotText);
    }
    if text.iter().all(|b| *b == b' ') {
        return Err(DecodeError::NotProgrammed);
    }
    String::from_utf8(text.to_vec()).map_err(|_| DecodeError::NotText)
}

/// A reply of a legacy bus, `data` behind the infotype.
fn lines(infotype: u8, data: &[u8]) -> Result<Answer, DecodeError> {
    if matches!(infotype, 0x01 | 0x03 | 0x05 | 0x07 | 0x09) {
        let [count] = *data else { return Err(short(3, 2 + data.len())) };
        return Ok(single(infotype, Some(&MESSAGE_COUNT), Reading::Number(f64::from(count), "")));
    }
    let data = joined(infotype, data)?;
    let wrong = |expected: usize| Err(short(expected, data.len()));
    match infotype {
        0x00 | 0x20 | 0x40 | 0x60 | 0x80 | 0xA0 | 0xC0 | 0xE0 => match data.as_ref().try_into() {
            Ok(bits) => Ok(bitmap(infotype, bits)),
            Err(_) => wrong(4),
        },
        // Seventeen characters in five lines of four, three bytes of padding first.
        0x02 => match data.as_ref() {
            [0, 0, 0, vin @ ..] if vin.len() == 17 => payload(infotype, vin),
            _ if data.len() == 20 => Err(DecodeError::Inconsistent),
            _ => wrong(20),
        },
        0x0A if data.len() != 20 => wrong(20),
        0x04 if data.is_empty() || !data.len().is_multiple_of(16) => wrong(16),
        0x04 | 0x06 | 0x08 | 0x0A | 0x0B => payload(infotype, &data),
        _ => Ok(single(infotype, None, Reading::Raw(data.into_owned()))),
    }
}

/// The data of all lines, numbers removed.
fn joined(infotype: u8, data: &[u8]) -> Result<Cow<'_, [u8]>, DecodeError> {
    // Behind the first `49 infotype`: `number d d d d`, then `49 infotype number d d d d` again and again.
    let numbered =
        data.len() % 7 == 5 && data.len() > 5 && data[5..].chunks_exact(7).all(|l| l[..2] == [0x49, infotype]);
    if numbered {
        let numbers = data.iter().step_by(7).zip(1u8..=255);
        if numbers.clone().any(|(number, due)| *number != due) {
            return Err(DecodeError::Sequence);
        }
        let rest = data[5..].chunks_exact(7).flat_map(|line| &line[3..]);
        return Ok(data[1..5].iter().chain(rest).copied().collect::<Vec<_>>().into());
    }
    match (data.len() % 4, data) {
        (_, []) => Err(short(6, 2 + data.len())),
        (0, _) => Ok(data.into()),
        (1, [1, rest @ ..]) if !rest.is_empty() => Ok(rest.into()),
        (1, _) => Err(DecodeError::Sequence),
        _ => Err(short(6, 2 + data.len())),
    }
}

fn bitmap(infotype: u8, bits: [u8; 4]) -> Answer {
    let supported = Supported { base: u16::from(infotype), wide: false, bits: u32::from_be_bytes(bits) };
    Answer::Values(Values { supported: vec![supported], ..Values::default() })
}

fn single(infotype: u8, meaning: Option<&'static Meaning>, reading: Reading) -> Answer {
    let mut values = Values::default();
    values.signals.push(Signal { id: u16::from(infotype), wide: false, meaning, reading });
    Answer::Values(values)
}

/// Both count from the service byte; the numbers of joined lines are not counted.
fn short(expected: usize, got: usize) -> DecodeError {
    DecodeError::Length { what: WHAT, expected, got }
}
