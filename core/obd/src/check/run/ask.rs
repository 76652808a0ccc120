//! One question of a check: it goes out to everyone, and what became of it is written down for each ECU.

use super::Check;
use crate::{
    adapter::{Adapter, Request},
    check::{
        CheckEvent,
        coverage::{Judged, Silence, judge},
        dialect::Dialect,
        ecus::Known,
    },
    protocol::Protocol,
};
use roadworthy_api::{
    Code, Error,
    check::{Coverage, Outcome},
};
use std::collections::BTreeSet;
use tokio::time::Instant;

/// A question that went out, and what to say of it for an ECU that is heard for the first time later.
pub(super) struct Asked {
    request: String,
    question: String,
    dialect: Dialect,
    /// Meant for every ECU, whatever it speaks.
    first: bool,
    outcome: Outcome,
}

impl Check<'_> {
    /// Asks one question of everyone and writes down what became of it with each ECU. `meant` says what the silence of one
    /// means; ECUs that nobody knew of are added.
    pub(in crate::check) async fn ask(
        &mut self,
        request: &Request,
        question: &str,
        meant: impl Fn(&Known) -> Silence,
    ) -> Result<Judged, Error> {
        let mut judged = self.put(request, question).await?;
        let protocol = self.bus()?;
        let dialect = Dialect::of(request.service());
        // The first question of all shows who speaks what; any other is for those that speak its dialect.
        let first = request.bytes() == Dialect::Obd.pid(0x00);
        let mut rows: Vec<(Option<String>, Outcome)> = self
            .ecus
            .iter()
            .filter(|k| first || k.dialect == dialect || judged.answered(&k.ecu.id))
            .filter_map(|k| Some((Some(k.ecu.id.clone()), judged.outcome(&k.ecu.id, &meant(k))?)))
            .collect();
        if let Some(stray) = judged.stray(|id| self.ecus.iter().any(|k| k.ecu.id == id)) {
            rows.push((None, stray));
        } else if rows.is_empty() {
            rows.push((None, judged.nobody()));
        }
        for (ecu, outcome) in rows {
            self.cover(request.hex(), question, ecu, outcome);
        }
        if let Some(outcome) = judged.unheard(&meant(&Known::new("", protocol, dialect))) {
            self.asked.push(Asked {
                request: request.hex().into(),
                question: question.into(),
                dialect,
                first,
                outcome,
            });
        }
        self.report.rejected.append(&mut judged.rejected);
        Ok(judged)
    }

    /// Asks one question of everyone and writes nothing down but whom it heard for the first time.
    pub(in crate::check) async fn put(&mut self, request: &Request, question: &str) -> Result<Judged, Error> {
        (self.on)(CheckEvent::Asked { request: request.hex().into(), question: question.into() });
        let since = Instant::now();
        let replies = self.heard(request).await?;
        let protocol = self.bus()?;
        let judged = judge(request, !protocol.is_can(), replies);
        self.meet(&judged, protocol, Dialect::of(request.service()));
        self.done += 1;
        (self.on)(CheckEvent::Done { done: self.done, took: since.elapsed() });
        Ok(judged)
    }

    fn bus(&self) -> Result<Protocol, Error> {
        let asked = || Error::new(Code::Internal, "A request was answered without a protocol.");
        self.adapter.protocol().ok_or_else(asked)
    }

    /// `who` will answer, each with so many frames: their own lists say so, and the standard how long it is. An ECU that answers
    /// otherwise makes the request go out again without that.
    pub(in crate::check) fn expect(&mut self, request: &Request, who: BTreeSet<String>, frames: u32) {
        let all = frames.saturating_mul(u32::try_from(who.len()).unwrap_or(u32::MAX));
        self.adapter.expect(request, who, all);
    }

    pub(in crate::check) fn adapter(&mut self) -> &mut Adapter {
        &mut self.adapter
    }

    /// Whether several values may be asked for at once, if the vehicle and the adapter prove able to.
    pub(in crate::check) fn joins(&self) -> bool {
        // A recording is asked as the vehicle was.
        let tries = self.adapter.recorded_joins().unwrap_or_else(|| self.options.passports.used());
        tries && self.adapter.protocol().is_some_and(Protocol::is_can)
    }

    /// Adds the ECUs that were heard for the first time, each with its rows for what it was asked before and left unanswered.
    fn meet(&mut self, judged: &Judged, protocol: Protocol, dialect: Dialect) {
        for id in judged.heard(protocol) {
            let answered = judged.answered(id);
            if let Some(known) = self.ecus.iter_mut().find(|k| k.ecu.id == id) {
                if answered && known.pids.is_none() {
                    known.dialect = dialect;
                }
                continue;
            }
            // A refusal tells only that somebody is there.
            let dialect = if answered { dialect } else { Dialect::Obd };
            self.ecus.push(Known::new(id, protocol, dialect));
            let asked = std::mem::take(&mut self.asked);
            for a in asked.iter().filter(|a| a.first || a.dialect == dialect) {
                self.cover(&a.request, &a.question, Some(id.to_owned()), a.outcome.clone());
            }
            self.asked = asked;
        }
        self.ecus.sort_by(|a, b| a.ecu.id.cmp(&b.ecu.id));
    }

    /// Writes down what became of a question.
    pub(in crate::check) fn cover(&mut self, request: &str, question: &str, ecu: Option<String>, outcome: Outcome) {
        let (request, question) = (request.to_owned(), question.to_owned());
        (self.on)(CheckEvent::Answer {
            request: request.clone(),
            question: question.clone(),
            ecu: ecu.clone(),
            outcome: outcome.clone(),
        });
        self.report.coverage.push(Coverage { ecu, request, question, outcome });
    }
}
