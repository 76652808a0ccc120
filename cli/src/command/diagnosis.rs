//! `roadworthy diagnosis`.

use crate::{
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, shown, time},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::GetDiagnosis,
    finding::{Diagnosis, FindingRow, Severity, Source},
};

pub(crate) fn run(place: &Place, out: &mut Out, vehicle: &str) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let vehicle = session.find_vehicle(vehicle)?;
    let diagnosis = session.call(GetDiagnosis { vehicle })?;
    if out.json {
        out.object(&diagnosis)?;
        return Ok(Exit::Good);
    }
    text(out, &diagnosis)?;
    Ok(Exit::Good)
}

fn text(out: &mut Out, diagnosis: &Diagnosis) -> Result<(), Stop> {
    match (diagnosis.findings.as_slice(), diagnosis.visit) {
        ([], Some(_)) => out.line("The newest check gives no finding.")?,
        ([], None) => out.line("This vehicle has not been diagnosed yet. Check it: roadworthy check --port PORT")?,
        (findings, _) => findings.iter().try_for_each(|row| finding(out, row))?,
    }
    if !diagnosis.limits.is_empty() {
        out.heading("What could not be told")?;
        for limit in &diagnosis.limits {
            out.line(&format!("  {}", shown(limit, "")))?;
        }
    }
    Ok(())
}

fn finding(out: &mut Out, row: &FindingRow) -> Result<(), Stop> {
    let finding = &row.finding;
    let (tone, word) = severity(finding.severity);
    out.heading(&shown(&finding.title, ""))?;
    let from = match row.source {
        Source::Visit { visit } => format!("visit {visit}"),
        Source::Recording { recording } => format!("recording {recording}"),
    };
    let sure = format!("confidence {:.0} %", finding.confidence * 100.0);
    out.line(&format!("  {}, {sure}, {} ({from})", out.paint(tone, word), time(row.at)))?;
    out.line(&format!("  {}", shown(&finding.explanation, "")))?;
    if !finding.check_next.is_empty() {
        out.line("  Check next:")?;
        for (n, check) in finding.check_next.iter().enumerate() {
            out.line(&format!("    {}. {}", n + 1, shown(check, "")))?;
        }
    }
    let rests_on = |e: &roadworthy_api::finding::Evidence| -> Vec<Cell> {
        vec![cell(Tone::Faint, &e.what), cell(Tone::Plain, &e.value), cell(Tone::Faint, &e.ecu)]
    };
    Ok(out.table(&finding.evidence.iter().map(rests_on).collect::<Vec<_>>())?)
}

/// As shape and word, like a state.
pub(crate) fn severity(severity: Severity) -> (Tone, &'static str) {
    match severity {
        Severity::Note => (Tone::Faint, "○ note"),
        Severity::Watch => (Tone::Watch, "◉ watch"),
        Severity::ActSoon => (Tone::Watch, "▲ act soon"),
        Severity::ActNow => (Tone::Bad, "⬢ act now"),
    }
}
