//! Customers: list, add, edit, forget.

use super::{PAGE, no_person};
use crate::{
    Engine,
    engine::{actor, now},
    journal::{
        NewEvent,
        kind::{self, PersonFields},
    },
    store::{Fallible, Writing, journal, person, registration},
};
use roadworthy_api::{
    Code, Error, Result,
    call::Handle,
    calls::{AddPerson, EditPerson, ForgetPerson, ListPeople},
    id::{EventId, PersonId},
    person::{Forgotten, Person, PersonDetails},
    role::Actor,
    valid::LongText,
    vehicle::Page,
};
use std::collections::BTreeSet;

impl Handle<ListPeople> for Engine {
    fn handle(&self, _: &Actor, call: ListPeople) -> Result<Page<Person>> {
        self.store.read(|conn| person::list(conn, call.search.as_deref(), call.offset, call.limit.min(PAGE)))
    }
}

fn tidy(details: PersonDetails) -> Result<PersonDetails> {
    let trim = |text: String| text.trim().to_owned();
    let details = PersonDetails {
        name: trim(details.name),
        phone: trim(details.phone),
        email: trim(details.email),
        address: LongText(trim(details.address.0)),
        note: LongText(trim(details.note.0)),
    };
    if details.name.is_empty() {
        return Err(Error::new(Code::Invalid, "A customer needs a name.").hint("Type the name, or a nickname."));
    }
    Ok(details)
}

/// What differs, sealed for the event `id`; `None` if nothing does.
fn sealed(
    w: &Writing<'_>,
    person: PersonId,
    id: EventId,
    old: &PersonDetails,
    new: &PersonDetails,
) -> Fallible<Option<PersonFields>> {
    let seal = |field, old: &str, new: &str| match old == new {
        true => Ok(None),
        false => w.seal(person.bytes(), id, field, new).map(Some),
    };
    let fields = PersonFields {
        name: seal("name", &old.name, &new.name)?,
        phone: seal("phone", &old.phone, &new.phone)?,
        email: seal("email", &old.email, &new.email)?,
        address: seal("address", &old.address.0, &new.address.0)?,
        note: seal("note", &old.note.0, &new.note.0)?,
    };
    Ok((old != new).then_some(fields))
}

impl Handle<AddPerson> for Engine {
    fn handle(&self, who: &Actor, call: AddPerson) -> Result<PersonId> {
        let details = tidy(call.details)?;
        self.store.write(&actor(who), now(), |w| {
            let (id, person) = (w.mint()?, PersonId(w.mint()?.0));
            let fields = sealed(w, person, id, &PersonDetails::default(), &details)?.unwrap_or_default();
            w.append(NewEvent::new(id, kind::PERSON_ADDED, Some(person.bytes()), &fields)?)?;
            Ok(person)
        })
    }
}

impl Handle<EditPerson> for Engine {
    fn handle(&self, who: &Actor, call: EditPerson) -> Result<()> {
        let details = tidy(call.details)?;
        self.store.write(&actor(who), now(), |w| {
            let old = person::get(w.tx(), call.person)?.ok_or_else(no_person)?;
            let id = w.mint()?;
            // Only what differs, so that edits of different details on two devices both last.
            if let Some(fields) = sealed(w, call.person, id, &old, &details)? {
                w.append(NewEvent::new(id, kind::PERSON_EDITED, Some(call.person.bytes()), &fields)?)?;
            }
            Ok(())
        })
    }
}

impl Handle<ForgetPerson> for Engine {
    fn handle(&self, who: &Actor, call: ForgetPerson) -> Result<Forgotten> {
        let forgotten = self.store.write(&actor(who), now(), |w| {
            person::get(w.tx(), call.person)?.ok_or_else(no_person)?;
            let forgot = person::to_forget(w.tx(), call.person)?;
            let mut shown = BTreeSet::new();
            for vehicle in &forgot.vehicles {
                shown.extend(registration::vehicle(w.tx(), *vehicle)?);
            }
            let events = journal::sealed_with(w.tx(), &forgot.keys)?;
            let id = w.mint()?;
            w.append(NewEvent::new(id, kind::PERSON_FORGOTTEN, Some(call.person.bytes()), &forgot)?)?;
            Ok(Forgotten {
                vehicles: u32::try_from(shown.len()).unwrap_or(u32::MAX),
                events,
                scrubbed: false,
                backups: Vec::new(),
            })
        })?;
        Ok(Forgotten { scrubbed: self.store.scrubbed(), backups: self.backups.holding(call.person), ..forgotten })
    }
}
