//! Every vehicle, worst first: one sentence, chips by state, then cards or a table.

mod cards;
mod empty;
mod order;
mod register;
mod table;

use crate::{
    frame,
    live::fetch,
    parts::{
        icon,
        leave::{Asked, leave},
        paged::{Paged, Stage, paged},
        seen,
    },
    storage, words,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use order::Order;
use roadworthy_api::{
    calls::{CountVehicles, ExportFleet, ListVehicles},
    export::ExportTo,
    vehicle::{State, VehicleCounts, VehicleRow},
};

const TABLES: Asked = Asked {
    button: "Save the tables…",
    title: "Save the tables of the fleet",
    holds: &[
        "One ZIP of CSV files, for spreadsheets: vehicles, visits, trouble codes, alerts and odometer readings.",
        "Number plates are in it, customers are not.",
    ],
    id: "save-fleet",
};

const VIEW: &str = "roadworthy.fleet.view";
const ORDER: &str = "roadworthy.fleet.order";

/// What is chosen on this page: in the address, so that reloading and going back keep it.
#[derive(Clone, Copy)]
struct Chosen {
    text: Memo<String>,
    state: Memo<Option<State>>,
    change: Callback<(&'static str, String)>,
}

fn chosen() -> Chosen {
    let query = use_query_map();
    let navigate = use_navigate();
    let text = Memo::new(move |_| query.with(|q| q.get("q").unwrap_or_default()));
    let state = Memo::new(move |_| {
        let key = query.with(|q| q.get("state"));
        words::STATES.into_iter().find(|s| Some(words::state_key(*s)) == key.as_deref())
    });
    let change = Callback::new(move |(key, value): (&'static str, String)| {
        let mut query = query.get_untracked();
        query.remove(key);
        if !value.is_empty() {
            query.insert(key, value);
        }
        navigate(
            &format!("/{}", query.to_query_string()),
            NavigateOptions { replace: true, scroll: false, ..Default::default() },
        );
    });
    Chosen { text, state, change }
}

/// The page.
#[component]
pub(crate) fn FleetPage() -> impl IntoView {
    frame::title("");
    let query = use_query_map();
    let chosen = chosen();
    let counts = fetch(|| Some(CountVehicles {}));
    let registering = RwSignal::new(false);
    Effect::new(move |_| {
        if query.with(|q| q.get("register").is_some()) {
            registering.set(true);
            chosen.change.run(("register", String::new()));
        }
    });
    let as_table = RwSignal::new(storage::get(VIEW).as_deref() == Some("table"));
    let order = RwSignal::new(storage::get(ORDER).and_then(|text| Order::read(&text)).unwrap_or_default());
    Effect::new(move |_| storage::set(VIEW, if as_table.get() { "table" } else { "cards" }));
    Effect::new(move |_| storage::set(ORDER, &order.get().written()));
    let vehicles = paged(move |offset, limit| {
        let (text, order) = (chosen.text.get(), order.get());
        ListVehicles {
            search: (!text.trim().is_empty()).then_some(text),
            offset,
            limit,
            order: Some(order.column),
            back: Some(order.back),
            state: chosen.state.get(),
        }
    });
    let any = Memo::new(move |_| counts.value.with(|c| c.as_ref().is_some_and(|c| words::total(c) > 0)));
    Effect::new(move |_| {
        // Said once there is something to see, so that a title of its own means a page of its own.
        if counts.value.with(Option::is_some) {
            frame::title("Fleet");
        }
    });
    let body = move || {
        if any.get() {
            return view! {
                {tools(counts.value, chosen, as_table, order)}
                {list(vehicles, chosen, as_table, order)}
            }
            .into_any();
        }
        seen::seen(counts, 6, move |_| empty::first_start(registering))
    };
    let summary = move || {
        counts.value.with(|c| {
            c.as_ref().filter(|c| words::total(c) > 0).map(|c| {
                view! { <p class="reason" data-testid="fleet-summary">{words::fleet_line(c)}</p> }
            })
        })
    };
    view! {
        <div class="stack wide">
            <div class="row apart">
                <h1>"Fleet"</h1>
                <div class="buttons">
                    <button class="button" type="button" data-testid="register" on:click=move |_| registering.set(true)>
                        {icon::icon(icon::PLUS, 20)} "Register"
                    </button>
                    <a class="button main" href="/check">{icon::icon(icon::SCAN, 20)} "Check a vehicle"</a>
                </div>
            </div>
            {summary}
            {body}
        </div>
        <register::Register open=registering />
    }
}

fn list(vehicles: Paged<VehicleRow>, chosen: Chosen, as_table: RwSignal<bool>, order: RwSignal<Order>) -> AnyView {
    let stage = vehicles.stage();
    let body = move || {
        if stage.get() == Stage::Opening {
            seen::skeleton(6)
        } else if stage.get() == Stage::Empty {
            empty::nothing_found(chosen.change)
        } else if as_table.get() {
            table::table(vehicles, order)
        } else {
            cards::cards(vehicles)
        }
    };
    let filtered = move || {
        let asked = !chosen.text.with(|t| t.trim().is_empty()) || chosen.state.get().is_some();
        vehicles
            .total
            .get()
            .filter(|n| asked && *n > 0)
            .map(|n| format!("{} found.", words::count(n.into(), "vehicle")))
    };
    view! {
        <p class="unseen" role="status">{filtered}</p>
        {vehicles.problem()}
        {body}
    }
    .into_any()
}

fn tools(
    counts: RwSignal<Option<VehicleCounts>>,
    chosen: Chosen,
    as_table: RwSignal<bool>,
    order: RwSignal<Order>,
) -> AnyView {
    let of = move |state: Option<State>| {
        counts.with(|c| {
            c.as_ref().map_or(0, |c| state.map_or_else(|| words::total(c), |state| words::of_state(c, state)))
        })
    };
    let chip = move |state: Option<State>, label: &'static str| {
        let on = move || chosen.state.get() == state;
        let key = state.map(words::state_key).unwrap_or_default();
        let press = move |_| chosen.change.run(("state", if on() { String::new() } else { key.to_owned() }));
        view! {
            <button class="chip" type="button" aria-pressed=move || on().to_string() data-testid="chip" data-state=key on:click=press>
                {state.map(|s| icon::state_icon(s, 20))} {label} <span class="num muted">{move || of(state)}</span>
            </button>
        }
    };
    // The row of chips keeps its own elements while counts change under it, and with them the focus.
    let there = Memo::new(move |_| {
        words::STATES.into_iter().filter(|s| of(Some(*s)) > 0 || chosen.state.get() == Some(*s)).collect::<Vec<_>>()
    });
    let order_by = move |event| {
        if let Some(column) = order::read(&event_target_value(&event)) {
            order.set(Order { column, back: false });
        }
    };
    view! {
        <div class="stack">
            <div class="chips" role="group" aria-label="By state">
                {chip(None, "All")}
                <For each=move || there.get() key=|s| *s children=move |s| chip(Some(s), words::state_word(s)) />
            </div>
            <div class="tools">
                <input class="input" type="search" aria-label="Filter by plate, VIN or name" placeholder="Plate, VIN or name"
                    data-testid="fleet-filter" prop:value=move || chosen.text.get()
                    on:input=move |ev| chosen.change.run(("q", event_target_value(&ev))) />
                <select class="select" aria-label="Order" on:change=order_by>
                    {order::COLUMNS.map(|c| view! { <option value=order::key(c) selected=move || order.get().column == c>{order::by(c)}</option> })}
                </select>
                <button class="button" type="button" data-testid="toggle-view" on:click=move |_| as_table.update(|t| *t = !*t)>
                    {move || icon::icon(if as_table.get() { icon::CARDS } else { icon::TABLE }, 20)}
                    {move || if as_table.get() { "Cards" } else { "Table" }}
                </button>
                {leave(TABLES, || ().into_any(), || ExportFleet { out: ExportTo::Stored })}
            </div>
        </div>
    }
    .into_any()
}
