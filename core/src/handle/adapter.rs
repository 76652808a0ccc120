//! Adapters that were measured.

use crate::{Engine, store};
use roadworthy_api::{
    Code, Error, Result,
    adapter::AdapterRow,
    call::Handle,
    calls::{GetAdapter, ListAdapters, StartAdapterTest},
    id::JobId,
    role::Actor,
};

impl Handle<ListAdapters> for Engine {
    fn handle(&self, _: &Actor, _: ListAdapters) -> Result<Vec<AdapterRow>> {
        self.store.read(store::adapter::list)
    }
}

impl Handle<GetAdapter> for Engine {
    fn handle(&self, _: &Actor, call: GetAdapter) -> Result<AdapterRow> {
        let found = self.store.read(|conn| store::adapter::get(conn, call.adapter))?;
        found.ok_or_else(|| {
            Error::new(Code::NotFound, "This adapter was never measured.")
                .hint("Measure it, with the vehicle it is plugged into.")
        })
    }
}

impl Handle<StartAdapterTest> for Engine {
    fn handle(&self, who: &Actor, call: StartAdapterTest) -> Result<JobId> {
        let job = self.adapters.start(who, &call.port, call.baud)?;
        if let Err(error) = self.remember(&call.port) {
            tracing::warn!(%error, "the port could not be remembered");
        }
        Ok(job)
    }
}
