//! The result of a check: a sentence, the coverage, codes by class, readiness, values, differences; then print, PDF, vehicle.

pub(super) mod clear;
mod codes;
mod coverage;
mod details;
mod evidence;
mod monitors;
mod partial;
pub(crate) mod readiness;

use crate::{
    backend::{self, Saved, call},
    frame,
    live::{Act, fetch},
    locale,
    pages::{alerts::findings, check},
    parts::{icon, letterhead, notice, seen, toast, value},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};
use roadworthy_api::{
    Error,
    call::Request,
    calls::{ExportTraffic, GetVisit, MakeCheckReport},
    id::VisitId,
    system::BlobInfo,
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
    let partial = check.partial.as_ref().map(|e| partial::partial(e, check, vehicle));
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
                {buttons(&visit)}
            </header>
            {findings(vehicle, Some(visit.id))}
            {codes::codes(check, &visit.meanings)}
            {readiness::readiness(check)}
            {monitors::monitors(check)}
            <div class="columns">{differences(&visit.differences)} {details::facts(&visit)}</div>
            {details::snapshot(check)}
            {coverage::coverage(check)}
        </article>
    }
    .into_any()
}

fn whose(visit: &VisitDetail) -> AnyView {
    let vehicle = visit.vehicle;
    view! {
        {letterhead::letterhead("Check report")}
        <a class="back" href=format!("/vehicles/{vehicle}")>{icon::icon(icon::BACK, 20)} "The vehicle"</a>
        <p class="muted">
            {letterhead::vehicle(vehicle)} " · " {locale::time(visit.check.ended)} <span class="screen-only">" · " {value::when(visit.check.ended)}</span>
        </p>
    }
    .into_any()
}

fn buttons(visit: &VisitDetail) -> AnyView {
    let (act, traffic) = (Act::new(), Act::new());
    let (id, vehicle) = (visit.id, visit.vehicle);
    let save = move |_| act.run(kept(MakeCheckReport { visit: id }), |(saved, name)| toast::saved(saved, &name));
    let raw = (!visit.traffic.is_empty()).then(|| {
        let save = move |_| traffic.run(kept(ExportTraffic { visit: id }), |(saved, name)| toast::saved(saved, &name));
        view! {
            <button class="button" type="button" data-testid="save-traffic" disabled=move || traffic.busy.get() on:click=save>
                {icon::icon(icon::CABLE, 20)} "Save the raw traffic"
            </button>
        }
    });
    let compare = visit.differences.with.map(|before| {
        view! {
            <a class="button" href=format!("/compare/{before}/{id}") data-testid="compare-before">{icon::icon(icon::COMPARE, 20)} "Compare with the last visit"</a>
        }
    });
    view! {
        <div class="buttons">
            <a class="button main" href=format!("/vehicles/{vehicle}") data-testid="open-vehicle">{icon::icon(icon::CAR, 20)} "Open the vehicle"</a>
            <button class="button" type="button" data-testid="print" on:click=move |_| frame::print()>{icon::icon(icon::PRINT, 20)} "Print"</button>
            <button class="button" type="button" data-testid="save-pdf" disabled=move || act.busy.get() on:click=save>
                {icon::icon(icon::SAVE, 20)} {move || if act.busy.get() { "Making the PDF…" } else { "Save as PDF" }}
            </button>
            {compare}
            {raw}
            {(!visit.traffic.is_empty()).then(|| evidence::buttons(id))}
            {clear::button(&visit.check, vehicle)}
        </div>
        {notice::shown(act.error)}
        {notice::shown(traffic.error)}
    }
    .into_any()
}

/// Has the engine make a file, and keeps it where the person wants it.
async fn kept<C: Request<Reply = BlobInfo>>(make: C) -> Result<(Saved, String), Error> {
    let blob = call(make).await?;
    Ok((backend::save(&blob).await?, blob.name))
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
