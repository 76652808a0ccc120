//! The journal, as people ask about it.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    store::{
        journal, registration, story,
        timeline::{self, Wanted},
    },
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ListEvents, ListTimeline, RebuildTables, Trace, VerifyJournal},
    journal::{EventRow, RebuildReport, TimelineRow, VerifyReport},
    role::Actor,
    work::Story,
};

impl Handle<VerifyJournal> for Engine {
    fn handle(&self, _: &Actor, _: VerifyJournal) -> Result<VerifyReport> {
        self.store.verify()
    }
}

impl Handle<RebuildTables> for Engine {
    fn handle(&self, who: &Actor, _: RebuildTables) -> Result<RebuildReport> {
        self.store.rebuild(&actor(who), now())
    }
}

impl Handle<ListEvents> for Engine {
    fn handle(&self, _: &Actor, call: ListEvents) -> Result<Vec<EventRow>> {
        self.store.read(|conn| journal::list(conn, call.before, call.limit.min(PAGE)))
    }
}

impl Handle<ListTimeline> for Engine {
    fn handle(&self, _: &Actor, call: ListTimeline) -> Result<Vec<TimelineRow>> {
        let ListTimeline { vehicle, groups, from, to, before, limit } = call;
        self.store.read(|conn| {
            let vehicle = match vehicle {
                Some(id) => Some(registration::vehicle(conn, id)?.ok_or_else(no_vehicle)?),
                None => None,
            };
            timeline::list(conn, &Wanted { vehicle, groups, from, to, before }, limit.min(PAGE))
        })
    }
}

impl Handle<Trace> for Engine {
    fn handle(&self, _: &Actor, call: Trace) -> Result<Story> {
        self.store.read(|conn| story::named(conn, call.id.trim()))?.ok_or_else(|| {
            Error::new(Code::NotFound, "Nothing that happened has this id.").hint(
                "It is the id of an event, alert, decision, visit, recording or message, or the key of a finding. The timeline \
                 and every list with --json have them.",
            )
        })
    }
}
