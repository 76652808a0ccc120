//! For which vehicle: in the address, so that a link leads here with it said.

use super::address::Address;
use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{field::Field, icon, notice},
    words,
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    calls::{GetVehicle, ListVehicles, RegisterVehicle},
    id::VehicleId,
    vehicle::VehicleRow,
};

/// Vehicles offered at once.
const OFFERED: u32 = 8;

/// Says which one it is, or asks.
pub(super) fn whose(address: Address) -> AnyView {
    let go = Callback::new(move |id: Option<VehicleId>| address.change(|place| place.vehicle = id));
    let vehicle = Memo::new(move |_| address.now.with(|place| place.vehicle));
    (move || match vehicle.get() {
        Some(id) => said(id, go),
        None => asked(go),
    })
    .into_any()
}

fn said(vehicle: VehicleId, go: Callback<Option<VehicleId>>) -> AnyView {
    let detail = fetch(move || Some(GetVehicle { vehicle }));
    let name = move || detail.value.with(|d| d.as_ref().map(|d| words::vehicle_title(&d.row)));
    view! {
        <div class="notice" role="status" data-testid="import-whose">
            {icon::icon(icon::CAR, 20)}
            <p>"What is in the file becomes that of " <b>{name}</b> "."</p>
            {notice::shown(detail.error)}
            <div class="buttons"><button class="button" type="button" on:click=move |_| go.run(None)>"Another vehicle"</button></div>
        </div>
    }
    .into_any()
}

fn asked(go: Callback<Option<VehicleId>>) -> AnyView {
    let search = RwSignal::new(String::new());
    let found = fetch(move || {
        let text = search.get().trim().to_owned();
        let search = (!text.is_empty()).then_some(text);
        Some(ListVehicles { search, offset: 0, limit: OFFERED, order: None, back: None, state: None })
    });
    let option = move |row: VehicleRow| {
        let pick = move |_| go.run(Some(row.id));
        view! {
            <button class="chip" type="button" data-testid="vehicle-option" on:click=pick>{icon::icon(icon::CAR, 20)} {words::vehicle_title(&row)}</button>
        }
    };
    let rows = move || found.value.get().map(|page| page.rows.into_iter().map(option).collect_view());
    let more = move || {
        let (shown, total) = found.value.with(|p| p.as_ref().map_or((0, 0), |p| (p.rows.len(), p.total)));
        (total as usize > shown).then(
            || view! { <span class="muted small">{format!("and {} more: search", total as usize - shown)}</span> },
        )
    };
    let none = Memo::new(move |_| found.value.with(|p| p.as_ref().is_some_and(|p| p.rows.is_empty())));
    let empty = move || none.get().then(|| view! { <p class="muted">"No vehicle by that plate, VIN or name."</p> });
    let plate = RwSignal::new(String::new());
    let act = Act::new();
    let register = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let plate = plate.get_untracked().trim().to_owned();
        if !plate.is_empty() {
            act.run(call(RegisterVehicle { vin: None, plate: Some(plate), name: None }), move |id| go.run(Some(id)));
        }
    };
    view! {
        <section class="panel stack" data-testid="import-whose">
            <h2>"Which vehicle is it about?"</h2>
            <input class="input" type="search" aria-label="Plate, VIN or name" placeholder="Plate, VIN or name" autocomplete="off"
                data-testid="import-vehicle" prop:value=move || search.get() on:input=move |ev| search.set(event_target_value(&ev)) />
            <div class="chips" aria-live="polite">{rows} {more}</div>
            {empty}
            {notice::shown(found.error)}
            <form class="beside path" novalidate on:submit=register>
                <Field label="Not here yet: its plate" id="import-plate" value=plate />
                <button class="button" type="submit" data-testid="import-register" disabled=move || act.busy.get()>{icon::icon(icon::PLUS, 20)} "Register it"</button>
            </form>
            {notice::shown(act.error)}
        </section>
    }
    .into_any()
}
