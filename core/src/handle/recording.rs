//! Recordings of live sessions.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, put_loose},
    store::{recording, registration},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{ExportRecording, ListRecordings, StartRecording, StopRecording},
    live::{CsvLayout, LiveSession, RecordingRow},
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
        let csv = crate::live::csv(&self.store.files.get(&file, true)?, call.layout)?;
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
