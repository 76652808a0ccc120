//! What an ECU of SAE J1979-2 answers: ISO 14229-1 services 14, 19, 22 and 3E.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    drive::State,
    ecu::{Ecu, NOT_SUPPORTED, OUT_OF_RANGE, SERVICE_NOT_SUPPORTED, bitmap},
};

/// Codes of three bytes, the failure type last.
#[derive(Clone, Debug, Default)]
pub(crate) struct Uds {
    /// Each with its status byte.
    pub(crate) codes: Vec<([u8; 3], u8)>,
    /// Those that only the ECU itself can remove.
    pub(crate) permanent: Vec<[u8; 3]>,
    /// `F5xx`, by its last byte, bitmaps not among them.
    pub(crate) identifiers: BTreeMap<u8, Vec<u8>>,
}

/// Functional group of emissions.
const EMISSIONS: u8 = 0x33;
/// Severity of a code: check at next halt.
const SEVERITY: u8 = 0x02;
/// Numbers of a code's freeze frames: the first, the latest, and all of them.
const FRAMES: [u8; 2] = [0x00, 0xF0];
const ALL: u8 = 0xFF;
/// Codes are those of SAE J2012 with failure types.
const FORMAT: u8 = 0x04;

impl Uds {
    /// The answers behind the service byte.
    pub(super) fn answer(&self, ecu: &Ecu, state: &State, service: u8, rest: &[u8]) -> Result<Vec<Vec<u8>>, u8> {
        match (service, rest) {
            (0x3E, [0x00]) => Ok(vec![vec![0x00]]),
            (0x3E, [0x80]) => Ok(Vec::new()),
            (0x19, &[0x04, a, b, c, record]) => self.frames(ecu, [a, b, c], record).map(|m| vec![m]),
            (0x19, rest) => self.codes(rest).map(|m| vec![m]),
            (0x22, dids) if !dids.is_empty() && dids.len().is_multiple_of(2) => {
                let found: Vec<u8> = dids.chunks_exact(2).flat_map(|did| self.identifier(ecu, state, did)).collect();
                if found.is_empty() { Err(OUT_OF_RANGE) } else { Ok(vec![found]) }
            }
            (0x22 | 0x3E, _) => Err(NOT_SUPPORTED),
            _ => Err(SERVICE_NOT_SUPPORTED),
        }
    }

    /// What was frozen with a code: `number count (identifier value)*` for each record.
    fn frames(&self, ecu: &Ecu, code: [u8; 3], record: u8) -> Result<Vec<u8>, u8> {
        let held = self.codes.iter().find(|(held, _)| *held == code);
        let (_, status) = held.filter(|_| record == ALL || FRAMES.contains(&record)).ok_or(OUT_OF_RANGE)?;
        let mut out = [[0x04].as_slice(), &code, &[*status]].concat();
        let own = ecu.frozen.iter().filter(|f| code.starts_with(&f.cause) && f.failure == Some(code[2]));
        for (frame, number) in own.zip(FRAMES).filter(|(_, number)| record == ALL || record == *number) {
            let values: Vec<Vec<u8>> = frame
                .pids
                .iter()
                .filter_map(|pid| Some([&[0xF4, *pid], ecu.value(&frame.state, *pid)?.as_slice()].concat()))
                .collect();
            out.extend([number, u8::try_from(values.len()).unwrap_or(u8::MAX)]);
            out.extend(values.concat());
        }
        Ok(out)
    }

    fn codes(&self, rest: &[u8]) -> Result<Vec<u8>, u8> {
        let with = |mask: u8| self.codes.iter().filter(move |(_, status)| status & mask != 0);
        let record = |(code, status): &([u8; 3], u8)| [code.as_slice(), &[*status]].concat();
        Ok(match *rest {
            [0x02, mask] => [0x02, 0xFF].into_iter().chain(with(mask).flat_map(record)).collect(),
            [0x42, EMISSIONS, mask, _severity] => [0x42, EMISSIONS, 0xFF, 0x1E, FORMAT]
                .into_iter()
                .chain(with(mask).flat_map(|held| [&[SEVERITY], record(held).as_slice()].concat()))
                .collect(),
            [0x55, EMISSIONS] => [0x55, EMISSIONS, 0xFF, FORMAT]
                .into_iter()
                .chain(self.permanent.iter().flat_map(|code| record(&(*code, 0x08))))
                .collect(),
            _ => return Err(NOT_SUPPORTED),
        })
    }
}

impl Uds {
    /// A data identifier and what it holds; nothing where the ECU has none.
    fn identifier(&self, ecu: &Ecu, state: &State, did: &[u8]) -> Vec<u8> {
        let named = |ids: BTreeSet<u8>, base| bitmap(&ids, base).filter(|_| !ids.is_empty()).map(Vec::from);
        let data = match *did {
            [0xF1, 0x90] => ecu.information.get(&0x02).map(|item| item.data.clone()),
            [0xF4, 0x01] => ecu.readiness.map(Vec::from),
            [0xF4, base] if base % 0x20 == 0 => bitmap(&ecu.supported(), base).map(Vec::from),
            [0xF4, pid] => ecu.value(state, pid),
            [0xF8, 0x00] => bitmap(&ecu.information.keys().copied().collect(), 0).map(Vec::from),
            [0xF8, infotype] => ecu.information.get(&infotype).map(|i| [&[i.count], i.data.as_slice()].concat()),
            [0xF5, base] if base % 0x20 == 0 => named(self.identifiers.keys().copied().collect(), base),
            [0xF5, id] => self.identifiers.get(&id).cloned(),
            [0xF6, base] if base % 0x20 == 0 => named(ecu.monitors.keys().copied().collect(), base),
            // The identifier stands before each test.
            [0xF6, id] => ecu
                .monitors
                .get(&id)
                .map(|tests| tests.iter().map(super::monitors::Test::bytes).collect::<Vec<_>>().join(did)),
            _ => None,
        };
        data.map_or_else(Vec::new, |data| [did, data.as_slice()].concat())
    }
}
