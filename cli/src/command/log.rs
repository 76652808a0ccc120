//! `roadworthy log`.

use super::file;
use crate::{
    args::Log,
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, exact},
    session::{Place, Session},
};
use roadworthy_api::{
    calls::{ExportLog, ReadLog},
    system::LogLine,
};

pub(crate) fn run(place: &Place, out: &mut Out, log: Log) -> Result<Exit, Stop> {
    let session = Session::open(place)?;
    match log {
        Log::Tail { lines } => {
            let lines = session.call(ReadLog { limit: lines })?;
            if out.json {
                out.object(&lines)?;
            } else if lines.is_empty() {
                out.line("Nothing has been logged yet.")?;
            } else {
                out.table(&lines.iter().map(line).collect::<Vec<_>>())?;
            }
        }
        Log::Export { output, force } => {
            let info = session.call(ExportLog {})?;
            let (info, bytes) = session.engine.blob(&info.hash)?;
            file::write(out, &output, force, &info, &bytes)?;
        }
    }
    Ok(Exit::Good)
}

fn line(line: &LogLine) -> Vec<Cell> {
    let tone = match line.level.as_str() {
        "error" => Tone::Bad,
        "warn" => Tone::Watch,
        _ => Tone::Faint,
    };
    vec![
        cell(Tone::Faint, line.at.map_or_else(String::new, exact)),
        cell(tone, &line.level),
        cell(Tone::Plain, &line.text),
    ]
}
