//! An ECU: what it holds, and what it answers to services 01, 02, 03, 07, 09 and 0A (SAE J1979 on CAN).

use super::{drive::State, present};
use std::collections::BTreeSet;

/// Values stored with a code.
pub(crate) struct Frozen {
    /// The code that caused it, as sent.
    pub(crate) cause: [u8; 2],
    /// The moment.
    pub(crate) state: State,
    /// Parameter ids kept, 02 not among them.
    pub(crate) pids: &'static [u8],
}

/// An ECU.
pub(crate) struct Ecu {
    /// Response identifier.
    pub(crate) id: u16,
    /// Milliseconds it thinks at least, and how much longer at most.
    pub(crate) think: (f64, f64),
    /// Padding byte of its frames.
    pub(crate) pad: u8,
    /// Present values, bitmaps and 01 not among them.
    pub(crate) pids: &'static [u8],
    /// PID 01: lamp and count, then the monitor bytes.
    pub(crate) readiness: [u8; 4],
    /// Codes by service: 03, 07, 0A.
    pub(crate) stored: &'static [[u8; 2]],
    /// Service 07.
    pub(crate) pending: &'static [[u8; 2]],
    /// Service 0A.
    pub(crate) permanent: &'static [[u8; 2]],
    /// Freeze frame 0, if a code was stored.
    pub(crate) frozen: Option<Frozen>,
    /// Infotypes of service 09: number and the bytes after the item count.
    pub(crate) information: Vec<(u8, Vec<u8>)>,
}

/// Negative response codes (ISO 14229-1).
const SERVICE_NOT_SUPPORTED: u8 = 0x11;
const NOT_SUPPORTED: u8 = 0x12;
const OUT_OF_RANGE: u8 = 0x31;

impl Ecu {
    /// Identifier that addresses this ECU alone.
    pub(crate) fn request_id(&self) -> u16 {
        self.id - 8
    }

    /// The payload it answers with. What it does not support it leaves unanswered when everyone was asked (`functional`),
    /// and refuses when it was asked by itself, as the standard has it.
    pub(crate) fn answer(&self, state: &State, request: &[u8], functional: bool) -> Option<Vec<u8>> {
        let (&service, rest) = request.split_first()?;
        let answer = match service {
            0x01 => self.present(state, rest),
            0x02 => self.freeze_frame(rest),
            0x03 if rest.is_empty() => Ok(codes(self.stored)),
            0x07 if rest.is_empty() => Ok(codes(self.pending)),
            0x0A if rest.is_empty() => Ok(codes(self.permanent)),
            0x03 | 0x07 | 0x0A => Err(NOT_SUPPORTED),
            0x09 => self.information(rest),
            _ => Err(SERVICE_NOT_SUPPORTED),
        };
        match answer {
            Ok(data) => Some([&[service | 0x40], data.as_slice()].concat()),
            Err(_) if functional => None,
            Err(nrc) => Some(vec![0x7F, service, nrc]),
        }
    }

    fn present(&self, state: &State, pids: &[u8]) -> Result<Vec<u8>, u8> {
        if pids.is_empty() || pids.len() > 6 {
            return Err(NOT_SUPPORTED);
        }
        let supported: BTreeSet<u8> = self.pids.iter().copied().chain([1]).collect();
        let mut out = Vec::new();
        for &pid in pids {
            let data = match pid {
                _ if pid % 0x20 == 0 => bitmap(&supported, pid).map(Vec::from),
                0x01 => Some(self.readiness.to_vec()),
                _ if supported.contains(&pid) => present::encode(state, pid),
                _ => None,
            };
            if let Some(data) = data {
                out.push(pid);
                out.extend(data);
            }
        }
        if out.is_empty() { Err(NOT_SUPPORTED) } else { Ok(out) }
    }

    /// Request: PID and frame number. Reply: PID, frame number, data. Only frame 0 exists.
    fn freeze_frame(&self, rest: &[u8]) -> Result<Vec<u8>, u8> {
        let &[pid, frame] = rest else { return Err(NOT_SUPPORTED) };
        if frame != 0 {
            return Err(OUT_OF_RANGE);
        }
        let data = match &self.frozen {
            None if pid == 0x00 => vec![0x40, 0, 0, 0],
            None if pid == 0x02 => vec![0, 0],
            None => return Err(NOT_SUPPORTED),
            Some(frozen) if pid == 0x02 => frozen.cause.to_vec(),
            Some(frozen) if pid % 0x20 == 0 => {
                let supported = frozen.pids.iter().copied().chain([2]).collect();
                bitmap(&supported, pid).map(Vec::from).ok_or(NOT_SUPPORTED)?
            }
            Some(frozen) if frozen.pids.contains(&pid) => present::encode(&frozen.state, pid).ok_or(NOT_SUPPORTED)?,
            Some(_) => return Err(NOT_SUPPORTED),
        };
        Ok([&[pid, frame], data.as_slice()].concat())
    }

    fn information(&self, rest: &[u8]) -> Result<Vec<u8>, u8> {
        let &[infotype] = rest else { return Err(NOT_SUPPORTED) };
        if infotype == 0 {
            let supported = self.information.iter().map(|(n, _)| *n).collect();
            return Ok([&[0], bitmap(&supported, 0).unwrap_or_default().as_slice()].concat());
        }
        let (_, data) = self.information.iter().find(|(n, _)| *n == infotype).ok_or(NOT_SUPPORTED)?;
        Ok([&[infotype, 1], data.as_slice()].concat())
    }
}

/// Two bytes per code after their count.
fn codes(codes: &[[u8; 2]]) -> Vec<u8> {
    let count = u8::try_from(codes.len()).unwrap_or(u8::MAX);
    std::iter::once(count).chain(codes.concat()).collect()
}

/// The bitmap that starts at `base`: bit 31 is `base + 1`; the last bit says that a later bitmap holds something. `None`
/// for a later bitmap with nothing in it, which an ECU does not answer.
fn bitmap(supported: &BTreeSet<u8>, base: u8) -> Option<[u8; 4]> {
    let mut bits = 0u32;
    for &pid in supported.iter().filter(|p| **p > base) {
        let place = u32::from(pid - base).min(32);
        bits |= 1 << (32 - place);
    }
    (base == 0 || bits != 0).then(|| bits.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use crate::vehicle::{drive::Drive, petrol};

    fn ask(ecu: usize, request: &[u8], functional: bool) -> Option<String> {
        let drive = Drive::new(petrol::car(), 1, true);
        let payload = petrol::ecus()[ecu].answer(drive.state(), request, functional)?;
        Some(payload.iter().map(|b| format!("{b:02X}")).collect())
    }

    #[test]
    fn each_ecu_answers_for_itself() {
        for (ecu, request, expect) in [
            (0, &[0x03][..], Some("43010301")),
            (1, &[0x03], Some("4300")),
            (0, &[0x07], Some("47010302")),
            (0, &[0x0A], Some("4A010420")),
            (1, &[0x0A], Some("4A00")),
            (0, &[0x02, 0x02, 0x00], Some("4202000301")),
            (1, &[0x02, 0x02, 0x00], Some("4202000000")),
            (1, &[0x09, 0x02], None),
            (0, &[0x22, 0xF1, 0x90], None),
            (0, &[0x02, 0x0C, 0x01], None),
        ] {
            assert_eq!(ask(ecu, request, true).as_deref(), expect, "{request:02X?} to {ecu}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_only_when_asked_alone() {
        assert_eq!(ask(0, &[0x01, 0x99], true), None);
        assert_eq!(ask(0, &[0x01, 0x99], false).as_deref(), Some("7F0112"));
        assert_eq!(ask(0, &[0x04], false).as_deref(), Some("7F0411"));
        assert_eq!(ask(0, &[0x02, 0x0C, 0x01], false).as_deref(), Some("7F0231"));
    }

    #[test]
    fn the_bitmaps_say_exactly_what_is_answered() {
        for ecu in 0..2 {
            for base in (0..=0xE0u8).step_by(0x20) {
                let map = ask(ecu, &[0x01, base], true).map_or(0, |hex| u32::from_str_radix(&hex[4..], 16).unwrap());
                for place in 1..=31u8 {
                    let claimed = map & (1 << (32 - place)) != 0;
                    let answered = ask(ecu, &[0x01, base + place], true).is_some();
                    assert_eq!(claimed, answered, "PID {:02X} of ECU {ecu}", base + place);
                }
                if base < 0xE0 {
                    assert_eq!(map & 1 == 1, ask(ecu, &[0x01, base + 0x20], true).is_some(), "chain after {base:02X}");
                }
            }
        }
    }

    #[test]
    fn several_pids_in_one_request_come_back_in_one_reply() {
        let reply = ask(0, &[0x01, 0x0D, 0x99, 0x1C], true).unwrap();
        assert_eq!(reply, "410D001C07");
    }
}
