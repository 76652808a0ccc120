//! Step one: which adapter, and whose check it will be.

use crate::{
    backend::call,
    live::{Act, fetch},
    parts::{icon, notice, ports::Ports},
    words,
};
use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use roadworthy_api::{
    calls::{GetVehicle, StartCheck},
    id::VehicleId,
};

/// The step.
#[component]
pub(super) fn Connect(
    /// Whose check it will be, if the address says so.
    vehicle: Memo<Option<VehicleId>>,
    /// The port the address asks for.
    port: Memo<Option<String>>,
) -> impl IntoView {
    let ports = Ports::new(port);
    let act = Act::new();
    let navigate = use_navigate();
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        let Some(taken) = ports.take() else { return };
        let navigate = navigate.clone();
        let start = async move {
            let port = taken.port.clone();
            let job = call(StartCheck { port, vehicle: vehicle.get_untracked(), baud: None }).await?;
            taken.remember().await;
            Ok(job)
        };
        act.run(start, move |job| navigate(&format!("/check?job={job}"), NavigateOptions::default()));
    };
    view! {
        <form class="stack wide" novalidate on:submit=submit>
            {move || vehicle.get().map(|v| whose(v, "/check"))}
            {ports.view()}
            {notice::shown(act.error)}
            <div class="buttons at-hand">
                <button class="button main" type="submit" data-testid="start-check" disabled=move || act.busy.get()>
                    {icon::icon(icon::SCAN, 20)} {move || if act.busy.get() { "Connecting…" } else { "Start the check" }}
                </button>
                <small>"It only reads: nothing is cleared or changed in the vehicle."</small>
            </div>
        </form>
    }
}

/// Says whose what comes will be; `back` leads to where it is anybody's.
pub(crate) fn whose(vehicle: VehicleId, back: &'static str) -> AnyView {
    let detail = fetch(move || Some(GetVehicle { vehicle }));
    let name = move || detail.value.with(|d| d.as_ref().map_or_else(String::new, |d| words::vehicle_title(&d.row)));
    view! {
        <div class="notice" role="status">
            {icon::icon(icon::CAR, 20)}
            <p><b>{name}</b> ": if the vehicle gives no VIN of its own, the result is kept as this one's."</p>
            <div class="buttons"><a class="button" href=back>"Any vehicle"</a></div>
        </div>
    }
    .into_any()
}
