//! Decisions.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, Answered, DecisionRequested},
    },
    store::{Fallible, decision, registration, story},
};
use roadworthy_api::{
    Code, Error, Result,
    alert::{DecisionRow, DecisionState},
    call::Handle,
    calls::{AnswerDecision, DecideNow, ListDecisions},
    id::{DecisionId, VehicleId},
    role::Actor,
    vehicle::Page,
};
use rusqlite::Connection;
use std::time::{Duration, Instant};

/// How long a person waits for the rules to decide.
const DECIDE: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(15);

impl Handle<ListDecisions> for Engine {
    fn handle(&self, _: &Actor, call: ListDecisions) -> Result<Page<DecisionRow>> {
        self.store.read(|conn| {
            let of = match call.vehicle {
                Some(id) => Some(registration::vehicle(conn, id)?.ok_or_else(no_vehicle)?),
                None => None,
            };
            decision::list(conn, call.waiting, of, call.offset, call.limit.min(PAGE))
        })
    }
}

fn stored(conn: &Connection, id: DecisionId) -> Fallible<(VehicleId, DecisionRow)> {
    decision::get(conn, id)?.ok_or_else(|| {
        Error::new(Code::NotFound, "There is no such decision.").hint("Look for it in the list of decisions.").into()
    })
}

/// Why a decision cannot be answered.
fn unanswerable(state: &DecisionState) -> Option<Error> {
    let (message, hint) = match state {
        DecisionState::Waiting => return None,
        DecisionState::Done => {
            ("This decision needs no answer.", "Have the rules decide again if the finding changed.")
        }
        DecisionState::Approved { .. } => ("This decision was approved already.", "See who did, and what they said."),
        DecisionState::Refused { .. } => {
            ("This decision was refused already.", "Have the rules decide again to be asked once more.")
        }
        DecisionState::Overtaken => {
            ("This decision does not stand any more.", "Answer the newer one, if there is one.")
        }
    };
    Some(Error::new(Code::Conflict, message).hint(hint))
}

impl Handle<AnswerDecision> for Engine {
    fn handle(&self, who: &Actor, call: AnswerDecision) -> Result<DecisionRow> {
        let note = call.note.trim();
        self.store.write(&actor(who), now(), |w| {
            let (registration, row) = stored(w.tx(), call.decision)?;
            if let Some(error) = unanswerable(&row.state) {
                return Err(error.into());
            }
            if let Some(made) = story::made(w.tx(), call.decision.bytes())? {
                w.because(made)?;
            }
            let (id, subject) = (w.mint()?, registration.bytes());
            let note = match note {
                "" => None,
                note => Some(w.seal(subject, id, "answer", note)?),
            };
            let kind = if call.approve { kind::APPROVAL_GRANTED } else { kind::APPROVAL_REFUSED };
            let answered = Answered { decision: call.decision, policy: false, note };
            w.append(NewEvent::new(id, kind, Some(subject), &answered)?)?;
            Ok(stored(w.tx(), call.decision)?.1)
        })
    }
}

impl Handle<DecideNow> for Engine {
    fn handle(&self, who: &Actor, call: DecideNow) -> Result<Vec<DecisionRow>> {
        let story = self.store.write(&actor(who), now(), |w| {
            let main = registration::vehicle(w.tx(), call.vehicle)?.ok_or_else(no_vehicle)?;
            let (id, vehicle) = (w.mint()?, registration::root(w.tx(), main)?);
            w.append(NewEvent::new(
                id,
                kind::DECISION_REQUESTED,
                Some(vehicle.bytes()),
                &DecisionRequested { vehicle },
            )?)
        })?;
        // The rules may run in another process, so what they decided is looked for where both see it.
        let until = Instant::now() + DECIDE;
        loop {
            let decided = self
                .store
                .read(|conn| decision::heard(conn, story)?.then(|| decision::of_story(conn, story)).transpose())?;
            match decided {
                Some(rows) => return Ok(rows),
                None if Instant::now() >= until => {
                    return Err(if self.workers.trouble()?.1 {
                        Error::new(Code::Timeout, "The rules have not decided yet; they will as soon as they can.")
                            .hint("Look under System whether the worker `orchestrator` is paused, or has trouble.")
                    } else {
                        Error::new(Code::Timeout, "No process runs the workers; the rules decide when one does.")
                            .hint("Open the window, or run `roadworthy serve`.")
                    });
                }
                None => std::thread::sleep(LOOK),
            }
        }
    }
}
