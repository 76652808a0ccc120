//! Imports of service histories.

use super::{PAGE, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    history::run::Wanted,
    journal::{
        NewEvent,
        kind::{self, HistoryImportUndone},
    },
    store::{history, registration},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{GetHistory, ListHistories, PreviewHistory, StartHistory, TellFile, UndoHistory},
    history::{FileNature, HistoryDetail, HistoryPreview, HistoryRow},
    id::JobId,
    role::Actor,
    vehicle::Page,
};

fn no_import() -> Error {
    Error::new(Code::NotFound, "There is no such import of a service history.")
        .hint("Look for it in the list of imports.")
}

impl Handle<TellFile> for Engine {
    fn handle(&self, who: &Actor, call: TellFile) -> Result<FileNature> {
        self.imports.tell(who, &call.file)
    }
}

impl Handle<PreviewHistory> for Engine {
    fn handle(&self, who: &Actor, call: PreviewHistory) -> Result<HistoryPreview> {
        self.imports.preview_history(who, call.vehicle, &call.file, call.mapping, &call.answers)
    }
}

impl Handle<StartHistory> for Engine {
    fn handle(&self, who: &Actor, call: StartHistory) -> Result<JobId> {
        let StartHistory { vehicle, file, mapping, answers, again } = call;
        self.imports.start_history(who, Wanted { vehicle, file, mapping, answers, again })
    }
}

impl Handle<ListHistories> for Engine {
    fn handle(&self, _: &Actor, call: ListHistories) -> Result<Page<HistoryRow>> {
        self.store.read(|conn| {
            let of = match call.vehicle {
                Some(id) => Some(registration::vehicle(conn, id)?.ok_or_else(no_vehicle)?),
                None => None,
            };
            history::list(conn, of, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<GetHistory> for Engine {
    fn handle(&self, _: &Actor, call: GetHistory) -> Result<HistoryDetail> {
        Ok(self.store.read(|conn| history::get(conn, call.import))?.ok_or_else(no_import)?.0)
    }
}

impl Handle<UndoHistory> for Engine {
    fn handle(&self, who: &Actor, call: UndoHistory) -> Result<HistoryRow> {
        self.store.write(&actor(who), now(), |w| {
            let (detail, registration) = history::get(w.tx(), call.import)?.ok_or_else(no_import)?;
            if detail.row.undone.is_some() {
                return Ok(());
            }
            let id = w.mint()?;
            let said = HistoryImportUndone { import: call.import };
            w.append(NewEvent::new(id, kind::HISTORY_IMPORT_UNDONE, Some(registration.bytes()), &said)?)?;
            Ok(())
        })?;
        Ok(self.store.read(|conn| history::get(conn, call.import))?.ok_or_else(no_import)?.0.row)
    }
}
