//! Clearing codes as a job: a full check, stored; the rules; one request; the journal; a check again.
//!
//! What is written down is the caller's ([`Papers`]); the order is kept here. Nothing is sent before the first check is
//! stored and the journal says what is about to be done, and the deed is journalled before anything else is asked, so that no
//! failure after it can hide it. Where the process ends between the two, [`settle`] has the journal say that nobody knows.

mod intent;

pub(crate) use intent::{Announced, settle};

use crate::{
    adapters::Adapters,
    checking::{self, Checks, Progress},
    jobs::JobHandle,
    ports::{self, Use},
};
use roadworthy_api::{
    Code, Error, Result,
    check::{CheckReport, CodeClass, TroubleCode},
    clear::{ClearAnswer, ClearOutcome, Cleared},
    id::{EventId, JobId, VehicleId, VisitId},
    job::JobKind,
};
use roadworthy_obd::{
    adapter::{Erase, Unlock},
    check::{Conditions, Stay},
    link::Port,
    traffic::Traffic,
};

const STORED: &str = "The check is stored; nothing was cleared.";

/// Volts at the connector below which an ECU may reset while it writes.
const LOWEST: f64 = 11.5;

/// What of a clearing is written down, each once and in this order. All of it may block.
pub(crate) struct Papers {
    /// Stores the check before, and says whose it is.
    pub(crate) before: Box<dyn FnOnce(CheckReport, Traffic) -> Result<Before> + Send>,
    /// Journals what is about to be done.
    pub(crate) intent: Box<dyn FnOnce(Intent) -> Result<Announced> + Send>,
    /// Journals what was done.
    pub(crate) deed: Box<dyn FnOnce(Deed) -> Result<VisitId> + Send>,
    /// Stores the check after, under the id that `deed` gave.
    pub(crate) after: Box<dyn FnOnce(VisitId, CheckReport, Traffic) -> Result<()> + Send>,
}

/// The check before a clearing, as it was stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Before {
    pub(crate) visit: VisitId,
    /// The vehicle it was filed under.
    pub(crate) vehicle: VehicleId,
    /// The vehicle that was named.
    pub(crate) named: VehicleId,
    /// An earlier check read a VIN from the vehicle that was named.
    pub(crate) gave_vin: bool,
}

/// What is about to be done.
pub(crate) struct Intent {
    pub(crate) before: Before,
    /// What the check before it read.
    pub(crate) codes: Vec<TroubleCode>,
    /// Requests in hex.
    pub(crate) requests: Vec<String>,
}

/// What was done.
pub(crate) struct Deed {
    pub(crate) before: Before,
    /// The event that announced it.
    pub(crate) announced: EventId,
    /// What the check before it read.
    pub(crate) report: CheckReport,
    pub(crate) answers: Vec<ClearAnswer>,
}

impl Checks {
    /// Starts a clearing at `port`; its end is that of the job.
    ///
    /// # Errors
    /// As [`Checks::start`].
    pub(crate) fn clear(&self, port: &str, baud: Option<u32>, papers: Papers) -> Result<JobId> {
        let parsed = ports::parse(port, baud)?;
        if matches!(parsed, Port::Replay(_)) {
            return Err(Error::new(Code::Invalid, "A recording is no vehicle, so nothing can be cleared.")
                .hint("Connect to the vehicle."));
        }
        let claim = self.ports.claim(&parsed, Use::Check)?;
        let job = self.jobs.begin(JobKind::Clearing, format!("Clearing codes on {parsed}"));
        let id = job.id();
        let adapters = self.adapters.clone();
        self.runtime.spawn(async move {
            let end = clear(&job, &parsed, baud, adapters, papers).await;
            drop(claim);
            match end {
                Ok(cleared) => job.cleared(cleared),
                Err(error) => job.fail(error),
            }
        });
        Ok(id)
    }
}

async fn clear(
    job: &JobHandle,
    port: &Port,
    baud: Option<u32>,
    adapters: Option<Adapters>,
    papers: Papers,
) -> Result<Cleared> {
    let mut progress = Progress::new(job);
    let (finished, stay) = checking::read_and_stay(job, port, baud, adapters, &mut progress).await?;
    let (report, traffic) = (finished.report?, finished.traffic);
    job.doing("Storing the visit");
    let (kept, store) = (report.clone(), papers.before);
    let before = blocking(move || store(kept, traffic)).await?;
    refuse(&report, &before)?;
    let Some(mut stay) = stay else {
        return Err(Error::new(Code::Conflict, "The check was cut short, so nothing was cleared.")
            .hint("A full check comes first; what was read is stored. Try again."));
    };
    job.doing("Looking whether the engine rests");
    let now = stay.conditions().await.map_err(|error| {
        let hint = format!("{} {STORED}", error.hint);
        error.hint(hint.trim())
    })?;
    unfit(&now)?;
    // The last moment at which it can be stopped.
    if *job.cancelled().borrow() {
        return Err(
            Error::new(Code::Cancelled, "It was cancelled before anything was cleared.").hint("The check is stored.")
        );
    }
    let requests = stay.ways().into_iter().map(Erase::hex).collect();
    let (announce, intent) = (papers.intent, Intent { before, codes: report.codes.clone(), requests });
    let announced = blocking(move || announce(intent)).await.map_err(|error| {
        let hint = format!("{} {STORED}", error.hint);
        error.hint(hint.trim())
    })?;
    job.doing("Clearing codes");
    let (answers, mut problem) = erase(&mut stay).await;
    let nothing = answers.iter().all(|a| matches!(a.outcome, ClearOutcome::Refused { .. }));
    let (deed, told) = (papers.deed, answers.clone());
    let event = announced.event;
    let after = blocking(move || deed(Deed { before, announced: event, report, answers: told })).await?;
    announced.told();
    if nothing && problem.is_none() {
        problem = Some(
            Error::new(Code::Conflict, "No ECU cleared anything.")
                .hint("Switch the ignition on with the engine off, and try again."),
        );
    }
    let cleared = |after, problem| Cleared { vehicle: before.vehicle, before: before.visit, after, answers, problem };
    if problem.is_some() {
        return Ok(cleared(None, problem));
    }
    job.doing("Checking again");
    progress.next();
    let finished = stay.check_again(job.cancelled(), &mut |event| progress.show(event)).await;
    let again = match finished.report {
        Err(error) => Err(error),
        Ok(report) => blocking(move || (papers.after)(after, report, finished.traffic)).await,
    };
    Ok(match again {
        Ok(()) => cleared(Some(after), None),
        Err(error) => cleared(None, Some(error)),
    })
}

/// Tells every ECU, once. What breaks on the way is told beside what was heard by then.
async fn erase(stay: &mut Stay) -> (Vec<ClearAnswer>, Option<Error>) {
    let (mut answers, mut problem) = (Vec::new(), None);
    for way in stay.ways() {
        if problem.is_some() {
            answers.extend(stay.unheard(way, "The connection broke before it was told to clear."));
            continue;
        }
        match stay.erase(Unlock::to_erase_codes_freeze_frames_and_readiness(way)).await {
            Ok(said) => answers.extend(said),
            Err(error) => {
                answers.extend(stay.unheard(way, "The connection broke before it came: it may have cleared, or not."));
                problem = Some(error);
            }
        }
    }
    (answers, problem)
}

/// Whether what was read stands against clearing.
fn refuse(report: &CheckReport, before: &Before) -> Result<()> {
    if let Some(error) = &report.partial {
        let code = if error.code == Code::Cancelled { Code::Cancelled } else { Code::Conflict };
        return Err(Error::new(code, format!("The check was cut short, so nothing was cleared. {}", error.message))
            .hint("A full check comes first; what was read is stored."));
    }
    if before.vehicle != before.named {
        return Err(Error::new(Code::Conflict, "Another vehicle than the one named is on this port.").hint(STORED));
    }
    if report.vin.is_none() && before.gave_vin {
        let why = "The vehicle gave no VIN this time, so nobody can tell whether it is the one named.";
        return Err(Error::new(Code::Conflict, why).hint(STORED));
    }
    let erasable = report.codes.iter().any(|c| c.class != CodeClass::Permanent);
    let lamp = report.readiness.iter().any(|r| r.mil || r.dtc_count > 0);
    if !erasable && !lamp && report.freeze_frames.is_empty() {
        let permanent = !report.codes.is_empty();
        let why = if permanent {
            "Only permanent codes are there. The vehicle removes them itself once its own tests have passed; clearing does not."
        } else {
            "There is nothing to clear: no stored or pending code, and the lamp is off."
        };
        return Err(Error::new(Code::Conflict, why).hint(STORED));
    }
    Ok(())
}

/// Whether how the vehicle stands just now is against it.
fn unfit(now: &Conditions) -> Result<()> {
    if now.rpm.is_some_and(|rpm| rpm > 0.0) {
        let hint = format!("Switch the ignition on with the engine off. {STORED}");
        return Err(Error::new(Code::Conflict, "The engine runs.").hint(hint));
    }
    // A hybrid drives with its engine at rest, and an electric car has none.
    if now.speed.is_some_and(|speed| speed > 0.0) {
        return Err(Error::new(Code::Conflict, "The vehicle moves.").hint(format!("Stop it first. {STORED}")));
    }
    if now.unsaid {
        let why = "The vehicle does not say any more whether its engine runs and whether it moves.";
        return Err(
            Error::new(Code::Conflict, why).hint(format!("Check that the ignition is on, and try again. {STORED}"))
        );
    }
    match now.voltage {
        Some(volts) if volts < LOWEST => Err(Error::new(
            Code::Conflict,
            format!("The voltage is too low: {volts:.1} V, at least {LOWEST:.1} V are needed."),
        )
        .hint(format!("Charge the battery, or connect a supply. {STORED}"))),
        _ => Ok(()),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done,
        Err(_) => {
            Err(Error::new(Code::Internal, "Writing it down failed unexpectedly.").hint("Send the log with a report."))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verdict::sample::{clean, with_code, with_lamp};

    const BEFORE: Before = Before { visit: VisitId(1), vehicle: VehicleId(2), named: VehicleId(2), gave_vin: true };

    #[test]
    fn what_was_read_may_stand_against_it() {
        let faulty = with_code(clean(), CodeClass::Stored, "P0301", "7E8");
        let cut = CheckReport { partial: Some(Error::new(Code::LinkLost, "The link broke.")), ..faulty.clone() };
        let stopped = CheckReport { partial: Some(Error::new(Code::Cancelled, "Stopped.")), ..faulty.clone() };
        let other = Before { vehicle: VehicleId(3), ..BEFORE };
        for (report, before, expect) in [
            (faulty.clone(), BEFORE, None),
            (with_lamp(clean()), BEFORE, None),
            (with_code(clean(), CodeClass::Pending, "P0301", "7E8"), BEFORE, None),
            (with_code(clean(), CodeClass::Permanent, "P0301", "7E8"), BEFORE, Some("permanent")),
            (clean(), BEFORE, Some("nothing to clear")),
            (cut, BEFORE, Some("cut short")),
            (stopped, BEFORE, Some("cut short")),
            (faulty.clone(), other, Some("Another vehicle")),
            (CheckReport { vin: None, ..faulty.clone() }, BEFORE, Some("no VIN")),
            (CheckReport { vin: None, ..faulty }, Before { gave_vin: false, ..BEFORE }, None),
        ] {
            match (refuse(&report, &before), expect) {
                (Ok(()), None) => {}
                (Err(error), Some(words)) => assert!(error.message.contains(words), "{error}"),
                (got, expect) => panic!("{got:?} where {expect:?} was expected"),
            }
        }
    }

    #[test]
    fn how_it_stands_just_now_may_be_against_it() {
        let zero = Some(0.0);
        for (rpm, speed, unsaid, voltage, expect) in [
            (zero, zero, false, Some(12.4), None),
            (None, None, false, None, None),
            (zero, None, false, None, None),
            (Some(702.5), zero, false, Some(14.1), Some("engine runs")),
            (Some(0.25), None, false, Some(12.4), Some("engine runs")),
            (zero, Some(50.0), false, Some(14.1), Some("moves")),
            (None, Some(1.0), false, None, Some("moves")),
            (None, zero, true, Some(12.4), Some("does not say")),
            (zero, zero, false, Some(11.4), Some("too low: 11.4 V")),
            (None, None, false, Some(24.3), None),
        ] {
            let got = unfit(&Conditions { rpm, speed, unsaid, voltage });
            assert_eq!(got.is_err(), expect.is_some(), "{rpm:?} {speed:?} {unsaid} {voltage:?}");
            if let (Err(error), Some(words)) = (got, expect) {
                assert!(error.message.contains(words), "{error}");
            }
        }
    }
}
