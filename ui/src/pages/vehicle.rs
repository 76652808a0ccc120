//! One vehicle: who it is and how it is, then a tab for each thing kept of it; each tab has its address.

mod attach;
mod edit;
mod faults;
mod forget;
mod frames;
mod history;
mod identity;
mod imports;
mod measure;
mod measurements;
mod notes;
mod overview;
mod owner;
mod photos;
mod readiness;
mod recent;
pub(crate) mod service;
mod trends;
mod upload;
mod visits;

use crate::{
    frame,
    live::fetch,
    parts::{
        icon,
        leave::{Asked, leave},
        seen, tabs, toast, value,
    },
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use roadworthy_api::{
    calls::{ExportVehicle, GetVehicle},
    export::ExportTo,
    id::VehicleId,
    vehicle::VehicleDetail,
};

const EVERYTHING: Asked = Asked {
    button: "Save everything…",
    title: "Save everything about this vehicle",
    holds: &[
        "One ZIP that people and programs can read: what is known of it, visits with their traffic, notes, photos, measurements, service records, alerts, decisions, imports, recordings, every value, and its timeline in words.",
        "A manifest names each file in it with its SHA-256.",
        "It stays on this computer until you give it away.",
    ],
    id: "save-everything",
};

/// The page.
#[component]
pub(crate) fn VehiclePage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|t| t.parse::<VehicleId>().ok()));
    let tab = Memo::new(move |_| params.with(|p| p.get("tab")).unwrap_or_else(|| "overview".into()));
    let vehicle = fetch(move || id.get().map(|vehicle| GetVehicle { vehicle }));
    Effect::new(move |_| {
        if let Some(title) = vehicle.value.with(|v| v.as_ref().map(|v| words::vehicle_title(&v.row))) {
            frame::title(&title);
        }
    });
    let body = move || match id.get() {
        None => super::missing::page().into_any(),
        Some(id) => {
            let address = |tab: &str| format!("/vehicles/{id}{tab}");
            let all = vec![
                ("overview", "Overview".to_owned(), address("")),
                ("faults", "Faults".to_owned(), address("/faults")),
                ("readiness", "Readiness".to_owned(), address("/readiness")),
                ("frames", "Freeze frames".to_owned(), address("/frames")),
                ("visits", "Visits".to_owned(), address("/visits")),
                ("timeline", "Timeline".to_owned(), address("/timeline")),
                ("trends", "Trends".to_owned(), address("/trends")),
                ("service", "Service".to_owned(), address("/service")),
                ("imports", "Imports".to_owned(), address("/imports")),
                ("notes", "Notes".to_owned(), address("/notes")),
                ("photos", "Photos".to_owned(), address("/photos")),
                ("measurements", "Measurements".to_owned(), address("/measurements")),
            ];
            let panel = move || match tab.get().as_str() {
                "faults" => faults::faults(id),
                "readiness" => readiness::readiness(id),
                "frames" => frames::frames(id),
                "visits" => visits::visits(id),
                "timeline" => super::timeline::of_vehicle(id),
                "trends" => trends::trends(id),
                "service" => service::service(id),
                "imports" => imports::imports(id),
                "notes" => notes::notes(id),
                "photos" => photos::photos(id),
                "measurements" => measurements::measurements(id),
                _ => overview::overview(vehicle),
            };
            view! {
                {seen::seen(vehicle, 3, header)}
                {tabs::tabs("About this vehicle", all, move || tab.get())}
                <div role="tabpanel" aria-labelledby=move || format!("tab-{}", tab.get())>{panel}</div>
            }
            .into_any()
        }
    };
    view! {
        <div class="stack wide">
            <a class="back" href="/">{icon::icon(icon::BACK, 20)} "Fleet"</a>
            {body}
        </div>
    }
}

fn header(vehicle: VehicleDetail) -> AnyView {
    let editing = RwSignal::new(false);
    let row = vehicle.row.clone();
    let title = words::vehicle_title(&row);
    let name = row.name.clone().filter(|n| *n != title);
    let vin = row.vin.clone().map(|vin| {
        let copied = vin.clone();
        view! {
            <span class="row">
                <span>"VIN " <code data-testid="vehicle-vin">{vin}</code></span>
                <button class="button plain" type="button" aria-label="Copy the VIN" on:click=move |_| toast::copy(&copied, "VIN copied.")>
                    {icon::icon(icon::COPY, 20)}
                </button>
            </span>
        }
    });
    let odometer = vehicle.odometer.clone().map(|o| {
        view! { <span>{value::number(o.km.round(), "km")} " " <small>{o.source} ", " {value::when(o.at)}</small></span> }
    });
    let id = row.id;
    let clear = super::visit::clear::of_today(vehicle.last_visit.clone());
    let showing = {
        let row = row.clone();
        move || {
            if editing.get() {
                return view! { <edit::Edit row=row.clone() open=editing /> }.into_any();
            }
            let title = title.clone();
            view! {
                <div class="title">
                    <h1 class="plate-tag" data-testid="vehicle-title">{title}</h1>
                    {name.clone().map(|n| view! { <span class="muted">{n}</span> })}
                    <button class="button plain" type="button" aria-label="Edit plate and name" data-testid="edit-vehicle" on:click=move |_| editing.set(true)>
                        {icon::icon(icon::EDIT, 20)}
                    </button>
                </div>
            }
            .into_any()
        }
    };
    view! {
        <header class="stack">
            <div class="row apart">
                {showing}
                <div class="buttons">
                    <a class="button main" href=format!("/check?vehicle={id}")>{icon::icon(icon::SCAN, 20)} "Check this vehicle"</a>
                    {clear}
                    {leave(EVERYTHING, || ().into_any(), move || ExportVehicle { vehicle: id, out: ExportTo::Stored })}
                </div>
            </div>
            <div class="row">
                {icon::state_badge(row.verdict.state, "large")}
                <span class="reason" data-testid="vehicle-reason">{row.verdict.reason.clone()}</span>
            </div>
            <div class="row muted">{vin} {odometer}</div>
        </header>
    }
    .into_any()
}
