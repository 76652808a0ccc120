//! Freeze frame 0 (service 02): first its cause, then, only where there is one, what was frozen with it.
//!
//! An ECU without a stored frame may still answer every value, with zeros: without a cause nothing is read.

use super::{coverage::Silence, dialect::Dialect, ecus::Known, run::Check};
use crate::adapter::Request;
use roadworthy_api::{
    Error,
    check::{FreezeFrame, Outcome},
};
use std::collections::BTreeSet;

pub(super) const QUESTION: &str = "Freeze frame";
/// Only the first frame is standardised.
const FRAME: u8 = 0;
const CAUSE: u8 = 0x02;
const NOT_OPEN: &str = "How SAE J1979-2 lays out what was frozen is not published openly.";

impl Check<'_> {
    pub(super) async fn freeze_frames(&mut self) -> Result<(), Error> {
        for id in self.speakers(Dialect::Uds) {
            self.cover("1904", QUESTION, Some(id), Outcome::NotAsked { reason: NOT_OPEN.into() });
        }
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
