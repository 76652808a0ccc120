//! Which events are shown: groups as chips, days, and on the page of all vehicles whose.

use super::chosen::Chosen;
use crate::{live::fetch, parts::icon, words};
use icondata_core::Icon;
use leptos::prelude::*;
use roadworthy_api::{
    calls::{GetVehicle, ListVehicles},
    journal::EventGroup,
    vehicle::VehicleRow,
};

/// Vehicles offered at once.
const OFFERED: u32 = 6;

/// The shape of a group.
pub(super) fn image(group: EventGroup) -> Icon {
    match group {
        EventGroup::Readings => icon::GAUGE,
        EventGroup::Alerts => icondata_lu::LuBell,
        EventGroup::Papers => icon::TEXT,
        EventGroup::Records => icon::CAR,
        EventGroup::Messages => icondata_lu::LuSend,
        EventGroup::System => icondata_lu::LuServer,
    }
}

/// The filters; `fleet`: of all vehicles.
pub(super) fn filters(chosen: Chosen, fleet: bool) -> AnyView {
    let chip = move |group: EventGroup| {
        let on = move || chosen.groups.with(|g| g.contains(&group));
        view! {
            <button class="chip" type="button" data-testid="group" data-group=words::group_key(group) aria-pressed=move || on().to_string()
                on:click=move |_| chosen.toggle(group)>{icon::icon(image(group), 20)} {words::group_word(group)}</button>
        }
    };
    let every = move || chosen.groups.with(Vec::is_empty);
    let all = view! {
        <button class="chip" type="button" data-testid="group-all" aria-pressed=move || every().to_string()
            on:click=move |_| chosen.change.run(("groups", String::new()))>"All"</button>
    };
    let day = move |label: &'static str, key: &'static str, id: &'static str, value: Memo<String>| {
        view! {
            <label class="row small moment">
                {label}
                <input class="input" type="date" data-testid=id prop:value=value on:change=move |ev| chosen.change.run((key, event_target_value(&ev))) />
            </label>
        }
    };
    let turned = move || {
        let (from, to) = chosen.stretch();
        let turned = from.zip(to).is_some_and(|(from, to)| from >= to);
        turned.then(|| view! { <span class="wrong small" role="alert">"The first day is after the last."</span> })
    };
    view! {
        <section class="panel stack" aria-label="Which events">
            <div class="chips" role="group" aria-label="By group">{all} {words::EVENT_GROUPS.map(chip)}</div>
            <div class="row">
                {day("From", "from", "timeline-from", chosen.from)}
                {day("to", "to", "timeline-to", chosen.to)}
                {turned}
            </div>
            {fleet.then(|| whose(chosen))}
        </section>
    }
    .into_any()
}

fn whose(chosen: Chosen) -> AnyView {
    let search = RwSignal::new(String::new());
    let found = fetch(move || {
        let text = search.get().trim().to_owned();
        (!text.is_empty()).then_some(ListVehicles {
            search: Some(text),
            offset: 0,
            limit: OFFERED,
            order: None,
            back: None,
            state: None,
        })
    });
    let picked = fetch(move || chosen.vehicle.get().map(|vehicle| GetVehicle { vehicle }));
    let option = move |row: VehicleRow| {
        let pick = move |_| {
            search.set(String::new());
            chosen.change.run(("vehicle", row.id.to_string()));
        };
        view! { <button class="chip" type="button" data-testid="vehicle-option" on:click=pick>{icon::icon(icon::CAR, 20)} {words::vehicle_title(&row)}</button> }
    };
    let rows = move || found.value.get().map(|page| page.rows.into_iter().map(option).collect_view());
    let none = move || {
        (found.value.with(|p| p.as_ref().is_some_and(|p| p.rows.is_empty())) && !search.with(|s| s.trim().is_empty()))
            .then(|| view! { <p class="muted">"No vehicle by that plate, VIN or name."</p> })
    };
    let body = move || {
        if chosen.vehicle.get().is_none() {
            return view! {
                <input class="input" type="search" aria-label="Only of one vehicle: plate, VIN or name" placeholder="One vehicle: plate, VIN or name"
                    autocomplete="off" data-testid="timeline-vehicle" prop:value=move || search.get() on:input=move |ev| search.set(event_target_value(&ev)) />
                <div class="chips" aria-live="polite">{rows} {none}</div>
            }
            .into_any();
        }
        let name = move || {
            picked.value.with(|d| d.as_ref().map_or_else(|| "one vehicle".to_owned(), |d| words::vehicle_title(&d.row)))
        };
        view! {
            <div class="row">
                <span>"Only of " <b>{name}</b></span>
                <button class="button" type="button" on:click=move |_| chosen.change.run(("vehicle", String::new()))>"All vehicles"</button>
            </div>
        }
        .into_any()
    };
    view! { <div class="stack whose">{body}</div> }.into_any()
}
