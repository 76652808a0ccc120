//! Finding the vehicle that one without a VIN turns out to be.

use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{field::Field, icon, notice, seen, toast::Toasts},
    words,
};
use leptos::prelude::*;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{
    calls::{AttachVehicle, DetachVehicle, ListVehicles},
    id::VehicleId,
    vehicle::{Page, VehicleRow},
};

const FOUND: u32 = 20;

/// The dialog's content.
pub(super) fn attach(vehicle: VehicleId, open: RwSignal<bool>) -> AnyView {
    let (search, act, toasts) = (RwSignal::new(String::new()), Act::new(), Toasts::here());
    let found = fetch(move || {
        let text = search.get().trim().to_owned();
        let search = (!text.is_empty()).then_some(text);
        Some(ListVehicles { search, offset: 0, limit: FOUND, order: None, back: None, state: None })
    });
    let navigate = StoredValue::new_local(use_navigate());
    let pick = move |to: VehicleId| {
        act.run(call(AttachVehicle { vehicle, to }), move |id| {
            let _ = open.try_set(false);
            toasts.done_but(
                "Attached: the visits count together.",
                DetachVehicle { vehicle },
                "It stands for itself again.",
            );
            navigate.with_value(|go| go(&format!("/vehicles/{id}"), NavigateOptions::default()));
        });
    };
    let option = move |row: VehicleRow| {
        let id = row.id;
        let title = words::vehicle_title(&row);
        let rest: Vec<String> = [row.name, row.vin].into_iter().flatten().filter(|t| *t != title).collect();
        view! {
            <li>
                <button class="port" type="button" data-testid="attach-option" disabled=move || act.busy.get() on:click=move |_| pick(id)>
                    {icon::icon(icon::CAR, 24)} <span class="what"><b>{title}</b> <small>{rest.join(" · ")}</small></span>
                </button>
            </li>
        }
    };
    let list = move |page: Page<VehicleRow>| {
        let total = page.total;
        let rows: Vec<VehicleRow> = page.rows.into_iter().filter(|r| r.id != vehicle).collect();
        if rows.is_empty() {
            return notice::plain("No other vehicle by that plate, VIN or name.");
        }
        view! {
            <ul class="ports" aria-label="Vehicles">{rows.into_iter().map(option).collect_view()}</ul>
            {(total > FOUND).then(|| notice::plain(format!("The first {FOUND} of {total}: search to find others.")))}
        }
        .into_any()
    };
    view! {
        <div class="stack">
            <h2>"Which vehicle is it?"</h2>
            <p>"Its visits, notes and photos then count there. Nothing is lost, and it can be detached again."</p>
            <Field label="Plate, VIN or name" id="attach-search" value=search first=true />
            {seen::seen(found, 3, list)}
            {notice::shown(act.error)}
            <div class="buttons"><button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button></div>
        </div>
    }
    .into_any()
}
