//! Whose vehicle it is: choose a customer, add one, edit, take away, forget.

use super::forget::Forget;
use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{
        dialog::Dialog,
        field::{Field, area},
        icon,
        leave::{Asked, leave},
        notice, seen,
        toast::Toasts,
    },
};
use leptos::{ev, prelude::*, task::spawn_local};
use roadworthy_api::{
    calls::{AddPerson, EditPerson, ExportCustomer, ListPeople, SetOwner},
    export::ExportTo,
    id::{PersonId, VehicleId},
    person::{Person, PersonDetails},
    valid::LongText,
};

const FOUND: u32 = 20;

const ALL_OF_THEM: Asked = Asked {
    button: "Save their data…",
    title: "Save all data of this customer",
    holds: &[
        "One ZIP for the customer to read: their details, their vehicles, and what was noted, photographed, read and written to the shop while a vehicle was theirs.",
        "Nothing of anybody else's is in it.",
        "Hand it over as you would a letter: whoever has it can read it.",
    ],
    id: "save-customer",
};

/// The panel.
#[component]
pub(super) fn Owner(
    /// The vehicle.
    vehicle: VehicleId,
    /// Whose it is.
    owner: Option<PersonId>,
    /// Name of that person.
    name: Option<String>,
    /// What the vehicle is called.
    title: String,
) -> impl IntoView {
    let (choosing, editing, forgetting) = (RwSignal::new(false), RwSignal::new(false), RwSignal::new(false));
    // The list has no call for one person; the name leads to the page of the list that holds them.
    let asked = name.clone();
    let people = fetch(move || owner.map(|_| ListPeople { search: asked.clone(), offset: 0, limit: 200 }));
    let person =
        Memo::new(move |_| people.value.with(|p| p.as_ref()?.rows.iter().find(|x| Some(x.id) == owner).cloned()));
    let body = match owner {
        None => view! {
            <p class="muted">{format!("{title} belongs to nobody yet.")}</p>
            <div class="buttons">
                <button class="button" type="button" data-testid="choose-owner" on:click=move |_| choosing.set(true)>{icon::icon(icon::PERSON, 20)} "Choose or add"</button>
            </div>
        }
        .into_any(),
        Some(id) => view! {
            <p><b data-testid="owner-name">{name}</b></p>
            {move || person.get().map(|p| contact(&p.details))}
            <div class="buttons">
                <button class="button" type="button" disabled=move || person.with(Option::is_none) on:click=move |_| editing.set(true)>{icon::icon(icon::EDIT, 20)} "Edit"</button>
                <button class="button" type="button" on:click=move |_| choosing.set(true)>"Change"</button>
                {leave(ALL_OF_THEM, || ().into_any(), move || ExportCustomer { person: id, out: ExportTo::Stored })}
                <button class="button danger" type="button" data-testid="forget" disabled=move || person.with(Option::is_none) on:click=move |_| forgetting.set(true)>"Forget…"</button>
            </div>
        }
        .into_any(),
    };
    view! {
        <section class="panel stack">
            <h2>"Customer"</h2>
            {body}
            <Dialog open=choosing label="Whose vehicle is it?">{move || choose(vehicle, owner, choosing)}</Dialog>
            <Dialog open=editing label="Edit the customer">
                {move || person.get().map(|p| {
                    let id = p.id;
                    form("Edit the customer", p.details, editing, move |details| call(EditPerson { person: id, details }), |()| ())
                })}
            </Dialog>
            <Dialog open=forgetting label="Forget the customer">
                {move || person.get().map(|person| view! { <Forget person=person open=forgetting /> })}
            </Dialog>
        </section>
    }
}

fn contact(details: &PersonDetails) -> AnyView {
    let line = |label: &'static str, text: &str| {
        (!text.trim().is_empty()).then(|| view! { <dt>{label}</dt> <dd>{text.to_owned()}</dd> })
    };
    view! {
        <dl class="facts">
            {line("Telephone", &details.phone)} {line("Mail", &details.email)} {line("Address", &details.address.0)} {line("Note", &details.note.0)}
        </dl>
    }
    .into_any()
}

fn set_owner(vehicle: VehicleId, before: Option<PersonId>, after: Option<PersonId>, act: Act, open: RwSignal<bool>) {
    let toasts = Toasts::here();
    act.run(call(SetOwner { vehicle, person: after }), move |()| {
        let _ = open.try_set(false);
        toasts.done("Customer changed.", move || {
            spawn_local(async move {
                match call(SetOwner { vehicle, person: before }).await {
                    Ok(()) => toasts.say("The customer is as before."),
                    Err(error) => toasts.say(error.to_string()),
                }
            });
        });
    });
}

fn choose(vehicle: VehicleId, owner: Option<PersonId>, open: RwSignal<bool>) -> AnyView {
    let (search, adding, act) = (RwSignal::new(String::new()), RwSignal::new(false), Act::new());
    let people = fetch(move || {
        let text = search.get().trim().to_owned();
        Some(ListPeople { search: (!text.is_empty()).then_some(text), offset: 0, limit: FOUND })
    });
    let option = move |person: Person| {
        let id = person.id;
        view! {
            <li>
                <button class="port" type="button" data-testid="person-option" aria-checked=(Some(id) == owner).to_string() role="radio"
                    on:click=move |_| set_owner(vehicle, owner, Some(id), act, open)>
                    {icon::icon(icon::PERSON, 24)}
                    <span class="what"><b>{person.details.name}</b> <small>{person.details.phone}</small></span>
                </button>
            </li>
        }
    };
    let list = move || {
        seen::seen(people, 3, move |page| {
            if page.rows.is_empty() {
                return view! { <p class="muted">"No customer by that name. Add one below."</p> }.into_any();
            }
            view! { <ul class="ports" role="radiogroup" aria-label="Customers">{page.rows.into_iter().map(option).collect_view()}</ul> }.into_any()
        })
    };
    let view = move || {
        if adding.get() {
            let details = PersonDetails { name: search.get_untracked().trim().to_owned(), ..Default::default() };
            let add = |details| call(AddPerson { details });
            return form("Add a customer", details, open, add, move |id| {
                set_owner(vehicle, owner, Some(id), act, open)
            });
        }
        view! {
            <div class="stack">
                <h2>"Whose vehicle is it?"</h2>
                <Field label="Search" id="person-search" value=search first=true />
                {list()}
                {notice::shown(act.error)}
                <div class="buttons">
                    <button class="button main" type="button" data-testid="add-person" on:click=move |_| adding.set(true)>{icon::icon(icon::PLUS, 20)} "Add a customer"</button>
                    {owner.is_some().then(|| view! {
                        <button class="button" type="button" on:click=move |_| set_owner(vehicle, owner, None, act, open)>"Nobody's"</button>
                    })}
                    <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
                </div>
            </div>
        }
        .into_any()
    };
    view.into_any()
}

fn form<T: 'static, F: Future<Output = Result<T, roadworthy_api::Error>> + 'static>(
    heading: &'static str,
    details: PersonDetails,
    open: RwSignal<bool>,
    save: impl Fn(PersonDetails) -> F + 'static,
    then: impl Fn(T) + Copy + 'static,
) -> AnyView {
    let [name, phone, email, address, note] =
        [details.name, details.phone, details.email, details.address.0, details.note.0].map(RwSignal::new);
    let (act, tried) = (Act::new(), RwSignal::new(false));
    let nameless = Signal::derive(move || {
        (tried.get() && name.with(|n| n.trim().is_empty())).then(|| "A customer needs a name.".to_owned())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let line = |s: RwSignal<String>| s.get().trim().to_owned();
        if line(name).is_empty() {
            return;
        }
        let (name, phone, email) = (line(name), line(phone), line(email));
        let details =
            PersonDetails { name, phone, email, address: LongText(line(address)), note: LongText(line(note)) };
        act.run(save(details), move |value| {
            // Before closing: what the dialog holds is gone with it.
            then(value);
            let _ = open.try_set(false);
        });
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <h2>{heading}</h2>
            <Field label="Name" id="person-name" value=name wrong=nameless first=true />
            <Field label="Telephone" id="person-phone" value=phone kind="tel" />
            <Field label="Mail" id="person-email" value=email kind="email" />
            {area("Address", "person-address", address)}
            {area("Note", "person-note", note)}
            <small>"Kept on this computer, encrypted in the journal with a key of this person's own that can be erased."</small>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="save-person" disabled=move || act.busy.get()>"Save"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
    .into_any()
}
