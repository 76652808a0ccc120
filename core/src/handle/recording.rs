//! Recordings of live sessions.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, put_loose},
    store::{Fallible, recording, registration},
    telemetry::query,
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ExportRecording, ListRecordings, StartRecording, StopRecording},
    live::{CsvLayout, LiveSession, Mark, RecordingRow},
    role::Actor,
    system::BlobInfo,
    vehicle::Page,
};

impl Handle<StartRecording> for Engine {
    fn handle(&self, who: &Actor, call: StartRecording) -> Result<LiveSession> {
        self.lives.get(call.session)?.record(&actor(who))
    }
}

impl Handle<StopRecording> for Engine {
    fn handle(&self, _: &Actor, call: StopRecording) -> Result<RecordingRow> {
        self.lives.get(call.session)?.stop_recording()
    }
}

impl Handle<ListRecordings> for Engine {
    fn handle(&self, _: &Actor, call: ListRecordings) -> Result<Page<RecordingRow>> {
        self.store.read(|conn| {
            let of = match call.vehicle {
                Some(id) => Some(registration::vehicle(conn, id)?.ok_or_else(no_vehicle)?),
                None => None,
            };
            recording::list(conn, of, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<ExportRecording> for Engine {
    fn handle(&self, _: &Actor, call: ExportRecording) -> Result<BlobInfo> {
        let (row, file) = self.store.read(|conn| recording::get(conn, call.recording))?.ok_or_else(|| {
            Error::new(Code::NotFound, "There is no such recording.").hint("Look for it in the list of recordings.")
        })?;
        let csv = if file.is_empty() {
            self.store.read(|conn| csv(conn, &row, call.layout))?
        } else {
            crate::live::csv_of_file(&self.store.files.get(&file, true)?, call.layout)?
        };
        let zone = jiff::tz::TimeZone::system();
        let day = jiff::Timestamp::from_millisecond(row.started)
            .map(|t| t.to_zoned(zone).strftime("%Y-%m-%d-%H%M%S").to_string());
        let layout = match call.layout {
            CsvLayout::Long => "long",
            CsvLayout::Wide => "wide",
        };
        let name = format!("live-{}-{layout}.csv", day.unwrap_or_else(|_| row.id.to_string()));
        // Loose, since it can be made again at any time: it goes after a day.
        put_loose(&self.store, &name, "text/csv; charset=utf-8", csv.as_bytes(), true)
    }
}

/// A recording whose samples are in blocks.
fn csv(conn: &rusqlite::Connection, row: &RecordingRow, layout: CsvLayout) -> Fallible<String> {
    let signals = recording::signals(conn, row.id)?;
    let ids: Vec<String> = signals.iter().map(|s| s.id.clone()).collect();
    let (rows, dropped) = query::recorded(conn, row.id, &ids)?;
    let mut marks = row.marks.clone();
    match dropped {
        None if rows.is_empty() => {
            return Err(Error::new(Code::NotFound, "The samples of this recording are not on this device.")
                .hint("Export it on the device that recorded it.")
                .into());
        }
        Some(_) if rows.is_empty() => {
            return Err(Error::new(
                Code::NotFound,
                "The single values of this recording were dropped, as the settings say.",
            )
            .hint("Its minutes and hours are still shown as a trend.")
            .into());
        }
        // A file with a hole says so.
        Some(at) => {
            marks.push(Mark {
                at,
                label: "Single values from here on are not all there: old ones were dropped.".into(),
            });
            marks.sort_by_key(|m| m.at);
        }
        None => {}
    }
    Ok(crate::live::csv(&signals, &rows, &marks, layout)?)
}
