//! What is read: search, presets, signals by ECU, and the order of what is chosen. Each press takes effect at once.

use super::{desk::Desk, words};
use crate::{
    backend::call,
    live::{Act, Live},
    parts::{dialog::Dialog, icon, notice},
};
use leptos::{html, prelude::*};
use roadworthy_api::{
    calls::ChooseSignals,
    live::{PRESETS, SignalInfo},
};
use std::collections::BTreeMap;

/// Most signals that can be chosen.
const MOST: usize = 64;

/// The dialog.
pub(super) fn picker(desk: Desk, act: Act, open: RwSignal<bool>) -> AnyView {
    view! { <Dialog open=open label="Signals" class="picker">{move || inside(desk, act, open)}</Dialog> }.into_any()
}

fn choose(desk: Desk, act: Act, ids: Vec<String>) {
    let live = Live::here();
    act.run(call(ChooseSignals { session: desk.id, signals: ids }), move |s| live.session_changed(s));
}

fn ids(desk: Desk) -> Vec<String> {
    desk.chosen.with_untracked(|c| c.iter().map(|i| i.id.clone()).collect())
}

fn inside(desk: Desk, act: Act, open: RwSignal<bool>) -> AnyView {
    let query = RwSignal::new(String::new());
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // Focus is a courtesy.
            let _ = input.focus();
        }
    });
    let preset = move |(name, wanted): &(&'static str, &'static [&'static str])| {
        let (name, wanted) = (*name, *wanted);
        let there = Memo::new(move |_| desk.available.with(|all| words::available(wanted, all)));
        let on = move || {
            let there = there.get();
            !there.is_empty() && desk.chosen.with(|c| c.iter().map(|i| &i.id).eq(there.iter()))
        };
        view! {
            <button class="chip" type="button" data-testid="preset" disabled=move || there.with(Vec::is_empty)
                title=move || there.with(Vec::is_empty).then_some("This vehicle has none of these signals")
                aria-pressed=move || on().to_string() on:click=move |_| choose(desk, act, there.get_untracked())>{name}</button>
        }
    };
    // By ECU, in the order in which they are first met.
    let groups = Memo::new(move |_| {
        let query = query.get();
        let mut order: Vec<String> = Vec::new();
        let mut groups: BTreeMap<String, Vec<SignalInfo>> = BTreeMap::new();
        desk.available.with(|all| {
            for info in all.iter().filter(|i| words::matches(i, &query)) {
                if !order.contains(&info.ecu) {
                    order.push(info.ecu.clone());
                }
                groups.entry(info.ecu.clone()).or_default().push(info.clone());
            }
        });
        order.into_iter().filter_map(|ecu| groups.remove(&ecu)).collect::<Vec<_>>()
    });
    let group = move |signals: Vec<SignalInfo>| {
        let title = signals.first().map(|i| (i.ecu_name.clone(), i.ecu.clone())).unwrap_or_default();
        view! {
            <fieldset>
                <legend>{title.0} " " <code>{title.1}</code></legend>
                {signals.into_iter().map(|i| choice(desk, act, i)).collect_view()}
            </fieldset>
        }
    };
    let none = move || {
        groups.with(Vec::is_empty).then(|| view! { <p class="muted">"No signal of that name. Every word must be found; PIDs and units count too."</p> })
    };
    let full = move || {
        (desk.chosen.with(Vec::len) >= MOST)
            .then(|| notice::mild(format!("{MOST} signals are the most that can be read at once."), ""))
    };
    view! {
        <div class="row apart">
            <h2>"Signals"</h2>
            <button class="button main" type="button" data-testid="picker-done" on:click=move |_| open.set(false)>"Done"</button>
        </div>
        <div class="chips" role="group" aria-label="Presets">{PRESETS.iter().map(preset).collect_view()}</div>
        <input node_ref=input class="input" type="search" aria-label="Search signals" placeholder="Name, PID, unit or ECU" autocomplete="off"
            data-testid="signal-search" prop:value=move || query.get() on:input=move |ev| query.set(event_target_value(&ev)) />
        {full}
        {notice::shown(act.error)}
        <div class="sides">
            <section class="all" aria-label="Signals of this vehicle">{move || groups.get().into_iter().map(group).collect_view()} {none}</section>
            <section aria-label="Chosen, in order">
                <h3>{move || format!("Chosen ({})", desk.chosen.with(Vec::len))}</h3>
                <ol class="order" data-testid="chosen">
                    <For each=move || desk.chosen.get() key=|i| i.id.clone() children=move |i| chosen(desk, act, i) />
                </ol>
            </section>
        </div>
    }
    .into_any()
}

fn choice(desk: Desk, act: Act, info: SignalInfo) -> AnyView {
    let id = info.id.clone();
    let on = Memo::new(move |_| desk.chosen.with(|c| c.iter().any(|i| i.id == id)));
    let id = info.id.clone();
    let change = move |_| {
        let mut all = ids(desk);
        if on.get_untracked() {
            all.retain(|i| *i != id)
        } else {
            all.push(id.clone())
        }
        choose(desk, act, all);
    };
    let id = info.id.clone();
    let rate = move || {
        on.get().then(|| {
            desk.now.track();
            words::rate(desk.rate(&id))
        })
    };
    let full = move || desk.chosen.with(Vec::len) >= MOST;
    let unit = if info.range.is_none() && info.unit.is_empty() { "words".to_owned() } else { info.unit.clone() };
    view! {
        <label class="choice signal" data-testid="signal" data-signal=info.id.clone()>
            <input type="checkbox" prop:checked=move || on.get() on:change=change disabled=move || { !on.get() && full() } />
            <span class="name">{info.label}</span>
            <small>{unit}</small>
            <small class="num rate">{rate}</small>
            <code>{info.pid}</code>
        </label>
    }
    .into_any()
}

fn chosen(desk: Desk, act: Act, info: SignalInfo) -> AnyView {
    let id = info.id.clone();
    let place = Memo::new(move |_| desk.chosen.with(|c| c.iter().position(|i| i.id == id)).unwrap_or_default());
    let last = move || place.get() + 1 >= desk.chosen.with(Vec::len);
    let step = move |up: bool| {
        let (mut all, from) = (ids(desk), place.get_untracked());
        let to = if up { from.saturating_sub(1) } else { from + 1 };
        if from < all.len() && to < all.len() {
            all.swap(from, to);
            choose(desk, act, all);
        }
    };
    let id = info.id.clone();
    let remove = move |_| {
        let mut all = ids(desk);
        all.retain(|i| *i != id);
        choose(desk, act, all);
    };
    let label = info.label.clone();
    let named = move |what: &str| format!("{what} {label}");
    let (up, down, off) = (named("Move up:"), named("Move down:"), named("Leave out:"));
    view! {
        <li>
            <span class="name">{info.label} " " <small>{info.ecu_name}</small></span>
            <button class="button plain" type="button" aria-label=up disabled=move || place.get() == 0 on:click=move |_| step(true)>{icon::icon(icon::UP, 20)}</button>
            <button class="button plain" type="button" aria-label=down disabled=last on:click=move |_| step(false)>{icon::icon(icon::DOWN, 20)}</button>
            <button class="button plain" type="button" aria-label=off on:click=remove>{icon::icon(icon::CLOSE, 20)}</button>
        </li>
    }
    .into_any()
}
