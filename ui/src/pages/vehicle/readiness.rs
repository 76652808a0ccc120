//! Emission monitors: as the newest visit that read them found them, and how they were over the visits before.

use super::recent::recent;
use crate::{
    locale,
    pages::visit::readiness::of_ecu,
    parts::{icon, seen},
    words::{self, Trend},
};
use leptos::prelude::*;
use roadworthy_api::{id::VehicleId, visit::VisitDetail};

/// The tab.
pub(super) fn readiness(vehicle: VehicleId) -> AnyView {
    seen::seen(recent(vehicle), 6, move |visits| {
        let read: Vec<VisitDetail> = visits.into_iter().filter(|v| !v.check.readiness.is_empty()).collect();
        let Some(newest) = read.first() else {
            return view! {
                <div class="empty panel">
                    <h2>"Readiness is not known"</h2>
                    <p>"None of the last visits read it: no visit yet, or no ECU answered the question."</p>
                    <a class="button main" href=format!("/check?vehicle={vehicle}")>{icon::icon(icon::SCAN, 20)} "Check this vehicle"</a>
                </div>
            }
            .into_any();
        };
        let at = newest.check.ended;
        view! {
            <div class="stack wide">
                <section class="panel stack">
                    <h2>"As last read, " {locale::time(at)}</h2>
                    {newest.check.readiness.iter().map(|r| of_ecu(r, &newest.check)).collect_view()}
                </section>
                {(read.len() > 1).then(|| trend(&read))}
            </div>
        }
        .into_any()
    })
}

fn trend(visits: &[VisitDetail]) -> AnyView {
    let checks: Vec<_> = visits.iter().rev().map(|v| &v.check).collect();
    let head = visits.iter().rev().map(|v| {
        view! { <th scope="col"><a class="row-link" href=format!("/visits/{}", v.id)>{locale::time(v.check.ended)}</a></th> }
    });
    let cell = |state: &Trend| {
        let (available, complete, word) = match state {
            Trend::Done => (true, true, "has run"),
            Trend::Open => (true, false, "not run yet"),
            Trend::Absent => (false, false, "not fitted"),
            Trend::Unknown => return view! { <td class="muted">"not read"</td> }.into_any(),
        };
        let class = words::trend_class(*state);
        view! { <td><span class=class>{icon::monitor_icon(available, complete)} {word}</span></td> }.into_any()
    };
    let row = |(name, states): &(String, Vec<Trend>)| {
        view! { <tr><th scope="row">{name.clone()}</th> {states.iter().map(cell).collect_view()}</tr> }
    };
    view! {
        <section class="panel stack">
            <h2>"Over the last visits"</h2>
            <div class="scroll" tabindex="0" role="region" aria-label="Readiness over the last visits">
                <table class="table" data-testid="readiness-trend">
                    <caption class="unseen">"Monitors over the last visits, oldest first"</caption>
                    <thead><tr><th scope="col">"Monitor"</th> {head.collect_view()}</tr></thead>
                    <tbody>{words::trends(&checks).iter().map(row).collect_view()}</tbody>
                </table>
            </div>
            <small>"A monitor that was complete and is not any more: codes were cleared, or the battery was disconnected."</small>
        </section>
    }
    .into_any()
}
