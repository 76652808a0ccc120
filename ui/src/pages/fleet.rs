//! Every vehicle, worst first: one sentence, chips by state, then cards or a table.

mod cards;
mod empty;
mod order;
mod register;
mod table;

use crate::{
    backend::call,
    frame,
    live::fetch_by,
    parts::{icon, seen},
    storage, words,
};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use order::{Column, Order};
use roadworthy_api::{
    Error,
    calls::{CountVehicles, ListVehicles},
    vehicle::{State, VehicleCounts, VehicleRow},
};

/// Rows per call; a fleet of thousands is a handful of calls, then sorting and searching need none.
const CHUNK: u32 = 500;
const VIEW: &str = "roadworthy.fleet.view";
const ORDER: &str = "roadworthy.fleet.order";

#[derive(Clone, PartialEq)]
struct Fleet {
    counts: VehicleCounts,
    rows: Vec<VehicleRow>,
}

async fn everything() -> Result<Fleet, Error> {
    let counts = call(CountVehicles {}).await?;
    let mut rows: Vec<VehicleRow> = Vec::new();
    loop {
        let offset = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let page =
            call(ListVehicles { search: None, offset, limit: CHUNK, order: None, back: None, state: None }).await?;
        let ended = page.rows.is_empty();
        rows.extend(page.rows);
        if ended || rows.len() >= page.total as usize {
            return Ok(Fleet { counts, rows });
        }
    }
}

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
    let fleet = fetch_by(|| Some(()), |()| everything());
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
    let content = move |fleet: Fleet| {
        // Said once there is something to see, so that a title of its own means a page of its own.
        frame::title("Fleet");
        if fleet.rows.is_empty() {
            return empty::first_start(registering);
        }
        let counts = fleet.counts;
        let rows = StoredValue::new(fleet.rows);
        let shown = Memo::new(move |_| {
            let (text, state) = (chosen.text.get(), chosen.state.get());
            let mut found: Vec<VehicleRow> =
                rows.with_value(|rows| rows.iter().filter(|r| order::is_found(r, &text, state)).cloned().collect());
            order.get().sort(&mut found);
            found
        });
        let list = move || match shown.get() {
            found if found.is_empty() => empty::nothing_found(chosen.change),
            found if as_table.get() => table::table(found, order),
            found => cards::cards(found),
        };
        view! {
            <p class="reason" data-testid="fleet-summary">{words::fleet_line(&counts)}</p>
            {tools(counts, chosen, as_table, order)}
            {list}
        }
        .into_any()
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
            {seen::seen(fleet, 6, content)}
        </div>
        <register::Register open=registering />
    }
}

fn tools(counts: VehicleCounts, chosen: Chosen, as_table: RwSignal<bool>, order: RwSignal<Order>) -> AnyView {
    let total: u32 = words::STATES.iter().map(|s| words::of_state(&counts, *s)).sum();
    let chip = move |state: Option<State>, label: &'static str, count: u32| {
        let on = move || chosen.state.get() == state;
        let key = state.map(words::state_key).unwrap_or_default();
        let press = move |_| chosen.change.run(("state", if on() { String::new() } else { key.to_owned() }));
        view! {
            <button class="chip" type="button" aria-pressed=move || on().to_string() data-testid="chip" data-state=key on:click=press>
                {state.map(|s| icon::state_icon(s, 20))} {label} <span class="num muted">{count}</span>
            </button>
        }
    };
    let states = words::STATES.into_iter().filter(|s| words::of_state(&counts, *s) > 0);
    let order_by = move |event| {
        if let Some(column) = Column::read(&event_target_value(&event)) {
            order.set(Order { column, back: false });
        }
    };
    view! {
        <div class="stack">
            <div class="chips" role="group" aria-label="By state">
                {chip(None, "All", total)}
                {states.map(|s| chip(Some(s), words::state_word(s), words::of_state(&counts, s))).collect_view()}
            </div>
            <div class="tools">
                <input class="input" type="search" aria-label="Filter by plate, VIN or name" placeholder="Plate, VIN or name"
                    data-testid="fleet-filter" prop:value=move || chosen.text.get()
                    on:input=move |ev| chosen.change.run(("q", event_target_value(&ev))) />
                <select class="select" aria-label="Order" on:change=order_by>
                    {Column::ALL.map(|c| view! { <option value=c.key() selected=move || order.get().column == c>{c.by()}</option> })}
                </select>
                <button class="button" type="button" data-testid="toggle-view" on:click=move |_| as_table.update(|t| *t = !*t)>
                    {move || icon::icon(if as_table.get() { icon::CARDS } else { icon::TABLE }, 20)}
                    {move || if as_table.get() { "Cards" } else { "Table" }}
                </button>
            </div>
        </div>
    }
    .into_any()
}
