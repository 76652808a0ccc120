//! The result of a check: a sentence, the coverage, codes by class, readiness, values, differences; then print, PDF, vehicle.

mod codes;
mod coverage;
mod details;
pub(crate) mod readiness;

use crate::{
    backend::{self, call},
    frame,
    live::{Act, fetch},
    locale,
    pages::check,
    parts::{icon, notice, seen, toast, value},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use roadworthy_api::{
    calls::{GetSettings, GetVehicle, GetVisit, MakeCheckReport},
    id::VisitId,
    visit::{Differences, VisitDetail},
};

/// The page.
#[component]
pub(crate) fn VisitPage() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|t| t.parse::<VisitId>().ok()));
    let visit = fetch(move || id.get().map(|visit| GetVisit { visit }));
    let fresh = Memo::new(move |_| query.with(|q| q.get("new").is_some()));
    frame::title("Result of a check");
    move || {
        if id.get().is_none() {
            return super::missing::page().into_any();
        }
        view! { <div class="stack wide">{move || fresh.get().then(|| check::steps(3))} {seen::seen(visit, 8, result)}</div> }.into_any()
    }
}

fn result(visit: VisitDetail) -> AnyView {
    let check = &visit.check;
    let vehicle = visit.vehicle;
    let partial = check
        .partial
        .as_ref()
        .map(|e| notice::mild(format!("This check was cut short: {}", e.message), e.hint.clone()));
    let simulated =
        check.port.starts_with("sim:").then(|| view! { <span class="tag sim">"Simulated: no real vehicle"</span> });
    view! {
        <article class="stack wide" data-testid="check-result" data-visit=visit.id.to_string()>
            <header class="stack">
                {whose(&visit)}
                <div class="row">{icon::state_badge(visit.verdict.state, "large")} {simulated}</div>
                <h1 class="summary" data-testid="summary">{visit.summary.clone()}</h1>
                <p class="coverage-line" data-testid="coverage">{words::coverage_line(check)}</p>
                {partial}
                {buttons(visit.id, vehicle)}
            </header>
            {codes::codes(check, vehicle)}
            {readiness::readiness(check)}
            <div class="columns">{differences(&visit.differences)} {details::facts(&visit)}</div>
            {details::snapshot(check)}
            {coverage::coverage(check)}
        </article>
    }
    .into_any()
}

fn whose(visit: &VisitDetail) -> AnyView {
    let vehicle = visit.vehicle;
    let detail = fetch(move || Some(GetVehicle { vehicle }));
    let settings = fetch(|| Some(GetSettings {}));
    let shop = move || settings.value.with(|s| s.as_ref().map(|s| s.shop_name.clone())).unwrap_or_default();
    let name = move || {
        detail.value.with(|d| {
            d.as_ref().map(|d| {
                let title = words::vehicle_title(&d.row);
                let vin = d.row.vin.clone().filter(|v| *v != title);
                view! { <b>{title}</b> {vin.map(|v| view! { " · VIN " <code>{v}</code> })} }
            })
        })
    };
    view! {
        <p class="print-only"><b>{shop}</b> " Check report"</p>
        <a class="back" href=format!("/vehicles/{vehicle}")>{icon::icon(icon::BACK, 20)} "The vehicle"</a>
        <p class="muted">{name} " · " {locale::time(visit.check.ended)} <span class="screen-only">" · " {value::when(visit.check.ended)}</span></p>
    }
    .into_any()
}

fn buttons(visit: VisitId, vehicle: roadworthy_api::id::VehicleId) -> AnyView {
    let act = Act::new();
    let save = move |_| {
        let work = async move {
            let blob = call(MakeCheckReport { visit }).await?;
            Ok((backend::save(&blob).await?, blob.name))
        };
        act.run(work, |(saved, name)| toast::saved(saved, &name));
    };
    view! {
        <div class="buttons">
            <button class="button" type="button" data-testid="print" on:click=move |_| frame::print()>{icon::icon(icon::PRINT, 20)} "Print"</button>
            <button class="button" type="button" data-testid="save-pdf" disabled=move || act.busy.get() on:click=save>
                {icon::icon(icon::SAVE, 20)} {move || if act.busy.get() { "Making the PDF…" } else { "Save as PDF" }}
            </button>
            <a class="button main" href=format!("/vehicles/{vehicle}") data-testid="open-vehicle">{icon::icon(icon::CAR, 20)} "Open the vehicle"</a>
        </div>
        {notice::shown(act.error)}
    }
    .into_any()
}

fn differences(differences: &Differences) -> AnyView {
    let body = match (&differences.with, differences.lines.as_slice()) {
        (None, _) => {
            view! { <p class="muted">"This is the first visit: there is nothing to compare with yet."</p> }.into_any()
        }
        (Some(_), []) => view! { <p>"Nothing differs."</p> }.into_any(),
        (Some(_), lines) => {
            view! { <ul class="bullets">{lines.iter().map(|l| view! { <li>{l.clone()}</li> }).collect_view()}</ul> }
                .into_any()
        }
    };
    let with = differences
        .with
        .map(|id| view! { <p class="small screen-only"><a href=format!("/visits/{id}")>"The visit before"</a></p> });
    view! { <section class="panel stack"><h2>"Since the last visit"</h2> {body} {with}</section> }.into_any()
}
