//! Several present values with one request, where this vehicle on this adapter has shown in this very check that it brings
//! what single requests do (SAE J1979 allows up to six on CAN; not every ECU and not every adapter knows).
//!
//! Proof and use are one: two values are asked for alone, then again together with the next four. If every ECU that
//! supports the six gives all six, and the two as before, the rest goes out in sixes too. An answer that lacks anything is
//! dropped, and its values are asked for alone.

use super::{coverage::Judged, dialect::Dialect, ecus::Known, run::Check};
use crate::{adapter::Request, bus, decode};
use roadworthy_api::{Error, check::Outcome, reading::Reading};
use std::collections::{BTreeMap, BTreeSet};

/// Most PIDs of one request.
const MOST: usize = 6;
/// PIDs that are asked for alone before.
const ALONE: usize = 2;
/// Fewest PIDs of the same ECUs for which a joint request saves anything.
const WORTH: usize = 4;

/// Frames of a CAN reply to these PIDs (ISO 15765-2).
fn frames(pids: &[u8]) -> Option<u32> {
    let mut length = 1;
    for pid in pids {
        length += 1 + decode::data_length(*pid)?;
    }
    let more = length.saturating_sub(6).div_ceil(7);
    u32::try_from(if length <= 7 { 1 } else { 1 + more }).ok()
}

/// PIDs by the ECUs that support them, in the order of their numbers.
fn groups(pids: &[(Dialect, u8)], ecus: &[Known]) -> BTreeMap<BTreeSet<String>, Vec<u8>> {
    let mut groups: BTreeMap<BTreeSet<String>, Vec<u8>> = BTreeMap::new();
    let joins = pids.iter().filter(|(dialect, pid)| *dialect == Dialect::Obd && decode::joins(*pid));
    for pid in joins.map(|(_, pid)| *pid) {
        let supports = |k: &&Known| k.dialect == Dialect::Obd && k.pids.as_ref().is_some_and(|p| p.contains(&pid));
        let who: BTreeSet<String> = ecus.iter().filter(supports).map(|k| k.ecu.id.clone()).collect();
        groups.entry(who).or_default().push(pid);
    }
    groups.retain(|_, pids| pids.len() >= WORTH);
    groups
}

impl Check<'_> {
    /// Reads what can be read jointly and returns what was read.
    pub(super) async fn present_together(&mut self, all: &[(Dialect, u8)]) -> Result<BTreeSet<u8>, Error> {
        let mut read = BTreeSet::new();
        let mut groups: Vec<(BTreeSet<String>, Vec<u8>)> = groups(all, &self.ecus).into_iter().collect();
        // The largest first: what proves most serves most.
        groups.sort_by_key(|(_, pids)| std::cmp::Reverse(pids.len()));
        let mut proven = false;
        for (who, pids) in groups {
            let mut rest = pids.as_slice();
            if !proven {
                let (alone, others) = rest.split_at(ALONE);
                for pid in alone {
                    self.value(Dialect::Obd, *pid).await?;
                    read.insert(*pid);
                }
                let others = others.get(..MOST - ALONE).unwrap_or(others);
                let together = [alone, others].concat();
                if !self.together(&together, others, &who).await? {
                    return Ok(read);
                }
                proven = true;
                for pid in others {
                    read.insert(*pid);
                }
                rest = rest.get(together.len()..).unwrap_or_default();
            }
            for some in rest.chunks(MOST) {
                if some.len() > 1 && self.together(some, some, &who).await? {
                    for pid in some {
                        read.insert(*pid);
                    }
                }
            }
        }
        Ok(read)
    }

    /// Asks for several at once and writes down `wanted` of them; `false`, and nothing written down, where anything is missing.
    async fn together(&mut self, pids: &[u8], wanted: &[u8], who: &BTreeSet<String>) -> Result<bool, Error> {
        let request = Request::new(&[&[0x01], pids].concat())?;
        if let Some(frames) = frames(pids) {
            self.expect(&request, who.clone(), frames);
        }
        let judged = self.put(&request, super::present::QUESTION).await?;
        let whole = judged.clean() && who.iter().all(|ecu| pids.iter().all(|pid| gives(&judged, ecu, *pid)));
        if !whole {
            self.plan(1);
            return Ok(false);
        }
        self.plan(1 - i32::try_from(wanted.len()).unwrap_or(0));
        let at = self.now();
        for pid in wanted {
            // Each value is a question of its own, whichever way it was put.
            let alone = format!("01{pid:02X}");
            for ecu in who {
                self.cover(&alone, super::present::QUESTION, Some(ecu.clone()), Outcome::Answered);
            }
        }
        for read in &judged.read {
            let raw = bus::hex(&read.payload);
            for item in
                read.decoded.items().into_iter().filter(|item| wanted.iter().any(|p| item.pid == format!("{p:02X}")))
            {
                let (ecu, raw) = (read.ecu.clone(), raw.clone());
                self.report.snapshot.push(Reading { ecu, request: request.hex().into(), raw, at, item });
            }
        }
        Ok(true)
    }
}

/// Whether an ECU gave a PID.
fn gives(judged: &Judged, ecu: &str, pid: u8) -> bool {
    let of_ecu = judged.read.iter().filter(|r| r.ecu == ecu).filter_map(|r| r.decoded.values());
    of_ecu.flat_map(|v| v.signals.iter()).any(|s| s.id == u16::from(pid))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_counted_as_they_are_sent() {
        for (pids, expect) in [
            (&[0x0C][..], Some(1)),
            (&[0x0C, 0x0D], Some(1)),
            (&[0x0C, 0x0D, 0x05], Some(2)),
            // 13 bytes fill a first frame and one more.
            (&[0x0C, 0x10, 0x0D, 0x05, 0x04], Some(2)),
            (&[0x0C, 0x10, 0x0D, 0x05, 0x04, 0x0F], Some(3)),
        ] {
            assert_eq!(frames(pids), expect, "{pids:02X?}");
        }
    }
}
