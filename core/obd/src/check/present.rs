//! Present values (service 01, or `22 F4xx` and `22 F5xx`): everything the ECUs say they support, once each.

use super::{
    coverage::{Judged, Silence},
    dialect::Dialect,
    ecus::Known,
    run::Check,
};
use crate::{adapter::Request, bus, decode};
use roadworthy_api::{Error, reading::Reading};
use std::collections::BTreeSet;

pub(super) const QUESTION: &str = "Present values";

impl Check<'_> {
    pub(super) async fn present(&mut self) -> Result<(), Error> {
        let all = self.present_pids();
        let together = if self.joins() { self.present_together(&all).await? } else { BTreeSet::new() };
        for (dialect, pid) in all {
            if !(dialect == Dialect::Obd && together.contains(&pid)) {
                self.value(dialect, pid).await?;
            }
        }
        self.past_ff().await
    }

    /// What SAE J1979-2 has past PID FF (`22 F5xx`). An ECU without any need not answer for its list.
    async fn past_ff(&mut self) -> Result<(), Error> {
        if self.speakers(Dialect::Uds).is_empty() {
            return Ok(());
        }
        let named = self.named(QUESTION, |_| Silence::Nothing, |base| vec![0x22, 0xF5, base]).await?;
        self.plan(i32::try_from(named.len()).unwrap_or(0));
        for (id, holders) in named {
            let request = Request::new(&[0x22, 0xF5, id])?;
            let meant = |k: &Known| if holders.contains(&k.ecu.id) { Silence::Counts } else { Silence::Nothing };
            let judged = self.ask(&request, QUESTION, meant).await?;
            self.keep_values(request.hex(), judged);
        }
        Ok(())
    }

    /// One value by itself.
    pub(super) async fn value(&mut self, dialect: Dialect, pid: u8) -> Result<(), Error> {
        let request = Request::new(&dialect.pid(pid))?;
        let names = |k: &Known| k.dialect == dialect && k.pids.as_ref().is_some_and(|p| p.contains(&pid));
        let who: BTreeSet<String> = self.ecus.iter().filter(|k| names(k)).map(|k| k.ecu.id.clone()).collect();
        // Seven bytes fit a frame; where the length is not known, or is greater, the adapter waits as ever.
        if dialect == Dialect::Obd && decode::longest(pid).is_some_and(|n| n <= 5) {
            self.expect(&request, who, 1);
        }
        let meant = |k: &Known| if names(k) { Silence::Counts } else { Silence::Nothing };
        let judged = self.ask(&request, QUESTION, meant).await?;
        self.keep_values(request.hex(), judged);
        Ok(())
    }

    fn keep_values(&mut self, request: &str, judged: Judged) {
        let at = self.now();
        for read in judged.read {
            let raw = bus::hex(&read.payload);
            for item in read.decoded.items() {
                let (ecu, raw) = (read.ecu.clone(), raw.clone());
                self.report.snapshot.push(Reading { ecu, request: request.into(), raw, at, item });
            }
        }
    }

    /// What any ECU supports, without what is asked elsewhere: bitmaps, readiness (01) and the freeze frame's cause (02).
    pub(super) fn present_pids(&self) -> Vec<(Dialect, u8)> {
        let of = |dialect| {
            let all = self.ecus.iter().filter(|k| k.dialect == dialect).filter_map(|k| k.pids.as_ref()).flatten();
            let pids: BTreeSet<u8> = all.copied().filter(|pid| pid % 0x20 != 0 && *pid > 2).collect();
            pids.into_iter().map(move |pid| (dialect, pid))
        };
        [Dialect::Obd, Dialect::Uds].into_iter().flat_map(of).collect()
    }
}
