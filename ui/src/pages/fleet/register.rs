//! Registering a vehicle by hand.

use crate::{
    backend::call,
    live::Act,
    parts::{dialog::Dialog, field::Field, notice},
    words,
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::calls::RegisterVehicle;

/// The dialog; leads to the new vehicle.
#[component]
pub(super) fn Register(
    /// Whether it is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (plate, name, vin) = (RwSignal::new(String::new()), RwSignal::new(String::new()), RwSignal::new(String::new()));
    let act = Act::new();
    let tried = RwSignal::new(false);
    Effect::new(move |_| {
        if open.get() {
            [plate, name, vin].iter().for_each(|s| s.set(String::new()));
            act.error.set(None);
            tried.set(false);
        }
    });
    let nothing = move || [plate, name, vin].iter().all(|s| s.with(|t| t.trim().is_empty()));
    // Complained of while typing only once it is long enough to be meant.
    let vin_wrong = Signal::derive(move || {
        let text = vin.get();
        (tried.get() || text.trim().len() >= 17).then(|| words::typed_vin(&text).err().map(str::to_owned)).flatten()
    });
    let plate_wrong = Signal::derive(move || {
        (tried.get() && nothing()).then(|| "Give at least one of plate, name and VIN.".to_owned())
    });
    let navigate = use_navigate();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(vin) = words::typed_vin(&vin.get()) else { return };
        if nothing() {
            return;
        }
        let given = |s: RwSignal<String>| Some(s.get().trim().to_owned()).filter(|t| !t.is_empty());
        let navigate = navigate.clone();
        act.run(call(RegisterVehicle { vin, plate: given(plate), name: given(name) }), move |id| {
            open.set(false);
            navigate(&format!("/vehicles/{id}"), NavigateOptions::default());
        });
    };
    let submit = StoredValue::new_local(submit);
    view! {
        <Dialog open=open label="Register a vehicle">
            <form class="stack" novalidate on:submit=move |ev| submit.with_value(|s| s(ev))>
                <h2>"Register a vehicle"</h2>
                <Field label="Plate" id="register-plate" value=plate wrong=plate_wrong first=true />
                <Field label="Name" id="register-name" value=name help="As in Shuttle bus 3." />
                <Field label="VIN" id="register-vin" value=vin wrong=vin_wrong help="17 characters; a check fills it in by itself." />
                {notice::shown(act.error)}
                <div class="buttons">
                    <button class="button main" type="submit" data-testid="register-submit" disabled=move || act.busy.get()>"Register"</button>
                    <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
                </div>
            </form>
        </Dialog>
    }
}
