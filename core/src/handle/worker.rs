//! Workers, what they gave up on, and how everything is.

use super::PAGE;
use crate::{
    Engine,
    store::{Fallible, worker},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{DropDeadEvent, GetPulse, ListDeadEvents, ListWorkers, PauseWorker, RetryDeadEvent},
    role::Actor,
    vehicle::Page,
    work::{DeadEvent, Pulse, WorkerReport},
};
use rusqlite::Connection;

impl Handle<GetPulse> for Engine {
    fn handle(&self, _: &Actor, _: GetPulse) -> Result<Pulse> {
        self.sources.pulse()
    }
}

impl Handle<ListWorkers> for Engine {
    fn handle(&self, _: &Actor, _: ListWorkers) -> Result<WorkerReport> {
        self.workers.report()
    }
}

impl Handle<PauseWorker> for Engine {
    fn handle(&self, _: &Actor, call: PauseWorker) -> Result<()> {
        self.store.write_local(|tx| {
            if worker::pause(tx, &call.worker, call.paused)? {
                return Ok(());
            }
            Err(Error::new(Code::NotFound, "There is no such worker, or it has never run here.")
                .hint("`roadworthy workers` lists them.")
                .into())
        })
    }
}

impl Handle<ListDeadEvents> for Engine {
    fn handle(&self, _: &Actor, call: ListDeadEvents) -> Result<Page<DeadEvent>> {
        self.store.read(|conn| {
            let total = worker::count_dead(conn, None)?;
            Ok(Page { total, rows: worker::list_dead(conn, call.offset, call.limit.min(PAGE))? })
        })
    }
}

fn there(found: Fallible<bool>) -> Fallible<()> {
    if found? {
        return Ok(());
    }
    Err(Error::new(Code::NotFound, "This worker has given up on no such event (any more).")
        .hint("`roadworthy workers dead` lists what each has given up on.")
        .into())
}

impl Handle<RetryDeadEvent> for Engine {
    fn handle(&self, _: &Actor, call: RetryDeadEvent) -> Result<()> {
        self.store.write_local(|tx: &Connection| there(worker::retry(tx, &call.worker, call.arrival)))
    }
}

impl Handle<DropDeadEvent> for Engine {
    fn handle(&self, _: &Actor, call: DropDeadEvent) -> Result<()> {
        self.store.write_local(|tx: &Connection| there(worker::drop_dead(tx, &call.worker, call.arrival)))
    }
}
