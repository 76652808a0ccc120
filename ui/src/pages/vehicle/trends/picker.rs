//! Which signals are shown: search, sets by unit, what was recorded and when, and the order.

use super::{address::MOST, desk::Desk};
use crate::{
    locale,
    parts::{dialog::Dialog, icon, notice},
    words,
};
use leptos::{html, prelude::*};
use roadworthy_api::telemetry::SignalSpan;

/// The dialog.
pub(super) fn picker(desk: Desk, open: RwSignal<bool>) -> AnyView {
    view! { <Dialog open=open label="Signals" class="picker">{move || inside(desk, open)}</Dialog> }.into_any()
}

fn inside(desk: Desk, open: RwSignal<bool>) -> AnyView {
    let query = RwSignal::new(String::new());
    let input = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        if let Some(input) = input.get() {
            // Focus is a courtesy.
            let _ = input.focus();
        }
    });
    let found = Memo::new(move |_| {
        let query = query.get();
        desk.spans.with(|all| words::signals_found(all, &query).into_iter().map(|s| s.id.clone()).collect::<Vec<_>>())
    });
    let preset = move |(unit, count): (String, usize)| {
        let name = unit.clone();
        let of = move || {
            let of_unit = |s: &&SignalSpan| s.unit == unit;
            desk.spans.with(|all| all.iter().filter(of_unit).take(MOST).map(|s| s.id.clone()).collect::<Vec<_>>())
        };
        let (shown, set) = (of.clone(), of);
        let on = move || desk.chosen.get() == shown();
        view! {
            <button class="chip" type="button" data-testid="preset" aria-pressed=move || on().to_string() on:click=move |_| desk.chosen.set(set())>
                {format!("All in {name}")} <span class="num muted">{count}</span>
            </button>
        }
    };
    let presets = move || desk.spans.with(|all| words::units(all)).into_iter().map(preset).collect_view();
    let none = move || {
        found.with(Vec::is_empty).then(
            || view! { <p class="muted">"No signal of that name. Every word must be found; units and PIDs count too."</p> },
        )
    };
    let full = move || {
        (desk.chosen.with(Vec::len) >= MOST)
            .then(|| notice::mild(format!("{MOST} signals are the most that can be shown at once."), ""))
    };
    view! {
        <div class="row apart">
            <h2>"Signals"</h2>
            <button class="button main" type="button" data-testid="picker-done" on:click=move |_| open.set(false)>"Done"</button>
        </div>
        <div class="chips" role="group" aria-label="Sets by unit">{presets}</div>
        <input node_ref=input class="input" type="search" aria-label="Search signals" placeholder="Name, PID, unit or ECU" autocomplete="off"
            data-testid="signal-search" prop:value=move || query.get() on:input=move |ev| query.set(event_target_value(&ev)) />
        {full}
        <div class="sides">
            <section class="all" aria-label="Signals with values">
                <For each=move || found.get() key=Clone::clone children=move |id| choice(desk, id) />
                {none}
            </section>
            <section aria-label="Chosen, in order">
                <h3>{move || format!("Chosen ({})", desk.chosen.with(Vec::len))}</h3>
                <ol class="order" data-testid="chosen">
                    <For each=move || desk.chosen.get() key=Clone::clone children=move |id| chosen(desk, id) />
                </ol>
            </section>
        </div>
    }
    .into_any()
}

fn title(desk: Desk, id: &str) -> String {
    desk.spans.with(|all| all.iter().find(|s| s.id == id).map(|s| words::signal_title(s, all)).unwrap_or_default())
}

fn choice(desk: Desk, id: String) -> AnyView {
    let known = id.clone();
    let on = Memo::new(move |_| desk.chosen.with(|c| c.contains(&known)));
    let known = id.clone();
    let change = move |_| {
        let off = on.get_untracked();
        desk.chosen.update(|all| if off { all.retain(|i| *i != known) } else { all.push(known.clone()) });
    };
    let full = move || desk.chosen.with(Vec::len) >= MOST;
    let known = id.clone();
    let span = Memo::new(move |_| desk.span(&known));
    let when = move || {
        span.with(|s| {
            s.as_ref().map(|s| {
                #[allow(clippy::cast_precision_loss, reason = "a count for people")]
                let count = locale::number(s.samples as f64, 0);
                format!("{count} values, {}", locale::range(s.from, s.to))
            })
        })
    };
    let unit = move || span.with(|s| s.as_ref().map(|s| if s.unit.is_empty() { "–".into() } else { s.unit.clone() }));
    let named = id.clone();
    view! {
        <label class="choice signal kept" data-testid="signal" data-signal=id>
            <input type="checkbox" prop:checked=move || on.get() on:change=change disabled=move || { !on.get() && full() } />
            <span class="name">{move || title(desk, &named)} <small>{when}</small></span>
            <small>{unit}</small>
        </label>
    }
    .into_any()
}

fn chosen(desk: Desk, id: String) -> AnyView {
    let known = id.clone();
    let place = Memo::new(move |_| desk.chosen.with(|all| all.iter().position(|i| *i == known)).unwrap_or_default());
    let last = move || place.get() + 1 >= desk.chosen.with(Vec::len);
    let step = move |up: bool| {
        let from = place.get_untracked();
        let to = if up { from.saturating_sub(1) } else { from + 1 };
        desk.chosen.update(|all| {
            if from < all.len() && to < all.len() {
                all.swap(from, to);
            }
        });
    };
    let label = title(desk, &id);
    let named = |what: &str| format!("{what} {label}");
    let (up, down, off) = (named("Move up:"), named("Move down:"), named("Leave out:"));
    let remove = move |_| desk.chosen.update(|all| all.retain(|i| *i != id));
    view! {
        <li>
            <span class="name">{label}</span>
            <button class="button plain" type="button" aria-label=up disabled=move || place.get() == 0 on:click=move |_| step(true)>{icon::icon(icon::UP, 20)}</button>
            <button class="button plain" type="button" aria-label=down disabled=last on:click=move |_| step(false)>{icon::icon(icon::DOWN, 20)}</button>
            <button class="button plain" type="button" aria-label=off on:click=remove>{icon::icon(icon::CLOSE, 20)}</button>
        </li>
    }
    .into_any()
}
