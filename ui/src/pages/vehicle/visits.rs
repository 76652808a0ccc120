//! A vehicle's visits, newest first.

use crate::{
    live::fetch,
    locale,
    parts::{icon, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{calls::ListVisits, id::VehicleId, visit::VisitRow};

const STEP: u32 = 50;

/// The tab.
pub(super) fn visits(vehicle: VehicleId) -> AnyView {
    let limit = RwSignal::new(STEP);
    let page = fetch(move || Some(ListVisits { vehicle, offset: 0, limit: limit.get() }));
    seen::seen(page, 5, move |page| {
        if page.rows.is_empty() {
            return view! {
                <div class="empty panel">
                    {icon::icon(icon::VISITS, 32)} <h2>"No visits yet"</h2> <p>"A visit is one time the vehicle was connected."</p>
                    <a class="button main" href=format!("/check?vehicle={vehicle}")>{icon::icon(icon::SCAN, 20)} "Check this vehicle"</a>
                </div>
            }
            .into_any();
        }
        let shown = u32::try_from(page.rows.len()).unwrap_or(u32::MAX);
        let more = (page.total > shown).then(|| {
            view! {
                <button class="button" type="button" on:click=move |_| limit.update(|l| *l += STEP)>
                    {format!("Show more ({shown} of {})", page.total)}
                </button>
            }
        });
        view! {
            <div class="panel scroll">
                <table class="table rows">
                    <caption class="unseen">"Visits"</caption>
                    <thead>
                        <tr>
                            <th scope="col">"When"</th> <th scope="col">"Codes"</th> <th scope="col">"ECUs"</th> <th scope="col">"Protocol"</th>
                            <th scope="col">"Port"</th>
                        </tr>
                    </thead>
                    <tbody>{page.rows.iter().map(row).collect_view()}</tbody>
                </table>
                {more}
            </div>
        }
        .into_any()
    })
}

fn row(visit: &VisitRow) -> AnyView {
    view! {
        <tr data-testid="visit-row">
            <td>
                <a href=format!("/visits/{}", visit.id)><b>{locale::time(visit.ended)}</b></a> " " <small>{value::ago(visit.ended)}</small>
                {visit.partial.then(|| view! { " " <span class="tag">"Cut short"</span> })}
            </td>
            <td class="num">{if visit.codes == 0 { "none".to_owned() } else { words::count(visit.codes.into(), "code") }}</td>
            <td class="num">{visit.ecus}</td>
            <td>{visit.protocol.clone().unwrap_or_else(|| "none answered".into())}</td>
            <td><code>{visit.port.clone()}</code></td>
        </tr>
    }
    .into_any()
}
