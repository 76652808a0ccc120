//! Services 01 (present values) and 02 (freeze frame).

use super::{
    Answer, DecodeError, Meaning, Reading, Signal, Supported, Values, extract, pids, readiness,
    split::{self, Parts},
};
use crate::dtc;

pub(super) static MIL: Meaning = Meaning { name: "mil", label: "Malfunction indicator lamp" };
pub(super) static DTC_COUNT: Meaning = Meaning { name: "dtc_count", label: "Confirmed trouble codes" };

/// Service 01, service byte removed.
pub(super) fn current(bytes: &[u8], request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    let asked = request.and_then(|r| r.get(1..));
    let mut values = Values::default();
    // The frequent reply: one PID with one layout.
    if let Some((&pid, data)) = bytes.split_first()
        && let Some(known) = pids::find(pid)
        && known.length == pids::Length::Exact(u8::try_from(data.len()).unwrap_or(0))
    {
        if asked.is_some_and(|pids| !pids.contains(&pid)) {
            return Err(DecodeError::OtherRequest);
        }
        let id = u16::from(pid);
        extract::signals(known, id, false, data, &mut values.signals)?;
        return Ok(Answer::Values(values));
    }
    let fits = |pid: u8| asked.is_none_or(|pids| pids.contains(&pid));
    let parts = split::split(bytes, None, &fits, asked.is_none_or(|pids| pids.len() == 1))?;
    read(&parts, &mut values)?;
    Ok(Answer::Values(values))
}

/// Service 02, service byte removed: `PID frame data`. The frame number precedes the data.
pub(super) fn freeze_frame(bytes: &[u8], request: Option<&[u8]>) -> Result<Answer, DecodeError> {
    // A request is `02` and pairs of PID and frame.
    let asked = request.and_then(|r| r.get(1..)).map(|pairs| pairs.chunks(2));
    let [_, frame, ..] = *bytes else {
        return Err(DecodeError::Length { what: "service 02", expected: 4, got: 1 + bytes.len() });
    };
    let one = asked.clone().is_none_or(|pairs| pairs.len() == 1);
    let fits = |pid: u8| asked.clone().is_none_or(|mut pairs| pairs.any(|p| p == [pid, frame] || p == [pid]));
    let parts = split::split(bytes, Some(frame), &fits, one)?;
    let mut values = Values { frame: Some(frame), ..Values::default() };
    read(&parts, &mut values)?;
    Ok(Answer::Values(values))
}

fn read(parts: &Parts<'_>, values: &mut Values) -> Result<(), DecodeError> {
    for (pid, data) in parts.iter() {
        parameter(*pid, u16::from(*pid), false, data, values)?;
    }
    Ok(())
}

/// One parameter by its PID; `id` is what it is called (the data identifier `F4xx` in UDS).
pub(super) fn parameter(pid: u8, id: u16, wide: bool, data: &[u8], values: &mut Values) -> Result<(), DecodeError> {
    let wrong = DecodeError::PidLength { pid: id };
    if pid.is_multiple_of(0x20) {
        let bits = u32::from_be_bytes(data.try_into().map_err(|_| wrong)?);
        values.supported.push(Supported { base: id, wide, bits });
        return Ok(());
    }
    match pid {
        0x01 | 0x41 => {
            let ready = readiness::read(pid, data.try_into().map_err(|_| wrong)?);
            let mut push = |meaning, reading| values.signals.push(Signal { id, wide, meaning: Some(meaning), reading });
            push(&MIL, Reading::Flag(ready.mil));
            push(&DTC_COUNT, Reading::Number(f64::from(ready.dtc_count), ""));
            // Both in one reply: the one since codes were cleared is the one that counts.
            if values.readiness.is_none() || pid == 0x01 {
                values.readiness = Some(ready);
            }
            Ok(())
        }
        0x02 => {
            let code: [u8; 2] = data.try_into().map_err(|_| wrong)?;
            values.codes = Some(if code == [0, 0] { Vec::new() } else { vec![dtc::code(code)] });
            Ok(())
        }
        _ => match pids::find(pid) {
            Some(known) if extract::fits(known.length, data.len()) => {
                extract::signals(known, id, wide, data, &mut values.signals)
            }
            Some(_) => Err(wrong),
            None if data.is_empty() => Err(wrong),
            None => {
                values.signals.push(Signal { id, wide, meaning: None, reading: Reading::Raw(data.to_vec()) });
                Ok(())
            }
        },
    }
}
