//! The journal, as people ask about it.

use super::PAGE;
use crate::{
    Engine,
    engine::{actor, now},
    store::journal,
};
use roadworthy_api::{
    Result,
    call::Handle,
    calls::{ListEvents, RebuildTables, VerifyJournal},
    journal::{EventRow, RebuildReport, VerifyReport},
    role::Actor,
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
