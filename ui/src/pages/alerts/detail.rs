//! One alert with all that is behind it.

use super::{acts::Buttons, finding, waiting};
use crate::{
    backend::call,
    frame,
    live::{Act, Fetched, fetch},
    parts::{icon, notice, seen, toast::Toasts, value},
    words,
};
use leptos::prelude::*;
use leptos_router::hooks::use_params_map;
use roadworthy_api::{
    alert::{AlertDetail, AlertRow, AlertStep},
    calls::{DecideNow, GetAlert},
    id::{AlertId, VehicleId},
};

/// The page.
#[component]
pub(crate) fn AlertPage() -> impl IntoView {
    frame::title("Alert");
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|p| p.get("id")).and_then(|t| t.parse::<AlertId>().ok()));
    let alert = fetch(move || id.get().map(|alert| GetAlert { alert }));
    let there = Memo::new(move |_| alert.value.with(|a| a.as_ref().map(|a| a.row.id)));
    let failed = Memo::new(move |_| alert.error.with(Option::is_some));
    let body = move || match there.get() {
        Some(_) => shown(alert),
        None if failed.get() => ().into_any(),
        None => seen::skeleton(8),
    };
    move || {
        if id.get().is_none() {
            return crate::pages::missing::page().into_any();
        }
        view! {
            <div class="stack wide">
                <a class="back" href="/alerts">{icon::icon(icon::BACK, 20)} "Alerts"</a>
                {notice::shown(alert.error)}
                {body}
            </div>
        }
        .into_any()
    }
}

/// Each part is drawn anew only when it changed itself, so that what is being typed in another stays.
fn shown(alert: Fetched<AlertDetail>) -> AnyView {
    fn part<T: Clone + PartialEq + Send + Sync + 'static>(
        alert: Fetched<AlertDetail>,
        read: fn(&AlertDetail) -> T,
        draw: fn(T) -> AnyView,
    ) -> AnyView {
        let part = Memo::new(move |_| alert.value.with(|a| a.as_ref().map(read)));
        (move || part.get().map(draw)).into_any()
    }
    let vehicle = alert.value.with_untracked(|a| a.as_ref().map(|a| a.row.vehicle));
    view! {
        <article class="stack wide" data-testid="alert">
            <header class="stack">
                {part(alert, |a| a.row.clone(), header)}
                {part(alert, |a| (a.row.id, a.row.title.clone(), a.row.state.clone()), |(alert, title, state)| {
                    view! { <Buttons alert=alert title=title state=state /> }.into_any()
                })}
            </header>
            <div class="columns">
                {part(alert, |a| (a.finding.clone(), a.row.source, a.row.vehicle), |(f, source, vehicle)| finding::whole(&f, source, vehicle))}
                <div class="stack wide">
                    {part(alert, |a| a.decision.clone(), |d| d.map(waiting::decision).into_any())}
                    {part(alert, |a| a.history.clone(), |h| history(&h))}
                    {vehicle.map(|vehicle| view! { <Decide vehicle=vehicle /> })}
                </div>
            </div>
        </article>
    }
    .into_any()
}

fn header(row: AlertRow) -> AnyView {
    let escalated = words::escalated(row.escalations).map(|e| view! { <span>{e}</span> });
    view! {
        <div class="row">
            {icon::severity_badge(row.severity, "large")}
            <span data-testid="alert-state">{words::alert_state(&row.state)}</span>
        </div>
        <h1>{row.title.clone()}</h1>
        <div class="row muted">
            <a class="row-link" href=format!("/vehicles/{}", row.vehicle)>{row.vehicle_name.clone()}</a>
            <span>"since " {value::when(row.raised)}</span>
            <span>{words::times(row.times)} ", last " {value::when(row.seen)}</span>
            {escalated}
        </div>
    }
    .into_any()
}

fn history(steps: &[AlertStep]) -> AnyView {
    let step = |s: &AlertStep| {
        view! { <li data-testid="alert-step">{s.what.clone()} <br /> <small>{value::when(s.at)} " · " {words::actor(&s.by)}</small></li> }
    };
    view! {
        <section class="panel stack">
            <h2>"What happened to it"</h2>
            <ol class="bullets">{steps.iter().map(step).collect_view()}</ol>
        </section>
    }
    .into_any()
}

/// Has the rules decide again.
#[component]
fn Decide(
    /// About which vehicle.
    vehicle: VehicleId,
) -> impl IntoView {
    let act = Act::new();
    let decide = move |_| {
        act.run(call(DecideNow { vehicle }), |made| {
            Toasts::here().say(match made.len() {
                0 => "The rules had nothing to decide about.".to_owned(),
                n => format!("{} made.", words::count(n as u64, "decision")),
            });
        });
    };
    view! {
        <section class="panel stack">
            <h2>"Decide now"</h2>
            <p class="muted">"The rules decide again about everything that the newest diagnosis of this vehicle says."</p>
            {notice::shown(act.error)}
            <div class="buttons">
                <button class="button" type="button" data-testid="decide-now" disabled=move || act.busy.get() on:click=decide>
                    {icon::icon(icon::AGAIN, 20)} {move || if act.busy.get() { "Deciding…" } else { "Decide now" }}
                </button>
            </div>
        </section>
    }
}
