//! Jobs.

use crate::Engine;
use roadworthy_api::{
    Result,
    call::Handle,
    calls::{CancelJob, GetJob, ListJobs},
    job::Job,
    role::Actor,
};

impl Handle<ListJobs> for Engine {
    fn handle(&self, _: &Actor, _: ListJobs) -> Result<Vec<Job>> {
        Ok(self.jobs.list())
    }
}

impl Handle<GetJob> for Engine {
    fn handle(&self, _: &Actor, call: GetJob) -> Result<Job> {
        self.jobs.get(call.job)
    }
}

impl Handle<CancelJob> for Engine {
    fn handle(&self, _: &Actor, call: CancelJob) -> Result<()> {
        self.jobs.cancel(call.job)
    }
}
