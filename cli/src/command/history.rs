//! `roadworthy import` of a service history: what it looks like, what must be said, what became of every row.

use super::{
    import::{open_questions, word},
    service::{judgement, said},
};
use crate::{
    args::{
        import::Import,
        service::{Fuel, Verdict},
    },
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count, time},
    session::{Session, id},
};
use clap::ValueEnum;
use roadworthy_api::{
    Code, Error, Result,
    calls::{GetHistory, PreviewHistory, StartHistory},
    history::{HistoryAnswers, HistoryDetail, HistoryMapping, HistoryPreview, HistoryReport, HistoryRow, JudgedLine},
    id::ImportId,
    import::{Confidence, ImportFile},
    job::JobState,
    service::FuelUnit,
};
use std::fs;

/// A judgement as it is typed, as in `12=leave-out`.
fn judged(text: &str) -> Result<JudgedLine> {
    let wrong = || {
        Error::new(Code::Invalid, format!("{text:?} is not LINE=VERDICT."))
            .hint("Type it as 12=accept, 12=leave-out, 12=km or 12=mi.")
    };
    let (line, verdict) = text.split_once('=').ok_or_else(wrong)?;
    let verdict = Verdict::from_str(verdict.trim(), true).map_err(|_| wrong())?;
    let judged = judgement(verdict).ok_or_else(wrong)?;
    Ok(JudgedLine { line: line.trim().parse().map_err(|_| wrong())?, judged })
}

fn answers(asked: &Import) -> Result<HistoryAnswers> {
    let shared = super::import::answers(asked);
    Ok(HistoryAnswers {
        date_order: shared.date_order,
        decimal: shared.decimal,
        separator: shared.separator,
        distance: asked.distance.map(Into::into),
        fuel_unit: asked.fuel_unit.map(|unit| match unit {
            Fuel::L => FuelUnit::L,
            Fuel::UsGal => FuelUnit::UsGal,
            Fuel::UkGal => FuelUnit::UkGal,
            Fuel::Kwh => FuelUnit::Kwh,
        }),
        currency: asked.currency.clone(),
        kind: asked.kind.map(Into::into),
        only: asked.only.clone(),
        judged: asked.odometer.iter().map(|text| judged(text)).collect::<Result<_>>()?,
    })
}

/// Looks at a history, or imports it.
pub(super) fn run(
    session: &Session,
    out: &mut Out,
    asked: &Import,
    file: ImportFile,
    mapping: Option<HistoryMapping>,
) -> Result<Exit, Stop> {
    let answers = answers(asked)?;
    let vehicle = asked.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
    let look = PreviewHistory { vehicle, file: file.clone(), mapping: mapping.clone(), answers: answers.clone() };
    let preview = session.call(look)?;
    if let Some(to) = &asked.save_mapping {
        let json = serde_json::to_string_pretty(&preview.mapping)
            .map_err(|e| Error::new(Code::Internal, format!("The mapping cannot be written ({e}).")))?;
        fs::write(to, json + "\n")?;
    }
    let only_looks = asked.preview || asked.save_mapping.is_some();
    let (Some(vehicle), false) = (vehicle, only_looks) else { return shown(out, &preview) };
    if !preview.questions.is_empty() {
        if !asked.yes && !out.json {
            shown(out, &preview)?;
        }
        return Err(open_questions(&preview.questions).into());
    }
    if preview.confidence == Confidence::Guess && !asked.yes {
        if !out.json {
            shown(out, &preview)?;
        }
        return Err(Error::new(Code::Invalid, "The layout is a guess; nothing was imported.")
            .hint("Look at the columns. Add --yes to import it so, or say more of it with --mapping.")
            .into());
    }
    let request = StartHistory { vehicle, file, mapping, answers, again: asked.again };
    let job = session.runtime.block_on(super::progress::follow(session, session.call(request)?, "Importing"))?;
    match job.state {
        JobState::Made { name } => {
            let import: ImportId = id(&name, "an import", "`roadworthy imports` lists them.")?;
            let detail = session.call(GetHistory { import })?;
            told(out, &detail)
        }
        JobState::Failed { error } => Err(error.into()),
        JobState::Running | JobState::Done { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => {
            Err(Error::new(Code::Internal, "The import ended without a result.").into())
        }
    }
}

fn shown(out: &mut Out, preview: &HistoryPreview) -> Result<Exit, Stop> {
    if out.json {
        out.object(preview)?;
        return Ok(Exit::Good);
    }
    let HistoryPreview { name, bytes, encoding, confidence, guesses, questions, mapping, report, records, .. } =
        preview;
    out.line(&format!(
        "{}: service history, {:.1} kB, {encoding}, layout {} ({})",
        out.paint(Tone::Strong, name),
        *bytes as f64 / 1e3,
        out.paint(Tone::Strong, &word(&mapping.history)),
        word(confidence)
    ))?;
    out.heading("Columns")?;
    let rows: Vec<_> = mapping
        .columns
        .iter()
        .map(|c| {
            let field = c.field.map_or("left out".to_owned(), |f| match word(&f).as_str() {
                "more" => "kept as it is".to_owned(),
                field => field.replace('-', " "),
            });
            vec![cell(Tone::Strong, &c.column), cell(Tone::Plain, field), cell(Tone::Faint, &c.guessed)]
        })
        .collect();
    out.table(&rows)?;
    if !guesses.is_empty() {
        out.heading("Taken for granted")?;
        out.table(&guesses.iter().map(|g| vec![cell(Tone::Plain, g)]).collect::<Vec<_>>())?;
    }
    if let Some(report) = report {
        out.heading("The first records")?;
        let rows: Vec<_> = records
            .iter()
            .take(8)
            .map(|r| {
                let (words, meter, cost) = said(&r.fields);
                vec![
                    cell(Tone::Faint, format!("line {}", r.line)),
                    cell(Tone::Plain, &r.fields.day),
                    cell(Tone::Plain, r.fields.kind.label()),
                    cell(Tone::Strong, words),
                    cell(Tone::Plain, meter),
                    cell(Tone::Plain, cost),
                ]
            })
            .collect();
        out.table(&rows)?;
        account(out, report)?;
        let flagged: Vec<_> = records
            .iter()
            .filter(|r| r.judged.is_none())
            .filter_map(|r| {
                let line = format!("line {}", r.line);
                Some(vec![cell(Tone::Watch, line), cell(Tone::Plain, &r.flag.as_ref()?.reason)])
            })
            .collect();
        if !flagged.is_empty() {
            out.heading("Odometer readings that would not count")?;
            out.table(&flagged)?;
            out.line("Judge them now, as in --odometer 12=accept, 12=leave-out or 12=mi, or later: roadworthy service judge.")?;
        }
    }
    if !questions.is_empty() {
        out.heading("Must be said")?;
        let rows: Vec<_> =
            questions.iter().map(|q| vec![cell(Tone::Watch, &q.option), cell(Tone::Plain, &q.ask)]).collect();
        out.table(&rows)?;
    }
    Ok(Exit::Good)
}

fn account(out: &mut Out, report: &HistoryReport) -> Result<(), Stop> {
    let lines = |lines: &[u64]| match lines {
        [] => String::new(),
        lines => format!("line {}", lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    };
    out.heading("Account")?;
    let figure = |what: &str, n: u64, at: String| {
        vec![cell(Tone::Plain, what), cell(Tone::Strong, n.to_string()), cell(Tone::Faint, at)]
    };
    let mut rows = vec![figure("rows", report.rows, String::new()), figure("records", report.records, String::new())];
    for e in &report.explained {
        rows.push(figure(&format!("  no record: {}", e.reason.words()), e.count, lines(&e.lines)));
    }
    for r in &report.rejected {
        let what = format!("  {} kept as text: {}", r.column, r.reason.words());
        rows.push(figure(&what, r.count, lines(&r.lines)));
    }
    if report.flagged > 0 {
        rows.push(figure("odometer readings flagged", report.flagged, String::new()));
        rows.push(figure("  of those judged", report.judged, String::new()));
    }
    out.table(&rows)?;
    Ok(())
}

pub(super) fn told(out: &mut Out, detail: &HistoryDetail) -> Result<Exit, Stop> {
    if out.json {
        out.object(detail)?;
        return Ok(Exit::Good);
    }
    let HistoryRow { id, from, to, .. } = &detail.row;
    let records = records(&detail.row);
    out.line(&format!("Imported {records} from {from} to {to}, as import {id}."))?;
    account(out, &detail.report)?;
    let open = detail.report.flagged.saturating_sub(detail.report.judged);
    if open > 0 {
        let readings = count(usize::try_from(open).unwrap_or(usize::MAX), "odometer reading");
        let verb = if open == 1 { "does not count until you judge it" } else { "do not count until you judge them" };
        out.line(&format!("{readings} {verb}: roadworthy service list PLATE says why."))?;
    }
    Ok(Exit::Good)
}

pub(super) fn records(row: &HistoryRow) -> String {
    count(usize::try_from(row.records).unwrap_or(usize::MAX), "record")
}

/// A line of the list of imports: when, and its cells.
pub(super) fn listed(row: &HistoryRow) -> Vec<crate::out::Cell> {
    let name = if row.name.is_empty() { "a file whose name is gone" } else { &row.name };
    vec![
        cell(Tone::Strong, row.id.to_string()),
        cell(Tone::Plain, time(row.at)),
        cell(Tone::Plain, name),
        cell(Tone::Plain, word(&row.layout)),
        cell(Tone::Plain, records(row)),
        cell(Tone::Faint, if row.undone.is_some() { "undone" } else { "" }),
    ]
}
