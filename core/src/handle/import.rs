//! Imports of telemetry.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    import::{known, run::Wanted, unit},
    journal::{
        NewEvent,
        kind::{self, TelemetryImportUndone},
    },
    store::{import, reading_flag, registration},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{GetImport, ListImports, ListKnownSignals, PreviewImport, StartImport, UndoImport},
    finding::Source,
    id::{JobId, RecordingId},
    import::{Flagged, ImportDetail, ImportPreview, ImportRow, KnownSignal, KnownSignals},
    role::Actor,
    vehicle::Page,
};

fn no_import() -> Error {
    Error::new(Code::NotFound, "There is no such import.").hint("Look for it in the list of imports.")
}

impl Handle<PreviewImport> for Engine {
    fn handle(&self, who: &Actor, call: PreviewImport) -> Result<ImportPreview> {
        self.imports.preview(who, &call.file, call.dbc.as_ref(), call.mapping, &call.answers)
    }
}

impl Handle<ListKnownSignals> for Engine {
    fn handle(&self, _: &Actor, _: ListKnownSignals) -> Result<KnownSignals> {
        let signal = |k: known::Known| KnownSignal { id: k.id(), label: k.label.into(), unit: k.unit.into() };
        Ok(KnownSignals {
            signals: known::all().into_iter().map(signal).collect(),
            units: unit::all().map(str::to_owned).collect(),
        })
    }
}

impl Handle<StartImport> for Engine {
    fn handle(&self, who: &Actor, call: StartImport) -> Result<JobId> {
        let StartImport { vehicle, file, dbc, mapping, answers, again } = call;
        self.imports.start(who, Wanted { vehicle, file, dbc, mapping, answers, again })
    }
}

impl Handle<ListImports> for Engine {
    fn handle(&self, _: &Actor, call: ListImports) -> Result<Page<ImportRow>> {
        self.store.read(|conn| {
            let of = match call.vehicle {
                Some(id) => Some(registration::vehicle(conn, id)?.ok_or_else(no_vehicle)?),
                None => None,
            };
            import::list(conn, of, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<GetImport> for Engine {
    fn handle(&self, _: &Actor, call: GetImport) -> Result<ImportDetail> {
        self.store.read(|conn| {
            let (row, _, mapping, report) = import::get(conn, call.import)?.ok_or_else(no_import)?;
            let source = Source::Recording { recording: RecordingId(call.import.0) };
            let flags = reading_flag::of(conn, &source)?.into_iter().map(|f| Flagged {
                signal: f.signal,
                ecu: f.ecu,
                what: f.what,
                reason: f.reason,
                at: f.at,
                samples: f.samples,
            });
            Ok(ImportDetail { row, mapping, report, flags: flags.collect() })
        })
    }
}

impl Handle<UndoImport> for Engine {
    fn handle(&self, who: &Actor, call: UndoImport) -> Result<ImportRow> {
        self.store.write(&actor(who), now(), |w| {
            let (row, registration, ..) = import::get(w.tx(), call.import)?.ok_or_else(no_import)?;
            if row.undone.is_some() {
                return Ok(());
            }
            if let Some(held) = import::held(w.tx(), call.import, registration)? {
                return Err(Error::new(Code::Conflict, format!("The import cannot be undone. {held}"))
                    .hint("Take the pin away, or close the alert, first.")
                    .into());
            }
            let id = w.mint()?;
            let said = TelemetryImportUndone { import: call.import };
            w.append(NewEvent::new(id, kind::TELEMETRY_IMPORT_UNDONE, Some(registration.bytes()), &said)?)?;
            Ok(())
        })?;
        // Nobody sees it any more; if this cannot be done now, it is done later.
        if let Err(error) = crate::import::run::clear_left(&self.store) {
            tracing::warn!(%error, "an import that was undone could not be cleared away yet");
        }
        self.store.read(|conn| Ok(import::get(conn, call.import)?.ok_or_else(no_import)?.0))
    }
}
