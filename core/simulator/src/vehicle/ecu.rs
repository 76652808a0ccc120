//! An ECU: what it holds, and what it answers to the services of SAE J1979, on CAN and before. `uds` has those of SAE J1979-2.

use super::{
    drive::State,
    monitors::{self, Monitors, Oxygen},
    present,
    uds::Uds,
    value::{self, Part},
};
use std::collections::{BTreeMap, BTreeSet};

/// Values stored with a code.
pub(crate) struct Frozen {
    /// The code that caused it, as sent, and its failure type (SAE J1979-2).
    pub(crate) cause: [u8; 2],
    pub(crate) failure: Option<u8>,
    /// The moment.
    pub(crate) state: State,
    /// Parameter ids kept, 02 not among them.
    pub(crate) pids: BTreeSet<u8>,
}

/// What an infotype of service 09 holds.
pub(crate) struct Item {
    /// Items, as CAN sends it in front of them.
    pub(crate) count: u8,
    /// All of them.
    pub(crate) data: Vec<u8>,
}

/// An ECU.
pub(crate) struct Ecu {
    /// CAN response identifier, or the source address on an older bus.
    pub(crate) id: u32,
    /// Milliseconds it thinks at least, and how much longer at most.
    pub(crate) think: (f64, f64),
    /// Padding byte of its frames.
    pub(crate) pad: u8,
    /// Present values, bitmaps and 01 not among them.
    pub(crate) pids: BTreeSet<u8>,
    /// How the file writes a PID; the others come from the physics.
    pub(crate) values: BTreeMap<u8, Vec<Part>>,
    /// PID 01: lamp and count, then the monitor bytes.
    pub(crate) readiness: Option<[u8; 4]>,
    /// Codes by service: 03, 07, 0A.
    pub(crate) stored: Vec<[u8; 2]>,
    /// Service 07.
    pub(crate) pending: Vec<[u8; 2]>,
    /// Service 0A.
    pub(crate) permanent: Vec<[u8; 2]>,
    /// Freeze frames, number 0 first.
    pub(crate) frozen: Vec<Frozen>,
    /// Infotypes of service 09, bitmap and message counts not among them.
    pub(crate) information: BTreeMap<u8, Item>,
    /// Service 06.
    pub(crate) monitors: Monitors,
    /// Service 05, before CAN.
    pub(crate) oxygen: Oxygen,
    /// It speaks SAE J1979-2, and nothing of the older services.
    pub(crate) uds: Option<Uds>,
    /// After codes are cleared it answers values of the freeze frame that is gone, with zeros.
    pub(crate) zero_frames: bool,
    /// Those values.
    pub(crate) zeros: BTreeSet<u8>,
    /// Requests that begin like this are answered after so many milliseconds, for which the ECU asks first.
    pub(crate) slow: Vec<(Vec<u8>, f64)>,
    /// Requests that begin like this are refused with this code, whoever was asked.
    pub(crate) refuse: Vec<(Vec<u8>, u8)>,
    /// Requests that begin like this are not answered at all.
    pub(crate) silent: Vec<Vec<u8>>,
}

/// Negative response codes (ISO 14229-1).
pub(super) const SERVICE_NOT_SUPPORTED: u8 = 0x11;
pub(super) const NOT_SUPPORTED: u8 = 0x12;
pub(super) const CONDITIONS: u8 = 0x22;
pub(super) const OUT_OF_RANGE: u8 = 0x31;
/// Codes in one message of an older bus, and bytes of an infotype.
const CODES: usize = 3;
const LINE: usize = 4;

impl Ecu {
    /// The payloads it answers with: one on CAN, several on an older bus (`legacy`), none where it stays silent. What it does
    /// not support it leaves unanswered when everyone was asked (`functional`), and refuses when it was asked by itself, as
    /// the standard has it.
    pub(crate) fn answer(&self, state: &State, request: &[u8], functional: bool, legacy: bool) -> Vec<Vec<u8>> {
        let Some((&service, rest)) = request.split_first() else { return Vec::new() };
        if self.silent.iter().any(|s| request.starts_with(s)) {
            return Vec::new();
        }
        // The longest match counts, so that one request of a refused service may have its own answer.
        let refused = self.refuse.iter().filter(|(r, _)| request.starts_with(r)).max_by_key(|(r, _)| r.len());
        if let Some((_, nrc)) = refused {
            return vec![vec![0x7F, service, *nrc]];
        }
        let answer = match service {
            _ if self.uds.is_some() != matches!(service, 0x14 | 0x19 | 0x22 | 0x3E) => Err(SERVICE_NOT_SUPPORTED),
            // As with most cars: not while the engine runs.
            0x04 | 0x14 if state.running => Err(CONDITIONS),
            0x04 if rest.is_empty() => Ok(vec![Vec::new()]),
            0x14 if matches!(rest, [0xFF, 0xFF, 0x33 | 0xFF]) => Ok(vec![Vec::new()]),
            0x14 => Err(OUT_OF_RANGE),
            0x19 | 0x22 | 0x3E => match &self.uds {
                Some(uds) => uds.answer(self, state, service, rest),
                None => Err(SERVICE_NOT_SUPPORTED),
            },
            0x05 if legacy => monitors::oxygen(&self.oxygen, rest),
            0x06 => monitors::tests(&self.monitors, rest, legacy),
            0x01 => self.present(state, rest, legacy).map(|m| vec![m]),
            0x02 => self.freeze_frame(state, rest).map(|m| vec![m]),
            0x03 if rest.is_empty() => Ok(codes(&self.stored, legacy)),
            0x07 if rest.is_empty() => Ok(codes(&self.pending, legacy)),
            0x0A if rest.is_empty() => Ok(codes(&self.permanent, legacy)),
            0x03 | 0x07 | 0x0A => Err(NOT_SUPPORTED),
            0x09 if legacy => self.lines(rest),
            0x09 => self.information(rest).map(|m| vec![m]),
            _ => Err(SERVICE_NOT_SUPPORTED),
        };
        match answer {
            Ok(messages) => messages.into_iter().map(|data| [&[service | 0x40], data.as_slice()].concat()).collect(),
            // What is wrong with the moment is said to everyone, too.
            Err(nrc) if functional && nrc != CONDITIONS => Vec::new(),
            Err(nrc) => vec![vec![0x7F, service, nrc]],
        }
    }

    /// Bytes of the longest value it can give.
    pub(crate) fn longest_value(&self) -> usize {
        self.values.values().map(|parts| parts.iter().map(Part::len).sum()).max().unwrap_or(0)
    }

    /// One PID, or up to six of them on CAN.
    fn present(&self, state: &State, pids: &[u8], legacy: bool) -> Result<Vec<u8>, u8> {
        if pids.is_empty() || pids.len() > if legacy { 1 } else { 6 } {
            return Err(NOT_SUPPORTED);
        }
        let supported = self.supported();
        let mut out = Vec::new();
        for &pid in pids {
            let data = match pid {
                _ if pid % 0x20 == 0 => bitmap(&supported, pid).map(Vec::from),
                0x01 => self.readiness.map(Vec::from),
                _ => self.value(state, pid),
            };
            if let Some(data) = data {
                out.push(pid);
                out.extend(data);
            }
        }
        if out.is_empty() { Err(NOT_SUPPORTED) } else { Ok(out) }
    }

    /// PIDs of service 01, bitmaps not among them.
    pub(super) fn supported(&self) -> BTreeSet<u8> {
        self.pids.iter().copied().chain(self.readiness.map(|_| 1)).collect()
    }

    pub(super) fn value(&self, state: &State, pid: u8) -> Option<Vec<u8>> {
        match self.values.get(&pid) {
            Some(parts) => Some(value::encode(parts, state)),
            None if self.pids.contains(&pid) => present::encode(state, pid),
            None => None,
        }
    }

    /// Request: PID and frame number. Reply: PID, frame number, data.
    fn freeze_frame(&self, state: &State, rest: &[u8]) -> Result<Vec<u8>, u8> {
        let &[pid, frame] = rest else { return Err(NOT_SUPPORTED) };
        let data = match self.frozen.get(usize::from(frame)) {
            None if frame != 0 => return Err(OUT_OF_RANGE),
            None if pid == 0x00 => vec![0x40, 0, 0, 0],
            None if pid == 0x02 => vec![0, 0],
            None if self.zeros.contains(&pid) => vec![0; self.value(state, pid).map_or(1, |value| value.len())],
            None => return Err(NOT_SUPPORTED),
            Some(frozen) if pid == 0x02 => frozen.cause.to_vec(),
            Some(frozen) if pid % 0x20 == 0 => {
                let supported = frozen.pids.iter().copied().chain([2]).collect();
                bitmap(&supported, pid).map(Vec::from).ok_or(NOT_SUPPORTED)?
            }
            Some(frozen) if frozen.pids.contains(&pid) => self.value(&frozen.state, pid).ok_or(NOT_SUPPORTED)?,
            Some(_) => return Err(NOT_SUPPORTED),
        };
        Ok([&[pid, frame], data.as_slice()].concat())
    }

    fn information(&self, rest: &[u8]) -> Result<Vec<u8>, u8> {
        let &[infotype] = rest else { return Err(NOT_SUPPORTED) };
        if infotype == 0 {
            let supported = self.information.keys().copied().collect();
            return Ok([&[0], bitmap(&supported, 0).unwrap_or_default().as_slice()].concat());
        }
        let item = self.information.get(&infotype).ok_or(NOT_SUPPORTED)?;
        Ok([&[infotype, item.count], item.data.as_slice()].concat())
    }

    /// Service 09 on an older bus: numbered lines of four bytes, NUL in front; the infotype before says how many there are.
    fn lines(&self, rest: &[u8]) -> Result<Vec<Vec<u8>>, u8> {
        let &[infotype] = rest else { return Err(NOT_SUPPORTED) };
        let counted = |n: u8| n % 2 == 1 && n < 0x0B && self.information.contains_key(&(n + 1));
        if infotype == 0 {
            let supported = (1..=0x20).filter(|n| counted(*n) || self.information.contains_key(n)).collect();
            return Ok(vec![[&[0, 1], bitmap(&supported, 0).unwrap_or_default().as_slice()].concat()]);
        }
        let lines = |item: &Item| item.data.len().div_ceil(LINE);
        if let Some(item) = infotype.checked_add(1).filter(|_| counted(infotype)).and_then(|n| self.information.get(&n))
        {
            return Ok(vec![vec![infotype, u8::try_from(lines(item)).unwrap_or(u8::MAX)]]);
        }
        let item = self.information.get(&infotype).ok_or(NOT_SUPPORTED)?;
        let mut data = vec![0; lines(item) * LINE - item.data.len()];
        data.extend_from_slice(&item.data);
        Ok(data.chunks(LINE).zip(1u8..).map(|(chunk, number)| [&[infotype, number], chunk].concat()).collect())
    }
}

/// Two bytes per code: after their count on CAN; three to a message, padded with zeros and not counted, elsewhere.
fn codes(codes: &[[u8; 2]], legacy: bool) -> Vec<Vec<u8>> {
    if !legacy {
        let count = u8::try_from(codes.len()).unwrap_or(u8::MAX);
        return vec![std::iter::once(count).chain(codes.concat()).collect()];
    }
    let message = |chunk: &[[u8; 2]]| {
        let mut data = chunk.concat();
        data.resize(2 * CODES, 0);
        data
    };
    if codes.is_empty() { vec![message(&[])] } else { codes.chunks(CODES).map(message).collect() }
}

/// The bitmap that starts at `base`: bit 31 is `base + 1`; the last bit says that a later bitmap holds something. `None`
/// for a later bitmap with nothing in it, which an ECU does not answer.
pub(super) fn bitmap(supported: &BTreeSet<u8>, base: u8) -> Option<[u8; 4]> {
    let mut bits = 0u32;
    for &pid in supported.iter().filter(|p| **p > base) {
        let place = u32::from(pid - base).min(32);
        bits |= 1 << (32 - place);
    }
    (base == 0 || bits != 0).then(|| bits.to_be_bytes())
}

#[cfg(test)]
mod tests {
    use crate::vehicle::{drive::Drive, file};

    fn ask(vehicle: &str, ecu: usize, request: &[u8], functional: bool) -> Option<String> {
        let read = file::named(vehicle).unwrap().unwrap();
        let drive = Drive::new(read.car, 1, true);
        let messages = read.ecus[ecu].answer(drive.state(), request, functional, read.protocol < 6);
        let hex = |m: &Vec<u8>| m.iter().map(|b| format!("{b:02X}")).collect::<String>();
        (!messages.is_empty()).then(|| messages.iter().map(hex).collect::<Vec<_>>().join(" "))
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
            assert_eq!(ask("misfire", ecu, request, true).as_deref(), expect, "{request:02X?} to {ecu}");
        }
    }

    #[test]
    fn what_is_not_supported_is_refused_only_when_asked_alone() {
        assert_eq!(ask("misfire", 0, &[0x01, 0x99], true), None);
        assert_eq!(ask("misfire", 0, &[0x01, 0x99], false).as_deref(), Some("7F0112"));
        assert_eq!(ask("misfire", 0, &[0x08, 0x01], false).as_deref(), Some("7F0811"));
        // The engine runs, which is said to everyone.
        assert_eq!(ask("misfire", 0, &[0x04], true).as_deref(), Some("7F0422"));
        assert_eq!(ask("misfire", 0, &[0x02, 0x0C, 0x01], false).as_deref(), Some("7F0231"));
    }

    #[test]
    fn the_bitmaps_say_exactly_what_is_answered() {
        for name in file::NAMES {
            let ecus = file::named(name).unwrap().unwrap().ecus;
            for ecu in (0..ecus.len()).filter(|e| ecus[*e].silent.is_empty() && ecus[*e].refuse.is_empty()) {
                for base in (0..=0xE0u8).step_by(0x20) {
                    let map = ask(name, ecu, &[0x01, base], true)
                        .map_or(0, |hex| u32::from_str_radix(&hex[4..], 16).unwrap());
                    for place in 1..=31u8 {
                        let claimed = map & (1 << (32 - place)) != 0;
                        let answered = ask(name, ecu, &[0x01, base + place], true).is_some();
                        assert_eq!(claimed, answered, "PID {:02X} of ECU {ecu} of {name}", base + place);
                    }
                    if base < 0xE0 {
                        let next = ask(name, ecu, &[0x01, base + 0x20], true).is_some();
                        assert_eq!(map & 1 == 1, next, "chain after {base:02X} of {name}");
                    }
                }
            }
        }
    }

    #[test]
    fn several_pids_in_one_request_come_back_in_one_reply_on_can_only() {
        assert_eq!(ask("misfire", 0, &[0x01, 0x0D, 0x99, 0x1C], true).unwrap(), "410D001C07");
        assert_eq!(ask("kwp", 0, &[0x01, 0x0D, 0x1C], true), None);
    }

    #[test]
    fn an_older_bus_has_neither_counts_nor_long_messages() {
        for (request, expect) in [
            (&[0x03][..], "43013301710300 43044200000000"),
            (&[0x07], "47017100000000"),
            (&[0x09, 0x01], "490105"),
            (&[0x09, 0x02], "49020100000031 49020252574B41 49020339313435 49020431313030 49020530303931"),
        ] {
            assert_eq!(ask("iso9141", 0, request, true).as_deref(), Some(expect), "{request:02X?}");
        }
    }
}
