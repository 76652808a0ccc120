//! `roadworthy import` and `roadworthy imports`; what concerns service histories is in `history`.

use super::{history, progress::follow};
use crate::{
    args::import::{Again, Between, Import, Imports, ImportsCommand, Order, Sign},
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count, time},
    session::{Place, Session, id},
};
use roadworthy_api::{
    Code, Error, Result,
    calls::{
        GetHistory, GetImport, ListHistories, ListImports, PreviewImport, StartImport, TellFile, UndoHistory,
        UndoImport,
    },
    history::{FileNature, HistoryMapping},
    id::{ImportId, VehicleId},
    import::{
        Answers, Confidence, DateOrder, Decimal, ImportDetail, ImportFile, ImportPreview, ImportReport, ImportRow,
        Mapping, Question, Restarts, Separator,
    },
    job::JobState,
};
use serde_json::json;
use std::{fs, path::Path};

/// Largest mapping that is read.
const MAPPING_MAX: u64 = 8 << 20;

pub(crate) fn run(place: &Place, out: &mut Out, asked: &Import) -> Result<Exit, Stop> {
    let only_looks = asked.preview || asked.save_mapping.is_some();
    let session = if only_looks { Session::open(place)? } else { Session::open_to_store(place)? };
    let file = named(&asked.file)?;
    let dbc = asked.dbc.as_deref().map(named).transpose()?;
    // A mapping says what it is for; a CAN log is none for certain.
    let kept = asked.mapping.as_deref().map(mapping).transpose()?;
    let mapping = match kept {
        Some(Kept::History(mapping)) => return history::run(&session, out, asked, file, Some(mapping)),
        Some(Kept::Log(mapping)) => Some(mapping),
        None if dbc.is_none() && session.call(TellFile { file: file.clone() })? == FileNature::History => {
            return history::run(&session, out, asked, file, None);
        }
        None => None,
    };
    let answers = answers(asked);
    let look =
        PreviewImport { file: file.clone(), dbc: dbc.clone(), mapping: mapping.clone(), answers: answers.clone() };
    if only_looks {
        let preview = session.call(look)?;
        if let Some(to) = &asked.save_mapping {
            let json = serde_json::to_string_pretty(&preview.mapping)
                .map_err(|e| Error::new(Code::Internal, format!("The mapping cannot be written ({e}).")))?;
            fs::write(to, json + "\n")?;
        }
        return shown(out, &preview);
    }
    let vehicle = session.find_vehicle(asked.vehicle.as_deref().unwrap_or_default())?;
    if !asked.yes {
        // A program and a person alike see first what the file is taken for.
        let preview = session.call(look)?;
        if !preview.questions.is_empty() || preview.confidence == Confidence::Guess {
            // A program that wants to see it asks for the preview.
            if !out.json {
                shown(out, &preview)?;
            }
            let what = match preview.questions.first() {
                Some(_) => open_questions(&preview.questions),
                None => Error::new(Code::Invalid, "The layout is a guess; nothing was imported.")
                    .hint("Look at the columns. Add --yes to import it so, or say more of it with --mapping."),
            };
            return Err(what.into());
        }
    }
    let request = StartImport { vehicle, file, dbc, mapping, answers, again: asked.again };
    let job = session.runtime.block_on(follow(&session, session.call(request)?, "Importing"))?;
    match job.state {
        JobState::Made { name } => {
            let import = id(&name, "an import", "`roadworthy imports` lists them.")?;
            let detail = session.call(GetImport { import })?;
            told(out, &detail)
        }
        JobState::Failed { error } => Err(error.into()),
        JobState::Running | JobState::Done { .. } | JobState::Cleared { .. } | JobState::Exported { .. } => {
            Err(Error::new(Code::Internal, "The import ended without a result.").into())
        }
    }
}

pub(super) fn open_questions(questions: &[Question]) -> Error {
    let asked: Vec<&str> = questions.iter().map(|q| q.ask.as_str()).collect();
    let options: Vec<&str> = questions.iter().map(|q| q.option.as_str()).collect();
    Error::new(Code::Invalid, asked.join(" ")).hint(format!("Add {}.", options.join(" and ")))
}

fn named(path: &Path) -> Result<ImportFile> {
    let path = std::path::absolute(path).map_err(|e| {
        Error::new(Code::Invalid, format!("{} is no file: {e}.", path.display())).hint("Name another file.")
    })?;
    Ok(ImportFile::Path { path: path.display().to_string() })
}

/// A mapping that was saved.
enum Kept {
    Log(Mapping),
    History(HistoryMapping),
}

fn mapping(path: &Path) -> Result<Kept> {
    let unreadable = |why: String| {
        Error::new(Code::Invalid, format!("The mapping {} cannot be read: {why}.", path.display()))
            .hint("Make one with --save-mapping and edit that.")
    };
    let about = fs::metadata(path).map_err(|e| unreadable(e.to_string()))?;
    if about.len() > MAPPING_MAX {
        return Err(unreadable("it is larger than 8 MiB".into()));
    }
    let text = fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    // Only that of a history names one.
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
    if value.get("history").is_some() {
        return serde_json::from_value(value).map(Kept::History).map_err(|e| unreadable(e.to_string()));
    }
    serde_json::from_value(value).map(Kept::Log).map_err(|e| unreadable(e.to_string()))
}

pub(super) fn answers(asked: &Import) -> Answers {
    Answers {
        zone: asked.zone.clone(),
        date_order: asked.date_order.map(|order| match order {
            Order::Dmy => DateOrder::Dmy,
            Order::Mdy => DateOrder::Mdy,
            Order::Ymd => DateOrder::Ymd,
        }),
        date: asked.date.clone(),
        start: asked.start.clone(),
        restarts: asked.restarts.map(|again| match again {
            Again::Follow => Restarts::Follow,
            Again::Leave => Restarts::Leave,
        }),
        decimal: asked.decimal.map(|sign| match sign {
            Sign::Point => Decimal::Point,
            Sign::Comma => Decimal::Comma,
        }),
        separator: asked.separator.map(|between| match between {
            Between::Comma => Separator::Comma,
            Between::Semicolon => Separator::Semicolon,
            Between::Tab => Separator::Tab,
            Between::Bar => Separator::Bar,
        }),
        filled_forward: asked.filled_forward,
        location: asked.location.then_some(true),
    }
}

/// A layout, a confidence or a reason as programs read it.
pub(super) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn shown(out: &mut Out, preview: &ImportPreview) -> Result<Exit, Stop> {
    if out.json {
        out.object(preview)?;
        return Ok(Exit::Good);
    }
    let ImportPreview { name, bytes, encoding, confidence, guesses, questions, mapping, report, .. } = preview;
    let layout = word(&mapping.layout);
    out.line(&format!(
        "{}: {:.1} MB, {encoding}, layout {} ({})",
        out.paint(Tone::Strong, name),
        *bytes as f64 / 1e6,
        out.paint(Tone::Strong, &layout),
        word(confidence)
    ))?;
    out.heading("Columns")?;
    let rows: Vec<_> = mapping
        .columns
        .iter()
        .map(|c| {
            let (to, unit) =
                if c.take { (c.signal.as_str(), unit(&c.unit_found, &c.unit)) } else { ("-", c.left_out.clone()) };
            vec![cell(Tone::Strong, &c.column), cell(Tone::Plain, to), cell(Tone::Faint, unit)]
        })
        .collect();
    out.table(&rows)?;
    if !guesses.is_empty() {
        out.heading("Taken for granted")?;
        out.table(&guesses.iter().map(|g| vec![cell(Tone::Plain, g)]).collect::<Vec<_>>())?;
    }
    if let Some(report) = report {
        out.heading("The first rows")?;
        account(out, report)?;
    }
    if !questions.is_empty() {
        out.heading("Must be said")?;
        let rows: Vec<_> =
            questions.iter().map(|q| vec![cell(Tone::Watch, &q.option), cell(Tone::Plain, &q.ask)]).collect();
        out.table(&rows)?;
    }
    Ok(Exit::Good)
}

fn unit(found: &str, unit: &str) -> String {
    match (found, unit) {
        (found, unit) if found == unit || found.is_empty() => unit.to_owned(),
        (found, unit) => format!("{found} to {unit}"),
    }
}

fn account(out: &mut Out, report: &ImportReport) -> Result<(), Stop> {
    let lines = |lines: &[u64]| match lines {
        [] => String::new(),
        lines => format!("line {}", lines.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    };
    let line =
        |what: &str, n: u64| vec![cell(Tone::Plain, what), cell(Tone::Strong, n.to_string()), cell(Tone::Plain, "")];
    let mut rows = vec![line("rows", report.rows), line("rows with a value", report.rows_stored)];
    for e in &report.explained {
        rows.push(vec![
            cell(Tone::Faint, format!("  {}", e.reason.words())),
            cell(Tone::Plain, e.count.to_string()),
            cell(Tone::Faint, lines(&e.lines)),
        ]);
    }
    rows.push(line("cells", report.cells));
    rows.push(line("values stored", report.stored));
    for (what, n) in [
        ("times", report.times),
        ("names and units", report.names),
        ("empty", report.empty),
        ("filled forward, not read", report.filled),
        ("the same value at the same time", report.repeated),
        ("in columns that are not taken", report.left_out),
        ("in rows that gave nothing", report.of_explained),
    ] {
        if n > 0 {
            rows.push(vec![
                cell(Tone::Faint, format!("  {what}")),
                cell(Tone::Plain, n.to_string()),
                cell(Tone::Plain, ""),
            ]);
        }
    }
    for r in &report.rejected {
        rows.push(vec![
            cell(Tone::Watch, format!("  {}: {}", r.column, r.reason.words())),
            cell(Tone::Plain, r.count.to_string()),
            cell(Tone::Faint, lines(&r.lines)),
        ]);
    }
    for note in &report.clock {
        rows.push(vec![
            cell(Tone::Plain, format!("times: {}", note.what)),
            cell(Tone::Plain, note.count.to_string()),
            cell(Tone::Faint, lines(&note.lines)),
        ]);
    }
    out.table(&rows)?;
    Ok(())
}

fn told(out: &mut Out, detail: &ImportDetail) -> Result<Exit, Stop> {
    if out.json {
        out.object(detail)?;
        return Ok(Exit::Good);
    }
    let ImportRow { id, samples, from, to, .. } = &detail.row;
    let values = count(usize::try_from(*samples).unwrap_or(usize::MAX), "value");
    out.line(&format!("Imported {values} from {} to {}, as import {id}.", time(*from), time(*to)))?;
    account(out, &detail.report)?;
    if !detail.flags.is_empty() {
        out.heading("Cannot be right")?;
        let rows: Vec<_> = detail
            .flags
            .iter()
            .map(|f| vec![cell(Tone::Bad, &f.signal), cell(Tone::Plain, &f.what), cell(Tone::Plain, &f.reason)])
            .collect();
        out.table(&rows)?;
    }
    Ok(Exit::Good)
}

pub(crate) fn imports(place: &Place, out: &mut Out, asked: &Imports) -> Result<Exit, Stop> {
    let number = |text: &str| id::<ImportId>(text, "an import", "`roadworthy imports` lists them.");
    match &asked.command {
        None => {
            let session = Session::open(place)?;
            let vehicle = asked.vehicle.as_deref().map(|named| session.find_vehicle(named)).transpose()?;
            list(&session, out, vehicle)
        }
        Some(ImportsCommand::Show { import }) => {
            let session = Session::open(place)?;
            let import = number(import)?;
            match session.call(GetImport { import }) {
                Err(none) if none.code == Code::NotFound => {
                    let detail = session.call(GetHistory { import }).map_err(|_| none)?;
                    history::told(out, &detail)
                }
                found => told(out, &found?),
            }
        }
        Some(ImportsCommand::Undo { import }) => {
            let session = Session::open_to_store(place)?;
            let import = number(import)?;
            let row = match session.call(UndoImport { import }) {
                Err(none) if none.code == Code::NotFound => {
                    let row = session.call(UndoHistory { import }).map_err(|_| none)?;
                    if out.json {
                        out.object(&row)?;
                    } else {
                        let name = if row.name.is_empty() { "a file whose name is gone" } else { &row.name };
                        out.line(&format!("Taken back: {} of {name}.", history::records(&row)))?;
                    }
                    return Ok(Exit::Good);
                }
                row => row?,
            };
            if out.json {
                out.object(&row)?;
            } else {
                let values = count(usize::try_from(row.samples).unwrap_or(usize::MAX), "value");
                out.line(&format!("Taken back: {values} of {}.", shown_name(&row)))?;
            }
            Ok(Exit::Good)
        }
    }
}

fn shown_name(row: &ImportRow) -> String {
    if row.name.is_empty() { "a file whose name is gone".to_owned() } else { row.name.clone() }
}

fn list(session: &Session, out: &mut Out, vehicle: Option<VehicleId>) -> Result<Exit, Stop> {
    let rows = session.all(|offset| ListImports { vehicle, offset, limit: 200 })?;
    let histories = session.all(|offset| ListHistories { vehicle, offset, limit: 200 })?;
    if out.json {
        // Logs first, then histories, each newest first: the layout tells them apart.
        let both = rows.iter().map(|r| json!(r)).chain(histories.iter().map(|r| json!(r)));
        out.object(&both.collect::<Vec<_>>())?;
        return Ok(Exit::Good);
    }
    if rows.is_empty() && histories.is_empty() {
        out.line("Nothing was imported yet. `roadworthy import FILE --vehicle V` does it.")?;
        return Ok(Exit::Good);
    }
    let logs = rows.iter().map(|row| {
        let state = if row.undone.is_some() { "undone" } else { "" };
        let cells = vec![
            cell(Tone::Strong, row.id.to_string()),
            cell(Tone::Plain, time(row.at)),
            cell(Tone::Plain, shown_name(row)),
            cell(Tone::Plain, word(&row.layout)),
            cell(Tone::Plain, count(usize::try_from(row.samples).unwrap_or(usize::MAX), "value")),
            cell(Tone::Faint, state),
        ];
        (row.at, cells)
    });
    let mut both: Vec<_> = logs.chain(histories.iter().map(|row| (row.at, history::listed(row)))).collect();
    both.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
    let cells: Vec<_> = both.into_iter().map(|(_, cells)| cells).collect();
    out.table(&cells)?;
    Ok(Exit::Good)
}
