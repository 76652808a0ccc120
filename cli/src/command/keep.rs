//! `roadworthy note`, `photo` and `measure`: what the shop adds to a vehicle.

use crate::{
    args::keep::{Measure, Note, Photo, What},
    exit::{Exit, Stop},
    out::{Cell, Out, Tone, cell, shown, time},
    session::{Place, Session, id},
};
use jiff::{civil::Date, tz::TimeZone};
use roadworthy_api::{
    Code, Error, Timestamp,
    calls::{
        AddMeasurement, AddNote, AddPhoto, GetNote, ListNotes, ListPhotos, RemoveMeasurement, RemoveNote, RemovePhoto,
    },
    id::VisitId,
    note::{Measured, MeasurementRow, Wheel},
    valid::{LongText, TEXT_MAX},
};
use serde_json::json;
use std::{fs::File, io::Read, path::Path};

const PAGE: u32 = 200;
/// Most bytes of a photo, read no further.
const PHOTO_MAX: u64 = 64 << 20;
/// Characters of a note that a line of a list shows.
const LINE: usize = 60;

fn visit(text: Option<String>) -> Result<Option<VisitId>, Error> {
    text.map(|text| id(&text, "a visit", "`roadworthy vehicle PLATE` lists the visits of a vehicle.")).transpose()
}

/// Says what was done: an object for programs, a line for people.
fn done(out: &mut Out, object: serde_json::Value, line: &str) -> Result<Exit, Stop> {
    if out.json {
        out.object(&object)?
    } else {
        out.line(line)?
    }
    Ok(Exit::Good)
}

fn removed(undo: bool) -> &'static str {
    if undo { "Brought back." } else { "Removed; add --undo to bring it back." }
}

pub(crate) fn note(place: &Place, out: &mut Out, note: Note) -> Result<Exit, Stop> {
    const LISTED: &str = "`roadworthy note list PLATE` prints the ids.";
    match note {
        Note::Add { vehicle, text, visit: about } => {
            let (about, text) = (visit(about)?, text.map_or_else(typed, Ok)?);
            let session = Session::open_to_store(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let note = session.call(AddNote { vehicle, visit: about, text: LongText(text) })?;
            done(out, json!({ "note": note }), &format!("Written as {note}."))
        }
        Note::List { vehicle } => {
            let session = Session::open(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let rows = session.all(|offset| ListNotes { vehicle, offset, limit: PAGE })?;
            if out.json {
                out.object(&rows)?;
            } else if rows.is_empty() {
                out.line("No notes. Write one: roadworthy note add PLATE \"…\"")?;
            }
            let table: Vec<Vec<Cell>> = rows
                .iter()
                .map(|row| {
                    let first = row.start.lines().next().unwrap_or_default();
                    let more =
                        if first.chars().count() > LINE || first.len() < row.bytes as usize { "…" } else { "" };
                    let start: String = first.chars().take(LINE).collect();
                    vec![
                        cell(Tone::Plain, time(row.edited.unwrap_or(row.at))),
                        cell(Tone::Strong, format!("{start}{more}")),
                        cell(Tone::Faint, row.id.to_string()),
                    ]
                })
                .collect();
            if !out.json {
                out.table(&table)?;
            }
            Ok(Exit::Good)
        }
        Note::Show { note } => {
            let note = id(&note, "a note", LISTED)?;
            let text = Session::open(place)?.call(GetNote { note })?;
            let words = shown(&text.0, "\n\t");
            done(out, json!({ "note": note, "text": text }), &words)
        }
        Note::Remove { note, undo } => {
            let note = id(&note, "a note", LISTED)?;
            Session::open_to_store(place)?.call(RemoveNote { note, removed: !undo })?;
            done(out, json!({ "note": note, "removed": !undo }), removed(undo))
        }
    }
}

/// A text from standard input, one byte more than is allowed at most.
fn typed() -> Result<String, Error> {
    let mut bytes = Vec::new();
    let most = u64::try_from(TEXT_MAX).unwrap_or(u64::MAX).saturating_add(1);
    std::io::stdin().lock().take(most).read_to_end(&mut bytes).map_err(|e| {
        Error::new(Code::Invalid, format!("Standard input cannot be read: {e}.")).hint("Give the text as an argument.")
    })?;
    String::from_utf8(bytes).map_err(|_| Error::new(Code::Invalid, "The text is not UTF-8.").hint("Save it as UTF-8."))
}

pub(crate) fn photo(place: &Place, out: &mut Out, photo: Photo) -> Result<Exit, Stop> {
    match photo {
        Photo::Add { vehicle, file, caption, visit: about } => {
            let about = visit(about)?;
            let bytes = read(&file)?;
            let session = Session::open_to_store(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let name = file.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_else(|| "photo".into());
            let info = session.engine.put_blob(&name, "application/octet-stream", &bytes)?;
            let photo = session.call(AddPhoto { vehicle, visit: about, file: info.hash, caption })?;
            done(out, json!({ "photo": photo }), &format!("Added as {photo}."))
        }
        Photo::List { vehicle } => {
            let session = Session::open(place)?;
            let vehicle = session.find_vehicle(&vehicle)?;
            let rows = session.all(|offset| ListPhotos { vehicle, offset, limit: PAGE })?;
            if out.json {
                out.object(&rows)?;
                return Ok(Exit::Good);
            }
            if rows.is_empty() {
                out.line("No photos. Add one: roadworthy photo add PLATE FILE")?;
            }
            let table: Vec<Vec<Cell>> = rows
                .iter()
                .map(|row| {
                    vec![
                        cell(Tone::Plain, time(row.at)),
                        cell(Tone::Strong, &row.caption),
                        cell(Tone::Plain, format!("{} × {}", row.width, row.height)),
                        cell(Tone::Faint, row.id.to_string()),
                    ]
                })
                .collect();
            out.table(&table)?;
            Ok(Exit::Good)
        }
        Photo::Remove { photo, undo } => {
            let photo = id(&photo, "a photo", "`roadworthy photo list PLATE` prints the ids.")?;
            Session::open_to_store(place)?.call(RemovePhoto { photo, removed: !undo })?;
            done(out, json!({ "photo": photo, "removed": !undo }), removed(undo))
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let cannot = |e: std::io::Error| {
        Error::new(Code::NotFound, format!("{} cannot be read: {e}.", path.display())).hint("Check the path.")
    };
    let mut bytes = Vec::new();
    File::open(path).map_err(cannot)?.take(PHOTO_MAX + 1).read_to_end(&mut bytes).map_err(cannot)?;
    Ok(bytes)
}

pub(crate) fn measure(place: &Place, out: &mut Out, measure: Measure) -> Result<Exit, Stop> {
    let measured = match measure.what {
        What::Odometer { km } => Measured::Odometer { km },
        What::BrakePad { wheel, mm } => Measured::BrakePad { wheel: wheel.into(), mm },
        What::Tread { wheel, mm } => Measured::Tread { wheel: wheel.into(), mm },
        What::Battery { volts, amps, health } => {
            Measured::Battery { volts, cold_cranking_amps: amps, health_percent: health }
        }
        What::Oil { grade, specification } => Measured::Oil { grade, specification },
        What::Remove { measurement, undo } => {
            let measurement = id(&measurement, "a measurement", "`roadworthy vehicle PLATE` prints the ids.")?;
            Session::open_to_store(place)?.call(RemoveMeasurement { measurement, removed: !undo })?;
            return done(out, json!({ "measurement": measurement, "removed": !undo }), removed(undo));
        }
    };
    let at = measure.at.as_deref().map(day).transpose()?;
    let session = Session::open_to_store(place)?;
    let vehicle = session.find_vehicle(&measure.vehicle)?;
    let added = session.call(AddMeasurement { vehicle, at, measured, sure: measure.sure });
    let measurement = added.map_err(|e| match e.code {
        Code::Conflict => e.hint("Check the figure and the day. If it is right, add --sure."),
        _ => e,
    })?;
    done(out, json!({ "measurement": measurement }), &format!("Filed as {measurement}."))
}

/// Noon of a day by this machine's zone, or now where that is still to come.
fn day(text: &str) -> Result<Timestamp, Error> {
    let noon = text.parse::<Date>().and_then(|day| day.at(12, 0, 0, 0).to_zoned(TimeZone::system()));
    let noon = noon.map_err(|_| Error::new(Code::Invalid, format!("{text:?} is no day.")).hint("As in 2026-11-20."))?;
    let now = jiff::Zoned::now();
    Ok(if noon.date() == now.date() { noon.min(now) } else { noon }.timestamp().as_millisecond())
}

/// A measurement as a line of a table.
pub(crate) fn row(row: &MeasurementRow) -> Vec<Cell> {
    let (what, value) = words(&row.measured);
    let mut source = row.source.clone();
    if row.confirmed {
        source.push_str(", confirmed");
    }
    vec![
        cell(Tone::Plain, time(row.at)),
        cell(Tone::Plain, what),
        cell(Tone::Strong, value),
        cell(Tone::Faint, source),
        cell(Tone::Watch, row.remark.clone().unwrap_or_default()),
        cell(Tone::Faint, row.id.map(|id| id.to_string()).unwrap_or_default()),
    ]
}

fn words(measured: &Measured) -> (String, String) {
    let wheel = |wheel: &Wheel| match wheel {
        Wheel::FrontLeft => "front left",
        Wheel::FrontRight => "front right",
        Wheel::RearLeft => "rear left",
        Wheel::RearRight => "rear right",
        Wheel::Spare => "spare",
    };
    match measured {
        Measured::Odometer { km } => ("odometer".into(), format!("{km} km")),
        Measured::BrakePad { wheel: which, mm } => (format!("brake pad {}", wheel(which)), format!("{mm} mm")),
        Measured::Tread { wheel: which, mm } => (format!("tread {}", wheel(which)), format!("{mm} mm")),
        Measured::Battery { volts, cold_cranking_amps, health_percent } => {
            let figures = [(volts, "V"), (cold_cranking_amps, "A"), (health_percent, "%")];
            let told: Vec<String> = figures.iter().filter_map(|(f, unit)| f.map(|f| format!("{f} {unit}"))).collect();
            ("battery".into(), told.join(", "))
        }
        Measured::Oil { grade, specification } => ("oil".into(), format!("{grade} {specification}").trim().into()),
    }
}
