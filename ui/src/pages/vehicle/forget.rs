//! Forgetting a customer: says exactly what will happen, and asks once, by typing the name.

use crate::{
    backend::call,
    live::Act,
    parts::{field::Field, notice, toast::Toasts},
    words,
};
use leptos::{ev, prelude::*};
use roadworthy_api::{calls::ForgetPerson, person::Person};

/// What the dialog holds.
#[component]
pub(super) fn Forget(
    /// Whom.
    person: Person,
    /// Whether the dialog is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (typed, act, toasts) = (RwSignal::new(String::new()), Act::new(), Toasts::here());
    let name = person.details.name.clone();
    let expected = name.clone();
    let same = Memo::new(move |_| typed.with(|t| t.trim() == expected.trim()));
    let id = person.id;
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        if !same.get() {
            return;
        }
        act.run(call(ForgetPerson { person: id }), move |forgotten| {
            let _ = open.try_set(false);
            let vehicles = words::count(forgotten.vehicles.into(), "vehicle");
            let events = words::count(forgotten.events, "journal event");
            let rest = match forgotten.scrubbed {
                true => "",
                false => " The database's files may hold old bytes until other Roadworthy programs close and this one starts again.",
            };
            let backups = match forgotten.backups.len() {
                0 => String::new(),
                n => format!(" {} from before still hold{} them until rotation lets them go.",
                    words::count(u64::try_from(n).unwrap_or(u64::MAX), "backup"), if n == 1 { "s" } else { "" }),
            };
            toasts.say(format!(
                "Forgotten. {vehicles} without owner, plate and name now; {events} can no longer be read.{rest}{backups}"
            ));
        });
    };
    let vehicles = match person.vehicles {
        0 => "They have no vehicle here.".to_owned(),
        n => format!(
            "{} stay{} here with all visits, but without owner, plate and name.",
            words::count(n.into(), "vehicle"),
            if n == 1 { "s" } else { "" }
        ),
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <h2>{format!("Forget {name}?")}</h2>
            <ul class="bullets">
                <li>"Name, telephone, mail, address and note are erased from every table."</li>
                <li>"The key to what the journal holds of them is destroyed: it stays in the chain, which still verifies, but nobody can read it any more."</li>
                <li>{vehicles}</li>
                <li><b>"This cannot be undone."</b> " Files that were exported or printed before are not reached."</li>
            </ul>
            <Field label="Type the name to confirm" id="forget-name" value=typed first=true />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button danger" type="submit" data-testid="forget-confirm" disabled=move || !same.get() || act.busy.get()>"Forget for good"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Keep"</button>
            </div>
        </form>
    }
}
