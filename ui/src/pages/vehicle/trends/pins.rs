//! Stretches of which every single value stays, however old it grows: which there are, and a new one of what is shown.

use super::desk::Desk;
use crate::{
    backend::call,
    chart::axis::View,
    live::{Act, fetch},
    locale,
    parts::{field::Field, hand::Plane, icon, notice, toast::Toasts},
};
use leptos::{ev, prelude::*};
use roadworthy_api::{
    Timestamp,
    calls::{GetStorage, PinTelemetry, UnpinTelemetry},
    telemetry::Pin,
};

/// The panel.
pub(super) fn pins(desk: Desk) -> AnyView {
    let stored = fetch(|| Some(GetStorage {}));
    let here = Memo::new(move |_| {
        let of = |pin: &&Pin| pin.vehicle == desk.vehicle;
        stored.value.with(|s| s.as_ref().map(|s| s.pins.iter().filter(of).cloned().collect::<Vec<_>>()))
    });
    let asking = RwSignal::new(false);
    let list = move || {
        here.with(|all| {
            let all = all.as_ref()?;
            let lines = all.iter().map(|pin| one(desk, pin)).collect_view();
            let none =
                all.is_empty().then(|| view! { <p class="muted small">"No stretch of this vehicle is pinned."</p> });
            Some(view! { {none} <ul class="workers">{lines}</ul> })
        })
    };
    let ask = move || {
        let press = move |_| asking.set(true);
        (!asking.get()).then(|| {
            view! { <button class="button" type="button" data-testid="pin" on:click=press>{icon::icon(icondata_lu::LuPin, 20)} "Pin the time shown"</button> }
        })
    };
    view! {
        <section class="panel stack" aria-label="Pins">
            <div class="row apart"><h2>"Pins"</h2> {ask}</div>
            <p class="muted small">"A pin keeps every single value of a stretch of time, as evidence. Elsewhere single values are dropped when they are older than "
                <a href="/settings#keeping">"the days in Settings"</a> ", and minutes and hours stay."</p>
            {move || asking.get().then(|| view! { <Asked desk=desk open=asking /> })}
            {notice::shown(stored.error)}
            {list}
        </section>
    }
    .into_any()
}

/// The first and the last moment that a pin of what is shown names: whole seconds, none of which is cut.
fn seconds(view: View) -> (Timestamp, Timestamp) {
    (view.from.div_euclid(1000) * 1000, (view.to.div_euclid(1000) + 1) * 1000)
}

/// The form of a new one.
#[component]
fn Asked(
    /// What is shown.
    desk: Desk,
    /// Whether the form is open.
    open: RwSignal<bool>,
) -> impl IntoView {
    let (reason, tried, act) = (RwSignal::new(String::new()), RwSignal::new(false), Act::new());
    let wrong = Signal::derive(move || {
        (tried.get() && reason.with(|r| r.trim().is_empty())).then(|| "Say why, in a few words.".to_owned())
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let why = reason.get_untracked().trim().to_owned();
        if why.is_empty() {
            return;
        }
        let (from, to) = seconds(desk.view.get_untracked());
        act.run(call(PinTelemetry { vehicle: desk.vehicle, from, to, reason: why }), move |pin| {
            let _ = open.try_set(false);
            Toasts::here().done_but("The values are pinned.", UnpinTelemetry { pin }, "The pin is taken away again.");
        });
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <p>"Every value of " <b>{move || desk.view.with(|v| locale::range(v.from, v.to))}</b> ", of all signals."</p>
            <Field label="Why" id="pin-reason" value=reason wrong=wrong first=true help="As in warranty claim, gearbox. No names of people." />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="pin-sure" disabled=move || act.busy.get()>"Pin these values"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Do not pin"</button>
            </div>
        </form>
    }
}

fn one(desk: Desk, pin: &Pin) -> AnyView {
    let act = Act::new();
    let (id, from, to) = (pin.id, pin.from, pin.to);
    let (show, drop) = (format!("Show the values of: {}", pin.reason), format!("Take the pin away: {}", pin.reason));
    let back = PinTelemetry { vehicle: pin.vehicle, from, to, reason: pin.reason.clone() };
    let remove = move |_| {
        let back = back.clone();
        act.run(call(UnpinTelemetry { pin: id }), move |()| {
            Toasts::here().done_but("The pin is taken away.", back, "The stretch is pinned again.");
        });
    };
    view! {
        <li data-testid="pin-row">
            <div>
                <p><b>{pin.reason.clone()}</b></p>
                <p class="muted small">{locale::range(from, to)}</p>
                {notice::shown(act.error)}
            </div>
            <div class="buttons">
                <button class="button plain" type="button" aria-label=show on:click=move |_| desk.show(View { from, to })>"Show"</button>
                <button class="button plain" type="button" aria-label=drop disabled=move || act.busy.get() on:click=remove>{icon::icon(icon::CLOSE, 20)}</button>
            </div>
        </li>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_names_whole_seconds_and_cuts_none() {
        for (from, to, expect) in [(0, 999, (0, 1_000)), (1_500, 2_500, (1_000, 3_000)), (-1, 1_000, (-1_000, 2_000))] {
            assert_eq!(seconds(View { from, to }), expect);
        }
    }
}
