//! Who the vehicle is: what its VIN says, other registrations of it, and for one without a VIN the ways to get one.

use super::attach;
use crate::{
    backend::call,
    live::Act,
    parts::{dialog::Dialog, field::Field, icon, notice, toast::Toasts},
    words,
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{
    calls::{AttachVehicle, DetachVehicle, SetVin},
    id::VehicleId,
    vehicle::{RegistrationRow, VehicleDetail},
    vin::{CheckDigit, VinFacts},
};

/// The panel.
pub(super) fn identity(vehicle: &VehicleDetail) -> AnyView {
    let id = vehicle.row.id;
    let vin = vehicle.row.vin.clone();
    let body = match (&vin, &vehicle.vin_facts) {
        (Some(vin), facts) => view! {
            <dl class="facts" data-testid="vin-facts">
                <dt>"VIN"</dt> <dd><code>{vin.clone()}</code></dd>
                {facts.as_ref().map(said)}
            </dl>
        }
        .into_any(),
        (None, _) => unknown(id, vehicle.provisional),
    };
    let others = (!vehicle.registrations.is_empty()).then(|| registrations(id, &vehicle.registrations));
    view! { <section class="panel stack" data-testid="identity"><h2>"Identity"</h2> {body} {others}</section> }
        .into_any()
}

fn said(facts: &VinFacts) -> AnyView {
    let line = |label: &'static str, text: Option<String>| text.map(|text| view! { <dt>{label}</dt> <dd>{text}</dd> });
    let country = match (&facts.country, &facts.region) {
        (Some(country), Some(region)) if country != region => Some(format!("{country}, {region}")),
        (Some(place), _) | (None, Some(place)) => Some(place.clone()),
        (None, None) => None,
    };
    let years: Vec<String> = facts.model_years.iter().map(u16::to_string).collect();
    let digit = match facts.check_digit {
        CheckDigit::Fits => view! { "fits" }.into_any(),
        CheckDigit::Wrong => view! { <b class="bad-text">"does not fit: probably mistyped or altered"</b> }.into_any(),
        CheckDigit::NotUsed => view! { "not used in this market" }.into_any(),
    };
    view! {
        {line("Maker", facts.maker.clone())} {line("Built in", country)}
        {line("Model year", (!years.is_empty()).then(|| years.join(" or ")))}
        <dt>"Check digit"</dt> <dd>{digit}</dd>
    }
    .into_any()
}

fn unknown(vehicle: VehicleId, provisional: bool) -> AnyView {
    let (attaching, typing) = (RwSignal::new(false), RwSignal::new(false));
    let notice = provisional.then(|| {
        notice::mild(
            "This identity is provisional: the vehicle gave no VIN.",
            "It may be one that is known already. Its visits stay with it, wherever they are counted.",
        )
    });
    let none = (!provisional).then(|| notice::plain("No VIN is known."));
    view! {
        <div class="stack" data-testid="provisional">{notice} {none}</div>
        <div class="buttons">
            <button class="button" type="button" data-testid="set-vin" on:click=move |_| typing.set(true)>{icon::icon(icon::EDIT, 20)} "Set the VIN"</button>
            <button class="button" type="button" data-testid="attach" on:click=move |_| attaching.set(true)>{icon::icon(icon::LINK, 20)} "Attach to a known vehicle"</button>
        </div>
        <Dialog open=typing label="Set the VIN">{move || vin_form(vehicle, typing)}</Dialog>
        <Dialog open=attaching label="Attach to a known vehicle">{move || attach::attach(vehicle, attaching)}</Dialog>
    }
    .into_any()
}

fn vin_form(vehicle: VehicleId, open: RwSignal<bool>) -> AnyView {
    let (vin, tried, act, toasts) = (RwSignal::new(String::new()), RwSignal::new(false), Act::new(), Toasts::here());
    let wrong = Signal::derive(move || {
        let text = vin.get();
        if !tried.get() && text.trim().len() < 17 {
            return None;
        }
        match words::typed_vin(&text) {
            Ok(None) if tried.get() => Some("Type the VIN.".to_owned()),
            Ok(_) => None,
            Err(why) => Some(why.to_owned()),
        }
    });
    let navigate = use_navigate();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        tried.set(true);
        let Ok(Some(vin)) = words::typed_vin(&vin.get_untracked()) else { return };
        let navigate = navigate.clone();
        act.run(call(SetVin { vehicle, vin }), move |id| {
            let _ = open.try_set(false);
            if id == vehicle {
                toasts.say("The VIN is kept.");
            } else {
                toasts.say("That VIN is registered already: the two are one vehicle now.");
                navigate(&format!("/vehicles/{id}"), NavigateOptions { replace: true, ..Default::default() });
            }
        });
    };
    view! {
        <form class="stack" novalidate on:submit=submit>
            <h2>"Set the VIN"</h2>
            <p>"If it is registered already, the two become one vehicle with all their visits."</p>
            <Field label="VIN" id="typed-vin" value=vin wrong=wrong help="17 characters, from the registration papers or the windscreen." first=true />
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button main" type="submit" data-testid="save-vin" disabled=move || act.busy.get()>"Set the VIN"</button>
                <button class="button" type="button" on:click=move |_| open.set(false)>"Cancel"</button>
            </div>
        </form>
    }
    .into_any()
}

fn registrations(vehicle: VehicleId, all: &[RegistrationRow]) -> AnyView {
    let act = Act::new();
    let toasts = Toasts::here();
    let one = |row: &RegistrationRow| {
        let (id, title) = (row.id, row.title.clone());
        let detach = row.attached.then(|| {
            let label = format!("Detach {title}");
            let press = move |_| {
                act.run(call(DetachVehicle { vehicle: id }), move |()| {
                    toasts.done("Detached: it stands for itself again.", move || {
                        leptos::task::spawn_local(async move {
                            match call(AttachVehicle { vehicle: id, to: vehicle }).await {
                                Ok(_) => toasts.say("It is attached again."),
                                Err(error) => toasts.say(error.to_string()),
                            }
                        });
                    });
                });
            };
            view! {
                <button class="button" type="button" aria-label=label data-testid="detach" disabled=move || act.busy.get() on:click=press>"Detach"</button>
            }
        });
        let why = if row.attached { "attached by a person" } else { "of the same VIN" };
        view! {
            <li class="row apart" data-testid="registration">
                <span><b>{row.title.clone()}</b> " " <small>{words::count(row.visits.into(), "visit")} ", " {why}</small></span>
                {detach}
            </li>
        }
    };
    view! {
        <h3>"Also registered as"</h3>
        <ul class="stack">{all.iter().map(one).collect_view()}</ul>
        {notice::shown(act.error)}
    }
    .into_any()
}
