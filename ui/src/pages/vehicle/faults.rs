//! Trouble codes over all visits: what is there now, then what was seen before. Each opens to its history.

use super::history::history;
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
        let list = move |rows: Vec<FaultRow>| {
            view! { <ul class="codes">{rows.into_iter().map(|r| fault(vehicle, r)).collect_view()}</ul> }
        };
        let older = (!before.is_empty())
            .then(|| view! { <section class="panel"><h2>"Seen before"</h2> {list(before)}</section> });
        view! {
            <div class="stack wide">
                <section class="panel"><h2>"Now"</h2> {empty} {list(now)}</section>
                {older}
            </div>
        }
        .into_any()
    })
}

fn fault(vehicle: VehicleId, row: FaultRow) -> AnyView {
    let (class, _) = words::class_words(row.class);
    let seen = words::count(row.visits.into(), "visit");
    let open = RwSignal::new(false);
    let code = row.code.clone();
    let id = format!("history-{}-{}-{}", row.code, class.to_lowercase(), row.ecu);
    let (title, system) = words::fault_title(row.title.as_deref(), &row.system);
    view! {
        <li data-testid="fault-row" data-code=row.code.clone()>
            <div class="code">
                <span class="dtc">{row.code.clone()}</span>
                <span>
                    <b>{title}</b> {system.map(|s| view! { " " <small>{s}</small> })} <br />
                    <small>
                        {format!("{class} · {} ({}) · seen in {seen}, first ", row.ecu_name, row.ecu)} {value::when(row.first_seen)} ", last "
                        {value::when(row.last_seen)}
                    </small>
                </span>
                <span class="row">
                    {row.freeze_frame.then(|| view! { <span class="tag">"Freeze frame"</span> })}
                    <button class="button" type="button" data-testid="fault-history" aria-expanded=move || open.get().to_string()
                        aria-controls=id.clone() aria-label=format!("History of {} ({class}, {})", row.code, row.ecu_name)
                        on:click=move |_| open.update(|o| *o = !*o)>
                        {icon::icon(icon::VISITS, 20)} "History"
                    </button>
                </span>
            </div>
            <div id=id.clone()>{move || open.get().then(|| history(vehicle, code.clone()))}</div>
        </li>
    }
    .into_any()
}
