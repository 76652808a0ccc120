//! Is it roadworthy, what is wrong, what next; and whose it is.

use super::{identity, owner::Owner};
use crate::{
    live::{Fetched, fetch},
    locale,
    pages::alerts::findings,
    parts::{icon, notice, seen, value},
    words,
};
use leptos::prelude::*;
use roadworthy_api::{
    calls::ListMeasurements,
    note::{Measured, MeasurementRow},
    vehicle::{Page, State, VehicleDetail},
};

/// Measurements looked through for the newest of each kind.
const LOOKED_AT: u32 = 100;

/// The tab.
pub(super) fn overview(vehicle: Fetched<VehicleDetail>) -> AnyView {
    seen::seen(vehicle, 6, |vehicle| {
        view! {
            <div class="columns">
                <div class="stack wide">{next(&vehicle)} {(vehicle.visits > 0).then(|| findings(vehicle.row.id, None))}</div>
                {last_visit(&vehicle)}
                {identity::identity(&vehicle)}
                {measured(&vehicle)}
                <Owner vehicle=vehicle.row.id owner=vehicle.owner name=vehicle.owner_name.clone() title=words::vehicle_title(&vehicle.row) />
            </div>
        }
        .into_any()
    })
}

fn next(vehicle: &VehicleDetail) -> AnyView {
    let id = vehicle.row.id;
    let (heading, text) = match vehicle.row.verdict.state {
        State::Good => ("Roadworthy as far as was read", "Nothing needs doing now. Check it again at the next visit."),
        State::Watch => {
            ("Roadworthy, with something to watch", "Look at the faults, and check again soon to see whether it grows.")
        }
        State::ActSoon => ("Needs work soon", "Look at the faults and book the work."),
        State::ActNow => ("Needs work now", "Look at the faults before it is driven further."),
        State::CannotTell if vehicle.visits == 0 => {
            ("Not checked yet", "Connect an adapter and check it: that takes about half a minute.")
        }
        State::CannotTell => ("Cannot tell yet", "Check it again; the last check did not read enough."),
    };
    let check =
        view! { <a class="button" href=format!("/check?vehicle={id}")>{icon::icon(icon::SCAN, 20)} "Check"</a> };
    let faults = (vehicle.visits > 0)
        .then(|| view! { <a class="button" href=format!("/vehicles/{id}/faults")>"See the faults"</a> });
    view! {
        <section class="panel stack">
            <h2>{heading}</h2>
            <p>{vehicle.row.verdict.reason.clone()}</p>
            <p>{text}</p>
            <div class="buttons">{faults} {check}</div>
        </section>
    }
    .into_any()
}

fn last_visit(vehicle: &VehicleDetail) -> AnyView {
    let Some(visit) = vehicle.last_visit.clone() else {
        return view! { <section class="panel"><h2>"Last visit"</h2> <p class="muted">"None yet."</p></section> }
            .into_any();
    };
    view! {
        <section class="panel stack">
            <h2>"Last visit"</h2>
            <dl class="facts">
                <dt>"When"</dt> <dd>{locale::time(visit.ended)} " (" {value::when(visit.ended)} ")"</dd>
                <dt>"Read through"</dt> <dd><code>{visit.port.clone()}</code></dd>
                <dt>"Protocol"</dt> <dd>{visit.protocol.clone().unwrap_or_else(|| "none answered".into())}</dd>
                <dt>"Answered"</dt> <dd>{words::count(visit.ecus.into(), "ECU")}</dd>
                <dt>"Codes"</dt> <dd>{if visit.codes == 0 { "none".to_owned() } else { words::count(visit.codes.into(), "code") }}</dd>
            </dl>
            {visit.partial.then(|| view! { <p class="muted">"This check was cut short; what was read is kept."</p> })}
            <div class="buttons"><a class="button" href=format!("/visits/{}", visit.id)>{icon::icon(icon::TEXT, 20)} "Open the result"</a></div>
        </section>
    }
    .into_any()
}

/// The odometer, and the newest of everything else that was measured.
fn measured(vehicle: &VehicleDetail) -> AnyView {
    let id = vehicle.row.id;
    let odometer = match &vehicle.odometer {
        Some(o) => view! { {value::number(o.km.round(), "km")} " · " <small>{words::actor(&o.source)} ", " {value::when(o.at)}</small> }.into_any(),
        None => view! { <span class="muted">"not known"</span> }.into_any(),
    };
    let list = fetch(move || Some(ListMeasurements { vehicle: id, offset: 0, limit: LOOKED_AT }));
    let others = |page: Page<MeasurementRow>| {
        let rows = words::newest(&page.rows);
        let rest = rows.into_iter().filter(|r| !matches!(r.measured, Measured::Odometer { .. }));
        rest.map(|row| {
            view! {
                <dt>{words::what_word(&row.measured)}</dt>
                <dd>{words::measured_line(&row.measured)} " · " <small>{value::when(row.at)}</small></dd>
            }
        })
        .collect_view()
        .into_any()
    };
    view! {
        <section class="panel stack">
            <h2>"Measured"</h2>
            <dl class="facts">
                <dt>"Odometer"</dt> <dd data-testid="odometer">{odometer}</dd>
                {move || list.value.get().map(others)}
            </dl>
            {notice::shown(list.error)}
            <div class="buttons">
                <a class="button" href=format!("/vehicles/{id}/measurements?add=odometer")>{icon::icon(icon::GAUGE, 20)} "Type in"</a>
            </div>
        </section>
    }
    .into_any()
}
