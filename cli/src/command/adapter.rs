//! `roadworthy adapter`: measures one, or lists those that were measured.

use super::check::follow_job;
use crate::{
    exit::{Exit, Stop},
    out::{Out, Tone, cell},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error,
    adapter::{AdapterRow, CountDigit, Passport, Proof},
    calls::{GetAdapter, ListAdapters, StartAdapterTest},
    job::JobState,
};
use roadworthy_obd::link::Port;

pub(crate) fn run(place: &Place, out: &mut Out, port: Option<&str>, baud: Option<u32>) -> Result<Exit, Stop> {
    let Some(port) = port else { return list(place, out) };
    let port: Port = port.parse()?;
    let session = Session::open_to_store(place)?;
    let request = StartAdapterTest { port: port.to_string(), baud };
    let job = session.runtime.block_on(follow_job(&session, request, &format!("Adapter on {port}")))?;
    let adapter = match job.state {
        JobState::Made { name } => name.parse().ok(),
        JobState::Failed { error } => return Err(error.into()),
        JobState::Running | JobState::Done { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => None,
    };
    let adapter = adapter.ok_or_else(|| Error::new(Code::Internal, "The measuring ended without a result."))?;
    let row = session.call(GetAdapter { adapter })?;
    if out.json {
        out.object(&row)?
    } else {
        show(out, &row)?
    }
    Ok(Exit::Good)
}

fn list(place: &Place, out: &mut Out) -> Result<Exit, Stop> {
    let all = Session::open(place)?.call(ListAdapters {})?;
    if out.json {
        out.object(&all)?;
        return Ok(Exit::Good);
    }
    if all.is_empty() {
        out.line(
            "No adapter was measured yet. A check measures a new one by itself; `roadworthy adapter PORT` does it now.",
        )?;
        return Ok(Exit::Good);
    }
    let rows: Vec<_> = all
        .iter()
        .map(|row| {
            let unfit = row.passport.unfit();
            let words = if unfit.is_empty() { String::new() } else { format!("not fit for: {}", unfit.join(", ")) };
            vec![cell(Tone::Strong, &row.name), cell(Tone::Plain, &row.port), cell(Tone::Watch, words)]
        })
        .collect();
    out.table(&rows)?;
    Ok(Exit::Good)
}

fn show(out: &mut Out, row: &AdapterRow) -> Result<(), Stop> {
    let p = &row.passport;
    out.line(&format!("{}, known by {}", row.name, row.known_by))?;
    if let Some(why) = &p.counterfeit {
        out.line(why)?;
    }
    out.line("\nFit for")?;
    let fit: Vec<_> = p.fit.iter().map(|f| proof(f.purpose.label(), &f.fit)).collect();
    out.table(&fit)?;
    out.line("\nMeasured")?;
    let mut rows = vec![
        proof("Names the sender of each frame", &p.headers),
        proof("Requests of 3 bytes", &p.request_of_3),
        proof("Requests of 7 bytes", &p.request_of_7),
        proof("Replies of several frames", &p.long_reply),
        proof("Flow control", &p.flow_control),
        proof("Long answers", &p.buffer),
    ];
    rows.extend(figures(p).into_iter().map(|(name, value)| vec![cell(Tone::Plain, name), cell(Tone::Plain, value)]));
    out.table(&rows)?;
    if !p.cannot.is_empty() {
        out.line("\nWhat it cannot do")?;
        for what in &p.cannot {
            out.line(&format!("  {what}"))?;
        }
    }
    Ok(())
}

fn proof(name: &str, proof: &Proof) -> Vec<crate::out::Cell> {
    let (tone, word) = match proof {
        Proof::Yes => (Tone::Good, "yes"),
        Proof::No { .. } => (Tone::Bad, "no"),
        Proof::Unknown { .. } => (Tone::Watch, "cannot tell"),
    };
    vec![cell(Tone::Plain, name), cell(tone, word), cell(Tone::Plain, proof.why())]
}

/// What was measured in figures and words.
fn figures(p: &Passport) -> Vec<(&'static str, String)> {
    let ms = |v: f64| format!("{v:.0} ms");
    let digit = match &p.count_digit {
        CountDigit::Honoured => "honoured".to_owned(),
        CountDigit::Ignored => "ignored".to_owned(),
        CountDigit::TakenAsData => "taken as data".to_owned(),
        CountDigit::Unknown { why } => format!("cannot tell: {why}"),
    };
    let tried = p.tried_on.as_ref();
    let several = tried.map(|t| match &t.several_values {
        Proof::Yes => "yes".to_owned(),
        other => other.why().to_owned(),
    });
    let all = [
        ("Count of awaited frames", Some(digit)),
        ("One of its own commands takes", p.latency_ms.map(ms)),
        ("A request to the vehicle takes", tried.and_then(|t| t.round_trip_ms).map(ms)),
        ("Speed", p.throughput.map(|v| format!("{v:.0} characters/s"))),
        ("Longest answer", p.longest.map(|v| format!("{v} characters"))),
        ("Voltage", p.voltage.map(|v| format!("{v:.1} V"))),
        ("Tried on", tried.map(|t| format!("{}, {} ECUs", t.protocol, t.ecus))),
        ("Several values at once, on that vehicle", several),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
