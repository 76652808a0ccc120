//! Trouble codes over all visits: what is there now, then what was seen before.

use crate::{
    live::fetch,
    parts::{icon, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{calls::ListFaults, fault::FaultRow, id::VehicleId};

/// The tab.
pub(super) fn faults(vehicle: VehicleId) -> AnyView {
    let rows = fetch(move || Some(ListFaults { vehicle }));
    seen::seen(rows, 5, move |rows| {
        if rows.is_empty() {
            return view! {
                <div class="empty panel">
                    {icon::fine_icon()}
                    <h2>"No trouble codes"</h2>
                    <p>"No visit has read a code from this vehicle. What no ECU was asked, no list can show: the coverage stands in each visit."</p>
                    <a class="button" href=format!("/check?vehicle={vehicle}")>{icon::icon(icon::SCAN, 20)} "Check this vehicle"</a>
                </div>
            }
            .into_any();
        }
        let (now, before): (Vec<FaultRow>, Vec<FaultRow>) = rows.into_iter().partition(|r| r.present);
        let empty = now.is_empty().then(|| view! { <p class="muted">"The newest visit found none."</p> });
        let older = (!before.is_empty()).then(|| {
            view! { <section class="panel"><h2>"Seen before"</h2> <ul class="codes">{before.iter().map(fault).collect_view()}</ul></section> }
        });
        view! {
            <div class="stack wide">
                <section class="panel"><h2>"Now"</h2> {empty} <ul class="codes">{now.iter().map(fault).collect_view()}</ul></section>
                {older}
            </div>
        }
        .into_any()
    })
}

fn fault(row: &FaultRow) -> AnyView {
    let (class, _) = words::class_words(row.class);
    let seen = words::count(row.visits.into(), "visit");
    view! {
        <li class="code" data-testid="fault-row" data-code=row.code.clone()>
            <span class="dtc">{row.code.clone()}</span>
            <span>
                <b>{words::sentence_case(&row.system)}</b> <br />
                <small>
                    {format!("{class} · {} ({}) · seen in {seen}, first ", row.ecu_name, row.ecu)} {value::when(row.first_seen)} ", last "
                    {value::when(row.last_seen)}
                </small>
            </span>
            <span class="row">
                {row.freeze_frame.then(|| view! { <span class="tag">"Freeze frame"</span> })}
                <a href=format!("/visits/{}", row.last_visit)>"Visit"</a>
            </span>
        </li>
    }
    .into_any()
}
