//! Where a session begins: one that is open is joined, else a port, what to read, and whose it is.

use super::{recordings, session::REMEMBERED, words};
use crate::{
    backend::call,
    live::{Act, Live, fetch, sessions},
    pages::check::connect::whose,
    parts::{icon, notice, ports::Ports},
    storage, words as all_words,
};
use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};
use roadworthy_api::{
    calls::{ListVehicles, OpenLive},
    id::VehicleId,
    live::{LiveSession, PRESETS},
    vehicle::VehicleRow,
};

/// What to begin with.
#[derive(Clone, Debug, PartialEq)]
enum First {
    /// What was watched last.
    Last,
    /// What the engine finds fit for the vehicle.
    Fitting,
    /// A preset by name.
    Preset(&'static str),
}

/// The page without a session.
#[component]
pub(super) fn Start() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|q| q.get("port")));
    let signals = Memo::new(move |_| query.with(|q| q.get("signals")));
    let picked = RwSignal::new(None::<VehicleId>);
    let from_address = Memo::new(move |_| query.with(|q| q.get("vehicle")).and_then(|t| t.parse::<VehicleId>().ok()));
    let vehicle = Memo::new(move |_| from_address.get().or_else(|| picked.get()));
    let last = storage::get(REMEMBERED).filter(|t| !t.is_empty());
    let first = RwSignal::new(if last.is_some() { First::Last } else { First::Fitting });
    let ports = Ports::new(asked);
    let act = Act::new();
    let navigate = use_navigate();
    let has_last = last.is_some();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(taken) = ports.take() else { return };
        let navigate = navigate.clone();
        let chosen = first.get_untracked();
        let wanted = signals.get_untracked().or_else(|| (chosen == First::Last).then(|| last.clone()).flatten());
        let preset = match chosen {
            First::Preset(name) => Some(name.to_owned()),
            First::Last | First::Fitting => None,
        };
        let start = async move {
            let port = taken.port.clone();
            let session = call(OpenLive { port, vehicle: vehicle.get_untracked(), baud: None, preset }).await?;
            taken.remember().await;
            Ok(session)
        };
        act.run(start, move |session: LiveSession| {
            let ask = wanted.map_or(String::new(), |ids| format!("?signals={ids}"));
            let address = format!("/live/{}{ask}", session.id);
            Live::here().session_changed(session);
            navigate(&address, NavigateOptions::default());
        });
    };
    let chip = move |(value, label): (First, &'static str)| {
        let (mine, set) = (value.clone(), value);
        let on = move || first.with(|f| *f == mine);
        view! { <button class="chip" type="button" aria-pressed=move || on().to_string() on:click=move |_| first.set(set.clone())>{label}</button> }
    };
    let mut firsts = if has_last { vec![(First::Last, "As last time")] } else { Vec::new() };
    firsts.push((First::Fitting, "What fits"));
    firsts.extend(PRESETS.iter().map(|p| (First::Preset(p.0), p.0)));
    view! {
        <div class="stack wide">
            <h1>"Live"</h1>
            {joinable()}
            <form class="stack wide" novalidate on:submit=submit>
                {move || from_address.get().map(|v| whose(v, "/live"))}
                {ports.view()}
                <div class="columns">
                    <section class="panel stack">
                        <h2>"What to read first"</h2>
                        <div class="chips" role="group" aria-label="What to read first">{firsts.into_iter().map(chip).collect_view()}</div>
                        <p class="muted small">"It can be changed at any time. The fewer signals, the more often each of them is read."</p>
                    </section>
                    {move || from_address.get().is_none().then(|| vehicle_choice(picked))}
                </div>
                {notice::shown(act.error)}
                <div class="buttons">
                    <button class="button main" type="submit" data-testid="open-live" disabled=move || act.busy.get()>
                        {icon::icon(icondata_lu::LuActivity, 20)} {move || if act.busy.get() { "Connecting…" } else { "Show live values" }}
                    </button>
                    <small>"It only reads: nothing is cleared or changed in the vehicle."</small>
                </div>
            </form>
            {recordings::all()}
        </div>
    }
}

/// Sessions that are open already: watching one together costs the vehicle nothing.
fn joinable() -> AnyView {
    let live = Live::here();
    let open = Memo::new(move |_| {
        live.sessions.with(|all| all.iter().filter(|s| sessions::open(s)).map(|s| (s.id, line(s))).collect::<Vec<_>>())
    });
    let one = |(id, line): (roadworthy_api::id::LiveId, String)| {
        view! {
            <div class="notice fine" role="status" data-testid="joinable">
                {icon::icon(icondata_lu::LuActivity, 20)}
                <p class="cause">{line}</p>
                <div class="buttons"><a class="button main" href=format!("/live/{id}") data-testid="join">"Join it"</a></div>
            </div>
        }
    };
    (move || open.get().into_iter().map(one).collect_view()).into_any()
}

fn line(session: &LiveSession) -> String {
    let (_, word) = words::state(&session.state);
    let recording = if session.recording.is_some() { ", recording" } else { "" };
    format!(
        "A session is open on {}: {}{recording}, {}.",
        session.port,
        word.to_lowercase(),
        all_words::count(session.chosen.len() as u64, "signal")
    )
}

/// Whose values these are, for a vehicle that gives no VIN.
fn vehicle_choice(picked: RwSignal<Option<VehicleId>>) -> AnyView {
    let search = RwSignal::new(String::new());
    let found = fetch(move || {
        let text = search.get().trim().to_owned();
        (!text.is_empty()).then_some(ListVehicles {
            search: Some(text),
            offset: 0,
            limit: 6,
            order: None,
            back: None,
            state: None,
        })
    });
    let name = RwSignal::new(String::new());
    let option = move |row: VehicleRow| {
        let title = all_words::vehicle_title(&row);
        let shown = title.clone();
        let pick = move |_| {
            picked.set(Some(row.id));
            name.set(title.clone());
        };
        view! { <button class="chip" type="button" on:click=pick>{icon::icon(icon::CAR, 20)} {shown}</button> }
    };
    let body = move || {
        if picked.with(Option::is_some) {
            return view! {
                <div class="row"><b>{name}</b> <button class="button" type="button" on:click=move |_| picked.set(None)>"Any vehicle"</button></div>
            }
            .into_any();
        }
        let rows = move || found.value.get().map(|page| page.rows.into_iter().map(option).collect_view());
        let none = move || {
            (found.value.with(|p| p.as_ref().is_some_and(|p| p.rows.is_empty()))
                && !search.with(|s| s.trim().is_empty()))
            .then(|| view! { <p class="muted">"No vehicle by that plate, VIN or name."</p> })
        };
        view! {
            <div class="field">
                <label for="live-vehicle">"Plate, VIN or name"</label>
                <input class="input" id="live-vehicle" autocomplete="off" spellcheck="false" aria-describedby="live-vehicle-help"
                    prop:value=move || search.get() on:input=move |ev| search.set(event_target_value(&ev)) />
                <span class="help" id="live-vehicle-help">"Only needed for a vehicle that does not give its VIN. Recordings are kept under it."</span>
            </div>
            <div class="chips" aria-live="polite">{rows} {none}</div>
        }
        .into_any()
    };
    view! { <section class="panel stack"><h2>"Whose it is, if you like"</h2> {body}</section> }.into_any()
}
