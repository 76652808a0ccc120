//! `roadworthy import` and `roadworthy imports`.

use super::progress::Progress;
use crate::{
    args::import::{Again, Between, Import, Imports, ImportsCommand, Order, Sign},
    exit::{Exit, Stop},
    out::{Out, Tone, cell, count, time},
    session::{Place, Session, id, interrupted},
};
use roadworthy_api::{
    Code, Error, Result,
    calls::{CancelJob, GetImport, GetJob, ListImports, PreviewImport, StartImport, UndoImport},
    id::{ImportId, VehicleId},
    import::{
        Answers, Confidence, DateOrder, Decimal, ImportDetail, ImportFile, ImportPreview, ImportReport, ImportRow,
        Mapping, Question, Restarts, Separator,
    },
    job::{Job, JobState},
};
use std::{fs, path::Path, pin::pin, time::Duration};

/// How often a job is asked for.
const POLL: Duration = Duration::from_millis(100);
/// Largest mapping that is read.
const MAPPING_MAX: u64 = 8 << 20;

pub(crate) fn run(place: &Place, out: &mut Out, asked: &Import) -> Result<Exit, Stop> {
    let only_looks = asked.preview || asked.save_mapping.is_some();
    let session = if only_looks { Session::open(place)? } else { Session::open_to_store(place)? };
    let file = named(&asked.file)?;
    let dbc = asked.dbc.as_deref().map(named).transpose()?;
    let mapping = asked.mapping.as_deref().map(mapping).transpose()?;
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
            shown(out, &preview)?;
            let what = match preview.questions.first() {
                Some(_) => open(&preview.questions),
                None => Error::new(Code::Invalid, "The layout is a guess; nothing was imported.")
                    .hint("Look at the columns. Add --yes to import it so, or say more of it with --mapping."),
            };
            return Err(what.into());
        }
    }
    let request = StartImport { vehicle, file, dbc, mapping, answers, again: asked.again };
    let job = session.runtime.block_on(follow(&session, request))?;
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

fn open(questions: &[Question]) -> Error {
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

fn mapping(path: &Path) -> Result<Mapping> {
    let unreadable = |why: String| {
        Error::new(Code::Invalid, format!("The mapping {} cannot be read: {why}.", path.display()))
            .hint("Make one with --save-mapping and edit that.")
    };
    let about = fs::metadata(path).map_err(|e| unreadable(e.to_string()))?;
    if about.len() > MAPPING_MAX {
        return Err(unreadable("it is larger than 8 MiB".into()));
    }
    let text = fs::read_to_string(path).map_err(|e| unreadable(e.to_string()))?;
    serde_json::from_str(&text).map_err(|e| unreadable(e.to_string()))
}

fn answers(asked: &Import) -> Answers {
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

/// Shows the progress until the job has ended; Ctrl C cancels it.
async fn follow(session: &Session, request: StartImport) -> Result<Job> {
    let mut progress = Progress::new();
    progress.say("Importing");
    let job = session.call_later(request).await?;
    let mut poll = tokio::time::interval(POLL);
    let mut stop = pin!(interrupted());
    loop {
        let state = session.call_later(GetJob { job }).await?;
        let ended = !matches!(state.state, JobState::Running);
        progress.show(&state, ended);
        if ended {
            return Ok(state);
        }
        tokio::select! {
            _ = poll.tick() => {}
            () = &mut stop => {
                stop.set(interrupted());
                session.call_later(CancelJob { job }).await?;
            }
        }
    }
}

/// A layout, a confidence or a reason as programs read it.
fn word(value: &impl serde::Serialize) -> String {
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
            let detail = session.call(GetImport { import: number(import)? })?;
            told(out, &detail)
        }
        Some(ImportsCommand::Undo { import }) => {
            let session = Session::open_to_store(place)?;
            let row = session.call(UndoImport { import: number(import)? })?;
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
    if out.json {
        out.object(&rows)?;
        return Ok(Exit::Good);
    }
    if rows.is_empty() {
        out.line("Nothing was imported yet. `roadworthy import FILE --vehicle V` does it.")?;
        return Ok(Exit::Good);
    }
    let cells: Vec<_> = rows
        .iter()
        .map(|row| {
            let state = if row.undone.is_some() { "undone" } else { "" };
            vec![
                cell(Tone::Strong, row.id.to_string()),
                cell(Tone::Plain, time(row.at)),
                cell(Tone::Plain, shown_name(row)),
                cell(Tone::Plain, word(&row.layout)),
                cell(Tone::Plain, count(usize::try_from(row.samples).unwrap_or(usize::MAX), "value")),
                cell(Tone::Faint, state),
            ]
        })
        .collect();
    out.table(&cells)?;
    Ok(Exit::Good)
}
