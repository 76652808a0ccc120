//! `roadworthy check`.

use super::{progress::Progress, result};
use crate::{
    args::check::Check,
    exit::{Exit, Stop},
    out::Out,
    session::{Place, Session, interrupted},
};
use roadworthy_api::{
    Code, Error,
    call::{Handle, Request},
    calls::{CancelJob, GetJob, GetVisit, StartCheck},
    id::JobId,
    job::{Job, JobState},
    stream::Push,
    visit::VisitDetail,
};
use roadworthy_core::Engine;
use roadworthy_obd::link::Port;
use serde_json::json;
use std::{pin::pin, time::Duration};
use tokio::sync::broadcast::error::RecvError;

/// How often a job is asked for, should its news be lost.
const POLL: Duration = Duration::from_millis(500);

pub(crate) fn run(place: &Place, out: &mut Out, check: Check) -> Result<Exit, Stop> {
    let port: Port = check.port.parse()?;
    let session = Session::open_to_store(place)?;
    let vehicle = check.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
    let request = StartCheck { port: port.to_string(), vehicle, baud: check.baud };
    let title = format!("Check on {}", request.port);
    let job = session.runtime.block_on(follow_job(&session, request, &title))?;
    let visit = match job.state {
        JobState::Done { visit, .. } => visit,
        JobState::Failed { error } => return Err(error.into()),
        JobState::Running | JobState::Made { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => {
            return Err(Error::new(Code::Internal, "The check ended without a result.").into());
        }
    };
    let detail = session.call(GetVisit { visit })?;
    if out.json {
        out.object(&as_object(&detail))?
    } else {
        result::print(out, &detail)?
    }
    Ok(match &detail.check.partial {
        None => Exit::Good,
        Some(error) if error.code == Code::Cancelled => Exit::Cancelled,
        Some(_) => Exit::Partial,
    })
}

/// Starts a check, or more, and shows its progress until it has ended; Ctrl C cancels it, a second one does not wait.
pub(super) async fn follow_job<C>(session: &Session, request: C, title: &str) -> Result<Job, Error>
where
    C: Request<Reply = JobId>,
    Engine: Handle<C>,
{
    // Listening before the job begins, so that none of its news is lost.
    let mut pushes = session.engine.pushes();
    let mut progress = Progress::new();
    progress.say(title);
    let id = session.call_later(request).await?;
    let mut job = session.call_later::<GetJob>(GetJob { job: id }).await?;
    let mut poll = tokio::time::interval(POLL);
    let mut asked_to_stop = false;
    let mut stop = pin!(interrupted());
    loop {
        let ended = !matches!(job.state, JobState::Running);
        progress.show(&job, ended);
        if ended {
            return Ok(job);
        }
        let news = tokio::select! {
            push = pushes.recv() => match push {
                Ok(push) => of_job(push, id),
                // What was lost is asked for at the next tick.
                Err(RecvError::Lagged(_)) => None,
                Err(RecvError::Closed) => return Err(Error::new(Code::Internal, "The engine stopped meanwhile.")),
            },
            _ = poll.tick() => Some(session.call_later::<GetJob>(GetJob { job: id }).await?),
            () = &mut stop => {
                if asked_to_stop {
                    return Err(Error::new(Code::Cancelled, "It was stopped before anything could be stored."));
                }
                asked_to_stop = true;
                stop.set(interrupted());
                progress.say("Stopping; what was read by now is kept.");
                session.call_later::<CancelJob>(CancelJob { job: id }).await?;
                None
            }
        };
        if let Some(news) = news {
            job = news;
        }
    }
}

fn of_job(push: Push, id: JobId) -> Option<Job> {
    match push {
        Push::JobChanged(job) if job.id == id => Some(job),
        _ => None,
    }
}

/// The check with the ids under which it is stored, all at the top level.
fn as_object(detail: &VisitDetail) -> serde_json::Value {
    let mut object = json!({
        "visit": detail.id,
        "vehicle": detail.vehicle,
        "verdict": detail.verdict,
        "summary": detail.summary,
        "differences": detail.differences,
        "traffic": detail.traffic,
    });
    if let (Some(all), serde_json::Value::Object(check)) = (object.as_object_mut(), json!(detail.check)) {
        all.extend(check);
    }
    object
}
