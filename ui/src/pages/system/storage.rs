//! What is stored, how much of the disk it takes, what retention may drop and what pins keep.

use crate::{
    backend::call,
    live::{Act, fetch},
    locale,
    parts::{icon, notice, seen, toast::Toasts, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::{ApplyRetention, GetSettings, GetStorage, PinTelemetry, UnpinTelemetry},
    telemetry::{Pin, Storage},
};

/// The tab.
pub(super) fn storage() -> AnyView {
    let stored = super::watched(|| GetStorage {});
    view! {
        <div class="columns">
            <section class="panel stack">
                <h2>"What is stored"</h2>
                {seen::seen(stored, 8, |s| facts(&s))}
            </section>
            <div class="stack wide">
                <Retention />
                <section class="panel stack">
                    <h2>"Pins"</h2>
                    <small>"Ranges of values that retention leaves alone. They are set on a vehicle's trends."</small>
                    {move || stored.value.with(|s| s.as_ref().map(|s| pins(&s.pins)))}
                </section>
            </div>
        </div>
    }
    .into_any()
}

fn number(n: u64) -> String {
    #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
    locale::number(n as f64, 0)
}

fn facts(stored: &Storage) -> AnyView {
    let free = stored.free_bytes.map(|bytes| view! { <dt>"Free on this disk"</dt> <dd>{locale::bytes(bytes)}</dd> });
    let per = (stored.samples > 0).then(|| {
        #[allow(clippy::cast_precision_loss, reason = "two figures are shown")]
        let each = stored.block_bytes as f64 / stored.samples as f64;
        format!(", {} bytes each", locale::number(each, 2))
    });
    let dropped = (stored.dropped_blocks > 0).then(|| {
        view! { <dt>"Dropped by retention"</dt> <dd>{format!("single values of {}; their minutes and hours stay", words::count(stored.dropped_blocks, "block"))}</dd> }
    });
    view! {
        <dl class="facts" data-testid="storage">
            <dt>"Database"</dt> <dd>{locale::bytes(stored.database_bytes)}</dd>
            <dt>"Photos and other files"</dt> <dd>{locale::bytes(stored.file_bytes)}</dd>
            {free}
            <dt>"Single values"</dt> <dd>{number(stored.samples)} " in " {words::count(stored.blocks, "block")} ", " {locale::bytes(stored.block_bytes)} {per}</dd>
            <dt>"Not sealed yet"</dt> <dd>{number(stored.tail_samples)}</dd>
            <dt>"Minutes and hours"</dt> <dd>{locale::bytes(stored.aggregate_bytes)}</dd>
            <dt>"Oldest single value"</dt> <dd>{match stored.oldest_raw { Some(at) => value::when(at), None => "none".into_any() }}</dd>
            {dropped}
        </dl>
    }
    .into_any()
}

#[component]
fn Retention() -> impl IntoView {
    let (act, asking) = (Act::new(), RwSignal::new(false));
    let settings = fetch(|| Some(GetSettings {}));
    let days = move || settings.value.with(|s| s.as_ref().map(|s| s.keep_raw_days));
    let rule = move || match days() {
        None => String::new(),
        Some(None) => "Every single value is kept for ever.".into(),
        Some(Some(days)) => {
            format!("Single values are kept for {}; minutes and hours for ever.", words::count(days.into(), "day"))
        }
    };
    let apply = move |_| {
        act.run(call(ApplyRetention {}), move |done| {
            let _ = asking.try_set(false);
            Toasts::here().say(words::retained(&done));
        });
    };
    let buttons = move || {
        match (days(), asking.get()) {
        (Some(Some(days)), true) => view! {
            <p>{format!("Single values older than {} are dropped now, except where a pin keeps them. This cannot be undone.", words::count(days.into(), "day"))}</p>
            <div class="buttons">
                <button class="button danger" type="button" data-testid="retention-sure" disabled=move || act.busy.get() on:click=apply>"Drop them"</button>
                <button class="button" type="button" on:click=move |_| asking.set(false)>"Keep them"</button>
            </div>
        }
        .into_any(),
        (Some(Some(_)), false) => view! {
            <div class="buttons"><button class="button" type="button" data-testid="retention" on:click=move |_| asking.set(true)>"Apply now"</button></div>
        }
        .into_any(),
        _ => ().into_any(),
    }
    };
    view! {
        <section class="panel stack">
            <h2>"Retention"</h2>
            <p>{rule} " " <a href="/settings#keeping">"Change it in Settings"</a></p>
            {notice::shown(settings.error)}
            {notice::shown(act.error)}
            {buttons}
        </section>
    }
}

fn pins(pins: &[Pin]) -> AnyView {
    if pins.is_empty() {
        return view! { <p class="muted">"None."</p> }.into_any();
    }
    view! { <ul class="workers">{pins.iter().map(pin).collect_view()}</ul> }.into_any()
}

fn pin(pin: &Pin) -> AnyView {
    let act = Act::new();
    let (id, label) = (pin.id, format!("Take the pin away: {}", pin.reason));
    let back = PinTelemetry { vehicle: pin.vehicle, from: pin.from, to: pin.to, reason: pin.reason.clone() };
    let remove = move |_| {
        let back = back.clone();
        act.run(call(UnpinTelemetry { pin: id }), move |()| {
            Toasts::here().done_but("The pin is taken away.", back, "The range is pinned again.");
        });
    };
    view! {
        <li data-testid="pin">
            <div>
                <p><b>{pin.reason.clone()}</b> " · " <a href=format!("/vehicles/{}", pin.vehicle)>{pin.vehicle_name.clone()}</a></p>
                <p class="muted small">{locale::time(pin.from)} " to " {locale::time(pin.to)}</p>
                {notice::shown(act.error)}
            </div>
            <button class="button plain" type="button" aria-label=label disabled=move || act.busy.get() on:click=remove>{icon::icon(icon::CLOSE, 20)}</button>
        </li>
    }
    .into_any()
}
