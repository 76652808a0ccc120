//! Freeze frame 0 (service 02): first its cause, then, only where there is one, what was frozen with it.
//!
//! An ECU without a stored frame may still answer every value, with zeros: without a cause nothing is read.
//!
//! SAE J1979-2 keeps frames with each code (`19 04`, ISO 14229-1): the codes that were read are asked for all their records.

use super::{coverage::Silence, dialect::Dialect, ecus::Known, run::Check};
use crate::{
    adapter::Request,
    bus,
    decode::{Answer, Signal, StoredRecord},
    dtc,
};
use roadworthy_api::{
    Error,
    check::{FreezeFrame, Outcome, RawInformation},
};
use std::collections::{BTreeMap, BTreeSet};

pub(super) const QUESTION: &str = "Freeze frame";
/// Only the first frame is standardised.
const FRAME: u8 = 0;
const CAUSE: u8 = 0x02;
/// All records of a code (ISO 14229-1).
const ALL: u8 = 0xFF;
/// For an ECU that refuses to give all: the first and, as AUTOSAR modules number it (Vector's Dem), the latest.
const SINGLE: [u8; 2] = [0x00, 0xF0];
const NO_CODE: &str = "It gave no code that a freeze frame could be kept with.";

impl Check<'_> {
    pub(super) async fn freeze_frames(&mut self) -> Result<(), Error> {
        self.records_of_codes().await?;
        if self.speakers(Dialect::Obd).is_empty() {
            self.plan(-1);
            return Ok(());
        }
        let cause = Request::new(&[0x02, CAUSE, FRAME])?;
        for read in self.ask(&cause, QUESTION, |_| Silence::Counts).await?.read {
            // No code: no frame.
            if let Some(cause) = read.decoded.codes().and_then(|c| c.into_iter().next()) {
                self.report.freeze_frames.push(FreezeFrame { ecu: read.ecu, frame: FRAME, cause, items: Vec::new() });
            }
        }
        let pids = self.frozen_pids().await?;
        self.plan(i32::try_from(pids.len()).unwrap_or(0));
        for (pid, holders) in pids {
            let request = Request::new(&[0x02, pid, FRAME])?;
            let meant = |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
            for read in self.ask(&request, QUESTION, meant).await?.read {
                if let Some(frame) = self.report.freeze_frames.iter_mut().find(|f| f.ecu == read.ecu) {
                    frame.items.extend(read.decoded.items());
                }
            }
        }
        Ok(())
    }

    /// Freeze frames of the ECUs that speak SAE J1979-2.
    async fn records_of_codes(&mut self) -> Result<(), Error> {
        let mut held: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for id in self.speakers(Dialect::Uds) {
            let codes: Vec<String> = self.report.codes.iter().filter(|c| c.ecu == id).map(|c| c.code.clone()).collect();
            if codes.is_empty() {
                self.cover("1904", QUESTION, Some(id.clone()), Outcome::NotAsked { reason: NO_CODE.into() });
            }
            for code in codes {
                held.entry(code).or_default().insert(id.clone());
            }
        }
        self.plan(i32::try_from(held.len()).unwrap_or(0));
        for (code, mut holders) in held {
            let Some([a, b, c]) = dtc::bytes_with_failure_type(&code) else { continue };
            for record in std::iter::once(ALL).chain(SINGLE) {
                if record != ALL {
                    self.plan(1);
                }
                let request = Request::new(&[0x19, 0x04, a, b, c, record])?;
                let meant = |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
                let judged = self.ask(&request, QUESTION, meant).await?;
                for read in judged.read.iter().filter(|r| holders.contains(&r.ecu)) {
                    if let Answer::Stored(stored) = &read.decoded.answer {
                        stored.records.iter().for_each(|r| self.keep_record(&read.ecu, request.hex(), &code, r));
                    }
                }
                let refuses =
                    |ecu: &String| matches!(judged.outcome(ecu, &Silence::Nothing), Some(Outcome::Refused { .. }));
                if record == ALL {
                    holders.retain(refuses);
                }
                if holders.is_empty() {
                    break;
                }
            }
        }
        Ok(())
    }

    /// A record's values, and what of it is published nowhere as it was sent.
    fn keep_record(&mut self, ecu: &str, request: &str, code: &str, record: &StoredRecord) {
        let (ecu, cause) = (ecu.to_owned(), code.to_owned());
        if !record.raw.is_empty() {
            self.report.raw_information.push(RawInformation {
                ecu: ecu.clone(),
                request: request.to_owned(),
                about: format!(
                    "Freeze frame {:02X} of {code}, from an identifier on that is described nowhere",
                    record.number
                ),
                raw: bus::hex(&record.raw),
            });
        }
        if !record.values.signals.is_empty() {
            let items = record.values.signals.iter().map(Signal::item).collect();
            self.report.freeze_frames.push(FreezeFrame { ecu, frame: record.number, cause, items });
        }
    }

    /// Values that the ECUs with a frame say it holds, each with the ECUs that say so.
    async fn frozen_pids(&mut self) -> Result<Vec<(u8, BTreeSet<String>)>, Error> {
        let mut asked: BTreeSet<String> = self.report.freeze_frames.iter().map(|f| f.ecu.clone()).collect();
        let mut found: Vec<(u8, BTreeSet<String>)> = Vec::new();
        for base in (0..=0xE0u8).step_by(0x20) {
            if asked.is_empty() {
                break;
            }
            self.plan(1);
            let request = Request::new(&[0x02, base, FRAME])?;
            let holders = asked.clone();
            let meant = move |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
            let judged = self.ask(&request, QUESTION, meant).await?;
            let mut more = BTreeSet::new();
            for read in judged.read.iter().filter(|r| asked.contains(&r.ecu)) {
                for bitmap in read.decoded.supported() {
                    for pid in
                        bitmap.ids().filter_map(|id| u8::try_from(id).ok()).filter(|p| *p != CAUSE && p % 0x20 != 0)
                    {
                        match found.iter_mut().find(|(p, _)| *p == pid) {
                            Some((_, holders)) => drop(holders.insert(read.ecu.clone())),
                            None => found.push((pid, [read.ecu.clone()].into())),
                        }
                    }
                    if bitmap.has_next() {
                        more.insert(read.ecu.clone());
                    }
                }
            }
            asked = more;
        }
        Ok(found)
    }
}
