//! Plate and name, edited where they stand, with undo.

use crate::{
    backend::call,
    live::Act,
    parts::{field::Field, notice, toast::Toasts},
};
use leptos::{ev, prelude::*, task::spawn_local};
use roadworthy_api::{calls::EditVehicle, vehicle::VehicleRow};

/// The two fields.
#[component]
pub(super) fn Edit(
    /// The vehicle as it is.
    row: VehicleRow,
    /// Whether the fields are shown.
    open: RwSignal<bool>,
) -> impl IntoView {
    let plate = RwSignal::new(row.plate.clone().unwrap_or_default());
    let name = RwSignal::new(row.name.clone().unwrap_or_default());
    let act = Act::new();
    let toasts = Toasts::here();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let trimmed = |s: RwSignal<String>| Some(s.get().trim().to_owned());
        let before = row.clone();
        act.run(call(EditVehicle { vehicle: row.id, plate: trimmed(plate), name: trimmed(name) }), move |()| {
            let _ = open.try_set(false);
            toasts.done("Plate and name changed.", move || {
                let (plate, name) = (before.plate.clone().unwrap_or_default(), before.name.clone().unwrap_or_default());
                let vehicle = before.id;
                spawn_local(async move {
                    match call(EditVehicle { vehicle, plate: Some(plate), name: Some(name) }).await {
                        Ok(()) => toasts.say("Plate and name are as before."),
                        Err(error) => toasts.say(error.to_string()),
                    }
                });
            });
        });
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <div class="beside">
                <Field label="Plate" id="edit-plate" value=plate first=true />
                <Field label="Name" id="edit-name" value=name />
            </div>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="save-vehicle" disabled=move || act.busy.get()>"Save"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
}
