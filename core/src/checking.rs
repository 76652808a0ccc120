//! Starts a check as a job: opens the port, reads the vehicle, hands what was found to be stored.
//!
//! The usual case: one [`Checks`] per engine; [`Checks::start`] returns at once with the job's id. The work runs on the
//! runtime given at the start; `store` runs on a thread that may block. A check that was cut short or cancelled is stored
//! all the same, marked partial; only one that read nothing fails. A link that breaks in the middle is opened anew for a while.

use crate::{
    adapters::Adapters,
    jobs::{JobHandle, Jobs},
    ports::{self, Ports, Use},
};
use roadworthy_api::{
    Code, Error, Result,
    check::CheckReport,
    id::{JobId, VehicleId, VisitId},
};
use roadworthy_obd::{
    adapter::{Reset, passport::Passports},
    check::{CheckEvent, CheckOptions, Finished, Reopen, Stay, run_check_and_stay},
    link::Port,
    traffic::Traffic,
};
use std::sync::Arc;
use tokio::{runtime::Handle, sync::watch};

/// Checks of this process. Cheap to clone.
#[derive(Clone)]
pub struct Checks {
    pub(crate) jobs: Jobs,
    pub(crate) runtime: Handle,
    pub(crate) ports: Ports,
    pub(crate) adapters: Option<Adapters>,
}

impl Checks {
    /// Checks that show on the board `jobs` and run on `runtime`, which needs I/O and time enabled. `ports` is shared with
    /// whatever else uses ports.
    pub fn new(jobs: Jobs, runtime: Handle, ports: Ports) -> Self {
        Self { jobs, runtime, ports, adapters: None }
    }

    /// The same, with passports of the adapters they meet.
    pub(crate) fn with(self, adapters: Adapters) -> Self {
        Self { adapters: Some(adapters), ..self }
    }

    /// Starts a check of the vehicle at `port`; its end is that of the job. `baud` fixes the speed of a serial port in
    /// bit/s, which is otherwise tried out.
    ///
    /// `store` gets the report and the raw traffic once, unless nothing worth keeping was read.
    ///
    /// # Errors
    /// [`Code::Invalid`] for a text that is no port and for a speed of a port that has none, [`Code::PortBusy`] when a check
    /// or a live session of this process uses it. What goes wrong later is the job's error.
    pub fn start(
        &self,
        port: &str,
        baud: Option<u32>,
        store: impl FnOnce(CheckReport, Traffic) -> Result<(VisitId, VehicleId)> + Send + 'static,
    ) -> Result<JobId> {
        let parsed = ports::parse(port, baud)?;
        let claim = self.ports.claim(&parsed, Use::Check)?;
        let job = self.jobs.start(format!("Check on {parsed}"));
        let id = job.id();
        let adapters = self.adapters.clone();
        self.runtime.spawn(async move {
            let read = read(&job, &parsed, baud, adapters).await;
            // The port is free before anybody hears that the check is over, so that the next one may start at once.
            drop(claim);
            match read {
                Err(error) => job.fail(error),
                Ok((report, traffic)) => {
                    job.doing("Storing the visit");
                    match tokio::task::spawn_blocking(move || store(report, traffic)).await {
                        Ok(Ok((visit, vehicle))) => job.finish(visit, vehicle),
                        Ok(Err(error)) => job.fail(error),
                        Err(_) => job.fail(
                            Error::new(Code::Internal, "Storing the visit failed unexpectedly.")
                                .hint("Send the log with a report."),
                        ),
                    }
                }
            }
        });
        Ok(id)
    }
}

async fn read(
    job: &JobHandle,
    port: &Port,
    baud: Option<u32>,
    adapters: Option<Adapters>,
) -> Result<(CheckReport, Traffic)> {
    let (finished, _) = read_and_stay(job, port, baud, adapters, &mut Progress::new(job)).await?;
    Ok((finished.report?, finished.traffic))
}

/// Reads the vehicle, and stays connected. Some adapters drop the link on a full reset, so a link lost at the start gets a
/// second, gentler try.
pub(crate) async fn read_and_stay(
    job: &JobHandle,
    port: &Port,
    baud: Option<u32>,
    adapters: Option<Adapters>,
    progress: &mut Progress<'_>,
) -> Result<(Finished, Option<Stay>)> {
    let passports = passports(port, adapters).await?;
    let first = attempt(job, port, baud, (Reset::Cold, passports.clone()), progress).await?;
    Ok(match &first.0.report {
        Err(error) if error.code == Code::LinkLost && !matches!(port, Port::Replay(_)) => {
            job.doing("The link broke, connecting again");
            attempt(job, port, baud, (Reset::Warm, passports), progress).await?
        }
        _ => first,
    })
}

/// A recording needs no passport.
async fn passports(port: &Port, adapters: Option<Adapters>) -> Result<Passports> {
    let Some(adapters) = adapters.filter(|_| !matches!(port, Port::Replay(_))) else { return Ok(Passports::Unused) };
    let port = port.clone();
    let stopped = |_| Error::new(Code::Internal, "Looking at the adapter was stopped.").hint("Try it again.");
    tokio::task::spawn_blocking(move || adapters.passports(&port)).await.map_err(stopped)
}

async fn attempt(
    job: &JobHandle,
    port: &Port,
    baud: Option<u32>,
    (reset, passports): (Reset, Passports),
    progress: &mut Progress<'_>,
) -> Result<(Finished, Option<Stay>)> {
    job.doing(format!("Opening {port}"));
    let mut cancelled = job.cancelled();
    let link = tokio::select! {
        biased;
        // The board's sender lives as long as the job, so waiting never fails.
        Ok(_) = cancelled.wait_for(|c| *c) => {
            return Err(Error::new(Code::Cancelled, "The check was cancelled.").hint("Start it again when ready."));
        }
        link = ports::open(port, baud) => link?,
    };
    let reopen = port.is_device().then(|| reopener(port.clone(), baud));
    let options = CheckOptions { reset, reopen, passports, ..CheckOptions::new(port.to_string()) };
    let cancel: watch::Receiver<bool> = job.cancelled();
    Ok(run_check_and_stay(link, options, cancel, &mut |event| progress.show(event)).await)
}

/// A simulated vehicle that was told to be unplugged stays so, and a recording has one end.
fn reopener(port: Port, baud: Option<u32>) -> Reopen {
    Arc::new(move || {
        let port = port.clone();
        Box::pin(async move { ports::open(&port, baud).await })
    })
}

/// Shows what checks say on the board; those of one job count on.
pub(crate) struct Progress<'a> {
    job: &'a JobHandle,
    /// Requests of checks that are over.
    past: u32,
    done: u32,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(job: &'a JobHandle) -> Self {
        Self { job, past: 0, done: 0 }
    }

    pub(crate) fn show(&mut self, event: CheckEvent) {
        let job = self.job;
        match event {
            CheckEvent::Doing(words) => job.doing(words),
            CheckEvent::Planned { total } => job.planned(self.past + total),
            CheckEvent::Asked { question, .. } => {
                job.asked(&question);
                job.doing(question);
            }
            CheckEvent::Answer { question, ecu, outcome, .. } => job.answered(&question, ecu.as_deref(), outcome),
            CheckEvent::Done { done, .. } => {
                self.done = self.past + done;
                job.done(self.done);
            }
        }
    }

    /// What comes from here on is another check.
    pub(crate) fn next(&mut self) {
        self.past = self.done;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{
        job::{Job, JobState},
        stream::Push,
    };
    use roadworthy_obd::traffic::Medium;
    use std::time::Duration;
    use tokio::sync::broadcast;

    const STORED: (VisitId, VehicleId) = (VisitId(1), VehicleId(2));

    fn checks() -> (Checks, Jobs, broadcast::Receiver<Push>) {
        let (pushes, heard) = broadcast::channel(4096);
        let jobs = Jobs::new(pushes);
        (Checks::new(jobs.clone(), Handle::current(), Ports::default()), jobs, heard)
    }

    async fn ended(jobs: &Jobs, id: JobId) -> Job {
        for _ in 0..6000 {
            let job = jobs.get(id).unwrap();
            if job.state != JobState::Running {
                return job;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the job still runs: {:?}", jobs.get(id));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_simulated_car_is_read_stored_and_its_steps_are_shown() {
        let (checks, jobs, _heard) = checks();
        let (send, kept) = std::sync::mpsc::channel();
        let store = move |report: CheckReport, traffic: Traffic| {
            send.send((report, traffic)).unwrap();
            Ok(STORED)
        };
        let id = checks.start("sim:misfire", None, store).unwrap();
        let busy = checks.start("sim:misfire", None, |_, _| Ok(STORED)).unwrap_err();
        assert_eq!(busy.code, Code::PortBusy);
        let job = ended(&jobs, id).await;
        assert_eq!(job.state, JobState::Done { visit: STORED.0, vehicle: STORED.1 });
        let (report, traffic) = kept.try_recv().unwrap();
        assert_eq!(report.partial, None);
        assert!(!traffic.chunks.is_empty());
        assert!(!report.ecus.is_empty() && !report.codes.is_empty());
        let stored = job.steps.iter().find(|s| s.question == "Stored codes").unwrap();
        assert!(stored.answers.iter().any(|a| report.ecus.iter().any(|e| e.id == a.ecu)), "{stored:?}");
        assert!(job.done > 3 && job.done == job.total, "{} of {}", job.done, job.total);
        assert!(checks.ports.all_free());
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_simulated_car_is_read_over_can_frames() {
        let (checks, jobs, _heard) = checks();
        let (send, kept) = std::sync::mpsc::channel();
        let store = move |report: CheckReport, traffic: Traffic| {
            send.send((report, traffic)).unwrap();
            Ok(STORED)
        };
        let id = checks.start("sim:misfire?adapter=slcan&speed=20", None, store).unwrap();
        assert_eq!(ended(&jobs, id).await.state, JobState::Done { visit: STORED.0, vehicle: STORED.1 });
        let (report, traffic) = kept.try_recv().unwrap();
        assert_eq!((report.partial, report.codes.len()), (None, 3));
        assert_eq!((report.adapter.claims.as_str(), traffic.medium), ("SLCAN 1013 (RW01)", Medium::Frames));
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn a_cancelled_check_ends_and_frees_its_port() {
        let (checks, jobs, _heard) = checks();
        let id = checks.start("sim:misfire", None, |report, _| {
            assert!(report.partial.is_some_and(|e| e.code == Code::Cancelled));
            Ok(STORED)
        });
        let id = id.unwrap();
        while jobs.get(id).unwrap().done < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        jobs.cancel(id).unwrap();
        assert_eq!(ended(&jobs, id).await.state, JobState::Done { visit: STORED.0, vehicle: STORED.1 });
        let again = checks.start("sim:misfire", None, |_, _| Ok(STORED)).unwrap();
        jobs.cancel(again).unwrap();
        let JobState::Failed { error } = ended(&jobs, again).await.state else { panic!("nothing was read yet") };
        assert_eq!(error.code, Code::Cancelled);
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn what_cannot_be_opened_or_stored_fails_the_job() {
        let (checks, jobs, _heard) = checks();
        assert_eq!(checks.start("sim:misfire", Some(38400), |_, _| Ok(STORED)).unwrap_err().code, Code::Invalid);
        assert_eq!(checks.start("petrol", None, |_, _| Ok(STORED)).unwrap_err().code, Code::Invalid);
        for (port, code) in [
            ("sim:absent", Code::Invalid),
            ("sim:misfire?lock=off", Code::Invalid),
            ("sim:misfire?key=off&speed=50", Code::NoVehicle),
            ("sim:misfire?adapter=deaf&speed=50", Code::AdapterFault),
            ("sim:kwp?adapter=slcan", Code::Invalid),
            ("sim:misfire?adapter=slcan&key=off", Code::NoVehicle),
            ("replay:/nowhere/at/all.txt", Code::NoAdapter),
        ] {
            let id = checks.start(port, None, |_, _| Ok(STORED)).unwrap();
            let JobState::Failed { error } = ended(&jobs, id).await.state else { panic!("{port}") };
            assert_eq!(error.code, code, "{port}");
        }
        let full =
            checks.start("sim:misfire", None, |_, _| Err(Error::new(Code::DiskFull, "The disk is full."))).unwrap();
        while jobs.get(full).unwrap().done < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        jobs.cancel(full).unwrap();
        assert!(matches!(ended(&jobs, full).await.state, JobState::Failed { error } if error.code == Code::DiskFull));
        let broken = checks.start("sim:misfire", None, |_, _| panic!("on purpose")).unwrap();
        while jobs.get(broken).unwrap().done < 4 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        jobs.cancel(broken).unwrap();
        assert!(matches!(ended(&jobs, broken).await.state, JobState::Failed { error } if error.code == Code::Internal));
    }
}
