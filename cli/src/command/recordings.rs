//! `roadworthy recordings`.

use super::file;
use crate::{
    args::live::{RecordingExport, Recordings, RecordingsCommand},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, count, time},
    session::{Place, Session},
};
use roadworthy_api::{
    Code, Error,
    calls::{ExportRecording, ListRecordings},
    id::RecordingId,
    live::RecordingRow,
};

/// Rows asked for at once.
const PAGE: u32 = 200;

pub(crate) fn run(place: &Place, out: &mut Out, recordings: &Recordings) -> Result<Exit, Stop> {
    match &recordings.command {
        None => list(place, out, recordings.vehicle.as_deref()),
        Some(RecordingsCommand::Export(wanted)) => export(place, out, wanted),
    }
}

fn list(place: &Place, out: &mut Out, vehicle: Option<&str>) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    let vehicle = vehicle.map(|named| session.find_vehicle(named)).transpose()?;
    let mut rows: Vec<RecordingRow> = Vec::new();
    loop {
        let offset = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let page = session.call(ListRecordings { vehicle, offset, limit: PAGE })?;
        let more = !page.rows.is_empty();
        rows.extend(page.rows);
        if !more || rows.len() >= page.total as usize {
            break;
        }
    }
    if out.json {
        out.object(&rows)?;
    } else if rows.is_empty() {
        out.line("No recordings yet. Make one: roadworthy live --port sim:petrol --record")?;
    } else {
        out.table(&rows.iter().map(line).collect::<Vec<_>>())?;
    }
    Ok(Exit::Good)
}

fn line(row: &RecordingRow) -> Vec<Cell> {
    let seconds = usize::try_from((row.ended - row.started) / 1000).unwrap_or(0);
    vec![
        cell(Tone::Plain, time(row.started)),
        cell(Tone::Plain, count(seconds, "second")),
        cell(Tone::Plain, count(usize::try_from(row.samples).unwrap_or(usize::MAX), "sample")),
        cell(Tone::Plain, row.signals.join(", ")),
        cell(Tone::Watch, if row.cut_short { "cut short" } else { "" }),
        cell(Tone::Faint, row.id.to_string()),
    ]
}

fn export(place: &Place, out: &mut Out, wanted: &RecordingExport) -> Result<Exit, Stop> {
    let recording: RecordingId = wanted.recording.parse().map_err(|e| {
        Error::new(Code::Invalid, format!("{:?} is not the id of a recording: {e}.", wanted.recording))
            .hint("`roadworthy recordings` lists them with their ids.")
    })?;
    let session = Session::open(place)?;
    let info = session.call(ExportRecording { recording, layout: wanted.layout.into() })?;
    let (info, bytes) = session.engine.blob(&info.hash)?;
    file::write(out, &wanted.output, wanted.force, &info, &bytes)?;
    Ok(Exit::Good)
}
