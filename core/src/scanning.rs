//! Looking for adapters that have to be called, as a job. One scan at a time; what it found stays listed until the next.

use crate::jobs::{JobHandle, Jobs};
use roadworthy_api::{
    check::Outcome,
    id::JobId,
    job::{JobKind, JobState},
    port::PortInfo,
};
use roadworthy_obd::link::{ScanEvent, scan};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;

/// Scans of this process. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Scans {
    jobs: Jobs,
    runtime: Handle,
    found: Arc<Mutex<Found>>,
}

#[derive(Default)]
struct Found {
    running: Option<JobId>,
    ports: Vec<PortInfo>,
}

impl Scans {
    pub(crate) fn new(jobs: Jobs, runtime: Handle) -> Self {
        Self { jobs, runtime, found: Arc::default() }
    }

    /// What the newest scan found so far.
    pub(crate) fn found(&self) -> Vec<PortInfo> {
        self.lock().ports.clone()
    }

    /// Starts a scan, or gives the one that runs.
    pub(crate) fn start(&self) -> JobId {
        let mut found = self.lock();
        let runs = |id: &JobId| self.jobs.get(*id).is_ok_and(|job| job.state == JobState::Running);
        if let Some(id) = found.running.filter(runs) {
            return id;
        }
        let job = self.jobs.begin(JobKind::Scan, "Looking for adapters");
        let id = job.id();
        *found = Found { running: Some(id), ports: Vec::new() };
        drop(found);
        let scans = self.clone();
        self.runtime.spawn(async move {
            scan(job.cancelled(), &mut |event| scans.hear(&job, event)).await;
            let name = match scans.lock().ports.len() {
                0 => "No adapter found".to_owned(),
                1 => "1 adapter found".to_owned(),
                n => format!("{n} adapters found"),
            };
            job.made(name);
        });
        id
    }

    fn hear(&self, job: &JobHandle, event: ScanEvent) {
        match event {
            ScanEvent::Doing(words) => job.doing(words),
            ScanEvent::Found(port) => {
                let mut found = self.lock();
                match found.ports.iter_mut().find(|p| p.port == port.port) {
                    Some(known) => *known = port,
                    None => found.ports.push(port),
                }
                let count = u32::try_from(found.ports.len()).unwrap_or(u32::MAX);
                drop(found);
                // Pages read the list again when this grows.
                job.done(count);
            }
            ScanEvent::Skipped { way, error } => {
                job.asked(&way);
                job.answered(&way, None, Outcome::NotAsked { reason: error.to_string() });
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Found> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{Code, Error, port::PortKind};
    use tokio::sync::broadcast;

    fn scans() -> (Scans, Jobs) {
        let jobs = Jobs::new(broadcast::Sender::new(64));
        (Scans::new(jobs.clone(), Handle::current()), jobs)
    }

    #[tokio::test]
    async fn what_is_found_is_listed_once_and_what_was_skipped_says_why() {
        let (scans, jobs) = scans();
        let job = jobs.begin(JobKind::Scan, "Looking");
        let port = |name: &str| ScanEvent::Found(PortInfo::new("ble:00:1D:A5:68:98:8B", PortKind::Ble, name));
        for event in [ScanEvent::Doing("Listening".into()), port("Bluetooth LE device"), port("IOS-Vlink")] {
            scans.hear(&job, event);
        }
        let error = Error::new(Code::NoAdapter, "Bluetooth is switched off.").hint("Switch it on.");
        scans.hear(&job, ScanEvent::Skipped { way: "Bluetooth LE".into(), error });
        let names: Vec<_> = scans.found().into_iter().map(|p| p.name).collect();
        assert_eq!(names, ["IOS-Vlink"]);
        let shown = jobs.get(job.id()).unwrap();
        assert_eq!((shown.done, shown.doing.as_str()), (1, "Listening"));
        let reason = &shown.steps[0].answers[0].outcome;
        assert!(matches!(reason, Outcome::NotAsked { reason } if reason.contains("Switch it on")), "{reason:?}");
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_scan_ends_with_what_it_found_and_can_be_stopped() {
        let (scans, jobs) = scans();
        let id = scans.start();
        jobs.cancel(id).unwrap();
        for _ in 0..500 {
            if let JobState::Made { name } = jobs.get(id).unwrap().state {
                assert!(name.contains("found"), "{name}");
                let again = scans.start();
                assert_ne!(again, id, "because the first is over");
                jobs.cancel(again).unwrap();
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        panic!("{:?}", jobs.get(id));
    }
}
