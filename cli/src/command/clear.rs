//! `roadworthy clear`.

use super::{check::follow_job, result};
use crate::{
    args::check::Clear,
    exit::{Exit, Stop},
    out::{Out, Tone, cell},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error, Result,
    calls::{GetVisit, StartClearing},
    clear::{self, ClearOutcome, Cleared},
    job::JobState,
    valid::LongText,
};
use roadworthy_obd::link::Port;
use std::io::{self, BufRead, IsTerminal, Write};

pub(crate) fn run(place: &Place, out: &mut Out, args: Clear) -> Result<Exit, Stop> {
    let port: Port = args.port.parse()?;
    let session = Session::open_to_store(place)?;
    let vehicle = session.find_vehicle(&args.vehicle)?;
    let confirmed = if args.yes_clear { clear::WORDS.to_owned() } else { ask()? };
    clear::confirmed(&confirmed)?;
    let reason = LongText(args.reason);
    let request = StartClearing { port: port.to_string(), vehicle, baud: args.baud, reason, confirmed };
    let title = format!("Clearing codes on {port}");
    let job = session.runtime.block_on(follow_job(&session, request, &title))?;
    let cleared = match job.state {
        JobState::Cleared { cleared } => cleared,
        JobState::Failed { error } => return Err(error.into()),
        JobState::Running | JobState::Done { .. } | JobState::Made { .. } | JobState::Exported { .. } => {
            return Err(Error::new(Code::Internal, "Clearing ended without a result.").into());
        }
    };
    if out.json {
        out.object(&cleared)?;
    } else {
        print(&session, out, &cleared)?;
    }
    Ok(match &cleared.problem {
        None => Exit::Good,
        Some(_) if cleared.answers.iter().any(|a| a.outcome == ClearOutcome::Acknowledged) => Exit::Partial,
        Some(error) => Exit::of(error.code),
    })
}

/// Says what is lost and has it confirmed by hand, where a person sits there.
fn ask() -> Result<String> {
    let hint = "Run it at a terminal, or add --yes-clear.";
    if !io::stdin().is_terminal() {
        return Err(Error::new(Code::Invalid, "Clearing codes was not confirmed.").hint(hint));
    }
    let unheard = |_| Error::new(Code::Invalid, "Clearing codes could not be confirmed.").hint(hint);
    let mut stderr = io::stderr().lock();
    let lost = clear::LOST.map(|line| format!("  {line}\n")).concat();
    write!(stderr, "This cannot be undone:\n{lost}Type \"{}\" to go on: ", clear::WORDS).map_err(unheard)?;
    stderr.flush().map_err(unheard)?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(unheard)?;
    Ok(line)
}

fn print(session: &Session, out: &mut Out, cleared: &Cleared) -> Result<(), Stop> {
    out.heading("Clearing codes")?;
    let rows: Vec<_> = cleared
        .answers
        .iter()
        .map(|a| {
            let tone = if a.outcome == ClearOutcome::Acknowledged { Tone::Good } else { Tone::Watch };
            vec![cell(Tone::Strong, format!("{} ({})", a.name, a.ecu)), cell(tone, a.outcome.words())]
        })
        .collect();
    out.table(&rows)?;
    if let Some(problem) = &cleared.problem {
        out.line(&format!("{} {problem}", out.paint(Tone::Watch, "No check after it:")))?;
    }
    match cleared.after {
        None => out.line(&format!("  The check before it: roadworthy vehicle {}", cleared.vehicle))?,
        Some(after) => {
            result::print(out, &session.call(GetVisit { visit: after })?)?;
            out.line(&format!("  Before and after: roadworthy compare {} {after}", cleared.before))?;
        }
    }
    out.line("  Permanent codes stay until the vehicle's own tests have passed; the emission monitors start anew.")?;
    Ok(())
}
