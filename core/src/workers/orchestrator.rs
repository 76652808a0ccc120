//! Orchestrator: decides what to do about each finding, by the table of [`super::rules`], and says so with its reasons.
//!
//! A finding that would be decided about as before gets no second decision. One that is gone takes its decision with it, so
//! that a return is something new. Nobody is left waiting in silence: what waits for an answer too long is escalated.

use super::{
    Done, Read, Worker,
    rules::{self, Before, Case},
};
use crate::{
    journal::{
        Event,
        kind::{
            self, ApprovalRequested, Cause, DecisionEscalated, DecisionMade, DecisionOvertaken, DecisionRequested,
            DiagnosisMade,
        },
        words,
    },
    store::{Fallible, alert, decision, diagnosis, journal, measurement, registration},
};
use roadworthy_api::{
    Timestamp,
    alert::{Action, AlertState, DecisionState},
    finding::{Finding, FindingRow, Severity, Source},
    id::{DecisionId, VehicleId},
};
use std::collections::BTreeSet;

const HOUR: i64 = 3_600_000;

/// The worker.
pub(crate) struct Orchestrator;

impl Worker for Orchestrator {
    fn name(&self) -> &'static str {
        "orchestrator"
    }

    fn does(&self) -> &'static str {
        "Decides by rules what to do about each finding, and escalates what waits for an answer too long."
    }

    fn listens(&self) -> &'static [&'static str] {
        &[kind::DIAGNOSIS_MADE, kind::DECISION_REQUESTED]
    }

    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        let mut done = Done::nothing();
        // Values of a vehicle that nobody knows are nobody's to decide about.
        let Some(vehicle) = event.subject.map(VehicleId::from_bytes) else { return Ok(done) };
        let Some(vehicle) = registration::vehicle(read.conn, vehicle)? else { return Ok(done) };
        if event.kind == kind::DECISION_REQUESTED {
            if serde_json::from_str::<DecisionRequested>(&event.payload).is_ok() {
                for FindingRow { finding, source, at } in diagnosis::get(read.conn, vehicle)?.findings {
                    About { read, vehicle, finding: &finding, source, at }.decide(&mut done, true)?;
                }
            }
            return Ok(done);
        }
        let Ok(made) = serde_json::from_str::<DiagnosisMade>(&event.payload) else { return Ok(done) };
        for absent in &made.absent {
            if let Some(standing) = decision::standing(read.conn, vehicle, &absent.key)?
                && standing.gone.is_none()
                && made.at > standing.at
            {
                let (source, at, why) = (made.source, made.at, absent.why.clone());
                let over = DecisionOvertaken { decision: standing.id, source, at, why };
                done.say(read, kind::DECISION_OVERTAKEN, Some(standing.registration.bytes()), &over)?;
            }
        }
        let mut keys = BTreeSet::new();
        for finding in made.findings.iter().filter(|finding| keys.insert(finding.key.as_str())) {
            About { read, vehicle, finding, source: made.source, at: made.at }.decide(&mut done, false)?;
        }
        Ok(done)
    }

    fn due(&self, read: &Read<'_>) -> Fallible<Option<Timestamp>> {
        decision::soonest(read.conn, read.device, read.now)
    }

    fn wake(&self, read: &Read<'_>) -> Fallible<Done> {
        let mut done = Done::nothing();
        for late in decision::waits_too_long(read.conn, read.device, read.now)? {
            let escalated = DecisionEscalated {
                decision: late.id,
                action: late.action,
                severity: late.severity,
                why: format!("Nobody has answered for {}.", span(read.now.saturating_sub(late.asked))),
                cause: Cause::Waiting,
            };
            let (subject, made) = (Some(late.registration.bytes()), journal::stamped(read.conn, late.stamp)?);
            done.say_of(read, made, kind::DECISION_ESCALATED, subject, &escalated)?;
        }
        Ok(done)
    }
}

/// A time in words, rounded down: hours below two days, then days.
pub(super) fn span(ms: i64) -> String {
    let hours = ms.max(0) / HOUR;
    let (n, unit) = if hours < 48 { (hours, "hour") } else { (hours / 24, "day") };
    match n {
        0 => "less than an hour".to_owned(),
        1 => format!("1 {unit}"),
        n => format!("{n} {unit}s"),
    }
}

/// A finding, and where and when it was read.
struct About<'a> {
    read: &'a Read<'a>,
    vehicle: VehicleId,
    finding: &'a Finding,
    source: Source,
    at: Timestamp,
}

impl About<'_> {
    /// Decides, unless what stands already comes to the same. `forced`: in any case.
    fn decide(&self, done: &mut Done, forced: bool) -> Fallible<()> {
        let (read, conn) = (self.read, self.read.conn);
        let standing = decision::standing(conn, self.vehicle, &self.finding.key)?;
        // What was read before the newest decision, or before the finding was gone, is no news.
        let old = standing.as_ref().is_some_and(|s| self.at < s.at || s.gone.is_some_and(|gone| self.at <= gone));
        if old && !forced {
            return Ok(());
        }
        let returns = standing.as_ref().map_or(0, |s| s.returns + u32::from(s.gone.is_some()));
        let standing = standing.filter(|s| s.gone.is_none());
        let before = standing.as_ref().map(|s| Before {
            rule: s.rule.clone(),
            action: s.action,
            severity: s.severity,
            title: s.title.clone(),
            state: s.state.clone(),
        });
        let since = standing.as_ref().map_or(self.at, |s| s.since);
        let case = Case {
            finding: self.finding,
            times: self.times()?,
            days: self.at.saturating_sub(since).max(0) / (24 * HOUR),
            returns,
            odometer_km: measurement::odometer_until(conn, self.vehicle, self.at)?.map(|point| point.km),
            before: before.as_ref(),
            now: read.now,
        };
        let verdict = rules::decide(&case);
        // What was approved is under way: asked for again, it would be done twice.
        let under_way = matches!(before, Some(Before { state: DecisionState::Approved { .. }, .. }));
        if !rules::again(&case, &verdict) && (!forced || under_way) {
            return Ok(());
        }
        let risen = before.as_ref().map(|b| b.severity).filter(|old| self.finding.severity > *old);
        let back = before.is_none() && returns > 0;
        let id = DecisionId(read.mint()?.0);
        let said = DecisionMade {
            decision: id,
            finding: self.finding.clone(),
            source: self.source,
            at: self.at,
            action: verdict.action,
            rule: verdict.rule.to_owned(),
            reasons: verdict.reasons,
            inputs: verdict.inputs,
            work: verdict.work,
            overtakes: standing.map(|s| s.id),
        };
        let subject = Some(registration::root(conn, self.vehicle)?.bytes());
        done.say(read, kind::DECISION_MADE, subject, &said)?;
        let made = done.events.last().map(|event| event.id);
        if let Some((cause, why)) = raised(risen, back, self.finding) {
            let escalated =
                DecisionEscalated { decision: id, action: verdict.action, severity: self.finding.severity, why, cause };
            done.say_of(read, made, kind::DECISION_ESCALATED, subject, &escalated)?;
        }
        if verdict.action == Action::Ask {
            done.say_of(read, made, kind::APPROVAL_REQUESTED, subject, &ApprovalRequested { decision: id })?;
        }
        Ok(())
    }

    /// Times that the finding was seen, this one among them, whether or not the alert knows of this one yet.
    fn times(&self) -> Fallible<u32> {
        let alerts = alert::of_key(self.read.conn, self.vehicle, &self.finding.key, self.read.now)?;
        let newest =
            alerts.iter().find(|known| !matches!(known.row.state, AlertState::Closed { .. })).or_else(|| alerts.last());
        Ok(newest.map_or(1, |known| known.row.times + u32::from(known.row.source != self.source)))
    }
}

/// Why a decision presses more than the one before.
fn raised(risen: Option<Severity>, back: bool, finding: &Finding) -> Option<(Cause, String)> {
    let now = words::severity(finding.severity);
    match risen {
        Some(old) => Some((Cause::Rose, format!("It rose from {} to {now}.", words::severity(old)))),
        None if back && finding.severity > Severity::Note => {
            Some((Cause::Back, "It is back after it was gone.".to_owned()))
        }
        None => None,
    }
}
