//! Notes about a vehicle.

use super::{PAGE, about, no_vehicle};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, NoteRemoved, NoteText},
    },
    store::{Fallible, Writing, note, registration},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{AddNote, EditNote, GetNote, ListNotes, RemoveNote},
    id::NoteId,
    note::NoteRow,
    role::Actor,
    valid::LongText,
    vehicle::Page,
};

fn no_note() -> Error {
    Error::new(Code::NotFound, "There is no such note (any more).").hint("Look for it among the vehicle's notes.")
}

impl Handle<ListNotes> for Engine {
    fn handle(&self, _: &Actor, call: ListNotes) -> Result<Page<NoteRow>> {
        self.store.read(|conn| {
            let main = registration::vehicle(conn, call.vehicle)?.ok_or_else(no_vehicle)?;
            note::list(conn, main, call.offset, call.limit.min(PAGE))
        })
    }
}

impl Handle<GetNote> for Engine {
    fn handle(&self, _: &Actor, call: GetNote) -> Result<LongText> {
        Ok(LongText(self.store.read(|conn| note::get(conn, call.note))?.ok_or_else(no_note)?.text))
    }
}

/// A text that says something.
fn written(text: LongText) -> Result<String> {
    match text.0.trim() {
        "" => Err(Error::new(Code::Invalid, "The note is empty.").hint("Write something, or remove the note.")),
        trimmed if trimmed.len() == text.0.len() => Ok(text.0),
        trimmed => Ok(trimmed.to_owned()),
    }
}

impl Handle<AddNote> for Engine {
    fn handle(&self, who: &Actor, call: AddNote) -> Result<NoteId> {
        let text = written(call.text)?;
        self.store.write(&actor(who), now(), |w| {
            let vehicle = about(w, call.vehicle, call.visit)?.bytes();
            let (id, note) = (w.mint()?, NoteId(w.mint()?.0));
            let text = w.seal(vehicle, id, "note", &text)?;
            let text = NoteText { note, visit: call.visit, text };
            w.append(NewEvent::new(id, kind::NOTE_ADDED, Some(vehicle), &text)?)?;
            Ok(note)
        })
    }
}

fn stored(w: &Writing<'_>, id: NoteId) -> Fallible<note::Stored> {
    note::get(w.tx(), id)?.ok_or_else(|| no_note().into())
}

impl Handle<EditNote> for Engine {
    fn handle(&self, who: &Actor, call: EditNote) -> Result<()> {
        let text = written(call.text)?;
        self.store.write(&actor(who), now(), |w| {
            let old = stored(w, call.note)?;
            if old.text == text {
                return Ok(());
            }
            let (id, vehicle) = (w.mint()?, old.registration.bytes());
            let text = NoteText { note: call.note, visit: None, text: w.seal_as(vehicle, id, "note", &text, old.key)? };
            w.append(NewEvent::new(id, kind::NOTE_EDITED, Some(vehicle), &text)?)?;
            Ok(())
        })
    }
}

impl Handle<RemoveNote> for Engine {
    fn handle(&self, who: &Actor, call: RemoveNote) -> Result<()> {
        self.store.write(&actor(who), now(), |w| {
            let old = stored(w, call.note)?;
            if old.removed == call.removed {
                return Ok(());
            }
            let removed = NoteRemoved { note: call.note, removed: call.removed };
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind::NOTE_REMOVED, Some(old.registration.bytes()), &removed)?)?;
            Ok(())
        })
    }
}
