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

/// What is wanted shows at once; it is sent whenever the answer to the one before has come.
#[derive(Clone, Copy)]
struct Wanted {
    desk: Desk,
    act: Act,
    ids: RwSignal<Vec<String>>,
}

impl Wanted {
    fn new(desk: Desk, act: Act) -> Self {
        let ids = RwSignal::new(Vec::new());
        // What others choose shows here too; what was refused is taken back.
        Effect::new(move |_| {
            let chosen: Vec<String> = desk.chosen.with(|c| c.iter().map(|i| i.id.clone()).collect());
            act.error.track();
            if !act.busy.get_untracked() && ids.with_untracked(|i| *i != chosen) {
                ids.set(chosen);
            }
        });
        Self { desk, act, ids }
    }

    fn set(self, change: impl FnOnce(&mut Vec<String>)) {
        self.ids.update(change);
        self.send();
    }

    fn send(self) {
        let sent = self.ids.get_untracked();
        let ask = call(ChooseSignals { session: self.desk.id, signals: sent.clone() });
        self.act.run(ask, move |session| {
            Live::here().session_changed(session);
            // The dialog may be closed by now.
            if self.ids.try_get_untracked().is_some_and(|now| now != sent) {
                self.send();
            }
        });
    }

    fn has(self, id: &str) -> bool {
        self.ids.with(|all| all.iter().any(|i| i == id))
    }
}

fn inside(desk: Desk, act: Act, open: RwSignal<bool>) -> AnyView {
    let wanted = Wanted::new(desk, act);
    let query = RwSignal::new(String::new());
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // Focus is a courtesy.
            let _ = input.focus();
        }
    });
    let preset = move |(name, signals): &(&'static str, &'static [&'static str])| {
        let (name, signals) = (*name, *signals);
        let there = Memo::new(move |_| desk.available.with(|all| words::available(signals, all)));
        let on = move || {
            let there = there.get();
            !there.is_empty() && wanted.ids.with(|ids| *ids == there)
        };
        view! {
            <button class="chip" type="button" data-testid="preset" disabled=move || there.with(Vec::is_empty)
                title=move || there.with(Vec::is_empty).then_some("This vehicle has none of these signals")
                aria-pressed=move || on().to_string() on:click=move |_| wanted.set(|ids| *ids = there.get_untracked())>{name}</button>
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
                {signals.into_iter().map(|i| choice(wanted, i)).collect_view()}
            </fieldset>
        }
    };
    let none = move || {
        groups.with(Vec::is_empty).then(|| view! { <p class="muted">"No signal of that name. Every word must be found; PIDs and units count too."</p> })
    };
    let order = Memo::new(move |_| {
        desk.available.with(|all| {
            wanted.ids.get().iter().filter_map(|id| all.iter().find(|i| i.id == *id).cloned()).collect::<Vec<_>>()
        })
    });
    let full = move || {
        (wanted.ids.with(Vec::len) >= MOST)
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
                <h3>{move || format!("Chosen ({})", order.with(Vec::len))}</h3>
                <ol class="order" data-testid="chosen">
                    <For each=move || order.get() key=|i| i.id.clone() children=move |i| chosen(wanted, i) />
                </ol>
            </section>
        </div>
    }
    .into_any()
}

fn choice(wanted: Wanted, info: SignalInfo) -> AnyView {
    let desk = wanted.desk;
    let id = info.id.clone();
    let on = Memo::new(move |_| wanted.has(&id));
    let id = info.id.clone();
    let change = move |_| {
        let off = on.get_untracked();
        wanted.set(|all| if off { all.retain(|i| *i != id) } else { all.push(id.clone()) });
    };
    let id = info.id.clone();
    let rate = move || {
        on.get().then(|| {
            desk.now.track();
            words::rate(desk.rate(&id))
        })
    };
    let full = move || wanted.ids.with(Vec::len) >= MOST;
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

fn chosen(wanted: Wanted, info: SignalInfo) -> AnyView {
    let id = info.id.clone();
    let place = Memo::new(move |_| wanted.ids.with(|all| all.iter().position(|i| *i == id)).unwrap_or_default());
    let last = move || place.get() + 1 >= wanted.ids.with(Vec::len);
    let step = move |up: bool| {
        let from = place.get_untracked();
        let to = if up { from.saturating_sub(1) } else { from + 1 };
        wanted.set(|all| {
            if from < all.len() && to < all.len() {
                all.swap(from, to);
            }
        });
    };
    let id = info.id.clone();
    let remove = move |_| wanted.set(|all| all.retain(|i| *i != id));
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
