//! One form with a kind to choose; what contradicts is said where it was typed, and can be filed all the same.

use super::fields::{Typed, battery, odometer, oil};
use super::wheels::wheels;
use crate::{
    backend::call,
    live::Act,
    locale,
    parts::{notice, toast::Toasts},
};
use leptos::{ev, prelude::*, task::spawn_local};
use roadworthy_api::{
    Code, Error,
    calls::{AddMeasurement, RemoveMeasurement},
    id::{MeasurementId, VehicleId},
    note::{Measured, MeasurementRow},
};

/// What can be typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Odometer,
    Brakes,
    Tread,
    Battery,
    Oil,
}

const KINDS: [(Kind, &str, &str); 5] = [
    (Kind::Odometer, "odometer", "Odometer"),
    (Kind::Brakes, "brakes", "Brake pads"),
    (Kind::Tread, "tread", "Tyre tread"),
    (Kind::Battery, "battery", "Battery test"),
    (Kind::Oil, "oil", "Engine oil"),
];

/// The panel; `asked` is the key of the kind to start with.
pub(in super::super) fn form(vehicle: VehicleId, asked: Option<&str>, newest: Memo<Vec<MeasurementRow>>) -> AnyView {
    let start = KINDS.into_iter().find(|k| Some(k.1) == asked).map_or(Kind::Odometer, |k| k.0);
    let kind = RwSignal::new(start);
    let chip = move |(value, key, label): (Kind, &'static str, &'static str)| {
        view! {
            <button class="chip" type="button" aria-pressed=move || (kind.get() == value).to_string() data-testid=format!("measure-{key}")
                on:click=move |_| kind.set(value)>{label}</button>
        }
    };
    view! {
        <section class="panel stack">
            <h2>"Measured by hand"</h2>
            <div class="chips" role="group" aria-label="What was measured">{KINDS.map(chip)}</div>
            {move || one(vehicle, kind.get(), newest)}
        </section>
    }
    .into_any()
}

fn one(vehicle: VehicleId, kind: Kind, newest: Memo<Vec<MeasurementRow>>) -> AnyView {
    let (act, toasts) = (Act::new(), Toasts::here());
    let (day, tried) = (RwSignal::new(String::new()), RwSignal::new(false));
    let fields: Typed = match kind {
        Kind::Odometer => odometer(tried),
        Kind::Brakes => wheels(false, tried, newest),
        Kind::Tread => wheels(true, tried, newest),
        Kind::Battery => battery(tried),
        Kind::Oil => oil(tried),
    };
    let (read, clear) = (fields.read, fields.clear);
    let file = move |sure: bool| {
        tried.set(true);
        let Ok(measured) = read.with_value(|read| read()) else { return };
        if measured.is_empty() {
            return;
        }
        let at = locale::typed_day(&day.get_untracked());
        act.run(add(vehicle, at, measured, sure), move |ids| {
            let _ = tried.try_set(false);
            clear.with_value(|clear| clear());
            toasts.done("Measurement kept.", move || take_back(ids.clone(), toasts));
        });
    };
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        file(false);
    };
    let problem = move || {
        act.error.get().map(|error| {
            let anyway = (error.code == Code::Conflict).then(|| {
                view! { <button class="button" type="button" data-testid="file-anyway" on:click=move |_| file(true)>"File it anyway"</button> }
            });
            notice::error_with(&error, anyway)
        })
    };
    let date = if kind == Kind::Oil { "Filled on" } else { "Measured on" };
    view! {
        <form class="stack" novalidate on:submit=submit>
            {fields.view}
            <div class="field short">
                <label for="measure-day">{date}</label>
                <input class="input" id="measure-day" type="date" aria-describedby="measure-day-help" prop:value=move || day.get()
                    on:input=move |ev| day.set(event_target_value(&ev)) />
                <span class="help" id="measure-day-help">"Empty: now."</span>
            </div>
            {problem}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="add-measurement" disabled=move || act.busy.get()>"Keep"</button>
            </div>
        </form>
    }
    .into_any()
}

/// Keeps them one after another; what was kept before one is refused stays, since each stands for itself.
async fn add(
    vehicle: VehicleId,
    at: Option<i64>,
    measured: Vec<Measured>,
    sure: bool,
) -> Result<Vec<MeasurementId>, Error> {
    let mut ids = Vec::new();
    for measured in measured {
        ids.push(call(AddMeasurement { vehicle, at, measured, sure }).await?);
    }
    Ok(ids)
}

fn take_back(ids: Vec<MeasurementId>, toasts: Toasts) {
    spawn_local(async move {
        for measurement in ids {
            if let Err(error) = call(RemoveMeasurement { measurement, removed: true }).await {
                return toasts.say(error.to_string());
            }
        }
        toasts.say("The measurement is taken back.");
    });
}
