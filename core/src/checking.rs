//! Starts a check as a job: opens the port, reads the vehicle, hands what was found to be stored.
//!
//! The usual case: one [`Checks`] per engine; [`Checks::start`] returns at once with the job's id. The work runs on the
//! runtime given at the start; `store` runs on a thread that may block. A check that was cut short or cancelled is stored
//! all the same, marked partial; only one that read nothing fails.

use crate::{
    jobs::{JobHandle, Jobs},
    ports::{self, Ports, Use},
};
use roadworthy_api::{
    Code, Error, Result,
    check::CheckReport,
    id::{JobId, VehicleId, VisitId},
};
use roadworthy_obd::{
    adapter::Reset,
    check::{CheckEvent, CheckOptions, Finished, run_check},
    link::Port,
    traffic::Traffic,
};
use tokio::{runtime::Handle, sync::watch};

/// Checks of this process. Cheap to clone.
#[derive(Clone)]
pub struct Checks {
    jobs: Jobs,
    runtime: Handle,
    ports: Ports,
}

impl Checks {
    /// Checks that show on the board `jobs` and run on `runtime`, which needs I/O and time enabled. `ports` is shared with
    /// whatever else uses ports.
    pub fn new(jobs: Jobs, runtime: Handle, ports: Ports) -> Self {
        Self { jobs, runtime, ports }
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
        self.runtime.spawn(async move {
            let read = read(&job, &parsed, baud).await;
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

/// Reads the vehicle. Some adapters drop the link on a full reset, so a link lost at the start gets a second, gentler try.
async fn read(job: &JobHandle, port: &Port, baud: Option<u32>) -> Result<(CheckReport, Traffic)> {
    let first = attempt(job, port, baud, Reset::Cold).await?;
    let finished = match &first.report {
        Err(error) if error.code == Code::LinkLost && matches!(port, Port::Serial(_) | Port::Tcp { .. }) => {
            job.doing("The link broke, connecting again");
            attempt(job, port, baud, Reset::Warm).await?
        }
        _ => first,
    };
    Ok((finished.report?, finished.traffic))
}

async fn attempt(job: &JobHandle, port: &Port, baud: Option<u32>, reset: Reset) -> Result<Finished> {
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
    let options = CheckOptions { reset, ..CheckOptions::new(port.to_string()) };
    let cancel: watch::Receiver<bool> = job.cancelled();
    Ok(run_check(link, options, cancel, &mut |event| show(job, event)).await)
}

fn show(job: &JobHandle, event: CheckEvent) {
    match event {
        CheckEvent::Doing(words) => job.doing(words),
        CheckEvent::Planned { total } => job.planned(total),
        CheckEvent::Asked { question, .. } => {
            job.asked(&question);
            job.doing(question);
        }
        CheckEvent::Answer { question, ecu, outcome, .. } => job.answered(&question, ecu.as_deref(), outcome),
        CheckEvent::Done { done, .. } => job.done(done),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use roadworthy_api::{
        job::{Job, JobState},
        stream::Push,
    };
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
            ("sim:absent", Code::NotFound),
            ("sim:misfire?lock=off", Code::Invalid),
            ("sim:misfire?key=off&speed=50", Code::NoVehicle),
            ("sim:misfire?adapter=deaf&speed=50", Code::AdapterFault),
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
