//! Approval: answers for people where the policy switch says so. It is off unless somebody switches it on.

use super::{Done, Read, Worker, rules};
use crate::{
    journal::{
        Event,
        kind::{self, Answered, ApprovalRequested},
    },
    store::{Fallible, decision},
};
use roadworthy_api::{
    alert::{DecisionRow, DecisionState},
    finding::Severity,
};

/// The worker.
pub(crate) struct Approval;

/// Whether the policy may answer this: critical, and sure enough that no rule wants a person to look first.
pub(super) fn answers(row: &DecisionRow) -> bool {
    row.severity == Severity::ActNow && row.rule == rules::CRITICAL
}

impl Worker for Approval {
    fn name(&self) -> &'static str {
        "approval"
    }

    fn does(&self) -> &'static str {
        "Approves critical work by itself where the settings say so; else a person is waited for."
    }

    fn listens(&self) -> &'static [&'static str] {
        &[kind::APPROVAL_REQUESTED]
    }

    fn handle(&self, read: &Read<'_>, event: &Event) -> Fallible<Done> {
        let mut done = Done::nothing();
        let Ok(ApprovalRequested { decision: id }) = serde_json::from_str(&event.payload) else { return Ok(done) };
        if !read.settings.auto_approve_critical {
            return Ok(done);
        }
        if let Some((registration, row)) = decision::get(read.conn, id)?
            && answers(&row)
            && row.state == DecisionState::Waiting
        {
            let answered = Answered { decision: id, policy: true, note: None };
            done.say(read, kind::APPROVAL_GRANTED, Some(registration.bytes()), &answered)?;
        }
        Ok(done)
    }
}
